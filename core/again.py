"""One decision asked again: a reaction's answer to a record, compared with the answer that the log holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field, frozen

from ..events.record import Record
from .compare import Change, Said, changes
from .contain import a_persons, describe
from .folds import Folds
from .log import Log, once_id
from .plugins import Hook, Plugins
from .reactions import react
from .watchdog import Watchdog

__all__ = ["Again", "Answer"]


@frozen
class Answer:
    """What came of asking a reaction again.

    `wanted` = what the log holds of its answer, `got` = what it says now, or the error that it raises;
    `changes` = how the two differ, where they do and it raises nothing; `failed` = it had failed when it was
    recorded and was never asked again, so that there is nothing to compare.
    """

    equal: bool
    wanted: tuple[Said, ...] = ()
    got: tuple[Said, ...] | str = ()
    changes: tuple[Change, ...] = ()
    failed: bool = False


@define(eq=False)
class Again:
    """Asks reactions again on the recorded prefix; `shown` = the streams whose answers are compared.

    An answer to a series' event goes to other episodes too; those answers are proved by their own replays.
    """

    log: Log
    plugins: Plugins
    folds: Folds
    watchdog: Watchdog
    shown: frozenset[str]
    _given: dict[tuple[int, str], list[Record]] = field(factory=dict)

    def give(self, record: Record) -> None:
        """Takes in a record that may be a part of an answer; in position order within its stream."""
        if record.cause is not None:
            self._given.setdefault((record.cause, record.by), []).append(record)

    def recorded(self, position: int, by: str) -> list[Record]:
        """The answer to a record that the log holds, failures included, in position order."""
        return sorted(self._given.get((position, by), ()), key=lambda one: one.position)

    def ask(self, hook: Hook, record: Record, *, retried: bool = False, mended: bool = False) -> Answer:
        """Runs a reaction on a record and compares. `retried`: it was answered later than it came.

        `mended`: one that had failed is asked all the same, as if it had answered with nothing.

        Never raises for what the reaction does; a person's Ctrl-C passes.
        """
        recorded = self.recorded(record.position, hook.by)
        wanted = [one for one in recorded if one.kind != "reaction_failed"]
        if recorded and not wanted and not mended:
            return Answer(True, failed=True)
        held = tuple(_said(one) for one in wanted)
        try:
            said = [one for one in react(hook, record, self.folds, self.watchdog) if one[0] in self.shown]
        except BaseException as error:  # a reaction that raises now differs, whatever it raises
            if a_persons(error):
                raise
            return Answer(False, held, self.watchdog.run(describe, error))
        got = self._encoded(said)
        late = retried or len(wanted) < len(recorded)
        if self._same(record, wanted, said, got, late):
            return Answer(True, held, held)
        news = [
            one
            for one, (home, event) in zip(got, said, strict=True)
            if one in held or not self._stands(record, home, event, late, wanted)
        ]
        return Answer(False, held, tuple(got), tuple(changes(held, news)))

    def _encoded(self, said: Sequence[tuple[str, Any]]) -> list[Said]:
        codec = self.log.codec
        encoded = [(home, codec.encode(event)) for home, event in said]
        return [Said(home, kind, body) for home, (kind, _, body) in encoded]

    def _same(
        self,
        record: Record,
        wanted: Sequence[Record],
        said: Sequence[tuple[str, Any]],
        got: Sequence[Said],
        retried: bool,
    ) -> bool:
        """Whether the answers are equal; a once event that stood already counts as given."""
        left = list(reversed(wanted))
        for one, (home, event) in zip(got, said, strict=True):
            first = left[-1] if left else None
            near = first is not None and (first.kind, first.stream) == (one.kind, home)
            if first is not None and near and (first.body == one.body or self._upcast_equal(first, event)):
                left.pop()
            elif not self._stands(record, home, event, retried):
                return False
        return not left

    def _upcast_equal(self, record: Record, event: Any) -> bool:
        """A body of an older schema is equal when it reads as the same event."""
        older = record.schema != self.log.codec.spec(type(event)).schema
        return older and bool(record.event == event)

    def _stands(
        self, record: Record, stream: str, event: Any, retried: bool, but: Sequence[Record] = ()
    ) -> bool:
        """Whether a once event can have been there before this answer; `but` = records that do not count.

        Reactions run in log order, so one's once event stood only if its cause is not after this record; an
        effect's, or a person's, may have come at any time, and so may any before an answer given on a retry.
        """
        spec = self.log.codec.spec(type(event))
        if not spec.once:
            return False
        if stream.startswith("fork/") and self.folds.taken(stream, event):
            return True
        key = [getattr(event, name) for name in spec.once]
        position = self.log.position_of(once_id(self.log.id, stream, spec.kind, key))
        standing = None if position is None else self.log.at(position)
        if standing is None or any(one.position == position for one in but):
            return False
        if standing.cause is None or standing.cause <= record.position or retried:
            return True
        hook = self.plugins.hook(*standing.by.rsplit(".", 1)) if "." in standing.by else None
        return hook is None or hook.effect is not None


def _said(record: Record) -> Said:
    return Said(record.stream, record.kind, record.body)
