"""Which layout and which language a script has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import chinese_marks as zh
from .headings import FOUNTAIN_HEADING
from .markdown import is_bold_cue, is_scene
from .model import ScriptError
from .plain import is_columned
from .sheet import Sheet, decode, split_lines
from .widths import undress

__all__ = ["check_source", "detect_format", "detect_language", "layout_of"]

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]+")


def check_source(data: bytes, file: str = "the script") -> str | None:
    """What is wrong with the bytes as a text, in one line for a person; None when they can be read."""
    try:
        decode(data, file)
    except ScriptError as error:
        return str(error)
    return None


def detect_format(text: str) -> str:
    """`chinese`, `fountain`, `plain` or `markdown`: by the marks that only one has; else by the writing."""
    return _detected(split_lines(text))


def layout_of(sheet: Sheet, format: str) -> str:
    """The layout that a file's lines are read by: what the file says itself, else `format`, else by marks."""
    if sheet.typed is not None and format in ("", "auto", "fdx", "docx"):
        return "typed"
    if format not in ("", "auto", "docx"):
        return format
    found = _detected(sheet.lines)
    if sheet.container == "docx" and found in ("fountain", "plain") and not _spaced(sheet):
        return "columns"
    return found


def _spaced(sheet: Sheet) -> bool:
    """Whether a Word document's paragraphs stand at one margin, with blank ones between, as in a text."""
    blank = sum(1 for line in sheet.lines if not line.strip())
    return not any(sheet.columns) and blank * 4 >= len(sheet.lines)


def _detected(lines: Sequence[str]) -> str:
    fountain = chinese = dressed = bold = colons = 0
    for line in lines:
        bare = line.strip()
        if not bare:
            continue
        if is_bold_cue(bare):
            bold += 1
        if FOUNTAIN_HEADING.match(bare):
            fountain += 3
        elif is_scene(bare) and FOUNTAIN_HEADING.match(undress(bare)[0]):
            dressed += 1
        elif zh.is_heading(bare):
            chinese += 3
        elif zh.ACTION.match(bare):
            chinese += 1
        elif bare.startswith("@") and len(bare) > 1:
            fountain += 1
        elif zh.SPEECH.match(bare) and _HAN.search(bare):
            chinese += 1
            colons += 1
    text = "\n".join(lines)
    if (dressed or bold) and (bold > colons or dressed * 3 > fountain + chinese):
        return "markdown"
    if chinese > fountain or (chinese == fountain and detect_language(text) == "zh"):
        return "chinese"
    return "plain" if is_columned(lines) else "fountain"


def detect_language(text: str) -> str:
    """`zh` where Chinese characters outnumber Latin words, else `en`."""
    return "zh" if len(_HAN.findall(text)) > len(_LATIN.findall(text)) else "en"
