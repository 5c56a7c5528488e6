"""What each row is divided by: the least that the machine can be asked for to reach the same effect."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import orjson

__all__ = [
    "LANGGRAPH_SECONDS",
    "RawLog",
    "encode_only",
    "hand_offs",
    "pool_makespan",
    "raw_fold",
    "raw_replay",
    "run_child",
]

Row = Sequence[Any]
LANGGRAPH_SECONDS = 0.5
"""Import, init and first step of LangGraph on the reference machine; used only where it is not installed."""

_COLUMNS = "position, id, stream, version, kind, schema, body, cause, root, by, at, digest"


class RawLog:
    """A bare table with the log's twelve columns: WAL and FULL, no index, no trigger, no digest."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL").fetchall()
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute(f"CREATE TABLE event({_COLUMNS.replace('position', 'position INTEGER PRIMARY KEY')})")
        self.db.execute("CREATE TABLE ack(one INTEGER PRIMARY KEY, carried INTEGER)")
        self.db.execute("INSERT INTO ack VALUES (1, 0)")
        self._sql = f"INSERT INTO event({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    def append(self, row: Row) -> None:
        """One insert, one commit. `row` = all columns but the position."""
        self.db.execute("BEGIN")
        self.db.execute(self._sql, row)
        self.db.execute("COMMIT")

    def append_all(self, rows: Iterable[Row]) -> None:
        """All rows by one executemany in one commit."""
        self.db.execute("BEGIN")
        self.db.executemany(self._sql, rows)
        self.db.execute("COMMIT")

    def step(self, row: Row, number: int) -> None:
        """One durable step: its event, its acknowledgement, one commit."""
        self.db.execute("BEGIN")
        self.db.execute(self._sql, row)
        self.db.execute("UPDATE ack SET carried = ? WHERE one = 1", (number,))
        self.db.execute("COMMIT")

    def close(self) -> None:
        """Closes the connection."""
        self.db.close()


def raw_replay(db: sqlite3.Connection) -> int:
    """All rows of a log, each body through orjson; how many there were."""
    count = 0
    for row in db.execute(f"SELECT {_COLUMNS} FROM event ORDER BY position"):
        orjson.loads(row[6])
        count += 1
    return count


def raw_fold(db: sqlite3.Connection, subjects: dict[str, tuple[str, ...]]) -> dict[tuple[Any, ...], Any]:
    """The newest body of every kind and subject, as plain dicts: state by hand."""
    state: dict[tuple[Any, ...], Any] = {}
    for kind, body in db.execute("SELECT kind, body FROM event ORDER BY position"):
        data = orjson.loads(body)
        state[(kind, *[data[name] for name in subjects.get(kind, ())])] = data
    return state


def pool_makespan(count: int, seconds: float, workers: int) -> float:
    """Seconds that a bare thread pool takes for `count` sleeps."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(time.sleep, [seconds] * count):
            pass
    return time.perf_counter() - begin


def hand_offs(count: int) -> float:
    """Seconds of `count` round trips between two threads over simple queues, and nothing else."""
    there: SimpleQueue[int] = SimpleQueue()
    back: SimpleQueue[int] = SimpleQueue()

    def answer() -> None:
        while (number := there.get()) >= 0:
            back.put(number)

    thread = Thread(target=answer, daemon=True)
    thread.start()
    begin = time.perf_counter()
    for number in range(count):
        there.put(number)
        back.get()
    taken = time.perf_counter() - begin
    there.put(-1)
    thread.join()
    return taken


def run_child(
    arguments: Sequence[str], until: Callable[[bytes], bool], python: str = sys.executable
) -> tuple[float, bytes]:
    """Runs a Python process: (seconds from its start to its first fitting line of output, that line).

    Raises RuntimeError with its output when it ends otherwise.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith("DUANJU_")}
    begin = time.perf_counter()
    child = subprocess.Popen([python, *arguments], stdout=subprocess.PIPE, env=env)
    taken, fitting = 0.0, b""
    lines = []
    if child.stdout is None:
        raise RuntimeError("no pipe")
    with child.stdout as output:
        for line in output:
            lines.append(line)
            if not taken and until(line):
                taken, fitting = time.perf_counter() - begin, line
    if child.wait() or not taken:
        raise RuntimeError(f"{' '.join(arguments)} ended with {child.returncode}: {b''.join(lines)[-500:]!r}")
    return taken, fitting


def encode_only(out: Path, frames: Sequence[bytes], width: int, height: int, fps: int) -> None:
    """The encoder alone: finished yuv420p frames in memory into one H.264 file, with the film's settings."""
    import av
    import numpy as np

    with av.open(str(out), "w", format="mp4") as container:
        options = {"preset": "veryfast", "crf": "21", "threads": "1", "profile": "high"}
        options |= {"g": str(2 * fps), "keyint_min": str(fps), "flags": "+cgop"}
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, data in enumerate(frames):
            picture = np.frombuffer(data, np.uint8).reshape(height * 3 // 2, width)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
