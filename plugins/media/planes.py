"""Colour planes: RGB pictures into the Y, Cb and Cr of a video frame (bt709, limited range, 4:2:0)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]

# ITU-R BT.709-6, item 3.2 and 3.3: luma weights; chroma divisors are 2(1-Kb) and 2(1-Kr).
KR, KG, KB = 0.2126, 0.7152, 0.0722
BLACK_Y, WHITE_Y, NEUTRAL = 16, 235, 128


class Planes(NamedTuple):
    """Y at full size, Cb and Cr at half size in both directions."""

    y: U8
    cb: U8
    cr: U8


def from_rgb(rgb: U8) -> Planes:
    """Planes of an RGB picture (height x width x 3, both even), with chroma where H.264 expects it.

    Chroma lies on the left luma column and between two rows (ITU-T H.264 annex E, chroma_sample_loc_type 0),
    so it is averaged over two rows and filtered 1-2-1 along the row.
    """
    part = rgb.astype(np.float32)
    red, green, blue = part[..., 0], part[..., 1], part[..., 2]
    luma = KR * red + KG * green + KB * blue
    return Planes(
        _codes(BLACK_Y + luma * (219 / 255)),
        _codes(NEUTRAL + _left_sited((blue - luma) / (2 * (1 - KB))) * (224 / 255)),
        _codes(NEUTRAL + _left_sited((red - luma) / (2 * (1 - KR))) * (224 / 255)),
    )


def _codes(value: npt.NDArray[np.float32]) -> U8:
    return np.clip(np.rint(value), 1, 254).astype(np.uint8)


def _left_sited(full: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rows = (full[0::2] + full[1::2]) * np.float32(0.5)
    even, odd = rows[:, 0::2], rows[:, 1::2]
    before = np.concatenate([rows[:, :1], odd[:, :-1]], axis=1)
    mixed: npt.NDArray[np.float32] = even * np.float32(0.5) + (odd + before) * np.float32(0.25)
    return mixed
