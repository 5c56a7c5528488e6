"""Makes a plate of any picture: a model may return a JPEG of its own size, a shot needs a larger PNG."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from .errors import PictureError

SPARE_PERCENT = 115  # a plate is so much larger than the frame, so that the camera can move
MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 40_000_000
_PNG = b"\x89PNG\r\n\x1a\n"


def plate_size(width: int, height: int) -> tuple[int, int]:
    """The plate's pixels for a frame's: 1.15 times as many, rounded up to multiples of 4."""
    return _up(width), _up(height)


def _up(side: int) -> int:
    return -(-side * SPARE_PERCENT // 400) * 4


def as_plate(data: bytes, width: int, height: int, rigged: bool = False) -> bytes:
    """A PNG that fills the plate of a `width` x `height` frame.

    A PNG of the plate's size, or one that a rig was drawn for, is returned as it is; anything else is scaled
    to cover the plate and cut at the centre. Raises PictureError for what is no PNG, JPEG or WebP, or is too
    large.
    """
    if rigged:
        return data
    if len(data) > MAX_BYTES:
        raise PictureError(f"the picture has {len(data)} bytes, over {MAX_BYTES}")
    wanted = plate_size(width, height)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureError(
                    f"the picture is {picture.width}x{picture.height}, over {MAX_PIXELS} pixels"
                )
            if picture.size == wanted and data.startswith(_PNG):
                return data
            fitted = ImageOps.fit(picture.convert("RGB"), wanted, Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as err:
        raise PictureError(f"the picture cannot be read as PNG, JPEG or WebP: {err}") from err
    out = io.BytesIO()
    fitted.save(out, "PNG", compress_level=1)
    return out.getvalue()
