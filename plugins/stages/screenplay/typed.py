"""Reads paragraphs of which it is known what they are: from Final Draft, Word styles, columns or Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from ....events.script import Element, Unmapped
from .headings import read_heading
from .model import Reading
from .saying import Saying, join_lines

__all__ = ["KINDS", "Typed", "read_typed"]

KINDS = (
    "heading", "action", "character", "dialogue", "parenthetical", "lyric", "transition", "centred",
    "section", "synopsis", "title", "cast", "cue", "note", "boneyard", "page-break", "unknown",
)  # fmt: skip
_SPOKEN = ("dialogue", "parenthetical", "lyric")
_WORDED = re.compile(r"\w")
_BRACKETS = "()（）"
_MOST_NOTES = 20  # in a row, within one turn


@frozen
class Typed:
    """A line or paragraph and its kind, one of KINDS. `joined`: it goes on with the action or bracket above.

    `scene` is a heading's number, `dual`: this character speaks at once with the one before; `note` stands
    beside it. A character's words may stand in `said`, where both are on one line.
    """

    number: int
    kind: str
    text: str
    scene: str = ""
    note: str = ""
    said: str = ""
    dual: bool = False
    joined: bool = False


def read_typed(lines: Sequence[Typed], title: str = "") -> Reading:
    """What the lines say; each with a text is in one element or in `unmapped`. Never raises, linear."""
    reader = _Reader([one for one in lines if one.text.strip()])
    reader.read()
    return Reading(title, tuple(reader.elements), tuple(reader.unmapped))


class _Reader:
    def __init__(self, lines: list[Typed]) -> None:
        self.lines = lines
        self.elements: list[Element] = []
        self.unmapped: list[Unmapped] = []
        self.place = 0

    def read(self) -> None:
        """Reads to the end."""
        while self.place < len(self.lines):
            one = self.lines[self.place]
            if one.kind == "character":
                self._turn(one)
            elif one.kind == "action":
                self._action(one)
            else:
                self._alone(one)

    def _alone(self, one: Typed) -> None:
        self.place += 1
        text = one.text.strip()
        if one.kind in ("dialogue", "unknown") or (not _WORDED.search(text) and one.kind != "page-break"):
            self.unmapped.append(Unmapped(one.number, one.text))
        elif one.kind == "heading":
            note = "; ".join(note for note in (read_heading(text).rest, one.note) if note)
            self.elements.append(
                Element("heading", text, one.number, one.number, note=note, number=one.scene)
            )
        else:
            kind = "action" if one.kind == "parenthetical" else one.kind
            self.elements.append(Element(kind, text, one.number, one.number, note=one.note))

    def _action(self, first: Typed) -> None:
        parts, notes, last = [first.text.strip()], [first.note], first.number
        self.place += 1
        while self.place < len(self.lines):
            now = self.lines[self.place]
            if now.kind != "action" or not now.joined:
                break
            parts.append(now.text.strip())
            notes.append(now.note)
            last = now.number
            self.place += 1
        text = join_lines(parts)
        if _WORDED.search(text):
            note = "; ".join(one for one in notes if one)
            self.elements.append(Element("action", text, first.number, last, note=note))
        else:
            self.unmapped += [
                Unmapped(one.number, one.text) for one in self.lines if first.number <= one.number <= last
            ]

    def _turn(self, cue: Typed) -> None:
        saying = Saying(cue.text.strip(), cue.number, dual=cue.dual)
        self.place += 1
        if not saying.named:
            self.unmapped.append(Unmapped(cue.number, cue.text))
            return
        if cue.said:
            saying.words(cue.number, cue.text, cue.said)
        while self.place < len(self.lines) and self._in_turn():
            now = self.lines[self.place]
            text = now.text.strip()
            if now.kind == "note":
                saying.words(now.number, now.text, "")
            elif now.kind == "parenthetical":
                saying.bracket(now.number, now.text, text.strip(_BRACKETS).strip(), more=now.joined)
            else:
                saying.words(now.number, now.text, text, sung=now.kind == "lyric")
            self.place += 1
        saying.done()
        self.elements += saying.elements
        self.unmapped += saying.unmapped

    def _in_turn(self) -> bool:
        """Whether the line here belongs to who speaks; a note does where spoken words come after it."""
        place = self.place
        while (
            place < len(self.lines) and self.lines[place].kind == "note" and place - self.place < _MOST_NOTES
        ):
            place += 1
        return place < len(self.lines) and self.lines[place].kind in _SPOKEN
