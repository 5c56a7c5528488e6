"""Long remote jobs: asked after until they end, by time and not by count, and fetched at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import attrs
from attrs import frozen

from .classify import json_of
from .pictures import BadMedia
from .sending import MARGIN_S, Line, Reply, UnknownOutcome
from .transport import Ask
from .verdicts import Kind, Verdict

__all__ = ["JobState", "await_job", "download"]


@frozen
class JobState:
    """Where a job is: running, done or failed; `verdict` says why it failed, `body` is what was read."""

    state: Literal["running", "done", "failed"]
    body: Any = None
    verdict: Verdict | None = None


def await_job(
    line: Line, look: Ask, read: Callable[[Any], JobState], gap_s: float = 5.0
) -> tuple[JobState, Reply]:
    """Looks at a job until it ended, (state, the last reply).

    What a look-up answers in 5xx or 429, or does not answer, says nothing of the job: it is asked again.
    `read` gets the parsed body and raises ValueError for a state that it does not know. Raises UnknownOutcome
    when the deadline comes first; the job goes on at the vendor's and is asked after again by its number.
    """
    sleep = line.sleep or line.desk.gate.sleep
    while True:
        reply = line.call(attrs.evolve(look, free=True))
        if reply.verdict.kind is Kind.OK:
            try:
                state = read(json_of(reply.answer))
            except ValueError as error:
                verdict = Verdict(Kind.UNKNOWN, f"{line.vendor.name}: {error}")
                line.tell(reply, raw=True)
                raise UnknownOutcome(attrs.evolve(reply, verdict=verdict)) from None
            if state.state != "running":
                return state, reply
        elif reply.verdict.kind is Kind.NOT_ACCEPTED and reply.answer.status in (404, 410):
            return JobState("failed", None, reply.verdict), reply
        elif not reply.verdict.fallback:  # a person must mend the key first; the job goes on meanwhile
            line.tell(reply, raw=True)
            raise UnknownOutcome(reply)
        if line.clock() + gap_s >= line.desk.deadline - MARGIN_S:
            said = reply.verdict.why or "it runs on"
            why = f"{line.vendor.name} has not ended the job by the deadline: {said}"
            line.tell(reply, raw=True)
            raise UnknownOutcome(attrs.evolve(reply, verdict=Verdict(Kind.UNKNOWN, why)))
        sleep(gap_s)


def download(
    line: Line, url: str, *, ask: Ask | None = None, fresh: Callable[[], str] | None = None
) -> Reply:
    """The bytes behind a result's address, which every vendor lets die.

    An address that is refused (403, 404, 410) is asked for anew once, through `fresh`. Raises BadMedia when
    there are no bytes to be had.
    """
    base = ask or Ask("GET", url)
    for number in (1, 2):
        reply = line.call(attrs.evolve(base, url=url, free=True, redirects=5))
        if reply.verdict.kind is Kind.OK:
            if not reply.answer.body:
                raise BadMedia("the result's address answered with no bytes")
            return reply
        if number == 1 and fresh is not None and reply.answer.status in (401, 403, 404, 410):
            url = fresh()
            continue
        break
    raise BadMedia(f"the result could not be fetched: {reply.verdict.why}")
