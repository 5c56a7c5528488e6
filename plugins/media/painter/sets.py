"""The sets: which one a place is, and what all of them share; sizes in cm, back wall meets floor at y = 0."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from . import sets_inside, sets_outside, words
from .light import Light
from .pen import Pen
from .stage import Stage

_INSIDE: dict[str, Callable[[Pen, Stage], None]] = {
    "teahouse": sets_inside.teahouse,
    "hospital": sets_inside.hospital,
    "office": sets_inside.office,
    "home": sets_inside.home,
}
_OUTSIDE: dict[str, Callable[[Pen, Stage], None]] = {
    "courtyard": sets_outside.courtyard,
    "alley": sets_outside.alley,
    "street": sets_outside.street,
    "rooftop": sets_outside.rooftop,
    "forest": sets_outside.forest,
    "dock": sets_outside.dock,
}
# A place that is named as the other kind: the yard of a hospital is a courtyard, a room on a ship is a room.
_SWAP_OUT = {"teahouse": "street", "hospital": "courtyard", "office": "street", "home": "courtyard"}


@attrs.frozen
class Set:
    """A set ready to draw: its name, its drawing function, whether extras belong in it."""

    name: str
    draw: Callable[[Pen, Stage], None]
    crowded: bool


def set_for(place: str, interior: bool) -> Set:
    """The set of a place; the same place text always gives the same set, unknown places a plain one."""
    name = words.find(place, words.SETS)
    crowded = words.is_crowded(place)
    if interior:
        if name not in _INSIDE:
            return Set("room", sets_inside.room, crowded)
        return Set(name, _INSIDE[name], crowded)
    name = _SWAP_OUT.get(name, name)
    if name not in _OUTSIDE:
        return Set("open", sets_outside.open_country, crowded)
    return Set(name, _OUTSIDE[name], crowded)


def draw_set(pen: Pen, place: str, interior: bool, light: Light) -> Set:
    """Draws the whole set of a place in its light."""
    chosen = set_for(place, interior)
    chosen.draw(pen, Stage(place.strip().lower(), light, chosen.crowded))
    return chosen
