"""Values of every event class, made from its types alone: one fixed sample, and any by hypothesis."""

from __future__ import annotations

import types
import typing
from typing import Any

import attrs
from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
WHOLE = st.integers(-(2**53), 2**53)
REAL = st.floats(allow_nan=False, allow_infinity=False)


def hints(cls: type[Any]) -> dict[str, Any]:
    """Field name -> type."""
    found = typing.get_type_hints(cls)
    return {a.name: found[a.name] for a in attrs.fields(cls)}


def sample(note: Any, name: str = "", number: int = 1) -> Any:
    """A fixed value of a type, with nothing left at its default; texts are the names of their fields."""
    origin, parts = typing.get_origin(note), typing.get_args(note)
    if attrs.has(note):
        values = {key: sample(kind, key, n) for n, (key, kind) in enumerate(hints(note).items(), 1)}
        return note(**values)
    if origin in (typing.Union, types.UnionType):
        return sample(next(part for part in parts if part is not type(None)), name, number)
    if origin is tuple:
        if parts[-1] is Ellipsis:
            return (sample(parts[0], name, number),)
        return tuple(sample(part, name, number) for part in parts)
    if origin is dict:
        return {sample(parts[0], name, number): sample(parts[1], name, number)}
    simple: dict[Any, Any] = {str: f"<{name}>", int: number, float: number / 4, bool: True}
    return simple[note]


def anything(note: Any) -> st.SearchStrategy[Any]:
    """Any value of a type."""
    origin, parts = typing.get_origin(note), typing.get_args(note)
    if attrs.has(note):
        return st.builds(note, **{key: anything(kind) for key, kind in hints(note).items()})
    if origin in (typing.Union, types.UnionType):
        return st.one_of([st.none() if part is type(None) else anything(part) for part in parts])
    if origin is tuple:
        if parts[-1] is Ellipsis:
            return st.lists(anything(parts[0]), max_size=2).map(tuple)
        return st.tuples(*(anything(part) for part in parts))
    if origin is dict:
        return st.dictionaries(anything(parts[0]), anything(parts[1]), max_size=2)
    simple: dict[Any, st.SearchStrategy[Any]] = {str: TEXT, int: WHOLE, float: REAL, bool: st.booleans()}
    return simple[note]
