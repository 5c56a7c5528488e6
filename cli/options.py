"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["EpisodeName", "Json", "MaybeEpisode", "StudioFolder"]

StudioFolder = Annotated[
    Path | None,
    typer.Option(
        "--studio",
        metavar="DIR",
        help="The studio's folder. Default: the nearest folder upward with duanju.toml, else ./studio.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
EpisodeName = Annotated[str, typer.Argument(metavar="EPISODE", help="NAME or SERIES/NAME.")]
MaybeEpisode = Annotated[
    str | None, typer.Argument(metavar="[EPISODE]", help="NAME or SERIES/NAME; without it: all episodes.")
]
