"""Finds the episodes in a file of several, and cuts out one of them with what all of them share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from attrs import frozen

from ....core.contents import Contents, Excerpt
from ....core.errors import WrongUse
from ....core.source import title_of
from .chinese_marks import heading_of
from .comments import uncomment
from .detect import layout_of
from .episode_marks import Mark, read_mark
from .headings import FOUNTAIN_HEADING
from .markdown import markdown_title
from .model import ScriptError
from .plain import columns_of, read_plain
from .sheet import Sheet, open_sheet
from .title_page import read_title_page, title_in
from .widths import undress

__all__ = ["contents", "cut_out", "episodes_in"]


@frozen
class _Segment:
    mark: Mark
    first: int
    last: int
    scenes: int


def contents(data: bytes, file: str, format: str) -> Contents:
    """The title and the episodes of a script file. Raises WrongUse for a file that cannot be read."""
    try:
        sheet = open_sheet(data, format, file)
    except ScriptError as error:
        raise WrongUse(str(error)) from None
    layout = layout_of(sheet, format)
    found, loose = episodes_in(sheet, layout)
    return Contents(_title(sheet, layout), sheet.unit, tuple(found), loose)


def _title(sheet: Sheet, layout: str) -> str:
    if sheet.typed is not None:
        lines = [one.text.strip() for one in sheet.typed if one.kind == "title" and one.text.strip()]
        return lines[0].strip('"“”《》') if lines else ""
    title = ""
    if layout == "fountain":
        page = uncomment(list(sheet.lines[:200]))
        place = next((n for n, line in enumerate(page) if not line.blank), 0)
        title = title_in(read_title_page(page, place, ends=FOUNTAIN_HEADING))
    title = title or title_of("\n".join(sheet.lines[:200]))
    if not title and layout == "markdown":
        title = markdown_title(sheet.lines)
    elif not title and layout in ("plain", "columns"):
        more = sheet.columns or (0,) * len(sheet.lines)
        head = [(text, at + add) for (text, at), add in zip(map(columns_of, sheet.lines), more, strict=True)]
        title = read_plain(head, loose=layout == "columns")[0]
    return title


def episodes_in(sheet: Sheet, layout: str) -> tuple[list[Excerpt], int]:
    """(the episodes in the file's order, the line of the first scene above them all or 0).

    A mark in an outline, without a scene below it, is none where the same number has scenes elsewhere.
    """
    marks, scenes = _marks(sheet, layout)
    segments = _segments(marks, scenes, len(sheet.lines))
    told = {one.mark.number for one in segments if one.scenes}
    outlined = [one for one in segments if not one.scenes and one.mark.number in told]
    if outlined:
        kept = {one.first for one in segments} - {one.first for one in outlined}
        segments = _segments([one for one in marks if one[0] in kept], scenes, len(sheet.lines))
    if not segments:
        return [], 0
    head = segments[0].first - 1
    loose = next((number for number in scenes if number <= head), 0)
    return [
        Excerpt(
            one.mark.number,
            one.mark.text,
            one.first,
            one.last,
            one.scenes,
            _digest(sheet, head, one),
        )
        for one in segments
    ], loose


def cut_out(sheet: Sheet, layout: str, number: int, file: str) -> Sheet:
    """The file with only its head and one episode left. Raises ScriptError where it is not there once."""
    found, _ = episodes_in(sheet, layout)
    own = [one for one in found if one.number == number]
    if len(own) != 1:
        raise ScriptError(
            f"{file}: episode {number} is {'not in it' if not own else 'in it more than once'}; "
            "hand in the script again with duanju produce --episodes"
        )
    return sheet.only([(1, found[0].first - 1), (own[0].first, own[0].last)])


def _marks(sheet: Sheet, layout: str) -> tuple[list[tuple[int, Mark]], list[int]]:
    """(line, mark) of each line that opens an episode, and the lines of all scenes' headings."""
    marks: list[tuple[int, Mark]] = []
    scenes: list[int] = []
    current = 0
    for number, text, heading in _told(sheet, layout):
        mark = read_mark(text)
        if heading:
            scenes.append(number)
        if mark is None or (heading and mark.number == current):
            continue  # `第3集 第2场` goes on with the episode that `第3集 第1场` has opened
        marks.append((number, mark))
        current = mark.number
    return marks, scenes


def _told(sheet: Sheet, layout: str) -> list[tuple[int, str, bool]]:
    """(number, text, whether it is a scene's heading) of the lines that may be a mark or a heading."""
    if sheet.typed is not None:
        return [
            (one.number, one.text, one.kind == "heading")
            for one in sheet.typed
            if one.kind in ("heading", "action", "section", "centred", "cue", "transition")
        ]
    lines: Sequence[str] = sheet.lines
    if layout == "fountain":
        lines = [one.text for one in uncomment(list(lines))]
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text:
            found.append((number, text, _is_scene(text, layout)))
    return found


def _is_scene(text: str, layout: str) -> bool:
    if layout == "fountain" and text[0] == "." and text[1:2] not in (".", ""):
        return True
    bare = undress(text)[0]
    return bool(bare) and (FOUNTAIN_HEADING.match(bare) is not None or heading_of(text) is not None)


def _segments(marks: Sequence[tuple[int, Mark]], scenes: Sequence[int], lines: int) -> list[_Segment]:
    ends = [first - 1 for first, _ in marks[1:]] + [lines]
    found = []
    place = 0
    for (first, mark), last in zip(marks, ends, strict=False):
        while place < len(scenes) and scenes[place] < first:
            place += 1
        start = place
        while place < len(scenes) and scenes[place] <= last:
            place += 1
        found.append(_Segment(mark, first, last, place - start))
    return found


def _digest(sheet: Sheet, head: int, one: _Segment) -> str:
    """Of the head's and the episode's own lines, wherever they stand."""
    kinds = {} if sheet.typed is None else {line.number: line for line in sheet.typed}
    seen = hashlib.sha256(sheet.container.encode())
    for first, last in ((1, head), (one.first, one.last)):
        lines = list(range(first, last + 1))
        while lines and not sheet.lines[lines[-1] - 1].strip():
            lines.pop()
        seen.update(b"\0")
        for number in lines:
            kind = kinds.get(number)
            said = f"{kind.kind} {kind.scene} {kind.dual}" if kind is not None else ""
            column = sheet.columns[number - 1] if sheet.columns else 0
            seen.update(f"{said}|{column}|{sheet.lines[number - 1]}\n".encode("utf-8", "surrogatepass"))
    return seen.hexdigest()
