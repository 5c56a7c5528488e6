"""Things that the action names: small in a hand, large on a table."""

from __future__ import annotations

from collections.abc import Sequence

from . import words
from .colour import darker, lighter, mix
from .pen import Pen, d, polygon, smooth
from .seed import choose


def prop_for(objects: Sequence[str], action: str = "") -> str:
    """The first object that can be drawn; an unknown one becomes a plain thing, always the same one."""
    for text in (*objects, action):
        if found := words.find(text, words.PROPS):
            return found
    return choose(("package", "paper", "book"), objects[0].strip().lower()) if objects else ""


def draw_prop(pen: Pen, prop: str) -> None:
    """The thing round (0, 0), about 10 cm wide, standing on y = 0 or lying, lit from the upper left."""
    _DRAW.get(prop, _package)(pen)


def _package(pen: Pen) -> None:
    paper = "#b98a58"
    pen.path(polygon([(-7.5, -8), (4.5, -9.2), (7.6, -7.2), (-4.4, -5.6)]), lighter(paper, 0.28))
    pen.path(polygon([(-7.5, -8), (-4.4, -5.6), (-4.4, 1.0), (-7.5, -1.6)]), darker(paper, 0.38))
    pen.path(
        polygon([(-4.4, -5.6), (7.6, -7.2), (7.6, -0.6), (-4.4, 1.0)]),
        pen.linear((-4, -6), (7, 1), (0, paper), (1, darker(paper, 0.22))),
    )
    string = "#efe3c8"
    pen.path(polygon([(1.2, -6.4), (1.8, -6.5), (1.8, 0.2), (1.2, 0.3)]), string)
    pen.path(polygon([(-1.6, -8.5), (-1.0, -8.6), (1.8, -6.5), (1.2, -6.4)]), string)
    pen.path(d("M", -4.4, -2.4, "L", 7.6, -4.0, "M", -7.5, -4.9, "L", -4.4, -2.4), stroke=string, width=0.5)
    pen.oval(-1.0, -8.4, 1.5, 0.6, string)
    pen.oval(1.6, -8.2, 1.5, 0.6, string)


def _cup(pen: Pen) -> None:
    china = "#eef1f2"
    pen.oval(0, -0.2, 5.4, 1.1, darker(china, 0.2))
    pen.oval(0, -0.6, 5.2, 1.0, china)
    pen.path(
        smooth(
            [(-3.6, -6.2), (3.6, -6.2), (3.4, -3.4), (1.9, -0.9), (-1.9, -0.9), (-3.4, -3.4)], tension=0.8
        ),
        pen.linear((-4, 0), (4, 0), (0, "#ffffff"), (0.5, china), (1, darker(china, 0.4))),
    )
    pen.path(d("M", -3.5, -4.2, "Q", 0, -3.0, 3.5, -4.2), stroke="#3f6ea8", width=0.4)
    pen.oval(0, -6.2, 3.7, 0.95, darker(china, 0.12))
    pen.oval(0, -6.1, 3.2, 0.72, "#a8742e")
    for k in (-1, 0.6):
        pen.path(
            d("M", k, -7.6, "c", -1.4, -1.6, 1.4, -2.6, 0, -4.6), stroke="#ffffff", width=0.4, alpha=0.35
        )


def _glass(pen: Pen) -> None:
    pen.oval(0, -0.3, 2.9, 0.6, "#dfe8ee", 0.8)
    pen.rect(-0.25, -5.4, 0.5, 5.2, "#e8f0f4", 0.9)
    bowl = smooth([(-2.9, -11.2), (2.9, -11.2), (3.0, -8.0), (0, -5.0), (-3.0, -8.0)], tension=0.9)
    pen.path(bowl, "#eaf2f6", 0.35)
    with pen.group(clip=bowl):
        pen.rect(-4, -8.8, 8, 5, "#7c1526", 0.95)
        pen.oval(0, -8.8, 3.0, 0.5, "#a52a3c")
    pen.path(bowl, stroke="#f4fafc", width=0.22, alpha=0.9)
    pen.path(d("M", -2.0, -10.4, "Q", -2.5, -8.4, -1.5, -7.0), stroke="#ffffff", width=0.35, alpha=0.8)


def _letter(pen: Pen) -> None:
    pen.path(polygon([(-6.4, -4.6), (6.0, -5.6), (6.6, 2.2), (-5.8, 3.2)]), "#f1e6cf")
    pen.path(d("M", -6.4, -4.6, "L", 0.3, -0.4, "L", 6.0, -5.6), stroke="#c3b28d", width=0.3)
    pen.path(polygon([(-6.4, -4.6), (6.0, -5.6), (0.3, -0.4)]), "#e4d6b6")
    pen.oval(0.3, -0.7, 1.15, 1.1, "#a3242f")
    pen.oval(0.05, -0.95, 0.6, 0.55, "#c9505a", 0.8)


def _paper(pen: Pen) -> None:
    pen.path(polygon([(-5.2, -6.6), (4.8, -7.4), (5.8, 5.4), (-4.2, 6.2)]), "#d9d4c8")
    pen.path(polygon([(-5.6, -7.0), (4.4, -7.8), (5.4, 5.0), (-4.6, 5.8)]), "#f7f4ec")
    for k in range(7):
        y = -4.4 + k * 1.25
        pen.line((-4.0 + k * 0.1, y), (3.4 + k * 0.1 - (2.2 if k == 6 else 0), y - 0.6), "#8d8a92", 0.3)
    pen.line((-3.2, -5.7), (2.0, -6.1), "#2d2b34", 0.7)
    pen.oval(3.2, 3.0, 1.3, 1.25, "#c22b33", 0.75)


def _phone(pen: Pen) -> None:
    pen.rect(-3.4, -12.6, 7.0, 13.2, "#0c0d12", r=1.0)
    pen.rect(-3.4, -12.8, 6.8, 13.2, "#23252e", r=1.0)
    pen.rect(
        -3.0,
        -12.3,
        6.0,
        12.2,
        pen.linear((-3, -12), (3, 0), (0, "#8fd0ff"), (0.5, "#4a7fd0"), (1, "#2c3a7a")),
        r=0.7,
    )
    pen.oval(0, -8.2, 1.5, 1.5, "#ffffff", 0.85)
    pen.rect(-1.9, -5.9, 3.8, 0.5, "#ffffff", 0.8, r=0.25)
    pen.oval(-1.5, -2.2, 0.85, 0.85, "#e0454c")
    pen.oval(1.5, -2.2, 0.85, 0.85, "#3fbf6a")
    pen.path(polygon([(-3.0, -12.3), (0.4, -12.3), (-3.0, -4)]), "#ffffff", 0.12)


def _knife(pen: Pen) -> None:
    with pen.group("rotate(-18)"):
        pen.path(
            d("M", -3, -1.1, "L", 8.5, -1.1, "Q", 11.5, -0.4, 12.4, 0.9, "L", -3, 0.9, "Z"),
            pen.linear((0, -1), (0, 1), (0, "#eef3f6"), (0.5, "#aab6bf"), (1, "#dfe7ec")),
        )
        pen.rect(-3.5, -1.7, 0.9, 3.2, "#3d3a3a", r=0.3)
        pen.rect(-9.6, -1.1, 6.3, 2.1, pen.linear((0, -1), (0, 1), (0, "#6d4630"), (1, "#38221a")), r=0.9)
        for x in (-8.2, -6.2, -4.6):
            pen.oval(x, 0, 0.28, 0.28, "#cdb98a")


def _gun(pen: Pen) -> None:
    with pen.group("rotate(-10)"):
        pen.path(
            polygon(
                [
                    (-5, -4.2),
                    (7.5, -4.2),
                    (7.5, -1.8),
                    (-0.6, -1.6),
                    (-1.6, 0.6),
                    (-2.2, 4.4),
                    (-5.6, 4.0),
                    (-4.6, -1),
                ]
            ),
            pen.linear((0, -4), (0, 4), (0, "#5b5f6a"), (0.4, "#2b2d35"), (1, "#17181d")),
        )
        pen.path(d("M", -0.8, -1.6, "C", 1.8, -1.4, 1.6, 1.0, -1.4, 0.8), stroke="#23252c", width=0.5)
        pen.line((-4.6, -3.6), (7.0, -3.6), "#8c92a0", 0.3, 0.8)


def _money(pen: Pen) -> None:
    for k in range(5):
        y = 1.8 - k * 0.8
        pen.path(
            polygon([(-6.2, y - 2.6), (4.6, y - 4.4), (6.6, y - 1.0), (-4.2, y + 0.8)]),
            mix("#c9636a", "#e8a09c", k / 4),
            stroke="#8e3a40",
            width=0.14,
        )
    pen.oval(0.2, -3.2, 1.3, 0.9, "#f0c8c0")
    pen.path(polygon([(-1.6, -4.4), (0.0, -4.7), (2.0, -1.3), (0.4, -1.0)]), "#f5efe0")


def _photo(pen: Pen) -> None:
    with pen.group("rotate(-6)"):
        pen.rect(-5.2, -6.8, 10.4, 12.4, "#f7f3ea", r=0.2)
        pen.rect(-4.4, -6.0, 8.8, 8.8, pen.linear((0, -6), (0, 3), (0, "#9fb4c0"), (1, "#c9b28e")))
        for x, c in ((-1.7, "#5a3a34"), (1.8, "#2e3c50")):
            pen.path(smooth([(x - 2.2, 2.8), (x - 1.9, 0.4), (x, -0.7), (x + 1.9, 0.4), (x + 2.2, 2.8)]), c)
            pen.oval(x, -2.2, 1.25, 1.5, "#e2b48c")
            pen.path(
                d(
                    "M",
                    x - 1.35,
                    -2.2,
                    "A",
                    1.35,
                    1.55,
                    "0 0 1",
                    x + 1.35,
                    -2.2,
                    "Q",
                    x,
                    -3.4,
                    x - 1.35,
                    -2.2,
                    "Z",
                ),
                "#241a1a",
            )


def _ring(pen: Pen) -> None:
    pen.oval(0, -2.2, 3.6, 3.5, "#8a6420")
    pen.oval(0, -2.4, 3.5, 3.4, "#e6be5c")
    pen.oval(0, -2.3, 2.6, 2.55, "#6b4a3a")
    pen.path(polygon([(-1.8, -6.6), (1.8, -6.6), (2.6, -5.4), (0, -3.4 - 1.0), (-2.6, -5.4)]), "#d8f1ff")
    pen.path(polygon([(-1.8, -6.6), (0, -5.4), (-2.6, -5.4)]), "#ffffff")
    pen.path(polygon([(1.8, -6.6), (0, -5.4), (2.6, -5.4)]), "#a9d4f0")
    pen.glow(0, -5.8, 4.5, "#ffffff", 0.5)


def _key(pen: Pen) -> None:
    with pen.group("rotate(-24)"):
        brass = pen.linear((0, -2), (0, 2), (0, "#f2d58a"), (0.5, "#c1923a"), (1, "#7d5a1c"))
        pen.path(
            d(
                "M",
                -6.4,
                0,
                "m",
                -2.6,
                0,
                "a",
                2.6,
                2.6,
                "0 1 0",
                5.2,
                0,
                "a",
                2.6,
                2.6,
                "0 1 0",
                -5.2,
                0,
                "Z",
            ),
            stroke=brass,
            width=1.1,
        )
        pen.rect(-4.0, -0.5, 11.4, 1.0, brass, r=0.4)
        pen.rect(4.8, 0.2, 0.9, 2.2, brass)
        pen.rect(6.4, 0.2, 0.9, 1.7, brass)


def _book(pen: Pen) -> None:
    cover = "#6a2f35"
    pen.path(polygon([(-6.8, -3.8), (5.4, -5.4), (7.2, 1.8), (-5.0, 3.6)]), cover)
    pen.path(polygon([(-5.0, 3.6), (7.2, 1.8), (7.2, 3.2), (-5.0, 5.0)]), "#efe6d2")
    pen.path(polygon([(-6.8, -3.8), (-5.0, 3.6), (-5.0, 5.0), (-6.9, -2.4)]), darker(cover, 0.45))
    pen.path(d("M", -5.0, 5.1, "L", 7.2, 3.3), stroke=darker(cover, 0.3), width=0.4)
    pen.path(polygon([(-3.6, -2.6), (3.6, -3.5), (4.4, -0.6), (-2.9, 0.4)]), stroke="#d9b25c", width=0.3)


def _bottle(pen: Pen) -> None:
    body = smooth(
        [
            (-3.0, 0),
            (-3.1, -6.4),
            (-1.2, -8.6),
            (-1.1, -11.6),
            (1.1, -11.6),
            (1.2, -8.6),
            (3.1, -6.4),
            (3.0, 0),
        ],
        tension=0.7,
    )
    pen.path(body, pen.linear((-3, 0), (3, 0), (0, "#7fb08f"), (0.35, "#3f7a58"), (1, "#1f3f30")))
    pen.rect(-3.0, -5.6, 6.0, 3.8, "#f0e8d4")
    pen.rect(-2.2, -4.6, 4.4, 0.5, "#a33038")
    pen.rect(-2.2, -3.5, 3.2, 0.35, "#6a6670")
    pen.rect(-1.3, -13.0, 2.6, 1.6, "#8a5a34", r=0.3)
    pen.line((-2.2, -6.2), (-2.2, -0.8), "#ffffff", 0.4, 0.5)


def _flower(pen: Pen) -> None:
    pen.path(d("M", 0, 2, "Q", -0.6, -3, 0.4, -8), stroke="#3f6b3a", width=0.7)
    pen.path(smooth([(-0.2, -2.4), (-3.4, -4.4), (-3.0, -2.2)]), "#4d8046")
    pen.path(smooth([(0.1, -4.0), (3.0, -5.8), (2.8, -3.8)]), "#3f6b3a")
    for x, y, r, c in (
        (-1.7, -9.4, 2.2, "#9c1f33"),
        (1.9, -9.5, 2.2, "#8a1a2c"),
        (0, -11.0, 2.4, "#b8283e"),
        (0.1, -9.3, 2.0, "#d03a50"),
        (0.2, -9.8, 1.0, "#a01f34"),
    ):
        pen.oval(x, y, r, r * 0.9, c)


def _pendant(pen: Pen) -> None:
    pen.path(d("M", 0, -4, "C", -7, -9, -8, -14, -2, -13, "S", 7, -10, 0.4, -4), stroke="#8e2f2f", width=0.4)
    pen.oval(0, 0, 4.0, 4.0, pen.radial((-1.2, -1.4), 6, (0, "#d8f2dc"), (0.6, "#7fc09a"), (1, "#3f7f62")))
    pen.oval(0, 0, 1.2, 1.2, "#4a3a34")
    pen.path(d("M", -2.6, -1.2, "Q", -1.6, -2.9, 0.4, -2.9), stroke="#ffffff", width=0.4, alpha=0.8)
    pen.path(polygon([(-0.5, 4), (0.5, 4), (1.2, 8.2), (-1.2, 8.2)]), "#a83838")


_DRAW = {
    "package": _package,
    "cup": _cup,
    "glass": _glass,
    "letter": _letter,
    "paper": _paper,
    "phone": _phone,
    "knife": _knife,
    "gun": _gun,
    "money": _money,
    "photo": _photo,
    "ring": _ring,
    "key": _key,
    "book": _book,
    "bottle": _bottle,
    "flower": _flower,
    "pendant": _pendant,
}
FLAT = frozenset({"letter", "paper", "money", "photo", "knife", "gun", "key", "book", "pendant", "ring"})
