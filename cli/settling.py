"""`duanju review adopt`, `retry` and `drop`: a person settles doubts and lets holds go on."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from ..core.words import say
from .opening import close, name_of, open_studio, reading, used_plugins, writing
from .options import EpisodeName, StudioFolder

if TYPE_CHECKING:
    from ..core.episode import Episode
    from ..core.ledger import Entry
    from ..core.log import Log
    from ..core.studio import Studio

__all__ = ["BY", "Note", "adopt", "deciding", "doubts_of", "drop", "fold_of", "retry", "who"]

BY = "cli.review"
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; it is recorded with your name.")]
Subject = Annotated[
    str | None,
    typer.Argument(metavar="[SUBJECT]", help="A doubt's position, what it is about, or a hold's name."),
]
All = Annotated[bool, typer.Option("--all", help="All of the episode, instead of one SUBJECT.")]
NotAccepted = Annotated[
    bool, typer.Option("--not-accepted", help="The vendor says that it never took the call: it cost 0.")
]


def adopt(
    episode: EpisodeName,
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="The doubt's position, or the shot or line it is about.")
    ],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="What the vendor delivered.", show_default=False)
    ] = None,
    cost: Annotated[
        str | None, typer.Option("--cost", metavar="DOLLARS", help="What the bill says; else its ceiling.")
    ] = None,
    job: Annotated[
        str | None, typer.Option("--job", metavar="ID", help="The vendor's job, to be awaited; for a clip.")
    ] = None,
    note: Note = "",
    studio: StudioFolder = None,
) -> None:
    """Hand in what the vendor of a doubted call delivered after all: nothing is sent or paid again.

    FILE is a PNG or JPEG picture, a 16-bit mono WAV, an MP4 clip or a UTF-8 text, as was asked for. Without
    --cost the call's ceiling counts as spent.
    """
    from ..core.delivered import bill_of, delivered, submitted
    from ..events.calls import DoubtSettled

    if (file is None) == (job is None):
        raise WrongUse("name what the vendor delivered: a FILE, or --job ID for a clip that it still makes")
    if job is not None and cost is not None:
        raise WrongUse("--cost is the bill of a FILE; a job's bill comes with its clip")
    with deciding(studio, episode) as (place, log, stream, fold):
        entry = _one(log, stream, fold, subject)
        admitted, request = log.at(entry.position), log.at(entry.request)
        if admitted is None or request is None:
            raise WrongUse(f"position {entry.doubt}: its request is not in the log; see duanju verify")
        if file is not None:
            bill = bill_of(_micro(cost), entry.ceiling)
            outcome = delivered(request.event, admitted.event, file, bill, place.artifacts)
        else:
            outcome = submitted(request.event, admitted.event, job or "")
        settled = DoubtSettled(entry.request, entry.position, "returned", who(), note)
        _append(log, stream, [entry], [outcome, settled], entry.position)
    _go_on(episode, f"what became of the call for {entry.subject} is known")


def retry(
    episode: EpisodeName,
    subject: Subject = None,
    not_accepted: NotAccepted = False,
    all_: All = False,
    note: Note = "",
    studio: StudioFolder = None,
) -> None:
    """Ask again: settle a doubt and send the call anew, or release a hold whose cause you have mended.

    A doubt counts as spent at its ceiling, unless --not-accepted says that the vendor never took it.
    """
    _need(subject, all_)
    with deciding(studio, episode) as (_, log, stream, fold):
        if all_:
            entries = [one for one in doubts_of(log, stream) if one.state == "doubted"]
            holds = [] if not_accepted else [one for one in fold.holds if _mended(one)]
        else:
            entries, holds = _entry_or_hold(log, stream, fold, subject or "")
            if holds and not_accepted:
                raise WrongUse(f"--not-accepted is about a doubt, and {holds[0]} is none")
        events = [_settled(one, not_accepted, note) for one in entries]
        events += [_released(hold, note) for hold in holds]
        if not events:
            raise WrongUse(f"{episode} has no doubt and no hold that can be asked again")
        _append(log, stream, entries, events)
    names = [f"doubt:{one.doubt}" for one in entries] + holds
    _go_on(episode, f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} settled")


def drop(
    episode: EpisodeName,
    subject: Subject = None,
    not_accepted: NotAccepted = False,
    all_: All = False,
    note: Note = "",
    studio: StudioFolder = None,
) -> None:
    """Settle a doubt without sending its call again: its request is withdrawn and the episode says so.

    It counts as spent at its ceiling, unless --not-accepted says that the vendor never took it. The episode
    stays held until its script or its routes change, or the request is asked for after all.
    """
    from ..events.calls import RequestWithdrawn

    _need(subject, all_)
    with deciding(studio, episode) as (_, log, stream, fold):
        entries = doubts_of(log, stream) if all_ else [_one(log, stream, fold, subject or "")]
        if not entries:
            raise WrongUse(f"{episode} has no call in doubt")
        events: list[Any] = []
        for one in entries:
            if one.state == "doubted":  # what was sent again by itself has its answer, or will have it
                why = f"{who()} dropped it with its doubt" + (f": {note}" if note else "")
                events.append(RequestWithdrawn(one.request, why))
            events.append(_settled(one, not_accepted, note))
        _append(log, stream, entries, events)
    told = "cost nothing" if not_accepted else "is booked at its ceiling"
    for one in entries:
        say(f"doubt:{one.doubt} {told}; {one.subject} is not asked for again")
    held = [one for one in entries if one.state == "doubted"]
    for one in held[:10]:
        say(f"  to ask after all: duanju review retry {shlex.quote(episode)} dropped:{one.request}")
    if held:
        say("  or change the script or the route, and produce again")


# -- what is meant -----------------------------------------------------------------------------------------


def doubts_of(log: Log, stream: str) -> list[Entry]:
    """The calls of a stream that are in doubt, in log order."""
    from ..core.ledger import ledger_of

    return [one for one in ledger_of(log, stream).entries if one.doubtful]


def _need(subject: str | None, all_: bool) -> None:
    if (subject is None) != all_:
        raise WrongUse("name one SUBJECT, or --all; see duanju review list")


def _one(log: Log, stream: str, fold: Episode, subject: str) -> Entry:
    entries, holds = _entry_or_hold(log, stream, fold, subject)
    if not entries:
        raise WrongUse(f"{holds[0]} is no doubt; see duanju review list")
    return entries[0]


def _entry_or_hold(log: Log, stream: str, fold: Episode, subject: str) -> tuple[list[Entry], list[str]]:
    """The one doubt, or the one hold, that a person means. Raises WrongUse, naming what there is."""
    doubts = doubts_of(log, stream)
    position = subject.removeprefix("doubt:")
    found = [one for one in doubts if position.isdecimal() and one.doubt == int(position)]
    found = found or [one for one in doubts if one.subject == subject]
    if len(found) > 1:
        shown = ", ".join(f"{one.doubt} ({one.purpose} by {one.route})" for one in found)
        raise WrongUse(f"{subject} has several calls in doubt; name one by its position: {shown}")
    if found:
        return found, []
    hold = f"doubt:{subject}" if subject.isdecimal() else subject
    if hold not in fold.holds:
        there = [
            *fold.holds,
            *(f"doubt:{one.doubt}" for one in doubts if f"doubt:{one.doubt}" not in fold.holds),
        ]
        raise WrongUse(f"{name_of(stream)} has no hold {hold}; there are: {', '.join(there) or 'none'}")
    if hold.startswith("doubt:"):
        record = log.at(int(hold[6:])) if hold[6:].isdecimal() else None
        other = stream if record is None else record.stream
        if other != stream:
            name = shlex.quote(name_of(other))
            raise WrongUse(f"that call is of another episode: duanju review retry {name} {hold[6:]}")
    if hold.startswith("check:"):
        raise WrongUse(f"{hold}: mend it and produce again, or waive it: duanju review waive")
    return [], [hold]


def _mended(hold: str) -> bool:
    """Whether `retry --all` lets a hold go on: not a doubt (it is settled as one), not a failed check."""
    return hold.split(":", 1)[0] not in ("doubt", "check", "budget")


def _settled(entry: Entry, not_accepted: bool, note: str) -> Any:
    from ..events.calls import DoubtSettled

    how = "not_accepted" if not_accepted else "given_up"
    return DoubtSettled(entry.request, entry.position, how, who(), note)


def _released(hold: str, note: str) -> Any:
    from ..events.episode import EpisodeReleased

    return EpisodeReleased(hold, who(), note or "a person lets it go on")


def _micro(cost: str | None) -> int | None:
    from ..core.settings import micro

    try:
        return None if cost is None else micro(cost)
    except ValueError as error:
        raise WrongUse(f"--cost: {error}; write dollars, like 0.42") from None


# -- what is written ---------------------------------------------------------------------------------------


def _append(log: Log, stream: str, entries: list[Entry], events: list[Any], cause: int | None = None) -> None:
    """Appends what was decided, all of it or nothing. Raises WrongUse when somebody settled it meanwhile."""
    with log.writing():
        still = {one.position for one in doubts_of(log, stream)}
        for entry in entries:
            if entry.position not in still:
                raise WrongUse(f"doubt:{entry.doubt} was settled meanwhile; see duanju review list")
        for event in events:
            log.add(stream, event, by=BY, cause=cause, root=cause)


@contextmanager
def deciding(given: Path | None, episode: str) -> Iterator[tuple[Studio, Log, str, Episode]]:
    """The studio, its log to append to, the episode's stream, and its fold as it stands."""
    place = open_studio(given)
    plugins = used_plugins(place, place.settings())
    try:
        with reading(place), writing(place, plugins) as log:
            stream = place.resolve(log, episode)
            yield place, log, stream, fold_of(log, stream)
    finally:
        close(plugins)


def fold_of(log: Log, stream: str) -> Episode:
    """The fold of an episode as it stands, without its settings."""
    from ..core.folds import Folds

    def no_settings(sha256: str) -> bytes:
        raise LookupError(sha256)

    return Folds(log, no_settings).now(stream)


def who() -> str:
    """The name of the person at the keyboard."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in many containers
        return "somebody"


def _go_on(episode: str, what: str) -> None:
    say(f"{what}; go on with: duanju resume {shlex.quote(episode)}")
