"""One person's turn to speak, from its cue down to the last line: words, brackets between them, songs."""

from __future__ import annotations

import re

from ....events.script import Element, Unmapped
from .names import canonical

__all__ = ["Saying", "how_said", "join_lines", "read_cue"]

SINGS = "sings"
_EXTENSION = re.compile(r"[(（]([^()（）]{0,60})[)）]")
_CONTINUED = re.compile(r"(?:cont|more|续)")
_WORDED = re.compile(r"\w")


def how_said(extension: str) -> str:
    """`V.O.` -> vo, `O.S.` -> off, a thought -> inner, anything else spoken."""
    low = re.sub(r"[\s.]", "", extension.lower())
    if low.startswith(("vo", "voiceover", "voice-over", "旁白")):
        return "vo"
    if low.startswith("内心"):
        return "inner"
    return "off" if low.startswith(("os", "oc", "offscreen", "off-screen", "画外")) else "spoken"


def read_cue(text: str) -> tuple[str, str, str]:
    """(name, how, note) of a character cue such as `XIAO MEI (V.O.) (on phone)`."""
    how, notes = "spoken", []
    for extension in _EXTENSION.findall(text):
        said = how_said(extension)
        how = said if said != "spoken" else how
        if said == "spoken" and not _CONTINUED.match(extension.strip().lower()):
            notes.append(extension.strip())
    bare = _EXTENSION.sub(" ", text).strip().removesuffix("^")
    return canonical(bare.lstrip("@")), how, "; ".join(note for note in notes if note)


def join_lines(parts: list[str]) -> str:
    """The lines of one speech as one text: a space between them, none between two Chinese characters."""
    whole = ""
    for part in parts:
        if not part:
            continue
        glue = " " if whole and (whole[-1] < "\u2e80" or part[0] < "\u2e80") else ""
        whole += glue + part
    return whole


class Saying:
    """Collects a turn line by line; a bracket between words parts it into two lines of the same person."""

    def __init__(self, cue: str, number: int, *, dual: bool = False) -> None:
        self.name, self._how, cue_note = read_cue(cue)
        self._dual = dual
        self._first = self._last = number
        self._notes = [cue_note] if cue_note else []
        self._parts: list[str] = []
        self._taken: list[tuple[int, str]] = [(number, cue)]
        self.elements: list[Element] = []
        self.unmapped: list[Unmapped] = []

    @property
    def named(self) -> bool:
        """Whether the cue names somebody."""
        return bool(self.name) and len(self.name) <= 60

    def words(self, number: int, raw: str, text: str, *, sung: bool = False) -> None:
        """A line that is said, or sung."""
        self._taken.append((number, raw))
        self._last = number
        self._parts.append(text)
        if sung and SINGS not in self._notes:
            self._notes.append(SINGS)

    def bracket(self, number: int, raw: str, text: str, *, more: bool = False) -> None:
        """A parenthetical, without its brackets; `more`: it goes on with the one on the line above."""
        if self._parts:
            self._flush(number)
        self._taken.append((number, raw))
        self._last = number
        if more and self._notes:
            self._notes[-1] = join_lines([self._notes[-1], text])
        else:
            self._notes.append(text)

    def done(self) -> None:
        """Ends the turn; what it was is in `elements` and `unmapped`."""
        self._flush(self._last + 1)

    def _flush(self, begins: int) -> None:
        text, note = join_lines(self._parts), "; ".join(one for one in self._notes if one)
        span = (self._first, self._last)
        if _WORDED.search(text):
            one = Element("line", text, *span, character=self.name, how=self._how, note=note, dual=self._dual)
            self.elements.append(one)
            self._dual = False
        elif text or note:  # dots alone are no speech but a look
            self.elements.append(
                Element("parenthetical", note or text, *span, character=self.name, note=note)
            )
        else:
            self.unmapped += [Unmapped(number, raw) for number, raw in self._taken]
        self._taken, self._notes, self._parts = [], [], []
        self._first = self._last = begins
