"""Parts: what joins wait for on behalf of plugins; opened, closed, failed, and waived by a person."""

from __future__ import annotations

import shlex
from itertools import takewhile

from attrs import define

from ..events.episode import PartClosed, PartFailed, PartWaived
from ..events.record import Record
from .author import author_of
from .folds import quoted_name
from .plugins import Plugins
from .turn import Turn

__all__ = ["Parts"]


@define(eq=False)
class Parts:
    """The core's own answers to parts. An open part stands in `work`, so that it is known whose it is."""

    turn: Turn
    plugins: Plugins

    def opened(self, record: Record) -> None:
        """A plugin's part is open: its row says that the plugin owes it."""
        if author_of(record) and not self.turn.stale(record):
            self.turn.works.owe(record.stream, "core", "part", record.position)

    def closed(self, record: Record) -> None:
        """A part is done: nobody owes it, and its hold ends."""
        event: PartClosed = record.event
        for one in self._openings(record.stream):
            if (one.event.join, one.event.part, one.event.revision) == (
                event.join,
                event.part,
                event.revision,
            ) and one.position < record.position:
                self.turn.works.drop(one.stream, "core", "part", one.position)
        if event.revision == self.turn.folds.revision(record.stream):
            hold = f"part:{event.join}:{event.part}"
            self.turn.release(record.stream, record, hold, "the part is closed")

    def failed(self, record: Record) -> None:
        """A part will not come: the episode is held until a person asks again, or goes on without it."""
        if not self.turn.stale(record):
            self._hold(record, record.event, "")

    def waived(self, record: Record) -> None:
        """A person lets the join go on: the part is closed for its plugin."""
        event: PartWaived = record.event
        if event.part in self.turn.folds.now(record.stream).open_parts(event.join):
            closed = PartClosed(event.join, event.part, self.turn.folds.revision(record.stream))
            self.turn.append_core(record.stream, closed, record, "waive")

    def revised(self, stream: str) -> None:
        """A new revision opens its own parts: those of the older ones are owed no longer."""
        for one in self._openings(stream):
            if self.turn.stale(one):
                self.turn.works.drop(stream, "core", "part", one.position)

    def released(self, record: Record) -> None:
        """A person asks a failed part again: its plugin must have answered the release, else it is held anew.

        An effect of the plugin's on the release counts as an answer to come.
        """
        join, _, part = record.event.hold.partition(":")[2].partition(":")
        now = self.turn.folds.now(record.stream)
        if part not in now.open_parts(join):
            return
        failed = [one for one in now.records(PartFailed, join, part) if one.position < record.position]
        if not failed:
            return
        plugin = self.plugins.plugins.get(author_of(failed[-1]))
        hooks = [hook for hook in plugin.hooks if hook.kind == "episode_released"] if plugin else []
        names = {hook.by for hook in hooks}
        after = takewhile(
            lambda one: one.position > record.position,
            reversed(self.turn.folds.index(record.stream).records),
        )
        answered = any(one.cause == record.position and one.by in names for one in after)
        if not answered and not any(hook.effect for hook in hooks):
            self._hold(record, failed[-1].event, "; it does not ask again by itself")

    def _openings(self, stream: str) -> list[Record]:
        return list(self.turn.folds.index(stream).by_kind.get("part_opened", ()))

    def _hold(self, cause: Record, event: PartFailed, more: str) -> None:
        stream = cause.stream
        if event.part not in self.turn.folds.now(stream).open_parts(event.join):
            return
        opened = [
            one
            for one in self._openings(stream)
            if (one.event.join, one.event.part, one.event.revision)
            == (event.join, event.part, event.revision)
        ]
        whose = author_of(opened[-1]) if opened else ""
        hold, name = f"part:{event.join}:{event.part}", quoted_name(stream)
        of = f" of {whose}" if whose else ""
        waive = f"duanju review waive {name} {shlex.quote(hold)}"
        retry = f"duanju review retry {name} {shlex.quote(hold)}"
        self.turn.hold(
            stream,
            cause,
            hold,
            f"the part {event.part}{of}, which {event.join} waits for, failed: {event.why}{more}",
            f"go on without it: {waive}" if more else f"mend its cause and ask again: {retry}; or {waive}",
        )
