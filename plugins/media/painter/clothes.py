"""What characters wear: the garment's body, its collar and its trimmings, on a body's measures."""

from __future__ import annotations

from .anatomy import Anatomy
from .colour import darker, lighter, luma, mix
from .light import Light
from .pen import Pen, Point, d, polygon, smooth

LONG_GARMENTS = frozenset({"qipao", "changshan", "dress", "robe"})
COATS = frozenset({"coat", "labcoat"})
SHIRT = "#ece9e4"


def torso(a: Anatomy, low: float = 86.0) -> list[Point]:
    """The garment's outline from the left neck over the shoulders down to `low`."""
    n, s, w, h = a.neck, a.shoulder, a.waist, a.hip
    slope = 24.6 if a.feminine else 24.0
    right: list[Point] = [
        (n + 1.2, 19.6),
        (n + (s - n) * 0.45, 21.6),
        (s - 1.6, slope + 0.6),
        (s + 0.5, slope + 5.5),
        (s - 1.8, 36),
        (s - 3.4, 44),
    ]
    right += [(w + 0.6, 60), (h * 0.98, 76), (h, low)]
    return [(-x, y) for x, y in reversed(right)] + [(0, 18.8), *right]


def sleeve_colour(clothes: str, colour: str) -> str:
    """The colour of the sleeves: the garment's own, or white for a white coat."""
    return "#e9edf0" if clothes == "labcoat" else colour


def draw_lower(
    pen: Pen, a: Anatomy, clothes: str, colour: str, sitting: bool, stride: float, side: int
) -> None:
    """Skirt or trousers and shoes, under the torso; `stride` parts the feet in cm."""
    h = a.hip
    legs = "#2b2c36" if luma(colour) > 0.2 else "#191a22"
    if clothes in ("hoodie", "sweater", "jacket"):
        legs = "#2f3d57"
    if clothes == "suit" or clothes == "uniform":
        legs = darker(colour, 0.18)
    shoe = "#17141a"
    floor = 122.0 if sitting else 158.0
    for s in (-1, 1):
        foot_x = s * (7.6 + stride * (1 if s > 0 else 0.7))
        if a.feminine and clothes in ("dress", "qipao"):
            pen.path(
                smooth(
                    [
                        (s * 8.6, 108 if not sitting else 100),
                        (s * 5.0, floor - 26),
                        (foot_x - s * 1.6, floor - 6),
                        (foot_x + s * 1.6, floor - 6),
                        (s * 10.5, floor - 26),
                    ]
                ),
                mix(a.skin, a.shade, 0.3),
            )
        shift = 2.2 if s > 0 else -2.2
        pen.path(
            smooth(
                [
                    (foot_x - 3.4, floor - 6),
                    (foot_x + 3.4, floor - 6),
                    (foot_x + 4.4 + shift, floor - 0.8),
                    (foot_x, floor + 1.2),
                    (foot_x - 4.4 + shift, floor - 0.8),
                ]
            ),
            shoe,
        )
    if clothes in LONG_GARMENTS:
        hem = floor - (16 if clothes == "dress" else 9 if clothes == "qipao" else 4)
        flare = {"qipao": 0.82, "dress": 1.42, "robe": 1.35, "changshan": 1.16}[clothes]
        pts = [
            (-h, 78),
            (h, 78),
            (h * (1.0 + (flare - 1) * 0.6), 112),
            (h * flare, hem),
            (0, hem + 2.2),
            (-h * flare, hem),
            (-h * (1.0 + (flare - 1) * 0.6), 112),
        ]
        fill = pen.linear(
            (side * a.shoulder, 0),
            (-side * a.shoulder, 0),
            (0, lighter(colour, 0.12)),
            (0.45, colour),
            (1, darker(colour, 0.42)),
        )
        pen.path(smooth(pts, tension=0.8), fill)
        for k in (-0.6, -0.15, 0.4, 0.75):
            pen.path(
                d("M", k * h * 0.8, 88, "Q", k * h * 1.05, 118, k * h * flare, hem - 2),
                stroke=darker(colour, 0.4),
                width=0.7,
                alpha=0.55,
            )
        if clothes == "qipao":
            pen.path(d("M", h * 0.86, 104, "L", h * 0.8, hem), stroke=lighter(colour, 0.35), width=0.8)
        return
    hem = floor - 5
    for s in (-1, 1):
        knee = 104 if sitting else 116
        foot_x = s * (7.6 + stride * (1 if s > 0 else 0.7))
        pts = [
            (s * 0.2, 84),
            (s * h, 82),
            (s * (h * 0.86 + (2.5 if sitting else 0)), knee),
            (foot_x + s * 4.6, hem),
            (foot_x - s * 4.6, hem),
            (s * (2.2 + (2 if sitting else 0)), knee),
        ]
        pen.path(
            smooth(pts, tension=0.7),
            pen.linear(
                (s * h * 1.0, 0), (0, 0), (0, lighter(legs, 0.06)), (0.5, legs), (1, darker(legs, 0.5))
            ),
        )
        pen.path(
            d("M", s * h * 0.55, 92, "L", foot_x, hem - 2), stroke=darker(legs, 0.45), width=0.6, alpha=0.6
        )


def draw_torso(pen: Pen, a: Anatomy, clothes: str, colour: str, accent: str, light: Light) -> None:
    """The upper garment with collar and trimmings; neck skin shows where the neckline lets it."""
    side = light.side
    base = "#e9edf0" if clothes == "labcoat" else colour
    low = 112.0 if clothes in COATS else 88.0
    pts = torso(a, low)
    path = smooth(pts, tension=0.9)
    # A one-piece garment keeps its light across, so that the skirt goes on from the bodice without a seam.
    fall = 84 if clothes not in LONG_GARMENTS else 22
    pen.path(
        path,
        pen.linear(
            (side * a.shoulder, 22),
            (-side * a.shoulder, fall),
            (0, lighter(base, 0.12)),
            (0.45, base),
            (1, darker(base, 0.42)),
        ),
    )
    with pen.group(clip=path):
        # Second tone down the far side, and the fold lines that a body makes in cloth.
        s = -side
        pen.path(
            smooth(
                [
                    (s * a.shoulder * 1.2, 20),
                    (s * (a.shoulder - 5.5), 27),
                    (s * (a.shoulder - 7.5), 44),
                    (s * (a.waist - 5.5), 62),
                    (s * (a.hip - 4), 90),
                    (s * a.hip * 1.6, 96),
                ]
            ),
            darker(base, 0.55),
            0.38,
        )
        for s in (-1, 1):
            pen.path(
                d("M", s * (a.shoulder - 2.6), 37, "q", -s * 3.6, 2.4, -s * 6.2, 7.4),
                stroke=darker(base, 0.5),
                width=0.5,
                alpha=0.5,
            )
            pen.path(
                d("M", s * (a.waist - 0.4), 58, "q", -s * 4.4, 2.0, -s * 7.8, 1.2),
                stroke=darker(base, 0.5),
                width=0.45,
                alpha=0.45,
            )
            if a.feminine:
                pen.path(
                    d("M", s * 3.0, 45.5, "Q", s * 7.6, 48.4, s * (a.shoulder - 5.2), 42),
                    stroke=darker(base, 0.45),
                    width=0.6,
                    alpha=0.45,
                )
        # The head throws its shadow on the chest.
        pen.oval(-side * 2.5, 21.5, a.neck + 4.5, 4.6, "#0c0812", 0.26)
        pen.path(
            d(
                "M",
                side * (a.neck + 1.5),
                19.4,
                "Q",
                side * (a.shoulder - 3),
                21.2,
                side * (a.shoulder + 0.4),
                30,
            ),
            stroke=light.rim,
            width=1.0,
            alpha=0.45,
        )
        _TRIM.get(clothes, _shirt)(pen, a, base, accent)


def _skin_v(pen: Pen, a: Anatomy, depth: float, wide: float) -> None:
    n = a.neck
    pts = [
        (-n - wide, 17),
        (n + wide, 17),
        (n * 0.72 + wide * 0.3, 22.5),
        (0, depth),
        (-n * 0.72 - wide * 0.3, 22.5),
    ]
    pen.path(
        smooth(pts, tension=0.45),
        pen.linear((0, 18), (0, depth), (0, a.shade), (0.5, mix(a.skin, a.shade, 0.3)), (1, a.skin)),
    )
    pen.path(
        d(
            "M",
            -n - 0.6,
            21.0,
            "Q",
            -n * 0.5,
            22.6,
            -0.8,
            22.9,
            "M",
            n + 0.6,
            21.0,
            "Q",
            n * 0.5,
            22.6,
            0.8,
            22.9,
        ),
        stroke=a.shade,
        width=0.35,
        alpha=0.9,
    )


def _collar(pen: Pen, a: Anatomy, colour: str, drop: float = 29.0, spread: float = 7.0) -> None:
    n = a.neck
    for s in (-1, 1):
        shade = colour if s < 0 else darker(colour, 0.14)
        pen.path(
            polygon(
                [
                    (s * (n + 1.0), 15.8),
                    (s * 0.6, 22.6),
                    (s * (spread * 0.52), drop),
                    (s * (n + spread * 0.66), 22.0),
                ]
            ),
            shade,
            stroke=darker(colour, 0.3),
            width=0.2,
        )


def _suit(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(polygon([(-8, 16), (8, 16), (5, 40), (0, 57), (-5, 40)]), SHIRT)
    pen.path(polygon([(0, 16), (8, 16), (5, 40), (0, 57)]), darker(SHIRT, 0.16))
    _skin_v(pen, a, 24.0, -0.4)
    if not a.feminine:
        tie = accent if luma(accent) < 0.62 else darker(accent, 0.35)
        pen.path(
            polygon([(-1.7, 22.8), (1.7, 22.8), (1.1, 26.2), (2.6, 48), (0, 53), (-2.6, 48), (-1.1, 26.2)]),
            tie,
        )
        pen.path(polygon([(0, 22.8), (1.7, 22.8), (1.1, 26.2), (2.6, 48), (0, 53)]), darker(tie, 0.3))
        pen.path(polygon([(-1.7, 22.8), (1.7, 22.8), (1.1, 26.4), (-1.1, 26.4)]), lighter(tie, 0.14))
    _collar(pen, a, "#f6f4f0", 28.2, 6.2)
    for s in (-1, 1):
        lapel = lighter(c, 0.07) if s < 0 else darker(c, 0.16)
        pen.path(
            polygon(
                [
                    (s * (a.neck + 2.6), 18.2),
                    (s * 10.2, 33.2),
                    (s * 8.0, 35.0),
                    (s * 9.4, 38.0),
                    (s * 0.3, 60),
                    (s * 3.2, 42),
                    (s * 5.2, 26),
                ]
            ),
            lapel,
            stroke=darker(c, 0.5),
            width=0.3,
        )
    pen.path(d("M", 0.3, 60, "L", 1.6, 90), stroke=darker(c, 0.55), width=0.5)
    pen.oval(-0.9, 63.5, 0.9, 0.9, darker(c, 0.6))
    pen.oval(-0.7, 70.5, 0.9, 0.9, darker(c, 0.6))
    pen.path(
        polygon([(7.2, 41.6), (11.8, 41.0), (11.6, 39.2), (9.9, 40.6), (9.0, 38.4), (7.4, 40.2)]),
        mix(accent, "#ffffff", 0.35),
    )
    pen.path(d("M", 6.6, 42.0, "L", 12.4, 41.2), stroke=darker(c, 0.55), width=0.5)


def _shirt(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    _skin_v(pen, a, 27.0 if a.feminine else 25.5, 0.2)
    _collar(pen, a, lighter(c, 0.1), 29.5, 7.0)
    pen.path(
        d("M", -1.5, 28, "L", -1.5, 92, "M", 1.5, 28.5, "L", 1.5, 92), stroke=darker(c, 0.32), width=0.28
    )
    for k in range(6):
        pen.oval(0, 33 + k * 10, 0.75, 0.75, lighter(c, 0.5))
        pen.oval(0, 33 + k * 10, 0.3, 0.3, darker(c, 0.3))
    if not a.feminine:
        pen.path(
            d("M", 6, 40, "L", 12.4, 40, "L", 12.2, 47, "L", 9.2, 48.6, "L", 6.2, 47, "Z"),
            stroke=darker(c, 0.35),
            width=0.35,
        )


def _band(pen: Pen, a: Anatomy, c: str, trim: str) -> None:
    """The standing collar of qipao and changshan."""
    n = a.neck + 0.9
    pen.path(
        d("M", -n, 13.4, "Q", 0, 17.6, n, 13.4, "L", n + 1.0, 21.2, "Q", 0, 25.0, -n - 1.0, 21.2, "Z"),
        pen.linear((-n, 0), (n, 0), (0, lighter(c, 0.14)), (0.5, c), (1, darker(c, 0.35))),
    )
    pen.path(d("M", -n, 13.4, "Q", 0, 17.6, n, 13.4), stroke=trim, width=0.6)
    pen.path(d("M", 0, 15.6, "L", 0, 23.2), stroke=darker(c, 0.4), width=0.3)


def _knot(pen: Pen, x: float, y: float, angle: float, colour: str) -> None:
    with pen.group(f"translate({x:.2f} {y:.2f}) rotate({angle:.1f})"):
        pen.line((-2.0, 0), (2.0, 0), colour, 0.55)
        pen.oval(0, 0, 0.85, 0.8, lighter(colour, 0.2))


def _qipao(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    edge = d("M", 0, 23.0, "C", 3, 29, 8, 31, a.shoulder - 3.8, 36.0)
    pen.path(edge, stroke=accent, width=0.8)
    _band(pen, a, c, accent)
    for x, y, t in ((0.4, 24.4, 70), (5.0, 29.6, 28), (a.shoulder - 5.0, 35.4, 24)):
        _knot(pen, x, y, t, accent)
    # Embroidered flowers, faint, down one side.
    for k, (x, y, r) in enumerate(
        ((-8.5, 40, 2.4), (-5.0, 47, 1.7), (-9.0, 56, 2.0), (6.2, 66, 2.4), (9.0, 74, 1.6))
    ):
        for j in range(5):
            dx, dy = ((0, -1), (0.95, -0.3), (0.6, 0.8), (-0.6, 0.8), (-0.95, -0.3))[j]
            pen.oval(
                x + dx * r * 0.55,
                y + dy * r * 0.55,
                r * 0.46,
                r * 0.46,
                mix(c, accent, 0.6 if k % 2 else 0.75),
                0.75,
            )
        pen.oval(x, y, r * 0.28, r * 0.28, lighter(accent, 0.3))
    pen.path(
        d("M", -6.8, 38, "C", -2, 44, -12, 52, -6, 62), stroke=mix(c, accent, 0.5), width=0.35, alpha=0.7
    )


def _changshan(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(
        d("M", 0, 23.0, "C", 3, 29, 9, 31, a.shoulder - 3.4, 37.0, "L", a.waist + 1, 92),
        stroke=darker(c, 0.42),
        width=0.5,
    )
    _band(pen, a, c, darker(c, 0.3))
    for x, y, t in ((0.4, 24.6, 75), (6.0, 30.4, 28), (a.shoulder - 4.6, 37.4, 60), (a.waist - 0.4, 52, 85)):
        _knot(pen, x, y, t, accent)
    for k in range(3):  # woven roundels
        x, y = ((-8.0, 42.0), (2.0, 52.0), (-7.0, 66.0))[k]
        pen.oval(x, y, 3.2, 3.2, mix(c, accent, 0.22), 0.5)
        pen.oval(x, y, 2.2, 2.2, c, 0.55)


def _jacket(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(
        polygon([(-7, 16), (7, 16), (4.5, 50), (2.4, 92), (-2.4, 92), (-4.5, 50)]),
        mix("#e6e2da", accent, 0.12),
    )
    pen.path(polygon([(0, 16), (7, 16), (4.5, 50), (2.4, 92), (0, 92)]), "#1a1420", 0.16)
    _skin_v(pen, a, 24.5, 0.1)
    for s in (-1, 1):
        pen.path(
            polygon(
                [
                    (s * (a.neck + 0.8), 15.8),
                    (s * (a.neck + 5.5), 21.6),
                    (s * 8.4, 33),
                    (s * 4.4, 31),
                    (s * 4.0, 23),
                ]
            ),
            lighter(c, 0.12) if s < 0 else darker(c, 0.2),
            stroke=darker(c, 0.5),
            width=0.3,
        )
        pen.path(
            d("M", s * 4.4, 31, "L", s * 2.6, 92), stroke="#c9ccd2", width=0.6, dash="0.9 0.7", butt=True
        )
        pen.path(d("M", s * 8.2, 62, "L", s * 12.2, 72), stroke=darker(c, 0.5), width=0.6)
        pen.path(d("M", s * 8.0, 40, "L", s * (a.shoulder - 3.5), 39), stroke=darker(c, 0.4), width=0.4)


def _sweater(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    _skin_v(pen, a, 23.6, 0.6)
    ring = d(
        "M",
        -n - 1.6,
        18.4,
        "Q",
        0,
        27.4,
        n + 1.6,
        18.4,
        "L",
        n + 3.4,
        20.2,
        "Q",
        0,
        31.4,
        -n - 3.4,
        20.2,
        "Z",
    )
    pen.path(ring, lighter(c, 0.1), stroke=darker(c, 0.35), width=0.25)
    for k in range(-5, 6):
        pen.path(
            d("M", k * 1.15, 24.6 - k * k * 0.14, "L", k * 1.3, 27.2 - k * k * 0.16),
            stroke=darker(c, 0.3),
            width=0.26,
        )
    for row, y in enumerate((38.0, 43.5)):
        pts: list[str | float] = ["M", -26, y]
        for k in range(-8, 9):
            pts += ["L", k * 3.0, y + (1.6 if k % 2 else -1.6)]
        pen.path(d(*pts), stroke=accent if row == 0 else lighter(c, 0.45), width=0.8, alpha=0.8)


def _dress(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    pts = [
        (-n - 5.2, 16),
        (n + 5.2, 16),
        (n + 3.4, 24),
        (n * 0.8, 31.6),
        (0, 33.4),
        (-n * 0.8, 31.6),
        (-n - 3.4, 24),
    ]
    pen.path(
        smooth(pts, tension=0.8),
        pen.linear((0, 17), (0, 33), (0, a.shade), (0.45, mix(a.skin, a.shade, 0.25)), (1, a.skin)),
    )
    pen.path(
        d(
            "M",
            -n - 1.4,
            22.2,
            "Q",
            -n * 0.4,
            23.8,
            -0.8,
            23.6,
            "M",
            n + 1.4,
            22.2,
            "Q",
            n * 0.4,
            23.8,
            0.8,
            23.6,
        ),
        stroke=a.shade,
        width=0.4,
    )
    pen.path(smooth(pts[2:], closed=False, tension=0.8), stroke=lighter(c, 0.22), width=0.6)
    pen.path(d("M", -n - 0.2, 19, "Q", 0, 29.5, n + 0.2, 19), stroke=accent, width=0.32)
    pen.oval(0, 25.0, 0.85, 1.0, accent)
    pen.oval(-0.25, 24.7, 0.3, 0.3, "#ffffff", 0.8)
    pen.path(
        d(
            "M",
            -a.waist - 2,
            60,
            "Q",
            0,
            63.5,
            a.waist + 2,
            60,
            "L",
            a.waist + 2,
            64,
            "Q",
            0,
            67.5,
            -a.waist - 2,
            64,
            "Z",
        ),
        darker(c, 0.3),
    )


def _coat(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(polygon([(-7, 16), (7, 16), (3.5, 40), (0, 54), (-3.5, 40)]), mix("#2a2730", accent, 0.35))
    _skin_v(pen, a, 24.0, 0.0)
    n = a.neck
    scarf = mix("#2a2730", accent, 0.6)
    pen.path(
        d(
            "M",
            -n - 1.6,
            15.6,
            "Q",
            0,
            22.0,
            n + 1.6,
            15.6,
            "L",
            n + 2.8,
            20.6,
            "Q",
            0,
            28.6,
            -n - 2.8,
            20.6,
            "Z",
        ),
        scarf,
    )
    pen.path(d("M", -n - 1.8, 18.0, "Q", 0, 25.0, n + 1.8, 18.0), stroke=darker(scarf, 0.35), width=0.4)
    for s in (-1, 1):
        lapel = lighter(c, 0.1) if s < 0 else darker(c, 0.18)
        pen.path(
            polygon(
                [
                    (s * (n + 2.4), 17.6),
                    (s * 12.6, 30.4),
                    (s * 9.6, 33.4),
                    (s * 11.4, 37.0),
                    (s * 1.4, 58),
                    (s * 2.6, 42),
                    (s * 5.4, 25),
                ]
            ),
            lapel,
            stroke=darker(c, 0.5),
            width=0.3,
        )
    pen.path(d("M", 1.4, 58, "L", 2.4, 116), stroke=darker(c, 0.5), width=0.5)
    for y in (62.0, 74.0):
        for x in (-4.4, 5.6):
            pen.oval(x, y, 1.15, 1.15, darker(c, 0.62))
            pen.oval(x - 0.25, y - 0.3, 0.4, 0.35, lighter(c, 0.4), 0.8)


def _labcoat(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    pen.path(polygon([(-6, 16), (6, 16), (4, 40), (0, 58), (-4, 40)]), mix("#5b8fb0", accent, 0.15))
    _skin_v(pen, a, 24.5, 0.0)
    for s in (-1, 1):
        pen.path(
            polygon(
                [
                    (s * (a.neck + 1.8), 17.4),
                    (s * 10.2, 31.0),
                    (s * 8.0, 33.0),
                    (s * 9.2, 36.0),
                    (s * 0.4, 60),
                    (s * 3.0, 42),
                    (s * 4.8, 26),
                ]
            ),
            "#f6f8f9" if s < 0 else "#cfd6db",
            stroke="#a9b3ba",
            width=0.3,
        )
    pen.path(d("M", 0.4, 60, "L", 1.4, 116), stroke="#a4aeb6", width=0.5)
    pen.path(
        d(
            "M",
            -a.neck - 1.4,
            18,
            "C",
            -8,
            30,
            -6,
            38,
            -4,
            44,
            "M",
            a.neck + 1.4,
            18,
            "C",
            8,
            28,
            6,
            36,
            5,
            42,
        ),
        stroke="#2c3138",
        width=0.7,
    )
    pen.oval(-4, 45, 1.4, 1.4, "#aab4bd")
    pen.rect(7.2, 40, 5.6, 7.4, "#dfe5e9", r=0.4)
    pen.rect(8.0, 38.6, 0.6, 5, accent)
    pen.rect(9.4, 38.2, 0.6, 5, "#2c4f8a")


def _hoodie(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    _skin_v(pen, a, 24.6, 0.4)
    pen.path(
        d(
            "M",
            -n - 3.2,
            13.6,
            "C",
            -n - 7.5,
            18,
            -n - 5.5,
            26,
            0,
            31.5,
            "C",
            n + 5.5,
            26,
            n + 7.5,
            18,
            n + 3.2,
            13.6,
            "C",
            n + 2.8,
            20,
            4,
            24.6,
            0,
            26.4,
            "C",
            -4,
            24.6,
            -n - 2.8,
            20,
            -n - 3.2,
            13.6,
            "Z",
        ),
        lighter(c, 0.1),
        stroke=darker(c, 0.4),
        width=0.3,
    )
    for s in (-1, 1):
        pen.path(
            d("M", s * 3.0, 27.6, "q", s * 0.6, 6, -s * 0.2, 11.5), stroke=lighter(accent, 0.4), width=0.55
        )
        pen.oval(s * 2.8, 39.4, 0.5, 0.9, lighter(accent, 0.4))
    pen.path(
        polygon([(-9, 66), (9, 66), (12, 82), (-12, 82)]), lighter(c, 0.05), stroke=darker(c, 0.4), width=0.4
    )


def _uniform(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    _skin_v(pen, a, 23.4, -0.3)
    pen.path(polygon([(-5, 19), (5, 19), (2.4, 30), (-2.4, 30)]), mix(SHIRT, c, 0.25))
    pen.path(polygon([(-1.5, 22.8), (1.5, 22.8), (1.9, 31), (-1.9, 31)]), darker(c, 0.5))
    _collar(pen, a, lighter(c, 0.1), 31, 8.0)
    pen.path(d("M", 0, 30, "L", 0, 92), stroke=darker(c, 0.5), width=0.4)
    for k in range(4):
        pen.oval(0, 36 + k * 11, 0.95, 0.95, "#d9b45a")
    for s in (-1, 1):
        pen.path(
            polygon([(s * 5.4, 40), (s * 13.2, 40), (s * 13.0, 49), (s * 9.3, 50.4), (s * 5.6, 49)]),
            c,
            stroke=darker(c, 0.45),
            width=0.35,
        )
        pen.path(
            polygon(
                [
                    (s * (a.shoulder - 8), 22.2),
                    (s * (a.shoulder - 0.6), 24.4),
                    (s * (a.shoulder - 0.6), 27.2),
                    (s * (a.shoulder - 8), 24.6),
                ]
            ),
            darker(c, 0.4),
        )
        pen.oval(s * (a.shoulder - 2.4), 25.4, 0.6, 0.6, "#e0be62")
    pen.path(polygon([(8.0, 36.0), (11, 36.0), (10.6, 38.4), (9.5, 39.4), (8.4, 38.4)]), "#d9b45a")
    pen.rect(-a.waist - 3, 62, a.waist * 2 + 6, 4.0, "#1e1a1c")
    pen.rect(-2.2, 61.7, 4.4, 4.6, "#c9a450", r=0.5)


def _robe(pen: Pen, a: Anatomy, c: str, accent: str) -> None:
    n = a.neck
    pen.path(polygon([(-n - 2, 16), (n + 2, 16), (0.6, 33)]), SHIRT)
    _skin_v(pen, a, 26.0, 0.0)
    pen.path(
        d(
            "M",
            n + 1.2,
            16.4,
            "C",
            n,
            24,
            -1,
            36,
            -a.waist - 1,
            58,
            "L",
            -a.waist + 3.4,
            62,
            "C",
            3,
            40,
            n + 3.6,
            28,
            n + 4.6,
            19,
            "Z",
        ),
        darker(accent, 0.12),
    )
    pen.path(
        d(
            "M",
            -n - 1.2,
            16.4,
            "C",
            -n,
            24,
            1,
            36,
            a.waist + 1,
            58,
            "L",
            a.waist - 3.4,
            62,
            "C",
            -3,
            40,
            -n - 3.6,
            28,
            -n - 4.6,
            19,
            "Z",
        ),
        accent,
        stroke=darker(accent, 0.35),
        width=0.3,
    )
    pen.rect(-a.waist - 4, 58, a.waist * 2 + 8, 8.5, darker(accent, 0.4))
    pen.path(d("M", -a.waist - 4, 62.2, "L", a.waist + 4, 62.2), stroke=lighter(accent, 0.2), width=0.6)
    pen.path(polygon([(-2.2, 66), (2.2, 66), (3.4, 90), (-3.4, 90)]), darker(accent, 0.3))


_TRIM = {
    "suit": _suit,
    "shirt": _shirt,
    "qipao": _qipao,
    "changshan": _changshan,
    "jacket": _jacket,
    "sweater": _sweater,
    "dress": _dress,
    "coat": _coat,
    "labcoat": _labcoat,
    "hoodie": _hoodie,
    "uniform": _uniform,
    "robe": _robe,
}
