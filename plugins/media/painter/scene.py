"""One shot as drawing: the set behind, the figures with their furniture, the weather in front, the insert."""

from __future__ import annotations

import attrs

from . import words
from .anatomy import anatomy
from .body import draw_figure, fit_body
from .clothes import sleeve_colour
from .colour import darker, lighter, mix
from .hand import draw_large_hand
from .layout import SOLE, Placed, Shot
from .light import Light
from .model import Figure, Picture, Profile
from .pen import Pen, d, polygon
from .props import draw_prop, prop_for
from .seed import between

_POSE_PROP = {"drink": "cup", "call": "phone"}


def _tilted(shot: Shot) -> str:
    v = shot.view
    return f"rotate({shot.tilt:.1f} {v.x + v.w / 2:.2f} {v.y + v.h / 2:.2f})" if shot.tilt else ""


def _chair(pen: Pen, placed: Placed, light: Light) -> None:
    """What a sitting figure sits on, seen round its body."""
    wood = light.lit("#5a3a2a")
    with pen.group(f"translate({placed.x:.2f} {placed.y:.2f})"), pen.group(fit_body(placed.measures)):
        for s in (-1, 1):
            pen.rect(
                s * 19 - 1.8,
                34,
                3.6,
                89,
                pen.linear(
                    (s * 19 - 2, 0), (s * 19 + 2, 0), (0, lighter(wood, 0.16)), (1, darker(wood, 0.4))
                ),
                r=1,
            )
        pen.rect(-21, 32, 42, 6, lighter(wood, 0.1), r=2)
        pen.rect(-21, 86, 42, 8, darker(wood, 0.15), r=2)


def _table(pen: Pen, shot: Shot, light: Light, objects: tuple[str, ...]) -> None:
    """The table that sitting figures share, in front of them, with tea things or what the action names."""
    seated = [p for p in shot.placed if p.sitting and not p.foreground]
    left, right = min(p.x for p in seated) - 34, max(p.x for p in seated) + 34
    top = SOLE - 44.0
    wood = light.lit("#7a4f36")
    for x in (left + 8, right - 13):
        pen.rect(x, top + 6, 5, 60, darker(wood, 0.45))
    pen.rect(left + 4, top + 8, right - left - 8, 9, darker(wood, 0.4))
    pen.path(
        polygon([(left + 6, top - 7), (right - 6, top - 7), (right, top + 4), (left, top + 4)]),
        pen.linear(
            (left, 0), (right, 0), (0, darker(wood, 0.1)), (0.4, lighter(wood, 0.16)), (1, darker(wood, 0.2))
        ),
    )
    pen.rect(
        left,
        top + 4,
        right - left,
        5.5,
        pen.linear((0, top + 4), (0, top + 9), (0, lighter(wood, 0.05)), (1, darker(wood, 0.35))),
        r=1,
    )
    middle = (left + right) / 2
    shown = [words.find(o, words.PROPS) for o in objects]
    things = ["cup", *[s for s in shown if s and s != "cup"][:2], "cup"]
    for k, thing in enumerate(things):
        x = middle + (k - (len(things) - 1) / 2) * min(26.0, (right - left - 20) / len(things))
        pen.oval(x, top - 0.4, 7, 1.6, "#000000", 0.3)
        with pen.group(f"translate({x:.2f} {top - 0.5:.2f})"):
            draw_prop(pen, thing)


def draw_figures(pen: Pen, shot: Shot, picture: Picture, light: Light, only: str = "") -> None:
    """Everybody in the shot with their furniture, mouths at rest, eyes open; `only` as in `draw_figure`."""
    with pen.group(_tilted(shot)):
        for p in shot.placed:
            if not p.foreground:
                pen.oval(p.x, SOLE + 1, 30 * p.measures.grow, 5.5, "#08060c", 0.34)
        for p in shot.placed:
            if p.sitting:
                _chair(pen, p, light)
            _one(pen, p, shot, picture, light, "X", False, only)
        if shot.table and shot.size in ("EWS", "WS", "FS", "MS", "TWO"):
            _table(pen, shot, light, picture.objects)


def draw_face(
    pen: Pen, place: int, shot: Shot, picture: Picture, light: Light, mouth: str, closed: bool, eyes: bool
) -> None:
    """The mouth (or the eyes) of the figure at `place` in painting order, and all that may lie in front."""
    with pen.group(_tilted(shot)):
        own = shot.placed[place]
        _one(pen, own, shot, picture, light, mouth, closed, "eyes" if eyes else "mouth")
        for p in shot.placed[place + 1 :]:
            if abs(p.x - own.x) < 34 * p.scale:
                _one(pen, p, shot, picture, light, "X", False, "")


def _one(
    pen: Pen, p: Placed, shot: Shot, picture: Picture, light: Light, mouth: str, closed: bool, only: str
) -> None:
    held = _POSE_PROP.get(p.figure.pose, prop_for(picture.objects) if p.index == _holder(shot) else "")
    figure = _shadowed(p.figure) if p.foreground else p.figure
    with pen.group(f"translate({p.x:.2f} {p.y:.2f})" + (f" scale({p.scale:.3f})" if p.scale != 1 else "")):
        draw_figure(pen, figure, light, held, mouth, closed, p.look, p.sitting, only)


def _holder(shot: Shot) -> int:
    """Who has the thing: the one whose pose holds or gives something."""
    for p in shot.placed:
        if p.figure.pose in ("hold", "give"):
            return p.index
    return -1


def _shadowed(figure: Figure) -> Figure:
    """A foreground figure stands in its own shadow, so that the eye goes past it."""
    p = figure.profile
    dark: Profile = attrs.evolve(
        p,
        skin=darker(p.skin, 0.5),
        hair_colour=darker(p.hair_colour, 0.5),
        clothes_colour=darker(p.clothes_colour, 0.55),
        accent_colour=darker(p.accent_colour, 0.5),
    )
    return attrs.evolve(figure, profile=dark)


def draw_insert(pen: Pen, shot: Shot, picture: Picture, light: Light) -> None:
    """A close object on a table, and a hand that reaches for it."""
    v = shot.view
    cx = v.x + v.w / 2
    edge = v.y + v.h * 0.40
    wood = mix(light.lit("#7d5238"), "#7d5238", 0.35)
    with pen.group(_tilted(shot)):
        pen.rect(
            v.x - v.w,
            edge,
            v.w * 3,
            v.h * 1.2,
            pen.linear(
                (0, edge), (0, v.y + v.h), (0, darker(wood, 0.25)), (0.25, wood), (1, darker(wood, 0.5))
            ),
        )
        for k in range(-12, 13):
            pen.line(
                (cx + k * v.w * 0.13, edge),
                (cx + k * v.w * 0.3, v.y + v.h * 1.3),
                darker(wood, 0.45),
                v.w * 0.004,
                0.55,
            )
        for k in range(26):
            x, y = (
                cx + between(-0.6, 0.6, "grain", str(k)) * v.w,
                edge + between(0.02, 0.62, "grainy", str(k)) * v.h,
            )
            pen.path(
                d("M", x, y, "q", v.w * 0.05, v.h * 0.004, v.w * 0.12, 0),
                stroke=darker(wood, 0.35),
                width=v.w * 0.0028,
                alpha=0.5,
            )
        pen.rect(v.x - v.w, edge - v.h * 0.006, v.w * 3, v.h * 0.009, lighter(wood, 0.25))
        pen.glow(cx + light.side * v.w * 0.12, edge + v.h * 0.2, v.w * 0.75, "#ffdca8", 0.5, 0.5)
        prop = prop_for(picture.objects, picture.action) or "cup"
        size = min(v.w, v.h * 0.9) * 0.044
        base = edge + v.h * 0.2
        pen.oval(cx - light.side * size * 2, base + size * 0.5, size * 10, size * 2.2, "#0a0508", 0.42)
        who = next(
            (f for f in picture.figures if f.speaking), picture.figures[0] if picture.figures else Figure()
        )
        a = anatomy(who)
        p = who.profile
        from_right = light.side > 0
        sleeve = sleeve_colour(p.clothes, p.clothes_colour)
        k = 1 if from_right else -1
        with pen.group(f"translate({cx:.2f} {base:.2f}) scale({size:.3f})"):
            draw_prop(pen, prop)
        # The hand comes from the lower corner; its fingers reach the near edge of the thing.
        with pen.group(f"translate({cx:.2f} {base:.2f}) scale({k * size:.3f} {size:.3f})"):
            pen.oval(11.0, 6.0, 8.0, 2.6, "#0a0508", 0.3)
            draw_large_hand(
                pen, (1.4, -1.0), 222, 0.58, a.skin, a.shade, sleeve, mix(sleeve, p.accent_colour, 0.6)
            )


def draw_near_crowd(pen: Pen, shot: Shot, light: Light) -> bool:
    """Dark heads and shoulders at the lower corners of a crowded wide shot: we look over the crowd."""
    if shot.size not in ("EWS", "WS", "FS") or not shot.crowd:
        return False
    v = shot.view
    unit = v.h / 100
    tone = darker(light.lit("#4a3c40"), 0.45)
    for at, top, size in ((0.10, 80.0, 1.0), (0.93, 82.0, 0.94)):
        x, y, r = v.x + at * v.w, v.y + top * unit, 6.2 * unit * size
        shoulders = d(
            "M", x - r * 0.42, y + r * 0.4, "L", x - r * 0.46, y + r * 1.15, "C", x - r * 0.7, y + r * 1.5
        )
        shoulders += d(x - r * 1.9, y + r * 1.3, x - r * 2.2, y + r * 2.3, "L", x - r * 2.4, y + r * 6)
        shoulders += d(
            "L", x + r * 2.4, y + r * 6, "L", x + r * 2.2, y + r * 2.3, "C", x + r * 1.9, y + r * 1.3
        )
        shoulders += d(
            x + r * 0.7, y + r * 1.5, x + r * 0.46, y + r * 1.15, "L", x + r * 0.42, y + r * 0.4, "Z"
        )
        pen.path(shoulders, pen.linear((0, y), (0, y + r * 4), (0, tone), (1, darker(tone, 0.5))))
        pen.oval(x, y - r * 0.05, r * 0.76, r * 0.98, darker(tone, 0.45))
        s = light.side
        pen.path(
            d(
                "M",
                x + s * r * 0.35,
                y - r * 0.86,
                "Q",
                x + s * r * 0.8,
                y - r * 0.5,
                x + s * r * 0.7,
                y + r * 0.3,
            ),
            stroke=light.rim,
            width=r * 0.07,
            alpha=0.35,
        )
    return True


def draw_weather(pen: Pen, shot: Shot, picture: Picture) -> bool:
    """Rain or snow between us and the figures, outdoors; False if nothing falls.

    It falls round the faces, not over them: a face must be read, and must stay the same from shot to shot.
    """
    if picture.interior or picture.weather not in ("rain", "snow"):
        return False
    v = shot.view
    unit = v.h / 100
    faces = [
        (*shot.turned((p.x, p.y - 2.0)), (p.measures.half + 2.5) * p.scale, (p.measures.chin + 6.0) * p.scale)
        for p in shot.placed
        if not p.foreground and p.figure.facing != "away"
    ]

    def clear(x: float, y: float) -> bool:
        return all(((x - fx) / rx) ** 2 + ((y - fy) / ry) ** 2 > 1 for fx, fy, rx, ry in faces)

    if picture.weather == "rain":
        for k in range(190):
            x, y = (
                v.x + between(-0.05, 1.1, "rain", str(k)) * v.w,
                v.y + between(-0.1, 1.0, "rainy", str(k)) * v.h,
            )
            long = between(2.2, 6.5, "rainl", str(k)) * unit
            if not all(clear(x - long * 0.2 * t, y + long * t) for t in (0.0, 0.5, 1.0)):
                continue
            pen.line(
                (x, y),
                (x - long * 0.2, y + long),
                "#dfe9f5",
                unit * between(0.07, 0.16, "rainw", str(k)),
                between(0.18, 0.5, "raina", str(k)),
            )
    else:
        for k in range(150):
            x, y = v.x + between(0, 1, "snow", str(k)) * v.w, v.y + between(0, 1, "snowy", str(k)) * v.h
            r = between(0.16, 0.55, "snowr", str(k)) * unit
            if clear(x, y):
                pen.oval(x, y, r, r, "#ffffff", between(0.4, 0.9, "snowa", str(k)))
    return True
