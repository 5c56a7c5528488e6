"""Verification: the chain of digests, the numbers, and the artifacts, from the first record to the last."""

from __future__ import annotations

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
    previous, expected = FIRST, 1
    versions: dict[str, int] = {}
    for row in log.db.execute(f"SELECT {_COLUMNS} FROM event ORDER BY position"):
        position, stream, version, digest = row[0], row[2], row[3], bytes(row[11])
        what = ""
        if position != expected:
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
            return Verified(expected - 1, previous.hex(), [Problem(position, what)])
        versions[stream] = version
        previous, expected = digest, expected + 1
        if progress is not None and position % 10_000 == 0:
            progress(position)
    return Verified(expected - 1, previous.hex(), [])


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
