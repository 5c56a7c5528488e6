"""The plain room, for an indoor place that the painter does not know."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, polygon
from ..stage import (
    LEFT,
    RIGHT,
    TOP,
    Stage,
    extra,
    lamp_pool,
    planks,
    plant,
    window,
)
from .parts import back_wall, plain_table


def room(pen: Pen, stage: Stage) -> None:
    """A plain room for a place that the painter does not know: window, door, cupboard, table."""
    hue = ("#b6a58f", "#9fa9a6", "#a79aa8", "#b0ab8e")[int(stage.rand(0, 4, "wall"))]
    back_wall(pen, stage, hue)
    pen.rect(LEFT, TOP, RIGHT - LEFT, -308 - TOP, darker(stage.lit("#d8d2c6"), 0.3))
    pen.rect(LEFT, -312, RIGHT - LEFT, 8, stage.lit("#e2dccf"))
    shift = stage.rand(-40, 40, "shift")
    for x in (-120.0 + shift, 250.0 + shift, -480.0 + shift):
        window(pen, stage, x - 62, -252, 124, 146, "#d9cfbd", 2, city=stage.rand(0, 1, "city") < 0.6)
    for x in (96.0 + shift, -330.0 + shift):
        door = stage.lit("#7a5a42")
        pen.rect(x - 48, -218, 96, 218, darker(door, 0.35))
        pen.rect(
            x - 42,
            -212,
            84,
            212,
            pen.linear((x - 42, 0), (x + 42, 0), (0, lighter(door, 0.12)), (1, darker(door, 0.2))),
        )
        for y, h in ((-200.0, 84.0), (-104.0, 92.0)):
            pen.rect(x - 31, y, 62, h, darker(door, 0.2), r=2)
            pen.rect(x - 28, y + 3, 56, h - 6, door, r=2)
        pen.oval(x + 33, -104, 3.4, 3.4, stage.lit("#d6b25e"))
    pen.rect(LEFT, -16, RIGHT - LEFT, 16, darker(stage.lit(hue), 0.45))
    planks(pen, stage, "#8a6a4c")
    for x in (-232.0, 404.0):
        wood = stage.lit("#6a4a38")
        pen.rect(
            x - 50,
            -132,
            100,
            138,
            pen.linear((x - 50, 0), (x + 50, 0), (0, lighter(wood, 0.1)), (1, darker(wood, 0.3))),
            r=2,
        )
        for y in (-120.0, -78.0, -36.0):
            pen.rect(x - 42, y, 84, 34, darker(wood, 0.18), r=2)
            pen.oval(x, y + 17, 3, 3, stage.lit("#c9a45a"))
        plant(pen, stage, x - 14, -132, 62)
    plain_table(pen, stage, -20, 26, 120, 70, "#7a573e")
    pen.rect(-44, -52, 26, 8, stage.lit("#8a3f3a"), r=1)
    pen.rect(-41, -59, 24, 7, stage.lit("#3f5f6e"), r=1)
    lx = 8.0
    power = stage.light.lamp
    pen.rect(lx - 1.4, -74, 2.8, 30, stage.lit("#2f2a28"))
    pen.path(
        polygon([(lx - 9, -92), (lx + 9, -92), (lx + 17, -70), (lx - 17, -70)]),
        mix(stage.lit("#d9c9a4"), "#ffdf9c", power),
    )
    lamp_pool(pen, lx, -74, 170, "#ffc470", power)
    lamp_pool(pen, 220, -150, 200, "#ffc470", power * 0.5)
    if stage.crowded:
        for k, x in enumerate((-160.0, 60.0, 170.0, 300.0)):
            extra(pen, stage, x, 8, k)
