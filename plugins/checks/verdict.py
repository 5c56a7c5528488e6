"""What the checks share: finding the film that ships, and writing a measurement down (no plugin)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import BadArtifact
from ...events.cut import EpisodeCut
from ...events.quality import CheckMeasured, Evidence

if TYPE_CHECKING:
    from ...core.desk import Desk

__all__ = ["MOST_EVIDENCE", "film_of", "merged", "report", "subtitles_of", "unreadable"]

MOST_EVIDENCE = 20
_LONGEST_WHY = 400
_LONGEST_NOTE = 160


def film_of(event: EpisodeCut, desk: Desk) -> Path:
    """The file that ships, its bytes compared with their name first.

    Raises BadArtifact where the store has lost or changed them: that is the studio's fault, not the
    film's, so it is no verdict.
    """
    if wrong := desk.artifacts.check(event.film):
        raise BadArtifact(f"{wrong}; run duanju verify")
    return desk.artifacts.path(event.film)


def subtitles_of(event: EpisodeCut, desk: Desk) -> Path:
    """The subtitle file that ships, checked likewise. Raises BadArtifact."""
    if wrong := desk.artifacts.check(event.subtitles):
        raise BadArtifact(f"{wrong}; run duanju verify")
    return desk.artifacts.path(event.subtitles)


def merged(found: Iterable[Evidence], within_s: float = 0.0) -> tuple[Evidence, ...]:
    """Evidence by time; runs of one note that touch or lie within `within_s` become one; at most 20.

    Where more were found, the last one kept says how many are not shown.
    """
    runs: list[Evidence] = []
    for one in sorted(found, key=lambda e: (e.note, e.start_s, e.end_s)):
        last = runs[-1] if runs else None
        if last is not None and last.note == one.note and one.start_s <= last.end_s + within_s:
            runs[-1] = Evidence(last.start_s, max(last.end_s, one.end_s), last.note)
        else:
            runs.append(one)
    runs.sort(key=lambda e: (e.start_s, e.end_s, e.note))
    runs = [Evidence(round(e.start_s, 3), round(e.end_s, 3), _line(e.note, _LONGEST_NOTE)) for e in runs]
    if len(runs) > MOST_EVIDENCE:
        hidden = len(runs) - MOST_EVIDENCE
        last = runs[MOST_EVIDENCE - 1]
        note = _line(last.note, _LONGEST_NOTE - 40) + f" (and {hidden} more, not shown)"
        runs[MOST_EVIDENCE - 1 :] = [Evidence(last.start_s, last.end_s, note)]
    return tuple(runs)


def report(
    event: EpisodeCut,
    check: str,
    verdict: str,
    *,
    value: float | None,
    limit: float | None,
    unit: str,
    why: str,
    tool: str,
    evidence: Iterable[Evidence] = (),
    repair: str = "",
    within_s: float = 0.0,
) -> CheckMeasured:
    """The measurement of one check on a cut; numbers rounded to thousandths, what is not finite is None."""
    return CheckMeasured(
        revision=event.revision,
        inputs=event.inputs,
        check=check,
        subject="episode",
        verdict=verdict,
        value=_number(value),
        limit=_number(limit),
        unit=unit,
        why=_line(why, _LONGEST_WHY),
        evidence=merged(evidence, within_s),
        repair=repair,
        tool=tool,
        film=event.film.sha256,
    )


def unreadable(event: EpisodeCut, check: str, unit: str, error: Exception, tool: str) -> CheckMeasured:
    """The verdict `error`: the file cannot be measured, and why."""
    return report(
        event,
        check,
        "error",
        value=None,
        limit=None,
        unit=unit,
        why=f"the file cannot be measured: {error}",
        tool=tool,
        repair="cut the episode again",
    )


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), 3) + 0.0  # + 0.0 turns -0.0 into 0.0


def _line(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
