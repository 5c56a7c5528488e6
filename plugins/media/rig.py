"""Reads a plate and its rig: the picture of a shot and the patches for mouths and eyes, checked before
use."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from .errors import PictureError
from .planes import U8

SHAPES = "ABCDEFGHX"
MAX_PIXELS = 40_000_000
MAX_PNG = 64 * 1024 * 1024
MAX_ENTRIES = 512
MAX_ENTRY = 16 * 1024 * 1024
MAX_UNPACKED = 128 * 1024 * 1024
MAX_MANIFEST = 256 * 1024
MAX_FIGURES = 16
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in plate pixels; all numbers are even, because chroma has half the size."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One visible face: its patches as RGB arrays, exactly the size of their box."""

    character: str
    mouth_box: Box | None
    mouths: dict[str, U8]
    eyes_box: Box | None
    closed: U8 | None


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """All faces of a shot, in the manifest's order."""

    figures: tuple[Figure, ...]


def read_png(data: bytes, what: str) -> U8:
    """RGB array (height x width x 3) of a PNG; PictureError if it is none, is broken or is too large."""
    if not data.startswith(_PNG):
        raise PictureError(f"{what} is not a PNG")
    if len(data) > MAX_PNG:
        raise PictureError(f"{what} has {len(data)} bytes, over {MAX_PNG}")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureError(f"{what} is {picture.width}x{picture.height}, over {MAX_PIXELS} pixels")
            return np.asarray(picture.convert("RGB"), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as err:
        raise PictureError(f"{what} cannot be read as a PNG: {err}") from err


def read_rig(data: bytes, plate_width: int, plate_height: int) -> Rig:
    """The rig of a plate of that size; PictureError names the entry that is wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return _read(packed, plate_width, plate_height)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        OSError,
    ) as err:
        if isinstance(err, PictureError):
            raise
        raise PictureError(f"the rig is not a readable zip: {err}") from err


def _read(packed: zipfile.ZipFile, plate_width: int, plate_height: int) -> Rig:
    entries = packed.infolist()
    if len(entries) > MAX_ENTRIES:
        raise PictureError(f"the rig has {len(entries)} entries, over {MAX_ENTRIES}")
    if sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise PictureError(f"the rig unpacks to more than {MAX_UNPACKED} bytes")
    manifest = _manifest(packed)
    size = (manifest.get("width"), manifest.get("height"))
    if size != (plate_width, plate_height):
        raise PictureError(
            f"the rig is for a plate of {size[0]}x{size[1]}, the plate is {plate_width}x{plate_height}"
        )
    listed = manifest.get("figures")
    if not isinstance(listed, list) or len(listed) > MAX_FIGURES:
        raise PictureError(f"manifest.json: figures must be a list of at most {MAX_FIGURES}")
    figures = tuple(_figure(packed, entry, i, plate_width, plate_height) for i, entry in enumerate(listed))
    return Rig(figures)


def _manifest(packed: zipfile.ZipFile) -> dict[str, Any]:
    raw = _entry(packed, "manifest.json", MAX_MANIFEST)
    try:
        manifest = json.loads(raw)
    except (ValueError, RecursionError) as err:
        raise PictureError(f"manifest.json is not JSON: {err}") from err
    if not isinstance(manifest, dict) or manifest.get("format") != 1:
        raise PictureError("manifest.json must be an object with format 1")
    return manifest


def _entry(packed: zipfile.ZipFile, name: object, limit: int) -> bytes:
    """One entry, never more than `limit` bytes whatever its header says."""
    if not isinstance(name, str):
        raise PictureError(f"manifest.json: a file name must be text, not {name!r}")
    try:
        with packed.open(name) as source:
            data = source.read(limit + 1)
    except KeyError as err:
        raise PictureError(f"the rig has no {name}") from err
    if len(data) > limit:
        raise PictureError(f"the rig's {name} is over {limit} bytes")
    return data


def _figure(packed: zipfile.ZipFile, entry: object, index: int, width: int, height: int) -> Figure:
    where = f"figures[{index}]"
    if not isinstance(entry, dict) or not isinstance(entry.get("character"), str):
        raise PictureError(f"manifest.json: {where} must be an object with a character")
    mouth, eyes = entry.get("mouth"), entry.get("eyes")
    mouth_box = eyes_box = closed = None
    mouths: dict[str, U8] = {}
    if mouth is not None:
        if (
            not isinstance(mouth, dict)
            or not isinstance(mouth.get("shapes"), dict)
            or "X" not in mouth["shapes"]
        ):
            raise PictureError(f"manifest.json: {where}.mouth needs a box and shapes with at least X")
        mouth_box = _box(mouth.get("box"), f"{where}.mouth.box", width, height)
        for shape in SHAPES:
            if shape in mouth["shapes"]:
                mouths[shape] = _patch(packed, mouth["shapes"][shape], mouth_box)
    if eyes is not None:
        if not isinstance(eyes, dict):
            raise PictureError(f"manifest.json: {where}.eyes must be an object")
        eyes_box = _box(eyes.get("box"), f"{where}.eyes.box", width, height)
        closed = _patch(packed, eyes.get("closed"), eyes_box)
    return Figure(entry["character"], mouth_box, mouths, eyes_box, closed)


def _box(value: object, where: str, width: int, height: int) -> Box:
    if not isinstance(value, list) or len(value) != 4 or not all(type(n) is int for n in value):
        raise PictureError(f"manifest.json: {where} must be four whole numbers x, y, width, height")
    x, y, w, h = value
    if any(n % 2 for n in value) or x < 0 or y < 0 or w < 2 or h < 2 or x + w > width or y + h > height:
        raise PictureError(
            f"manifest.json: {where} = {value} must be even and inside the {width}x{height} plate"
        )
    return Box(x, y, w, h)


def _patch(packed: zipfile.ZipFile, name: object, box: Box) -> U8:
    rgb = read_png(_entry(packed, name, MAX_ENTRY), f"the rig's {name}")
    if rgb.shape[:2] != (box.height, box.width):
        raise PictureError(
            f"the rig's {name} is {rgb.shape[1]}x{rgb.shape[0]}, its box is {box.width}x{box.height}"
        )
    return rgb
