"""Rooms: teahouse, office, home, hospital and a plain room, each the same in every shot."""

from __future__ import annotations

from .colour import darker, lighter, mix
from .pen import Pen, d, polygon, smooth
from .stage import FLOOR, LEFT, RIGHT, TOP, Stage, extra, lamp_pool, lantern, planks, plant, tiles, window


def _wall(pen: Pen, stage: Stage, colour: str, low: str = "") -> None:
    tone = stage.lit(colour)
    end = stage.lit(low) if low else darker(tone, 0.22)
    pen.rect(
        LEFT,
        TOP,
        RIGHT - LEFT,
        -TOP + 1,
        pen.linear((0, -420), (0, 0), (0, darker(tone, 0.4)), (0.45, tone), (1, end)),
    )


def _table(pen: Pen, stage: Stage, x: float, y: float, w: float, h: float, wood: str) -> None:
    t = stage.lit(wood)
    for s in (-1, 1):
        pen.rect(x + s * w * 0.42 - 2.4, y - h, 4.8, h, darker(t, 0.42))
    pen.oval(x, y, w * 0.56, 5, "#000000", 0.24)
    pen.rect(
        x - w / 2,
        y - h,
        w,
        6,
        pen.linear((x - w / 2, 0), (x + w / 2, 0), (0, lighter(t, 0.2)), (0.5, t), (1, darker(t, 0.3))),
        r=1.5,
    )
    pen.rect(x - w * 0.46, y - h + 6, w * 0.92, 8, darker(t, 0.32))


def _tea_things(pen: Pen, stage: Stage, x: float, y: float) -> None:
    clay = stage.lit("#7a3f2c")
    pen.oval(
        x,
        y - 6.5,
        7.5,
        6.3,
        pen.radial((x - 2.5, y - 9), 10, (0, lighter(clay, 0.25)), (0.6, clay), (1, darker(clay, 0.4))),
    )
    pen.path(d("M", x + 6.5, y - 6, "q", 5.5, -1, 6, -6), stroke=clay, width=1.8)
    pen.path(d("M", x - 6, y - 9.5, "c", -7, -1, -7, 7, 0, 6.4), stroke=clay, width=1.5)
    pen.oval(x, y - 12.6, 2.8, 1.2, darker(clay, 0.15))
    pen.oval(x, y - 14.0, 1.1, 1.1, clay)
    for k in (-20, 19, 27):
        cup = stage.lit("#e8ecec")
        pen.path(polygon([(x + k - 3.2, y - 5), (x + k + 3.2, y - 5), (x + k + 2, y), (x + k - 2, y)]), cup)
        pen.oval(x + k, y - 5, 3.2, 0.9, darker(cup, 0.2))


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


def teahouse(pen: Pen, stage: Stage) -> None:
    """Dark wood, lattice windows, shelves of tea, scrolls, red lanterns."""
    light = stage.light
    wood, dark = "#7d5138", "#4a2d22"
    _wall(pen, stage, "#8c6045", "#6d452f")
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
    if stage.crowded:
        for k, x in enumerate((-238.0, -172.0, 92.0, 158.0, 322.0, -400.0)):
            extra(pen, stage, x, 12, k, seated=True)
    for x in (-205.0, 125.0, 366.0, -436.0):
        _table(pen, stage, x, 26, 84, 66, "#6b4430")
        _tea_things(pen, stage, x, -40)
    for k, x in enumerate((-300.0, -190.0, -118.0, -52.0, 62.0, 118.0, 204.0, 330.0, -420.0, 440.0)):
        lantern(pen, stage, x, -150 + (k % 3) * 14 - 14, 12.5 + (k % 2) * 2.5, -300)
    power = light.lamp
    for x in (-250.0, -40.0, 150.0, 350.0):
        lamp_pool(pen, x, 60, 210, "#ffab5e", power * 0.85, 0.4)
        lamp_pool(pen, x, -140, 200, "#ffa257", power * 0.75)


def office(pen: Pen, stage: Stage) -> None:
    """A wall of glass over the city, desk, shelves, plant."""
    _wall(pen, stage, "#b9bcc4", "#9599a4")
    for k in range(4):
        window(pen, stage, -452 + k * 232, -272, 216, 196, "#3b404c", 2)
    low = stage.lit("#7d818d")
    pen.rect(LEFT, -70, RIGHT - LEFT, 70, pen.linear((0, -70), (0, 0), (0, low), (1, darker(low, 0.3))))
    roof = stage.lit("#d6d8dc")
    pen.rect(
        LEFT,
        TOP,
        RIGHT - LEFT,
        -300 - TOP,
        pen.linear((0, -560), (0, -300), (0, darker(roof, 0.35)), (1, roof)),
    )
    pen.rect(LEFT, -306, RIGHT - LEFT, 8, darker(roof, 0.35))
    for x in (-400.0, -130.0, 140.0, 410.0):  # ceiling lights
        pen.path(
            polygon([(x - 60, -322), (x + 60, -322), (x + 84, -358), (x - 84, -358)]),
            mix(roof, "#fffbe8", 0.85),
        )
        lamp_pool(pen, x, -300, 190, "#fff3cf", 0.3 + stage.light.lamp * 0.4)
    for x in (-238.0, 226.0):  # columns with books
        wall = stage.lit("#8b6f57")
        pen.rect(x - 46, -276, 92, 276, darker(wall, 0.5))
        for row in range(5):
            y = -224.0 + row * 52
            for k in range(9):
                book = stage.lit(
                    ("#7a3238", "#2f4f6a", "#c9b88f", "#3d5a46", "#54414f", "#c2c4c8")[
                        int(stage.rand(0, 6, "book", x, row, k))
                    ]
                )
                h = stage.rand(26, 40, "bookh", x, row, k)
                if stage.rand(0, 1, "gap", x, row, k) > 0.16:
                    pen.rect(x - 42 + k * 9.4, y - h, 8.6, h, book)
                    pen.rect(x - 42 + k * 9.4, y - h + 6, 8.6, 2, lighter(book, 0.35))
            pen.rect(x - 46, y, 92, 4, wall)
        pen.path(d("M", x - 46, -276, "h", 92, "v", 276, "h", -92, "Z"), stroke=wall, width=5)
    carpet = stage.lit("#5c6270")
    pen.rect(
        LEFT,
        0,
        RIGHT - LEFT,
        FLOOR,
        pen.linear((0, 0), (0, FLOOR), (0, darker(carpet, 0.3)), (0.3, carpet), (1, darker(carpet, 0.3))),
    )
    for k in range(-9, 10):
        pen.line((k * 60, 0), (k * 150, FLOOR), lighter(carpet, 0.07), 1.2, 0.6)
    for y in (14.0, 40.0, 86.0, 164.0, 290.0):
        pen.line((LEFT, y), (RIGHT, y), lighter(carpet, 0.07), 1.2, 0.6)
    # Desk with screen and chair.
    for x in (-46.0, -430.0, 420.0):
        chair = stage.lit("#22252e")
        pen.rect(
            x - 27,
            -112,
            54,
            72,
            pen.linear((x - 27, 0), (x + 27, 0), (0, lighter(chair, 0.15)), (1, chair)),
            r=12,
        )
        wood = stage.lit("#5e4334")
        pen.oval(x, 22, 108, 7, "#000000", 0.3)
        pen.rect(x - 92, -60, 184, 80, pen.linear((0, -60), (0, 20), (0, wood), (1, darker(wood, 0.4))))
        pen.rect(x - 80, -48, 160, 56, darker(wood, 0.18), r=2)
        pen.rect(x - 100, -68, 200, 9, lighter(wood, 0.14), r=2)
        pen.rect(x + 26, -114, 58, 38, "#171a21", r=2)
        pen.rect(
            x + 28.5, -111.5, 53, 33, pen.linear((x, -112), (x + 60, -78), (0, "#7fb4de"), (1, "#2f4a78"))
        )
        pen.rect(x + 52, -76, 6, 8, "#171a21")
        for k in range(4):
            pen.rect(x - 78 + k, -70 - k * 2.6, 34, 2.6, stage.lit(("#efece2", "#d5d8dd")[k % 2]))
        pen.path(
            polygon([(x - 30, -68), (x - 26, -96), (x - 12, -104), (x - 24, -93), (x - 26, -68)]),
            stage.lit("#c9a24e"),
        )
        lamp_pool(pen, x - 14, -86, 60, "#ffe0a0", stage.light.lamp * 0.7)
    plant(pen, stage, 134, 20, 128, "#e4e4e2")
    plant(pen, stage, -336, 16, 120, "#e4e4e2")
    if stage.crowded:
        for k, x in enumerate((-150.0, 318.0, 70.0)):
            extra(pen, stage, x, 8, k)


def home(pen: Pen, stage: Stage) -> None:
    """A living room: window and curtains, sofa, lamp, pictures, rug."""
    hue = ("#c9b49a", "#b9bda8", "#bfb0b4", "#a9b5bd")[int(stage.rand(0, 4, "wall"))]
    _wall(pen, stage, hue, darker(hue, 0.12))
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


def hospital(pen: Pen, stage: Stage) -> None:
    """A ward: pale walls, bed with monitor and drip, curtain, window, door."""
    _wall(pen, stage, "#d3e0dc", "#b9cdc8")
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


def room(pen: Pen, stage: Stage) -> None:
    """A plain room for a place that the painter does not know: window, door, cupboard, table."""
    hue = ("#b6a58f", "#9fa9a6", "#a79aa8", "#b0ab8e")[int(stage.rand(0, 4, "wall"))]
    _wall(pen, stage, hue)
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
    _table(pen, stage, -20, 26, 120, 70, "#7a573e")
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
