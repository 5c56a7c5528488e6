"""What the script says: scenes, their elements with source lines, and the shots they are broken into."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from .codec import upcast
from .kinds import event

__all__ = [
    "Ambiguous",
    "CastNote",
    "Element",
    "Line",
    "OnScreen",
    "SceneFellBack",
    "SceneParsed",
    "ScenePlaced",
    "ScriptParsed",
    "ShotListSettled",
    "ShotPlanned",
    "Unmapped",
]


@frozen
class Element:
    """One element of the script, in source order.

    `type`: heading | action | line | lyric | parenthetical | transition | centred | page-break | note |
    boneyard | section | synopsis | title | cast | cue (a sound, caption or other direction); blank is never
    stored. `first` and `last` are source line numbers from 1, inclusive. For a line: `line` is its number in
    the episode ("L007"), `character` who speaks, `note` the parenthetical, `text` exactly what the script
    says, and `how` is spoken | inner (a thought: lips closed) | off (speaks, not in the picture) | vo (a
    voice over the picture). `number` is a heading's scene number as the script writes it; `dual`: the line is
    spoken at once with the one before it.
    """

    type: str
    text: str
    first: int
    last: int
    line: str = ""
    character: str = ""
    how: str = ""
    note: str = ""
    number: str = ""
    dual: bool = False


@frozen
class Ambiguous:
    """A source line (number from 1) that reads in two ways: as what it was taken, and what else it may be."""

    number: int
    text: str
    taken: str
    other: str


@frozen
class Unmapped:
    """A source line that the parser could not place (number from 1, text as it stands)."""

    number: int
    text: str


@frozen
class CastNote:
    """A name the script mentions as a person: where first, how many lines, and any description of them."""

    name: str
    lines: int
    first: int
    description: str


@event(home="episode", schema=2)
@frozen
class ScriptParsed:
    """The script was read. `language` is zh or en; counts are explicit, so that joins need no guess."""

    revision: int
    title: str
    language: str
    format: str
    scenes: int
    lines: int
    source_lines: int
    characters: tuple[CastNote, ...]
    unmapped: tuple[Unmapped, ...]
    elements: tuple[Element, ...]
    ambiguous: tuple[Ambiguous, ...] = ()


@upcast("script_parsed", 1)
def _without_ambiguous(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "elements": [_element(one) for one in body["elements"]], "ambiguous": []}


def _element(body: dict[str, Any]) -> dict[str, Any]:
    """An element of schema 1, which knew `os` for a thought and had neither number nor dual."""
    return {**body, "how": _HOW.get(body["how"], body["how"]), "number": "", "dual": False}


_HOW = {"os": "inner"}


@event(home="episode", subject=("scene",), schema=2)
@frozen
class SceneParsed:
    """One scene ("S01", number `number` of `of`): where, when, who, and its elements in order.

    `time` is day | night | dusk | dawn; `interior` False for outdoors; `place` as the script names it.
    """

    revision: int
    scene: str
    number: int
    of: int
    heading: str
    place: str
    interior: bool
    time: str
    language: str
    first: int
    last: int
    characters: tuple[str, ...]
    elements: tuple[Element, ...]


@upcast("scene_parsed", 1)
def _old_elements(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "elements": [_element(one) for one in body["elements"]]}


@event(home="episode", subject=("scene",))
@frozen
class ScenePlaced:
    """A plugin's own scene, which is in no script, stands after `after`; "" = before the first one.

    Its shots are the plugin's, too: `shot_planned` for each. The shot list waits for all of them.
    """

    revision: int
    scene: str
    after: str


@event(home="episode", subject=("subject",), positions=("request",))
@frozen
class SceneFellBack:
    """No chat model's shots for a scene could be used, so the rules' shots stand; `why`: the last faults.

    `subject` is the question's: "S03" for the whole scene, "S03:1-40" for entries 1 to 40 of it; `request` is
    the question's position, `asked` every route that was asked for it, the last one last.
    """

    revision: int
    scene: str
    subject: str
    request: int
    asked: tuple[str, ...]
    why: str


@frozen
class OnScreen:
    """Who stands in a shot, where in the frame, looking where, how.

    `position`: left | centre-left | centre | centre-right | right; `facing`: camera | left | right | away;
    `expression`: neutral | happy | sad | angry | afraid | surprised | tense | tender; `pose`: a free word.
    """

    character: str
    position: str
    facing: str
    expression: str
    pose: str


@frozen
class Line:
    """A spoken line in a shot: `how` is spoken | inner | off | vo (only the first moves lips on screen)."""

    line: str
    character: str
    text: str
    note: str
    how: str


@event(home="episode", subject=("shot",), schema=2)
@frozen
class ShotPlanned:
    """One shot ("S01-02", number `number` of the scene's `of`).

    `size`: EWS | WS | FS | MS | MCU | CU | ECU | TWO | OTS | INSERT; `angle`: eye | low | high | dutch;
    `move`: still | push-in | pull-out | pan-left | pan-right | tilt-up | tilt-down; `audio`: native | tts |
    voice-over | silent; `mood`: a tone word; `objects`: props named in the action; `duration_ms` planned;
    `lens`: focal length in mm of a full frame (18 to 135); `light`: a lighting style in words; `beat`: what
    the shot does in the story (establish | act | say | react | reveal | turn | rest); `acts`: the action in
    units, one thing done by one each; `needs`: what must be seen in the picture.
    """

    revision: int
    scene: str
    shot: str
    number: int
    of: int
    place: str
    interior: bool
    time: str
    weather: str
    size: str
    angle: str
    move: str
    on_screen: tuple[OnScreen, ...]
    crowd: bool
    action: str
    objects: tuple[str, ...]
    mood: str
    lines: tuple[Line, ...]
    audio: str
    duration_ms: int
    first: int
    last: int
    lens: int = 50
    light: str = ""
    beat: str = ""
    acts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@upcast("shot_planned", 1)
def _without_lens(body: dict[str, Any]) -> dict[str, Any]:
    lines = [{**one, "how": _HOW.get(one["how"], one["how"])} for one in body["lines"]]
    return {**body, "lines": lines, "lens": 50, "light": "", "beat": "", "acts": [], "needs": []}


@event(home="episode", once=("revision", "inputs"))
@frozen
class ShotListSettled:
    """All scenes are broken down; `inputs` is the digest of the shots that were joined."""

    revision: int
    inputs: str
    shots: int
    lines: int
    duration_ms: int
