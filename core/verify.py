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

__all__ = ["Problem", "Verified", "schema_problems", "verify_artifacts", "walk"]


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


def must_walk(log: Log) -> str:
    """The head's digest. Raises BadLog with the first bad position."""
    found = walk(log)
    if found.problems:
        bad = found.problems[0]
        raise BadLog(
            f"{log.path}, position {bad.position}: {bad.what}; restore a backup, or see duanju verify"
        )
    return found.head


def verify_artifacts(log: Log, artifacts: Artifacts, upto: int | None = None) -> Iterator[Problem]:
    """Every artifact that a record names is there, and its bytes are what its name says."""
    seen: set[str] = set()
    for record in log.read(upto=upto):
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
    """The tables and the triggers that make the log append-only stand as they were made (position 0)."""
    there = dict(log.db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    found: list[Problem] = []
    for name, sql in made_by().items():
        if name not in there:
            found.append(Problem(0, f"{name} is gone, which guards the log"))
        elif " ".join(there[name].split()) != sql:
            found.append(Problem(0, f"{name} is not as duanju made it"))
    return found
