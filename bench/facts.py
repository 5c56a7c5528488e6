"""Typed events like those of a real episode, and their rows ready to be inserted raw."""

from __future__ import annotations

import hashlib
from typing import Any

from duanju.events.artifact import Artifact
from duanju.events.codec import Codec
from duanju.events.dialogue import Direction, LineDirected, LineVoiced, Phoneme
from duanju.events.episode import PartOpened
from duanju.events.scenes import SceneAssembled, ShotRendered

__all__ = ["SUBJECTS", "facts", "rows_of"]

SUBJECTS = {
    "line_directed": ("line",),
    "line_voiced": ("line",),
    "shot_rendered": ("shot",),
    "scene_assembled": ("scene",),
    "part_opened": ("join", "part"),
}


def facts(count: int, begin: int = 0) -> list[Any]:
    """`count` different events of five kinds in turn, small and middling, with values inside values."""
    made: list[Any] = []
    for n in range(begin, begin + count):
        named = hashlib.sha256(str(n).encode()).hexdigest()
        line, shot, scene = f"L{n:05d}", f"S{n // 8:03d}-{n % 8:02d}", f"S{n // 8:03d}"
        which = n % 5
        if which == 0:
            direction = Direction(100, 0, 100, "tense")
            made.append(LineDirected(1, line, shot, "Lin Yue", f"You came back, {n}.", direction))
        elif which == 1:
            sounds = tuple(Phoneme(80 * i, symbol) for i, symbol in enumerate("jukeIm"))
            audio = Artifact(named, 48_000 + n, "audio/wav")
            made.append(
                LineVoiced(1, 1, line, shot, "Lin Yue", f"You came back, {n}.", audio, 900 + n % 100, sounds)
            )
        elif which == 2:
            made.append(ShotRendered(1, scene, shot, 1, Artifact(named, 900_000 + n, "video/mp4"), 75))
        elif which == 3:
            shots = tuple(f"{scene}-{i:02d}" for i in range(6))
            made.append(SceneAssembled(1, scene, named[:32], shots, 450))
        else:
            made.append(PartOpened("shots", scene, 1))
    return made


def rows_of(codec: Codec, events: list[Any]) -> list[tuple[Any, ...]]:
    """The stored columns (without position) of events, made beforehand: nothing is left but to insert."""
    rows = []
    for number, event in enumerate(events, 1):
        kind, schema, body = codec.encode(event)
        name = hashlib.sha256(f"{number} {body}".encode()).digest()
        at = "2026-01-01T00:00:00.000Z"
        rows.append(
            (name.hex()[:32], "episode/bench/one", number, kind, schema, body, None, None, "bench", at, name)
        )
    return rows
