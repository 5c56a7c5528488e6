"""Quality: which checks a film must pass, what each measured, and what people said."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from .codec import upcast
from .kinds import event

__all__ = ["CheckMeasured", "CheckWaived", "Evidence", "QualityPlanned", "RepairAsked", "ReviewGiven"]


@frozen
class Evidence:
    """Where a fault is: seconds in the file (both 0 for the whole), and what is there."""

    start_s: float
    end_s: float
    note: str


@event(home="episode", once=("revision", "inputs", "checks"))
@frozen
class QualityPlanned:
    """The checks this cut must answer, written by the core from the adopted plugins; the last one counts."""

    revision: int
    inputs: str
    checks: tuple[str, ...]


@event(
    home="episode",
    subject=("check", "subject"),
    address=("revision", "inputs"),
    positions=("reused_from",),
    schema=2,
)
@frozen
class CheckMeasured:
    """One check's result on the file that ships: about the whole episode, and about each subject at fault.

    `verdict`: passed | warned | failed | skipped | error; `value` and `limit` in `unit` (None where there is
    no number); `why` is one line for a person; `repair` the suggested mend; `film` the measured sha256.
    `action` is the mend for the machine, of `subject`: retake | revoice | remix | retime | reencode | "" for
    none; `tell`: what whoever makes it again must be told; `take`: which take of the subject was measured.
    Of two takes that fail the one with the smaller `value` is better.
    """

    revision: int
    inputs: str
    check: str
    subject: str
    verdict: str
    value: float | None
    limit: float | None
    unit: str
    why: str
    evidence: tuple[Evidence, ...]
    repair: str
    tool: str
    film: str
    reused_from: int | None = None
    action: str = ""
    tell: str = ""
    take: int = 0


@upcast("check_measured", 1)
def _without_action(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "action": "", "tell": "", "take": 0}


@event(home="episode", subject=("subject",), once=("revision", "subject", "attempt"), schema=2)
@frozen
class RepairAsked:
    """A failed check of the cut `inputs` asks that its subject be made again, the `attempt`th time.

    `action`: retake | revoice | remix | retime | reencode; `tell`: what whoever makes it is told; `take`: the
    number of the new take, above all that were asked for.
    """

    revision: int
    subject: str
    check: str
    why: str
    attempt: int
    inputs: str = ""
    action: str = "retake"
    tell: str = ""
    take: int = 0


@upcast("repair_asked", 1)
def _without_take(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "inputs": "", "action": "retake", "tell": "", "take": 0}


@event(home="episode", subject=("check", "subject"))
@frozen
class CheckWaived:
    """A person lets a failed check pass for exactly these bytes."""

    check: str
    subject: str
    film: str
    who: str
    note: str


@event(home="episode", subject=("subject",))
@frozen
class ReviewGiven:
    """A person's word on a subject: approve | reject | retake | choose."""

    subject: str
    verdict: str
    note: str
    who: str
