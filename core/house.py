"""The house rules: what the core itself does when a record of its own concern is carried."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from ..events.calls import AnswerRejected, CallFailed
from ..events.kinds import spec_of
from ..events.quality import QualityPlanned
from ..events.record import Record
from .absent import Absent
from .asks import Ask, Asks, routes_tried
from .backfill import Backfill
from .calls import Calls
from .doubt import Doubts
from .episode import Index
from .folds import quoted_name, series_of
from .owed import Owed, Work, attempts_used
from .parts import Parts
from .plugins import Hook, Plugins
from .reactions import run_reaction
from .routing import choose_route, provider_of
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
    absent: Absent = field(init=False)
    parts: Parts = field(init=False)
    backfill: Backfill = field(init=False)
    rules: dict[str, Callable[[Record], None]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.absent = Absent(self.turn, self.plugins)
        self.parts = Parts(self.turn, self.plugins)
        self.backfill = Backfill(self.turn, self.plugins, self.owed, self.absent)
        self.rules = {
            "part_opened": self.parts.opened,
            "part_closed": self.parts.closed,
            "part_failed": self.parts.failed,
            "part_waived": self.parts.waived,
            "plugin_waived": self.absent.waive,
            "backfill_asked": self.backfill.run,
            "call_failed": self._on_call_failed,
            "answer_rejected": self._on_answer_rejected,
            "call_doubted": self._on_doubted,
            "request_withdrawn": self._on_withdrawn,
            "doubt_settled": self.doubts.settle,
            "budget_raised": self._on_budget_raised,
            "settings_changed": self._on_budget_raised,
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
            elif spec.outcome:
                self.rules[spec.kind] = self._on_outcome

    # -- requests ---------------------------------------------------------------------------------------

    def _on_request(self, record: Record) -> None:
        self.asks.ask(Ask(record.stream, record, record))

    def _on_outcome(self, record: Record) -> None:
        self.doubts.came_back(record)

    def ask_again(self, record: Record) -> None:
        """A request waits for its admission since before a restart; `record` is what asked for it.

        One from a fork's past may have failed there: the routes that did are not asked by the fork.
        """
        if self.turn.log.codec.spec(type(record.event)).request:
            index = self.turn.folds.index(record.stream)
            if index.forked is not None and record.position < index.forked.position:
                tried = routes_tried(self.turn.folds, record, index.forked.position)
                self.asks.ask(Ask(record.stream, record, record, tried, _failures(index, record) + 1))
            else:
                self._on_request(record)
        elif record.kind in ("call_failed", "answer_rejected"):
            self._ask_after_failure(record)
        elif record.kind == "episode_released":
            self._ask_failed_again(record, record.event.hold.partition(":")[2])
        elif record.kind in ("doubt_settled", "call_doubted"):
            request = self.turn.folds.index(record.stream).at(record.event.request)
            if request is not None:
                tried = routes_tried(self.turn.folds, request, record.position)
                self.asks.ask(Ask(record.stream, request, record, tried, attempt=2))

    def _ask_after_failure(self, record: Record) -> None:
        index = self.turn.folds.index(record.stream)
        request = index.at(record.event.request)
        if request is not None:
            tried = routes_tried(self.turn.folds, request, record.position)
            self.asks.ask(Ask(record.stream, request, record, tried, _failures(index, request) + 1))

    def _on_call_failed(self, record: Record) -> None:
        event: CallFailed = record.event
        index = self.turn.folds.index(record.stream)
        request = index.at(event.request)
        if not self.doubts.came_back(record) or request is None:
            return
        if event.fallback:
            self._ask_after_failure(record)
            return
        if self.turn.stale(request):
            return  # a newer revision does not wait for it
        if event.refused_by.startswith("key:"):
            self.turn.hold(
                record.stream,
                record,
                event.refused_by,
                f"{event.route} needs a key",
                f"export {event.refused_by[4:]}=..., then run duanju resume {quoted_name(record.stream)}",
                request.event.subject,
            )
            self._ask_after_failure(record)
            return
        self.turn.hold(
            record.stream,
            record,
            f"call:{event.request}",
            f"{event.route} for {request.event.subject}: {event.why}",
            "change the script or the route, then produce again",
            request.event.subject,
        )

    def _on_doubted(self, record: Record) -> None:
        """The provider of a call in doubt looks it up at its vendor, where it knows how to."""
        hook = self.plugins.provider_hook(record.kind, provider_of(record.event.route))
        if hook is not None:
            self.owed.queue(Work(record.stream, hook, record))

    def _on_answer_rejected(self, record: Record) -> None:
        """An answer that cannot be used: after the last one of a route the next is asked, or a person."""
        event: AnswerRejected = record.event
        self.calls.reject(record)
        folds, stream = self.turn.folds, record.stream
        request = folds.index(stream).at(event.request)
        if not event.last or request is None or self.turn.stale(request):
            return
        tried = routes_tried(folds, request, record.position)
        capability = spec_of(type(request.event)).request or ""
        left_out, settings = folds.left_out(stream), folds.settings_of(stream)
        if choose_route(settings, capability, request.event, tried, left_out) is not None:
            self._ask_after_failure(record)
            return
        name = quoted_name(stream)
        self.turn.hold(
            stream,
            record,
            f"call:{event.request}",
            f"no answer to the {event.purpose} of {event.subject} can be used, after "
            f"{', '.join(dict.fromkeys(tried))}: {event.why}",
            f"read the last answer at position {event.answer} of duanju history {name} --json; then change "
            "the script or the routes and produce again, or ask every route anew: "
            f"duanju review retry {name} call:{event.request}",
            event.subject,
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
        if not self.doubts.came_back(record):
            return  # its call has ended, or was sent again: nobody awaits this job
        if hook is None or hook.effect is None:
            # the vendor works on it: whoever comes back as its provider must find that this is owed
            self.turn.works.owe(record.stream, provider, f"on_{record.kind}", record.position)
            self.turn.hold(
                record.stream,
                record,
                f"plugin:{provider}",
                f"{provider} has no effect for {record.kind}",
                f"install or update {provider}, then run duanju resume",
            )
            return
        self.owed.grant(record, hook)

    # -- holds ------------------------------------------------------------------------------------------

    def _on_budget_raised(self, record: Record) -> None:
        """Caps may be higher now: what they held is asked again."""
        for hold in list(self.turn.folds.holds(record.stream)):
            if hold.startswith("budget:"):
                self.turn.release(record.stream, record, hold, "the caps were set anew")
        self.asks.wake_stream(record.stream)

    def _on_released(self, record: Record) -> None:
        stream = record.stream
        if record.event.hold not in self.turn.folds.episode(stream, record.position - 1).holds:
            return  # it was released already, or never held
        kind, _, rest = record.event.hold.partition(":")
        if kind in ("effect", "reaction"):
            self._try_again(record, kind, rest)
        elif kind == "part":
            self.parts.released(record)
        elif kind == "plugin":
            self.absent.look(stream)
        elif kind in ("call", "dropped"):
            self._ask_failed_again(record, rest)
        elif kind == "overbilled" and rest.isdecimal():
            self.calls.start_lane(int(rest))
            for other in self.asks.waiting_streams():
                self.turn.release(other, record, record.event.hold, "a person has looked at that bill")
        if self.turn.folds.holds(stream):
            return
        self.owed.release(stream)
        self.asks.wake_stream(stream)

    def _try_again(self, released: Record, kind: str, which: str) -> None:
        """A person let a failed hook go on: it is asked anew about the record it failed on."""
        stream = released.stream
        by, _, position = which.rpartition(":")
        plugin, _, name = by.rpartition(".")
        if plugin in self.turn.folds.left_out(stream):
            return
        hook = self.plugins.hook(plugin, name)
        record = self.turn.at(stream, int(position)) if position.isdecimal() else None
        if record is None or self.turn.stale(record):
            return
        if record.stream == f"series/{series_of(stream)}" and hook is not None and hook.effect is None:
            self._try_series_again(released, hook, record)
        if record.stream != stream:
            return
        if hook is None or hook.effect is None:
            if kind == "effect":  # its plugin was taken away meanwhile: the work stays owed to it
                self.turn.works.owe(stream, plugin, name, record.position)
                self.absent.look(stream)
            elif hook is not None:
                base = attempts_used(self.turn.folds, stream, record.position, by)
                run_reaction(self.turn, hook, record, base)
            return
        if hook.effect.provider is not None and record.kind != "call_doubted":
            return  # a call is asked for again by its request, never run without an admission
        base = attempts_used(self.turn.folds, stream, record.position, by)
        self.owed.queue(Work(stream, hook, record, base, base=base))

    def _try_series_again(self, released: Record, hook: Hook, record: Record) -> None:
        """One answer for the whole series: the first release asks again, and the other episodes go on too."""
        folds = self.turn.folds
        episodes = folds.series(record.stream, record.position).open_episodes
        answers = [
            one
            for stream in (record.stream, *(episode.stream for episode in episodes))
            for one in folds.index(stream).records
            if one.cause == record.position and one.by == hook.by
        ]
        last = max(answers, key=lambda one: one.position, default=None)
        if last is None or last.kind != "reaction_failed" or last.position > released.position:
            return  # another episode's release has asked already
        base = attempts_used(folds, record.stream, record.position, hook.by)
        if not run_reaction(self.turn, hook, record, base):
            return
        for episode in episodes:
            self.turn.release(
                episode.stream, released, released.event.hold, "it was asked again and answered"
            )

    def _on_revised(self, record: Record) -> None:
        stream = record.stream
        self.parts.revised(stream)
        self.absent.drop_stale(stream)
        for hold in list(self.turn.folds.holds(stream)):
            kind, _, rest = hold.partition(":")
            raised = self.turn.folds.index(stream).of_subject("episode_held", (hold,))[-1]
            if raised.position > record.position:
                continue  # it is about the new revision, which somebody held before this was carried
            if self._is_own_money(stream, hold) or (kind == "plugin" and self.absent.owes(stream, rest)):
                continue
            self.turn.release(stream, record, hold, "a new revision takes its place")
        self.asks.wake_all(stream)

    def _is_own_money(self, stream: str, hold: str) -> bool:
        """Whether a hold is about this episode's own doubt or bill, which no new script can settle."""
        kind, _, position = hold.partition(":")
        if kind not in ("doubt", "overbilled") or not position.isdecimal():
            return False
        record = self.turn.log.at(int(position))
        return record is None or record.stream == stream

    def _on_withdrawn(self, record: Record) -> None:
        """A person dropped a request: what waits for it waits on, and the episode says so."""
        request = self.turn.folds.index(record.stream).at(record.event.request)
        if record.by.startswith("core.") or request is None or self.turn.stale(request):
            return
        name = quoted_name(record.stream)
        self.turn.hold(
            record.stream,
            record,
            f"dropped:{request.position}",
            f"the {request.event.purpose} of {request.event.subject} is not asked for: {record.event.why}",
            "change the script or the route and produce again, or ask after all: "
            f"duanju review retry {name} dropped:{request.position}",
            request.event.subject,
        )

    # -- quality ----------------------------------------------------------------------------------------

    def _on_cut(self, record: Record) -> None:
        if not self.turn.stale(record):
            left_out = self.turn.folds.left_out(record.stream)
            checks = tuple(one for one in self.plugins.checks() if one not in left_out)
            event = QualityPlanned(record.event.revision, record.event.inputs, checks)
            self.turn.append_core(record.stream, event, record, "plan_quality")


def _failures(index: Index, request: Record) -> int:
    """How often a request has failed, on any route: also by an answer that could not be used."""
    failed = (*index.by_kind.get("call_failed", []), *index.by_kind.get("answer_rejected", []))
    return sum(1 for r in failed if r.event.request == request.position)
