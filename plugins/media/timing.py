"""When the words and sounds of a line are heard: aligned by a model of the language, else estimated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from .align import Sound, Spoken, align_english
from .errors import MissingPart
from .phonetics import chinese_sounds
from .syllables import syllables_over_energy

__all__ = ["TimedLine", "spelled_sounds", "time_line"]

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_UNIT = re.compile(rf"[{_HAN}]|\d|[^\W\d_{_HAN}]+(?:['’][^\W\d_{_HAN}]+)*")
_SINGLE = re.compile(rf"[{_HAN}]|\d")
_PARTS = re.compile(r"[aeiouy]+|[bmp]|[fv]|l|[rw]|[^aeiouybmpfvlrw\W]")
_LETTERS = {"a": "a", "e": "ɛ", "i": "ɪ", "o": "ɔ", "u": "u", "y": "i"}
_GAP_MS = 150  # a quiet that lasts longer between two units lets the mouth come to rest


@dataclass(frozen=True, slots=True)
class TimedLine:
    """The words (each Chinese sign is one) and sounds of a line, in ms from its first sample.

    `how`: aligned = an acoustic model heard them; estimated = laid over the loudness by their number.
    """

    words: tuple[Spoken, ...]
    sounds: tuple[Sound, ...]
    how: Literal["aligned", "estimated"]


def time_line(
    pcm: npt.NDArray[np.int16],
    rate: int,
    text: str,
    language: str,
    sounds_of: Callable[[str], Sequence[str]],
) -> TimedLine | None:
    """Times the words of mono PCM at `rate` Hz; None where the text has none, or the sound no voice.

    English is aligned with the extra `align`; without it, for other languages, and for a line that the
    model cannot follow, syllables are laid over the energy. `sounds_of`: the IPA of an unusual word.
    """
    if language == "en":
        try:
            aligned = align_english(pcm, rate, text, sounds_of)
        except MissingPart:
            aligned = None
        if aligned is not None:
            return TimedLine(aligned.words, aligned.sounds, "aligned")
    return _estimated(pcm, rate, text)


def _estimated(pcm: npt.NDArray[np.int16], rate: int, text: str) -> TimedLine | None:
    units = [found[0] for found in _UNIT.finditer(text)]
    sounds = _sounds(text, units)
    weights: list[float] = []
    owner: list[int] = []
    for number, (unit, own) in enumerate(zip(units, sounds, strict=True)):
        beats = 1 if len(unit) == 1 else max(1, len(re.findall(r"[aeiouy]+", unit.lower())))
        weights += [max(1.0, len(own) / (2.5 * beats))] * beats
        owner += [number] * beats
    spans = syllables_over_energy(pcm, rate, weights)
    if not spans:
        return None
    words: list[Spoken] = []
    heard: list[Sound] = []
    for number, unit in enumerate(units):
        mine = [span for span, whose in zip(spans, owner, strict=True) if whose == number]
        start, end = mine[0][0], mine[-1][1]
        if words and start - words[-1].end_ms > _GAP_MS:
            heard.append(Sound(words[-1].end_ms, ""))
        words.append(Spoken(start, end, unit))
        heard += _spread(sounds[number], mine)
    heard.append(Sound(words[-1].end_ms, ""))
    return TimedLine(tuple(words), tuple(heard), "estimated")


def _sounds(text: str, units: Sequence[str]) -> list[tuple[str, ...]]:
    """The sounds of each unit; Chinese ones as they are read in this text."""
    chinese: Iterator[tuple[str, ...]] = iter(())
    if any(_single(sign) for sign in text):
        chinese = iter([own for sign, own in zip(text, chinese_sounds(text), strict=True) if _single(sign)])
    return [next(chinese) if _single(unit) else spelled_sounds(unit) for unit in units]


def _single(unit: str) -> bool:
    return _SINGLE.fullmatch(unit) is not None


def spelled_sounds(word: str) -> tuple[str, ...]:
    """The sounds of a word as its letters suggest them."""
    return tuple(
        _LETTERS[part[0]] if part[0] in _LETTERS else part if part.isascii() else "t"
        for part in _PARTS.findall(word.lower())
    )


def _spread(sounds: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[Sound]:
    """Sounds over the syllables of a word: consonants short, vowels long."""
    weights = [1.0 if _is_consonant(one) else 3.0 for one in sounds]
    total, passed = sum(weights), 0.0
    lasts = sum(end - start for start, end in spans)
    found: list[Sound] = []
    for sound, weight in zip(sounds, weights, strict=True):
        at = passed / total * lasts
        for start, end in spans:
            if at < end - start:
                found.append(Sound(start + round(at), sound))
                break
            at -= end - start
        passed += weight
    return found


def _is_consonant(sound: str) -> bool:
    return not any(sign in "aeiouyɑɛɔəɪʊɤæʌɒ" for sign in sound)
