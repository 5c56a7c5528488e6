"""The books of a log three times: its tables and views, the fold of the records, and json_extract alone."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

import attrs

from duanju.core.ledger import ledger_of
from duanju.core.ledger_table import COLUMNS, kept_ledger
from duanju.core.log import Log
from duanju.core.rebuild_ledger import ledger_problems

__all__ = ["audit_faults", "json_sums"]

Key = tuple[str, str, str]
"""Stream, day and route."""


def audit_faults(log: Log) -> list[str]:
    """Every difference between what the ledger's tables and views say and what the log says; empty = none."""
    faults = [f"{one.position}: {one.what}" for one in ledger_problems(log)]
    wanted = {one.position: one for one in ledger_of(log).entries}
    kept = {one.position: one for one in kept_ledger(log.db).entries}
    for position in sorted({*wanted, *kept}):
        want, have = _plain(wanted.get(position)), _plain(kept.get(position))
        if want != have:
            faults.append(f"{position}: the fold says {want}, the table {have}")
    wasted = {one.position for one in wanted.values() if one.wasted}
    viewed = {row[0] for row in log.db.execute("SELECT position FROM cost_wasted")}
    if wasted != viewed:
        faults.append(f"wasted are {sorted(wasted)}, the view says {sorted(viewed)}")
    sums = json_sums(log.db)
    total = {
        (row[0], row[1], row[2]): row[3:]
        for row in log.db.execute(
            "SELECT stream, day, model, sum(calls), sum(cost), sum(reserved), sum(in_doubt), sum(unknown) "
            "FROM cost_total GROUP BY stream, day, model HAVING sum(calls) > 0"
        )
    }
    if sums != total:
        faults.append(f"json_extract says {sums}, the totals {total}")
    return faults


def _plain(entry: Any) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {name: value for name, value in attrs.asdict(entry).items() if name in (*COLUMNS, "at", "wasted")}


def json_sums(db: sqlite3.Connection) -> dict[Key, tuple[int, int, int, int, int]]:
    """Calls, cost, reserved, in doubt and unknown by stream, day and route, with nothing of ours but SQL."""
    rows = db.execute(
        "SELECT position, stream, kind, cause, json_extract(body, '$.request'), "
        "json_extract(body, '$.admitted'), json_extract(body, '$.bill.cost'), "
        "json_extract(body, '$.bill.billing'), json_extract(body, '$.settled'), "
        "json_extract(body, '$.ceiling'), json_extract(body, '$.route'), json_extract(body, '$.day') "
        "FROM event WHERE kind IN ('call_admitted', 'call_doubted', 'doubt_settled') "
        "OR json_type(body, '$.bill') = 'object' AND json_extract(body, '$.reused_from') IS NULL "
        "ORDER BY position"
    ).fetchall()
    calls: dict[int, dict[str, Any]] = {}
    whose: dict[int, int] = {}
    for position, stream, kind, cause, request, admitted, cost, billing, settled, ceiling, route, day in rows:
        if kind == "call_admitted":
            calls[position] = {
                "key": (stream, day, route), "stream": stream, "request": request, "ceiling": ceiling,
                "doubted": False, "ended": False, "bills": [], "booked": None,
            }  # fmt: skip
            whose[position] = position
            continue
        if kind in ("call_doubted", "doubt_settled"):
            call = calls.get(admitted)
            if call is None or call["ended"]:
                continue
            if kind == "call_doubted":
                call["doubted"] = True
            elif call["doubted"]:
                call["ended"], call["doubted"] = True, False
                call["booked"] = 0 if settled == "not_accepted" else call["ceiling"]
                call["given_up"] = True
            continue
        mine = whose.get(cause)
        if mine is None:
            open_doubts = [
                p for p, c in calls.items()
                if c["doubted"] and c["request"] == request and c["stream"] == stream
            ]  # fmt: skip
            mine = max(open_doubts, default=None)
        if mine is None or calls[mine]["ended"] or calls[mine]["request"] != request:
            continue
        call = calls[mine]
        call["doubted"] = False
        if kind == "video_submitted":
            whose[position] = mine
            if billing != "free" or cost:
                call["bills"].append((cost, billing))
        else:
            call["bills"].append((cost, billing))
            call["ended"] = True
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for call in calls.values():
        row = sums[call["key"]]
        row[0] += 1
        bills = [
            None if c is None or not 0 <= c <= 10**15 or (b == "unknown" and c == 0) else c
            for c, b in call["bills"]
        ]
        known = sum(bills) if all(one is not None for one in bills) else None
        if "given_up" in call:
            known = call["booked"]
        elif call["doubted"] or not call["ended"]:
            row[3 if call["doubted"] else 2] += call["ceiling"] or 0
            row[4] += call["ceiling"] is None
            row[1] += known or 0
            continue
        row[1] += known or 0
        row[4] += known is None
    return {key: (r[0], r[1], r[2], r[3], r[4]) for key, r in sums.items()}
