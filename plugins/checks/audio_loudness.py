"""audio.loudness: the film is as loud as its delivery asks, by EBU R 128 on the file that ships."""

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

__all__ = ["CHECK", "SHORT_TERM_OVER", "on_episode_cut"]

decisions = 1
CHECK = "audio.loudness"
SHORT_TERM_OVER = 8.0
"""How far the loudest three seconds may lie over the whole, in LU (EBU R 128 s1 gives -18 for -23 +-5)."""
_SILENT = -70.0
_ROUND = 0.005


@hookimpl
@effect(lane="measure", doubt="repeat", reuse=True)
def on_episode_cut(event: EpisodeCut, desk: Desk) -> Iterator[CheckMeasured]:
    """Measures integrated loudness against the delivery's target, and the loudest three seconds."""
    from ..media.atoms import atoms
    from ..media.errors import MediaError
    from ..media.loudness import measure

    film, tool = film_of(event, desk), ffmpeg("ebur128")
    delivery = desk.settings.delivery
    target, within = delivery.loudness_cb / 100, delivery.loudness_within_cb / 100
    try:
        atoms(film)  # a film that breaks off would else be measured as far as it goes
        found = measure(film)
    except MediaError as error:
        yield unreadable(event, CHECK, "LUFS", error, tool)
        return
    off = found.integrated - target
    loudest = found.max_short_term - found.integrated
    evidence = [Evidence(0.0, 0.0, f"loudest three seconds {found.max_short_term:.1f} LUFS")]
    if found.integrated <= _SILENT:
        verdict, why = (
            "failed",
            f"the film is silent (at most {_SILENT:.0f} LUFS); {target:.1f} LUFS are asked",
        )
    elif abs(off) > within + _ROUND:
        word = "loud" if off > 0 else "quiet"
        verdict = "failed"
        why = (
            f"the film has {found.integrated:.1f} LUFS, {abs(off):.1f} LU too {word} "
            f"({target:.1f} +-{within:.1f} LUFS are asked)"
        )
    elif loudest > SHORT_TERM_OVER + _ROUND:
        verdict = "failed"
        why = (
            f"the loudest three seconds have {found.max_short_term:.1f} LUFS, {loudest:.1f} LU over the "
            f"film's {found.integrated:.1f}; at most {SHORT_TERM_OVER:.0f} LU are allowed"
        )
    else:
        verdict = "passed"
        why = f"{found.integrated:.1f} LUFS, {target:.1f} +-{within:.1f} are asked"
    yield report(
        event,
        CHECK,
        verdict,
        value=found.integrated,
        limit=target,
        unit="LUFS",
        why=why,
        tool=tool,
        evidence=evidence if found.integrated > _SILENT else [],
        repair="mix the sound again" if verdict != "passed" else "",
    )
