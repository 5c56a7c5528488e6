"""The plain backdrop of a character's sheet: nothing to see but the person."""

from __future__ import annotations

from ..pen import Pen
from ..stage import LEFT, RIGHT, TOP, Stage

__all__ = ["BACKDROP", "backdrop"]

BACKDROP = "plain grey backdrop"
"""The place that is drawn so."""


def backdrop(pen: Pen, stage: Stage) -> None:
    """A light grey paper wall that runs out into the floor."""
    tone = pen.linear((0, TOP), (0, 60), (0, "#dcdcda"), (0.8, "#d2d2d0"), (1, "#c6c6c4"))
    pen.rect(LEFT, TOP, RIGHT - LEFT, 1200 - TOP, tone)
