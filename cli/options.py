"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["FORMAT_HELP", "EpisodeName", "Json", "MaybeEpisode", "StudioFolder"]

FORMAT_HELP = "fountain, fdx, chinese, docx, plain or markdown. Default: told from the script."

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
