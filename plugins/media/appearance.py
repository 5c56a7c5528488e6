"""How far people in a film are from who they should be: face and clothes, measured on its own frames."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from .faces import Face, Finder
from .frames import Frame, iter_frames
from .painter import paint
from .painter.likeness import distance, face_descriptor, lab
from .planes import U8

__all__ = [
    "LEAST_FACE",
    "SHARP_FACE",
    "Look",
    "Reference",
    "Seen",
    "Sheet",
    "crop_of",
    "delta_e",
    "drawn_reference",
    "measure",
    "measured_size",
    "pictured_reference",
]

Array = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
"""x, y, width, height in pixels of the picture that it is about; parts of it may lie outside."""

SHORT_SIDE = 270
"""Frames are measured at this many pixels on their shorter side: enough for a face, and cheap."""
SHARP_FACE = 60.0
"""From so many measured pixels of width on, a face's shapes do not run together."""
LEAST_FACE = 15.0
"""Under so many it is too small to be told from another."""
_TEXTILE = 2.0  # k_L for cloth, as the CIE gives it: folds and shadows move its lightness, not its colour
_LEAST_PIXELS = 10
_LEAST_CLOTH = 60
_REF_WIDTH, _REF_HEIGHT = 216, 384
_WHOLE = 0.92  # a box of which less is in the picture is compared with the same part of the reference
_SEARCH = ((0.4, (1.0,)), (0.18, (0.85, 1.0, 1.18)))  # steps in the face's sides, and scales, of a search
_FOUND = 0.3  # nearer than this, the face is taken for found and the search ends
_CROWN_CELLS = 48  # the last numbers of a likeness vector: where the crown's colour is
_CAPTIONS = 0.8  # subtitles lie below this share of a picture's height


@dataclass(frozen=True, eq=False)
class Sheet:
    """One view of who somebody should be: a picture and where the face is in it."""

    pixels: U8
    face: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Reference:
    """Who somebody should be: likeness vectors of several views, and the clothes' colour in L*a*b*."""

    sheets: tuple[Sheet, ...]
    vectors: tuple[Array, ...]
    cloth: Array | None


@dataclass(frozen=True)
class Look:
    """Somebody is to be measured on a frame of the film: `box` = the face, in pixels of the film's size.

    With `search` the box is only where the face is likely to be, and the nearest likeness round it counts.
    """

    frame: int
    key: tuple[str, str]
    box: Box
    search: bool = False


@dataclass(frozen=True)
class Seen:
    """What was measured of a Look: distances (None where too little is visible), and colours as #rrggbb.

    `face`: distance of likeness vectors to the nearest view (0 = the same pixels). `cloth`: CIEDE2000.
    `width`: of the face, in measured pixels. `box`: where it was found, in pixels of the film's size.
    `whole`: all of the face is in the picture, not only a part. `crop`: head and shoulders, where asked for.
    `faces`: all faces that the finder saw on this frame, in measured pixels.
    """

    look: Look
    time_s: float
    face: float | None
    cloth: float | None
    width: float
    skin: str
    hair: str
    clothes: str
    box: Box
    whole: bool
    crop: Image.Image | None = None
    faces: tuple[Face, ...] = ()


def measured_size(width: int, height: int) -> tuple[int, int]:
    """The size at which frames of this size are measured: at most SHORT_SIDE on the shorter side, even."""
    factor = min(1.0, SHORT_SIDE / min(width, height))
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def measure(
    film: Path,
    size: tuple[int, int],
    looks: Iterable[Look],
    references: Mapping[tuple[str, str], Reference],
    *,
    crops: int = 0,
    finder: Finder | None = None,
) -> Iterator[Seen]:
    """Measures all looks in one pass over a film of `size` (width, height). Raises FilmError.

    With `crops` each brings a picture of the head so many pixels tall. With a `finder` nobody is looked for
    near a likely place: the faces that it sees are brought instead.

    A look whose key has no reference, or whose face has too few pixels in the picture, has no distances.
    """
    wanted: dict[int, list[Look]] = {}
    for look in looks:
        wanted.setdefault(look.frame, []).append(look)
    if not wanted:
        return
    small = measured_size(*size)
    scale = small[0] / size[0]
    last = max(wanted)
    found: dict[tuple[str, str], Offset] = {}
    for frame in iter_frames(film, small, only=wanted):
        here = wanted.get(frame.number, ())
        searched = finder is not None and any(look.search for look in here)
        faces = tuple(finder.faces(frame.pixels)) if finder is not None and searched else ()
        for look in here:
            box = _scaled(look.box, scale)
            if look.search and finder is not None:
                crop = crop_of(frame.pixels, box, crops) if crops else None
                yield Seen(look, frame.time_s, None, None, box[2], "", "", "", look.box, True, crop, faces)
                continue
            seen = _seen(frame, look, box, scale, references.get(look.key), found)
            if crops:
                seen = replace(seen, crop=crop_of(frame.pixels, _scaled(seen.box, scale), crops))
            yield seen
        if frame.number >= last:
            return


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


def _seen(
    frame: Frame,
    look: Look,
    box: Box,
    scale: float,
    reference: Reference | None,
    found: dict[tuple[str, str], Offset],
) -> Seen:
    """`found`: where faces were found before, which spares the search on later frames."""
    pixels, time_s = frame.pixels, frame.time_s
    if reference is None:
        return Seen(look, time_s, None, None, box[2], "", "", "", look.box, False)
    if look.search:
        if look.key not in found:  # the camera moves, the people in the picture do not
            found[look.key] = _found(pixels, box, reference)
        box = _moved(box, found[look.key])
    face, vector = _far(pixels, box, reference)
    cloth = _cloth(pixels, box)
    off = None if cloth is None or reference.cloth is None else delta_e(cloth, reference.cloth, _TEXTILE)
    return Seen(
        look,
        time_s,
        face,
        off,
        box[2],
        "" if vector is None else _hex(_skin(vector)),
        "" if vector is None else _hex(_hair(vector)),
        "" if cloth is None else _hex(cloth),
        _scaled(box, 1 / scale),
        _is_whole(_inside(box, pixels.shape[1], pixels.shape[0]), box),
    )


def _far(pixels: U8, box: Box, reference: Reference) -> tuple[float | None, Array | None]:
    """The distance to the nearest view, and the vector itself; None where too little is visible."""
    inside = _inside(box, pixels.shape[1], pixels.shape[0])
    if inside is None:
        return None, None
    vector = face_descriptor(pixels, inside)
    if _is_whole(inside, box):
        return min(distance(vector, one) for one in reference.vectors), vector
    # A part of the face is outside the frame: the same part of the reference is compared with it.
    left, top = (inside[0] - box[0]) / box[2], (inside[1] - box[1]) / box[3]
    wide, tall = inside[2] / box[2], inside[3] / box[3]
    nearest: float | None = None
    for sheet in reference.sheets:
        x, y, w, h = sheet.face
        part = _inside(
            (x + left * w, y + top * h, wide * w, tall * h), sheet.pixels.shape[1], sheet.pixels.shape[0]
        )
        if part is not None:
            found = distance(_cropped(vector), _cropped(face_descriptor(sheet.pixels, part)))
            nearest = found if nearest is None else min(nearest, found)
    return nearest, vector


def _cropped(vector: Array) -> Array:
    """What a likeness vector says without the crown: where hair is cut off, the forehead is in its place."""
    return np.concatenate([vector[:3], vector[6:-_CROWN_CELLS]])


Offset = tuple[float, float, float]
"""How a face lies to where it was looked for: right and down in sides of the box, and its scale."""


def _found(pixels: U8, box: Box, reference: Reference) -> Offset:
    """Where round the box the face is most like the reference: first by large steps, then by small ones."""
    best, nearest = (0.0, 0.0, 1.0), _far(pixels, box, reference)[0]
    for step, scales in _SEARCH:
        middle = best
        for grow in scales:
            for dx in (-step, 0.0, step):
                for dy in (-step, 0.0, step):
                    if nearest is not None and nearest < _FOUND:
                        return best
                    tried = (middle[0] + dx, middle[1] + dy, middle[2] * grow)
                    far = _far(pixels, _moved(box, tried), reference)[0]
                    if far is not None and (nearest is None or far < nearest):
                        best, nearest = tried, far
    return best


def _moved(box: Box, by: Offset) -> Box:
    x, y, w, h = box
    grow = by[2]
    return x + w * (1 - grow) / 2 + by[0] * w, y + h * (1 - grow) / 2 + by[1] * h, w * grow, h * grow


def _is_whole(inside: tuple[int, int, int, int] | None, box: Box) -> bool:
    return inside is not None and inside[2] * inside[3] >= _WHOLE * box[2] * box[3]


def _inside(box: Box, width: int, height: int) -> tuple[int, int, int, int] | None:
    """The part of a box that is in a picture, in whole pixels; None where that is too small to measure."""
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    right, bottom = min(width, round(box[0] + box[2])), min(height, round(box[1] + box[3]))
    if right - left < _LEAST_PIXELS or bottom - top < _LEAST_PIXELS:
        return None
    return left, top, right - left, bottom - top


def _cloth(pixels: U8, face: Box) -> Array | None:
    """The middle colour of what is worn below the chin; None where little of that is in the picture."""
    x, y, w, h = face
    height, width = pixels.shape[:2]
    left, right = max(0, round(x - 0.15 * w)), min(width, round(x + 1.15 * w))
    top, bottom = max(0, round(y + 1.22 * h)), min(round(height * _CAPTIONS), round(y + 1.9 * h))
    if right - left < w or bottom - top < 0.2 * h or (right - left) * (bottom - top) < _LEAST_CLOTH:
        return None
    return np.asarray(np.median(lab(pixels[top:bottom, left:right].reshape(-1, 3)), axis=0))


@lru_cache(maxsize=64)
def drawn_reference(profile: str, character: str) -> Reference:
    """The reference of a character as the painter draws it in daylight: from the front, and turned.

    `profile`: the looks as JSON, since equal looks are drawn once.
    """
    sheets = tuple(_sheet(json.loads(profile), character, facing) for facing in ("camera", "left"))
    return _reference(sheets)


def _sheet(profile: object, character: str, facing: str) -> Sheet:
    figure = {"character": character, "profile": profile, "position": "centre", "facing": facing}
    told = {"place": "", "interior": True, "size": "MCU", "time": "day", "figures": [figure]}
    plate = paint(told, _REF_WIDTH, _REF_HEIGHT)
    with zipfile.ZipFile(io.BytesIO(plate.rig)) as archive:
        x, y, w, h = json.loads(archive.read("manifest.json"))["figures"][0]["face"]
    return Sheet(np.asarray(Image.open(io.BytesIO(plate.png)).convert("RGB")), (x, y, w, h))


def pictured_reference(sheets: Sequence[Sheet]) -> Reference | None:
    """The reference that pictures of a character make; None where none shows enough of a face."""
    usable = [one for one in sheets if _inside(one.face, one.pixels.shape[1], one.pixels.shape[0])]
    return _reference(tuple(usable)) if usable else None


def _reference(sheets: tuple[Sheet, ...]) -> Reference:
    cloths = [one for one in (_cloth(sheet.pixels, sheet.face) for sheet in sheets) if one is not None]
    return Reference(
        sheets,
        tuple(face_descriptor(sheet.pixels, sheet.face) for sheet in sheets),
        np.asarray(np.mean(cloths, axis=0)) if cloths else None,
    )


def crop_of(pixels: U8, face: Box, height: int) -> Image.Image:
    """The head and what is worn below it, cut out for a person to look at, `height` pixels tall."""
    x, y, w, h = face
    side = 1.9 * h
    whole = Image.fromarray(pixels)
    edges = (x + w / 2 - side * 0.4, y - 0.2 * h, x + w / 2 + side * 0.4, y - 0.2 * h + side)
    box = (max(0.0, edges[0]), max(0.0, edges[1]), min(whole.width, edges[2]), min(whole.height, edges[3]))
    cut = whole.crop(
        (int(box[0]), int(box[1]), max(int(box[0]) + 1, int(box[2])), max(int(box[1]) + 1, int(box[3])))
    )
    return cut.resize((max(1, round(cut.width * height / cut.height)), height), Image.Resampling.LANCZOS)


# -- colours ------------------------------------------------------------------------------------------------


def _skin(vector: Array) -> Array:
    """The skin's L*a*b* that a likeness vector holds."""
    return np.asarray(vector[:3] / (np.array([0.6, 1.0, 1.0]) / 20.0) + np.array([70, 14, 22]))


def _hair(vector: Array) -> Array:
    return np.asarray(vector[3:6] / (np.array([0.6, 1.0, 1.0]) / 20.0 * 1.2) + np.array([20, 4, 4]))


def _hex(colour: Array) -> str:
    """L*a*b* under D65 -> #rrggbb, clipped to sRGB."""
    fy = (float(colour[0]) + 16) / 116
    f = np.array([fy + float(colour[1]) / 500, fy, fy - float(colour[2]) / 200])
    xyz = np.where(f > 6 / 29, f**3, (f - 16 / 116) * 3 * (6 / 29) ** 2) * np.array([0.95047, 1.0, 1.08883])
    linear = xyz @ np.array(
        [
            [3.2404542, -0.9692660, 0.0556434],
            [-1.5371385, 1.8760108, -0.2040259],
            [-0.4985314, 0.0415560, 1.0572252],
        ]
    )
    linear = np.clip(linear, 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(one) * 255):02x}" for one in coded)


def delta_e(one: Array, two: Array, lightness: float = 1.0) -> float:
    """CIEDE2000 of two L*a*b* colours (Sharma, Wu and Dalal 2005); `lightness` is its k_L, 1 for pixels."""
    (l1, a1, b1), (l2, a2, b2) = (tuple(float(v) for v in c) for c in (one, two))
    c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(c7 / (c7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    dl, dc = l2 - l1, c2 - c1
    grey = c1 * c2 == 0
    dh = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    dh_metric = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh) / 2)
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = h1 + h2 if grey else (h1 + dh / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(hm - 30))
        + 0.24 * np.cos(np.radians(2 * hm))
        + 0.32 * np.cos(np.radians(3 * hm + 6))
        - 0.20 * np.cos(np.radians(4 * hm - 63))
    )
    sl = lightness * (1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2))
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    turn = 30 * np.exp(-(((hm - 275) / 25) ** 2))
    rt = -2 * np.sqrt(cm**7 / (cm**7 + 25.0**7)) * np.sin(np.radians(2 * turn))
    parts = (dl / sl) ** 2 + (dc / sc) ** 2 + (dh_metric / sh) ** 2 + rt * (dc / sc) * (dh_metric / sh)
    return float(np.sqrt(max(0.0, parts)))
