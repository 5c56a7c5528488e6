"""How ElevenLabs says no: a word in `detail.status`, whatever the HTTP status is."""

from __future__ import annotations

import re
from typing import Any

from ..calling.classify import Meaning, Problem, Vendor, problem_of
from ..calling.verdicts import Kind

__all__ = ["elevenlabs_vendor"]

_MEND = Meaning(Kind.NOT_ACCEPTED, fallback=False)
_GONE = Meaning(Kind.QUOTA_GONE)
_FULL = Meaning(Kind.FULL)
_POLICY = Meaning(Kind.REFUSED, "input text")

CODES: dict[str, Meaning] = {
    "quota_exceeded": _GONE,
    "insufficient_credits": _GONE,
    "payment_required": _GONE,
    "payment_issue": _GONE,
    "too_many_concurrent_requests": _FULL,
    "concurrent_limit_exceeded": _FULL,
    "system_busy": Meaning(Kind.RATE_LIMITED),
    "rate_limit_exceeded": Meaning(Kind.RATE_LIMITED),
    "max_character_limit_exceeded": Meaning(Kind.NOT_ACCEPTED),
    # a person has to look: the key, the plan, or the table of voices
    "invalid_api_key": _MEND,
    "needs_authorization": _MEND,
    "missing_permissions": _MEND,
    "detected_unusual_activity": _MEND,
    "subscription_required": _MEND,
    "output_format_not_allowed": _MEND,
    "voice_not_found": _MEND,
    "voice_access_denied": _MEND,
    "content_against_policy": _POLICY,
    "text_violates_policy": _POLICY,
}

WORDS = ((re.compile(r"violat\w* (our )?(terms|polic)|content polic", re.I), _POLICY),)


def elevenlabs_vendor(name: str) -> Vendor:
    """How the vendor says no, under a provider's own name."""
    return Vendor(name, CODES, WORDS, problem=problem, request_id=("request-id", "x-trace-id"))


def problem(body: Any) -> Problem | None:
    """The problem of a body; that of a body that does not fit (422) is a list of places and reasons."""
    detail = body.get("detail") if isinstance(body, dict) else None
    if not isinstance(detail, list):
        return problem_of(body)
    told: list[str] = []
    for one in detail[:20]:
        if isinstance(one, dict):
            place = one.get("loc")
            where = ".".join(str(part) for part in place[:10]) if isinstance(place, list) else ""
            told.append(f"{where}: {one.get('msg', '')}")
    return Problem((), "; ".join(told) or "the request does not fit")
