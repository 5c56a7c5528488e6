"""The home: a living room."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon, smooth
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
from .parts import back_wall


def home(pen: Pen, stage: Stage) -> None:
    """A living room: window and curtains, sofa, lamp, pictures, rug."""
    hue = ("#c9b49a", "#b9bda8", "#bfb0b4", "#a9b5bd")[int(stage.rand(0, 4, "wall"))]
    back_wall(pen, stage, hue, darker(hue, 0.12))
    pen.rect(LEFT, TOP, RIGHT - LEFT, -312 - TOP, darker(stage.lit("#e6dfd2"), 0.22))
    pen.rect(LEFT, -316, RIGHT - LEFT, 9, stage.lit("#efe8dc"))
    for x in (-150.0, 300.0, -560.0):
        window(pen, stage, x - 74, -258, 148, 160, "#f0ebe2", 2)
        cloth = stage.lit(("#a8584e", "#5c7486", "#8a7a52")[int(stage.rand(0, 3, "curtain"))])
        pen.rect(x - 120, -278, 240, 5, stage.lit("#6b4a36"), r=2)
        for s in (-1, 1):
            cx = x + s * 92
            pen.path(
                smooth(
                    [
                        (cx - 26, -276),
                        (cx + 26, -276),
                        (cx + 22, -150),
                        (cx + 27, -24),
                        (cx, -20),
                        (cx - 27, -24),
                        (cx - 22, -150),
                    ],
                    tension=0.6,
                ),
                pen.linear(
                    (cx - 26, 0),
                    (cx + 26, 0),
                    (0, lighter(cloth, 0.1)),
                    (0.5, cloth),
                    (1, darker(cloth, 0.35)),
                ),
            )
            for k in (-13, -2, 10):
                pen.path(
                    d("M", cx + k, -274, "Q", cx + k * 0.8, -150, cx + k * 1.1, -22),
                    stroke=darker(cloth, 0.4),
                    width=1.6,
                    alpha=0.55,
                )
    for x, y, w, h, c in (
        (52.0, -226.0, 54.0, 68.0, "#5f8a96"),
        (112.0, -210.0, 40.0, 40.0, "#b58a4e"),
        (-346.0, -218.0, 60.0, 46.0, "#8a5f6c"),
        (462.0, -220.0, 50.0, 62.0, "#6c7f58"),
    ):
        pen.rect(x - w / 2 - 5, y - 5, w + 10, h + 10, stage.lit("#4a382c"))
        pen.rect(x - w / 2, y, w, h, stage.lit("#efe9dc"))
        pen.rect(
            x - w / 2 + 6,
            y + 6,
            w - 12,
            h - 12,
            pen.linear((0, y), (0, y + h), (0, lighter(stage.lit(c), 0.3)), (1, stage.lit(c))),
        )
        pen.path(
            smooth(
                [
                    (x - w / 2 + 6, y + h - 6),
                    (x - w * 0.2, y + h * 0.5),
                    (x + w * 0.1, y + h * 0.7),
                    (x + w / 2 - 6, y + h - 6),
                ],
                tension=0.5,
            ),
            darker(stage.lit(c), 0.3),
            0.7,
        )
    pen.rect(LEFT, -14, RIGHT - LEFT, 14, stage.lit("#efe8dc"))
    planks(pen, stage, "#9c7450")
    rug = stage.lit(("#8e4a46", "#4f6478", "#6f7350")[int(stage.rand(0, 3, "rug"))])
    pen.oval(0, 92, 270, 56, darker(rug, 0.1))
    pen.oval(0, 91, 252, 49, rug)
    pen.oval(0, 91, 200, 36, lighter(rug, 0.14), 0.6)
    # Sofa.
    sofa = stage.lit(("#5d7482", "#8a6a5c", "#6f7a62")[int(stage.rand(0, 3, "sofa"))])
    x = 34.0
    pen.oval(x, 34, 150, 8, "#000000", 0.28)
    pen.rect(
        x - 126,
        -86,
        252,
        90,
        pen.linear((0, -86), (0, 0), (0, lighter(sofa, 0.1)), (1, darker(sofa, 0.25))),
        r=14,
    )
    for half in (-0.5, 0.5):
        pen.rect(
            x + half * 124 - 58,
            -34,
            116,
            42,
            pen.linear((0, -34), (0, 8), (0, lighter(sofa, 0.14)), (1, darker(sofa, 0.2))),
            r=9,
        )
    for s in (-1, 1):
        pen.rect(
            x + s * 130 - 20,
            -60,
            40,
            90,
            pen.linear(
                (x + s * 130 - 20, 0), (x + s * 130 + 20, 0), (0, lighter(sofa, 0.12)), (1, darker(sofa, 0.3))
            ),
            r=12,
        )
    pen.rect(x - 112, 6, 224, 24, darker(sofa, 0.3), r=4)
    for px, c in ((x - 84, "#d9a94e"), (x + 80, "#c96f5a")):
        with pen.group(f"translate({px:.1f} -52) rotate({12 if px > x else -10})"):
            pen.rect(
                -20,
                -18,
                40,
                36,
                pen.linear(
                    (-20, -18), (20, 18), (0, lighter(stage.lit(c), 0.15)), (1, darker(stage.lit(c), 0.25))
                ),
                r=8,
            )
    # Floor lamp and side table.
    for lx in (196.0, -250.0):
        pen.rect(lx - 1.6, -168, 3.2, 184, stage.lit("#3a2c26"))
        pen.oval(lx, 16, 20, 4.5, stage.lit("#3a2c26"))
        power = stage.light.lamp
        pen.path(
            polygon([(lx - 17, -206), (lx + 17, -206), (lx + 29, -164), (lx - 29, -164)]),
            mix(stage.lit("#e2d2b2"), "#ffe1a0", power),
        )
        lamp_pool(pen, lx, -176, 210, "#ffc674", power)
        lamp_pool(pen, lx, 30, 130, "#ffc674", power * 0.7, 0.35)
    plant(pen, stage, -204, 18, 120)
    plant(pen, stage, 400, 20, 140)
    if stage.crowded:
        for k, ex in enumerate((-120.0, 150.0, 280.0)):
            extra(pen, stage, ex, 8, k)
