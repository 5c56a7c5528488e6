"""Replay: every reaction runs again on its recorded prefix, and must answer what the log holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

from ..events.record import Record
from .adoption import Spans
from .artifacts import Artifacts
from .contain import a_persons, describe
from .errors import Diverged
from .folds import Folds, series_of
from .log import Log, once_id
from .plugins import Hook, Plugins
from .reactions import react
from .verify import must_walk
from .watchdog import REACTION_SECONDS, Watchdog

__all__ = ["Changed", "Replayed", "replay"]


@frozen
class Changed:
    """A reaction answers differently now, and its plugin says so by another decisions version."""

    position: int
    by: str
    then: int
    now: int


@define
class Replayed:
    """What a replay found.

    `reactions` = how often a reaction was run again, `answers` = how many of them answered with anything,
    `failed` = those that had failed when they were recorded, `unverifiable` = answers of absent plugins.
    """

    reactions: int = 0
    answers: int = 0
    failed: int = 0
    unverifiable: dict[str, int] = field(factory=dict)
    changed: list[Changed] = field(factory=list)
    digest: str = ""
    head: str = ""


def replay(
    log: Log,
    plugins: Plugins,
    artifacts: Artifacts,
    stream: str,
    *,
    upto: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    reaction_s: float = REACTION_SECONDS,
) -> Replayed:
    """Folds an episode from zero and re-runs its reactions; no effect and no admission.

    Raises BadLog when a row was tampered with, Diverged when a reaction of unchanged `decisions` answers
    otherwise than the log; a reaction that does not return within `reaction_s` seconds answers otherwise.
    """
    found = Replayed(head=must_walk(log))
    row = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()
    last = min(log.head, row[0]) if upto is None else min(upto, row[0])
    folds = Folds(log, artifacts.read_sha256)
    backfills = folds.index(stream).by_kind.get("hooks_backfilled", ())
    spans = Spans([*log.read(stream="studio"), *backfills])
    shown = {stream, f"series/{series_of(stream)}"}
    answers: dict[tuple[int, str], list[Record]] = {}
    records: list[Record] = []
    for name in sorted({*shown, "studio"}):
        for record in folds.index(name).records:
            if record.position <= last and name != "studio":
                records.append(record)
            if record.cause is not None:
                answers.setdefault((record.cause, record.by), []).append(record)
    records.sort(key=lambda record: record.position)
    for given in answers.values():
        given.sort(key=lambda record: record.position)
    watchdog = Watchdog(reaction_s)
    with watchdog:
        for count, record in enumerate(records):
            for hook in plugins.by_kind.get(record.kind, ()):
                if hook.effect is None:
                    _again(found, log, plugins, folds, hook, record, answers, spans, watchdog, shown)
            if progress is not None:
                progress(count + 1, len(records))
    _unverifiable(found, plugins, records, spans)
    found.digest = folds.episode(stream, last).digest()
    return found


def _again(
    found: Replayed,
    log: Log,
    plugins: Plugins,
    folds: Folds,
    hook: Hook,
    record: Record,
    answers: dict[tuple[int, str], list[Record]],
    spans: Spans,
    watchdog: Watchdog,
    shown: set[str],
) -> None:
    own = record.stream.startswith("episode/")  # a backfill is about one episode, never about its series
    span = spans.at(hook.plugin, hook.name, record.position, backfilled=own)
    if span is None:
        return
    recorded = answers.get((record.position, hook.by), [])
    wanted = [one for one in recorded if one.kind != "reaction_failed"]
    if recorded and not wanted:
        found.failed += 1
        return
    got: list[tuple[str, Any]] | str
    try:
        # A series' event is answered in other episodes too; those answers are proved by their own replays.
        got = [one for one in react(hook, record, folds, watchdog) if one[0] in shown]
    except BaseException as error:  # a reaction that raises now diverges, whatever it raises
        if a_persons(error):
            raise
        got = watchdog.run(describe, error)
    found.reactions += 1
    found.answers += bool(wanted)
    retried = span.backfilled or len(wanted) < len(recorded)
    difference = got if isinstance(got, str) else _difference(log, plugins, record, wanted, got, retried)
    if difference is None:
        return
    if span.decisions != hook.decisions:
        found.changed.append(Changed(record.position, hook.by, span.decisions, hook.decisions))
        return
    held = [f"{one.kind} {one.body}"[:500] for one in wanted]
    raise Diverged(record.position, hook.by, held or "nothing", difference)


def _difference(
    log: Log,
    plugins: Plugins,
    record: Record,
    wanted: list[Record],
    got: list[tuple[str, Any]],
    retried: bool,
) -> str | list[str] | None:
    """None when the answers are equal; a once event that stood already counts as given."""
    left = list(wanted)
    encoded = [(home, event, *log.codec.encode(event)) for home, event in got]
    for home, event, kind, schema, body in encoded:
        first = left[0] if left else None
        same = first is not None and (first.kind, first.stream) == (kind, home)
        if first is not None and same and (first.body == body or _upcast_equal(first, schema, event)):
            left.pop(0)
        elif not _stands(log, plugins, record, home, event, retried):
            return [f"{kind} {body}"[:500] for *_, kind, _, body in encoded]
    return [f"{kind} {body}"[:500] for *_, kind, _, body in encoded] or "nothing" if left else None


def _upcast_equal(record: Record, schema: int, event: Any) -> bool:
    """A body of an older schema is equal when it reads as the same event."""
    return record.schema != schema and bool(record.event == event)


def _stands(log: Log, plugins: Plugins, record: Record, stream: str, event: Any, retried: bool) -> bool:
    """Whether a once event can have been there before this answer.

    Reactions run in log order, so one's once event stood only if its cause is not after this record; an
    effect's, or a person's, may have come at any time, and so may any before an answer given on a retry.
    """
    spec = log.codec.spec(type(event))
    if not spec.once:
        return False
    key = [getattr(event, name) for name in spec.once]
    position = log.position_of(once_id(log.id, stream, spec.kind, key))
    standing = None if position is None else log.at(position)
    if standing is None:
        return False
    if standing.cause is None or standing.cause <= record.position or retried:
        return True
    hook = plugins.hook(*standing.by.rsplit(".", 1)) if "." in standing.by else None
    return hook is None or hook.effect is not None


def _unverifiable(
    found: Replayed,
    plugins: Plugins,
    records: list[Record],
    spans: Spans,
) -> None:
    """Counts the answers of hooks that are gone; what a person appended is no hook's answer."""
    seen: set[tuple[int, str]] = set()
    for record in records:
        plugin, _, name = record.by.rpartition(".")
        if record.cause is None or not spans.knows(plugin, name) or (record.cause, record.by) in seen:
            continue
        seen.add((record.cause, record.by))
        if plugins.hook(plugin, name) is None:
            found.unverifiable[record.by] = found.unverifiable.get(record.by, 0) + 1
