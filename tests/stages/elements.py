"""One line of text per element, for comparing what a script was read as with what a person checked."""

from __future__ import annotations

from duanju.events.script import Element
from duanju.plugins.stages.screenplay.model import Screenplay

__all__ = ["assert_covered", "written"]


def row(one: Element) -> str:
    """`31-33 line Inês/spoken (without turning)| They always say that.`"""
    span = f"{one.first}" if one.first == one.last else f"{one.first}-{one.last}"
    more = (
        f"#{one.number}" if one.number else "",
        f"{one.character}/{one.how}" if one.line else one.character,
        "^" if one.dual else "",
        f"({one.note})" if one.note else "",
    )
    head = " ".join(part for part in (span, one.type, *more) if part)
    return f"{head}| {one.text}".replace("\n", "\\n")


def written(play: Screenplay) -> str:
    """The whole script: its title, format, elements, and what was lost or is in doubt."""
    rows = [f"{play.title}| {play.format} {play.language} {play.unit}", *map(row, play.elements)]
    rows += [f"{one.number} UNMAPPED| {one.text}" for one in play.unmapped]
    rows += [f"{one.number} AMBIGUOUS {one.taken} or {one.other}| {one.text}" for one in play.ambiguous]
    return "\n".join(rows) + "\n"


def assert_covered(lines: list[str], play: Screenplay) -> None:
    """Every line is in one element's span, in unmapped, or blank outside both; never in two."""
    seen: set[int] = set()
    for one in play.elements:
        span = set(range(one.first, one.last + 1))
        assert span <= set(range(1, len(lines) + 1))
        assert not span & seen, f"{one} takes lines that another element has"
        seen |= span
    for lost in play.unmapped:
        assert lost.number not in seen
        seen.add(lost.number)
    for number, line in enumerate(lines, 1):
        assert number in seen or not line.strip(" \t\u3000\ufeff\xa0\f").strip(), (
            f"line {number} lost: {line!r}"
        )
