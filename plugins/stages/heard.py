"""Puts the times of the words that a model heard onto the words of the script, which are never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attrs import frozen

from ...events.dialogue import Letter, Word

__all__ = ["heard_letters"]

_MOST_SIGNS = 2_000
_MOST_CELLS = 250_000  # of the table that matches what is not the same at both ends
_NARROW_MS = 72  # how long a Latin character is taken to sound where nobody heard it
_WIDE_MS = 250
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_TOKEN = re.compile(rf"[{_HAN}]|\d|[^\W\d_{_HAN}]+")


@frozen
class _Token:
    """A word, a Chinese sign or a digit, and when it sounds."""

    text: str
    start_ms: int = 0
    end_ms: int = 0

    @property
    def key(self) -> str:
        """What two spellings of the same have in common."""
        return self.text.casefold()

    @property
    def wide(self) -> bool:
        """Whether it is a Chinese sign."""
        return ord(self.text[0]) > 0x2E7F

    @property
    def usual_ms(self) -> int:
        """How long it is taken to sound."""
        return len(self.text) * (_WIDE_MS if self.wide else _NARROW_MS)


def heard_letters(text: str, words: Sequence[Word], duration_ms: int) -> tuple[Letter, ...]:
    """The letters of a line's words with their times, as far as the line was heard.

    Words are matched by order. One that was heard as another has that one's time, and one that nobody heard
    the time that is left between its neighbours. () where less than half of the line was heard: then these
    are the times of something else.
    """
    said = _tokens(text[:_MOST_SIGNS])
    heard = _heard(words, max(0, duration_ms))
    pairs = _pairs(said, heard)
    known = sum(len(said[one].text) for one, _ in pairs)
    if not pairs or known * 2 < sum(len(one.text) for one in said):
        return ()
    letters: list[Letter] = []
    for one in _timed(said, heard, pairs, duration_ms):
        if letters:  # a blank, so that two words are not spelled as one
            letters.append(Letter(letters[-1].end_ms, max(letters[-1].end_ms, one.start_ms), " "))
        lasts, signs = one.end_ms - one.start_ms, len(one.text)
        edges = [one.start_ms + lasts * n // signs for n in range(signs + 1)]
        letters += (Letter(edges[n], edges[n + 1], sign) for n, sign in enumerate(one.text))
    return tuple(letters)


def _tokens(text: str) -> list[_Token]:
    return [_Token(found[0]) for found in _TOKEN.finditer(text)]


def _heard(words: Sequence[Word], duration_ms: int) -> list[_Token]:
    """What was heard in pieces as the script's words are cut, in order, inside the sound."""
    found: list[_Token] = []
    last = 0
    for word in words[:_MOST_SIGNS]:
        parts = _tokens(word.text[:200])
        start = min(max(word.start_ms, last), duration_ms)
        lasts = min(max(word.end_ms, start), duration_ms) - start
        size, passed = sum(len(part.text) for part in parts), 0
        for part in parts:
            begin, passed = passed, passed + len(part.text)
            found.append(_Token(part.text, start + lasts * begin // size, start + lasts * passed // size))
        last = start
    return found[:_MOST_SIGNS]


def _pairs(said: Sequence[_Token], heard: Sequence[_Token]) -> list[tuple[int, int]]:
    """Which word of the script is which of those heard: as many as possible, in order.

    A Chinese sign that was written as another (a traditional one, or one that sounds the same) counts too
    where just as many were heard there.
    """
    a, b = [one.key for one in said], [one.key for one in heard]
    first = 0
    while first < min(len(a), len(b)) and a[first] == b[first]:
        first += 1
    last = 0
    while last < min(len(a), len(b)) - first and a[-1 - last] == b[-1 - last]:
        last += 1
    middle = _longest(a[first : len(a) - last], b[first : len(b) - last])
    same = [(n, n) for n in range(first)]
    same += ((first + i, first + j) for i, j in middle)
    same += ((len(a) - n, len(b) - n) for n in range(last, 0, -1))
    found: list[tuple[int, int]] = []
    i = j = 0
    for x, y in (*same, (len(a), len(b))):
        if x - i == y - j and all(one.wide for one in (*said[i:x], *heard[j:y])):
            found += zip(range(i, x), range(j, y), strict=True)
        if x < len(a):
            found.append((x, y))
        i, j = x + 1, y + 1
    return found


def _longest(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """The longest sequence that both have, as places in each; [] where that would take too long to find."""
    if len(a) * len(b) > _MOST_CELLS:
        return []
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        row, below = rows[i], rows[i + 1]
        for j in range(len(b) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if a[i] == b[j] else max(below[j], row[j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif rows[i + 1][j] >= rows[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _timed(
    said: Sequence[_Token], heard: Sequence[_Token], pairs: Sequence[tuple[int, int]], duration_ms: int
) -> Iterable[_Token]:
    """The script's words with times; one for which there is no time is left out: it was swallowed."""
    i = j = before = 0
    for x, y in (*pairs, (len(said), len(heard))):
        until = heard[y].start_ms if y < len(heard) else duration_ms
        yield from _between(said[i:x], heard[j:y], before, until, from_end=i == 0)
        if x < len(said):
            yield _Token(said[x].text, heard[y].start_ms, heard[y].end_ms)
            before = max(before, heard[y].end_ms)
        i, j = x + 1, y + 1


def _between(
    said: Sequence[_Token], heard: Sequence[_Token], start: int, end: int, *, from_end: bool
) -> Iterable[_Token]:
    """Words that were not heard as themselves: over what was heard instead, else for as long as is usual."""
    usual = sum(one.usual_ms for one in said)
    if heard:
        start, end = max(start, heard[0].start_ms), min(end, max(one.end_ms for one in heard))
    elif from_end:
        start = max(start, end - usual)
    else:
        end = min(end, start + usual)
    if end <= start:
        return
    passed = 0
    for one in said:
        begin, passed = passed, passed + one.usual_ms
        lasts = end - start
        yield _Token(one.text, start + lasts * begin // usual, start + lasts * passed // usual)
