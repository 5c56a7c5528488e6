"""Draws subtitles once as rows of premultiplied video colour, ready to be laid over any number of frames."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from .errors import SubtitleError
from .fonts import font_for
from .planes import BLACK_Y, NEUTRAL, U8, WHITE_Y
from .wrapping import broken_in_two

U16 = npt.NDArray[np.uint16]

MAX_LINES = 2
MAX_TEXT = 200
# Text height in a tall picture: quality profile asks for >= 3 % of the long side; in a wide one 5 % of the
# height.
TALL_SIZE, WIDE_SIZE = 0.034, 0.052
# What the players' own controls cover: the lowest 18 % of a tall picture; 90 % title safe (SMPTE ST 2046-1)
# in a wide.
TALL_BOTTOM, WIDE_BOTTOM = 0.82, 0.95
SAFE_WIDTH = 0.90
_MIN_SHRINK = 0.5
_OUTLINE = 0.09  # of the text size


@dataclass(frozen=True, slots=True, eq=False)
class Caption:
    """A drawn subtitle: even box (x, y, width, height) in frame pixels, and per plane 256 - alpha and colour
    x alpha."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    text_px: int
    keep_luma: U16
    add_luma: U16
    keep_chroma: U16
    add_chroma: U16

    def lay_over(self, luma: U8, cb: U8, cr: U8) -> None:
        """Blends the caption into a frame's planes in place."""
        rows, columns = slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)
        luma[rows, columns] = (luma[rows, columns] * self.keep_luma + self.add_luma) >> 8
        half_rows = slice(self.y // 2, (self.y + self.height) // 2)
        half_columns = slice(self.x // 2, (self.x + self.width) // 2)
        for plane in (cb, cr):
            plane[half_rows, half_columns] = (
                plane[half_rows, half_columns] * self.keep_chroma + self.add_chroma
            ) >> 8


def is_tall(width: int, height: int) -> bool:
    """Whether a picture is a phone's: higher than wide."""
    return height > width


@lru_cache(maxsize=64)
def draw_caption(text: str, width: int, height: int) -> Caption:
    """A subtitle for frames of that size: white, dark outline, one or two lines inside the safe area.

    Lines break at spaces and between Chinese signs, never before closing punctuation; the two lines are
    about equal. Text too wide for two lines is set smaller, to half size; beyond that, or over 200
    characters: SubtitleError.
    """
    words = " ".join(text.split())
    if not words or any(unicodedata.category(c) in ("Cc", "Cs") for c in words):
        raise SubtitleError(f"a subtitle needs text without control characters, got {text[:40]!r}")
    if len(words) > MAX_TEXT:
        raise SubtitleError(f"a subtitle of {len(words)} characters is over {MAX_TEXT}: split it into cues")
    tall = is_tall(width, height)
    full_px = max(10, round(height * TALL_SIZE if tall else height * WIDE_SIZE))
    px, lines = full_px, None
    while px >= max(8, full_px * _MIN_SHRINK):
        font = _font(words, px)
        outline = max(1, round(px * _OUTLINE))
        lines = broken_in_two(words, font.getlength, width * SAFE_WIDTH - 2 * outline)
        if lines is not None:
            break
        px -= max(1, full_px // 24)
    if lines is None:
        raise SubtitleError(
            f"{words[:40]!r}... does not fit into two lines of a {width}x{height} picture: split it"
        )
    return _draw(lines, _font(words, px), px, max(1, round(px * _OUTLINE)), width, height, tall)


@lru_cache(maxsize=32)
def _loaded(path: str, px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, px, layout_engine=ImageFont.Layout.BASIC)
    try:
        axes = font.get_variation_axes()
    except OSError:
        return font  # one weight only
    heavy: list[float] = []
    for axis in axes:
        usual, most = float(axis["default"] or 0), float(axis["maximum"] or 0)
        heavy.append(min(600.0, most) if axis["name"] == b"Weight" else usual)
    font.set_variation_by_axes(heavy)
    return font


def _font(text: str, px: int) -> ImageFont.FreeTypeFont:
    return _loaded(str(font_for(text)), px)


def _draw(
    lines: tuple[str, ...],
    font: ImageFont.FreeTypeFont,
    px: int,
    outline: int,
    width: int,
    height: int,
    tall: bool,
) -> Caption:
    step = round(px * 1.28)
    widest = max(font.getlength(line) for line in lines)
    box_w = min(width, 2 * ((int(widest) + 2 * outline + 6 + 1) // 2))
    x = ((width - box_w) // 2) & ~1
    ascent, descent = font.getmetrics()
    box_h = 2 * ((step * (len(lines) - 1) + ascent + descent + 2 * outline + 1) // 2)
    bottom = int(height * (TALL_BOTTOM if tall else WIDE_BOTTOM))
    y = max(0, (bottom - box_h) & ~1)
    box_h = min(box_h, (height - y) & ~1)
    ink = Image.new("L", (box_w, box_h), 0)
    edge = Image.new("L", (box_w, box_h), 0)
    for row, line in enumerate(lines):
        at = ((box_w - font.getlength(line)) / 2, outline + row * step)
        ImageDraw.Draw(ink).text(at, line, fill=255, font=font)
        ImageDraw.Draw(edge).text(at, line, fill=255, font=font, stroke_width=outline, stroke_fill=255)
    return _premultiplied(ink, edge, x, y, lines, px)


def _premultiplied(
    ink: Image.Image, edge: Image.Image, x: int, y: int, lines: tuple[str, ...], px: int
) -> Caption:
    white = np.asarray(ink, dtype=np.float64) / 255
    alpha = np.maximum(np.asarray(edge, dtype=np.float64) / 255, white)
    luma = white * WHITE_Y + (alpha - white) * BLACK_Y
    half = alpha.reshape(alpha.shape[0] // 2, 2, alpha.shape[1] // 2, 2).mean(axis=(1, 3))
    keep_chroma = np.rint((1 - half) * 256)
    return Caption(
        x,
        y,
        alpha.shape[1],
        alpha.shape[0],
        lines,
        px,
        np.rint((1 - alpha) * 256).astype(np.uint16),
        np.rint(luma * 256).astype(np.uint16),
        keep_chroma.astype(np.uint16),
        ((256 - keep_chroma) * NEUTRAL).astype(np.uint16),
    )
