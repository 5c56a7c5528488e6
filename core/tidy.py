"""What an effect may leave altered in its worker process, put back before the next effect runs there."""

from __future__ import annotations

import locale
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any

__all__ = ["Tidy"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD, signal.SIGPIPE)


class Tidy:
    """Remembers how this process was when it was made: folder, umask, handlers, locale, standard streams.

    `put_back` restores what can be restored. What cannot, a stream that was closed or a thread that still
    runs, makes it return False: then the process must not run another effect.
    """

    def __init__(self) -> None:
        self._folder = os.getcwd()
        self._umask = _umask()
        self._depth = sys.getrecursionlimit()
        self._locale = locale.setlocale(locale.LC_ALL)
        self._handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        self._streams = [_stream(fd) for fd in (0, 1, 2)]
        self._python = (sys.stdin, sys.stdout, sys.stderr)

    def put_back(self) -> bool:
        """Restores the process; False when something is left that only its end takes away."""
        whole = [_stream(fd) for fd in (0, 1, 2)] == self._streams
        whole = whole and not any(stream is not None and stream.closed for stream in self._python)
        whole = whole and all(t.daemon or t is threading.main_thread() for t in threading.enumerate())
        try:
            os.chdir(self._folder)
        except OSError:
            whole = False
        os.umask(self._umask)
        with suppress(RecursionError):
            sys.setrecursionlimit(self._depth)
        locale.setlocale(locale.LC_ALL, self._locale)
        for number, handler in self._handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdin, sys.stdout, sys.stderr = self._python
        return whole


def _umask() -> int:
    old = os.umask(0o077)
    os.umask(old)
    return old


def _stream(fd: int) -> Any:
    try:
        found = os.fstat(fd)
    except OSError:
        return None
    return found.st_dev, found.st_ino
