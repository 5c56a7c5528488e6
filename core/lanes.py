"""Where effects run: threads for what waits on a network, processes of our own for what computes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from queue import SimpleQueue

from ..events.codec import Codec
from .gate import Gate
from .hooks import PROCESS_LANES
from .jobs import Done, Job, run
from .pool import Processes, Threads

__all__ = ["PROCESS_LANES", "Done", "Job", "Lane", "Lanes", "cores"]

DEFAULT_WIDTH = 4
_WIDTHS = {"export": 1, "parse": 1, "voice": 1, "measure-plan": 1}


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


class Lane:
    """A pool's limits and how full it is. `ahead`: how many repeatable runs may wait beyond its width.

    `gate` is what its threads pass to call out: it may let fewer go at once than `width`, or none at all.
    """

    __slots__ = ("ahead", "gate", "inline", "name", "running", "width")

    def __init__(self, name: str, width: int, inline: bool = False) -> None:
        self.name = name
        self.width = width
        self.ahead = 0 if inline else max(1, width // 2)
        self.running = 0
        self.inline = inline
        self.gate = Gate(width)

    def room(self, repeat: bool) -> bool:
        """Whether another run may begin now."""
        return self.running < self.width + (self.ahead if repeat else 0)


class Lanes:
    """All lanes of one engine. Ended runs come out of `done`; `None` in it only wakes the engine."""

    def __init__(
        self,
        widths: Mapping[str, int],
        codec: Codec,
        *,
        inline: bool = False,
        watch: Callable[[Job, int, int], None] | None = None,
    ) -> None:
        self.done: SimpleQueue[Done | None] = SimpleQueue()
        self._widths = dict(widths)
        self._codec = codec
        self._inline = inline
        self._watch = watch
        self._lanes: dict[str, Lane] = {}
        self._pools: dict[str, Threads] = {}

    def lane(self, name: str) -> Lane:
        """The lane of that name, made on first use."""
        found = self._lanes.get(name)
        if found is None:
            width = self._widths.get(name) or _WIDTHS.get(name)
            if width is None:
                width = cores() if name in PROCESS_LANES else DEFAULT_WIDTH
            inline = self._inline or name == "inline"
            found = self._lanes[name] = Lane(name, 1 if inline else width, inline)
        return found

    def submit(self, job: Job) -> None:
        """Starts a run, exactly once; an inline lane runs it at once."""
        lane = self.lane(job.lane)
        job.desk._gate = lane.gate
        if lane.inline:
            self.done.put(run(job))
            return
        if self._watch is not None:
            watch = self._watch
            job.desk.report = lambda done, total: watch(job, done, total)
        self._pool(lane).submit(job)

    def _pool(self, lane: Lane) -> Threads:
        """The pool of a lane: its own threads, or the processes that all such lanes share."""
        name = "" if lane.name in PROCESS_LANES else lane.name  # no lane has an empty name
        found = self._pools.get(name)
        if found is None:
            if not name:
                found = Processes("process", cores(), self.done, self._codec)
            else:
                found = Threads(name, lane.width, self.done)
            self._pools[name] = found
        return found

    def abandon(self, job: Job) -> None:
        """Gives up on a run past its deadline: its process is killed, its thread replaced."""
        job.abandoned = True
        self._pool(self.lane(job.lane)).abandon(job)

    def wake(self) -> None:
        """Wakes the engine."""
        self.done.put(None)

    def close(self) -> None:
        """Ends the worker processes and lets the threads go."""
        for lane in self._lanes.values():
            lane.gate.close()
        for pool in self._pools.values():
            pool.close()
