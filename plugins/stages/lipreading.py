"""Makes phonemes fit to time a mouth by: cleans a voice engine's, and guesses some where it gave none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...events.dialogue import Phoneme

__all__ = ["articulated", "guessed_phonemes", "sane_phonemes"]

_MOST = 20_000
_MOST_SIGNS = 2_000
_PAUSE_MS = 220  # a mark that lasts longer is a rest, not a vowel's end
_STRESS = "ˈˌ"
_CONSONANTS = tuple("pbmfvtdnszlkɡgxχhɕʂʐʃʒθð")
_UNIT = re.compile(
    r"(?P<han>[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af])"
    r"|(?P<pause>[,;:.!?，、；：。！？…—]+)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<digit>\d)"
)
_PARTS = re.compile(r"[aeiouy]+|[bmp]|[fv]|[l]|[rw]|[^aeiouybmpfvlrw]")
_LETTERS = {"a": "a", "e": "ɛ", "i": "ɪ", "o": "ɔ", "u": "u", "y": "i"}
# Without a dictionary the vowel of a Chinese sign is not known; which of these it gets only has to vary.
_FINALS = ("a", "ə", "i", "o", "u", "ai", "au", "ei")


def sane_phonemes(phonemes: Sequence[Phoneme], duration_ms: int) -> tuple[Phoneme, ...]:
    """A provider's phonemes in order, inside the line, of a bounded number; () where none says anything."""
    if duration_ms <= 0:
        return ()
    kept = [Phoneme(min(max(one.start_ms, 0), duration_ms), one.symbol[:16]) for one in phonemes[:_MOST]]
    kept.sort(key=lambda one: one.start_ms)
    return tuple(kept) if any(one.symbol.strip() for one in kept) else ()


def articulated(phonemes: Sequence[Phoneme], language: str) -> tuple[Phoneme, ...]:
    """The phonemes as the jaw follows them, rather than as they sound.

    A voice engine marks a vowel's end ("") some 70 ms before the next consonant sounds; the mouth does not
    wait with the vowel's shape for that sound, it closes towards the consonant as the vowel dies away. And in
    Chinese [i] carries whole syllables, as loud as any vowel: drawn like the consonants around it, with the
    teeth together, the mouth would not be seen to speak them, so it opens as for [ɪ].
    """
    if language == "zh":
        phonemes = [
            Phoneme(one.start_ms, "ɪ") if one.symbol.lstrip(_STRESS) == "i" else one for one in phonemes
        ]
    moved: list[Phoneme] = []
    for one, after in zip(phonemes, [*phonemes[1:], None], strict=False):
        said = "" if after is None else after.symbol.lstrip(_STRESS)
        if (
            after is not None
            and not one.symbol.strip()
            and said.startswith(_CONSONANTS)
            and after.start_ms - one.start_ms < _PAUSE_MS
        ):
            moved.append(Phoneme(one.start_ms, after.symbol))
        else:
            moved.append(one)
    return tuple(moved)


def guessed_phonemes(text: str, duration_ms: int) -> tuple[Phoneme, ...]:
    """Phonemes spread over the line by its text: a syllable for each Chinese sign, sounds by spelling.

    A guess for voices that report no times: the mouth moves as often as the line has syllables, and rests
    at its punctuation; it does not know when each really sounds. () for a text with nothing to say.
    """
    units: list[tuple[str, int]] = []  # symbol and weight
    for found in _UNIT.finditer(text[:_MOST_SIGNS]):
        if found["han"] or found["digit"]:
            sign = ord(found[0])
            units.append(("t" if sign % 3 else "m", 1))
            units.append((_FINALS[sign % len(_FINALS)], 3))
        elif found["pause"]:
            units.append(("", 3))
        else:
            for part in _PARTS.findall(found[0].lower()):
                vowel = part[0] in _LETTERS
                units.append(
                    (_LETTERS[part[0]] if vowel else part if part.isascii() else "t", 3 if vowel else 1)
                )
    while units and not units[-1][0]:
        units.pop()
    total = sum(weight for _, weight in units)
    if not total or duration_ms <= 0:
        return ()
    phonemes: list[Phoneme] = []
    passed = 0
    for symbol, weight in units:
        phonemes.append(Phoneme(duration_ms * passed // total, symbol))
        passed += weight
    return tuple(phonemes)
