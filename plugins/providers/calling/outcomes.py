"""From a verdict to the event that records it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....events.calls import Bill, CallFailed
from .bills import free_bill
from .clean import clean
from .sending import Reply
from .verdicts import Kind, Verdict

if TYPE_CHECKING:
    from ....core.desk import Desk

__all__ = ["failed", "malformed"]

MOST_WHY = 900


def failed(desk: Desk, reply: Reply, verdict: Verdict | None = None, bill: Bill | None = None) -> CallFailed:
    """The failure of a call that surely brought nothing usable.

    `refused_by` is the vendor and what its policy refused: `openai: input text`. Without a `bill` the call
    was not taken and is free.
    """
    verdict = verdict or reply.verdict
    route = desk.call.route if desk.call is not None else ""
    why = clean(verdict.why)[:MOST_WHY]
    who = route.partition(":")[0]
    return CallFailed(
        why=f"{verdict.kind}: {why}" if why else str(verdict.kind),
        refused_by=f"{who}: {verdict.stage}" if verdict.kind is Kind.REFUSED else "",
        fallback=verdict.fallback,
        bill=free_bill(desk, reply) if bill is None else bill,
    )


def malformed(desk: Desk, reply: Reply, why: str, bill: Bill) -> CallFailed:
    """The failure of a call that was answered with nothing usable; the raw answer is kept as an artifact."""
    kept = desk.artifacts.put(reply.answer.body, reply.answer.media or "application/octet-stream")
    verdict = Verdict(Kind.MALFORMED, f"{why}; the raw answer is artifact {kept.sha256}")
    return failed(desk, reply, verdict, bill)
