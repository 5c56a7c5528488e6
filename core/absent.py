"""Absent: what is owed to plugins that are gone; their episodes are held by name until they are back."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from attrs import define, frozen

from ..events.cut import EpisodeCut
from ..events.episode import PartClosed, PartOpened, PluginWaived
from ..events.quality import CheckMeasured, CheckWaived, QualityPlanned
from ..events.record import Record
from .author import author_of
from .folds import quoted_name
from .plugins import Plugins
from .turn import Turn

__all__ = ["Absent"]


@frozen
class _Debt:
    """An open row that a plugin must close: `gone` = nobody here can, `routed` = a call hangs on it."""

    row: tuple[str, str, str, int]
    plugin: str
    attempt: int
    record: Record
    gone: bool
    routed: bool

    @property
    def stream(self) -> str:
        return self.row[0]


@define(eq=False)
class Absent:
    """Compares the open rows with the plugins in force."""

    turn: Turn
    plugins: Plugins

    def look(self, stream: str | None = None) -> None:
        """Holds the episodes (or one stream) where a plugin that owes something is gone, and lets the others
        go on."""
        debts = list(self._debts(stream))
        for debt in self._dropped_stale(debts):
            debts.remove(debt)
        # The first debt speaks for all; what is owed on a hold holds nothing, so it speaks only when alone.
        gone: dict[tuple[str, str], _Debt] = {}
        for debt in sorted(debts, key=lambda debt: debt.record.kind == "episode_held"):
            if debt.gone:
                gone.setdefault((debt.stream, debt.plugin), debt)
        for (where, plugin), debt in sorted(gone.items()):
            why, mend = self.reason(plugin, debt.row[2] if debt.row[1] != "core" else "")
            name = quoted_name(where)
            self.turn.hold(
                where,
                debt.record,
                f"plugin:{plugin}",
                f"{self._what(debt)} is owed by {plugin}: {why}",
                f"{mend}, then run duanju resume {name}; or go on without it: "
                f"duanju review waive {name} {shlex.quote(f'plugin:{plugin}')}",
            )
        for debt in debts:
            if (debt.stream, debt.plugin) not in gone:
                self.turn.release(debt.stream, debt.record, f"plugin:{debt.plugin}", f"{debt.plugin} is back")

    def owes(self, stream: str, plugin: str) -> bool:
        """Whether a plugin that is gone owes a stream anything."""
        return any(debt.gone and debt.plugin == plugin for debt in self._debts(stream))

    def reason(self, plugin: str, hook: str = "") -> tuple[str, str]:
        """Why a plugin cannot answer, and what to do about it."""
        if plugin in self.plugins.plugins:
            version = self.plugins.plugins[plugin].version
            return f"its version {version} has no {hook}", f"install the version of {plugin} that has {hook}"
        if plugin in self.plugins.failures:
            mend = self.plugins.next_steps.get(plugin, f"mend or install {plugin}")
            return f"it was left out: {self.plugins.failures[plugin]}", mend
        if plugin in self.plugins.disabled:
            return (
                "it is disabled in duanju.toml",
                f"take {plugin} out of plugins.disabled in duanju.toml (or install {plugin} anew)",
            )
        return "it is not installed", f"install {plugin}"

    def waive(self, record: Record) -> None:
        """A person goes on without a plugin: its work is dropped, its parts are closed, its check is waived.

        A call that it may have sent stays owed, and keeps the hold: only the plugin can say how it ended.
        """
        event: PluginWaived = record.event
        stream, hold = record.stream, f"plugin:{event.plugin}"
        if hold not in self.turn.folds.episode(stream, record.position - 1).holds:
            return
        stays = False
        for debt in list(self._debts(stream)):
            if debt.plugin != event.plugin or not debt.gone:
                continue
            if debt.routed:
                stays = True
                continue
            self.turn.works.drop(*debt.row)
            part = debt.record.event
            if isinstance(part, PartOpened):
                closed = PartClosed(part.join, part.part, part.revision)
                self.turn.append_core(stream, closed, record, "waive")
        self._waive_check(record)
        if not stays:
            self.turn.release(stream, record, hold, f"{event.who} goes on without {event.plugin}")

    def drop_stale(self, stream: str) -> None:
        """A revision took the place of what a plugin that is gone owed."""
        self._dropped_stale(list(self._debts(stream)))

    def _dropped_stale(self, debts: list[_Debt]) -> list[_Debt]:
        found = [
            debt
            for debt in debts
            if debt.gone and not debt.routed and debt.attempt == 0 and self.turn.stale(debt.record)
        ]
        for debt in found:
            self.turn.works.drop(*debt.row)
        return found

    def _waive_check(self, record: Record) -> None:
        event: PluginWaived = record.event
        now = self.turn.folds.now(record.stream)
        cut, planned = now.last(EpisodeCut), now.last(QualityPlanned)
        if (
            cut is None
            or planned is None
            or planned.inputs != cut.inputs
            or event.plugin not in planned.checks
        ):
            return
        measured = now.every(CheckMeasured, event.plugin, "episode")
        if not any(one.inputs == cut.inputs for one in measured):
            waived = CheckWaived(event.plugin, "episode", cut.film.sha256, event.who, event.note)
            self.turn.append_core(record.stream, waived, record, "waive")

    def _debts(self, stream: str | None) -> Iterator[_Debt]:
        for where, plugin, hook, cause, attempt in self.turn.works.rows():
            if stream is not None and where != stream:
                continue
            record = self.turn.at(where, cause)
            if record is None:
                continue
            row = (where, plugin, hook, cause)
            if plugin != "core":
                found = self.plugins.hook(plugin, hook)
                gone = found is None or found.effect is None
                routed = record.kind in ("call_admitted", "video_submitted") and (
                    found is None or (found.effect is not None and found.effect.provider is not None)
                )
                yield _Debt(row, plugin, attempt, record, gone, routed)
            elif hook in ("part", "backfill"):
                owner = author_of(record) if hook == "part" else record.event.plugin
                yield _Debt(row, owner, attempt, record, owner not in self.plugins.plugins, False)

    @staticmethod
    def _what(debt: _Debt) -> str:
        event = debt.record.event
        if isinstance(event, PartOpened):
            return f"the part {event.part}, which {event.join} waits for,"
        if debt.row[1:3] == ("core", "backfill"):
            return "the answer to what stands here already"
        if debt.record.kind == "episode_cut":
            return f"the check {debt.plugin}"
        return f"work on position {debt.record.position} ({debt.record.kind})"
