"""Jacket, sweater, hoodie, dress and coat."""

from __future__ import annotations

from ..anatomy import Anatomy
from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon, smooth
from .necks import skin_v


def jacket(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(
        polygon([(-7, 16), (7, 16), (4.5, 50), (2.4, 92), (-2.4, 92), (-4.5, 50)]),
        mix("#e6e2da", accent, 0.12),
    )
    pen.path(polygon([(0, 16), (7, 16), (4.5, 50), (2.4, 92), (0, 92)]), "#1a1420", 0.16)
    skin_v(pen, a, 24.5, 0.1)
    for s in (-1, 1):
        pen.path(
            polygon(
                [
                    (s * (a.neck + 0.8), 15.8),
                    (s * (a.neck + 5.5), 21.6),
                    (s * 8.4, 33),
                    (s * 4.4, 31),
                    (s * 4.0, 23),
                ]
            ),
            lighter(c, 0.12) if s < 0 else darker(c, 0.2),
            stroke=darker(c, 0.5),
            width=0.3,
        )
        pen.path(
            d("M", s * 4.4, 31, "L", s * 2.6, 92), stroke="#c9ccd2", width=0.6, dash="0.9 0.7", butt=True
        )
        pen.path(d("M", s * 8.2, 62, "L", s * 12.2, 72), stroke=darker(c, 0.5), width=0.6)
        pen.path(d("M", s * 8.0, 40, "L", s * (a.shoulder - 3.5), 39), stroke=darker(c, 0.4), width=0.4)


def sweater(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    skin_v(pen, a, 23.6, 0.6)
    ring = d(
        "M",
        -n - 1.6,
        18.4,
        "Q",
        0,
        27.4,
        n + 1.6,
        18.4,
        "L",
        n + 3.4,
        20.2,
        "Q",
        0,
        31.4,
        -n - 3.4,
        20.2,
        "Z",
    )
    pen.path(ring, lighter(c, 0.1), stroke=darker(c, 0.35), width=0.25)
    for k in range(-5, 6):
        pen.path(
            d("M", k * 1.15, 24.6 - k * k * 0.14, "L", k * 1.3, 27.2 - k * k * 0.16),
            stroke=darker(c, 0.3),
            width=0.26,
        )
    for row, y in enumerate((38.0, 43.5)):
        pts: list[str | float] = ["M", -26, y]
        for k in range(-8, 9):
            pts += ["L", k * 3.0, y + (1.6 if k % 2 else -1.6)]
        pen.path(d(*pts), stroke=accent if row == 0 else lighter(c, 0.45), width=0.8, alpha=0.8)


def hoodie(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    skin_v(pen, a, 24.6, 0.4)
    pen.path(
        d(
            "M",
            -n - 3.2,
            13.6,
            "C",
            -n - 7.5,
            18,
            -n - 5.5,
            26,
            0,
            31.5,
            "C",
            n + 5.5,
            26,
            n + 7.5,
            18,
            n + 3.2,
            13.6,
            "C",
            n + 2.8,
            20,
            4,
            24.6,
            0,
            26.4,
            "C",
            -4,
            24.6,
            -n - 2.8,
            20,
            -n - 3.2,
            13.6,
            "Z",
        ),
        lighter(c, 0.1),
        stroke=darker(c, 0.4),
        width=0.3,
    )
    for s in (-1, 1):
        pen.path(
            d("M", s * 3.0, 27.6, "q", s * 0.6, 6, -s * 0.2, 11.5), stroke=lighter(accent, 0.4), width=0.55
        )
        pen.oval(s * 2.8, 39.4, 0.5, 0.9, lighter(accent, 0.4))
    pen.path(
        polygon([(-9, 66), (9, 66), (12, 82), (-12, 82)]), lighter(c, 0.05), stroke=darker(c, 0.4), width=0.4
    )


def dress(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    pts = [
        (-n - 5.2, 16),
        (n + 5.2, 16),
        (n + 3.4, 24),
        (n * 0.8, 31.6),
        (0, 33.4),
        (-n * 0.8, 31.6),
        (-n - 3.4, 24),
    ]
    pen.path(
        smooth(pts, tension=0.8),
        pen.linear((0, 17), (0, 33), (0, a.shade), (0.45, mix(a.skin, a.shade, 0.25)), (1, a.skin)),
    )
    pen.path(
        d(
            "M",
            -n - 1.4,
            22.2,
            "Q",
            -n * 0.4,
            23.8,
            -0.8,
            23.6,
            "M",
            n + 1.4,
            22.2,
            "Q",
            n * 0.4,
            23.8,
            0.8,
            23.6,
        ),
        stroke=a.shade,
        width=0.4,
    )
    pen.path(smooth(pts[2:], closed=False, tension=0.8), stroke=lighter(c, 0.22), width=0.6)
    pen.path(d("M", -n - 0.2, 19, "Q", 0, 29.5, n + 0.2, 19), stroke=accent, width=0.32)
    pen.oval(0, 25.0, 0.85, 1.0, accent)
    pen.oval(-0.25, 24.7, 0.3, 0.3, "#ffffff", 0.8)
    pen.path(
        d(
            "M",
            -a.waist - 2,
            60,
            "Q",
            0,
            63.5,
            a.waist + 2,
            60,
            "L",
            a.waist + 2,
            64,
            "Q",
            0,
            67.5,
            -a.waist - 2,
            64,
            "Z",
        ),
        darker(c, 0.3),
    )


def coat(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(polygon([(-7, 16), (7, 16), (3.5, 40), (0, 54), (-3.5, 40)]), mix("#2a2730", accent, 0.35))
    skin_v(pen, a, 24.0, 0.0)
    n = a.neck
    scarf = mix("#2a2730", accent, 0.6)
    pen.path(
        d(
            "M",
            -n - 1.6,
            15.6,
            "Q",
            0,
            22.0,
            n + 1.6,
            15.6,
            "L",
            n + 2.8,
            20.6,
            "Q",
            0,
            28.6,
            -n - 2.8,
            20.6,
            "Z",
        ),
        scarf,
    )
    pen.path(d("M", -n - 1.8, 18.0, "Q", 0, 25.0, n + 1.8, 18.0), stroke=darker(scarf, 0.35), width=0.4)
    for s in (-1, 1):
        lapel = lighter(c, 0.1) if s < 0 else darker(c, 0.18)
        pen.path(
            polygon(
                [
                    (s * (n + 2.4), 17.6),
                    (s * 12.6, 30.4),
                    (s * 9.6, 33.4),
                    (s * 11.4, 37.0),
                    (s * 1.4, 58),
                    (s * 2.6, 42),
                    (s * 5.4, 25),
                ]
            ),
            lapel,
            stroke=darker(c, 0.5),
            width=0.3,
        )
    pen.path(d("M", 1.4, 58, "L", 2.4, 116), stroke=darker(c, 0.5), width=0.5)
    for y in (62.0, 74.0):
        for x in (-4.4, 5.6):
            pen.oval(x, y, 1.15, 1.15, darker(c, 0.62))
            pen.oval(x - 0.25, y - 0.3, 0.4, 0.35, lighter(c, 0.4), 0.8)
