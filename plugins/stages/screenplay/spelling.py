"""Names that are probably one person's, spelt two ways: a slip, or a sign that sounds the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

__all__ = ["spelt_twice"]

MOST_NAMES = 300  # pairs grow with the square; a cast that large is looked at by its busiest names
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LETTERS = re.compile(r"[^\W\d_]")
_SHORTEST = 5  # letters; Anna and Anya, Jon and Ron are two
_RARE = 3  # lines at most of the rarer spelling, and at most half of the other's


def spelt_twice(lines: Mapping[str, int], listed: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """(rarer spelling, usual one, why) of speakers' names; `lines` are their counts.

    Two names that a list of people has are two people. Sisters in a script (小美, 小梅) may well sound alike,
    so a name counts as a slip only where it speaks little beside the other.
    """
    names = sorted(lines, key=lambda name: (-lines[name], name))[:MOST_NAMES]
    for often, rare in combinations(names, 2):
        if (often in listed and rare in listed) or rare in listed:
            continue
        if lines[rare] > _RARE or lines[rare] * 2 > lines[often]:
            continue
        why = _why(often, rare)
        if why:
            yield rare, often, why


def _why(one: str, two: str) -> str:
    if _HAN.fullmatch(one) and _HAN.fullmatch(two):
        return _why_chinese(one, two)
    plain = [re.sub(r"[\W_]+", "", name).casefold() for name in (one, two)]
    if plain[0] == plain[1]:
        return "they differ only in spaces or marks"
    if min(map(len, plain)) < _SHORTEST or not all(map(_LETTERS.search, plain)):
        return ""
    if re.sub(r"\d", "", plain[0]) == re.sub(r"\d", "", plain[1]):
        return ""  # Guard 1 and Guard 2
    return "they differ in one letter" if _one_slip(*plain) else ""


def _why_chinese(one: str, two: str) -> str:
    if len(one) != len(two) or len(one) < 2:
        return ""
    differ = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    if len(differ) != 1:
        return ""
    from pypinyin import Style, pinyin  # a quarter of a second, for what seldom occurs

    sounds = [set(pinyin(sign, style=Style.NORMAL, heteronym=True)[0]) for sign in differ[0]]
    return "they sound the same" if sounds[0] & sounds[1] else ""


def _one_slip(one: str, two: str) -> bool:
    """Whether one letter more, less, other, or two changed places make the one of the other."""
    if abs(len(one) - len(two)) > 1:
        return False
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    a, b = one[start:], two[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]
