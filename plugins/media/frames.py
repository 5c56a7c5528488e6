"""Takes pictures out of a film: frames for checks, black runs, thumbnails for pages."""

from __future__ import annotations

import io
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import av
import numpy as np
from av.video.reformatter import Interpolation
from PIL import Image

from .errors import FilmError
from .planes import U8
from .reading import picture_in, reading

MAX_SIDE = 4096


class Frame(NamedTuple):
    """A decoded frame: number, time in s, pixels (height x width x 3 RGB, or height x width gray)."""

    number: int
    time_s: float
    pixels: U8


@dataclass(frozen=True, slots=True)
class BlackRun:
    """A stretch of black frames, in s."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s


def _picture(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    stream = picture_in(container)
    if stream is None:
        raise FilmError(f"{path.name} has no readable picture")
    return stream


def iter_frames(
    path: Path,
    size: tuple[int, int] | None = None,
    every: int = 1,
    *,
    colour: Literal["rgb", "gray"] = "rgb",
    only: Container[int] | None = None,
) -> Iterator[Frame]:
    """Every `every`-th frame scaled to `size` (width, height; None = as it is), converted with the film's
    own matrix; with `only`, none but the frames of these numbers (what is not taken is not converted).

    FilmError if the film cannot be read or breaks off.
    """
    if every < 1 or (size is not None and not all(1 <= side <= MAX_SIDE for side in size)):
        raise FilmError(f"frames need every >= 1 and sides of 1..{MAX_SIDE}, got {every} and {size}")
    width, height = size if size is not None else (None, None)
    kind = "rgb24" if colour == "rgb" else "gray"
    with reading(path, "read the frames of") as container:
        stream = _picture(container, path)
        stream.thread_type = "AUTO"
        for index, frame in enumerate(container.decode(stream)):
            if index % every == 0 and (only is None or index in only):
                scaled = frame.reformat(
                    width=width, height=height, format=kind, interpolation=Interpolation.BILINEAR
                )
                yield Frame(index, float(frame.time or 0.0), scaled.to_ndarray().astype(np.uint8, copy=False))


def black_runs(
    path: Path,
    *,
    least_s: float | None = None,
    pixel: float = 0.10,
    picture: float = 0.98,
    short_side: int = 540,
) -> list[BlackRun]:
    """Black runs by ffmpeg's blackdetect, on frames scaled down to `short_side`.

    A pixel is black below `pixel` of the luma range, a frame when `picture` of its pixels are; a run counts
    from `least_s` (default: one frame). The defaults are those of the picture.black check.
    """
    found: list[BlackRun] = []
    least = 0.0
    with reading(path, "look for black in") as container:
        stream = _picture(container, path)
        stream.thread_type = "AUTO"
        step = float(1 / stream.average_rate) if stream.average_rate else 0.04
        graph = av.filter.Graph()
        entry, sink = graph.add_buffer(template=stream), graph.add("buffersink")
        scale = min(1.0, short_side / min(stream.width, stream.height))
        small = graph.add(
            "scale", f"{max(2, round(stream.width * scale))}:{max(2, round(stream.height * scale))}"
        )
        least = step * 0.5 if least_s is None else least_s
        detect = graph.add("blackdetect", f"d={least:.6f}:pic_th={picture:.4f}:pix_th={pixel:.4f}")
        for one, other in ((entry, small), (small, detect), (detect, sink)):
            one.link_to(other)
        graph.configure()
        start: float | None = None
        end = 0.0
        for frame in _pumped(container, stream, entry, sink):
            end = max(end, frame[0] + step)
            if "lavfi.black_start" in frame[1]:
                start = float(frame[1]["lavfi.black_start"])
            if "lavfi.black_end" in frame[1] and start is not None:
                found.append(BlackRun(start, float(frame[1]["lavfi.black_end"])))
                start = None
        if start is not None:
            found.append(BlackRun(start, end))
    # the filter itself compares the length only before it writes to its own log
    return [run for run in found if run.seconds >= least - 1e-6]


def _pumped(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    entry: av.filter.context.FilterContext,
    sink: av.filter.context.FilterContext,
) -> Iterator[tuple[float, dict[str, str]]]:
    """(time, metadata) of every frame behind the filters."""

    def drained() -> Iterator[tuple[float, dict[str, str]]]:
        while True:
            try:
                frame = sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            yield float(frame.time or 0.0), dict(frame.metadata)

    for frame in container.decode(stream):
        entry.push(frame)
        yield from drained()
    entry.push(None)
    yield from drained()


def thumbnail(path: Path, at_s: float, width: int, *, kind: Literal["jpeg", "png"] = "jpeg") -> bytes:
    """The picture shown at `at_s` (the last one if the film is shorter), `width` pixels wide, as JPEG or PNG
    bytes."""
    if not 1 <= width <= MAX_SIDE or at_s < 0:
        raise FilmError(f"a thumbnail needs a width of 1..{MAX_SIDE} and a time >= 0, got {width} and {at_s}")
    with reading(path, "take a picture from") as container:
        stream = _picture(container, path)
        if stream.time_base is not None and at_s > 0:
            container.seek(int(at_s / stream.time_base), stream=stream)
        shown = None
        for frame in container.decode(stream):
            if shown is not None and (frame.time or 0.0) > at_s + 1e-6:
                break
            shown = frame
        if shown is None:
            raise FilmError(f"{path.name} has no frame at {at_s} s")
        height = max(1, round(shown.height * width / shown.width))
        pixels = shown.reformat(
            width=width, height=height, format="rgb24", interpolation=Interpolation.AREA
        ).to_ndarray()
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        out, kind.upper(), **({"quality": 85} if kind == "jpeg" else {})
    )
    return out.getvalue()
