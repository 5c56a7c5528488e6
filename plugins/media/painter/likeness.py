"""How alike two drawn faces are, measured on pixels: colours and shapes of skin and hair."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import numpy.typing as npt
from PIL import Image

from .compose import paint
from .model import Figure, Picture, Profile

Array = npt.NDArray[np.float64]
_ROWS, _COLS = 12, 8  # grid of the geometry part
_NEAR = 9.0  # L*a*b* units that are still the same tone
_BINS = 12  # per axis of the a*b* histogram
_NO_WHITE, _SURE_WHITE = 48, 144  # face widths in pixels between which the eyes' white comes to be resolved
_SPAN = 72.0  # a* and b* beyond this are clipped: skin, hair and clothes stay inside


def lab(rgb: npt.NDArray[np.uint8]) -> Array:
    """sRGB bytes (..., 3) as CIE L*a*b* under D65 (IEC 61966-2-1 transfer curve, CIE 15 formulas)."""
    c = rgb.astype(np.float64) / 255
    c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    m = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = c @ m.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


def _under_white(crop: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The crop with the white of its eyes brought back to the white that the painter uses.

    What people tell apart in any light are colours against a white they know; the eyes bring one along.
    """
    h, w = crop.shape[:2]
    band = (
        crop[int(h * 0.46) : int(h * 0.66), int(w * 0.12) : int(w * 0.88)].reshape(-1, 3).astype(np.float64)
    )
    level = band.min(axis=1)
    white = np.median(band[level >= np.quantile(level, 0.992)], axis=0)
    if white.max() - white.min() > 0.13 * white.max():
        return crop  # closed lids or a face so small that no white is left: what we found is skin
    gain = np.clip(np.array([0xF4, 0xEF, 0xE9]) / np.maximum(white, 1), 0.8, 1.5)
    # In a small face lids and lashes have mixed into the white: what is left of it is trusted less.
    gain = gain ** float(np.clip((w - _NO_WHITE) / (_SURE_WHITE - _NO_WHITE), 0, 1))
    out: npt.NDArray[np.uint8] = np.clip(np.round(crop * gain), 0, 255).astype(np.uint8)
    return out


def _settled(values: Array, start: Array) -> Array:
    """The tone that most values near `start` share (mean shift): no blush, shade or edge pulls at it."""
    for _ in range(4):
        near = values[((values - start) ** 2).sum(axis=1) < _NEAR**2]
        if not len(near):
            break
        start = near.mean(axis=0)
    return np.asarray(start)


def face_descriptor(rgb: npt.NDArray[np.uint8], face: tuple[int, int, int, int]) -> Array:
    """The likeness vector of the face in `face` (x, y, w, h, pixels) of an RGB picture (H, W, 3).

    Colour: L*a*b* of skin and of hair, and a soft a*b* histogram of the head. Geometry: how much skin and how
    much hair each cell of a grid over the head holds (hair line, jaw, beard, glasses), by distance to
    this face's own skin and hair, so that a light which tints all of it does not move it. Mirrored halves are
    averaged, as a turned head goes to either side. Raises ValueError if the box holds under 8 x 8 pixels.
    """
    x, y, w, h = face
    crop = rgb[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)]
    if crop.ndim != 3 or crop.shape[0] < 8 or crop.shape[1] < 8:
        raise ValueError(
            f"a face box of {w} x {h} at ({x}, {y}) holds too few pixels of a picture of {rgb.shape}"
        )
    image = Image.fromarray(_under_white(crop))
    values = lab(np.asarray(image.resize((_COLS * 4, _ROWS * 4), Image.Resampling.BOX)))
    rows, cols = values.shape[:2]
    yy, xx = np.mgrid[0:rows, 0:cols]
    # The head's oval: corners of the box are set, not person.
    inside = ((xx - cols / 2 + 0.5) / (cols * 0.42)) ** 2 + ((yy - rows / 2 + 0.5) / (rows * 0.48)) ** 2 <= 1
    cheek = (np.abs(xx - cols / 2) < cols * 0.27) & (yy > rows * 0.56) & (yy < rows * 0.74)
    top = (np.abs(xx - cols / 2) < cols * 0.24) & (yy > rows * 0.07) & (yy < rows * 0.17)
    skin = _settled(values[inside & (yy > rows * 0.34)], np.median(values[cheek], axis=0))
    crown = _settled(values[inside & (yy < rows * 0.3)], np.median(values[top], axis=0))
    scale = np.array([0.6, 1.0, 1.0]) / 20.0
    colour = np.concatenate(
        [(skin - np.array([70, 14, 22])) * scale, (crown - np.array([20, 4, 4])) * scale * 1.2]
    )
    # Soft a*b* histogram of the head.
    ab = np.clip(values[inside][:, 1:] / _SPAN * 0.5 + 0.5, 0, 0.999) * (_BINS - 1)
    low = np.floor(ab).astype(int)
    part = ab - low
    histogram = np.zeros((_BINS + 1, _BINS + 1))
    for da in (0, 1):
        for db in (0, 1):
            weight = np.abs(1 - da - part[:, 0]) * np.abs(1 - db - part[:, 1])
            np.add.at(histogram, (low[:, 0] + da, low[:, 1] + db), weight)
    histogram = np.sqrt(histogram / histogram.sum()).ravel()

    def like(reference: Array, wide: float) -> Array:
        away = (values - reference) * np.array([0.7, 1.0, 1.0])
        near = np.exp(-(away**2).sum(axis=-1) / wide**2)
        grid = np.where(inside, near, 0).reshape(_ROWS, rows // _ROWS, _COLS, cols // _COLS).mean(axis=(1, 3))
        return np.asarray((grid + grid[:, ::-1])[:, : _COLS // 2] / 2)

    shape = (
        np.concatenate([like(skin, 24.0).ravel(), like(crown, 20.0).ravel()])
        / np.sqrt(_ROWS * _COLS / 2)
        * 2.4
    )
    return np.concatenate([colour, histogram * 0.5, shape])


def distance(a: Array, b: Array) -> float:
    """Euclidean distance of two likeness vectors; 0 = the same pixels."""
    return float(np.linalg.norm(a - b))


def descriptor(profile: Profile, character: str = "") -> Array:
    """The likeness vector of a character drawn in plain daylight: the entry for a cast bible."""
    told = Picture(place="", size="CU", figures=(Figure(character=character, profile=profile),))
    plate = paint(told, 270, 480)
    with zipfile.ZipFile(io.BytesIO(plate.rig)) as archive:
        box = json.loads(archive.read("manifest.json"))["figures"][0]["face"]
    pixels = np.asarray(Image.open(io.BytesIO(plate.png)).convert("RGB"))
    return face_descriptor(pixels, (box[0], box[1], box[2], box[3]))
