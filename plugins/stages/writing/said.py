"""What is said in an answer, held against the script: every line once, in order, to the letter."""

from __future__ import annotations

from collections.abc import Sequence

from ....events.script import Element, Line
from ..screenplay.phrases import suffix
from .shot_form import Shots, Spoken

__all__ = ["lines_said"]


def lines_said(answer: Shots, entries: Sequence[Element]) -> tuple[list[tuple[Line, ...]], list[str]]:
    """The script's own lines for each shot, or where the answer departs from the script."""
    script = [one for one in entries if one.type == "line"]
    said = [(n, one) for n, shot in enumerate(answer.shots) for one in shot.lines]
    shots: list[list[Line]] = [[] for _ in answer.shots]
    at = 0
    for element in script:
        parts: list[tuple[int, str]] = []
        rest = element.text
        while (rest or not parts) and at < len(said) and said[at][1].line == element.line:
            place, part = said[at]
            if not rest.startswith(part.text) or (rest and not part.text):
                return [], [_altered(place, element, part.text, rest)]
            rest = rest[len(part.text) :]
            parts.append((place, part.text))
            at += 1
        if rest and parts:
            return [], [f"line {element.line}: its end is missing: {rest[:80]!r}"]
        if rest or not parts:
            return [], [_missing(element, said[at:], {one.line for one in script})]
        for number_, (place, words) in enumerate(parts):
            name = element.line if len(parts) == 1 else element.line + suffix(number_)
            shots[place].append(Line(name, element.character, words, element.note, element.how))
    if at < len(said):
        place, part = said[at]
        known = part.line in {one.line for one in script}
        why = "is there once more" if known else "is no line of this part of the script"
        return [], [f"shots[{place}].lines: {part.line[:20]} ({part.text[:40]!r}) {why}"]
    return [tuple(lines) for lines in shots], []


def _altered(place: int, element: Element, part: str, rest: str) -> str:
    wanted, said = rest[:80], part[:80]
    return f"shots[{place}].lines: {element.line} must be said as it stands, {wanted!r}; you wrote {said!r}"


def _missing(element: Element, left: Sequence[tuple[int, Spoken]], known: set[str]) -> str:
    wanted = f"line {element.line} ({element.text[:40]!r})"
    if left and left[0][1].line not in known:
        place, part = left[0]
        return (
            f"shots[{place}].lines: {part.line[:20]!r} is no line of this part; {wanted} should stand there"
        )
    if any(one.line == element.line for _, one in left):
        return f"{wanted} comes too late: other lines stand before it"
    return f"{wanted} is missing"
