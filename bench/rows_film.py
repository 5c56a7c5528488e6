"""Rows 13 and 14: pictures. CPU of a rendered shot beside its encoder alone; what one changed scene costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import attrs
from timing import Figure, cpu_seconds, interleaved, ratio_of
from toy import STREAM, engine_on
from yardsticks import encode_only

from duanju.core.artifacts import Artifacts
from duanju.core.log import Log
from duanju.core.plugins import load_plugins
from duanju.events.artifact import Artifact
from duanju.events.cast import Profile
from duanju.events.episode import EpisodeRevised
from duanju.events.scenes import Figure as Person
from duanju.events.scenes import MouthCue, MouthTrack, Move, Picture, ShotRendered, TakeChosen

__all__ = ["again", "render"]

SCENES = 12
SEED = "bench"


def _picture(number: int = 0) -> Picture:
    face = Profile(
        *(
            "female",
            28,
            "oval",
            "#f0c8a0",
            "bob",
            "#201810",
            "#302010",
            "slim",
            "qipao",
            "#902030",
            "#e0c060",
        ),
        marks=(),
    )
    person = Person("Lin", face, "centre", "camera", "tense", "stands", True)
    return Picture(
        *("teahouse", True, "night", "clear", "MCU", "eye", (person,), False, ("teacup",), "tense"),
        action=f"Lin waits for the {number}th time.",
    )


def _cpu(work: Callable[[], object]) -> float:
    begin = cpu_seconds()
    work()
    return cpu_seconds() - begin


def _mouths(frames: int, fps: int) -> list[tuple[int, str]]:
    return [(at, "XBCDBEFA"[at // 120 % 8]) for at in range(0, frames * 1000 // fps, 120)]


@contextmanager
def _kept(frames: list[bytes]) -> Iterator[None]:
    """Keeps a copy of every frame that a renderer hands to the encoder while the block runs."""
    from duanju.plugins.media import animate
    from duanju.plugins.media.encode import SegmentWriter

    class Keeping(SegmentWriter):
        """Encodes, and keeps."""

        def write(self) -> None:
            frames.append(b"".join(plane.tobytes() for plane in self.planes))
            super().write()

    animate.SegmentWriter = Keeping  # type: ignore[attr-defined]
    try:
        yield
    finally:
        animate.SegmentWriter = SegmentWriter  # type: ignore[attr-defined]


def render(folder: Path, *, rounds: int, small: bool) -> list[Figure]:
    """Row 13: one shot of 5 s at 1080x1920 and 30 fps, against the encoder alone on the same frames."""
    from duanju.plugins.media.animate import Move as CameraMove
    from duanju.plugins.media.animate import render_segment
    from duanju.plugins.media.painter import paint
    from duanju.plugins.media.subtitles import Cue

    width, height, fps, length = (144, 256, 10, 10) if small else (1080, 1920, 30, 150)
    told = attrs.asdict(_picture())
    plate = paint(told, width, height)
    numbers = count()

    def shot(drawn: bool, painted: bool) -> None:
        made = paint(told, width, height) if painted else plate
        render_segment(
            folder / f"ours{next(numbers)}.mp4",
            made.png,
            made.rig if drawn else None,
            width=width,
            height=height,
            fps=fps,
            frames=length,
            move=CameraMove("push-in", 0.7),
            mouths={"Lin": _mouths(length, fps)} if drawn else {},
            seed=SEED,
            cues=[Cue(200, length * 900 // fps, "You came back.")] if drawn else [],
        )

    def one(row: str, measure: str, drawn: bool, painted: bool, aim: float | None) -> Figure:
        frames: list[bytes] = []
        with _kept(frames):
            shot(drawn, painted)
        if len(frames) != length:
            raise RuntimeError(f"row {row}: {len(frames)} frames were kept, {length} were expected")
        return interleaved(
            row,
            f"render {length / fps:g} s of {width}x{height}: {measure}",
            lambda: _cpu(lambda: shot(drawn, painted)) * fps / length,
            lambda: _cpu(lambda: encode_only(folder / "raw.mp4", frames, width, height, fps)) * fps / length,
            rounds=rounds,
            aim=aim,
            unit="CPU s/s",
            warm=False,
        )

    return [
        one("13a", "a still with a move", False, False, 1.2),
        one("13b", "drawn, lip-synced, subtitled", True, True, 1.5),
        one("13c", "the same, its picture drawn before", True, False, None),
    ]


class Film:
    """The stage's own effect that renders a take, and nothing else of the stages."""

    def __init__(self) -> None:
        from duanju.plugins.stages.scenes import on_take_chosen

        self.on_take_chosen = on_take_chosen


def _take(
    number: int, revision: int, plate: tuple[Artifact, Artifact], size: tuple[int, int], **how: Any
) -> Any:
    width, height = size
    frames, fps = how["frames"], how["fps"]
    mouth = tuple(MouthCue(at, shape) for at, shape in _mouths(frames, fps))
    return TakeChosen(
        revision=revision,
        scene=f"S{number:02d}",
        shot=f"S{number:02d}-01",
        take=1,
        inputs=f"{number:032d}",
        width=width,
        height=height,
        fps=fps,
        frames=frames,
        picture=plate[0],
        rig=plate[1],
        move=Move("push-in", how["amount"]),
        mouths=(MouthTrack("Lin", mouth),),
        subtitles=(),
        preset="veryfast",
        lines=(),
    )


def again(folder: Path, *, rounds: int, small: bool) -> list[Figure]:
    """Row 14: twelve scenes rendered and joined; then a revision that changes one, through the engine."""
    return [
        ratio_of(
            "14",
            f"re-render after 1 changed scene of {SCENES}",
            [_film_twice(folder / f"film{number}", small) for number in range(rounds)],
            aim=0.12,
            unit="CPU s",
            note="its yardstick is the full render",
        )
    ]


def _film_twice(folder: Path, small: bool) -> tuple[float, float]:
    from duanju.plugins.media.film import join
    from duanju.plugins.media.painter import paint

    size = (144, 256) if small else (720, 1280)
    how = {"fps": 10, "frames": 5} if small else {"fps": 25, "frames": 75}
    plugins = load_plugins(extra={"film": Film()}, only="film")
    if plugins.failures:
        raise RuntimeError(str(plugins.failures))
    log, engine = engine_on(folder, plugins, inline=True)
    artifacts = Artifacts(folder / "artifacts")
    drawn = paint(attrs.asdict(_picture()), *size)
    plate = artifacts.put(drawn.png, "image/png"), artifacts.put(drawn.rig, "application/zip")
    other = Log(folder / "log.db", plugins.codec)

    def film(revision: int) -> None:
        # Every scene moves by its own amount, so that no two are one; in revision 2 the last one differs.
        amounts = [(n + 1 + (50 if revision == 2 and n == SCENES - 1 else 0)) / 100 for n in range(SCENES)]
        takes = [_take(n, revision, plate, size, amount=amount, **how) for n, amount in enumerate(amounts)]
        other.append(STREAM, takes, by="bench")
        engine.run()
        made = [
            r.event for r in other.read(stream=STREAM, kind="shot_rendered") if r.event.revision == revision
        ]
        ordered: list[ShotRendered] = sorted(made, key=lambda event: event.scene)
        if len(ordered) != SCENES:
            raise RuntimeError(
                f"row 14: {len(ordered)} scenes of revision {revision}, {SCENES} were expected"
            )
        fresh = sum(1 for event in ordered if event.reused_from is None)
        if fresh != (SCENES if revision == 1 else 1):
            raise RuntimeError(f"row 14: {fresh} scenes of revision {revision} were rendered")
        join(
            folder / f"film{revision}.mp4",
            [artifacts.path(event.segment) for event in ordered],
            None,
            metadata={"title": "bench"},
        )

    try:
        full = _cpu(lambda: film(1))
        opened = engine.folds.now(STREAM).opened
        if opened is None:
            raise RuntimeError("the episode is not open")
        revised = EpisodeRevised(
            2, "Bench", "bench.txt", opened.source, "", opened.settings, opened.prices, "one scene changed"
        )
        other.append(STREAM, [revised], by="bench")
        return _cpu(lambda: film(2)), full
    finally:
        engine.close()
        other.close()
        log.close()
