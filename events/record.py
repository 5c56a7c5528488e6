"""The envelope: an event as it is stored, with its place in the log and its cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Record", "Unknown"]


class Unknown:
    """A stored event of a kind that no installed plugin declares: readable, never answered."""

    __slots__ = ("body", "kind")

    def __init__(self, kind: str, body: dict[str, Any]) -> None:
        self.kind = kind
        self.body = body

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and (self.kind, self.body) == (other.kind, other.body)

    def __hash__(self) -> int:
        return hash(self.kind)

    def __repr__(self) -> str:
        return f"Unknown({self.kind!r}, {self.body!r})"


class Decoder(Protocol):
    """What a record needs to read its body: the codec."""

    def decode(self, kind: str, schema: int, body: str, position: int) -> Any:
        """The typed event of a stored body."""
        ...


class Record:
    """An event and its envelope. The body is decoded when first looked at, since most are not."""

    __slots__ = (
        "_codec",
        "_event",
        "at",
        "body",
        "by",
        "cause",
        "digest",
        "id",
        "kind",
        "position",
        "root",
        "schema",
        "stream",
        "version",
    )

    def __init__(self, row: Sequence[Any], codec: Decoder, event: Any = None) -> None:
        """`row` = the twelve stored columns in the order of the table."""
        self.position: int
        self.id: str
        self.stream: str
        self.version: int
        self.kind: str
        self.schema: int
        self.body: str
        self.cause: int | None
        self.root: int | None
        self.by: str
        self.at: str
        self.digest: bytes
        (
            self.position,
            self.id,
            self.stream,
            self.version,
            self.kind,
            self.schema,
            self.body,
            self.cause,
            self.root,
            self.by,
            self.at,
            self.digest,
        ) = row
        self._codec = codec
        self._event = event

    @property
    def event(self) -> Any:
        """The typed event, or `Unknown`. Raises BadBody with the position when the body does not fit."""
        found = self._event
        if found is None:
            found = self._event = self._codec.decode(self.kind, self.schema, self.body, self.position)
        return found

    def __repr__(self) -> str:
        return f"<Record {self.position} {self.stream} {self.kind}>"
