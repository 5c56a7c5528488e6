"""The study: shelves of books round a tall window, a desk with a lamp."""

from __future__ import annotations

from ..colour import darker, lighter, mix
from ..pen import Pen, d, polygon, smooth
from ..stage import LEFT, RIGHT, TOP, Stage, extra, lamp_pool, planks, plant, window
from .parts import back_wall

_BOOKS = ("#7a3238", "#2f4f6a", "#b9a47a", "#3d5a46", "#54414f", "#8a5a34", "#c9bfa8", "#27363f")


def _shelves(pen: Pen, stage: Stage, x: float, w: float) -> None:
    """A bookcase from the floor to the frieze, x = its middle."""
    wood = stage.lit("#5e3b2a")
    pen.rect(x - w / 2, -274, w, 274, darker(wood, 0.62))
    for row in range(5):
        y = -222.0 + row * 46
        at = x - w / 2 + 6
        k = 0
        while at < x + w / 2 - 12:
            thick, h = stage.rand(5, 9.5, "thick", x, row, k), stage.rand(25, 38, "tall", x, row, k)
            book = stage.lit(_BOOKS[int(stage.rand(0, len(_BOOKS), "book", x, row, k))])
            if stage.rand(0, 1, "gap", x, row, k) > 0.14:
                pen.rect(
                    at,
                    y - h,
                    thick,
                    h,
                    pen.linear(
                        (at, 0),
                        (at + thick, 0),
                        (0, lighter(book, 0.12)),
                        (0.6, book),
                        (1, darker(book, 0.4)),
                    ),
                )
                pen.rect(at, y - h + 5, thick, 1.6, mix(book, stage.lit("#d9b96a"), 0.7))
            elif row % 2:
                vase = stage.lit("#9fb7b4")
                pen.oval(at + 4, y - 8, 5.5, 8, vase)
                pen.rect(at + 1.6, y - 20, 4.8, 6, darker(vase, 0.15))
            at += thick + 0.8
            k += 1
        pen.rect(x - w / 2, y, w, 4.5, lighter(wood, 0.06))
    pen.rect(x - w / 2, -40, w, 40, darker(wood, 0.12))
    for s in (-1, 1):
        pen.rect(x + s * w * 0.24 - w * 0.2, -35, w * 0.4, 30, darker(wood, 0.3), r=1.5)
        pen.oval(x + s * 5, -20, 1.8, 1.8, stage.lit("#c9a45a"))
    edge = d("M", x - w / 2, -276, "h", w, "v", 276, "h", -w, "Z")
    pen.path(edge, stroke=wood, width=5, butt=True)
    pen.rect(x - w / 2 - 5, -284, w + 10, 10, lighter(wood, 0.08), r=1)


def _desk(pen: Pen, stage: Stage, x: float) -> None:
    wood = stage.lit("#6e4530")
    power = stage.light.lamp
    pen.oval(x, 24, 96, 7, "#000000", 0.3)
    for s in (-1, 1):
        pen.rect(x + s * 58 - 24, -54, 48, 78, darker(wood, 0.3), r=1.5)
        for y in (-48.0, -22.0):
            pen.rect(x + s * 58 - 19, y, 38, 22, darker(wood, 0.12), r=1.5)
            pen.oval(x + s * 58, y + 11, 2.2, 2.2, stage.lit("#c9a45a"))
    pen.rect(x - 34, -54, 68, 26, darker(wood, 0.45))
    pen.rect(
        x - 92, -62, 184, 9, pen.linear((x - 92, 0), (x + 92, 0), (0, lighter(wood, 0.16)), (1, wood)), r=1.5
    )
    # Lamp with a green shade, inkstone, papers.
    lx = x + 54
    pen.rect(lx - 1.5, -88, 3, 26, stage.lit("#b58f45"))
    pen.oval(lx, -62, 10, 2.4, stage.lit("#b58f45"))
    shade = mix(stage.lit("#2f6a52"), "#8fd0a0", 0.45 * power)
    pen.path(
        smooth([(lx - 21, -86), (lx - 15, -98), (lx, -101), (lx + 15, -98), (lx + 21, -86)], tension=0.7),
        shade,
    )
    lamp_pool(pen, lx, -76, 120, "#ffc470", power)
    lamp_pool(pen, lx - 10, -60, 90, "#ffd590", power, 0.3)
    for k in range(3):
        pen.path(
            polygon(
                [
                    (x - 50 + k, -63 - k * 1.6),
                    (x - 14 + k, -63 - k * 1.6),
                    (x - 12 + k, -64.6 - k * 1.6),
                    (x - 48 + k, -64.6 - k * 1.6),
                ]
            ),
            stage.lit("#efe8d6"),
        )
    pen.rect(x - 74, -72, 14, 10, stage.lit("#7c3b30"), r=2)
    for k in (-3, 0, 4):
        pen.line((x - 67 + k * 0.6, -71), (x - 68 + k * 1.6, -90 - abs(k)), stage.lit("#c8a878"), 1.1)


def study(pen: Pen, stage: Stage) -> None:
    """Dark panels, a window on the night, books to the ceiling."""
    back_wall(pen, stage, "#6d6150", "#564a3c")
    pen.rect(LEFT, TOP, RIGHT - LEFT, -306 - TOP, darker(stage.lit("#8a7c66"), 0.5))
    pen.rect(LEFT, -310, RIGHT - LEFT, 9, stage.lit("#7d5a3e"))
    for x in (-24.0, -330.0, 300.0):
        window(pen, stage, x - 42, -262, 84, 182, "#6b4a36", 2)
        cloth = stage.lit("#5a2f34")
        pen.rect(x - 70, -284, 140, 5, stage.lit("#8a6a3a"), r=2)
        for s in (-1, 1):
            cx = x + s * 52
            pen.path(
                smooth(
                    [
                        (cx - 15, -282),
                        (cx + 15, -282),
                        (cx + 12, -150),
                        (cx + 16, -6),
                        (cx, -3),
                        (cx - 16, -6),
                        (cx - 12, -150),
                    ],
                    tension=0.6,
                ),
                pen.linear(
                    (cx - 16, 0),
                    (cx + 16, 0),
                    (0, lighter(cloth, 0.14)),
                    (0.5, cloth),
                    (1, darker(cloth, 0.45)),
                ),
            )
            for k in (-7, 0, 7):
                pen.path(
                    d("M", cx + k, -280, "Q", cx + k * 0.7, -150, cx + k * 1.1, -6),
                    stroke=darker(cloth, 0.45),
                    width=1.3,
                    alpha=0.6,
                )
    for x, w in (
        (-126.0, 88.0),
        (86.0, 100.0),
        (192.0, 88.0),
        (-222.0, 88.0),
        (410.0, 100.0),
        (-440.0, 100.0),
    ):
        _shelves(pen, stage, x, w)
    pen.rect(LEFT, -12, RIGHT - LEFT, 12, darker(stage.lit("#5e3b2a"), 0.2))
    planks(pen, stage, "#7d5538")
    rug = stage.lit("#6a2f33")
    pen.oval(0, 96, 240, 46, darker(rug, 0.15))
    pen.oval(0, 95, 226, 41, rug)
    pen.oval(0, 95, 190, 33, mix(rug, stage.lit("#b08a4a"), 0.35), 0.6)
    pen.oval(0, 95, 182, 31, rug)
    _desk(pen, stage, 18)
    plant(pen, stage, -96, 22, 104, "#6a7f8a")
    lamp_pool(pen, -24, -120, 190, "#ffb868", stage.light.lamp * 0.5)
    if stage.crowded:
        for k, x in enumerate((-150.0, -70.0, 90.0, 170.0)):
            extra(pen, stage, x, 8, k)
