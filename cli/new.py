"""`duanju new`: makes a studio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..core.words import say

__all__ = ["new"]


def new(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make.")] = Path("studio"),
) -> None:
    """Make a studio: a folder with settings, a log, and the films made in it."""
    from ..core.studio import SETTINGS_FILE, Studio

    known = (folder / SETTINGS_FILE).is_file()
    Studio.create(folder)
    if known:
        say(f"{folder} is a studio already; nothing changed")
        return
    say(f"made the studio {folder}")
    say(f"  settings  {folder / SETTINGS_FILE}")
    say(f"next: duanju produce SCRIPT --studio {folder}")
