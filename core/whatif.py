"""What if: which recorded decisions another plugin would change, and what the difference would have cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import define, field, frozen

from ..events.record import Record
from .adoption import Spans
from .again import Again, Answer
from .artifacts import Artifacts
from .candidate import Candidate
from .compare import Change, Said, changes
from .errors import BadArtifact, BadSetting
from .estimate import Estimate, Quoted, estimate, outcomes_of, recorded, series_facts
from .folds import Folds, series_of
from .log import Log
from .plugins import Plugins
from .verify import must_walk
from .watchdog import REACTION_SECONDS, Watchdog

__all__ = ["Cost", "Decision", "WhatIf", "what_if"]

Tell = Callable[[str, int, int], None]


@frozen
class Decision:
    """A recorded event that would be answered otherwise: its position and kind, by whom, and how.

    `error` is what the reaction raises instead of answering, "" where it answers.
    """

    position: int
    kind: str
    by: str
    changes: tuple[Change, ...]
    error: str = ""


@frozen
class Cost:
    """What an episode is quoted at without and with the plugin, played through from its recorded script.

    Money in micro-dollars at its recorded prices, answers of the log standing in for the models' words;
    `added` and `removed` are the calls in which the two plays differ. `note` says why a play ended early.
    """

    expected: int
    ceiling: int
    unknown: int
    added: tuple[Quoted, ...]
    removed: tuple[Quoted, ...]
    note: str = ""


@define
class WhatIf:
    """Of one stream: how many decisions were asked, which would change, and which effects would run too.

    `effects`: hook -> how often it would have run; no effect is run for this. `cost` is None where no
    decision changes, and of a series' own stream; `no_cost` says why it cannot be told.
    """

    stream: str
    asked: int = 0
    decisions: list[Decision] = field(factory=list)
    effects: dict[str, int] = field(factory=dict)
    cost: Cost | None = None
    no_cost: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything would be otherwise."""
        return bool(self.decisions or self.effects)


def what_if(
    log: Log,
    artifacts: Artifacts,
    trial: Candidate,
    folder: Path,
    *,
    only: str | None = None,
    tell: Tell = lambda what, done, of: None,
    reaction_s: float = REACTION_SECONDS,
) -> Iterator[WhatIf]:
    """Every episode of the log (or `only` one), each with its series, in the order of their names.

    Asks the reactions on trial on the recorded prefixes, calls nobody, writes nothing but scrap in `folder`.
    `log` must be read with the vocabulary of `trial.plugins`. Forks are left out: what stands before their
    point is their source's. Raises BadLog when a row was tampered with.
    """
    must_walk(log, lambda done: tell("the chain", done, log.head))
    streams = log.streams("episode/") if only is None else [only]
    carried = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()[0]
    studio = list(log.read(stream="studio"))
    watchdog = Watchdog(reaction_s)
    series, folds = "", Folds(log, artifacts.read_sha256)
    for number, stream in enumerate(streams):
        tell("episodes", number, len(streams))
        asking = _Asking(log, trial, folds, watchdog, carried, studio)
        if series_of(stream) != series:
            series = series_of(stream)
            folds = asking.folds = Folds(log, artifacts.read_sha256)
            with watchdog:
                shared = asking.ask(f"series/{series}")
            if shared.differs:
                yield shared
        with watchdog:
            found = asking.ask(stream)
        folds.forget(stream)
        if found.differs:
            try:
                found.cost = _cost(log, artifacts, trial, stream, folder / str(number))
            except (BadArtifact, BadSetting, ValueError) as error:
                found.no_cost = str(error)
        yield found


@define
class _Asking:
    """Asks the reactions on trial about the records of one stream after the other."""

    log: Log
    trial: Candidate
    folds: Folds
    watchdog: Watchdog
    carried: int
    studio: Sequence[Record]

    def ask(self, stream: str) -> WhatIf:
        """The decisions of an episode, or of a series' own stream, that would change."""
        found = WhatIf(stream)
        shared = f"series/{series_of(stream)}"
        own = self._again({stream, shared})
        # What a series' event brings to the series itself is told once, with the series.
        others = self._again({stream} if stream != shared else {shared})
        index = self.folds.index(stream)
        backfills = index.by_kind.get("hooks_backfilled", ())
        spans = Spans([*self.studio, *backfills])
        for name in {stream, shared}:
            for record in self.folds.index(name).records:
                own.give(record)
                others.give(record)
        if stream == shared:
            records = [one for one in index.records if one.position <= self.carried]
        else:
            records = list(self.folds.episode(stream, self.carried))
        for record in records:
            self._record(found, own if record.stream == stream else others, spans, record)
        self._gone(found, records)
        found.decisions.sort(key=lambda one: (one.position, one.by))
        return found

    def _again(self, shown: set[str]) -> Again:
        return Again(self.log, self.trial.plugins, self.folds, self.watchdog, frozenset(shown))

    def _record(self, found: WhatIf, again: Again, spans: Spans, record: Record) -> None:
        for hook in self.trial.hooks(record.kind):
            span = spans.at(hook.plugin, hook.name, record.position)
            if hook.effect is not None:
                if span is None and hook.effect.provider is None and record.stream == found.stream:
                    found.effects[hook.by] = found.effects.get(hook.by, 0) + 1
                continue
            late = span is not None and span.backfilled
            answer = again.ask(hook, record, retried=late, mended=True)
            found.asked += 1
            if not answer.equal:
                found.decisions.append(_decision(record, hook.by, answer))

    def _gone(self, found: WhatIf, records: Sequence[Record]) -> None:
        """What hooks answered that the plugin on trial no longer has."""
        lost: dict[tuple[int, str], list[Said]] = {}
        for one in records:
            plugin, _, name = one.by.rpartition(".")
            if one.cause is None or plugin not in self.trial.names or one.stream != found.stream:
                continue
            if self.trial.plugins.hook(plugin, name) is None:
                lost.setdefault((one.cause, one.by), []).append(Said(one.stream, one.kind, one.body))
        for (cause, by), said in lost.items():
            record = self.log.at(cause)
            kind = "?" if record is None else record.kind
            found.decisions.append(Decision(cause, kind, by, tuple(changes(said, ()))))


def _decision(record: Record, by: str, answer: Answer) -> Decision:
    error = answer.got if isinstance(answer.got, str) else ""
    return Decision(record.position, record.kind, by, answer.changes, error)


# -- money ------------------------------------------------------------------------------------------------


def _cost(log: Log, artifacts: Artifacts, trial: Candidate, stream: str, folder: Path) -> Cost:
    """Plays the newest revision twice, on its day, with its settings and prices."""
    record, script, settings, prices = recorded(log, stream, artifacts)
    facts = list(series_facts(log, stream, record.position))
    known = outcomes_of(log, artifacts)

    def play(plugins: Plugins, part: str) -> Estimate:
        classes = set(plugins.codec.classes())
        return estimate(
            attrs.evolve(plugins, prices=prices),
            settings,
            script,
            folder / part,
            record.at[:10],
            known=known,
            facts=[one for one in facts if type(one) in classes],
            anew=True,
        )

    before, after = play(trial.without, "without"), play(trial.plugins, "with")
    old, new = before.total(), after.total()
    return Cost(
        new.expected - old.expected,
        new.ceiling - old.ceiling,
        new.unknown - old.unknown,
        tuple(_more(before.calls, after.calls)),
        tuple(_more(after.calls, before.calls)),
        _note(before, "without it") or _note(after, "with it"),
    )


def _note(play: Estimate, which: str) -> str:
    if play.whole:
        return ""
    why = "; ".join([*(hold.why for hold in play.holds), *play.failures]) or "it came to no film"
    return f"{which} the plan ends early: {why}"[:500]


def _more(few: Sequence[Quoted], many: Sequence[Quoted]) -> Iterator[Quoted]:
    """The calls that are only in the second, or more often there."""
    left = Counter(_same(one) for one in few)
    for one in many:
        if left[_same(one)]:
            left[_same(one)] -= 1
        elif not one.reused:
            yield one


def _same(call: Quoted) -> tuple[Any, ...]:
    units = tuple(sorted(call.units.items()))
    return (
        call.stage,
        call.capability,
        call.purpose,
        call.subject,
        call.route,
        call.ceiling,
        units,
        call.reused,
    )
