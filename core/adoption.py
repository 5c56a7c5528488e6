"""Adoption: from where on each plugin's hooks answer, written when an engine starts and read by a replay."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from ..events.episode import HooksAdopted, HooksLeft
from ..events.record import Record
from .log import Log
from .plugins import Plugins

__all__ = ["Span", "adopt", "spans_of"]


@frozen
class Span:
    """A hook answers the records with after < position <= upto (None = still), in this decisions version."""

    after: int
    upto: int | None
    decisions: int


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


def spans_of(records: Iterable[Record]) -> dict[tuple[str, str], list[Span]]:
    """(plugin, hook) -> its spans in order, from the studio stream's records."""
    open_: dict[tuple[str, str], tuple[int, int]] = {}
    spans: dict[tuple[str, str], list[Span]] = {}
    for record in records:
        event = record.event
        if isinstance(event, HooksAdopted):
            for hook in event.hooks:
                open_[event.plugin, hook] = (event.carried, event.decisions)
        elif isinstance(event, HooksLeft):
            for hook in event.hooks:
                began = open_.pop((event.plugin, hook), None)
                if began is not None:
                    spans.setdefault((event.plugin, hook), []).append(Span(began[0], event.carried, began[1]))
    for key, (after, decisions) in open_.items():
        spans.setdefault(key, []).append(Span(after, None, decisions))
    return spans
