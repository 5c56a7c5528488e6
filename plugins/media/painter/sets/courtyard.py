"""The courtyard: grey walls, tiled eaves, a moon gate."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon, smooth
from ..stage import (
    LEFT,
    RIGHT,
    TOP,
    Stage,
    lantern,
    plant,
    sky,
    tiles,
)
from .parts import WIDE, bystanders, tree, wet_ground


def courtyard(pen: Pen, stage: Stage) -> None:
    """Grey walls and tiled eaves, a moon gate, a tree, a stone table."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    for k in range(7):
        x = LEFT + 40 + k * 200
        pen.oval(x, -250, 170, stage.rand(60, 120, "hill", k), mix(stage.lit("#5f7a6c"), light.sky_low, 0.6))
    tree(pen, stage, -236, -40, 400, "back", "#5f7f4e")
    tree(pen, stage, 330, -40, 430, "back2", "#4f7350")
    wall = stage.lit("#c4beb2")
    pen.rect(LEFT, -216, WIDE, 216, pen.linear((0, -216), (0, 0), (0, wall), (1, darker(wall, 0.22))))
    stone = stage.lit("#8d8f90")
    pen.rect(LEFT, -44, WIDE, 44, pen.linear((0, -44), (0, 0), (0, stone), (1, darker(stone, 0.3))))
    for x in map(float, range(-630, 640, 42)):
        pen.line((x, -44), (x, -22), darker(stone, 0.4), 1.2, 0.6)
        pen.line((x + 21, -22), (x + 21, 0), darker(stone, 0.4), 1.2, 0.6)
    pen.line((LEFT, -22), (RIGHT, -22), darker(stone, 0.4), 1.2, 0.6)
    # Moon gate with a garden beyond.
    gx, gy, r = 66.0, -98.0, 92.0
    pen.oval(gx, gy, r + 11, r + 11, darker(stone, 0.1))
    hole = d("M", gx - r, gy, "a", r, r, "0 1 1", 2 * r, 0, "a", r, r, "0 1 1", -2 * r, 0, "Z")
    with pen.group(clip=hole):
        pen.rect(
            gx - r,
            gy - r,
            r * 2,
            r * 2,
            pen.linear((0, gy - r), (0, gy + r), (0, light.sky_top), (1, light.sky_low)),
        )
        for k in range(5):
            pen.oval(
                gx - 80 + k * 40,
                gy + 62,
                42,
                stage.rand(44, 88, "beyond", k),
                mix(stage.lit("#5d7f52"), light.haze, 0.25 + 0.06 * k),
            )
        pen.path(
            polygon([(gx - 22, gy + 100), (gx + 22, gy + 100), (gx + 8, gy + 46), (gx - 8, gy + 46)]),
            stage.lit("#b9b2a2"),
        )
    pen.path(hole, stroke=darker(stone, 0.45), width=2.4)
    for x in (-168.0, 286.0, -410.0):  # leaf windows
        dark = mix(stage.lit("#3c4a3c"), "#ffbf6c", light.lamp * 0.55)
        pen.path(
            smooth([(x - 36, -128), (x, -162), (x + 36, -128), (x, -94)], tension=0.8),
            dark,
            stroke=darker(stone, 0.2),
            width=6,
        )
        for k in (-18, 0, 18):
            pen.line((x + k, -152), (x + k, -104), darker(stone, 0.35), 2)
            pen.line((x - 28, -128 + k * 0.8), (x + 28, -128 + k * 0.8), darker(stone, 0.35), 2)
    # Tiled eaves along the top of the wall.
    tile = stage.lit("#565c63")
    pen.path(
        polygon([(LEFT, -262), (RIGHT, -262), (RIGHT, -212), (LEFT, -212)]),
        pen.linear((0, -262), (0, -212), (0, lighter(tile, 0.08)), (1, darker(tile, 0.3))),
    )
    for x in map(float, range(-640, 650, 20)):
        pen.line((x, -262), (x, -214), darker(tile, 0.4), 2.2, 0.8)
        pen.oval(x + 10, -211, 8.5, 5.5, darker(tile, 0.15))
    pen.rect(LEFT, -271, WIDE, 11, darker(tile, 0.25), r=3)
    for x in (-66.0, 198.0, -300.0, 440.0):
        red = stage.lit("#96362e")
        pen.rect(
            x - 9,
            -210,
            18,
            210,
            pen.linear((x - 9, 0), (x + 9, 0), (0, lighter(red, 0.18)), (0.4, red), (1, darker(red, 0.45))),
        )
        pen.rect(x - 14, -12, 28, 12, darker(stone, 0.1), r=2)
        lantern(pen, stage, x, -172, 13.5, -208)
    tiles(pen, stage, "#a8a399")
    wet_ground(pen, stage)
    sx, sy = -140.0, 44.0
    rock = stage.lit("#a5a49e")
    pen.oval(sx, sy + 3, 66, 8, "#000000", 0.28)
    pen.path(
        polygon([(sx - 14, sy - 46), (sx + 14, sy - 46), (sx + 20, sy), (sx - 20, sy)]),
        pen.linear((sx - 20, 0), (sx + 20, 0), (0, rock), (1, darker(rock, 0.4))),
    )
    pen.oval(sx, sy - 46, 56, 10, darker(rock, 0.25))
    pen.oval(sx, sy - 51, 56, 10, lighter(rock, 0.1))
    for k in (-78, 76):
        pen.path(
            smooth(
                [
                    (sx + k - 17, sy - 28),
                    (sx + k + 17, sy - 28),
                    (sx + k + 19, sy - 12),
                    (sx + k + 15, sy + 4),
                    (sx + k - 15, sy + 4),
                    (sx + k - 19, sy - 12),
                ],
                tension=0.7,
            ),
            pen.linear((sx + k - 18, 0), (sx + k + 18, 0), (0, rock), (1, darker(rock, 0.4))),
        )
        pen.oval(sx + k, sy - 28, 17, 4.5, lighter(rock, 0.12))
    plant(pen, stage, 226, 40, 132, "#6a7f8a")
    plant(pen, stage, -30, 12, 84, "#7a5a48")
    plant(pen, stage, 400, 40, 120, "#6a7f8a")
    bystanders(pen, stage, (-330.0, -260.0, 150.0, 310.0), 20)
