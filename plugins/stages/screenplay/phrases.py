"""Where a text may be parted: sentences of an action, and lines too long for one shot."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...media.speech_rate import spoken_ms

__all__ = ["parts_of_line", "sentences", "suffix"]

MAX_LINE_MS = 7_400  # a shot holds 8 s, less the air around the line
_SENTENCE = re.compile(r"[^.!?。！？…\n]*[.!?。！？…\n]+[\"'”’」』）)]*\s*|[^.!?。！？…\n]+$")
_ENDS = (
    re.compile(r"[.!?。！？…]+[\"'”’」』）)]*\s*"),
    re.compile(r"[,;:，、；：]\s*|\s*[—–]+\s*"),
    re.compile(r"\s+"),
)
_SHORT_DOT = re.compile(r"(?:^|[\s(])(?:mr|mrs|ms|dr|st|no|vs|jr|sr|prof|[a-z])\.\s*$", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """The sentences of an action, without the white space around; `Dr. Chen` is not two."""
    whole: list[str] = []
    for piece in _SENTENCE.findall(text):
        if whole and _SHORT_DOT.search(whole[-1][-12:]):
            whole[-1] += piece
        else:
            whole.append(piece)
    return [piece.strip() for piece in whole if re.search(r"\w", piece)]


def parts_of_line(text: str, language: str, limit_ms: int = MAX_LINE_MS) -> list[str]:
    """Parts of at most `limit_ms` each by the speech rate, whose concatenation is exactly `text`.

    Cut at the ends of sentences, else of phrases, else between words, else anywhere; parts of one text are
    balanced, so that no single word is left over.
    """
    total = spoken_ms(text, language)
    if total <= limit_ms or len(text) < 2:
        return [text]
    wanted = -(-total // limit_ms)
    for ends in _ENDS:
        cut = _nearest(text, ends, lambda head: spoken_ms(head, language), total // wanted)
        if cut:
            break
    else:
        cut = max(1, len(text) // wanted)
    return [
        *parts_of_line(text[:cut], language, limit_ms),
        *parts_of_line(text[cut:], language, limit_ms),
    ]


def _nearest(text: str, ends: re.Pattern[str], length: Callable[[str], int], aim: int) -> int:
    """The place to cut whose head is nearest to `aim` ms; 0 where there is none."""
    places = [match.end() for match in ends.finditer(text) if 0 < match.end() < len(text)]
    places = [place for place in places if re.search(r"\w", text[:place]) and re.search(r"\w", text[place:])]
    if len(places) > 40:  # near the aim by characters is near enough to choose among
        share = len(text) * aim / max(1, length(text))
        places = sorted(sorted(places, key=lambda place: abs(place - share))[:40])
    return min(places, key=lambda place: (abs(length(text[:place]) - aim), place), default=0)


def suffix(number: int) -> str:
    """0 -> a, 25 -> z, 26 -> aa: the letters behind a parted line's number."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(97 + rest) + letters
    return letters
