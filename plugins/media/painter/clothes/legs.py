"""What is worn below the waist: skirts, trousers, shoes."""

from __future__ import annotations

from ..anatomy import Anatomy
from ..colour import darker, lighter, luma, mix
from ..pen import Pen, d, smooth
from .cut import LONG_GARMENTS


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
