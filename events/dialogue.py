"""Lines as they are directed, spoken and mouthed."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from .artifact import Artifact
from .codec import upcast
from .kinds import event
from .scenes import MouthCue

__all__ = ["Direction", "Letter", "LineDirected", "LineVoiced", "MouthTimed", "Phoneme", "Word"]


@frozen
class Direction:
    """How to say a line: `pace`, `volume` in percent of normal, `pitch` shift in steps, `tone` a word."""

    pace: int
    pitch: int
    volume: int
    tone: str


@frozen
class Phoneme:
    """A sound and when it starts, in the voice engine's own symbols; "" is a pause or tone mark."""

    start_ms: int
    symbol: str


@frozen
class Letter:
    """A letter, Chinese sign, mark or blank of a spoken text, and when it sounds (or the voice waits)."""

    start_ms: int
    end_ms: int
    text: str


@frozen
class Word:
    """A word as a model heard it in a sound, which need not be the script's, and when it sounds."""

    start_ms: int
    end_ms: int
    text: str


@event(home="episode", subject=("line",))
@frozen
class LineDirected:
    """How a line will be acted. The words are the script's, never reworded."""

    revision: int
    line: str
    shot: str
    character: str
    text: str
    direction: Direction


@event(home="episode", subject=("line",), schema=2)
@frozen
class LineVoiced:
    """A line was spoken: its sound, its length, and its sounds or letters as the synthesizer timed them."""

    revision: int
    take: int
    line: str
    shot: str
    character: str
    text: str
    audio: Artifact
    duration_ms: int
    phonemes: tuple[Phoneme, ...]
    letters: tuple[Letter, ...] = ()


@upcast("line_voiced", 1)
def _without_letters(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "letters": []}


@event(home="episode", subject=("line",))
@frozen
class MouthTimed:
    """The mouth's shapes over a line, from the line's first sample."""

    revision: int
    take: int
    line: str
    character: str
    duration_ms: int
    cues: tuple[MouthCue, ...]
