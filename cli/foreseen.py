"""What an estimate of an episode's newest revision says beside what its calls did cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen

from ..core.words import columns, say
from .money import Currency
from .opening import name_of, reading, used_plugins

if TYPE_CHECKING:
    from ..core.studio import Studio

__all__ = ["Foreseen", "Stage", "foreseen"]


@frozen
class Stage:
    """One stage, or all: calls and micro-dollars as foreseen and as they were; `unknown` calls are in no sum.

    `actual` counts money in doubt and of calls under way at their ceilings.
    """

    name: str
    calls_foreseen: int
    calls: int
    expected: int
    ceiling: int
    actual: int
    unknown: int

    @property
    def error(self) -> float | None:
        """How far the cost is off what was expected, as a part of that; None where nothing was expected."""
        return (self.actual - self.expected) / self.expected if self.expected else None

    @property
    def inside(self) -> bool:
        """Whether it cost no more than the ceiling, as far as its calls are priced."""
        return self.actual <= self.ceiling

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {**attrs.asdict(self), "error": self.error, "inside": self.inside}


@frozen
class Foreseen:
    """An estimate beside the ledger, for an episode's newest revision; `stopped`: why it found no film."""

    episode: str
    revision: int
    stages: tuple[Stage, ...]
    total: Stage
    stopped: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "revision": self.revision,
            "stages": [one.plain() for one in self.stages],
            "total": self.total.plain(),
            "stopped": list(self.stopped),
        }

    def print(self, money: Currency) -> None:
        """Prints the comparison."""
        say()
        say(f"revision {self.revision} of {self.episode}, as an estimate before it would have said:")
        rows: list[list[object]] = [
            ["stage", "calls", "foreseen", "cost", "expected", "at most", "error", ""]
        ]
        for one in (*self.stages, self.total):
            error = "-" if one.error is None else f"{100 * one.error:+.1f} %"
            amounts = [money.shown(one.actual), money.shown(one.expected), money.shown(one.ceiling)]
            mark = "inside" if one.inside else "OVER"
            rows.append([one.name, one.calls, one.calls_foreseen, *amounts, error, mark])
        columns(rows, right=range(1, 7))
        for why in self.stopped:
            say(f"the estimate found no film, so its figures end early: {why}")
        if self.total.unknown:
            say(f"{self.total.unknown} calls cost something that nobody knows; they are in no sum")


def foreseen(place: Studio, stream: str) -> Foreseen:
    """Estimates the newest revision anew, as it was recorded, and sets it beside what was spent on it.

    Only what stood in the log before that revision is used again by the estimate. Raises BadArtifact where
    the recorded script, settings or prices are gone.
    """
    from ..core.estimate import estimate, outcomes_of, recorded, series_facts
    from ..core.ledger import Entry, ledger_of
    from .estimate import scrap

    with reading(place) as log:
        record, script, settings, prices = recorded(log, stream, place.artifacts)
    plugins = used_plugins(place, settings)
    try:
        with reading(place, plugins) as log, scrap() as folder:
            result = estimate(
                attrs.evolve(plugins, prices=prices),
                settings,
                script,
                folder,
                record.at[:10],
                known=outcomes_of(log, place.artifacts, record.position),
                facts=series_facts(log, stream, record.position),
            )
            entries = ledger_of(log, stream, after=record.position).entries
    finally:
        plugins.close()
    quoted = result.by("stage")
    actual: dict[str, list[Entry]] = {}
    for one in entries:
        actual.setdefault(one.stage, []).append(one)
    stages = tuple(
        _stage(name, quoted.get(name), actual.get(name, [])) for name in sorted({*quoted, *actual})
    )
    total = _stage("total", result.total(), list(entries))
    stopped = () if result.whole else tuple(hold.why for hold in result.holds)
    return Foreseen(name_of(stream), record.event.revision, stages, total, stopped)


def _stage(name: str, quoted: Any, entries: list[Any]) -> Stage:
    return Stage(
        name,
        0 if quoted is None else quoted.calls,
        sum(one.state != "reused" for one in entries),
        0 if quoted is None else quoted.expected,
        0 if quoted is None else quoted.ceiling,
        sum(one.committed for one in entries),
        sum(one.unknown for one in entries),
    )
