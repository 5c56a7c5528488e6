"""Reactions: a plugin's answer to a record, as the engine asks for it and a replay asks again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..events.episode import ReactionFailed
from ..events.kinds import spec_of
from ..events.record import Record
from .contain import a_persons, describe, gather
from .errors import BadArtifact, DuanjuError, NotReady
from .folds import Folds, is_episode, quoted_name
from .hooks import For
from .plugins import Hook
from .sound import named, sounds
from .turn import Turn
from .watchdog import Watchdog, door

__all__ = ["home_of", "react", "run_reaction"]


@lru_cache(maxsize=4096)
def home_of(home: str, stream: str) -> str:
    """The stream of an event that answers a record of `stream`. Raises DuanjuError where there is none."""
    kind, _, rest = stream.partition("/")
    if kind == "fork":
        return stream
    if home == "studio" or kind == home:
        return "studio" if home == "studio" else stream
    if home == "series" and kind == "episode":
        return f"series/{rest.split('/', 1)[0]}"
    raise DuanjuError(f"an event of an {home} cannot answer a record of {stream}")


def react(hook: Hook, record: Record, folds: Folds, watchdog: Watchdog) -> list[tuple[str, Any]]:
    """A reaction's whole answer to a record, on the fold up to it: each event with the stream it goes to.

    The engine and a replay both call this, so that they cannot differ. Raises whatever the reaction raises,
    BadAnswer for what is no answer, and Hung for a reaction that did not return.
    """
    given: dict[str, Any] = {"event": record.event, "record": record}
    of_series = _of_series(record)
    if "episode" in hook.wants and not of_series and is_episode(record.stream):
        given["episode"] = folds.episode(record.stream, record.position)
    if "series" in hook.wants and of_series:
        given["series"] = folds.series(record.stream, record.position)
    events = watchdog.run(_called, hook, {name: given.get(name) for name in hook.wants})
    plain = [one.event if type(one) is For else one for one in events]
    named(hook, plain)
    return [(_stream_of(one, record, folds), event) for one, event in zip(events, plain, strict=True)]


def _of_series(record: Record) -> bool:
    """Whether a record is its series'; in a fork that is what it says, since the fork keeps it."""
    if record.stream.startswith("fork/"):
        return spec_of(type(record.event)).home == "series"
    return record.stream.startswith("series/")


def _stream_of(one: Any, record: Record, folds: Folds) -> str:
    """Where an event of an answer goes. Raises DuanjuError where there is no such stream."""
    if type(one) is not For:
        return home_of(spec_of(type(one)).home, record.stream)
    home = spec_of(type(one.event)).home
    if home != "episode" or not _of_series(record):
        raise DuanjuError(
            f"For({one.episode!r}) is for an episode's event in answer to a series' event; this is an event "
            f"of {home} in answer to a record of {record.stream}"
        )
    series = folds.series(record.stream, record.position)
    open_ = {episode.name: episode.stream for episode in series.open_episodes}
    if one.episode not in open_:
        shown = ", ".join(sorted(open_)) or "none"
        raise DuanjuError(f"For({one.episode!r}) names no open episode of {series.name}; there are: {shown}")
    return open_[one.episode]


@door
def _called(hook: Hook, given: dict[str, Any]) -> list[Any]:
    events: list[Any] = []
    gather(hook.by, hook.function(**given), events)
    return events


def run_reaction(turn: Turn, hook: Hook, record: Record, attempt: int = 0) -> bool:
    """Appends a reaction's answer to a record; one that fails is answered by its failure and a hold.

    False when it failed.
    """
    codec, watchdog = turn.log.codec, turn.watchdog
    try:
        answer = react(hook, record, turn.folds, watchdog)
        homes = [home for home, _ in answer]
        given = watchdog.run(sounds, codec, hook.by, [event for _, event in answer])
    except BaseException as error:
        if a_persons(error):
            raise
        _failed(turn, hook, record, attempt, error)
        return False
    for index, ((event, encoded), home) in enumerate(zip(given, homes, strict=True)):
        turn.append(home, event, record, hook.by, attempt, index, encoded)
    return True


def _failed(turn: Turn, hook: Hook, record: Record, attempt: int, error: BaseException) -> None:
    what = turn.watchdog.run(describe, error)
    turn.append(record.stream, ReactionFailed(hook.plugin, hook.name, what), record, hook.by, attempt, 0)
    mend = error.next if isinstance(error, NotReady) else f"update or disable {hook.plugin}"
    if isinstance(error, BadArtifact):
        mend = "put the file back (from a backup of the studio)"
    if turn.stale(record):
        return  # the newer revision does not wait for what an older one's record would have brought
    streams = [record.stream]
    if record.stream.startswith("series/"):  # what a whole series waits for, each of its episodes waits for
        series = turn.folds.series(record.stream, record.position)
        streams = [episode.stream for episode in series.open_episodes]
    for stream in streams:
        turn.hold(
            stream,
            record,
            f"reaction:{hook.by}:{record.position}",
            f"{hook.by} failed on position {record.position}: {what}",
            f"{mend}, then run duanju resume {quoted_name(stream)}",
        )
