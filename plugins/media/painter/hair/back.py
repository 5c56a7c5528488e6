"""What hangs behind neck and shoulders, and the back of a head that looks away."""

from __future__ import annotations

from ..anatomy import Anatomy, Turn
from ..colour import darker, lighter
from ..pen import Pen, d, smooth
from .shapes import LONG, dome


def draw_back(pen: Pen, style: str, a: Anatomy, turn: Turn) -> None:
    """The hair behind neck and shoulders, drawn before the body."""
    h = a.half
    dark = darker(a.hair, 0.28)
    if style in LONG:
        wave = 1.6 if style == "wavy" else 0.4
        pts = [
            (0, -15.8),
            (h, -11.5),
            (h + 2.0, -1),
            (h + 2.6 + wave, 10),
            (h + 2.4, 20),
            (h + 3.6 + wave, 30),
            (h - 0.5, 41),
            (0, 43),
            (-h + 0.5, 41),
            (-h - 3.6 - wave, 30),
            (-h - 2.4, 20),
            (-h - 2.6 - wave, 10),
            (-h - 2.0, -1),
            (-h, -11.5),
        ]
        pen.path(smooth(pts), pen.linear((0, -10), (0, 42), (0, dark), (1, darker(a.hair, 0.1))))
    elif style == "bob":
        pts = [
            (0, -15.8),
            (h + 0.4, -11),
            (h + 1.9, 0),
            (h + 2.2, 8.5),
            (h + 0.2, 14.5),
            (0, 15),
            (-h - 0.2, 14.5),
            (-h - 2.2, 8.5),
            (-h - 1.9, 0),
            (-h - 0.4, -11),
        ]
        pen.path(smooth(pts), dark)
    elif style == "ponytail":
        s = -1 if turn.sin > 0.05 else 1
        pts = [
            (s * 4, -13),
            (s * 12.5, -9),
            (s * 15.0, 4),
            (s * 13.4, 18),
            (s * 15.2, 30),
            (s * 10.6, 26),
            (s * 9.4, 10),
            (s * 8.0, -2),
        ]
        pen.path(smooth(pts), pen.linear((0, -10), (0, 30), (0, a.hair), (1, dark)))
        for k in (0.0, 1.4, 2.8):
            pen.path(
                d("M", s * (11 + k * 0.4), -6, "C", s * (12 + k), 4, s * (10.6 + k), 16, s * (12 + k), 25),
                stroke=lighter(a.hair, 0.14),
                width=0.22,
                alpha=0.6,
            )
        pen.path(smooth(dome(a, 0.3, -14.8, 5.0)), dark)
    elif style == "braid":
        pen.path(smooth([*dome(a, 0.9, -15.6, 8.0), (0, 13)]), dark)
    elif style in ("bun", "topknot"):
        high = style == "topknot"
        y, r = (-18.6, 3.3) if high else (-16.4, 5.0)
        x, _ = turn.at(0, 0, -4)
        pen.oval(
            x,
            y,
            r * (1.0 if high else 1.15),
            r,
            pen.radial(
                (x - r * 0.3, y - r * 0.4), r * 1.6, (0, lighter(a.hair, 0.18)), (0.5, a.hair), (1, dark)
            ),
        )
        for k in (-0.5, 0.0, 0.5):
            pen.path(
                d("M", x - r * 0.8, y + k * r, "Q", x, y + (k - 0.55) * r, x + r * 0.8, y + k * r),
                stroke=dark,
                width=0.28,
                alpha=0.7,
            )
        pen.path(smooth([*dome(a, 0.2, -14.6, 4.0), (0, 9)]), dark)
    elif style != "bald":
        pen.path(smooth([*dome(a, -0.1, -14.4, 2.0), (h * 0.6, 8), (-h * 0.6, 8)]), dark)


def draw_behind(pen: Pen, style: str, a: Anatomy) -> None:
    """The back of a head that looks away."""
    h = a.half
    fill = pen.radial((-2, -7), 20, (0, lighter(a.hair, 0.14)), (0.5, a.hair), (1, darker(a.hair, 0.35)))
    if style == "bald":
        pen.path(
            smooth(
                [
                    (0, -13.6),
                    (h * 0.8, -10),
                    (h, -2),
                    (h * 0.8, 6),
                    (0, 9.5),
                    (-h * 0.8, 6),
                    (-h, -2),
                    (-h * 0.8, -10),
                ]
            ),
            pen.linear((-h, 0), (h, 0), (0, a.skin), (1, a.shade)),
        )
        return
    low = {"long": 41.0, "wavy": 39.0, "bob": 13.5}.get(style, 8.0)
    g = 1.2 if low > 10 else 0.6
    pts = [
        (0, -15.8),
        (h * 0.8, -12),
        (h + g, -3),
        (h + g * 1.4, low * 0.4),
        (h * (0.9 if low > 10 else 0.6), low * 0.92),
        (0, low + 0.8),
        (-h * (0.9 if low > 10 else 0.6), low * 0.92),
        (-h - g * 1.4, low * 0.4),
        (-h - g, -3),
        (-h * 0.8, -12),
    ]
    path = smooth(pts)
    pen.path(path, fill)
    with pen.group(clip=path):
        for k in range(-6, 7):
            pen.path(
                d("M", k * 0.5, -15, "C", k * 1.5, -10, k * 1.9, low * 0.4, k * 1.6, low + 1),
                stroke=lighter(a.hair, 0.15) if k % 2 else darker(a.hair, 0.4),
                width=0.3,
                alpha=0.5,
            )
    if style in ("bun", "topknot"):
        y = -6.0 if style == "bun" else -17.5
        pen.oval(
            0,
            y,
            5.2,
            4.8,
            pen.radial((-1.5, y - 1.5), 7, (0, lighter(a.hair, 0.2)), (1, darker(a.hair, 0.25))),
        )
        pen.path(d("M", -4, y + 1, "Q", 0, y - 3, 4, y + 1), stroke=darker(a.hair, 0.4), width=0.3)
    elif style == "ponytail":
        pen.path(
            smooth([(-2, -8), (2, -8), (4.4, 8), (3.2, 26), (0, 33), (-3.2, 26), (-4.4, 8)]),
            darker(a.hair, 0.12),
        )
