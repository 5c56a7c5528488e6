"""The ledger's tables: kept in the transaction that appends, so that a query of costs never reads the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from operator import add, attrgetter, sub
from typing import TYPE_CHECKING, Any

import attrs

from ..events.codec import Codec
from ..events.kinds import EventSpec
from ..events.record import Record, Unknown
from .ledger import _NOBODY, MONEY, Asked, Entry, Fold, Ledger, asked_by, ledger_of
from .schema import AUDIT, statements
from .sums import mark_wasted

if TYPE_CHECKING:
    from .log import Log

__all__ = ["COLUMNS", "TOTALS", "LedgerTable", "kept_ledger", "ledger_now", "touches"]

COLUMNS = tuple(
    one.name
    for one in attrs.fields(Entry)
    if one.name not in ("at", "key", "rule", "reason", "wasted")
)  # fmt: skip
"""The fields of an entry that the table keeps; the others stand in the log, or are judged when asked for."""

TOTALS = (
    "calls",
    "cost",
    "reserved",
    "in_doubt",
    "unknown",
    "reused",
    "reused_paid",
    "doubts",
    "estimated",
    "ended",
    "answered",
    "rejected",
    "attempts",
)
"""The sums that `ledger_total` keeps for each stream, day, model and stage."""

_READ = f"SELECT {', '.join(COLUMNS)} FROM ledger"
_CHANGES = (
    "state",
    "cost",
    "billing",
    "estimated",
    "outcome",
    "doubt",
    "first",
    "latency_ms",
    "attempts",
    "rejected",
)
_INSERT = f"INSERT INTO ledger({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_UPDATE = f"UPDATE ledger SET {', '.join(f'{name} = ?' for name in _CHANGES)} WHERE position = ?"
_ADD = (
    f"INSERT INTO ledger_total(stream, day, route, stage, {', '.join(TOTALS)}) "
    f"VALUES (?, ?, ?, ?, {', '.join('?' * len(TOTALS))}) ON CONFLICT DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in TOTALS)
)
_MOST = 512  # entries kept in memory; the table has them all
_ENDED = frozenset(("returned", "failed", "doubted", "superseded", "given up"))
_all_of = attrgetter(*COLUMNS)
_changes_of = attrgetter(*_CHANGES)
_BOOLS = tuple(name in ("estimated", "paid", "rejected") for name in COLUMNS)

Sums = tuple[int, ...]


def touches(spec: EventSpec) -> bool:
    """Whether an event of this kind says anything of a call and its money."""
    return spec.request is not None or spec.outcome is not None or spec.kind in MONEY


def sums_of(entry: Entry) -> Sums:
    """What an entry adds to TOTALS."""
    cost = entry.cost or 0
    if entry.state == "reused":
        return (0, cost, 0, 0, 0, 1, int(entry.paid), 0, 0, 0, 0, 0, 0)
    return (
        1,
        cost,
        entry.reserved,
        entry.in_doubt,
        int(entry.unknown),
        0,
        0,
        int(entry.doubtful),
        cost if entry.estimated else 0,
        int(entry.state in _ENDED),
        int(entry.state == "returned"),
        int(entry.rejected),
        entry.attempts,
    )


class LedgerTable(Fold):
    """The fold of the whole log, kept in tables of `db`; `take` each record, then `flush` in its transaction.

    Whoever appends keeps it, an engine or not, so that at every commit it is what the log says. `at` reads
    the log, in the open transaction too. `forget` when another connection has committed, or the transaction
    is rolled back: what is kept in memory is only a copy.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        codec: Codec,
        at: Callable[[int], Record | None],
    ) -> None:
        super().__init__({}, at)
        self._db = db
        self._codec = codec
        self._kept: dict[int, Entry] = {}
        self._booked: dict[int, Sums] = {}
        self._dirty: dict[int, Entry] = {}
        self._jobs: dict[int, int] = {}
        self._new_jobs: list[tuple[int, int]] = []

    def make(self) -> None:
        """Makes the tables, empty, in a database that has none of them."""
        for statement in statements(AUDIT):
            self._db.execute(statement)

    def flush(self) -> None:
        """Writes what changed, each call and each sum once; still inside the transaction."""
        if not self._dirty:
            return
        dirty, self._dirty = self._dirty, {}
        new, changed = [], []
        sums: dict[tuple[str, str, str, str], Sums] = {}
        booked = self._booked
        for position, entry in dirty.items():
            before = booked.get(position)
            now = booked[position] = sums_of(entry)
            if before is None:
                new.append(_all_of(entry))
            else:
                changed.append((*_changes_of(entry), position))
                now = tuple(map(sub, now, before))
            key = (entry.stream, entry.day, entry.route, entry.stage)
            known = sums.get(key)
            sums[key] = now if known is None else tuple(map(add, known, now))
        if new:
            self._db.executemany(_INSERT, new)
        if changed:
            self._db.executemany(_UPDATE, changed)
        self._db.executemany(_ADD, [(*key, *found) for key, found in sums.items()])
        if self._new_jobs:
            self._db.executemany("INSERT INTO ledger_job VALUES (?, ?)", self._new_jobs)
            self._new_jobs.clear()
        if len(self._kept) > _MOST or len(self._asked) > _MOST:
            self.forget()

    def forget(self) -> None:
        """Drops what it has in memory, also what was not written."""
        for kept in (self._kept, self._booked, self._dirty, self._jobs, self._asked, self._by_request):
            kept.clear()
        self._new_jobs.clear()

    # -- what the fold asks for: memory first, then the tables ------------------------------------------

    def admission(self, position: int) -> Entry | None:
        """The entry of the admission at a position, or of the one that a submission there answers."""
        job = self._jobs.get(position)
        if job is None:
            entry = self._at_position(position)
            if entry is not None:
                return None if entry.state == "reused" else entry
            row = self._db.execute("SELECT call FROM ledger_job WHERE position = ?", (position,)).fetchone()
            if row is None:
                return None
            job = self._jobs[position] = row[0]
        return self._at_position(job)

    def _asked_at(self, position: int) -> Asked:
        known = self._asked.get(position)
        if known is not None:
            return known
        record = self._at(position)
        cls = None if record is None else self._codec.class_of(record.kind)
        if record is None or cls is None or self._codec.spec(cls).request is None:
            return _NOBODY
        return asked_by(record)

    def _calls_for(self, stream: str, request: int) -> list[Entry]:
        found = self._by_request.get((stream, request))
        if found is None:
            found = self._by_request[stream, request] = []
            # A request that is remembered here was appended here, and so was whatever speaks of it.
            if request not in self._asked:
                rows = self._db.execute(
                    f"{_READ} WHERE request = ? AND stream = ? AND state <> 'reused' ORDER BY position",
                    (request, stream),
                ).fetchall()
                known = [self._known(row) for row in rows]
                new = [one for one in self._dirty.values() if self._is_for(one, stream, request)]
                found += known + [one for one in new if all(one is not two for two in known)]
        return found

    @staticmethod
    def _is_for(entry: Entry, stream: str, request: int) -> bool:
        return entry.request == request and entry.stream == stream and entry.state != "reused"

    def _answered(self, position: int) -> Entry | None:
        entry = self._at_position(position)
        if entry is not None:
            return entry if entry.state == "reused" else None
        record = self._at(position)
        event = None if record is None else record.event
        request = getattr(event, "request", None) if not isinstance(event, Unknown) else None
        if record is None or request is None:
            return None
        for one in self._calls_for(record.stream, request):
            if one.outcome == position:
                return one
        return None

    def _new(self, entry: Entry) -> None:
        if entry.state != "reused":
            self._calls_for(entry.stream, entry.request).append(entry)
        self._kept[entry.position] = self._dirty[entry.position] = entry

    def _submitted(self, position: int, entry: Entry) -> None:
        self._jobs[position] = entry.position
        self._new_jobs.append((position, entry.position))

    def _changed(self, entry: Entry) -> None:
        self._dirty[entry.position] = entry

    def _at_position(self, position: int) -> Entry | None:
        entry = self._kept.get(position)
        if entry is None:
            row = self._db.execute(f"{_READ} WHERE position = ?", (position,)).fetchone()
            entry = None if row is None else self._known(row)
        return entry

    def _known(self, row: tuple[Any, ...]) -> Entry:
        """The entry of a row; the one in memory is newer than its row."""
        position: int = row[0]
        entry = self._kept.get(position)
        if entry is None:
            entry = self._kept[position] = _entry(row)
            self._booked[position] = sums_of(entry)
        return entry


def _entry(row: tuple[Any, ...], at: str = "") -> Entry:
    values: dict[str, Any] = {
        name: bool(value) if is_bool else value
        for name, value, is_bool in zip(COLUMNS, row, _BOOLS, strict=True)
    }
    return Entry(at=at, **values)


def ledger_now(log: Log) -> Ledger:
    """The ledger of a whole log: as its table has it, or folded from a log of an earlier release."""
    return kept_ledger(log.db) if log.audited else ledger_of(log)


def kept_ledger(db: sqlite3.Connection, shots: Mapping[tuple[str, str], str] | None = None) -> Ledger:
    """The ledger as its table has it, with the times of the log; without rules, reasons and keys."""
    columns = ", ".join(f"ledger.{name}" for name in COLUMNS)
    entries = [
        _entry(row[1:], row[0])
        for row in db.execute(
            f"SELECT event.at, {columns} FROM ledger JOIN event USING (position) ORDER BY position"
        )
    ]
    mark_wasted(entries)
    return Ledger(tuple(entries), shots or {})
