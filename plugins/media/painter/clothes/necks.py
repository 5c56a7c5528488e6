"""Necklines and collars."""

from __future__ import annotations

from ..anatomy import Anatomy
from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon, smooth


def skin_v(pen: Pen, a: Anatomy, depth: float, wide: float) -> None:
    n = a.neck
    pts = [
        (-n - wide, 17),
        (n + wide, 17),
        (n * 0.72 + wide * 0.3, 22.5),
        (0, depth),
        (-n * 0.72 - wide * 0.3, 22.5),
    ]
    pen.path(
        smooth(pts, tension=0.45),
        pen.linear((0, 18), (0, depth), (0, a.shade), (0.5, mix(a.skin, a.shade, 0.3)), (1, a.skin)),
    )
    pen.path(
        d(
            "M",
            -n - 0.6,
            21.0,
            "Q",
            -n * 0.5,
            22.6,
            -0.8,
            22.9,
            "M",
            n + 0.6,
            21.0,
            "Q",
            n * 0.5,
            22.6,
            0.8,
            22.9,
        ),
        stroke=a.shade,
        width=0.35,
        alpha=0.9,
    )


def collar(pen: Pen, a: Anatomy, colour: str, drop: float = 29.0, spread: float = 7.0) -> None:
    n = a.neck
    for s in (-1, 1):
        shade = colour if s < 0 else darker(colour, 0.14)
        pen.path(
            polygon(
                [
                    (s * (n + 1.0), 15.8),
                    (s * 0.6, 22.6),
                    (s * (spread * 0.52), drop),
                    (s * (n + spread * 0.66), 22.0),
                ]
            ),
            shade,
            stroke=darker(colour, 0.3),
            width=0.2,
        )


def band(pen: Pen, a: Anatomy, c: str, trim: str) -> None:
    """The standing collar of qipao and changshan."""
    n = a.neck + 0.9
    pen.path(
        d("M", -n, 13.4, "Q", 0, 17.6, n, 13.4, "L", n + 1.0, 21.2, "Q", 0, 25.0, -n - 1.0, 21.2, "Z"),
        pen.linear((-n, 0), (n, 0), (0, lighter(c, 0.14)), (0.5, c), (1, darker(c, 0.35))),
    )
    pen.path(d("M", -n, 13.4, "Q", 0, 17.6, n, 13.4), stroke=trim, width=0.6)
    pen.path(d("M", 0, 15.6, "L", 0, 23.2), stroke=darker(c, 0.4), width=0.3)


def knot(pen: Pen, x: float, y: float, angle: float, colour: str) -> None:
    with pen.group(f"translate({x:.2f} {y:.2f}) rotate({angle:.1f})"):
        pen.line((-2.0, 0), (2.0, 0), colour, 0.55)
        pen.oval(0, 0, 0.85, 0.8, lighter(colour, 0.2))
