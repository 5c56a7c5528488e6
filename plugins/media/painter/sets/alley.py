"""The alley: two brick walls close in on a lane."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon
from ..stage import (
    FLOOR,
    LEFT,
    RIGHT,
    TOP,
    Stage,
    lamp_pool,
    lantern,
    sky,
    skyline,
)
from .parts import WIDE, bystanders, wet_ground


def _lane_end(pen: Pen, stage: Stage) -> None:
    """What closes the lane: an old house with a double door between two lanterns, under tiled eaves."""
    light = stage.light
    wall, wood, tile = stage.lit("#8f8a84"), stage.lit("#6b2f2a"), stage.lit("#4d5258")
    pen.rect(-84, -256, 168, 257, pen.linear((0, -256), (0, 0), (0, darker(wall, 0.35)), (1, wall)))
    for r in range(17):
        y = -14.0 - r * 14
        pen.line((-82, y), (82, y), darker(wall, 0.35), 0.9, 0.6)
        for k in range(6):
            pen.line(
                (-78 + k * 30 + r % 2 * 15, y),
                (-78 + k * 30 + r % 2 * 15, y + 14),
                darker(wall, 0.35),
                0.8,
                0.5,
            )
    pen.path(polygon([(-92, -246), (92, -246), (84, -284), (-84, -284)]), darker(tile, 0.15))
    for k in range(-9, 10):
        pen.line((k * 9.2, -284), (k * 10.0, -247), darker(tile, 0.5), 1.8, 0.8)
        pen.oval(k * 10.0, -245, 4.4, 3.4, tile)
    pen.rect(-42, -160, 84, 160, darker(wood, 0.55))
    pen.rect(-48, -168, 96, 11, lighter(wood, 0.05), r=1)
    for s in (-1, 1):
        x = min(0, s * 38)
        pen.rect(
            x, -154, 38, 152, pen.linear((x, 0), (x + 38, 0), (0, lighter(wood, 0.1)), (1, darker(wood, 0.3)))
        )
        for row in range(5):
            for k in range(3):
                pen.oval(x + 8 + k * 11, -140.0 + row * 15, 1.5, 1.5, stage.lit("#c39a4c"))
        pen.oval(s * 6, -70, 3.6, 3.6, stage.lit("#c39a4c"))
        pen.oval(s * 6, -66, 3.2, 3.8, darker(stage.lit("#c39a4c"), 0.35))
        lantern(pen, stage, s * 58, -150, 12.5, -246)
    pen.rect(-52, -3, 104, 7, lighter(wall, 0.08), r=1)
    lamp_pool(pen, 0, -120, 120, "#ffb05e", light.lamp * 0.8)


def alley(pen: Pen, stage: Stage) -> None:
    """Two brick walls that close in on a strip of sky, pipes, washing, one lamp."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    skyline(pen, stage, -150, -230, 300, 150, "end")
    brick = stage.lit("#8a6a5c")
    pave = stage.lit("#6f6c6e")
    pen.rect(LEFT, 0, WIDE, FLOOR, pen.linear((0, 0), (0, FLOOR), (0, darker(pave, 0.3)), (1, pave)))
    for k in range(-7, 8):
        pen.line((k * 13, 0), (k * 80, FLOOR), darker(pave, 0.4), 1.1, 0.6)
    for y in (8.0, 22.0, 44.0, 80.0, 136.0, 220.0):
        pen.line((LEFT, y), (RIGHT, y), darker(pave, 0.4), 1.1, 0.5)
    wet_ground(pen, stage)
    _lane_end(pen, stage)
    for s in (-1, 1):
        near, far = s * 330.0, s * 78.0
        wall = polygon([(s * 640, TOP), (far, -420), (far, 0), (near, 190), (s * 640, 420)])
        pen.path(
            wall,
            pen.linear(
                (far, 0),
                (s * 420, 0),
                (0, darker(brick, 0.42)),
                (1, brick if s == light.side else darker(brick, 0.25)),
            ),
        )
        # Courses and joints end at the wall's own edges: a clip this large costs more than the whole set.
        for r in range(25):
            pen.line((far, r * -17.0), (s * 640, 415.0 - r * 42.8), darker(brick, 0.42), 1.2, 0.6)
        for k in range(9):
            out = 6 + k * k * 6.2
            pen.line(
                (far + s * out, -420 - out * 0.39),
                (far + s * out, out * 0.75),
                darker(brick, 0.42),
                1.0,
                0.25,
            )
        with pen.group():
            for k, (wx, wy, ww, wh) in enumerate(
                ((122.0, -196.0, 34.0, 74.0), (196.0, -232.0, 56.0, 104.0), (300.0, -262.0, 84.0, 132.0))
            ):
                x = wx if s > 0 else -wx - ww
                lit = light.dark and stage.rand(0, 1, "window", s, k) < 0.6
                glass = "#ffcf80" if lit else mix(light.sky_low, "#26303c", 0.6)
                pen.rect(x - 4, wy - 4, ww + 8, wh + 8, darker(brick, 0.55))
                pen.rect(
                    x, wy, ww, wh, pen.linear((0, wy), (0, wy + wh), (0, glass), (1, darker(glass, 0.3)))
                )
                pen.line((x + ww / 2, wy), (x + ww / 2, wy + wh), darker(brick, 0.55), 3)
                pen.line((x, wy + wh * 0.4), (x + ww, wy + wh * 0.4), darker(brick, 0.55), 3)
                if lit:
                    lamp_pool(pen, x + ww / 2, wy + wh / 2, 110, "#ffbf6c", 0.8)
            px = s * 176
            pen.rect(px - 4, TOP, 8, -TOP + 66, darker(stage.lit("#6a7276"), 0.2))
            pen.rect(px - 6, -120, 12, 8, darker(stage.lit("#6a7276"), 0.4))
            ax = s * 250
            pen.rect(ax - 30, -92, 60, 40, stage.lit("#b9bcb8"), r=3)
            pen.oval(ax - 6, -72, 15, 15, darker(stage.lit("#b9bcb8"), 0.35))
            pen.oval(ax - 6, -72, 4, 4, darker(stage.lit("#b9bcb8"), 0.6))
    pen.path(d("M", -200, -250, "Q", 0, -214, 200, -262), stroke="#1d1b20", width=1.4)
    for k, x in enumerate((-96.0, -52.0, 18.0, 66.0)):
        c = stage.lit(("#c9d4da", "#b0585a", "#6f8aa0", "#d9c9a0")[k])
        y = -230 - abs(x) * 0.03
        pen.path(
            polygon([(x - 14, y), (x + 14, y), (x + 12, y + 44), (x - 12, y + 42)]),
            pen.linear((x - 14, 0), (x + 14, 0), (0, lighter(c, 0.1)), (1, darker(c, 0.3))),
        )
    for k, (x, y, w) in enumerate(((-150.0, 46.0, 46.0), (128.0, 40.0, 40.0), (170.0, 66.0, 52.0))):
        c = stage.lit(("#7a6248", "#5a6a4c", "#84684c")[k])
        pen.oval(x, y + 2, w * 0.62, 6, "#000000", 0.3)
        pen.rect(
            x - w / 2,
            y - w * 0.9,
            w,
            w * 0.9,
            pen.linear((x - w / 2, 0), (x + w / 2, 0), (0, lighter(c, 0.14)), (1, darker(c, 0.35))),
            r=2,
        )
        pen.line((x - w / 2, y - w * 0.45), (x + w / 2, y - w * 0.45), darker(c, 0.5), 1.6)
    lx, ly = 88.0, -176.0
    pen.path(d("M", lx + 22, ly - 12, "L", lx, ly - 12, "L", lx, ly), stroke="#17181c", width=3)
    pen.path(polygon([(lx - 11, ly + 4), (lx + 11, ly + 4), (lx + 5, ly - 7), (lx - 5, ly - 7)]), "#23262b")
    pen.oval(lx, ly + 6, 5, 5, mix("#c9c4b0", "#fff0c0", light.lamp))
    lamp_pool(pen, lx, ly + 10, 150, "#ffc875", light.lamp)
    lamp_pool(pen, lx - 30, 40, 190, "#ffc06c", light.lamp * 0.8, 0.3)
    lantern(pen, stage, -96, -150, 13, -196)
    bystanders(pen, stage, (-30.0, 26.0), 14)
