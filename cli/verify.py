"""`duanju verify`: is the log whole, are the files it names what it says, and do its tables agree with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.words import document, say, warn
from .opening import name_of, open_studio, reading, writing
from .options import Json, StudioFolder
from .telling import Telling

if TYPE_CHECKING:
    from ..core.log import Log
    from ..core.plugins import Plugins
    from ..core.proof import Proof
    from ..core.studio import Studio

__all__ = ["verify"]

MOST_PROBLEMS = 50


def verify(
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Also the file's pages, and all open work against what the log says."),
    ] = False,
    head: Annotated[
        bool, typer.Option("--head", help="Only print the head: the last position and its digest.")
    ] = False,
    check_head: Annotated[
        str | None,
        typer.Option(
            metavar="DIGEST", help="Exit 1 unless a head that was kept elsewhere stands in this log."
        ),
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild", help="Write the tables beside the log anew, from the log. No engine may run."
        ),
    ] = False,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Check the log's chain of digests, every file it names, its open work, and its tables of money.

    The tables are compared with what the log alone says. Prints the head's digest.

    Keep the digest somewhere else: with it nobody can change the log unseen.
    """
    from ..core.errors import WrongUse

    if sum((deep, head, check_head is not None, rebuild)) > 1 and not (deep and check_head is not None):
        raise WrongUse("--head, --check-head and --rebuild each go alone; --deep goes with --check-head")
    if check_head is not None and not re.fullmatch("[0-9a-fA-F]{64}", check_head):
        raise WrongUse(f"--check-head {check_head!r}: a digest has 64 hexadecimal digits")
    place = open_studio(studio)
    if rebuild:
        _rebuild(place, json)
        return
    if head:
        with reading(place) as log:
            _head(log, json)
        return
    plugins = place.plugins()
    with reading(place, plugins) as log:
        bad = _verify(place, plugins, log, deep, check_head, json)
    if bad:
        raise typer.Exit(1)


def _head(log: Log, json: bool) -> None:
    if json:
        document({"position": log.head, "head": log.head_digest()})
    else:
        say(f"{log.head} {log.head_digest()}")


def _verify(place: Studio, plugins: Plugins, log: Log, deep: bool, witness: str | None, json: bool) -> bool:
    from ..core.handin import waiting
    from ..core.proof import prove
    from ..core.verify import position_of_digest

    with Telling() as telling:
        found = prove(log, place.artifacts, plugins, deep=deep, tell=telling)
    at = None if witness is None else position_of_digest(log, witness)
    kept = [str(file) for file, _ in waiting(log.path)]
    if json:
        document({**_json(found), "handed_in": kept, **({} if witness is None else {"witness": at})})
    else:
        _print(found, log, kept)
        if witness is not None:
            _witness(found, at)
    return bool(found.problems) or (witness is not None and at is None)


def _json(found: Proof) -> dict[str, Any]:
    return {
        "records": found.records,
        "head": found.head,
        "deep": found.deep,
        "problems": [{"position": one.position, "what": one.what} for one in found.problems],
        "open": {
            "owed": found.owed,
            "waiting": found.asked,
            "under_way": found.flying,
            "uncarried": found.uncarried,
        },
        "doubted": [
            {
                "episode": name_of(one.stream),
                "position": one.position,
                "route": one.route,
                "ceiling": one.ceiling,
            }
            for one in found.doubts
        ],
    }


def _print(found: Proof, log: Log, kept: list[str]) -> None:
    if found.problems:
        for one in found.problems[:MOST_PROBLEMS]:
            warn(f"position {one.position}: {one.what}" if one.position else one.what)
        if len(found.problems) > MOST_PROBLEMS:
            warn(f"and {len(found.problems) - MOST_PROBLEMS} more")
        count = "1 problem" if len(found.problems) == 1 else f"{len(found.problems)} problems"
        warn(
            f"{count}; restore a backup of {log.path}, or of the files that are named; what is wrong in the "
            "tables beside the log alone, duanju verify --rebuild writes anew from it"
        )
    else:
        tables = ", its tables are what it says" if found.deep else ""
        say(f"{found.records} records, chain and files are whole{tables}")
        say(f"head {found.head}")
    _open(found)
    if kept:
        warn(f"{len(kept)} answers of paid calls wait in {log.path}'s folder: duanju resume takes them up")


def _open(found: Proof) -> None:
    from ..core.budget import dollars

    counts = (
        (found.flying, "under way"),
        (found.owed, "owed"),
        (found.asked, "waiting for admission"),
        (found.uncarried, "records that no engine has looked at"),
    )
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    if told:
        say(f"open: {told}; duanju resume goes on with it")
    for one in found.doubts:
        say(
            f"in doubt: position {one.position}, {name_of(one.stream)}, {one.route}, up to "
            f"{dollars(one.ceiling)}: duanju review list"
        )


def _witness(found: Proof, at: int | None) -> None:
    if at is None:
        warn("the witness stands nowhere in this log: it was cut off, replaced, or made anew after a change")
    elif at == found.records:
        say("the witness is the head: nothing was added since")
    elif at > found.records:
        warn(f"the witness stands at position {at}, beyond what can be proved")
    else:
        say(f"the witness stands at position {at}: {found.records - at} records were added since")


def _rebuild(place: Studio, json: bool) -> None:
    from ..core.mend import rebuild_tables

    plugins = place.plugins()
    with writing(place, plugins) as log:
        found = rebuild_tables(log, plugins, place.artifacts)
    if json:
        document(
            {
                "head": found.head,
                "spend": found.spend,
                "outcomes": found.outcomes,
                "ledger": found.ledger,
                "work_added": found.added,
                "work_removed": found.removed,
            }
        )
        return
    say(
        f"written anew from the log: {found.ledger} rows of the ledger, {found.spend} of spend, "
        f"{found.outcomes} answers to use again; {found.added} rows of open work put back, "
        f"{found.removed} taken out"
    )
    say(f"head {found.head}")
