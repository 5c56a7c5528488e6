"""Everything that can be proved of a log, in one go: its chain, its files, its tables, and what is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

from .artifacts import Artifacts
from .log import Log
from .plugins import Plugins
from .rebuild import table_problems
from .status import work_problems
from .verify import (
    Problem,
    file_problems,
    key_problems,
    schema_problems,
    verify_artifacts,
    walk,
)
from .verify_work import work_differences

__all__ = ["Doubt", "Proof", "prove"]

Tell = Callable[[str, int, int], None]


@frozen
class Doubt:
    """A call of which nobody knows whether it was made: where it stands, and the most that it may cost."""

    position: int
    stream: str
    route: str
    ceiling: int | None


@define
class Proof:
    """What was found: `problems` in the order of the checks; `deep` says whether all were made.

    `owed`, `asked` and `flying` count what is open: effects that wait, requests not admitted yet, and what is
    under way or was when its engine ended. `doubts` wait for a person. None of these is a problem.
    """

    records: int
    head: str
    deep: bool
    problems: list[Problem]
    owed: int = 0
    asked: int = 0
    flying: int = 0
    uncarried: int = 0
    doubts: list[Doubt] = field(factory=list)


def prove(
    log: Log,
    artifacts: Artifacts,
    plugins: Plugins,
    *,
    deep: bool = False,
    tell: Tell = lambda what, done, of: None,
) -> Proof:
    """Checks a log; an engine may be at work on it meanwhile.

    Always: the chain, the guards, every body and every file that one names, causes, and the tables of money
    and of answers against what the log alone says. `deep`: also the pages of the file, and `work` against the
    log. After a broken link nothing is proved, so the first one is all that is told.
    """
    guards = schema_problems(log)
    found = walk(log, lambda done: tell("the chain", done, log.head))
    proof = Proof(found.records, found.head, deep, [*guards, *found.problems])
    if deep:
        tell("the file", 0, 1)
        proof.problems += file_problems(log)
    if found.problems:
        return proof
    proof.problems += key_problems(log)
    for problem in verify_artifacts(log, artifacts, progress=lambda done: tell("the files", done, log.head)):
        proof.problems.append(problem)
    proof.problems += work_problems(log)
    if log.db.execute("SELECT 1 FROM lease WHERE one = 1").fetchone() is None:
        return proof  # nobody can tell what an engine has looked at
    tell("the tables", 0, 1)
    proof.problems += table_problems(log, artifacts.read_sha256)
    if deep and not proof.problems:
        log.db.execute("BEGIN")
        try:
            proof.problems += work_differences(log, plugins)
        finally:
            log.db.execute("COMMIT")
    _open(log, proof)
    return proof


def _open(log: Log, proof: Proof) -> None:
    """Counts what is open."""
    rows = log.db.execute("SELECT plugin, hook, cause, attempt FROM work ORDER BY cause").fetchall()
    for plugin, hook, cause, attempt in rows:
        if plugin != "core":
            proof.owed += attempt == 0
            proof.flying += attempt > 0
        elif hook == "admit":
            proof.asked += 1
        elif hook == "doubt":
            record = log.at(cause)
            event: Any = None if record is None else record.event
            if record is not None:
                proof.doubts.append(Doubt(cause, record.stream, event.route, event.ceiling))
    carried = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()[0]
    proof.uncarried = max(0, log.head - carried)
