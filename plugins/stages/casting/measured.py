"""The main colours of a picture of one person: skin, hair, clothes, by where they lie and what they are."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Colours", "NoPicture", "colours_of"]

SIDE = 192  # pixels of the longer side that are looked at
MOST_PIXELS = 60_000_000
COLOURS = 10


class NoPicture(ValueError):
    """The bytes are no picture that can be read; the text says why."""


@frozen
class Colours:
    """Colours as "#rrggbb", "" where there is none of the kind; `why` says what was looked at."""

    skin: str
    hair_colour: str
    clothes_colour: str
    accent_colour: str
    why: str


def colours_of(data: bytes) -> Colours:
    """Measures a picture (PNG, JPEG or WebP bytes) of one person. Raises NoPicture.

    The face is the patch of skin's hues (ITU-R BT.601 chroma) that is large and near the upper middle; hair
    is the main colour right above it, clothes are the two main colours below it.
    """
    pixels = _pixels(data)
    height, width = pixels.shape[:2]
    skinny = _skin(pixels)
    face = _face(_one_skin(pixels, skinny))
    if face is None:
        clothes = _main(pixels[height // 3 :, width // 4 : width - width // 4].reshape(-1, 3), 2)
        return Colours("", "", *_two(clothes), "no face is found in it: only its middle is measured")
    mask, (top, left, bottom, right) = face
    tall, wide = bottom - top, right - left
    inner = slice(left + wide // 6, right - wide // 6)
    above = slice(max(0, top - max(3, tall // 4)), top + max(2, tall // 12))
    locks = _main(pixels[above, inner][~skinny[above, inner]], 1)
    beside = pixels[max(0, top - tall // 4) : top + tall // 2]
    ground = _main(beside[:, : max(1, left - wide)].reshape(-1, 3), 2) if left > wide else []
    if locks and any(_near(locks[0], one) for one in ground):
        locks = []  # what stands above the face goes on far beside it: no hair is seen
    down = slice(min(height - 4, bottom + tall // 6), min(height, bottom + tall + tall // 2))
    body = slice(max(0, left - wide // 3), min(width, right + wide // 3))
    below = _main(pixels[down, body][~skinny[down, body]], 4)
    clothes = [one for one in below if not any(_near(one, other) for other in ground)] or below
    skin = _main(pixels[mask], 1)
    return Colours(
        skin[0] if skin else "", locks[0] if locks else "", *_two(clothes), "measured on its pixels"
    )


def _one_skin(pixels: NDArray[np.uint8], skinny: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of all that has the hues of skin, as wood has, the one colour nearest the upper middle."""
    import numpy as np

    height, width = skinny.shape
    y, x = np.mgrid[0:height, 0:width]
    near = np.exp(-(((x / width - 0.5) / 0.2) ** 2) - ((y / height - 0.36) / 0.16) ** 2)
    best, found = 0.0, skinny
    for colour in _main(pixels[skinny], COLOURS):
        like = skinny & (np.abs(pixels.astype(np.int16) - _rgb(colour)).max(axis=2) < 30)
        weight = float(near[like].sum())
        score = weight * weight / max(1, int(like.sum()))
        if score > best:
            best, found = score, like
    return found


def _face(skinny: NDArray[np.bool_]) -> tuple[Any, tuple[int, int, int, int]] | None:
    """The patch of skin that is a face: its mask and its top, left, bottom and right edge."""
    import numpy as np

    height, width = skinny.shape
    label = np.zeros((height, width), dtype=np.int32)
    best: tuple[float, int] | None = None
    number = 0
    for row, column in np.argwhere(skinny):
        if label[row, column]:
            continue
        number += 1
        label[row, column] = number
        stack, rows, columns, size = [(int(row), int(column))], 0, 0, 0
        while stack:
            y, x = stack.pop()
            rows, columns, size = rows + y, columns + x, size + 1
            for below, beside in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                inside = 0 <= below < height and 0 <= beside < width
                if inside and skinny[below, beside] and not label[below, beside]:
                    label[below, beside] = number
                    stack.append((below, beside))
        away = ((columns / size / width - 0.5) / 0.2) ** 2 + ((rows / size / height - 0.36) / 0.16) ** 2
        score = min(size, 0.1 * height * width) * math.exp(-away)
        if size >= 0.003 * height * width and (best is None or score > best[0]):
            best = score, number
    if best is None:
        return None
    mask = label == best[1]
    rows_, columns_ = np.nonzero(mask)
    edges = int(rows_.min()), int(columns_.min()), int(rows_.max()) + 1, int(columns_.max()) + 1
    return mask, edges


def _pixels(data: bytes) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS or min(image.size) < 8:
                raise NoPicture(f"{image.width}x{image.height} pixels are too many or too few")
            image.draft("RGB", (SIDE * 2, SIDE * 2))
            rgba = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPicture(f"it cannot be read: {error}") from None
    flat = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    flat.alpha_composite(rgba)
    flat.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(flat.convert("RGB"))


def _skin(pixels: NDArray[np.uint8]) -> Any:
    import numpy as np

    red, green, blue = (pixels[..., at].astype(np.float32) for at in range(3))
    cb = 128 - 0.168736 * red - 0.331264 * green + 0.5 * blue
    cr = 128 + 0.5 * red - 0.418688 * green - 0.081312 * blue
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    return (cb > 85) & (cb < 128) & (cr > 134) & (cr < 175) & (light > 70) & (red > green)


def _main(pixels: Any, most: int) -> list[str]:
    """The main colours of some pixels, the most frequent first; near ones count as one."""
    import numpy as np
    from PIL import Image

    count = len(pixels)
    if count < 12:
        return []
    strip = Image.fromarray(np.ascontiguousarray(pixels.reshape(1, count, 3), dtype=np.uint8), "RGB")
    table = strip.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=4)
    palette = table.getpalette() or []
    frequent = sorted(table.getcolors(COLOURS + 1) or [], key=lambda one: (-one[0], one[1]))
    found: list[tuple[int, Any]] = []
    for number, index in frequent:
        at = 3 * int(str(index))
        rgb = np.array(palette[at : at + 3], dtype=np.int16)
        for place, (more, other) in enumerate(found):
            if np.abs(rgb - other).max() < 28:
                found[place] = (more + number, other)
                break
        else:
            found.append((number, rgb))
    found.sort(key=lambda one: -one[0])
    return [
        "#" + "".join(f"{int(part):02x}" for part in rgb)
        for number, rgb in found[:most]
        if number > count * 0.04
    ]


def _rgb(colour: str) -> Any:
    import numpy as np

    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.int16)


def _near(one: str, two: str) -> bool:
    return max(abs(int(one[at : at + 2], 16) - int(two[at : at + 2], 16)) for at in (1, 3, 5)) < 24


def _two(colours: list[str]) -> tuple[str, str]:
    """The first two colours, "" where there are fewer."""
    return (colours[0] if colours else "", colours[1] if len(colours) > 1 else "")
