"""Which encoding, which layout and which language a script's bytes have."""

from __future__ import annotations

import codecs
import re

from . import chinese_marks as zh
from .headings import FOUNTAIN_HEADING
from .model import MAX_BYTES, ScriptError

__all__ = ["check_source", "decode", "detect_format", "detect_language", "split_lines"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAVE = "save the script as plain text (UTF-8) and try again"


def decode(data: bytes, file: str = "the script") -> str:
    """The text of UTF-8, UTF-16 or UTF-32 with a mark, UTF-8 without, or GB18030. Raises ScriptError."""
    if len(data) > MAX_BYTES:
        raise ScriptError(f"{file}: {len(data):,} bytes are more than {MAX_BYTES:,}; give one episode a file")
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(name)
            except UnicodeDecodeError as error:
                line = _line_of(data, error.start + len(mark))
                raise ScriptError(f"{file}, line {line}: marked as {name} but is not; {_SAVE}") from None
            return _plain(text, file)
    if b"\x00" in data:
        line = _line_of(data, data.index(b"\x00"))
        raise ScriptError(f"{file}, line {line}: this is no text but a binary file; {_SAVE}")
    try:
        return _plain(data.decode("utf-8"), file)
    except UnicodeDecodeError as error:
        where = _line_of(data, error.start)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise ScriptError(f"{file}, line {where}: neither UTF-8 nor GB18030; {_SAVE}") from None
    return _plain(text, file)


def _line_of(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def _plain(text: str, file: str) -> str:
    if not text.strip("\ufeff \t\r\n\f\v\u3000"):
        raise ScriptError(
            f"{file}, line 1: the script is empty; write a scene heading and what happens in it"
        )
    controls = _CONTROL.findall(text)
    if len(controls) > max(4, len(text) // 200):
        raise ScriptError(f"{file}, line 1: full of control characters, so no script; {_SAVE}")
    return text


def check_source(data: bytes, file: str = "the script") -> str | None:
    """What is wrong with the bytes as a text, in one line for a person; None when they can be read."""
    try:
        decode(data, file)
    except ScriptError as error:
        return str(error)
    return None


def split_lines(text: str) -> list[str]:
    """The source lines as an editor counts them: LF, CRLF and CR end one; a last empty one is none."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def detect_format(text: str) -> str:
    """`chinese` or `fountain`, by the marks that only one of them has; without any, by the writing."""
    fountain = chinese = 0
    for line in split_lines(text):
        bare = line.strip()
        if FOUNTAIN_HEADING.match(bare):
            fountain += 3
        elif zh.is_heading(bare):
            chinese += 3
        elif zh.ACTION.match(bare):
            chinese += 1
        elif bare.startswith("@") and len(bare) > 1:
            fountain += 1
        elif zh.SPEECH.match(bare) and _HAN.search(bare):
            chinese += 1
    if fountain == chinese:
        return "chinese" if detect_language(text) == "zh" else "fountain"
    return "chinese" if chinese > fountain else "fountain"


def detect_language(text: str) -> str:
    """`zh` where Chinese characters outnumber Latin words, else `en`."""
    return "zh" if len(_HAN.findall(text)) > len(_LATIN.findall(text)) else "en"
