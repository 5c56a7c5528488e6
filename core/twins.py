"""Twins: reusable effects with equal inputs run once, and the others take that answer."""

from __future__ import annotations

from ..events.record import Record
from .artifacts import Artifacts
from .keys import artifacts_of, effect_key, readdress
from .owed import Owed, Work
from .turn import Turn

__all__ = ["Twins"]


class Twins:
    """Who waits for whose answer, by the effect's key."""

    def __init__(self, turn: Turn, owed: Owed, artifacts: Artifacts) -> None:
        self._turn = turn
        self._owed = owed
        self._artifacts = artifacts
        self._waiting: dict[str, list[Work]] = {}

    def answers(self, work: Work) -> bool:
        """Answers a reusable effect by its twin; True when answered, or waiting for one in flight."""
        turn = self._turn
        codec, works = turn.log.codec, turn.works
        delivery = turn.folds.settings_of(work.stream).delivery
        key = effect_key(codec, work.hook, work.record.event, delivery)
        position = works.outcome(key)
        old = None if position is None else turn.log.at(position)
        if old is not None and all(self._artifacts.sound(one) for one in artifacts_of(old.event)):
            event = readdress(codec, old.event, work.record.event, reused_from=old.position)
            turn.append(work.stream, event, work.record, work.hook.by, 0, 0)
            works.drop(*work.row)
            return True
        if key in self._waiting:
            self._waiting[key].append(work)
            works.owe(*work.row)
            return True
        self._waiting[key] = []
        work.key = key
        return False

    def wait_for(self, maker: Work, waiter: Work) -> None:
        """Runs `maker` though its answer stands, because what it made is lost; then `waiter` runs again."""
        turn = self._turn
        delivery = turn.folds.settings_of(maker.stream).delivery
        key = effect_key(turn.log.codec, maker.hook, maker.record.event, delivery)
        turn.works.owe(*waiter.row)
        if key in self._waiting:
            self._waiting[key].append(waiter)
            return
        self._waiting[key] = [waiter]
        maker.key = key
        self._owed.queue(maker)

    def remember(self, work: Work, records: list[Record]) -> None:
        """A work that others may wait for ended: its answer can be given again, and they look at it now."""
        if not work.key:
            return
        twins = self._waiting.pop(work.key, [])
        valid = len(records) == 1 and hasattr(records[0].event, "reused_from")
        if valid and getattr(records[0].event, "verdict", "") not in ("error", "skipped"):
            self._turn.works.remember(work.key, records[0].position)
        work.key = ""
        for twin in twins:
            self._owed.queue(twin)

    def free(self, work: Work) -> None:
        """A work that others may wait for has no answer, or will not run now: the next of them goes first."""
        self.remember(work, [])
