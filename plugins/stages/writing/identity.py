"""A character's looks in words: the same block in every shot, so that a model draws the same person."""

from __future__ import annotations

import re
from functools import lru_cache

from ....events.cast import Profile
from ..casting.describe import COLOURS
from ..casting.profiles import lab_squared

__all__ = ["colour_word", "identity"]

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
    """One sentence that fixes who this is."""
    who = {"female": "woman", "male": "man"}.get(profile.gender, "person")
    if profile.age < 14:
        who = {"female": "girl", "male": "boy"}.get(profile.gender, "child")
    red = int(profile.skin[1:3], 16) if _COLOUR.fullmatch(profile.skin) else 200
    skin = next(name for least, name in _SKINS if red >= least)
    style = _HAIR.get(profile.hair_style, f", {profile.hair_style}")
    bald = profile.hair_style == "bald"
    hair = "no hair" if bald else f"{colour_word(profile.hair_colour)} hair{style}"
    marks = f", {', '.join(profile.marks)}" if profile.marks else ""
    return (
        f"{character}: a {profile.build} {who} of {profile.age}, {profile.face} face, {skin} skin, "
        f"{colour_word(profile.eyes)} eyes, {hair}{marks}; wears a {colour_word(profile.clothes_colour)} "
        f"{profile.clothes} with {colour_word(profile.accent_colour)} details"
    )
