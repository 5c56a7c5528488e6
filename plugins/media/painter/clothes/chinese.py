"""Qipao, changshan and robe."""

from __future__ import annotations

from ..anatomy import Anatomy
from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon
from .cut import SHIRT
from .necks import knot, skin_v


def qipao(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    edge = d("M", 0, 23.0, "C", 3, 29, 8, 31, a.shoulder - 3.8, 36.0)
    pen.path(edge, stroke=accent, width=0.8)
    for x, y, t in ((0.4, 24.4, 70), (5.0, 29.6, 28), (a.shoulder - 5.0, 35.4, 24)):
        knot(pen, x, y, t, accent)
    # Embroidered flowers, faint, down one side.
    for k, (x, y, r) in enumerate(
        ((-8.5, 40, 2.4), (-5.0, 47, 1.7), (-9.0, 56, 2.0), (6.2, 66, 2.4), (9.0, 74, 1.6))
    ):
        for j in range(5):
            dx, dy = ((0, -1), (0.95, -0.3), (0.6, 0.8), (-0.6, 0.8), (-0.95, -0.3))[j]
            pen.oval(
                x + dx * r * 0.55,
                y + dy * r * 0.55,
                r * 0.46,
                r * 0.46,
                mix(c, accent, 0.6 if k % 2 else 0.75),
                0.75,
            )
        pen.oval(x, y, r * 0.28, r * 0.28, lighter(accent, 0.3))
    pen.path(
        d("M", -6.8, 38, "C", -2, 44, -12, 52, -6, 62), stroke=mix(c, accent, 0.5), width=0.35, alpha=0.7
    )


def changshan(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(
        d("M", 0, 23.0, "C", 3, 29, 9, 31, a.shoulder - 3.4, 37.0, "L", a.waist + 1, 92),
        stroke=darker(c, 0.42),
        width=0.5,
    )
    for x, y, t in ((0.4, 24.6, 75), (6.0, 30.4, 28), (a.shoulder - 4.6, 37.4, 60), (a.waist - 0.4, 52, 85)):
        knot(pen, x, y, t, accent)
    for k in range(3):  # woven roundels
        x, y = ((-8.0, 42.0), (2.0, 52.0), (-7.0, 66.0))[k]
        pen.oval(x, y, 3.2, 3.2, mix(c, accent, 0.22), 0.5)
        pen.oval(x, y, 2.2, 2.2, c, 0.55)


def robe(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    pen.path(polygon([(-n - 2, 16), (n + 2, 16), (0.6, 33)]), SHIRT)
    skin_v(pen, a, 26.0, 0.0)
    pen.path(
        d(
            "M",
            n + 1.2,
            16.4,
            "C",
            n,
            24,
            -1,
            36,
            -a.waist - 1,
            58,
            "L",
            -a.waist + 3.4,
            62,
            "C",
            3,
            40,
            n + 3.6,
            28,
            n + 4.6,
            19,
            "Z",
        ),
        darker(accent, 0.12),
    )
    pen.path(
        d(
            "M",
            -n - 1.2,
            16.4,
            "C",
            -n,
            24,
            1,
            36,
            a.waist + 1,
            58,
            "L",
            a.waist - 3.4,
            62,
            "C",
            -3,
            40,
            -n - 3.6,
            28,
            -n - 4.6,
            19,
            "Z",
        ),
        accent,
        stroke=darker(accent, 0.35),
        width=0.3,
    )
    pen.rect(-a.waist - 4, 58, a.waist * 2 + 8, 8.5, darker(accent, 0.4))
    pen.path(d("M", -a.waist - 4, 62.2, "L", a.waist + 4, 62.2), stroke=lighter(accent, 0.2), width=0.6)
    pen.path(polygon([(-2.2, 66), (2.2, 66), (3.4, 90), (-3.4, 90)]), darker(accent, 0.3))
