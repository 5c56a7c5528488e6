"""`duanju status`: how far each episode is, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.words import document, say
from .opening import name_of, open_studio, reading
from .options import Json, MaybeEpisode, StudioFolder

if TYPE_CHECKING:
    from ..core.ledger import Ledger
    from ..core.log import Log
    from ..core.status import Holder, Progress

__all__ = ["status"]


def status(episode: MaybeEpisode = None, json: Json = False, studio: StudioFolder = None) -> None:
    """Show how far each episode is: its state, counts, what it waits for, its holds, and its money."""
    from ..core.status import holder_of

    place = open_studio(studio)
    with reading(place) as log:
        streams = place.episodes(log) if episode is None else [place.resolve(log, episode)]
        holder = holder_of(log)
        found = [_status(log, stream, holder) for stream in streams]
        stopped = _stopped(log)
    if json:
        engine = None if holder is None else {"pid": holder.pid, "host": holder.host, "since": holder.since}
        document({"studio": str(place.root), "engine": engine, "stopped": stopped, "episodes": found})
        return
    if holder is None:
        say("no engine runs")
    else:
        say(f"an engine runs: process {holder.pid} on {holder.host}, since {holder.since}")
    for bill in stopped:
        say(
            f"STOPPED: nothing more is asked of {bill['route']}, nor of what shares its lane: a bill of "
            f"{bill['episode']} was over its ceiling"
        )
        say(f"  next: {bill['next']}")
    for one in found:
        _print(one)


def _stopped(log: Log) -> list[dict[str, Any]]:
    """The bills over their ceiling that nobody has looked at yet: each stops its lane for every episode."""
    import shlex

    rows = log.db.execute(
        "SELECT stream, cause FROM work WHERE plugin = 'core' AND hook = 'overbilled' ORDER BY cause"
    )
    found = []
    for stream, cause in rows.fetchall():
        record = log.at(cause)
        if record is not None:
            name = name_of(stream)
            command = f"duanju review retry {shlex.quote(name)} overbilled:{cause}"
            found.append(
                {"episode": name, "route": record.event.route, "position": cause,
                 "next": f"look at the vendor's bill and its price entry, then {command}"}
            )  # fmt: skip
    return found


def _status(log: Log, stream: str, holder: Holder | None) -> dict[str, Any]:
    from ..core.ledger import ledger_of
    from ..core.status import progress_of, state_of

    progress = progress_of(log, stream)
    return {
        "episode": name_of(stream),
        "title": progress.title,
        "state": state_of(progress, holder is not None),
        "revision": progress.revision,
        "position": progress.position,
        "counts": {phase: {"done": done, "of": of} for phase, (done, of) in progress.counts().items()},
        "waits": [{"join": one.join, "for": one.waits_for} for one in progress.waits()],
        "holds": _holds(progress),
        "repairs": _repairs(progress),
        "unmapped": [{"line": number, "text": text} for number, text in progress.unmapped()],
        "by_rules": progress.by_rules(),
        "money": _money(ledger_of(log, stream)),
    }


def _holds(progress: Progress) -> list[dict[str, str]]:
    return [
        {"hold": one.hold, "subject": one.subject, "why": one.why, "next": one.next}
        for one in progress.holds.values()
    ]


def _repairs(progress: Progress) -> list[dict[str, Any]]:
    """What was made again for a check: how often, whether the last take is awaited, and which was kept."""
    awaited = {one.subject for one in progress.repairing()}
    last = {one.subject: one for one in progress.repairs}
    return [
        {"subject": subject, "check": one.check, "attempt": one.attempt, "why": one.why,
         "awaited": subject in awaited,
         "kept": progress.kept[subject].take if subject in progress.kept else None,
         "kept_why": progress.kept[subject].why if subject in progress.kept else ""}
        for subject, one in sorted(last.items())
    ]  # fmt: skip


def _money(ledger: Ledger) -> dict[str, Any]:
    sums = ledger.sums()
    return {
        "settled": sums.cost,
        "estimated": sums.estimated,
        "reserved": sums.reserved,
        "in_doubt": sums.in_doubt,
        "doubts": [
            {"route": route, "calls": one.doubts, "money": one.in_doubt}
            for route, one in ledger.doubts().items()
        ],
        "unknown_calls": sums.unknown,
    }


def _print(one: dict[str, Any]) -> None:
    from ..core.budget import dollars
    from .ending import fallen_lines, unmapped_lines

    say()
    title = f"  ({one['title']})" if one["title"] else ""
    say(f"{one['episode']}: {one['state']}, revision {one['revision']}{title}")
    counts = [
        f"{phase} {count['done']}" + ("" if count["of"] is None else f"/{count['of']}")
        for phase, count in one["counts"].items()
    ]
    say(f"  {', '.join(counts)}")
    unmapped_lines(one["unmapped"])
    fallen_lines(one["by_rules"])
    for wait in one["waits"]:
        say(f"  {wait['join']} waits for {wait['for']}")
    for repair in one["repairs"]:
        times = "once" if repair["attempt"] == 1 else f"{repair['attempt']} times"
        after = f"; take {repair['kept']} is kept: {repair['kept_why']}" if repair["kept"] else ""
        say(f"  repair: {repair['subject']} asked for again {times} by {repair['check']}{after}")
    for hold in one["holds"]:
        where = f" {hold['subject']}" if hold["subject"] else ""
        say(f"  HELD ({hold['hold']}){where}: {hold['why']}")
        say(f"    next: {hold['next']}")
    money = one["money"]
    words = f"  money: {dollars(money['settled'])} spent"
    words += "".join(f", {dollars(money[key])} {key.replace('_', ' ')}" for key in ("reserved", "in_doubt"))
    if money["unknown_calls"]:
        words += f", {money['unknown_calls']} calls of unknown cost"
    say(words)
    if money["estimated"]:
        say(f"    {dollars(money['estimated'])} of it is booked at the ceiling, for want of a bill")
    for doubt in money["doubts"]:
        calls = "1 call" if doubt["calls"] == 1 else f"{doubt['calls']} calls"
        say(f"    in doubt: {calls} to {doubt['route']}, up to {dollars(doubt['money'])}: duanju review list")
