"""Making the ledger's tables and the views anew from the log alone, and proving the tables that stand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from .budget import dollars
from .ledger_table import COLUMNS, TOTALS, LedgerTable, touches
from .log import Log
from .schema import audit, made_by, statements
from .verify import Problem

__all__ = ["ledger_problems", "rebuild_ledger"]

_EVERY = 5000  # records between two writes of what changed

_KEY = ("stream", "day", "route", "stage")
_MONEY = ("cost", "reserved", "in_doubt", "ceiling", "quote", "estimated")


def rebuild_ledger(log: Log) -> None:
    """Makes the ledger's tables and the views anew, in one transaction, while engines and readers go on.

    Adds them where an earlier release made the log. No record is touched. The memory needed does not grow
    with the log. Raises BadBody, with the position, for a record that cannot be read; all is as it was then.
    """
    with log.writing():
        _drop(log.db)
        for statement in statements(audit()):
            log.db.execute(statement)
        log.ledger.forget()
        _fill(log, log.ledger)
    log.audited = True


def _drop(db: sqlite3.Connection) -> None:
    ours = made_by().keys() - made_by(1).keys()
    there = dict(db.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    for name in sorted(ours & there.keys(), key=lambda name: there[name] == "table"):
        db.execute(f"DROP {there[name]} {name}")


def _fill(log: Log, table: LedgerTable) -> set[int]:
    """Takes every record into a table; returns the positions of those that nobody here knows how to read."""
    codec = log.codec
    specs = {spec.kind: spec for spec in map(codec.spec, codec.classes())}
    unknown: set[int] = set()
    last = 0
    for record in log.read():
        spec = specs.get(record.kind)
        if spec is None:
            unknown.add(record.position)
        elif touches(spec):
            table.take(record, spec)
        if record.position - last >= _EVERY:
            last = record.position
            table.flush()
    table.flush()
    return unknown


def ledger_problems(log: Log) -> Iterator[Problem]:
    """Every difference between the ledger's tables and what the log says, with its position.

    What a plugin that is not installed wrote cannot be proved, and is left out. Nothing is said of a log that
    has no ledger yet. Call it in a transaction, so that an engine may go on meanwhile.
    """
    if not log.audited:
        return
    other = sqlite3.connect("", isolation_level=None)  # a file of SQLite's own, as large as need be
    try:
        other.execute("BEGIN")
        wanted = LedgerTable(other, log.codec, log.at)
        wanted.make()
        unknown = _fill(log, wanted)
        unproved: set[tuple[Any, ...]] = set()
        yield from _rows(other, log.db, unknown, unproved)
        yield from _sums(other, log.db, unproved)
        jobs = "SELECT position, call FROM ledger_job ORDER BY position"
        if other.execute(jobs).fetchall() != log.db.execute(jobs).fetchall():
            yield Problem(0, "the ledger's table of submissions is not what the log says")
    finally:
        other.close()


def _rows(
    wanted: sqlite3.Connection, kept: sqlite3.Connection, unknown: set[int], unproved: set[tuple[Any, ...]]
) -> Iterator[Problem]:
    names = COLUMNS
    sql = f"SELECT {', '.join(names)} FROM ledger ORDER BY position"
    place = {name: i for i, name in enumerate(names)}
    for want, have in _pairs(wanted.execute(sql), kept.execute(sql), place["position"]):
        doubtful = False
        for row in (want, have):
            if row is not None and not unknown.isdisjoint(
                (row[place["position"]], row[place["request"]], row[place["outcome"]])
            ):
                doubtful = True
        if doubtful:
            unproved.update(tuple(row[place[name]] for name in _KEY) for row in (want, have) if row)
        elif want is None or have is None:
            row = want or have
            assert row is not None
            what = "lacks the call" if have is None else "has a call that the log has not"
            yield Problem(row[place["position"]], f"the ledger {what}, {row[place['route']]}")
        elif want != have:
            yield Problem(want[place["position"]], f"the ledger has for it {_differ(names, want, have)}")


def _sums(
    wanted: sqlite3.Connection, kept: sqlite3.Connection, unproved: set[tuple[Any, ...]]
) -> Iterator[Problem]:
    names = (*_KEY, *TOTALS)
    sql = f"SELECT {', '.join(names)} FROM ledger_total ORDER BY {', '.join(_KEY)}"
    mine = {row[:4]: row for row in wanted.execute(sql)}
    theirs = {row[:4]: row for row in kept.execute(sql)}
    for key in sorted({*mine, *theirs} - unproved):
        want = mine.get(key) or (*key, *[0] * len(TOTALS))
        have = theirs.get(key) or (*key, *[0] * len(TOTALS))
        if want != have:
            stream, day, route, stage = key
            yield Problem(
                0,
                f"the ledger's sums for {stream} on {day}, {route}, {stage or 'nobody'}: "
                f"{_differ(names, want, have)}",
            )


def _pairs(
    wanted: sqlite3.Cursor, kept: sqlite3.Cursor, place: int
) -> Iterator[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Two sorted queries side by side, None where one of them has no row."""
    want, have = wanted.fetchone(), kept.fetchone()
    while want is not None or have is not None:
        if have is None or (want is not None and want[place] < have[place]):
            yield want, None
            want = wanted.fetchone()
        elif want is None or have[place] < want[place]:
            yield None, have
            have = kept.fetchone()
        else:
            yield want, have
            want, have = wanted.fetchone(), kept.fetchone()


def _differ(names: tuple[str, ...], want: tuple[Any, ...], have: tuple[Any, ...]) -> str:
    def told(name: str, value: Any) -> str:
        return dollars(value) if name in _MONEY and isinstance(value, int) else str(value)

    return ", ".join(
        f"{name.replace('_', ' ')} {told(name, b)} where the log says {told(name, a)}"
        for name, a, b in zip(names, want, have, strict=True)
        if a != b
    )
