"""How long to wait, in the spellings of all vendors; and what an answer means, body before status.

Spellings: openai-python@e43b4224 (retry-after-ms, seconds and dates), openai-dotnet #838 and litellm #27823
(resets and words), Replicate's 429 body ("resets in ~30s"), Google's RetryInfo (python-genai@66807187).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.plugins.providers.calling.classify import WAIT_MOST, Vendor, classify
from duanju.plugins.providers.calling.compatible import compatible_vendor
from duanju.plugins.providers.calling.transport import Answer
from duanju.plugins.providers.calling.verdicts import Kind
from duanju.plugins.providers.calling.waits import asked_wait, duration

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "body", "message", "wait"),
    [
        ({"retry-after": "3"}, None, "", 3.0),
        ({"retry-after": "0.5"}, None, "", 0.5),
        ({"retry-after": "2s"}, None, "", 2.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, None, "", 1.5),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}, None, "", 30.0),
        ({"retry-after": "Tue, 24 Nov 2026 11:59:00 GMT"}, None, "", 0.0),
        ({"retry-after": "soon"}, None, "", None),
        ({"retry-after": "-5"}, None, "", None),
        ({"retry-after": "nan"}, None, "", None),
        ({}, None, "Please try again in 41.7s. Visit the page", 41.7),
        ({}, None, "Please try again in 6m0s.", 360.0),
        ({}, None, "Please try again in 88ms.", 0.088),
        ({}, None, "Request was throttled. Your rate limit resets in ~30s.", 30.0),
        ({}, None, "retry after 5 seconds", 5.0),
        ({}, None, "Retry in 2 minutes", 120.0),
        ({}, None, "wait for it", None),
        ({}, {"error": {"details": [{"@type": "x/RetryInfo", "retryDelay": "17.5s"}]}}, "", 17.5),
        ({}, [{"error": {"details": [{"retryDelay": "2s"}]}}], "", 2.0),
        ({"x-ratelimit-reset-requests": "6m0s"}, None, "", 360.0),
        (
            {
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-remaining-tokens": "900",
            },
            None,
            "",
            1.0,
        ),
        ({"anthropic-ratelimit-tokens-reset": "2026-11-24T12:00:09Z"}, None, "", 9.0),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 20)}, None, "", 20.0),
        ({"retry-after": "7", "x-ratelimit-reset-tokens": "90s"}, None, "try again in 3s", 7.0),
        ({"x-ratelimit-limit-requests": "500"}, None, "", None),
    ],
)
def test_every_spelling(headers: dict[str, str], body: Any, message: str, wait: float | None) -> None:
    assert asked_wait(headers, body, message, NOW) == wait


@given(
    st.text(max_size=200), st.text(max_size=200), st.recursive(st.none() | st.text(), st.lists, max_leaves=20)
)
def test_no_header_body_or_words_break_it(header: str, message: str, body: Any) -> None:
    headers = {"retry-after": header, "retry-after-ms": header, "x-ratelimit-reset-tokens": header}
    wait = asked_wait(headers, body, message, NOW)
    assert wait is None or wait >= 0


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_durations_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert duration(f"{hours}h{minutes}m{seconds}s") == hours * 3600 + minutes * 60 + seconds
    assert duration(f"{seconds}") is None and duration(f"{seconds}s later") is None


def reply(status: int, body: Any = b"", **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def told(status: int, message: str = "", code: Any = None, kind: str = "", **headers: str) -> Answer:
    return reply(
        status, {"error": {"message": message, "type": kind, "param": None, "code": code}}, **headers
    )


@pytest.mark.parametrize(
    ("answer", "kind", "again", "fallback"),
    [
        (reply(200, {"choices": [1]}), Kind.OK, False, True),
        (reply(200, {"error": None, "choices": [1]}), Kind.OK, False, True),
        (reply(200, b"RIFF...."), Kind.OK, False, True),
        (told(429, "slow", "rate_limit_exceeded"), Kind.RATE_LIMITED, True, True),
        (reply(429), Kind.RATE_LIMITED, True, True),
        (told(429, "x", "insufficient_quota", "insufficient_quota"), Kind.QUOTA_GONE, False, True),
        (told(429, "x", "too_many_concurrent_requests"), Kind.FULL, True, True),
        (told(400, "You have too many concurrent requests"), Kind.FULL, True, True),
        (told(402, "Insufficient Balance"), Kind.QUOTA_GONE, False, True),
        (told(401, "bad", "invalid_api_key"), Kind.NOT_ACCEPTED, False, False),
        (told(403, "no"), Kind.NOT_ACCEPTED, False, False),
        (told(404, "no such model", "model_not_found"), Kind.NOT_ACCEPTED, False, True),
        (told(400, "bad", None), Kind.NOT_ACCEPTED, False, True),
        (told(408, "slow"), Kind.NOT_ACCEPTED, True, True),
        (told(409, "locked"), Kind.NOT_ACCEPTED, True, True),
        (told(500, "oops", "server_error"), Kind.UNKNOWN, False, True),
        (reply(502, b"<html>bad"), Kind.UNKNOWN, False, True),
        (reply(503, b"<html>bad"), Kind.UNKNOWN, False, True),
        (reply(503, b"", retry_after="1"), Kind.NOT_ACCEPTED, True, True),
        (told(503, "busy", "overloaded"), Kind.NOT_ACCEPTED, True, True),
        (told(529, "busy", None, "overloaded_error"), Kind.NOT_ACCEPTED, True, True),
        (told(500, "x", None, x_should_retry="true"), Kind.NOT_ACCEPTED, True, True),
        (told(429, "x", None, x_should_retry="false"), Kind.RATE_LIMITED, False, True),
        (told(400, "x", None, x_should_retry="false"), Kind.NOT_ACCEPTED, False, True),
        (told(429, "x", "insufficient_quota", x_should_retry="true"), Kind.QUOTA_GONE, False, True),
        (reply(200, {"error": {"message": "x", "code": 503}}), Kind.UNKNOWN, False, True),
        (reply(200, {"error": {"message": "x", "code": "429"}}), Kind.RATE_LIMITED, True, True),
        (reply(451, b"blocked"), Kind.REFUSED, False, True),
        (reply(307, b"", location="https://elsewhere.example"), Kind.NOT_ACCEPTED, False, True),
    ],
)
def test_body_before_status(answer: Answer, kind: Kind, again: bool, fallback: bool) -> None:
    verdict = classify(answer, compatible_vendor("v"), now=lambda: NOW)
    assert (verdict.kind, verdict.again, verdict.fallback) == (kind, again, fallback), verdict.why


def test_a_wait_over_the_cap_is_told_and_not_waited_for() -> None:
    verdict = classify(
        told(429, "x", retry_after=str(WAIT_MOST + 1)), compatible_vendor("v"), now=lambda: NOW
    )
    assert not verdict.again and verdict.wait_s == WAIT_MOST + 1 and "121 s" in verdict.why
    assert classify(told(429, "x", retry_after=str(WAIT_MOST)), compatible_vendor("v"), now=lambda: NOW).again


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "detail", "type", "status", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.integers(100, 599), _JSON)
def test_no_body_breaks_it_and_a_bad_status_is_never_fine(status: int, body: Any) -> None:
    try:
        raw = orjson.dumps(body)
    except TypeError:  # an integer over 64 bits
        raw = repr(body).encode()
    verdict = classify(Answer(status, {}, raw), Vendor("v"), now=lambda: NOW)
    assert isinstance(verdict.kind, Kind)
    if not 200 <= status < 300:
        assert verdict.kind is not Kind.OK and verdict.why
