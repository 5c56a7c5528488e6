"""Checks: what an effect that measures a cut must answer, so that the join `quality` never waits in vain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..events.quality import CheckMeasured
from ..events.record import Record
from .plugins import Hook

__all__ = ["unmeasured"]


def unmeasured(hook: Hook, record: Record, events: Iterable[Any]) -> str:
    """Why an answer is not the measurement that the join waits for; "" where it is, or where none is due.

    Due is, from an effect on a cut that may answer `check_measured`: one whose `check` is the plugin's name,
    about the whole episode, and of exactly this cut.
    """
    if record.kind != "episode_cut" or hook.effect is None or CheckMeasured not in hook.emits:
        return ""
    cut = record.event
    for event in events:
        if (
            isinstance(event, CheckMeasured)
            and (event.check, event.subject) == (hook.plugin, "episode")
            and (event.revision, event.inputs) == (cut.revision, cut.inputs)
            and event.film in ("", cut.film.sha256)
        ):
            return ""
    return (
        f"{hook.by} ended without its measurement: a check_measured with check={hook.plugin!r}, "
        "subject='episode', and the revision, inputs and film of the cut"
    )
