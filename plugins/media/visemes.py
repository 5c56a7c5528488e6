"""Turns the phonemes of a spoken line into mouth shapes: Rhubarb's A to H and X, with the times to show them.

A pressed (m b p), B slightly open, teeth (most consonants, ee), C open (e), D wide (a), E rounded (o), F
puckered (u w), G teeth on lip (f v), H tongue up (l), X rest. The table follows Rhubarb Lip Sync's
description of its shapes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

Shape = Literal["A", "B", "C", "D", "E", "F", "G", "H", "X"]
Cue = tuple[int, Shape]

LEAD_MS = 40  # lips move before the sound is heard: animators start a shape one or two frames early
HOLD_MS = 80  # two frames at 25 fps: shorter shapes read as flicker
CLOSURE_MS = 45  # a closure may be short, but it must fall on at least one frame at 24 fps
PAUSE_MS = 220  # a mark ("" or tone) that lasts longer is a pause: the mouth comes to rest

# Longest match first; IPA as espeak-ng prints it for English, and its own names for Mandarin ("ts.", "o-",
# "tsh").
_TABLE: dict[str, tuple[Shape, ...]] = {
    **dict.fromkeys(("p", "b", "m", "ɓ", "ʙ", "ɸ", "β"), ("A",)),
    **dict.fromkeys(("f", "v", "ɱ", "ʋ"), ("G",)),
    **dict.fromkeys(("l", "ɫ", "ɬ", "ɭ", "ʎ"), ("H",)),
    **dict.fromkeys(
        ("θ", "ð", "t", "d", "n", "s", "z", "ɾ", "ʃ", "ʒ", "tʃ", "dʒ", "ɕ", "ʑ", "tɕ", "tɕh"), ("B",)
    ),
    **dict.fromkeys(
        ("ts", "tsh", "ts.", "ts.h", "s.", "z.", "ʂ", "ʐ", "k", "ɡ", "g", "ŋ", "h", "x", "χ"), ("B",)
    ),
    **dict.fromkeys(("kh", "th", "ç", "ʔ", "ɲ", "ɳ", "c", "ɟ", "q"), ("B",)),
    "ph": ("A",),
    **dict.fromkeys(("ɹ", "r", "ɚ", "ɝ", "ɜ", "ɻ"), ("E",)),
    **dict.fromkeys(("i", "j", "I"), ("B",)),
    **dict.fromkeys(("ɪ", "ᵻ", "ɨ", "i.", "i[", "i̪"), ("C",)),
    **dict.fromkeys(("e", "ɛ", "ə", "ʌ", "E", "ɘ", "ɤ", "o-", "ɐ", "ɵ", "ɯ"), ("C",)),
    **dict.fromkeys(("a", "ɑ", "æ", "A", "ɶ"), ("D",)),
    **dict.fromkeys(("ɔ", "o", "ɒ", "O", "ɞ"), ("E",)),
    **dict.fromkeys(("u", "ʊ", "w", "y", "ɥ", "ø", "œ", "ʉ", "U", "ʏ"), ("F",)),
    **dict.fromkeys(("əʊ", "oʊ"), ("E", "F")),
    **dict.fromkeys(("aɪ", "ɑɪ", "ai"), ("D", "B")),
    **dict.fromkeys(("aʊ", "ɑʊ", "au"), ("D", "F")),
    "ɔɪ": ("E", "B"),
    "eɪ": ("C", "B"),
    "ei": ("C", "B"),
}
_LONGEST = max(len(key) for key in _TABLE)
_VOWELS: dict[str, Shape] = {"a": "D", "e": "C", "i": "B", "o": "E", "u": "F", "y": "F"}
_OPENNESS: dict[Shape, int] = {"X": 0, "A": 0, "B": 1, "G": 2, "F": 2, "H": 2, "C": 3, "E": 3, "D": 4}


class Timed(Protocol):
    """What a phoneme must have: when it starts (ms) and its symbol."""

    @property
    def start_ms(self) -> int: ...

    @property
    def symbol(self) -> str: ...


def shapes_of(symbol: str) -> tuple[Shape, ...]:
    """The mouth shapes of one phoneme symbol in order; () for a tone, stress or pause mark or a "(en)"
    switch."""
    if symbol.startswith("("):
        return ()
    shapes: list[Shape] = []
    at = 0
    while at < len(symbol):
        for size in range(min(_LONGEST, len(symbol) - at), 0, -1):
            known = _TABLE.get(symbol[at : at + size])
            if known is not None:
                shapes.extend(known)
                at += size
                break
        else:
            unknown = _class_shape(symbol[at])
            if unknown is not None:
                shapes.append(unknown)
            at += 1
    return tuple(shape for i, shape in enumerate(shapes) if i == 0 or shapes[i - 1] != shape)


def _class_shape(char: str) -> Shape | None:
    """The nearest shape of a letter that the table lacks, by its class; None for what is no letter."""
    if not unicodedata.category(char).startswith("L") or unicodedata.category(char) == "Lm":
        return None
    base = unicodedata.normalize("NFD", char.lower())[0]
    return _VOWELS.get(base, "B")


def mouth_cues(phonemes: Sequence[Timed], duration_ms: int) -> list[Cue]:
    """(start_ms, shape) of every change of the mouth over one line.

    Starts at 0, strictly rising times, no two equal shapes in a row, ends with X at `duration_ms` (earlier
    if the mouth already rests). A shape is held for at least HOLD_MS; a closure A is never dropped and holds
    CLOSURE_MS. Times outside 0..duration_ms are clamped, phonemes out of order are sorted. ValueError if
    `duration_ms` < 0.
    """
    if duration_ms < 0:
        raise ValueError(f"a line cannot last {duration_ms} ms")
    cues: list[Cue] = [(0, "X")]
    if duration_ms < HOLD_MS:
        return cues  # too short for any shape
    for start, shape in _wanted(phonemes, duration_ms):
        _place(cues, start, shape, duration_ms)
    if cues[-1][1] != "X":
        cues.append((duration_ms, "X"))
    return cues


def _wanted(phonemes: Iterable[Timed], duration_ms: int) -> list[Cue]:
    """Every shape at the time it should start, before holds are enforced."""
    timed = sorted(((min(max(p.start_ms, 0), duration_ms), i, p.symbol) for i, p in enumerate(phonemes)))
    wanted: list[Cue] = []
    for index, (start, _, symbol) in enumerate(timed):
        end = timed[index + 1][0] if index + 1 < len(timed) else duration_ms
        shapes = shapes_of(symbol)
        if not shapes:
            following = next((s for s, _, later in timed[index + 1 :] if shapes_of(later)), duration_ms)
            if following - start >= PAUSE_MS:
                wanted.append((start + LEAD_MS, "X"))
            continue
        for part, shape in enumerate(shapes):
            at = start + (end - start) * part // len(shapes) - LEAD_MS
            wanted.append((max(0, min(at, duration_ms - _hold(shape))), shape))
    return wanted


def _hold(shape: Shape) -> int:
    return CLOSURE_MS if shape == "A" else HOLD_MS


def _place(cues: list[Cue], start: int, shape: Shape, duration_ms: int) -> None:
    """Adds one shape, giving up what is held too short: closures win, then the wider open shape."""
    last_start, last = cues[-1]
    if shape == last:
        return
    held = start - last_start
    if held >= _hold(last) or (last_start == 0 and last == "X" and held > 0):
        if start < duration_ms:
            cues.append((start, shape))
        return
    if last == "A":
        # the closure is seen first, then this shape, a moment late
        if last_start + CLOSURE_MS + HOLD_MS <= duration_ms:
            cues.append((last_start + CLOSURE_MS, shape))
        return
    later = last_start + HOLD_MS
    if shape == "X":
        if later + HOLD_MS <= duration_ms:
            cues.append((later, shape))  # a pause must close the mouth, if a moment late
        return
    if shape == "A" and later - start <= LEAD_MS and later + CLOSURE_MS <= duration_ms:
        cues.append((later, shape))  # later than planned, still not after its sound
        return
    if shape == "A" or _OPENNESS[shape] > _OPENNESS[last]:
        cues.pop()
        if cues and cues[-1][1] == shape:
            return
        cues.append((last_start, shape))
