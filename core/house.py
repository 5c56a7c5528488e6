"""The house rules: what the core itself does when a record of its own concern is carried."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from ..events.calls import CallFailed
from ..events.quality import QualityPlanned
from ..events.record import Record
from .asks import Ask, Asks, routes_tried
from .calls import Calls
from .doubt import Doubts
from .episode import Index
from .owed import Owed, Work, attempts_used
from .plugins import Plugins
from .reactions import run_reaction
from .turn import Turn

__all__ = ["House"]


@define(eq=False)
class House:
    """The core's own reactions by kind. They are recorded decisions: a replay does not run them again."""

    turn: Turn
    plugins: Plugins
    asks: Asks
    calls: Calls
    owed: Owed
    doubts: Doubts
    rules: dict[str, Callable[[Record], None]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rules = {
            "call_failed": self._on_call_failed,
            "doubt_settled": self.doubts.settle,
            "budget_raised": self._on_budget_raised,
            "episode_released": self._on_released,
            "episode_revised": self._on_revised,
            "episode_cut": self._on_cut,
            "video_submitted": self._on_routed,
        }
        codec = self.turn.log.codec
        for cls in codec.classes():
            spec = codec.spec(cls)
            if spec.request:
                self.rules[spec.kind] = self._on_request

    # -- requests ---------------------------------------------------------------------------------------

    def _on_request(self, record: Record) -> None:
        self.asks.ask(Ask(record.stream, record, record))

    def ask_again(self, record: Record) -> None:
        """A request waits for its admission since before a restart; `record` is what asked for it."""
        if self.turn.log.codec.spec(type(record.event)).request:
            self._on_request(record)
        elif record.kind == "call_failed":
            self._on_call_failed(record)
        elif record.kind == "episode_released":
            self._ask_failed_again(record, record.event.hold.partition(":")[2])
        elif record.kind in ("doubt_settled", "call_doubted"):
            request = self.turn.folds.index(record.stream).at(record.event.request)
            if request is not None:
                tried = routes_tried(self.turn.folds, request, record.position)
                self.asks.ask(Ask(record.stream, request, record, tried, attempt=2))

    def _on_call_failed(self, record: Record) -> None:
        event: CallFailed = record.event
        index = self.turn.folds.index(record.stream)
        request = index.at(event.request)
        if request is None:
            return
        if event.fallback:
            tried = routes_tried(self.turn.folds, request, record.position)
            self.asks.ask(Ask(record.stream, request, record, tried, _failures(index, request) + 1))
            return
        self.turn.hold(
            record.stream,
            record,
            f"call:{event.request}",
            f"{event.route} for {request.event.subject}: {event.why}",
            "change the script or the route, then produce again",
            request.event.subject,
        )

    def _ask_failed_again(self, released: Record, rest: str) -> None:
        """A person let a failed call go on: its request is asked anew, with every route open again."""
        self.asks.untried(released.stream)
        request = self.turn.folds.index(released.stream).at(int(rest)) if rest.isdecimal() else None
        if request is not None:
            self.asks.ask(Ask(released.stream, request, released, attempt=2))

    def _on_routed(self, record: Record) -> None:
        """A vendor has taken a job: its provider awaits it, whatever room there is."""
        provider = record.event.route.split(":", 1)[0]
        hook = self.plugins.provider_hook(record.kind, provider)
        if hook is None or hook.effect is None:
            self.turn.hold(
                record.stream,
                record,
                f"plugin:{provider}",
                f"{provider} has no effect for {record.kind}",
                f"install or update {provider}, then run duanju resume",
            )
            return
        if self.calls.call_of(record.stream, record.event.request) is None:
            # the engine that appended this ended before it was carried
            admitted = self.calls.admission_of(record, hook)
            if admitted is not None:
                self.calls.restore(admitted)
        self.owed.grant(record, hook)

    # -- holds ------------------------------------------------------------------------------------------

    def _on_budget_raised(self, record: Record) -> None:
        for hold in list(self.turn.folds.holds(record.stream)):
            if hold.startswith("budget:"):
                self.turn.release(record.stream, record, hold, "the budget was raised")
        self.asks.wake_stream(record.stream)

    def _on_released(self, record: Record) -> None:
        stream = record.stream
        if record.event.hold not in self.turn.folds.episode(stream, record.position - 1).holds:
            return  # it was released already, or never held
        kind, _, rest = record.event.hold.partition(":")
        if kind in ("effect", "reaction"):
            self._try_again(stream, rest)
        elif kind == "call":
            self._ask_failed_again(record, rest)
        if self.turn.folds.holds(stream):
            return
        self.owed.release(stream)
        self.asks.wake_stream(stream)

    def _try_again(self, stream: str, which: str) -> None:
        """A person let a failed hook go on: it is asked anew about the record it failed on."""
        by, _, position = which.rpartition(":")
        plugin, _, name = by.rpartition(".")
        hook = self.plugins.hook(plugin, name)
        record = self.turn.log.at(int(position)) if position.isdecimal() else None
        if hook is None or record is None or record.stream != stream or self.turn.stale(record):
            return
        if hook.effect is not None and hook.effect.provider is not None:
            return  # a call is asked for again by its request, never run without an admission
        base = attempts_used(self.turn.folds, stream, record.position, by)
        if hook.effect is None:
            run_reaction(self.turn, hook, record, base)
        else:
            self.owed.queue(Work(stream, hook, record, base, base=base))

    def _on_revised(self, record: Record) -> None:
        for hold in list(self.turn.folds.holds(record.stream)):
            if not hold.startswith("doubt:"):
                self.turn.release(record.stream, record, hold, "a new revision takes its place")
        self.asks.wake_all(record.stream)

    # -- quality ----------------------------------------------------------------------------------------

    def _on_cut(self, record: Record) -> None:
        if not self.turn.stale(record):
            event = QualityPlanned(record.event.revision, record.event.inputs, self.plugins.checks())
            self.turn.append_core(record.stream, event, record, "plan_quality")


def _failures(index: Index, request: Record) -> int:
    """How often a request has failed, on any route."""
    return sum(1 for r in index.by_kind.get("call_failed", []) if r.event.request == request.position)
