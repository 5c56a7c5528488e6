"""The forest."""

from __future__ import annotations

from ..colour import darker, mix
from ..pen import Pen, d, polygon, smooth
from ..stage import (
    FLOOR,
    LEFT,
    TOP,
    Stage,
    sky,
)
from .parts import WIDE, bystanders, tree, wet_ground


def forest(pen: Pen, stage: Stage) -> None:
    """Trees in three depths, a path, grass."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    for layer, (count, base, size) in enumerate(((16, -30.0, 300.0), (11, -10.0, 380.0))):
        for k in range(count):
            x = LEFT + (k + stage.rand(0.1, 0.9, "far", layer, k)) * WIDE / count
            h = size * stage.rand(0.8, 1.25, "farh", layer, k)
            tone = mix(stage.lit("#4c6a4e"), light.haze, 0.62 - 0.26 * layer)
            pen.rect(x - 4, base - h * 0.5, 8, h * 0.5, darker(tone, 0.2))
            for tier in range(4):  # a fir in four skirts
                y, half = base - h * (1 - 0.2 * tier), h * (0.05 + 0.035 * tier)
                skirt = [
                    (x, y),
                    (x + half, y + h * 0.3),
                    (x + half * 0.3, y + h * 0.27),
                    (x - half, y + h * 0.3),
                ]
                pen.path(polygon(skirt), mix(tone, darker(tone, 0.3), tier / 6))
    grass = stage.lit("#6d8650")
    pen.rect(
        LEFT,
        -24,
        WIDE,
        FLOOR + 24,
        pen.linear(
            (0, -24), (0, 200), (0, mix(grass, light.haze, 0.35)), (0.4, grass), (1, darker(grass, 0.3))
        ),
    )
    path = stage.lit("#b09a74")
    pen.path(
        smooth(
            [(-12, -24), (14, -24), (24, 20), (70, 110), (150, FLOOR), (-90, FLOOR), (-50, 110), (-24, 20)],
            tension=0.6,
        ),
        pen.linear((0, -24), (0, 200), (0, mix(path, light.haze, 0.3)), (1, path)),
    )
    for k, (x, size) in enumerate(
        ((-98.0, 330.0), (104.0, 380.0), (-330.0, 460.0), (318.0, 450.0), (-500.0, 420.0), (500.0, 430.0))
    ):
        tree(pen, stage, x, 26, size, ("near", k))
    for k in range(150):
        x, y = stage.rand(-460, 460, "tuft", k), stage.rand(-14, 170, "tufty", k)
        if abs(x) > 34 + y * 0.5:
            pen.path(
                d("M", x - 4, y, "l", -2, -9, "M", x, y, "l", 0, -12, "M", x + 4, y, "l", 3, -9),
                stroke=darker(grass, 0.3),
                width=1.3,
                alpha=0.8,
            )
    wet_ground(pen, stage)
    bystanders(pen, stage, (-120.0, 130.0), 0)
