"""A shot while it is being made, how long it must be, and how it is written down as planned."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from ....events.script import OnScreen, SceneParsed, ShotPlanned
from . import tone
from .beats import Act, Say

__all__ = ["MAX_SHOT_MS", "MIN_SHOT_MS", "Shot", "action_ms", "line_ms", "planned"]

MAX_SHOT_MS = 8_000
MIN_SHOT_MS = 1_500
AIR_MS = 300  # around the voice; the speech rate brings another 300
GAP_MS = 250  # between two lines of one shot
_CROWD_SIZES = frozenset({"EWS", "WS", "FS", "MS", "MCU", "TWO", "OTS"})


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
    spoken = any(say.line.how == "spoken" for say in shot.lines)
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
        crowd=crowd and shot.size in _CROWD_SIZES,
        action=shot.action,
        objects=shot.objects,
        mood=tone.mood_of(feeling, weather, scene.time),
        lines=tuple(say.line for say in shot.lines),
        audio="tts" if spoken else ("voice-over" if shot.lines else "silent"),
        duration_ms=min(MAX_SHOT_MS, max(MIN_SHOT_MS, shot.ms)),
        first=shot.first,
        last=shot.last,
    )
