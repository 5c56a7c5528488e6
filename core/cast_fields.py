"""What a person may write about a character: the fields, what each may hold, and who they are set upon."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve, fields, frozen

from ..events.cast import CharacterWritten, Costume, Profile, Relation, Voice
from .naming import other_names

__all__ = [
    "BUILDS",
    "CLOTHES",
    "FACES",
    "FIELDS",
    "GENDERS",
    "HAIR",
    "MARKS",
    "Said",
    "checked",
    "costumes_of",
    "on_profile",
    "on_voice",
    "relations_of",
    "said_of",
]

GENDERS = ("female", "male", "neutral")
FACES = ("oval", "round", "square", "heart", "long", "diamond")
HAIR = ("long", "bob", "bun", "ponytail", "braid", "short", "crew", "side-part", "slick", "curly", "bald")
BUILDS = ("slim", "average", "broad", "heavy")
CLOTHES = (
    *("qipao", "changshan", "suit", "shirt", "jacket", "dress", "sweater", "coat", "hoodie"),
    *("uniform", "robe"),
)
MARKS = ("beard", "moustache", "goatee", "glasses", "wrinkles", "mole", "scar")
MOST_WORDS = 200
MOST_STORY = 4_000
MOST_LIST = 12
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_SCENE = re.compile(r"(?:[^/]{1,80}/)?S\d{2,4}")


def _word(*options: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in options:
            raise ValueError(f"{text[:40]!r} must be one of {', '.join(options)}")
        return text

    return check


def _whole(low: int, high: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not (text.isascii() and text.isdecimal() and len(text) < 7 and low <= int(text) <= high):
            raise ValueError(f"{text[:40]!r} must be a whole number from {low} to {high}")
        return str(int(text))

    return check


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise ValueError(f"{text[:40]!r} must be a colour like #a8324a")
    return text.lower()


def _text(most: int = MOST_WORDS) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"has {len(text)} characters; it may have at most {most}")
        if any(ord(one) < 32 and one not in "\n\t" for one in text):
            raise ValueError("holds control characters; write plain text")
        return text

    return check


def _list(options: tuple[str, ...] = ()) -> Callable[[str], str]:
    def check(text: str) -> str:
        found = list(dict.fromkeys(other_names(text)))
        if len(found) > MOST_LIST:
            raise ValueError(f"has {len(found)} entries; it may have at most {MOST_LIST}")
        for one in found:
            if options:
                _word(*options)(one)
            _text()(one)
        return ", ".join(found)

    return check


FIELDS: dict[str, Callable[[str], str]] = {
    "gender": _word(*GENDERS),
    "age": _whole(3, 105),
    "age_range": _text(),
    "face": _word(*FACES),
    "skin": _colour,
    "hair_style": _word(*HAIR),
    "hair_colour": _colour,
    "hair_length": _text(),
    "eyes": _colour,
    "eye_shape": _text(),
    "expressions": _list(),
    "build": _word(*BUILDS),
    "height": _text(),
    "posture": _text(),
    "ethnicity": _text(),
    "clothes": _word(*CLOTHES),
    "clothes_colour": _colour,
    "accent_colour": _colour,
    "marks": _list(MARKS),
    "features": _list(),
    "backstory": _text(MOST_STORY),
    "aliases": _list(),
    "voice.gender": _word(*GENDERS),
    "voice.timbre": _whole(0, 9_999),
    "voice.pitch": _whole(0, 99),
    "voice.rate": _whole(60, 140),
}
"""The fields with one name, and what checks a value and puts it into its one way of writing."""

_COSTUME: dict[str, Callable[[str], str]] = {
    "clothes": FIELDS["clothes"],
    "clothes_colour": _colour,
    "accent_colour": _colour,
    "words": _text(),
}
_LOOKS = frozenset(one.name for one in fields(Profile))
_NUMBERS = frozenset({"age"})
_LISTS = frozenset({"marks", "expressions", "features"})


def checked(name: str, value: str) -> str:
    """A value of a field as it is stored; "" takes the field back. Raises ValueError for what cannot be."""
    check = _check_of(name)
    value = value.strip()
    return check(value) if value else ""


def _check_of(name: str) -> Callable[[str], str]:
    if name in FIELDS:
        return FIELDS[name]
    group, _, rest = name.partition(".")
    if group == "relations" and 0 < len(rest) <= 80:
        return _text()
    if group == "scenes" and _SCENE.fullmatch(rest):
        return _list()
    if group == "costumes":
        costume, _, part = rest.rpartition(".")
        if part in _COSTUME and 0 < len(costume.strip()) <= 80 and "," not in costume:
            return _COSTUME[part]
    raise ValueError(
        f"no such field; there are: {', '.join(FIELDS)}, relations.NAME, "
        f"costumes.NAME.{{{','.join(_COSTUME)}}}, scenes.S01 or scenes.EPISODE/S01"
    )


@frozen
class Said:
    """A field's value in force, and where it stands."""

    value: str
    source: str


def said_of(written: Iterable[CharacterWritten], names: Iterable[str]) -> dict[str, Said]:
    """What people wrote of a character under any of its `names`, field by field, in the log's order.

    Of a file only its newest text counts, at the place of that; a later word on a field wins.
    """
    wanted = set(names)
    mine = [one for one in written if one.character in wanted]
    newest = {(one.character, one.source): one for one in mine if one.source != "command"}
    found: dict[str, Said] = {}
    for one in mine:
        if one.source != "command" and newest[one.character, one.source] is not one:
            continue
        for name, value in one.fields.items():
            if value:
                found[name] = Said(value, one.source if one.source == "command" else f"{one.source}.toml")
            elif one.source == "command":
                found.pop(name, None)
    return found


def on_profile(profile: Profile, said: Mapping[str, str]) -> Profile:
    """A profile with the looks that are said, whatever else is said."""
    change: dict[str, Any] = {}
    for name, value in said.items():
        if name in _LOOKS:
            change[name] = (
                int(value) if name in _NUMBERS else tuple(other_names(value)) if name in _LISTS else value
            )
    return evolve(profile, **change) if change else profile


def on_voice(voice: Voice, said: Mapping[str, str]) -> Voice:
    """A voice with what is said of it."""
    change: dict[str, Any] = {}
    for name, value in said.items():
        group, _, part = name.partition(".")
        if group == "voice":
            change[part] = value if part == "gender" else int(value)
    return evolve(voice, **change) if change else voice


def costumes_of(profile: Profile, said: Mapping[str, str]) -> tuple[Costume, ...]:
    """The costumes that are said, by name; what of one is not said is as in the usual clothes."""
    found: dict[str, Costume] = {}
    for name, value in said.items():
        group, _, rest = name.partition(".")
        if group != "costumes":
            continue
        costume, _, part = rest.rpartition(".")
        usual = Costume(costume, profile.clothes, profile.clothes_colour, profile.accent_colour, "")
        change: dict[str, Any] = {part: value}
        found[costume] = evolve(found.get(costume, usual), **change)
    return tuple(found[name] for name in sorted(found))


def relations_of(said: Mapping[str, str]) -> tuple[Relation, ...]:
    """What is said of others, in the order in which it was."""
    found = [(name.partition("."), value) for name, value in said.items()]
    return tuple(Relation(rest, value) for (group, _, rest), value in found if group == "relations")
