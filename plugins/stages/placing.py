"""Fits a shot to its real voices: where each line starts, how long the shot is, whose mouth moves when."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from attrs import frozen

from ...events.dialogue import LineVoiced, MouthTimed
from ...events.scenes import MouthCue, MouthTrack, PlacedLine
from ...events.script import ShotPlanned
from .acting import language_of

__all__ = [
    "GAP_MS",
    "LEAD_IN_MS",
    "TAIL_MS",
    "Placement",
    "VoicedLine",
    "mouth_tracks",
    "ms_of_frames",
    "place_lines",
    "readable",
    "reading_ms",
]

LEAD_IN_MS = 240  # a look at the face before it speaks
GAP_MS = 250  # the shortest turn between two speakers that does not sound cut off
TAIL_MS = 320  # the word is heard out before the cut
SHORTEST_MS = 1000
MOST_PLANNED_MS = 60_000  # a plan beyond this is a mistake, and would render for minutes
SUBTITLE_MS = 834  # 5/6 s, the shortest subtitle that is read (Netflix timed text, general requirements)
SIGNS_PER_SECOND = {"zh": 9, "en": 20}  # the reading speed of adults (Netflix timed text, zh-Hans and en)
SUBTITLE_GAP_FRAMES = 2
_NOT_DRAWN = ("Cc", "Cf", "Cs", "Cn", "Co")


@frozen
class VoicedLine:
    """A line's voice and the mouth timed from it."""

    voice: LineVoiced
    mouth: MouthTimed
    how: str


@frozen
class Placement:
    """A shot's length in frames, and its lines with the time until which each may be read."""

    frames: int
    lines: tuple[PlacedLine, ...]
    read_until_ms: tuple[int, ...]


def ms_of_frames(frames: int, fps: int) -> int:
    """When frame number `frames` (from 0) starts, in whole ms, rounded down."""
    return frames * 1000 // fps


def readable(text: str) -> str:
    """A line's text as it can be drawn: control and format signs become spaces, runs of space one."""
    return " ".join("".join(" " if unicodedata.category(c) in _NOT_DRAWN else c for c in text).split())


def reading_ms(text: str) -> int:
    """How long a text must stand to be read, however fast it is said."""
    speed = SIGNS_PER_SECOND[language_of(text, "en")]
    return max(SUBTITLE_MS, -(-len(readable(text)) * 1000 // speed))


def place_lines(plan: ShotPlanned, voiced: Sequence[VoicedLine], fps: int) -> Placement:
    """Lines one after the other: lead-in, gaps, tail, and room to read each; the planned length is a minimum.

    Lengths are rounded up to whole frames. No two lines overlap, and every subtitle has until
    `SUBTITLE_GAP_FRAMES` before the next line's voice or the end of the shot.
    """
    gap_ms = -(-SUBTITLE_GAP_FRAMES * 1000 // fps)
    starts: list[int] = []
    at = LEAD_IN_MS
    needed = 0
    for one in voiced:
        starts.append(at)
        length, reading = one.voice.duration_ms, reading_ms(one.voice.text) + gap_ms
        needed = at + max(length + TAIL_MS, reading)
        at += max(length + GAP_MS, reading)
    planned = min(max(plan.duration_ms, SHORTEST_MS), MOST_PLANNED_MS)
    frames = -(-max(planned, needed) * fps // 1000)
    ends = [*starts[1:], ms_of_frames(frames, fps)] if starts else []
    return Placement(
        frames=frames,
        lines=tuple(
            PlacedLine(
                line=one.voice.line,
                character=one.voice.character,
                text=one.voice.text,
                start_ms=start,
                duration_ms=one.voice.duration_ms,
                audio=one.voice.audio,
            )
            for one, start in zip(voiced, starts, strict=True)
        ),
        read_until_ms=tuple(end - gap_ms for end in ends),
    )


def mouth_tracks(
    voiced: Sequence[VoicedLine], placed: Sequence[PlacedLine], on_screen: Sequence[str]
) -> tuple[MouthTrack, ...]:
    """The mouths that move: of spoken lines whose speaker is in the picture, on the shot's clock.

    A mouth is closed (X) before, between and after its lines. Whoever only listens, thinks (vo) or speaks
    from elsewhere (os) has no track, and keeps the closed mouth of the plate.
    """
    tracks: list[MouthTrack] = []
    for character in dict.fromkeys(on_screen):
        cues: list[MouthCue] = [MouthCue(0, "X")]
        for one, line in zip(voiced, placed, strict=True):
            if one.how != "spoken" or one.voice.character != character:
                continue
            for cue in (*one.mouth.cues, MouthCue(one.voice.duration_ms, "X")):
                start = line.start_ms + min(max(cue.start_ms, 0), one.voice.duration_ms)
                if start < cues[-1].start_ms or cue.shape == cues[-1].shape:
                    continue
                if start == cues[-1].start_ms:
                    cues.pop()
                if not cues or cues[-1].shape != cue.shape:
                    cues.append(MouthCue(start, cue.shape))
        if len(cues) > 1:
            tracks.append(MouthTrack(character, tuple(cues)))
    return tuple(tracks)
