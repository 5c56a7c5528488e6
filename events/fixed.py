"""Values that nobody can change: dicts that refuse it, and the classes whose fields may stand in an event."""

from __future__ import annotations

import collections.abc
import typing
from collections.abc import Callable
from typing import Any, NoReturn

import attrs

__all__ = ["Changeable", "Fixed", "fixed", "fixer_of", "refuse_changeable"]

Fixer = Callable[[Any], None]
_FIXERS: dict[type[Any], Fixer | None] = {}
_set = object.__setattr__
_CHANGEABLE: dict[Any, str] = {
    list: "list",
    set: "set",
    frozenset: "frozenset",
    bytearray: "bytearray",
    collections.deque: "deque",
    collections.abc.Sequence: "Sequence",
    collections.abc.MutableSequence: "MutableSequence",
    collections.abc.Set: "Set",
    collections.abc.MutableSet: "MutableSet",
}
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


class Changeable(TypeError):
    """An event class whose events could be changed after they were appended; the message names the field."""


class Fixed(dict[Any, Any]):
    """A read-only dict: equal to a plain one, and written as one. `dict(it)` is a copy to change."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("what an event holds cannot be changed; make a copy with dict(...)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> Fixed:
        return self

    def __reduce__(self) -> tuple[type[Fixed], tuple[dict[Any, Any]]]:
        return Fixed, (dict(self),)


def fixed(value: Any) -> Any:
    """The same value with every dict read only and every list a tuple; attrs values are mended in place."""
    cls = value.__class__
    if cls is dict:
        return Fixed({key: fixed(one) for key, one in value.items()}) if value else _EMPTY
    if cls is list:
        return tuple([fixed(one) for one in value])
    if cls is tuple:
        made = tuple([fixed(one) for one in value])
        return made if any(a is not b for a, b in zip(made, value, strict=True)) else value
    if "__attrs_attrs__" in cls.__dict__:
        fixer = fixer_of(cls)
        if fixer is not None:
            fixer(value)
    return value


_EMPTY = Fixed()


def fixer_of(cls: type[Any]) -> Fixer | None:
    """What makes a fresh value of an attrs class read only in place; None where its fields cannot change."""
    try:
        return _FIXERS[cls]
    except KeyError:
        return _FIXERS.setdefault(cls, _fixer(cls))


def _fixer(cls: type[Any]) -> Fixer | None:
    names = tuple(name for name, hint in _hints(cls).items() if _loose(hint, frozenset((cls,))))
    if not names:
        return None

    def fixer(value: Any) -> None:
        for name in names:
            old = getattr(value, name)
            new = fixed(old)
            if new is not old:
                _set(value, name, new)

    return fixer


def _loose(hint: Any, seen: frozenset[type[Any]]) -> bool:
    """Whether a value of this type may hold a dict, or anything at all."""
    origin = typing.get_origin(hint)
    if origin is None:
        if hint in _MAPPINGS or hint in (Any, object, tuple) or isinstance(hint, typing.TypeVar):
            return True
        if attrs.has(hint) and hint not in seen:
            return any(_loose(one, seen | {hint}) for one in _hints(hint).values())
        return hint in seen
    if origin in _MAPPINGS:
        return True
    return origin is not typing.Literal and any(
        _loose(one, seen) for one in typing.get_args(hint) if one not in (Ellipsis, type(None))
    )


def refuse_changeable(cls: type[Any]) -> None:
    """Raises Changeable when events of `cls`, or values inside them, could be changed once made."""
    _check(cls, cls.__name__, set())


def _check(cls: type[Any], where: str, seen: set[type[Any]]) -> None:
    if cls in seen:
        return
    seen.add(cls)
    if not _frozen(cls):
        raise Changeable(f"{where}: {cls.__name__} is not frozen; decorate it with attrs.frozen")
    for name, hint in _hints(cls).items():
        _check_hint(hint, f"{where}.{name}", seen)


def _check_hint(hint: Any, where: str, seen: set[type[Any]]) -> None:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return
    kind = origin or hint
    if (name := _CHANGEABLE.get(kind) if isinstance(kind, collections.abc.Hashable) else None) is not None:
        raise Changeable(f"{where} is a {name}, which can be changed; declare it as a tuple")
    if attrs.has(kind):
        _check(kind, where, seen)
    for one in typing.get_args(hint):
        if not isinstance(one, str | int):
            _check_hint(one, where, seen)


def _hints(cls: type[Any]) -> dict[str, Any]:
    """The resolved types of the fields of an attrs class. Raises Changeable for a name that is not there."""
    fields = attrs.fields(cls)
    if all(_plain(a.type) for a in fields):
        return {}
    try:
        hints = typing.get_type_hints(cls, include_extras=False)
    except (NameError, TypeError) as error:
        raise Changeable(
            f"{cls.__name__}: {error} in the types of its fields; import it at run time"
        ) from None
    return {a.name: hints.get(a.name, Any) for a in fields}


_SCALARS = frozenset({"str", "int", "float", "bool", "int | None", "str | None", "tuple[str, ...]"})


def _plain(hint: Any) -> bool:
    """Whether a field's type, as it was written, cannot hold what can change; spares resolving its names."""
    return hint in _SCALARS if isinstance(hint, str) else hint in (str, int, float, bool)


def _frozen(cls: type[Any]) -> bool:
    if not attrs.has(cls) or issubclass(cls, dict):
        return False
    fields = attrs.fields(cls)
    if not fields:
        return True
    try:
        setattr(object.__new__(cls), fields[0].name, None)
    except attrs.exceptions.FrozenInstanceError:
        return True
    except (AttributeError, TypeError, ValueError):
        return False
    return False
