"""The scenes of a read script as events: one place for the stage and for whoever only looks."""

from __future__ import annotations

from ....events.script import SceneParsed
from .model import Screenplay

__all__ = ["scenes_of"]


def scenes_of(script: Screenplay, revision: int = 1) -> list[SceneParsed]:
    """Every scene with its name, S01 and on, in the order of the script."""
    return [
        SceneParsed(
            revision=revision,
            scene=f"S{number:02d}",
            number=number,
            of=len(script.scenes),
            heading=one.heading,
            place=one.place,
            interior=one.interior,
            time=one.time,
            language=script.language,
            first=one.first,
            last=one.last,
            characters=one.characters,
            elements=one.elements,
        )
        for number, one in enumerate(script.scenes, 1)
    ]
