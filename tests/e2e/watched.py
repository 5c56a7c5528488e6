"""Watches a whole finished film once, and keeps what several tests ask about."""

from __future__ import annotations

import re
from pathlib import Path

import filmkit
import hearing
import mouths
import numpy as np
from attrs import field, frozen
from hearing import F64

from duanju.events.cut import CutRequested
from duanju.events.quality import CheckMeasured
from duanju.events.scenes import PlacedLine, TakeChosen
from duanju.events.script import ShotPlanned

__all__ = ["Shot", "Watched", "lines_of_fountain", "watch"]


@frozen(eq=False)
class Shot:
    """One shot as it is seen: its plan, its take, where it starts, its faces, and figures of its pixels.

    `light` and `detail`: mean and standard deviation of the luma per frame, 0..255; `change`: mean difference
    of each frame to the one before it; `middle`: its middle frame, made small.
    """

    plan: ShotPlanned
    take: TakeChosen
    first: int
    faces: tuple[mouths.Face, ...]
    light: F64
    detail: F64
    change: F64
    middle: F64


@frozen(eq=False)
class Watched:
    """A film: its shots in order, its sound, the sound's level under each frame, and its checks."""

    shots: tuple[Shot, ...]
    sound: F64
    level: F64
    checks: tuple[CheckMeasured, ...]
    cut: CutRequested
    settled: str = field(default="")

    @property
    def frames(self) -> int:
        """How many there are."""
        return sum(shot.take.frames for shot in self.shots)

    def own(self, shot: Shot, character: str) -> tuple[list[PlacedLine], F64]:
        """A character's spoken lines in a shot, and where nobody else is heard in it (1 or 0 a frame)."""
        how = {line.line: line.how for line in shot.plan.lines}
        mine = [one for one in shot.take.lines if one.character == character and how[one.line] == "spoken"]
        alone = np.ones(shot.take.frames)
        for one in shot.take.lines:
            if one not in mine:
                alone[frame(one.start_ms) : frame(one.start_ms + one.duration_ms) + 2] = 0
        return mine, alone


def frame(ms: int, fps: int = 25) -> int:
    """The number of the frame that shows at a time."""
    return ms * fps // 1000


def watch(made: filmkit.Made) -> Watched:
    """Decodes the film that stands in the folder that a person opens."""
    with filmkit.opened(made.root) as (studio, log, _):
        cut = filmkit.events_of(log, made.stream, CutRequested)[-1]
        takes = {one.shot: one for one in filmkit.events_of(log, made.stream, TakeChosen)}
        plans = {one.shot: one for one in filmkit.events_of(log, made.stream, ShotPlanned)}
        checks = tuple(filmkit.events_of(log, made.stream, CheckMeasured))
        order = [takes[one.shot] for one in cut.segments]
        shots = [
            _shot(plans[take.shot], take, first, luma, tuple(mouths.faces_of(take, luma, studio.artifacts)))
            for take, first, luma in mouths.shots_of_film(made.film, order)
        ]
    sound = hearing.sound_of(made.film)
    frames = sum(take.frames for take in order)
    return Watched(tuple(shots), sound, hearing.rms_of_frames(sound, cut.fps, frames), checks, cut)


def _shot(plan: ShotPlanned, take: TakeChosen, first: int, luma: F64, faces: tuple[mouths.Face, ...]) -> Shot:
    small = luma[:, ::4, ::4]
    return Shot(
        plan,
        take,
        first,
        faces,
        luma.mean(axis=(1, 2)),
        small.std(axis=(1, 2)),
        np.abs(np.diff(small, axis=0)).mean(axis=(1, 2)),
        small[len(small) // 2],
    )


def lines_of_fountain(script: Path) -> list[str]:
    """The spoken words of a plain Fountain script, read as a person would: what stands under a name."""
    found: list[str] = []
    for paragraph in script.read_text(encoding="utf-8").split("\n\n"):
        name, *rest = paragraph.strip().split("\n")
        if rest and re.fullmatch(r"[A-Z' ]+( \((V\.O\.|O\.S\.)\))?", name):
            found.append(" ".join(one for one in rest if not one.startswith("(")))
    return found
