"""Eyes and brows: where a drawn person looks and what they feel."""

from __future__ import annotations

import attrs

from .anatomy import Anatomy, Turn
from .colour import darker, lighter, mix
from .pen import Pen, d, smooth


@attrs.frozen
class Mood:
    """An expression: brow ends raised (negative) or lowered, lids open (share), mouth corners up (cm)."""

    inner: float = 0.0
    outer: float = 0.0
    lids: float = 1.0
    corner: float = 0.0
    cheek: float = 0.0  # how far the lower lid is pushed up
    flush: float = 0.0
    tears: bool = False
    frown: bool = False


MOODS: dict[str, Mood] = {
    "neutral": Mood(corner=0.08),
    "happy": Mood(-0.35, -0.3, 0.86, 0.95, cheek=0.38, flush=0.3),
    "sad": Mood(-1.15, 0.5, 0.78, -0.75, tears=True),
    "angry": Mood(1.15, -0.55, 0.84, -0.5, frown=True, flush=0.2),
    "afraid": Mood(-1.2, 0.0, 1.22, -0.45),
    "surprised": Mood(-1.2, -1.25, 1.28, 0.0),
    "tense": Mood(0.55, 0.0, 0.84, -0.25, frown=True),
    "tender": Mood(-0.5, 0.1, 0.82, 0.45, cheek=0.15, flush=0.25),
    "tired": Mood(-0.3, 0.35, 0.62, -0.25),
    "smug": Mood(0.3, -0.5, 0.74, 0.55, cheek=0.1),
}


def draw_eyes(pen: Pen, a: Anatomy, turn: Turn, mood: Mood, look: float, closed: bool, iris: str) -> None:
    """Both eyes with lids and lashes; `look` from -1 (picture left) to 1; closed = the middle of a blink."""
    lash = darker(mix(a.hair if a.age < 65 else "#3a3034", "#1a1012", 0.6), 0.3)
    for s in (-1, 1):
        x, y = turn.at(s * a.eye_x, 0.0, 7.2)
        w = a.eye_w * turn.across(s * a.eye_x)
        h = a.eye_h * mood.lids
        low = a.eye_h * 0.62 * (1 - mood.cheek)
        # Corners: the inner one lies lower, the outer one is lifted by the tilt.
        xi, yi = x - s * w, y + 0.3
        xo, yo = x + s * w, y - a.eye_tilt
        upper = d("C", xi + s * w * 0.5, y - h * 1.25, xo - s * w * 0.55, y - h * 1.4, xo, yo)
        lower = d("C", xo - s * w * 0.35, y + low * 1.15, xi + s * w * 0.7, y + low * 1.3, xi, yi)
        # The socket: warm shade above the eye, stronger near the nose.
        pen.path(
            smooth([(xi - s * 0.5, yi - 0.6), (x, y - h - 1.55), (xo + s * 0.4, yo - 0.9), (x, y - h * 0.5)]),
            a.shade,
            0.38,
        )
        if closed:
            line = d(
                "M",
                xi,
                yi,
                "C",
                xi + s * w * 0.55,
                y + low * 1.3,
                xo - s * w * 0.5,
                y + low * 1.2,
                xo + s * 0.25,
                yo + 0.35,
            )
            pen.path(line, stroke=lash, width=0.42 if a.feminine else 0.34)
            pen.path(
                d(
                    "M",
                    xi + s * 0.3,
                    yi - 0.8,
                    "C",
                    xi + s * w * 0.6,
                    y - h * 0.55,
                    xo - s * w * 0.5,
                    y - h * 0.6,
                    xo,
                    yo - 0.35,
                ),
                stroke=darker(a.shade, 0.2),
                width=0.2,
                alpha=0.7,
            )
            if a.feminine:
                for k in (0.35, 0.65, 0.95):
                    px = xi + (xo - xi) * k
                    pen.path(d("M", px, y + low * 0.85, "l", s * 0.3, 0.5), stroke=lash, width=0.18)
            continue
        eye = d("M", xi, yi) + upper + lower + "Z"
        pen.path(eye, "#f4efe9")
        with pen.group(clip=eye):
            r = 1.26 + (0.08 if a.feminine else 0)
            ix = x + look * w * 0.36
            iy = y - h * 0.12
            fill = pen.radial(
                (ix, iy + r * 0.3), r, (0, lighter(iris, 0.38)), (0.6, iris), (1, darker(iris, 0.6))
            )
            pen.oval(ix, iy, r * 0.96, r, fill)
            pen.oval(ix, iy, r * 0.47, r * 0.5, "#0d0a0c")
            # The upper lid shades the ball.
            pen.path(
                d("M", xi, yi - 0.1)
                + upper
                + d(
                    "L",
                    xo,
                    yo + 0.2,
                    "C",
                    xo - s * w * 0.55,
                    y - h * 0.62,
                    xi + s * w * 0.5,
                    y - h * 0.52,
                    xi,
                    yi,
                    "Z",
                ),
                "#4a3640",
                0.34,
            )
            pen.oval(ix - 0.42, iy - 0.42, 0.36, 0.38, "#ffffff", 0.95)
            pen.oval(ix + 0.38, iy + 0.5, 0.18, 0.18, "#ffffff", 0.5)
            pen.oval(xi + s * 0.18, yi, 0.3, 0.3, "#d99a90", 0.8)
        thick = 0.46 if a.feminine else 0.33
        wing = (0.55, 0.5) if a.feminine else (0.12, 0.05)
        # The upper lash line is a shape: thin at the nose, thick outside.
        lid = d("M", xi - s * 0.1, yi + 0.05) + upper + d("L", xo + s * wing[0], yo - wing[1])
        lid += d(
            "C",
            xo - s * w * 0.5,
            y - h * 1.4 - thick,
            xi + s * w * 0.5,
            y - h * 1.25 - thick * 0.8,
            xi - s * 0.1,
            yi + 0.05,
            "Z",
        )
        pen.path(lid, lash, stroke=lash, width=0.09)
        pen.path(
            d(
                "M",
                xo,
                yo,
                "C",
                xo - s * w * 0.35,
                y + low * 1.15,
                xi + s * w * 0.7,
                y + low * 1.3,
                xi + s * 0.4,
                yi + 0.1,
            ),
            stroke=darker(a.shade, 0.35),
            width=0.16,
            alpha=0.65,
        )
        pen.path(
            d(
                "M",
                xi + s * 0.5,
                yi - h - 0.3,
                "C",
                xi + s * w * 0.7,
                y - h * 1.25 - 0.85,
                xo - s * w * 0.5,
                y - h * 1.4 - 0.75,
                xo + s * 0.1,
                yo - 0.75,
            ),
            stroke=darker(a.shade, 0.25),
            width=0.2,
            alpha=0.75,
        )
        if a.age >= 45:
            pen.path(
                d("M", xi + s * 0.2, yi + 1.1, "Q", x, y + low + 1.5, xo - s * 0.4, yo + 1.6),
                stroke=a.shade,
                width=0.22,
                alpha=0.8,
            )
        if mood.tears:
            pen.oval(x + s * 0.5, y + low * 0.85, w * 0.5, 0.2, "#ffffff", 0.75)
            pen.path(
                d("M", x + s * 0.8, y + low + 0.3, "q", s * 0.35, 1.9, s * 0.1, 3.1),
                stroke="#ffffff",
                width=0.34,
                alpha=0.42,
            )


def draw_brows(pen: Pen, a: Anatomy, turn: Turn, mood: Mood) -> None:
    """Both brows, tapered outward."""
    colour = darker(a.hair, 0.1) if a.age < 65 else mix(a.hair, "#6d6868", 0.5)
    if a.feminine:
        colour = mix(colour, a.shade, 0.18)
    for s in (-1, 1):
        x, _ = turn.at(s * a.eye_x, 0.0, 7.2)
        w = (a.eye_w + 0.5) * turn.across(s * a.eye_x)
        y = a.brow_y
        t = a.brow_thick
        xi, yi = x - s * w * 0.95, y + mood.inner + 0.25
        xm, ym = x + s * w * 0.35, y - 0.55 + (mood.inner * 0.25 + mood.outer * 0.75)
        xo, yo = x + s * w * 1.15, y + 0.25 + mood.outer
        brow = smooth(
            [
                (xi, yi - t * 0.6),
                (x - s * w * 0.3, (yi + ym) / 2 - t * 0.7),
                (xm, ym - t * 0.45),
                (xo, yo),
                (xm, ym + t * 0.45),
                (x - s * w * 0.3, (yi + ym) / 2 + t * 0.45),
                (xi, yi + t * 0.55),
            ]
        )
        pen.path(brow, colour, 0.92)
    if mood.frown or a.age >= 60:
        for s in (-1, 1):
            x, y = turn.at(s * 0.75, a.brow_y, 9)
            pen.path(
                d("M", x, y - 0.9, "q", -s * 0.2, 0.8, s * 0.05, 1.6),
                stroke=darker(a.shade, 0.1),
                width=0.22,
                alpha=0.7,
            )


def reach(a: Anatomy, turn: Turn) -> tuple[float, float, float, float]:
    """The box (x0, y0, x1, y1) in head cm that holds both eyes, open or closed, without the brows."""
    cx, _ = turn.at(0, 0, 7.2)
    w = a.eye_x + a.eye_w + 1.2
    return cx - w, -3.1, cx + w, 3.0
