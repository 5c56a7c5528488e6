"""The outline of the hair in front of a face, style by style."""

from __future__ import annotations

from ..anatomy import Anatomy, Turn
from ..pen import Point, smooth
from ..seed import between

LONG = ("long", "wavy")


def dome(a: Anatomy, grow: float, top: float, low: float) -> list[Point]:
    """The outer edge of the hair from the left side at height `low` over the crown to the right side."""
    h = a.half + grow
    return [
        (-h, low),
        (-h - 0.15, -3.5),
        (-h * 0.86, -10.2),
        (-h * 0.46, top + 1.0),
        (0.0, top),
        (h * 0.46, top + 1.0),
        (h * 0.86, -10.2),
        (h + 0.15, -3.5),
        (h, low),
    ]


def shift(points: list[Point], turn: Turn, depth: float = 4.0) -> list[Point]:
    return [turn.at(x, y, depth) for x, y in points]


def front(style: str, a: Anatomy, turn: Turn) -> str:
    """Path data of the hair in front of the face; empty when there is none."""
    part = 2.4 if between(0, 1, a.key, "part") < 0.5 else -2.4
    h = a.half
    if style in LONG or style == "braid":
        low = {"long": 27.0, "wavy": 25.0, "braid": 7.0}[style]
        wave = 0.9 if style == "wavy" else 0.0
        g = 1.5 if style != "braid" else 1.0
        pts: list[Point] = [
            (part, -16.1),
            (h * 0.62, -14.6),
            (h + g * 0.6, -8.6),
            (h + g, -0.5),
            (h + g + 0.4 + wave, 7.5),
        ]
        if low > 10:
            pts += [(h + g + 0.2 - wave, 14.5), (h + g + 0.8 + wave, 20.5), (h - 0.4, low)]
            pts += [(h - 2.4 - wave, 20.0), (h - 1.5 + wave, 13.0)]
        else:
            pts += [(h - 0.6, low + 2.0)]
        pts += [
            (h - 1.0, 5.8),
            (a.temple - 0.5, -1.8),
            (a.temple * 0.72 + part * 0.1, -7.4),
            (part * 0.9 + 1.0, -11.2),
        ]
        pts += [
            (part, -12.0),
            (part - 2.0, -10.6),
            (-a.temple * 0.66, -6.8),
            (-a.temple + 0.3, -1.6),
            (-h + 0.9, 5.8),
        ]
        if low > 10:
            pts += [
                (-h + 1.5 - wave, 13.0),
                (-h + 2.4 + wave, 20.0),
                (-h + 0.4, low),
                (-h - g - 0.8 - wave, 20.5),
                (-h - g - 0.2 + wave, 14.5),
            ]
        else:
            pts += [(-h + 0.6, low + 2.0)]
        pts += [(-h - g - 0.4 - wave, 7.5), (-h - g, -0.5), (-h - g * 0.6, -8.6), (-h * 0.62, -14.6)]
        return smooth(shift(pts, turn, 2.5))
    if style == "bob":
        pts = [
            (0, -16.2),
            (h * 0.62, -14.7),
            (h + 1.3, -8.6),
            (h + 1.9, 0.0),
            (h + 2.1, 7.5),
            (h + 0.7, 11.6),
            (h - 1.9, 11.2),
            (h - 1.3, 6.0),
            (a.temple - 0.7, 0.0),
            (a.temple - 0.9, -3.2),
            (a.temple * 0.5, -4.3),
            (a.temple * 0.42, -3.7),
            (0.6, -4.6),
            (-0.2, -3.9),
            (-a.temple * 0.5, -4.4),
            (-a.temple * 0.56, -3.7),
            (-a.temple + 0.9, -3.4),
            (-a.temple + 0.7, 0.0),
            (-h + 1.3, 6.0),
            (-h + 1.9, 11.2),
            (-h - 0.7, 11.6),
            (-h - 2.1, 7.5),
            (-h - 1.9, 0.0),
            (-h - 1.3, -8.6),
            (-h * 0.62, -14.7),
        ]
        return smooth(shift(pts, turn, 2.5))
    if style in ("bun", "ponytail", "topknot"):
        line = -9.4 if style != "topknot" else -9.9
        outer = dome(a, 0.55, -15.4, -0.6)
        inner: list[Point] = [
            (a.temple + 0.2, 1.9),
            (a.temple - 0.55, -3.2),
            (a.temple * 0.72, -6.9),
            (a.temple * 0.3, line),
            (part * 0.2, line - 0.35),
            (-a.temple * 0.3, line),
            (-a.temple * 0.72, -6.9),
            (-a.temple + 0.55, -3.2),
            (-a.temple - 0.2, 1.9),
        ]
        return smooth(shift(outer + inner, turn, 2.5))
    if style == "short":
        outer = dome(a, 1.15, -16.2, -1.5)
        inner = [
            (a.temple + 0.3, 2.6),
            (a.temple - 0.5, 1.2),
            (a.temple - 0.6, -3.6),
            (a.temple * 0.72, -6.4),
            (a.temple * 0.52, -5.4),
            (a.temple * 0.3, -7.4),
            (a.temple * 0.02, -5.9),
            (-a.temple * 0.2, -7.7),
            (-a.temple * 0.44, -6.0),
            (-a.temple * 0.64, -7.6),
            (-a.temple + 0.6, -3.6),
            (-a.temple + 0.5, 1.2),
            (-a.temple - 0.3, 2.6),
        ]
        return smooth(shift(outer + inner, turn, 2.5), tension=0.75)
    if style == "crew":
        outer = dome(a, 0.35, -14.6, -1.0)
        inner = [
            (a.temple + 0.3, 1.6),
            (a.temple - 0.45, 0.6),
            (a.temple - 0.6, -5.0),
            (a.temple * 0.74, -8.6),
            (0, -9.2),
            (-a.temple * 0.74, -8.6),
            (-a.temple + 0.6, -5.0),
            (-a.temple + 0.45, 0.6),
            (-a.temple - 0.3, 1.6),
        ]
        return smooth(shift(outer + inner, turn, 2.5), tension=0.7)
    if style in ("side-part", "slick"):
        s = 1 if part > 0 else -1
        if style == "side-part":
            up: list[Point] = [
                (s * -(h + 0.7), -1.0),
                (s * -(h + 0.9), -6.0),
                (s * -(h * 0.93), -12.0),
                (s * -(h * 0.4), -16.9),
                (s * 2.0, -16.6),
                (s * 5.0, -14.9),
                (s * (h * 0.92), -10.2),
                (s * (h + 0.6), -4.0),
                (s * (h + 0.5), -1.0),
            ]
            inner = [
                (s * (a.temple + 0.3), 2.3),
                (s * (a.temple - 0.5), 1.0),
                (s * (a.temple - 0.6), -4.8),
                (s * 4.6, -9.6),
                (s * 1.2, -8.6),
                (s * -2.6, -7.0),
                (s * -(a.temple * 0.8), -5.6),
                (s * -(a.temple - 0.5), -2.6),
                (s * -(a.temple - 0.5), 1.0),
                (s * -(a.temple + 0.3), 2.3),
            ]
        else:
            up = [
                (s * -(h + 0.45), -1.0),
                (s * -(h + 0.5), -6.0),
                (s * -(h * 0.86), -11.6),
                (s * -(h * 0.42), -15.6),
                (0, -16.4),
                (s * (h * 0.42), -15.6),
                (s * (h * 0.86), -11.6),
                (s * (h + 0.5), -6.0),
                (s * (h + 0.45), -1.0),
            ]
            inner = [
                (s * (a.temple + 0.3), 2.3),
                (s * (a.temple - 0.5), 1.0),
                (s * (a.temple - 0.7), -5.2),
                (s * 5.0, -10.3),
                (s * 1.6, -9.8),
                (0, -8.9),
                (s * -1.6, -9.8),
                (s * -5.0, -10.3),
                (s * -(a.temple - 0.7), -5.2),
                (s * -(a.temple - 0.5), 1.0),
                (s * -(a.temple + 0.3), 2.3),
            ]
        return smooth(shift(up + inner, turn, 2.5), tension=0.85)
    if style == "curly":
        outer = []
        rim = dome(a, 1.4, -16.8, 0.5)
        for i, (x, y) in enumerate(rim):  # every second point stands out, which makes curls
            k = 1.0
            outer.append((x * k, y))
            if i + 1 < len(rim):
                nx, ny = rim[i + 1]
                mx, my = (x + nx) / 2, (y + ny) / 2
                outer.append((mx * 1.17, (my + 4) * 1.13 - 4))
        inner = [
            (a.temple + 0.4, 3.4),
            (a.temple - 0.6, 0.6),
            (a.temple - 0.2, -3.4),
            (a.temple * 0.66, -5.2),
            (a.temple * 0.56, -7.6),
            (a.temple * 0.2, -6.6),
            (0, -8.4),
            (-a.temple * 0.28, -6.6),
            (-a.temple * 0.5, -8.0),
            (-a.temple * 0.72, -5.4),
            (-a.temple + 0.2, -3.4),
            (-a.temple + 0.6, 0.6),
            (-a.temple - 0.4, 3.4),
        ]
        return smooth(shift(outer + inner, turn, 2.5))
    return ""
