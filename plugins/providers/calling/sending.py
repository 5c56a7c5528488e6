"""Carries out a call: through the lane's gate, repeated only where that is safe, with every attempt noted."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import define, field, frozen

from ....core.errors import DuanjuError
from ....core.gate import GateClosed, GateTooLate
from ....events.calls import Attempt
from .classify import WAIT_MOST, Vendor, classify, utc_now
from .transport import Answer, Ask, Bounds, Broken, NotSent, send
from .verdicts import Kind, Verdict

if TYPE_CHECKING:
    import tenacity

    from ....core.desk import Desk

__all__ = ["Line", "Reply", "Tries", "UnknownOutcome"]

MARGIN_S = 2.0
"""A call ends so long before its deadline, for the engine takes what comes later for lost."""

NO_ANSWER = Answer(0, {}, b"")


@frozen
class Tries:
    """How often and how patiently: `attempts` in all, waits from `first_s` doubled up to `most_s`."""

    attempts: int = 5
    first_s: float = 0.25
    most_s: float = 20.0
    jitter: float = 0.25


@frozen
class Reply:
    """How a call ended: the last answer (status 0 = none), what it means, and every attempt."""

    answer: Answer
    verdict: Verdict
    attempts: tuple[Attempt, ...]
    request_id: str = ""
    latency_ms: int = 0


class UnknownOutcome(DuanjuError):
    """A call that costs money went out, and nobody knows what became of it: the engine doubts it."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__(reply.verdict.why)


@define(eq=False)
class Line:
    """The line of one effect to one vendor. The clocks, the chance and the sleep are replaced in tests."""

    desk: Desk
    vendor: Vendor
    bounds: Bounds = field(factory=Bounds)
    tries: Tries = field(factory=Tries)
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], None] | None = None
    _attempts: list[Attempt] = field(factory=list)
    _ended: float | None = None
    _last: Reply | None = None

    def call(self, ask: Ask) -> Reply:
        """Sends a request until it is answered for good, or nothing more is safe or left to try.

        Raises UnknownOutcome when a request that costs money (`ask.free` is False) may have been taken.
        """
        import tenacity

        self._attempts = []
        self._ended = None
        self._last = None
        began = self.clock()

        def again(state: tenacity.RetryCallState) -> bool:
            reply: Reply = state.outcome.result() if state.outcome else Reply(NO_ANSWER, _NOTHING, ())
            if not reply.verdict.again:
                return False
            return self.clock() + self._wait(reply.verdict, state.attempt_number) < self._until()

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.tries.attempts),
            retry=again,
            wait=lambda state: self._backoff(state),
            sleep=self.sleep or self.desk.gate.sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        try:
            reply: Reply = retrying(self._once, ask)
        except GateClosed as closed:
            reply = self._unsent(str(closed), again=False, last=self._last)
        latency = max(0, round((self.clock() - began) * 1000))
        reply = attrs.evolve(reply, attempts=tuple(self._attempts), latency_ms=latency)
        if reply.verdict.kind is Kind.UNKNOWN and not ask.free:
            self.tell(reply, raw=True)
            raise UnknownOutcome(reply)
        if not ask.free:
            self.tell(reply)  # should its answer not be understood, or not be kept
        return reply

    def tell(self, reply: Reply, raw: bool = False) -> None:
        """Leaves on the desk what is known of a call, for who settles its doubt; `raw`: its answer too."""
        status = f"status {reply.answer.status}" if reply.answer.status else "no status came"
        number = f"request id {reply.request_id}" if reply.request_id else "no request id"
        sent = f"{self.now():%Y-%m-%dT%H:%M:%SZ}"
        self.desk.known(
            f"{self.vendor.name}: {status}, {number}, {len(reply.attempts)} sent, the last by {sent}",
            reply.answer.body if raw else b"",
            reply.answer.media or "application/octet-stream",
        )

    def _until(self) -> float:
        return self.desk.deadline - MARGIN_S

    def _wait(self, verdict: Verdict, attempt: int) -> float:
        """Seconds before the next attempt, without the jitter: what the vendor asks for, or our own.

        One who asks for a moment again and again is given more than that.
        """
        if verdict.wait_s is None:
            return min(self.tries.most_s, self.tries.first_s * 2.0 ** min(30, attempt - 1))
        asked = min(WAIT_MOST, verdict.wait_s)
        return asked if attempt == 1 else max(asked, self._wait(_NOTHING, attempt - 1))

    def _backoff(self, state: tenacity.RetryCallState) -> float:
        """What this thread sleeps; what the whole lane waits for is the gate's matter."""
        reply: Reply = state.outcome.result() if state.outcome else Reply(NO_ANSWER, _NOTHING, ())
        wait = self._wait(reply.verdict, state.attempt_number)
        spread = self.tries.jitter * wait * self.chance()
        # What a vendor asked for is a minimum; our own wait may be cut.
        return wait - spread if reply.verdict.wait_s is None else wait + spread

    def _once(self, ask: Ask) -> Reply:
        gate = self.desk.gate
        try:
            with gate.pass_by(self._until()) as place:
                began = self.clock()
                waited = 0 if self._ended is None else max(0, round((began - self._ended) * 1000))
                reply = self._send(ask, began)
                self._ended = self.clock()
                self._last = reply
                self._attempts.append(Attempt(reply.answer.status, waited))
                verdict = reply.verdict
                if verdict.kind in (Kind.RATE_LIMITED, Kind.FULL):
                    place.too_much(surely=verdict.kind is Kind.FULL)
                elif verdict.kind is Kind.OK:
                    place.well()
                if verdict.kind is Kind.RATE_LIMITED and verdict.wait_s:
                    gate.pause(min(WAIT_MOST, verdict.wait_s))  # it holds for all who call there
                return reply
        except GateTooLate as late:
            return self._unsent(str(late), again=False, last=self._last)

    def _send(self, ask: Ask, began: float) -> Reply:
        bounds = attrs.evolve(self.bounds, total_s=max(0.0, min(self.bounds.total_s, self._until() - began)))
        try:
            answer = send(self.desk.http, ask, bounds, clock=self.clock)
        except NotSent as error:
            return self._unsent(str(error), again=error.again)
        except Broken as error:
            answer = error.answer or NO_ANSWER
            verdict = Verdict(Kind.UNKNOWN, f"{self.vendor.name}: {error}", again=ask.free)
            # An answer that says no says so also when its end is missing; a half good one proves nothing.
            return Reply(answer, verdict, (), self._id(answer))
        verdict = classify(answer, self.vendor, now=self.now)
        if ask.free and verdict.kind is Kind.UNKNOWN:
            verdict = attrs.evolve(verdict, again=True)
        return Reply(answer, verdict, (), self._id(answer))

    def _unsent(self, why: str, again: bool, last: Reply | None = None) -> Reply:
        """Nothing was sent this time; what the vendor answered before that says more than this does."""
        if last is not None:
            verdict = attrs.evolve(last.verdict, why=f"{last.verdict.why}; {why}", again=False)
            return attrs.evolve(last, verdict=verdict)
        return Reply(NO_ANSWER, Verdict(Kind.NOT_ACCEPTED, f"{self.vendor.name}: {why}", again=again), ())

    def _id(self, answer: Answer) -> str:
        return _first(answer, self.vendor.request_id)


_NOTHING = Verdict(Kind.UNKNOWN, "nothing was tried")


def _first(answer: Answer, names: Iterable[str]) -> str:
    for name in names:
        if value := answer.headers.get(name, ""):
            return value[:200]
    return ""
