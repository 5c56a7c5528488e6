"""`paint`: one shot from its description to a plate and its rig."""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image

from . import eyes, mouth, raster, rig, scene, words
from .anatomy import Turn
from .layout import MARGIN, Placed, Shot, plan
from .light import Light, light_for
from .model import PaintError, Picture, Plate
from .pen import Pen
from .sets import draw_set, set_for

SMALLEST, LARGEST = 64, 4096  # frame sides in pixels
_AIR = 192  # pixels of width that soft light is rendered on
_SMALLEST_FACE = 18.0  # pixels from crown to chin under which a mouth is a dot


def plate_size(width: int, height: int) -> tuple[int, int]:
    """The plate for a frame: MARGIN times as large, rounded up to multiples of 4."""
    # In whole hundredths, since 1.15 has no exact binary form and a product may land a hair above a multiple.
    hundredths = round(MARGIN * 100)
    return tuple(-(-side * hundredths // 400) * 4 for side in (width, height))  # type: ignore[return-value]


def _check(width: int, height: int) -> None:
    for name, side in (("width", width), ("height", height)):
        if isinstance(side, bool) or not isinstance(side, int):
            raise PaintError(f"{name} must be a whole number of pixels; got {side!r:.40}")
        if not SMALLEST <= side <= LARGEST:
            raise PaintError(f"{name} {side} is not a frame side: use {SMALLEST} to {LARGEST} pixels")


def paint(picture: Picture | Mapping[str, object], width: int, height: int) -> Plate:
    """Paints a shot for a frame of width x height pixels.

    Returns the plate (larger than the frame, see `plate_size`) and the rig of what moves in it.
    Equal input gives equal bytes. Raises PaintError for a size outside 64..4096 or for a description that is
    no mapping.
    """
    _check(width, height)
    told = Picture.read(picture)
    full_w, full_h = plate_size(width, height)
    light = light_for(told.place, told.interior, told.time, told.weather)
    place = set_for(told.place, told.interior, told.crowd)
    shot = plan(told, width / height, place.name, place.crowded)
    base = _background(told, shot, light, full_w, full_h)
    front = _front(told, shot, light, full_w, full_h)
    shade = _shade(light, told.mood, full_w, full_h)
    scale_x, scale_y = full_w / shot.view.w, full_h / shot.view.h

    def view_of(box: rig.Box) -> tuple[float, float, float, float]:
        return (
            shot.view.x + box[0] / scale_x,
            shot.view.y + box[1] / scale_y,
            box[2] / scale_x,
            box[3] / scale_y,
        )

    def face(place: int, state: str, closed: bool, part: bool, box: rig.Box) -> Image.Image:
        pen = Pen()
        scene.draw_face(pen, place, shot, told, light, state, closed, part)
        return raster.tint(raster.render(pen.svg(view_of(box), box[2], box[3])), light.skin)

    def lay(over: Image.Image, box: rig.Box) -> Image.Image:
        edges = (box[0], box[1], box[0] + box[2], box[1] + box[3])
        return raster.finish(base.crop(edges), over, front.crop(edges) if front else None, shade.crop(edges))

    whole = (0, 0, full_w, full_h)
    if shot.placed:
        plate = lay(raster.tint(_figures(told, shot, light, full_w, full_h), light.skin), whole)
    else:
        plate = raster.finish(base, None, front, shade)
    faces = [
        m
        for k, p in enumerate(shot.placed)
        if (m := _moving(k, p, shot, scale_x, scale_y, full_w, full_h)) is not None
    ]
    archive = rig.build(plate, (width, height), faces, face, lay)
    return Plate(raster.png(plate), archive, full_w, full_h)


def faces_in(picture: Picture | Mapping[str, object], width: int, height: int) -> list[rig.Moving]:
    """Where the faces of a shot's people would be painted, in pixels of its plate; nothing is drawn.

    Raises PaintError as `paint` does.
    """
    _check(width, height)
    told = Picture.read(picture)
    full_w, full_h = plate_size(width, height)
    place = set_for(told.place, told.interior, told.crowd)
    shot = plan(told, width / height, place.name, place.crowded)
    scale = full_w / shot.view.w, full_h / shot.view.h
    found = (_moving(k, p, shot, *scale, full_w, full_h) for k, p in enumerate(shot.placed))
    return [one for one in found if one is not None]


def _figures(told: Picture, shot: Shot, light: Light, width: int, height: int) -> Image.Image:
    """Everybody in the shot, RGBA of the plate's size."""

    def drawn(only: str, w: int, h: int) -> Image.Image:
        pen = Pen()
        scene.draw_figures(pen, shot, told, light, only)
        return raster.render(pen.svg(shot.view.box(), w, h))

    if shot.size != "ECU":
        return drawn("", width, height)
    # So close, only the face is sharp: shoulders out of focus are right, and save a third of the time.
    body = raster.enlarge(drawn("body", width // 2, height // 2), width, height)
    return Image.alpha_composite(body, drawn("head", width, height))


def _background(told: Picture, shot: Shot, light: Light, width: int, height: int) -> Image.Image:
    """The set behind the figures (or the whole insert), opaque RGB of the plate's size."""
    radius = shot.blur * width
    # What will be soft is rendered small: the same look for a fraction of the time.
    factor = 1 if radius < 1 else 2 if radius < 5 else 4
    small_w, small_h = -(-width // factor), -(-height // factor)
    pen = Pen()
    v = shot.set_view
    turn = f"rotate({shot.tilt:.1f} {v.x + v.w / 2:.2f} {v.y + v.h / 2:.2f})" if shot.tilt else ""
    with pen.group(turn):
        draw_set(pen, told.place, told.interior, light, told.crowd)
    image = raster.render(pen.svg(v.box(), small_w, small_h)).convert("RGB")
    image = raster.soften(image, radius / factor, width, height)
    if pen.air:
        soft_w = min(width, _AIR)
        air = raster.render(pen.svg_air(v.box(), soft_w, max(1, round(height * soft_w / width))))
        image = raster.lighten(image, air)
    if told.weather == "fog" and not told.interior:
        # Fog hangs between the set and the figures: their faces stay as they are in any weather.
        image = raster.veil(image, light.fog, ((0.0, 0.26), (0.5, 0.42), (1.0, 0.34)))
    if shot.size == "INSERT":
        pen = Pen()
        scene.draw_insert(pen, shot, told, light)
        over = raster.render(pen.svg(shot.view.box(), width, height))
        image.paste(over.convert("RGB"), (0, 0), over.getchannel("A"))
    return image


def _front(told: Picture, shot: Shot, light: Light, width: int, height: int) -> Image.Image | None:
    pen = Pen()
    near, falls = scene.draw_near_crowd(pen, shot, light), scene.draw_weather(pen, shot, told)
    if not near and not falls:
        return None
    return raster.render(pen.svg(shot.view.box(), width, height))


def _shade(light: Light, mood: str, width: int, height: int) -> Image.Image:
    """Darker corners, by the hour; a dark mood draws them in a little, a bright one opens them."""
    corner = {"day": 0.84, "dusk": 0.74, "dawn": 0.80, "night": 0.68}[light.time]
    feeling = words.find(mood, words.EXPRESSIONS, "neutral")
    corner += {
        "afraid": -0.08,
        "tense": -0.06,
        "sad": -0.05,
        "angry": -0.05,
        "happy": 0.05,
        "tender": 0.03,
    }.get(feeling, 0.0)
    dark_side = {"day": 0.98, "dusk": 0.96, "dawn": 0.97, "night": 0.95}[light.time]
    return raster.shade_map(width, height, corner, dark_side, light.side, (1.0, 1.0, 1.0))


def _moving(
    place: int, p: Placed, shot: Shot, sx: float, sy: float, width: int, height: int
) -> rig.Moving | None:
    """The boxes of a face that can be seen."""
    if p.foreground or p.figure.facing == "away":
        return None
    a = p.measures
    turn = Turn.towards(p.figure.facing)

    def box(area: tuple[float, float, float, float]) -> rig.Box | None:
        corners = [
            shot.turned((p.x + x * p.scale, p.y + y * p.scale))
            for x in (area[0], area[2])
            for y in (area[1], area[3])
        ]
        xs = [(x - shot.view.x) * sx for x, _ in corners]
        ys = [(y - shot.view.y) * sy for _, y in corners]
        return rig.even_box(min(xs), min(ys), max(xs), max(ys), width, height)

    lean = 3.0 * turn.sin
    face = box((-a.half - 1.4 + lean, -16.0, a.half + 1.4 + lean, a.chin + 1.0))
    if face is None:
        return None
    small = shot.size == "EWS" or face[3] < _SMALLEST_FACE
    return rig.Moving(
        character=p.figure.character,
        place=place,
        face=face,
        mouth=None if small else box(mouth.reach(a, turn)),
        eyes=None if small else box(eyes.reach(a, turn)),
    )
