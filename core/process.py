"""A worker process and the thread that speaks to it; a lost one costs its own job one attempt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, BinaryIO, cast

import attrs

from ..events.codec import BadBody, Codec
from .contain import describe
from .desk import told_of
from .jobs import Done, Job
from .worker import pack_desk, read_frame, write_frame

__all__ = ["Process"]

LEAVE_SECONDS = 0.5
_BEFORE_BODY = ("position", "id", "stream", "version", "kind", "schema")
_AFTER_BODY = ("cause", "root", "by", "at")


class Process:
    """Takes jobs from `queue` one after the other, and puts how each ended into `done`.

    The process is started with the first job, and again when it is lost. It leads a group of its own: what
    an effect started in it and left behind ends with it.
    """

    def __init__(self, queue: SimpleQueue[Job | None], done: SimpleQueue[Done | None], codec: Codec) -> None:
        self._queue = queue
        self._done = done
        self._codec = codec
        self._child: subprocess.Popen[bytes] | None = None
        self._job: Job | None = None
        self._closed = False
        self._lock = threading.Lock()

    def serve(self) -> None:
        """Runs jobs until None comes."""
        while (job := self._queue.get()) is not None:
            if self._closed:
                return
            if job.abandoned:
                self._done.put(Done(job, [], "given up before it began", lost=True))
                continue
            try:
                done = self._run(job)
            except Exception as error:  # noqa: BLE001  this thread serves all jobs: none may end it
                self._lose()
                done = Done(job, [], f"the worker process answered with what is no answer: {describe(error)}")
                done.lost = True
            self._done.put(done)

    def end(self) -> None:
        """Lets the process leave, and ends it and what it started."""
        self._closed = True
        child = self._child
        if child is None:
            return
        if child.stdin is not None:
            with suppress(OSError):
                child.stdin.close()
        until = time.monotonic() + LEAVE_SECONDS
        while not _is_over(child) and time.monotonic() < until:
            time.sleep(0.005)
        _end_group(child)
        child.wait()

    # -- one job ------------------------------------------------------------------------------------------

    def _run(self, job: Job) -> Done:
        try:
            child = self._start()
            message = self._message(job)
        except (OSError, subprocess.SubprocessError) as error:
            return Done(job, [], f"no worker process could be started: {error}")
        with self._lock:
            self._job = job
        job.kill = lambda: self._kill(job)
        job.begin()
        try:
            write_frame(cast(BinaryIO, child.stdin), message)
            while True:
                answer = read_frame(cast(BinaryIO, child.stdout))
                if answer is None:
                    raise EOFError
                if "progress" in answer:
                    job.desk.progress(*answer["progress"])
                    continue
                break
        except (EOFError, OSError, ValueError) as error:
            status = self._lose()
            why = f"the worker process ended with status {status}" + (f": {error}" if str(error) else "")
            return Done(job, [], why, lost=True)
        finally:
            with self._lock:
                self._job = None
            job.kill = None
        if answer["leaves"]:
            self._lose()
        job.desk.told = told_of(answer["told"])
        return self._read(job, answer)

    def _read(self, job: Job, answer: dict[str, Any]) -> Done:
        events: list[Any] = []
        try:
            for kind, schema, body in answer["events"]:
                events.append(self._codec.decode(kind, schema, body))
        except BadBody as error:
            return Done(job, events, f"{job.hook.by} emitted what cannot be recorded: {error}")
        return Done(job, events, str(answer["error"]), next=str(answer["next"]))

    def _message(self, job: Job) -> dict[str, Any]:
        return {
            "job": job.number,
            "by": job.hook.by,
            "address": attrs.asdict(job.hook.address),
            "provider": dict(job.provider_table),
            "wants": list(job.hook.wants),
            "record": [
                *(getattr(job.record, name) for name in _BEFORE_BODY),
                job.record.body,
                *(getattr(job.record, name) for name in _AFTER_BODY),
            ],
            "classes": sorted({(c.__module__, c.__qualname__) for c in (type(job.event), *job.hook.emits)}),
            "event": self._codec.encode(job.event),
            "desk": pack_desk(job.desk, job.seconds),
        }

    # -- the process --------------------------------------------------------------------------------------

    def _start(self) -> subprocess.Popen[bytes]:
        if self._child is not None and _is_over(self._child):
            self._lose()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "duanju.core.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
        return self._child

    def _kill(self, job: Job) -> None:
        """Ends the process if it still runs this job; called on the engine's thread."""
        with self._lock:
            if self._job is job and self._child is not None:
                _end_group(self._child)

    def _lose(self) -> int:
        """Ends the process, and what it left behind; returns its status."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return 0
        _end_group(child)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return child.wait()


def _is_over(child: subprocess.Popen[bytes]) -> bool:
    """Whether a process has ended; it is not waited for, so that its number stays its own."""
    if child.returncode is not None:
        return True
    with suppress(ChildProcessError):  # another thread waits for it at this moment
        return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return True


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Kills a process and all that it started and left in its group; not yet waited for."""
    if child.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
