"""How Anthropic says no: its error types and codes, and the few of its words that say more than these."""

from __future__ import annotations

import re
from typing import Any

from attrs import evolve

from ..calling.classify import Meaning, Problem, Vendor, problem_of
from ..calling.verdicts import Kind

__all__ = ["anthropic_vendor"]

_QUOTA = Meaning(Kind.QUOTA_GONE)
_MEND = Meaning(Kind.NOT_ACCEPTED, fallback=False)

_CODES = {
    "authentication_error": _MEND,
    "billing_error": _QUOTA,
    "contract_spend_limit_reached": _QUOTA,
    "credit_balance_too_low": _QUOTA,
    "enforced_spend_limit_reached": _QUOTA,
    "linked_organization_billing_unavailable": _QUOTA,
    "linked_organization_spend_limit_reached": _QUOTA,
    "organization_on_hold": _MEND,
    "overloaded_error": Meaning(Kind.NOT_ACCEPTED, again=True),
    "permission_error": _MEND,
    "ramp_limit_exceeded": Meaning(Kind.RATE_LIMITED),
}

_I = re.IGNORECASE
_WORDS = (
    (re.compile(r"credit balance is too low|spend(ing)? limit|usage limits?\b.*regain", _I), _QUOTA),
    (re.compile(r"concurrent (connections|requests)", _I), Meaning(Kind.FULL)),
    (re.compile(r"output blocked by content filtering", _I), Meaning(Kind.REFUSED, "output")),
    (re.compile(r"content filtering policy|usage polic", _I), Meaning(Kind.REFUSED, "input text")),
)


def anthropic_vendor(name: str) -> Vendor:
    """The vendor's way of saying no, under an instance's own name."""
    return Vendor(
        name,
        _CODES,
        _WORDS,
        problem=_problem,
        says_not_taken=frozenset({"overloaded_error"}),
        request_id=("request-id", "x-request-id"),
    )


def _problem(body: Any) -> Problem | None:
    """The error of a body; its `details.error_code` is more exact than its type."""
    found = problem_of(body)
    error = body.get("error") if isinstance(body, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    code = details.get("error_code") if isinstance(details, dict) else None
    if found is None or not isinstance(code, str) or not code:
        return found
    return evolve(found, codes=(code, *found.codes))
