"""Replay: every reaction runs again on its recorded prefix, and must answer what the log holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

from ..events.record import Record
from .adoption import Span, spans_of
from .artifacts import Artifacts
from .errors import Diverged
from .folds import Folds, series_of
from .log import Log, once_id
from .plugins import Hook, Plugins
from .reactions import home_of, react
from .verify import must_walk

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
) -> Replayed:
    """Folds an episode from zero and re-runs its reactions; no effect and no admission.

    Raises BadLog when a row was tampered with, Diverged when a reaction of unchanged `decisions` answers
    otherwise than the log.
    """
    found = Replayed(head=must_walk(log))
    row = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()
    last = min(log.head, row[0]) if upto is None else min(upto, row[0])
    spans = spans_of(log.read(stream="studio"))
    folds = Folds(log, artifacts.read_sha256)
    answers: dict[tuple[int, str], list[Record]] = {}
    records: list[Record] = []
    for name in sorted({stream, f"series/{series_of(stream)}", "studio"}):
        for record in folds.index(name).records:
            if record.position <= last and name != "studio":
                records.append(record)
            if record.cause is not None:
                answers.setdefault((record.cause, record.by), []).append(record)
    records.sort(key=lambda record: record.position)
    for given in answers.values():
        given.sort(key=lambda record: record.position)
    for count, record in enumerate(records):
        for hook in plugins.by_kind.get(record.kind, ()):
            if hook.effect is None and record.stream == stream:
                _again(found, log, plugins, folds, hook, record, answers, spans)
        if progress is not None:
            progress(count + 1, len(records))
    _unverifiable(found, plugins, records, spans)
    found.digest = folds.episode(stream, last).digest()
    return found


def _span_at(spans: list[Span], position: int) -> Span | None:
    for span in spans:
        if span.after < position and (span.upto is None or position <= span.upto):
            return span
    return None


def _again(
    found: Replayed,
    log: Log,
    plugins: Plugins,
    folds: Folds,
    hook: Hook,
    record: Record,
    answers: dict[tuple[int, str], list[Record]],
    spans: dict[tuple[str, str], list[Span]],
) -> None:
    span = _span_at(spans.get((hook.plugin, hook.name), []), record.position)
    if span is None:
        return
    recorded = answers.get((record.position, hook.by), [])
    wanted = [one for one in recorded if one.kind != "reaction_failed"]
    if recorded and not wanted:
        found.failed += 1
        return
    got: list[Any] | str
    try:
        got = react(hook, record, folds)
    except Exception as error:  # noqa: BLE001  a reaction that raises now diverges, whatever it raises
        got = f"{type(error).__name__}: {error}"
    found.reactions += 1
    found.answers += bool(wanted)
    retried = len(wanted) < len(recorded)
    difference = got if isinstance(got, str) else _difference(log, plugins, record, wanted, got, retried)
    if difference is None:
        return
    if span.decisions != hook.decisions:
        found.changed.append(Changed(record.position, hook.by, span.decisions, hook.decisions))
        return
    shown = [f"{one.kind} {one.body}"[:500] for one in wanted]
    raise Diverged(record.position, hook.by, shown or "nothing", difference)


def _difference(
    log: Log, plugins: Plugins, record: Record, wanted: list[Record], got: list[Any], retried: bool
) -> str | list[str] | None:
    """None when the answers are equal; a once event that stood already counts as given."""
    left = list(wanted)
    encoded = [(event, *log.codec.encode(event)) for event in got]
    for event, kind, schema, body in encoded:
        first = left[0] if left else None
        same = first is not None and first.kind == kind
        if first is not None and same and (first.body == body or _upcast_equal(first, schema, event)):
            left.pop(0)
        elif not _stands(log, plugins, record, event, kind, retried):
            return [f"{kind} {body}"[:500] for _, kind, _, body in encoded]
    return [f"{kind} {body}"[:500] for _, kind, _, body in encoded] or "nothing" if left else None


def _upcast_equal(record: Record, schema: int, event: Any) -> bool:
    """A body of an older schema is equal when it reads as the same event."""
    return record.schema != schema and bool(record.event == event)


def _stands(log: Log, plugins: Plugins, record: Record, event: Any, kind: str, retried: bool) -> bool:
    """Whether a once event can have been there before this answer.

    Reactions run in log order, so one's once event stood only if its cause is not after this record; an
    effect's, or a person's, may have come at any time, and so may any before an answer given on a retry.
    """
    spec = log.codec.spec(type(event))
    if not spec.once:
        return False
    stream = home_of(spec.home, record.stream)
    position = log.position_of(once_id(log.id, stream, kind, [getattr(event, name) for name in spec.once]))
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
    spans: dict[tuple[str, str], list[Span]],
) -> None:
    """Counts the answers of hooks that are gone; what a person appended is no hook's answer."""
    seen: set[tuple[int, str]] = set()
    for record in records:
        plugin, _, name = record.by.rpartition(".")
        if record.cause is None or (plugin, name) not in spans or (record.cause, record.by) in seen:
            continue
        seen.add((record.cause, record.by))
        if plugins.hook(plugin, name) is None:
            found.unverifiable[record.by] = found.unverifiable.get(record.by, 0) + 1
