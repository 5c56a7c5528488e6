"""`duanju diff`: two episodes, or an episode and its fork, beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.words import columns, document, here, say
from .opening import name_of, open_studio, reading
from .options import Json, StudioFolder

if TYPE_CHECKING:
    from ..core.compare import Field
    from ..core.diff import Diff, Event, Side

__all__ = ["diff"]

MOST_LINES = 40
_MARK = {"only a": "-", "only b": "+", "changed": "~"}


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="An episode or a fork: NAME or SERIES/NAME.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a page, the shots side by side.")
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Compare two episodes: what each tells, shot by shot, the checks, the files, and the money.

    Exits with 0 whether they differ or not.
    """
    from ..core.diff import diff as compare

    place = open_studio(studio)
    with reading(place, place.plugins()) as log:
        one, two = place.resolve(log, a), place.resolve(log, b)
        found = compare(log, one, two, (place.folder(one), place.folder(two)))
    if html is not None:
        _write(html, found, place.artifacts)
    if json:
        document(_plain(found, html))
        return
    _print(found)
    if html is not None:
        say(f"page    {here(html)}")


def _write(file: Path, found: Diff, artifacts: Any) -> None:
    from ..core.errors import WrongUse, advice
    from .diff_page import page

    text = page(found, artifacts)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"--html {file} cannot be written: {error.strerror}; {advice(error)}") from None


# -- what is printed --------------------------------------------------------------------------------------


def _print(found: Diff) -> None:
    from ..core.budget import dollars

    a, b = name_of(found.a), name_of(found.b)
    say(f"- {a}")
    say(f"+ {b}")
    say(f"they share all up to position {found.common}" if found.common else "they share no past")
    if found.same:
        say(f"no event differs ({found.equal_events} are the same)")
    else:
        say(f"events: {len(found.events)} subjects differ, {found.equal_events} events are the same")
        _events(found.events)
    _shots(found)
    for check in found.checks:
        about = "" if check.subject == "episode" else f"@{check.subject}"
        say(f"check {check.check}{about}: {check.a or 'not measured'} | {check.b or 'not measured'}")
    _files(found)
    money = found.money
    say(f"money: {dollars(money.shared.cost)} shared, paid once")
    for mark, name, sums in (("-", a, money.a), ("+", b, money.b)):
        doubt = f", {dollars(sums.in_doubt)} in doubt" if sums.in_doubt else ""
        unknown = f", {sums.unknown} of unknown cost" if sums.unknown else ""
        say(
            f"  {mark} {name}: {dollars(sums.cost)} for {sums.calls} calls of its own, "
            f"{sums.reused} answers used again{doubt}{unknown}"
        )


def _events(events: tuple[Event, ...]) -> None:
    rows = []
    for one in events[:MOST_LINES]:
        count = f" x{one.count}" if one.count > 1 else ""
        rows.append([f"  {_MARK[one.what]}", one.kind, f"{one.subject}{count}", _changed(one.fields)])
    columns(rows)
    if len(events) > MOST_LINES:
        say(f"  and {len(events) - MOST_LINES} more: see --json or --html")


def _changed(fields: tuple[Field, ...]) -> str:
    if not fields:
        return ""
    more = "" if len(fields) == 1 else f" and {len(fields) - 1} more"
    return f"{fields[0].path}: {_short(fields[0].old)} -> {_short(fields[0].new)}{more}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 32 else text[:31] + "…"


def _shots(found: Diff) -> None:
    differing = [shot for shot in found.shots if not shot.same]
    if not found.shots:
        return
    say(f"shots: {len(differing)} of {len(found.shots)} differ")
    for shot in differing[:MOST_LINES]:
        say(f"  {shot.shot}: {_side(shot.a)} | {_side(shot.b)}")


def _side(side: Side | None) -> str:
    if side is None:
        return "none"
    picture = f"picture {side.picture.sha256[:8]} by {side.route}" if side.picture else "no picture"
    words = "".join(f", {line.character}: {_short(line.text)}" for line in side.plan.lines[:1])
    return f"{picture}, take {side.take}, {side.frames} frames{words}"


def _files(found: Diff) -> None:
    for file in found.files:
        if not file.same:
            sizes = ["none" if size is None else f"{size} bytes" for size in (file.a, file.b)]
            say(f"file {file.name}: {sizes[0]} | {sizes[1]}")


# -- for machines -----------------------------------------------------------------------------------------


def _plain(found: Diff, html: Path | None) -> dict[str, Any]:
    import attrs

    return {
        "a": name_of(found.a),
        "b": name_of(found.b),
        "unit": "micro-dollars",
        "common": found.common,
        "same": found.same,
        "equal_events": found.equal_events,
        "events": [attrs.asdict(one) for one in found.events],
        "shots": [
            {
                "shot": one.shot,
                "scene": one.scene,
                "same": one.same,
                "a": _plain_side(one.a),
                "b": _plain_side(one.b),
            }
            for one in found.shots
        ],
        "checks": [attrs.asdict(one) for one in found.checks],
        "files": [attrs.asdict(one) for one in found.files],
        "money": attrs.asdict(found.money),
        "page": None if html is None else str(html),
    }


def _plain_side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "picture": side.picture.sha256 if side.picture else None,
        "route": side.route,
        "take": side.take,
        "frames": side.frames,
        "action": side.plan.action,
        "size": side.plan.size,
        "lines": [{"character": line.character, "text": line.text} for line in side.plan.lines],
    }
