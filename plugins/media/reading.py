"""Opens films that may be broken or hostile: every trouble becomes one error that names the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from .errors import FilmError

MAX_PIXELS = 64_000_000  # 8K and a bit: a damaged header must not ask for all memory


@contextmanager
def reading(path: Path, what: str) -> Iterator[InputContainer]:
    """The opened file; what libav raises in the block comes out as FilmError "cannot `what` NAME: ..."."""
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            yield container
    except (av.error.FFmpegError, OSError, ValueError) as err:
        raise FilmError(f"cannot {what} {path.name}: {err}") from err


def picture_in(container: InputContainer) -> VideoStream | None:
    """The first picture stream that has a known codec, a pixel format and a size that can be decoded."""
    for stream in container.streams.video:
        if not _known(stream) or stream.codec_context.format is None:
            continue
        if 0 < stream.codec_context.width * stream.codec_context.height <= MAX_PIXELS:
            return stream
    return None


def sound_in(container: InputContainer) -> AudioStream | None:
    """The first sound stream that has a known codec and a sample rate."""
    for stream in container.streams.audio:
        if (
            _known(stream)
            and stream.codec_context.sample_rate > 0
            and stream.codec_context.format is not None
        ):
            return stream
    return None


def _known(stream: VideoStream | AudioStream) -> bool:
    # a stream whose codec id is damaged has no codec context at all, whatever the stubs say
    return getattr(stream, "codec_context", None) is not None
