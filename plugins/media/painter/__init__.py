"""Paints one shot of an animatic from its description: `paint(picture, width, height) -> Plate`."""

from .compose import paint, plate_size
from .model import Figure, PaintError, Picture, Plate, Profile

__all__ = ["Figure", "PaintError", "Picture", "Plate", "Profile", "paint", "plate_size"]
