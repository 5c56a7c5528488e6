"""The hospital: a ward."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, smooth
from ..stage import (
    LEFT,
    RIGHT,
    TOP,
    Stage,
    extra,
    lamp_pool,
    tiles,
    window,
)
from .parts import back_wall


def hospital(pen: Pen, stage: Stage) -> None:
    """A ward: pale walls, bed with monitor and drip, curtain, window, door."""
    back_wall(pen, stage, "#d3e0dc", "#b9cdc8")
    pen.rect(LEFT, TOP, RIGHT - LEFT, -306 - TOP, darker(stage.lit("#eef2f2"), 0.2))
    for x in (-260.0, 40.0, 340.0):
        pen.rect(x - 62, -312, 124, 9, mix(stage.lit("#eef4f4"), "#f4fbff", 0.8), r=2)
        lamp_pool(pen, x, -300, 210, "#e4f4ff", 0.35 + stage.light.lamp * 0.25)
    band = stage.lit("#6fa39b")
    pen.rect(LEFT, -92, RIGHT - LEFT, 10, band)
    pen.rect(
        LEFT,
        -82,
        RIGHT - LEFT,
        82,
        pen.linear((0, -82), (0, 0), (0, stage.lit("#a9c6bf")), (1, darker(stage.lit("#a9c6bf"), 0.2))),
    )
    window(pen, stage, -92, -262, 148, 150, "#eef1f0", 2)
    window(pen, stage, 402, -262, 148, 150, "#eef1f0", 2)
    for x in (-300.0, 262.0):  # doors
        door = stage.lit("#9db7c2")
        pen.rect(x - 54, -222, 108, 222, stage.lit("#e4eaea"))
        pen.rect(
            x - 47,
            -215,
            94,
            215,
            pen.linear((x - 47, 0), (x + 47, 0), (0, lighter(door, 0.1)), (1, darker(door, 0.2))),
        )
        pen.rect(x - 18, -196, 36, 64, darker(mix(stage.light.sky_low, door, 0.5), 0.25), r=2)
        pen.rect(x + 30, -108, 6, 20, stage.lit("#4d565c"), r=2)
        pen.rect(x - 14, -250, 28, 22, stage.lit("#f5f7f7"), r=2)
        pen.rect(x - 2.5, -247, 5, 16, "#c8333c")
        pen.rect(x - 8, -241.5, 16, 5, "#c8333c")
    tiles(pen, stage, "#b8c6c6")
    # Bed.
    for x in (150.0, -190.0):
        steel = stage.lit("#a9b4ba")
        pen.oval(x, 34, 130, 8, "#000000", 0.22)
        pen.rect(x + 84, -104, 8, 134, darker(steel, 0.15), r=3)
        pen.rect(x + 90, -112, 14, 96, stage.lit("#d5dde0"), r=4)
        pen.rect(x - 106, -66, 10, 96, darker(steel, 0.15), r=3)
        pen.rect(x - 100, -34, 196, 10, darker(steel, 0.25))
        sheet = stage.lit("#eef3f5")
        pen.rect(
            x - 100, -56, 196, 26, pen.linear((0, -56), (0, -30), (0, sheet), (1, darker(sheet, 0.2))), r=7
        )
        blanket = stage.lit("#7fa9b8")
        pen.path(
            smooth(
                [
                    (x - 102, -60),
                    (x - 30, -66),
                    (x + 30, -62),
                    (x + 36, -30),
                    (x + 20, -14),
                    (x - 60, -16),
                    (x - 103, -18),
                ],
                tension=0.6,
            ),
            pen.linear((0, -66), (0, -14), (0, lighter(blanket, 0.16)), (1, darker(blanket, 0.25))),
        )
        pen.rect(x + 42, -76, 48, 24, lighter(sheet, 0.3), r=10)
        pen.line((x - 84, 30), (x - 84, -24), steel, 4)
        pen.line((x + 78, 30), (x + 78, -24), steel, 4)
        # Monitor and drip.
        pen.line((x + 118, 26), (x + 118, -196), steel, 3)
        pen.line((x + 106, -192), (x + 130, -192), steel, 2.4)
        pen.path(
            smooth(
                [(x + 122, -188), (x + 134, -188), (x + 133, -160), (x + 128, -154), (x + 123, -160)],
                tension=0.6,
            ),
            "#d9eef5",
            0.8,
        )
        pen.path(
            d("M", x + 128, -154, "C", x + 130, -110, x + 104, -104, x + 84, -60),
            stroke="#dbe9ee",
            width=1.0,
            alpha=0.8,
        )
        pen.rect(x - 84, -152, 54, 40, stage.lit("#2b333b"), r=3)
        pen.rect(x - 80, -148, 46, 32, "#0c2026")
        pen.path(
            d("M", x - 80, -132, "h", 10, "l", 3, -9, "l", 4, 18, "l", 4, -13, "l", 3, 4, "h", 22),
            stroke="#4fe39a",
            width=1.3,
        )
        pen.line((x - 57, -112), (x - 57, -60), steel, 4)
    for k in range(5):  # curtain
        cx = -4 + k * 13.0
        cloth = stage.lit("#a9cdd2")
        pen.rect(
            cx,
            -282,
            13.4,
            262,
            pen.linear(
                (cx, 0), (cx + 13, 0), (0, lighter(cloth, 0.16)), (0.6, cloth), (1, darker(cloth, 0.25))
            ),
        )
    pen.rect(LEFT, -288, RIGHT - LEFT, 4, stage.lit("#8f9ca2"))
    if stage.crowded:
        for k, x in enumerate((-320.0, 300.0, -60.0)):
            extra(pen, stage, x, 8, k)
