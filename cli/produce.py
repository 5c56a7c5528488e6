"""`duanju produce`: from scripts to films."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from .opening import close, name_of, open_studio, used_plugins, writing
from .options import Json, StudioFolder
from .words import say

if TYPE_CHECKING:
    from ..core.settings import Settings
    from ..core.studio import Opening

__all__ = ["produce"]

FORMATS = ("fountain", "chinese")


def produce(
    scripts: Annotated[list[Path], typer.Argument(metavar="SCRIPT...", help="Screenplays, one an episode.")],
    delivery: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What the film must be: web-vertical or web-wide."),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="DOLLARS", help="The most that each episode may cost.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="fountain|chinese", help="Default: told from the script."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="A set of model routes: local (free, no key).")
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Make the films of one or more scripts.

    The episode's name is the file's; a script that was changed makes a new revision, and only what the
    change touches is made again. Makes ./studio where there is no studio yet. While another engine works
    in the studio, the episode is handed to that one and followed.
    """
    from ..core.settings_file import load_settings
    from ..core.studio import SETTINGS_FILE, find_studio

    if form is not None and form not in FORMATS:
        raise WrongUse(f"--format {form}: no such format; there are: {', '.join(FORMATS)}")
    root = find_studio(studio, Path.cwd())
    file = None if root is None else root / SETTINGS_FILE
    settings = load_settings(file, os.environ, delivery=delivery, budget=budget, profile=profile)
    _check(settings, scripts)
    from .running import unheard

    with unheard():
        code = _produce(studio, settings, scripts, form or "", json)
    raise typer.Exit(code)


def _check(settings: Settings, scripts: list[Path]) -> None:
    """All scripts can be read and no two are one episode, before anything is written anywhere."""
    from ..core.studio import named

    seen: dict[str, Path] = {}
    for script in scripts:
        _, stream, _ = named(settings, script)
        other = seen.setdefault(stream, script)
        if other is not script:
            raise WrongUse(f"{other} and {script} are both the episode {name_of(stream)}; rename one of them")


def _produce(given: Path | None, settings: Settings, scripts: list[Path], form: str, json: bool) -> int:
    from ..core.routing import check_routes
    from ..core.status import progress_of
    from .display import Display
    from .ending import ended, missing_files
    from .running import work

    studio = open_studio(given, create=True)
    plugins = used_plugins(studio, settings)
    check_routes(settings, plugins)
    try:
        with writing(studio, plugins) as log:
            studio.settle_place(log, plugins)
            before = log.head
            openings = [studio.hand_in(log, plugins, settings, script, form=form) for script in scripts]
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
