"""picture.black: no black frames in the film, since no fade is planned yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.hooks import effect, hookimpl
from ...events.cut import EpisodeCut
from ...events.quality import CheckMeasured, Evidence
from .tools import ffmpeg
from .verdict import film_of, report, unreadable

if TYPE_CHECKING:
    from ...core.desk import Desk

__all__ = ["CHECK", "LONGEST_S", "on_episode_cut"]

decisions = 1
CHECK = "picture.black"
LONGEST_S = 0.08
"""Longest black run outside planned fades, in seconds; practice of broadcast QC (EBU QC's black item)."""
_ROUND = 1e-6


@hookimpl
@effect(lane="measure", doubt="repeat", reuse=True)
def on_episode_cut(event: EpisodeCut, desk: Desk) -> Iterator[CheckMeasured]:
    """Measures the longest black run in seconds: over 0.08 fails, any black frame warns."""
    from ..media.atoms import atoms
    from ..media.errors import MediaError
    from ..media.frames import black_runs

    film, tool = film_of(event, desk), ffmpeg("blackdetect")
    try:
        atoms(film)  # a film that breaks off would else be measured as far as it goes
        runs = black_runs(film)
    except MediaError as error:
        yield unreadable(event, CHECK, "s", error, tool)
        return
    longest = max(runs, key=lambda run: (run.seconds, -run.start_s), default=None)
    value = longest.seconds if longest else 0.0
    verdict = "failed" if value > LONGEST_S + _ROUND else "warned" if longest else "passed"
    if longest is None:
        why = "no black frames"
    else:
        why = (
            f"{len(runs)} black {'run' if len(runs) == 1 else 'runs'}, the longest {value:.2f} s at "
            f"{longest.start_s:.2f} s"
            + (f", {value - LONGEST_S:.2f} s over the limit" if verdict == "failed" else "")
        )
    yield report(
        event,
        CHECK,
        verdict,
        value=value,
        limit=LONGEST_S,
        unit="s",
        why=why,
        tool=tool,
        evidence=[Evidence(run.start_s, run.end_s, "black picture") for run in runs],
        repair="render the shots there again" if verdict != "passed" else "",
        within_s=0.001,
    )
