"""From a reading to a Screenplay: lines with numbers, people with one name each, and scenes."""

from __future__ import annotations

from typing import Any

import attrs

from ....events.script import Element
from . import model
from .chinese_marks import heading_of
from .headings import FOUNTAIN_HEADING, GOES_ON, Heading, read_heading
from .model import Reading, Scene, Screenplay, ScriptError
from .names import is_narrator
from .people import MAX_CHARACTERS, People

__all__ = ["assembled"]


def assembled(
    file: str,
    layout: str,
    language: str,
    reading: Reading,
    source_lines: int,
    unit: str = "line",
) -> Screenplay:
    """Numbers the lines, names the people, and cuts the scenes; `unit`: what the elements' spans count.

    Raises ScriptError for a script beyond the bounds of `model`, with the place. There must be a heading.
    """
    elements = sorted(reading.elements, key=lambda one: one.first)
    people = People(elements)
    if len(people) > MAX_CHARACTERS:
        raise ScriptError(
            f"{file}: {len(people):,} different names speak, more than {MAX_CHARACTERS}; "
            "check the format, or give one episode a file"
        )
    numbered: list[Element] = []
    count = 0
    for one in elements:
        if len(one.text) > model.MAX_LINE and one.type == "line":
            raise ScriptError(
                f"{file}, {unit} {one.first}: {one.character} says {len(one.text):,} characters "
                f"without a break; part it into lines of at most {model.MAX_LINE:,}"
            )
        change: dict[str, Any] = {}
        if one.character:
            change["character"] = people.name(one.character)
        if one.type == "line":
            count += 1
            change["line"] = f"L{count:03d}"
            if is_narrator(one.character):
                change["how"] = "vo"
        numbered.append(attrs.evolve(one, **change) if change else one)
    scenes = _scenes(f"{file}, {unit}", numbered, people)
    return Screenplay(
        title=reading.title[:200],
        language=language,
        format=layout,
        source_lines=source_lines,
        scenes=scenes,
        characters=people.notes(),
        elements=tuple(numbered),
        unmapped=tuple(sorted(reading.unmapped, key=lambda one: one.number)),
        ambiguous=tuple(sorted(reading.ambiguous, key=lambda one: one.number)),
        unit=unit,
    )


def _scenes(where: str, elements: list[Element], people: People) -> tuple[Scene, ...]:
    """Cuts at the headings. Action and speech above the first one belong to the first scene."""
    starts = [place for place, one in enumerate(elements) if one.type == "heading"]
    if len(starts) > model.MAX_SCENES:
        raise ScriptError(
            f"{where} {elements[starts[model.MAX_SCENES]].first}: "
            f"more than {model.MAX_SCENES:,} scenes; give one episode a file"
        )
    opening = [
        one
        for one in elements[: starts[0]]
        if one.type in ("action", "line", "parenthetical") or one.type == "cue"
    ]
    scenes: list[Scene] = []
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else len(elements)
        heading = elements[start]
        own = (*(opening if not number else ()), *elements[start:stop])
        size = sum(len(one.text) for one in own)
        if len(own) > model.MAX_SCENE_ELEMENTS or size > model.MAX_SCENE_TEXT:
            raise ScriptError(
                f"{where} {heading.first}: this scene has {len(own):,} elements and {size:,} "
                f"characters, more than {model.MAX_SCENE_ELEMENTS:,} or {model.MAX_SCENE_TEXT:,}; "
                "part it into several scenes"
            )
        said = _heading(heading.text)
        goes_on = bool(scenes) and not said.has_time and GOES_ON.search(heading.text) is not None
        scenes.append(
            Scene(
                heading=heading.text,
                place=said.place,
                interior=said.interior,
                time=scenes[-1].time if goes_on else said.time,
                first=own[0].first,
                last=own[-1].last,
                characters=people.of_scene(own),
                elements=own,
            )
        )
    return tuple(scenes)


def _heading(text: str) -> Heading:
    if FOUNTAIN_HEADING.match(text):
        return read_heading(text)
    return heading_of(text) or read_heading(text)
