"""Renders one shot: a plate, its rig, a camera move, mouths and subtitles become a video segment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path

import av

from .camera import KINDS, Camera, Move, blinks
from .captions import Caption, draw_caption
from .encode import SegmentWriter, check_picture, finished
from .errors import FilmError
from .rig import SHAPES, read_png, read_rig
from .stage import Stage
from .subtitles import Cue

__all__ = ["KINDS", "Move", "render_segment"]

MAX_FRAMES = 120 * 600
Mouths = Mapping[str, Sequence[tuple[int, str]]]


def render_segment(
    out: Path,
    plate_png: bytes,
    rig_zip: bytes | None,
    *,
    width: int,
    height: int,
    fps: int,
    frames: int,
    move: Move,
    mouths: Mouths,
    seed: str,
    cues: Sequence[Cue] = (),
    preset: str = "veryfast",
    crf: int = 21,
) -> None:
    """Writes a video-only mp4 of exactly `frames` frames; equal arguments give equal bytes.

    `plate_png` is at least as large as the frame; the planned framing is its centre. `mouths` gives each
    speaking character's (start_ms, shape) from the shot's start, X before the first; a character without a
    mouth in the rig is off screen and left alone. `cues` are burned in and do not move with the camera.
    Raises PictureError (plate, rig), SubtitleError (cues) or FilmError (size, length, mouths, encoding).
    """
    check_picture(width, height, fps)
    if not 1 <= frames <= MAX_FRAMES:
        raise FilmError(f"a shot of {frames} frames is outside 1..{MAX_FRAMES}")
    timed = {name: _checked(name, cues_of) for name, cues_of in mouths.items()}
    plate = read_png(plate_png, "the plate")
    rig = None if rig_zip is None else read_rig(rig_zip, plate.shape[1], plate.shape[0])
    stage = Stage(plate, rig)
    camera = Camera(move, (stage.width, stage.height), (width, height), frames, fps, seed)
    duration_ms = frames * 1000 // fps
    closed = [
        blinks(seed, figure.character, duration_ms) if figure.closed is not None else []
        for figure in stage.figures
    ]
    captions = [(cue.start_ms, cue.end_ms, draw_caption(cue.text, width, height)) for cue in cues]
    try:
        with finished(out) as part, SegmentWriter(part, width, height, fps, preset, crf) as film:
            for index in range(frames):
                at_ms = index * 1000 / fps
                for number, figure in enumerate(stage.figures):
                    shape = _shape_at(timed.get(figure.character), at_ms)
                    stage.pose(number, shape, any(start <= at_ms < end for start, end in closed[number]))
                stage.film(camera.view(index), film.planes)
                _subtitle(captions, at_ms, film)
                film.write()
    except (av.error.FFmpegError, OSError) as err:
        raise FilmError(f"cannot encode {out.name}: {err}") from err


def _checked(name: str, cues: Sequence[tuple[int, str]]) -> tuple[list[int], list[str]]:
    starts, shapes = [start for start, _ in cues], [shape for _, shape in cues]
    if any(shape not in SHAPES or len(shape) != 1 for shape in shapes):
        raise FilmError(f"the mouth of {name!r} has a shape that is none of {SHAPES}")
    if starts != sorted(starts):
        raise FilmError(f"the mouth of {name!r} has shapes out of order")
    return starts, shapes


def _shape_at(timed: tuple[list[int], list[str]] | None, at_ms: float) -> str:
    if timed is None:
        return "X"
    before = bisect_right(timed[0], at_ms)
    return timed[1][before - 1] if before else "X"


def _subtitle(captions: Sequence[tuple[int, int, Caption]], at_ms: float, film: SegmentWriter) -> None:
    for start, end, caption in captions:
        if start <= at_ms < end:
            caption.lay_over(*film.planes)
