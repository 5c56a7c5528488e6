"""Rows 6 to 8: the engine. What a durable step costs, and how well it keeps 64 workers busy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from facts import facts, rows_of
from timing import Figure, busy, interleaved, ratio_of, wall
from toy import SLEEP, Burst, Caller, Chain, Many, Paid, Pair, Step, ask, engine_on, toys
from yardsticks import RawLog, hand_offs, pool_makespan

from duanju.core.engine import Watcher
from duanju.core.plugins import Plugins
from duanju.events.codec import Codec
from duanju.events.record import Record
from duanju.events.vocabulary import builtin_events

__all__ = ["hand_off", "makespan", "steps"]

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
    return [_steps(row, case, folder / case[0], rounds, each) for case in CASES]


def _steps(row: str, case: tuple[str, str, float, float], folder: Path, rounds: int, each: int) -> Figure:
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
        return interleaved(
            f"{row}{letter}",
            f"durable no-op step, {where}: {name}",
            ours,
            yardstick,
            rounds=rounds,
            aim=aim_soft if inline else aim,
            scale=1e6,
            unit="us cpu" if inline else "us",
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
        interleaved(
            row,
            f"{many} x 50 ms on {workers} workers, FULL: {name}",
            partial(one, make, hold),
            lambda: pool_makespan(many, SLEEP, workers),
            rounds=rounds,
            aim=aim,
            scale=1e3,
            unit="ms",
            warm=False,
        )
        for row, name, aim, make, hold in cases
    ]
