"""Full-width and half-width writing as one, without moving a character: what patterns look at."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["fold", "trim", "undress"]

_SAME: dict[int, str] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SAME |= dict.fromkeys(map(ord, "【〔［〖｛{"), "[")
_SAME |= dict.fromkeys(map(ord, "】〕］〗｝}"), "]")
_SAME |= dict.fromkeys(map(ord, "﹙⟮"), "(") | dict.fromkeys(map(ord, "﹚⟯"), ")")
_SAME |= dict.fromkeys(map(ord, "∶﹕︓ː"), ":")
_SAME |= dict.fromkeys(map(ord, "‐‑‒–—―−－﹣"), "-")
_SAME |= dict.fromkeys(map(ord, "・•‧∙⋅"), "·")
_SAME |= dict.fromkeys(map(ord, "｜│∣"), "|")
_SAME |= dict.fromkeys(map(ord, "\t\xa0\u3000\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"), " ")
_SAME |= dict.fromkeys(range(0x2000, 0x200B), " ")
_EDGE = "".join(chr(code) for code, plain in _SAME.items() if plain == " ") + " "
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*|__([^_\n]+)__")
_BULLET = re.compile(r"[-*+•●○·–]\s+(?=\S)")
_HASHES = re.compile(r"#{1,6}(?:\s+|(?=[^\s#]))")


@lru_cache(maxsize=512)  # a line is looked at by many patterns
def fold(text: str) -> str:
    """The text with half-width colons, brackets, digits, letters and spaces; as long as `text`."""
    return text.translate(_SAME)


def trim(text: str) -> str:
    """Without the white space and the invisible marks at both ends."""
    return text.strip(_EDGE).strip().strip(_EDGE)


@lru_cache(maxsize=512)
def undress(line: str) -> tuple[str, int]:
    """(what a line says without Markdown's marks, how many # it began with): `## **1-1 日 内**` -> 1-1 日 内.

    Marks are a heading's hashes, a bullet, pairs of ** or __, and * around the whole; nothing else goes.
    """
    text = trim(line)
    hashes = _HASHES.match(text)
    if hashes:
        text = text[hashes.end() :]
    else:
        bullet = _BULLET.match(text)
        text = text[bullet.end() :] if bullet else text
    if "**" in text or "__" in text:
        text = _BOLD.sub(lambda pair: pair[1] or pair[2], text)
    if len(text) > 2 and text[0] == text[-1] == "*" and text.count("*") == 2:
        text = text[1:-1]
    return trim(text), len(hashes[0].strip()) if hashes else 0
