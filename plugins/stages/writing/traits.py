"""What routing rules are told of a question: names, words, tone and kind, as `core.rules.TRAITS` says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ....events.script import ShotPlanned

__all__ = ["joined", "kind_of_shot", "mood_of_all", "words_in"]

_PLAIN = ("calm", "quiet")


def words_in(text: str) -> int:
    """How many words there are; each sign of Chinese is one."""
    wide = sum(1 for sign in text if ord(sign) > 0x2E7F)
    return wide + len("".join(" " if ord(sign) > 0x2E7F else sign for sign in text).split())


def joined(names: Iterable[str]) -> str:
    """Names as a trait holds them."""
    return ", ".join(names)


def mood_of_all(shots: Sequence[ShotPlanned]) -> str:
    """The tone of most shots; a plain one only where there is no other."""
    moods = Counter(shot.mood for shot in shots)
    felt = [mood for mood, _ in moods.most_common() if mood not in _PLAIN]
    return (felt or list(moods) or ["calm"])[0]


def kind_of_shot(shot: ShotPlanned, opens: bool) -> str:
    """What a shot is for: establishing, background, dialogue, action or insert.

    `opens`: it is the first of its scene. A wide first shot establishes; one without anybody is background.
    """
    if shot.size == "INSERT":
        return "insert"
    if opens and shot.size in ("EWS", "WS"):
        return "establishing"
    if shot.lines:
        return "dialogue"
    return "action" if shot.on_screen else "background"
