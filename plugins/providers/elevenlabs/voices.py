"""Which of the vendor's voices a character speaks with: by gender and age, the timbre counts through them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ....core.errors import BadSetting
from ....events.cast import Voice
from .catalogue import VOICES

__all__ = ["GROUPS", "voice_for", "voices_of"]

GROUPS = tuple(f"{gender}{age}" for gender in ("female", "male", "neutral") for age in ("", "-young", "-old"))
"""The names that a table of voices may have."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# A cast's voice has no age, but its pitch is set by it: children and youths above, the old below the middle.
_YOUNG_FROM = 57
_OLD_TO = 41


def voices_of(provider: str, own: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The voices by group, those of a studio before the premade ones. Raises BadSetting, naming the key."""
    table = f"[providers.{provider}.voices]"
    found = dict(VOICES)
    for group, value in own.items():
        if group not in GROUPS:
            raise BadSetting(f"{table} {group}: no such group; there are: {', '.join(GROUPS)}")
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not listed:
            raise BadSetting(f'{table} {group} must be a list of voice ids, like ["EXAVITQu4vr4xnSDxMaL"]')
        for one in listed:
            if not isinstance(one, str) or not _ID.fullmatch(one):
                raise BadSetting(f"{table} {group}: {one!r} is no voice id")
        found[group] = tuple(listed)
    return found


def voice_for(voice: Voice, voices: Mapping[str, tuple[str, ...]]) -> str:
    """The id of the voice for a character's; the same character always has the same."""
    age = "-young" if voice.pitch >= _YOUNG_FROM else "-old" if voice.pitch <= _OLD_TO else ""
    gender = voice.gender if voice.gender in ("female", "male") else "neutral"
    names = voices.get(f"{gender}{age}") or voices.get(gender) or voices["neutral"]
    return names[voice.timbre % len(names)]
