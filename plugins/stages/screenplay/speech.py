"""Takes `小美（低声）：你走。（转身）别回头。` apart, so that not one spoken word is lost or changed."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from .widths import fold, trim

__all__ = ["ENDED", "Spoken", "Words", "split_speech", "split_words", "without_label"]

MAX_LABEL = 120  # characters before the colon, brackets and all
MAX_DIRECTION = 200  # what is longer in brackets is no direction but text
MAX_DIRECTIONS = 40  # of one speech; more stay in its text
_NO_NAME = re.compile(r"[,。!?;“”\"‘’《》<>=~…`^$%|*\\♪]")
_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
ENDED = re.compile(r"[。.！？!?….”\"』」～~—）)\]】-]\s*$")  # how a speech ends that does not go on below
_PAIRS = {")": "(", "]": "["}


@frozen
class Spoken:
    """A line in the shape of speech, as written: the name, the brackets beside it, what follows the colon."""

    name: str
    notes: tuple[str, ...]
    text: str


@frozen
class Words:
    """What is said of a speech's text. `notes`: the brackets in it; `doubtful`: those amid the words."""

    text: str
    notes: tuple[str, ...]
    doubtful: tuple[str, ...]


@lru_cache(maxsize=512)
def split_speech(text: str) -> Spoken | None:
    """The parts of a line that has a name and a colon; None when it cannot be speech. Any widths."""
    plain = fold(text)
    name: list[str] = []
    notes: list[str] = []
    at, stop = 0, min(len(plain), MAX_LABEL)
    while at < stop and plain[at] != ":":
        if plain[at] in "([":
            close = _close(plain, at, stop)
            if close < 0:
                return None
            notes.append(trim(text[at + 1 : close]))
            name.append(" ")
            at = close + 1
            continue
        if plain[at] in ")]":
            return None
        name.append(text[at])
        at += 1
    if at >= stop:
        return None
    bare = " ".join("".join(name).split())
    if not is_name_shaped(bare):
        return None
    return Spoken(bare, tuple(note for note in notes if note), trim(text[at + 1 :]))


def is_name_shaped(name: str) -> bool:
    """Whether a text may be a name or several: letters, few words, no punctuation of a sentence."""
    plain = fold(name)
    if not _LETTER.search(plain) or _NO_NAME.search(plain) or "://" in name:
        return False
    return len(plain) <= (20 if _HAN.search(plain) else 48) and len(plain.split()) <= 6


def _close(plain: str, start: int, stop: int) -> int:
    depth = 0
    for at in range(start, stop):
        if plain[at] in "([":
            depth += 1
        elif plain[at] in ")]":
            depth -= 1
            if not depth:
                return at
    return -1


def split_words(text: str) -> Words:
    """Parts spoken words from stage directions: every closed bracket is one, word for word, in order.

    What is not closed, or is too long for a direction, stays among the words. A direction that stands in the
    middle of a phrase is `doubtful`: it may be words that are spoken.
    """
    plain = fold(text)
    pieces: list[str] = []
    notes: list[str] = []
    doubtful: list[str] = []
    at = 0
    for start, end in _brackets(plain)[:MAX_DIRECTIONS]:
        inside = trim(text[start + 1 : end - 1])
        before, after = text[at:start], text[end:]
        if before[-1:].isspace() and (not after or after[:1].isspace()):
            before = before.rstrip()
        if inside:
            notes.append(inside)
            if re.match(r"\w", before[-1:]) and re.match(r"\w", after[:1]):
                doubtful.append(inside)
        pieces.append(before)
        at = end
    pieces.append(text[at:])
    return Words(trim("".join(pieces)), tuple(notes), tuple(doubtful))


def _brackets(plain: str) -> list[tuple[int, int]]:
    """The outermost closed brackets, from left to right, without those that are too long; one pass."""
    if "(" not in plain and "[" not in plain:
        return []
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for at, char in enumerate(plain):
        if char in "([":
            opened.append((char, at))
        elif char in _PAIRS and opened and opened[-1][0] == _PAIRS[char]:
            start = opened.pop()[1]
            if at + 1 - start <= MAX_DIRECTION:
                while found and found[-1][0] > start:
                    found.pop()
                found.append((start, at + 1))
    return found


def without_label(text: str) -> str:
    """What stands behind a leading colon, as in `【镜头】：特写`."""
    bare = trim(text)
    return trim(bare[1:]) if fold(bare[:1]) == ":" else bare
