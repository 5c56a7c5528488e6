"""What several sets have in common: walls, tables, trees, wet ground, people who stand about."""

from __future__ import annotations

import math

from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon, smooth
from ..stage import FLOOR, LEFT, RIGHT, TOP, Stage, extra

WIDE = RIGHT - LEFT


def back_wall(pen: Pen, stage: Stage, colour: str, low: str = "") -> None:
    tone = stage.lit(colour)
    end = stage.lit(low) if low else darker(tone, 0.22)
    pen.rect(
        LEFT,
        TOP,
        RIGHT - LEFT,
        -TOP + 1,
        pen.linear((0, -420), (0, 0), (0, darker(tone, 0.4)), (0.45, tone), (1, end)),
    )


def plain_table(pen: Pen, stage: Stage, x: float, y: float, w: float, h: float, wood: str) -> None:
    t = stage.lit(wood)
    for s in (-1, 1):
        pen.rect(x + s * w * 0.42 - 2.4, y - h, 4.8, h, darker(t, 0.42))
    pen.oval(x, y, w * 0.56, 5, "#000000", 0.24)
    pen.rect(
        x - w / 2,
        y - h,
        w,
        6,
        pen.linear((x - w / 2, 0), (x + w / 2, 0), (0, lighter(t, 0.2)), (0.5, t), (1, darker(t, 0.3))),
        r=1.5,
    )
    pen.rect(x - w * 0.46, y - h + 6, w * 0.92, 8, darker(t, 0.32))


def tea_things(pen: Pen, stage: Stage, x: float, y: float) -> None:
    clay = stage.lit("#7a3f2c")
    pen.oval(
        x,
        y - 6.5,
        7.5,
        6.3,
        pen.radial((x - 2.5, y - 9), 10, (0, lighter(clay, 0.25)), (0.6, clay), (1, darker(clay, 0.4))),
    )
    pen.path(d("M", x + 6.5, y - 6, "q", 5.5, -1, 6, -6), stroke=clay, width=1.8)
    pen.path(d("M", x - 6, y - 9.5, "c", -7, -1, -7, 7, 0, 6.4), stroke=clay, width=1.5)
    pen.oval(x, y - 12.6, 2.8, 1.2, darker(clay, 0.15))
    pen.oval(x, y - 14.0, 1.1, 1.1, clay)
    for k in (-20, 19, 27):
        cup = stage.lit("#e8ecec")
        pen.path(polygon([(x + k - 3.2, y - 5), (x + k + 3.2, y - 5), (x + k + 2, y), (x + k - 2, y)]), cup)
        pen.oval(x + k, y - 5, 3.2, 0.9, darker(cup, 0.2))


def wet_ground(pen: Pen, stage: Stage) -> None:
    """Puddles or snow on the ground."""
    light = stage.light
    if light.weather == "rain":
        for k in range(16):
            x, y = stage.rand(-360, 360, "puddle", k), stage.rand(14, 190, "puddle y", k)
            pen.oval(
                x,
                y,
                stage.rand(24, 60, "puddle w", k),
                3 + y * 0.05,
                mix(light.sky_low, "#ffffff", 0.12),
                0.34,
            )
    elif light.weather == "snow":
        pen.rect(LEFT, 0, WIDE, FLOOR, "#f2f6fb", 0.55 if not light.dark else 0.3)


def bystanders(pen: Pen, stage: Stage, places: tuple[float, ...], sole: float) -> None:
    """People who stand about: at the set's own places, and near the middle for an upright frame."""
    if stage.crowded:
        for k, x in enumerate((*places, -78.0, 74.0, -44.0, 112.0, -118.0)):
            extra(pen, stage, x, sole - (k % 3) * 5, k)


def tree(
    pen: Pen, stage: Stage, x: float, sole: float, size: float, tag: object, leaf: str = "#55794a"
) -> None:
    """A trunk that forks, and a crown of leaf clouds in three tones."""
    bark = stage.lit("#5b4334")
    pen.path(
        smooth(
            [
                (x - size * 0.055, sole),
                (x - size * 0.03, sole - size * 0.4),
                (x - size * 0.16, sole - size * 0.62),
                (x, sole - size * 0.5),
                (x + size * 0.15, sole - size * 0.64),
                (x + size * 0.035, sole - size * 0.4),
                (x + size * 0.06, sole),
            ],
            tension=0.6,
        ),
        pen.linear((x - 10, 0), (x + 10, 0), (0, lighter(bark, 0.12)), (1, darker(bark, 0.4))),
    )
    base = stage.lit(leaf)
    for tone, dy, k in ((darker(base, 0.35), 0.05, 0), (base, 0.0, 1), (lighter(base, 0.14), -0.06, 2)):
        for j in range(13 - 2 * k):
            # Clouds of leaves round a ring, larger towards the middle, each with a ragged edge.
            ox = stage.rand(-0.3, 0.3, "leaf", tag, k, j) * size * (1 - 0.2 * k)
            oy = stage.rand(-0.24, 0.12, "leafy", tag, k, j) * size
            r = size * stage.rand(0.06, 0.12, "leafr", tag, k, j)
            cx, cy = x + ox - k * size * 0.02, sole - size * 0.76 + oy + dy * size
            ring = [
                (
                    cx + r * 1.2 * math.cos(m * 0.5712) * (1 if m % 2 else 0.8),
                    cy + r * math.sin(m * 0.5712) * (1 if m % 2 else 0.8),
                )
                for m in range(11)
            ]
            pen.path(smooth(ring), tone)
