"""What a fork has to do first: which decisions, effects and requests of its past are still open to it."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from attrs import define, evolve, field

from ..events.record import Record
from .adoption import Span, Spans
from .folds import Folds, series_of
from .plugins import Hook, Plugins

__all__ = ["Past"]

_Place = tuple[int, int, str, str]
"""How far an engine has come: a record, then its reactions by plugin and hook, its rules, its effects."""

_REACTIONS, _RULES, _EFFECTS = 0, 1, 2
# What the core answers a record with after all its reactions, and what shows that its effects began.
_OF_RULES = frozenset({"core.plan_quality", "core.waive", "core.backfill", "core.release"})
_OF_EFFECTS = frozenset({"core.admit", "core.doubt", "core.late", "core.unanswered"})


def _position(record: Record) -> int:
    return record.position


@define(eq=False)
class Past:
    """A fork's records up to its point, and what is given there.

    An answer is given if it has a record up to the point. One that lies beyond it is open. One without any
    record is an empty one, and given, if the log shows that it was asked for before the point: a later
    record's answer stands there, or a later hook's to the same record; else it is open.
    """

    folds: Folds
    plugins: Plugins
    forked: Record
    given: dict[tuple[int, str], list[Record]] = field(factory=dict)
    _beyond: dict[tuple[int, str], int] = field(factory=dict)
    _come: _Place = (0, 0, "", "")

    def __attrs_post_init__(self) -> None:
        for record in self.records():
            if record.cause is not None:
                self.given.setdefault((record.cause, record.by), []).append(record)
                self._come = max(self._come, self._place(record.cause, record.by))
        at: int = self.forked.event.at
        source = self.folds.index(self.forked.event.source)
        shared = source.shared or self.folds.index(f"series/{series_of(source.stream)}")
        for index in (source, shared):
            for record in index.records[index.count(at) :]:
                if record.cause is not None:
                    self._beyond.setdefault((record.cause, record.by), record.position)

    @property
    def at(self) -> int:
        """The point: the last position that the fork shares with its source."""
        at: int = self.forked.event.at
        return at

    def records(self) -> Iterator[Record]:
        """The records up to the point, the series' among them, in position order."""
        index = self.folds.index(self.forked.stream)
        parts = [index] if index.shared is None else [index, index.shared]
        return merge(*(part.records[: part.count(self.at)] for part in parts), key=_position)

    @classmethod
    def of(cls, folds: Folds, plugins: Plugins, stream: str) -> Past | None:
        """The past of a fork; None for any other stream."""
        forked = folds.index(stream).forked
        return None if forked is None else cls(folds, plugins, forked)

    def own(self, stream: str) -> Iterator[Record]:
        """The fork's own records, its series' among them, given its own stream; of any other, nothing."""
        if stream == self.forked.stream:
            index = self.folds.index(stream)
            parts = [index] if index.shared is None else [index, index.shared]
            yield from merge(*(part.records[part.count(self.at) :] for part in parts), key=_position)

    def span(self, spans: Spans, hook: Hook, record: Record, answered: bool) -> Span | None:
        """In which span a reaction answers a record of the fork; None where it does not.

        Of the past that is what was open when the fork began, and what a person let go on since: the fork
        has `answered` it.
        """
        if not self.takes(hook.plugin):
            return None
        if record.position > self.at:
            return spans.at(hook.plugin, hook.name, record.position)
        open_ = self.is_open(record, hook)
        span = spans.at(hook.plugin, hook.name, self.forked.position) if open_ or answered else None
        return span if span is None or open_ else evolve(span, backfilled=True)

    def takes(self, plugin: str) -> bool:
        """Whether a plugin answers in the fork at all."""
        return plugin not in self.forked.event.without

    def is_open(self, record: Record, hook: Hook) -> bool:
        """Whether the fork asks a reaction about a record of its past: the same whenever it is asked."""
        key = (record.position, hook.by)
        if key in self.given or not self.takes(hook.plugin):
            return False
        if self._beyond.get(key, self.forked.position) < self.forked.position:
            return True
        return (record.position, _REACTIONS, hook.plugin, hook.name) > self._come

    def is_owed(self, record: Record, hook: Hook) -> bool:
        """Whether an effect on a plain fact of the past has to run in the fork, as far as answers tell."""
        key = (record.position, hook.by)
        if key in self.given:
            return self._asked_again(record, hook)
        return key in self._beyond or (record.position, _EFFECTS, "", "") > self._come

    def rule_is_open(self, record: Record) -> bool:
        """Whether the core's own rule for a record has not run before the point."""
        return (record.position, _RULES, "", "") > self._come

    def _asked_again(self, record: Record, hook: Hook) -> bool:
        """Whether an effect had failed, and a person had let it go on, with nothing come of that yet."""
        last = self.given[record.position, hook.by][-1]
        if last.kind != "effect_failed":
            return False
        hold = f"effect:{hook.by}:{record.position}"
        index = self.folds.index(self.forked.stream)
        released = index.of_subject("episode_released", (hold,))
        return any(last.position < one.position <= self.at for one in released)

    def _place(self, cause: int, by: str) -> _Place:
        if by in _OF_EFFECTS:
            return cause, _EFFECTS, "", ""
        if by in _OF_RULES:
            return cause, _RULES, "", ""
        plugin, _, name = by.rpartition(".")
        hook = self.plugins.hook(plugin, name)
        if hook is None:
            return cause, _REACTIONS, "", ""  # gone, or a person's: only what came before it is sure
        return (cause, _REACTIONS, plugin, name) if hook.effect is None else (cause, _EFFECTS, "", "")
