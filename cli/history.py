"""`duanju history`: what happened, event by event, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.words import columns, line_of, pad, say, shown
from .moment import show_moment
from .opening import open_studio, reading
from .options import EpisodeName, Json, StudioFolder

if TYPE_CHECKING:
    from ..core.log import Log
    from ..events.record import Record

__all__ = ["GraphForm", "history"]


class GraphForm(StrEnum):
    """What a graph of causes is written for."""

    mermaid = "mermaid"
    dot = "dot"


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
    at: Annotated[
        int | None,
        typer.Option(metavar="POSITION", min=1, help="Show the episode as it was then, with its money."),
    ] = None,
    graph: Annotated[
        GraphForm | None,
        typer.Option(help="Write the causes as a graph: of the episode, or with --why of one event."),
    ] = None,
    studio: StudioFolder = None,
) -> None:
    """Show an episode's events: position, time, kind, subject, by whom, and the position of the cause.

    With --json one event a line. Needs no plugin.
    """
    _refuse_both(follow, why, at, graph, json)
    from ..core.lineage import view

    place = open_studio(studio)
    with reading(place) as log:
        stream = place.resolve(log, episode)
        if at is not None:
            from ..core.moment import moment

            show_moment(moment(log, place.artifacts, stream, at), json)
            return
        if graph is not None:
            _draw(log, stream, why, graph)
            return
        if why is not None:
            _explain(log, stream, why, json)
            return
        if follow:
            _follow(log, stream, json)
            return
        for record in view(log, stream):
            _print(log, record, json)


def _refuse_both(follow: bool, why: int | None, at: int | None, graph: GraphForm | None, json: bool) -> None:
    """Raises WrongUse for options that ask for different things."""
    from ..core.errors import WrongUse

    asked = [
        name
        for name, given in (("--follow", follow), ("--why", why is not None), ("--at", at is not None))
        if given
    ]
    if len(asked) > 1 or (graph is not None and (asked not in ([], ["--why"]) or json)):
        names = [*asked, *(["--graph"] if graph is not None else []), *(["--json"] if json else [])]
        raise WrongUse(f"{' and '.join(names)} do not go together; see duanju history --help")


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

    from ..core.lineage import lineage
    from ..core.status import Progress
    from ..events.codec import BadBody

    progress = Progress()
    ends = dict(lineage(log, stream))
    for record in log.follow(0, lambda: progress.delivered is not None):
        if record.stream not in ends or record.position > (ends[record.stream] or record.position):
            continue
        _print(log, record, json)
        sys.stdout.flush()
        try:
            progress.add(record)
        except BadBody:
            continue  # it was printed; `duanju verify` names what is wrong with it


def _draw(log: Log, stream: str, why: int | None, form: GraphForm) -> None:
    from ..core.graph import graph, with_causes
    from ..core.lineage import view

    records = view(log, stream) if why is None else _chain(log, stream, why)
    for line in graph(log, with_causes(log, records), form.value):
        say(line)


def _chain(log: Log, stream: str, position: int) -> list[Record]:
    from ..core.errors import WrongUse
    from ..core.folds import is_episode
    from ..core.lineage import lineage
    from ..core.why import causes_of

    found = causes_of(log, position)
    if is_episode(found[0].stream) and found[0].stream not in {one for one, _ in lineage(log, stream)}:
        raise WrongUse(f"position {position} belongs to {found[0].stream}, not to {stream}")
    return found


def _explain(log: Log, stream: str, position: int, json: bool) -> None:
    from ..core.why import in_words

    found = _chain(log, stream, position)
    if json:
        for record in found:
            print(_line(record))
        return
    rows = [
        ["" if index == 0 else "because", record.position, in_words(log, record), f"({record.by})"]
        for index, record in enumerate(found)
    ]
    columns(rows, right=(1,))
