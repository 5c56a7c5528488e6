"""A lane's own process: takes effects over a pipe, runs them, answers; ends when its parent's pipe closes."""

from __future__ import annotations

import importlib
import os
import signal
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

import attrs
import orjson

from ..events.codec import Codec
from ..events.record import Record
from ..events.vocabulary import builtin_events
from .artifacts import Artifacts
from .desk import Call, Desk
from .prices import Price
from .settings import Settings

__all__ = ["main", "read_frame", "write_frame"]

_MOST = 64 << 20
MOST_EVENTS = 10_000
_HEAD = struct.Struct("<I")


def read_frame(pipe: BinaryIO) -> Any:
    """One JSON message, None at the end. Raises ValueError for one over 64 MiB."""
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

    def run(self, job: dict[str, Any]) -> None:
        desk: Desk | None = None
        events: list[tuple[str, int, str]] = []
        error = ""
        try:
            function = self._function(job["address"], job["provider"])
            for module, name in job["classes"]:
                self._know(module, name)
            record = Record((*job["record"], b""), self._codec)
            desk = self._desk(job)
            given = {"event": self._codec.decode(*job["event"]), "record": record, "desk": desk}
            answer = function(**{name: given[name] for name in job["wants"]})
            for event in answer or ():
                events.append(self._codec.encode(event))
                if len(events) > MOST_EVENTS:
                    break  # the engine refuses such an answer
        except Exception as raised:  # noqa: BLE001  whatever an effect raises is reported to the engine
            error = describe(raised)
        finally:
            if desk is not None:
                desk.clear()
        write_frame(self._answer, {"job": job["job"], "events": events, "error": error})

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


def describe(error: BaseException) -> str:
    """An exception as one bounded text: its kind, its words, and the last places it passed."""
    places = traceback.extract_tb(error.__traceback__)[-2:]
    where = " <- ".join(f"{Path(p.filename).name}:{p.lineno} {p.name}" for p in reversed(places))
    return without_keys(f"{type(error).__name__}: {error}")[:1500] + (f" ({where})" if where else "")


def without_keys(text: str) -> str:
    """The text with the values of all *_API_KEY variables taken out, as servers echo them in errors."""
    for name, value in os.environ.items():
        if name.endswith("_API_KEY") and len(value) >= 4:
            text = text.replace(value, f"<{name}>")
    return text


def pack_desk(desk: Desk) -> dict[str, Any]:
    """The part of a desk that travels to a worker."""
    return {
        "key": desk.key,
        "artifacts": str(desk.artifacts.root),
        "settings": desk.settings.to_json().decode(),
        "out": str(desk.folder),
        "left": max(0.0, desk.deadline - time.monotonic()),
        "call": None if desk.call is None else attrs.asdict(desk.call),
    }


def main() -> None:
    """Serves the parent until its pipe closes. Prints of plugins go to stderr, never into the protocol."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ask = os.fdopen(os.dup(0), "rb")
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    worker = _Worker(answer)
    while (job := read_frame(ask)) is not None:
        worker.run(job)


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)
