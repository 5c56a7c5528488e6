"""A face from the front or three-quarter: ears, two-tone shading, nose, marks, mouth, eyes."""

from __future__ import annotations

from . import eyes as eye_parts
from .anatomy import Anatomy, Turn
from .colour import darker, lighter, mix
from .light import Light
from .model import Figure
from .mouth import draw_mouth
from .pen import Pen, Point, d, num, smooth

HANGING = frozenset({"long", "wavy", "bob", "braid"})  # styles that frame the face on both sides


def outline(a: Anatomy, turn: Turn) -> list[Point]:
    """The points of the face's edge, crown first, clockwise; depth makes the chin lead a turned head."""
    right = [
        (a.temple * 0.70, -11.6, 3.0),
        (a.temple, -6.0, 1.5),
        (a.cheek, 0.6, 1.0),
        (a.jaw * 1.06, 5.9, 2.0),
        (a.jaw * 0.74, 8.9, 4.5),
        (a.chin_w, a.chin - 0.55, 6.5),
    ]
    left = [(-x, y, z) for x, y, z in reversed(right)]
    points = [(0.0, -13.3, 1.0), *right, (0.0, a.chin, 7.5), *left]
    return [turn.at(*p) for p in points]


def _half(points: list[Point], side: int) -> str:
    """Path data of the edge from the crown down one side to the chin: the same curve as the whole edge."""
    ring = points if side > 0 else [points[0], *reversed(points[1:])]
    return " C ".join(smooth(ring).split(" C ")[:8])


def _second_tone(a: Anatomy, points: list[Point], s: int, cx: float) -> str:
    """The clean shape of shade down one side: outside along the face's own edge, so that it needs no clip."""
    inner = [
        points[7],
        (s * (a.jaw - 4.2) + cx, a.chin - 1.6),
        (s * (a.jaw - 1.4) + cx, 5.4),
        (s * (a.cheek - 3.2) + cx, 1.6),
        (s * (a.cheek - 1.9) + cx, -2.4),
        (s * (a.temple - 2.2) + cx, -9.0),
        points[0],
    ]
    return _half(points, s) + " C " + smooth(inner, closed=False).split(" C ", 1)[1] + " Z"


def _chin(points: list[Point], cx: float, chin: float) -> str:
    """A crescent along the lowest part of the edge."""
    curve = smooth(points).split(" C ")
    return (
        f"M {num(points[6][0])} {num(points[6][1])} C "
        + " C ".join(curve[7:9])
        + d(" Q", cx, chin - 1.5, *points[6], "Z")
    )


def draw_ears(pen: Pen, a: Anatomy, turn: Turn, earrings: str) -> None:
    """Both ears, behind the face; the far one goes under when the head turns."""
    for s in (-1, 1):
        far = s * turn.sin > 0
        x, y = turn.at(s * (a.cheek + (0.1 if far else 0.5)), 1.4, -0.5)
        r = 1.0 if far else 1.6
        pen.oval(x, y, r, 2.7, a.shade if far else mix(a.skin, a.shade, 0.35))
        if not far:
            pen.path(
                d("M", x + s * 0.5, y - 1.5, "C", x - s * 0.9, y - 1.6, x - s * 0.7, y + 0.6, x, y + 1.3),
                stroke=darker(a.shade, 0.12),
                width=0.35,
                alpha=0.8,
            )
        if earrings:
            pen.oval(x + s * 0.2, y + 3.0, 0.42, 0.55, earrings)


def _room(a: Anatomy, turn: Turn, x: float) -> float:
    """How far a glow at x on the cheek may reach before it leaves the face."""
    edges = [turn.at(s * a.cheek, 3.0, 1.2)[0] for s in (-1, 1)]
    return max(1.2, min(abs(x - e) for e in edges) + 0.3)


def _nose(pen: Pen, a: Anatomy, turn: Turn, side: int) -> None:
    """Bridge shade, tip, wings, nostrils; the dark side lies away from the key light."""
    tip_x, tip_y = turn.at(0, a.nose, 11.0)
    top_x, _ = turn.at(0, -1.8, 8.5)
    dark = -side if abs(turn.sin) < 0.05 else (1 if turn.sin > 0 else -1)
    w = a.nose_w
    pen.path(
        d(
            "M",
            top_x + dark * 0.9,
            -2.4,
            "C",
            top_x + dark * 0.5,
            0.6,
            tip_x + dark * 0.6,
            tip_y - 2.2,
            tip_x + dark * w * 0.95,
            tip_y - 0.1,
        )
        + d(
            "C",
            tip_x + dark * w * 0.8,
            tip_y + 0.75,
            tip_x + dark * 0.3,
            tip_y + 0.7,
            tip_x + dark * 0.1,
            tip_y + 0.45,
        )
        + d("C", tip_x + dark * 0.15, tip_y - 1.6, top_x + dark * 0.2, 0.4, top_x + dark * 0.9, -2.4, "Z"),
        a.shade,
        0.62,
    )
    line = darker(a.shade, 0.3)
    base_x, _ = turn.at(0, a.nose, 9.6)
    for s in (-1, 1):
        k = turn.across(s * 1.0)
        pen.path(
            d(
                "M",
                base_x + s * w * k * 0.86,
                tip_y - 0.75,
                "C",
                base_x + s * w * k * 1.25,
                tip_y - 0.2,
                base_x + s * w * k * 1.08,
                tip_y + 0.65,
                base_x + s * w * k * 0.62,
                tip_y + 0.48,
            ),
            stroke=line,
            width=0.2,
            alpha=0.75,
        )
        pen.oval(base_x + s * w * k * 0.5, tip_y + 0.48, 0.42 * k, 0.2, darker(a.shade, 0.5), 0.75)
    pen.path(
        d("M", base_x - w * 0.3, tip_y + 0.62, "Q", tip_x, tip_y + 0.95, base_x + w * 0.3, tip_y + 0.62),
        stroke=line,
        width=0.18,
        alpha=0.6,
    )
    glow = lighter(a.skin, 0.6)
    pen.path(
        d(
            "M",
            top_x - dark * 0.15,
            -1.2,
            "C",
            top_x - dark * 0.2,
            0.8,
            tip_x - dark * 0.5,
            tip_y - 2.4,
            tip_x - dark * 0.3,
            tip_y - 1.3,
        ),
        stroke=glow,
        width=0.4,
        alpha=0.4,
    )
    pen.oval(tip_x - dark * 0.3, tip_y - 0.45, 0.5, 0.42, glow, 0.5)


def draw_face(
    pen: Pen,
    figure: Figure,
    a: Anatomy,
    turn: Turn,
    light: Light,
    mouth: str,
    closed: bool,
    look: float,
    fringe: str,
    only: str = "",
) -> None:
    """The face under the hair; `fringe` is the front hair's path, which throws its shadow on the forehead."""
    mood = eye_parts.MOODS[figure.expression]
    marks = figure.profile.marks
    edge = smooth(outline(a, turn))
    draw_ears(pen, a, turn, figure.profile.accent_colour if "earrings" in marks else "")
    side = light.side
    pen.path(
        edge,
        pen.linear(
            (side * 9, -8),
            (-side * 9, 8),
            (0, lighter(a.skin, 0.16)),
            (0.55, a.skin),
            (1, mix(a.skin, a.shade, 0.45)),
        ),
    )
    cx = 7.5 * turn.sin
    points = outline(a, turn)
    pen.path(_second_tone(a, points, -side, cx), a.shade, 0.55)
    pen.path(_chin(points, cx, a.chin), a.shade, 0.5)
    if fringe and only != "mouth":
        # Only hair that hangs beside the face throws a shadow past its edge; a clip is dear on a large face.
        beside = figure.profile.hair_style in HANGING
        with pen.group(clip=edge if beside else ""), pen.group("translate(0 1.15)"):
            pen.path(fringe, a.shade, 0.55)
    for x in (-1, 1):
        bx, by = turn.at(x * (a.cheek * 0.62), 4.0, 6.4)
        strength = (0.30 if a.feminine else 0.15) + mood.flush * 0.5
        pen.glow(bx, by, min(3.1, _room(a, turn, bx)), "#e0604f", strength, 0.75)
    lx, ly = turn.at(side * a.cheek * 0.55, 2.7, 6.4)
    pen.glow(lx, ly, min(2.1, _room(a, turn, lx)), lighter(a.skin, 0.75), 0.35, 0.7)
    _marks_under(pen, figure, a, turn)
    _nose(pen, a, turn, side)
    if "beard" in marks or "stubble" in marks or "goatee" in marks:
        _beard(pen, a, turn, marks, "" if only == "mouth" else edge)
    if only != "eyes":
        draw_mouth(pen, a, turn, mouth, mood.corner)
    if "moustache" in marks or "beard" in marks or "goatee" in marks:
        _moustache(pen, a, turn)
    if only == "mouth":
        return
    eye_parts.draw_eyes(pen, a, turn, mood, look, closed, figure.profile.eyes)
    eye_parts.draw_brows(pen, a, turn, mood)
    if "glasses" in marks:
        _glasses(pen, a, turn)


def _marks_under(pen: Pen, figure: Figure, a: Anatomy, turn: Turn) -> None:
    marks = figure.profile.marks
    line = darker(a.shade, 0.16)
    if "wrinkles" in marks or a.age >= 55:
        for k, y in enumerate((-8.0, -6.6)):
            x, _ = turn.at(0, y, 8)
            pen.path(
                d("M", x - 3.4 + k * 0.6, y, "q", 3.2, -0.55, 6.6 - k * 1.2, 0),
                stroke=line,
                width=0.2,
                alpha=0.55,
            )
    if "wrinkles" in marks or a.age >= 42:
        for s in (-1, 1):
            x, y = turn.at(s * (a.nose_w + 0.6), a.nose, 8)
            pen.path(d("M", x, y, "q", s * 1.7, 1.1, s * 1.9, 3.0), stroke=line, width=0.24, alpha=0.65)
            ex, ey = turn.at(s * (a.eye_x + a.eye_w + 0.6), 0.2, 5)
            pen.path(
                d("M", ex, ey, "l", s * 0.8, -0.3, "M", ex, ey + 0.5, "l", s * 0.8, 0.3),
                stroke=line,
                width=0.16,
                alpha=0.6,
            )
    if "freckles" in marks:
        for k in range(9):
            for s in (-1, 1):
                x, y = turn.at(s * (2.6 + (k * 0.618 % 1) * 3.2), 2.4 + (k * 0.382 % 1) * 2.0, 7)
                pen.oval(x, y, 0.17, 0.15, darker(a.shade, 0.15), 0.6)
    if "mole" in marks:
        x, y = turn.at(a.mouth_w + 1.0, a.mouth - 1.5, 7)
        pen.oval(x, y, 0.3, 0.3, "#3a2420")
    if "scar" in marks:
        x, y = turn.at(-a.cheek * 0.6, 2.2, 6)
        pen.path(
            d("M", x - 0.6, y - 1.2, "L", x + 0.8, y + 2.6), stroke=mix(a.skin, "#c9837a", 0.7), width=0.42
        )
        pen.path(d("M", x - 0.35, y - 1.2, "L", x + 1.05, y + 2.6), stroke=line, width=0.14, alpha=0.7)


def _beard(pen: Pen, a: Anatomy, turn: Turn, marks: tuple[str, ...], edge: str) -> None:
    cx, _ = turn.at(0, 0, 7)
    if "goatee" in marks and "beard" not in marks:
        shape = smooth(
            [
                (cx - 1.7, a.mouth + 2.2),
                (cx, a.mouth + 1.9),
                (cx + 1.7, a.mouth + 2.2),
                (cx + 1.5, a.chin + 0.6),
                (cx, a.chin + 2.4),
                (cx - 1.5, a.chin + 0.6),
            ]
        )
        pen.path(shape, a.hair, 0.95)
        return
    points = [
        (-a.cheek - 0.3, 0.5),
        (-a.cheek + 0.9, 3.2),
        (-4.6 + cx, a.mouth - 1.6),
        (-2.6 + cx, a.mouth - 2.0),
        (cx, a.mouth - 1.7),
        (2.6 + cx, a.mouth - 2.0),
        (4.6 + cx, a.mouth - 1.6),
        (a.cheek - 0.9, 3.2),
        (a.cheek + 0.3, 0.5),
        (a.jaw + 1.0, 7.4),
        (a.jaw * 0.55 + cx, a.chin + 1.3),
        (cx, a.chin + 2.3),
        (-a.jaw * 0.55 + cx, a.chin + 1.3),
        (-a.jaw - 1.0, 7.4),
    ]
    if "beard" in marks:
        pen.path(
            smooth(points),
            pen.linear((0, 2), (0, a.chin + 2), (0, a.hair, 0.75), (0.4, a.hair), (1, darker(a.hair, 0.25))),
        )
        for k in range(-4, 5):
            pen.path(
                d("M", cx + k * 1.5, a.mouth + 2.6, "q", k * 0.12, 1.8, k * 0.1, 3.2),
                stroke=lighter(a.hair, 0.16),
                width=0.16,
                alpha=0.6,
            )
    else:
        with pen.group(clip=edge):
            pen.path(smooth(points), mix(a.hair, a.shade, 0.45), 0.34)


def _moustache(pen: Pen, a: Anatomy, turn: Turn) -> None:
    cx, y = turn.at(0, (a.mouth + a.nose) / 2 + 0.35, 9)
    half = d(
        "C",
        cx + 1.2,
        y - 0.75,
        cx + 3.0,
        y - 0.2,
        cx + a.mouth_w + 0.7,
        y + 1.3,
        "C",
        cx + 2.4,
        y + 0.85,
        cx + 1.1,
        y + 0.95,
        cx,
        y + 0.5,
    )
    other = d(
        "C",
        cx - 1.1,
        y + 0.95,
        cx - 2.4,
        y + 0.85,
        cx - a.mouth_w - 0.7,
        y + 1.3,
        "C",
        cx - 3.0,
        y - 0.2,
        cx - 1.2,
        y - 0.75,
        cx,
        y - 0.3,
        "Z",
    )
    pen.path(d("M", cx, y - 0.3) + half + other, a.hair)


def _glasses(pen: Pen, a: Anatomy, turn: Turn) -> None:
    frame = "#22202a"
    edges: list[tuple[int, float]] = []
    for s in (-1, 1):
        x, y = turn.at(s * (a.eye_x + 0.1), 0.35, 8.4)
        k = turn.across(s * a.eye_x)
        w, h = 3.3 * k, 2.45
        lens = d(
            "M",
            x - w,
            y - h * 0.75,
            "Q",
            x,
            y - h * 1.12,
            x + w,
            y - h * 0.75,
            "Q",
            x + w * 1.02,
            y + h,
            x,
            y + h * 1.02,
            "Q",
            x - w * 1.02,
            y + h,
            x - w,
            y - h * 0.75,
            "Z",
        )
        pen.path(lens, "#dff0ff", 0.12)
        pen.path(lens, stroke=frame, width=0.34)
        pen.path(
            d("M", x - w * 0.55, y + h * 0.35, "L", x - w * 0.05, y - h * 0.55),
            stroke="#ffffff",
            width=0.5,
            alpha=0.28,
        )
        edges.append((s, x - s * w))
        ex, ey = turn.at(s * (a.cheek + 0.2), 0.2, 0)
        pen.path(d("M", x + s * w, y - h * 0.5, "L", ex, ey), stroke=frame, width=0.3)
    y = 0.35 - 2.45 * 0.55
    pen.path(
        d("M", edges[0][1], y, "Q", (edges[0][1] + edges[1][1]) / 2, y - 0.6, edges[1][1], y),
        stroke=frame,
        width=0.34,
    )
