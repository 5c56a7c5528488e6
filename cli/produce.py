"""`duanju produce`: from scripts to films."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from ..core.words import say
from .opening import close, name_of, open_studio, used_plugins, writing
from .options import FORMAT_HELP, Json, StudioFolder

if TYPE_CHECKING:
    from ..core.manuscript import Manuscript
    from ..core.plugins import Plugins
    from ..core.settings import Settings
    from ..core.studio import Opening

__all__ = ["produce"]


def produce(
    scripts: Annotated[
        list[Path], typer.Argument(metavar="SCRIPT...", help="Screenplays, one an episode, or of a series.")
    ],
    episodes: Annotated[
        str | None,
        typer.Option(metavar="all|1-3,5", help="Which episodes of a file that holds several."),
    ] = None,
    delivery: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What the film must be: web-vertical or web-wide."),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="DOLLARS", help="The most that each episode may cost.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help=FORMAT_HELP),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="A set of model routes: local (free, no key).")
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Make the films of one or more scripts.

    The episode's name is the file's; of a file that holds several (`第3集`, `Episode 3`), --episodes says
    which, and each is named after the file and its number. A script that was changed makes a new revision,
    and only what the change touches is made again. Makes ./studio where there is no studio yet. While
    another engine works in the studio, the episode is handed to that one and followed.
    """
    from ..core.settings_file import load_settings
    from ..core.source import check_format
    from ..core.studio import SETTINGS_FILE, find_studio

    form = check_format(form)
    root = find_studio(studio, Path.cwd())
    file = None if root is None else root / SETTINGS_FILE
    settings = load_settings(file, os.environ, delivery=delivery, budget=budget, profile=profile)
    from .running import unheard

    with unheard():
        code = _produce(studio, settings, scripts, episodes, form, json)
    raise typer.Exit(code)


def _read(
    plugins: Plugins, settings: Settings, scripts: list[Path], episodes: str | None, form: str
) -> list[tuple[Manuscript, int]]:
    """All scripts with the numbers of their episodes; no two are one, and nothing is written anywhere yet."""
    from ..core.manuscript import picked, read_manuscript

    seen: dict[str, Path] = {}
    found: list[tuple[Manuscript, int]] = []
    for path in scripts:
        script = read_manuscript(plugins, path, form)
        for number in picked(script, episodes):
            stream = script.stream(settings, number)
            other = seen.setdefault(stream, path)
            if other is not path:
                raise WrongUse(
                    f"{other} and {path} are both the episode {name_of(stream)}; rename one of them"
                )
            found.append((script, number))
    return found


def _produce(
    given: Path | None, settings: Settings, scripts: list[Path], episodes: str | None, form: str, json: bool
) -> int:
    from ..core.routing import check_routes
    from ..core.source import read_source
    from ..core.status import progress_of
    from .display import Display
    from .ending import ended, missing_files
    from .running import work

    for path in scripts:
        read_source(path)
    plugins = used_plugins(None, settings)
    try:
        found = _read(plugins, settings, scripts, episodes, form)
        studio = open_studio(given, create=True)
        check_routes(settings, plugins)
        with writing(studio, plugins) as log:
            studio.settle_place(log, plugins)
            before = log.head
            openings = [studio.open_episode(log, plugins, settings, *one) for one in found]
            streams = [one.stream for one in openings]
            lost = [
                one.stream
                for one in openings
                if one.what in ("unchanged", "settings")
                and progress_of(log, one.stream).delivered is not None
                and missing_files(studio, one.stream)
            ]
            with Display(log, streams) as display:
                if not json:
                    _greet(openings, display.progress_of, lost)
                interrupted = work(studio, log, plugins, settings, streams, display, export=lost)
            log.refresh()
            what = {one.stream: one.what for one in openings}
            return ended(studio, log, streams, after=before, what=what, interrupted=interrupted, json=json)
    finally:
        close(plugins)


def _greet(openings: list[Opening], progress: dict[str, Any], lost: list[str]) -> None:
    for one in openings:
        name = name_of(one.stream)
        if one.what == "opened":
            say(f"{name}: a new episode")
        elif one.what == "revised":
            say(f"{name}: revision {one.revision}; what the change does not touch is used again")
        elif one.stream in lost:
            say(f"{name}: nothing to do but to write its folder again")
        elif progress[one.stream].delivered is not None:
            say(f"{name}: nothing to do; the script and the settings are those of the film that is there")
        elif progress[one.stream].holds:
            say(f"{name}: unchanged, and held")
        else:
            say(f"{name}: goes on where it was")
    sys.stdout.flush()
