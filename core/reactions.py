"""Reactions: a plugin's answer to a record, as the engine asks for it and a replay asks again."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Any

from ..events.codec import Codec
from ..events.episode import ReactionFailed
from ..events.record import Record
from .errors import DuanjuError
from .folds import Folds, quoted_name
from .plugins import Hook
from .turn import Encoded, Turn
from .worker import MOST_EVENTS, describe

__all__ = ["Sound", "home_of", "react", "run_reaction", "sound"]

Sound = tuple[Any, Encoded]
"""An event that reads back from the log as it stands here, and what the codec made of it."""


@lru_cache(maxsize=4096)
def home_of(home: str, stream: str) -> str:
    """The stream of an event that answers a record of `stream`. Raises DuanjuError where there is none."""
    kind, _, rest = stream.partition("/")
    if home == "studio" or kind == home or kind == "fork":
        return "studio" if home == "studio" else stream
    if home == "series" and kind == "episode":
        return f"series/{rest.split('/', 1)[0]}"
    raise DuanjuError(f"an event of an {home} cannot answer a record of {stream}")


def react(hook: Hook, record: Record, folds: Folds) -> list[Any]:
    """A reaction's whole answer to a record, on the fold up to it. Raises what it raises, and DuanjuError.

    The engine and a replay both call this, so that they cannot differ.
    """
    given: dict[str, Any] = {"event": record.event, "record": record}
    if "episode" in hook.wants and record.stream.startswith("episode/"):
        given["episode"] = folds.episode(record.stream, record.position)
    if "series" in hook.wants and record.stream.startswith("series/"):
        given["series"] = folds.series(record.stream, record.position)
    answer = hook.function(**{name: given.get(name) for name in hook.wants})
    events = list(islice(answer or (), MOST_EVENTS + 1))
    if len(events) > MOST_EVENTS:
        raise DuanjuError(f"{hook.by} answered with more than {MOST_EVENTS} events")
    for event in events:
        if event.__class__ not in hook.emits:
            raise DuanjuError(
                f"{hook.by} emitted {type(event).__name__}, which its return annotation does not name"
            )
    return events


def sound(codec: Codec, event: Any) -> Sound:
    """The event as it reads back from its body: what stands in memory must be what stands in the log.

    Raises DuanjuError, TypeError or BadBody for one that cannot be written or reads as another.
    """
    encoded = kind, schema, body = codec.encode(event)
    back = codec.decode(kind, schema, body)
    if back == event:
        return event, encoded
    if codec.encode(back)[2] != body:
        raise DuanjuError(f"{kind} does not read back as it was written: {body[:300]}")
    return back, encoded


def run_reaction(turn: Turn, hook: Hook, record: Record, attempt: int = 0) -> None:
    """Appends a reaction's answer to a record; one that fails is answered by its failure and a hold."""
    codec = turn.log.codec
    stream = record.stream
    try:
        answer = [sound(codec, event) for event in react(hook, record, turn.folds)]
        homes = [home_of(codec.spec(event.__class__).home, stream) for event, _ in answer]
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin may raise anything; recorded and held
        what = describe(error)
        turn.append(stream, ReactionFailed(hook.plugin, hook.name, what), record, hook.by, attempt, 0)
        turn.hold(
            stream,
            record,
            f"reaction:{hook.by}:{record.position}",
            f"{hook.by} failed on position {record.position}: {what}",
            f"update or disable {hook.plugin}, then run duanju resume {quoted_name(stream)}",
        )
        return
    for index, ((event, encoded), home) in enumerate(zip(answer, homes, strict=True)):
        turn.append(home, event, record, hook.by, attempt, index, encoded)
