"""Hears a film's sound without any of the project's own sound code, to judge that code's work."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

__all__ = ["loudness_of", "rms_of_frames", "sound_of"]

F64 = npt.NDArray[np.float64]
RATE = 48_000
# K-weighting at 48 kHz, Recommendation ITU-R BS.1770-4, tables 1 and 2: (b, a) of both stages.
_STAGES = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


def sound_of(film: Path) -> F64:
    """The film's sound, channels x samples, as it is decoded."""
    with av.open(str(film)) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.channels) == (RATE, 2)
        parts = [frame.to_ndarray() for frame in container.decode(stream)]
    return np.concatenate(parts, axis=1).astype(np.float64)


def loudness_of(sound: F64) -> float:
    """Integrated loudness in LUFS: K-weighting, 400 ms blocks every 100 ms, gates at -70 LUFS and -10 LU."""
    count = 1 << (sound.shape[1] + RATE).bit_length()
    z = np.exp(-2j * np.pi * np.arange(count // 2 + 1) / count)
    weight = np.ones_like(z)
    for b, a in _STAGES:
        weight *= (b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2)
    power = np.zeros(sound.shape[1])
    for channel in sound:
        heard = np.fft.irfft(np.fft.rfft(channel, count) * weight, count)[: channel.size]
        power += heard**2
    step = RATE // 10
    tenths = power[: power.size // step * step].reshape(-1, step).mean(axis=1)
    blocks = np.convolve(tenths, np.ones(4) / 4, "valid")

    def level(some: F64) -> float:
        return float(-0.691 + 10 * np.log10(some.mean()))

    loud = blocks[-0.691 + 10 * np.log10(np.maximum(blocks, 1e-12)) > -70]
    gate = level(loud) - 10
    return level(loud[-0.691 + 10 * np.log10(loud) > gate])


def rms_of_frames(sound: F64, fps: int, frames: int) -> F64:
    """The level of the sound under each picture."""
    per = RATE // fps
    mono = np.zeros(frames * per)
    mixed = sound.mean(axis=0)[: frames * per]
    mono[: mixed.size] = mixed
    return np.asarray(np.sqrt((mono.reshape(frames, per) ** 2).mean(axis=1)))
