"""The hair that is seen in front, with sheen, strands and what is worn in it."""

from __future__ import annotations

from ..anatomy import Anatomy, Turn
from ..colour import darker, lighter, mix
from ..light import Light
from ..pen import Pen, d, polygon, smooth
from ..seed import between
from .shapes import LONG, front, shift


def draw_front(pen: Pen, style: str, a: Anatomy, turn: Turn, light: Light, accent: str) -> None:
    """The hair in front, with its sheen and strands, and what is worn in it."""
    h = a.half
    path = front(style, a, turn)
    if style == "bald":
        if a.age >= 50:
            for s in (-1, 1):
                pts = [
                    (s * (h + 0.5), -3.0),
                    (s * (h - 0.5), -4.6),
                    (s * (h - 0.5), 0.8),
                    (s * (h + 0.6), 2.4),
                ]
                pen.path(smooth(shift(pts, turn, 0)), a.hair, 0.9)
        pen.glow(light.side * 3 + turn.sin * 4, -10.2, 3.4, "#ffffff", 0.5, 0.6)
        return
    bottom = 24 if style in LONG else 4
    pen.path(
        path,
        pen.linear(
            (light.side * 8, -16),
            (-light.side * 8, bottom),
            (0, lighter(a.hair, 0.15)),
            (0.4, a.hair),
            (0.75, darker(a.hair, 0.2)),
            (1, darker(a.hair, 0.42)),
        ),
    )
    shine = mix(lighter(a.hair, 0.36), light.rim, 0.25)
    if style not in ("crew", "curly"):
        # A sheen band across the crown that follows the skull and fades at both ends.
        x0, _ = turn.at(0, 0, 3)
        fill = pen.linear(
            (x0 - h, 0),
            (x0 + h, 0),
            (0, shine, 0.0),
            (0.5 + light.side * 0.16, shine, 0.4),
            (1, shine, 0.0),
        )
        band = [
            (x0 - h, -8.6),
            (x0 - h * 0.55, -12.2),
            (x0, -13.4),
            (x0 + h * 0.55, -12.2),
            (x0 + h, -8.6),
            (x0 + h * 0.55, -11.0),
            (x0, -11.8),
            (x0 - h * 0.55, -11.0),
        ]
        pen.path(smooth(band), fill)
    # The clip's box is that of what it cuts, and a clip is dear: the sheen lies inside without one.
    hangs = style in LONG or style in ("bob", "braid")
    with pen.group(clip=path):
        lines = lighter(a.hair, 0.17)
        deep = darker(a.hair, 0.45)
        if style in LONG or style in ("bob", "braid"):
            part = (2.4 if between(0, 1, a.key, "part") < 0.5 else -2.4) if style != "bob" else 0.0
            low = 22 if style in LONG else 11
            for s in (-1, 1):
                for k in range(5):
                    x = s * (h - 1.7 + k * 0.72)
                    px, _ = turn.at(part + s * 0.4, 0, 2.5)
                    ex, _ = turn.at(x, 0, 2.5)
                    pen.path(
                        d(
                            "M",
                            px + s * k * 0.3,
                            -15 + k * 0.25,
                            "C",
                            px + s * (3.5 + k * 0.5),
                            -14 + k * 0.5,
                            ex - s * 0.6,
                            -8,
                            ex,
                            -0.5,
                            "S",
                            ex + s * 0.5,
                            8,
                            ex - s * 0.2,
                            low,
                        ),
                        stroke=lines if k % 2 else deep,
                        width=0.24,
                        alpha=0.6,
                    )
            if style != "bob":
                px, _ = turn.at(part, 0, 2.5)
                pen.path(
                    d("M", px, -16, "L", px - 0.1, -12),
                    stroke=mix(a.hair, a.shade, 0.5),
                    width=0.3,
                    alpha=0.8,
                )
        elif style in ("bun", "ponytail", "slick", "topknot"):
            for k in range(-4, 5):
                x, _ = turn.at(k * a.temple * 0.235, 0, 2.5)
                pen.path(
                    d(
                        "M",
                        x,
                        -8.6 + k * k * 0.34,
                        "C",
                        x * 1.05,
                        -11 + k * k * 0.2,
                        x * 0.8,
                        -13.6 + k * k * 0.1,
                        x * 0.5,
                        -15.6,
                    ),
                    stroke=lines if k % 2 else deep,
                    width=0.22,
                    alpha=0.65,
                )
        elif style == "side-part":
            s = 1 if between(0, 1, a.key, "part") < 0.5 else -1
            for k in range(6):
                x, _ = turn.at(s * (4.4 - k * 0.3), 0, 2.5)
                pen.path(
                    d(
                        "M",
                        x,
                        -9.8 - k * 0.9,
                        "C",
                        x - s * 4,
                        -11.2 - k * 0.7,
                        x - s * 9,
                        -9.4 - k * 0.5,
                        x - s * 11.8,
                        -4 - k * 1.2,
                    ),
                    stroke=lines if k % 2 else deep,
                    width=0.24,
                    alpha=0.6,
                )
        elif style in ("short", "curly"):
            for k in range(-5, 6):
                x, _ = turn.at(k * 1.55, 0, 2.5)
                pen.path(
                    d(
                        "M",
                        x * 0.7,
                        -14.8 + abs(k) * 0.35,
                        "q",
                        0.9 + 0.2 * k,
                        2.2,
                        x * 0.22 + 0.3,
                        5.4 - abs(k) * 0.15,
                    ),
                    stroke=lines if k % 2 else deep,
                    width=0.26,
                    alpha=0.55,
                )
        # The side away from the key light sinks.
        s = -light.side
        if hangs:
            pen.path(
                polygon(
                    [(s * 5.5, -18), (s * 14, -18), (s * 16, 30), (s * (h - 0.6), 30), (s * (h - 0.2), -3)]
                ),
                "#0a0610",
                0.24,
            )
    # Rim light along the lit side.
    s = light.side
    rim = shift([(s * (h * 0.3), -15.6), (s * (h * 0.76), -12.0), (s * (h + 0.3), -6.0)], turn, 2.5)
    if style != "curly":
        pen.path(smooth(rim, closed=False), stroke=light.rim, width=0.3, alpha=0.14)
    if style == "bun":
        x, _ = turn.at(0, 0, -4)
        pen.line((x - 7.6, -19.0), (x + 7.4, -13.8), darker(accent, 0.1), 0.5)
        pen.oval(x - 7.6, -19.0, 1.0, 1.0, accent)
        pen.oval(x - 7.9, -19.3, 0.35, 0.35, "#ffffff", 0.7)
    elif style == "topknot":
        x, _ = turn.at(0, 0, -4)
        pen.rect(x - 2.6, -17.4, 5.2, 1.9, accent, r=0.5)
        pen.line((x - 5, -16.4), (x + 5, -16.6), lighter(accent, 0.3), 0.4)
    elif style == "ponytail":
        s = -1 if turn.sin > 0.05 else 1
        pen.oval(s * (h - 0.1), -9.6, 1.1, 1.7, accent)


def draw_braid(pen: Pen, a: Anatomy) -> None:
    """The plait that lies over the shoulder, in front of the clothes."""
    s = 1 if between(0, 1, a.key, "braid side") < 0.5 else -1
    for k in range(8):
        y, x = 12 + k * 4.0, s * (a.half + 1.2 + k * 0.28)
        r = 2.7 - k * 0.12
        pen.path(
            smooth(
                [
                    (x, y - 2.4),
                    (x + r, y - 0.6),
                    (x + r * 0.6, y + 2.2),
                    (x, y + 2.9),
                    (x - r * 0.6, y + 2.2),
                    (x - r, y - 0.6),
                ]
            ),
            pen.linear((x - r, y), (x + r, y), (0, lighter(a.hair, 0.16)), (1, darker(a.hair, 0.3))),
        )
        pen.path(
            d("M", x - r * 0.9, y - 0.4, "Q", x, y + 2.4, x + r * 0.9, y - 0.4),
            stroke=darker(a.hair, 0.5),
            width=0.25,
            alpha=0.7,
        )
    x, y = s * (a.half + 3.3), 43.6
    pen.oval(x, y, 1.6, 0.9, "#a8324a")
    pen.path(
        smooth([(x - 1.2, y + 0.5), (x + 1.2, y + 0.5), (x + 1.8, y + 5), (x, y + 6.5), (x - 1.8, y + 5)]),
        a.hair,
    )
