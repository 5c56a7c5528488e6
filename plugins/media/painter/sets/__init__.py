"""The sets: which one a place is, and what all of them share; sizes in cm, back wall meets floor at y = 0."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .. import words
from ..light import Light
from ..pen import Pen
from ..stage import Stage
from .alley import alley
from .backdrop import BACKDROP, backdrop
from .country import open_country
from .courtyard import courtyard
from .dock import dock
from .forest import forest
from .home import home
from .hospital import hospital
from .office import office
from .rooftop import rooftop
from .room import room
from .street import street
from .study import study
from .teahouse import teahouse

_INSIDE: dict[str, Callable[[Pen, Stage], None]] = {
    "teahouse": teahouse,
    "hospital": hospital,
    "office": office,
    "home": home,
    "study": study,
}
_OUTSIDE: dict[str, Callable[[Pen, Stage], None]] = {
    "courtyard": courtyard,
    "alley": alley,
    "street": street,
    "rooftop": rooftop,
    "forest": forest,
    "dock": dock,
}
# A place that is named as the other kind: the yard of a hospital is a courtyard, a room on a ship is a room.
_SWAP_OUT = {
    "teahouse": "street",
    "hospital": "courtyard",
    "office": "street",
    "home": "courtyard",
    "study": "courtyard",
}


@attrs.frozen
class Set:
    """A set ready to draw: its name, its drawing function, whether extras belong in it."""

    name: str
    draw: Callable[[Pen, Stage], None]
    crowded: bool


def set_for(place: str, interior: bool, crowd: bool = False) -> Set:
    """The set of a place; the same place text always gives the same set, unknown places a plain one.

    Extras are about where the shot says so, and in every shot of a place that is busy by its nature: they
    must not come and go between a wide shot and a close one.
    """
    if place == BACKDROP:
        return Set("backdrop", backdrop, False)
    name = words.find(place, words.SETS)
    crowded = (crowd or words.is_crowded(place)) and not words.is_empty(place)
    if interior:
        if name not in _INSIDE:
            return Set("room", room, crowded)
        return Set(name, _INSIDE[name], crowded)
    name = _SWAP_OUT.get(name, name)
    if name not in _OUTSIDE:
        return Set("open", open_country, crowded)
    return Set(name, _OUTSIDE[name], crowded)


def draw_set(pen: Pen, place: str, interior: bool, light: Light, crowd: bool = False) -> Set:
    """Draws the whole set of a place in its light, with extras if there is a crowd."""
    chosen = set_for(place, interior, crowd)
    chosen.draw(pen, Stage(place.strip().lower(), light, chosen.crowded))
    return chosen
