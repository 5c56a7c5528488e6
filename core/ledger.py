"""The ledger: what every call cost, folded from the log alone, in whole micro-dollars."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import define, frozen

from ..events.calls import (
    CallAdmitted,
    CallDoubted,
    CallFailed,
    DoubtSettled,
    RequestWithdrawn,
    VideoSubmitted,
)
from ..events.record import Record
from .log import Log

__all__ = ["GROUPS", "Entry", "Ledger", "Sums", "ledger_of"]

GROUPS = ("model", "provider", "stage", "episode", "day")


@define(eq=False)
class Entry:
    """One admitted call, or one answer that was reused.

    `state`: open | returned | failed | doubted | superseded | not accepted | given up | withdrawn | reused.
    `cost` is None when nobody knows it; `ceiling` is what was reserved for it. `stage` is the plugin that
    asked. A reused answer costs nothing here; `paid` tells whether the call that made it did.
    """

    position: int
    stream: str
    day: str
    route: str
    stage: str
    purpose: str
    subject: str
    state: str
    ceiling: int | None = None
    cost: int | None = None
    billed: bool = False
    paid: bool = False

    def bill(self, cost: int | None) -> None:
        """Adds a part of its bill; once a part is unknown the whole is."""
        if not self.billed:
            self.cost, self.billed = cost, True
        elif cost is None or self.cost is None:
            self.cost = None
        else:
            self.cost += cost

    @property
    def in_doubt(self) -> int:
        """Money of which nobody knows whether it was spent."""
        return (self.ceiling or 0) if self.state in ("doubted", "superseded") else 0

    @property
    def reserved(self) -> int:
        """Money that a call under way may still cost."""
        return (self.ceiling or 0) if self.state == "open" else 0

    @property
    def unknown(self) -> bool:
        """The call came back and nobody knows what it cost: never counted as 0, but shown by itself."""
        if self.state in ("reused", "withdrawn", "not accepted"):
            return False
        if self.state in ("open", "doubted", "superseded"):
            return self.ceiling is None
        return self.cost is None


@frozen
class Sums:
    """The sums of some entries, in micro-dollars; `cost` is what is known, `unknown` counts the rest."""

    calls: int = 0
    cost: int = 0
    reserved: int = 0
    in_doubt: int = 0
    unknown: int = 0
    reused: int = 0
    reused_paid: int = 0


@frozen
class Ledger:
    """All entries in log order."""

    entries: tuple[Entry, ...]

    def sums(self) -> Sums:
        """The sums of all."""
        return _sum(self.entries)

    def by(self, group: str) -> dict[str, Sums]:
        """The sums by model, provider, stage, episode or day, sorted. Raises KeyError for another word."""
        name = _NAMES[group]
        parts: dict[str, list[Entry]] = {}
        for entry in self.entries:
            parts.setdefault(name(entry), []).append(entry)
        return {key: _sum(parts[key]) for key in sorted(parts)}


_NAMES: dict[str, Callable[[Entry], str]] = {
    "model": lambda entry: entry.route,
    "provider": lambda entry: entry.route.split(":", 1)[0],
    "stage": lambda entry: entry.stage,
    "episode": lambda entry: entry.stream.split("/", 1)[-1],
    "day": lambda entry: entry.day,
}


def _sum(entries: Iterable[Entry]) -> Sums:
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
    )


def ledger_of(log: Log, stream: str | None = None, *, after: int = 0) -> Ledger:
    """The ledger of a stream, or of the whole log; only entries above `after`.

    Reads the log itself, not the tables `spend` and `outcome`, which are made from it. Money belongs to the
    admission: an outcome finds it through its cause, over a submission where there was one.
    """
    fold = _Fold(log)
    for record in log.read(stream=stream):
        fold.add(record)
    return Ledger(tuple(entry for entry in fold.entries if entry.position > after))


class _Fold:
    def __init__(self, log: Log) -> None:
        self._log = log
        self._spec = {log.codec.spec(cls).kind: log.codec.spec(cls) for cls in log.codec.classes()}
        self._asked: dict[int, str] = {}
        self._admitted: dict[int, Entry] = {}
        self._by_request: dict[int, list[Entry]] = {}
        self.entries: list[Entry] = []

    def add(self, record: Record) -> None:
        spec = self._spec.get(record.kind)
        if spec is None:
            return
        if spec.request:
            self._asked[record.position] = record.by.rsplit(".", 1)[0]
        elif spec.outcome or record.kind in ("call_failed", "video_submitted"):
            self._outcome(record)
        elif record.kind in _OTHERS:
            _OTHERS[record.kind](self, record)

    def _admit(self, record: Record) -> None:
        event: CallAdmitted = record.event
        entry = Entry(
            record.position,
            record.stream,
            event.day,
            event.route,
            self._stage(event.request),
            event.purpose,
            event.subject,
            "open",
            event.ceiling,
        )
        self.entries.append(entry)
        self._admitted[record.position] = entry
        self._by_request.setdefault(event.request, []).append(entry)

    def _stage(self, request: int) -> str:
        return self._asked.get(request, "")

    def _outcome(self, record: Record) -> None:
        event = record.event
        if getattr(event, "reused_from", None) is not None:
            self._reused(record)
            return
        entry = self._entry_of(record)
        if entry is None:
            return
        if isinstance(event, VideoSubmitted):
            self._admitted[record.position] = entry  # what answers the submission answers the admission
            if event.bill.billing != "free" or event.bill.cost:
                entry.bill(event.bill.cost)
            return
        entry.bill(event.bill.cost)
        entry.state = "failed" if isinstance(event, CallFailed) else "returned"

    def _entry_of(self, record: Record) -> Entry | None:
        if record.cause in self._admitted:
            return self._admitted[record.cause]
        earlier = self._by_request.get(record.event.request, [])
        return earlier[-1] if earlier else None

    def _reused(self, record: Record) -> None:
        event = record.event
        first = self._log.at(event.reused_from)
        cost = 0
        if first is not None:
            bill = getattr(first.event, "bill", None)
            cost = 0 if bill is None else bill.cost
        self.entries.append(
            Entry(
                record.position,
                record.stream,
                record.at[:10],
                event.route,
                self._stage(event.request),
                "",
                event.subject,
                "reused",
                0,
                0,
                billed=True,
                paid=cost is None or cost > 0,
            )
        )

    def _doubt(self, record: Record) -> None:
        event: CallDoubted = record.event
        entry = self._admitted.get(event.admitted)
        if entry is not None and entry.state == "open":
            entry.state = "doubted"

    def _settle(self, record: Record) -> None:
        event: DoubtSettled = record.event
        entry = self._admitted.get(event.admitted)
        if entry is None or entry.state != "doubted":
            return
        if event.settled == "not_accepted":
            entry.state, entry.cost = "not accepted", 0
        elif event.settled == "given_up":
            entry.state, entry.cost, entry.billed = "given up", entry.ceiling, True
        elif event.settled == "superseded":
            entry.state = "superseded"

    def _withdraw(self, record: Record) -> None:
        event: RequestWithdrawn = record.event
        for entry in self._by_request.get(event.request, []):
            if entry.state == "open":
                entry.state, entry.cost = "withdrawn", 0


_OTHERS: dict[str, Callable[[_Fold, Record], Any]] = {
    "call_admitted": _Fold._admit,
    "call_doubted": _Fold._doubt,
    "doubt_settled": _Fold._settle,
    "request_withdrawn": _Fold._withdraw,
}
