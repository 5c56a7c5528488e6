"""Owed work: effects that wait for their start, for room in a lane or for a hold to end."""

from __future__ import annotations

from collections import deque

from attrs import define

from ..events.record import Record
from .folds import Folds
from .lanes import Lanes
from .plugins import Hook
from .work import Works

__all__ = ["Owed", "Work", "attempts_used"]


@define(eq=False)
class Work:
    """An effect to run on a record.

    `attempt` counts the runs that began, `base` those before a person asked for it again; `granted`: its
    admission has taken its place in the lane already; `key`: others wait for its answer under it.
    """

    stream: str
    hook: Hook
    record: Record
    attempt: int = 0
    granted: bool = False
    key: str = ""
    base: int = 0
    waiting: bool = False

    @property
    def row(self) -> tuple[str, str, str, int]:
        """Its row in the table `work`, without the attempt."""
        return self.stream, self.hook.plugin, self.hook.name, self.record.position

    @property
    def lane(self) -> str:
        """The name of the lane where it runs."""
        return self.hook.effect.lane if self.hook.effect is not None else ""

    @property
    def is_lookup(self) -> bool:
        """Whether it asks the vendor what became of a call in doubt, for nothing."""
        return self.record.kind == "call_doubted" and bool(self.hook.effect and self.hook.effect.provider)

    @property
    def paid(self) -> bool:
        """Whether it must never run twice by itself: `doubt="hold"`."""
        return self.hook.effect is not None and self.hook.effect.doubt == "hold"


class Owed:
    """What is owed. `granted` have their place in a lane, `by_lane` wait for one, the rest for a release."""

    def __init__(self, works: Works, lanes: Lanes) -> None:
        self._works = works
        self._lanes = lanes
        self.granted: deque[Work] = deque()
        self.by_lane: dict[str, deque[Work]] = {}
        self._held: dict[str, list[Work]] = {}
        self._unstored: list[Work] = []

    def queue(self, work: Work) -> None:
        """Lets a piece of work wait for its start; a granted one has its place in the lane already."""
        if work.granted:
            self.granted.append(work)
        elif work.hook.effect is not None:
            self.by_lane.setdefault(work.hook.effect.lane, deque()).append(work)
        work.waiting = True
        self._unstored.append(work)

    def place(self, work: Work) -> None:
        """Like `queue`; a granted one takes its place in the lane first."""
        if work.granted:
            self._lanes.lane(work.lane).running += 1
        self.queue(work)

    def grant(self, record: Record, hook: Hook) -> None:
        """Takes a place in the lane for a routed effect, whatever room there is."""
        self.place(Work(record.stream, hook, record, granted=True))

    def hold(self, work: Work) -> None:
        """Lets a piece of work wait until its episode is released."""
        self._held.setdefault(work.stream, []).append(work)
        self._works.owe(*work.row)

    def release(self, stream: str) -> None:
        """The last hold of an episode ended: what it held waits for its start again."""
        for work in self._held.pop(stream, []):
            self.place(work)

    def ready(self) -> bool:
        """Whether anything could start now."""
        return bool(self.granted) or any(
            owed and self._lanes.lane(name).room(not owed[0].paid) for name, owed in self.by_lane.items()
        )

    def store(self) -> None:
        """Writes a row for all that could not start in this turn."""
        for work in self._unstored:
            if work.waiting:
                self._works.owe(*work.row)
        self._unstored.clear()


def attempts_used(folds: Folds, stream: str, cause: int, by: str) -> int:
    """How many attempts of a hook on a record were used up already."""
    kinds = folds.index(stream).by_kind
    effects = [r.event for r in kinds.get("effect_failed", []) if r.cause == cause]
    reactions = [r.event for r in kinds.get("reaction_failed", []) if r.cause == cause]
    return max((one.attempts for one in effects if f"{one.plugin}.{one.hook}" == by), default=0) + sum(
        f"{one.plugin}.{one.hook}" == by for one in reactions
    )
