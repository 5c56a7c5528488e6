"""All event classes that ship with duanju, in one list."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from . import calls, cast, cut, dialogue, episode, quality, scenes, script

__all__ = ["AREAS", "builtin_events"]

AREAS: tuple[ModuleType, ...] = (episode, script, cast, calls, scenes, dialogue, cut, quality)


def builtin_events() -> list[type[Any]]:
    """Every event class of the areas, in the order of their files."""
    return [
        cls
        for area in AREAS
        for cls in (getattr(area, name) for name in area.__all__)
        if isinstance(cls, type) and "__event__" in vars(cls)
    ]
