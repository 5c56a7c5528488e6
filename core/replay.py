"""Replay: every reaction runs again on its recorded prefix, and must answer what the log holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import define, field, frozen

from ..events.record import Record
from .adoption import Spans
from .again import Again
from .artifacts import Artifacts
from .branch import Past
from .errors import Diverged
from .folds import Folds, is_episode, series_of
from .log import Log
from .plugins import Plugins
from .verify import must_walk
from .watchdog import REACTION_SECONDS, Watchdog

__all__ = ["Changed", "Replayed", "Watch", "replay", "replay_all"]

Watch = Callable[[int, int], None]
"""Called with how many records were looked at, and how many there are."""


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
    `failed` = those that had failed when they were recorded, `unverifiable` = answers of absent plugins,
    `records` = how many were in view. `digest` is that of the folded state, `head` that of the log.
    """

    reactions: int = 0
    answers: int = 0
    failed: int = 0
    records: int = 0
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
    progress: Watch | None = None,
    reaction_s: float = REACTION_SECONDS,
) -> Replayed:
    """Folds an episode from zero and re-runs its reactions; no effect and no admission.

    Raises BadLog when a row was tampered with, Diverged when a reaction of unchanged `decisions` answers
    otherwise than the log; a reaction that does not return within `reaction_s` seconds answers otherwise.
    """
    head = must_walk(log)
    run = _Run(log, plugins, artifacts, upto, reaction_s)
    return run.replay(stream, head, progress)


def replay_all(
    log: Log,
    plugins: Plugins,
    artifacts: Artifacts,
    *,
    upto: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    reaction_s: float = REACTION_SECONDS,
) -> Iterator[tuple[str, Replayed | Diverged]]:
    """Replays every episode and fork of a log, by name, one after the other; the log is walked once.

    Memory is that of the largest episode with its series, however long the log. What diverges is one answer
    of many: the others are replayed all the same. Raises BadLog when a row was tampered with.
    """
    tell = progress or (lambda what, done, of: None)
    head = must_walk(log, lambda done: tell("the chain", done, log.head))
    run = _Run(log, plugins, artifacts, upto, reaction_s)
    for prefix in ("episode/", "fork/"):
        for stream in log.streams(prefix):
            watch = _told(tell, stream)
            try:
                yield stream, run.replay(stream, head, watch)
            except Diverged as error:
                yield stream, error


def _told(tell: Callable[[str, int, int], None], stream: str) -> Watch:
    return lambda done, of: tell(stream.split("/", 1)[-1], done, of)


class _Run:
    """Replays one episode after the other, keeping what the episodes of one series share."""

    def __init__(
        self, log: Log, plugins: Plugins, artifacts: Artifacts, upto: int | None, reaction_s: float
    ) -> None:
        self._log = log
        self._plugins = plugins
        self._artifacts = artifacts
        row = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()
        self._last = min(log.head if upto is None else upto, row[0])
        self._studio: Sequence[Record] = list(log.read(stream="studio"))
        self._watchdog = Watchdog(reaction_s)
        self._series = ""
        self._folds = Folds(log, artifacts.read_sha256)

    def replay(self, stream: str, head: str, progress: Watch | None) -> Replayed:
        """One episode; raises Diverged."""
        series = series_of(stream)
        if series != self._series:
            self._series, self._folds = series, Folds(self._log, self._artifacts.read_sha256)
        try:
            with self._watchdog:
                return self._replayed(stream, series, head, progress)
        finally:
            self._folds.forget(stream)

    def _replayed(self, stream: str, series: str, head: str, progress: Watch | None) -> Replayed:
        folds, last = self._folds, self._last
        shown = frozenset({stream, f"series/{series}"})
        again = Again(self._log, self._plugins, folds, self._watchdog, shown)
        past = Past.of(folds, self._plugins, stream)
        for name in shown:
            for record in folds.index(name).records if past is None else past.own(name):
                again.give(record)
        backfills = folds.index(stream).by_kind.get("hooks_backfilled", ())
        spans = Spans([*self._studio, *backfills])
        records = list(folds.episode(stream, last))
        found = Replayed(head=head, records=len(records))
        for count, record in enumerate(records, 1):
            self._ask_all(found, again, spans, past, record)
            if progress is not None:
                progress(count, len(records))
            folds.tidy(shown.__contains__)
        self._count_unverifiable(found, records, spans)
        found.digest = folds.episode(stream, last).digest()
        return found

    def _ask_all(
        self, found: Replayed, again: Again, spans: Spans, past: Past | None, record: Record
    ) -> None:
        own = is_episode(record.stream)  # a backfill is about one episode, never about its series
        for hook in self._plugins.by_kind.get(record.kind, ()):
            if hook.effect is not None:
                continue
            if past is None:
                span = spans.at(hook.plugin, hook.name, record.position, backfilled=own)
            else:
                span = past.span(spans, hook, record, bool(again.recorded(record.position, hook.by)))
            if span is None:
                continue
            answer = again.ask(hook, record, retried=span.backfilled)
            if answer.failed:
                found.failed += 1
                continue
            found.reactions += 1
            found.answers += bool(answer.wanted)
            if answer.equal:
                continue
            if span.decisions == hook.decisions:
                raise Diverged(record.position, hook.by, answer.wanted, answer.got, answer.changes)
            found.changed.append(Changed(record.position, hook.by, span.decisions, hook.decisions))

    def _count_unverifiable(self, found: Replayed, records: Sequence[Record], spans: Spans) -> None:
        """Counts the answers of hooks that are gone; what a person appended is no hook's answer."""
        seen: set[tuple[int, str]] = set()
        for record in records:
            plugin, _, name = record.by.rpartition(".")
            if record.cause is None or not spans.knows(plugin, name) or (record.cause, record.by) in seen:
                continue
            seen.add((record.cause, record.by))
            if self._plugins.hook(plugin, name) is None:
                found.unverifiable[record.by] = found.unverifiable.get(record.by, 0) + 1
