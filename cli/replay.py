"""`duanju replay`: folds episodes from zero, and asks every decision again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.words import document, say, warn
from .differing import change_json, change_lines
from .opening import name_of, open_studio, reading
from .options import Json, StudioFolder
from .telling import Telling

if TYPE_CHECKING:
    from ..core.errors import Diverged
    from ..core.replay import Replayed

__all__ = ["replay"]


def replay(
    episode: Annotated[
        str | None, typer.Argument(metavar="[EPISODE]", help="NAME or SERIES/NAME, or the name of a fork.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Replay every episode and every fork of the log.")
    ] = False,
    to: Annotated[
        int | None, typer.Option(metavar="POSITION", min=1, help="Replay up to this position only.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit 1 also for answers that a plugin says it has changed since."),
    ] = False,
    with_: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="PLUGIN",
            help="What if this plugin had been there: FILE.py, NAME=FILE.py, or an installed plugin's name.",
        ),
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Check that the log explains the film: every decision is taken again, and must come out the same.

    Calls no model, renders nothing, writes nothing, costs nothing. With --with it tells which decisions
    another plugin would change, and what the difference would have cost.
    """
    from ..core.errors import WrongUse

    if (episode is None) != every:
        raise WrongUse("name one EPISODE, or give --all for every one of the log")
    if with_ is not None:
        from .whatif import whatif

        if to is not None or strict:
            raise WrongUse("--with tells what would be; it goes with neither --to nor --strict")
        whatif(open_studio(studio), with_, episode, json)
        return
    place = open_studio(studio)
    plugins = place.plugins()
    with reading(place, plugins) as log:
        if to is not None and to > log.head:
            raise WrongUse(f"--to {to}: the log ends at position {log.head}")
        if episode is None:
            from ..core.replay import replay_all

            with Telling() as telling:
                found = replay_all(log, plugins, place.artifacts, upto=to, progress=telling)
                failed = _all(found, strict, json)
        else:
            stream = place.resolve(log, episode)
            with Telling() as telling:
                one = _replayed(log, plugins, place.artifacts, stream, to, telling)
            failed = _one(stream, one, strict, json)
    if failed:
        raise typer.Exit(1)


def _replayed(
    log: Any, plugins: Any, artifacts: Any, stream: str, to: int | None, telling: Telling
) -> Replayed | Diverged:
    from ..core.errors import Diverged
    from ..core.replay import replay as again

    try:
        return again(
            log,
            plugins,
            artifacts,
            stream,
            upto=to,
            progress=lambda done, of: telling("records", done, of),
        )
    except Diverged as error:
        return error


def _word(found: Replayed | Diverged) -> str:
    from ..core.errors import Diverged

    if isinstance(found, Diverged):
        return "diverged"
    return "reproduced" if not found.changed else "changed since"


def _bad(word: str, strict: bool) -> bool:
    return word == "diverged" or (strict and word == "changed since")


# -- one episode ------------------------------------------------------------------------------------------


def _one(stream: str, found: Replayed | Diverged, strict: bool, json: bool) -> bool:
    from ..core.errors import Diverged

    bad = _bad(_word(found), strict)
    if json:
        document(_json(stream, found))
    elif isinstance(found, Diverged):
        _diverged(stream, found)
    else:
        say(f"{name_of(stream)}: {_summary(found)}")
        _details(found)
        if bad:
            warn("--strict: what a plugin has changed since counts as a failure")
        say(f"state {found.digest}")
        say(f"head  {found.head}")
    return bad


def _summary(found: Replayed) -> str:
    word = "reproduced" if not found.changed else "replayed, with changes since"
    return f"{word}: {found.reactions} decisions asked again, {found.answers} with an answer"


def _details(found: Replayed) -> None:
    for one in found.changed:
        say(
            f"  changed since: position {one.position}, {one.by} "
            f"(decisions version {one.then}, now {one.now})"
        )
    for by, count in sorted(found.unverifiable.items()):
        say(f"  unverifiable: {count} answers of {by}, which is not installed")
    if found.failed:
        say(f"  {found.failed} had failed when they were recorded")


def _diverged(stream: str, error: Diverged) -> None:
    plugin = error.plugin.rsplit(".", 1)[0]
    warn(f"{name_of(stream)}: diverged at position {error.position}: {error.plugin} answers another way now")
    if isinstance(error.got, str):
        warn(f"  the log holds {len(error.wanted)} events; now it raises {error.got}")
    for line in change_lines(error.changes):
        warn(line)
    warn(
        f"  where {plugin} was changed on purpose, raise its `decisions`: old episodes are then listed as "
        f"changed since; else undo the change, or install the {plugin} that made this episode"
    )
    warn(f"  what led there: duanju history {name_of(stream)} --why {error.position}")


# -- all --------------------------------------------------------------------------------------------------


def _all(results: Iterable[tuple[str, Replayed | Diverged]], strict: bool, json: bool) -> bool:
    from ..core.errors import Diverged

    counts = {"reproduced": 0, "changed since": 0, "diverged": 0}
    rows: list[dict[str, Any]] = []
    head = ""
    for stream, found in results:
        word = _word(found)
        counts[word] += 1
        if json:
            rows.append(_json(stream, found))
        elif isinstance(found, Diverged):
            _diverged(stream, found)
        else:
            more = f", {sum(found.unverifiable.values())} unverifiable" if found.unverifiable else ""
            more += f", {len(found.changed)} changed since" if found.changed else ""
            say(f"{found.digest[:16]}  {name_of(stream)}: {_summary(found)}{more}")
        head = head if isinstance(found, Diverged) else found.head
    bad = any(count and _bad(word, strict) for word, count in counts.items())
    if json:
        document(
            {"head": head, "episodes": rows, **{word.replace(" ", "_"): n for word, n in counts.items()}}
        )
        return bad
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    say(f"{sum(counts.values())} episodes: {told or 'none yet'}")
    if head:
        say(f"head  {head}")
    return bad


def _json(stream: str, found: Replayed | Diverged) -> dict[str, Any]:
    from ..core.errors import Diverged

    if isinstance(found, Diverged):
        return {
            "episode": name_of(stream),
            "result": "diverged",
            "position": found.position,
            "by": found.plugin,
            "wanted": [{"kind": one.kind, "event": one.plain()} for one in found.wanted],
            "got": found.got
            if isinstance(found.got, str)
            else [{"kind": one.kind, "event": one.plain()} for one in found.got],
            "changes": [change_json(one) for one in found.changes],
        }
    return {
        "episode": name_of(stream),
        "result": _word(found),
        "records": found.records,
        "reactions": found.reactions,
        "answers": found.answers,
        "failed": found.failed,
        "changed": [
            {"position": one.position, "by": one.by, "then": one.then, "now": one.now}
            for one in found.changed
        ],
        "unverifiable": found.unverifiable,
        "digest": found.digest,
        "head": found.head,
    }
