"""Everything that a plugin may do wrong, by name; `on_wanted` does it in a worker process."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import stagehand
from attrs import frozen
from stagehand import Step, Told, Wanted

from duanju.core.errors import MissingExtra
from duanju.core.hooks import effect, hookimpl
from duanju.events.kinds import event

Deed = Callable[[], Any]
KEY = "sk-rogue-key-1234567890"


@event(home="episode")
@frozen
class Undeclared:
    """An event that nobody declares."""

    n: int = 1


@event(home="episode", subject=("x",))
@frozen
class Loose:
    """An event whose fields let much in."""

    x: float | None = None
    n: int = 0
    words: tuple[str, ...] = ()
    more: Any = None


@event(home="episode")
@frozen
class Biting:
    """An event that cannot be compared."""

    n: int = 1

    def __eq__(self, other: object) -> bool:
        raise SystemExit("no comparison")


class Heir(Told):  # type: ignore[misc]
    """A subclass of an event class."""


class Masked:
    """Claims to be an event."""

    name = "a"
    words = "b"

    @property
    def __class__(self) -> type[Any]:  # type: ignore[override]
        return Told


class Unspeakable(Exception):
    """An exception without a text."""

    def __str__(self) -> str:
        raise SystemExit("no text")


class Lurking:
    """An iterator that raises half way, and when it is closed."""

    def __init__(self) -> None:
        self.left = 2

    def __iter__(self) -> Lurking:
        return self

    def __next__(self) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyError("half way")
        return Told("half", "way")

    def close(self) -> None:
        """Raises."""
        raise ValueError("and again")


def _raise(error: BaseException) -> Any:
    raise error


def _deep() -> Any:
    return _deep()


def _yield(*events: Any) -> Iterator[Any]:
    yield from events


def _clinging() -> Iterator[Any]:
    try:
        while True:
            yield Told("more", "and more")
    finally:
        raise RuntimeError("it will not be closed")


def _late(error: BaseException) -> Iterator[Any]:
    yield Told("before", "the raise")
    raise error


async def _coroutine() -> None:
    return None


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def _cyclic() -> Any:
    value: dict[str, Any] = {}
    value["me"] = value
    return value


RAISES: dict[str, tuple[Deed, str]] = {
    "error": (lambda: _raise(ValueError("bad")), "ValueError: bad"),
    "late": (lambda: _late(KeyError("late")), "KeyError"),
    "leaves": (lambda: sys.exit(3), "SystemExit: 3"),
    "keyboard": (lambda: _raise(KeyboardInterrupt()), "KeyboardInterrupt"),
    "generator exit": (lambda: _raise(GeneratorExit()), "GeneratorExit"),
    "late generator exit": (lambda: _late(GeneratorExit()), "GeneratorExit"),
    "stop": (lambda: _raise(StopIteration(1)), "StopIteration"),
    "recursion": (_deep, "RecursionError"),
    "memory": (lambda: _raise(MemoryError()), "MemoryError"),
    "base": (lambda: _raise(BaseException("bare")), "BaseException: bare"),
    "group": (lambda: _raise(BaseExceptionGroup("two", [ValueError("v"), SystemExit(1)])), "Group: two"),
    "no text": (lambda: _raise(Unspeakable()), "Unspeakable: (its text cannot be read: SystemExit)"),
    "long": (lambda: _raise(ValueError("x" * 100_000_000)), "ValueError: xxx"),
    "key": (lambda: _raise(ValueError(f"Bearer {KEY} refused")), "Bearer <ROGUE_API_KEY> refused"),
    "surrogate": (lambda: _raise(ValueError("half \ud83d of a pair\0")), "half \\ud83d of a pair"),
    "half way": (Lurking, "KeyError: 'half way'"),
    "library": (
        lambda: _raise(MissingExtra("torch", "pip install 'rogues[torch]'")),
        "it needs torch, which is not installed; install it: pip install 'rogues[torch]'",
    ),
}

GARBAGE: dict[str, tuple[Deed, str]] = {
    "a text": (lambda: "told", "answered with a str"),
    "a dict": (lambda: {"told": 1}, "answered with a dict"),
    "bytes": (lambda: b"told", "answered with a bytes"),
    "a number": (lambda: 7, "answered with an int"),
    "false": (lambda: False, "answered with a bool"),
    "a bare event": (lambda: Told("a", "b"), "answered with a Told; yield events"),
    "a coroutine": (_coroutine, "answered with a coroutine"),
    "a type": (lambda: Told, "answered with a type"),
    "none inside": (lambda: [None], "NoneType"),
    "texts inside": (lambda: ["told"], "str"),
    "another": (lambda: [Wanted("a", "b")], "Wanted, which its return annotation does not name"),
    "undeclared": (lambda: [Undeclared()], "Undeclared"),
    "an heir": (lambda: [Heir("a", "b")], "Heir"),
    "masked": (lambda: [Masked()], "Masked"),
    "biting": (lambda: [Biting()], "Biting"),
    "object": (lambda: [Told("a", object())], "Told"),  # type: ignore[arg-type]
    "wrong type": (lambda: [Told("a", 7)], "told"),  # type: ignore[arg-type]
    "bytes for text": (lambda: [Told("a", b"b")], "Told"),  # type: ignore[arg-type]
    "text for a number": (lambda: [Loose(n="7")], "loose"),  # type: ignore[arg-type]
    "not a number": (lambda: [Loose(x=float("nan"))], "loose.x is nan"),
    "infinite": (lambda: [Loose(x=-float("inf"))], "loose.x is -inf"),
    "inside": (lambda: [Loose(more={"a": (1, float("nan"))})], "loose.more['a'][1] is nan"),
    "a set": (lambda: [Loose(words={"a"})], "Loose"),  # type: ignore[arg-type]
    "a half pair": (lambda: [Told("a", "\ud800")], "Told"),
    "a huge number": (lambda: [Loose(n=1 << 64)], "Loose"),
    "a signed huge number": (lambda: [Loose(more=-(1 << 63) - 1)], "Loose"),
    "deep": (lambda: [Loose(more=_nested(100_000))], "Loose"),
    "cyclic": (lambda: [Loose(more=_cyclic())], "Loose"),
}

FLOODS: dict[str, tuple[Deed, str]] = {
    "endless": (_clinging, "more than 10000 events"),
    "one too many": (lambda: [Told("a", "b")] * 10_001, "more than 10000 events"),
    "one too large": (lambda: [Told("a", "x" * (9 << 20))], "characters, more than 8388608"),
    "all too large": (lambda: [Told("a", "x" * (7 << 20))] * 10, "more than 64 Mi characters"),
    "many too large": (lambda: [Told("a", "x" * 7000)] * 10_000, "more than 64 Mi characters"),
}

ALL = {**RAISES, **GARBAGE, **FLOODS}


def _fork() -> Iterator[Any]:
    if os.fork() == 0:
        yield Told("child", "must not answer")
        return
    yield Told("parent", "answers")


def _forked_sleeper() -> Iterator[Any]:
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    yield Told("child", str(child))


def _close_all() -> Any:
    for fd in (0, 1, 2):
        os.close(fd)
    print("into nothing", flush=True)


def _state() -> tuple[str, ...]:
    old = os.umask(0)
    os.umask(old)
    handler = signal.getsignal(signal.SIGTERM)
    return (
        os.getcwd(),
        oct(old),
        str(sys.getrecursionlimit()),
        str(handler),
        str(sys.stdout is sys.__stdout__),
    )


def _alter() -> list[Told]:
    os.chdir("/")
    os.umask(0)
    sys.setrecursionlimit(50_000)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    sys.stdout = None  # type: ignore[assignment]
    return [Told("altered", "")]


def _thread() -> list[Told]:
    threading.Thread(target=time.sleep, args=(600,)).start()
    return [Told("left", "a thread")]


def _hang() -> Any:
    while True:
        time.sleep(60)


WORKER: dict[str, Deed] = {
    "fork": _fork,
    "sleeper": _forked_sleeper,
    "exit": lambda: os._exit(7),
    "closes": _close_all,
    "closes the pipes": lambda: os.closerange(3, 64),
    "prints": lambda: print("\0" * 99, flush=True) or [Told("printed", "")],  # type: ignore[func-returns-value]
    "writes to 1": lambda: os.write(1, b"\xff" * 99) and [Told("written", "")],
    "alters": _alter,
    "state": lambda: [Told("state", repr(_state()))],
    "thread": _thread,
    "hangs": _hang,
    "pid": lambda: [Told("pid", str(os.getpid()))],
}


@hookimpl
@effect(lane="draw", attempts=1, deadline_s=30.0)
def on_wanted(event: Wanted) -> Iterator[Told | Loose | Biting]:
    """Does what is wanted."""
    deed = ALL[event.what][0] if event.what in ALL else WORKER[event.what]
    return deed()  # type: ignore[no-any-return]


@hookimpl
@effect(lane="measure", attempts=1, deadline_s=2.0)
def on_step(event: Step) -> Iterator[Told]:
    """Hangs at the first step."""
    if event.n == 1:
        _hang()
    yield Told(f"step {event.n}", str(os.getpid()))


def duanju_events() -> list[type[Any]]:
    """The vocabulary, and the loose ones."""
    return [*stagehand.VOCABULARY, Loose, Biting]
