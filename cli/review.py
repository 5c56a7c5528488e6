"""`duanju review`: what a person must decide about an episode, and the words that decide it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from .opening import name_of, open_studio, reading, used_plugins, writing
from .options import EpisodeName, Json, MaybeEpisode, StudioFolder
from .words import document, say

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.episode import Episode
    from ..core.log import Log

__all__ = ["review"]

BY = "cli.review"
review = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Decide what only a person can: doubts, holds, waivers."
)
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; it is recorded with your name.")]


@review.command("list", epilog="Example: duanju review list teahouse")
def list_(episode: MaybeEpisode = None, json: Json = False, studio: StudioFolder = None) -> None:
    """List what is held, why, and the command that lets it go on."""
    place = open_studio(studio)
    with reading(place) as log:
        streams = place.episodes(log) if episode is None else [place.resolve(log, episode)]
        found = [
            {"episode": name_of(stream), "hold": one.hold, "subject": one.subject, "why": one.why,
             "next": one.next}
            for stream in streams
            for one in _fold(log, stream).holds.values()
        ]  # fmt: skip
    if json:
        document({"holds": found})
        return
    for row in found:
        say(f"{row['episode']}: {row['hold']}")
        say(f"  why:  {row['why']}")
        say(f"  next: {row['next']}")
    if not found:
        say("nothing waits for a person")


@review.command("waive", epilog="Example: duanju review waive teahouse picture.black@episode --note 'a cut'")
def waive(
    episode: EpisodeName,
    subject: Annotated[str, typer.Argument(metavar="CHECK@SUBJECT", help="As the hold names it.")],
    note: Note = "",
    studio: StudioFolder = None,
) -> None:
    """Let a failed check pass for exactly these bytes; a later cut must pass again."""
    from ..events.cut import EpisodeCut
    from ..events.quality import CheckMeasured, CheckWaived

    check, _, about = subject.partition("@")
    with _deciding(studio, episode) as (log, stream, fold):
        cut = fold.last(EpisodeCut)
        measured = fold.last(CheckMeasured, check, about or "episode")
        if cut is None or measured is None:
            known = sorted({f"{one.check}@{one.subject}" for one in fold.all(CheckMeasured)})
            raise WrongUse(f"no check {subject} in {episode}; there are: {', '.join(known) or 'none yet'}")
        if measured.verdict in ("passed", "warned"):
            raise WrongUse(f"{subject} {measured.verdict}: there is nothing to waive")
        event = CheckWaived(check, about or "episode", cut.film.sha256, _who(), note)
        log.append(stream, [event], by=BY)
    _go_on(episode, f"{subject} is waived for this film")


@review.command("retry", epilog="Example: duanju review retry teahouse 118 --not-accepted")
def retry(
    episode: EpisodeName,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="A doubt's position, or a hold's name.")],
    not_accepted: Annotated[
        bool, typer.Option("--not-accepted", help="The vendor says that it never took the call: it cost 0.")
    ] = False,
    note: Note = "",
    studio: StudioFolder = None,
) -> None:
    """Ask again: settle a doubt and send the call anew, or release a hold whose cause you have mended.

    A doubt counts as spent at its ceiling, unless --not-accepted says that the vendor never took it.
    """
    with _deciding(studio, episode) as (log, stream, fold):
        hold = f"doubt:{subject}" if subject.isdecimal() else subject
        if hold not in fold.holds:
            known = ", ".join(fold.holds) or "none"
            raise WrongUse(f"{episode} has no hold {hold}; there are: {known}")
        log.append(stream, [_settled(log, fold, hold, not_accepted, note)], by=BY)
    _go_on(episode, f"{hold} is settled")


def _settled(log: Log, fold: Episode, hold: str, not_accepted: bool, note: str) -> Any:
    from ..events.calls import CallDoubted, DoubtSettled
    from ..events.episode import EpisodeReleased

    kind, _, position = hold.partition(":")
    record = log.at(int(position)) if kind == "doubt" and position.isdecimal() else None
    if record is not None and isinstance(record.event, CallDoubted) and record.stream == fold.stream:
        settled = "not_accepted" if not_accepted else "given_up"
        return DoubtSettled(record.event.request, record.event.admitted, settled, _who(), note)
    if not_accepted:
        raise WrongUse(f"--not-accepted is about a doubt, and {hold} is none")
    if kind == "check":
        raise WrongUse(f"{hold}: mend it and produce again, or waive it: duanju review waive")
    return EpisodeReleased(hold, _who(), note or "a person lets it go on")


@contextmanager
def _deciding(given: Path | None, episode: str) -> Iterator[tuple[Log, str, Episode]]:
    """The log to append to, the episode's stream, and its fold as it stands."""
    place = open_studio(given)
    plugins = used_plugins(place, place.settings())
    try:
        with reading(place), writing(place, plugins) as log:
            stream = place.resolve(log, episode)
            yield log, stream, _fold(log, stream)
    finally:
        plugins.close()


def _fold(log: Log, stream: str) -> Episode:
    from ..core.folds import Folds

    def no_settings(sha256: str) -> bytes:
        raise LookupError(sha256)

    return Folds(log, no_settings).now(stream)


def _who() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in many containers
        return "somebody"


def _go_on(episode: str, what: str) -> None:
    import shlex

    say(f"{what}; go on with: duanju resume {shlex.quote(episode)}")
