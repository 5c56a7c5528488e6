"""The rows that say what is open, and the answers that can be given again; both in the open transaction."""

from __future__ import annotations

import sqlite3

__all__ = ["Row", "Works"]

Row = tuple[str, str, str, int, int]


class Works:
    """The tables `work` and `outcome`. `attempt` 0 = owed, 1 and up = in flight: the intent."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rows: dict[tuple[str, str, str, int], int] = {
            (stream, plugin, hook, cause): attempt
            for stream, plugin, hook, cause, attempt in db.execute("SELECT * FROM work")
        }
        self._stored = dict(self._rows)
        self._open: dict[str, int] = {}
        for stream, *_ in self._rows:
            self._open[stream] = self._open.get(stream, 0) + 1
        self._changed: set[tuple[str, str, str, int]] = set()
        self._answers: dict[str, int] = {}

    def rows(self) -> list[Row]:
        """All open rows, in the order of their causes."""
        return sorted(
            ((*key, attempt) for key, attempt in self._rows.items()), key=lambda row: (row[3], row[1:3])
        )

    def owe(self, stream: str, plugin: str, hook: str, cause: int, attempt: int = 0) -> None:
        """Writes that this work is open; nothing when its row says so already."""
        key = (stream, plugin, hook, cause)
        known = self._rows.get(key)
        if known == attempt:
            return
        if known is None:
            self._open[stream] = self._open.get(stream, 0) + 1
        self._rows[key] = attempt
        self._changed.add(key)

    def drop(self, stream: str, plugin: str, hook: str, cause: int) -> bool:
        """The work is answered; True when it was open."""
        key = (stream, plugin, hook, cause)
        if self._rows.pop(key, None) is None:
            return False
        self._open[stream] -= 1
        if not self._open[stream]:
            del self._open[stream]
        self._changed.add(key)
        return True

    def is_open(self, stream: str) -> bool:
        """Whether any work of a stream is open."""
        return stream in self._open

    def remember(self, key: str, position: int) -> None:
        """The answer at `position` may be given again for this key.

        The newest stays: an older one whose file was lost must not be made, and paid for, each time anew.
        """
        self._answers[key] = position

    def forget(self, key: str, position: int) -> None:
        """The answer at `position` is given no more; nothing where another one stands for this key."""
        if self.outcome(key) == position:
            self._answers.pop(key, None)
            self._db.execute("DELETE FROM outcome WHERE key = ?", (key,))

    def flush(self) -> None:
        """Writes what is different from the stored rows: what came and went within a turn costs nothing."""
        if self._changed:
            rows, stored = self._rows, self._stored
            gone = [key for key in self._changed if key not in rows and stored.pop(key, None) is not None]
            put = [key for key in self._changed if key in rows and rows[key] != stored.get(key)]
            # Most turns end one work and begin the next: one statement moves the row.
            if gone and put:
                moved = list(zip(gone, put, strict=False))
                sql = (
                    "UPDATE OR REPLACE work SET stream = ?, plugin = ?, hook = ?, cause = ?, attempt = ? "
                    "WHERE stream = ? AND plugin = ? AND hook = ? AND cause = ?"
                )
                self._db.executemany(sql, [(*new, rows[new], *old) for old, new in moved])
                stored.update((new, rows[new]) for _, new in moved)
                gone, put = gone[len(moved) :], put[len(moved) :]
            if gone:
                sql = "DELETE FROM work WHERE stream = ? AND plugin = ? AND hook = ? AND cause = ?"
                self._db.executemany(sql, gone)
            if put:
                sql = "INSERT OR REPLACE INTO work VALUES (?, ?, ?, ?, ?)"
                self._db.executemany(sql, [(*key, rows[key]) for key in put])
                stored.update((key, rows[key]) for key in put)
            self._changed.clear()
        if self._answers:
            self._db.executemany("INSERT OR REPLACE INTO outcome VALUES (?, ?)", self._answers.items())
            self._answers.clear()

    def outcome(self, key: str) -> int | None:
        """The position of an answer that can be given again."""
        if key in self._answers:
            return self._answers[key]
        row = self._db.execute("SELECT position FROM outcome WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])
