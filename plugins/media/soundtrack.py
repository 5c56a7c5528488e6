"""Makes the film's sound: recorded lines over the tones of its places, mastered for the encoded file."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from .errors import SoundError
from .loudness import Loudness, master, measure
from .sound import Kind, RoomTone, Stereo, mix, room_tone, samples

T = TypeVar("T")
Pcm = npt.NDArray[np.int16]

# RMS in dBFS under lines at -20 dBFS: heard when nobody speaks, 26 dB and more below speech.
LEVELS: dict[str, float] = {"interior": -56.0, "exterior-night": -52.0, "street": -48.0, "rain": -46.0}
CROSSFADE_MS = (
    240  # a cut of the room tone is heard as a click; the ear takes this for one place becoming another
)
LONGER_MS = 200  # how much longer than it says a recording may be
OFF_LU = 0.5
HEADROOM_DB = 0.4  # AAC at 192 kbit/s added 0.3 dB to the peaks of spoken lines: the limiter leaves it room
OVER_DB = 0.5  # a file that peaks so far above its target is mastered again
MAX_WAV = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recorded line: its name for messages, when it starts, how long it says it is, and its WAV."""

    name: str
    start_ms: int
    duration_ms: int
    wav: bytes


@dataclass(frozen=True, slots=True)
class Tone:
    """The sound of a place from `start_ms` to `end_ms`: interior | exterior-night | street | rain."""

    start_ms: int
    end_ms: int
    kind: str


def read_wav(data: bytes, name: str = "the recording") -> tuple[Pcm, int]:
    """(int16 mono samples, rate in Hz) of a 16-bit WAV; two channels are averaged. Else SoundError."""
    if len(data) > MAX_WAV:
        raise SoundError(f"{name} has {len(data)} bytes of WAV, over {MAX_WAV}")
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError) as err:
        raise SoundError(f"{name} is no WAV: {err}") from err
    if width != 2 or channels not in (1, 2):
        raise SoundError(
            f"{name} has {8 * width} bits, {channels} channels; it must be 16-bit mono or stereo"
        )
    found = np.frombuffer(raw[: len(raw) // (2 * channels) * 2 * channels], "<i2")
    if channels == 2:
        found = found.reshape(-1, 2).astype(np.int32).sum(axis=1) // 2
    return found.astype(np.int16), rate


def soundtrack(duration_ms: int, lines: Sequence[Spoken], tones: Sequence[Tone]) -> Stereo:
    """Float stereo at 48 kHz of the whole film, not mastered. SoundError names a line that does not fit."""
    spoken: list[tuple[int, Pcm, int]] = []
    for one in lines:
        pcm, rate = read_wav(one.wav, f"line {one.name}")
        real = pcm.size * 1000 // rate
        if real > one.duration_ms + LONGER_MS:
            raise SoundError(
                f"line {one.name} sounds for {real} ms, but was said to last {one.duration_ms} ms"
            )
        spoken.append((one.start_ms, pcm, rate))
    mixed = mix(duration_ms, spoken, None)
    mixed += _ground(mixed.shape[1], tones)
    return mixed


def _ground(count: int, tones: Sequence[Tone]) -> Stereo:
    """The tones one after the other, crossfaded at equal power; each kind runs through as one recording."""
    ground = np.zeros((2, count), np.float32)
    whole: dict[str, Stereo] = {}
    half = samples(CROSSFADE_MS / 2)
    for one in tones:
        if one.kind not in LEVELS:
            raise SoundError(f"no room tone {one.kind!r}; known: {', '.join(LEVELS)}")
        if one.kind not in whole:
            whole[one.kind] = room_tone(RoomTone(cast(Kind, one.kind), LEVELS[one.kind], "ground"), count)
    for number, one in enumerate(tones):
        begin, end = samples(one.start_ms), min(count, samples(one.end_ms))
        if number == len(tones) - 1:
            end = count
        first, last = max(0, begin - half), min(count, end + half)
        if first >= last:
            continue
        gain = np.ones(last - first, np.float32)
        if number > 0 and tones[number - 1].kind != one.kind:
            _ramp(gain, begin - half - first, 2 * half, rising=True)
        else:
            gain[: max(0, begin - first)] = 0
        if number < len(tones) - 1 and tones[number + 1].kind != one.kind:
            _ramp(gain, end - half - first, 2 * half, rising=False)
        else:
            gain[max(0, end - first) :] = 0
        ground[:, first:last] += whole[one.kind][:, first:last] * gain
    return ground


def _ramp(gain: npt.NDArray[np.float32], at: int, width: int, *, rising: bool) -> None:
    """Multiplies a quarter sine into `gain` from index `at` on, which may lie outside it in part."""
    curve = np.sin(np.linspace(0, np.pi / 2, width, dtype=np.float32))
    if not rising:
        curve = curve[::-1]
    first, last = max(0, at), min(gain.size, at + width)
    if first < last:
        gain[first:last] *= curve[first - at : last - at]


def finish(
    mixed: Stereo, write: Callable[[Stereo], T], file: Path, *, target_lufs: float, peak_dbtp: float
) -> T:
    """Masters the mix, has it written, measures the encoded file, and where that is off does it once more.

    The encoder changes loudness by hundredths and peaks by tenths. `write` gets the mastered samples and
    writes `file`. Whatever it measures in the end is for the checks to judge.
    """
    target, peak = target_lufs, peak_dbtp - HEADROOM_DB
    for last in (False, True):
        done = write(master(mixed, target, peak).samples)
        if last:
            break
        now = measure(file)
        off, over = _faults(now, target_lufs, peak_dbtp + OVER_DB)
        if not off and not over:
            break
        target = min(-5.0, max(-40.0, target + off))
        peak -= over + 0.1 if over else 0.0
    return done


def _faults(now: Loudness, target_lufs: float, peak_max: float) -> tuple[float, float]:
    """(LU to add, dB over the highest peak), each 0 where the file is within its limits."""
    off = target_lufs - now.integrated
    return (off if abs(off) > OFF_LU else 0.0), max(0.0, now.true_peak - peak_max)
