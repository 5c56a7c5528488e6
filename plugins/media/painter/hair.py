"""Hair in two parts: what hangs behind the head and the shoulders, and what frames the face."""

from __future__ import annotations

from .anatomy import Anatomy, Turn
from .colour import darker, lighter, mix
from .light import Light
from .pen import Pen, Point, d, polygon, smooth
from .seed import between

LONG = ("long", "wavy")


def _dome(a: Anatomy, grow: float, top: float, low: float) -> list[Point]:
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


def _shift(points: list[Point], turn: Turn, depth: float = 4.0) -> list[Point]:
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
        return smooth(_shift(pts, turn, 2.5))
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
        return smooth(_shift(pts, turn, 2.5))
    if style in ("bun", "ponytail", "topknot"):
        line = -9.4 if style != "topknot" else -9.9
        outer = _dome(a, 0.55, -15.4, -0.6)
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
        return smooth(_shift(outer + inner, turn, 2.5))
    if style == "short":
        outer = _dome(a, 1.15, -16.2, -1.5)
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
        return smooth(_shift(outer + inner, turn, 2.5), tension=0.75)
    if style == "crew":
        outer = _dome(a, 0.35, -14.6, -1.0)
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
        return smooth(_shift(outer + inner, turn, 2.5), tension=0.7)
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
        return smooth(_shift(up + inner, turn, 2.5), tension=0.85)
    if style == "curly":
        outer = []
        rim = _dome(a, 1.4, -16.8, 0.5)
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
        return smooth(_shift(outer + inner, turn, 2.5))
    return ""


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
        pen.path(smooth(_dome(a, 0.3, -14.8, 5.0)), dark)
    elif style == "braid":
        pen.path(smooth([*_dome(a, 0.9, -15.6, 8.0), (0, 13)]), dark)
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
        pen.path(smooth([*_dome(a, 0.2, -14.6, 4.0), (0, 9)]), dark)
    elif style != "bald":
        pen.path(smooth([*_dome(a, -0.1, -14.4, 2.0), (h * 0.6, 8), (-h * 0.6, 8)]), dark)


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
                pen.path(smooth(_shift(pts, turn, 0)), a.hair, 0.9)
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
            (1, darker(a.hair, 0.3)),
        ),
    )
    shine = mix(lighter(a.hair, 0.36), light.rim, 0.25)
    with pen.group(clip=path):
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
        pen.path(
            polygon([(s * 5.5, -18), (s * 14, -18), (s * 16, 30), (s * (h - 0.6), 30), (s * (h - 0.2), -3)]),
            "#0a0610",
            0.24,
        )
    # Rim light along the lit side.
    s = light.side
    rim = _shift([(s * (h * 0.3), -15.9), (s * (h * 0.78), -12.2), (s * (h + 0.55), -6.0)], turn, 2.5)
    if style != "curly":
        with pen.group(clip=path):
            pen.path(smooth(rim, closed=False), stroke=light.rim, width=0.5, alpha=0.14)
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
