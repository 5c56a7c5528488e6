"""The upper garment: cloth, folds, light, and the trimmings of its kind."""

from __future__ import annotations

from ..anatomy import Anatomy
from ..colour import darker, lighter
from ..light import Light
from ..pen import Pen, d, smooth
from .casual import coat, dress, hoodie, jacket, sweater
from .chinese import changshan, qipao, robe
from .cut import BANDED, COATS, LONG_GARMENTS, torso
from .formal import labcoat, shirt, suit, uniform
from .necks import band

TRIM = {
    "suit": suit,
    "shirt": shirt,
    "qipao": qipao,
    "changshan": changshan,
    "jacket": jacket,
    "sweater": sweater,
    "dress": dress,
    "coat": coat,
    "labcoat": labcoat,
    "hoodie": hoodie,
    "uniform": uniform,
    "robe": robe,
}


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
        TRIM.get(clothes, shirt)(pen, a, base, accent)
    if clothes in BANDED:  # a standing collar rises above the garment's outline
        band(pen, a, base, accent if clothes == "qipao" else darker(base, 0.3))
