"""One engine per log: an OS lock that dies with its process, and an epoch that deposes who slept through."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

import orjson

from .errors import Deposed, LogBusy
from .log import Log

__all__ = ["Lease"]


class Lease:
    """The right to run the engine. Raises LogBusy, naming the holder, when another process has it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._fd = -1
        if log.path is not None:
            self._fd = _lock(log.path.parent / "lock", log)
        holder = orjson.dumps({"pid": os.getpid(), "host": os.uname().nodename, "since": log.clock()})
        with log.writing():
            log.db.execute("UPDATE lease SET holder = ?, epoch = epoch + 1 WHERE one = 1", (holder.decode(),))
            row = log.db.execute("SELECT epoch, carried FROM lease WHERE one = 1").fetchone()
        self.epoch: int = row[0]
        self.carried: int = row[1]

    def mark(self, carried: int) -> None:
        """The last statement of every commit. Raises Deposed when another engine took over."""
        changed = self._log.db.execute(
            "UPDATE lease SET carried = ? WHERE one = 1 AND epoch = ?", (carried, self.epoch)
        )
        if changed.rowcount != 1:
            raise Deposed(f"another engine took over {self._log.path}; this one stops")

    def close(self) -> None:
        """Gives the lease back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _lock(path: Path, log: Log) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        row = log.db.execute("SELECT holder FROM lease WHERE one = 1").fetchone()
        who = orjson.loads(row[0]) if row and row[0] else {}
        raise LogBusy(
            f"an engine runs on {log.path} already: process {who.get('pid', '?')} on "
            f"{who.get('host', '?')} since {who.get('since', '?')}; wait for it, or end it first"
        ) from None
    return fd
