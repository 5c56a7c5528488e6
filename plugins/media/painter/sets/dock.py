"""The dock: water, boats, a jetty."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon, smooth
from ..stage import (
    FLOOR,
    LEFT,
    RIGHT,
    TOP,
    Stage,
    lamp_pool,
    sky,
    skyline,
)
from .parts import WIDE, bystanders, wet_ground


def jetty(pen: Pen, stage: Stage) -> None:
    """A jetty's boards."""
    tone = stage.lit("#7f6a54")
    pen.rect(
        LEFT,
        0,
        WIDE,
        FLOOR,
        pen.linear((0, 0), (0, FLOOR), (0, darker(tone, 0.2)), (0.3, tone), (1, darker(tone, 0.35))),
    )
    y, step = 0.0, 9.0
    while y < FLOOR:
        pen.line((LEFT, y), (RIGHT, y), darker(tone, 0.45), 1.6, 0.7)
        y, step = y + step, step * 1.22


def dock(pen: Pen, stage: Stage) -> None:
    """Water to the horizon, a jetty, boats, a crane."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 560)
    skyline(pen, stage, LEFT, -84, WIDE, 130, "shore")
    water = mix(stage.lit("#4f7688"), light.sky_low, 0.35)
    pen.rect(
        LEFT,
        -86,
        WIDE,
        120,
        pen.linear((0, -86), (0, 30), (0, mix(water, light.sky_low, 0.6)), (1, darker(water, 0.3))),
    )
    for k in range(70):
        x, y = stage.rand(-600, 600, "wave", k), stage.rand(-82, 8, "wavey", k)
        pen.line((x, y), (x + 14 + (y + 86) * 0.35, y), lighter(light.sky_low, 0.3), 1.3, 0.45)
    for x, y, s in ((-180.0, -40.0, 1.2), (236.0, -52.0, 1.0), (430.0, -30.0, 1.3)):
        hull = stage.lit("#6a3a34")
        with pen.group(f"translate({x:.0f} {y:.0f}) scale({s})"):
            pen.path(
                smooth([(-70, -16), (72, -22), (54, 8), (-54, 8)], tension=0.5),
                pen.linear((0, -20), (0, 8), (0, hull), (1, darker(hull, 0.4))),
            )
            pen.rect(-20, -48, 46, 30, stage.lit("#d2cbbb"), r=2)
            for k in (-12, 4):
                pen.rect(k, -42, 11, 11, mix(stage.lit("#3c4c5a"), "#ffd080", light.lamp))
            pen.rect(-44, -110, 3, 96, stage.lit("#4a3a2e"))
            pen.path(polygon([(-40, -106), (-2, -56), (-40, -50)]), stage.lit("#e0d6c0"), 0.9)
    jetty(pen, stage)
    wet_ground(pen, stage)
    for x in (-132.0, 120.0, -330.0, 330.0):
        post = stage.lit("#5a4434")
        pen.rect(
            x - 8,
            -46,
            16,
            76,
            pen.linear((x - 8, 0), (x + 8, 0), (0, lighter(post, 0.15)), (1, darker(post, 0.4))),
            r=3,
        )
        pen.oval(x, -46, 8, 3, lighter(post, 0.25))
        pen.path(d("M", x, -30, "q", 60, 34, 118, 2), stroke=stage.lit("#b09a72"), width=3)
    for k, (x, w) in enumerate(((206.0, 60.0), (258.0, 52.0), (-236.0, 58.0))):
        c = stage.lit(("#84684c", "#6f7a5a", "#7a5a44")[k])
        pen.rect(
            x - w / 2,
            36 - w,
            w,
            w,
            pen.linear((x - w / 2, 0), (x + w / 2, 0), (0, lighter(c, 0.12)), (1, darker(c, 0.35))),
            r=2,
        )
        pen.path(d("M", x - w / 2, 36, "L", x + w / 2, 36 - w), stroke=darker(c, 0.4), width=3)
    pen.rect(64, -196, 4, 210, "#24272c")
    lamp_pool(pen, 66, -196, 200, "#ffcf86", light.lamp)
    pen.oval(66, -197, 6, 6, mix("#8f8a7a", "#ffe6a6", light.lamp))
    bystanders(pen, stage, (-60.0, 160.0, 290.0), 14)
