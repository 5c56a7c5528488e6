"""`duanju history`: what happened, event by event, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .opening import open_studio, reading
from .options import EpisodeName, Json, StudioFolder
from .words import columns, line_of, pad, say, shown

if TYPE_CHECKING:
    from ..core.log import Log
    from ..events.record import Record

__all__ = ["history"]


def history(
    episode: EpisodeName,
    json: Json = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on as events come, until the episode is delivered.")
    ] = False,
    why: Annotated[
        int | None,
        typer.Option(metavar="POSITION", min=1, help="Explain one event: its causes, down to the first."),
    ] = None,
    studio: StudioFolder = None,
) -> None:
    """Show an episode's events: position, time, kind, subject, by whom, and the position of the cause.

    With --json one event a line. Needs no plugin.
    """
    place = open_studio(studio)
    with reading(place) as log:
        stream = place.resolve(log, episode)
        if why is not None:
            _explain(log, stream, why, json)
            return
        if follow:
            _follow(log, stream, json)
            return
        for record in log.read(stream=stream):
            _print(log, record, json)


def _print(log: Log, record: Record, json: bool) -> None:
    from ..core.why import subject_of

    if json:
        print(_line(record))
        return
    cause = "" if record.cause is None else f" < {record.cause}"
    say(
        f"{record.position:>6}  {record.at[:10]} {record.at[11:19]}  {pad(record.kind, 20)}"
        f"  {pad(shown(subject_of(log, record)), 22)}  {record.by}{cause}"
    )


def _line(record: Record) -> str:
    import orjson

    return line_of(
        {
            "position": record.position,
            "id": record.id,
            "stream": record.stream,
            "version": record.version,
            "kind": record.kind,
            "schema": record.schema,
            "at": record.at,
            "by": record.by,
            "cause": record.cause,
            "root": record.root,
            "digest": bytes(record.digest).hex(),
            "event": orjson.loads(record.body),
        }
    )


def _follow(log: Log, stream: str, json: bool) -> None:
    import sys

    from ..core.status import Progress
    from ..events.codec import BadBody

    progress = Progress()
    for record in log.follow(0, lambda: progress.delivered is not None):
        if record.stream != stream:
            continue
        _print(log, record, json)
        sys.stdout.flush()
        try:
            progress.add(record)
        except BadBody:
            continue  # it was printed; `duanju verify` names what is wrong with it


def _explain(log: Log, stream: str, position: int, json: bool) -> None:
    from ..core.errors import WrongUse
    from ..core.why import causes_of, in_words

    found = causes_of(log, position)
    if found[0].stream.startswith("episode/") and found[0].stream != stream:
        raise WrongUse(f"position {position} belongs to {found[0].stream}, not to {stream}")
    if json:
        for record in found:
            print(_line(record))
        return
    rows = [
        ["" if index == 0 else "because", record.position, in_words(log, record), f"({record.by})"]
        for index, record in enumerate(found)
    ]
    columns(rows, right=(1,))
