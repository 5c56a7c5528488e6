"""The one set of encoder settings of all picture segments, so that they can be joined without encoding
again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.stream import VideoStream

from .errors import FilmError
from .planes import U8, Planes

BT709, LIMITED = 1, 1  # ISO/IEC 23091-2: colour_primaries, transfer and matrix 1; AVCOL_RANGE_MPEG
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow")
MAX_SIDE = 4096
MAX_PIXELS = 3840 * 2160


def check_picture(width: int, height: int, fps: int) -> None:
    """FilmError unless size and rate can be encoded: even sides of 64..4096, at most 3840x2160 pixels,
    1..120 fps."""
    if width % 2 or height % 2 or not (64 <= width <= MAX_SIDE and 64 <= height <= MAX_SIDE):
        raise FilmError(
            f"a picture of {width}x{height} cannot be encoded: sides must be even, 64..{MAX_SIDE}"
        )
    if width * height > MAX_PIXELS:
        raise FilmError(f"a picture of {width}x{height} is over {MAX_PIXELS} pixels")
    if not 1 <= fps <= 120:
        raise FilmError(f"{fps} frames a second is outside 1..120")


@contextmanager
def finished(out: Path) -> Iterator[Path]:
    """A temporary name beside `out` that becomes `out` when the block ends well, and is removed when it does
    not."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)


class SegmentWriter:
    """Encodes frames into one video-only mp4: H.264 high, yuv420p, bt709 limited, constant rate, closed GOPs
    of 2 s."""

    def __init__(
        self, path: Path, width: int, height: int, fps: int, preset: str = "veryfast", crf: int = 21
    ) -> None:
        check_picture(width, height, fps)
        if preset not in PRESETS or not 0 < crf <= 51:
            raise FilmError(
                f"preset {preset!r} with crf {crf}: presets are {', '.join(PRESETS)}, crf is 1..51"
            )
        self._container = av.open(str(path), "w", format="mp4")
        self._stream: VideoStream = self._container.add_stream(
            "libx264",
            rate=fps,
            options={
                "preset": preset,
                "crf": str(crf),
                "threads": "1",  # a segment is one job on one core; the thread count changes the bytes
                "profile": "high",
                "g": str(2 * fps),
                "keyint_min": str(fps),
                "flags": "+cgop",
            },
        )
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        context = self._stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        context.sample_aspect_ratio = Fraction(1)
        self._buffer: U8 = np.zeros(width * height * 3 // 2, np.uint8)
        luma, quarter = width * height, width * height // 4
        self._shape = (height * 3 // 2, width)
        self.planes = Planes(
            self._buffer[:luma].reshape(height, width),
            self._buffer[luma : luma + quarter].reshape(height // 2, width // 2),
            self._buffer[luma + quarter :].reshape(height // 2, width // 2),
        )
        self.frames = 0

    def write(self) -> None:
        """Encodes what stands in `planes` as the next frame."""
        frame = av.VideoFrame.from_ndarray(self._buffer.reshape(self._shape), format="yuv420p")
        frame.color_primaries = frame.color_trc = frame.colorspace = BT709
        frame.color_range = LIMITED
        frame.pts = self.frames
        self.frames += 1
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
