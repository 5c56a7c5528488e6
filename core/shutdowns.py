"""Models that are about to be shut down: who is warned, when, and what to use instead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from attrs import frozen

from .artifacts import Artifacts
from .folds import Folds
from .ledger import Entry
from .log import Log
from .prices import Prices

__all__ = ["WARN_DAYS", "Shutdown", "shutdowns", "shutdowns_met"]

WARN_DAYS = 30


@frozen
class Shutdown:
    """A route whose model is gone from `until` on, a day (YYYY-MM-DD, UTC). `gone`: it is by now."""

    route: str
    until: str
    successor: str
    gone: bool

    def __str__(self) -> str:
        when = f"is shut down since {self.until}" if self.gone else f"will be shut down on {self.until}"
        instead = f"; its successor is {self.successor}" if self.successor else ""
        return f"{self.route} {when}{instead}"


def shutdowns(prices: Prices, routes: Iterable[str], day: str) -> list[Shutdown]:
    """The routes that are gone on a day, or will be within WARN_DAYS of it; each once, sorted."""
    soon = (date.fromisoformat(day) + timedelta(days=WARN_DAYS)).isoformat()
    found = []
    for route in sorted(set(routes)):
        price = prices.of(route, day)
        if price is not None and price.until and price.until <= soon:
            found.append(Shutdown(route, price.until, price.successor, price.until <= day))
    return found


def shutdowns_met(log: Log, artifacts: Artifacts, entries: Iterable[Entry]) -> list[Shutdown]:
    """The models that were called within WARN_DAYS of their end, each once, by their recorded dates."""
    folds = Folds(log, artifacts.read_sha256)
    called: dict[tuple[str, str], set[str]] = {}
    for one in entries:
        if one.state != "reused":
            called.setdefault((one.stream, one.day), set()).add(one.route)
    found = {
        each.route: each
        for (stream, day), routes in sorted(called.items())
        for each in shutdowns(folds.prices_of(stream, Prices()), routes, day)
    }
    return [found[route] for route in sorted(found)]
