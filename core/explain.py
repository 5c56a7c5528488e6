"""Why each call of an episode went where it went, what it cost, and what the other routes would have cost."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from .artifacts import Artifacts
from .folds import Folds
from .ledger import Entry, ledger_of
from .log import Log
from .prices import Prices, units_of
from .routing import candidates

__all__ = ["Choice", "Other", "explained"]


@frozen
class Other:
    """A route that was not taken: its rule, and what it was quoted at (micro-dollars, None = unknown)."""

    route: str
    rule: str
    expected: int | None
    ceiling: int | None


@frozen
class Choice:
    """What became of a request, or of one admission of it.

    `state` as in the ledger, or refused; `reason` the rule's own, or why it was refused. Money in
    micro-dollars, None where nobody knows; `others` in the order in which they would be tried.
    """

    position: int
    capability: str
    purpose: str
    subject: str
    route: str
    rule: str
    reason: str
    state: str
    expected: int | None
    ceiling: int | None
    cost: int | None
    others: tuple[Other, ...]


def explained(log: Log, artifacts: Artifacts, stream: str, prices: Prices) -> list[Choice]:
    """Every call of an episode in log order, answers used again and refusals included.

    The other routes are those of the settings in force when the call was admitted, at the recorded prices
    (`prices` where none were recorded). Raises BadArtifact where recorded settings are gone.
    """
    folds = Folds(log, artifacts.read_sha256)
    table = folds.prices_of(stream, prices)
    found = [_of_entry(log, folds, entry, table) for entry in ledger_of(log, stream).entries]
    for record in log.read(stream=stream, kind="call_refused"):
        request = log.at(record.event.request)
        if request is not None:
            found.append(
                _refused(log, folds, record.position, request, record.event.why, table, record.at[:10])
            )
    return sorted(found, key=lambda one: one.position)


def _of_entry(log: Log, folds: Folds, entry: Entry, prices: Prices) -> Choice:
    request = log.at(entry.request)
    others: tuple[Other, ...] = ()
    reason = entry.reason
    if entry.state == "reused":
        reason = f"the answer at position {entry.reused_from} is used again"
    elif request is not None:
        others = _others(folds, entry.stream, entry.position, request.event, entry, prices)
    return Choice(
        entry.position,
        entry.capability,
        entry.purpose,
        entry.subject,
        entry.route,
        entry.rule,
        reason,
        entry.state,
        0 if entry.state == "reused" else entry.quote,
        entry.ceiling,
        None if entry.state in ("open", "doubted", "superseded") else entry.cost,
        others,
    )


def _others(
    folds: Folds, stream: str, position: int, request: Any, entry: Entry, prices: Prices
) -> tuple[Other, ...]:
    settings = folds.episode(stream, position).settings
    return tuple(
        Other(one.route, one.rule, *_quote(request, one.route, prices, entry.day))
        for one in candidates(settings, entry.capability, request)
        if one.route != entry.route
    )


def _quote(request: Any, route: str, prices: Prices, day: str) -> tuple[int | None, int | None]:
    price = prices.of(route, day)
    if price is None:
        return None, None
    expected, most = units_of(request, price)
    return price.cost(expected), price.cost(most)


def _refused(
    log: Log, folds: Folds, position: int, request: Any, why: str, prices: Prices, day: str
) -> Choice:
    event = request.event
    capability = log.codec.spec(type(event)).request or ""
    settings = folds.episode(request.stream, position).settings
    listed = candidates(settings, capability, event)
    return Choice(
        position,
        capability,
        event.purpose,
        event.subject,
        "",
        "",
        why,
        "refused",
        None,
        None,
        0,
        tuple(Other(one.route, one.rule, *_quote(event, one.route, prices, day)) for one in listed),
    )
