"""Rebuilding the tables of money from the log alone, to prove that they say what the log says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

import orjson
from attrs import define, field, frozen

from ..events.codec import BadBody
from ..events.kinds import EventSpec
from ..events.record import Record, Unknown
from .budget import dollars
from .errors import DuanjuError
from .folds import scopes_of
from .keys import call_key, effect_key
from .ledger import Entry, Fold
from .log import Log
from .plugins import Hook, WorkerAddress
from .rebuild_ledger import ledger_problems, rebuild_ledger
from .settings import Delivery, Settings
from .verify import Problem

__all__ = [
    "Money",
    "Outcomes",
    "ledger_problems",
    "rebuild_ledger",
    "rebuild_outcomes",
    "rebuild_spend",
    "table_problems",
]

Money = dict[tuple[str, str], tuple[int, int, int]]
"""(scope, day) -> settled, reserved, in doubt, in micro-dollars; without rows of nothing."""


def _specs(log: Log) -> Mapping[str, EventSpec]:
    return {spec.kind: spec for spec in map(log.codec.spec, log.codec.classes())}


def _entries(log: Log, carried: int | None) -> list[Entry]:
    fold = Fold(_specs(log), carried=carried)
    for record in log.read():
        fold.add(record)
    return [entry for entry in fold.entries if entry.state != "reused"]


def rebuild_spend(log: Log, carried: int | None = None) -> Money:
    """What `spend` must hold. `carried`: how far the engine has looked at what others wrote; None = all."""
    return _spend_of(_entries(log, carried))


def _spend_of(entries: list[Entry]) -> Money:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in entries:
        for scope in scopes_of(entry.stream):
            row = sums[scope, entry.day]
            row[0] += entry.settled
            row[1] += entry.reserved
            row[2] += entry.in_doubt
    return {key: (row[0], row[1], row[2]) for key, row in sums.items() if any(row)}


@define
class Outcomes:
    """What `outcome` must and may hold: key -> position of the newest answer.

    `calls` must stand there. `effects` are answers of effects on plain facts: they stand there where their
    hook is marked `reuse`, which the log does not say, so each key has all positions that could be its
    answer. `whole` = every event could be read, so that a key in neither has no answer in the log.
    """

    calls: dict[str, int] = field(factory=dict)
    effects: dict[str, set[int]] = field(factory=dict)
    whole: bool = True


def rebuild_outcomes(log: Log, read_settings: Callable[[str], bytes], carried: int | None = None) -> Outcomes:
    """What `outcome` must and may hold. `read_settings`: a settings artifact's sha256 -> its bytes."""
    return _outcomes_of(log, _entries(log, carried), read_settings, carried)


def _outcomes_of(
    log: Log, entries: list[Entry], read_settings: Callable[[str], bytes], carried: int | None
) -> Outcomes:
    found = Outcomes()
    rejections = _rejections(log, carried)
    for entry in sorted((e for e in entries if e.state == "returned"), key=lambda entry: entry.outcome or 0):
        position = entry.outcome or 0
        outcome = log.at(position)
        while rejections and rejections[0][0] < position:
            _forget(found, rejections.pop(0)[1])
        if outcome is not None and not getattr(outcome.event, "reusable", True):
            continue
        found.calls[entry.key] = position
        request = log.at(entry.request)
        if entry.settled <= 0:
            continue
        if request is None or isinstance(request.event, Unknown):
            found.whole = False
        else:
            found.calls[call_key(log.codec, entry.capability, "", request.event)] = position
    for _, answer in rejections:
        _forget(found, answer)
    for record, key in _effect_answers(log, read_settings, found):
        found.effects.setdefault(key, set()).add(record.position)
    return found


def _rejections(log: Log, carried: int | None) -> list[tuple[int, int]]:
    """(position, position of the answer that was made for it) of each rejection that the engine has seen."""
    found = []
    for record in log.read(kind="answer_rejected"):
        answer = log.at(record.event.answer)
        if answer is not None and (carried is None or record.position <= carried):
            first = getattr(answer.event, "reused_from", None)
            found.append((record.position, answer.position if first is None else first))
    return found


def _forget(found: Outcomes, answer: int) -> None:
    found.calls = {key: position for key, position in found.calls.items() if position != answer}


@frozen
class _Deliveries:
    """The delivery settings in force in a stream: (position from which, delivery), in order."""

    known: dict[str, list[tuple[int, Delivery]]]

    def between(self, stream: str, first: int, last: int) -> list[Delivery]:
        """Those in force anywhere from one position to another; an effect began somewhere there."""
        rows = self.known.get(stream, [])
        before = [delivery for position, delivery in rows if position <= first][-1:]
        later = [delivery for position, delivery in rows if first < position <= last]
        return before + later or [Settings().delivery]


def _effect_answers(
    log: Log, read_settings: Callable[[str], bytes], found: Outcomes
) -> Iterator[tuple[Record, str]]:
    """Single answers of effects on plain facts, each with every key that it may be kept under."""
    reusable = {
        spec.kind
        for spec in _specs(log).values()
        if spec.outcome is None and spec.kind != "video_submitted"
        and any(name == "reused_from" for name in _fields(log, spec))
    }  # fmt: skip
    decisions = _decisions(log)
    deliveries = _deliveries(log, read_settings, found)
    for kind in sorted(reusable):
        for record in log.read(kind=kind):
            event = record.event
            cause = None if record.cause is None else log.at(record.cause)
            plugin, _, name = record.by.rpartition(".")
            if cause is None or event.reused_from is not None:
                continue
            if isinstance(cause.event, Unknown):
                found.whole = False
                continue
            for number in decisions.get(plugin, {1}):
                for delivery in deliveries.between(record.stream, cause.position, record.position):
                    hook = _hook(plugin, name, number, type(event))
                    yield record, effect_key(log.codec, hook, cause.event, delivery)


def _fields(log: Log, spec: EventSpec) -> list[str]:
    cls = log.codec.class_of(spec.kind)
    return [] if cls is None else [a.name for a in cls.__attrs_attrs__]


def _hook(plugin: str, name: str, decisions: int, emits: type) -> Hook:
    """As much of a hook as its reuse key needs; the function itself may be gone."""
    return Hook(
        plugin,
        name,
        name[3:],
        lambda: None,
        (),
        None,
        frozenset({emits}),
        WorkerAddress("", "", plugin, name),
        decisions,
    )


def _decisions(log: Log) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for record in log.read(stream="studio", kind="hooks_adopted"):
        found.setdefault(record.event.plugin, set()).add(record.event.decisions)
    return found


def _deliveries(log: Log, read_settings: Callable[[str], bytes], found: Outcomes) -> _Deliveries:
    known: dict[str, list[tuple[int, Delivery]]] = {}
    read: dict[str, Delivery | None] = {}
    for kind in ("episode_opened", "episode_revised", "episode_forked", "settings_changed"):
        for record in log.read(kind=kind):
            sha256 = record.event.settings.sha256
            if sha256 not in read:
                try:
                    read[sha256] = Settings.from_json(read_settings(sha256)).delivery
                except (DuanjuError, ValueError, LookupError):
                    read[sha256], found.whole = None, False  # verify names the artifact itself
            delivery = read[sha256]
            if delivery is not None:
                known.setdefault(record.stream, []).append((record.position, delivery))
    for rows in known.values():
        rows.sort(key=lambda row: row[0])
    return _Deliveries(known)


def table_problems(log: Log, read_settings: Callable[[str], bytes]) -> Iterator[Problem]:
    """Every difference between the tables and what the log says, with scope, day and sums.

    Reads the log and its tables in one transaction, so that an engine may go on meanwhile.
    """
    log.db.execute("BEGIN")
    try:
        carried = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()[0]
        kept = {(row[0], row[1]): tuple(row[2:5]) for row in log.db.execute("SELECT * FROM spend")}
        rows = dict(log.db.execute("SELECT key, position FROM outcome"))
        try:
            entries = _entries(log, carried)
            outcomes = _outcomes_of(log, entries, read_settings, carried)
        except (BadBody, orjson.JSONDecodeError):
            return  # the walk names the body; nothing can be proved of the tables
        wrong = list(ledger_problems(log))
    finally:
        log.db.execute("COMMIT")
    yield from _spend_problems(_spend_of(entries), kept)
    yield from _outcome_problems(outcomes, rows)
    yield from wrong


def _spend_problems(wanted: Money, kept: Mapping[tuple[str, str], tuple[int, ...]]) -> Iterator[Problem]:
    names = ("settled", "reserved", "in doubt")
    for key in sorted({*wanted, *kept}):
        want, have = wanted.get(key, (0, 0, 0)), kept.get(key, (0, 0, 0))
        if tuple(want) != tuple(have):
            differ = ", ".join(
                f"{name} {dollars(b)} where the log says {dollars(a)}"
                for name, a, b in zip(names, want, have, strict=True)
                if a != b
            )
            yield Problem(0, f"the spend table has for {key[0]} on {key[1]}: {differ}")


def _outcome_problems(wanted: Outcomes, rows: Mapping[str, int]) -> Iterator[Problem]:
    for key, position in sorted(wanted.calls.items(), key=lambda item: item[1]):
        have = rows.get(key)
        if have != position:
            where = "is missing" if have is None else f"is at {have}"
            yield Problem(position, f"the answer for {key} {where} in the outcome table; it is at {position}")
    for key, position in sorted(rows.items(), key=lambda item: item[1]):
        if key in wanted.calls or position in wanted.effects.get(key, ()):
            continue
        if key in wanted.effects or wanted.whole:
            yield Problem(position, f"the outcome table has {key} at {position}, which no answer there has")
