"""`duanju script`: what a script says, checked line by line, and the same script in another layout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Check a script line by line, or write it in another layout.",
    epilog="Example: duanju script check teahouse.fountain",
)
_File = Annotated[Path, typer.Argument(help="The script file.", show_default=False)]
_Format = Annotated[
    str, typer.Option("--format", metavar="NAME", help="The file's format; auto finds it out by itself.")
]
_Language = Annotated[str, typer.Option("--language", metavar="CODE", help="zh, en, or auto to find it out.")]
_Os = Annotated[
    str,
    typer.Option("--os", metavar="MEANING", help="What OS means: inner (a thought) or off (off the screen)."),
]


@app.command(epilog="Example: duanju script check teahouse.fountain --json")
def check(
    file: _File,
    format: _Format = "auto",
    language: _Language = "auto",
    os: _Os = "inner",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show how each line of a script is understood, its cast and lengths, and what an editor would remark.

    Exit 0: every line is mapped; 1: some are not; 2: it cannot be read.
    """
    from ....core.words import document
    from .checking import check as checked
    from .loading import load
    from .printing import print_check

    scripts = load(file, format, language, os, parted=True)
    found = [{"episode": number, **checked(script)} for number, script in scripts]
    if json:
        several = len(found) > 1 or found[0]["episode"]
        document({"file": str(file), "episodes": found} if several else {"file": str(file), **found[0]})
    else:
        for one in found:
            print_check(one, f"{file}, episode {one['episode']}" if one["episode"] else str(file))
    if not all(one["mapped"] for one in found):
        raise typer.Exit(1)


@app.command(epilog="Example: duanju script convert teahouse.fountain --to chinese -o teahouse.txt")
def convert(
    file: _File,
    to: Annotated[str, typer.Option("--to", metavar="LAYOUT", help="fountain, chinese or json.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to; else to standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    format: _Format = "auto",
    language: _Language = "auto",
    os: _Os = "inner",
) -> None:
    """Write a script in another layout, with every element kept.

    What a layout has no place for is kept as a note, and named on standard error.
    """
    from .converting import converted

    converted(file, to, out, force, (format, language, os))
