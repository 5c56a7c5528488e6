"""How a class becomes an event: its kind, where it is filed, and which of its fields are its address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from attrs import frozen

__all__ = ["EventSpec", "event", "kind_of", "spec_of"]

Home = Literal["episode", "series", "studio"]
C = TypeVar("C", bound=type)


@frozen
class EventSpec:
    """What the log must know about one event class.

    `home` says which stream it belongs to. `once` names the fields whose values may stand only once in a
    log. `subject` names the fields that say what the fact is about; together with `revision` and `take`
    they find the newest fact. `address` names the fields that say for whom a fact holds rather than what
    it says: they stay out of reuse keys and are written anew when an outcome is reused. `positions` names
    fields that hold log positions, which two runs of one episode do not share. `request` and `outcome`
    name the capability that the event asks for or answers.
    """

    kind: str
    home: Home
    schema: int
    once: tuple[str, ...]
    subject: tuple[str, ...]
    address: tuple[str, ...]
    positions: tuple[str, ...]
    request: str | None
    outcome: str | None


def kind_of(name: str) -> str:
    """`ShotPlanned` -> `shot_planned`: the stored name of a class, never its import path."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def event(
    *,
    home: Home,
    schema: int = 1,
    once: tuple[str, ...] = (),
    subject: tuple[str, ...] = (),
    address: tuple[str, ...] = (),
    positions: tuple[str, ...] = (),
    request: str | None = None,
    outcome: str | None = None,
) -> Callable[[C], C]:
    """Marks a frozen attrs class as an event. Raises TypeError when a named field does not exist."""

    def mark(cls: C) -> C:
        fields = {a.name for a in getattr(cls, "__attrs_attrs__", ())}
        for name in (*once, *subject, *address, *positions):
            if name not in fields:
                raise TypeError(f"{cls.__name__} has no field {name!r}; put @event above @frozen")
        spec = EventSpec(
            kind_of(cls.__name__), home, schema, once, subject, address, positions, request, outcome
        )
        type.__setattr__(cls, "__event__", spec)
        return cls

    return mark


def spec_of(cls: type[Any]) -> EventSpec:
    """The specification of an event class. Raises TypeError for any other class."""
    spec = cls.__dict__.get("__event__")
    if not isinstance(spec, EventSpec):
        raise TypeError(f"{cls.__name__} is no event class; decorate it with duanju.events.kinds.event")
    return spec
