"""Measures drawn mouths in the pixels of a finished film: how far each is open in every frame of its shot.

The plan says only where a face is: the camera's view and the rig's box. How far open 0 and 1 are is taken
from the rig's own closed and widest patch; what is measured is the film that ships.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from attrs import frozen
from PIL import Image

from duanju.core.artifacts import Artifacts
from duanju.events.scenes import TakeChosen
from duanju.plugins.media.camera import Camera, Kind, Move
from duanju.plugins.media.frames import iter_frames
from duanju.plugins.media.plate import plate_size
from duanju.plugins.media.rig import Box, Figure, read_rig

__all__ = ["Face", "alike", "faces_of", "shots_of_film"]

F64 = npt.NDArray[np.float64]
_LUMA = (0.2126, 0.7152, 0.0722)
LEAST_CONTRAST = 5.0  # of 255, between closed and wide: a small mouth in a dark beard cannot be measured
WINDOW = 3  # frames: a shape is held for two or more, so a mouth follows the sound over about 120 ms


@frozen(eq=False)
class Face:
    """One face of a shot: `opening` per frame, 0 = closed, 1 = wide open; NaN where it cannot be seen."""

    shot: str
    character: str
    opening: F64
    pixels: float


def shots_of_film(film: Path, takes: list[TakeChosen]) -> Iterator[tuple[TakeChosen, int, F64]]:
    """Every shot of the cut with its first frame's number and its luma (frames x height x width, 0..255)."""
    frames = iter_frames(film, colour="gray")
    at = 0
    for take in takes:
        yield take, at, np.stack([next(frames).pixels for _ in range(take.frames)]).astype(np.float64)
        at += take.frames
    assert next(frames, None) is None, "the film has more frames than its shots"


def faces_of(take: TakeChosen, luma: F64, store: Artifacts) -> list[Face]:
    """All faces of a shot that have a mouth."""
    if take.rig is None:
        return []
    plate = plate_size(take.width, take.height)
    rig = read_rig(store.read(take.rig), *plate)
    move = Move(cast(Kind, take.move.kind), take.move.amount)
    size = (take.width, take.height)
    camera = Camera(move, plate, size, take.frames, take.fps, take.picture.sha256)
    return [
        Face(
            take.shot,
            figure.character,
            np.array(
                [_opening(luma[n], figure, figure.mouth_box, camera.view(n)) for n in range(take.frames)]
            ),
            figure.mouth_box.height,
        )
        for figure in rig.figures
        if figure.mouth_box is not None
    ]


def _opening(picture: F64, figure: Figure, box: Box, view: Any) -> float:
    left, top = (box.x - view.x) / view.scale, (box.y - view.y) / view.scale
    right, bottom = left + box.width / view.scale, top + box.height / view.scale
    height, width = picture.shape
    if left < 0 or top < 0 or right > width or bottom > height:
        return float("nan")
    drawn = Image.fromarray(picture.astype(np.uint8))
    seen = drawn.resize((box.width, box.height), Image.Resampling.BILINEAR, box=(left, top, right, bottom))
    closed, wide = _mean(figure.mouths["X"]), _mean(figure.mouths["D"])
    if closed - wide < LEAST_CONTRAST:
        return float("nan")
    return float((closed - np.asarray(seen, np.float64).mean()) / (closed - wide))


def _mean(patch: npt.NDArray[np.uint8]) -> float:
    return float((patch.astype(np.float64) @ _LUMA).mean())


def alike(opening: F64, sound: F64, use: npt.NDArray[np.bool_], lags: int = 2) -> float:
    """The best correlation of a mouth with the sound over `use`, within so many frames either way."""
    power = np.convolve(np.square(sound), np.ones(WINDOW) / WINDOW, "same")
    smooth = np.sqrt(power)
    found = []
    for lag in range(-lags, lags + 1):
        moved = np.roll(opening, lag)
        mask = use & ~np.isnan(moved)
        if mask.sum() > 10 and np.ptp(moved[mask]) > 0:
            found.append(float(np.corrcoef(moved[mask], smooth[mask])[0, 1]))
    return max(found, default=float("nan"))
