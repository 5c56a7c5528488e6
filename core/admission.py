"""Admission: the core's recorded decision on each request, from reuse and route to its money."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

import attrs
from attrs import define, field

from ..events.calls import FREE, CallAdmitted, CallFailed, CallRefused, RequestWithdrawn
from ..events.episode import EpisodeHeld
from ..events.record import Record
from .artifacts import Artifacts
from .budget import Spend, dollars
from .desk import Call, secret_variable
from .folds import Folds, quoted_name, scopes_of
from .keys import artifacts_of, call_key, call_keys, readdress
from .lanes import Lane, Lanes
from .log import Log
from .plugins import Hook, Plugins
from .prices import Price, units_of
from .routing import choose_route, provider_of
from .settings import Settings
from .work import Works

__all__ = ["Admissions", "Ask"]


class Append(Protocol):
    """Appends a core event: stream, event, the record that caused it, and the hook name of its author."""

    def __call__(self, stream: str, event: Any, cause: Record, hook: str) -> Record | None: ...


@define(eq=False)
class Ask:
    """A request that is not decided yet. `cause` is what asked: the request, a failure, a settled doubt."""

    stream: str
    request: Record
    cause: Record
    tried: tuple[str, ...] = ()
    attempt: int = 1
    repeat: bool = False


@define(eq=False)
class Admitted:
    """A call that was let go and has not come back."""

    record: Record
    key: str
    paid_key: str
    ceiling: int
    scopes: tuple[str, ...]


@define(eq=False)
class Admissions:
    """All requests under way: those that wait, and those admitted and not yet settled."""

    log: Log
    folds: Folds
    plugins: Plugins
    lanes: Lanes
    artifacts: Artifacts
    spend: Spend
    works: Works
    append: Append
    grant: Callable[[Record, Hook, Lane], None]
    _ready: deque[Ask] = field(factory=deque)
    _by_lane: dict[str, deque[Ask]] = field(factory=dict)
    _by_key: dict[str, deque[Ask]] = field(factory=dict)
    _held: dict[str, list[Ask]] = field(factory=dict)
    _money: list[Ask] = field(factory=list)
    _open: dict[tuple[str, int], Admitted] = field(factory=dict)
    _keys: dict[str, tuple[str, int]] = field(factory=dict)
    doubted: dict[str, tuple[str, int]] = field(factory=dict)

    # -- asking and waking ------------------------------------------------------------------------------

    def ask(self, ask: Ask) -> None:
        """Takes a request in; it is decided in this turn, or its row says that it waits."""
        self._ready.append(ask)

    def run(self) -> bool:
        """Decides what can be decided; True when anything was."""
        moved = False
        while self._ready:
            moved = self._decide(self._ready.popleft()) or moved
        return moved

    def store(self) -> None:
        """Writes a row for every request that this turn left undecided, as when the engine is stopping."""
        for ask in self._ready:
            self.works.owe(ask.stream, "core", "admit", ask.cause.position)

    def waiting_streams(self) -> list[str]:
        """The episodes whose requests wait, for a hold to end or to be looked at, sorted."""
        held = {stream for stream, waiting in self._held.items() if waiting}
        return sorted(held | {ask.stream for ask in self._ready})

    def untried(self, stream: str) -> None:
        """Every route is open again to the requests of an episode that wait for a hold to end."""
        for ask in self._held.get(stream, ()):
            ask.tried = ()

    @property
    def ready(self) -> bool:
        """Whether any request could be decided now."""
        return bool(self._ready)

    def wake_lanes(self, owed: Mapping[str, Collection[object]]) -> bool:
        """Lanes have room: as many of their requests as fit are looked at again; True when there were any.

        What is `owed` in a lane goes first.
        """
        moved = False
        for name, waiting in self._by_lane.items():
            if not waiting or owed.get(name):
                continue
            lane = self.lanes.lane(name)
            room = lane.width + (lane.ahead if waiting[0].repeat else 0) - lane.running
            for _ in range(min(room, len(waiting))):
                self._ready.append(waiting.popleft())
                moved = True
        return moved

    def wake_stream(self, stream: str) -> None:
        """An episode was released or revised: its waiting requests are looked at again."""
        self._ready.extend(self._held.pop(stream, ()))
        if self._money:
            self._ready.extend(self._money)
            self._money.clear()

    def wake_all(self, stream: str) -> None:
        """A revision: whatever of this stream waits anywhere is looked at again."""
        self.wake_stream(stream)
        for waiting in (*self._by_lane.values(), *self._by_key.values()):
            mine = [ask for ask in waiting if ask.stream == stream]
            for ask in mine:
                waiting.remove(ask)
            self._ready.extend(mine)

    @property
    def in_flight(self) -> int:
        """How many admitted calls have not come back."""
        return len(self._open)

    # -- the decision -----------------------------------------------------------------------------------

    def _decide(self, ask: Ask) -> bool:
        """One request through all steps, in the order of the design; True when an event came of it."""
        log, stream, request = self.log, ask.stream, ask.request.event
        spec = log.codec.spec(type(request))
        capability = spec.request or ""
        if request.revision < self.folds.revision(stream):
            why = f"revision {self.folds.revision(stream)} took its place before it was submitted"
            return self._answer(ask, RequestWithdrawn(ask.request.position, why))
        if self.folds.holds(stream):
            return self._wait(ask, self._held.setdefault(stream, []))
        settings = self.folds.settings_of(stream)
        choice = choose_route(settings, capability, ask.tried)
        if choice is None:
            return self._no_route(ask, capability, settings)
        route, rule = choice
        hook = self.plugins.provider_hook(spec.kind, provider_of(route))
        if hook is None or hook.effect is None:
            return self._no_provider(ask, route, capability)
        if missing := self._missing_key(route):
            return self._refuse(
                ask, f"{route} needs a key", f"export {missing}, then run duanju resume", f"key:{missing}"
            )
        day = log.today()
        price = self.folds.prices_of(stream, self.plugins.prices).of(route, day)
        if price is not None and price.until and price.until <= day:
            successor = f"; its successor is {price.successor}" if price.successor else ""
            return self._refuse(
                ask,
                f"{route} is shut down since {price.until}{successor}",
                f"route {capability} to another model in duanju.toml, then produce again",
                f"model:{route}",
            )
        key, paid_key = call_keys(log.codec, capability, route, request)
        if (old := self._outcome(key) or self._outcome(paid_key)) is not None:
            return self._reuse(ask, old, request)
        if key in self.doubted:
            other, position = self.doubted[key]
            return self._hold_for(
                ask,
                f"doubt:{position}",
                f"the same call is in doubt at position {position} of {other}",
                f"settle it: duanju review retry {quoted_name(other)} {position}",
            )
        if key in self._keys:
            return self._wait(ask, self._by_key.setdefault(key, deque()))
        lane = self.lanes.lane(hook.effect.lane)
        ask.repeat = hook.effect.doubt == "repeat"
        if not lane.room(ask.repeat):
            return self._wait(ask, self._by_lane.setdefault(lane.name, deque()))
        return self._admit(ask, request, capability, route, rule, hook, lane, price, key, paid_key, settings)

    def _admit(
        self,
        ask: Ask,
        request: Any,
        capability: str,
        route: str,
        rule: str,
        hook: Hook,
        lane: Lane,
        price: Price | None,
        key: str,
        paid_key: str,
        settings: Settings,
    ) -> bool:
        quote: int | None = None
        ceiling: int | None = None
        if price is None:
            if not settings.budget.unknown_prices:
                return self._refuse(
                    ask,
                    f"nobody knows the price of {route}",
                    "set unknown_prices = true under [budget] to go without, or add the price",
                    f"price:{route}",
                )
        else:
            expected, most = units_of(request, price)
            quote, ceiling = price.cost(expected), price.cost(most)
        scopes = scopes_of(ask.stream)
        day = self.log.today()
        budget = self.folds.budget_of(ask.stream, settings)
        verdict = self.spend.allows(budget, scopes, day, ceiling or 0)
        if verdict.says == "refuse":
            return self._refuse(
                ask,
                verdict.why,
                f"duanju resume {quoted_name(ask.stream)} --budget DOLLARS raises the cap",
                f"budget:{verdict.scope}",
            )
        if verdict.says == "wait":
            return self._wait(ask, self._money)
        event = CallAdmitted(
            request=ask.request.position,
            route=route,
            reason="fallback" if ask.tried else "route",
            rule=rule,
            quote=quote,
            ceiling=ceiling,
            price_entry=price.id if price else "",
            key=key,
            day=day,
            attempt=ask.attempt,
            capability=capability,
            purpose=request.purpose,
            subject=request.subject,
        )
        record = self._record(ask, event)
        self.spend.change(scopes, day, reserved=ceiling or 0)
        self.restore(record, paid_key)
        lane.running += 1
        self.grant(record, hook, lane)
        return True

    def restore(self, record: Record, paid_key: str = "") -> None:
        """Counts an admission as under way: when it is made, and again after a restart."""
        event: CallAdmitted = record.event
        if not paid_key:
            request = self.folds.index(record.stream).at(event.request)
            if request is not None:
                paid_key = call_key(self.log.codec, event.capability, "", request.event)
        admitted = Admitted(record, event.key, paid_key, event.ceiling or 0, scopes_of(record.stream))
        self._open[record.stream, event.request] = admitted
        self._keys[event.key] = (record.stream, event.request)

    def call_of(self, stream: str, request: int) -> Call | None:
        """The call that a routed effect carries out, None when it is settled or doubted."""
        admitted = self._open.get((stream, request))
        if admitted is None:
            return None
        event: CallAdmitted = admitted.record.event
        price = self.folds.prices_of(stream, self.plugins.prices).of(event.route, event.day)
        return Call(
            event.request,
            admitted.record.position,
            event.route,
            event.key,
            event.ceiling,
            price or Price(event.route, {}, "unknown"),
        )

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
        self.spend.change(admitted.scopes, day, reserved=-admitted.ceiling, settled=actual)
        if not isinstance(event, CallFailed):
            self.works.remember(admitted.key, record.position)
            if actual > 0:
                self.works.remember(admitted.paid_key, record.position)
        self._free(admitted.key)
        if cost is not None and cost > admitted.ceiling and admitted.record.event.ceiling is not None:
            why = f"{event.route} billed {dollars(cost)}, over its ceiling of {dollars(admitted.ceiling)}"
            self._hold(
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
        self.spend.change(admitted.scopes, day, reserved=-admitted.ceiling, in_doubt=admitted.ceiling)
        if not repeat:
            self.doubted[admitted.key] = (record.stream, record.position)
        # who waits for this key is now held by its doubt, and who waits for money may be refused
        self._free(admitted.key)

    def rejoin(self, stream: str, admitted: Record) -> None:
        """The vendor's job of a doubted call is known: it is under way again, and awaited."""
        event: CallAdmitted = admitted.event
        ceiling = event.ceiling or 0
        self.spend.change(scopes_of(stream), event.day, in_doubt=-ceiling, reserved=ceiling)
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
        self.spend.change(scopes_of(stream), event.day, in_doubt=-ceiling, settled=booked)
        self.doubted.pop(event.key, None)
        self._free(event.key)

    def undoubt_late(self, stream: str, admitted: Record, cost: int | None, outcome: Record) -> None:
        """A doubted call came back after all: what it really cost is booked, its answer can be reused."""
        event: CallAdmitted = admitted.event
        ceiling = event.ceiling or 0
        booked = ceiling if cost is None else cost
        self.spend.change(scopes_of(stream), event.day, in_doubt=-ceiling, settled=booked)
        self.doubted.pop(event.key, None)
        if not isinstance(outcome.event, CallFailed):
            self.works.remember(event.key, outcome.position)
        self._free(event.key)

    def _free(self, key: str) -> None:
        self._keys.pop(key, None)
        self._ready.extend(self._by_key.pop(key, ()))
        if self._money:
            self._ready.extend(self._money)
            self._money.clear()

    # -- answers ----------------------------------------------------------------------------------------

    def _record(self, ask: Ask, event: Any) -> Record:
        record = self.append(ask.stream, event, ask.cause, "admit")
        self.works.drop(ask.stream, "core", "admit", ask.cause.position)
        if record is None:  # no admission event has a once key
            raise AssertionError("an admission was not appended")
        return record

    def _answer(self, ask: Ask, event: Any) -> bool:
        self._record(ask, event)
        return True

    def _wait(self, ask: Ask, where: list[Ask] | deque[Ask]) -> bool:
        where.append(ask)
        self.works.owe(ask.stream, "core", "admit", ask.cause.position)
        return False

    def _refuse(self, ask: Ask, why: str, next: str, hold: str) -> bool:
        self.append(ask.stream, CallRefused(ask.request.position, why, next), ask.cause, "admit")
        return self._hold_for(ask, hold, why, next)

    def _hold_for(self, ask: Ask, hold: str, why: str, next: str) -> bool:
        self._hold(ask.stream, ask.cause, hold, why, next, ask.request.event.subject)
        self._wait(ask, self._held.setdefault(ask.stream, []))
        return True

    def _hold(self, stream: str, cause: Record, hold: str, why: str, next: str, subject: str = "") -> None:
        if hold not in self.folds.holds(stream):
            event = EpisodeHeld(hold, why, subject, next, self.folds.revision(stream))
            self.append(stream, event, cause, "hold")

    def _no_route(self, ask: Ask, capability: str, settings: Settings) -> bool:
        if ask.tried:
            why = f"every route for {capability} failed: {', '.join(ask.tried)}"
            return self._refuse(
                ask,
                why,
                f"see duanju history for the reasons, then run duanju resume {quoted_name(ask.stream)}",
                f"call:{capability}",
            )
        return self._refuse(
            ask,
            f"no route for {capability}",
            f"add routes.{capability} to duanju.toml, then produce again",
            f"route:{capability}",
        )

    def _no_provider(self, ask: Ask, route: str, capability: str) -> bool:
        name = provider_of(route)
        if name in self.plugins.plugins:
            why, next = f"the provider {name} has no {capability}", f"route {capability} elsewhere"
        else:
            reason = self.plugins.failures.get(name, "it is not installed")
            why, next = f"the provider {name} of route {route} is absent: {reason}", f"install {name}"
        return self._refuse(ask, why, f"{next}, then run duanju resume", f"plugin:{name}")

    def _missing_key(self, route: str) -> str:
        plugin = self.plugins.plugins.get(provider_of(route))
        if plugin is None or not getattr(plugin.object, "needs_key", False):
            return ""
        variable = secret_variable(plugin.name)
        return "" if os.environ.get(variable) else variable

    def _outcome(self, key: str) -> Record | None:
        position = self.works.outcome(key)
        record = None if position is None else self.log.at(position)
        if record is None or not all(self.artifacts.has(one) for one in artifacts_of(record.event)):
            return None
        return record

    def _reuse(self, ask: Ask, old: Record, request: Any) -> bool:
        event = readdress(
            self.log.codec,
            old.event,
            request,
            request=ask.request.position,
            route=old.event.route,
            reused_from=old.position,
        )
        return self._answer(ask, attrs.evolve(event, bill=FREE))
