"""Reads what a finished film is, from the file alone: codecs, size, rate, colour, sound, order of boxes,
errors."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from .atoms import atoms, is_faststart
from .errors import FilmError
from .reading import picture_in, reading, sound_in

_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
_TRANSFERS = {1: "bt709", 6: "smpte170m", 13: "srgb", 16: "smpte2084", 18: "arib-std-b67"}
_MATRICES = {0: "gbr", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
_RANGES = {1: "tv", 2: "pc"}
MAX_BYTES = 16 * 1024**3


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture stream; durations in ms, `constant_rate` from the distances between frame times."""

    codec: str
    profile: str | None
    width: int
    height: int
    sample_aspect: Fraction
    fps: Fraction | None
    constant_rate: bool
    frames: int
    pix_fmt: str | None
    primaries: str
    transfer: str
    matrix: str
    range: str
    start_ms: float
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound stream."""

    codec: str
    profile: str | None
    sample_rate: int
    channels: int
    start_ms: float
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Container:
    """A file: its format, streams (None if absent), metadata, and what went wrong when all of it was
    decoded."""

    format: str
    picture: Picture | None
    sound: Sound | None
    faststart: bool
    size_bytes: int
    bit_rate: int
    metadata: dict[str, str]
    decode_errors: tuple[str, ...]


def probe(path: Path, *, decode: bool = True) -> Container:
    """What `path` is; `decode` also decodes every frame to find errors (about a tenth of real time per core).

    FilmError if it is no readable film, is truncated at box level, or is over 16 GiB.
    """
    listed = atoms(path)
    size = sum(atom.size for atom in listed)
    if size > MAX_BYTES:
        raise FilmError(f"{path.name} is over {MAX_BYTES} bytes")
    with reading(path, "read") as container:
        picture, sound = picture_in(container), sound_in(container)
        times, sound_span = _times(container, picture, sound)
        return Container(
            container.format.name,
            None if picture is None else _picture(picture, times),
            None if sound is None else _sound(sound, sound_span),
            is_faststart(listed),
            size,
            int(container.bit_rate or 0),
            dict(container.metadata),
            _decode_errors(path) if decode else (),
        )


def _streams(container: av.container.InputContainer) -> list[VideoStream | AudioStream]:
    """What can be read; never empty, since demuxing no streams means all of them, the damaged ones too."""
    found = [s for s in (picture_in(container), sound_in(container)) if s is not None]
    if not found:
        raise FilmError(f"{Path(container.name).name} has neither a readable picture nor sound")
    return found


def _times(
    container: av.container.InputContainer, picture: VideoStream | None, sound: AudioStream | None
) -> tuple[list[tuple[int, int]], tuple[float, float]]:
    """(pts, duration) of every picture packet in order of time, and the ms at which the sound starts and
    ends."""
    times: list[tuple[int, int]] = []
    first, last = None, 0.0
    for packet in container.demux(_streams(container)):
        if packet.pts is None or packet.time_base is None:
            continue
        if packet.stream is picture:
            times.append((packet.pts, packet.duration or 0))
        else:
            begin = float(packet.pts * packet.time_base * 1000)
            first = begin if first is None else min(first, begin)
            last = max(last, begin + float((packet.duration or 0) * packet.time_base * 1000))
    # packets before 0 are the encoder's run-in: players drop them by the edit list
    return sorted(times), (max(0.0, first or 0.0), last)


def _picture(stream: VideoStream, times: list[tuple[int, int]]) -> Picture:
    context, base = stream.codec_context, stream.time_base or Fraction(1)
    steps = {later[0] - earlier[0] for earlier, later in itertools.pairwise(times)}
    start = float(times[0][0] * base * 1000) if times else 0.0
    end = float((times[-1][0] + times[-1][1]) * base * 1000) if times else 0.0
    return Picture(
        context.name,
        context.profile,
        context.width,
        context.height,
        Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        stream.average_rate,
        len(steps) <= 1,
        len(times),
        context.pix_fmt,
        _name(_PRIMARIES, context.color_primaries),
        _name(_TRANSFERS, context.color_trc),
        _name(_MATRICES, context.colorspace),
        _name(_RANGES, context.color_range),
        start,
        end - start,
    )


def _sound(stream: AudioStream, span: tuple[float, float]) -> Sound:
    context = stream.codec_context
    return Sound(
        context.name, context.profile, context.sample_rate, context.channels, span[0], span[1] - span[0]
    )


def _name(names: dict[int, str], code: int) -> str:
    return names.get(int(code), "unspecified" if int(code) in (0, 2) else f"code {int(code)}")


def _decode_errors(path: Path) -> tuple[str, ...]:
    """One text per kind of trouble met while decoding everything, at most ten."""
    found: list[str] = []
    with reading(path, "decode") as container:
        corrupt = 0
        for packet in container.demux(_streams(container)):
            try:
                for frame in packet.decode():
                    corrupt += isinstance(frame, av.VideoFrame | av.AudioFrame) and frame.is_corrupt
            except av.error.FFmpegError as err:
                if len(found) < 10:
                    found.append(f"{packet.stream.type} at {packet.pts}: {err.strerror}")
        if corrupt:
            found.append(f"{corrupt} corrupt frames")
    return tuple(found)
