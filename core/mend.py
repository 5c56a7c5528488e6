"""Mending: the tables beside the log are written anew from the log alone, while no engine runs."""

from __future__ import annotations

from attrs import frozen

from .adoption import Spans
from .artifacts import Artifacts
from .folds import Folds
from .keys import effect_key
from .lease import Lease
from .log import Log
from .plugins import Hook, Plugins
from .rebuild import rebuild_ledger, rebuild_outcomes, rebuild_spend
from .verify import must_walk
from .verify_work import work_to_mend

__all__ = ["Rebuilt", "rebuild_tables"]


@frozen
class Rebuilt:
    """How many rows each table has now; `added` and `removed` of the rows of open work."""

    head: str
    ledger: int
    spend: int
    outcomes: int
    added: int
    removed: int


def rebuild_tables(log: Log, plugins: Plugins, artifacts: Artifacts) -> Rebuilt:
    """Writes ledger, spend and outcome anew, and puts `work` right. No record is touched.

    Raises LogBusy while an engine runs, and BadLog, with the position, where the log itself is not whole:
    nothing is written then.
    """
    head = must_walk(log)
    with Lease(log) as lease:
        spend = rebuild_spend(log, lease.carried)
        outcomes = _outcomes(log, plugins, artifacts, lease.carried)
        lost, ghosts = work_to_mend(log, plugins)
        rebuild_ledger(log)
        with log.writing():
            log.db.execute("DELETE FROM spend")
            rows = [(*key, *sums) for key, sums in sorted(spend.items())]
            log.db.executemany("INSERT INTO spend VALUES (?, ?, ?, ?, ?)", rows)
            log.db.execute("DELETE FROM outcome")
            log.db.executemany("INSERT INTO outcome VALUES (?, ?)", sorted(outcomes.items()))
            log.db.executemany("INSERT INTO work VALUES (?, ?, ?, ?, ?)", lost)
            log.db.executemany(
                "DELETE FROM work WHERE stream = ? AND plugin = ? AND hook = ? AND cause = ?",
                [row[:4] for row in ghosts],
            )
        count = log.db.execute("SELECT count(*) FROM ledger").fetchone()[0]
    return Rebuilt(head, count, len(rows), len(outcomes), len(lost), len(ghosts))


def _outcomes(log: Log, plugins: Plugins, artifacts: Artifacts, carried: int) -> dict[str, int]:
    """The answers that may be given again: key -> position. A call's are what the log says; of an effect's,
    those that stood there and may, and those that the hooks in force would have left there."""
    wanted = rebuild_outcomes(log, artifacts.read_sha256, carried)
    found = {
        key: position
        for key, position in log.db.execute("SELECT key, position FROM outcome")
        if position in wanted.effects.get(key, ()) or (not wanted.whole and key not in wanted.calls)
    }
    reuse = [
        hook
        for hooks in plugins.by_kind.values()
        for hook in hooks
        if hook.effect is not None and hook.effect.reuse
    ]
    for key, position in _effects(log, artifacts, reuse):
        if position in wanted.effects.get(key, ()):
            found.setdefault(key, position)
    return {**found, **wanted.calls}


def _effects(log: Log, artifacts: Artifacts, hooks: list[Hook]) -> list[tuple[str, int]]:
    """(key, position) of the answers of reusable effects, the newest first.

    Only where the decisions version and the delivery were the same when the effect was asked and when it
    answered: else nobody can tell with which of them it was made.
    """
    folds = Folds(log, artifacts.read_sha256)
    spans = Spans(log.read(stream="studio"))
    by = {hook.by: hook for hook in hooks}
    found: list[tuple[str, int]] = []
    for kind in sorted({log.codec.spec(cls).kind for hook in hooks for cls in hook.emits}):
        for record in log.read(kind=kind):
            hook = by.get(record.by)
            cause = None if record.cause is None else log.at(record.cause)
            if hook is None or cause is None or getattr(record.event, "reused_from", 0) is not None:
                continue
            if getattr(record.event, "verdict", "") in ("error", "skipped"):
                continue
            span = spans.at(hook.plugin, hook.name, cause.position)
            before = folds.episode(record.stream, cause.position).settings_artifact
            after = folds.episode(record.stream, record.position).settings_artifact
            if span is None or span.decisions != hook.decisions or before is None or before != after:
                continue
            delivery = folds.settings(after.sha256).delivery
            found.append((effect_key(log.codec, hook, cause.event, delivery), record.position))
    return sorted(found, key=lambda one: -one[1])
