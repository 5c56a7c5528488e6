"""Real small media for loopback vendors to answer with: pictures and sounds, made without a library."""

from __future__ import annotations

import hashlib
import io
import math
import struct
import wave
import zlib

__all__ = ["media_of", "png", "streamed_wav", "wav", "wav_ms"]


def png(width: int, height: int, seed: str = "") -> bytes:
    """A whole PNG of one colour, which the seed decides, with a lighter square in it."""
    colour = hashlib.sha256(seed.encode()).digest()[:3]
    light = bytes(min(255, one + 60) for one in colour)
    edge = width // 4
    plain = b"\x00" + colour * width
    striped = b"\x00" + colour * edge + light * (width - 2 * edge) + colour * edge
    rows = [striped if height // 4 <= y < height - height // 4 else plain for y in range(height)]

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def wav(milliseconds: int, seed: str = "", rate: int = 24_000) -> bytes:
    """A 16-bit mono WAV with a tone that the seed decides."""
    pitch = 160 + hashlib.sha256(seed.encode()).digest()[0]
    period = [
        struct.pack("<h", round(9000 * math.sin(2 * math.pi * n * pitch / rate)))
        for n in range(rate // math.gcd(pitch, rate))
    ]
    cycle = b"".join(period)
    size = rate * milliseconds // 1000 * 2
    samples = (cycle * (size // len(cycle) + 1))[:size]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return out.getvalue()


def streamed_wav(milliseconds: int, seed: str = "", rate: int = 24_000) -> bytes:
    """The same as vendors stream it: with lengths of 0xFFFFFFFF, since they are not known at the start."""
    whole = wav(milliseconds, seed, rate)
    endless = b"\xff\xff\xff\xff"
    at = whole.index(b"data")
    return whole[:4] + endless + whole[8 : at + 4] + endless + whole[at + 8 :]


def wav_ms(data: bytes) -> int | None:
    """How long a whole WAV with true lengths sounds, in ms; None for anything else."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            frames, rate, width = file.getnframes(), file.getframerate(), file.getsampwidth()
            whole = len(file.readframes(frames)) == frames * width * file.getnchannels()
    except (wave.Error, EOFError, ValueError):
        return None
    return frames * 1000 // rate if frames and whole else None


def media_of(data: bytes) -> str:
    """The media type of a picture, told by its first bytes as vendors do."""
    for magic, media in (
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"RIFF", "image/webp"),
        (b"GIF8", "image/gif"),
    ):
        if data.startswith(magic):
            return media
    return "application/octet-stream"
