"""audio.true_peak: the sound does not clip when it is played, measured after the AAC encode."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.hooks import effect, hookimpl
from ...events.cut import EpisodeCut
from ...events.quality import CheckMeasured
from .tools import ffmpeg
from .verdict import film_of, report, unreadable

if TYPE_CHECKING:
    from ...core.desk import Desk

__all__ = ["CHECK", "on_episode_cut"]

decisions = 1
CHECK = "audio.true_peak"
_ROUND = 0.005


@hookimpl
@effect(lane="measure", doubt="repeat", reuse=True)
def on_episode_cut(event: EpisodeCut, desk: Desk) -> Iterator[CheckMeasured]:
    """Measures the highest true peak in dBTP (four times oversampled): over the delivery's most fails."""
    from ..media.atoms import atoms
    from ..media.errors import MediaError
    from ..media.loudness import measure

    film, tool = film_of(event, desk), ffmpeg("ebur128")
    delivery = desk.settings.delivery
    most, aim = delivery.peak_max_cb / 100, delivery.peak_cb / 100
    try:
        atoms(film)  # a film that breaks off would else be measured as far as it goes
        peak = measure(film).true_peak
    except MediaError as error:
        yield unreadable(event, CHECK, "dBTP", error, tool)
        return
    if not math.isfinite(peak):
        verdict, why = "passed", "the sound has no peak: it is digital silence"
    elif peak > most + _ROUND:
        verdict = "failed"
        why = f"the true peak is {peak:.2f} dBTP, {peak - most:.2f} dB over the {most:.1f} allowed"
    elif peak > aim + _ROUND:
        verdict = "warned"
        why = f"the true peak is {peak:.2f} dBTP, within {most:.1f} but over the {aim:.1f} mixed for"
    else:
        verdict, why = "passed", f"the true peak is {peak:.2f} dBTP, at most {most:.1f} allowed"
    yield report(
        event,
        CHECK,
        verdict,
        value=peak,
        limit=most,
        unit="dBTP",
        why=why,
        tool=tool,
        repair="mix the sound again with a lower limiter" if verdict == "failed" else "",
    )
