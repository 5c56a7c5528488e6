"""The street: houses and shops."""

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
    sky,
    skyline,
    tiles,
)
from .parts import WIDE, bystanders, wet_ground


def _shop(pen: Pen, stage: Stage, x: float, w: float, k: int) -> None:
    """One shop front with a storey above it."""
    light = stage.light
    wall = stage.lit(
        ("#b07a5e", "#8d98a0", "#c2ad86", "#7f6f7c", "#9aa387", "#a88a7a")[int(stage.rand(0, 6, "shop", k))]
    )
    top = -stage.rand(330, 470, "shop h", k)
    pen.rect(x, top, w, -top, pen.linear((0, top), (0, 0), (0, darker(wall, 0.12)), (1, wall)))
    pen.rect(x + w - 7, top, 7, -top, darker(wall, 0.3))
    pen.rect(x - 3, top - 9, w + 6, 12, darker(wall, 0.35))
    for row in range(3):
        y = -186 - 96 * (row + 1)
        if y < top + 10:
            break
        for j in range(2):
            wx = x + w * (0.16 + 0.4 * j)
            lit = stage.rand(0, 1, "lit", k, row, j) < 0.5 and light.dark
            glass = "#ffd487" if lit else mix(light.sky_low, "#2d3a4a", 0.55)
            pen.rect(wx - 4, y - 4, w * 0.28 + 8, 70, darker(wall, 0.4))
            pen.rect(
                wx,
                y,
                w * 0.28,
                62,
                pen.linear((0, y), (0, y + 62), (0, lighter(glass, 0.1)), (1, darker(glass, 0.25))),
            )
            pen.line((wx + w * 0.14, y), (wx + w * 0.14, y + 62), darker(wall, 0.4), 2.4)
            pen.rect(wx - 6, y + 66, w * 0.28 + 12, 5, lighter(wall, 0.12))
    # Sign, awning, shop window.
    sign = ("#a3262c", "#23567a", "#2c6b4e", "#6b2f6f", "#b5762a")[int(stage.rand(0, 5, "sign", k))]
    sign_tone = mix(stage.lit(sign), sign, light.lamp * 0.8)
    pen.rect(x + 8, -192, w - 16, 34, darker(sign_tone, 0.1), r=2)
    pen.rect(x + 11, -189, w - 22, 28, sign_tone, r=1.5)
    letters = int((w - 40) / 27)
    for j in range(letters):  # strokes that read as writing from afar
        sx = x + w / 2 + (j - (letters - 1) / 2) * 25
        ink = mix("#f3d890", "#fff3c8", light.lamp)
        for m in range(4):
            a, b = stage.rand(-8, 8, "ink a", k, j, m), stage.rand(-8, 8, "ink b", k, j, m)
            if m % 2:
                pen.line((sx - 8, -175 + a * 0.9), (sx + 8, -175 + a * 0.9), ink, 1.8)
            else:
                pen.line((sx + b * 0.7, -184), (sx + a * 0.7, -166), ink, 1.8)
    if light.lamp > 0.5:
        pen.glow(x + w / 2, -175, w * 0.6, sign, 0.45, 0.5)
    glow = mix(mix(light.sky_low, "#46525f", 0.6), "#ffcf7e", light.lamp * 0.9)
    pen.rect(x + 10, -132, w - 20, 126, darker(wall, 0.5))
    pen.rect(
        x + 14,
        -128,
        w * 0.56,
        106,
        pen.linear((0, -128), (0, -22), (0, lighter(glow, 0.12)), (1, darker(glow, 0.3))),
    )
    for j in range(5):
        goods = mix(stage.lit(("#7a3a34", "#3a5a66", "#8a7a4a", "#4a3f5a")[j % 4]), glow, 0.3)
        gh = stage.rand(20, 48, "goods", k, j)
        pen.rect(x + 18 + j * w * 0.105, -22 - gh, w * 0.08, gh, goods, r=3)
    pen.path(
        polygon([(x + 14, -60), (x + w * 0.3, -128), (x + w * 0.42, -128), (x + 14, -30)]), "#ffffff", 0.09
    )
    door = darker(stage.lit("#5a4236"), 0.1)
    pen.rect(x + w * 0.68, -126, w * 0.24, 126, door)
    pen.rect(x + w * 0.71, -120, w * 0.18, 60, mix(glow, door, 0.25))
    cloth = stage.lit(sign)
    n = 7
    for j in range(n):
        c = lighter(cloth, 0.75) if j % 2 else cloth
        ax, aw = x + 4 + j * (w - 8) / n, (w - 8) / n
        pen.path(polygon([(ax, -152), (ax + aw, -152), (ax + aw * 1.0, -124), (ax, -124)]), c)
        pen.oval(ax + aw / 2, -124, aw / 2, 5.5, darker(c, 0.12))
    pen.rect(x + 2, -154, w - 4, 5, darker(cloth, 0.4))
    if light.lamp > 0.5:
        lamp_pool(pen, x + w * 0.4, 16, w * 0.85, "#ffbf6c", light.lamp * 0.8, 0.3)


def street(pen: Pen, stage: Stage) -> None:
    """Shop fronts, lamps, pavement, a parked car, wires against the sky."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    skyline(pen, stage, LEFT, -40, WIDE, 520, "far")
    x, k = LEFT, 0
    while x < RIGHT:
        w = stage.rand(138, 186, "front", k)
        if k % 4 == 3:
            w = 62.0  # a gap that lets the city through
        else:
            _shop(pen, stage, x, w, k)
        x, k = x + w, k + 1
    tiles(pen, stage, "#9a9a9c")
    kerb = stage.lit("#b9b8b4")
    pen.rect(LEFT, 96, WIDE, 9, darker(kerb, 0.2))
    road = stage.lit("#4a4c54")
    pen.rect(LEFT, 105, WIDE, FLOOR, pen.linear((0, 105), (0, FLOOR), (0, darker(road, 0.15)), (1, road)))
    for j in range(-5, 6):
        pen.path(
            polygon([(j * 150, 196), (j * 150 + 66, 196), (j * 156 + 70, 207), (j * 156, 207)]),
            stage.lit("#d9d4c2"),
            0.75,
        )
    wet_ground(pen, stage)
    bystanders(pen, stage, (-286.0, -214.0, -150.0, 118.0, 176.0, 262.0, 340.0, -400.0), 34)
    for lx in (-112.0, 214.0, -420.0, 520.0):
        iron = darker(stage.lit("#3a3d44"), 0.1)
        pen.rect(lx - 2.6, -272, 5.2, 330, iron)
        pen.rect(lx - 7, 40, 14, 20, iron, r=3)
        pen.path(d("M", lx, -270, "C", lx, -296, lx + 26, -296, lx + 34, -286), stroke=iron, width=3.6)
        pen.path(
            polygon([(lx + 24, -287), (lx + 44, -287), (lx + 40, -276), (lx + 28, -276)]),
            mix(iron, "#ffe2a2", light.lamp),
        )
        lamp_pool(pen, lx + 34, -274, 150, "#ffd58a", light.lamp)
        lamp_pool(pen, lx + 34, 56, 150, "#ffcf86", light.lamp * 0.8, 0.3)
    for y in (-300.0, -312.0):
        pen.path(
            d("M", LEFT, y, "Q", -300, y + 42, -112, y, "Q", 60, y + 46, 214, y, "Q", 420, y + 44, RIGHT, y),
            stroke="#15161c",
            width=1.3,
            alpha=0.8,
        )
