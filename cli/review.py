"""`duanju review`: what a person must decide about an episode, and the words that decide it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from ..core.words import document, here, say
from .opening import name_of, open_studio, reading
from .options import EpisodeName, Json, MaybeEpisode, StudioFolder
from .settling import BY, Note, adopt, deciding, doubts_of, drop, fold_of, retry, who

if TYPE_CHECKING:
    from ..core.episode import Episode
    from ..core.ledger import Entry
    from ..core.log import Log
    from ..core.studio import Studio

__all__ = ["review"]

review = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Decide what only a person can: doubts, holds, waivers."
)


@review.command("list", epilog="Example: duanju review list teahouse")
def list_(episode: MaybeEpisode = None, json: Json = False, studio: StudioFolder = None) -> None:
    """List what is held or in doubt: why, how much money, what is known, and the commands that decide it."""
    place = open_studio(studio)
    with reading(place) as log:
        streams = place.episodes(log) if episode is None else [place.resolve(log, episode)]
        holds = [
            {"episode": name_of(stream), "hold": one.hold, "subject": one.subject, "why": one.why,
             "next": one.next}
            for stream in streams
            for one in fold_of(log, stream).holds.values()
        ]  # fmt: skip
        doubts = [_doubt(place, log, one) for stream in streams for one in doubts_of(log, stream)]
    if json:
        document({"unit": "micro-dollars", "holds": holds, "doubts": doubts})
        return
    told = {(one["episode"], f"doubt:{one['position']}") for one in doubts}
    for one in doubts:
        _print(one)
    for row in holds:
        if (row["episode"], row["hold"]) not in told:
            say(f"{row['episode']}: {row['hold']}")
            say(f"  why:  {row['why']}")
            say(f"  next: {row['next']}")
    if not holds and not doubts:
        say("nothing waits for a person")


def _doubt(place: Studio, log: Log, entry: Entry) -> dict[str, Any]:
    record = log.at(entry.doubt or 0)
    event = None if record is None else record.event
    raw = None if event is None or event.raw is None else event.raw
    name, position = name_of(entry.stream), entry.doubt
    one = f"{shlex.quote(name)} {position}"
    file = "--job ID" if entry.capability == "video" else "FILE"
    commands = {
        "adopt": f"duanju review adopt {one} {file if file == 'FILE' else 'FILE (or ' + file + ')'}",
        "drop": f"duanju review drop {one}",
    }
    if entry.state == "doubted":
        commands["retry"] = f"duanju review retry {one}"
    return {
        "episode": name,
        "position": position,
        "subject": entry.subject,
        "purpose": entry.purpose,
        "capability": entry.capability,
        "route": entry.route,
        "money": entry.ceiling,
        "admitted": entry.position,
        "since": "" if record is None else record.at,
        "why": "" if event is None else event.why,
        "known": "" if event is None else event.known,
        "raw": None if raw is None else str(place.artifacts.root / raw.sha256[:2] / raw.sha256[2:]),
        "sent_again": entry.state == "superseded",
        "commands": commands,
    }


def _print(one: dict[str, Any]) -> None:
    from ..core.budget import dollars

    again = ", sent again by itself" if one["sent_again"] else ""
    say(
        f"{one['episode']}: doubt:{one['position']}, {one['purpose']} of {one['subject']} by {one['route']}, "
        f"up to {dollars(one['money'])}, since {one['since']}{again}"
    )
    say(f"  why:   {one['why']}")
    if one["known"]:
        say(f"  known: {one['known']}")
    if one["raw"]:
        say(f"  its answer as it came: {here(one['raw'])}")
    words = {
        "adopt": "it delivered",
        "retry": "send it again (--not-accepted: it was never taken)",
        "drop": "do not send it again (--not-accepted: it was never taken)",
    }
    for key, meaning in words.items():
        if key in one["commands"]:
            say(f"  {one['commands'][key]}    {meaning}")


@review.command("waive", epilog="Example: duanju review waive teahouse picture.black@episode --note 'a cut'")
def waive(
    episode: EpisodeName,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT", help="CHECK@SUBJECT, part:JOIN:PART or plugin:NAME, as its hold says."
        ),
    ],
    note: Note = "",
    studio: StudioFolder = None,
) -> None:
    """Go on without: a check that failed, a plugin's part, or a plugin that is gone.

    A check passes for exactly these bytes; a later cut must pass again.
    """
    from ..events.cut import EpisodeCut
    from ..events.quality import CheckMeasured, CheckWaived

    check, _, about = subject.partition("@")
    with deciding(studio, episode) as (_place, log, stream, fold):
        if subject.startswith(("part:", "plugin:")):
            log.append(stream, [_without(fold, episode, subject, note)], by=BY)
            say(f"{subject} is waived; go on with: duanju resume {shlex.quote(episode)}")
            return
        cut = fold.last(EpisodeCut)
        measured = fold.last(CheckMeasured, check, about or "episode")
        if cut is None or measured is None:
            known = sorted({f"{one.check}@{one.subject}" for one in fold.all(CheckMeasured)})
            raise WrongUse(f"no check {subject} in {episode}; there are: {', '.join(known) or 'none yet'}")
        if measured.verdict in ("passed", "warned"):
            raise WrongUse(f"{subject} {measured.verdict}: there is nothing to waive")
        event = CheckWaived(check, about or "episode", cut.film.sha256, who(), note)
        log.append(stream, [event], by=BY)
    say(f"{subject} is waived for this film; go on with: duanju resume {shlex.quote(episode)}")


def _without(fold: Episode, episode: str, subject: str, note: str) -> Any:
    """A person's word that a join, or an episode, goes on without somebody. Raises WrongUse for nobody."""
    from ..events.episode import JOINS, PartWaived, PluginWaived

    kind, _, rest = subject.partition(":")
    if kind == "plugin":
        if subject not in fold.holds:
            known = ", ".join(fold.holds) or "none"
            raise WrongUse(f"{episode} has no hold {subject}; there are: {known}")
        return PluginWaived(rest, who(), note)
    join, _, part = rest.partition(":")
    if part not in fold.open_parts(join):
        open_ = ", ".join(f"part:{one}:{name}" for one in JOINS for name in fold.open_parts(one)) or "none"
        raise WrongUse(f"{episode} has no open part {subject}; there are: {open_}")
    return PartWaived(join, part, fold.revision, who(), note)


review.command("adopt", epilog="Example: duanju review adopt teahouse 118 found.png --cost 0.04")(adopt)
review.command("retry", epilog="Example: duanju review retry teahouse 118 --not-accepted")(retry)
review.command("drop", epilog="Example: duanju review drop teahouse 118 --note 'done by hand'")(drop)
