"""The speech process: owns espeak-ng (GPL, hence a process of its own) and answers requests on stdin with
PCM on stdout.

Request: 4-byte big-endian length + JSON {text, voice, rate, pitch, volume}.
Answer: the same framing, JSON {sample_rate, bytes, phonemes: [[sample, symbol], ...]} or {error}, then
`bytes` bytes of int16 little-endian mono PCM.
"""

from __future__ import annotations

import ctypes as C
import json
import os
import signal
import struct
import sys
import warnings
from typing import BinaryIO

_SYNCHRONOUS, _PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 2, 1, 2, 0x8000
_UTF8 = 1
_EVENT_END, _EVENT_PHONEME = 0, 7
_RATE, _VOLUME, _PITCH = 1, 2, 3
_SEED = 1
_LINE_SECONDS = 60
MAX_REQUEST = 64 * 1024
MAX_PCM = 64 * 1024 * 1024


class _EventId(C.Union):
    _fields_ = (("number", C.c_int), ("name", C.c_char_p), ("string", C.c_char * 8))


class _Event(C.Structure):
    _fields_ = (
        ("type", C.c_int),
        ("unique_identifier", C.c_uint),
        ("text_position", C.c_int),
        ("length", C.c_int),
        ("audio_position", C.c_int),
        ("sample", C.c_int),
        ("user_data", C.c_void_p),
        ("id", _EventId),
    )


_Callback = C.CFUNCTYPE(C.c_int, C.POINTER(C.c_short), C.c_int, C.POINTER(_Event))


class Engine:
    """espeak-ng, loaded once; `speak` may be called once per process, since the engine keeps state between
    lines."""

    def __init__(self) -> None:
        import espeakng_loader

        self._lib = C.CDLL(espeakng_loader.get_library_path())
        self._lib.espeak_Initialize.argtypes = [C.c_int, C.c_int, C.c_char_p, C.c_int]
        self._lib.espeak_Synth.argtypes = [
            C.c_void_p, C.c_size_t, C.c_uint, C.c_int, C.c_uint, C.c_uint, C.POINTER(C.c_uint), C.c_void_p,
        ]  # fmt: skip
        options = _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
        data = os.fsencode(espeakng_loader.get_data_path())
        self.sample_rate = int(self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data, options))
        if self.sample_rate <= 0:
            raise RuntimeError(f"espeak-ng did not start (answer {self.sample_rate}, data at {data!r})")

    def speak(
        self, text: str, voice: str, rate: int, pitch: int, volume: int
    ) -> tuple[bytes, list[tuple[int, str]]]:
        """PCM (int16 mono) and (sample, symbol) of each phoneme."""
        pcm: list[bytes] = []
        phonemes: list[tuple[int, str]] = []
        size = 0

        def heard(wav: C._Pointer[C.c_short], count: int, events: C._Pointer[_Event]) -> int:
            nonlocal size
            if wav and count > 0:
                size += count * 2
                if size > MAX_PCM:
                    return 1
                pcm.append(C.string_at(wav, count * 2))
            index = 0
            while events[index].type != _EVENT_END:
                event = events[index]
                if event.type == _EVENT_PHONEME:
                    symbol = bytes(event.id.string).split(b"\0")[0].decode("utf-8", "ignore")
                    phonemes.append((int(event.sample), symbol))
                index += 1
            return 0

        # the engine seeds its noise from the clock when it starts, and some voices draw from libc's generator
        self._lib.espeak_ng_SetRandSeed(C.c_long(_SEED))
        C.CDLL(None).srand(C.c_uint(_SEED))
        callback = _Callback(heard)
        self._lib.espeak_SetSynthCallback(callback)
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_VOLUME, volume)):
            if self._lib.espeak_SetParameter(parameter, value, 0) != 0:
                raise ValueError(f"espeak-ng refuses parameter {parameter} = {value}")
        raw = text.encode("utf-8") + b"\0"
        if self._lib.espeak_Synth(raw, len(raw), 0, 1, 0, _UTF8, None, None) != 0:
            raise ValueError("espeak-ng refuses the text")
        self._lib.espeak_Synchronize()
        if size > MAX_PCM:
            raise ValueError(f"the line is longer than {MAX_PCM} bytes of sound")
        return b"".join(pcm), phonemes


def send(pipe: BinaryIO, header: dict[str, object], pcm: bytes = b"") -> None:
    """Writes one framed answer and flushes it."""
    raw = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    pipe.write(struct.pack(">I", len(raw)) + raw + pcm)
    pipe.flush()


def receive(pipe: BinaryIO) -> dict[str, object] | None:
    """One framed request, None when the other end has closed the pipe."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    (size,) = struct.unpack(">I", head)
    if size > MAX_REQUEST:
        raise ValueError(f"a request of {size} bytes is over {MAX_REQUEST}")
    body = json.loads(pipe.read(size))
    if not isinstance(body, dict):
        raise ValueError("a request must be a JSON object")
    return body


def _answer(engine: Engine, request: dict[str, object], out: BinaryIO) -> None:
    try:
        pcm, phonemes = engine.speak(
            str(request["text"]),
            str(request["voice"]),
            *(int(str(request[k])) for k in ("rate", "pitch", "volume")),
        )
    except (KeyError, ValueError) as err:
        send(out, {"error": str(err)})
        return
    send(out, {"sample_rate": engine.sample_rate, "bytes": len(pcm), "phonemes": phonemes}, pcm)


def main() -> int:
    """Answers requests until stdin closes; each line is spoken in a fork of the freshly loaded engine.

    espeak-ng carries flutter, noise and filter state from line to line, and no call resets it: the same line
    came out different each time. A fork of the untouched engine costs about a millisecond and makes a line
    depend on itself alone.
    """
    warnings.filterwarnings(
        "ignore", category=DeprecationWarning
    )  # the engine's idle thread takes no lock that we use
    engine = Engine()
    source, out = sys.stdin.buffer, sys.stdout.buffer
    while (request := receive(source)) is not None:
        child = os.fork()
        if child == 0:
            status = 1
            signal.alarm(_LINE_SECONDS)  # nobody waits for a line that hangs
            try:
                _answer(engine, request, out)
                status = 0
            finally:
                os._exit(status)
        _, state = os.waitpid(child, 0)
        if state != 0:
            return 1  # the frame may be half written: the other end starts a new worker
    return 0


if __name__ == "__main__":
    sys.exit(main())
