"""Remake: a file that was lost after it was made is made again where that is free, else a person is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs
import orjson
from attrs import define, field

from ..events.artifact import Artifact
from ..events.record import Record
from .artifacts import Artifacts
from .budget import dollars
from .keys import artifacts_of
from .log import derived_id
from .owed import Owed, Work, attempts_used
from .plugins import Hook, Plugins
from .sound import Sound
from .turn import Turn
from .twins import Twins

__all__ = ["Remake", "attempts_before"]

_LOST = re.compile(r"\bartifact ([0-9a-f]{64}) (?:is missing )?at ")


def attempts_before(turn: Turn, stream: str, cause: int, hook: Hook) -> int:
    """How many attempts of an effect on a record came before, those that answered it well included.

    The ids of an answer are made of its attempt: what is made again must not come under the same ones.
    """
    base = upto = attempts_used(turn.folds, stream, cause, hook.by)
    margin = hook.effect.attempts if hook.effect is not None else 0
    while upto < base + margin:
        upto += 1
        if turn.log.has_id(derived_id(turn.log.id, stream, hook.plugin, hook.name, cause, upto, 0)):
            base = upto
    return base


@define(eq=False)
class Remake:
    """Finds who made a lost artifact, by the name that an effect's failure tells."""

    turn: Turn
    plugins: Plugins
    artifacts: Artifacts
    owed: Owed
    twins: Twins
    _under_way: dict[tuple[str, str, str, int], Record] = field(factory=dict)

    def queue(self, work: Work, why: str) -> bool:
        """Has what `work` lacked made again, and lets it wait for that; False when nothing can be done so.

        It counts as an attempt of `work`, so that a file which does not stay ends in a hold all the same.
        """
        spec = work.hook.effect
        if work.paid or work.granted or spec is None or work.attempt - work.base >= spec.attempts:
            return False
        lost = self._lost(why)
        if lost is None:
            return False
        for record, artifact in self._naming(work.stream, lost):
            maker = self._maker(record)
            if maker is not None and maker.row != work.row and not self.artifacts.sound(artifact):
                self._under_way[maker.row] = record
                self.twins.wait_for(maker, work)
                return True
        return False

    def restored(self, work: Work, sounds: list[Sound]) -> bool:
        """Whether a run has only brought a lost file back: its answer stands, and no fact is new."""
        old = self._under_way.pop(work.row, None)
        if old is None or len(sounds) != 1:
            return False
        known = old.event
        if hasattr(known, "reused_from"):
            known = attrs.evolve(known, reused_from=None)
        if self.turn.log.codec.encode(known) != sounds[0][1]:
            return False
        self.turn.works.drop(*work.row)
        self.twins.free(work)
        return True

    def explained(self, stream: str, why: str) -> tuple[str, str] | None:
        """Why a lost artifact holds an episode, with who made it and what it cost, and what to do then."""
        lost = self._lost(why)
        if lost is None:
            return None
        found = next(self._naming(stream, lost), None)
        if found is None:
            return None
        record, artifact = found
        bill = orjson.loads(record.body).get("bill") or {}
        cost = bill.get("cost") if isinstance(bill, dict) else None
        paid = f" and cost {dollars(cost)}" if isinstance(cost, int) and cost > 0 else ""
        place = self.artifacts.place(artifact)
        return (
            f"{why}; it was made at position {record.position} ({record.kind}) by {record.by}{paid}",
            f"put {place} back from a backup, or change what it was made from in the script",
        )

    def _lost(self, why: str) -> str | None:
        found = _LOST.search(why)
        return None if found is None else found[1]

    def _naming(self, stream: str, sha256: str) -> Iterator[tuple[Record, Artifact]]:
        """The records of a stream that name an artifact, first the one that made it."""
        self.turn.log.flush()
        rows = self.turn.log.db.execute(
            "SELECT position FROM event WHERE stream = ? AND instr(body, ?) ORDER BY version",
            (stream, sha256),
        )
        for (position,) in rows.fetchall():
            record = self.turn.log.at(position)
            named: list[Any] = [] if record is None else artifacts_of(record.event)
            for artifact in named:
                if record is not None and artifact.sha256 == sha256:
                    yield record, artifact

    def _maker(self, record: Record) -> Work | None:
        """The work whose answer a record is, where it can be done again for nothing."""
        cause = None if record.cause is None else self.turn.at(record.stream, record.cause)
        plugin, _, name = record.by.rpartition(".")
        hook = self.plugins.hook(plugin, name)
        if cause is None or hook is None or hook.effect is None or self.turn.stale(cause):
            return None
        if hook.effect.provider is not None or hook.effect.doubt != "repeat" or not hook.effect.reuse:
            return None
        base = attempts_before(self.turn, record.stream, cause.position, hook)
        return Work(record.stream, hook, cause, base, base=base)
