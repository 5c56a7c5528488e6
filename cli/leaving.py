"""Leaving: the command ends with its exit code, whatever threads and processes plugins have left behind."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from ..core.words import warn

__all__ = ["leave"]

GRACE_S = 1.0


def leave(code: int) -> None:
    """Ends this process with `code`.

    A thread or process that Python would wait for at its end is named on standard error, and not waited
    for; daemon threads are let go without a word.
    """
    _flush()
    threads = _threads()
    processes = _processes()
    if not threads and not processes:
        sys.exit(code)
    with suppress(OSError, ValueError, AttributeError):
        for thread in threads:
            warn(f"duanju: left a thread running, {thread.name}, {_origin(thread)}; leaving without it")
        for process in processes:
            warn(f"duanju: left a process running, {process.name} ({process.pid}); it is ended")
    for process in processes:
        process.kill()
    _flush()
    os._exit(code)


def _flush() -> None:
    """Lets what was printed arrive; where nobody reads it any more, nothing is said of it."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)  # so that Python's own flush is quiet too


def _threads() -> list[threading.Thread]:
    """The threads that the interpreter would wait for, after a moment in which they may end."""
    own = (threading.current_thread(), threading.main_thread())
    until = time.monotonic() + GRACE_S
    left = [one for one in threading.enumerate() if not one.daemon and one not in own]
    for thread in left:
        thread.join(max(0.0, until - time.monotonic()))
    return sorted((one for one in left if one.is_alive()), key=lambda one: one.name)


def _processes() -> list[Any]:
    """The children that the interpreter would wait for: those of multiprocessing, where it is in use."""
    module = sys.modules.get("multiprocessing.process")
    if module is None:
        return []
    return sorted((one for one in module.active_children() if not one.daemon), key=lambda one: one.name)


def _origin(thread: threading.Thread) -> str:
    """Where what a thread runs is written, as far as it can be told."""
    target = getattr(thread, "_target", None)
    if target is None:
        return f"a {type(thread).__module__}.{type(thread).__qualname__}"
    target = getattr(target, "__func__", getattr(target, "func", target))
    module = getattr(target, "__module__", type(target).__module__)
    return f"of {module}.{getattr(target, '__qualname__', type(target).__qualname__)}"
