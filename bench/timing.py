"""Measures ours against a yardstick in turns, so that both meet the same moods of the machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Figure", "busy", "cpu_seconds", "interleaved", "ratio_of", "wall"]

Measure = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    `ours` and `yardstick` are in `unit`; `ratio` is the median of the rounds' ratios; `low` and `high` are
    the smallest and largest of them. `aim` None = reported, not judged.
    """

    row: str
    measure: str
    ours: float
    yardstick: float
    unit: str
    ratio: float
    low: float
    high: float
    aim: float | None
    note: str = ""

    @property
    def verdict(self) -> str:
        """ok | over, or "-" where there is no aim."""
        if self.aim is None:
            return "-"
        return "ok" if self.ratio <= self.aim else "over"


def wall(work: Callable[[], object]) -> float:
    """Seconds that a call takes by the clock."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def busy(work: Callable[[], object]) -> float:
    """CPU seconds of this process that a call takes: for what waits for nothing, so that neighbours count
    less."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def cpu_seconds() -> float:
    """CPU seconds, user and system, of this process, its threads, and its children that have ended."""
    import resource

    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def interleaved(
    row: str,
    measure: str,
    ours: Measure,
    yardstick: Measure,
    *,
    rounds: int,
    aim: float | None,
    scale: float = 1.0,
    unit: str = "s",
    note: str = "",
    warm: bool = True,
) -> Figure:
    """A B A B: each round measures both and gives one ratio. `scale` turns figures into `unit`."""
    if warm:
        ours()
        yardstick()
    pairs = [(ours(), yardstick()) for _ in range(rounds)]
    return ratio_of(row, measure, pairs, aim=aim, scale=scale, unit=unit, note=note)


def ratio_of(
    row: str,
    measure: str,
    pairs: list[tuple[float, float]],
    *,
    aim: float | None,
    scale: float = 1.0,
    unit: str = "s",
    note: str = "",
) -> Figure:
    """The figure of (ours, yardstick) pairs that were measured in turns."""
    ratios = [a / b for a, b in pairs]
    return Figure(
        row,
        measure,
        statistics.median(a for a, _ in pairs) * scale,
        statistics.median(b for _, b in pairs) * scale,
        unit,
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        aim,
        note,
    )
