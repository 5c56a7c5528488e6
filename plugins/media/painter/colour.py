"""Colours as the painter mixes them: #rrggbb text in and out, with shades for two-tone light."""

from __future__ import annotations

import re

HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
Rgb = tuple[float, float, float]


def rgb(colour: str) -> Rgb:
    """#rrggbb as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def text(colour: Rgb) -> str:
    """Three numbers as #rrggbb, cut to 0..255."""
    return "#" + "".join(f"{min(255, max(0, round(c))):02x}" for c in colour)


def mix(first: str, second: str, share: float) -> str:
    """The colour that lies `share` (0..1) of the way from first to second."""
    a, b = rgb(first), rgb(second)
    return text((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share))


def times(colour: str, factor: Rgb) -> str:
    """The colour under a light that passes `factor` of red, green and blue."""
    r, g, b = rgb(colour)
    return text((r * factor[0], g * factor[1], b * factor[2]))


def darker(colour: str, share: float) -> str:
    """Towards a cool near-black, as a shadow in a drawn picture goes."""
    return mix(colour, "#120d1c", share)


def lighter(colour: str, share: float) -> str:
    """Towards a warm white."""
    return mix(colour, "#fff6e6", share)


def luma(colour: str) -> float:
    """Rec. 709 weights on the coded values, 0..1: good enough to ask whether a colour is dark."""
    r, g, b = rgb(colour)
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255


def skin_shadow(skin: str) -> str:
    """The second tone of skin: darker, redder, less blue, so that it does not go grey."""
    return times(skin, (0.80, 0.67, 0.63))
