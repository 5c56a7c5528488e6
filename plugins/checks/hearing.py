"""Listens to a film: its level over time, and whether a recorded line is heard at a place (no plugin)."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    F64 = npt.NDArray[np.float64]

__all__ = ["FLOOR_DB", "STEP_MS", "Unheard", "envelope", "levels_of_wave", "likeness_at", "outside", "steps"]

STEP_MS = 20
"""The level is one number for every 20 ms: short enough for a syllable, long enough for a deep voice."""
FLOOR_DB = -90.0
_RATE = 16_000
_STEP = _RATE * STEP_MS // 1000
_LONGEST_S = 3600 * 3


class Unheard(RuntimeError):
    """The sound cannot be read; the text says of which file and why."""


def steps(ms: float) -> int:
    """The step in which a time lies."""
    return max(0, round(ms / STEP_MS))


def envelope(path: Path) -> F64:
    """RMS level in dBFS of every 20 ms of a film's sound, both channels together. Raises Unheard."""
    import av
    import numpy as np

    squares: list[F64] = []
    rest = np.zeros(0)
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise Unheard(f"{path.name} has no sound")
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
            heard = 0
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    rest = np.concatenate((rest, part.to_ndarray()[0].astype(np.float64)))
                if rest.size >= _RATE * 10:
                    squares.append(_squares(rest))
                    rest = rest[rest.size // _STEP * _STEP :]
                    heard += 10
                if heard > _LONGEST_S:
                    raise Unheard(f"{path.name} has over {_LONGEST_S // 3600} hours of sound")
            for part in resampler.resample(None):
                rest = np.concatenate((rest, part.to_ndarray()[0].astype(np.float64)))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise Unheard(f"the sound of {path.name} cannot be read: {error}") from error
    squares.append(_squares(rest))
    return _decibels(np.concatenate(squares))


def levels_of_wave(data: bytes) -> F64:
    """RMS level in dBFS of every 20 ms of a 16-bit mono WAV. Raises Unheard."""
    import numpy as np

    try:
        with wave.open(io.BytesIO(data)) as sound:
            if sound.getsampwidth() != 2 or sound.getnchannels() != 1:
                raise Unheard("a line's recording is no 16-bit mono WAV")
            rate = sound.getframerate()
            pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64) / 32768
    except (wave.Error, EOFError, ValueError) as error:
        raise Unheard(f"a line's recording cannot be read: {error}") from error
    edges = np.arange(0, pcm.size, rate * STEP_MS / 1000).round().astype(int)
    if not edges.size:
        return np.zeros(0)
    counts = np.diff(np.append(edges, pcm.size))
    return _decibels(np.add.reduceat(np.square(pcm), edges) / np.maximum(counts, 1))


def _squares(samples: F64) -> F64:
    import numpy as np

    whole = samples.size // _STEP
    squares: F64 = np.square(samples[: whole * _STEP].reshape(whole, _STEP)).mean(axis=1)
    return squares


def _decibels(squares: F64) -> F64:
    import numpy as np

    decibels: F64 = 10 * np.log10(np.maximum(squares, 10 ** (FLOOR_DB / 10)))
    return decibels


def likeness_at(film: F64, line: F64, at: int, slack: int = 5) -> float:
    """How alike the level from step `at` on is to a line's own: the best correlation within `slack` steps.

    1 = the same rise and fall, 0 = nothing in common; loudness does not matter. Below 8 steps there is too
    little to compare and the answer is 1.
    """
    import numpy as np

    best = -1.0
    if line.size < 8:
        return 1.0
    mine = np.sqrt(10 ** (line / 10))
    for shift in range(-slack, slack + 1):
        start = at + shift
        if start < 0:
            continue
        heard = np.sqrt(10 ** (film[start : start + line.size] / 10))
        size = min(heard.size, mine.size)
        if size < line.size * 3 // 4 or size < 8:
            continue
        a, b = heard[:size] - heard[:size].mean(), mine[:size] - mine[:size].mean()
        scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
        if scale > 0:
            best = max(best, float((a * b).sum()) / scale)
    return best


def outside(count: int, windows: Iterable[tuple[int, int]], guard: int) -> npt.NDArray[np.bool_]:
    """Which of `count` steps lie in no window, with `guard` steps kept off each of its ends."""
    import numpy as np

    free = np.ones(count, dtype=np.bool_)
    for start, end in windows:
        free[max(0, start - guard) : max(0, end + guard)] = False
    return free
