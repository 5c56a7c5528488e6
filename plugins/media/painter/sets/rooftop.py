"""The rooftop over the city."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, polygon
from ..stage import (
    LEFT,
    TOP,
    Stage,
    lamp_pool,
    sky,
    skyline,
    tiles,
)
from .parts import WIDE, bystanders, wet_ground


def rooftop(pen: Pen, stage: Stage) -> None:
    """The city all round, a parapet, a water tank, vents."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    skyline(pen, stage, LEFT, -20, WIDE, 400, "a")
    skyline(pen, stage, LEFT, 0, WIDE, 220, "b")
    if light.dark:
        pen.glow(0, -40, 520, "#ffb26a", 0.35, 0.45)
    deck = stage.lit("#85868c")
    tiles(pen, stage, "#85868c", gap=96)
    wall = stage.lit("#a29c94")
    pen.rect(LEFT, -62, WIDE, 66, pen.linear((0, -62), (0, 0), (0, wall), (1, darker(wall, 0.35))))
    pen.rect(LEFT, -70, WIDE, 11, lighter(wall, 0.12), r=2)
    for x in map(float, range(-620, 640, 90)):
        pen.line((x, -58), (x, 0), darker(wall, 0.35), 1.4, 0.6)
    pen.rect(LEFT, -112, WIDE, 3.4, darker(deck, 0.5))
    for x in map(float, range(-630, 640, 54)):
        pen.rect(x, -112, 3, 44, darker(deck, 0.5))
    tx = -196.0
    tank = stage.lit("#8a6a52")
    for k in (-34, 0, 34):
        pen.line((tx + k, 20), (tx + k * 0.8, -110), darker(tank, 0.55), 5)
    pen.rect(
        tx - 48,
        -226,
        96,
        120,
        pen.linear((tx - 48, 0), (tx + 48, 0), (0, lighter(tank, 0.14)), (0.4, tank), (1, darker(tank, 0.5))),
        r=4,
    )
    pen.path(polygon([(tx - 54, -224), (tx, -262), (tx + 54, -224)]), darker(tank, 0.35))
    for y in (-200.0, -160.0, -124.0):
        pen.rect(tx - 48, y, 96, 3, darker(tank, 0.45))
    for x, w in ((190.0, 84.0), (-420.0, 90.0), (420.0, 80.0)):
        box = stage.lit("#b4b8ba")
        pen.rect(
            x - w / 2,
            -66,
            w,
            92,
            pen.linear((x - w / 2, 0), (x + w / 2, 0), (0, box), (1, darker(box, 0.35))),
            r=3,
        )
        for k in range(6):
            pen.line((x - w * 0.4, -52 + k * 9), (x + w * 0.4, -52 + k * 9), darker(box, 0.45), 2.4)
    wet_ground(pen, stage)
    pen.rect(98, -190, 3, 200, "#22242a")
    pen.oval(99.5, -192, 6, 6, mix("#8f8a7a", "#ffe6a6", light.lamp))
    lamp_pool(pen, 99.5, -190, 190, "#ffcf86", light.lamp)
    lamp_pool(pen, 90, 40, 170, "#ffcf86", light.lamp * 0.7, 0.3)
    bystanders(pen, stage, (-330.0, 290.0), 16)
