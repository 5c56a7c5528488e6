"""A whole figure: legs, torso, arms in a pose, neck, head and hair, in painting order."""

from __future__ import annotations

import attrs

from . import hair
from .anatomy import Anatomy, Turn, anatomy
from .clothes import draw_lower, draw_torso, sleeve_colour, torso
from .colour import darker, lighter, mix
from .face import draw_face, outline
from .hand import angle_of, draw_hand
from .light import Light
from .model import Figure
from .pen import Pen, Point, capsule, d, smooth
from .props import draw_prop

_BODY = 0.93  # storyboard figures have a slightly large head, since the face tells the story
_LIFT = 2.6  # cm by which the shoulders come up to the chin
_STANDING, _SEATED = 159.0, 123.0


@attrs.frozen
class Arm:
    """Elbow, wrist and hand of the right-hand (picture) side; the left one is its mirror image."""

    elbow: Point
    wrist: Point
    hand: str = "open"
    angle: float | None = None  # of the hand in degrees; None = along the forearm
    prop_at: Point | None = None
    front: bool = False  # drawn before the chest


def _arms(pose: str, a: Anatomy) -> tuple[Arm, Arm]:
    """The acting arm and the resting one, both for the side +1."""
    s = a.shoulder
    rest = Arm((s + 1.6, 56), (s + 1.2, 80), "open", 92)
    lap = Arm((s + 2.0, 56), (8.5, 82), "fist", 150, front=True)
    hold = Arm((s + 2.8, 56), (9.5, 51), "grip", 196, (1.5, 50), True)
    table: dict[str, tuple[Arm, Arm]] = {
        "drink": (Arm((s + 4.2, 50), (10.4, 31), "grip", 232, (5.2, 27.5), True), rest),
        "give": (Arm((s + 4.4, 54), (s + 13.0, 49), "grip", 2, (s + 22, 51), True), rest),
        "point": (Arm((s + 7.0, 44), (s + 20.0, 35), "point", -18, None, True), rest),
        "call": (Arm((s + 6.2, 47), (14.6, 15), "grip", 250, (11.5, 8.5), True), rest),
        "hold": (hold, Arm((s + 2.8, 56), (10.4, 54), "grip", 196, None, True)),
        "raise": (Arm((s + 7.5, 43), (s + 10.0, 18), "open", -80, None, True), rest),
        "cross": (
            Arm((s + 2.2, 54), (-4.5, 51), "fist", 178, None, True),
            Arm((s + 2.2, 54), (-5.5, 55), "fist", 176, None, True),
        ),
        "think": (
            Arm((s + 1.2, 52), (7.6, 24), "fist", 232, None, True),
            Arm((s + 1.4, 54), (-6, 54), "fist", 178, None, True),
        ),
        "sit": (lap, lap),
        "walk": (
            Arm((s + 3.6, 54), (s + 5.5, 76), "fist", 84),
            Arm((s + 1.0, 55), (s - 1.0, 76), "fist", 104),
        ),
    }
    return table.get(pose, (rest, rest))


def _draw_arm(
    pen: Pen, a: Anatomy, arm: Arm, side: int, clothes: str, colour: str, light: Light, prop: str
) -> None:
    base = sleeve_colour(clothes, colour)
    tone = base if side == light.side else darker(base, 0.22)
    fat = 1.0 if a.feminine else 1.2
    joint = (a.shoulder - 4.3, 30.6)
    edge = darker(base, 0.5)
    wide = 1.45 if clothes == "robe" else 1.0
    with pen.group(f"scale({side} 1)" if side < 0 else ""):
        bare = clothes == "dress"
        upper = capsule(joint, arm.elbow, 4.9 * fat, 4.4 * fat)
        fore = capsule(arm.elbow, arm.wrist, 4.5 * fat * wide, 3.1 * fat * wide)
        skin = a.skin if side == light.side else mix(a.skin, a.shade, 0.6)
        # Outlines first, then both fills, so that no line crosses the elbow.
        for path in (upper, fore):
            pen.path(path, stroke=darker(a.shade, 0.1) if bare else edge, width=0.56)
        for path in (upper, fore):
            pen.path(path, skin if bare else tone)
        if bare:
            pen.path(
                capsule(
                    joint, ((joint[0] * 2 + arm.elbow[0]) / 3, (joint[1] * 2 + arm.elbow[1]) / 3), 5.3, 5.2
                ),
                tone,
            )
        else:
            ex, ey = arm.elbow
            pen.path(
                d(
                    "M",
                    ex - 2.4,
                    ey - 3.2,
                    "q",
                    2.2,
                    1.6,
                    4.4,
                    0.6,
                    "M",
                    ex - 2.2,
                    ey + 1.2,
                    "q",
                    2.0,
                    1.0,
                    4.0,
                    -0.2,
                ),
                stroke=edge,
                width=0.4,
                alpha=0.6,
            )
            # A lighter stripe gives the tube its roundness.
            pen.path(
                capsule((joint[0] + 1.2, joint[1] + 4), (arm.elbow[0] + 0.8, arm.elbow[1] - 5), 0.9, 0.7),
                lighter(tone, 0.12),
                0.3,
            )
        angle = arm.angle if arm.angle is not None else angle_of(arm.elbow, arm.wrist)
        if prop and arm.prop_at and arm.hand == "grip" and prop not in ("phone",):
            with pen.group(f"translate({arm.prop_at[0]:.2f} {arm.prop_at[1] + 3:.2f}) scale({side} 1)"):
                draw_prop(pen, prop)
        elif prop == "phone" and arm.prop_at:
            with pen.group(f"translate({arm.prop_at[0]:.2f} {arm.prop_at[1] + 5:.2f}) rotate(8) scale(0.8)"):
                draw_prop(pen, prop)
        draw_hand(pen, arm.wrist, angle, skin, a.shade, arm.hand, -1 if 90 < angle % 360 < 270 else 1)
        if not bare:
            # The cuff closes the sleeve over the wrist.
            wide_cuff = 3.3 * fat * wide
            with pen.group(
                f"translate({arm.wrist[0]:.2f} {arm.wrist[1]:.2f}) "
                f"rotate({angle_of(arm.elbow, arm.wrist):.2f})"
            ):
                pen.rect(-1.2, -wide_cuff, 2.6, wide_cuff * 2, lighter(tone, 0.08), r=0.8)
                pen.line((-1.3, -wide_cuff), (-1.3, wide_cuff), edge, 0.3, 0.7)


def _neck(pen: Pen, a: Anatomy, turn: Turn) -> None:
    n = a.neck
    lean = turn.sin * 2.2
    pts = [
        (-n + lean, 4),
        (n + lean, 4),
        (n + lean * 0.6, 13),
        (n + 0.6, 18),
        (n + 4.5, 22),
        (0, 27),
        (-n - 4.5, 22),
        (-n - 0.6, 18),
        (-n + lean * 0.6, 13),
    ]
    path = smooth(pts, tension=0.7)
    pen.path(path, mix(a.skin, a.shade, 0.35))
    with pen.group(clip=path):
        with pen.group(f"translate({lean * 0.3:.2f} 3.6)"):
            pen.path(smooth(outline(a, turn)), mix(a.shade, darker(a.shade, 0.35), 0.55))
        for s in (-1, 1):
            pen.path(
                d("M", s * n * 0.85, 14, "Q", s * n * 0.5, 19, s * 1.0, 22.6),
                stroke=a.shade,
                width=0.5,
                alpha=0.8,
            )


def fit_body(a: Anatomy) -> str:
    """The transform that hangs the body (drawn for an adult) on the head."""
    k = a.grow * _BODY
    return f"translate(0 {17 * (1 - k) - _LIFT:.2f}) scale({k:.3f})"


def sole(a: Anatomy, sitting: bool) -> float:
    """How far below the eyes the shoes stand, in cm."""
    return 17 - _LIFT + (_SEATED - 17 if sitting else _STANDING - 17) * a.grow * _BODY


def draw_figure(
    pen: Pen,
    figure: Figure,
    light: Light,
    prop: str,
    mouth: str = "X",
    closed: bool = False,
    look: float = 0.0,
    sitting: bool = False,
    only: str = "",
) -> None:
    """The figure round the point between its eyes, in cm; `sole` says where it stands.

    `only` = "mouth" or "eyes" draws what a patch of it needs: the face under it, what lies in front; "head"
    the same for the whole head, "body" all that lies behind it.
    """
    a = anatomy(figure)
    p = figure.profile
    away = figure.facing == "away"
    turn = Turn() if away else Turn.towards(figure.facing)
    lead, other = _arms("sit" if sitting and figure.pose in ("sit", "stand", "walk") else figure.pose, a)
    side = (
        -1
        if figure.facing == "left"
        or (figure.facing == "camera" and figure.position in ("right", "centre-right"))
        else 1
    )
    held = prop if lead.prop_at else ""
    if figure.pose == "call":
        held = "phone"
    stride = 6.0 if figure.pose == "walk" else 0.0
    fit = fit_body(a)

    def limb(arm: Arm, s: int, thing: str) -> None:
        _draw_arm(pen, a, arm, s, p.clothes, p.clothes_colour, light, thing)

    if only and only != "body":
        if not away:
            _head(pen, figure, a, turn, light, mouth, closed, look, "" if only == "head" else only)
            with pen.group(fit):
                for arm, s, thing in ((other, -side, ""), (lead, side, held)):
                    if arm.front:
                        limb(arm, s, thing)
        return
    if not away:
        hair.draw_back(pen, p.hair_style, a, turn)
    with pen.group(fit):
        draw_lower(pen, a, p.clothes, p.clothes_colour, sitting, stride, light.side)
        for arm, s, thing in ((other, -side, ""), (lead, side, held)):
            if away or not arm.front:
                limb(arm, s, thing)
        if not away:
            _neck(pen, a, turn)
        if away:
            _back(pen, a, p.clothes, p.clothes_colour, light)
        else:
            draw_torso(pen, a, p.clothes, p.clothes_colour, p.accent_colour, light)
    if away:
        pen.path(
            smooth([(-a.neck, 2), (a.neck, 2), (a.neck + 0.8, 21), (-a.neck - 0.8, 21)], tension=0.6), a.shade
        )
        for s in (-1, 1):
            pen.oval(s * (a.cheek + 0.4), 1.2, 1.3, 2.6, a.shade)
        hair.draw_behind(pen, p.hair_style, a)
        return
    if only:
        return
    _head(pen, figure, a, turn, light, mouth, closed, look)
    with pen.group(fit):
        for arm, s, thing in ((other, -side, ""), (lead, side, held)):
            if arm.front:
                limb(arm, s, thing)


def _head(
    pen: Pen,
    figure: Figure,
    a: Anatomy,
    turn: Turn,
    light: Light,
    mouth: str,
    closed: bool,
    look: float,
    only: str = "",
) -> None:
    style = figure.profile.hair_style
    draw_face(pen, figure, a, turn, light, mouth, closed, look, hair.front(style, a, turn), only)
    if only == "mouth":
        return  # no hair falls over lips
    hair.draw_front(pen, style, a, turn, light, figure.profile.accent_colour)
    if style == "braid":
        hair.draw_braid(pen, a)


def _back(pen: Pen, a: Anatomy, clothes: str, colour: str, light: Light) -> None:
    base = sleeve_colour(clothes, colour)
    path = smooth(torso(a, 112.0 if clothes in ("coat", "labcoat") else 88.0), tension=0.9)
    pen.path(
        path,
        pen.linear(
            (light.side * a.shoulder, 22),
            (-light.side * a.shoulder, 80),
            (0, lighter(base, 0.08)),
            (0.5, base),
            (1, darker(base, 0.45)),
        ),
    )
    with pen.group(clip=path):
        pen.path(d("M", 0, 24, "L", 0, 90), stroke=darker(base, 0.45), width=0.5, alpha=0.7)
        for s in (-1, 1):
            pen.path(
                d("M", s * 6, 36, "Q", s * 11, 44, s * 8, 56), stroke=darker(base, 0.45), width=0.6, alpha=0.5
            )
        pen.path(
            d(
                "M",
                light.side * 6,
                19.4,
                "Q",
                light.side * (a.shoulder - 3),
                21.2,
                light.side * (a.shoulder + 0.4),
                31,
            ),
            stroke=light.rim,
            width=1.2,
            alpha=0.5,
        )
