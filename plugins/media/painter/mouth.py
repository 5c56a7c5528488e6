"""The nine mouth shapes (Rhubarb's letters A-H and X), drawn on any face, bent by its expression."""

from __future__ import annotations

import attrs

from .anatomy import Anatomy, Turn
from .colour import darker, lighter, mix
from .pen import Pen, d

SHAPES = ("X", "A", "B", "C", "D", "E", "F", "G", "H")
DARK = "#2e0a10"  # the open mouth
TEETH = "#f3efe6"
TONGUE = "#b9545c"


@attrs.frozen
class Shape:
    """Half width (share of the resting mouth), opening in cm, shares of it that teeth and tongue take."""

    wide: float
    open: float
    teeth: float = 0.0
    tongue: float = 0.0
    lips: float = 1.0
    tucked: bool = False


# Opening order: X = A = 0 < B, G, F < C, E, H < D.
TABLE: dict[str, Shape] = {
    "X": Shape(1.0, 0.0),
    "A": Shape(0.94, 0.0, lips=0.72),
    "B": Shape(1.04, 0.95, teeth=0.40),
    "C": Shape(1.05, 2.0, teeth=0.26, tongue=0.25),
    "D": Shape(1.02, 3.5, teeth=0.17, tongue=0.3),
    "E": Shape(0.74, 2.1, teeth=0.12, tongue=0.15, lips=1.1),
    "F": Shape(0.42, 0.95, lips=1.25),
    "G": Shape(0.98, 1.2, teeth=0.46, tucked=True),
    "H": Shape(0.98, 2.4, teeth=0.18, tongue=0.34),
}


def draw_mouth(pen: Pen, a: Anatomy, turn: Turn, letter: str, corner: float) -> None:
    """The mouth in one shape; `corner` is how many cm the corners are raised (a smile) or lowered."""
    shape = TABLE[letter]
    w = a.mouth_w * shape.wide * turn.cos
    cx, cy = turn.at(0, a.mouth, 8.4)
    cy += 0.25 if shape.open > 1.5 else 0.0
    raised = -corner * (0.8 if shape.wide > 0.8 else 0.25)
    if corner > 0.4 and shape.wide > 0.8:
        w *= 1 + corner * 0.1
    top, low = -shape.open * 0.32, shape.open * 0.68
    # With a closed mouth the line itself carries the smile: its middle hangs below raised corners.
    sag = corner * 0.25 if shape.open == 0 else 0.0
    upper, lower = a.lip * 0.62 * shape.lips, a.lip * 0.95 * shape.lips
    y0 = cy + raised
    inner = d(
        "M",
        cx - w,
        y0,
        "C",
        cx - w * 0.5,
        cy + top * 1.15 + sag,
        cx + w * 0.5,
        cy + top * 1.15 + sag,
        cx + w,
        y0,
        "C",
        cx + w * 0.62,
        cy + low * 1.3 + sag,
        cx - w * 0.62,
        cy + low * 1.3 + sag,
        cx - w,
        y0,
        "Z",
    )
    e = w + 0.28  # the lips reach a little past the corners
    bow = cy + top - upper
    upper_lip = d(
        "M",
        cx - e,
        y0,
        "C",
        cx - e * 0.62,
        cy + top - upper * 0.9,
        cx - e * 0.36,
        bow - upper * 0.45,
        cx - e * 0.14,
        bow - 0.02,
        "Q",
        cx,
        bow + upper * 0.34,
        cx + e * 0.14,
        bow - 0.02,
        "C",
        cx + e * 0.36,
        bow - upper * 0.45,
        cx + e * 0.62,
        cy + top - upper * 0.9,
        cx + e,
        y0,
        "C",
        cx + w * 0.5,
        cy + top * 1.15 + sag + 0.12,
        cx - w * 0.5,
        cy + top * 1.15 + sag + 0.12,
        cx - e,
        y0,
        "Z",
    )
    lower_lip = d(
        "M",
        cx - e,
        y0,
        "C",
        cx - w * 0.6,
        cy + low * 1.3 + sag - 0.12,
        cx + w * 0.6,
        cy + low * 1.3 + sag - 0.12,
        cx + e,
        y0,
        "C",
        cx + e * 0.72,
        cy + low * 1.2 + lower * 1.32 + sag,
        cx - e * 0.72,
        cy + low * 1.2 + lower * 1.32 + sag,
        cx - e,
        y0,
        "Z",
    )
    # The shadow under the lower lip gives the chin its form.
    pen.oval(cx, cy + low + lower + 0.75 + sag, w * 0.5, 0.34, a.shade, 0.55)
    if shape.open > 0:
        pen.path(inner, DARK)
        with pen.group(clip=inner):
            if shape.tongue:
                height = shape.open * shape.tongue
                lift = shape.open * 0.32 if letter == "H" else 0.0
                pen.oval(cx, cy + low + height * 0.25 - lift, w * 0.55, height + lift * 0.6, TONGUE)
                pen.oval(
                    cx, cy + low - height * 0.1 - lift, w * 0.3, height * 0.45, lighter(TONGUE, 0.25), 0.6
                )
            if shape.teeth:
                span = shape.open * shape.teeth
                start = cy + top * 1.2 - 0.3
                pen.path(
                    d("M", cx - w, start, "L", cx + w, start, "L", cx + w * 0.86, cy + top + span * 0.8)
                    + d("Q", cx, cy + top + span * 1.25, cx - w * 0.86, cy + top + span * 0.8, "Z"),
                    TEETH,
                )
            # Lips throw a shadow on what is inside.
            pen.path(inner, stroke=DARK, width=0.3, alpha=0.3)
    pen.path(upper_lip, darker(a.lip_colour, 0.17))
    pen.path(lower_lip, a.lip_colour)
    if shape.tucked:
        # F and V: the lower lip lies under the upper teeth.
        pen.path(
            d("M", cx - w * 0.6, cy + low * 0.78, "Q", cx, cy + low * 1.15, cx + w * 0.6, cy + low * 0.78),
            stroke=a.lip_colour,
            width=0.55,
        )
    shine = mix(a.lip_colour, "#ffffff", 0.42)
    pen.oval(
        cx - w * 0.12,
        cy + low + lower * 0.5 + sag,
        w * 0.3,
        lower * 0.17,
        shine,
        0.55 if a.feminine else 0.22,
    )
    if shape.open == 0:
        line = d(
            "M",
            cx - e,
            y0,
            "C",
            cx - w * 0.5,
            cy + sag * 1.9,
            cx - w * 0.25,
            cy + 0.1 + sag,
            cx,
            cy + 0.1 + sag,
        )
        line += d("C", cx + w * 0.25, cy + 0.1 + sag, cx + w * 0.5, cy + sag * 1.9, cx + e, y0)
        pen.path(line, stroke=mix(darker(a.lip_colour, 0.32), "#7b3238", 0.35), width=0.26)
    for s in (-1, 1):  # dimples
        pen.path(
            d(
                "M",
                cx + s * (e + 0.05),
                y0 - 0.28,
                "Q",
                cx + s * (e + 0.3),
                y0 + 0.05,
                cx + s * (e + 0.06),
                y0 + 0.34,
            ),
            stroke=a.shade,
            width=0.2,
            alpha=0.8,
        )


def reach(a: Anatomy, turn: Turn) -> tuple[float, float, float, float]:
    """The box (x0, y0, x1, y1) in head cm that holds the mouth in every shape."""
    cx, cy = turn.at(0, a.mouth, 8.4)
    w = a.mouth_w * 1.18 + 0.8
    return cx - w, cy - 2.7, cx + w, cy + 5.2
