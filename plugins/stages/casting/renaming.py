"""A script under the names of its characters: where it uses another name for one, that one's own."""

from __future__ import annotations

from attrs import evolve

from ....core.naming import Names
from ....events.script import CastNote, Element
from ..screenplay.model import Scene, Screenplay

__all__ = ["as_known"]


def as_known(script: Screenplay, names: Names) -> Screenplay:
    """The script with every speaker and every name of a person resolved; its texts stay as they are.

    Of several names of one character the first one's place counts, and all of their lines.
    """
    if not names:
        return script
    return evolve(
        script,
        scenes=tuple(_scene(one, names) for one in script.scenes),
        characters=_notes(script.characters, names),
        elements=tuple(_element(one, names) for one in script.elements),
    )


def _element(element: Element, names: Names) -> Element:
    if not element.character or not names.is_alias(element.character):
        return element
    return evolve(element, character=names.means(element.character))


def _scene(scene: Scene, names: Names) -> Scene:
    characters = tuple(dict.fromkeys(names.means(one) for one in scene.characters))
    return evolve(
        scene, characters=characters, elements=tuple(_element(one, names) for one in scene.elements)
    )


def _notes(notes: tuple[CastNote, ...], names: Names) -> tuple[CastNote, ...]:
    found: dict[str, CastNote] = {}
    for note in notes:
        name = names.means(note.name)
        first = found.get(name)
        if first is None:
            found[name] = evolve(note, name=name)
            continue
        words = "\n".join(one for one in (first.description, note.description) if one)
        found[name] = CastNote(name, first.lines + note.lines, min(first.first, note.first), words)
    return tuple(found.values())
