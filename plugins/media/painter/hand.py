"""Hands: small ones at the end of an arm, and the large one of an insert shot."""

from __future__ import annotations

import math

from .colour import darker, lighter
from .pen import Pen, Point, capsule, d, smooth


def draw_hand(pen: Pen, wrist: Point, angle: float, skin: str, shade: str, kind: str, mirror: int) -> None:
    """A hand from its wrist, pointing along `angle` (degrees, 90 = down); kind: open, grip, point or fist."""
    flip = f" scale(1 {mirror})" if mirror < 0 else ""
    line = darker(shade, 0.2)
    with pen.group(f"translate({wrist[0]:.2f} {wrist[1]:.2f}) rotate({angle:.2f}){flip}"):
        if kind == "open":
            for k, (y, reach, spread) in enumerate(
                ((-2.3, 9.6, -0.5), (-0.8, 10.7, -0.1), (0.75, 10.2, 0.25), (2.1, 8.8, 0.6))
            ):
                pen.path(
                    capsule((4.8, y), (reach, y + spread), 0.98, 0.74),
                    skin if k < 3 else shade,
                    stroke=shade,
                    width=0.16,
                )
        elif kind == "point":
            pen.path(capsule((4.6, -2.0), (11.4, -2.3), 1.05, 0.8), skin, stroke=shade, width=0.16)
        pen.path(
            smooth([(-0.6, -2.2), (2.2, -3.2), (5.4, -3.1), (6.3, 0), (5.4, 2.9), (2.2, 2.8), (-0.6, 2.2)]),
            skin,
        )
        if kind in ("grip", "fist", "point"):
            start = 1 if kind == "point" else 0
            for k in range(start, 4):
                y = -2.3 + k * 1.5
                pen.path(capsule((4.6, y), (6.3, y + 0.1), 1.0, 0.86), skin, stroke=line, width=0.16)
        pen.path(
            smooth([(1.0, -2.6), (3.4, -4.3), (5.9, -4.7), (6.6, -3.7), (4.4, -2.9), (3.0, -1.6)]),
            skin,
            stroke=shade,
            width=0.18,
        )
        pen.path(d("M", 0, 2.0, "Q", 3, 2.9, 5.6, 2.4), stroke=shade, width=0.7, alpha=0.6)


def draw_large_hand(
    pen: Pen, tip: Point, angle: float, size: float, skin: str, shade: str, sleeve: str, trim: str
) -> None:
    """A hand and its sleeve for an insert: fingertips reach `tip`, the arm comes along `angle` (degrees)."""
    line = darker(shade, 0.25)
    with pen.group(
        f"translate({tip[0]:.2f} {tip[1]:.2f}) rotate({angle:.2f}) scale({size:.3f}) translate(-20 0)"
    ):
        # Local frame: x runs from the arm (negative) to the fingertips (20).
        pen.path(
            smooth([(-70, -12), (-20, -9), (-9, -7.0), (-8, 7.0), (-20, 10), (-70, 14)]),
            pen.linear(
                (0, -10), (0, 12), (0, lighter(sleeve, 0.12)), (0.5, sleeve), (1, darker(sleeve, 0.4))
            ),
        )
        for k in range(3):
            pen.path(
                d("M", -24 - k * 9, -8, "q", 3, 7, -1, 15), stroke=darker(sleeve, 0.35), width=0.6, alpha=0.6
            )
        pen.path(smooth([(-12.4, -7.6), (-8, -7.0), (-7.4, 0), (-8, 7.2), (-12.4, 7.9), (-11.4, 0)]), trim)
        pen.path(
            smooth(
                [
                    (-9, -4.6),
                    (-2, -4.6),
                    (4, -6.4),
                    (9.4, -6.2),
                    (11.0, 0),
                    (9.4, 5.6),
                    (3, 5.6),
                    (-3, 4.4),
                    (-9, 4.6),
                ]
            ),
            pen.linear((0, -6), (0, 6), (0, lighter(skin, 0.12)), (0.5, skin), (1, shade)),
        )
        for k, (y, mid, end, bend) in enumerate(
            (
                (-4.6, 14.6, 18.6, -0.6),
                (-1.6, 15.8, 20.2, -0.3),
                (1.5, 15.4, 19.6, 0.1),
                (4.3, 13.4, 17.0, 0.5),
            )
        ):
            fill = pen.linear((0, y - 1.8), (0, y + 1.8), (0, lighter(skin, 0.14)), (0.55, skin), (1, shade))
            pen.path(capsule((8.6, y), (mid, y + bend), 1.78, 1.52), fill)
            pen.path(capsule((mid - 0.4, y + bend), (end, y + bend * 2.2), 1.5, 1.18), fill)
            pen.path(
                d("M", mid - 0.6, y + bend - 1.1, "q", 0.7, 1.1, 0, 2.2), stroke=line, width=0.22, alpha=0.7
            )
            pen.path(
                d("M", 9.0, y + 1.62, "L", end - 1, y + bend * 2.2 + 1.1),
                stroke=line,
                width=0.3,
                alpha=0.7 if k < 3 else 0.2,
            )
            pen.oval(end + 0.25, y + bend * 2.2 - 0.15, 1.0, 0.72, lighter(skin, 0.5), 0.85)
        pen.path(
            smooth(
                [
                    (-1, -4.2),
                    (4, -8.4),
                    (8.6, -11.2),
                    (11.6, -11.9),
                    (12.4, -10.2),
                    (9.6, -7.9),
                    (7.2, -4.6),
                    (3.4, -2.0),
                ]
            ),
            pen.linear((4, -11), (6, -3), (0, lighter(skin, 0.14)), (0.7, skin), (1, shade)),
        )
        pen.oval(11.0, -11.0, 1.05, 0.7, lighter(skin, 0.5), 0.85)
        pen.path(d("M", 7.2, -4.6, "Q", 5, -2.6, 2.4, -2.4), stroke=line, width=0.3, alpha=0.7)
        for k in range(4):
            y = -4.3 + k * 2.9
            pen.path(d("M", 8.2, y - 0.8, "q", 0.9, 0.8, 0, 1.6), stroke=line, width=0.26, alpha=0.5)


def angle_of(a: Point, b: Point) -> float:
    """The direction from a to b in degrees, as SVG rotates."""
    return math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
