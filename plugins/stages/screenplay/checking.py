"""What `duanju script check` finds: elements, people, lengths, what is lost, and what is doubtful."""

from __future__ import annotations

from typing import Any

import attrs

from .breakdown import breakdown
from .editor import remarks
from .model import Screenplay
from .told import scenes_of

__all__ = ["check"]


def check(script: Screenplay) -> dict[str, Any]:
    """All of it as plain data. `mapped`: every source line is in an element, or blank.

    Times are ms as the rules' breakdown plans them; lines are source lines from 1.
    """
    scenes = scenes_of(script)
    shots = [breakdown(scene) for scene in scenes]
    elements = [attrs.asdict(one) for one in script.elements]
    _place(elements, [(scene.scene, scene.first, scene.last) for scene in scenes])
    return {
        "title": script.title,
        "format": script.format,
        "language": script.language,
        "source_lines": script.source_lines,
        "unit": script.unit,
        "lines": script.lines,
        "planned_ms": sum(shot.duration_ms for own in shots for shot in own),
        "mapped": not script.unmapped,
        "elements": elements,
        "cast": [attrs.asdict(one) for one in script.characters],
        "scenes": [
            {
                "scene": scene.scene,
                "heading": scene.heading,
                "place": scene.place,
                "interior": scene.interior,
                "time": scene.time,
                "first": scene.first,
                "last": scene.last,
                "characters": list(scene.characters),
                "lines": sum(1 for one in scene.elements if one.type == "line"),
                "shots": len(own),
                "planned_ms": sum(shot.duration_ms for shot in own),
            }
            for scene, own in zip(scenes, shots, strict=True)
        ],
        "unmapped": [attrs.asdict(one) for one in script.unmapped],
        "ambiguous": [attrs.asdict(one) for one in script.ambiguous],
        "warnings": [attrs.asdict(one) for one in remarks(script, scenes, shots)],
    }


def _place(elements: list[dict[str, Any]], spans: list[tuple[str, int, int]]) -> None:
    """Tells each element its scene; "" above the first one."""
    at = -1
    for one in elements:
        while at + 1 < len(spans) and spans[at + 1][1] <= one["first"]:
            at += 1
        one["scene"] = spans[at][0] if at >= 0 and one["first"] <= spans[at][2] else ""
