"""Where the camera stands and where everybody is: shot size, frame shape and figures to boxes in cm."""

from __future__ import annotations

import math

import attrs

from .anatomy import Anatomy, anatomy
from .body import sole
from .model import Figure, Picture
from .pen import Point

MARGIN = 1.15  # plate against frame, so that the camera can move
SOLE = 62.0  # where shoes stand in the set, in cm in front of the back wall's foot

# Frame height in cm for an upright 9:16 frame and for a 16:9 frame.
_HEIGHT = {
    "EWS": (540.0, 380.0),
    "WS": (290.0, 236.0),
    "FS": (232.0, 204.0),
    "MS": (136.0, 106.0),
    "TWO": (136.0, 106.0),
    "MCU": (94.0, 72.0),
    "OTS": (98.0, 76.0),
    "CU": (64.0, 47.0),
    "ECU": (36.0, 25.0),
    "INSERT": (60.0, 42.0),
}
_GAP = {
    "EWS": 66.0,
    "WS": 62.0,
    "FS": 58.0,
    "MS": 34.0,
    "TWO": 33.0,
    "MCU": 30.0,
    "OTS": 34.0,
    "CU": 29.0,
    "ECU": 29.0,
}
_EDGE = {
    "EWS": 90.0,
    "WS": 78.0,
    "FS": 76.0,
    "MS": 42.0,
    "TWO": 40.0,
    "MCU": 35.0,
    "OTS": 42.0,
    "CU": 33.0,
    "ECU": 18.0,
}
# How much more of the set than of the figures' plane is seen, and how soft it is (share of its width).
_DEPTH = {
    "EWS": 1.0,
    "WS": 1.0,
    "FS": 1.06,
    "MS": 1.5,
    "TWO": 1.5,
    "MCU": 1.8,
    "OTS": 1.8,
    "CU": 2.3,
    "ECU": 3.0,
    "INSERT": 2.6,
}
_BLUR = {
    "EWS": 0.0,
    "WS": 0.0,
    "FS": 0.0,
    "MS": 0.0022,
    "TWO": 0.0022,
    "MCU": 0.0045,
    "OTS": 0.0055,
    "CU": 0.008,
    "ECU": 0.012,
    "INSERT": 0.012,
}
_EYES_AT = {"MS": 0.34, "TWO": 0.34, "MCU": 0.37, "OTS": 0.38, "CU": 0.41, "ECU": 0.36}
_CROWN = {"bun": 22.5, "topknot": 23.0}  # how far hair rises above the eyes, in cm
_WIDE_SIZES = ("EWS", "WS", "FS")
_RANK = {"left": 0, "centre-left": 1, "centre": 2, "centre-right": 3, "right": 4}
_SHIFT = {"left": -1.0, "centre-left": -0.5, "centre": 0.0, "centre-right": 0.5, "right": 1.0}


@attrs.frozen
class View:
    """A box of the world, in cm."""

    x: float
    y: float
    w: float
    h: float

    def grown(self, factor: float) -> View:
        """The box scaled about its centre."""
        return View(
            self.x - self.w * (factor - 1) / 2,
            self.y - self.h * (factor - 1) / 2,
            self.w * factor,
            self.h * factor,
        )

    def box(self) -> tuple[float, float, float, float]:
        """x, y, w, h."""
        return self.x, self.y, self.w, self.h


@attrs.frozen
class Placed:
    """A figure at its place: x, y of the point between the eyes, in cm of the world."""

    index: int
    figure: Figure
    measures: Anatomy
    x: float
    y: float
    scale: float
    look: float
    sitting: bool
    foreground: bool = False


@attrs.frozen
class Shot:
    """The camera's boxes (figures' plane, set), who stands where, the set's softness, tilt in degrees."""

    size: str
    view: View
    set_view: View
    placed: tuple[Placed, ...]
    blur: float
    tilt: float
    table: bool
    crowd: bool  # extras are about

    def turned(self, point: Point) -> Point:
        """A world point after the camera's tilt about the middle of the view."""
        cx, cy = self.view.x + self.view.w / 2, self.view.y + self.view.h / 2
        a = math.radians(self.tilt)
        dx, dy = point[0] - cx, point[1] - cy
        return cx + dx * math.cos(a) - dy * math.sin(a), cy + dx * math.sin(a) + dy * math.cos(a)


def _sits(figure: Figure, picture: Picture, set_name: str) -> bool:
    return figure.pose == "sit" or (
        figure.pose == "drink" and picture.interior and set_name in ("teahouse", "home")
    )


def _order(figures: tuple[Figure, ...]) -> list[int]:
    return sorted(range(len(figures)), key=lambda i: (_RANK[figures[i].position], i))


def _cast(picture: Picture, size: str) -> tuple[list[int], int | None]:
    """Who is drawn in the group, and who stands in the foreground with their back to us."""
    n = len(picture.figures)
    if n == 0 or size == "INSERT":
        return [], None
    order = _order(picture.figures)
    subject = next((i for i, f in enumerate(picture.figures) if f.speaking and f.facing != "away"), -1)
    if subject < 0:
        subject = next((i for i, f in enumerate(picture.figures) if f.facing != "away"), 0)
    if size == "ECU":
        return [subject], None
    if size == "OTS" and n >= 2:
        # The listener whose back we see: one who looks away if there is one, else the first other.
        others = [i for i in range(n) if i != subject]
        back = next((i for i in others if picture.figures[i].facing == "away"), others[-1])
        return [i for i in order if i != back], back
    return order, None


def plan(picture: Picture, aspect: float, set_name: str, crowd: bool = False) -> Shot:
    """The shot for a frame of this aspect (width / height); views cover the plate, not only the frame."""
    size = picture.size
    if size == "INSERT" or (not picture.figures and size in ("CU", "ECU") and picture.objects):
        size = "INSERT"
    group, back = _cast(picture, size)
    wide = min(1.0, max(0.0, (aspect - 0.5625) / (16 / 9 - 0.5625)))
    tall_h, wide_h = _HEIGHT[size]
    height = tall_h + (wide_h - tall_h) * wide
    depth, blur = _DEPTH[size], _BLUR[size]
    if not group and size != "INSERT":
        height, depth, blur = height * depth * (1.0 if size in _WIDE_SIZES else 1.3), 1.0, 0.0
    n = len(group)
    gap, edge = _GAP.get(size, 60.0), _EDGE.get(size, 60.0)
    if any(picture.figures[i].pose in ("point", "give", "raise") for i in group) and size in (
        "WS",
        "FS",
        "MS",
        "TWO",
    ):
        edge *= 1.2
    height = max(height, ((n - 1) * gap + edge) / aspect) if n else height
    width = height * aspect
    if n > 1:
        gap = max(gap, min(gap * 1.8, width * 0.72 / n))

    seats = [_sits(picture.figures[i], picture, set_name) for i in group]
    bodies = [anatomy(picture.figures[i]) for i in group]
    drops = [sole(a, s) for a, s in zip(bodies, seats, strict=True)]
    xs = [(k - (n - 1) / 2) * gap for k in range(n)]
    if n == 1:
        share = (0.05 + 0.11 * wide) if back is None else 0.0
        xs = [_SHIFT[picture.figures[group[0]].position] * width * share]
        if size in ("CU", "ECU"):
            xs = [xs[0] * 0.7]
    eyes = [SOLE - drop for drop in drops]
    top = min(eyes) if eyes else SOLE - 150.0
    mean = (top + sum(eyes) / len(eyes)) / 2 if eyes else top

    if size in _WIDE_SIZES or not group:
        # Subtitles lie over the lowest fifth of an upright frame: shoes stay above them.
        feet = 0.80 + 0.09 * wide
        y0 = SOLE - feet * height
        if not group:
            y0 = SOLE - 20 - 0.72 * height
        eye_at = (mean - y0) / height
    else:
        eye_at = _EYES_AT.get(size, 0.4) + 0.02 * wide
        y0 = mean - eye_at * height
        if size not in ("CU", "ECU"):
            # Nobody's hair may touch the frame's edge when one stands beside one who sits.
            crown = min(
                e - _CROWN.get(picture.figures[i].profile.hair_style, 17.5)
                for e, i in zip(eyes, group, strict=True)
            )
            y0 = min(y0, crown - 0.035 * height)
            eye_at = (mean - y0) / height
    side = 0
    if back is not None:
        lead = picture.figures[group[0]] if n == 1 else None
        side = (
            -1 if lead is None or lead.facing != "right" else 1
        )  # the foreground stands where the subject looks
        xs = [x - side * width * 0.16 for x in xs]
    view = View(-width / 2, y0, width, height)

    pan = 0.0
    if n == 1 and size not in _WIDE_SIZES:
        pan = _SHIFT[picture.figures[group[0]].position] * 46
    set_h = height * depth
    set_w = set_h * aspect
    set_view = View(pan - set_w / 2, mean - eye_at * set_h, set_w, set_h)
    # The set ends above and below: the camera does not look past it.
    rise = {"low": -0.07, "high": 0.07}.get(picture.angle, 0.0)
    if rise:
        k = 0.45 if size in _WIDE_SIZES else 1.0
        set_view = View(set_view.x, set_view.y + rise * set_h * 1.6 * k, set_w, set_h)
        view = View(view.x, view.y + rise * height * 0.3, view.w, view.h)
    if size == "INSERT":
        set_view = View(-set_w / 2, -130.0, set_w, set_h)

    placed = []
    for k, i in enumerate(group):
        figure = picture.figures[i]
        look = {"left": -1.0, "right": 1.0}.get(figure.facing, 0.0)
        if look == 0.0 and n > 1:
            look = 0.0 if abs(xs[k]) < 1 else (-0.3 if xs[k] > 0 else 0.3)
        placed.append(Placed(i, figure, bodies[k], xs[k], eyes[k], 1.0, look, seats[k]))
    # Those at the edges are painted first, so that the middle of the group overlaps them.
    placed.sort(key=lambda p: (-abs(p.x), p.index))
    if back is not None:
        figure = attrs.evolve(picture.figures[back], facing="away", pose="stand")
        x = side * width * (0.40 - 0.05 * wide)
        placed.append(Placed(back, figure, anatomy(figure), x, mean + height * 0.07, 1.28, 0.0, False, True))
    table = bool(seats) and any(seats) and set_name in ("teahouse", "home", "office", "room")
    return Shot(
        size,
        view.grown(MARGIN),
        set_view.grown(MARGIN),
        tuple(placed),
        blur,
        -6.0 if picture.angle == "dutch" else 0.0,
        table,
        crowd,
    )
