"""Sums over the calls of a ledger: grouped, timed, and which of the money was wasted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from .ledger import Entry

__all__ = ["GROUPS", "Sums", "Timing", "grouped", "mark_wasted", "shot_of", "sum_of", "timings"]

GROUPS = ("model", "provider", "stage", "series", "episode", "shot", "purpose", "day")
Shots = Mapping[tuple[str, str], str]
"""(stream, line) -> the shot in which the line is said."""


@frozen
class Sums:
    """The sums of some entries, in micro-dollars; `cost` is what is known, `unknown` counts the rest.

    `doubts` counts the calls in doubt, `estimated` is the part of `cost` that is a ceiling without a bill,
    `wasted` the part that bought nothing which is still in use.
    """

    calls: int = 0
    cost: int = 0
    reserved: int = 0
    in_doubt: int = 0
    unknown: int = 0
    reused: int = 0
    reused_paid: int = 0
    doubts: int = 0
    estimated: int = 0
    wasted: int = 0

    @property
    def mean(self) -> int | None:
        """Micro-dollars a call of known cost, rounded; None without such a call."""
        known = self.calls - self.unknown
        return None if known <= 0 else round(self.cost / known)


@frozen
class Timing:
    """How a model answered: calls that ended, those that brought an answer, and their latency in ms.

    The latencies are of calls that were answered by a vendor; all None where no call was timed.
    """

    calls: int
    answered: int
    attempts: int
    mean_ms: int | None
    p50_ms: int | None
    p95_ms: int | None

    @property
    def success(self) -> float:
        """The part of the ended calls that brought an answer, 0 to 1."""
        return self.answered / self.calls if self.calls else 0.0


def sum_of(entries: Iterable[Entry]) -> Sums:
    """The sums of these entries."""
    entries = list(entries)
    reused = [one for one in entries if one.state == "reused"]
    return Sums(
        calls=len(entries) - len(reused),
        cost=sum(one.cost or 0 for one in entries),
        reserved=sum(one.reserved for one in entries),
        in_doubt=sum(one.in_doubt for one in entries),
        unknown=sum(one.unknown for one in entries),
        reused=len(reused),
        reused_paid=sum(one.paid for one in reused),
        doubts=sum(one.doubtful for one in entries),
        estimated=sum(one.cost or 0 for one in entries if one.estimated),
        wasted=sum(one.cost or 0 for one in entries if one.wasted),
    )


def grouped(entries: Iterable[Entry], group: str, shots: Shots) -> dict[str, Sums]:
    """The sums by one of GROUPS, sorted by name. Raises KeyError for another word.

    A subject that is no shot and no line of one (a scene, a character) stands by its own name.
    """
    entries = list(entries)
    name = _NAMES[group](len({one.stream for one in entries}) > 1, shots)
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        parts.setdefault(name(entry), []).append(entry)
    return {key: sum_of(parts[key]) for key in sorted(parts)}


def shot_of(stream: str, subject: str, shots: Shots) -> str:
    """The shot that a subject belongs to, or the subject itself."""
    return shots.get((stream, subject), subject)


def _episode(stream: str) -> str:
    kind, _, name = stream.partition("/")
    return f"fork {name}" if kind == "fork" else name or stream


def _by_shot(several: bool, shots: Shots) -> Callable[[Entry], str]:
    def name(entry: Entry) -> str:
        shot = shot_of(entry.stream, entry.subject, shots)
        return f"{_episode(entry.stream)} {shot}" if several else shot

    return name


_NAMES: dict[str, Callable[[bool, Shots], Callable[[Entry], str]]] = {
    "model": lambda several, shots: lambda entry: entry.route,
    "provider": lambda several, shots: lambda entry: entry.route.split(":", 1)[0],
    "stage": lambda several, shots: lambda entry: entry.stage,
    "series": lambda several, shots: lambda entry: [*entry.stream.split("/"), ""][1],
    "episode": lambda several, shots: lambda entry: _episode(entry.stream),
    "shot": _by_shot,
    "purpose": lambda several, shots: lambda entry: entry.purpose,
    "day": lambda several, shots: lambda entry: entry.day,
}


# -- waste ------------------------------------------------------------------------------------------------


def mark_wasted(entries: Iterable[Entry]) -> None:
    """Marks the calls whose money bought nothing that is in use: failed, rejected, or a take replaced.

    A take is replaced by a later one of the same subject and purpose, also of a newer revision, unless that
    one is the same answer used again. Words of one revision replace each other only where they were
    rejected: a long scene is asked for in several calls.
    """
    entries = list(entries)
    used_again = {one.position: one.reused_from for one in entries if one.reused_from is not None}
    subjects: dict[tuple[str, str, str, str], list[Entry]] = {}
    for one in entries:
        if one.state in ("returned", "reused"):
            key = (one.stream, one.capability, one.purpose, one.subject)
            subjects.setdefault(key, []).append(one)
    in_use: set[int | None] = set()
    for answers in subjects.values():
        newest = max(one.revision for one in answers)
        current = [one for one in answers if one.revision == newest and not one.rejected]
        if current and current[0].capability != "chat":
            current = [max(current, key=lambda one: (one.take, one.position))]
        in_use.update(_first(one, used_again) for one in current)
    for one in entries:
        if one.state == "returned":
            one.wasted = one.rejected or one.outcome not in in_use
        else:
            one.wasted = one.state == "failed"


def _first(entry: Entry, used_again: Mapping[int, int | None]) -> int | None:
    """The position of the outcome that a call first brought, whoever used it again since."""
    position = entry.outcome if entry.reused_from is None else entry.reused_from
    while position is not None and position in used_again:
        position = used_again[position]
    return position


# -- time -------------------------------------------------------------------------------------------------

_ENDED = ("returned", "failed", "doubted", "superseded", "given up")


def timings(entries: Iterable[Entry]) -> dict[str, Timing]:
    """How each model answered, sorted by route. A percentile is the nearest rank, so it is one that was."""
    parts: dict[str, list[Entry]] = {}
    for one in entries:
        if one.state in _ENDED:
            parts.setdefault(one.route, []).append(one)
    return {route: _timing(parts[route]) for route in sorted(parts)}


def _timing(entries: list[Entry]) -> Timing:
    answered = [one for one in entries if one.state == "returned"]
    times = sorted(one.latency_ms for one in answered if one.latency_ms)
    return Timing(
        len(entries),
        len(answered),
        sum(one.attempts for one in entries),
        round(sum(times) / len(times)) if times else None,
        _rank(times, 50),
        _rank(times, 95),
    )


def _rank(times: list[int], percent: int) -> int | None:
    return times[-(-len(times) * percent // 100) - 1] if times else None
