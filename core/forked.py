"""The index of a fork: what it sees of its source is its own past, and its series ends where it began."""

from __future__ import annotations

from ..events.codec import Codec
from ..events.record import Record
from .episode import Index

__all__ = ["ForkedIndex", "moved"]


def moved(record: Record, stream: str) -> Record:
    """A record of a fork's past as the fork sees it: in its own stream, at its own position."""
    row = (
        record.position,
        record.id,
        stream,
        record.version,
        record.kind,
        record.schema,
        record.body,
        record.cause,
        record.root,
        record.by,
        record.at,
        record.digest,
    )
    return Record(row, record.codec, record.known)


class ForkedIndex(Index):
    """A fork's records, those of its source up to its point first.

    All of them stand in the fork's stream, so that whoever answers one answers in the fork. What is its
    series' (the cast) goes into `shared`, and stays in the fork.
    """

    __slots__ = ()

    def __init__(self, stream: str, codec: Codec, forked: Record, source: Index, shared: Index) -> None:
        """`forked` is its first record; `source` and `shared` what its source sees, all of it."""
        super().__init__(stream, codec)
        at: int = forked.event.at
        series = self.shared = Index(f"series/{forked.event.series}", codec)
        for record in source.records[: source.count(at)]:
            super().add(moved(record, stream))
        for record in shared.records[: shared.count(at)]:
            series.add(moved(record, stream))
        self.forked = forked

    def add(self, record: Record) -> None:
        """Takes the next record of the stream in."""
        cls = self._codec.class_of(record.kind)
        if self.shared is not None and cls is not None and self._codec.spec(cls).home == "series":
            self.shared.add(record)
            self.last = record.position
        else:
            super().add(record)

    def at(self, position: int) -> Record | None:
        """The record at a position, its series' among them."""
        found = super().at(position)
        return self.shared.at(position) if found is None and self.shared is not None else found
