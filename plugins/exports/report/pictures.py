"""Small pictures for the report: a thumbnail of every shot, and the faces that its rig marks."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Face", "ShotPicture", "face_boxes", "look_at"]

THUMB = 300
"""Width of a shot's thumbnail in pixels."""
FACE = 112
"""Side of a face's thumbnail in pixels."""
_MOST_PIXELS = 40_000_000
_MOST_BYTES = 64 << 20
_MOST_MANIFEST = 256 << 10
_MOST_FACES = 16
_PLATE = 1.15  # a drawn plate is so much larger than the frame, for the camera to move in


@frozen
class Face:
    """A face in a shot's picture: whose, where (x, y, width, height in the plate), and as a JPEG."""

    character: str
    box: tuple[int, int, int, int]
    jpeg: bytes


@frozen(eq=False)
class ShotPicture:
    """What a report takes from one picture: the thumbnail, the faces, and the pixels to compare them by."""

    thumb: bytes
    faces: tuple[Face, ...]
    rgb: npt.NDArray[np.uint8]


def look_at(
    data: bytes, frame: tuple[int, int], marked: Iterable[tuple[str, tuple[int, int, int, int]]] = ()
) -> ShotPicture | None:
    """Reads a picture for the report; None when it is none, is broken or is too large to be opened.

    `frame` is the film's size in pixels; a picture drawn with a margin for the camera is cut to it.
    """
    import numpy as np
    from PIL import Image, ImageOps

    if len(data) > _MOST_BYTES:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            picture = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    width, height = frame
    shown = picture
    if picture.width >= width * _PLATE - 8 and picture.height >= height * _PLATE - 8:
        left, top = (picture.width - width) // 2, (picture.height - height) // 2
        shown = picture.crop((left, top, left + width, top + height))
    size = (THUMB, max(1, round(THUMB * height / max(1, width))))
    thumb = _jpeg(ImageOps.fit(shown, size, Image.Resampling.BILINEAR))
    faces = []
    for character, (x, y, w, h) in marked:
        side = min(round(max(w, h) * 1.25), picture.width, picture.height)
        left = min(max(0, x + w // 2 - side // 2), picture.width - side)
        top = min(max(0, y + h // 2 - side // 2), picture.height - side)
        crop = picture.crop((left, top, left + side, top + side))
        faces.append(
            Face(character, (x, y, w, h), _jpeg(crop.resize((FACE, FACE), Image.Resampling.BILINEAR)))
        )
    return ShotPicture(thumb, tuple(faces), np.asarray(picture, dtype=np.uint8))


def _jpeg(picture: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=72, optimize=True)
    return out.getvalue()


def face_boxes(rig: bytes | None) -> list[tuple[str, tuple[int, int, int, int]]]:
    """(character, face box) of every face in a rig; what is not as it must be is left out.

    A report must come out even when a rig is broken; the stage that draws with it has its own, strict reader.
    """
    manifest = _manifest(rig) if rig else {}
    width, height = manifest.get("width"), manifest.get("height")
    figures = manifest.get("figures")
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(figures, list)):
        return []
    found: list[tuple[str, tuple[int, int, int, int]]] = []
    for figure in figures[:_MOST_FACES]:
        if not isinstance(figure, Mapping):
            continue
        character, box = figure.get("character"), figure.get("face")
        if not isinstance(character, str) or not isinstance(box, list) or len(box) != 4:
            continue
        if not all(type(n) is int for n in box):
            continue
        x, y, w, h = box
        if x < 0 or y < 0 or w < 2 or h < 2 or x + w > width or y + h > height:
            continue
        found.append((character, (x, y, w, h)))
    return found


def _manifest(rig: bytes) -> Mapping[str, Any]:
    try:
        with zipfile.ZipFile(io.BytesIO(rig)) as packed, packed.open("manifest.json") as source:
            raw = source.read(_MOST_MANIFEST + 1)
        manifest = json.loads(raw) if len(raw) <= _MOST_MANIFEST else {}
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        KeyError,
        ValueError,
        OSError,
        RecursionError,
    ):
        return {}
    return manifest if isinstance(manifest, dict) else {}
