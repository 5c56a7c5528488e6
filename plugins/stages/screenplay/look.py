"""What a shot looks like and is for, by rules: lens, light, story beat, action units, what must be seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ....events.script import OnScreen
from . import tone
from .phrases import sentences

__all__ = [
    "BEATS",
    "LENSES",
    "MOST_ACTS",
    "MOST_NEEDS",
    "acts_of",
    "deeds_of",
    "is_reveal",
    "is_strong",
    "lens_of",
    "light_of",
    "needs_of",
]

BEATS = ("establish", "act", "say", "react", "reveal", "turn", "rest")
LENSES = (14, 135)  # mm of a full frame: the widest and the longest that the grammar below uses or allows
MOST_ACTS = 6
MOST_NEEDS = 16
_LENS = {"WS": 28, "FS": 35, "TWO": 40, "MS": 50, "OTS": 65, "INSERT": 100}
_FELT = frozenset({"angry", "afraid", "sad", "surprised"})
# A clause that goes on with another deed; `and` alone joins too many things that are one deed.
_THEN = re.compile(
    r"\s*[;；]\s*|,\s+(?:and\s+)?then\s+|\s+and\s+then\s+|[，,]\s*(?=然后|接着|随即|随后|于是|又|突然|忽然|便|再)"
    r"|，(?=[^，。！？；]{4,}(?:[，。！？；]|$))"
)
_INSIDE = {
    "day": "soft daylight through the windows",
    "night": "warm lamplight and deep shadows",
    "dusk": "low amber light through the windows, the lamps not yet lit",
    "dawn": "pale blue light through the windows",
}
_OUTSIDE = {
    "day": "natural daylight",
    "night": "cool moonlight with pools of lamplight",
    "dusk": "golden hour, long shadows",
    "dawn": "pale cold light before sunrise",
}
_VEILED = {"rain": "grey light, wet reflections", "snow": "flat white light", "fog": "diffused, low contrast"}
_FEEL = {
    "tense": "hard side light",
    "mysterious": "low key, edges lit from behind",
    "angry": "hard light, high contrast",
    "afraid": "low key, lit from below",
    "shocked": "hard frontal light",
    "sad": "soft, dim, cold",
    "tender": "soft and warm",
    "happy": "bright and warm",
    "intimate": "soft and warm, close falloff",
    "romantic": "soft and warm, glowing edges",
    "dramatic": "strong contrast from one side",
}


def lens_of(size: str, interior: bool, feeling: str) -> int:
    """Focal length in mm: wide for places, normal for bodies, long for faces, longer where it is felt."""
    if size == "EWS":
        return 24 if interior else 18
    if size == "MCU":
        return 85 if feeling in _FELT else 65
    if size == "ECU":
        return 135 if feeling in _FELT else 100
    return _LENS.get(size, 85)


def light_of(time: str, interior: bool, weather: str, mood: str) -> str:
    """The lighting in words: what the hour gives, what the weather takes, what the mood asks for."""
    base = (_INSIDE if interior else _OUTSIDE).get(time, "natural light")
    parts = [base, "" if interior else _VEILED.get(weather, ""), _FEEL.get(mood, "")]
    return "; ".join(one for one in parts if one)


def acts_of(action: str) -> tuple[str, ...]:
    """An action in units, one deed each, in its order; nothing of the text is lost. At most MOST_ACTS."""
    units: list[str] = []
    for sentence in sentences(action):
        units += _whole([one.strip() for one in _THEN.split(sentence) if one and re.search(r"\w", one)])
    if len(units) > MOST_ACTS:
        glue = "，" if units[0][:1] >= "\u2e80" else ", "
        units = [*units[: MOST_ACTS - 1], glue.join(units[MOST_ACTS - 1 :])]
    return tuple(units)


def _whole(clauses: list[str]) -> list[str]:
    """Clauses, those too short to be a deed (`灯笼下`) with the one after them."""
    units: list[str] = []
    for clause in clauses:
        if units and len(units[-1]) < 4:
            units[-1] += ("，" if clause[:1] >= "\u2e80" else ", ") + clause
        else:
            units.append(clause)
    return units


def deeds_of(note: str) -> tuple[str, ...]:
    """What somebody does while speaking; how it is said is no deed."""
    return acts_of(note) if tone.pose_of(note) or tone.HANDLES.has(note) else ()


def needs_of(
    on_screen: Sequence[OnScreen], objects: Iterable[str], weather: str, crowd: bool, captions: Iterable[str]
) -> tuple[str, ...]:
    """What must be seen: who, the props, the weather, people in the background, words on the picture."""
    needs = [one.character for one in on_screen]
    needs += objects
    needs += [] if weather in ("", "clear") else [weather]
    needs += ["people in the background"] if crowd else []
    needs += [f"caption: {one}" for one in captions]
    return tuple(dict.fromkeys(one[:200] for one in needs if one))[:MOST_NEEDS]


def is_strong(feeling: str, intensity: int) -> bool:
    """Whether a line turns its scene: at the edge by its words, or strong and felt."""
    return intensity >= 3 or (intensity >= 2 and feeling in _FELT)


def is_reveal(objects: Sequence[str], size: str) -> bool:
    """Whether a picture shows something new to know: a prop that fills the frame."""
    return size == "INSERT" and bool(set(objects) - tone.SCENERY)
