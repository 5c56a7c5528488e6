"""Reads a screenplay of which the columns say what is what, as typewriters and exports set it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen

from .episode_marks import read_mark
from .fountain import is_cue, is_transition
from .headings import FOUNTAIN_HEADING
from .pages import furniture
from .typed import Typed

__all__ = ["columns_of", "guess", "is_columned", "numbered_heading", "read_plain"]

_NUMBERED = re.compile(r"(?P<number>[A-Z]{0,2}[0-9]{1,4}[A-Z]{0,2})[.)]?\s+(?=\S)")
_CONTINUES = re.compile(r"\(?(?:MORE|CONTINUED|CONT'?D)\)?:?(?: ?\([0-9]{1,3}\))?$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"[0-9]{1,4}\.$|-? ?[0-9]{1,4} ?-?$")
_CREDIT = re.compile(r"by$|written by\b|screenplay by\b|story by\b|based on\b|draft\b", re.IGNORECASE)
_CUE = 12  # columns between the margin and a name, at least
_SPEECH = 4  # columns between the margin and what is said, at least
_TWO_COLUMNS = re.compile(r"\S {6,}\S")


@frozen
class _Line:
    number: int
    text: str
    column: int


def columns_of(line: str) -> tuple[str, int]:
    """(text, column) of a line; a tab goes on to a multiple of eight, a full-width space counts two."""
    wide = line.rstrip().replace("\f", "").replace("\u3000", "  ").expandtabs(8)
    text = wide.lstrip(" \xa0")
    return text.strip(), len(wide) - len(text)


def is_columned(lines: Sequence[str]) -> bool:
    """Whether a script has names far from the margin and their words under them, nearer to it."""
    cues = turns = 0
    placed = [columns_of(line) for line in lines]
    margin = _margin([_Line(n, *one) for n, one in enumerate(placed) if one[0]])
    for (text, column), (below, beneath) in pairwise(placed):
        if column - margin >= _CUE and text and is_cue(text):
            cues += 1
            turns += bool(below) and _SPEECH <= beneath - margin <= column - margin
    return turns >= 2 and 2 * turns >= cues


def _margin(lines: Sequence[_Line]) -> int:
    """The column where action and headings begin."""
    heads: Counter[int] = Counter()
    for one in lines:
        heading, number = numbered_heading(one.text)
        if FOUNTAIN_HEADING.match(heading):
            heads[one.column + (one.text.index(heading) if number else 0)] += 1
    if heads:
        return min(heads, key=lambda column: (-heads[column], column))
    return min((one.column for one in lines), default=0)


def numbered_heading(text: str) -> tuple[str, str]:
    """(heading, scene number) of `12A  INT. HALL - DAY    12A`."""
    match = _NUMBERED.match(text)
    bare, number = (text[match.end() :], match["number"]) if match else (text, "")
    if not FOUNTAIN_HEADING.match(bare):
        return text, ""
    right = re.search(r"\s{2,}(?P<number>[A-Z]{0,2}[0-9]{1,4}[A-Z]{0,2})[.)]?\s*\*?$", bare)
    if right and (not number or right["number"] == number):
        return bare[: right.start()].strip(), number or right["number"]
    return bare.strip(), number


def guess(number: int, text: str, joined: bool = False) -> Typed:
    """What a line at the margin is: a heading, a transition, an episode's mark, or action."""
    bare = text.strip()
    heading, scene = numbered_heading(bare)
    if FOUNTAIN_HEADING.match(heading):
        return Typed(number, "heading", heading, scene=scene)
    if read_mark(bare) is not None:
        return Typed(number, "section", bare)
    if is_transition(bare, True):
        return Typed(number, "transition", bare)
    return Typed(number, "action", bare, joined=joined)


class _Columns:
    """Types the lines of one script, from the top down."""

    def __init__(self, lines: Sequence[tuple[str, int]], loose: bool) -> None:
        self._lines = [_Line(number, *one) for number, one in enumerate(lines, 1)]
        worded = [one for one in self._lines if one.text]
        self._margin = _margin(worded)
        self._loose = loose
        self._begun = False
        self.title = ""
        self.found: list[Typed] = []

    def read(self) -> None:
        """Types every line that is not blank."""
        place = 0
        while place < len(self._lines):
            one = self._lines[place]
            if not one.text:
                place += 1
            elif self._is_furniture(one):
                self.found.append(Typed(one.number, "note", one.text))
                place += 1
            elif self._speaks(place):
                place = self._turn(place)
            else:
                self._single(one, place)
                place += 1

    def _off(self, one: _Line) -> int:
        return one.column - self._margin

    def _is_furniture(self, one: _Line) -> bool:
        page = self._begun and _PAGE_NUMBER.match(one.text) is not None
        return page or _CONTINUES.match(one.text) is not None or furniture(one.text, "") == "note"

    def _below(self, place: int) -> _Line | None:
        """The line below; where paragraphs have no blank lines between them, the next one with a text."""
        place += 1
        while self._loose and place < len(self._lines) and not self._lines[place].text:
            place += 1
        return self._lines[place] if place < len(self._lines) and self._lines[place].text else None

    def _speaks(self, place: int) -> bool:
        one, below = self._lines[place], self._below(place)
        if below is None or self._off(one) < _CUE or not is_cue(one.text) or is_transition(one.text, False):
            return False
        most = self._off(one) - (not self._begun)  # a title page is all in the middle
        return _SPEECH <= self._off(below) <= most or (self._begun and below.text[0] in "(（")

    def _turn(self, place: int) -> int:
        cue = self._lines[place]
        if _TWO_COLUMNS.search(cue.text):
            return self._side_by_side(place)
        self._begun = True
        self.found.append(Typed(cue.number, "character", cue.text))
        place += 1
        opened = False
        while place < len(self._lines):
            now = self._lines[place]
            if not now.text:
                if self._loose and self._goes_on(place):
                    place += 1
                    continue
                break
            if not _SPEECH <= self._off(now) <= max(self._off(cue), _CUE + _SPEECH) or self._is_furniture(
                now
            ):
                break
            if is_transition(now.text, False) or (self._loose and self._speaks(place)):
                break
            bracket = opened or now.text[0] in "(（"
            kind = "parenthetical" if bracket else "dialogue"
            self.found.append(Typed(now.number, kind, now.text, joined=opened))
            opened = bracket and now.text[-1] not in ")）"
            place += 1
        return place

    def _goes_on(self, place: int) -> bool:
        below = self._below(place)
        return below is not None and self._off(below) >= _SPEECH and not is_cue(below.text)

    def _side_by_side(self, place: int) -> int:
        """Two who speak side by side in two columns: which words are whose cannot be told; so it is said."""
        while place < len(self._lines) and self._lines[place].text:
            one = self._lines[place]
            self.found.append(Typed(one.number, "unknown", one.text))
            place += 1
        return place

    def _single(self, one: _Line, place: int) -> None:
        off = self._off(one)
        above = self._lines[place - 1] if place else None
        typed = guess(one.number, one.text)
        if typed.kind == "heading":
            self._begun = True
        elif typed.kind == "transition":
            self._begun = self._begun or one.text.upper().startswith("FADE IN")
        elif not self._begun and (off >= 8 or _CREDIT.match(one.text)):
            self.title = self.title or one.text.strip('"“”《》')
            typed = Typed(one.number, "title", one.text)
        elif typed.kind == "action" and off >= _CUE:
            typed = Typed(one.number, "centred", one.text)
        elif typed.kind == "action" and above is not None and above.text and not self._loose:
            last = self.found[-1] if self.found else None
            wrapped = last is not None and last.kind == "action" and last.number == above.number
            typed = Typed(one.number, "action", one.text, joined=wrapped)
        self.found.append(typed)


def read_plain(lines: Sequence[tuple[str, int]], *, loose: bool = False) -> tuple[str, list[Typed]]:
    """(title, typed lines) of a script whose lines are (text, column).

    `loose`: each line is a paragraph of its own, with or without blank ones between, as in Word.
    """
    reader = _Columns(lines, loose)
    reader.read()
    return reader.title, reader.found
