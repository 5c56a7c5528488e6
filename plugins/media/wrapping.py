"""Breaks a subtitle into at most two lines where a reader expects it: at spaces, between Chinese signs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from .fonts import is_cjk

__all__ = ["BREAK_AFTER", "break_places", "broken_in_two", "reading_units"]

BREAK_AFTER = frozenset(",.;:!?，。；：！？、…—")
_OPENING = frozenset("([{（【《“‘「『〈")
_AT_PHRASE = 0.6  # of a line: so much unevenness is worth a break at a phrase's end


def reading_units(text: str, language: str) -> float:
    """Reading load: in Chinese a sign counts 1 and an ASCII letter, digit or space 0.5; in English every
    character counts 1."""
    if language != "zh":
        return float(len(text))
    return sum(0.5 if c.isascii() and (c.isalnum() or c.isspace()) else 1.0 for c in text)


def break_places(text: str) -> list[int]:
    """Where a line may end: indexes into the text, never before closing or after opening punctuation."""
    found = []
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if before == " ":
            found.append(at)
        elif (is_cjk(before) or is_cjk(after)) and after != " ":
            closing = unicodedata.category(after) in ("Pe", "Pf", "Po", "Pd") or after in BREAK_AFTER
            if not closing and before not in _OPENING:
                found.append(at)
    return found


def broken_in_two(text: str, width: Callable[[str], float], room: float) -> tuple[str, ...] | None:
    """The text in one line, else in two about equal ones, rather at a phrase's end; None where neither fits.

    `width` measures a line in the unit of `room`. Only white space at the break is lost.
    """
    whole = width(text)
    if whole <= room:
        return (text,)
    if whole > 2.2 * room:  # not worth looking for: a break takes away a space, and kerning very little
        return None
    best: tuple[float, tuple[str, ...]] | None = None
    for at in break_places(text):
        first, second = text[:at].rstrip(), text[at:].lstrip()
        wide, narrow = width(first), width(second)
        if max(wide, narrow) > room or not (first and second):
            continue
        cost = abs(wide - narrow) - (room * _AT_PHRASE if first[-1] in BREAK_AFTER else 0)
        if best is None or cost < best[0]:
            best = (cost, (first, second))
    return best[1] if best else None
