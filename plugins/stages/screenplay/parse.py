"""From a script's text to a Screenplay: the layout's reader, then scenes, numbered lines and people."""

from __future__ import annotations

from typing import Any

import attrs

from ....events.script import Element, Unmapped
from . import model
from .chinese import read_chinese
from .chinese_marks import heading_of
from .detect import decode, detect_format, detect_language, split_lines
from .fountain import read_fountain
from .headings import FOUNTAIN_HEADING, GOES_ON, Heading, read_heading
from .model import Scene, Screenplay, ScriptError
from .names import is_narrator
from .people import MAX_CHARACTERS, People

__all__ = ["FORMATS", "parse", "read"]

FORMATS = ("auto", "fountain", "chinese")
_HELP = {
    "fountain": "start each scene with a line such as `INT. TEAHOUSE - NIGHT`",
    "chinese": "start each scene with a line such as `1-1 夜 内 茶馆`",
}


def read(data: bytes, format: str = "", file: str = "the script", language: str = "auto") -> Screenplay:
    """Reads a script file's bytes. `format`: "" or auto = detect; `language`: auto | zh | en.

    Raises ScriptError for what is empty, binary, too big, or has no scene.
    """
    return parse(decode(data, file), format, file, language)


def parse(text: str, format: str = "", file: str = "the script", language: str = "auto") -> Screenplay:
    """Reads a script's text; linear in its length. Raises ScriptError, and nothing else, for any text."""
    layout = format or "auto"
    if layout not in FORMATS:
        raise ScriptError(f"{file}: no format {layout!r}; there are: {', '.join(FORMATS)}")
    if layout == "auto":
        layout = detect_format(text)
    spoken = detect_language(text) if language not in ("zh", "en") else language
    lines = split_lines(text)
    title, elements, unmapped = read_chinese(lines) if layout == "chinese" else read_fountain(lines)
    if not any(one.type == "heading" for one in elements):
        other = "chinese" if layout == "fountain" else "fountain"
        hint = f"; or, if it is {other}, say so with the format" if not format or format == "auto" else ""
        raise ScriptError(
            f"{file}, line 1 to {max(1, len(lines))}: no scene in it (read as {layout}); "
            f"{_HELP[layout]}{hint}"
        )
    return _assemble(file, layout, spoken, title, elements, unmapped, len(lines))


def _assemble(
    file: str,
    layout: str,
    language: str,
    title: str,
    elements: list[Element],
    unmapped: list[Unmapped],
    source_lines: int,
) -> Screenplay:
    elements = sorted(elements, key=lambda one: one.first)
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
                f"{file}, line {one.first}: {one.character} says {len(one.text):,} characters "
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
    scenes = _scenes(file, numbered, people, layout)
    return Screenplay(
        title=title[:200],
        language=language,
        format=layout,
        source_lines=source_lines,
        scenes=scenes,
        characters=people.notes(),
        elements=tuple(numbered),
        unmapped=tuple(sorted(unmapped, key=lambda one: one.number)),
    )


def _scenes(file: str, elements: list[Element], people: People, layout: str) -> tuple[Scene, ...]:
    """Cuts at the headings. Action and speech above the first one belong to the first scene."""
    starts = [place for place, one in enumerate(elements) if one.type == "heading"]
    if len(starts) > model.MAX_SCENES:
        raise ScriptError(
            f"{file}, line {elements[starts[model.MAX_SCENES]].first}: "
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
                f"{file}, line {heading.first}: this scene has {len(own):,} elements and {size:,} "
                f"characters, more than {model.MAX_SCENE_ELEMENTS:,} or {model.MAX_SCENE_TEXT:,}; "
                "part it into several scenes"
            )
        said = _heading(heading.text, layout)
        goes_on = bool(scenes) and not said.timed and GOES_ON.search(heading.text) is not None
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


def _heading(text: str, layout: str) -> Heading:
    if layout == "chinese" and not FOUNTAIN_HEADING.match(text):
        return heading_of(text) or read_heading(text)
    return read_heading(text)
