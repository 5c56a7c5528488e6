"""The envelope: an event as it is stored, with its place in the log and its cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, Protocol, Self

__all__ = ["Record", "Unknown"]


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    raise AttributeError(f"a {type(self).__name__} cannot be changed: {name}")


class Unknown:
    """A stored event of a kind that no installed plugin declares: readable, never answered."""

    __slots__ = ("body", "kind")

    kind: str
    body: dict[str, Any]

    def __init__(self, kind: str, body: dict[str, Any]) -> None:
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "body", body)

    __setattr__ = __delattr__ = _refuse

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


class _Row:
    """A record while it is filled: it has no `__setattr__` of its own, which would cost each field dearly."""

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

    position: int
    id: str
    stream: str
    version: int
    kind: str
    schema: int
    body: str
    cause: int | None
    root: int | None
    by: str
    at: str
    digest: bytes
    _codec: Decoder
    _event: Any


class Record(_Row):
    """An event and its envelope, which nobody can change, since all hooks and folds share it.

    The body is decoded when first looked at, since most are not.
    """

    __slots__ = ()

    def __new__(cls, row: Sequence[Any], codec: Decoder, event: Any = None) -> Self:
        """`row` = the twelve stored columns in the order of the table."""
        self: Any = _new(_Row)
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
        self.__class__ = cls
        made: Self = self
        return made

    __setattr__ = __delattr__ = _refuse

    @property
    def event(self) -> Any:
        """The typed event, or `Unknown`. Raises BadBody with the position when the body does not fit."""
        found = self._event
        if found is None:
            found = self._codec.decode(self.kind, self.schema, self.body, self.position)
            _set_event(self, found)
        return found

    @property
    def codec(self) -> Decoder:
        """What reads its body."""
        return self._codec

    @property
    def known(self) -> Any:
        """Its event if it was looked at before, else None."""
        return self._event

    def __repr__(self) -> str:
        return f"<Record {self.position} {self.stream} {self.kind}>"


_new = object.__new__
_set_event = vars(_Row)["_event"].__set__
