"""Records the statements that a log's connection runs, to run them again alone: what SQLite itself costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from duanju.core.log import Log
from duanju.core.schema import PRAGMAS

__all__ = ["TapedLog", "played"]

Statement = tuple[bool, str, Any]


class _Taped(sqlite3.Connection):
    """A connection that notes what it runs while `tape` is a list."""

    tape: list[Statement] | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """As a connection does."""
        if self.tape is not None:
            self.tape.append((False, sql, parameters))
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """As a connection does."""
        rows = list(parameters)
        if self.tape is not None:
            self.tape.append((True, sql, rows))
        return super().executemany(sql, rows)


class TapedLog(Log):
    """A log whose statements can be recorded."""

    @staticmethod
    def _open(path: Path | None, read_only: bool) -> sqlite3.Connection:
        return sqlite3.connect(path or ":memory:", isolation_level=None, factory=_Taped)

    def record(self, copy: Path) -> list[Statement]:
        """Copies the log as it stands, and begins the tape that this returns."""
        with sqlite3.connect(copy) as other:
            self.db.backup(other)
        other.close()
        tape: list[Statement] = []
        self.db.tape = tape  # type: ignore[attr-defined]
        return tape

    def end(self) -> None:
        """Ends the tape."""
        self.db.tape = None  # type: ignore[attr-defined]


def played(tape: list[Statement], copy: Path, clock: Callable[[Callable[[], object]], float]) -> float:
    """Seconds that the recorded statements take alone, on a copy of the log as it stood."""
    path = copy.with_name("again.db")
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes(copy.read_bytes())
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(pragma).fetchall()

    def work() -> None:
        for many, sql, parameters in tape:
            if many:
                db.executemany(sql, parameters)
            else:
                db.execute(sql, parameters).fetchall()

    try:
        return clock(work)
    finally:
        db.close()
