"""Restart: what stands in `work` when an engine begins waits again, runs again, or is in doubt."""

from __future__ import annotations

from attrs import define

from ..events.record import Record
from .answers import Answers
from .calls import Calls
from .doubt import Doubts
from .house import House
from .owed import Owed, Work, attempts_used
from .plugins import Plugins
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
        for stream, plugin, hook, cause, attempt in self.turn.works.rows():
            record = self.turn.log.at(cause)
            if record is None:
                continue
            if plugin == "core":
                self._core(hook, record)
            else:
                self._effect(stream, plugin, hook, record, attempt)

    def _core(self, hook: str, record: Record) -> None:
        if hook == "admit":
            self.house.ask_again(record)
        elif hook == "doubt":
            admitted = self.turn.log.at(record.event.admitted)
            if admitted is not None:
                self.calls.doubted[admitted.event.key] = (record.stream, record.position)

    def _effect(self, stream: str, plugin: str, name: str, record: Record, attempt: int) -> None:
        hook = self.plugins.hook(plugin, name)
        admitted = self.calls.admission_of(record, hook)
        if admitted is not None:
            self.calls.restore(admitted)
        cause = f"plugin:{plugin}"
        if hook is None or hook.effect is None:
            reason = self.plugins.failures.get(plugin, "it is not installed or was disabled")
            why = f"work is owed to {plugin}: {reason}"
            self.turn.hold(stream, record, cause, why, f"install {plugin}")
            return
        self.turn.release(stream, record, cause, f"{plugin} is back")
        work = Work(stream, hook, record, attempt, granted=admitted is not None)
        work.base = attempts_used(self.turn.folds, stream, record.position, hook.by)
        if attempt == 0:
            work.attempt = work.base
            self.owed.place(work)
        elif hook.effect.doubt == "repeat":
            self.answers.again(work, "the process ended while it ran")
        else:
            self.doubts.enter(work, "the process ended between the submit and its answer")
