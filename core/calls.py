"""Calls: those admitted and not come back, and what their outcome or their doubt does to money and reuse."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from ..events.calls import CallAdmitted, CallFailed
from ..events.kinds import EventSpec
from ..events.record import Record
from .asks import Asks
from .budget import dollars
from .desk import Call
from .folds import quoted_name, scopes_of
from .keys import call_key
from .ledger import Entry, Fold
from .plugins import Hook, Plugins
from .prices import Price
from .routing import provider_of
from .turn import Turn

__all__ = ["Calls"]

_MONEY = ("call_admitted", "call_doubted", "call_failed", "doubt_settled", "video_submitted")


@define(eq=False)
class Admitted:
    """A call that was let go and has not come back."""

    record: Record
    paid_key: str
    scopes: tuple[str, ...]

    @property
    def event(self) -> CallAdmitted:
        """Its admission."""
        event: CallAdmitted = self.record.event
        return event

    @property
    def ceiling(self) -> int:
        """What is reserved for it, in micro-dollars."""
        return self.event.ceiling or 0


@define(eq=False)
class Calls:
    """All calls under way, and the money that they hold.

    `doubted`: key -> stream and position of the doubt that bars it. `stopped`: lane -> the bills over their
    ceiling, position -> stream, until a person has looked at each.
    """

    turn: Turn
    plugins: Plugins
    asks: Asks
    _open: dict[int, Admitted] = field(factory=dict)
    _keys: dict[str, set[int]] = field(factory=dict)
    doubted: dict[str, tuple[str, int]] = field(factory=dict)
    stopped: dict[str, dict[int, str]] = field(factory=dict)
    _specs: dict[str, EventSpec] = field(init=False)

    def __attrs_post_init__(self) -> None:
        codec = self.turn.log.codec
        self._specs = {spec.kind: spec for spec in map(codec.spec, codec.classes())}

    def under_way(self, key: str) -> bool:
        """Whether the same call is admitted and not yet settled."""
        return key in self._keys

    def restore(self, record: Record, paid_key: str = "") -> None:
        """Counts an admission as under way: when it is made, and again after a restart."""
        event: CallAdmitted = record.event
        if not paid_key:
            request = self.turn.folds.index(record.stream).at(event.request)
            if request is not None:
                paid_key = call_key(self.turn.log.codec, event.capability, "", request.event)
        self._open[record.position] = Admitted(record, paid_key, scopes_of(record.stream))
        self._keys.setdefault(event.key, set()).add(record.position)

    def restore_behind(self, record: Record, carried: int) -> None:
        """After a restart: the call of an answer that nobody has looked at yet is still under way."""
        admitted = self.behind(record)
        if admitted is not None:
            entry = self.fold(record.stream, admitted.event.request, carried=carried)
            found = entry.admission(admitted.position)
            if found is not None and found.state == "open":
                self.restore(admitted)

    def doubted_call(self, doubt: Record) -> tuple[Call | None, str]:
        """The call that a doubt is about, and the key under which it was sent."""
        admitted = self.turn.folds.index(doubt.stream).at(doubt.event.admitted)
        if admitted is None:
            return None, doubt.id
        return self._call(admitted), admitted.id

    def call_of(self, record: Record) -> Call | None:
        """The call that a routed effect on this record carries out, None when it is settled or doubted."""
        behind = record if record.kind == "call_admitted" else self.behind(record)
        admitted = None if behind is None else self._open.get(behind.position)
        return None if admitted is None else self._call(admitted.record)

    def _call(self, admitted: Record) -> Call:
        event: CallAdmitted = admitted.event
        price = self.turn.folds.prices_of(admitted.stream, self.plugins.prices).of(event.route, event.day)
        return Call(
            event.request,
            admitted.position,
            event.route,
            event.key,
            event.ceiling,
            price or Price(event.route, {}, "unknown"),
        )

    # -- whose call it is -------------------------------------------------------------------------------

    def admission_of(self, record: Record, hook: Hook | None) -> Record | None:
        """The admission behind a record that is routed to a provider, None for any other work."""
        if hook is not None and (hook.effect is None or hook.effect.provider is None):
            return None
        if record.kind == "call_admitted":
            return record
        return self.behind(record) if record.kind == "video_submitted" else None

    def behind(self, record: Record) -> Record | None:
        """The admission that an outcome, a failure or a submission is about.

        Its cause says which; what a person hands in without one is about the request's last open doubt.
        """
        index = self.turn.folds.index(record.stream)
        request = record.event.request
        cause = None if record.cause is None else index.at(record.cause)
        if cause is not None and cause.kind == "video_submitted":
            cause = self.behind(cause)
        if cause is not None and cause.kind == "call_admitted":
            return cause if cause.event.request == request else None
        entry = self.fold(record.stream, request, record.position - 1).entry_of(record)
        return None if entry is None else index.at(entry.position)

    def is_newest(self, admitted: Record) -> bool:
        """Whether no later admission of the same request stands."""
        for record in reversed(self.turn.folds.index(admitted.stream).by_kind.get("call_admitted", [])):
            if record.event.request == admitted.event.request:
                return record.position == admitted.position
        return False

    def fold(self, stream: str, request: int, upto: int | None = None, carried: int | None = None) -> Fold:
        """What has become of a request's calls up to a position, as the ledger tells it."""
        index = self.turn.folds.index(stream)
        by_kind = index.by_kind
        # what a fork sees of its source's calls is not its money
        after = 0 if index.forked is None else index.forked.position
        fold = Fold(self._specs, carried=carried)
        found = [
            record
            for kind, spec in self._specs.items()
            if spec.outcome or kind in _MONEY
            for record in by_kind.get(kind, ())
            if record.position > after
            and record.event.request == request
            and (upto is None or record.position <= upto)
        ]
        for record in sorted(found, key=lambda record: record.position):
            fold.add(record)
        return fold

    def event_of(self, record: Record) -> Any:
        """What an effect is given: the request that an admission names, else the record's own event."""
        if record.kind != "call_admitted":
            return record.event
        request = self.turn.folds.index(record.stream).at(record.event.request)
        return None if request is None else request.event

    def addressee(self, record: Record) -> Any:
        """What an outcome takes its address from: the request, or the submission that it answers."""
        if record.kind == "video_submitted":
            return record.event
        request = self.turn.folds.index(record.stream).at(record.event.request)
        return None if request is None else request.event

    # -- what comes of a call ---------------------------------------------------------------------------

    def settle(self, record: Record, admitted: Record) -> bool:
        """A call under way came back: its money is booked, its key is free, its answer reusable.

        False when that call is not under way: it is in doubt, or has ended.
        """
        found = self._open.pop(admitted.position, None)
        if found is None:
            return False
        entry = self._plain_entry(record, found) or self.entry(admitted, record.position)
        self.turn.spend.change(found.scopes, found.event.day, reserved=-found.ceiling, settled=entry.settled)
        self._came(record, admitted, entry, found.paid_key)
        return True

    def late(self, record: Record, admitted: Record) -> None:
        """A doubted call came back after all: its money is booked as its outcome says, that can be reused."""
        event: CallAdmitted = admitted.event
        entry = self.entry(admitted, record.position)
        request = self.turn.folds.index(record.stream).at(event.request)
        codec = self.turn.log.codec
        paid_key = "" if request is None else call_key(codec, event.capability, "", request.event)
        self.turn.spend.change(
            scopes_of(record.stream), event.day, in_doubt=-(event.ceiling or 0), settled=entry.settled
        )
        self.unbar(event.key, record.stream, entry.doubt)
        self._came(record, admitted, entry, paid_key)

    def entry(self, admitted: Record, upto: int | None = None) -> Entry:
        """What has become of one call up to a position."""
        found = self.fold(admitted.stream, admitted.event.request, upto).admission(admitted.position)
        if found is None:
            raise AssertionError(f"position {admitted.position} is no admission")
        return found

    def _plain_entry(self, record: Record, call: Admitted) -> Entry | None:
        """The entry of a call with one bill, without reading all others; None for a long job."""
        submitted = self.turn.folds.index(record.stream).by_kind.get("video_submitted", ())
        if any(one.event.request == call.event.request for one in submitted):
            return None
        event, state = call.event, "failed" if isinstance(record.event, CallFailed) else "returned"
        entry = Entry(
            call.record.position,
            record.stream,
            call.record.at,
            event.day,
            event.route,
            event.capability,
            "",
            event.purpose,
            event.subject,
            state,
            event.ceiling,
        )
        entry.bill(record.event.bill)
        return entry

    def _came(self, record: Record, admitted: Record, entry: Entry, paid_key: str) -> None:
        event: CallAdmitted = admitted.event
        if not isinstance(record.event, CallFailed) and getattr(record.event, "reusable", True):
            self.turn.works.remember(event.key, record.position)
            if entry.settled > 0 and paid_key:
                self.turn.works.remember(paid_key, record.position)
        self._free(admitted)
        if event.ceiling is not None and entry.cost is not None and entry.cost > event.ceiling:
            self._overbilled(record, entry)

    def reject(self, record: Record) -> None:
        """Who asked cannot use an answer: it stays paid, and is given to nobody again."""
        answer = self.turn.folds.index(record.stream).at(record.event.answer)
        if answer is not None and answer.event.reused_from is not None:
            answer = self.turn.log.at(answer.event.reused_from)
        admitted = None if answer is None else self.behind(answer)
        if answer is None or admitted is None:
            return
        event: CallAdmitted = admitted.event
        request = self.turn.folds.index(admitted.stream).at(event.request)
        self.turn.works.forget(event.key, answer.position)
        if request is not None:
            codec = self.turn.log.codec
            paid_key = call_key(codec, event.capability, "", request.event)
            self.turn.works.forget(paid_key, answer.position)

    def doubt(self, record: Record, repeat: bool) -> None:
        """A call's outcome is unknown: its ceiling moves from reserved to in doubt.

        With `repeat` (it was cheap enough to send again) its key stays free.
        """
        event = record.event
        admitted = self._open.pop(event.admitted, None)
        if admitted is None:
            return
        money = admitted.ceiling
        self.turn.spend.change(admitted.scopes, admitted.event.day, reserved=-money, in_doubt=money)
        if not repeat:
            self.doubted[admitted.event.key] = (record.stream, record.position)
        # who waits for this key is now held by its doubt, and who waits for money may be refused
        self._free(admitted.record)

    def rejoin(self, admitted: Record) -> None:
        """The vendor's job of a doubted call is known: it is under way again, and awaited."""
        event: CallAdmitted = admitted.event
        money = event.ceiling or 0
        self.turn.spend.change(scopes_of(admitted.stream), event.day, in_doubt=-money, reserved=money)
        self.unbar(event.key, admitted.stream, self.entry(admitted).doubt)
        self.restore(admitted)

    def undoubt(self, admitted: Record, entry: Entry) -> None:
        """A doubt ended without an outcome: what its `entry` says by now is booked."""
        event: CallAdmitted = admitted.event
        self.turn.spend.change(
            scopes_of(admitted.stream), event.day, in_doubt=-(event.ceiling or 0), settled=entry.settled
        )
        self.unbar(event.key, admitted.stream, entry.doubt)
        self._free(admitted)

    def unbar(self, key: str, stream: str, doubt: int | None) -> None:
        """A doubt no longer bars its key; another one of the same key still does."""
        if self.doubted.get(key) == (stream, doubt):
            del self.doubted[key]

    def _free(self, admitted: Record) -> None:
        key = admitted.event.key
        under_way = self._keys.get(key, set())
        under_way.discard(admitted.position)
        if not under_way:
            self._keys.pop(key, None)
        self.asks.wake_key(key)

    # -- bills over their ceiling -----------------------------------------------------------------------

    def _overbilled(self, record: Record, entry: Entry) -> None:
        """A vendor billed more than it could: its lane stops until a person has looked."""
        self.turn.works.owe(record.stream, "core", "overbilled", record.position)
        lane = self.stop_lane(record)
        self.turn.hold_stream(
            record.stream,
            record,
            f"overbilled:{record.position}",
            f"{entry.route} billed {dollars(entry.cost)} for {entry.subject}, over its ceiling of "
            f"{dollars(entry.ceiling)}; the lane {lane} is stopped for every episode",
            f"look at the vendor's bill and its price entry, then duanju review retry "
            f"{quoted_name(record.stream)} overbilled:{record.position}",
        )

    def stop_lane(self, record: Record) -> str:
        """Stops the lane of an outcome that was billed over its ceiling; returns its name."""
        admitted = self.behind(record)
        request = admitted and self.turn.folds.index(record.stream).at(admitted.event.request)
        hook = request and self.plugins.provider_hook(request.kind, provider_of(record.event.route))
        if not hook or hook.effect is None:
            return provider_of(record.event.route)  # nobody is there to be called
        self.stopped.setdefault(hook.effect.lane, {})[record.position] = record.stream
        return hook.effect.lane

    def start_lane(self, position: int) -> None:
        """A person has looked at a bill: its lane goes on, unless another bill stops it."""
        for lane, bills in list(self.stopped.items()):
            stream = bills.pop(position, None)
            if stream is not None:
                self.turn.works.drop(stream, "core", "overbilled", position)
            if not bills:
                del self.stopped[lane]
