"""`duanju backup`: a whole, checked copy of the studio, while an engine may be working in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..core.words import document, here, say, warn
from .opening import open_studio
from .options import Json, StudioFolder
from .telling import Telling

__all__ = ["backup"]

MOST_PROBLEMS = 50


def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The new folder that holds the copy.")],
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Copy the studio into a new folder: its settings, its log, and every file that the log names.

    The copy is of one moment, also while an engine works. It is checked as `duanju verify` checks, and the
    digest of its last record is printed. It is a studio: open it with --studio TARGET. What out/ holds is
    not copied: duanju produce writes it again from the copy, for nothing.
    """
    from ..core.backup import back_up

    place = open_studio(studio)
    with Telling() as telling:
        found = back_up(place, target, telling)
    if json:
        document(
            {
                "target": str(target.absolute()),
                "records": found.records,
                "head": found.head,
                "files": found.files,
                "bytes": found.bytes,
                "problems": [{"position": one.position, "what": one.what} for one in found.problems],
            }
        )
    else:
        size = f"{found.bytes / 1e6:.1f} MB"
        say(f"copied {found.records} records and {found.files} files ({size}) to {here(target)}")
        say(f"head {found.head}")
        for one in found.problems[:MOST_PROBLEMS]:
            warn(f"position {one.position}: {one.what}")
        if found.problems:
            warn(
                f"{len(found.problems)} problems, in {place.root} as in the copy; see duanju verify, "
                "and keep your older backups"
            )
    if found.problems:
        raise typer.Exit(1)
