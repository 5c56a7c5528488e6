"""How far a long piece of work is: a moving line on a terminal, elsewhere a line every ten seconds."""

from __future__ import annotations

import sys
import time

from ..core.words import shown

__all__ = ["Telling"]

TELL_SECONDS = 10.0
REDRAW_SECONDS = 0.2


class Telling:
    """Call it with what is done, how much of it, and of how much; its line is gone when its block ends."""

    def __init__(self) -> None:
        self._tty = sys.stderr.isatty()
        self._told = time.monotonic()
        self._drawn = False

    def __enter__(self) -> Telling:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._told < (REDRAW_SECONDS if self._tty else TELL_SECONDS):
            return
        self._told = now
        line = shown(f"{what}: {done}/{of}")
        try:
            sys.stderr.write(f"\r\x1b[K{line}" if self._tty else line + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # nobody listens any longer: the work goes on
        self._drawn = self._tty
