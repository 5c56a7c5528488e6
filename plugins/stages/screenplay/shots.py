"""A shot while it is being made, how long it must be, and how it is written down as planned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from attrs import define

from ....events.script import Line, OnScreen, SceneParsed, ShotPlanned
from . import look, tone
from .beats import Act, Say
from .names import members

__all__ = ["MAX_SHOT_MS", "MIN_SHOT_MS", "Shot", "action_ms", "audio_of", "line_ms", "planned"]

MAX_SHOT_MS = 8_000
MIN_SHOT_MS = 1_500
AIR_MS = 300  # around the voice; the speech rate brings another 300
GAP_MS = 250  # between two lines of one shot
_CAPTION = re.compile(
    r"(?:黑屏|片头|片尾)?字幕|花字|SUPER\b|TITLE\b|CAPTION\b|CHYRON\b|ON[ -]SCREEN|TEXT\b", re.IGNORECASE
)
_CROWD_SIZES = frozenset({"EWS", "WS", "FS", "MS", "MCU", "TWO", "OTS"})


class HasCharacter(Protocol):
    """Somebody in a shot, planned or answered."""

    @property
    def character(self) -> str:
        """Who."""
        ...


@define
class Shot:
    """A shot being made; times in ms, source lines from 1."""

    size: str
    on_screen: tuple[OnScreen, ...]
    action: str
    ms: int
    first: int
    last: int
    move: str = "still"
    angle: str = "eye"
    objects: tuple[str, ...] = ()
    lines: tuple[Say, ...] = ()
    beat: str = "act"

    @property
    def people(self) -> tuple[str, ...]:
        """Who is on screen, from left to right as placed."""
        return tuple(one.character for one in self.on_screen)


def line_ms(says: Sequence[Say]) -> int:
    """Voices, the gaps between them, air, and a moment more where it hurts."""
    ms = sum(say.ms for say in says) + GAP_MS * (len(says) - 1) + AIR_MS
    if max(say.intensity for say in says) >= 3:
        ms += 300
    return max(MIN_SHOT_MS, min(MAX_SHOT_MS, ms))


def action_ms(act: Act, opening: bool, size: str) -> int:
    """How long a picture without words is looked at: by how much there is to see, 1.7 to 3.2 s."""
    length = len(act.text) * (150 if act.text[:1] >= "\u2e80" else 45)
    if opening:
        low, high = 2_400, 3_200
    else:
        low, high = (1_700, 2_300) if size in ("INSERT", "CU") else (1_800, 2_800)
    return max(low, min(high, length))


def planned(scene: SceneParsed, shots: Sequence[Shot], weather: str, crowd: bool) -> list[ShotPlanned]:
    """The shots of a scene as events, numbered."""
    return [_plan(scene, number, len(shots), shot, weather, crowd) for number, shot in enumerate(shots, 1)]


def _plan(scene: SceneParsed, number: int, of: int, shot: Shot, weather: str, crowd: bool) -> ShotPlanned:
    lead = shot.lines[-1].line.character if shot.lines else (shot.people[0] if shot.people else "")
    feeling = next((one.expression for one in shot.on_screen if one.character == lead), "")
    mood = tone.mood_of(feeling, weather, scene.time)
    crowded = crowd and shot.size in _CROWD_SIZES
    return ShotPlanned(
        revision=scene.revision,
        scene=scene.scene,
        shot=f"{scene.scene}-{number:02d}",
        number=number,
        of=of,
        place=scene.place,
        interior=scene.interior,
        time=scene.time,
        weather=weather,
        size=shot.size,
        angle=shot.angle,
        move=shot.move,
        on_screen=shot.on_screen,
        crowd=crowded,
        action=shot.action,
        objects=shot.objects,
        mood=mood,
        lines=tuple(say.line for say in shot.lines),
        audio=audio_of([say.line for say in shot.lines], shot.on_screen),
        duration_ms=min(MAX_SHOT_MS, max(MIN_SHOT_MS, shot.ms)),
        first=shot.first,
        last=shot.last,
        lens=look.lens_of(shot.size, scene.interior, feeling),
        light=look.light_of(scene.time, scene.interior, weather, mood),
        beat=_beat(shot, feeling),
        acts=_acts(scene, shot),
        needs=look.needs_of(shot.on_screen, shot.objects, weather, crowded, _captions(scene, shot)),
    )


def audio_of(lines: Sequence[Line], on_screen: Sequence[HasCharacter]) -> str:
    """The audio route: `tts` where lips move, `voice-over` where a voice lies over the picture, `silent`.

    `native`, sound that a video model makes with its picture, is never the rules' choice.
    """
    seen = {one.character for one in on_screen}
    if any(line.how == "spoken" and seen.intersection(members(line.character)) for line in lines):
        return "tts"
    return "voice-over" if lines else "silent"


def _acts(scene: SceneParsed, shot: Shot) -> tuple[str, ...]:
    if shot.lines and shot.beat == "act" and shot.action == shot.lines[0].line.note:
        return look.deeds_of(shot.action)
    return () if shot.action == scene.place else look.acts_of(shot.action)


def _beat(shot: Shot, feeling: str) -> str:
    """What a shot does in the story."""
    if shot.lines:
        strongest = max(say.intensity for say in shot.lines)
        return "turn" if look.is_strong(feeling, strongest) else "say"
    if shot.beat == "act" and look.is_reveal(shot.objects, shot.size):
        return "reveal"
    return "rest" if shot.beat == "act" and not shot.on_screen else shot.beat


def _captions(scene: SceneParsed, shot: Shot) -> list[str]:
    """The words that the script puts on this picture."""
    return [
        one.text
        for one in scene.elements
        if one.type == "cue" and shot.first <= one.first <= shot.last and _CAPTION.match(one.text)
    ]
