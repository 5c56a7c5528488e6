"""Backfill: on a person's word a plugin answers what stood in an episode before its time."""

from __future__ import annotations

from attrs import define

from ..events.cut import EpisodeCut
from ..events.episode import BackfillAsked, HooksBackfilled
from ..events.quality import QualityPlanned
from ..events.record import Record
from .absent import Absent
from .adoption import Spans, uncovered
from .owed import Owed, Work
from .plugins import Plugin, Plugins
from .reactions import run_reaction
from .turn import Turn

__all__ = ["Backfill"]


@define(eq=False)
class Backfill:
    """Runs the hooks of one plugin over the past of one episode, in the transaction that records it."""

    turn: Turn
    plugins: Plugins
    owed: Owed
    absent: Absent

    def run(self, asked: Record) -> None:
        """Answers every record up to the request that no span of the plugin's hooks covers.

        Reactions answer now, each on the fold up to its record; effects become owed work. Where the plugin
        is absent, the request stays owed to it.
        """
        event: BackfillAsked = asked.event
        stream, upto = asked.stream, asked.position
        plugin = self.plugins.plugins.get(event.plugin)
        if event.plugin in self.turn.folds.left_out(stream):
            return
        if plugin is None:
            self.turn.works.owe(stream, "core", "backfill", asked.position)
            self.absent.look(stream)
            return
        self.turn.works.drop(stream, "core", "backfill", asked.position)
        index = self.turn.folds.index(stream)
        self.turn.log.flush()
        spans = Spans([*self.turn.log.read(stream="studio"), *index.by_kind.get("hooks_backfilled", ())])
        past = index.records[: index.count(upto)]
        owing = list(uncovered(spans, plugin, past))
        names = tuple(sorted({hook.name for _, hook in owing}))
        if not names:
            return
        done = HooksBackfilled(plugin.name, plugin.decisions, names, upto)
        self.turn.append_core(stream, done, asked, "backfill")
        for record, hook in owing:
            if hook.effect is None:
                run_reaction(self.turn, hook, record)
            elif not self.turn.stale(record):
                self.owed.queue(Work(stream, hook, record))
        self._plan(asked, plugin)

    def _plan(self, asked: Record, plugin: Plugin) -> None:
        """A check that is asked about a cut from before its time is expected by the join like the others."""
        now = self.turn.folds.now(asked.stream)
        cut = now.last(EpisodeCut)
        planned = None if cut is None else now.last(QualityPlanned)
        if cut is None or planned is None or planned.inputs != cut.inputs:
            return
        if plugin.name in planned.checks or plugin.name not in self.plugins.checks():
            return
        checks = tuple(sorted({*planned.checks, plugin.name}))
        wider = QualityPlanned(planned.revision, planned.inputs, checks)
        self.turn.append_core(asked.stream, wider, asked, "plan_quality")
