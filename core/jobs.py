"""One run of an effect: what is called with what, how it begins, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define

from ..events.record import Record
from .contain import a_persons, describe, gather
from .desk import Desk
from .episode import Episode
from .errors import NotReady
from .plugin import Hook
from .watchdog import door

__all__ = ["Done", "Job", "run"]


@define(eq=False)
class Job:
    """One run of an effect: what to call, with what; `provider_table` rebuilds its instance elsewhere."""

    number: int
    hook: Hook
    record: Record
    event: Any
    episode: Episode | None
    desk: Desk
    provider_table: Mapping[str, Any]
    lane: str
    abandoned: bool = False
    kill: Callable[[], None] | None = None

    @property
    def seconds(self) -> float:
        """How long it may run."""
        return self.hook.effect.deadline_s if self.hook.effect is not None else 0.0

    @property
    def repeatable(self) -> bool:
        """Whether what it answers after its deadline is of no use to anybody."""
        return self.hook.effect is None or self.hook.effect.doubt == "repeat"

    def begin(self) -> None:
        """Its time begins to count: it has a thread or a process of its own now."""
        self.desk.deadline = time.monotonic() + self.seconds


@define(eq=False)
class Done:
    """How a run ended: its events so far, and `error` ("" = well). `lost`: nobody knows how it ended.

    `next`: it needs something that is not there, and this is what a person can do; trying again is no use.
    """

    job: Job
    events: list[Any]
    error: str
    lost: bool = False
    next: str = ""


@door
def run(job: Job) -> Done:
    """Calls the effect in this thread, keeping what it yielded before a raise."""
    given = {"event": job.event, "record": job.record, "episode": job.episode, "desk": job.desk}
    events: list[Any] = []
    job.begin()
    try:
        gather(job.hook.by, job.hook.function(**{name: given[name] for name in job.hook.wants}), events)
    except BaseException as error:
        if a_persons(error):
            raise
        return Done(job, events, describe(error), next=error.next if isinstance(error, NotReady) else "")
    finally:
        job.desk.clear()
    return Done(job, events, "")
