"""A lane's own process: takes effects over a pipe, runs them, answers; ends when its parent's pipe closes."""

from __future__ import annotations

import importlib
import os
import signal
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import attrs
import orjson

from ..events.codec import Codec
from ..events.record import Record
from ..events.vocabulary import builtin_events
from .artifacts import Artifacts
from .contain import describe, gather
from .desk import Call, Desk, Told
from .errors import NotReady
from .prices import Price
from .settings import Settings
from .sound import must_be_bounded, told_sound
from .tidy import Tidy

__all__ = ["main", "pack_desk", "read_frame", "write_frame"]

_MOST = 256 << 20  # an answer of MOST_ANSWER characters, of three bytes or with an escape each, fits
_HEAD = struct.Struct("<I")
_PROGRESS_S = 0.05


def read_frame(pipe: BinaryIO) -> Any:
    """One JSON message, None at the end. Raises ValueError for one over 256 MiB."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    (size,) = _HEAD.unpack(head)
    if size > _MOST:
        raise ValueError(f"a message of {size} bytes is too long")
    data = pipe.read(size)
    return orjson.loads(data) if len(data) == size else None


def write_frame(pipe: BinaryIO, message: Any) -> None:
    """Writes one JSON message."""
    data = orjson.dumps(message)
    pipe.write(_HEAD.pack(len(data)) + data)
    pipe.flush()


class _Worker:
    """Runs one job after the other, keeping imports and provider instances."""

    def __init__(self, answer: BinaryIO) -> None:
        self._answer = answer
        self._codec = Codec(builtin_events())
        self._owners: dict[tuple[str, str, str], Any] = {}
        self._declared: set[str] = set()
        self._tidy = Tidy()
        self._process = os.getpid()
        self._told_at = 0.0

    def run(self, job: dict[str, Any]) -> bool:
        """Runs an effect and sends its answer; False when this process must not run another one."""
        desk: Desk | None = None
        events: list[tuple[str, int, str]] = []
        error = next = ""
        total = 0

        def take(event: Any) -> tuple[str, int, str]:
            nonlocal total
            encoded = told_sound(self._codec, job["by"], event)[1]
            total += len(encoded[2])
            must_be_bounded(job["by"], total)
            return encoded

        try:
            function = self._function(job["address"], job["provider"])
            for module, name in job["classes"]:
                self._know(module, name)
            record = Record((*job["record"], b""), self._codec)
            desk = self._desk(job)
            given = {"event": self._codec.decode(*job["event"]), "record": record, "desk": desk}
            gather(job["by"], function(**{name: given[name] for name in job["wants"]}), events, take)
        except BaseException as raised:  # noqa: BLE001  whatever an effect raises is reported to the engine
            error = describe(raised)
            next = raised.next if isinstance(raised, NotReady) else ""
        if os.getpid() != self._process:
            os._exit(0)  # the effect forked: only its first process answers
        if desk is not None:
            desk.clear()
        answer = {
            "job": job["job"],
            "events": events,
            "error": error,
            "next": next,
            "told": attrs.asdict(Told() if desk is None else desk.told),
            "leaves": not self._tidy.put_back(),
        }
        write_frame(self._answer, answer)
        return not answer["leaves"]

    def _know(self, module: str, name: str) -> None:
        """Takes in an event class that the effect answers or emits, whoever declares it."""
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        self._codec.add(found)

    def _function(self, address: dict[str, str], table: dict[str, Any]) -> Any:
        module = importlib.import_module(address["module"])
        if address["module"] not in self._declared:
            self._declared.add(address["module"])
            declare = getattr(module, "duanju_events", None)
            for cls in declare() if callable(declare) else ():
                self._codec.add(cls)
        if not address["provider"]:
            return getattr(module, address["function"])
        key = (address["module"], address["provider"], address["instance"])
        if key not in self._owners:
            owner: Any = module
            for name in address["provider"].split("."):
                owner = getattr(owner, name)
            self._owners[key] = owner(address["instance"], table)
        return getattr(self._owners[key], address["function"])

    def _desk(self, job: dict[str, Any]) -> Desk:
        raw = job["desk"]
        call = raw["call"]
        number = job["job"]

        def report(done: int, total: int) -> None:
            now = time.monotonic()
            if now - self._told_at >= _PROGRESS_S or done >= total:
                self._told_at = now
                write_frame(self._answer, {"job": number, "progress": [done, total]})

        return Desk(
            raw["key"],
            Artifacts(Path(raw["artifacts"])),
            Settings.from_json(raw["settings"].encode()),
            Path(raw["out"]),
            time.monotonic() + raw["left"],
            None if call is None else Call(**{**call, "price": Price(**call["price"])}),
            report,
        )


def pack_desk(desk: Desk, seconds: float) -> dict[str, Any]:
    """The part of a desk that travels to a worker, which has `seconds` for its run."""
    return {
        "key": desk.key,
        "artifacts": str(desk.artifacts.root),
        "settings": desk.settings.to_json().decode(),
        "out": str(desk.folder),
        "left": seconds,
        "call": None if desk.call is None else attrs.asdict(desk.call),
    }


def main() -> None:
    """Serves the parent until its pipe closes. Prints of plugins go to stderr, never into the protocol."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ask = os.fdopen(os.dup(0), "rb")
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)

    def forget_pipes() -> None:
        # What an effect forks must neither read the next job nor keep the pipe of a lost worker open.
        for pipe in (ask, answer):
            os.dup2(nothing, pipe.fileno())

    os.register_at_fork(after_in_child=forget_pipes)
    worker = _Worker(answer)
    while (job := read_frame(ask)) is not None:
        if not worker.run(job):
            return


def _served() -> int:
    """Serves, and returns the status to leave with."""
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        return 0
    except BaseException as error:  # noqa: BLE001  one line for a person instead of a traceback
        print(f"duanju: a worker process ends: {describe(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    status = _served()
    with suppress(OSError, ValueError, AttributeError):  # an effect may have closed or replaced them
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)  # threads that effects left behind are not waited for
