"""Places in the open: street, alley, courtyard, rooftop, forest, dock and plain country."""

from __future__ import annotations

import math

from .colour import darker, lighter, mix
from .pen import Pen, d, polygon, smooth
from .stage import FLOOR, LEFT, RIGHT, TOP, Stage, extra, lamp_pool, lantern, plant, sky, skyline, tiles

WIDE = RIGHT - LEFT


def _wet(pen: Pen, stage: Stage) -> None:
    """Puddles or snow on the ground."""
    light = stage.light
    if light.weather == "rain":
        for k in range(16):
            x, y = stage.rand(-360, 360, "puddle", k), stage.rand(14, 190, "puddle y", k)
            pen.oval(
                x,
                y,
                stage.rand(24, 60, "puddle w", k),
                3 + y * 0.05,
                mix(light.sky_low, "#ffffff", 0.12),
                0.34,
            )
    elif light.weather == "snow":
        pen.rect(LEFT, 0, WIDE, FLOOR, "#f2f6fb", 0.55 if not light.dark else 0.3)


def _crowd(pen: Pen, stage: Stage, places: tuple[float, ...], sole: float) -> None:
    if stage.crowded:
        for k, x in enumerate(places):
            extra(pen, stage, x, sole, k)


def _tree(
    pen: Pen, stage: Stage, x: float, sole: float, size: float, tag: object, leaf: str = "#55794a"
) -> None:
    """A trunk that forks, and a crown of leaf clouds in three tones."""
    bark = stage.lit("#5b4334")
    pen.path(
        smooth(
            [
                (x - size * 0.055, sole),
                (x - size * 0.03, sole - size * 0.4),
                (x - size * 0.16, sole - size * 0.62),
                (x, sole - size * 0.5),
                (x + size * 0.15, sole - size * 0.64),
                (x + size * 0.035, sole - size * 0.4),
                (x + size * 0.06, sole),
            ],
            tension=0.6,
        ),
        pen.linear((x - 10, 0), (x + 10, 0), (0, lighter(bark, 0.12)), (1, darker(bark, 0.4))),
    )
    base = stage.lit(leaf)
    for tone, dy, k in ((darker(base, 0.35), 0.05, 0), (base, 0.0, 1), (lighter(base, 0.14), -0.06, 2)):
        for j in range(13 - 2 * k):
            # Clouds of leaves round a ring, larger towards the middle, each with a ragged edge.
            ox = stage.rand(-0.3, 0.3, "leaf", tag, k, j) * size * (1 - 0.2 * k)
            oy = stage.rand(-0.24, 0.12, "leafy", tag, k, j) * size
            r = size * stage.rand(0.06, 0.12, "leafr", tag, k, j)
            cx, cy = x + ox - k * size * 0.02, sole - size * 0.76 + oy + dy * size
            ring = [
                (
                    cx + r * 1.2 * math.cos(m * 0.5712) * (1 if m % 2 else 0.8),
                    cy + r * math.sin(m * 0.5712) * (1 if m % 2 else 0.8),
                )
                for m in range(11)
            ]
            pen.path(smooth(ring), tone)


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
    _wet(pen, stage)
    _crowd(pen, stage, (-286.0, -214.0, -150.0, 118.0, 176.0, 262.0, 340.0, -400.0), 34)
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


def alley(pen: Pen, stage: Stage) -> None:
    """Two brick walls that close in on a strip of sky, pipes, washing, one lamp."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    skyline(pen, stage, -150, 10, 300, 330, "end")
    brick = stage.lit("#8a6a5c")
    pave = stage.lit("#6f6c6e")
    pen.rect(LEFT, 0, WIDE, FLOOR, pen.linear((0, 0), (0, FLOOR), (0, darker(pave, 0.3)), (1, pave)))
    for k in range(-7, 8):
        pen.line((k * 13, 0), (k * 80, FLOOR), darker(pave, 0.4), 1.1, 0.6)
    for y in (8.0, 22.0, 44.0, 80.0, 136.0, 220.0):
        pen.line((LEFT, y), (RIGHT, y), darker(pave, 0.4), 1.1, 0.5)
    _wet(pen, stage)
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
        with pen.group(clip=wall):
            for r in range(-26, 16):  # courses of brick run to the vanishing point
                pen.line((far, r * 17.0), (s * 640, r * 17.0 * 2.2 - 30), darker(brick, 0.42), 1.2, 0.6)
            for k in range(9):
                x = far + s * (6 + k * k * 6.2)
                pen.line((x, -460), (x, 300), darker(brick, 0.42), 1.0, 0.25)
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
            pen.rect(px - 4, TOP, 8, 900, darker(stage.lit("#6a7276"), 0.2))
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
    lamp_pool(pen, lx, ly + 10, 220, "#ffc875", light.lamp)
    lamp_pool(pen, lx - 30, 40, 190, "#ffc06c", light.lamp * 0.8, 0.3)
    lantern(pen, stage, -96, -150, 13, -196)
    _crowd(pen, stage, (-30.0, 26.0), 14)


def courtyard(pen: Pen, stage: Stage) -> None:
    """Grey walls and tiled eaves, a moon gate, a tree, a stone table."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    for k in range(7):
        x = LEFT + 40 + k * 200
        pen.oval(x, -250, 170, stage.rand(60, 120, "hill", k), mix(stage.lit("#5f7a6c"), light.sky_low, 0.6))
    _tree(pen, stage, -236, -40, 400, "back", "#5f7f4e")
    _tree(pen, stage, 330, -40, 430, "back2", "#4f7350")
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
    _wet(pen, stage)
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
    _crowd(pen, stage, (-330.0, -260.0, 150.0, 310.0), 20)


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
    _wet(pen, stage)
    pen.rect(98, -190, 3, 200, "#22242a")
    pen.oval(99.5, -192, 6, 6, mix("#8f8a7a", "#ffe6a6", light.lamp))
    lamp_pool(pen, 99.5, -190, 190, "#ffcf86", light.lamp)
    lamp_pool(pen, 90, 40, 170, "#ffcf86", light.lamp * 0.7, 0.3)
    _crowd(pen, stage, (-330.0, 290.0), 16)


def forest(pen: Pen, stage: Stage) -> None:
    """Trees in three depths, a path, grass."""
    light = stage.light
    sky(pen, stage, LEFT, TOP, WIDE, 640)
    for layer, (count, base, size) in enumerate(((16, -30.0, 300.0), (11, -10.0, 380.0))):
        for k in range(count):
            x = LEFT + (k + stage.rand(0.1, 0.9, "far", layer, k)) * WIDE / count
            h = size * stage.rand(0.8, 1.25, "farh", layer, k)
            tone = mix(stage.lit("#4c6a4e"), light.haze, 0.62 - 0.26 * layer)
            pen.rect(x - 4, base - h * 0.5, 8, h * 0.5, darker(tone, 0.2))
            for tier in range(4):  # a fir in four skirts
                y, half = base - h * (1 - 0.2 * tier), h * (0.05 + 0.035 * tier)
                skirt = [
                    (x, y),
                    (x + half, y + h * 0.3),
                    (x + half * 0.3, y + h * 0.27),
                    (x - half, y + h * 0.3),
                ]
                pen.path(polygon(skirt), mix(tone, darker(tone, 0.3), tier / 6))
    grass = stage.lit("#6d8650")
    pen.rect(
        LEFT,
        -24,
        WIDE,
        FLOOR + 24,
        pen.linear(
            (0, -24), (0, 200), (0, mix(grass, light.haze, 0.35)), (0.4, grass), (1, darker(grass, 0.3))
        ),
    )
    path = stage.lit("#b09a74")
    pen.path(
        smooth(
            [(-12, -24), (14, -24), (24, 20), (70, 110), (150, FLOOR), (-90, FLOOR), (-50, 110), (-24, 20)],
            tension=0.6,
        ),
        pen.linear((0, -24), (0, 200), (0, mix(path, light.haze, 0.3)), (1, path)),
    )
    for k, (x, size) in enumerate(
        ((-98.0, 330.0), (104.0, 380.0), (-330.0, 460.0), (318.0, 450.0), (-500.0, 420.0), (500.0, 430.0))
    ):
        _tree(pen, stage, x, 26, size, ("near", k))
    for k in range(150):
        x, y = stage.rand(-460, 460, "tuft", k), stage.rand(-14, 170, "tufty", k)
        if abs(x) > 34 + y * 0.5:
            pen.path(
                d("M", x - 4, y, "l", -2, -9, "M", x, y, "l", 0, -12, "M", x + 4, y, "l", 3, -9),
                stroke=darker(grass, 0.3),
                width=1.3,
                alpha=0.8,
            )
    _wet(pen, stage)
    _crowd(pen, stage, (-120.0, 130.0), 0)


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
    planks(pen, stage)
    _wet(pen, stage)
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
    _crowd(pen, stage, (-60.0, 160.0, 290.0), 14)


def planks(pen: Pen, stage: Stage) -> None:
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
        _tree(pen, stage, x, 8, size, ("t", k))
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
    _wet(pen, stage)
    pen.rect(-118, -210, 4, 216, darker(stage.lit("#3a3d44"), 0.1))
    pen.oval(-116, -214, 8, 8, mix("#a09a88", "#ffe6a6", light.lamp))
    lamp_pool(pen, -116, -210, 190, "#ffcf86", light.lamp)
    lamp_pool(pen, -110, 20, 170, "#ffcf86", light.lamp * 0.7, 0.3)
    _crowd(pen, stage, (-250.0, -90.0, 150.0, 280.0), 16)
