"""The cut: the plan of the whole film, and the file that came of it."""

from __future__ import annotations

from attrs import frozen

from .artifact import Artifact
from .kinds import event

__all__ = ["CutLine", "CutRequested", "CutSegment", "CutSubtitle", "EpisodeCut", "LabelApplied", "RoomTone"]


@frozen
class CutSegment:
    """A shot's piece of film in the order of the cut."""

    shot: str
    segment: Artifact
    frames: int


@frozen
class CutLine:
    """A recorded line on the film's clock."""

    line: str
    character: str
    text: str
    start_ms: int
    duration_ms: int
    audio: Artifact


@frozen
class CutSubtitle:
    """A subtitle on the film's clock."""

    start_ms: int
    end_ms: int
    text: str
    line: str


@frozen
class RoomTone:
    """The sound of a place: `kind` is interior | exterior-night | street | rain."""

    start_ms: int
    end_ms: int
    kind: str


@event(home="episode", address=("revision", "inputs"), once=("revision", "inputs"))
@frozen
class CutRequested:
    """Everything the film is made of. `loudness_cb` and `peak_cb` are hundredths of LUFS and dBTP."""

    revision: int
    inputs: str
    title: str
    language: str
    width: int
    height: int
    fps: int
    segments: tuple[CutSegment, ...]
    lines: tuple[CutLine, ...]
    subtitles: tuple[CutSubtitle, ...]
    tones: tuple[RoomTone, ...]
    loudness_cb: int
    peak_cb: int


@event(home="episode", address=("revision", "inputs"), positions=("reused_from",))
@frozen
class EpisodeCut:
    """The finished file and its sidecar subtitles. `inputs` is that of the cut it answers."""

    revision: int
    inputs: str
    film: Artifact
    subtitles: Artifact
    duration_ms: int
    frames: int
    reused_from: int | None = None


@event(home="episode")
@frozen
class LabelApplied:
    """The notice that the film is made by AI was put in, or left out on a person's word."""

    revision: int
    film: Artifact
    visible: bool
    metadata: bool
