"""A fold of given events without a log: what a test of a reaction needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..core.episode import Episode, Index
from ..core.settings import Settings
from ..events.codec import Codec
from ..events.record import Record
from ..events.vocabulary import builtin_events

__all__ = ["fold"]


def fold(
    events: Iterable[Any],
    *,
    series: str = "tea",
    name: str = "teahouse",
    settings: Settings | None = None,
    more: Iterable[type[Any]] = (),
) -> Episode:
    """The episode after these events, the first at position 1; `more` = event classes of a plugin's own.

    What answers a call gets its cause as an engine writes it: the last admission, or submission, before it.
    """
    codec = Codec([*builtin_events(), *more])
    own, shared = Index(f"episode/{series}/{name}", codec), Index(f"series/{series}", codec)
    position = 0
    calls: dict[int, int] = {}
    for position, event in enumerate(events, 1):
        kind, schema, body = codec.encode(event)
        spec = codec.spec(type(event))
        home = shared if spec.home == "series" else own
        answers = spec.outcome is not None or kind in ("call_failed", "video_submitted")
        cause = calls.get(event.request) if answers else None
        if kind in ("call_admitted", "video_submitted"):
            calls[event.request] = position
        home.add(
            Record(
                (
                    position,
                    f"{position:032x}",
                    home.stream,
                    len(home.records) + 1,
                    kind,
                    schema,
                    body,
                    cause,
                    None,
                    "test",
                    "2026-01-01T00:00:00.000Z",
                    b"",
                ),
                codec,
                event,
            )
        )
    chosen = settings or Settings()
    return Episode(own, shared, position, lambda sha256: chosen)
