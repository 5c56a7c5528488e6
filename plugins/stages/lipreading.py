"""Makes phonemes fit to time a mouth by: cleans a voice engine's, and guesses some where it gave none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...events.dialogue import Letter, Phoneme
from ..media.phonetics import chinese_sounds

__all__ = ["articulated", "guessed_phonemes", "lettered_phonemes", "sane_phonemes"]

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
_VOWELS = frozenset("aeiouyɑɛɤəʊ")
_UNREAD = ("t", "a")  # of a sign that no dictionary has


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
    """Phonemes spread over the line by its text: a syllable for each Chinese sign, as it is read in this
    text, and English sounds by spelling.

    A guess for voices that report no times: the mouth moves as often as the line has syllables, and rests
    at its punctuation; it does not know when each really sounds. () for a text with nothing to say.
    """
    units: list[tuple[str, int]] = []  # symbol and weight
    said = text[:_MOST_SIGNS]
    syllables = _syllables(said)
    for found in _UNIT.finditer(said):
        if found["han"] or found["digit"]:
            units += _weighted(syllables[found.start()])
        elif found["pause"]:
            units.append(("", 3))
        else:
            for part in _PARTS.findall(found[0].lower()):
                units.append((_sound(part), 3 if part[0] in _LETTERS else 1))
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


def lettered_phonemes(letters: Sequence[Letter], duration_ms: int) -> tuple[Phoneme, ...]:
    """Phonemes at the times of a line's letters: when each sounds is known, which it is is read off the
    spelling.

    A Chinese sign is a syllable that begins with its time; the mouth rests at marks, and where a blank or a
    gap lets the voice wait. () where no letter says anything.
    """
    if duration_ms <= 0:
        return ()
    spans: list[tuple[int, int]] = []  # when each character of the text begins and ends
    text = ""
    for letter in sorted(letters[:_MOST_SIGNS], key=lambda one: one.start_ms):
        start = min(max(letter.start_ms, 0), duration_ms)
        span = (start, min(max(letter.end_ms, start), duration_ms))
        spans += [span] * len(letter.text[:8])
        text += letter.text[:8]
    found: list[Phoneme] = []
    quiet = 0  # until when the letters so far have sounded
    syllables = _syllables(text)
    for unit in _UNIT.finditer(text):
        start, end = spans[unit.start()][0], spans[unit.end() - 1][1]
        if found and found[-1].symbol and start > quiet:
            found.append(Phoneme(quiet, ""))
        if unit["pause"]:
            found.append(Phoneme(start, ""))
            continue
        if unit["word"]:
            found += _spelled(unit[0], [spans[at][0] for at in range(unit.start(), unit.end())])
        else:
            sounds = _weighted(syllables[unit.start()])
            whole, passed = sum(weight for _, weight in sounds), 0
            for symbol, weight in sounds:
                found.append(Phoneme(start + (end - start) * passed // whole, symbol))
                passed += weight
        quiet = max(quiet, end)
    if not any(one.symbol for one in found):
        return ()
    if found[-1].symbol and quiet < duration_ms:
        found.append(Phoneme(quiet, ""))
    return tuple(sorted(found, key=lambda one: one.start_ms))  # letters may overlap


def _spelled(word: str, starts: Sequence[int]) -> list[Phoneme]:
    """The sounds of a word by its spelling, each with the time of its first letter."""
    plain = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in word)
    return [Phoneme(starts[part.start()], _sound(part[0])) for part in _PARTS.finditer(plain)]


def _sound(part: str) -> str:
    return _LETTERS[part[0]] if part[0] in _LETTERS else part if part.isascii() else "t"


def _syllables(text: str) -> list[tuple[str, ...]]:
    """The sounds of each character that is a Chinese sign or a digit, as it is read here; () for others."""
    if not any(found["han"] or found["digit"] for found in _UNIT.finditer(text)):
        return [()] * len(text)
    return chinese_sounds(text)


def _weighted(sounds: Sequence[str]) -> list[tuple[str, int]]:
    """The sounds of a syllable with how long each lasts beside the others."""
    return [(sound, 3 if _VOWELS.intersection(sound) else 1) for sound in sounds or _UNREAD]
