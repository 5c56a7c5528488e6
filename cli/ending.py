"""What is printed when the work ends: where the films are, what they cost, and what holds the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from ..core.budget import dollars
from ..core.ledger import Sums, ledger_of
from ..core.log import Log
from ..core.shutdowns import Shutdown, shutdowns_met
from ..core.status import Progress, holder_of, progress_of, state_of
from ..core.studio import OUT_FILES, Studio
from ..core.words import document, here, say, warn
from .opening import name_of

__all__ = ["ended", "fallen_lines", "missing_files", "script_error", "unmapped_lines"]

MOST_WAITS = 5
_SCRIPT_ERROR = re.compile(r"^ScriptError: (?P<words>.*?)(?: \([^()\s]+:\d+ [^()]*\))?$", re.DOTALL)


def ended(
    studio: Studio,
    log: Log,
    streams: list[str],
    *,
    after: int,
    what: Mapping[str, str] | None = None,
    interrupted: bool = False,
    json: bool = False,
) -> int:
    """Prints the end of a run over `streams`, and returns the exit code; `after` = the head before it.

    `what` says of each stream what handing in its script did.
    """
    found = [_episode(studio, log, stream, (what or {}).get(stream, "")) for stream in streams]
    ledger = ledger_of(log, after=after)
    run, shutdowns = ledger.sums(), shutdowns_met(log, studio.artifacts, ledger.entries)
    if json:
        document(
            {
                "unit": "micro-dollars",
                "episodes": found,
                "run": attrs.asdict(run),
                "shutdowns": [attrs.asdict(one) for one in shutdowns],
                "interrupted": interrupted,
                "head": {"position": log.head, "digest": log.head_digest()},
            }
        )
    else:
        for one in found:
            _print(one)
        if any(one["wrong_script"] is None for one in found):
            _run(run, shutdowns)
        say(f"log head: position {log.head}, {log.head_digest()}")
        if interrupted and holder_of(log) is not None:
            say("no longer following; the other engine goes on")
        elif interrupted:
            say("interrupted; go on with: duanju resume")
    codes = [_code(one) for one in found]
    return 130 if interrupted else max(codes, default=0)


def _run(run: Sums, shutdowns: list[Shutdown]) -> None:
    say(
        f"this run: {run.calls} calls, {dollars(run.cost)}, {run.reused} answers used again"
        f" ({run.reused_paid} of them paid takes)"
    )
    if run.unknown:
        say(f"  {run.unknown} calls cost something that nobody knows")
    for one in shutdowns:
        warn(f"duanju: {one}; change [routes] in duanju.toml before that day")


def unmapped_lines(rows: list[dict[str, Any]]) -> None:
    """Prints the script lines that were not understood, if there are any."""
    if not rows:
        return
    say(f"  {len(rows)} script lines were not understood:")
    for row in rows[:MOST_WAITS]:
        say(f"    line {row['line']}: {row['text'][:60]}")
    if len(rows) > MOST_WAITS:
        say(f"    and {len(rows) - MOST_WAITS} more: see the report")


def fallen_lines(rows: list[dict[str, Any]]) -> None:
    """Prints the scenes whose shots are the rules' since no model's could be used, if there are any."""
    for row in rows[:MOST_WAITS]:
        say(f"  {row['scene']} is broken down by the rules: {', '.join(row['asked'])}: {row['why'][:200]}")
    if len(rows) > MOST_WAITS:
        say(f"  and {len(rows) - MOST_WAITS} more by the rules: see the report")


def missing_files(studio: Studio, stream: str) -> list[str]:
    """The files of a delivered episode that its folder lacks."""
    folder = studio.folder(stream)
    return [name for name in OUT_FILES if not (folder / name).is_file()]


def _episode(studio: Studio, log: Log, stream: str, what: str) -> dict[str, Any]:
    progress = progress_of(log, stream)
    sums = ledger_of(log, stream).sums()
    folder = studio.folder(stream)
    files = {
        key: str(folder / name) if (folder / name).is_file() else None
        for key, name in (("film", "episode.mp4"), ("report", "report.html"), ("costs", "costs.csv"))
    }
    return {
        "episode": name_of(stream),
        "what": what,
        "state": state_of(progress, False),
        "revision": progress.revision,
        "folder": str(folder),
        **files,
        "cost": attrs.asdict(sums),
        "unmapped": [{"line": number, "text": text} for number, text in progress.unmapped()],
        "by_rules": progress.by_rules(),
        "holds": [attrs.asdict(one) for one in progress.holds.values()],
        "waits": [f"{one.join} waits for {one.waits_for}" for one in progress.waits()],
        "wrong_script": _wrong_script(log, stream, progress),
    }


def _wrong_script(log: Log, stream: str, progress: Progress) -> str | None:
    """What the script reader says is wrong with it; None where the script is not at fault."""
    causes: dict[int, str] = {}
    for kind in ("episode_opened", "episode_revised"):
        causes.update((record.position, kind) for record in log.read(stream=stream, kind=kind))
    newest = max(causes, default=0)
    for record in log.read(stream=stream, kind="effect_failed"):
        words = script_error(record.event.error)
        if words is not None and record.cause == newest and any(str(newest) in one for one in progress.holds):
            return words
    return None


def script_error(error: str) -> str | None:
    """What the script reader says is wrong, from an effect's error; None where it is another's."""
    found = _SCRIPT_ERROR.match(error)
    return found["words"] if found else None


def _code(one: dict[str, Any]) -> int:
    if one["wrong_script"] is not None:
        return 2
    return 0 if one["state"] == "delivered" else 1


def _print(one: dict[str, Any]) -> None:
    if one["wrong_script"] is not None:
        warn(f"duanju: {one['wrong_script']}")
        return
    sums = one["cost"]
    say(f"{one['episode']}: {one['state']}")
    for key in ("film", "report", "costs"):
        if one[key] is not None:
            say(f"  {key:<7} {here(one[key])}")
    words = f"{dollars(sums['cost'])} for {sums['calls']} calls in all, {sums['reused']} answers used again"
    if sums["doubts"]:
        words += f", {dollars(sums['in_doubt'])} in doubt ({sums['doubts']} calls: duanju review list)"
    if sums["unknown"]:
        words += f", {sums['unknown']} calls of unknown cost"
    say(f"  spent   {words}")
    unmapped_lines(one["unmapped"])
    fallen_lines(one["by_rules"])
    for hold in one["holds"]:
        where = f" {hold['subject']}:" if hold["subject"] else ""
        warn(f"{one['episode']} is HELD ({hold['hold']}):{where} {hold['why']}")
        warn(f"  next: {hold['next']}")
    if one["state"] == "interrupted":
        for wait in one["waits"][:MOST_WAITS]:
            say(f"  {wait}")
        if len(one["waits"]) > MOST_WAITS:
            say(f"  and {len(one['waits']) - MOST_WAITS} more: duanju status")
