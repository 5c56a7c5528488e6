"""Verification: the chain of digests, the numbers, and the artifacts, from the first record to the last."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import orjson
from attrs import define, frozen

from ..events.codec import BadBody
from .artifacts import Artifacts
from .errors import BadLog
from .keys import artifacts_of
from .log import _COLUMNS, FIRST, Log, chain
from .schema import made_by

__all__ = [
    "Problem",
    "Verified",
    "file_problems",
    "key_problems",
    "must_walk",
    "position_of_digest",
    "schema_problems",
    "verify_artifacts",
    "walk",
]


@frozen
class Problem:
    """Something wrong: the position of the record that shows it, and what it is."""

    position: int
    what: str


@define
class Verified:
    """What a walk found: how many records, the digest of the last, and what is wrong."""

    records: int
    head: str
    problems: list[Problem]


def walk(log: Log, progress: Callable[[int], None] | None = None) -> Verified:
    """Recomputes every digest and looks for gaps and bodies that are no JSON; stops at the first break.

    Everything after a broken link is unproved, so one problem of the chain is all that can be told.
    """
    found = Verified(0, FIRST.hex(), [])
    try:
        _walk(log, found, progress)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        found.problems.append(Problem(found.records + 1, f"it cannot be read: {error}"))
    return found


def _walk(log: Log, found: Verified, progress: Callable[[int], None] | None) -> None:
    previous, expected = FIRST, 1
    versions: dict[str, int] = {}
    for row in log.db.execute(f"SELECT {_COLUMNS} FROM event ORDER BY position"):
        position, stream, version, digest = row[0], row[2], row[3], row[11]
        what = ""
        if misfit := _misfit(row):
            what = f"its {misfit} is not of the column's type: the file was damaged"
        elif position != expected:
            what = f"positions {expected} to {position - 1} are missing"
        elif version != versions.get(stream, 0) + 1:
            what = f"{stream} goes from version {versions.get(stream, 0)} to {version}"
        elif chain(previous, row) != digest:
            what = "its digest does not fit: this record, or the one before it, was changed"
        else:
            try:
                orjson.loads(row[6])
            except orjson.JSONDecodeError as error:
                what = f"its body is no JSON: {error}"
        if what:
            found.problems.append(Problem(position if type(position) is int else expected, what))
            return
        versions[stream] = version
        previous, expected = digest, expected + 1
        found.records, found.head = position, digest.hex()
        if progress is not None and position % 10_000 == 0:
            progress(position)


# of each column of a row: what a record's value may be; a bent byte in a file turns a text into a blob
_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("position", (int,)),
    ("id", (str,)),
    ("stream", (str,)),
    ("version", (int,)),
    ("kind", (str,)),
    ("schema", (int,)),
    ("body", (str,)),
    ("cause", (int, type(None))),
    ("root", (int, type(None))),
    ("by", (str,)),
    ("at", (str,)),
    ("digest", (bytes,)),
)


def _misfit(row: tuple[object, ...]) -> str:
    """The first column whose value is of a wrong type, or nothing."""
    for (name, types), value in zip(_TYPES, row, strict=True):
        if type(value) not in types:
            return name
    return ""


def must_walk(log: Log, progress: Callable[[int], None] | None = None) -> str:
    """The head's digest. Raises BadLog with the first bad position."""
    found = walk(log, progress)
    if found.problems:
        bad = found.problems[0]
        raise BadLog(
            f"{log.path}, position {bad.position}: {bad.what}; restore a backup, or see duanju verify"
        )
    return found.head


def verify_artifacts(
    log: Log,
    artifacts: Artifacts,
    upto: int | None = None,
    progress: Callable[[int], None] = lambda position: None,
) -> Iterator[Problem]:
    """Every artifact that a record names is there, and its bytes are what its name says."""
    seen: set[str] = set()
    for record in log.read(upto=upto):
        if record.position % 1000 == 0:
            progress(record.position)
        try:
            named = artifacts_of(record.event)
        except BadBody as error:
            yield Problem(record.position, str(error))
            continue
        for artifact in named:
            if artifact.sha256 not in seen:
                seen.add(artifact.sha256)
                what = artifacts.check(artifact)
                if what:
                    yield Problem(record.position, what)


def schema_problems(log: Log) -> list[Problem]:
    """The tables and the triggers that make the log append-only stand as they were made (position 0).

    A trigger that duanju did not make could change what an engine writes: it is told, too.
    """
    rows = log.db.execute("SELECT name, sql, type FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    there = {name: sql for name, sql, _ in rows}
    made = made_by(1) if not log.audited else made_by()
    found: list[Problem] = []
    for name, sql in made.items():
        if name not in there:
            found.append(Problem(0, f"{name} is gone, which guards the log"))
        elif " ".join(there[name].split()) != sql:
            found.append(Problem(0, f"{name} is not as duanju made it"))
    strangers = sorted(name for name, _, kind in rows if kind == "trigger" and name not in made)
    found += [Problem(0, f"there is a trigger {name} that duanju did not make") for name in strangers]
    return found


def key_problems(log: Log) -> list[Problem]:
    """Causes that are not in the log, or come after what they caused; a mark of the engine beyond its end."""
    rows = log.db.execute(
        "SELECT event.position, event.cause FROM event LEFT JOIN event AS before "
        "ON before.position = event.cause WHERE event.cause IS NOT NULL "
        "AND (before.position IS NULL OR event.cause >= event.position) ORDER BY event.position LIMIT 100"
    )
    found = [Problem(position, f"its cause {cause} does not stand before it") for position, cause in rows]
    row = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()
    if row is None:
        found.append(Problem(0, "the lease has lost its row: no engine can begin"))
    elif not 0 <= row[0] <= log.head:
        found.append(Problem(0, f"the lease says that {row[0]} is carried, the log ends at {log.head}"))
    return found


def file_problems(log: Log) -> list[Problem]:
    """What SQLite itself finds wrong in the file: pages, indexes, types, uniqueness (position 0)."""
    try:
        rows = log.db.execute("PRAGMA integrity_check(20)").fetchall()
    except sqlite3.DatabaseError as error:
        rows = [(str(error),)]
    return [Problem(0, f"SQLite says of the file: {text}") for (text,) in rows if text != "ok"]


def position_of_digest(log: Log, digest: str) -> int | None:
    """The position of the record with this digest (64 hex digits), None where there is none."""
    row = log.db.execute("SELECT position FROM event WHERE digest = ?", (bytes.fromhex(digest),)).fetchone()
    return None if row is None else int(row[0])
