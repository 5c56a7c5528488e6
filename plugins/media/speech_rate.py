"""How long a line will take to say, before anyone has spoken it."""

from __future__ import annotations

import re

CHARACTERS_PER_SECOND = 4.5  # Chinese drama dialogue; the plausible band is 3 to 6
WORDS_PER_SECOND = 2.7  # English conversation, about 160 words a minute
BEAT_MS = 300  # the breath around a line
_PAUSE_MS = 180  # a comma, a full stop or dots inside the line

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DIGITS = re.compile(r"\d+")
_PAUSES = re.compile(r"[,;:.!?，、；：。！？…—]+")


def spoken_ms(text: str, language: str) -> int:
    """Planned duration of a line in ms: Chinese characters and words of other scripts add up, plus pauses
    and a beat.

    `language` ("en" | "zh") decides how digits are read: "1984" is four characters in Chinese and about as
    many words in English, at that language's pace. Text with nothing to say takes two beats.
    """
    characters = len(_HAN.findall(text))
    words = len(_WORD.findall(_HAN.sub(" ", text)))
    digits = sum(len(run) for run in _DIGITS.findall(text))
    if language == "zh":
        characters += digits
    else:
        words += digits
    if characters + words == 0:
        return 2 * BEAT_MS
    pauses = max(0, len(_PAUSES.findall(text.strip())) - (1 if _PAUSES.search(text.strip()[-1:]) else 0))
    sounding = characters * 1000 / CHARACTERS_PER_SECOND + words * 1000 / WORDS_PER_SECOND
    return round(sounding + pauses * _PAUSE_MS + BEAT_MS)
