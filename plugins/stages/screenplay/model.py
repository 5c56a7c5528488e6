"""What a parsed screenplay is, and the bounds within which one is read."""

from __future__ import annotations

from attrs import frozen

from ....events.script import Ambiguous, CastNote, Element, Unmapped

__all__ = ["Reading", "Scene", "Screenplay", "ScriptError"]

MAX_BYTES = 2_000_000
MAX_PARAGRAPHS = 200_000
MAX_SCENES = 2_000
MAX_SCENE_TEXT = 30_000  # characters; some 70 pages, so that one scene's shots stay under 10,000 events
MAX_SCENE_ELEMENTS = 1_000
MAX_LINE = 2_000  # characters one voice says without a break


class ScriptError(ValueError):
    """The script cannot be read; the text says what is wrong, on which line, and what to do."""


@frozen
class Scene:
    """One scene in source order. `first` and `last` are source lines from 1; `time` day|night|dusk|dawn."""

    heading: str
    place: str
    interior: bool
    time: str
    first: int
    last: int
    characters: tuple[str, ...]
    elements: tuple[Element, ...]


@frozen
class Reading:
    """What a layout's reader makes of the source lines, in source order; `title` "" where there is none."""

    title: str
    elements: tuple[Element, ...]
    unmapped: tuple[Unmapped, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()


@frozen
class Screenplay:
    """A script. Each source line is in one element's span, in `unmapped`, or blank outside both.

    `unit`: what its spans count, line | paragraph (of a Word or Final Draft file).
    """

    title: str
    language: str
    format: str
    source_lines: int
    scenes: tuple[Scene, ...]
    characters: tuple[CastNote, ...]
    elements: tuple[Element, ...]
    unmapped: tuple[Unmapped, ...]
    ambiguous: tuple[Ambiguous, ...] = ()
    unit: str = "line"

    @property
    def lines(self) -> int:
        """How many spoken lines there are."""
        return sum(1 for one in self.elements if one.type == "line")
