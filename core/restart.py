"""Restart: what stands in `work` when an engine begins waits again, runs again, or is in doubt."""

from __future__ import annotations

from attrs import define

from ..events.record import Record
from .answers import Answers
from .calls import Calls
from .doubt import Doubts
from .house import House
from .owed import Owed, Work
from .plugins import Plugins
from .remake import attempts_before
from .turn import Turn

__all__ = ["Restart"]


@define(eq=False)
class Restart:
    """Reads the open rows once, in the engine's first transaction, after what is uncarried was read."""

    turn: Turn
    plugins: Plugins
    calls: Calls
    owed: Owed
    answers: Answers
    doubts: Doubts
    house: House

    def run(self) -> None:
        """Takes up all that the last engine left open."""
        codec = self.turn.log.codec
        outcomes = {spec.kind for spec in map(codec.spec, codec.classes()) if spec.outcome}
        outcomes |= {"call_failed", "video_submitted"}
        for waiting in self.turn.pending:
            if waiting.kind in outcomes:
                self.calls.restore_behind(waiting, self.turn.pending[0].position - 1)
        self._name_awaiters()
        self.house.absent.look()
        for stream, plugin, hook, cause, attempt in self.turn.works.rows():
            record = self.turn.at(stream, cause)
            if record is None:
                continue
            if plugin == "core":
                self._core(hook, record)
            else:
                self._effect(stream, plugin, hook, record, attempt)

    def _name_awaiters(self) -> None:
        """What was owed to an absent provider, whose hook nobody could name, gets the name that it has."""
        works = self.turn.works
        for stream, plugin, name, cause, attempt in works.rows():
            if name == "on_video_submitted" and self.plugins.hook(plugin, name) is None:
                hook = self.plugins.provider_hook("video_submitted", plugin)
                if hook is not None:
                    works.drop(stream, plugin, name, cause)
                    works.owe(stream, plugin, hook.name, cause, attempt)

    def _core(self, hook: str, record: Record) -> None:
        if hook == "admit":
            self.house.ask_again(record)
        elif hook == "doubt":
            admitted = self.turn.log.at(record.event.admitted)
            if admitted is not None:
                self.calls.doubted[admitted.event.key] = (record.stream, record.position)
        elif hook == "overbilled":
            self.calls.stop_lane(record)
        elif hook == "backfill":
            self.house.backfill.run(record)

    def _effect(self, stream: str, plugin: str, name: str, record: Record, attempt: int) -> None:
        hook = self.plugins.hook(plugin, name)
        admitted = self.calls.admission_of(record, hook)
        if admitted is not None:
            self.calls.restore(admitted)
        if hook is None or hook.effect is None:
            return  # its episode is held until the plugin is back
        work = Work(stream, hook, record, attempt, granted=admitted is not None)
        work.base = attempts_before(self.turn, stream, record.position, hook)
        if attempt == 0:
            work.attempt = work.base
            self.owed.place(work)
        elif work.paid and self._answered(work):
            self.turn.works.drop(*work.row)  # a deposed engine handed its answer in
        elif hook.effect.doubt == "repeat":
            self.doubts.again(work, "the process ended while it ran")
        else:
            self.doubts.enter(work, "the process ended between the submit and its answer")

    def _answered(self, work: Work) -> bool:
        """Whether the log holds an answer of this very work already."""
        cause, by = work.record.position, work.hook.by
        return any(one.cause == cause and one.by == by for one in self.turn.folds.index(work.stream).records)
