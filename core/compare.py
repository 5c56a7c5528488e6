"""Answers compared: what the log holds of one, what is said now, and in which fields the two differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

import orjson
from attrs import frozen

__all__ = ["Change", "Field", "Said", "changes", "fields"]

MOST_FIELDS = 50
"""How many differing fields of one event are told."""


@frozen
class Said:
    """One event of an answer, as it is stored: the stream it goes to, its kind, its body as JSON."""

    stream: str
    kind: str
    body: str

    def plain(self) -> Any:
        """Its body as plain data."""
        return orjson.loads(self.body)


@frozen
class Field:
    """One field that differs: its path (`lines.0.text`), and both values; None also where it is not there."""

    path: str
    old: Any
    new: Any


@frozen
class Change:
    """One event that differs between two answers.

    `what`: missing = only the old one has it, added = only the new one, changed = both, in these `fields`.
    `event` is the new one's body, or the old one's where it is missing.
    """

    what: Literal["missing", "added", "changed"]
    stream: str
    kind: str
    event: Any
    fields: tuple[Field, ...] = ()


def changes(old: Sequence[Said], new: Sequence[Said]) -> list[Change]:
    """What has to be taken from an answer and added to it to make it another, in order; empty = equal.

    Where events of one kind and stream stand in the same place they count as one that was changed.
    """
    found: list[Change] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            found.extend(_block(old[a:b], new[c:d]))
    return found


def _block(old: Sequence[Said], new: Sequence[Said]) -> Iterator[Change]:
    left = list(new)
    for one in old:
        other = next((n for n in left if (n.kind, n.stream) == (one.kind, one.stream)), None)
        if other is None:
            yield Change("missing", one.stream, one.kind, one.plain())
            continue
        left.remove(other)
        differing = tuple(fields(one.plain(), other.plain()))
        yield Change("changed", other.stream, other.kind, other.plain(), differing)
    for one in left:
        yield Change("added", one.stream, one.kind, one.plain())


def fields(old: Any, new: Any) -> list[Field]:
    """The fields in which two plain bodies differ, in the old one's order; MOST_FIELDS at most."""
    found: list[Field] = []
    stack: list[tuple[str, Any, Any]] = [("", old, new)]
    while stack and len(found) < MOST_FIELDS:
        path, one, other = stack.pop()
        if one == other and type(one) is type(other):
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            names = [*one, *(name for name in other if name not in one)]
            stack += [(_under(path, n), one.get(n), other.get(n)) for n in reversed(names)]
        elif isinstance(one, list) and isinstance(other, list):
            longest = range(max(len(one), len(other)))
            stack += [(_under(path, str(i)), _item(one, i), _item(other, i)) for i in reversed(longest)]
        else:
            found.append(Field(path, one, other))
    return found


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _item(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None
