"""Shapes of bodies, checked as strictly as a vendor does: nothing missing, nothing unknown, right types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["Anything", "Flag", "ListOf", "Number", "Obj", "OneOf", "Shape", "Text", "Whole", "misfits"]


@frozen
class Anything:
    """Any JSON value."""


@frozen
class Flag:
    """true or false."""


@frozen
class Text:
    """A text: of at most `most` characters, one of `among`, fitting `pattern` as a whole."""

    most: int = 1_000_000
    among: tuple[str, ...] = ()
    pattern: str = ""


@frozen
class Whole:
    """A whole number within bounds; 1.0 is none."""

    least: int = -(1 << 53)
    most: int = 1 << 53


@frozen
class Number:
    """A number within bounds."""

    least: float = -1e300
    most: float = 1e300


@frozen
class ListOf:
    """A list of so many values of one shape."""

    shape: Shape
    least: int = 0
    most: int = 100_000


@frozen
class OneOf:
    """Any of several shapes."""

    shapes: tuple[Shape, ...]


@frozen
class Obj:
    """An object with all of `required`, any of `optional`, and nothing else."""

    required: Mapping[str, Shape] = field(factory=dict)
    optional: Mapping[str, Shape] = field(factory=dict)


Shape = Anything | Flag | Text | Whole | Number | ListOf | OneOf | Obj


def misfits(value: Any, shape: Shape, path: str = "body") -> list[str]:
    """What does not fit, each with its path; empty = all fits."""
    if isinstance(shape, Anything):
        return []
    if isinstance(shape, OneOf):
        tried = [misfits(value, one, path) for one in shape.shapes]
        return [] if any(not one for one in tried) else min(tried, key=len, default=[f"{path}: nothing fits"])
    if isinstance(shape, Obj):
        return _object(value, shape, path)
    if isinstance(shape, ListOf):
        if not isinstance(value, list):
            return [f"{path}: must be a list"]
        if not shape.least <= len(value) <= shape.most:
            return [f"{path}: must have {shape.least} to {shape.most} elements, has {len(value)}"]
        return [bad for n, one in enumerate(value) for bad in misfits(one, shape.shape, f"{path}[{n}]")]
    return _plain(value, shape, path)


def _object(value: Any, shape: Obj, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: must be an object"]
    bad = [f"{path}.{name}: is required" for name in shape.required if name not in value]
    for name, one in value.items():
        wanted = shape.required.get(name) or shape.optional.get(name)
        if wanted is None:
            bad.append(f"{path}.{name}: unknown field")
        else:
            bad += misfits(one, wanted, f"{path}.{name}")
    return bad


def _plain(value: Any, shape: Flag | Text | Whole | Number, path: str) -> list[str]:
    if isinstance(shape, Flag):
        return [] if isinstance(value, bool) else [f"{path}: must be true or false"]
    if isinstance(shape, Text):
        if not isinstance(value, str):
            return [f"{path}: must be a text"]
        if len(value) > shape.most:
            return [f"{path}: longer than {shape.most} characters"]
        if shape.among and value not in shape.among:
            return [f"{path}: {value!r:.80} is none of {', '.join(shape.among)}"]
        if shape.pattern and not re.fullmatch(shape.pattern, value, re.DOTALL):
            return [f"{path}: {value!r:.80} does not fit {shape.pattern}"]
        return []
    kinds = (int,) if isinstance(shape, Whole) else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return [f"{path}: must be a {'whole ' if isinstance(shape, Whole) else ''}number"]
    if not shape.least <= value <= shape.most:
        return [f"{path}: must be {shape.least} to {shape.most}, is {value}"]
    return []
