"""`duanju resume`: goes on with what is unanswered, and asks again where a cause may be gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..core.errors import WrongUse
from ..core.words import say
from .opening import close, name_of, open_studio, used_plugins, writing
from .options import Json, MaybeEpisode, StudioFolder

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.log import Log
    from ..core.plugins import Plugins
    from ..core.status import Progress

__all__ = ["resume"]

BY = "cli.resume"
# Holds whose cause may be gone by now: a key was exported, a plugin installed, a route or price mended.
MAY_BE_GONE = ("key", "price", "plugin", "route", "model", "effect", "reaction", "call", "artifact")
DAY_CAP = "budget:day"


def resume(
    episode: MaybeEpisode = None,
    budget: Annotated[
        str | None, typer.Option(metavar="DOLLARS", help="Raise the episode's cap to this.")
    ] = None,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="This copy of the log goes on with paid work; the original is gone."),
    ] = False,
    backfill: Annotated[
        str | None,
        typer.Option(metavar="PLUGIN", help="This plugin also answers what EPISODE held before its time."),
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Go on after an interruption or a hold: run what is unanswered.

    Holds whose cause may be gone (a key, a plugin, a price, a route, a failed step) are released and asked
    again; what a person must decide about the others is printed, with exit code 1.
    """
    cap = None if budget is None else _dollars(budget)
    from .running import unheard

    with unheard():
        code = _resume(studio, episode, cap, adopt, backfill, json)
    raise typer.Exit(code)


def _dollars(text: str) -> int:
    from ..core.settings import micro

    try:
        return micro(text)
    except ValueError as error:
        raise WrongUse(f"--budget: {error}; write dollars, like 2.50") from None


def _resume(
    given: Path | None, episode: str | None, cap: int | None, adopt: bool, backfill: str | None, json: bool
) -> int:
    from ..core.status import progress_of
    from .display import Display
    from .ending import ended
    from .running import work

    if backfill is not None and episode is None:
        raise WrongUse("--backfill is about one episode; name it: duanju resume EPISODE --backfill PLUGIN")
    studio = open_studio(given)
    settings = studio.settings()
    if not studio.log_path.exists():
        raise WrongUse(f"{studio.root} has no log yet; make an episode first: duanju produce SCRIPT")
    plugins = used_plugins(studio, settings)
    try:
        with writing(studio, plugins) as log:
            studio.settle_place(log, plugins, adopt)
            all_ = studio.episodes(log)
            chosen = all_ if episode is None else [studio.resolve(log, episode)]
            known = {stream: progress_of(log, stream) for stream in chosen}
            before = log.head
            if cap is not None:
                _raise_cap(log, known, cap, episode is not None)
            asked = backfill is not None and _backfill(log, plugins, chosen[0], backfill, quiet=json)
            open_ = [
                s for s, progress in known.items() if asked or progress.holds or progress.delivered is None
            ]
            for stream in open_:
                _release(log, stream, known[stream], named=episode is not None, quiet=json)
            if not open_ and not json:
                say("nothing to resume: every episode asked for is delivered")
            with Display(log, open_) as display:
                interrupted = work(studio, log, plugins, settings, open_, display, adopt=adopt)
            log.refresh()
            streams = open_ or ([] if episode is None else chosen)
            return ended(studio, log, streams, after=before, interrupted=interrupted, json=json)
    finally:
        close(plugins)


def _backfill(log: Log, plugins: Plugins, stream: str, name: str, *, quiet: bool) -> bool:
    """Asks for it where a plugin has anything to answer. Raises WrongUse for a plugin that is not there."""
    from ..core.adoption import Spans, uncovered
    from ..core.lineage import view
    from ..events.episode import BackfillAsked
    from .settling import who

    plugin = plugins.plugins.get(name)
    if plugin is None:
        why = plugins.failures.get(name)
        if name in plugins.disabled:
            raise WrongUse(
                f"--backfill {name}: it is disabled; take it out of plugins.disabled in duanju.toml"
            )
        if why is not None:
            raise WrongUse(f"--backfill {name}: it was left out: {why}")
        raise WrongUse(f"--backfill {name}: no such plugin; duanju plugins list shows those there are")
    past = list(view(log, stream))
    spans = Spans([*log.read(stream="studio"), *(one for one in past if one.kind == "hooks_backfilled")])
    carried = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()[0]
    count = sum(1 for _ in uncovered(spans, plugin, (one for one in past if one.position <= carried)))
    if not quiet:
        what = f"answers {count} events from before its time" if count else "has answered everything already"
        say(f"{name_of(stream)}: {name} {what}")
    if count:
        log.append(stream, [BackfillAsked(name, who())], by=BY)
    return count > 0


def _raise_cap(log: Log, known: dict[str, Progress], cap: int, named: bool) -> None:
    from ..core.budget import dollars
    from ..events.calls import BudgetRaised

    held = [
        stream
        for stream, progress in known.items()
        if any(one.startswith("budget:") for one in progress.holds)
    ]
    streams = list(known) if named or len(known) == 1 else held
    if not streams:
        raise WrongUse("--budget: no episode is held for its budget; name the one to raise: EPISODE")
    for stream in streams:
        log.append(stream, [BudgetRaised("episode", cap, "a person, by duanju resume")], by=BY)
        for hold in [one for one in known[stream].holds if one.startswith("budget:")]:
            known[stream].holds.pop(hold)
        say(f"{name_of(stream)}: the cap for the episode is now {dollars(cap)}")


def _began_before_today(log: Log, stream: str) -> bool:
    """Whether the cap of a day that is over holds an episode: a new day (UTC) has its own."""
    held = [record.at for record in log.read(stream=stream, kind="episode_held") if DAY_CAP in record.body]
    return bool(held) and held[-1][:10] < log.clock()[:10]


def _release(log: Log, stream: str, progress: Progress, *, named: bool, quiet: bool) -> None:
    """Releases what may be gone; a fork that was never run begins only when it is `named`."""
    from ..core.fork import NOT_RUN
    from ..events.episode import EpisodeReleased

    for hold in progress.holds:
        anew = hold.split(":", 1)[0] in MAY_BE_GONE or (named and hold.startswith(NOT_RUN))
        if anew or (hold == DAY_CAP and _began_before_today(log, stream)):
            event = EpisodeReleased(hold, "resume", "duanju resume asks again")
            log.append(stream, [event], by=BY)
            if not quiet:
                say(f"{name_of(stream)}: asking again: {hold}")
