"""One engine per log: an OS lock that dies with its process, and an epoch that deposes who slept through."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

import orjson

from .errors import BadLog, Deposed, LogBusy, cannot_write
from .log import Log

__all__ = ["Lease"]


class Lease:
    """The right to run the engine. Raises LogBusy, naming the holder, when another process has it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._fd = -1
        if log.path is not None:
            self._fd = _lock(log.path.parent / "lock", log)
        try:
            self.epoch, self.carried = _take(log)
        except BaseException:
            self.close()
            raise

    def mark(self, carried: int) -> None:
        """The last statement of every commit. Raises Deposed when another engine took over."""
        changed = self._log.db.execute(
            "UPDATE lease SET carried = ? WHERE one = 1 AND epoch = ?", (carried, self.epoch)
        )
        if changed.rowcount != 1:
            raise Deposed(
                f"another engine took over {self._log.path} ({_holder(self._log)}); this one stops and has "
                "written nothing since; see duanju status"
            )

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


def _take(log: Log) -> tuple[int, int]:
    """Writes who holds the lease from now on; returns its epoch and `carried`."""
    holder = orjson.dumps({"pid": os.getpid(), "host": os.uname().nodename, "since": log.clock()})
    with log.writing():
        changed = log.db.execute(
            "UPDATE lease SET holder = ?, epoch = epoch + 1 WHERE one = 1", (holder.decode(),)
        )
        row = log.db.execute("SELECT epoch, carried FROM lease WHERE one = 1").fetchone()
    if changed.rowcount != 1:
        raise BadLog(f"{log.path} has lost its lease row; restore a backup, or see duanju verify")
    return int(row[0]), int(row[1])


def _lock(path: Path, log: Log) -> int:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise cannot_write(path, error) from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise LogBusy(
            f"an engine runs on {log.path} already: {_holder(log)}; wait for it, or end it first"
        ) from None
    except OSError as error:
        os.close(fd)
        raise cannot_write(path, error) from None
    return fd


def _holder(log: Log) -> str:
    """Who holds the lease, in words, as far as the lease's row can be read."""
    row = log.db.execute("SELECT holder FROM lease WHERE one = 1").fetchone()
    try:
        who = dict(orjson.loads(row[0]))
    except (TypeError, ValueError):
        who = {}
    return f"process {who.get('pid', '?')} on {who.get('host', '?')} since {who.get('since', '?')}"
