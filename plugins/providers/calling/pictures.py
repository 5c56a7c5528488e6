"""What bytes are, told from the bytes: the kind of a picture and its size in pixels, without decoding it."""

from __future__ import annotations

import struct

from attrs import frozen

__all__ = ["BadMedia", "PictureHead", "picture_head", "sniff"]


class BadMedia(ValueError):
    """Bytes that are not the medium they should be; the text says what they are."""


@frozen
class PictureHead:
    """A picture's canonical media type and its size in pixels."""

    media: str
    width: int
    height: int


def sniff(data: bytes) -> str:
    """The media type that the first bytes tell, "" when they tell none."""
    head = data[:64]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return "audio/mpeg"
    if head[:4] == b"OggS":
        return "audio/ogg"
    if head[:4] == b"fLaC":
        return "audio/flac"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "text/html"
    if text.startswith((b"<?xml", b"<error")):
        return "text/xml"
    if text.startswith((b"{", b"[")):
        return "application/json"
    return ""


def picture_head(data: bytes) -> PictureHead:
    """The kind and size of a PNG, JPEG, WebP or GIF picture. Raises BadMedia for anything else."""
    media = sniff(data)
    try:
        if media == "image/png":
            if data[12:16] != b"IHDR":
                raise BadMedia("a PNG without its header")
            width, height = struct.unpack(">II", data[16:24])
        elif media == "image/jpeg":
            width, height = _jpeg(data)
        elif media == "image/webp":
            width, height = _webp(data)
        elif media == "image/gif":
            width, height = struct.unpack("<HH", data[6:10])
        else:
            raise BadMedia(f"{media or 'unknown bytes'} instead of a picture")
    except (struct.error, IndexError):
        raise BadMedia(f"a {media} that breaks off in its header") from None
    if not width or not height:
        raise BadMedia(f"a {media} without a size")
    return PictureHead(media, width, height)


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise BadMedia("an image/jpeg with a broken marker")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in (0x01, *range(0xD0, 0xD8)):
            at += 2
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return int(width), int(height)
        if marker in (0xD9, 0xDA) or length < 2:
            break
        at += 2 + length
    raise BadMedia("an image/jpeg that breaks off in its header")


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        if len(data) < 30:
            raise IndexError
        return width, height
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise BadMedia("an image/webp of an unknown kind")
