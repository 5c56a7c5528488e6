"""What a test asks of an interrupted run: is its log sound, and is it the same film in the end.

Knows nothing of what was run: any log can be looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import orjson
from audited import audit_faults

from duanju.core.log import Log
from duanju.core.verify import walk

__all__ = ["BOOKKEEPING", "INCIDENTAL", "log_faults", "state_of", "wait_for"]

# What interruptions add to an episode: decisions on calls, doubts and holds.
BOOKKEEPING = frozenset(
    {"call_admitted", "call_doubted", "call_refused", "doubt_settled", "episode_held", "episode_released"}
)
# What may differ between two runs of the same episode: who paid for a twin, and how long it took.
INCIDENTAL = frozenset({"bill", "reused_from"})


def log_faults(log: Log, *, doubts: bool = False) -> list[str]:
    """What is wrong with a log that should be finished; empty = nothing.

    The chain, gaps, repeated ids, causes that point forward, work that is still open, and money that is
    still reserved. With `doubts` an open doubt is no fault.
    """
    faults = [f"position {p.position}: {p.what}" for p in walk(log).problems]
    for position, cause in log.db.execute("SELECT position, cause FROM event WHERE cause >= position"):
        faults.append(f"position {position} is caused by {cause}, which comes later")
    for row in log.db.execute("SELECT stream, plugin, hook, cause, attempt FROM work ORDER BY cause"):
        if not (doubts and row[1] == "core"):
            faults.append(f"still open: {row}")
    for scope, day, reserved in log.db.execute("SELECT scope, day, reserved FROM spend WHERE reserved <> 0"):
        faults.append(f"{scope} has {reserved} reserved on {day}")
    if not doubts:
        for scope, doubt in log.db.execute("SELECT scope, in_doubt FROM spend WHERE in_doubt < 0"):
            faults.append(f"{scope} has {doubt} in doubt")
    (carried,) = log.db.execute("SELECT carried FROM lease").fetchone()
    if carried != log.head:
        faults.append(f"carried is {carried}, the log goes to {log.head}")
    return faults + audit_faults(log)


def state_of(log: Log, stream: str, leave: frozenset[str] = BOOKKEEPING) -> list[str]:
    """An episode as (kind, body) without positions and what interruptions add, sorted: equal = same film."""
    found: list[str] = []
    for record in log.read(stream=stream):
        if record.kind in leave or record.kind == "episode_opened":  # its settings name the trial's own port
            continue
        body: dict[str, Any] = orjson.loads(record.body)
        cls = log.codec.class_of(record.kind)
        drop = set(log.codec.spec(cls).positions) if cls else set()
        kept = {k: v for k, v in body.items() if k not in drop and k not in INCIDENTAL}
        found.append(f"{record.kind} {orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()}")
    return sorted(found)


def wait_for(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something becomes true within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.01)
    return true()
