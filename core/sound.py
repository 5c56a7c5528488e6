"""Whether what a plugin emitted can stand in the log: it must read back as what it was, and be no flood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ..events.episode import JOINS
from .contain import MOST_ANSWER, MOST_BODY, BadAnswer, a_persons, clean, describe
from .watchdog import Hung, door

if TYPE_CHECKING:
    from ..events.codec import Codec
    from .plugin import Hook

__all__ = ["Sound", "must_be_bounded", "named", "sound", "sounds", "told_sound"]

_PARTS = frozenset({"part_opened", "part_closed", "part_failed"})

Sound = tuple[Any, tuple[str, int, str]]
"""An event that reads back from the log as it stands here, and what the codec made of it."""


def named(hook: Hook, events: Iterable[Any]) -> None:
    """Raises BadAnswer for an event of a class that the hook's return annotation does not name."""
    for event in events:
        if type(event) not in hook.emits:
            name = type(event).__name__[:80]
            raise BadAnswer(f"{hook.by} emitted {name}, which its return annotation does not name")


@door
def sounds(codec: Codec, by: str, events: Iterable[Any]) -> list[Sound]:
    """The events of an answer of `by` as they will stand in the log.

    Raises BadAnswer for more than MOST_ANSWER characters in all, and for an event that is not `sound`.
    """
    found: list[Sound] = []
    total = 0
    for event in events:
        one = told_sound(codec, by, event)
        total += len(one[1][2])
        if total > MOST_ANSWER:
            must_be_bounded(by, total)
        found.append(one)
    return found


def must_be_bounded(by: str, characters: int) -> None:
    """Raises BadAnswer when the events of an answer have more than MOST_ANSWER characters together."""
    if characters > MOST_ANSWER:
        raise BadAnswer(
            f"{by} answered with more than {MOST_ANSWER >> 20} Mi characters; "
            "put what is large into an artifact"
        )


@door
def told_sound(codec: Codec, by: str, event: Any) -> Sound:
    """Like `sound`, but whatever is wrong with the event is a BadAnswer that names its author and class."""
    try:
        return sound(codec, event)
    except BaseException as error:
        if isinstance(error, Hung) or a_persons(error):
            raise
        name = type(event).__name__[:80]
        said = str(error) if isinstance(error, BadAnswer) else f"{name}: {describe(error)}"
        raise BadAnswer(f"{by} emitted what cannot be recorded: {said}") from error


@door
def sound(codec: Codec, event: Any) -> Sound:
    """The event as it reads back from its body: what stands in memory must be what stands in the log.

    Always the one read back, never the plugin's own, of which it may have kept a part to change later.
    Raises BadAnswer, TypeError or BadBody for one that cannot be written, or reads as another.
    """
    if type(event) is not event.__class__:
        raise BadAnswer(f"a {type(event).__name__[:80]} that claims to be another class")
    encoded = kind, schema, body = codec.encode(event)
    if kind in _PARTS and event.join not in JOINS:
        raise BadAnswer(f"{kind} names the join {event.join!r}; there are: {', '.join(JOINS)}")
    if len(body) > MOST_BODY:
        raise BadAnswer(
            f"{kind} of {len(body)} characters, more than {MOST_BODY}; put what is large into an artifact"
        )
    back = codec.decode(kind, schema, body)
    if back != event:
        other = _other(event, back, kind)
        if other:
            raise BadAnswer(other)
        if codec.encode(back)[2] != body:
            raise BadAnswer(f"{kind} does not read back as it was written: {clean(body[:300])}")
    return back, encoded


def _other(given: Any, back: Any, where: str) -> str:
    """Where a value reads back as another one, and how; "" where it is the same (a list may be a tuple)."""
    if attrs.has(type(back)) and type(given) is type(back):
        for name in (a.name for a in attrs.fields(type(back))):
            found = _other(getattr(given, name), getattr(back, name), f"{where}.{name}")
            if found:
                return found
        return ""
    if isinstance(back, tuple) and isinstance(given, list | tuple) and len(given) == len(back):
        pairs = zip(given, back, strict=True)
        return next((f for n, (a, b) in enumerate(pairs) if (f := _other(a, b, f"{where}[{n}]"))), "")
    if isinstance(back, Mapping) and isinstance(given, Mapping) and list(given) == list(back):
        return next((f for key in back if (f := _other(given[key], back[key], f"{where}[{key!r}]"))), "")
    if given is back or given == back:
        return ""
    return f"{where} is {_shown(given)} and would read back as {_shown(back)}"


def _shown(value: Any) -> str:
    """A value in a message, bounded; of what may be large only its type."""
    if value is None or isinstance(value, bool | int | float):
        return repr(value)[:80]
    return f"a {type(value).__name__[:80]}" if not isinstance(value, str) else clean(repr(value[:60]))
