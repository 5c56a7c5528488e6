"""Joins rendered segments and a finished mix into the film: pictures copied, sound encoded, header first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.packet import Packet as AnyPacket
from av.video.stream import VideoStream

from .encode import finished
from .errors import FilmError
from .reading import picture_in, reading
from .sound import RATE, Stereo

AUDIO_BITRATE = 192_000
MAX_SEGMENTS = 5000
_BLOCK = 1024  # an AAC frame

AudioPacket: TypeAlias = "AnyPacket[AudioStream]"
VideoPacket: TypeAlias = "AnyPacket[VideoStream]"


@dataclass(frozen=True, slots=True)
class Joined:
    """A joined film: length in ms, frames, size, frames a second, and the frame at which each segment
    starts."""

    duration_ms: int
    frames: int
    width: int
    height: int
    fps: Fraction
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Codec:
    """What must be the same in all segments, since the film has one header for all."""

    name: str
    width: int
    height: int
    pix_fmt: str | None
    rate: Fraction
    time_base: Fraction
    extradata: bytes


def join(out: Path, segments: Sequence[Path], audio: Stereo | None, *, metadata: Mapping[str, str]) -> Joined:
    """Writes an mp4 of all segments in order; equal input gives equal bytes.

    `audio` is float stereo at 48 kHz (2 x samples) as long as the picture to within one frame, and becomes
    AAC at 192 kbit/s; None makes a silent film. `metadata` keys are kept as they are. The file appears under
    its name only when it is whole. FilmError names the segment that cannot be read or was encoded
    differently.
    """
    if not 1 <= len(segments) <= MAX_SEGMENTS:
        raise FilmError(f"a film needs 1..{MAX_SEGMENTS} segments, got {len(segments)}")
    codecs = [_examined(path) for path in segments]
    for path, codec in zip(segments, codecs, strict=True):
        if codec[0] != codecs[0][0]:
            raise FilmError(
                f"{path.name} is encoded differently from {segments[0].name}: "
                f"{_difference(codec[0], codecs[0][0])}"
            )
    first = codecs[0][0]
    frames = sum(count for _, count in codecs)
    sound = None if audio is None else _fitted(audio, frames, first.rate)
    starts = tuple(sum(count for _, count in codecs[:i]) for i in range(len(codecs)))
    try:
        with finished(out) as part:
            _write(part, segments, starts, first, sound, metadata)
    except (av.error.FFmpegError, OSError, ValueError) as err:
        raise FilmError(f"cannot write {out.name}: {err}") from err
    return Joined(round(frames * 1000 / first.rate), frames, first.width, first.height, first.rate, starts)


def _examined(path: Path) -> tuple[_Codec, int]:
    with reading(path, "read the segment") as container:
        stream = picture_in(container)
        if stream is None or len(container.streams.video) != 1:
            raise FilmError(f"{path.name} must have exactly one readable picture stream to be a segment")
        context, rate, base = stream.codec_context, stream.average_rate, stream.time_base
        if rate is None or base is None or stream.frames < 1:
            raise FilmError(f"{path.name} holds no frames")
        codec = _Codec(
            context.name,
            context.width,
            context.height,
            context.pix_fmt,
            rate,
            base,
            bytes(context.extradata or b""),
        )
        return codec, stream.frames


def _difference(one: _Codec, other: _Codec) -> str:
    for name in ("name", "width", "height", "pix_fmt", "rate", "time_base"):
        if getattr(one, name) != getattr(other, name):
            return f"{name} {getattr(one, name)} against {getattr(other, name)}"
    return "other encoder settings (extradata)"


def _fitted(audio: Stereo, frames: int, rate: Fraction) -> Stereo:
    """The sound to the sample as long as the picture; it may be off by a frame before."""
    if audio.ndim != 2 or audio.shape[0] != 2:
        raise FilmError(f"the sound must be 2 x samples, not {audio.shape}")
    wanted = round(frames * RATE / rate)
    off = audio.shape[1] - wanted
    if abs(off) > RATE / rate:
        raise FilmError(
            f"the sound lasts {audio.shape[1] * 1000 // RATE} ms, the picture {wanted * 1000 // RATE} ms"
        )
    if not np.isfinite(audio).all():
        raise FilmError("the sound holds numbers that are not finite")
    fitted = np.zeros((2, wanted), np.float32)
    fitted[:, : min(wanted, audio.shape[1])] = audio[:, :wanted]
    return fitted


def _write(
    part: Path,
    segments: Sequence[Path],
    starts: Sequence[int],
    codec: _Codec,
    sound: Stereo | None,
    metadata: Mapping[str, str],
) -> None:
    options = {"movflags": "+faststart+use_metadata_tags"}
    with av.open(str(part), "w", format="mp4", options=options) as film:
        for key in sorted(metadata):
            film.metadata[key] = metadata[key]
        with reading(segments[0], "copy") as first:
            picture: VideoStream = film.add_stream_from_template(first.streams.video[0])
        picture.time_base = codec.time_base
        speech = _speech(film, sound)
        waiting = next(speech, None)
        ticks = 1 / (codec.rate * codec.time_base)
        for path, start in zip(segments, starts, strict=True):
            for packet in _copied(path, picture, round(start * ticks)):
                # sound goes in just before the picture that is later than it: the muxer then has little to
                # hold
                while (
                    waiting is not None
                    and packet.dts is not None
                    and _at(waiting) <= packet.dts * codec.time_base
                ):
                    film.mux(waiting)
                    waiting = next(speech, None)
                film.mux(packet)
        while waiting is not None:
            film.mux(waiting)
            waiting = next(speech, None)


def _at(packet: AudioPacket) -> Fraction:
    return Fraction(packet.dts or 0) * (packet.time_base or Fraction(1, RATE))


def _copied(path: Path, stream: VideoStream, offset: int) -> Iterator[VideoPacket]:
    with reading(path, "copy") as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.dts is None or packet.pts is None:
                continue  # the end of the stream
            packet.pts += offset
            packet.dts += offset
            packet.stream = stream
            yield packet


def _speech(film: av.container.OutputContainer, sound: Stereo | None) -> Iterator[AudioPacket]:
    if sound is None:
        return iter(())
    stream = film.add_stream("aac", rate=RATE, layout="stereo")
    stream.bit_rate = AUDIO_BITRATE
    return _encoded(stream, sound)


def _encoded(stream: AudioStream, sound: Stereo) -> Iterator[AudioPacket]:
    for at in range(0, sound.shape[1], _BLOCK):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound[:, at : at + _BLOCK]), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)
