"""How Gemini says no: its status words, its details, and its reasons for ending an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import attrs

from ..calling.classify import Meaning, Problem, Vendor, problem_of
from ..calling.verdicts import Kind, Stage

__all__ = ["BLOCKED", "FINISH", "gemini_vendor"]

_MEND = Meaning(Kind.NOT_ACCEPTED, fallback=False)
_GONE = Meaning(Kind.QUOTA_GONE)
_LATER = Meaning(Kind.NOT_ACCEPTED, again=True)

CODES: dict[str, Meaning] = {
    # words of our own for what stands in the details, see `problem`
    "quota per day": _GONE,
    "payment required": _GONE,
    "api_key_invalid": _MEND,
    "api_key_expired": _MEND,
    "api_key_service_blocked": _MEND,
    "service_disabled": _MEND,
    "billing_disabled": _MEND,
    # google.rpc.Code
    "resource_exhausted": Meaning(Kind.RATE_LIMITED),
    "unauthenticated": _MEND,
    "permission_denied": _MEND,
    "failed_precondition": _MEND,
    "unavailable": _LATER,
    "aborted": _LATER,
}

WORDS = (
    (re.compile(r"credits? (are|is) depleted|billing (account|is) (is )?(disabled|closed)", re.I), _GONE),
    (re.compile(r"api key not valid|api key expired|reported as leaked", re.I), _MEND),
)

BLOCKED: dict[str, Stage] = {
    "SAFETY": "input text",
    "OTHER": "input text",
    "BLOCKLIST": "input text",
    "PROHIBITED_CONTENT": "input text",
    "JAILBREAK": "input text",
    "MODEL_ARMOR": "input text",
    "IMAGE_SAFETY": "input image",
}
"""`promptFeedback.blockReason` and what was refused by it; any other word is a refusal of the text too."""

FINISH: dict[str, str] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    **dict.fromkeys(
        (
            "SAFETY",
            "RECITATION",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "MODEL_ARMOR",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
        ),
        "refused",
    ),
}
"""`finishReason` and what it means; every other word (OTHER, LANGUAGE, NO_IMAGE, IMAGE_OTHER,
MALFORMED_RESPONSE, ...) is an answer that cannot be used and that nobody refused."""


def gemini_vendor(name: str) -> Vendor:
    """How the vendor says no, under a provider's own name."""
    return Vendor(
        name,
        CODES,
        WORDS,
        problem=problem,
        says_not_taken=frozenset({"unavailable"}),
        request_id=("x-goog-request-id", "x-request-id"),
    )


def problem(body: Any) -> Problem | None:
    """The problem of a body; what the details say (a key, a quota of the day) goes before the status word."""
    found = problem_of(body)
    if found is None:
        return None
    inner = body[0] if isinstance(body, list) else body
    error = inner.get("error")
    details = error.get("details") if isinstance(error, dict) else None
    first = list(_in_details(details if isinstance(details, list) else ()))
    if found.status == 402:
        first.append("payment required")
    return attrs.evolve(found, codes=(*first, *found.codes))


def _in_details(details: Iterable[Any]) -> Iterable[str]:
    for detail in list(details)[:50]:
        if not isinstance(detail, dict):
            continue
        reason, violations = detail.get("reason"), detail.get("violations")
        if isinstance(reason, str):
            yield reason
        for violation in violations[:50] if isinstance(violations, list) else ():
            quota = violation.get("quotaId") if isinstance(violation, dict) else None
            if isinstance(quota, str) and "perday" in quota.lower():
                yield "quota per day"
