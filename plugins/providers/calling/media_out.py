"""What a vendor delivered, looked at before anybody takes it for a picture, a sound or a film."""

from __future__ import annotations

import base64
import binascii
import io
import wave

from attrs import frozen

from .clean import clean_bytes
from .pictures import BadMedia, PictureHead, picture_head, sniff
from .transport import Answer

__all__ = [
    "Sound",
    "bytes_from_base64",
    "bytes_from_hex",
    "mp3_ms",
    "picture_out",
    "plain_wav",
    "sound_out",
    "wav_of_pcm",
]

MOST_PIXELS = 100_000_000


@frozen
class Sound:
    """A delivered sound: its media type, its bytes, and its length in milliseconds."""

    media: str
    data: bytes
    duration_ms: int


def bytes_from_base64(text: object, most: int = 64 << 20) -> bytes:
    """The bytes of a base64 text, with or without a `data:` prefix, without any key. Raises BadMedia."""
    if not isinstance(text, str) or not text:
        raise BadMedia("no base64 text where the bytes should be")
    if text.startswith("data:"):
        text = text.partition(",")[2]
    if len(text) > most * 4 // 3 + 4:
        raise BadMedia(f"a base64 text of {len(text)} characters, more than {most} bytes")
    try:
        return clean_bytes(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadMedia(f"bytes that are no base64: {error}") from None


def bytes_from_hex(text: object, most: int = 64 << 20) -> bytes:
    """The bytes of a hexadecimal text, without any key. Raises BadMedia."""
    if not isinstance(text, str) or not text or len(text) > most * 2:
        raise BadMedia("no hexadecimal text where the bytes should be")
    try:
        return clean_bytes(bytes.fromhex(text))
    except ValueError:
        raise BadMedia("bytes that are no hexadecimal text") from None


def _not_empty(data: bytes, answer: Answer | None) -> None:
    if not data:
        raise BadMedia("no bytes at all")
    kind = sniff(data)
    if kind in ("text/html", "text/xml", "application/json"):
        declared = f", declared as {answer.media}" if answer is not None and answer.media else ""
        raise BadMedia(f"{kind} instead of media{declared}")


def picture_out(data: bytes, answer: Answer | None = None) -> PictureHead:
    """The kind and size of a delivered picture, whole to its last marker. Raises BadMedia."""
    _not_empty(data, answer)
    head = picture_head(data)
    if head.width * head.height > MOST_PIXELS:
        raise BadMedia(f"a picture of {head.width}x{head.height} pixels")
    if head.media == "image/png" and b"IEND" not in data[-64:]:
        raise BadMedia("an image/png that breaks off before its end")
    if head.media == "image/jpeg" and b"\xff\xd9" not in data[-4096:]:
        raise BadMedia("an image/jpeg that breaks off before its end")
    if head.media == "image/webp" and int.from_bytes(data[4:8], "little") + 8 > len(data) + 1:
        raise BadMedia("an image/webp that breaks off before its end")
    return head


def sound_out(data: bytes, answer: Answer | None = None) -> Sound:
    """A delivered WAV or MP3 with its length read from its frames. Raises BadMedia."""
    _not_empty(data, answer)
    media = sniff(data)
    if media == "audio/wav":
        return Sound(media, data, _wav_ms(data))
    if media == "audio/mpeg":
        return Sound(media, data, mp3_ms(data))
    raise BadMedia(f"{media or 'unknown bytes'} instead of WAV or MP3")


def _wav_ms(data: bytes) -> int:
    """A WAV written as a stream declares no length, or 0xFFFFFFFF: then its bytes count."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate, channels, width = int(file.getframerate()), file.getnchannels(), file.getsampwidth()
            declared = file.getnframes()
    except (wave.Error, EOFError, ValueError) as error:
        raise BadMedia(f"an audio/wav that cannot be read: {error}") from None
    if not rate or not channels or not width:
        raise BadMedia("an audio/wav without a rate")
    start = data.find(b"data", 12)
    there = max(0, len(data) - start - 8) // (channels * width) if start >= 0 else 0
    if 0 < declared < (1 << 31) // (channels * width) and there + 1 < declared:
        raise BadMedia(f"an audio/wav with {there} of its {declared} frames")
    frames: int = min(declared, there) if declared else there
    if frames <= 0:
        raise BadMedia("an audio/wav without a sound")
    return round(frames * 1000 / rate)


def plain_wav(data: bytes) -> tuple[bytes, int]:
    """(16-bit mono WAV with true lengths in its header, its milliseconds) from a WAV as vendors stream it.

    Raises BadMedia for another width or for more than one channel.
    """
    sound_out(data)
    at, form, samples = 12, b"", b""
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            form = data[at + 8 : at + 24]
        if name == b"data":
            samples = data[at + 8 : at + 8 + size]
            break
        at += 8 + size + (size & 1)
    if len(form) < 16 or not samples:
        raise BadMedia("an audio/wav without a sound")
    channels, rate, width = form[2], int.from_bytes(form[4:8], "little"), form[14]
    if channels != 1 or width != 16:
        raise BadMedia(f"an audio/wav of {width} bits and {channels} channels, not 16 bits mono")
    return wav_of_pcm(samples, rate), round(len(samples) // 2 * 1000 / rate)


def wav_of_pcm(pcm: bytes, rate: int) -> bytes:
    """16-bit mono little-endian samples as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm[: len(pcm) // 2 * 2])
    return out.getvalue()


_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def mp3_ms(data: bytes) -> int:
    """The length of an MP3 (layer III), frame by frame. Raises BadMedia."""
    at = 0
    if data[:3] == b"ID3" and len(data) > 10:
        size = 0
        for byte in data[6:10]:
            size = size << 7 | (byte & 0x7F)
        at = 10 + size
    seconds = 0.0
    frames = 0
    while at + 4 <= len(data):
        step = _mp3_frame(data[at : at + 4])
        if step is None:
            if data[at : at + 3] == b"TAG" or not any(data[at : at + 64]):
                break
            at += 1
            if frames == 0 and at > 65_536:
                break
            continue
        length, lasts = step
        if at + length > len(data) + 4:
            raise BadMedia(f"an audio/mpeg that breaks off in frame {frames + 1}")
        at += length
        seconds += lasts
        frames += 1
    if not frames:
        raise BadMedia("an audio/mpeg without a frame")
    return round(seconds * 1000)


def _mp3_frame(head: bytes) -> tuple[int, float] | None:
    """(bytes, seconds) of a frame by its header, None where there is no layer III header."""
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate_at, kbps_at = head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or layer != 1 or rate_at == 3 or kbps_at in (0, 15):
        return None
    rate = _RATES[version][rate_at]
    kbps = (_KBPS_1 if version == 3 else _KBPS_2)[kbps_at]
    samples = 1152 if version == 3 else 576
    return samples // 8 * kbps * 1000 // rate + (head[2] >> 1 & 1), samples / rate
