"""How long a vendor asks to wait, in all the ways in which vendors say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["asked_wait", "duration"]

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# "Please try again in 41.7s", "try again in 6m0s", "resets in ~30s", "retry after 5 seconds"
_WORDS = re.compile(
    r"(?:try again|retry|retry again|resets?|available|wait)\s*(?:in|after|for)?\s*[~:]?\s*"
    r"((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|hours?|h|minutes?|mins?|m|seconds?|secs?|s)\s*)+)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|hours?|h|minutes?|mins?|m|seconds?|secs?|s)", re.I)


def duration(text: str) -> float | None:
    """Seconds of a duration like `6m0s`, `1s`, `250ms` or `1h2m3.5s`; None for anything else."""
    text = text.strip()
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _seconds(text: str, most: float = 1e9) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if 0 <= value < most else None


def _date(text: str, now: datetime) -> float | None:
    """Seconds from now until a date as HTTP or RFC 3339 write it."""
    try:
        then = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        try:
            then = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        except ValueError:
            return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())


def _header(headers: Mapping[str, str], now: datetime) -> float | None:
    if (text := headers.get("retry-after-ms")) and (value := _seconds(text)) is not None:
        return value / 1000
    if text := headers.get("retry-after"):
        for read in (_seconds(text), duration(text), _date(text, now)):
            if read is not None:
                return read
    return None


def _resets(headers: Mapping[str, str], now: datetime) -> float | None:
    """The longest reset among the limits that are used up; the shortest of all when none says that it is."""
    used_up: list[float] = []
    every: list[float] = []
    for name, text in headers.items():
        if "ratelimit" not in name or "reset" not in name:
            continue
        read = duration(text)
        if read is None:
            read = _seconds(text, 1e11)
            if read is not None and read > 1e8:  # a moment in Unix seconds, not a span
                read = max(0.0, read - now.timestamp())
        if read is None:
            read = _date(text, now)
        if read is None:
            continue
        every.append(read)
        if headers.get(name.replace("reset", "remaining"), "").strip() == "0":
            used_up.append(read)
    return max(used_up) if used_up else min(every, default=None)


def _words(message: str) -> float | None:
    found = _WORDS.search(message)
    if found is None:
        return None
    total = 0.0
    for number, unit in _NUMBER.findall(found[1]):
        unit = unit.lower()
        if unit.startswith(("ms", "milli")):
            total += float(number) / 1000
        else:
            total += float(number) * _UNITS[unit[0]]
    return total


def _retry_info(body: Any) -> float | None:
    """Google's RetryInfo: `error.details[].retryDelay`, at any depth."""
    stack = [body]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            delay = one.get("retryDelay")
            if isinstance(delay, str) and (read := duration(delay)) is not None:
                return read
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one[:100])
    return None


def asked_wait(headers: Mapping[str, str], body: Any, message: str, now: datetime) -> float | None:
    """Seconds that an answer asks to wait, None when it does not say.

    `headers` with names in small letters, `body` as parsed from JSON (None = none), `message` the vendor's
    words. The most exact wins: milliseconds, Retry-After (seconds, a duration or a date), RetryInfo, the
    words, and last the resets of the rate limits.
    """
    for read in (_header(headers, now), _retry_info(body), _words(message), _resets(headers, now)):
        if read is not None:
            return read
    return None
