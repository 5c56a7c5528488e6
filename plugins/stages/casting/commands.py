"""`duanju cast`: the bible of a series, seen and changed by a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .drift import drift

__all__ = ["app"]

BY = "cli.cast"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="See and change the cast of a series: looks, voices, names, costumes, sheets.",
    epilog="Example: duanju cast list",
)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="A character, or SERIES/NAME.")]
_Series = Annotated[str | None, typer.Option("--series", metavar="NAME", help="The series that is meant.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
_Studio = Annotated[
    Path | None,
    typer.Option(
        "--studio",
        metavar="DIR",
        help="The studio's folder. Default: the nearest folder upward with duanju.toml, else ./studio.",
    ),
]


@app.command("list", epilog="Example: duanju cast list")
def list_(
    series: Annotated[str | None, typer.Argument(metavar="[SERIES]", help="Without it: all.")] = None,
    json: _Json = False,
    studio: _Studio = None,
) -> None:
    """List every character with its looks, its other names, its pictures, and whom nobody cast yet."""
    from ....core.errors import WrongUse
    from ....core.words import document
    from .reading import bible_of, series_in, studio_here, working
    from .showing import listed, print_list

    place = studio_here(studio)
    with working(place, write=False) as (log, _, settings):
        there = series_in(log)
        if series is not None and series not in there:
            raise WrongUse(f"no series {series!r}; there are: {', '.join(there) or 'none yet'}")
        found = [
            listed(bible_of(place, log, settings, one)) for one in ([series] if series is not None else there)
        ]
    if json:
        document(found)
    else:
        print_list(found)


@app.command(epilog="Example: duanju cast show Mei")
def show(name: _Name, series: _Series = None, json: _Json = False, studio: _Studio = None) -> None:
    """Show one character: each field with its source, costumes, relations, pictures, the identity block."""
    from ....core.words import document
    from .reading import person_in, studio_here, working
    from .showing import print_person, told

    place = studio_here(studio)
    with working(place, write=False) as (log, _, settings):
        bible, person = person_in(place, log, settings, name, series)
        found = told(bible, person)
    if json:
        document(found)
    else:
        print_person(found)


@app.command(
    "set", epilog="Example: duanju cast set Mei age=31 costumes.wedding.clothes=dress scenes.S03=wedding,wet"
)
def set_(
    name: _Name,
    fields: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE...", help="An empty VALUE takes it back.")
    ],
    series: _Series = None,
    json: _Json = False,
    studio: _Studio = None,
) -> None:
    """Change a character; later requests use it. What is made already stays, until it is made again."""
    from ....core.cast_fields import checked
    from ....core.errors import WrongUse
    from ....core.words import document, say
    from ....events.cast import CharacterWritten
    from .reading import person_in, studio_here, working

    said: dict[str, str] = {}
    for one in fields:
        field, equals, value = one.partition("=")
        field = field.strip()
        if not equals:
            raise WrongUse(f"{one!r} is no FIELD=VALUE; write it like age=31")
        try:
            said[field] = checked(field, value)
        except ValueError as error:
            raise WrongUse(f"{field}: {error}") from None
    place = studio_here(studio)
    with working(place, write=True) as (log, _, settings):
        bible, person = person_in(place, log, settings, name, series)
        written = CharacterWritten(bible.series, person, "command", "", said)
        (record,) = log.append(f"series/{bible.series}", [written], by=BY)
    if json:
        document({"series": bible.series, "character": person, "fields": said, "position": record.position})
    else:
        words = ", ".join(
            f"{field} is {value}" if value else f"{field} is taken back" for field, value in said.items()
        )
        say(f"{person}: {words}; later requests use it")


@app.command(epilog='Example: duanju cast merge Mei "Xiao Mei"')
def merge(
    name: Annotated[str, typer.Argument(metavar="A", help="The character who stays.")],
    alias: Annotated[str, typer.Argument(metavar="B", help="The other name of A.")],
    series: _Series = None,
    json: _Json = False,
    studio: _Studio = None,
) -> None:
    """Say that B is another name of A: wherever a script says B, A is seen and heard."""
    from ....core.errors import WrongUse
    from ....core.naming import name_key
    from ....core.words import document, say
    from ....events.cast import CharactersMerged
    from .reading import person_in, studio_here, working

    alias = " ".join(alias.split())
    if not alias or len(alias) > 80:
        raise WrongUse("B must be a name of 1 to 80 characters")
    place = studio_here(studio)
    with working(place, write=True) as (log, _, settings):
        bible, person = person_in(place, log, settings, name, series)
        if name_key(alias) == name_key(person):
            raise WrongUse(f"{name} and {alias} are one character already: {person}")
        if name_key(bible.names.means(alias)) == name_key(person):
            raise WrongUse(f"{alias} is another name of {person} already")
        was_cast = any(name_key(one) == name_key(alias) for one in bible.fold.cast)
        event = CharactersMerged(bible.series, person, alias, "a person says so")
        (record,) = log.append(f"series/{bible.series}", [event], by=BY)
    if json:
        found = {"series": bible.series, "character": person, "alias": alias, "position": record.position}
        document({**found, "was_cast": was_cast})
    else:
        more = f"; {alias}'s own face and voice are not used any more" if was_cast else ""
        say(f"{alias} is {person} from now on{more}")


@app.command(epilog="Example: duanju cast sheet Mei")
def sheet(
    name: _Name,
    series: _Series = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also where there is a sheet of these looks.")
    ] = False,
    json: _Json = False,
    studio: _Studio = None,
) -> None:
    """Make a character's sheet: front, side, three quarters and expressions, the reference of later requests.

    This machine's painter draws it, or the routed picture model is asked and paid as for any picture.
    """
    from ....core.words import document, here, say
    from .sheeting import made_sheet

    found = made_sheet(studio, name, series, again=again)
    if json:
        document({**found, "file": None if found["file"] is None else str(found["file"])})
    elif found["file"] is not None:
        say(f"{found['character']}: {here(found['file'])} ({found['route']})")
    else:
        say(f"{found['character']}: {found['why']}")
    if found["file"] is None:
        raise typer.Exit(1)


app.command(epilog="Example: duanju cast drift")(drift)
