"""What can go wrong at a vendor, planned: by turns, or by chance from a seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import orjson
from attrs import field, frozen

__all__ = ["Fault", "Faults", "answer", "by_chance", "in_turn", "rate_limited"]

Kind = Literal["none", "answer", "reset_before", "reset_after", "half", "slow", "endless", "hang"]


@frozen
class Fault:
    """What happens to one request.

    `answer`: this status, headers and body instead of the real ones. `reset_before` / `reset_after`: the
    connection is reset before or after the body was read. `half`: the answer breaks off in the middle.
    `slow`: it comes in drops of `drop` bytes, `wait_s` apart. `endless`: it never ends. `hang`: nothing
    comes. `latency_s` is waited first. `taken`: the vendor did the work, and charges for it, all the same.
    """

    kind: Kind = "none"
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""
    latency_s: float = 0.0
    wait_s: float = 0.05
    drop: int = 64
    taken: bool = False
    name: str = ""


Faults = Callable[[int, str, str], "Fault | None"]
"""A plan: (number of the request, method, path) -> its fault, None for none."""


def answer(
    status: int,
    body: Any = b"",
    *,
    headers: Mapping[str, str] | None = None,
    media: str = "application/json",
    taken: bool = False,
    name: str = "",
) -> Fault:
    """An answer of its own; a body that is no bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    given = {"content-type": media, **(headers or {})}
    return Fault("answer", status, given, raw, taken=taken, name=name or str(status))


def rate_limited(message: str = "Rate limit reached", **headers: str) -> Fault:
    """A 429 as OpenAI words it; `retry_after="2"` becomes the header Retry-After: 2."""
    error = {"message": message, "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(429, {"error": error}, headers=given, name="429")


def in_turn(faults: Iterable[Fault | None], path: str = "", method: str = "POST") -> Faults:
    """One fault after the other for the requests of a method below a path; none after the last."""
    left = iter(list(faults))
    lock = threading.Lock()

    def plan(number: int, asked: str, where: str) -> Fault | None:
        if asked != method or not where.startswith(path):
            return None
        with lock:
            return next(left, None)

    return plan


def by_chance(seed: int, shares: Iterable[tuple[float, Fault]], latency_s: float = 0.0) -> Faults:
    """Each request gets a fault with its share (0..1), told by seed and number alone: the same every time."""
    table = list(shares)

    def plan(number: int, asked: str, where: str) -> Fault | None:
        dice = random.Random(seed * 1_000_003 + number).random()
        for share, fault in table:
            if dice < share:
                return fault
            dice -= share
        return Fault(latency_s=latency_s) if latency_s else None

    return plan
