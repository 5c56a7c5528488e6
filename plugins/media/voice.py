"""Speaks a line: text in, PCM and the time of every phoneme out, the same bytes every time."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
import unicodedata
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import numpy as np
import numpy.typing as npt

from .errors import VoiceError

Language = Literal["en", "zh"]
Gender = Literal["female", "male"]
Pcm = npt.NDArray[np.int16]

MAX_TEXT = 2000
SAMPLE_RATE = 22050
# Variants of espeak-ng 1.52 that work with both en-us and cmn; order is part of the contract (timbre =
# index).
TIMBRES: dict[Gender, tuple[str, ...]] = {
    "female": ("f2", "f3", "f1", "f4", "f5", "Annie", "linda", "steph"),
    "male": ("m3", "m1", "m2", "m7", "m4", "m6", "m5", "Lee", "max"),
}
_BASE: dict[Language, str] = {"en": "en-us", "zh": "cmn"}
# Words a minute at 100 %: chosen so that long lines come out near speech_rate's 2.7 words/s and 4.5
# characters/s.
_WORDS_PER_MINUTE: dict[Language, int] = {"en": 133, "zh": 213}
_ENGINE_VOLUME = 60  # of 100: cmn reaches full scale inside the engine at 100 and would clip there
_SPEECH_RMS = 0.1  # -20 dBFS while sounding: voices differ by 10 dB and the mixer wants them alike
_PEAK = 0.89  # -1 dBFS
_SILENCE = 0.004  # -48 dBFS of full scale counts as no sound when ends are trimmed
_FADE = 110  # samples, 5 ms
_BEAT_MS = 600  # what a line of mere dots lasts
_MAX_HEADER = 16 * 1024 * 1024
_MAX_PCM = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Phoneme:
    """A sound and when it starts, in ms from the start of the PCM; "" marks a tone or a pause."""

    start_ms: int
    symbol: str


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """A spoken line: int16 mono PCM, its rate in Hz, its phonemes in order, its length in ms."""

    pcm: Pcm
    sample_rate: int
    phonemes: tuple[Phoneme, ...]
    duration_ms: int


def clean_text(text: str) -> str:
    """The text with control characters and runs of white space made single spaces; VoiceError if unusable."""
    if len(text) > MAX_TEXT:
        raise VoiceError(f"a line of {len(text)} characters is over {MAX_TEXT}: split it")
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    kept = re.sub(r"\s+", " ", kept).strip()
    try:
        kept.encode("utf-8")
    except UnicodeEncodeError as err:
        raise VoiceError(f"the line has a lone surrogate at character {err.start}: not valid text") from err
    if not kept:
        raise VoiceError("the line is empty: nothing to speak")
    return kept


class Voices:
    """The voices of espeak-ng behind a pipe; a context manager, for one thread at a time."""

    def __init__(self, timeout_s: float = 30.0) -> None:
        self._timeout_s = timeout_s
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Voices:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker; speaking again starts a new one."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if worker.stdin is not None:
            try:
                worker.stdin.close()
            except BrokenPipeError:
                worker.kill()  # it died with our request unread
        try:
            worker.wait(timeout=2)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        if worker.stdout is not None:
            worker.stdout.close()

    def speak(
        self,
        text: str,
        language: Language,
        *,
        timbre: int = 0,
        gender: Gender = "female",
        pitch: int = 50,
        rate_percent: int = 100,
        volume_percent: int = 100,
    ) -> Speech:
        """Speaks one line.

        `timbre` picks one of TIMBRES[gender] (taken modulo their number), `pitch` is 0..99 (50 = the voice's
        own), `rate_percent` 50..200, `volume_percent` 1..100 of the common speech level (-20 dBFS while
        sounding, peaks below -1 dBFS). Raises VoiceError on bad arguments, or when the engine fails twice or
        passes the timeout.
        """
        said = clean_text(text)
        if language not in _BASE:
            raise VoiceError(f"no voice for language {language!r}; known: {', '.join(_BASE)}")
        if gender not in TIMBRES:
            raise VoiceError(f"no voices for gender {gender!r}; known: {', '.join(TIMBRES)}")
        for name, value, low, high in (
            ("timbre", timbre, 0, 10_000),
            ("pitch", pitch, 0, 99),
            ("rate_percent", rate_percent, 50, 200),
            ("volume_percent", volume_percent, 1, 100),
        ):
            if not low <= value <= high:
                raise VoiceError(f"{name} = {value} is outside {low}..{high}")
        if not any(unicodedata.category(c)[0] in "LN" for c in said):
            count = SAMPLE_RATE * _BEAT_MS // 1000
            return Speech(np.zeros(count, np.int16), SAMPLE_RATE, (), _BEAT_MS)
        variants = TIMBRES[gender]
        request = {
            "text": said,
            "voice": f"{_BASE[language]}+{variants[timbre % len(variants)]}",
            "rate": max(80, min(450, _WORDS_PER_MINUTE[language] * rate_percent // 100)),
            "pitch": pitch,
            "volume": _ENGINE_VOLUME,
        }
        header, pcm = self._ask(request)
        return _finish(header, pcm, volume_percent)

    def _ask(self, request: dict[str, object]) -> tuple[dict[str, object], bytes]:
        """One exchange; a worker that died is replaced once, since a crash may be an earlier line's doing."""
        failure: Exception | None = None
        for _ in range(2):
            try:
                header, pcm = self._exchange(request)
            except (OSError, ValueError) as err:
                self._drop()
                failure = err
                continue
            if "error" in header:
                raise VoiceError(str(header["error"]))
            return header, pcm
        raise VoiceError(
            f"the speech process died twice on the line {str(request['text'])[:40]!r}: {failure}"
        )

    def _exchange(self, request: dict[str, object]) -> tuple[dict[str, object], bytes]:
        worker = self._started()
        assert worker.stdin is not None and worker.stdout is not None
        raw = json.dumps(request, ensure_ascii=False).encode("utf-8")
        worker.stdin.write(struct.pack(">I", len(raw)) + raw)
        worker.stdin.flush()
        deadline = time.monotonic() + self._timeout_s
        (size,) = struct.unpack(">I", self._read(worker.stdout.fileno(), 4, deadline))
        if size > _MAX_HEADER:
            raise ValueError(f"an answer header of {size} bytes")
        header = json.loads(self._read(worker.stdout.fileno(), size, deadline))
        if not isinstance(header, dict):
            raise ValueError("an answer that is no object")
        count = header.get("bytes", 0)
        if not isinstance(count, int) or not 0 <= count <= _MAX_PCM:
            raise ValueError(f"an answer of {count} bytes of sound")
        return header, self._read(worker.stdout.fileno(), count, deadline)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is None:
            self._worker = subprocess.Popen(
                [sys.executable, "-P", "-m", "duanju.plugins.media.voice_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the caller's; a hung line is killed with its fork
            )
        return self._worker

    def _drop(self) -> None:
        if self._worker is not None:
            if self._worker.poll() is None:
                os.killpg(self._worker.pid, signal.SIGKILL)
            self.close()

    def _read(self, pipe: int, count: int, deadline: float) -> bytes:
        got = bytearray()
        while len(got) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                self._drop()
                raise VoiceError(f"the speech process did not answer within {self._timeout_s:g} s")
            piece = os.read(pipe, min(1 << 20, count - len(got)))
            if not piece:
                raise OSError("the speech process closed its pipe")
            got += piece
        return bytes(got)


def _finish(header: dict[str, object], raw: bytes, volume_percent: int) -> Speech:
    """Trims silent ends (the phonemes move along), sets the common level, fades 5 ms at both ends."""
    rate, events = header.get("sample_rate"), header.get("phonemes")
    if not isinstance(rate, int) or rate <= 0 or not isinstance(events, list):
        raise VoiceError("the speech process sent an answer without rate or phonemes")
    sound = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.float64) / 32768
    heard = np.flatnonzero(np.abs(sound) > _SILENCE)
    if heard.size == 0:
        count = rate * _BEAT_MS // 1000
        return Speech(np.zeros(count, np.int16), rate, (), _BEAT_MS)
    first = max(0, int(heard[0]) - _FADE)
    last = min(sound.size, int(heard[-1]) + 1 + _FADE)
    sound = sound[first:last]
    sounding = sound[np.abs(sound) > _SILENCE]
    level = float(np.sqrt(np.mean(sounding**2)))
    peak = float(np.max(np.abs(sound)))
    sound = sound * min(_SPEECH_RMS / level, _PEAK / peak) * (volume_percent / 100)
    fade = min(_FADE, sound.size // 2)
    ramp = np.arange(1, fade + 1) / (fade + 1)
    sound[:fade] *= ramp
    sound[sound.size - fade :] *= ramp[::-1]
    duration_ms = round(sound.size * 1000 / rate)
    phonemes: list[Phoneme] = []
    at = 0
    for sample, symbol in events:
        if str(symbol).startswith("("):
            continue  # "(en)", "(cmn)": the engine changed its language here
        at = max(at, min(duration_ms, round((int(sample) - first) * 1000 / rate)))
        phonemes.append(Phoneme(at, str(symbol)))
    return Speech(np.round(sound * 32767).astype(np.int16), rate, tuple(phonemes), duration_ms)
