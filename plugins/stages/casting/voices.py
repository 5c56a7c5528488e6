"""Voices for a cast: no two of one gender share a timbre; the age sets pitch and pace."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from ....events.cast import Profile, Voice

__all__ = ["choose_voice"]

_SLOW = re.compile(r"\b(?:slow|slowly|weary|calm|solemn)\b|缓慢|沉稳|慢条斯理|沉着", re.IGNORECASE)
_FAST = re.compile(r"\b(?:quick|hasty|lively|talkative|nervous)\b|急性子|活泼|快人快语|话多", re.IGNORECASE)
_DEEP = re.compile(r"\b(?:deep|gravelly|hoarse|low voice)\b|低沉|沙哑|浑厚|粗嗓", re.IGNORECASE)
_HIGH = re.compile(r"\b(?:high voice|shrill|bright voice|squeaky)\b|尖声|尖嗓|清脆|奶声", re.IGNORECASE)


def choose_voice(series: str, name: str, profile: Profile, description: str, taken: Iterable[Voice]) -> Voice:
    """The first free timbre of the gender; pitch 50 is the speaker's own middle, rate 100 normal speed.

    A child sounds higher, an old voice lower and slower; a few percent by the name keep equals apart.
    """
    gender = profile.gender if profile.gender in ("female", "male") else "female"
    used = {voice.timbre for voice in taken if voice.gender == gender}
    timbre = next(number for number in range(len(used) + 1) if number not in used)
    spread = hashlib.sha256(f"{series}\x1f{name}\x1fvoice".encode()).digest()
    age = profile.age
    pitch = 78 if age < 13 else 60 if age < 20 else 52 if age < 40 else 46 if age < 60 else 38
    rate = 104 if age < 30 else 100 if age < 55 else 90
    pitch += spread[0] % 7 - 3 + 10 * bool(_HIGH.search(description)) - 10 * bool(_DEEP.search(description))
    rate += spread[1] % 5 - 2 + 8 * bool(_FAST.search(description)) - 8 * bool(_SLOW.search(description))
    return Voice(gender=gender, timbre=timbre, pitch=max(0, min(99, pitch)), rate=max(60, min(140, rate)))
