"""Films a plate: lays mouths and eyes into it and takes frames out of it through a camera that moves by
fractions.

The plate is made four times as wide once; a frame is then a gather of columns (exact to an eighth of a
pixel) and a blend of rows, which costs a third of resampling every frame. Patches go into the widened plate,
so they move with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from .errors import PictureError
from .planes import U8, Planes, from_rgb
from .rig import Box, Figure, Rig

FINE = 4  # widened samples per plate pixel
_ROWS = 128  # rows blended at a time: they stay in the cache
_MARGIN = 2  # plate pixels around a patch that its interpolation can touch; even, for chroma


class View(NamedTuple):
    """What the camera sees: the left and upper edge and the scale (plate pixels per frame pixel)."""

    x: float
    y: float
    scale: float


class Stage:
    """A plate with its figures, being filmed; not thread-safe."""

    def __init__(self, plate: U8, rig: Rig | None) -> None:
        self.height, self.width = plate.shape[0] & ~1, plate.shape[1] & ~1
        self._plate = np.ascontiguousarray(plate[: self.height, : self.width])
        self._fine = Planes(*(_widened(plane) for plane in from_rgb(self._plate)))
        self.figures: tuple[Figure, ...] = rig.figures if rig is not None else ()
        self._now: list[tuple[str, bool]] = [("X", False)] * len(self.figures)
        self._patches: dict[tuple[int, str, bool], list[tuple[Box, Planes]]] = {}

    def pose(self, index: int, shape: str, eyes_closed: bool) -> None:
        """Gives figure `index` a mouth shape and open or closed eyes; an undrawn shape is shown as X."""
        figure = self.figures[index]
        shape = shape if shape in figure.mouths else "X"
        eyes_closed = eyes_closed and figure.closed is not None
        if self._now[index] == (shape, eyes_closed):
            return
        self._now[index] = (shape, eyes_closed)
        for box, fine in self._posed(index, shape, eyes_closed):
            _put(self._fine, box, fine)

    def _posed(self, index: int, shape: str, eyes_closed: bool) -> list[tuple[Box, Planes]]:
        key = (index, shape, eyes_closed)
        if key not in self._patches:
            figure = self.figures[index]
            drawn = self._plate.copy() if figure.mouth_box or figure.eyes_box else self._plate
            if figure.mouth_box is not None:
                _paste(drawn, figure.mouth_box, figure.mouths[shape])
            if figure.eyes_box is not None and figure.closed is not None and eyes_closed:
                _paste(drawn, figure.eyes_box, figure.closed)
            self._patches[key] = [
                (grown, _fine_part(drawn, grown))
                for box in (figure.mouth_box, figure.eyes_box)
                if box is not None
                for grown in [_grown(box, self.width, self.height)]
            ]
        return self._patches[key]

    def film(self, view: View, frame: Planes) -> None:
        """Fills the planes of one frame with what the camera sees; PictureError if it looks past the plate's
        edge."""
        rows, columns = frame.y.shape
        if (
            min(view.x, view.y) < 0
            or view.x + columns * view.scale > self.width + 1e-6
            or view.y + rows * view.scale > self.height + 1e-6
        ):
            raise PictureError(
                f"the camera looks past the edge of the {self.width}x{self.height} plate: {view}"
            )
        across = _edges(view.x, view.scale, columns)
        _shoot(self._fine.y, view.y, view.scale, across, frame.y)
        across = _left_sited(view.x, view.scale, columns // 2)
        for fine, plane in ((self._fine.cb, frame.cb), (self._fine.cr, frame.cr)):
            _shoot(fine, view.y / 2, view.scale, across, plane)


Indexes = np.ndarray[tuple[int], np.dtype[np.intp]]


def _edges(start: float, scale: float, count: int) -> Indexes:
    """Widened column under the middle of each sample."""
    return ((start + (np.arange(count) + 0.5) * scale) * FINE).astype(np.intp)


def _left_sited(start: float, scale: float, count: int) -> Indexes:
    """The same for chroma columns, which lie on the left luma column of each pair (see planes.from_rgb)."""
    middle = start + (2 * np.arange(count) + 0.5) * scale
    return (((middle - 0.5) / 2 + 0.5) * FINE).astype(np.intp)


def _shoot(fine: U8, top: float, scale: float, columns: Indexes, out: U8) -> None:
    """One plane of one frame: columns picked, rows blended from the two nearest in 1/256."""
    middle = np.clip(top + (np.arange(out.shape[0]) + 0.5) * scale - 0.5, 0, fine.shape[0] - 1)
    upper = middle.astype(np.intp)
    lower = np.minimum(upper + 1, fine.shape[0] - 1)
    share = ((middle - upper) * 256).astype(np.uint16)[:, None]
    rest = np.uint16(256) - share
    first = int(upper[0])
    seen = np.take(fine[first : int(lower[-1]) + 1], columns, axis=1, mode="clip")
    upper -= first
    lower -= first
    blend, other = (np.empty((_ROWS, out.shape[1]), np.uint16) for _ in range(2))
    for row in range(0, out.shape[0], _ROWS):
        part = slice(row, row + _ROWS)
        count = len(upper[part])
        np.multiply(seen.take(upper[part], axis=0), rest[part], out=blend[:count])
        np.multiply(seen.take(lower[part], axis=0), share[part], out=other[:count])
        blend += other
        blend += np.uint16(128)
        blend >>= np.uint16(8)
        out[part] = blend[:count]


def _widened(plane: U8) -> U8:
    height, width = plane.shape
    return np.array(
        Image.fromarray(plane).resize((width * FINE, height), Image.Resampling.BILINEAR), dtype=np.uint8
    )


def _paste(picture: U8, box: Box, patch: U8) -> None:
    picture[box.y : box.y + box.height, box.x : box.x + box.width] = patch


def _grown(box: Box, width: int, height: int) -> Box:
    x, y = max(0, box.x - _MARGIN), max(0, box.y - _MARGIN)
    return Box(
        x, y, min(width, box.x + box.width + _MARGIN) - x, min(height, box.y + box.height + _MARGIN) - y
    )


def _fine_part(picture: U8, box: Box) -> Planes:
    """The widened planes of a part, computed with more margin so that its edges agree with the whole."""
    wide = _grown(_grown(box, picture.shape[1], picture.shape[0]), picture.shape[1], picture.shape[0])
    part = from_rgb(picture[wide.y : wide.y + wide.height, wide.x : wide.x + wide.width])
    left, top = box.x - wide.x, box.y - wide.y
    cut = []
    for plane, divisor in zip(part, (1, 2, 2), strict=True):
        rows = slice(top // divisor, (top + box.height) // divisor)
        columns = slice(left * FINE // divisor, (left + box.width) * FINE // divisor)
        cut.append(_widened(plane)[rows, columns])
    return Planes(*cut)


def _put(fine: Planes, box: Box, patch: Planes) -> None:
    for target, source, divisor in zip(fine, patch, (1, 2, 2), strict=True):
        rows = slice(box.y // divisor, (box.y + box.height) // divisor)
        target[rows, box.x * FINE // divisor : (box.x + box.width) * FINE // divisor] = source
