"""What Ctrl-C, SIGTERM and a closed terminal do to a command: stop it, or the engine that it runs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["handed_to", "interrupted", "listening"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    asked = False
    stop: Callable[[], None] | None = None


def _handle(number: int, frame: FrameType | None) -> None:
    _State.asked = True
    if _State.stop is None:
        raise KeyboardInterrupt
    _State.stop()


def interrupted() -> bool:
    """Whether this command was asked to stop, even if what ran then took no notice."""
    return _State.asked


@contextmanager
def listening() -> Iterator[None]:
    """From here on each of the signals is a KeyboardInterrupt; outside the main thread nothing changes.

    A signal that the parent has chosen to ignore (nohup) stays ignored, except SIGINT and SIGTERM, which a
    shell ignores for whatever it starts in the background.
    """
    _State.asked = False
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: list[tuple[signal.Signals, Any]] = []
    try:
        for number in _SIGNALS:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue
            before.append((number, signal.signal(number, _handle)))
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@contextmanager
def handed_to(stop: Callable[[], None]) -> Iterator[None]:
    """Inside the block a signal calls `stop` and interrupts nothing else; it must only set a flag."""
    before, _State.stop = _State.stop, stop
    try:
        yield
    finally:
        _State.stop = before
