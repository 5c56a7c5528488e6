"""What a plugin imports: the marks for reactions and effects, and the rules that read them."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any, Generic, Literal, TypeVar

import pluggy
from attrs import evolve, frozen

from ..events.kinds import EventSpec
from .errors import BadPlugin

__all__ = ["SELF", "EffectSpec", "For", "effect", "effect_of", "emits_of", "hookimpl", "hookspec"]

PROJECT = "duanju"
PROCESS_LANES = frozenset({"draw", "encode", "measure"})
"""The lanes that run in processes of our own."""
hookimpl = pluggy.HookimplMarker(PROJECT)
hookspec = pluggy.HookspecMarker(PROJECT)

SELF = "<self>"
"""As `provider=SELF`: the name under which the provider instance is registered.

In `lane=SELF` or `lane=SELF + "-image"` as well, so that every instance has lanes of its own.
"""

F = TypeVar("F", bound=Callable[..., Any])
E = TypeVar("E")
_MARK = "__duanju_effect__"


@frozen
class For(Generic[E]):
    """In a reaction's answer to a series' event: `event` goes to the open episode of that name.

    Annotated as `Iterator[For[ImageRequested]]`. `series.open_episodes` says which episodes are open.
    """

    episode: str
    event: E


@frozen
class EffectSpec:
    """How an effect runs.

    `lane` names the pool. `provider` is the instance that a route must name. `doubt`: "repeat" runs again
    after a crash, up to `attempts` times; "hold" (whatever costs money) never does by itself. `reuse`: an
    event equal in everything but its address is answered from the log. `while_held`: runs also while the
    episode is held. `deadline_s`: after so many seconds the run is given up.
    """

    lane: str
    provider: str | None = None
    doubt: Literal["repeat", "hold"] = "repeat"
    reuse: bool = False
    while_held: bool = False
    attempts: int = 3
    deadline_s: float = 600.0


def effect(
    *,
    lane: str,
    provider: str | None = None,
    doubt: Literal["repeat", "hold"] = "repeat",
    reuse: bool = False,
    while_held: bool = False,
    attempts: int = 3,
    deadline_s: float = 600.0,
) -> Callable[[F], F]:
    """Marks a hook implementation as an effect: it touches the world, and a replay never runs it."""
    spec = EffectSpec(lane, provider, doubt, reuse, while_held, attempts, deadline_s)

    def mark(function: F) -> F:
        setattr(getattr(function, "__func__", function), _MARK, spec)
        return function

    return mark


def effect_of(function: Callable[..., Any], instance: str) -> EffectSpec | None:
    """The effect's specification with SELF, also in its lane, replaced by the instance's name.

    None for a reaction.
    """
    spec: EffectSpec | None = getattr(function, _MARK, None)
    if spec is not None and spec.provider == SELF:
        spec = evolve(spec, provider=instance, lane=spec.lane.replace(SELF, instance))
    return spec


def emits_of(function: Callable[..., Any]) -> frozenset[type[Any]]:
    """The event classes that the return annotation names; empty where there is none.

    Only the return annotation is evaluated. Raises BadPlugin when a name in it does not resolve or is no
    event class.
    """
    inner = inspect.unwrap(getattr(function, "__func__", function))
    note = getattr(inner, "__annotations__", {}).get("return")
    if isinstance(note, str):
        try:
            note = eval(note, getattr(inner, "__globals__", {}))
        except NameError as error:
            raise BadPlugin(
                f"{inner.__module__}.{inner.__qualname__}: {error} in its return annotation; "
                "import the event class at run time, not under TYPE_CHECKING"
            ) from None
    found: set[type[Any]] = set()
    _collect(note, found, f"{inner.__module__}.{inner.__qualname__}")
    return frozenset(found)


_CONTAINERS = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.Sequence,
    list,
    tuple,
)


def _collect(note: Any, found: set[type[Any]], where: str) -> None:
    if note is None or note is type(None) or note is Ellipsis:
        return
    origin = typing.get_origin(note)
    if origin in (types.UnionType, typing.Union):
        for part in typing.get_args(note):
            _collect(part, found, where)
    elif origin is collections.abc.Generator:
        _collect(typing.get_args(note)[0], found, where)
    elif origin in _CONTAINERS or origin is For:
        for part in typing.get_args(note):
            _collect(part, found, where)
    elif isinstance(note, type) and isinstance(vars(note).get("__event__"), EventSpec):
        found.add(note)
    else:
        raise BadPlugin(f"{where}: its return annotation names {note!r}, which is no event class")
