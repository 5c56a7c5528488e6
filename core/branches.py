"""How a fork begins: in the turn that carries its first record, all that its past leaves open is taken up."""

from __future__ import annotations

from attrs import define, frozen

from ..events.cut import EpisodeCut
from ..events.episode import PartClosed
from ..events.quality import CheckMeasured, CheckWaived, QualityPlanned
from ..events.record import Record
from .author import author_of
from .branch import Past
from .errors import DuanjuError
from .folds import Folds, series_of
from .house import House
from .owed import Owed, Work
from .plugins import Hook, Plugins
from .reactions import run_reaction
from .remake import attempts_before
from .turn import Turn

__all__ = ["Branches"]

_LOOKED_AT_ANEW = frozenset(
    ("artifact", "budget", "doubt", "fork", "key", "model", "overbilled", "plugin", "price", "route")
)
_RULES = frozenset(
    (
        "backfill_asked",
        "episode_cut",
        "episode_released",
        "episode_revised",
        "part_closed",
        "part_failed",
        "part_waived",
        "plugin_waived",
    )
)
"""The core's rules that a fork runs for its past; requests, calls and open parts are looked at as a whole."""
_ROUTED = frozenset(("call_admitted", "call_doubted", "video_submitted"))


@frozen
class _Open:
    """What the tables and the past say is open: work by its cause, requests without a use, holds in force."""

    past: Past
    owed: dict[int, list[tuple[str, str]]]
    ended: frozenset[int]
    holds: frozenset[str]


@define(eq=False)
class Branches:
    """Begins forks. What comes of it is the fork's own, and goes on like any episode's work."""

    turn: Turn
    plugins: Plugins
    owed: Owed
    house: House

    def begin(self, forked: Record) -> None:
        """Asks what is open to the fork, in log order; its effects and requests wait for their start."""
        folds, stream = self.turn.folds, forked.stream
        past = Past(folds, self.plugins, forked)
        self._release(past)
        self._close_parts(past)
        holds = frozenset(folds.episode(stream, past.at).holds)
        open_ = _Open(past, self._owed_in(past), self._ended(past), holds)
        for record in past.records():
            self._carry(open_, record)
        self._waive_checks(past)
        self.house.absent.look(stream)

    def _carry(self, open_: _Open, record: Record) -> None:
        """One record of the past, as the engine would carry it, but for what is given."""
        past, effects = open_.past, []
        for hook in self.plugins.by_kind.get(record.kind, ()):
            if hook.effect is None:
                if past.is_open(record, hook):
                    run_reaction(self.turn, hook, record)
            elif hook.effect.provider is None and self._runs(open_, record, hook):
                effects.append(hook)
        for hook in effects:
            base = attempts_before(self.turn, record.stream, record.position, hook)
            self.owed.queue(Work(record.stream, hook, record, base, base=base))
        if self._rule_runs(past, record):
            self.house.rules[record.kind](record)
        for plugin, name in open_.owed.get(record.position, ()):
            if plugin != "core" and self.plugins.hook(plugin, name) is None and past.takes(plugin):
                self.turn.works.owe(record.stream, plugin, name, record.position)
        if self._is_asked(open_, record):
            self.house.ask_again(record)

    def _runs(self, open_: _Open, record: Record, hook: Hook) -> bool:
        past = open_.past
        if self.turn.stale(record) or not past.takes(hook.plugin):
            return False
        given = (record.position, hook.by) in past.given
        waits = not given and (hook.plugin, hook.name) in open_.owed.get(record.position, ())
        return waits or past.is_owed(record, hook)

    def _rule_runs(self, past: Past, record: Record) -> bool:
        if record.kind not in _RULES or not past.rule_is_open(record):
            return False
        # what a release of any other kind asks for again is looked at as a whole
        released = record.kind == "episode_released"
        return not released or record.event.hold.startswith(("part:", "reaction:"))

    def _is_asked(self, open_: _Open, record: Record) -> bool:
        """Whether a record is a request that the fork has to have admitted anew, for its own money."""
        codec = self.turn.log.codec
        cls = codec.class_of(record.kind)
        if cls is None or not codec.spec(cls).request or self.turn.stale(record):
            return False
        position = record.position
        waits = {f"call:{position}", f"dropped:{position}"} & open_.holds  # for a person
        return position not in open_.ended and not waits

    # -- what the past says ---------------------------------------------------------------------------------

    def _owed_in(self, past: Past) -> dict[int, list[tuple[str, str]]]:
        """The open work of the streams that the fork sees: cause -> plugins and hooks."""
        seen = _lineage(self.turn.folds, past.forked)
        found: dict[int, list[tuple[str, str]]] = {}
        for stream, plugin, hook, cause, _ in self.turn.works.rows():
            record = self.turn.log.at(cause) if stream in seen and cause <= past.at else None
            if record is not None and record.kind not in _ROUTED:
                found.setdefault(cause, []).append((plugin, hook))
        return found

    def _ended(self, past: Past) -> frozenset[int]:
        """The requests of the past that have an answer which can be used, or were withdrawn."""
        codec = self.turn.log.codec
        outcomes = {spec.kind for spec in map(codec.spec, codec.classes()) if spec.outcome}
        ended: set[int] = set()
        for record in past.records():
            if record.kind in outcomes or record.kind == "request_withdrawn":
                ended.add(record.event.request)
            elif record.kind == "answer_rejected" and record.event.last:
                ended.discard(record.event.request)
        return frozenset(ended)

    # -- what is in the way ---------------------------------------------------------------------------------

    def _release(self, past: Past) -> None:
        """A hold of the past whose cause the fork looks at itself does not hold it."""
        forked = past.forked
        for hold in self.turn.folds.episode(forked.stream, past.at).holds:
            kind, _, rest = hold.partition(":")
            anew = kind in _LOOKED_AT_ANEW or (kind == "call" and self._rerouted(forked, rest))
            plugin = rest.rpartition(":")[0].rpartition(".")[0] if kind in ("effect", "reaction") else rest
            if anew or (kind in ("check", "effect", "plugin", "reaction") and not past.takes(plugin)):
                self.turn.release(forked.stream, forked, hold, "the fork looks at it anew")

    def _rerouted(self, forked: Record, capability: str) -> bool:
        """Whether the fork has other routes for a capability of which every route had failed."""
        folds, source = self.turn.folds, forked.event.source
        now = folds.settings_of(forked.stream)
        try:
            before = folds.episode(source, forked.event.at).settings
        except (DuanjuError, LookupError, ValueError):
            return False  # it can be read no more: a person lets the fork go on
        routes = (before.routes.get(capability, ()), before.rules)
        return capability in now.routes and routes != (now.routes[capability], now.rules)

    def _close_parts(self, past: Past) -> None:
        """An open part of the past is owed by its plugin; one of a plugin that is left out is closed."""
        stream = past.forked.stream
        now = self.turn.folds.episode(stream, past.at)
        for record in list(self.turn.folds.index(stream).by_kind.get("part_opened", ())):
            if record.position > past.at or self.turn.stale(record) or not author_of(record):
                continue
            part = record.event
            if part.part not in now.open_parts(part.join):
                continue
            if past.takes(author_of(record)):
                self.turn.works.owe(stream, "core", "part", record.position)
            else:
                closed = PartClosed(part.join, part.part, part.revision)
                self.turn.append_core(stream, closed, past.forked, "waive")

    def _waive_checks(self, past: Past) -> None:
        """A cut of the past does not wait for the checks of plugins that are left out."""
        forked = past.forked
        now = self.turn.folds.now(forked.stream)
        cut, planned = now.last(EpisodeCut), now.last(QualityPlanned)
        if cut is None or planned is None or planned.inputs != cut.inputs:
            return
        for check in planned.checks:
            measured = now.every(CheckMeasured, check, "episode")
            passed = any(one.inputs == cut.inputs and one.verdict in ("passed", "warned") for one in measured)
            if not passed and not past.takes(check):
                note = f"this fork does without {check}"
                waived = CheckWaived(check, "episode", cut.film.sha256, "core", note)
                self.turn.append_core(forked.stream, waived, forked, "waive")


def _lineage(folds: Folds, forked: Record) -> set[str]:
    """The streams that a fork sees, its own not among them."""
    found: set[str] = set()
    one: Record | None = forked
    while one is not None:
        source: str = one.event.source
        found |= {source, f"series/{series_of(source)}"}
        one = folds.index(source).forked
    return found
