"""Quality: which checks a film must pass, what each measured, and what people said."""

from __future__ import annotations

from attrs import frozen

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
    home="episode", subject=("check", "subject"), address=("revision", "inputs"), positions=("reused_from",)
)
@frozen
class CheckMeasured:
    """One check's result on the file that ships.

    `verdict`: passed | warned | failed | skipped | error; `value` and `limit` in `unit` (None where there is
    no number); `why` is one line for a person; `repair` the suggested mend; `film` the measured sha256.
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


@event(home="episode", subject=("subject",))
@frozen
class RepairAsked:
    """A failed check asks for a new take of its subject."""

    revision: int
    subject: str
    check: str
    why: str
    attempt: int


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
