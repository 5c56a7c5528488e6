"""`duanju cast drift`: how far everybody in a series is from the bible, and how often takes were redone.

It reads the films that ship and writes nothing but the strips.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ....core.folds import Folds
    from ....core.log import Log
    from ....core.studio import Studio
    from ...checks.drifting import Appearance, Rate

__all__ = ["drift"]


def drift(
    series: Annotated[
        str | None, typer.Argument(metavar="SERIES", help="The series' name; without it: all series.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    studio: Annotated[
        Path | None,
        typer.Option(
            "--studio",
            metavar="DIR",
            help="The studio's folder. Default: the nearest folder upward with duanju.toml, else ./studio.",
        ),
    ] = None,
) -> None:
    """Measure everybody in the newest film of every episode; draw a strip of each character's appearances.

    Prints the distances from the bible per character, and the revision rate: takes asked again / shots.
    """
    from ....core.errors import WrongUse
    from ....core.folds import Folds
    from ....core.log import Log
    from ....core.words import document
    from ....events.codec import Codec
    from ....events.vocabulary import builtin_events
    from .reading import studio_here

    place = studio_here(studio)
    if not place.has_log():
        raise WrongUse(f"{place.root} has no log yet; make an episode first: duanju produce SCRIPT")
    log = Log(place.log_path, Codec(builtin_events()), read_only=True)
    try:
        folds = Folds(log, place.artifacts.read_sha256)
        found = [_series(place, folds, log, name) for name in _named(log, series)]
    finally:
        log.close()
    if json:
        document({"series": [one for one, _ in found], "rate": _rate([rates for _, rates in found])})
        return
    for one, _ in found:
        _print(one)
    if len(found) > 1:
        from ....core.words import say

        whole = _rate([rates for _, rates in found])
        say(f"all series: {_rate_words(whole)}")


def _named(log: Log, series: str | None) -> list[str]:
    """The series that are meant. Raises WrongUse, naming those that there are."""
    from ....core.errors import WrongUse

    there = sorted({stream.split("/")[1] for stream in log.streams("episode/")})
    if series is None:
        return there
    if series not in there:
        raise WrongUse(f"no series {series!r}; there are: {', '.join(there) or 'none yet'}")
    return [series]


def _series(place: Studio, folds: Folds, log: Log, name: str) -> tuple[dict[str, Any], list[Rate]]:
    """All that is told of one series, its strips written."""
    from ....core.errors import BadArtifact
    from ...checks.drifting import appearances, rate_of, summary
    from ...media.errors import MediaError

    found: list[Appearance] = []
    rates: list[Rate] = []
    unread: dict[str, str] = {}
    for stream in log.streams(f"episode/{name}/"):
        episode = folds.now(stream)
        rates.append(rate_of(episode))
        try:
            found.extend(appearances(episode, place.artifacts))
        except (MediaError, BadArtifact, OSError) as error:
            unread[episode.name] = str(error)
        folds.forget(stream)
    strips = _strips(place, name, found)
    return {
        "series": name,
        "episodes": [{"episode": one.episode, "shots": one.shots, "again": one.again} for one in rates],
        "rate": _rate([rates]),
        "characters": summary(found),
        "strips": strips,
        "appearances": [one.plain() for one in found],
        "unread": unread,
    }, rates


def _strips(place: Studio, series: str, found: list[Appearance]) -> dict[str, str]:
    """Writes a strip for every character; name -> file."""
    from ....core.errors import cannot_write
    from ....core.source import safe_name
    from ...checks.drifting import strip

    folder = place.out / series / "cast"
    written: dict[str, str] = {}
    for name in sorted({one.apart.person.figure.character for one in found}):
        mine = [one for one in found if one.apart.person.figure.character == name]
        file = folder / f"drift-{safe_name(name) or 'unnamed'}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(strip(mine))
        except OSError as error:
            raise cannot_write(file, error) from None
        written[name] = str(file)
    return written


def _rate(rates: list[list[Rate]]) -> dict[str, Any]:
    shots = sum(one.shots for some in rates for one in some)
    again = sum(one.again for some in rates for one in some)
    return {"shots": shots, "again": again, "rate": round(again / shots, 4) if shots else None}


def _rate_words(rate: dict[str, Any]) -> str:
    if rate["rate"] is None:
        return "no shots yet"
    return f"{rate['again']} takes asked again for {rate['shots']} shots: revision rate {rate['rate']:.1%}"


def _print(one: dict[str, Any]) -> None:
    from ....core.words import columns, here, say

    episodes = "1 episode" if len(one["episodes"]) == 1 else f"{len(one['episodes'])} episodes"
    say(f"{one['series']}: {episodes}; {_rate_words(one['rate'])}")
    head = ("  character", "seen", "episodes", "face", "worst", "clothes", "worst", "over")
    rows = [
        (
            f"  {name}",
            row["appearances"],
            row["episodes"],
            *(_number(row[key]) for key in ("face_middle", "face_worst", "clothes_middle", "clothes_worst")),
            row["failed"],
        )
        for name, row in one["characters"].items()
    ]
    if rows:
        columns([head, *rows], right=range(1, len(head)))
        say("  (faces: 1 = the limit; clothes: CIEDE2000, limit 12; over = appearances that fail)")
    for row in one["appearances"]:
        if row["verdict"] == "failed":
            say(
                f"  over the limit: {row['episode']} {row['shot']} {row['character']} at "
                f"{row['start_s']:.1f} s: face {_number(row['face'])} (limit {row['face_limit']:g}), "
                f"clothes {_number(row['clothes'])}"
            )
    for name, file in one["strips"].items():
        say(f"  {name}: {here(file)}")
    for episode, why in one["unread"].items():
        say(f"  {episode} could not be measured: {why}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
