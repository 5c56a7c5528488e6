"""`duanju fork`: another way for an episode from one of its positions on, beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.words import document, say
from .opening import close, name_of, open_studio, used_plugins, writing
from .options import EpisodeName, Json, StudioFolder

if TYPE_CHECKING:
    from ..core.fork import Forked
    from ..core.log import Log
    from ..core.plugins import Plugins
    from ..core.settings import Settings
    from ..core.studio import Studio

__all__ = ["fork"]


def fork(
    episode: EpisodeName,
    at: Annotated[
        int,
        typer.Option("--at", metavar="POSITION", min=1, help="The last position that both share."),
    ],
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="What the fork is called.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the fork; may be given several times."),
    ] = None,
    script: Annotated[
        Path | None, typer.Option("--script", metavar="FILE", help="Go on with this script instead.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="PLUGIN", help="A plugin that does not answer the fork; several."),
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Run it now; else: duanju resume NAME.")] = False,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Go another way from a position of an episode on; the episode itself stays as it is.

    What stands up to POSITION is shared, and paid for once; what comes after it is decided anew, with the
    fork's settings, and only what differs is made, and paid for. Where an answer would be split, POSITION
    moves back to the last whole one.
    """
    from .running import unheard

    place = open_studio(studio)
    settings = place.settings()
    plugins = used_plugins(place, settings)
    try:
        with unheard(), writing(place, plugins) as log:
            place.settle_place(log, plugins)
            before = log.head
            made = _made(place, log, plugins, (episode, at, name), set_, script, without, run)
            code = _tell(made, run, json)
            if run:
                code = _run(place, log, plugins, settings, made, before, json)
    finally:
        close(plugins)
    raise typer.Exit(code)


def _made(
    place: Studio,
    log: Log,
    plugins: Plugins,
    what: tuple[str, int, str],
    set_: list[str] | None,
    script: Path | None,
    without: list[str] | None,
    run: bool,
) -> Forked:
    from ..core.fork import make_fork
    from ..core.overrides import with_overrides

    episode, at, name = what
    return make_fork(
        log,
        plugins,
        place.artifacts,
        place.resolve(log, episode),
        at,
        name,
        change=lambda settings: with_overrides(settings, set_ or ()),
        script=script,
        without=tuple(without or ()),
        run=run,
    )


def _tell(made: Forked, run: bool, json: bool) -> int:
    """Says what was made; the document of a fork that is run at once is that of its run."""
    name, source = name_of(made.stream), name_of(made.source)
    if json:
        if not run:
            document(
                {
                    "fork": name,
                    "source": source,
                    "at": made.at,
                    "asked": made.asked,
                    "split": made.split,
                    "revision": made.revision,
                }
            )
        return 0
    say(f"{name}: a fork of {source} at position {made.at}")
    if made.split:
        say(f"  moved back from {made.asked}: that lies inside an answer of {made.split}")
    if not run:
        import shlex

        say(f"  it was made, not run: duanju resume {shlex.quote(name)}")
    return 0


def _run(
    place: Studio, log: Log, plugins: Plugins, settings: Settings, made: Forked, before: int, json: bool
) -> int:
    from .display import Display
    from .ending import ended
    from .running import work

    streams = [made.stream]
    with Display(log, streams) as display:
        interrupted = work(place, log, plugins, settings, streams, display)
    log.refresh()
    return ended(place, log, streams, after=before, interrupted=interrupted, json=json)
