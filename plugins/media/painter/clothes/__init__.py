"""What characters wear, garment by garment, on a body's measures."""

from .cut import sleeve_colour, torso
from .legs import draw_lower
from .upper import draw_torso

__all__ = ["draw_lower", "draw_torso", "sleeve_colour", "torso"]
