"""The streams that make up an episode: its own, and of a fork those of its past, each up to its point."""

from __future__ import annotations

from collections.abc import Iterator

from ..events.record import Record
from .log import Log

__all__ = ["lineage", "view"]


def lineage(log: Log, stream: str) -> list[tuple[str, int | None]]:
    """The streams that make up an episode, and up to which position each; a fork's past comes first."""
    found: list[tuple[str, int | None]] = [(stream, None)]
    upto: int | None = None
    while stream.startswith("fork/"):
        first = next(log.read(stream=stream), None)
        if first is None or first.kind != "episode_forked":
            break
        stream, at = first.event.source, first.event.at
        upto = at if upto is None else min(upto, at)
        found.append((stream, upto))
    return found[::-1]


def view(log: Log, stream: str, *, kind: str | None = None) -> Iterator[Record]:
    """The records of an episode in position order, as they stand; of a fork, those of its past first."""
    for one, upto in lineage(log, stream):
        yield from log.read(stream=one, upto=upto, kind=kind)
