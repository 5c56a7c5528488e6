"""What the script says: scenes, their elements with source lines, and the shots they are broken into."""

from __future__ import annotations

from attrs import frozen

from .kinds import event

__all__ = [
    "CastNote",
    "Element",
    "Line",
    "OnScreen",
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

    `type`: heading | action | line | parenthetical | transition | note | section | synopsis | title | cast |
    cue (a sound, caption or other direction) | blank is never stored. `first` and `last` are source line
    numbers from 1, inclusive. For a line: `line` is its number in the episode ("L007"), `character` who
    speaks, `how` is spoken | os | vo, `note` the parenthetical, `text` exactly what the script says.
    """

    type: str
    text: str
    first: int
    last: int
    line: str = ""
    character: str = ""
    how: str = ""
    note: str = ""


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


@event(home="episode")
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


@event(home="episode", subject=("scene",))
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


@event(home="episode", subject=("scene",))
@frozen
class ScenePlaced:
    """A plugin's own scene, which is in no script, stands after `after`; "" = before the first one.

    Its shots are the plugin's, too: `shot_planned` for each. The shot list waits for all of them.
    """

    revision: int
    scene: str
    after: str


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
    """A spoken line in a shot: `how` is spoken | os | vo (the last two move no lips on screen)."""

    line: str
    character: str
    text: str
    note: str
    how: str


@event(home="episode", subject=("shot",))
@frozen
class ShotPlanned:
    """One shot ("S01-02", number `number` of the scene's `of`).

    `size`: EWS | WS | FS | MS | MCU | CU | ECU | TWO | OTS | INSERT; `angle`: eye | low | high | dutch;
    `move`: still | push-in | pull-out | pan-left | pan-right | tilt-up | tilt-down; `audio`: native | tts |
    voice-over | silent; `mood`: a tone word; `objects`: props named in the action; `duration_ms` planned.
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


@event(home="episode", once=("revision", "inputs"))
@frozen
class ShotListSettled:
    """All scenes are broken down; `inputs` is the digest of the shots that were joined."""

    revision: int
    inputs: str
    shots: int
    lines: int
    duration_ms: int
