"""How a garment is cut: its outline on a body's measures, the colour of its sleeves."""

from __future__ import annotations

from ..anatomy import Anatomy
from ..pen import Point

LONG_GARMENTS = frozenset({"qipao", "changshan", "dress", "robe"})
BANDED = frozenset({"qipao", "changshan"})
COATS = frozenset({"coat", "labcoat"})
SHIRT = "#ece9e4"


def torso(a: Anatomy, low: float = 86.0) -> list[Point]:
    """The garment's outline from the left neck over the shoulders down to `low`."""
    n, s, w, h = a.neck, a.shoulder, a.waist, a.hip
    slope = 24.6 if a.feminine else 24.0
    right: list[Point] = [
        (n + 1.2, 19.6),
        (n + (s - n) * 0.45, 21.6),
        (s - 1.6, slope + 0.6),
        (s + 0.5, slope + 5.5),
        (s - 1.8, 36),
        (s - 3.4, 44),
    ]
    right += [(w + 0.6, 60), (h * 0.98, 76), (h, low)]
    return [(-x, y) for x, y in reversed(right)] + [(0, 18.8), *right]


def sleeve_colour(clothes: str, colour: str) -> str:
    """The colour of the sleeves: the garment's own, or white for a white coat."""
    return "#e9edf0" if clothes == "labcoat" else colour
