"""Plain country, for an outdoor place that the painter does not know."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, smooth
from ..stage import (
    FLOOR,
    LEFT,
    RIGHT,
    TOP,
    Stage,
    lamp_pool,
    sky,
)
from .parts import WIDE, bystanders, tree, wet_ground


def open_country(pen: Pen, stage: Stage) -> None:
    """A plain exterior for a place that the painter does not know: hills, trees, a wall, a path."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    for layer in range(3):
        tone = mix(stage.lit("#5f7a62"), light.haze, 0.7 - layer * 0.2)
        pts = [(LEFT, 0.0)]
        for k in range(12):
            pts.append((LEFT + k * WIDE / 11, -60 - stage.rand(10, 130 - layer * 34, "ridge", layer, k)))
        pts.append((RIGHT, 0.0))
        pen.path(smooth([*pts, (0, 60)], tension=0.7), tone)
    for k, (x, size) in enumerate(((-190.0, 340.0), (206.0, 380.0), (-420.0, 320.0), (440.0, 350.0))):
        tree(pen, stage, x, 8, size, ("t", k))
    wall = stage.lit("#b3a894")
    for x, w in ((LEFT, 560.0), (60.0, RIGHT - 60)):
        pen.rect(x, -56, w, 58, pen.linear((0, -56), (0, 2), (0, wall), (1, darker(wall, 0.3))))
        pen.rect(x - 3, -62, w + 6, 9, lighter(wall, 0.1), r=2)
        for k in range(int(w / 40)):
            pen.line((x + k * 40, -52), (x + k * 40, -28), darker(wall, 0.3), 1.2, 0.5)
            pen.line((x + 20 + k * 40, -28), (x + 20 + k * 40, 0), darker(wall, 0.3), 1.2, 0.5)
    ground = stage.lit("#a39a80")
    pen.rect(
        LEFT,
        0,
        WIDE,
        FLOOR,
        pen.linear((0, 0), (0, FLOOR), (0, darker(ground, 0.15)), (0.3, ground), (1, darker(ground, 0.3))),
    )
    pen.path(
        smooth([(-70, 0), (50, 0), (130, 120), (220, FLOOR), (-230, FLOOR), (-130, 120)], tension=0.6),
        lighter(ground, 0.14),
    )
    for k in range(50):
        x, y = stage.rand(-520, 520, "tuft", k), stage.rand(4, 190, "tufty", k)
        if abs(x) > 80 + y * 0.7:
            pen.path(
                d("M", x - 4, y, "l", -2, -7, "M", x, y, "l", 0, -9, "M", x + 4, y, "l", 3, -7),
                stroke=darker(stage.lit("#6d8650"), 0.15),
                width=1.3,
                alpha=0.8,
            )
    wet_ground(pen, stage)
    pen.rect(-118, -210, 4, 216, darker(stage.lit("#3a3d44"), 0.1))
    pen.oval(-116, -214, 8, 8, mix("#a09a88", "#ffe6a6", light.lamp))
    lamp_pool(pen, -116, -210, 190, "#ffcf86", light.lamp)
    lamp_pool(pen, -110, 20, 170, "#ffcf86", light.lamp * 0.7, 0.3)
    bystanders(pen, stage, (-250.0, -90.0, 150.0, 280.0), 16)
