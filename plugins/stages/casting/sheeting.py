"""Has a character's sheet made, waits for it, and puts it where a person finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....core.engine import Engine
from ....core.errors import LogBusy, WrongUse
from ....core.folds import Folds
from ....core.log import Log
from ....core.source import safe_name
from ....core.status import holder_of
from ....core.studio import Studio
from ....events.cast import SheetDrawn
from .reading import person_in, studio_here, working
from .sheets import looks_of, sheet_wanted

__all__ = ["made_sheet"]

BY = "cli.cast"


def made_sheet(given: Path | None, name: str, series: str | None, *, again: bool) -> dict[str, Any]:
    """The sheet of a character: file, route, and why there is none where there is none.

    Asks for it in the series' newest episode, whose settings and budget count, and runs the engine, or waits
    for the one that runs. Raises WrongUse for nobody, and for a character that is not cast yet.
    """
    studio = studio_here(given)
    with working(studio, write=True) as (log, plugins, settings):
        bible, person = person_in(studio, log, settings, name, series)
        if person not in bible.cast:
            raise WrongUse(
                f"{person} is in no script so far, so it has no face yet; produce one with it first"
            )
        _, looks = looks_of(bible.cast[person])
        there = _newest(log, bible.series, person, looks)
        if there is None or again:
            stream = _episode(log, bible.series)
            episode = Folds(log, studio.artifacts.read_sha256).now(stream)
            wanted = sheet_wanted(bible.cast[person], episode, awaited=False)
            (asked,) = log.append(stream, [wanted], by=BY)
            _run(studio, log, plugins, settings, stream, asked.position, bible.series, person, looks)
            log.refresh()
            there = _newest(log, bible.series, person, looks, after=asked.position)
        if there is None:
            held = Folds(log, studio.artifacts.read_sha256).now(_episode(log, bible.series)).holds
            why = "; ".join(f"{one.why}; next: {one.next}" for one in held.values())
            found: dict[str, Any] = {
                "file": None,
                "route": "",
                "sheet": None,
                "why": why or "it is not made yet: duanju resume",
            }
        else:
            file = studio.out / bible.series / "cast" / f"{safe_name(person) or 'character'}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(studio.artifacts.read(there.sheet))
            found = {"file": file, "route": there.route, "sheet": there.sheet.sha256, "why": ""}
        return {"series": bible.series, "character": person, **found}


def _episode(log: Log, series: str) -> str:
    """The newest episode of a series: the one opened last."""
    streams = set(log.streams(f"episode/{series}/"))
    opened = [record for record in log.read(kind="episode_opened") if record.stream in streams]
    if not opened:
        raise WrongUse(f"{series} has no episode yet; make one first: duanju produce SCRIPT")
    return opened[-1].stream


def _newest(log: Log, series: str, person: str, looks: str, after: int = 0) -> SheetDrawn | None:
    drawn = [
        record.event
        for record in log.read(stream=f"series/{series}", kind="sheet_drawn", after=after)
        if record.event.character == person and record.event.looks == looks
    ]
    return drawn[-1] if drawn else None


def _run(
    studio: Studio,
    log: Log,
    plugins: Any,
    settings: Any,
    stream: str,
    asked: int,
    series: str,
    person: str,
    looks: str,
) -> None:
    """Runs an engine to the end of its work; while another one runs, until that one has made the sheet."""
    while True:
        try:
            engine: Engine = studio.engine(log, plugins, settings)
        except LogBusy:
            if _followed(studio, plugins, asked, stream, series, person, looks):
                return
            continue
        with engine:
            engine.run()
        return


def _followed(
    studio: Studio, plugins: Any, asked: int, stream: str, series: str, person: str, looks: str
) -> bool:
    """Whether the engine that runs made the sheet, or holds the episode; False when it ended without."""
    with studio.log(plugins, write=False) as reader:

        def done() -> bool:
            return _newest(reader, series, person, looks, after=asked) is not None or bool(
                Folds(reader, studio.artifacts.read_sha256).now(stream).holds
            )

        for _ in reader.follow(asked, lambda: done() or holder_of(reader) is None):
            pass
        return done()
