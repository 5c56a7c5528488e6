"""The teahouse: dark wood, lattice windows, jars of tea, red lanterns."""

from __future__ import annotations

from ..colour import darker, lighter
from ..pen import Pen, d, polygon, smooth
from ..stage import (
    LEFT,
    RIGHT,
    TOP,
    Stage,
    extra,
    lamp_pool,
    lantern,
    planks,
    window,
)
from .parts import back_wall, plain_table, tea_things


def _lattice(pen: Pen, stage: Stage, x: float, y: float, w: float, h: float, wood: str) -> None:
    t = darker(stage.lit(wood), 0.12)
    window(pen, stage, x, y, w, h, wood, 1, city=False)
    step = w / 6
    for k in range(1, 6):
        pen.line((x + k * step, y), (x + k * step, y + h), t, 1.5)
    for k in range(1, int(h / step)):
        if k % 4 != 2:
            pen.line((x, y + k * step), (x + w, y + k * step), t, 1.5)
    m = h * 0.5
    pen.path(
        polygon(
            [
                (x + w / 2, y + m - 17),
                (x + w / 2 + 17, y + m),
                (x + w / 2, y + m + 17),
                (x + w / 2 - 17, y + m),
            ]
        ),
        stroke=t,
        width=2.4,
    )


def _stool(pen: Pen, stage: Stage, x: float, sole: float) -> None:
    wood = stage.lit("#5f3c2b")
    pen.oval(x, sole, 17, 3.4, "#000000", 0.25)
    for s in (-1, 0, 1):
        pen.line((x + s * 9, sole - 34), (x + s * 11.5, sole), darker(wood, 0.4), 3.2)
    pen.oval(x, sole - 33, 15, 4.2, darker(wood, 0.3))
    pen.oval(x, sole - 36, 15, 4.2, lighter(wood, 0.12))


def teahouse(pen: Pen, stage: Stage) -> None:
    """Dark wood, lattice windows, shelves of tea, scrolls, red lanterns."""
    light = stage.light
    wood, dark = "#7d5138", "#4a2d22"
    back_wall(pen, stage, "#8c6045", "#6d452f")
    for k in range(-8, 9):  # wall boards
        pen.line((k * 78, -300), (k * 78, 0), darker(stage.lit("#7a5039"), 0.3), 1.2, 0.7)
    for x in (-330.0, -78.0, 176.0, 428.0):
        _lattice(pen, stage, x - 52, -232, 104, 150, wood)
    # Shelf with jars between the windows.
    for x in (48.0, -206.0, 302.0):
        back = darker(stage.lit(dark), 0.1)
        pen.rect(x - 44, -238, 88, 168, back, r=2)
        for row in range(3):
            y = -238.0 + 54 + row * 52
            pen.rect(x - 44, y, 88, 4, stage.lit(wood))
            for k in range(4):
                jar = stage.lit(
                    ("#3f5f6a", "#8a4a32", "#b99a62", "#56683f", "#d0c8b8", "#5a2f2f")[
                        int(stage.rand(0, 6, "jar", x, row, k))
                    ]
                )
                jx, jh = x - 33 + k * 21, stage.rand(20, 34, "jarh", x, row, k)
                pen.rect(
                    jx - 7,
                    y - jh,
                    14,
                    jh,
                    pen.linear(
                        (jx - 7, 0), (jx + 7, 0), (0, lighter(jar, 0.18)), (0.5, jar), (1, darker(jar, 0.4))
                    ),
                    r=4,
                )
                pen.rect(jx - 5, y - jh - 4, 10, 5, darker(jar, 0.25), r=1.5)
        pen.path(d("M", x - 44, -238, "h", 88, "v", 168, "h", -88, "Z"), stroke=stage.lit(wood), width=4)
    for x in (-142.0, 113.0):  # hanging scrolls
        pen.rect(x - 15, -226, 30, 128, stage.lit("#e7dcc2"))
        pen.rect(x - 18, -230, 36, 5, stage.lit(dark), r=2)
        pen.rect(x - 18, -100, 36, 5, stage.lit(dark), r=2)
        ink = stage.lit("#3b3a40")
        pen.path(
            smooth(
                [(x - 11, -140), (x - 5, -172), (x, -160), (x + 4, -186), (x + 11, -150), (x + 11, -136)],
                tension=0.5,
            ),
            ink,
            0.5,
        )
        pen.path(d("M", x + 8, -126, "Q", x - 4, -150, x - 6, -204), stroke=ink, width=1.6, alpha=0.8)
        pen.rect(x + 5, -114, 4.5, 4.5, stage.lit("#a8282e"))
    # Wainscot, pillars, beams.
    panel = stage.lit(dark)
    pen.rect(LEFT, -64, RIGHT - LEFT, 64, pen.linear((0, -64), (0, 0), (0, panel), (1, darker(panel, 0.35))))
    pen.rect(LEFT, -67, RIGHT - LEFT, 5, stage.lit(wood))
    for x in map(float, range(-600, 640, 64)):
        pen.rect(x + 6, -54, 52, 42, darker(panel, 0.25), 0.6, r=2)
    for x in (-272.0, 238.0, -500.0, 500.0):
        red = stage.lit("#8a2f2b")
        pen.rect(
            x - 12,
            TOP,
            24,
            -TOP,
            pen.linear((x - 12, 0), (x + 12, 0), (0, lighter(red, 0.2)), (0.4, red), (1, darker(red, 0.5))),
        )
        pen.rect(x - 17, -14, 34, 14, darker(stage.lit("#8d8a84"), 0.2), r=3)
    beam = stage.lit(dark)
    pen.rect(LEFT, TOP, RIGHT - LEFT, -330 - TOP, darker(beam, 0.55))
    for y, h in ((-330.0, 26.0), (-286.0, 15.0)):
        pen.rect(
            LEFT,
            y,
            RIGHT - LEFT,
            h,
            pen.linear((0, y), (0, y + h), (0, lighter(beam, 0.08)), (1, darker(beam, 0.4))),
        )
    for x in map(float, range(-600, 640, 46)):  # carved frieze under the beam
        pen.path(
            d("M", x, -271, "q", 11.5, 16, 23, 0, "q", 11.5, 16, 23, 0),
            stroke=stage.lit("#b08a46"),
            width=1.4,
            alpha=0.7,
        )
    planks(pen, stage, "#7c5238")
    # Two tables stand close to the middle, where an upright frame sees them; guests sit behind and before.
    tables = (-70.0, 68.0, -186.0, 186.0, 320.0, -330.0)
    if stage.crowded:
        for k, x in enumerate((-128.0, 128.0, 244.0, -250.0)):
            extra(pen, stage, x, -2, ("far", k))
        for k, x in enumerate(tables):
            for half in (-1, 1):
                extra(pen, stage, x + half * 23, 10, (k, half), seated=True)
    for x in tables:
        plain_table(pen, stage, x, 26, 88, 58, "#6b4430")
        tea_things(pen, stage, x, -32)
    for k, x in enumerate(tables):
        if not stage.crowded or k > 1:
            _stool(pen, stage, x - 30, 40)
            _stool(pen, stage, x + 30, 40)
    for k, x in enumerate((-300.0, -190.0, -118.0, -52.0, 62.0, 118.0, 204.0, 330.0, -420.0, 440.0)):
        lantern(pen, stage, x, -150 + (k % 3) * 14 - 14, 12.5 + (k % 2) * 2.5, -300)
    power = light.lamp
    for x in (-250.0, -40.0, 150.0, 350.0):
        lamp_pool(pen, x, 60, 210, "#ffab5e", power * 0.85, 0.4)
        lamp_pool(pen, x, -140, 200, "#ffa257", power * 0.75)
