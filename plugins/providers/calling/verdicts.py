"""The one vocabulary in which every answer of every vendor is classified."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from attrs import frozen

__all__ = ["FINE", "Kind", "Stage", "Verdict"]

Stage = Literal["", "input text", "input image", "output"]


class Kind(StrEnum):
    """What became of a call.

    `not_accepted`: surely not taken, nothing was made and nothing is owed. `unknown`: nobody can say
    whether it was taken; such a call is never sent again by itself.
    """

    OK = "ok"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    RATE_LIMITED = "rate limited"
    QUOTA_GONE = "quota gone"
    FULL = "concurrency full"
    NOT_ACCEPTED = "surely not accepted"
    UNKNOWN = "unknown outcome"


@frozen
class Verdict:
    """What an answer means. `why` in words for a person.

    `stage`: what a content policy refused. `again`: sending the same once more is safe and may help.
    `wait_s`: how long the vendor asks to wait before, None = it did not say. `code`: the vendor's word.
    `fallback`: another route may do better; False where a person must mend something first.
    """

    kind: Kind
    why: str = ""
    stage: Stage = ""
    again: bool = False
    wait_s: float | None = None
    code: str = ""
    fallback: bool = True


FINE = Verdict(Kind.OK)
