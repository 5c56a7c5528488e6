"""What sets are built of: skies, windows, lamps, plants, silhouettes of extras, weather behind glass."""

from __future__ import annotations

import attrs

from .colour import darker, lighter, mix
from .light import Light
from .pen import Pen, d, polygon, smooth
from .seed import between, unit

LEFT, RIGHT, TOP, FLOOR = -640.0, 640.0, -640.0, 340.0  # how far every set is drawn, in cm


@attrs.frozen
class Stage:
    """The place's own seed, its light, and whether extras are about."""

    key: str
    light: Light
    crowded: bool

    def rand(self, low: float, high: float, *keys: object) -> float:
        """A number that belongs to this place, whatever the shot."""
        return between(low, high, self.key, *map(str, keys))

    def lit(self, colour: str) -> str:
        """A set colour under the stage's light."""
        return self.light.lit(colour)


def sky(pen: Pen, stage: Stage, x: float, y: float, w: float, h: float) -> None:
    """A piece of sky with its clouds or stars."""
    light = stage.light
    pen.rect(x, y, w, h, pen.linear((0, y), (0, y + h), (0, light.sky_top), (1, light.sky_low)))
    if light.weather == "clear":
        if light.time == "night":
            for k in range(int(w * h / 2600) + 4):
                sx, sy = x + stage.rand(0, w, "star x", k), y + stage.rand(0, h * 0.6, "star y", k)
                pen.oval(sx, sy, 0.8, 0.8, "#dfe8ff", stage.rand(0.25, 0.9, "star", k))
            if w > 300:
                mx, my = x + w * 0.5 - 70, y + h * 0.30
                pen.glow(mx, my, 120, "#cfdcff", 0.4)
                pen.oval(mx, my, 17, 17, "#eef2ff")
                pen.oval(mx + 6, my - 4, 14, 14, "#dbe4fb", 0.8)
        else:
            for k in range(4):
                cx, cy = (
                    x + stage.rand(0.05, 0.95, "cloud x", k) * w,
                    y + stage.rand(0.12, 0.5, "cloud y", k) * h,
                )
                size = stage.rand(0.10, 0.2, "cloud", k) * min(w, 500)
                tone = mix(light.sky_low, "#ffffff", 0.5 if light.time == "day" else 0.2)
                for dx, dy, r in ((-0.6, 0.05, 0.32), (0, -0.08, 0.46), (0.55, 0.02, 0.36)):
                    pen.oval(cx + dx * size, cy + dy * size, r * size, r * size * 0.5, tone, 0.5)
                pen.rect(
                    cx - size * 0.9, cy + size * 0.06, size * 1.75, size * 0.12, tone, 0.5, r=size * 0.06
                )
            if light.time in ("dusk", "dawn") and w > 300:
                pen.glow(x + w * 0.62, y + h * 0.86, 260, "#ffd08a", 0.75)


def skyline(pen: Pen, stage: Stage, x: float, base: float, w: float, height: float, tag: str) -> None:
    """Distant towers in two layers, with windows lit as the hour asks."""
    light = stage.light
    for layer in (0, 1):
        n = max(3, int(w / (30 if layer else 38)))
        tone = mix(
            darker(light.sky_low, 0.55 if light.dark else 0.34), light.sky_low, 0.62 if layer == 0 else 0.2
        )
        for k in range(n):
            bw = w / n * stage.rand(0.7, 1.15, tag, layer, k, "w")
            bx = x + k * w / n
            bh = height * stage.rand(0.45, 1.0, tag, layer, k, "h") * (1 if layer == 0 else 0.72)
            bw = min(bw, x + w - bx)
            pen.rect(bx, base - bh, bw, bh, tone)
            if layer:
                pen.rect(bx + bw * 0.78, base - bh, bw * 0.22, bh, darker(tone, 0.25))
                for r in range(int(bh / 9)):
                    for c in range(max(1, int(bw / 7))):
                        lit = unit(stage.key, tag, str(k), str(r), str(c)) < (0.42 if light.dark else 0.12)
                        if lit or (
                            not light.dark and unit(stage.key, tag, str(k), str(r), str(c), "p") < 0.4
                        ):
                            shade = "#ffd98a" if light.dark else mix(tone, "#ffffff", 0.25)
                            pen.rect(bx + 2.4 + c * 6.4, base - bh + 4 + r * 9, 3.1, 4.6, shade, 0.85)


def window(
    pen: Pen,
    stage: Stage,
    x: float,
    y: float,
    w: float,
    h: float,
    frame: str,
    panes: int = 2,
    city: bool = True,
) -> None:
    """A window with what lies outside, its frame, and rain on the glass when it rains."""
    view = d("M", x, y, "h", w, "v", h, "h", -w, "Z")
    light = stage.light
    with pen.group(clip=view):
        sky(pen, stage, x, y, w, h)
        if city:
            skyline(pen, stage, x, y + h, w, h * 0.62, f"win{x:.0f}")
        else:
            for k in range(3):
                cx = x + w * (0.15 + 0.36 * k)
                pen.oval(
                    cx,
                    y + h,
                    w * 0.3,
                    h * stage.rand(0.3, 0.5, "bush", x, k),
                    mix(light.lit("#4c6b45"), light.sky_low, 0.35),
                )
        if light.weather == "rain":
            for k in range(int(w * h / 420)):
                rx, ry = x + stage.rand(0, w, "rx", x, k), y + stage.rand(-10, h, "ry", x, k)
                pen.line((rx, ry), (rx - 2.0, ry + stage.rand(6, 15, "rl", k)), "#d5e2f2", 0.5, 0.45)
        elif light.weather == "snow":
            for k in range(int(w * h / 420)):
                pen.oval(
                    x + stage.rand(0, w, "sx", x, k),
                    y + stage.rand(0, h, "sy", x, k),
                    1.2,
                    1.2,
                    "#ffffff",
                    0.8,
                )
        # The glass catches the room.
        pen.path(
            polygon([(x, y + h * 0.55), (x + w * 0.5, y), (x + w * 0.68, y), (x, y + h * 0.78)]),
            "#ffffff",
            0.07,
        )
    t = max(2.2, w * 0.022)
    tone = stage.lit(frame)
    pen.path(view, stroke=darker(tone, 0.25), width=t * 2.4, butt=True)
    pen.path(view, stroke=tone, width=t * 1.5, butt=True)
    for k in range(1, panes):
        px = x + w * k / panes
        pen.line((px, y), (px, y + h), tone, t)
    pen.line((x, y + h * 0.36), (x + w, y + h * 0.36), tone, t * 0.8)
    pen.rect(x - t * 2, y + h + t, w + t * 4, t * 2.2, lighter(tone, 0.08))
    if not light.dark:
        pen.shine(x + w / 2, y + h * 0.55, max(w, h) * 0.95, lighter(light.sky_low, 0.4), 0.28)


def lantern(pen: Pen, stage: Stage, x: float, y: float, r: float, top: float) -> None:
    """A red paper lantern on its cord."""
    power = stage.light.lamp
    pen.line((x, top), (x, y - r), "#1d1210", 0.9)
    if power > 0.3:
        pen.shine(x, y, r * 5.2, "#ff9a4a", 0.42 * power)
    skin = pen.radial(
        (x, y),
        r * 1.25,
        (0, mix("#c4302b", "#ffb45a", 0.75 * power)),
        (0.55, mix("#b3262a", "#ef5a32", 0.6 * power)),
        (1, "#7d161f"),
    )
    pen.oval(x, y, r, r * 0.86, skin)
    for k in (-0.66, -0.3, 0.3, 0.66):
        pen.path(
            d("M", x + k * r * 0.5, y - r * 0.8, "Q", x + k * r * 1.55, y, x + k * r * 0.5, y + r * 0.8),
            stroke="#6d131a",
            width=0.45,
            alpha=0.6,
        )
    gold = mix("#8f6a26", "#f0c661", 0.4 + 0.5 * power)
    pen.rect(x - r * 0.42, y - r * 0.98, r * 0.84, r * 0.2, gold, r=0.8)
    pen.rect(x - r * 0.42, y + r * 0.78, r * 0.84, r * 0.2, gold, r=0.8)
    for k in range(-2, 3):
        pen.line((x + k * r * 0.14, y + r), (x + k * r * 0.18, y + r * 1.75), "#a8262b", 0.7)


def planks(pen: Pen, stage: Stage, colour: str, top: float = 0.0) -> None:
    """A wooden floor that runs towards the viewer."""
    tone = stage.lit(colour)
    pen.rect(
        LEFT,
        top,
        RIGHT - LEFT,
        FLOOR - top,
        pen.linear((0, top), (0, FLOOR), (0, darker(tone, 0.3)), (0.35, tone), (1, darker(tone, 0.35))),
    )
    for k in range(-26, 27):
        pen.line((k * 26, top), (k * 74, FLOOR), darker(tone, 0.42), 0.9, 0.55)
    for k in range(14):
        x = stage.rand(-420, 420, "plank", k)
        y = top + stage.rand(14, 200, "planky", k)
        pen.line((x, y), (x + stage.rand(20, 46, "plankw", k), y), darker(tone, 0.45), 0.8, 0.5)


def tiles(pen: Pen, stage: Stage, colour: str, top: float = 0.0, gap: float = 70.0) -> None:
    """A tiled or paved floor in perspective."""
    tone = stage.lit(colour)
    pen.rect(
        LEFT,
        top,
        RIGHT - LEFT,
        FLOOR - top,
        pen.linear((0, top), (0, FLOOR), (0, darker(tone, 0.18)), (0.4, tone), (1, darker(tone, 0.25))),
    )
    for k in range(-14, 15):
        pen.line((k * gap * 0.7, top), (k * gap * 2.0, FLOOR), darker(tone, 0.35), 0.9, 0.5)
    y, step = top, 10.0
    while y < FLOOR:
        pen.line((LEFT, y), (RIGHT, y), darker(tone, 0.35), 0.9, 0.45)
        y, step = y + step, step * 1.42


def extra(pen: Pen, stage: Stage, x: float, sole: float, tag: object, seated: bool = False) -> None:
    """A person behind, sketched: cloth, skin, hair and the hint of a face, duller than anyone who is cast."""
    light = stage.light
    cloth = ("#6b5563", "#46586a", "#6d6147", "#6a4238", "#43604f", "#7d7466")[
        int(stage.rand(0, 6, "cloth", tag))
    ]
    tone = mix(darker(stage.lit(cloth), 0.22), light.haze, 0.12 if light.interior else 0.36)
    skin = mix(darker(stage.lit("#c89a76"), 0.25), tone, 0.25)
    tall = stage.rand(132, 148, "tall", tag) - (44 if seated else 0)
    y = sole - tall
    w = stage.rand(15, 18, "wide", tag)
    body = [
        (-w * 0.55, 24),
        (0, 21),
        (w * 0.55, 24),
        (w, 32),
        (w * 1.08, 70),
        (w * 0.8, tall * 0.62),
        (w * 0.66, tall),
        (-w * 0.66, tall),
        (-w * 0.8, tall * 0.62),
        (-w * 1.08, 70),
        (-w, 32),
    ]
    pen.oval(x, sole, w * 1.3, 4, "#000000", 0.22)
    pen.path(
        smooth([(x + px, y + py) for px, py in body], tension=0.8),
        pen.linear((x - w, 0), (x + w, 0), (0, lighter(tone, 0.1)), (0.5, tone), (1, darker(tone, 0.3))),
    )
    for s in (-1, 1):
        elbow, hand = (
            (x + s * w * 1.02, y + 56),
            (x + s * w * (0.42 if seated else 0.98), y + (62 if seated else 84)),
        )
        pen.path(
            d("M", x + s * w * 0.86, y + 31, "Q", elbow[0] + s * 2, elbow[1] - 8, *elbow, "L", *hand),
            stroke=darker(tone, 0.16 if s < 0 else 0.32),
            width=7.4,
        )
        pen.oval(*hand, 3.6, 3.6, darker(skin, 0.1))
    turn = stage.rand(1.2, 2.4, "turned", tag) * (1 if stage.rand(0, 1, "turn", tag) < 0.5 else -1)
    pen.path(polygon([(x - 5, y + 22), (x + 5, y + 22), (x + 2 + turn * 0.3, y + 31)]), lighter(tone, 0.2))
    pen.rect(x - 3.4, y + 16, 6.8, 9, darker(skin, 0.2))
    pen.oval(x, y + 11, 7.2, 9.2, skin)
    pen.oval(x - turn * 1.1, y + 11.5, 5.4, 8.4, darker(skin, 0.16), 0.5)
    ink = darker(tone, 0.75)
    for s in (-1, 1):
        pen.oval(x + turn + s * 2.6, y + 10.6, 0.8, 0.9, ink)
        pen.line((x + turn + s * 1.6, y + 8.4), (x + turn + s * 3.8, y + 8.2), ink, 0.6, 0.8)
    pen.line((x + turn - 1.5, y + 16.0), (x + turn + 1.5, y + 16.0), darker(skin, 0.5), 0.7)
    hair = darker(tone, 0.6)
    if stage.rand(0, 1, "hair", tag) < 0.5:
        pen.path(
            smooth(
                [
                    (x - 8.2, y + 10),
                    (x - 6.5, y + 1.5),
                    (x, y - 1),
                    (x + 6.5, y + 1.5),
                    (x + 8.2, y + 10),
                    (x + 5 + turn, y + 6.5),
                    (x - 5 + turn, y + 6.5),
                ]
            ),
            hair,
        )
    else:
        pen.path(
            smooth(
                [
                    (x - 8.6, y + 22),
                    (x - 8.4, y + 6),
                    (x, y - 1.5),
                    (x + 8.4, y + 6),
                    (x + 8.6, y + 22),
                    (x + 5.4 + turn, y + 18),
                    (x + 4.6 + turn, y + 7),
                    (x - 4.6 + turn, y + 7),
                    (x - 5.4 + turn, y + 18),
                ]
            ),
            hair,
        )


def plant(pen: Pen, stage: Stage, x: float, sole: float, size: float, pot: str = "#8a5a44") -> None:
    """A leafy plant in a pot."""
    p = stage.lit(pot)
    for k in range(11):
        angle = -1.35 + 2.7 * k / 10
        lx, ly = x + angle * size * 0.34, sole - size * (0.92 - abs(angle) * 0.22)
        leaf = mix(stage.lit("#4f7a4b"), stage.lit("#2e5236"), stage.rand(0, 1, "leaf", x, k))
        mx, my = x + angle * size * 0.14, sole - size * 0.55
        pen.path(
            d(
                "M",
                x,
                sole - size * 0.3,
                "Q",
                mx - 3,
                my,
                lx,
                ly,
                "Q",
                mx + size * 0.09,
                my + size * 0.06,
                x,
                sole - size * 0.3,
                "Z",
            ),
            leaf,
        )
    w = size * 0.17
    pen.path(
        polygon(
            [
                (x - w, sole - size * 0.32),
                (x + w, sole - size * 0.32),
                (x + w * 0.72, sole),
                (x - w * 0.72, sole),
            ]
        ),
        pen.linear((x - w, 0), (x + w, 0), (0, lighter(p, 0.1)), (1, darker(p, 0.4))),
    )
    pen.rect(x - w * 1.1, sole - size * 0.34, w * 2.2, size * 0.05, lighter(p, 0.08))


def lamp_pool(
    pen: Pen, x: float, y: float, radius: float, colour: str, power: float, squash: float = 1.0
) -> None:
    """Warm light on whatever is there."""
    if power > 0.05:
        pen.shine(x, y, radius, colour, 0.5 * power, squash)
