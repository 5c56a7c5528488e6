"""Faces for a cast: what the script says, and for the rest a choice that nobody in the series resembles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ....events.cast import Profile
from .describe import Hints

__all__ = ["choose_profile", "face_likeness", "lab_squared", "likeness"]

CANDIDATES = 320
# From fair to tan and from black to dark brown: what a Chinese cast may have, and no farther.
SKINS = ("#fae4d4", "#f0cba9", "#e6b88e", "#d8a174", "#c68a5c")
HAIR_COLOURS = ("#14141a", "#201b1d", "#2e211c", "#402a1e", "#5a3a22")
GREY_HAIR = ("#8f8c8a", "#b9b6b4", "#d8d6d3", "#6f6c6b")
EYES = ("#3b2417", "#241a16", "#4d3018", "#2c2a33")
FACE_SHAPES = ("oval", "round", "square", "heart", "long", "diamond")
_FEMALE = {
    "hair": ("long", "bob", "bun", "ponytail", "braid", "curly"),
    "clothes": ("dress", "shirt", "sweater", "coat", "jacket"),
    "colours": ("#a8324a", "#2f6d74", "#7a4f8f", "#c0644a", "#3e5a9a", "#b98a3c", "#5b7f56", "#d8cfc0"),
    "build": ("slim", "slim", "average", "average"),
}
_MALE = {
    "hair": ("short", "side-part", "crew", "slick", "curly"),
    "clothes": ("suit", "shirt", "jacket", "sweater", "coat"),
    "colours": ("#27405f", "#3a4a3c", "#5a3030", "#35363f", "#6b5236", "#2f5a66", "#514466", "#8a7f70"),
    "build": ("slim", "average", "broad", "average"),
}
_OLD_CLOTHES = {"female": ("qipao",), "male": ("changshan",)}
ACCENTS = ("#d9a441", "#c8d4dc", "#b8324a", "#e6dcc8", "#4d8f8a")


# Weights of `face_likeness`, see there. Styles of one family frame a face alike.
_SKIN, _HAIR, _FAMILY_OFF, _STYLE, _FACE, _GENDER = 0.88, 1.15, 0.24, 0.09, 0.04, 0.02
_MARK = {"beard": 0.52, "goatee": 0.17, "moustache": 0.02, "glasses": 0.01}
_FAMILY = {
    "bun": "up",
    "ponytail": "up",
    "slick": "up",
    "short": "crop",
    "crew": "crop",
    "curly": "curls",
    "side-part": "parted",
    "bald": "bald",
    "long": "fall",
    "wavy": "fall",
    "braid": "fall",
    "bob": "bob",
}


_MIDDLE = Profile(
    gender="female",
    age=35,
    face="oval",
    skin=SKINS[2],
    hair_style="long",
    hair_colour=HAIR_COLOURS[2],
    eyes=EYES[0],
    build="average",
    clothes="shirt",
    clothes_colour="#808080",
    accent_colour=ACCENTS[0],
    marks=(),
)


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
    """A profile that keeps every hint and lies farthest from its nearest in the cast (`likeness`).

    It is one of 320 candidates drawn by sha256 of series and name; the first of equals.
    """
    others = list(taken) or [_MIDDLE]  # the first keeps clear of the middle, which leaves room for the next
    best: Profile | None = None
    best_distance = -1.0
    for number in range(CANDIDATES):
        one = _candidate(_Dice(series, name, str(number)), _Dice(series, name), hints)
        distance = float("inf")
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
        # Few young men wear one: it is left as the last means to tell two of them apart.
        older = [["moustache"], ["goatee"], ["beard"]] if age >= 38 else [["moustache"]]
        chins: list[list[str]] = [[], [], [], *older]
        marks += chins[dice.below("chin", len(chins))]
    if not described and "glasses" not in marks and dice.below("glasses", 6) == 0:
        marks.append("glasses")
    hair_colour = hints.hair_colour or dice.of("hair colour", GREY_HAIR if age >= 60 else HAIR_COLOURS)
    hair = table["hair"] if age >= 14 or gender == "female" else ("short", "crew", "curly")
    worn = (*table["clothes"], *_OLD_CLOTHES[gender]) if age >= 55 else table["clothes"]
    return Profile(
        gender=gender,
        age=age,
        face=hints.face or dice.of("face", FACE_SHAPES),
        skin=hints.skin or dice.of("skin", SKINS),
        hair_style=hints.hair_style or dice.of("hair style", hair),
        hair_colour=hair_colour,
        eyes=hints.eyes or dice.of("eyes", EYES),
        build=hints.build or dice.of("build", table["build"]),
        clothes=hints.clothes or dice.of("clothes", worn),
        clothes_colour=hints.clothes_colour or dice.of("clothes colour", table["colours"]),
        accent_colour=hints.accent_colour or dice.of("accent", ACCENTS),
        marks=tuple(dict.fromkeys(marks)),
    )


def likeness(one: Profile, two: Profile) -> float:
    """How far two looks lie apart, 0 = the same: the faces first, then build, age and clothes.

    What is worn below the chin tells two people apart in a wide shot, but never makes up for one face.
    """
    far = face_likeness(one, two)
    far += 0.12 * _apart(one.clothes_colour, two.clothes_colour) + 0.03 * (one.clothes != two.clothes)
    far += 0.02 * (one.build != two.build) + 0.04 * min(1.0, abs(one.age - two.age) / 30)
    return round(far, 6)


def face_likeness(one: Profile, two: Profile) -> float:
    """How far two drawn faces will lie apart, from the profiles alone.

    The terms are those of the distance that is measured on pixels (CIE L*a*b* of skin and of hair, and which
    cells of the head are skin or hair); the weights are fitted to it by least squares over 4005 pairs of
    drawn faces, where the rank correlation is 0.96.
    """
    squared = _SKIN * lab_squared(one.skin, two.skin)
    squared += _HAIR * lab_squared(_crown(one), _crown(two))
    squared += _FAMILY_OFF * (_FAMILY.get(one.hair_style) != _FAMILY.get(two.hair_style))
    squared += _STYLE * (one.hair_style != two.hair_style)
    squared += _FACE * (one.face != two.face) + _GENDER * (one.gender != two.gender)
    squared += sum(_MARK.get(mark, 0.0) for mark in sorted(set(one.marks) ^ set(two.marks)))
    return float(squared**0.5)


def _crown(profile: Profile) -> str:
    """The colour on top of a head."""
    return profile.skin if profile.hair_style == "bald" else profile.hair_colour


@lru_cache(maxsize=1024)
def _lab(colour: str) -> tuple[float, float, float]:
    """#rrggbb as CIE L*a*b* under D65 (IEC 61966-2-1 transfer curve, CIE 15 formulas)."""
    c = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in c)
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def lab_squared(one: str, two: str) -> float:
    """Squared distance in units of 20 of L*a*b*; lightness counts less, since light moves it."""
    (l1, a1, b1), (l2, a2, b2) = _lab(one), _lab(two)
    return ((0.6 * (l1 - l2)) ** 2 + (a1 - a2) ** 2 + (b1 - b2) ** 2) / 400


def _apart(one: str, two: str) -> float:
    """The distance of two #rrggbb by the redmean formula (Riemersma), 0..1."""
    r1, g1, b1 = (int(one[at : at + 2], 16) for at in (1, 3, 5))
    r2, g2, b2 = (int(two[at : at + 2], 16) for at in (1, 3, 5))
    mean = (r1 + r2) / 2
    squared = (
        (2 + mean / 256) * (r1 - r2) ** 2 + 4 * (g1 - g2) ** 2 + (2 + (255 - mean) / 256) * (b1 - b2) ** 2
    )
    return float((squared**0.5) / 764.9)
