"""Pools: our own daemon threads on one queue, which run effects themselves or speak to a worker process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from ..events.codec import Codec
from .jobs import Done, Job, run
from .process import Process
from .watchdog import Hung, door, interrupt

if TYPE_CHECKING:
    import requests

__all__ = ["Processes", "Threads"]


class Threads:
    """Up to `width` threads that take jobs from one queue, each one after the other, started when needed.

    Not a ThreadPoolExecutor, which waits at the interpreter's end for a thread that never returns.
    """

    def __init__(self, name: str, width: int, done: SimpleQueue[Done | None]) -> None:
        self.name = name
        self.width = width
        self.done = done
        self.queue: SimpleQueue[Job | None] = SimpleQueue()
        self._serving = 0
        self._started = 0
        self._none = ""
        self._lock = threading.Lock()
        self._running: dict[int, int] = {}  # a job's number -> its thread

    def submit(self, job: Job) -> None:
        """Lets a job wait for a thread; where none can be had at all, it has failed."""
        if self._serving < self.width:
            self._grow()
        self.queue.put(job)
        self._fail_unserved()

    def abandon(self, job: Job) -> None:
        """Another thread takes the place of the one that runs this job, which is asked to end."""
        self._serving -= 1
        self._grow()
        self._fail_unserved()
        if job.repeatable:  # of a paid one even a late answer counts
            with self._lock:
                ident = self._running.get(job.number)
                if ident is not None:
                    interrupt(ident)

    def close(self) -> None:
        """Lets the threads go when they have done what they do."""
        for _ in range(self._serving):
            self.queue.put(None)

    def _serve_one(self) -> Callable[[], None]:
        return self._serve

    def _grow(self) -> None:
        name = f"duanju-{self.name}-{self._started}"
        try:
            threading.Thread(target=self._serve_one(), name=name, daemon=True).start()
        except RuntimeError as error:
            self._none = str(error)
            return
        self._serving += 1
        self._started += 1

    def _fail_unserved(self) -> None:
        while self._serving == 0 and not self.queue.empty():
            job = self.queue.get()
            if job is not None:
                self.done.put(Done(job, [], f"no thread could be started: {self._none}"))

    @door
    def _serve(self) -> None:
        # One session a plugin: what one of them sets, a key in a header perhaps, no other one sends.
        sessions: dict[str, requests.Session | None] = {}
        with suppress(Hung):  # the job had just ended when its thread was asked to end
            while (job := self.queue.get()) is not None:
                plugin = job.hook.plugin
                job.desk._session = sessions.get(plugin)
                with self._lock:
                    self._running[job.number] = threading.get_ident()
                result = run(job)
                with self._lock:
                    del self._running[job.number]
                sessions[plugin] = job.desk._session
                self.done.put(result)
                if job.abandoned:
                    return  # another thread has taken this one's place


class Processes(Threads):
    """Up to `width` worker processes, and a thread for each that speaks to it."""

    def __init__(self, name: str, width: int, done: SimpleQueue[Done | None], codec: Codec) -> None:
        super().__init__(name, width, done)
        self._codec = codec
        self._processes: list[Process] = []

    def abandon(self, job: Job) -> None:
        """The process that runs this job is killed."""
        if job.kill is not None:
            job.kill()

    def close(self) -> None:
        """Ends the processes."""
        super().close()
        for process in self._processes:
            process.end()

    def _serve_one(self) -> Callable[[], None]:
        process = Process(self.queue, self.done, self._codec)
        self._processes.append(process)
        return process.serve
