"""Faces for a cast: what the script says, and for the rest a choice that nobody in the series resembles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from ....events.cast import Profile
from .describe import Hints

__all__ = ["choose_profile", "likeness"]

CANDIDATES = 96
SKINS = ("#f6d9c4", "#f3d0b4", "#ecc19c", "#e0ac82", "#d39b6e", "#c68a5c")
HAIR_COLOURS = ("#14161d", "#1b1518", "#2b1d18", "#3a241a", "#4a2f20", "#5b2c20")
GREY_HAIR = ("#8f8c8a", "#b9b6b4", "#d8d6d3", "#6f6c6b")
EYES = ("#3b2417", "#241a16", "#4d3018", "#2c2a33")
FACE_SHAPES = ("oval", "round", "square", "heart", "long", "diamond")
_FEMALE = {
    "hair": ("long", "bob", "bun", "ponytail", "braid", "curly"),
    "clothes": ("dress", "shirt", "sweater", "qipao", "coat", "jacket"),
    "colours": ("#a8324a", "#2f6d74", "#7a4f8f", "#c0644a", "#3e5a9a", "#b98a3c", "#5b7f56", "#d8cfc0"),
    "build": ("slim", "slim", "average", "average"),
}
_MALE = {
    "hair": ("short", "side-part", "crew", "slick", "curly"),
    "clothes": ("suit", "shirt", "jacket", "changshan", "sweater", "coat"),
    "colours": ("#27405f", "#3a4a3c", "#5a3030", "#35363f", "#6b5236", "#2f5a66", "#514466", "#8a7f70"),
    "build": ("slim", "average", "broad", "average"),
}
ACCENTS = ("#d9a441", "#c8d4dc", "#b8324a", "#e6dcc8", "#4d8f8a")


class _Dice:
    """Reproducible choices: the same words always fall the same way, on every machine."""

    def __init__(self, *words: str) -> None:
        self._words = "\x1f".join(words)

    def of(self, what: str, options: Sequence[str]) -> str:
        """One of the options."""
        return options[self.below(what, len(options))]

    def below(self, what: str, count: int) -> int:
        """A whole number from 0 to count - 1."""
        digest = hashlib.sha256(f"{self._words}\x1f{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % count


def choose_profile(series: str, name: str, hints: Hints, taken: Iterable[Profile]) -> Profile:
    """A profile that keeps every hint and, of 96 candidates drawn by sha256 of series and name, lies farthest
    from its nearest in the cast (`likeness`); the first of equals."""
    others = list(taken)
    best: Profile | None = None
    best_distance = -1.0
    for number in range(CANDIDATES):
        one = _candidate(_Dice(series, name, str(number)), _Dice(series, name), hints)
        distance = 0.0 if not others else float("inf")
        for other in others:
            distance = min(distance, likeness(one, other))
            if distance <= best_distance:
                break  # it has a nearer neighbour already than the best one
        if distance > best_distance:
            best, best_distance = one, distance
    assert best is not None
    return best


def _candidate(dice: _Dice, fixed: _Dice, hints: Hints) -> Profile:
    """`fixed` decides what must not change from candidate to candidate: gender and age."""
    gender = hints.gender or fixed.of("gender", ("female", "male"))
    table = _FEMALE if gender == "female" else _MALE
    age = hints.age or 22 + fixed.below("age", 24)
    marks = list(hints.marks)
    if age >= 58 and "wrinkles" not in marks:
        marks.append("wrinkles")
    described = (
        hints.shaven or len(hints.said) >= 4
    )  # who is described, wears what the script says and no more
    if not described and gender == "male" and age >= 25 and not {"beard", "moustache", "goatee"} & set(marks):
        marks += [[], [], ["moustache"], ["goatee"], ["beard"]][dice.below("chin", 5)]
    if not described and "glasses" not in marks and dice.below("glasses", 6) == 0:
        marks.append("glasses")
    hair_colour = hints.hair_colour or dice.of("hair colour", GREY_HAIR if age >= 60 else HAIR_COLOURS)
    hair = table["hair"] if age >= 14 or gender == "female" else ("short", "crew", "curly")
    return Profile(
        gender=gender,
        age=age,
        face=hints.face or dice.of("face", FACE_SHAPES),
        skin=dice.of("skin", SKINS),
        hair_style=hints.hair_style or dice.of("hair style", hair),
        hair_colour=hair_colour,
        eyes=hints.eyes or dice.of("eyes", EYES),
        build=hints.build or dice.of("build", table["build"]),
        clothes=hints.clothes or dice.of("clothes", table["clothes"]),
        clothes_colour=hints.clothes_colour or dice.of("clothes colour", table["colours"]),
        accent_colour=hints.accent_colour or dice.of("accent", ACCENTS),
        marks=tuple(dict.fromkeys(marks)),
    )


def likeness(one: Profile, two: Profile) -> float:
    """How far two looks lie apart, 0 = the same: colours by distance, shapes by being another.

    The weights say what an eye takes first at the size of a phone: hair and its colour, then clothes, face,
    skin, and what a face wears.
    """
    far = 1.6 * (one.hair_style != two.hair_style) + 1.2 * (one.face != two.face)
    far += 3.0 * _apart(one.hair_colour, two.hair_colour) + 3.0 * _apart(one.skin, two.skin)
    far += 2.5 * _apart(one.clothes_colour, two.clothes_colour) + 0.8 * (one.clothes != two.clothes)
    far += 0.7 * len(set(one.marks) ^ set(two.marks)) + 0.4 * (one.build != two.build)
    far += 1.0 * (one.gender != two.gender) + min(1.0, abs(one.age - two.age) / 30)
    return round(far, 6)


def _apart(one: str, two: str) -> float:
    """The distance of two #rrggbb by the redmean formula (Riemersma), 0..1."""
    r1, g1, b1 = (int(one[at : at + 2], 16) for at in (1, 3, 5))
    r2, g2, b2 = (int(two[at : at + 2], 16) for at in (1, 3, 5))
    mean = (r1 + r2) / 2
    squared = (
        (2 + mean / 256) * (r1 - r2) ** 2 + 4 * (g1 - g2) ** 2 + (2 + (255 - mean) / 256) * (b1 - b2) ** 2
    )
    return float((squared**0.5) / 764.9)
