"""Rows 6 to 8: the engine. What a durable step costs, and how well it keeps 64 workers busy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from beside import beside, peers
from facts import facts, rows_of
from tape import TapedLog, played
from timing import Figure, busy, interleaved, ratio_of, wall
from toy import (
    SLEEP,
    Burst,
    Caller,
    Chain,
    Many,
    Paid,
    Pair,
    Rounds,
    Step,
    ask,
    engine_on,
    open_episode,
    toys,
)
from yardsticks import RawLog, hand_offs, pool_makespan

from duanju.core.artifacts import Artifacts
from duanju.core.engine import Watcher
from duanju.core.log import Log
from duanju.core.plugins import Plugins
from duanju.events.codec import Codec
from duanju.events.record import Record
from duanju.events.vocabulary import builtin_events

__all__ = ["episodes", "hand_off", "makespan", "statements", "steps"]

CASES: tuple[tuple[str, str, float, float], ...] = (
    ("a", "self-chaining effect, 1 event", 1.5, 4.0),
    ("b", "effect and reaction, 2 events", 1.7, 5.5),
    ("c", "paid: request, admission, outcome", 2.0, 9.5),
)


class _Counting(Watcher):
    """Counts what became durable."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}

    def committed(self, records: list[Record]) -> None:
        for record in records:
            self.kinds[record.kind] = self.kinds.get(record.kind, 0) + 1


def _case(letter: str, each: int) -> tuple[Plugins, str, int]:
    """Plugins of a case, the kind that a finished step leaves, and how many of it `each` steps leave."""
    if letter == "a":
        return toys(chain=Chain()), "step", each - 1
    if letter == "b":
        return toys(pair=Pair()), "stepped", each
    return toys(paid=Paid(), caller=Caller(each)), "speech_returned", each


def steps(row: str, folder: Path, *, rounds: int, each: int) -> list[Figure]:
    """Row 6 (threads, FULL) or 7 (inline, tmpfs): sequential durable steps that do nothing, three cases."""
    return [figure for case in CASES for figure in _steps(row, case, folder / case[0], rounds, each)]


def _steps(
    row: str, case: tuple[str, str, float, float], folder: Path, rounds: int, each: int
) -> list[Figure]:
    letter, name, aim, aim_soft = case
    inline = row == "7"
    clock = busy if inline else wall
    runs = count()
    warm = 1 if each < 20 else 10
    folder.mkdir(parents=True)
    raw = RawLog(folder / "raw.db")
    rows = rows_of(Codec(builtin_events()), facts(each))

    def ours() -> float:
        # A paid call asked again would be answered from the log: each round gets a log of its own.
        plugins, kind, expected = _case(letter, each)
        watcher = _Counting()
        own = folder / f"run{next(runs)}"
        log, engine = engine_on(own, plugins, inline=inline, watcher=watcher)
        try:
            ask(own, plugins, Step(1, each))
            # The first steps also build the converters of their kinds: that is row 11's cost, not a step's.
            engine.run(lambda: watcher.kinds.get(kind, 0) >= warm)
            before = watcher.kinds.get(kind, 0)
            taken = clock(engine.run)
            if watcher.kinds.get(kind, 0) != expected:
                raise RuntimeError(f"row {row}{letter}: {watcher.kinds}, {expected} {kind} were expected")
        finally:
            engine.close()
            log.close()
        return taken / (expected - before)

    def yardstick() -> float:
        def work() -> None:
            for number, one in enumerate(rows, 1):
                raw.step(one, number)

        return clock(work) / each

    try:
        where = "inline, tmpfs" if inline else "FULL"
        theirs = ("dbos", "langgraph") if letter == "a" else ()
        return beside(
            f"{row}{letter}",
            f"durable no-op step, {where}: {name}",
            ours,
            yardstick,
            peers(folder / "peers", "steps", each, 1, "cpu" if inline else "wall", *theirs),
            per=each,
            rounds=rounds,
            aim=aim_soft if inline else aim,
            scale=1e6,
            unit="us cpu" if inline else "us",
        )
    finally:
        raw.close()


def statements(folder: Path, *, rounds: int, each: int) -> list[Figure]:
    """Beside row 7: the statements of its three cases run alone, with nothing of ours around them."""
    return [_statements(case, folder / f"sql-{case[0]}", rounds, each) for case in CASES]


def _statements(case: tuple[str, str, float, float], folder: Path, rounds: int, each: int) -> Figure:
    letter, name, _, _ = case
    plugins, kind, expected = _case(letter, each)
    watcher = _Counting()
    log, engine = engine_on(folder / "run", plugins, inline=True, watcher=watcher, kind=TapedLog)
    if not isinstance(log, TapedLog):
        raise TypeError("no taped log")
    ask(folder / "run", plugins, Step(1, each))
    engine.run(lambda: watcher.kinds.get(kind, 0) >= 1)
    before = watcher.kinds.get(kind, 0)
    tape = log.record(folder / "copy.db")
    engine.run()
    log.end()
    engine.close()
    log.close()
    raw = RawLog(folder / "raw.db")
    rows = rows_of(Codec(builtin_events()), facts(each))

    def yardstick() -> float:
        def work() -> None:
            for number, one in enumerate(rows, 1):
                raw.step(one, number)

        return busy(work) / each

    try:
        return interleaved(
            f"7{letter} sql",
            f"the statements alone of: {name}",
            lambda: played(tape, folder / "copy.db", busy) / (expected - before),
            yardstick,
            rounds=rounds,
            aim=None,
            scale=1e6,
            unit="us cpu",
        )
    finally:
        raw.close()


def hand_off(*, rounds: int, each: int) -> Figure:
    """Beside row 7: the bare hand-off to a thread and back, which an inline effect does not pay."""
    pairs = [(hand_offs(each) / each, hand_offs(each) / each) for _ in range(rounds)]
    note = "both columns are the same thing: the machine's own spread"
    return ratio_of("7x", "bare thread hand-off", pairs, aim=None, scale=1e6, unit="us", note=note)


def makespan(folder: Path, *, rounds: int, many: int, workers: int) -> list[Figure]:
    """Row 8: `many` sleeps of 50 ms on `workers` threads: repeat, hold, and hold with money."""
    cases: list[tuple[str, str, float, Callable[[], dict[str, Any]], bool]] = [
        ("8a", "repeat lane, intents ahead", 1.03, lambda: {"many": Many()}, False),
        ("8b", "hold lane", 1.08, lambda: {"many": Many()}, True),
        ("8c", "hold lane, each call admitted and paid", 1.08, lambda: {"paid": Paid(SLEEP)}, True),
    ]
    theirs = peers(folder / "peers", "spread", many, workers, "wall", "dbos", "langgraph")
    runs = count()

    def one(make: Callable[[], dict[str, Any]], hold: bool) -> float:
        watcher = _Counting()
        lanes = {"many": workers, "paid": workers}
        own, plugins = folder / f"run{next(runs)}", toys(**make())
        log, engine = engine_on(own, plugins, lanes=lanes, watcher=watcher)
        try:
            ask(own, plugins, Burst(many, hold))
            taken = wall(engine.run)
            done = watcher.kinds.get("made", 0) + watcher.kinds.get("speech_returned", 0)
            if done != many:
                raise RuntimeError(f"row 8: {watcher.kinds}, {many} results were expected")
        finally:
            engine.close()
            log.close()
        return taken

    return [
        figure
        for row, name, aim, make, hold in cases
        for figure in beside(
            row,
            f"{many} x 50 ms on {workers} workers, FULL: {name}",
            partial(one, make, hold),
            lambda: pool_makespan(many, SLEEP, workers),
            theirs if row == "8a" else {},
            rounds=rounds,
            aim=aim,
            scale=1e3,
            unit="ms",
            warm=False,
        )
    ]


def episodes(folder: Path, *, rounds: int, many: int, each: int, workers: int) -> Figure:
    """Row 8, many episodes at once: in each a sequence of `each` effects of 50 ms, on one pool of threads."""
    runs = count()

    def ours() -> float:
        watcher = _Counting()
        own, plugins = folder / f"run{next(runs)}", toys(toy=Rounds())
        log, engine = engine_on(own, plugins, lanes={"many": workers}, watcher=watcher)
        others = Log(own / "log.db", plugins.codec)
        try:
            for number in range(many):
                stream = f"episode/bench/at{number:03d}"
                open_episode(others, Artifacts(own / "artifacts"), plugins, stream)
                others.append(stream, [Step(1, each)], by="bench")
            taken = wall(engine.run)
            if watcher.kinds.get("stepped", 0) != many * each:
                raise RuntimeError(f"row 8d: {watcher.kinds}, {many * each} steps were expected")
        finally:
            others.close()
            engine.close()
            log.close()
        return taken

    return interleaved(
        "8d",
        f"{many} episodes at once, {each} x 50 ms one after the other in each, {workers} workers",
        ours,
        lambda: pool_makespan(many * each, SLEEP, workers),
        rounds=rounds,
        aim=None,
        scale=1e3,
        unit="ms",
        warm=False,
    )
