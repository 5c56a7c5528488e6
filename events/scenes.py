"""Pictures and takes: what a shot shows, which take is in the film, and its rendered segment."""

from __future__ import annotations

from attrs import frozen

from .artifact import Artifact
from .cast import Profile
from .kinds import event

__all__ = [
    "Figure",
    "MouthCue",
    "MouthTrack",
    "Move",
    "Picture",
    "PlacedLine",
    "SceneAssembled",
    "ShotDescribed",
    "ShotRendered",
    "Subtitle",
    "TakeChosen",
    "TakeKept",
]


@frozen
class Figure:
    """A character in a picture; the words are those of `script.OnScreen` and `cast.Profile`.

    `profile` is as the character looks in this scene. `identity` is the text that fixes who this is, for a
    model that is told in words: the same in every request, but for its last line, what is worn and the state.
    """

    character: str
    profile: Profile
    position: str
    facing: str
    expression: str
    pose: str
    speaking: bool
    identity: str = ""


@frozen
class Picture:
    """What a picture must show, from structured facts only; the words are those of `script.ShotPlanned`."""

    place: str
    interior: bool
    time: str
    weather: str
    size: str
    angle: str
    figures: tuple[Figure, ...]
    crowd: bool
    objects: tuple[str, ...]
    mood: str
    action: str


@event(home="episode", subject=("shot",))
@frozen
class ShotDescribed:
    """A chat model's words for what a shot shows, and the looks of everybody who has no identity block.

    `inputs` is the digest of what was asked: the plan of the shot and the cast, as they were.
    """

    revision: int
    scene: str
    shot: str
    inputs: str
    words: str


@frozen
class Move:
    """A camera move and how far it goes: `amount` 0..1 of the plate's spare margin."""

    kind: str
    amount: float


@frozen
class MouthCue:
    """From `start_ms` on the mouth has this shape (Rhubarb's A-H and X)."""

    start_ms: int
    shape: str


@frozen
class MouthTrack:
    """The mouth of one character over a shot, times from the shot's first frame."""

    character: str
    cues: tuple[MouthCue, ...]


@frozen
class Subtitle:
    """Burned text over a shot, times from the shot's first frame."""

    start_ms: int
    end_ms: int
    text: str
    line: str


@frozen
class PlacedLine:
    """A recorded line in a shot; `start_ms` from the shot's first frame."""

    line: str
    character: str
    text: str
    start_ms: int
    duration_ms: int
    audio: Artifact


@event(
    home="episode",
    subject=("shot",),
    address=("revision", "scene", "shot", "take", "lines", "inputs"),
    once=("revision", "inputs"),
)
@frozen
class TakeChosen:
    """What will be on screen for a shot: the picture, its moving parts, and exactly how long.

    `frames` at `fps` is the final length. All that the renderer needs stands here, so equal takes are
    rendered once whatever shot they are for.
    """

    revision: int
    scene: str
    shot: str
    take: int
    inputs: str
    width: int
    height: int
    fps: int
    frames: int
    picture: Artifact
    rig: Artifact | None
    move: Move
    mouths: tuple[MouthTrack, ...]
    subtitles: tuple[Subtitle, ...]
    preset: str
    lines: tuple[PlacedLine, ...]


@event(home="episode", subject=("shot",), once=("revision", "shot", "among", "take"))
@frozen
class TakeKept:
    """Of the takes of a shot up to number `among`, this one is in the film; a later one takes its place.

    `why` says what the others were worse in, or that they brought the same picture.
    """

    revision: int
    scene: str
    shot: str
    take: int
    among: int
    why: str


@event(
    home="episode",
    subject=("shot",),
    address=("revision", "scene", "shot", "take"),
    positions=("reused_from",),
)
@frozen
class ShotRendered:
    """The shot's own piece of film: video only, ready to be joined by packet copy."""

    revision: int
    scene: str
    shot: str
    take: int
    segment: Artifact
    frames: int
    reused_from: int | None = None


@event(home="episode", subject=("scene",), once=("revision", "inputs"))
@frozen
class SceneAssembled:
    """All shots of a scene are rendered; `inputs` is the digest of what was joined."""

    revision: int
    scene: str
    inputs: str
    shots: tuple[str, ...]
    frames: int
