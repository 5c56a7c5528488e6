"""A character's looks in words: the same block in every request, so that a model draws the same person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from ....events.cast import Costume, Profile
from ..casting.describe import COLOURS
from ..casting.profiles import lab_squared

__all__ = ["block", "colour_word", "identity", "worn"]

MOST = 160  # characters of any one free text in a block
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_SKINS = ((222, "fair"), (196, "light"), (170, "tan"), (130, "brown"), (0, "dark brown"))
_HAIR = {"bun": " in a bun", "ponytail": " in a ponytail", "braid": " in a braid", "bob": " cut in a bob",
         "crew": " in a crew cut"}  # fmt: skip


@lru_cache(maxsize=512)
def colour_word(colour: str) -> str:
    """#rrggbb -> the name of the nearest colour that the casting knows."""
    if not _COLOUR.fullmatch(colour):
        return "plain"
    nearest = min(COLOURS, key=lambda one: (lab_squared(colour, one), one))
    return COLOURS[nearest].split()[0].replace("-", " ")


def identity(character: str, profile: Profile) -> str:
    """One sentence that says who this is, with the clothes: for a model that tells people apart."""
    marks = f", {', '.join(profile.marks)}" if profile.marks else ""
    return (
        f"{character}: a {profile.build} {_who(profile)} of {profile.age}, {profile.face} face, "
        f"{_skin(profile)} skin, {colour_word(profile.eyes)} eyes, {_hair(profile)}{marks}; wears a "
        f"{colour_word(profile.clothes_colour)} {profile.clothes} with {colour_word(profile.accent_colour)} "
        "details"
    )


@lru_cache(maxsize=512)
def block(character: str, profile: Profile) -> str:
    """The fixed text of a character, without what is worn: equal for equal looks, whatever the scene.

    It says what must not vary. Texts of a person or a script are cut and put on one line.
    """
    lines = [
        f"IDENTITY of {_clean(character)}: {_article(profile.build)} {_who(profile)} of {profile.age}"
        + _in(" (", profile.age_range, ")")
        + _in(", ", profile.ethnicity)
        + _in(", ", profile.height)
        + _in(", ", profile.posture)
        + ".",
        f"Face: {profile.face}, {_skin(profile)} skin ({profile.skin}). "
        f"Eyes: {_in('', profile.eye_shape, ', ')}{colour_word(profile.eyes)} ({profile.eyes}). "
        f"Hair: {_hair(profile)}{_in(', ', profile.hair_length)}"
        + ("." if profile.hair_style == "bald" else f" ({profile.hair_colour})."),
    ]
    marks = [*profile.marks, *map(_clean, profile.features)]
    lines.append(f"Marks: {', '.join(marks) if marks else 'none, no beard, no glasses, no scars'}.")
    if profile.expressions:
        lines.append(f"Expressions: {'; '.join(map(_clean, profile.expressions))}.")
    lines.append(
        "MUST NOT VARY from picture to picture: the shape of the face, the skin tone, the eyes, the colour, "
        "cut and length of the hair, the age, the build and every mark. Add no mark that is not named. "
        "Nobody else in the picture has this face."
    )
    return "\n".join(lines)


def worn(profile: Profile, costume: Costume | None, state: Sequence[str]) -> str:
    """The last line of a block: what is worn in this scene, which must not vary within it, and the state.

    `profile` has the clothes of the scene already; a costume adds its words.
    """
    words = "" if costume is None else _in(", ", costume.words)
    line = (
        f"Wears: a {colour_word(profile.clothes_colour)} {profile.clothes} ({profile.clothes_colour}) with "
        f"{colour_word(profile.accent_colour)} details ({profile.accent_colour}){words}; no other clothes."
    )
    return f"{line} State: {', '.join(map(_clean, state))}." if state else line


def _who(profile: Profile) -> str:
    if profile.age < 14:
        return {"female": "girl", "male": "boy"}.get(profile.gender, "child")
    return {"female": "woman", "male": "man"}.get(profile.gender, "person")


def _skin(profile: Profile) -> str:
    red = int(profile.skin[1:3], 16) if _COLOUR.fullmatch(profile.skin) else 200
    return next(name for least, name in _SKINS if red >= least)


def _hair(profile: Profile) -> str:
    if profile.hair_style == "bald":
        return "no hair"
    return (
        f"{colour_word(profile.hair_colour)} hair{_HAIR.get(profile.hair_style, f', {profile.hair_style}')}"
    )


def _article(word: str) -> str:
    return f"an {word}" if word[:1] in tuple("aeiou") else f"a {word}"


def _in(before: str, text: str, after: str = "") -> str:
    """A free text between its marks, nothing where there is none."""
    clean = _clean(text)
    return f"{before}{clean}{after}" if clean else ""


def _clean(text: str) -> str:
    """A text on one line, without control signs, and not too long."""
    plain = "".join(" " if unicodedata.category(one) == "Cc" else one for one in text)
    return " ".join(plain.split())[:MOST]
