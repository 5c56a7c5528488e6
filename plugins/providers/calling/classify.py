"""Classifies an answer: the vendor's own code first, then its words, and only then the HTTP status."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
import orjson
from attrs import field, frozen

from .clean import short
from .transport import Answer
from .verdicts import FINE, Kind, Stage, Verdict
from .waits import asked_wait

__all__ = ["WAIT_MOST", "Meaning", "Problem", "Vendor", "classify", "json_of", "problem_of", "utc_now"]

WAIT_MOST = 120.0
"""A vendor that asks to wait longer, in seconds, is not waited for."""


@frozen
class Meaning:
    """What a vendor's code or words mean; `stage` as in Verdict, `fallback` None = as usual for the kind."""

    kind: Kind
    stage: Stage = ""
    fallback: bool | None = None
    again: bool | None = None


@frozen
class Problem:
    """What a body says went wrong: the vendor's codes (the most exact first), its words, and a status."""

    codes: tuple[str, ...] = ()
    message: str = ""
    status: int = 0


@frozen
class Vendor:
    """A vendor's way of saying no.

    `codes` are compared in small letters. `words`: patterns searched in the message, in order. `problem`
    reads a parsed body, None = no problem in it. `says_not_taken`: codes of 5xx answers that mean that the
    call was surely not taken. `request_id`: the headers that name a call, the first that is there counts.
    """

    name: str
    codes: Mapping[str, Meaning] = field(factory=dict)
    words: tuple[tuple[re.Pattern[str], Meaning], ...] = ()
    problem: Callable[[Any], Problem | None] = lambda body: problem_of(body)
    says_not_taken: frozenset[str] = frozenset()
    request_id: tuple[str, ...] = ("x-request-id", "request-id", "trace-id")


def utc_now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


def json_of(answer: Answer) -> Any:
    """The body as JSON, None when it is none; a body is not trusted for its content type."""
    try:
        return orjson.loads(answer.body)
    except (orjson.JSONDecodeError, RecursionError):
        return None


def problem_of(body: Any) -> Problem | None:
    """The problem in the shapes that most vendors share, None where there is none.

    `{"error": {...}}`, `{"error": "words"}`, the same in a list of one, `{"detail": {...} | "words"}`,
    `{"code", "message"}` without any result beside them.
    """
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if isinstance(error, str) and error:
        return Problem((), error)
    if isinstance(error, dict) and error:
        return _from_object(error)
    detail = body.get("detail")
    if isinstance(detail, str) and detail:
        return Problem((), detail)
    if isinstance(detail, dict) and detail:
        return _from_object(detail)
    if error is None and detail is None and "message" in body and set(body) <= _BARE:
        return _from_object(body)
    return None


_BARE = {"code", "message", "request_id", "requestId", "status", "type", "data", "success", "param"}


def _from_object(error: Mapping[str, Any]) -> Problem:
    codes: list[str] = []
    status = 0
    for name in ("code", "status", "type"):
        value = error.get(name)
        if isinstance(value, bool) or value in (None, "", 0):
            continue
        if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
            number = int(value) if len(str(value)) < 10 else 0
            if 400 <= number <= 599:
                status = status or number
            else:
                codes.append(str(value))
        elif isinstance(value, str):
            codes.append(value)
    message = error.get("message", "")
    return Problem(tuple(codes), message if isinstance(message, str) else str(message), status)


_BY_STATUS: dict[int, Meaning] = {
    400: Meaning(Kind.NOT_ACCEPTED),
    401: Meaning(Kind.NOT_ACCEPTED, fallback=False),
    402: Meaning(Kind.QUOTA_GONE),
    403: Meaning(Kind.NOT_ACCEPTED, fallback=False),
    408: Meaning(Kind.NOT_ACCEPTED, again=True),
    409: Meaning(Kind.NOT_ACCEPTED, again=True),
    429: Meaning(Kind.RATE_LIMITED),
    451: Meaning(Kind.REFUSED),
    529: Meaning(Kind.NOT_ACCEPTED, again=True),
}


def classify(answer: Answer, vendor: Vendor, *, now: Callable[[], datetime] = utc_now) -> Verdict:
    """What an answer means. A 200 with a problem in it is that problem; only a 2xx without one is OK."""
    body = json_of(answer)
    problem = vendor.problem(body)
    good = 200 <= answer.status < 300
    if good and problem is None:
        return FINE
    problem = problem or Problem((), _bare_words(answer))
    status = answer.status if not good else problem.status or answer.status
    meaning, code = _meaning(problem, vendor)
    if meaning is None:
        meaning = _by_status(status, problem, answer, vendor)
    message = short(problem.message) or f"HTTP {answer.status} without a reason"
    label = f" ({short(code, 60)})" if code else ""
    wait = asked_wait(answer.headers, body, problem.message, now())
    again = meaning.again
    if again is None:
        again = meaning.kind in (Kind.RATE_LIMITED, Kind.FULL)
    told = answer.headers.get("x-should-retry", "").strip().lower()
    if told == "true" and meaning.kind in (Kind.RATE_LIMITED, Kind.FULL, Kind.NOT_ACCEPTED, Kind.UNKNOWN):
        again = True
        if meaning.kind is Kind.UNKNOWN:
            meaning = attrs.evolve(meaning, kind=Kind.NOT_ACCEPTED)
    elif told == "false":
        again = False
    if again and wait is not None and wait > WAIT_MOST:
        again = False
        message += f" (it asks to wait {wait:.0f} s, longer than the {WAIT_MOST:.0f} s that are waited for)"
    return Verdict(
        meaning.kind,
        f"{vendor.name} answered {answer.status}{label}: {message}",
        meaning.stage or ("input text" if meaning.kind is Kind.REFUSED else ""),
        again,
        wait,
        code,
        True if meaning.fallback is None else meaning.fallback,
    )


def _meaning(problem: Problem, vendor: Vendor) -> tuple[Meaning | None, str]:
    code = problem.codes[0] if problem.codes else ""
    for one in problem.codes:
        found = vendor.codes.get(one.lower())
        if found is not None:
            return found, one
    for pattern, meaning in vendor.words:
        if pattern.search(problem.message[:4000]):
            return meaning, code
    return None, code


def _by_status(status: int, problem: Problem, answer: Answer, vendor: Vendor) -> Meaning:
    """The meaning of a bare status. A 5xx is only surely not taken where the vendor says so."""
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    if 500 <= status <= 599:
        said = any(code.lower() in vendor.says_not_taken for code in problem.codes)
        if said or (status == 503 and "retry-after" in answer.headers):
            return Meaning(Kind.NOT_ACCEPTED, again=True)
        return Meaning(Kind.UNKNOWN)
    return Meaning(Kind.NOT_ACCEPTED)  # also a good status with an error in the body that nobody knows


def _bare_words(answer: Answer) -> str:
    """What can be said of a body that is no JSON: its beginning, without tags."""
    text = answer.body[:2000].decode("utf-8", "replace")
    if 300 <= answer.status < 400:
        where = short(answer.headers.get("location", ""), 120)
        return f"a redirect to {where or 'nowhere'}, which is not followed; correct base_url"
    return re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>", " ", text).strip()
