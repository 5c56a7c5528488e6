"""Hair in two parts: what hangs behind the head and the shoulders, and what frames the face."""

from .back import draw_back, draw_behind
from .shapes import LONG, front
from .top import draw_braid, draw_front

__all__ = ["LONG", "draw_back", "draw_behind", "draw_braid", "draw_front", "front"]
