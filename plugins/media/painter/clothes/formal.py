"""Suit, shirt, uniform and white coat."""

from __future__ import annotations

from ..anatomy import Anatomy
from ..colour import darker, lighter, luma, mix
from ..pen import Pen, d, polygon
from .cut import SHIRT
from .necks import collar, skin_v


def suit(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(polygon([(-8, 16), (8, 16), (5, 40), (0, 57), (-5, 40)]), SHIRT)
    pen.path(polygon([(0, 16), (8, 16), (5, 40), (0, 57)]), darker(SHIRT, 0.16))
    skin_v(pen, a, 24.0, -0.4)
    if not a.feminine:
        tie = accent if luma(accent) < 0.62 else darker(accent, 0.35)
        pen.path(
            polygon([(-1.7, 22.8), (1.7, 22.8), (1.1, 26.2), (2.6, 48), (0, 53), (-2.6, 48), (-1.1, 26.2)]),
            tie,
        )
        pen.path(polygon([(0, 22.8), (1.7, 22.8), (1.1, 26.2), (2.6, 48), (0, 53)]), darker(tie, 0.3))
        pen.path(polygon([(-1.7, 22.8), (1.7, 22.8), (1.1, 26.4), (-1.1, 26.4)]), lighter(tie, 0.14))
    collar(pen, a, "#f6f4f0", 28.2, 6.2)
    for s in (-1, 1):
        lapel = lighter(c, 0.07) if s < 0 else darker(c, 0.16)
        pen.path(
            polygon(
                [
                    (s * (a.neck + 2.6), 18.2),
                    (s * 10.2, 33.2),
                    (s * 8.0, 35.0),
                    (s * 9.4, 38.0),
                    (s * 0.3, 60),
                    (s * 3.2, 42),
                    (s * 5.2, 26),
                ]
            ),
            lapel,
            stroke=darker(c, 0.5),
            width=0.3,
        )
    pen.path(d("M", 0.3, 60, "L", 1.6, 90), stroke=darker(c, 0.55), width=0.5)
    pen.oval(-0.9, 63.5, 0.9, 0.9, darker(c, 0.6))
    pen.oval(-0.7, 70.5, 0.9, 0.9, darker(c, 0.6))
    pen.path(
        polygon([(7.2, 41.6), (11.8, 41.0), (11.6, 39.2), (9.9, 40.6), (9.0, 38.4), (7.4, 40.2)]),
        mix(accent, "#ffffff", 0.35),
    )
    pen.path(d("M", 6.6, 42.0, "L", 12.4, 41.2), stroke=darker(c, 0.55), width=0.5)


def shirt(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    skin_v(pen, a, 27.0 if a.feminine else 25.5, 0.2)
    collar(pen, a, lighter(c, 0.1), 29.5, 7.0)
    pen.path(
        d("M", -1.5, 28, "L", -1.5, 92, "M", 1.5, 28.5, "L", 1.5, 92), stroke=darker(c, 0.32), width=0.28
    )
    for k in range(6):
        pen.oval(0, 33 + k * 10, 0.75, 0.75, lighter(c, 0.5))
        pen.oval(0, 33 + k * 10, 0.3, 0.3, darker(c, 0.3))
    if not a.feminine:
        pen.path(
            d("M", 6, 40, "L", 12.4, 40, "L", 12.2, 47, "L", 9.2, 48.6, "L", 6.2, 47, "Z"),
            stroke=darker(c, 0.35),
            width=0.35,
        )


def labcoat(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(polygon([(-6, 16), (6, 16), (4, 40), (0, 58), (-4, 40)]), mix("#5b8fb0", accent, 0.15))
    skin_v(pen, a, 24.5, 0.0)
    for s in (-1, 1):
        pen.path(
            polygon(
                [
                    (s * (a.neck + 1.8), 17.4),
                    (s * 10.2, 31.0),
                    (s * 8.0, 33.0),
                    (s * 9.2, 36.0),
                    (s * 0.4, 60),
                    (s * 3.0, 42),
                    (s * 4.8, 26),
                ]
            ),
            "#f6f8f9" if s < 0 else "#cfd6db",
            stroke="#a9b3ba",
            width=0.3,
        )
    pen.path(d("M", 0.4, 60, "L", 1.4, 116), stroke="#a4aeb6", width=0.5)
    pen.path(
        d(
            "M",
            -a.neck - 1.4,
            18,
            "C",
            -8,
            30,
            -6,
            38,
            -4,
            44,
            "M",
            a.neck + 1.4,
            18,
            "C",
            8,
            28,
            6,
            36,
            5,
            42,
        ),
        stroke="#2c3138",
        width=0.7,
    )
    pen.oval(-4, 45, 1.4, 1.4, "#aab4bd")
    pen.rect(7.2, 40, 5.6, 7.4, "#dfe5e9", r=0.4)
    pen.rect(8.0, 38.6, 0.6, 5, accent)
    pen.rect(9.4, 38.2, 0.6, 5, "#2c4f8a")


def uniform(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    skin_v(pen, a, 23.4, -0.3)
    pen.path(polygon([(-5, 19), (5, 19), (2.4, 30), (-2.4, 30)]), mix(SHIRT, c, 0.25))
    pen.path(polygon([(-1.5, 22.8), (1.5, 22.8), (1.9, 31), (-1.9, 31)]), darker(c, 0.5))
    collar(pen, a, lighter(c, 0.1), 31, 8.0)
    pen.path(d("M", 0, 30, "L", 0, 92), stroke=darker(c, 0.5), width=0.4)
    for k in range(4):
        pen.oval(0, 36 + k * 11, 0.95, 0.95, "#d9b45a")
    for s in (-1, 1):
        pen.path(
            polygon([(s * 5.4, 40), (s * 13.2, 40), (s * 13.0, 49), (s * 9.3, 50.4), (s * 5.6, 49)]),
            c,
            stroke=darker(c, 0.45),
            width=0.35,
        )
        pen.path(
            polygon(
                [
                    (s * (a.shoulder - 8), 22.2),
                    (s * (a.shoulder - 0.6), 24.4),
                    (s * (a.shoulder - 0.6), 27.2),
                    (s * (a.shoulder - 8), 24.6),
                ]
            ),
            darker(c, 0.4),
        )
        pen.oval(s * (a.shoulder - 2.4), 25.4, 0.6, 0.6, "#e0be62")
    pen.path(polygon([(8.0, 36.0), (11, 36.0), (10.6, 38.4), (9.5, 39.4), (8.4, 38.4)]), "#d9b45a")
    pen.rect(-a.waist - 3, 62, a.waist * 2 + 6, 4.0, "#1e1a1c")
    pen.rect(-2.2, 61.7, 4.4, 4.6, "#c9a450", r=0.5)
