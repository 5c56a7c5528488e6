"""What is known of a character before a face is chosen, and who said so: a person, pictures, the script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from ....core.cast_fields import Said, said_of
from ....core.naming import Names, name_key
from ....events.artifact import Artifact
from ....events.cast import CharacterWritten, LooksMeasured, Profile
from .describe import Hints

__all__ = ["DRAWN", "Known", "known_of", "pictures_of"]

DRAWN = (
    "gender",
    "age",
    "face",
    "skin",
    "hair_style",
    "hair_colour",
    "eyes",
    "build",
    "clothes",
    "clothes_colour",
    "accent_colour",
    "marks",
)
"""The looks that a painter draws, in the order in which they are told."""
_MEASURED = ("skin", "hair_colour", "clothes_colour", "accent_colour")


@frozen
class Known:
    """What a person wrote and what pictures show, field by field as text-or-value, and the pictures.

    `seen` comes from the pictures by `seen_by`.
    """

    said: Mapping[str, Said] = field(factory=dict)
    seen: Mapping[str, Any] = field(factory=dict)
    seen_by: str = ""
    pictures: tuple[Artifact, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """What a person wrote, without where."""
        return {name: one.value for name, one in self.said.items()}

    def source(self, name: str) -> str:
        """Where a field comes from; "" where neither a person nor a picture says."""
        if name in self.said:
            said = self.said[name].source
            return "the command line" if said == "command" else said
        return self.seen_by if name in self.seen else ""

    def hinted(self, hints: Hints) -> Hints:
        """A script's hints under what is known better."""
        change: dict[str, Any] = {name: self.seen[name] for name in DRAWN if name in self.seen}
        for name in DRAWN:
            if name in self.said:
                value = self.said[name].value
                change[name] = (
                    int(value)
                    if name == "age"
                    else tuple(one.strip() for one in value.split(","))
                    if name == "marks"
                    else value
                )
        if "marks" in change:
            change["shaven"] = True  # nothing is added to what is seen or written of a face
        said = tuple(dict.fromkeys((*hints.said, *(name for name in change if name in DRAWN))))
        return evolve(hints, **change, said=said)

    def worded(self, profile: Profile) -> Profile:
        """A profile with the free words that pictures brought."""
        free = {name: value for name, value in self.seen.items() if name not in DRAWN}
        return evolve(profile, **free) if free else profile


def known_of(
    name: str, written: Iterable[CharacterWritten], names: Names, measured: LooksMeasured | None = None
) -> Known:
    """What is known of a character: what was written under any of the names, and measured on a picture."""
    mine = _mine(name, written, names)
    seen = {}
    if measured is not None:
        seen = {part: getattr(measured, part) for part in _MEASURED if getattr(measured, part)}
    return Known(
        said_of(mine, {one.character for one in mine}),
        seen,
        "the colours of the picture" if seen else "",
        pictures_of(name, mine, names),
    )


def pictures_of(name: str, written: Iterable[CharacterWritten], names: Names) -> tuple[Artifact, ...]:
    """The pictures that a person put beside a character, those of the own name first."""
    newest = {(one.character, one.source): one for one in _mine(name, written, names)}
    ordered = sorted(
        newest.values(), key=lambda one: (name_key(one.character) != name_key(name), one.character)
    )
    return tuple(dict.fromkeys(picture for one in ordered for picture in one.pictures))


def _mine(name: str, written: Iterable[CharacterWritten], names: Names) -> list[CharacterWritten]:
    key = name_key(names.means(name))
    return [one for one in written if name_key(names.means(one.character)) == key]
