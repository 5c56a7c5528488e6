"""What an episode's calls cost: one row per call, and the sums, as the core's ledger tells them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from typing import Any

from ....core.episode import Episode
from ....core.ledger import Entry, Fold
from ....events.kinds import spec_of
from ....events.vocabulary import builtin_events

__all__ = ["COLUMNS", "costs_of", "dollars", "to_csv"]

_MONEY = frozenset({"call_admitted", "call_doubted", "call_failed", "doubt_settled", "video_submitted"})
_SPECS = {
    spec.kind: (cls, spec)
    for cls, spec in ((cls, spec_of(cls)) for cls in builtin_events())
    if spec.request or spec.outcome or spec.kind in _MONEY
}
COLUMNS = (
    "position",
    "at",
    "purpose",
    "subject",
    "route",
    "capability",
    "ceiling",
    "cost",
    "billing",
    "reused_from",
)


def costs_of(episode: Episode) -> dict[str, Any]:
    """All calls of an episode, of every revision, with the sums.

    Keys: `calls` (rows in log order: `position`, `at`, `purpose`, `subject`, `route`, `capability`,
    `ceiling`, `cost`, `billing`, `state`, `reused_from`), `total`, `unknown` (calls whose cost nobody
    knows), `in_doubt` and `reserved` (ceilings of doubted and of open calls), `reused`, `by_purpose` and
    `by_route` (each a list of `name`, `calls`, `reused`, `cost`, `unknown`). Money is whole micro-dollars;
    an unknown cost is None and in no sum, never 0. `billing`: billed | free | unknown | reused | ceiling,
    where the cost is what was booked for want of a bill.
    """
    entries = _entries(episode)
    rows = [_row(entry) for entry in entries]
    return {
        "calls": rows,
        "total": sum(entry.cost or 0 for entry in entries),
        "unknown": sum(1 for entry in entries if entry.cost is None and entry.state != "open"),
        "in_doubt": sum(entry.in_doubt for entry in entries),
        "reserved": sum(entry.reserved for entry in entries),
        "reused": sum(1 for entry in entries if entry.reused_from is not None),
        "by_purpose": _sums(rows, "purpose"),
        "by_route": _sums(rows, "route"),
    }


def _entries(episode: Episode) -> list[Entry]:
    found = [record for cls, _ in _SPECS.values() for record in episode.records(cls)]
    fold = Fold({kind: spec for kind, (_, spec) in _SPECS.items()}, episode.record)
    for record in sorted(found, key=lambda record: record.position):
        fold.add(record)
    return fold.entries


def _row(entry: Entry) -> dict[str, Any]:
    billing = "ceiling" if entry.estimated else (entry.billing or "unknown")
    return {
        "position": entry.position,
        "at": entry.at,
        "purpose": entry.purpose,
        "subject": entry.subject,
        "route": entry.route,
        "capability": entry.capability,
        "ceiling": entry.ceiling,
        "cost": entry.cost,
        "billing": billing,
        "state": entry.state,
        "reused_from": entry.reused_from,
    }


def _sums(rows: Iterable[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = sums.setdefault(row[key], {"name": row[key], "calls": 0, "reused": 0, "cost": 0, "unknown": 0})
        one["calls"] += 1
        one["reused"] += row["reused_from"] is not None
        one["cost"] += row["cost"] or 0
        one["unknown"] += row["cost"] is None
    return [sums[name] for name in sorted(sums)]


def dollars(micro: int | None) -> str:
    """Micro-dollars as dollars with six decimals, "unknown" where nobody knows."""
    if micro is None:
        return "unknown"
    sign = "-" if micro < 0 else ""
    return f"{sign}{abs(micro) // 1_000_000}.{abs(micro) % 1_000_000:06d}"


# A spreadsheet takes a cell that begins so for a formula; the full-width forms count for some of them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _cell(text: str) -> str:
    """One line that a spreadsheet shows and never runs."""
    plain = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    return "'" + plain if text.startswith(_FORMULA) or plain.lstrip().startswith(_FORMULA) else plain


def to_csv(costs: dict[str, Any]) -> str:
    """The calls as CSV: `COLUMNS`, money in dollars, texts made harmless for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in costs["calls"]:
        writer.writerow(
            (
                row["position"],
                _cell(row["at"]),
                _cell(row["purpose"]),
                _cell(row["subject"]),
                _cell(row["route"]),
                _cell(row["capability"]),
                dollars(row["ceiling"]),
                dollars(row["cost"]),
                _cell(row["billing"]),
                "" if row["reused_from"] is None else row["reused_from"],
            )
        )
    return out.getvalue()
