"""How events are written down and read back: cattrs per kind, schema numbers, and upcasters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from cattrs.errors import BaseValidationError
from cattrs.preconf.orjson import OrjsonConverter, make_converter

from .kinds import EventSpec, spec_of
from .record import Unknown

__all__ = ["BadBody", "Codec", "KindTaken", "upcast"]

Body = dict[str, Any]
Upcaster = Callable[[Body], Body]


class BadBody(ValueError):
    """A stored body that is no JSON or does not fit its kind; the message names position and field."""


class KindTaken(ValueError):
    """Two event classes claim one kind."""


_UPCASTERS: dict[tuple[str, int], Upcaster] = {}


def upcast(kind: str, schema: int) -> Callable[[Upcaster], Upcaster]:
    """Registers a pure function that lifts a body of `kind` from `schema` to `schema + 1`."""

    def keep(function: Upcaster) -> Upcaster:
        if (kind, schema) in _UPCASTERS:
            raise KindTaken(f"{kind} schema {schema} has an upcaster already")
        _UPCASTERS[kind, schema] = function
        return function

    return keep


class Codec:
    """The vocabulary in force: which class each kind is, and how its bodies are read and written."""

    def __init__(self, classes: Iterable[type[Any]] = ()) -> None:
        self._classes: dict[str, type[Any]] = {}
        self._writers: dict[type[Any], Callable[[Any], Any]] = {}
        self._readers: dict[str, Callable[[Body, Any], Any]] = {}
        self._specs: dict[type[Any], EventSpec] = {}
        self._fast: OrjsonConverter | None = None
        for cls in classes:
            self.add(cls)

    def add(self, cls: type[Any]) -> None:
        """Takes an event class in. Raises KindTaken when another class has its kind."""
        spec = spec_of(cls)
        known = self._classes.setdefault(spec.kind, cls)
        if known is not cls:
            raise KindTaken(
                f"the kind {spec.kind!r} of {cls.__module__}.{cls.__qualname__} is taken by "
                f"{known.__module__}.{known.__qualname__}; rename the class"
            )
        self._specs[cls] = spec

    def spec(self, cls: type[Any]) -> EventSpec:
        """The specification of a class that this codec knows. Raises KeyError otherwise."""
        return self._specs[cls]

    def classes(self) -> list[type[Any]]:
        """All event classes, sorted by kind."""
        return [self._classes[kind] for kind in sorted(self._classes)]

    def class_of(self, kind: str) -> type[Any] | None:
        """The class of a stored kind, or None where nobody declares it."""
        return self._classes.get(kind)

    def encode(self, event: Any) -> tuple[str, int, str]:
        """(kind, schema, body) as they are stored. Raises TypeError for what is no known event."""
        cls = event.__class__
        writer = self._writers.get(cls)
        if writer is None:
            if cls not in self._specs:
                raise TypeError(f"{cls.__name__} is no event of this log; declare it in duanju_events()")
            writer = self._writers[cls] = self._converter().get_unstructure_hook(cls)
        spec = self._specs[cls]
        return spec.kind, spec.schema, orjson.dumps(writer(event)).decode()

    def plain(self, event: Any) -> Body:
        """The event as plain data, as it would stand in its body."""
        writer = self._writers.get(event.__class__)
        plain: Body = self._converter().unstructure(event) if writer is None else writer(event)
        return plain

    def decode(self, kind: str, schema: int, body: str, position: int = 0) -> Any:
        """The typed event of a stored body, or `Unknown`. Raises BadBody."""
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadBody(f"the body at position {position} ({kind}) is no JSON: {error}") from None
        cls = self._classes.get(kind)
        if cls is None:
            return Unknown(kind, data)
        newest = self._specs[cls].schema
        if schema > newest:
            raise BadBody(
                f"the body at position {position} has schema {schema} of {kind}, newer than the {newest} "
                f"known here; update duanju or the plugin that declares {kind}"
            )
        for number in range(schema, newest):
            step = _UPCASTERS.get((kind, number))
            if step is None:
                raise BadBody(f"position {position}: {kind} has no upcaster from schema {number}")
            data = step(data)
        reader = self._readers.get(kind)
        if reader is None:
            reader = self._readers[kind] = self._converter().get_structure_hook(cls)
        try:
            return reader(data, cls)
        except (BaseValidationError, ValueError, TypeError, KeyError, AttributeError):
            raise BadBody(f"the body at position {position} does not fit {kind}: {_why(data, cls)}") from None

    def structure(self, data: Any, cls: type[Any]) -> Any:
        """Plain data -> a value of `cls`. Raises BadBody with the path of what does not fit."""
        try:
            return self._converter().structure(data, cls)
        except (BaseValidationError, ValueError, TypeError, KeyError, AttributeError):
            raise BadBody(_why(data, cls)) from None

    def _converter(self) -> OrjsonConverter:
        if self._fast is None:
            self._fast = make_converter(detailed_validation=False, omit_if_default=False)
        return self._fast


def _why(data: Any, cls: type[Any]) -> str:
    """Reads once more with full validation, to name the field; slow, used only on failure."""
    from cattrs import transform_error

    try:
        make_converter(detailed_validation=True).structure(data, cls)
    except BaseValidationError as error:
        return "; ".join(str(line) for line in transform_error(error)[:5])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return "a value of the wrong type"
