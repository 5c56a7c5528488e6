"""The log: append, read, follow. The only truth of a studio, in one SQLite file."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from ..events.codec import Codec
from ..events.episode import StudioOpened
from ..events.record import Record
from .errors import BadLog, CannotCommit, DuanjuError, WrongVersion, barred, cannot_write, log_advice
from .ledger_table import LedgerTable, touches
from .schema import PRAGMAS, SCHEMA, SCHEMA_NUMBER, audit, statements

__all__ = ["Log", "at_rest", "chain", "derived_id", "now", "once_id"]

_COLUMNS = "position, id, stream, version, kind, schema, body, cause, root, by, at, digest"
_INSERT = f"INSERT INTO event({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
FIRST = bytes(32)
Row = tuple[Any, ...]


def now() -> str:
    """The time as the log writes it: UTC, milliseconds."""
    whole, rest = divmod(time.time_ns() // 1_000_000, 1000)
    return f"{_second(whole)}.{rest:03d}Z"


@lru_cache(maxsize=1)
def _second(whole: int) -> str:
    """The part of a time that stays the same for a second; formatting it costs more than an insert."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))


def chain(previous: bytes, row: Row) -> bytes:
    """The digest of a row (as in `_COLUMNS`, without its digest) after the previous one's digest."""
    return _link(previous, row[:6] + row[7:11], row[6])


def _link(previous: bytes, head: Row, body: str) -> bytes:
    # orjson writes a tuple as it writes a list
    return hashlib.sha256(b"%b%b\n%b" % (previous, orjson.dumps(head), body.encode())).digest()


def derived_id(log: str, stream: str, plugin: str, hook: str, cause: int, attempt: int, index: int) -> str:
    """The id of an answer's record: the same work gives the same id, so it cannot be appended twice.

    It begins with the cause's position, so that the index of ids grows at its end.
    """
    text = f"{log}\0{stream}\0{plugin}\0{hook}\0{cause}\0{attempt}\0{index}"
    return f"{cause:010x}{hashlib.sha256(text.encode()).hexdigest()[:22]}"


def once_id(log: str, stream: str, kind: str, values: Sequence[object]) -> str:
    """The id of an event that may stand only once: made of its once key."""
    key = orjson.dumps([log, stream, kind, list(values)])
    return hashlib.sha256(key).hexdigest()[:32]


class _Lock:
    """An OS lock on a file; the kernel frees it when the process dies."""

    def __init__(self, path: Path | None) -> None:
        self._fd = -1 if path is None else os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def take(self) -> None:
        if self._fd >= 0:
            fcntl.flock(self._fd, fcntl.LOCK_EX)

    def free(self) -> bool:
        """Takes it, unless somebody else has it."""
        try:
            if self._fd >= 0:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def drop(self) -> None:
        if self._fd >= 0:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class _Writing:
    """A transaction behind the door: committed when its block ends well, else rolled back."""

    __slots__ = ("_log",)

    def __init__(self, log: Log) -> None:
        self._log = log

    def __enter__(self) -> None:
        log = self._log
        log._door.take()
        try:
            log.begin()
        except BaseException:
            log._door.drop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        log = self._log
        try:
            if kind is None:
                log.commit()
            else:
                log.rollback()
        finally:
            log._door.drop()
        if isinstance(error, sqlite3.Error):
            raise CannotCommit(f"{log.path}: {error}; {log_advice(error)}") from None


class Log:
    """One open log. A connection belongs to the thread that opened it.

    `path` None is a log in memory. `read_only` opens an existing one without the right to write.
    Raises BadLog when the file is no log, is newer than this program, or cannot be opened.
    """

    def __init__(
        self, path: Path | None, codec: Codec, *, read_only: bool = False, clock: Callable[[], str] = now
    ) -> None:
        self.path = path
        self.codec = codec
        self.clock = clock
        self._door = _Lock(None)
        try:
            self.db = self._open(path, read_only)
        except sqlite3.Error as error:
            raise _unusable(path, error, read_only) from None
        try:
            self._prepare(path, read_only)
        except BaseException:
            self.close()
            raise

    def _prepare(self, path: Path | None, read_only: bool) -> None:
        try:
            if not read_only:
                audit()  # read before the file is touched: what cannot be read must leave no half-made log
                self.db.execute(PRAGMAS[0])
                number = self.db.execute("PRAGMA user_version").fetchone()[0]
                others = self.db.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone()
                if others is not None and number == 0:
                    raise BadLog(f"{path} is no duanju log: it is a database of something else")
                self._door = _Lock(None if path is None else path.parent / "door")
                for pragma in PRAGMAS:
                    self.db.execute(pragma).fetchall()
                if self.db.execute("PRAGMA user_version").fetchone()[0] == 0:
                    self._create()
            number = self.db.execute("PRAGMA user_version").fetchone()[0]
            if number == 0:  # only read: whoever made the file did not come to its first event
                if self.db.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone():
                    raise BadLog(f"{path} is no duanju log: it is a database of something else")
                raise BadLog(f"{path} holds no event yet: its making was cut off; run duanju produce again")
            if number not in (1, SCHEMA_NUMBER):
                raise BadLog(f"{path} has table schema {number}, this duanju knows {SCHEMA_NUMBER}")
            row = self.db.execute("SELECT kind, body FROM event WHERE position = 1").fetchone()
        except sqlite3.Error as error:
            raise _unusable(path, error, read_only) from None
        except UnicodeDecodeError:
            raise BadLog(f"{path}, position 1: it is damaged; restore a backup") from None
        except OSError as error:
            raise cannot_write(error.filename or str(path), error) from None
        if row is None or row[0] != "studio_opened":
            raise BadLog(f"{path} is no duanju log: its first event is not studio_opened")
        try:
            self.id: str = orjson.loads(row[1])["log"]
        except (ValueError, KeyError, TypeError):
            raise BadLog(f"{path}, position 1: its body is damaged; restore a backup") from None
        self.head = 0
        self.begun = 0  # the head when the open transaction began
        self._digest = FIRST
        self._versions: dict[str, int] = {}
        self._data_version = -1
        self._rows: list[Row] = []
        self._pending_ids: set[str] = set()
        self._at = ""
        self._moment = ""
        self._own = os.urandom(7).hex()[:13]  # tells this connection's ids from all others' of one moment
        self._given = 0
        self.ledger = LedgerTable(self.db, self.codec, self.at)
        self.audited: bool = number == SCHEMA_NUMBER  # whether it has the ledger's tables and the views
        try:
            self.refresh()
            if not self.audited and not read_only:
                self._upgrade()
        except sqlite3.Error as error:
            raise _unusable(path, error, read_only) from None
        if type(self._digest) is not bytes:
            raise BadLog(f"{path}, position {self.head}: its digest is damaged; restore a backup")

    @staticmethod
    def _open(path: Path | None, read_only: bool) -> sqlite3.Connection:
        if path is None:
            return sqlite3.connect(":memory:", isolation_level=None)
        mode = ("ro&immutable=1" if at_rest(path) else "ro") if read_only else "rwc"
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
        if read_only:
            db.execute("PRAGMA busy_timeout = 20000")
        return db

    def _create(self) -> None:
        self._door.take()
        try:
            self.db.execute("BEGIN IMMEDIATE")
            if self.db.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in statements(SCHEMA + audit()):
                    self.db.execute(statement)
                place = "" if self.path is None else place_of(self.path)
                kind, schema, body = self.codec.encode(StudioOpened(os.urandom(16).hex(), place))
                row: Row = (1, os.urandom(16).hex(), "studio", 1, kind, schema, body)
                row = (*row, None, None, "core.open", self.clock())
                self.db.execute(_INSERT, (*row, chain(FIRST, row)))
            self.db.execute("COMMIT")
        finally:
            self._door.drop()

    def _upgrade(self) -> None:
        """Adds the ledger and the views to a log of an earlier release; no record is written anew."""
        from .rebuild_ledger import rebuild_ledger

        lock = _Lock(None if self.path is None else self.path.parent / "lock")
        try:
            if not lock.free():
                raise CannotCommit(
                    f"{self.path} was made by an earlier duanju whose engine is at work on it; "
                    "let it end, then run the command again"
                )
            rebuild_ledger(self)
        finally:
            lock.close()

    # -- transactions -----------------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Reads the head anew when another connection has committed; True when it has."""
        version = self.db.execute("PRAGMA data_version").fetchone()[0]
        if version == self._data_version:
            return False
        self._data_version = version
        row = self.db.execute("SELECT position, digest FROM event ORDER BY position DESC LIMIT 1").fetchone()
        changed: bool = self.head != row[0]
        self.head, self._digest = row
        self._versions.clear()
        self.ledger.forget()
        return changed

    def pass_door(self) -> None:
        """Lets waiting writers of other processes go first; else they starve beside a busy engine."""
        self._door.take()
        self._door.drop()

    def begin(self) -> bool:
        """Opens the write transaction; True when others have appended since the last one."""
        try:
            self.db.execute("BEGIN IMMEDIATE")
            self._at = self.clock()
            self._moment = ""
            changed = self.refresh()
            self.begun = self.head
            return changed
        except sqlite3.Error as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise CannotCommit(f"{self.path}: {error}; {log_advice(error)}") from None

    def add(
        self,
        stream: str,
        event: Any,
        *,
        by: str,
        cause: int | None = None,
        root: int | None = None,
        id: str | None = None,
        encoded: tuple[str, int, str] | None = None,
    ) -> Record | None:
        """Adds an event to the open transaction; None when its once key or client id stands already.

        Without `id` the record gets a random one. `encoded`: what the codec made of the event already.
        """
        codec = self.codec
        kind, schema, body = encoded or codec.encode(event)
        spec = codec.spec(event.__class__)
        if spec.once:
            id = once_id(self.id, stream, kind, [getattr(event, name) for name in spec.once])
            if self.has_id(id):
                return None
        elif id is None:
            id = self._random_id()
        version = self._versions.get(stream)
        if version is None:
            found = self.db.execute("SELECT max(version) FROM event WHERE stream = ?", (stream,)).fetchone()
            version = found[0] or 0
        self._versions[stream] = version = version + 1
        self.head = position = self.head + 1
        at = self._at
        head = (position, id, stream, version, kind, schema, cause, root, by, at)
        self._digest = digest = _link(self._digest, head, body)
        row: Row = (position, id, stream, version, kind, schema, body, cause, root, by, at, digest)
        self._rows.append(row)
        self._pending_ids.add(id)
        record = Record(row, codec, event)
        if touches(spec):
            self.ledger.take(record, spec)
        return record

    def _random_id(self) -> str:
        """The time, 52 random bits of this connection and a count.

        What is added later sorts later, so that the index of ids grows at its end: ids in no order would
        dirty another of its pages with every append.
        """
        if not self._moment:
            self._moment = f"{time.time_ns() // 1_000_000:011x}{self._own}"
        self._given += 1
        return f"{self._moment}{self._given & 0xFFFFFFFF:08x}"

    def is_new(self, id: str) -> bool:
        """Whether the open transaction has added a record of that id."""
        return id in self._pending_ids

    def has_id(self, id: str) -> bool:
        """Whether a record of that id stands, in the open transaction too."""
        if id in self._pending_ids:
            return True
        return self.db.execute("SELECT 1 FROM event WHERE id = ?", (id,)).fetchone() is not None

    def position_of(self, id: str) -> int | None:
        """The position of a record by its id."""
        for row in self._rows:
            if row[1] == id:
                return int(row[0])
        row = self.db.execute("SELECT position FROM event WHERE id = ?", (id,)).fetchone()
        return None if row is None else int(row[0])

    def today(self) -> str:
        """The day (UTC) of the open transaction: the day that money admitted in it belongs to."""
        return self._at[:10]

    def flush(self) -> None:
        """Writes what was added; still inside the transaction."""
        if self._rows:
            self.db.executemany(_INSERT, self._rows)
            self._rows.clear()
            self.ledger.flush()

    def commit(self) -> None:
        """Ends the transaction. Raises CannotCommit, with nothing of it kept."""
        try:
            self.flush()
            self.db.execute("COMMIT")
            self._pending_ids.clear()
        except sqlite3.Error as error:
            self.rollback()
            raise CannotCommit(f"{self.path}: {error}; {log_advice(error)}") from None

    def rollback(self) -> None:
        """Drops the transaction and what was added in it."""
        self._rows.clear()
        self._pending_ids.clear()
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        self._data_version = -1
        self.head = -1
        self.refresh()

    def writing(self) -> _Writing:
        """A whole transaction of an outside writer, behind the door."""
        return _Writing(self)

    def append(
        self,
        stream: str,
        events: Iterable[Any],
        *,
        by: str,
        cause: int | None = None,
        ids: Sequence[str] | None = None,
        expected: tuple[type[Any], tuple[Any, ...], int | None] | None = None,
    ) -> list[Record]:
        """Appends facts from outside the engine, in one transaction; what stands already is left out.

        `ids` are client ids: the same id again is no error and adds nothing. `expected` = (class, subject,
        position of the subject's last record as the writer saw it, None for none); raises WrongVersion
        when somebody else wrote about that subject since.
        """
        added = []
        with self.writing():
            if expected is not None:
                self._check_expected(stream, *expected)
            for index, event in enumerate(events):
                id = ids[index] if ids else None
                if id is not None and self.has_id(id):
                    continue
                record = self.add(stream, event, by=by, cause=cause, root=cause, id=id)
                if record is not None:
                    added.append(record)
        return added

    def _check_expected(
        self, stream: str, cls: type[Any], subject: tuple[Any, ...], position: int | None
    ) -> None:
        spec = self.codec.spec(cls)
        last: Record | None = None
        for record in self.read(stream=stream, kind=spec.kind):
            if tuple(getattr(record.event, name) for name in spec.subject) == subject:
                last = record
        found = None if last is None else last.position
        if found != position:
            theirs = "nothing" if last is None else f"{last.body[:200]} by {last.by} at {last.at}"
            raise WrongVersion(
                f"{spec.kind} of {'/'.join(map(str, subject))} in {stream}: you saw position {position}, "
                f"the log has {found}: {theirs}; look at it and try again"
            )

    # -- reading ----------------------------------------------------------------------------------------

    def read(
        self,
        *,
        stream: str | None = None,
        after: int = 0,
        upto: int | None = None,
        kind: str | None = None,
    ) -> Iterator[Record]:
        """Records in position order, above `after` and at most `upto`, of a stream and kind if given."""
        where, values = ["position > ?"], [after]
        parameters: list[Any] = list(values)
        for column, value in (("stream", stream), ("kind", kind)):
            if value is not None:
                where.append(f"{column} = ?")
                parameters.append(value)
        if upto is not None:
            where.append("position <= ?")
            parameters.append(upto)
        order = "version" if stream is not None else "position"
        if stream is not None:
            # the stream's index serves the order; position > 0 would only slow it
            where[0] = "+position > ?"
        sql = f"SELECT {_COLUMNS} FROM event WHERE {' AND '.join(where)} ORDER BY {order}"
        codec = self.codec
        for row in self.db.execute(sql, parameters):
            yield Record(row, codec)

    def at(self, position: int) -> Record | None:
        """The record at a position, in the open transaction too."""
        if self._rows and position >= self._rows[0][0]:
            found = position - self._rows[0][0]
            return Record(self._rows[found], self.codec) if found < len(self._rows) else None
        row = self.db.execute(f"SELECT {_COLUMNS} FROM event WHERE position = ?", (position,)).fetchone()
        return None if row is None else Record(row, self.codec)

    def follow(self, after: int, stop: Callable[[], bool], tick: float = 0.1) -> Iterator[Record]:
        """Records above `after` as any process appends them, until `stop()`; for a reader of its own."""
        while True:
            for record in self.read(after=after):
                after = record.position
                yield record
            if stop():
                return
            time.sleep(tick)

    def streams(self, prefix: str = "") -> list[str]:
        """The names of all streams that begin with `prefix`, sorted."""
        rows = self.db.execute(
            "WITH RECURSIVE name(stream) AS (SELECT min(stream) FROM event WHERE stream >= ? UNION ALL "
            "SELECT (SELECT min(stream) FROM event WHERE stream > name.stream) FROM name "
            "WHERE name.stream IS NOT NULL) SELECT stream FROM name WHERE stream IS NOT NULL",
            (prefix,),
        )
        return [row[0] for row in rows if row[0].startswith(prefix)]

    def head_digest(self) -> str:
        """The digest of the last record: kept elsewhere, it is a witness of the whole log."""
        row = self.db.execute("SELECT digest FROM event ORDER BY position DESC LIMIT 1").fetchone()
        return bytes(row[0]).hex()

    def close(self) -> None:
        """Closes the connection and the door."""
        self.db.close()
        self._door.close()


def place_of(path: Path) -> str:
    """Where a log file lies: a copy has another inode, a moved one another path."""
    try:
        return f"{path.resolve()}#{path.stat().st_ino}"
    except OSError:
        return str(path.resolve())


def _unusable(path: Path | None, error: sqlite3.Error, read_only: bool) -> DuanjuError:
    """BadLog for a damaged file; CannotCommit for a machine that does not let it be opened."""
    if path is not None and path.is_dir():
        return BadLog(f"{path} is a folder, and must be the log's file: move it away and restore a backup")
    why = barred(path.parent) if path is not None and not read_only and path.parent.is_dir() else None
    if why is not None:
        return cannot_write(str(path), why)
    text = f"{path} cannot be opened as a log: {error}; {log_advice(error)}"
    damaged = any(sign in str(error) for sign in ("malformed", "not a database", "no such"))
    no_file = path is not None and (not path.parent.is_dir() or (read_only and not path.exists()))
    return BadLog(text) if damaged or no_file else CannotCommit(text)


def at_rest(path: Path) -> bool:
    """Whether a log lies in a folder that nobody can write, with nothing left to take out of its WAL.

    SQLite reads such a file only when told that it does not change.
    """
    try:
        left = path.with_name(path.name + "-wal").stat().st_size
    except OSError:
        left = 0
    return not left and path.exists() and not os.access(path.parent, os.W_OK)
