"""Where effects run: threads for what waits on a network, processes of our own for what computes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Any, BinaryIO, cast

import attrs
from attrs import define

from ..events.codec import Codec
from ..events.record import Record
from .desk import Desk
from .episode import Episode
from .plugins import Hook
from .worker import MOST_EVENTS, describe, pack_desk, read_frame, write_frame

__all__ = ["PROCESS_LANES", "Done", "Job", "Lane", "Lanes", "cores"]

PROCESS_LANES = frozenset({"draw", "encode", "measure"})
DEFAULT_WIDTH = 4
_WIDTHS = {"export": 1, "parse": 1, "voice": 1, "measure-plan": 1}


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


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


@define(eq=False)
class Done:
    """How a run ended: its events so far, and `error` ("" = well). `lost`: nobody knows how it ended."""

    job: Job
    events: list[Any]
    error: str
    lost: bool = False


class Lane:
    """A pool's limits and how full it is. `ahead`: how many repeatable runs may wait beyond its width."""

    __slots__ = ("ahead", "inline", "name", "paused_until", "running", "width")

    def __init__(self, name: str, width: int, inline: bool = False) -> None:
        self.name = name
        self.width = width
        self.ahead = 0 if inline else max(1, width // 2)
        self.running = 0
        self.inline = inline
        self.paused_until = 0.0

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
        self._queues: dict[str, SimpleQueue[Job | None]] = {}
        self._threads: dict[str, list[threading.Thread]] = {}
        self._processes: list[_Process] = []

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
        if lane.inline:
            self.done.put(_run(job))
            return
        pool = "process" if job.lane in PROCESS_LANES else job.lane
        queue = self._queues.setdefault(pool, SimpleQueue())
        threads = self._threads.setdefault(pool, [])
        if len(threads) < (cores() if pool == "process" else lane.width):
            self._grow(pool, queue, threads)
        if self._watch is not None:
            watch = self._watch
            job.desk.report = lambda done, total: watch(job, done, total)
        queue.put(job)

    def _grow(self, pool: str, queue: SimpleQueue[Job | None], threads: list[threading.Thread]) -> None:
        if pool == "process":
            process = _Process(queue, self.done, self._codec)
            self._processes.append(process)
            target: Callable[[], None] = process.serve
        else:

            def target() -> None:
                _serve(queue, self.done)

        thread = threading.Thread(target=target, name=f"duanju-{pool}-{len(threads)}", daemon=True)
        threads.append(thread)
        thread.start()

    def abandon(self, job: Job) -> None:
        """Gives up on a run past its deadline: its process is killed, its thread replaced."""
        job.abandoned = True
        if job.kill is not None:
            job.kill()
            return
        queue = self._queues.get(job.lane)
        if queue is not None:
            self._grow(job.lane, queue, self._threads[job.lane])

    def wake(self) -> None:
        """Wakes the engine."""
        self.done.put(None)

    def close(self) -> None:
        """Ends the worker processes and lets the threads go."""
        for pool, threads in self._threads.items():
            for _ in threads:
                self._queues[pool].put(None)
        for process in self._processes:
            process.end()


def _run(job: Job) -> Done:
    """Calls the effect in this thread, keeping what it yielded before a raise."""
    given = {"event": job.event, "record": job.record, "episode": job.episode, "desk": job.desk}
    events: list[Any] = []
    try:
        for event in job.hook.function(**{name: given[name] for name in job.hook.wants}) or ():
            events.append(event)
            if len(events) > MOST_EVENTS:
                break  # the engine refuses such an answer
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever an effect raises is recorded and held
        return Done(job, events, describe(error))
    finally:
        job.desk.clear()
    return Done(job, events, "")


def _given_up(job: Job) -> bool:
    return job.abandoned


def _serve(queue: SimpleQueue[Job | None], done: SimpleQueue[Done | None]) -> None:
    session = None
    while (job := queue.get()) is not None:
        if _given_up(job):
            done.put(Done(job, [], "given up before it began", lost=True))
            continue
        job.desk._session = session
        result = _run(job)
        session = job.desk._session
        done.put(result)
        if job.abandoned:
            return  # another thread has taken this one's place


class _Process:
    """A worker process and the thread that speaks to it; a lost one costs its own job one attempt."""

    def __init__(
        self,
        queue: SimpleQueue[Job | None],
        done: SimpleQueue[Done | None],
        codec: Codec,
    ) -> None:
        self._queue = queue
        self._done = done
        self._codec = codec
        self._child: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        while (job := self._queue.get()) is not None:
            self._done.put(Done(job, [], "given up", lost=True) if job.abandoned else self._run(job))

    def _run(self, job: Job) -> Done:
        try:
            child = self._start()
        except OSError as error:
            return Done(job, [], f"no worker process could be started: {error}")
        job.kill = child.kill
        message = {
            "job": job.number,
            "address": attrs.asdict(job.hook.address),
            "provider": dict(job.provider_table),
            "wants": list(job.hook.wants),
            "record": [
                *(getattr(job.record, name) for name in _SENT[:6]),
                job.record.body,
                *(getattr(job.record, name) for name in _SENT[6:]),
            ],
            "classes": sorted({(c.__module__, c.__qualname__) for c in (type(job.event), *job.hook.emits)}),
            "event": self._codec.encode(job.event),
            "desk": pack_desk(job.desk),
        }
        try:
            write_frame(cast(BinaryIO, child.stdin), message)
            while True:
                answer = read_frame(cast(BinaryIO, child.stdout))
                if answer is None:
                    raise EOFError
                if "progress" in answer:
                    job.desk.progress(*answer["progress"])
                    continue
                events = [self._codec.decode(*event) for event in answer["events"]]
                return Done(job, events, answer["error"])
        except (EOFError, BrokenPipeError, OSError, ValueError) as error:
            child.kill()
            status = child.wait()
            self._child = None
            why = f"the worker process ended with status {status}" + (f": {error}" if str(error) else "")
            return Done(job, [], why, lost=True)
        finally:
            job.kill = None

    def _start(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "duanju.core.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
        return self._child

    def end(self) -> None:
        child = self._child
        if child is not None and child.poll() is None:
            if child.stdin is not None:
                child.stdin.close()
            until = time.monotonic() + 0.5
            while child.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            if child.poll() is None:
                child.kill()
            child.wait()


_SENT = ("position", "id", "stream", "version", "kind", "schema", "cause", "root", "by", "at")
