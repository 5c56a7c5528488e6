"""Interrupts what a plugin begins on the engine's own thread and never ends: reactions, imports, makers."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, ParamSpec, TypeVar, TypeVarTuple

__all__ = ["LOAD_SECONDS", "REACTION_SECONDS", "Hung", "Watchdog", "door", "interrupt"]

REACTION_SECONDS = 10.0
"""After so long a reaction is interrupted: they take microseconds, and read nothing."""
LOAD_SECONDS = 60.0
"""After so long an import, a constructor or a declaring hook is interrupted."""

P = ParamSpec("P")
R = TypeVar("R")
Args = TypeVarTuple("Args")
_LOOKS = 8
_PATIENCE = 200
_PAUSE_S = 0.01
_OURS = tuple(str(Path(__file__).parents[1] / wing) + "/" for wing in ("core", "events"))


class Hung(BaseException):
    """Raised in a plugin that did not return in time. No Exception, so that a plugin's own net lets it by."""

    def __init__(self, why: str = "it did not return in time and was interrupted") -> None:
        super().__init__(why)


class Watchdog:
    """Watches one thread while it is entered; `run` is what it watches. It may be entered again inside.

    It costs a look now and then, eight in `seconds`, and two assignments a call. In the main thread a timer's
    signal looks, which also ends a sleep, a read or a regular expression without end. Where that is not to
    be had, in another thread or where somebody else uses the signal, a thread looks, and raises an exception
    at the next line of Python. What neither reaches (a C function that never comes back, a loop that
    swallows every exception) is tried again and again, and that is all that can be done.
    """

    def __init__(self, seconds: float = REACTION_SECONDS) -> None:
        self.seconds = seconds
        self._count = 0
        self._inside = 0  # the number of the call under way, 0 between calls
        self._fired = 0  # the number of the last call that was interrupted by the thread
        self._seen = 0
        self._looks = 0
        self._lock = threading.Lock()
        self._entered = 0
        self._ident = 0
        self._over: threading.Event | None = None
        self._handler: Any = None

    def run(self, call: Callable[[*Args], R], *args: *Args) -> R:
        """What `call` returns or raises. Raises Hung when it was interrupted: while this is entered."""
        number = self._inside = self._count = self._count + 1
        try:
            return call(*args)
        except Hung as hung:
            self._inside = 0
            why = f"it did not return within {self.seconds:g} s and was interrupted"
            raise Hung(why).with_traceback(hung.__traceback__) from None
        finally:
            self._inside = 0
            if self._fired == number:
                self._settle()

    def __enter__(self) -> Watchdog:
        self._entered += 1
        if self._entered == 1:
            self._ident = threading.get_ident()
            main = threading.current_thread() is threading.main_thread()
            if main and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL:
                self._handler = self._on_alarm
                signal.signal(signal.SIGALRM, self._handler)
                self._set_timer(self._tick)
            else:
                self._over = threading.Event()
                watch = threading.Thread(
                    target=self._watch, args=(self._over,), name="duanju-watchdog", daemon=True
                )
                with suppress(RuntimeError):  # no thread can be had: nothing is watched, and the work goes on
                    watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        self._entered -= 1
        if self._entered:
            return
        if self._over is not None:
            self._over.set()
            self._over = None
        if self._handler is not None and signal.getsignal(signal.SIGALRM) is self._handler:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        self._handler = None

    @property
    def _tick(self) -> float:
        return self.seconds / _LOOKS

    def _hangs(self) -> int:
        """Looks: the number of a call that was under way at as many looks as make up `seconds`, else 0."""
        # Looks are counted, not seconds: a process that was stopped for an hour has hung for one look.
        inside = self._inside
        self._looks = self._looks + 1 if inside and inside == self._seen else 0
        self._seen = inside
        return inside if self._looks > _LOOKS else 0

    # -- by a timer, in the main thread -------------------------------------------------------------------

    def _set_timer(self, first: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, first, self._tick)

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        if not self._hangs():
            return
        if self._looks < _LOOKS + _PATIENCE and _in_core(frame):
            self._set_timer(_PAUSE_S)
            return
        self._looks = 0
        self._set_timer(self._tick)
        raise Hung

    # -- by a thread --------------------------------------------------------------------------------------

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(self._tick):
            inside = self._hangs()
            if inside:
                self._interrupt(inside, over)
                self._looks = 0

    def _interrupt(self, inside: int, over: threading.Event) -> None:
        for _ in range(_PATIENCE):
            if self._inside != inside or over.is_set():
                return
            if not _in_core(sys._current_frames().get(self._ident)):
                break
            over.wait(_PAUSE_S)
        with self._lock:
            self._fired = inside
            if self._inside == inside:
                _raise_in(self._ident)

    def _settle(self) -> None:
        """The call ended by itself while it was being interrupted: what was not delivered is taken back."""
        with self._lock:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._ident), None)


_RUN: CodeType = Watchdog.run.__code__
_DOORS: set[CodeType] = set()
"""Functions of the core that stand between it and a plugin's code; in them an interruption does no harm."""


def _in_core(frame: FrameType | None) -> bool:
    """Whether a thread is inside a call from a plugin into the core, which must not end half way."""
    while frame is not None and frame.f_code is not _RUN:
        if frame.f_code.co_filename.startswith(_OURS) and frame.f_code not in _DOORS:
            return True
        frame = frame.f_back
    return False


def interrupt(ident: int) -> None:
    """Asks an effect's thread to end by raising Hung in it, at its next line of Python.

    Nothing where it is inside the core at this moment; then it ends by itself, or not at all.
    """
    if not _in_core(sys._current_frames().get(ident)):
        _raise_in(ident)


def _raise_in(ident: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Hung))


def door(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a function that calls a plugin and leaves nothing half done when it is interrupted."""
    _DOORS.add(function.__code__)
    return function
