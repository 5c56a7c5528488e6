"""Questions to the log in SQL: nothing can be changed by one, and none runs longer than it may."""

from __future__ import annotations

import difflib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import define, field

from .errors import BadLog, DuanjuError, WrongUse, log_advice
from .log import at_rest
from .plugin_views import PluginView
from .schema import SCHEMA_NUMBER, VIEWS, made_by

__all__ = ["Answer", "Asker", "TimeIsUp"]

MOST_BYTES = 100_000_000  # of one value: a query that builds a larger one is refused
_STEPS = 2000  # of SQLite's machine between two looks at the clock
_READS = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_PRAGMAS = frozenset(("table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo"))
_FORBIDDEN = frozenset(("load_extension", "fts3_tokenizer"))


class TimeIsUp(DuanjuError):
    """A query ran longer than it may."""


@define
class Answer:
    """The names of a query's columns, none of them twice, and its rows as they come."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


@define
class Asker:
    """A connection that can read one log and do nothing else; close it, or use it as a context manager.

    `more` gives the plugins' views, and is asked only when a query names what the log has not. `refused`:
    those that could not be used, name -> why. Raises BadLog where there is no such log.
    """

    path: Path
    more: Callable[[], tuple[PluginView, ...]] | None = None
    views: tuple[PluginView, ...] = ()
    refused: dict[str, str] = field(factory=dict)
    number: int = field(init=False)
    _db: sqlite3.Connection = field(init=False)
    _until: float = field(init=False, default=float("inf"))
    _stopped: bool = field(init=False, default=False)
    _timed_out: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        mode = "ro&immutable=1" if at_rest(self.path) else "ro"
        try:
            self._db = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
            )
        except sqlite3.Error as error:
            raise BadLog(f"{self.path} cannot be opened as a log: {error}; {log_advice(error)}") from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            raise BadLog(f"{self.path} cannot be opened as a log: {error}; {log_advice(error)}") from None
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        db = self._db
        db.text_factory = lambda text: text.decode("utf-8", "backslashreplace")
        db.execute("PRAGMA busy_timeout = 20000")
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self.number = db.execute("PRAGMA user_version").fetchone()[0]
        if self.number not in (1, SCHEMA_NUMBER):
            raise BadLog(f"{self.path} has table schema {self.number}, this duanju knows {SCHEMA_NUMBER}")
        db.set_progress_handler(self._look, _STEPS)
        db.execute("PRAGMA query_only = ON")
        db.set_authorizer(_reads_only)
        self._add_all()

    def _add_all(self) -> None:
        for view in self.views:
            self._until = time.monotonic() + 5.0
            why = self._add(view)
            if why:
                self.refused[view.name] = why
        self._until = float("inf")

    def _add(self, view: PluginView) -> str:
        """Makes a plugin's view, for this connection alone; what is wrong with it, "" for nothing."""
        db = self._db
        db.set_authorizer(None)
        db.execute("PRAGMA query_only = OFF")  # it bars what is temporary too
        try:
            db.set_authorizer(_makes_a_view)
            db.execute(f'CREATE TEMP VIEW "{view.name}" AS {view.select}')
            db.set_authorizer(_reads_only)
            db.execute(f'SELECT * FROM "{view.name}" LIMIT 0').fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            db.set_authorizer(None)
            db.execute(f'DROP VIEW IF EXISTS temp."{view.name}"')
            return str(error)
        finally:
            db.set_authorizer(None)
            db.execute("PRAGMA query_only = ON")
            db.set_authorizer(_reads_only)
        return ""

    def ask(self, sql: str, limit_s: float) -> Answer:
        """The answer to one SELECT, within so many seconds in all.

        Raises WrongUse for what is no query of this log, TimeIsUp (also while the rows are read), BadLog for
        a file that cannot be read. Whoever calls `stop` ends it with KeyboardInterrupt.
        """
        self._until = time.monotonic() + limit_s
        try:
            try:
                cursor = self._db.execute(sql)
            except sqlite3.OperationalError as error:
                if self.more is None or "no such table" not in str(error):
                    raise
                self.views, self.more = self.more(), None
                self._add_all()
                self._until = time.monotonic() + limit_s
                cursor = self._db.execute(sql)
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise self._told(error, limit_s) from None
        if cursor.description is None:
            raise WrongUse("that is no question: write a SELECT; see duanju query --examples")
        return Answer(_once([one[0] for one in cursor.description]), self._rows(cursor, limit_s))

    def _rows(self, cursor: sqlite3.Cursor, limit_s: float) -> Iterator[tuple[Any, ...]]:
        while True:
            try:
                row = cursor.fetchone()
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise self._told(error, limit_s) from None
            if row is None:
                return
            yield row

    def stop(self) -> None:
        """Ends the query under way; may be called from a signal handler."""
        self._stopped = True

    def close(self) -> None:
        """Closes the connection."""
        self._db.close()

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _look(self) -> bool:
        if time.monotonic() > self._until:
            self._timed_out = True
        return self._stopped or self._timed_out

    def _told(self, error: Exception, limit_s: float) -> BaseException:
        """What went wrong with a query, in words."""
        if self._stopped:
            return KeyboardInterrupt()
        if self._timed_out:
            return TimeIsUp(
                f"the query did not end within {limit_s:g} s; narrow it (WHERE stream = ..., LIMIT), or give "
                "it longer: --limit-s"
            )
        if (
            isinstance(error, sqlite3.DatabaseError)
            and "malformed" in str(error)
            and "JSON" not in str(error)
        ):
            return BadLog(f"{self.path}: {error}; {log_advice(error)}")
        return WrongUse(f"the query is refused: {error}{self._hint(str(error))}")

    def _hint(self, words: str) -> str:
        found = re.search(r"no such (table|column): (?:\w+\.)?([\w ]+)", words)
        if found is None:
            what = "; a query can only read" if "not authorized" in words or "prohibited" in words else ""
            return f"{what}; see duanju query --examples"
        if self.number == 1 and found[2] in (*VIEWS, *made_by().keys() - made_by(1).keys()):
            return (
                "; this log was made by an earlier duanju: duanju resume, or verify --rebuild, adds the "
                "views and changes no record"
            )
        known = self.columns()
        names = (
            list(known) if found[1] == "table" else sorted({name for one in known.values() for name in one})
        )
        near = difflib.get_close_matches(found[2].lower(), names, 3, 0.5)
        where = [view for view, columns in known.items() if found[1] == "column" and found[2] in columns]
        if near and near[0] != found[2].lower():
            return f"; did you mean {' or '.join(near)}? see duanju query --examples"
        if where:
            return f"; it is a column of {', '.join(where[:6])}; see duanju query --examples"
        if found[1] == "table":
            return f"; there are: {', '.join(names)}; see duanju query --examples"
        return "; docs/audit.md lists every column; see duanju query --examples"

    def columns(self) -> dict[str, list[str]]:
        """View -> its columns, of those that can be used."""
        self._until, known = float("inf"), {}
        for name in (*VIEWS, *(view.name for view in self.views)):
            try:
                found = self._db.execute(f'SELECT * FROM "{name}" LIMIT 0').description
            except sqlite3.Error:
                continue  # a view that was dropped, or a plugin's that was refused
            known[name] = [one[0] for one in found]
        return known


def _reads_only(action: int, one: str | None, two: str | None, base: str | None, by: str | None) -> int:
    """The authorizer of a query: it may read and compute, nothing else."""
    if action in _READS and not (action == sqlite3.SQLITE_FUNCTION and two in _FORBIDDEN):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and one in _PRAGMAS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _makes_a_view(action: int, one: str | None, two: str | None, base: str | None, by: str | None) -> int:
    """The authorizer while a plugin's view is made: one view more, and what it reads."""
    if action == sqlite3.SQLITE_CREATE_TEMP_VIEW:
        return sqlite3.SQLITE_OK
    if action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE) and one == "sqlite_temp_master":
        return sqlite3.SQLITE_OK
    return _reads_only(action, one, two, base, by)


def _once(names: list[str]) -> list[str]:
    """The names with a number where one comes again."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found
