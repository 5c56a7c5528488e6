"""Measures loudness after EBU R 128 and brings a mix to its target without passing a true peak."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from .errors import FilmError, SoundError
from .reading import reading, sound_in
from .sound import RATE, Stereo

F64 = npt.NDArray[np.float64]

SILENT_LUFS = -70.0  # the absolute gate of ITU-R BS.1770: nothing quieter is measured
_BLOCK = 4800
_MAX_GAIN_DB = 30.0  # a film of mere room tone stays quiet
_LOOK_MS = 5.0
_TAPS = 12  # per phase of the 4x oversampling, as in BS.1770 annex 2
_CLOSE_LU = 0.1
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated and highest short-term loudness (LUFS), true peak (dBTP), loudness range (LU)."""

    integrated: float
    true_peak: float
    max_short_term: float
    range: float


@dataclass(frozen=True, slots=True, eq=False)
class Mastered:
    """A finished mix, what it measures, and the gain that was needed (dB, before the limiter)."""

    samples: Stereo
    loudness: Loudness
    gain_db: float


def measure(source: Path | Stereo, rate: int = RATE) -> Loudness:
    """Loudness of a file's first sound stream, or of float stereo samples (2 x n) at `rate`, by ffmpeg's
    ebur128.

    Silence measures SILENT_LUFS and a peak of -inf. SoundError if the file has no readable sound.
    """
    graph = av.filter.Graph()
    try:
        if isinstance(source, Path):
            with reading(source, "measure") as container:
                stream = sound_in(container)
                if stream is None:
                    raise SoundError(f"{source.name} has no sound to measure")
                entry = graph.add_abuffer(template=stream)
                return _measured(graph, entry, container.decode(stream))
        entry = graph.add_abuffer(sample_rate=rate, format="fltp", layout="stereo", channels=2)
        return _measured(graph, entry, _frames(_checked(source), rate))
    except FilmError as err:
        raise SoundError(str(err)) from err
    except (av.error.FFmpegError, ValueError) as err:
        raise SoundError(f"cannot measure the mix: {err}") from err


def _checked(source: Stereo) -> Stereo:
    if source.ndim != 2 or source.shape[0] != 2 or source.shape[1] == 0:
        raise SoundError(f"a mix must be 2 x samples, not {source.shape}")
    if not np.isfinite(source).all():
        raise SoundError("the mix holds numbers that are not finite")
    return np.ascontiguousarray(source, dtype=np.float32)


def _frames(source: Stereo, rate: int) -> Iterator[av.AudioFrame]:
    for at in range(0, source.shape[1], _BLOCK):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(source[:, at : at + _BLOCK]), format="fltp", layout="stereo"
        )
        frame.sample_rate = rate
        frame.pts = at
        yield frame


def _measured(
    graph: av.filter.Graph, entry: av.filter.context.FilterContext, frames: Iterator[av.AudioFrame]
) -> Loudness:
    meter = graph.add("ebur128", "metadata=1:peak=true")
    sink = graph.add("abuffersink")
    entry.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    got: dict[str, str] = {}
    short = SILENT_LUFS

    def drain() -> None:
        nonlocal short
        while True:
            try:
                notes = sink.pull().metadata
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            got.update(notes)
            short = max(short, _number(notes.get("lavfi.r128.S")))

    for frame in frames:
        entry.push(frame)
        drain()
    entry.push(None)
    drain()
    peak = _number(got.get("lavfi.r128.true_peak"), 0.0)
    return Loudness(
        max(SILENT_LUFS, _number(got.get("lavfi.r128.I"))),
        20 * math.log10(peak) if peak > 0 else -math.inf,
        short,
        max(0.0, _number(got.get("lavfi.r128.LRA"), 0.0)),
    )


def _number(text: str | None, missing: float = SILENT_LUFS) -> float:
    try:
        value = float(text) if text is not None else missing
    except ValueError:
        return missing
    return value if math.isfinite(value) else missing


def master(samples: Stereo, target_lufs: float = -16.0, peak_dbtp: float = -1.5) -> Mastered:
    """Gain and limiter until the mix measures `target_lufs` within 0.2 LU and peaks at most at `peak_dbtp`.

    A mix that is silent or would need more than 30 dB is raised by at most that, and its loudness then says
    so. SoundError on targets outside -40..-5 LUFS or -20..0 dBTP, or if both targets cannot be met together.
    """
    if not -40 <= target_lufs <= -5 or not -20 <= peak_dbtp <= 0:
        raise SoundError(f"targets of {target_lufs} LUFS and {peak_dbtp} dBTP are outside -40..-5 and -20..0")
    source = _checked(samples)
    before = measure(source)
    if before.integrated <= SILENT_LUFS:
        return Mastered(source, before, 0.0)
    gain_db, ceiling_db = min(_MAX_GAIN_DB, target_lufs - before.integrated), peak_dbtp
    best: Mastered | None = None
    for _ in range(_ROUNDS):
        out = _limited(source * np.float32(10 ** (gain_db / 20)), ceiling_db)
        now = measure(out)
        off = target_lufs - now.integrated
        over = now.true_peak - peak_dbtp
        if over <= 0.005:
            if best is None or abs(off) < abs(target_lufs - best.loudness.integrated):
                best = Mastered(out, now, gain_db)
            if abs(off) <= _CLOSE_LU or (gain_db >= _MAX_GAIN_DB and off > 0):
                return Mastered(out, now, gain_db)
        else:
            ceiling_db -= over + 0.01  # the meter interpolates a little differently
        gain_db = min(_MAX_GAIN_DB, gain_db + off)
    if best is None or abs(target_lufs - best.loudness.integrated) > 0.2:
        got = "nothing" if best is None else f"{best.loudness.integrated:.1f} LUFS"
        raise SoundError(
            f"cannot reach {target_lufs} LUFS below {peak_dbtp} dBTP (best: {got}): the peaks are too high"
        )
    return best


def _limited(sound: Stereo, ceiling_db: float) -> Stereo:
    """A look-ahead limiter: the needed gain is held for 5 ms to both sides and smoothed over the same
    time."""
    ceiling = 10 ** (ceiling_db / 20)
    peaks = true_peaks(sound)
    if float(peaks.max()) <= ceiling:
        return sound
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-12))
    reach = int(RATE * _LOOK_MS / 1000)
    held = _lowest(needed, reach)
    window = np.hanning(2 * reach + 1)
    smooth = np.convolve(np.pad(held, reach, constant_values=1.0), window / window.sum(), mode="valid")
    limited: Stereo = (sound * smooth).astype(np.float32)
    return limited


def _lowest(values: F64, reach: int) -> F64:
    """The minimum over `reach` samples to both sides, in log2(reach) steps."""
    low = np.pad(values, reach, constant_values=1.0)
    width, want = 1, 2 * reach + 1
    while width < want:
        step = min(width, want - width)
        low = np.minimum(low[:-step], low[step:])
        width += step
    return low


def true_peaks(sound: Stereo) -> F64:
    """Per sample, the highest absolute value of both channels at and after it, seen through 4x
    oversampling."""
    peaks: F64 = np.max(np.abs(sound), axis=0).astype(np.float64)
    offsets = np.arange(-_TAPS + 1, _TAPS + 1, dtype=np.float64)
    for phase in (0.25, 0.5, 0.75):
        at = offsets - phase
        taps = np.sinc(at) * np.cos(np.pi * at / (2 * _TAPS + 1)) ** 2
        for channel in sound:
            between = np.convolve(
                np.pad(channel.astype(np.float64), (_TAPS - 1, _TAPS)), taps[::-1], mode="valid"
            )
            np.maximum(peaks, np.abs(between), out=peaks)
    return peaks
