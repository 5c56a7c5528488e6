"""Reads any recording, be it WAV, MP3 or the sound of a film, as one channel of 16-bit samples."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from .errors import SoundError
from .reading import reading, sound_in

__all__ = ["MOST_SECONDS", "read_recording"]

MOST_SECONDS = 600
_RATE = 48_000


def read_recording(path: Path, rate: int = _RATE) -> npt.NDArray[np.int16]:
    """Mono samples at `rate` Hz. Raises SoundError for no sound, over 600 s, or a broken file."""
    pieces: list[npt.NDArray[np.int16]] = []
    count = 0
    with reading(path, "hear") as container:
        stream = sound_in(container)
        if stream is None:
            raise SoundError(f"{path} has no sound in it")
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        try:
            for frame in container.decode(stream):
                for out in resampler.resample(frame):
                    pieces.append(out.to_ndarray()[0].astype(np.int16))
                    count += pieces[-1].size
                if count > MOST_SECONDS * rate:
                    raise SoundError(f"{path} lasts over {MOST_SECONDS} s: cut it into lines")
            pieces += [out.to_ndarray()[0].astype(np.int16) for out in resampler.resample(None)]
        except (av.error.FFmpegError, ValueError) as error:
            raise SoundError(f"{path} cannot be decoded after {count / rate:.2f} s: {error}") from error
    if not count:
        raise SoundError(f"{path} has no sound in it")
    return np.concatenate(pieces)
