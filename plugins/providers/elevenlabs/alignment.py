"""When each letter of a line sounds, from the vendor's alignment, if it can be believed."""

from __future__ import annotations

import math
import sys
from array import array
from typing import Any

from ....events.dialogue import Letter

__all__ = ["letters_of", "sounding_ms"]

MOST_LETTERS = 2000
_SILENT = 200  # of 32768, about -44 dBFS
_LEAST_MS = 200
_SHARE = 0.06
_STRETCH = 1.25


def letters_of(alignment: Any, text: str, sounding: int, duration: int) -> tuple[Letter, ...]:
    """The letters with their times in ms, () where the alignment cannot be believed.

    Its three lists must be equally long, its times must not run backwards, and its letters must be those of
    the text (the vendor writes Chinese in Latin letters in its normalized alignment). Its end must be that of
    the voice: `sounding` is where the audio falls silent, `duration` where it ends. Where the end is off by
    more than a little the vendor's times have drifted: they are stretched to the voice, and dropped where
    that is more than a quarter.
    """
    if not isinstance(alignment, dict) or duration <= 0:
        return ()
    signs, starts, ends = (
        alignment.get(name)
        for name in ("characters", "character_start_times_seconds", "character_end_times_seconds")
    )
    if not (isinstance(signs, list) and isinstance(starts, list) and isinstance(ends, list)):
        return ()
    if not 0 < len(signs) == len(starts) == len(ends) <= MOST_LETTERS:
        return ()
    if not all(isinstance(sign, str) and 0 < len(sign) <= 8 for sign in signs):
        return ()
    begun, ended = _rising(starts), _rising(ends)
    if begun is None or ended is None or any(b > e + 1 for b, e in zip(begun, ended, strict=True)):
        return ()
    if _spoken("".join(signs)) != _spoken(text):
        return ()
    factor = _factor(ended[-1], sounding, duration)
    if factor is None:
        return ()

    def at(ms: float) -> int:
        return min(duration, round(ms * factor))

    return tuple(
        Letter(at(b), max(at(b), at(e)), sign) for b, e, sign in zip(begun, ended, signs, strict=True)
    )


def _rising(seconds: list[Any]) -> list[float] | None:
    """The times in ms; None for what is no time, or runs backwards."""
    found: list[float] = []
    last = 0.0
    for value in seconds:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        ms = value * 1000.0
        if ms < last:
            return None
        found.append(ms)
        last = ms
    return found


def _spoken(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _factor(last: float, sounding: int, duration: int) -> float | None:
    """What the times are multiplied by: 1 where the last is where the voice ends, None beyond belief."""
    near = max(_LEAST_MS, duration * _SHARE)
    if last > 0 and sounding - near <= last <= duration + 60:
        return 1.0
    if last <= 0 or sounding <= 0:
        return None
    factor = sounding / last
    return factor if 1 / _STRETCH <= factor <= _STRETCH else None


def sounding_ms(pcm: bytes, rate: int) -> int:
    """Where 16-bit mono little-endian samples fall silent for good, in ms; 0 = there is no sound at all."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    at = len(samples)
    while at and -_SILENT < samples[at - 1] < _SILENT:
        at -= 1
    return round(at * 1000 / rate)
