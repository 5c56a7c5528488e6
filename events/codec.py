"""How events are written down and read back: orjson writes, msgspec reads and checks, upcasters lift."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs
import msgspec
import orjson

from .fixed import fixed, fixer_of, refuse_changeable
from .kinds import EventSpec, spec_of
from .record import Unknown

__all__ = ["BadBody", "Codec", "KindTaken", "fields_of", "upcast"]

Body = dict[str, Any]
Upcaster = Callable[[Body], Body]
_OURS = __name__.rpartition(".")[0] + "."


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


_WRITERS: dict[type[Any], Callable[[Any], Body]] = {}


def _writer(cls: type[Any]) -> Callable[[Any], Body]:
    made = _WRITERS.get(cls)
    if made is None:
        # Written out like attrs' own methods: a loop over the names would take twice as long.
        names = [a.name for a in attrs.fields(cls)]
        made = _WRITERS[cls] = eval(f"lambda e: {{{', '.join(f'{n!r}: e.{n}' for n in names)}}}")
    return made


def fields_of(value: Any) -> Body:
    """The fields of an attrs value, one level deep; orjson asks it for whatever it cannot write itself.

    Raises TypeError for what is no attrs value.
    """
    cls = value.__class__
    if "__attrs_attrs__" not in cls.__dict__:
        raise TypeError(f"a {cls.__name__} cannot be written into an event")
    return _writer(cls)(value)


class _Reader:
    """How the bodies of one kind in its newest schema become events."""

    __slots__ = ("cls", "fix", "read", "schema")

    def __init__(self, cls: type[Any], schema: int) -> None:
        self.cls = cls
        self.schema = schema
        self.read: Callable[[str], Any] = msgspec.json.Decoder(cls).decode
        self.fix = fixer_of(cls)


class Codec:
    """The vocabulary in force: which class each kind is, and how its bodies are read and written."""

    def __init__(self, classes: Iterable[type[Any]] = ()) -> None:
        self._classes: dict[str, type[Any]] = {}
        self._writers: dict[type[Any], tuple[str, int, Callable[[Any], Body]]] = {}
        self._readers: dict[str, _Reader] = {}
        self._specs: dict[type[Any], EventSpec] = {}
        for cls in classes:
            self.add(cls)

    def add(self, cls: type[Any]) -> None:
        """Takes an event class in.

        Raises KindTaken when another class has its kind, and Changeable when its events could be changed.
        """
        spec = spec_of(cls)
        known = self._classes.get(spec.kind, cls)
        if known is not cls:
            raise KindTaken(
                f"the kind {spec.kind!r} of {cls.__module__}.{cls.__qualname__} is taken by "
                f"{known.__module__}.{known.__qualname__}; rename the class"
            )
        if not cls.__module__.startswith(_OURS):  # a test looks at our own, a start need not
            refuse_changeable(cls)
        self._classes[spec.kind] = cls
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
        known = self._writers.get(event.__class__)
        if known is None:
            known = self._write(event.__class__)
        kind, schema, writer = known
        return kind, schema, orjson.dumps(writer(event), fields_of).decode()

    def plain(self, event: Any) -> Body:
        """The event as plain data, as it stands in its body."""
        plain: Body = orjson.loads(orjson.dumps(event, fields_of))
        return plain

    def decode(self, kind: str, schema: int, body: str, position: int = 0) -> Any:
        """The typed event of a stored body, or `Unknown`. Nobody can change it. Raises BadBody."""
        reader = self._readers.get(kind)
        if reader is None or schema != reader.schema:
            return self._decode_rare(kind, schema, body, position)
        try:
            event = reader.read(body)
        except (ValueError, TypeError, RecursionError) as error:
            raise _bad(kind, body, position, error) from None
        if reader.fix is not None:
            reader.fix(event)
        return event

    def structure(self, data: Any, cls: type[Any]) -> Any:
        """Plain data -> a value of `cls`. Raises BadBody with the path of what does not fit."""
        try:
            value = msgspec.convert(data, cls)
        except (ValueError, TypeError, RecursionError) as error:
            raise BadBody(_why(error)) from None
        fixer = fixer_of(cls)
        if fixer is not None:
            fixer(value)
        return value

    def _write(self, cls: type[Any]) -> tuple[str, int, Callable[[Any], Body]]:
        spec = self._specs.get(cls)
        if spec is None:
            raise TypeError(f"{cls.__name__} is no event of this log; declare it in duanju_events()")
        known = self._writers[cls] = spec.kind, spec.schema, _writer(cls)
        return known

    def _decode_rare(self, kind: str, schema: int, body: str, position: int) -> Any:
        """A kind's first body, an old one, or one of a kind that nobody declares."""
        cls = self._classes.get(kind)
        if cls is None:
            return Unknown(kind, fixed(_loads(kind, body, position)))
        reader = self._readers.get(kind)
        if reader is None:
            reader = self._readers[kind] = _Reader(cls, self._specs[cls].schema)
        newest = reader.schema
        if schema == newest:
            return self.decode(kind, schema, body, position)
        if schema > newest:
            raise BadBody(
                f"the body at position {position} has schema {schema} of {kind}, newer than the {newest} "
                f"known here; update duanju or the plugin that declares {kind}"
            )
        data = _loads(kind, body, position)
        if not isinstance(data, dict):
            raise BadBody(f"the body at position {position} does not fit {kind}: it is no object")
        for number in range(schema, newest):
            step = _UPCASTERS.get((kind, number))
            if step is None:
                raise BadBody(f"position {position}: {kind} has no upcaster from schema {number}")
            try:
                data = step(data)
            except Exception as error:  # noqa: BLE001  a hostile body may lack whatever an upcaster looks for
                raise BadBody(
                    f"the body at position {position} does not fit schema {number} of {kind}: "
                    f"{type(error).__name__}: {error}"
                ) from None
        try:
            return self.structure(data, cls)
        except BadBody as error:
            raise BadBody(f"the body at position {position} does not fit {kind}: {error}") from None


def _loads(kind: str, body: str, position: int) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadBody(f"the body at position {position} ({kind}) is no JSON: {error}") from None


def _bad(kind: str, body: str, position: int, error: Exception) -> BadBody:
    try:
        _loads(kind, body, position)
    except BadBody as unreadable:
        return unreadable
    return BadBody(f"the body at position {position} does not fit {kind}: {_why(error)}")


def _why(error: Exception) -> str:
    """What msgspec says of a value, as people read it: the path of a field without its `$.`."""
    return str(error).replace("`$.", "`").replace("`$`", "`the whole`")
