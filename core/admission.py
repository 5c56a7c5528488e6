"""Admission: the core's recorded decision on each request, from reuse and route to its money."""

from __future__ import annotations

import os
import time
from typing import Any

import attrs
from attrs import define, frozen

from ..events.calls import FREE, CallAdmitted, CallRefused, RequestWithdrawn
from ..events.record import Record
from .artifacts import Artifacts
from .asks import Ask, Asks
from .calls import Calls
from .desk import secret_variable
from .doubt import next_of
from .folds import quoted_name, scopes_of
from .keys import artifacts_of, call_keys, readdress
from .lanes import Lanes
from .owed import Owed
from .plugins import Hook, Plugins
from .prices import Price, units_of
from .routing import Candidate, choose_route, provider_of
from .settings import Settings
from .turn import Turn

__all__ = ["Admissions"]


@frozen
class Choice:
    """What an admission has decided of a request before its money: who answers it, and under which keys."""

    capability: str
    candidate: Candidate
    hook: Hook
    price: Price | None
    key: str
    paid_key: str

    @property
    def route(self) -> str:
        """The route that is taken."""
        return self.candidate.route


@define(eq=False)
class Admissions:
    """Decides the requests that can be decided; what comes of the calls it lets go is not its concern."""

    turn: Turn
    plugins: Plugins
    lanes: Lanes
    artifacts: Artifacts
    asks: Asks
    calls: Calls
    owed: Owed

    def run(self, until: float) -> bool:
        """Decides what can be decided; True when anything was.

        Past `until` (monotonic), or when runs have ended, the first request that has to wait ends it: what
        was let go starts, and what came back is looked at, before hundreds more are told to wait.
        """
        moved = False
        while (ask := self.asks.next()) is not None:
            if self._decide(ask):
                moved = True
            elif time.monotonic() > until or not self.lanes.done.empty():
                break
        return moved

    # -- the decision -----------------------------------------------------------------------------------

    def _decide(self, ask: Ask) -> bool:
        """One request through all steps, in the order of the design; True when an event came of it."""
        log, folds, stream, request = self.turn.log, self.turn.folds, ask.stream, ask.request.event
        spec = log.codec.spec(type(request))
        capability = spec.request or ""
        if request.revision < folds.revision(stream):
            why = f"revision {folds.revision(stream)} took its place before it was submitted"
            return self._answer(ask, RequestWithdrawn(ask.request.position, why))
        if folds.holds(stream) or not self.turn.furnished(stream, ask.cause):
            self.asks.wait_for_release(ask)
            return False
        settings = folds.settings_of(stream)
        candidate = choose_route(settings, capability, request, ask.tried, folds.left_out(stream))
        if candidate is None:
            return self._no_route(ask, capability, settings)
        route = candidate.route
        hook = self.plugins.provider_hook(spec.kind, provider_of(route))
        if hook is None or hook.effect is None:
            return self._no_provider(ask, route, capability)
        if missing := self._missing_key(route):
            return self._refuse(
                ask, f"{route} needs a key", f"export {missing}, then run duanju resume", f"key:{missing}"
            )
        day = log.today()
        price = folds.prices_of(stream, self.plugins.prices).of(route, day)
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
        if key in self.calls.doubted:
            other, position = self.calls.doubted[key]
            return self._hold_for(
                ask,
                f"doubt:{position}",
                f"the same call is in doubt at position {position} of {other}",
                next_of(quoted_name(other), position),
            )
        if self.calls.under_way(key):
            self.asks.wait_for_key(ask, key)
            return False
        lane = self.lanes.lane(hook.effect.lane)
        if bills := self.calls.stopped.get(lane.name):
            return self._hold_for_bill(ask, lane.name, bills)
        ask.repeat = hook.effect.doubt == "repeat"
        if not lane.room(ask.repeat) or self.asks.behind(ask, lane.name):
            self.asks.wait_for_lane(ask, lane.name)
            return False
        return self._admit(ask, settings, Choice(capability, candidate, hook, price, key, paid_key))

    def _admit(self, ask: Ask, settings: Settings, choice: Choice) -> bool:
        """The last step, the money: the most it may cost is reserved, or it waits or is refused."""
        request = ask.request.event
        price = choice.price
        quote: int | None = None
        ceiling: int | None = None
        if price is None:
            if not settings.budget.unknown_prices:
                return self._refuse(
                    ask,
                    f"nobody knows the price of {choice.route}",
                    "set unknown_prices = true under [budget] to go without, or add the price",
                    f"price:{choice.route}",
                )
        else:
            expected, most = units_of(request, price)
            quote, ceiling = price.cost(expected), price.cost(most)
        scopes = scopes_of(ask.stream)
        day = self.turn.log.today()
        budget = self.turn.folds.budget_of(ask.stream, settings)
        verdict = self.turn.spend.allows(budget, scopes, day, ceiling or 0)
        if verdict.says == "refuse":
            return self._refuse(
                ask,
                verdict.why,
                _more_money(verdict.scope, quoted_name(ask.stream)),
                f"budget:{verdict.scope}",
            )
        if verdict.says == "wait":
            self.asks.wait_for_money(ask)
            return False
        event = CallAdmitted(
            request=ask.request.position,
            route=choice.route,
            reason=self._reason(ask, choice),
            rule=choice.candidate.rule,
            quote=quote,
            ceiling=ceiling,
            price_entry=price.id if price else "",
            key=choice.key,
            day=day,
            attempt=ask.attempt,
            capability=choice.capability,
            purpose=request.purpose,
            subject=request.subject,
        )
        record = self._record(ask, event)
        self.turn.spend.change(scopes, day, reserved=ceiling or 0)
        self.calls.restore(record, choice.paid_key)
        self.owed.grant(record, choice.hook)
        return True

    # -- answers ----------------------------------------------------------------------------------------

    def _record(self, ask: Ask, event: Any) -> Record:
        record = self.turn.append_core(ask.stream, event, ask.cause, "admit")
        self.turn.works.drop(ask.stream, "core", "admit", ask.cause.position)
        if record is None:  # no admission event has a once key
            raise AssertionError("an admission was not appended")
        return record

    def _answer(self, ask: Ask, event: Any) -> bool:
        self._record(ask, event)
        return True

    def _refuse(self, ask: Ask, why: str, next: str, hold: str) -> bool:
        self.turn.append_core(ask.stream, CallRefused(ask.request.position, why, next), ask.cause, "admit")
        return self._hold_for(ask, hold, why, next)

    def _hold_for(self, ask: Ask, hold: str, why: str, next: str) -> bool:
        self.turn.hold_stream(ask.stream, ask.cause, hold, why, next, ask.request.event.subject)
        self.asks.wait_for_release(ask)
        return True

    def _hold_for_bill(self, ask: Ask, lane: str, bills: dict[int, str]) -> bool:
        """A lane is stopped: nothing more is asked of it until a person has looked at the bill."""
        position, stream = min(bills.items())
        return self._hold_for(
            ask,
            f"overbilled:{position}",
            f"the lane {lane} is stopped: a call of {quoted_name(stream)} was billed over its ceiling at "
            f"position {position}",
            f"look at that bill, then duanju review retry {quoted_name(stream)} overbilled:{position}",
        )

    def _no_route(self, ask: Ask, capability: str, settings: Settings) -> bool:
        if ask.tried:
            why = f"every route for {capability} failed: {', '.join(ask.tried)}"
            return self._refuse(
                ask,
                why,
                f"see duanju history for the reasons, then run duanju resume {quoted_name(ask.stream)}",
                f"call:{capability}",
            )
        if left_out := self.turn.folds.left_out(ask.stream):
            return self._refuse(
                ask,
                f"no route for {capability} without {', '.join(left_out)}",
                f"fork again with another route: --set routes.{capability}=PROVIDER:MODEL",
                f"route:{capability}",
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

    def _reason(self, ask: Ask, choice: Choice) -> str:
        """Why this route: the rule's own reason, and what went before."""
        said = choice.candidate.reason
        if ask.tried:
            return f"fallback: {said}" if said else "fallback"
        lost = self.turn.works.outcome(choice.key)  # a sound one would have been the answer
        if lost is None:
            return said or "route"
        why = f"what position {lost} returned is lost or damaged"
        return f"{said}; {why}" if said else why

    def _outcome(self, key: str) -> Record | None:
        position = self.turn.works.outcome(key)
        record = None if position is None else self.turn.log.at(position)
        if record is None or not all(self.artifacts.sound(one) for one in artifacts_of(record.event)):
            return None
        return record

    def _reuse(self, ask: Ask, old: Record, request: Any) -> bool:
        event = readdress(
            self.turn.log.codec,
            old.event,
            request,
            request=ask.request.position,
            route=old.event.route,
            reused_from=old.position,
        )
        return self._answer(ask, attrs.evolve(event, bill=FREE))


def _more_money(scope: str, name: str) -> str:
    """What a person can do when a cap is reached: only the episode's is raised by a command."""
    if scope == "episode":
        return f"duanju resume {name} --budget DOLLARS raises the cap"
    later = f", or run duanju resume {name} on the next day (UTC)" if scope == "day" else ""
    return f"raise budget.{scope} in duanju.toml and produce the script again{later}"
