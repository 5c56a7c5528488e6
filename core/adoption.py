"""Adoption: from where on each plugin's hooks answer, written when an engine starts and read by a replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from ..events.episode import HooksAdopted, HooksBackfilled, HooksLeft
from ..events.record import Record
from .log import Log
from .plugins import Hook, Plugin, Plugins

__all__ = ["Span", "Spans", "adopt", "uncovered"]


@frozen
class Span:
    """A hook answers the records with after < position <= upto (None = still), in this decisions version.

    `backfilled`: it did so later than the records came, on a person's word, in one episode.
    """

    after: int
    upto: int | None
    decisions: int
    backfilled: bool = False


def adopt(log: Log, plugins: Plugins, carried: int, fresh: list[Record]) -> None:
    """Appends `hooks_adopted` and `hooks_left` where the plugins in force differ from the last engine's."""
    last: dict[str, HooksAdopted] = {}
    for record in log.read(stream="studio"):
        if record.kind == "hooks_adopted":
            last[record.event.plugin] = record.event
        elif record.kind == "hooks_left":
            last.pop(record.event.plugin, None)
    for name in sorted(set(last) | set(plugins.plugins)):
        plugin, old = plugins.plugins.get(name), last.get(name)
        hooks = tuple(hook.name for hook in plugin.hooks) if plugin else ()
        if plugin and old and (old.decisions, old.hooks) == (plugin.decisions, hooks):
            continue
        events: list[HooksAdopted | HooksLeft] = []
        if old:
            events.append(HooksLeft(name, old.hooks, carried))
        if plugin and hooks:
            events.append(HooksAdopted(name, plugin.version, plugin.decisions, hooks, carried))
        for event in events:
            record_ = log.add("studio", event, by="core.adopt")
            if record_ is not None:
                fresh.append(record_)


class Spans:
    """Which records each hook answers, read from the studio's records and one episode's backfills."""

    def __init__(self, records: Iterable[Record]) -> None:
        """`records` in position order, or the studio's first; all others are passed over."""
        open_: dict[tuple[str, str], tuple[int, int]] = {}
        self._spans: dict[tuple[str, str], list[Span]] = {}
        for record in records:
            kind = record.kind
            if kind == "hooks_adopted":
                adopted: HooksAdopted = record.event
                for hook in adopted.hooks:
                    open_[adopted.plugin, hook] = (adopted.carried, adopted.decisions)
            elif kind == "hooks_left":
                left: HooksLeft = record.event
                for hook in left.hooks:
                    began = open_.pop((left.plugin, hook), None)
                    if began is not None:
                        self._add((left.plugin, hook), Span(began[0], left.carried, began[1]))
            elif kind == "hooks_backfilled":
                filled: HooksBackfilled = record.event
                for hook in filled.hooks:
                    self._add((filled.plugin, hook), Span(0, filled.upto, filled.decisions, backfilled=True))
        for key, (after, decisions) in open_.items():
            self._add(key, Span(after, None, decisions))
        for spans in self._spans.values():
            spans.sort(key=lambda span: span.backfilled)  # what a hook answered in its time comes first

    def _add(self, key: tuple[str, str], span: Span) -> None:
        self._spans.setdefault(key, []).append(span)

    def at(self, plugin: str, hook: str, position: int, *, backfilled: bool = True) -> Span | None:
        """The span in which a hook answers the record at a position; None where it does not.

        `backfilled=False` leaves the backfills out: they are about the records of one episode only.
        """
        for span in self._spans.get((plugin, hook), ()):
            if span.backfilled and not backfilled:
                continue
            if span.after < position and (span.upto is None or position <= span.upto):
                return span
        return None

    def knows(self, plugin: str, hook: str) -> bool:
        """Whether a hook ever answered anything."""
        return (plugin, hook) in self._spans


def uncovered(spans: Spans, plugin: Plugin, records: Iterable[Record]) -> Iterator[tuple[Record, Hook]]:
    """The records that a plugin's hooks would answer and no span of theirs covers, in log order.

    Effects on routed events are not among them: a request reaches the provider that its admission names.
    """
    by_kind: dict[str, list[Hook]] = {}
    for hook in plugin.hooks:
        if hook.effect is None or hook.effect.provider is None:
            by_kind.setdefault(hook.kind, []).append(hook)
    for record in records:
        for hook in by_kind.get(record.kind, ()):
            if spans.at(plugin.name, hook.name, record.position) is None:
                yield record, hook
