"""The light of a shot: what time and weather do to the sky, to the set, and (mildly) to a face."""

from __future__ import annotations

import attrs

from .colour import Rgb, mix, times
from .seed import unit


@attrs.frozen
class Light:
    """One lighting state; colours are #rrggbb, factors multiply red, green and blue."""

    time: str
    weather: str
    interior: bool
    sky_top: str
    sky_low: str
    ambient: Rgb  # what the set keeps of its own colours
    skin: Rgb  # what a figure keeps: near 1, so that the same person stays the same person
    rim: str  # the colour along the lit edge
    lamp: float  # how strongly lamps and lanterns burn, 0..1
    side: int  # where the key light comes from: -1 left, 1 right
    haze: str

    @property
    def fog(self) -> str:
        """The colour of fog in this light."""
        return mix("#5a657c" if self.time == "night" else "#c9ced6", self.sky_low, 0.25)

    @property
    def dark(self) -> bool:
        """Whether windows and lamps are lit."""
        return self.lamp >= 0.5

    def lit(self, colour: str) -> str:
        """A set colour under this light."""
        return times(colour, self.ambient)

    def far(self, colour: str, share: float) -> str:
        """A set colour seen through air: lit, then mixed with the haze."""
        return mix(self.lit(colour), self.haze, share)


_SKY = {
    "day": ("#6ba9dc", "#dcebf2"),
    "dusk": ("#33335f", "#f0935a"),
    "dawn": ("#6c84b6", "#f7d3b4"),
    "night": ("#060a20", "#2a3f73"),
}
_OUT: dict[str, Rgb] = {
    "day": (1.0, 1.0, 1.0),
    "dusk": (0.88, 0.72, 0.66),
    "dawn": (0.86, 0.82, 0.88),
    "night": (0.36, 0.42, 0.62),
}
_IN: dict[str, Rgb] = {
    "day": (0.98, 0.95, 0.91),
    "dusk": (0.80, 0.66, 0.60),
    "dawn": (0.86, 0.83, 0.85),
    "night": (0.69, 0.55, 0.52),
}
_SKIN: dict[str, Rgb] = {
    "day": (1.0, 1.0, 1.0),
    "dusk": (1.0, 0.975, 0.95),
    "dawn": (0.99, 0.98, 0.985),
    "night": (0.985, 0.965, 0.95),
}
_RIM = {"day": "#fff4dc", "dusk": "#ffb067", "dawn": "#ffd9b8", "night": "#ffbf70"}
_LAMP = {"day": 0.15, "dusk": 0.7, "dawn": 0.4, "night": 1.0}


def light_for(place: str, interior: bool, time: str, weather: str) -> Light:
    """The light of a place at a time (day, dusk, dawn, night) in a weather (clear, rain, snow, fog)."""
    top, low = _SKY[time]
    ambient = (_IN if interior else _OUT)[time]
    skin = _SKIN[time]
    if not interior and time == "night":
        skin = (0.965, 0.965, 0.975)
    if weather != "clear":
        grey = {"day": "#aeb7be", "dusk": "#7a6670", "dawn": "#a9a9b4", "night": "#1a2136"}[time]
        share = {"rain": 0.6, "snow": 0.5, "fog": 0.75}[weather]
        top, low = mix(top, grey, share), mix(low, grey, share)
        if not interior:
            dim = {"rain": 0.86, "snow": 0.98, "fog": 0.94}[weather]
            ambient = (ambient[0] * dim * 0.98, ambient[1] * dim, ambient[2] * min(1.0, dim * 1.04))
    rim = "#b9cdf2" if not interior and time == "night" else _RIM[time]
    return Light(
        time=time,
        weather=weather,
        interior=interior,
        sky_top=top,
        sky_low=low,
        ambient=ambient,
        skin=skin,
        rim=rim,
        lamp=_LAMP[time],
        side=1 if unit(place.strip().lower(), "key light") < 0.5 else -1,
        haze=mix(low, "#ffffff", 0.15) if time == "day" else low,
    )
