"""The turn under way: what the engine appends in its open transaction, and what is still to be carried."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import Any

from ..events.episode import EpisodeHeld, EpisodeReleased
from ..events.record import Record
from .budget import Spend
from .folds import Folds, is_episode, quoted_name
from .log import Log, derived_id
from .watchdog import Watchdog
from .work import Works

__all__ = ["Encoded", "Turn"]

Encoded = tuple[str, int, str]
"""Kind, schema and body: what the codec makes of an event."""


@lru_cache(maxsize=1024)
def _named(by: str) -> tuple[str, str]:
    """`cut.on_cut_requested` -> its plugin and its hook."""
    plugin, hook = by.rsplit(".", 1)
    return plugin, hook


class Turn:
    """One engine's hand on its log. `pending` = records to carry, `fresh` = those this turn has added."""

    def __init__(self, log: Log, folds: Folds, watchdog: Watchdog | None = None) -> None:
        self.log = log
        self.folds = folds
        self.watchdog = watchdog or Watchdog()
        self.works = Works(log.db)
        self.spend = Spend(log.db)
        self.pending: deque[Record] = deque()
        self.fresh: list[Record] = []

    def append(
        self,
        stream: str,
        event: Any,
        cause: Record,
        by: str,
        attempt: int,
        index: int,
        encoded: Encoded | None = None,
    ) -> Record | None:
        """Appends the `index`th event of an answer of `by` to `cause`; None when its once key stands already.

        `encoded`: what the codec made of the event already.
        """
        if stream.startswith("fork/") and self.folds.taken(stream, event):
            return None
        plugin, hook = _named(by)
        id = derived_id(self.log.id, stream, plugin, hook, cause.position, attempt, index)
        record = self.log.add(
            stream,
            event,
            by=by,
            cause=cause.position,
            root=cause.root or cause.position,
            id=id,
            encoded=encoded,
        )
        if record is not None:
            self.folds.add(record)
            self.pending.append(record)
            self.fresh.append(record)
        return record

    def append_core(self, stream: str, event: Any, cause: Record, hook: str) -> Record | None:
        """Appends an event of the core's own; one cause may bring several of one kind."""
        count = 0
        # What this transaction has added nobody has answered before it: no need to ask the table.
        taken = self.log.is_new if cause.position > self.log.begun else self.log.has_id
        while taken(derived_id(self.log.id, stream, "core", hook, cause.position, 0, count)):
            count += 1
        return self.append(stream, event, cause, f"core.{hook}", 0, count)

    def hold(self, stream: str, cause: Record, hold: str, why: str, next: str, subject: str = "") -> None:
        """Holds an episode; nothing for another stream, or when this hold is in force already.

        What fails on a hold holds nothing: the episode is held, and the new hold would be answered by the
        same hook, which would fail again, without end.
        """
        if is_episode(stream) and cause.kind != "episode_held":
            self.hold_stream(stream, cause, hold, why, next, subject)

    def hold_stream(
        self, stream: str, cause: Record, hold: str, why: str, next: str, subject: str = ""
    ) -> None:
        """Holds a stream, whatever it and the cause are; nothing when this hold is in force."""
        if hold not in self.folds.holds(stream):
            event = EpisodeHeld(hold, why, subject, next, self.folds.revision(stream))
            self.append_core(stream, event, cause, "hold")

    def release(self, stream: str, cause: Record, hold: str, why: str) -> None:
        """Ends a hold; nothing when it is not in force."""
        if hold in self.folds.holds(stream):
            self.append_core(stream, EpisodeReleased(hold, "core", why), cause, "release")

    def at(self, stream: str, position: int) -> Record | None:
        """The record at a position, as a stream sees it: a fork's past stands in its own stream."""
        if stream.startswith("fork/"):
            return self.folds.index(stream).at(position)
        return self.log.at(position)

    def furnished(self, stream: str, cause: Record) -> bool:
        """Whether an episode's recorded settings and prices can be read; else it is held until they can."""
        trouble = self.folds.trouble(stream) if is_episode(stream) else None
        if trouble is None:
            return True
        sha256, why = trouble
        self.hold(
            stream,
            cause,
            f"artifact:{sha256}",
            f"the settings or prices recorded for this episode cannot be read: {why}",
            "put the file back (from a backup of the studio), then run duanju resume "
            f"{quoted_name(stream)}; or produce it again, which records them anew",
        )
        return False

    def stale(self, record: Record) -> bool:
        """Whether a record speaks of an older revision than its episode's newest."""
        revision = getattr(record.event, "revision", None)
        return (
            revision is not None
            and is_episode(record.stream)
            and revision < self.folds.revision(record.stream)
        )
