"""What a person brings of a call that its vendor delivered after all: checked, and made its outcome."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from ..events.calls import (
    Bill,
    CallAdmitted,
    ChatReturned,
    ImageReturned,
    LipsyncReturned,
    SpeechReturned,
    VideoReturned,
    VideoSubmitted,
)
from .artifacts import Artifacts
from .errors import WrongUse

__all__ = ["bill_of", "delivered", "submitted"]

_MIB = 1 << 20
_MOST = {"image": 64 * _MIB, "speech": 256 * _MIB, "video": 1024 * _MIB, "lipsync": 1024 * _MIB, "chat": _MIB}
_MOST_SIDE = 16_384
_MOST_PIXELS = 100_000_000
_RATES = range(4_000, 192_001)
_PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_INDEX = frozenset({b"moov", b"moof"})


def bill_of(cost: int | None, ceiling: int | None) -> Bill:
    """The bill of what was brought: the cost that a person read on it, in micro-dollars.

    Without one the ceiling is booked and called unknown, so that it is never 0 and the caps count it.
    """
    if cost is None and ceiling == 0:
        return Bill(cost=0, billing="free")
    if cost is None:
        return Bill(cost=ceiling, billing="unknown")
    return Bill(cost=cost, billing="billed")


def submitted(request: Any, admitted: CallAdmitted, job: str) -> VideoSubmitted:
    """The vendor's job of a doubted call, to be awaited. Raises WrongUse for a call that knows no jobs."""
    if admitted.capability != "video":
        raise WrongUse(f"--job is for a clip, and this call asked for {admitted.capability}; name a FILE")
    if not job.strip() or len(job) > 500 or not job.isprintable():
        raise WrongUse("--job: write the job's name as the vendor shows it, on one line")
    return VideoSubmitted(job=job.strip(), **_address(request, admitted))


def delivered(request: Any, admitted: CallAdmitted, file: Path, bill: Bill, artifacts: Artifacts) -> Any:
    """The outcome that a file holds, its bytes stored. Raises WrongUse for a file that cannot be it."""
    make = _MAKE.get(admitted.capability)
    if make is None:
        raise WrongUse(
            f"an answer to {admitted.capability} cannot be brought as a file; there are: {', '.join(_MAKE)}"
        )
    data = _read(file, _MOST[admitted.capability])
    return attrs.evolve(make(file, data, artifacts), bill=bill, **_address(request, admitted))


def _address(request: Any, admitted: CallAdmitted) -> dict[str, Any]:
    return {
        "request": admitted.request,
        "route": admitted.route,
        "revision": request.revision,
        "subject": request.subject,
        "take": request.take,
    }


def _read(file: Path, most: int) -> bytes:
    try:
        if not file.is_file():
            raise WrongUse(f"{file}: no such file; name what the vendor delivered")
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise WrongUse(f"{file} has over {most // _MIB} MiB; that is no answer to this call")
    if not data:
        raise WrongUse(f"{file} is empty")
    return data


def _image(file: Path, data: bytes, artifacts: Artifacts) -> ImageReturned:
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=list(_PICTURES)) as picture:
                width, height, form = picture.width, picture.height, str(picture.format)
                if max(width, height) > _MOST_SIDE or width * height > _MOST_PIXELS:
                    raise WrongUse(f"{file}: {width}x{height} is too large a picture")
                picture.load()
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise WrongUse(f"{file} is no whole PNG or JPEG picture: {error}") from None
    return ImageReturned(image=artifacts.put(data, _PICTURES[form]), width=width, height=height)


def _speech(file: Path, data: bytes, artifacts: Artifacts) -> SpeechReturned:
    try:
        with wave.open(io.BytesIO(data)) as sound:
            rate, frames = sound.getframerate(), sound.getnframes()
            form = (sound.getnchannels(), sound.getsampwidth())
            held = len(sound.readframes(frames))
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:
        raise WrongUse(f"{file} is no WAV sound: {error}; convert it to 16-bit mono WAV") from None
    if form != (1, 2):
        raise WrongUse(f"{file} has {form[0]} channels of {form[1] * 8} bits; convert it to 16-bit mono WAV")
    if rate not in _RATES or frames < 1 or held != frames * 2:
        raise WrongUse(f"{file} is no whole sound: {frames} samples at {rate} Hz, {held} bytes of them")
    return SpeechReturned(audio=artifacts.put(data, "audio/wav"), duration_ms=max(1, frames * 1000 // rate))


def _video(file: Path, data: bytes, artifacts: Artifacts) -> VideoReturned:
    _check_film(file, data)
    return VideoReturned(clip=artifacts.put(data, "video/mp4"))


def _lipsync(file: Path, data: bytes, artifacts: Artifacts) -> LipsyncReturned:
    _check_film(file, data)
    return LipsyncReturned(clip=artifacts.put(data, "video/mp4"))


def _check_film(file: Path, data: bytes) -> None:
    """Walks the boxes of an MP4 (or MOV) file: it must begin as one, hold a film, and end where it says."""
    if data[4:8] != b"ftyp":
        raise WrongUse(f"{file} is no MP4 film; convert it, or download it as one")
    place, indexed, filled = 0, False, False
    while place < len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        elif size == 0:
            size = len(data) - place  # the last box may go on to the end
        if size < head or place + size > len(data):
            raise WrongUse(f"{file} is not whole: it ends at {len(data)} bytes, inside a part of it")
        indexed = indexed or kind in _INDEX
        filled = filled or (kind == b"mdat" and size > head)
        place += size
    if not (indexed and filled):  # cut between two parts, it looks whole
        raise WrongUse(f"{file} holds no whole film; download it again")


def _chat(file: Path, data: bytes, artifacts: Artifacts) -> ChatReturned:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUse(f"{file} is no UTF-8 text: {error.reason} at byte {error.start}") from None
    if "\0" in text or not text.strip():
        raise WrongUse(f"{file} holds no words")
    return ChatReturned(text=text, finish="stop")


_MAKE: dict[str, Callable[[Path, bytes, Artifacts], Any]] = {
    "image": _image,
    "speech": _speech,
    "video": _video,
    "lipsync": _lipsync,
    "chat": _chat,
}
