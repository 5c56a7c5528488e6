"""`duanju backup`: a whole, checked copy of the studio, while an engine may be working in it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from .opening import open_studio
from .options import Json, StudioFolder
from .words import document, here, say, shown, warn

__all__ = ["backup"]

TELL_SECONDS = 10.0
REDRAW_SECONDS = 0.2
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
    with _Telling() as telling:
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


class _Telling:
    """How far the copy is: a moving line on a terminal, elsewhere a line every ten seconds."""

    def __init__(self) -> None:
        self._tty = sys.stderr.isatty()
        self._told = time.monotonic()
        self._drawn = False

    def __enter__(self) -> _Telling:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._told < (REDRAW_SECONDS if self._tty else TELL_SECONDS):
            return
        self._told = now
        line = shown(f"{what}: {done}/{of}")
        try:
            sys.stderr.write(f"\r\x1b[K{line}" if self._tty else line + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # nobody listens any longer: the copy goes on
        self._drawn = self._tty
