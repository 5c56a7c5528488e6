"""The office: a wall of glass over the city, desks, books."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon
from ..stage import (
    FLOOR,
    LEFT,
    RIGHT,
    TOP,
    Stage,
    extra,
    lamp_pool,
    plant,
    window,
)
from .parts import back_wall


def office(pen: Pen, stage: Stage) -> None:
    """A wall of glass over the city, desk, shelves, plant."""
    back_wall(pen, stage, "#b9bcc4", "#9599a4")
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
