"""Mixes the sound of a film: spoken lines at their times over a synthetic room tone, at 48 kHz in stereo."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import av
import numpy as np
import numpy.typing as npt

from .errors import SoundError

Stereo = npt.NDArray[np.float32]
Kind = Literal["interior", "exterior-night", "street", "rain"]
KINDS: tuple[str, ...] = get_args(Kind)

RATE = 48_000
MAX_MS = 60 * 60 * 1000
_LOOP = 1 << 20  # samples, 21.8 s: the tone is made on a circle, so it repeats without a seam
_LATE_MS = 50  # rounding between plan and voice; a line that runs longer past the end is a mistake of the cut


@dataclass(frozen=True, slots=True)
class RoomTone:
    """The sound of a place: its kind, its level (RMS, dBFS, -90..-20) and the seed of its noise."""

    kind: Kind = "interior"
    level_db: float = -58.0
    seed: str = ""


Line = tuple[int, npt.NDArray[np.int16], int]


def mix(duration_ms: int, lines: Sequence[Line], tone: RoomTone | None) -> Stereo:
    """Float stereo (2 x samples, full scale = 1, may exceed it) of `duration_ms`.

    `lines` are (start_ms, int16 mono PCM, rate in Hz); they add up where they overlap and sit in the middle.
    The tone runs through, so that a pause is never digital silence. SoundError for a line that starts
    outside or ends later than the film, a rate outside 8..192 kHz, or a film over an hour.
    """
    if not 0 < duration_ms <= MAX_MS:
        raise SoundError(f"a film of {duration_ms} ms is outside 1..{MAX_MS} ms")
    count = samples(duration_ms)
    out = room_tone(tone, count) if tone is not None else np.zeros((2, count), np.float32)
    for start_ms, pcm, rate in lines:
        if not 0 <= start_ms < duration_ms:
            raise SoundError(f"a line starts at {start_ms} ms, outside the film of {duration_ms} ms")
        sound = resample(pcm, rate)
        at = samples(start_ms)
        over = at + sound.size - count
        if over > samples(_LATE_MS):
            raise SoundError(
                f"the line at {start_ms} ms ends {over * 1000 // RATE} ms after the film of {duration_ms} ms"
            )
        if over > 0:
            sound = sound[: sound.size - over]
        out[:, at : at + sound.size] += sound
    return out


def samples(ms: float) -> int:
    """Samples at 48 kHz that last so many ms."""
    return round(ms * RATE / 1000)


def resample(pcm: npt.NDArray[np.int16], rate: int, to: int = RATE) -> npt.NDArray[np.float32]:
    """Mono float at `to` Hz of mono int16 at `rate` Hz, by swresample; as long as the sound to the sample."""
    if pcm.ndim != 1 or pcm.dtype != np.int16:
        raise SoundError(f"a line must be one channel of int16, not {pcm.dtype} of shape {pcm.shape}")
    if not 8000 <= rate <= 192_000:
        raise SoundError(f"a sample rate of {rate} Hz is outside 8000..192000")
    wanted = round(pcm.size * to / rate)
    if pcm.size == 0:
        return np.zeros(0, np.float32)
    try:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=to)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm)[None], format="s16", layout="mono")
        frame.sample_rate = rate
        parts = [out.to_ndarray()[0] for piece in (frame, None) for out in resampler.resample(piece)]
    except (av.error.FFmpegError, ValueError) as err:
        raise SoundError(f"cannot resample {pcm.size} samples from {rate} Hz: {err}") from err
    got = np.concatenate(parts).astype(np.float32)
    return np.pad(got[:wanted], (0, max(0, wanted - got.size)))


def room_tone(tone: RoomTone, count: int) -> Stereo:
    """`count` samples of a place's tone (2 x count); equal arguments give equal samples."""
    if tone.kind not in KINDS:
        raise SoundError(f"no room tone {tone.kind!r}; known: {', '.join(KINDS)}")
    if not -90 <= tone.level_db <= -20:
        raise SoundError(f"a room tone at {tone.level_db} dBFS is outside -90..-20")
    digest = hashlib.sha256(f"{tone.kind}\n{tone.seed}".encode("utf-8", "surrogatepass")).digest()
    noise = np.random.default_rng(np.frombuffer(digest, np.uint32)).standard_normal(
        (3, _LOOP), dtype=np.float32
    )
    shared = noise[0]
    loop = np.stack([_coloured(shared * 0.6 + noise[side] * 0.8, tone.kind) for side in (1, 2)])
    loop *= _swell(tone.kind, digest)
    loop *= np.float32(10 ** (tone.level_db / 20) / np.sqrt(np.mean(np.square(loop, dtype=np.float64))))
    times = -(-count // _LOOP)
    return np.ascontiguousarray(np.tile(loop, (1, times))[:, :count])


def _coloured(noise: npt.NDArray[np.float32], kind: str) -> Stereo:
    """White noise with the spectrum of a place."""
    hertz = np.fft.rfftfreq(_LOOP, 1 / RATE)
    hertz[0] = 1.0
    low_cut = 1 / (1 + (40 / hertz) ** 4)  # nothing for a phone's loudspeaker to rattle at
    if kind == "interior":  # air conditioning: falls 6 dB an octave, with a trace of mains hum
        curve = low_cut / (1 + hertz / 140) + 12 * np.exp(-(((hertz - 100) / 0.6) ** 2))
    elif kind == "exterior-night":  # soft wind, and crickets around 4.4 kHz
        curve = low_cut / (1 + hertz / 300) + 0.25 * np.exp(-(((hertz - 4400) / 130) ** 2))
    elif kind == "street":  # traffic: a low rumble and a wide hiss of tyres
        curve = low_cut * (1 / (1 + (hertz / 180) ** 1.5) + 0.12 * np.exp(-(((hertz - 900) / 700) ** 2)))
    else:  # rain: nearly white from 500 Hz to 9 kHz
        curve = 1 / (1 + (500 / hertz) ** 2) / (1 + (hertz / 9000) ** 4)
    return np.fft.irfft(np.fft.rfft(noise) * curve, _LOOP).astype(np.float32)


def _swell(kind: str, digest: bytes) -> npt.NDArray[np.float32]:
    """Slow rise and fall over the loop, whole periods so that it closes."""
    depth = {"interior": 0.04, "exterior-night": 0.25, "street": 0.4, "rain": 0.12}[kind]
    turn = 2 * np.pi * np.arange(_LOOP) / _LOOP
    waves = sum(np.sin(turn * n + digest[n]) / 3 for n in (2, 3, 5))
    return np.asarray(1 + depth * waves, dtype=np.float32)
