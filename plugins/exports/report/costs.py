"""What an episode's calls cost: one row per call, and the sums, folded from the log in micro-dollars."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from typing import Any

from attrs import define

from ....core.episode import Episode
from ....events.calls import (
    CallAdmitted,
    CallDoubted,
    CallFailed,
    ChatReturned,
    DoubtSettled,
    ImageReturned,
    LipsyncReturned,
    RequestWithdrawn,
    SpeechReturned,
    VideoReturned,
    VideoSubmitted,
)
from ....events.record import Record

__all__ = ["COLUMNS", "costs_of", "dollars", "to_csv"]

_OUTCOMES: tuple[tuple[type[Any], str], ...] = (
    (ChatReturned, "chat"),
    (ImageReturned, "image"),
    (VideoSubmitted, "video"),
    (VideoReturned, "video"),
    (SpeechReturned, "speech"),
    (LipsyncReturned, "lipsync"),
    (CallFailed, ""),
)
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


@define
class _Call:
    """One admission, and what became of it."""

    record: Record
    state: str = "open"
    cost: int | None = None
    billing: str = "unknown"
    known: bool = False

    def bill(self, cost: int | None, billing: str) -> None:
        """Adds one outcome's bill; once a part is unknown, the whole is."""
        unknown = cost is None or billing == "unknown"
        if not self.known:
            self.cost, self.billing, self.known = (None if unknown else cost), billing, True
        else:
            self.cost = None if unknown or self.cost is None else self.cost + (cost or 0)
            if billing != "free":
                self.billing = billing
        if self.cost is None:
            self.billing = "unknown"


def costs_of(episode: Episode) -> dict[str, Any]:
    """All calls of an episode, of every revision, with the sums.

    Keys: `calls` (rows in log order: `position`, `at`, `purpose`, `subject`, `route`, `capability`,
    `ceiling`, `cost`, `billing`, `state`, `reused_from`), `total`, `unknown` (calls whose cost nobody
    knows), `in_doubt` and `reserved` (ceilings of doubted and of open calls), `reused`, `by_purpose` and
    `by_route` (each a list of `name`, `calls`, `reused`, `cost`, `unknown`). Money is whole micro-dollars;
    an unknown cost is None and in no sum, never 0.
    """
    calls = _calls(episode)
    rows = sorted([*map(_row, calls), *_reused(episode)], key=lambda row: int(row["position"]))
    return {
        "calls": rows,
        "total": sum(row["cost"] or 0 for row in rows),
        "unknown": sum(1 for row in rows if row["cost"] is None and row["state"] != "open"),
        "in_doubt": sum(row["ceiling"] or 0 for row in rows if row["state"] == "doubted"),
        "reserved": sum(row["ceiling"] or 0 for row in rows if row["state"] == "open"),
        "reused": sum(1 for row in rows if row["reused_from"] is not None),
        "by_purpose": _sums(rows, "purpose"),
        "by_route": _sums(rows, "route"),
    }


def _calls(episode: Episode) -> list[_Call]:
    calls = [_Call(record) for record in episode.records(CallAdmitted)]
    by_position = {call.record.position: call for call in calls}
    by_request: dict[int, list[_Call]] = {}
    for call in calls:
        by_request.setdefault(call.record.event.request, []).append(call)

    def owner(record: Record, request: int) -> _Call | None:
        # An answer's cause is its admission; where a job was submitted first, it is the submission.
        if record.cause is not None and record.cause in by_position:
            return by_position[record.cause]
        earlier = [c for c in by_request.get(request, ()) if c.record.position < record.position]
        return earlier[-1] if earlier else None

    for cls, _ in _OUTCOMES:
        for record in episode.records(cls):
            event = record.event
            if getattr(event, "reused_from", None) is not None:
                continue
            found = owner(record, event.request)
            if found is None:
                continue
            if cls is VideoSubmitted:
                if event.bill.cost != 0 or event.bill.billing != "free":
                    found.bill(event.bill.cost, event.bill.billing)
                continue
            found.bill(event.bill.cost, event.bill.billing)
            found.state = "failed" if cls is CallFailed else "returned"
    for record in episode.records(CallDoubted):
        doubted = by_position.get(record.event.admitted)
        if doubted is not None and doubted.state == "open":
            doubted.state = "doubted"
    for record in episode.records(DoubtSettled):
        settled = by_position.get(record.event.admitted)
        if settled is not None and settled.state == "doubted":
            _settle(settled, record.event.settled)
    for record in episode.records(RequestWithdrawn):
        for one in by_request.get(record.event.request, ()):
            if one.state == "open" and one.record.position < record.position:
                one.state, one.cost, one.billing = "withdrawn", 0, "free"
    return calls


def _settle(call: _Call, how: str) -> None:
    """Ends a doubt; `superseded` stays in doubt at its ceiling, `returned` has its outcome already."""
    if how == "not_accepted":
        call.state, call.cost, call.billing = "not accepted", 0, "free"
    elif how == "given_up":
        ceiling = call.record.event.ceiling
        call.state, call.cost = "given up", ceiling
        call.billing = "unknown" if ceiling is None else "ceiling"


def _row(call: _Call) -> dict[str, Any]:
    event: CallAdmitted = call.record.event
    return {
        "position": call.record.position,
        "at": call.record.at,
        "purpose": event.purpose,
        "subject": event.subject,
        "route": event.route,
        "capability": event.capability,
        "ceiling": event.ceiling,
        "cost": call.cost,
        "billing": call.billing,
        "state": call.state,
        "reused_from": None,
    }


def _reused(episode: Episode) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for cls, capability in _OUTCOMES:
        for record in episode.records(cls):
            event = record.event
            if getattr(event, "reused_from", None) is None:
                continue
            asked = episode.record(event.request)
            rows.append(
                {
                    "position": record.position,
                    "at": record.at,
                    "purpose": getattr(asked.event, "purpose", "") if asked else "",
                    "subject": event.subject,
                    "route": event.route,
                    "capability": capability,
                    "ceiling": 0,
                    "cost": 0,  # the call that made it is in the log once, with its bill
                    "billing": "reused",
                    "state": "reused",
                    "reused_from": event.reused_from,
                }
            )
    return rows


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
