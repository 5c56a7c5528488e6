"""What the words of an answer that ended well come to: plain words, or data where data was wanted."""

from __future__ import annotations

import orjson

from ....core.structured import read_json, without_thinking
from .verdicts import FINE, Kind, Verdict

__all__ = ["finished", "no_answer"]


def finished(text: str, wants_data: bool) -> tuple[Verdict, str, str, bool]:
    """(verdict, words, finish, repaired) of the words of a whole answer, thinking and all."""
    plain = without_thinking(text)
    if not plain:
        return no_answer("the answer has no words"), "", "", False
    if not wants_data:
        return FINE, plain, "stop", False
    parsed = read_json(text)
    if not parsed.found:
        return no_answer(parsed.why), text, "malformed", False
    return FINE, orjson.dumps(parsed.value).decode(), "stop", parsed.repaired


def no_answer(why: str) -> Verdict:
    """An answer that is none, and why."""
    return Verdict(Kind.MALFORMED, why)
