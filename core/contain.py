"""What a plugin may do wrong, and the bounds on it: its answers are collected, its errors put into words."""

from __future__ import annotations

import os
import signal
import threading
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from .errors import DuanjuError
from .watchdog import door

__all__ = [
    "MOST_ANSWER",
    "MOST_BODY",
    "MOST_EVENTS",
    "BadAnswer",
    "a_persons",
    "clean",
    "describe",
    "gather",
    "kind_of_answer",
    "without_keys",
]

MOST_EVENTS = 10_000
"""How many events one answer may have."""
MOST_BODY = 8 << 20
"""How many characters one event may have in the log."""
MOST_ANSWER = 64 << 20
"""How many characters the events of one answer may have together."""
_MOST_TEXT = 1500
_MOST_READ = 1 << 16


class BadAnswer(DuanjuError):
    """A hook answered with what cannot be an answer; the text says with what, and what would be right."""


def a_persons(error: BaseException) -> bool:
    """Whether an exception may be a person's Ctrl-C, which no plugin's failure is and which must pass.

    A person's is raised by a signal's handler, in the main thread. Python's own handler leaves no trace of
    itself; where the program has put another one there, as the command line does, it can be told.
    """
    if not isinstance(error, KeyboardInterrupt) or threading.current_thread() is not threading.main_thread():
        return False
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    if handlers[0] is signal.default_int_handler:
        return True
    return place is not None and any(
        getattr(handler, "__code__", None) is place.tb_frame.f_code for handler in handlers
    )


@door
def gather(by: str, answer: Any, into: list[Any], take: Callable[[Any], Any] | None = None) -> None:
    """Appends the events of an answer to `into`, each through `take` if one is given, until it ends.

    What the answer yielded before it raised stays in `into`. Raises BadAnswer for what is no iterable of
    events and for more than MOST_EVENTS, and whatever the answer raises.
    """
    if answer is None:
        return
    if type(answer) is not types.GeneratorType:
        _must_be_events(by, answer)
    events: Iterator[Any] = iter(answer)
    ended = False
    try:
        some = islice(events, MOST_EVENTS + 1 - len(into))
        into.extend(some if take is None else map(take, some))
        ended = len(into) <= MOST_EVENTS
    finally:
        if not ended:
            _end(events)
    if len(into) > MOST_EVENTS:
        raise BadAnswer(f"{by} answered with more than {MOST_EVENTS} events")


def _must_be_events(by: str, answer: Any) -> None:
    if isinstance(answer, str | bytes | bytearray | Mapping) or not hasattr(type(answer), "__iter__"):
        if isinstance(answer, types.CoroutineType):
            answer.close()  # else Python warns on standard error that nobody awaited it
        raise BadAnswer(
            f"{by} answered with {kind_of_answer(answer)}; yield events, or return a list of them"
        )


def kind_of_answer(answer: Any) -> str:
    """What kind of thing an answer is, with its article."""
    name = type(answer).__name__[:80]
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


@door
def _end(events: Iterator[Any]) -> None:
    # An unfinished generator would be closed by the garbage collector: any time, outside of every bound.
    close = getattr(events, "close", None)
    if callable(close):
        with suppress(Exception):  # an answer that ended needs no closing, any other is refused already
            close()


@door
def describe(error: BaseException) -> str:
    """An exception as one bounded text that can be recorded: its kind, its words, the last places it passed.

    It holds no key, and no character that cannot be stored. Never raises because of the exception.
    """
    name = type(error).__name__[:200]
    try:
        words = str(error)[:_MOST_READ]
    except BaseException as worse:
        if a_persons(worse):
            raise
        words = f"(its text cannot be read: {type(worse).__name__[:200]})"
    text = without_keys(f"{name}: {words}" if words else name)[:_MOST_TEXT]
    places = traceback.extract_tb(error.__traceback__, limit=-2)
    where = " <- ".join(f"{Path(p.filename).name}:{p.lineno} {p.name}"[:200] for p in reversed(places))
    return clean(text + (f" ({where})" if where else ""))


def clean(text: str) -> str:
    """The text with what UTF-8 cannot hold (half a surrogate pair) written as its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def without_keys(text: str) -> str:
    """The text with the values of all *_API_KEY variables taken out, as servers echo them in errors."""
    for name in list(os.environ):  # a copy: a plugin's thread may set one meanwhile
        value = os.environ.get(name, "") if name.endswith("_API_KEY") else ""
        if len(value) >= 4:
            text = text.replace(value, f"<{name}>")
    return text
