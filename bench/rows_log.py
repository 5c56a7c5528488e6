"""Rows 1 to 5: the log alone. Appends one by one and by the thousand, replay, and state built anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from beside import beside, peers
from facts import SUBJECTS, facts, rows_of
from tape import TapedLog, played
from timing import Figure, busy, interleaved, wall
from yardsticks import RawLog, raw_fold, raw_replay

from duanju.core.folds import Folds
from duanju.core.log import Log
from duanju.events.codec import Codec
from duanju.events.episode import PartOpened
from duanju.events.scenes import ShotRendered
from duanju.events.vocabulary import builtin_events

__all__ = ["append_many", "append_one", "rebuild", "replay", "statements"]

STREAM = "episode/bench/one"


def _each(work: Callable[[], object], size: int) -> float:
    return busy(work) / size


def append_one(row: str, folder: Path, *, rounds: int, each: int, aim: float) -> list[Figure]:
    """Rows 1 and 2: appends of one typed event, each its own commit; where `folder` lies makes the row."""
    codec = Codec(builtin_events())
    log, raw = Log(folder / "log.db", codec), RawLog(folder / "raw.db")
    events = facts(each)
    rows = rows_of(codec, events)
    clock = wall if row == "1" else busy

    def ours() -> float:
        def work() -> None:
            for event in events:
                log.append(STREAM, [event], by="bench")

        return clock(work) / each

    def yardstick() -> float:
        def work() -> None:
            for one in rows:
                raw.append(one)

        return clock(work) / each

    try:
        where = "FULL" if row == "1" else "tmpfs"
        theirs = peers(folder / "peers", "append", each, 1, "wall" if row == "1" else "cpu", "eventsourcing")
        return beside(
            row,
            f"append 1 typed, hashed event, {where}",
            ours,
            yardstick,
            theirs,
            per=each,
            rounds=rounds,
            aim=aim,
            scale=1e6,
            unit="us" if row == "1" else "us cpu",
        )
    finally:
        log.close()
        raw.close()


def statements(folder: Path, *, rounds: int, each: int, many: int) -> list[Figure]:
    """Beside rows 2 and 3: the statements of their appends run alone, with nothing of ours around them."""
    return [
        _statements("2 sql", folder / "one", rounds, each, 1),
        _statements("3 sql", folder / "many", rounds, many, many),
    ]


def _statements(row: str, folder: Path, rounds: int, each: int, together: int) -> Figure:
    codec = Codec(builtin_events())
    folder.mkdir()
    log, raw = TapedLog(folder / "log.db", codec), RawLog(folder / "raw.db")
    events = facts(each)
    rows = rows_of(codec, events)
    log.append(STREAM, facts(1, each), by="bench")
    tape = log.record(folder / "copy.db")
    for begin in range(0, each, together):
        log.append(STREAM, events[begin : begin + together], by="bench")
    log.end()
    log.close()

    def yardstick() -> float:
        def work() -> None:
            for begin in range(0, each, together):
                raw.append_all(rows[begin : begin + together])

        return busy(work) / each

    try:
        return interleaved(
            row,
            f"the statements alone of an append of {together}",
            lambda: played(tape, folder / "copy.db", busy) / each,
            yardstick,
            rounds=rounds,
            aim=None,
            scale=1e6,
            unit="us cpu",
        )
    finally:
        raw.close()


def append_many(folder: Path, *, rounds: int, many: int) -> list[Figure]:
    """Row 3: `many` typed events in one commit."""
    codec = Codec(builtin_events())
    log, raw = Log(folder / "log.db", codec), RawLog(folder / "raw.db")
    numbers = count(0, many)

    def ours() -> float:
        events = facts(many, next(numbers))
        return busy(lambda: log.append(STREAM, events, by="bench")) / many

    def yardstick() -> float:
        rows = rows_of(codec, facts(many, next(numbers)))
        return busy(lambda: raw.append_all(rows)) / many

    try:
        return beside(
            "3",
            f"append {many} typed events in one commit",
            ours,
            yardstick,
            peers(folder / "peers", "append-many", many, 1, "cpu", "eventsourcing"),
            per=many,
            rounds=rounds,
            aim=4.0,
            scale=1e6,
            unit="us cpu",
            note="per event, tmpfs",
        )
    finally:
        log.close()
        raw.close()


def _filled(folder: Path, size: int) -> tuple[Log, sqlite3.Connection]:
    folder.mkdir(exist_ok=True)
    log = Log(folder / "log.db", Codec(builtin_events()))
    log.append(STREAM, facts(size), by="bench")
    return log, sqlite3.connect(folder / "log.db")


def replay(folder: Path, *, rounds: int, size: int) -> list[Figure]:
    """Row 4: every record read and typed; and, beside it, read without looking at the events."""
    log, db = _filled(folder, size)

    def typed() -> object:
        return sum(record.event is not None for record in log.read())

    def unread() -> object:
        return sum(record.kind != "" for record in log.read())

    cases: list[tuple[str, str, Callable[[], object], float | None]] = [
        ("4", "replay the log into typed events", typed, 2.0),
        ("4b", "read the records, bodies unread", unread, None),
    ]
    try:
        return [
            interleaved(
                row,
                measure,
                partial(_each, work, size),
                lambda: busy(lambda: raw_replay(db)) / size,
                rounds=rounds,
                aim=aim,
                scale=1e6,
                unit="us cpu",
                note="per event",
            )
            for row, measure, work, aim in cases
        ]
    finally:
        db.close()
        log.close()


def _no_artifact(sha256: str) -> bytes:
    raise LookupError(sha256)


def rebuild(folder: Path, *, rounds: int, size: int) -> list[Figure]:
    """Row 5: the fold of one episode from nothing, then what a join asks: every newest shot."""
    log, db = _filled(folder, size)
    shots = [(event.shot,) for event in facts(size) if isinstance(event, ShotRendered)]
    wanted = [(log.codec.class_of(kind), _values(kind, size)) for kind in SUBJECTS]

    def ours() -> object:
        episode = Folds(log, _no_artifact).now(STREAM)
        found = [episode.last(ShotRendered, *subject) for subject in shots]
        return found, episode.holds, episode.revision, len(episode.all(PartOpened))

    def everything() -> object:
        episode = Folds(log, _no_artifact).now(STREAM)
        return [episode.last(cls, *subject) for cls, subjects in wanted if cls for subject in subjects]

    cases: list[tuple[str, str, Callable[[], object], float | None]] = [
        ("5", f"rebuild state from {size} events, ask for all shots", ours, 2.0),
        ("5b", "the same, every newest fact of every kind looked up", everything, None),
    ]
    try:
        return [
            interleaved(
                row,
                measure,
                partial(_each, work, size),
                lambda: busy(lambda: raw_fold(db, SUBJECTS)) / size,
                rounds=rounds,
                aim=aim,
                scale=1e6,
                unit="us cpu",
                note="per event",
            )
            for row, measure, work, aim in cases
        ]
    finally:
        db.close()
        log.close()


def _values(kind: str, size: int) -> list[tuple[Any, ...]]:
    codec = Codec(builtin_events())
    return [
        tuple(getattr(event, name) for name in SUBJECTS[kind])
        for event in facts(size)
        if codec.encode(event)[0] == kind
    ]
