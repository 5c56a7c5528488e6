"""Text into HTML that can do no harm: escaped, bounded, and unable to turn the page around."""

from __future__ import annotations

import html
import unicodedata

__all__ = ["clock", "number", "safe", "shorten"]

# Marks that turn the reading direction around and would do so for what follows them, too.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def safe(text: object, most: int = 2000) -> str:
    """Any text as HTML: `<bdi>`-safe, controls and direction marks shown as U+FFFD, at most `most` signs."""
    return html.escape(_plain(str(text), most), quote=True)


def shorten(text: object, most: int = 80) -> str:
    """`safe`, for a place with little room."""
    return safe(text, most)


def _plain(text: str, most: int) -> str:
    cut = text[: most - 1] + "…" if len(text) > most else text
    return "".join(
        "\ufffd"
        if char in _TURNING or (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t")
        else char
        for char in cut
    )


def clock(ms: int) -> str:
    """Milliseconds as m:ss.t."""
    tenths = max(0, ms) // 100
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def number(value: float | None) -> str:
    """A measured number as people read it, "–" where there is none."""
    if value is None:
        return "–"
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return text if text not in ("-0", "") else "0"
