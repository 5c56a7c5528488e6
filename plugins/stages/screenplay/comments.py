"""Takes boneyards `/* */` and notes `[[ ]]` out of a Fountain source without moving any line."""

from __future__ import annotations

from attrs import frozen

__all__ = ["SourceLine", "uncomment"]


@frozen
class SourceLine:
    """A source line: its number from 1, as it stands, what is left of it, and the notes that stood in it.

    `within`: the first line of the note or boneyard that the whole line is in or ends with; 0 for none;
    `kind`: note | boneyard of that comment.
    """

    number: int
    raw: str
    text: str
    note: str
    kind: str = ""
    within: int = 0

    @property
    def blank(self) -> bool:
        """Nothing was ever written here."""
        return not self.raw.strip()

    @property
    def comment(self) -> bool:
        """Something was written here, and all of it is a comment."""
        return not self.text.strip() and bool(self.raw.strip())


class _Finder:
    """`find` that remembers what it found, so that many openings with one far end stay linear."""

    def __init__(self, text: str, what: str) -> None:
        self._text, self._what, self._at = text, what, -2

    def at(self, start: int) -> int:
        """Where the next one lies from `start` on; the length of the text when there is none."""
        if self._at < start:
            found = self._text.find(self._what, start)
            self._at = len(self._text) if found < 0 else found
        return self._at


def uncomment(lines: list[str]) -> list[SourceLine]:
    """One SourceLine a line. A comment without an end, and a note over a blank line, is plain text."""
    text = "\n".join(lines)
    size = len(text)
    marks = {"/*": _Finder(text, "/*"), "[[": _Finder(text, "[[")}
    ends = {"/*": _Finder(text, "*/"), "[[": _Finder(text, "]]")}
    gap = _Finder(text, "\n\n")
    kept: list[str] = []
    notes: dict[int, list[str]] = {}
    within: dict[int, tuple[str, int]] = {}
    place = number = 0  # `number` counts the line ends before `place`
    while True:
        opening = min(marks, key=lambda mark: marks[mark].at(place))
        start = marks[opening].at(place)
        if start >= size:
            break
        end = ends[opening].at(start + 2)
        kept.append(text[place:start])
        number += text.count("\n", place, start)
        if end >= size or (opening == "[[" and gap.at(start) < end):
            kept.append(opening)
            place = start + 2
            continue
        inside = text[start + 2 : end]
        kind = "boneyard" if opening == "/*" else "note"
        if opening == "[[":
            notes.setdefault(number, []).append(" ".join(inside.split()))
        breaks = inside.count("\n")
        for one in range(number, number + breaks + 1):
            within.setdefault(one, (kind, number + 1))
        kept.append("\n" * breaks)
        number += breaks
        place = end + 2
    kept.append(text[place:])
    left = "".join(kept).split("\n")
    return [
        SourceLine(index + 1, raw, left[index], "; ".join(notes.get(index, ())), *within.get(index, ("", 0)))
        for index, raw in enumerate(lines)
    ]
