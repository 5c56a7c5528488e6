"""Bad weather at a vendor: limits, failures, resets, broken answers and delays, all told by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import attrs

from .faults import Fault, Faults, answer, by_chance
from .openai import completion

__all__ = ["DOUBTFUL", "GARBAGE", "LATENCY_S", "LIMITED", "Words", "storm"]

LATENCY_S = 0.047
SLOW_S = 0.5

LIMITED = "429"
GARBAGE = "garbage"
DOUBTFUL = frozenset({"500", "502", "503 taken", "504 taken", "reset before", "reset after", "reset taken"})
"""The names of the faults after which a client cannot know whether its call was taken."""


def _limited(message: str, headers: Mapping[str, str] | None = None, details: Any = None) -> Fault:
    error: dict[str, Any] = {"message": message, "type": "requests", "param": None}
    error["code"] = "rate_limit_exceeded"
    if details is not None:
        error["details"] = details
    return answer(429, {"error": error}, headers=headers, name=LIMITED)


_RETRY_INFO = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.005s"}]
_OOPS = {"error": {"message": "The server had an error", "type": "server_error", "param": None, "code": None}}

_LIMITS = (
    _limited("Rate limit reached", {"retry-after-ms": "6"}),
    _limited("Rate limit reached", {"Retry-After": "0.008"}),
    _limited("Rate limit reached. Please try again in 5ms."),
    _limited("Rate limit reached", {"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}),
    _limited("Resource has been exhausted", details=_RETRY_INFO),
    _limited("Slow down", {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "7ms"}),
)
_FAILURES = (
    answer(500, _OOPS, name="500"),
    answer(502, b"<html><body>502 Bad Gateway</body></html>", media="text/html", name="502"),
    answer(503, _OOPS, taken=True, name="503 taken"),
    answer(504, b"upstream timed out", media="text/plain", taken=True, name="504 taken"),
)
_RESETS = (
    Fault("reset_before", name="reset before"),
    Fault("reset_after", name="reset after"),
    Fault("reset_after", taken=True, name="reset taken"),
    Fault("half", name="reset taken"),
)


def storm(seed: int, *, latency_s: float = LATENCY_S) -> Faults:
    """A plan: 5 % 429 in several spellings, 1 % 5xx, 1 % resets, 0.5 % bodies that are no JSON, 0.5 % slow.

    Half of the malformed JSON is here; the other half is in the model's own words, see `Words`. What happens
    to a request is told by the seed and its number alone.
    """
    broken = answer(200, b'{"id": "chatcmpl-1", "choi', taken=True, name=GARBAGE)
    shares = [
        *((0.05 / len(_LIMITS), one) for one in _LIMITS),
        *((0.01 / len(_FAILURES), one) for one in _FAILURES),
        *((0.01 / len(_RESETS), one) for one in _RESETS),
        (0.005, broken),
    ]
    late = [(share, attrs.evolve(one, latency_s=latency_s)) for share, one in shares]
    return by_chance(seed, [*late, (0.005, Fault(latency_s=SLOW_S, name="slow"))], latency_s)


class Words:
    """What the model says: data of different sizes, and once in 200 answers JSON that has to be repaired.

    To be the `say` of an OpenAIVendor; `mangled` are the numbers of the requests that got broken JSON.
    """

    def __init__(self, seed: int, share: float = 0.005) -> None:
        self._seed = seed
        self._share = share
        self.mangled: set[int] = set()

    def __call__(self, body: Any, number: int) -> dict[str, Any]:
        """A completion for a chat body."""
        dice = random.Random(self._seed * 7_368_787 + number)
        text = f'{{"shots": ["She waits, {number}."]}}'
        if dice.random() < self._share:
            self.mangled.add(number)
            text = f"Here it is:\n```json\n{text[:-1]}, }}\n```"
        prompt, cached, made = dice.randrange(60, 160), dice.randrange(0, 50), dice.randrange(5, 60)
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": made,
            "total_tokens": prompt + made,
            "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        }
        return completion(text, model=body["model"], usage=usage, number=number)
