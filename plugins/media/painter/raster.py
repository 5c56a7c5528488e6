"""From SVG to pixels: render, soften, tint, lay over; the same on a crop as on the whole."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import resvg_py
from PIL import Image, ImageChops, ImageFilter

from .colour import Rgb


def render(svg: str) -> Image.Image:
    """The SVG document as an RGBA image of its own size."""
    # Fonts are never used: without this flag resvg reads all system fonts on every call.
    data = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    image = Image.open(io.BytesIO(bytes(data)))
    image.load()
    return image if image.mode == "RGBA" else image.convert("RGBA")


def soften(image: Image.Image, radius: float, width: int, height: int) -> Image.Image:
    """The image blurred by `radius` (its own pixels) and brought to width x height."""
    if radius > 0.3:
        image = image.filter(ImageFilter.GaussianBlur(radius))
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    return image


def tint(image: Image.Image, factor: Rgb) -> Image.Image:
    """Red, green and blue of an RGBA image times factors; alpha stays."""
    if factor == (1.0, 1.0, 1.0):
        return image
    table: list[int] = []
    for f in factor:
        table += [min(255, round(v * f)) for v in range(256)]
    return image.point(table + list(range(256)))


def shade_map(width: int, height: int, corner: float, dark_side: float, side: int, warm: Rgb) -> Image.Image:
    """A picture to multiply with: darker corners, a darker side away from the key light, tinted by `warm`."""
    n = 96  # smooth enough, then scaled up
    y, x = np.mgrid[0:n, 0:n].astype(np.float64) / (n - 1) * 2 - 1
    r = np.clip((x * x * 0.75 + y * y * 0.75) / 1.5, 0, 1)
    value = 1 - (1 - corner) * r**1.5
    value *= 1 - (1 - dark_side) * np.clip(0.5 - 0.5 * x * side, 0, 1) ** 1.4
    grid = np.stack([value * w for w in warm], axis=-1)
    small = Image.fromarray(np.round(np.clip(grid, 0, 1) * 255).astype(np.uint8), "RGB")
    return small.resize((width, height), Image.Resampling.BILINEAR)


def enlarge(image: Image.Image, width: int, height: int) -> Image.Image:
    """An RGBA image scaled up, colours weighted by alpha, so that no dark seam grows round what is drawn."""
    return image.convert("RGBa").resize((width, height), Image.Resampling.BICUBIC).convert("RGBA")


def lighten(image: Image.Image, air: Image.Image) -> Image.Image:
    """The RGB image under soft light: an RGBA image of any smaller size, scaled up and laid over it."""
    # Scaled with its colours weighted by alpha, else the black of empty pixels would bleed in.
    red, green, blue, alpha = air.convert("RGBa").resize(image.size, Image.Resampling.BICUBIC).split()
    left = ImageChops.invert(alpha)
    under = ImageChops.multiply(image, Image.merge("RGB", (left, left, left)))
    return ImageChops.add(under, Image.merge("RGB", (red, green, blue)))


def veil(image: Image.Image, colour: str, stops: Sequence[tuple[float, float]]) -> Image.Image:
    """The RGB image under a veil of one colour whose density runs from top to bottom.

    `stops` are (height 0..1, density 0..1), straight between them.
    """
    at = (np.arange(image.height) + 0.5) / image.height
    density = np.interp(at, [s[0] for s in stops], [s[1] for s in stops])
    column = Image.fromarray(np.round(density * 255).astype(np.uint8)[:, None], "L")
    out = image.copy()
    out.paste(colour, (0, 0, *image.size), column.resize(image.size, Image.Resampling.NEAREST))
    return out


def finish(
    base: Image.Image, figures: Image.Image | None, front: Image.Image | None, shade: Image.Image
) -> Image.Image:
    """Set, (tinted) figures over it, weather in front, all under the shade; RGB of equal sizes."""
    out = base.copy()
    if figures is not None:
        out.paste(figures.convert("RGB"), (0, 0), figures.getchannel("A"))
    if front is not None:
        out.paste(front.convert("RGB"), (0, 0), front.getchannel("A"))
    return ImageChops.multiply(out, shade)


def png(image: Image.Image) -> bytes:
    """An RGB PNG; level 2 is five times faster than 9 and a tenth larger on drawn pictures."""
    out = io.BytesIO()
    image.convert("RGB").save(out, "PNG", compress_level=2)
    return out.getvalue()
