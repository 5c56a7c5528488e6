"""What each column of each view says: for docs/audit.md and for whoever looks at a log in a browser."""

from __future__ import annotations

from .schema import VIEWS, view_title

__all__ = ["columns_of", "title_of"]

# What a column says in every view that has it, unless the view says something of its own below.
_EVERYWHERE = {
    "position": "the admission's position in the log",
    "at": "when it was admitted (UTC)",
    "day": "the day (UTC) of its admission, which its money belongs to",
    "series": "the series",
    "episode": "SERIES/NAME; `fork SERIES/NAME` for a fork, whose money is its own",
    "stream": "the stream, as `episode/SERIES/NAME` or `fork/SERIES/NAME`",
    "model": "the route that it went to: provider:model",
    "provider": "the provider of that route",
    "capability": "chat, image, video, speech, lipsync or transcription",
    "stage": "the plugin that asked for it",
    "purpose": "what the plugin asked it for",
    "subject": "what it is about: a shot, a line, a scene, a character",
    "revision": "the episode's revision that it was asked for",
    "take": "the number of the take",
    "state": "open, returned, failed, doubted, superseded (doubted, and sent again by itself), "
    "not accepted, given up, reused",
    "quote": "what it was expected to cost",
    "ceiling": "the most that it could cost, which was reserved; null = nobody knew",
    "cost": "what it cost; null = nobody knows",
    "reserved": "the ceiling, while it is under way",
    "in_doubt": "the ceiling, while nobody knows its outcome",
    "unknown": "1 = it cost something that nobody knows",
    "estimated": "1 = its cost is its ceiling, for want of a bill",
    "reused": "1 = an answer that was used again, for nothing",
    "reused_paid": "1 = and whose first making was paid",
    "reused_from": "the position of the answer that was used again",
    "rejected": "1 = whoever asked could not use the answer",
    "attempts": "how often it was sent",
    "latency_ms": "how long its answer took, in ms",
}  # fmt: skip

# Of sums over many calls.
_SUMS = {
    "calls": "how many calls were let go",
    "cost": "what is known of their cost",
    "mean": "that of one call whose cost is known; null without one",
    "reserved": "the ceilings of those under way",
    "in_doubt": "the ceilings of those in doubt",
    "doubts": "how many are in doubt",
    "unknown": "how many cost something that nobody knows, and which is in no sum",
    "estimated": "the part of `cost` that is booked at the ceiling, for want of a bill",
    "reused": "how many answers were used again, for nothing",
    "reused_paid": "how many of these had been paid when they were made",
    "episodes": "how many episodes and forks spent it",
    "ended": "how many ended, in whatever way",
    "answered": "how many brought an answer",
    "rejected": "how many answers could not be used",
    "attempts": "how often they were sent in all",
}

_OWN: dict[str, dict[str, str]] = {
    "events": {
        "position": "its place in the log, from 1, without a gap",
        "id": "its id: the same work gives the same id",
        "series": "the series of its stream",
        "episode": "SERIES/NAME of an episode, `fork SERIES/NAME` of a fork; any other stream as it is",
        "version": "its place in its stream, from 1",
        "kind": "which event it is: docs/events.md",
        "schema": "the number of its body's form",
        "body": "the event itself, as JSON: json_extract(body, '$.name')",
        "cause": "the position of the record that it answers",
        "root": "the position of the record that all this began with",
        "plugin": "who wrote it; core, or cli for a person",
        "hook": "with which hook",
        "at": "when it was appended (UTC)",
        "day": "the day of that",
    },
    "calls": {
        "answered_at": "when its outcome was appended",
        "request": "the position of the request",
        "outcome": "the position of its outcome",
        "doubt": "the position of its doubt",
        "rule": "the rule that chose the route",
        "reason": "why it went there",
        "billing": "billed, free or unknown",
        "vendor_id": "the vendor's own id of the call",
    },
    "cost_wasted": {"why": "failed, rejected, or replaced by a newer take"},
    "cost_doubted": {
        "doubt": "the position of the doubt",
        "doubted_at": "when it came to be in doubt",
        "why": "why nobody knows",
        "known": "what the provider knew by then",
    },
    "quote_vs_actual": {
        "difference": "cost less quote",
        "ratio": "cost by quote",
    },
    "revisions": {
        "revision": "its number, from 1",
        "position": "the position of the record that made it",
        "at": "when it was made",
        "why": "opened, what changed, or where the fork began",
        "calls": "how many calls were let go for it",
        "cost": "what is known of their cost",
        "retakes": "how many of them were for a second or later take",
        "rejected": "how many of their answers could not be used",
        "repairs": "how often a failed check asked for a new take",
        "delivered_at": "when it was first delivered; null = not yet",
    },
    "checks": {
        "position": "the measurement's position in the log",
        "at": "when it was measured",
        "revision": "the revision whose film was measured",
        "check_name": "the check",
        "subject": "what was measured",
        "verdict": "passed, warned, failed, skipped or error",
        "value": "what it measured",
        "threshold": "what it may be",
        "unit": "the unit of both",
        "why": "one line for a person",
        "film": "the sha256 of the film",
        "waived": "1 = a person let it pass, for exactly this film",
    },
    "latency": {
        "answered": "how many answers were timed",
        "least_ms": "the quickest",
        "mean_ms": "the mean",
        "p50_ms": "half of them were not slower",
        "p90_ms": "nine of ten were not slower",
        "p95_ms": "nineteen of twenty were not slower",
        "p99_ms": "99 of 100 were not slower",
        "most_ms": "the slowest",
    },
    "success_rate": {
        "success": "answered by ended, 0 to 1",
        "usable": "answered and not rejected, by ended",
    },
}

_OF_SUMS = frozenset(
    name for name in VIEWS if name.startswith("cost_by_") or name in ("cost_total", "success_rate")
)


def title_of(view: str) -> str:
    """What a view is for, in one sentence."""
    return view_title(view)


def columns_of(view: str, names: list[str]) -> dict[str, str]:
    """Column -> what it says. Raises KeyError for a column that nobody has described."""
    known = {**_EVERYWHERE, **(_SUMS if view in _OF_SUMS else {}), **_OWN.get(view, {})}
    return {name: known[name] for name in names}
