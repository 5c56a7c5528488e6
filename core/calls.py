"""Calls: those admitted and not come back, and what their outcome or their doubt does to money and reuse."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from ..events.calls import CallAdmitted, CallFailed
from ..events.record import Record
from .asks import Asks
from .budget import dollars
from .desk import Call
from .folds import quoted_name, scopes_of
from .keys import call_key
from .plugins import Hook, Plugins
from .prices import Price
from .turn import Turn

__all__ = ["Calls"]


@define(eq=False)
class Admitted:
    """A call that was let go and has not come back."""

    record: Record
    key: str
    paid_key: str
    ceiling: int
    scopes: tuple[str, ...]


@define(eq=False)
class Calls:
    """All calls under way. `doubted`: key -> stream and position of the doubt that bars it."""

    turn: Turn
    plugins: Plugins
    asks: Asks
    _open: dict[tuple[str, int], Admitted] = field(factory=dict)
    _keys: dict[str, tuple[str, int]] = field(factory=dict)
    doubted: dict[str, tuple[str, int]] = field(factory=dict)

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
        admitted = Admitted(record, event.key, paid_key, event.ceiling or 0, scopes_of(record.stream))
        self._open[record.stream, event.request] = admitted
        self._keys[event.key] = (record.stream, event.request)

    def call_of(self, stream: str, request: int) -> Call | None:
        """The call that a routed effect carries out, None when it is settled or doubted."""
        admitted = self._open.get((stream, request))
        if admitted is None:
            return None
        event: CallAdmitted = admitted.record.event
        price = self.turn.folds.prices_of(stream, self.plugins.prices).of(event.route, event.day)
        return Call(
            event.request,
            admitted.record.position,
            event.route,
            event.key,
            event.ceiling,
            price or Price(event.route, {}, "unknown"),
        )

    def admission_of(self, record: Record, hook: Hook | None) -> Record | None:
        """The admission behind a record that is routed to a provider, None for any other work."""
        if hook is not None and (hook.effect is None or hook.effect.provider is None):
            return None
        if record.kind == "call_admitted":
            return record
        if record.kind == "video_submitted":
            for known in reversed(self.turn.folds.index(record.stream).by_kind.get("call_admitted", [])):
                if known.event.request == record.event.request:
                    return known
        return None

    def event_of(self, record: Record) -> Any:
        """What an effect is given: the request that an admission names, else the record's own event."""
        if record.kind != "call_admitted":
            return record.event
        request = self.turn.folds.index(record.stream).at(record.event.request)
        return None if request is None else request.event

    # -- what comes of a call ---------------------------------------------------------------------------

    def settle(self, record: Record) -> None:
        """An outcome or a failure came back: its money is booked, its key is free, its answer reusable."""
        event = record.event
        admitted = self._open.pop((record.stream, event.request), None)
        if admitted is None:
            return
        cost = event.bill.cost
        actual = admitted.ceiling if cost is None else cost
        day = admitted.record.event.day
        self.turn.spend.change(admitted.scopes, day, reserved=-admitted.ceiling, settled=actual)
        if not isinstance(event, CallFailed):
            self.turn.works.remember(admitted.key, record.position)
            if actual > 0:
                self.turn.works.remember(admitted.paid_key, record.position)
        self._free(admitted.key)
        if cost is not None and cost > admitted.ceiling and admitted.record.event.ceiling is not None:
            why = f"{event.route} billed {dollars(cost)}, over its ceiling of {dollars(admitted.ceiling)}"
            self.turn.hold_request(
                record.stream,
                record,
                f"overbilled:{record.position}",
                why,
                f"look at the vendor's bill and its price entry, then duanju review retry "
                f"{quoted_name(record.stream)} overbilled:{record.position}",
            )

    def doubt(self, record: Record, repeat: bool) -> None:
        """A call's outcome is unknown: its ceiling moves from reserved to in doubt.

        With `repeat` (it was cheap enough to send again) its key stays free.
        """
        event = record.event
        admitted = self._open.pop((record.stream, event.request), None)
        if admitted is None:
            return
        day = admitted.record.event.day
        self.turn.spend.change(admitted.scopes, day, reserved=-admitted.ceiling, in_doubt=admitted.ceiling)
        if not repeat:
            self.doubted[admitted.key] = (record.stream, record.position)
        # who waits for this key is now held by its doubt, and who waits for money may be refused
        self._free(admitted.key)

    def rejoin(self, stream: str, admitted: Record) -> None:
        """The vendor's job of a doubted call is known: it is under way again, and awaited."""
        event: CallAdmitted = admitted.event
        ceiling = event.ceiling or 0
        self.turn.spend.change(scopes_of(stream), event.day, in_doubt=-ceiling, reserved=ceiling)
        self.doubted.pop(event.key, None)
        self.restore(admitted)

    def undoubt(self, stream: str, admitted: Record, settled: str, outcome: Record | None = None) -> None:
        """A doubt is settled: not_accepted frees the money, an outcome books its bill, else the ceiling."""
        if outcome is not None:
            bill = outcome.event.bill
            self.undoubt_late(stream, admitted, bill.cost if bill.billing != "free" else None, outcome)
            return
        event: CallAdmitted = admitted.event
        ceiling = event.ceiling or 0
        booked = 0 if settled == "not_accepted" else ceiling
        self.turn.spend.change(scopes_of(stream), event.day, in_doubt=-ceiling, settled=booked)
        self.doubted.pop(event.key, None)
        self._free(event.key)

    def undoubt_late(self, stream: str, admitted: Record, cost: int | None, outcome: Record) -> None:
        """A doubted call came back after all: what it really cost is booked, its answer can be reused."""
        event: CallAdmitted = admitted.event
        ceiling = event.ceiling or 0
        booked = ceiling if cost is None else cost
        self.turn.spend.change(scopes_of(stream), event.day, in_doubt=-ceiling, settled=booked)
        self.doubted.pop(event.key, None)
        if not isinstance(outcome.event, CallFailed):
            self.turn.works.remember(event.key, outcome.position)
        self._free(event.key)

    def _free(self, key: str) -> None:
        self._keys.pop(key, None)
        self.asks.wake_key(key)
