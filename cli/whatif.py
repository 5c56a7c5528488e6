"""`duanju replay --with`: which decisions of the past another plugin would change, and for how much."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.words import document, say
from .differing import change_json, change_lines
from .opening import name_of, reading
from .telling import Telling

if TYPE_CHECKING:
    from ..core.estimate import Quoted
    from ..core.studio import Studio
    from ..core.whatif import Cost, WhatIf

__all__ = ["whatif"]

MOST_DECISIONS = 10


def whatif(place: Studio, plugin: str, episode: str | None, json: bool) -> None:
    """Prints what every episode, or one, would have become with a plugin that it was made without."""
    from ..core.candidate import candidate
    from ..core.whatif import what_if

    trial = candidate(place.settings(), plugin)
    with (
        reading(place, trial.plugins) as log,
        tempfile.TemporaryDirectory(prefix="duanju-what-if-") as scrap,
        Telling() as telling,
    ):
        only = None if episode is None else place.resolve(log, episode)
        found = []
        for one in what_if(log, place.artifacts, trial, Path(scrap), only=only, tell=telling):
            if not json:
                _print(one)
            found.append(one)
    if json:
        document(_json(trial.names, found))
    else:
        _sum(trial.names, found)


def _print(one: WhatIf) -> None:
    name = name_of(one.stream) if one.stream.startswith("episode/") else one.stream
    if not one.differs:
        say(f"{name}: nothing would change ({one.asked} decisions asked)")
        return
    say(f"{name}: {len(one.decisions)} of {one.asked} decisions would change")
    for decision in one.decisions[:MOST_DECISIONS]:
        say(f"  position {decision.position} ({decision.kind}), {decision.by}")
        if decision.error:
            say(f"    it raises {decision.error}")
        for line in change_lines(decision.changes):
            say(f"  {line}")
    if len(one.decisions) > MOST_DECISIONS:
        say(f"  and {len(one.decisions) - MOST_DECISIONS} more decisions")
    for by, count in sorted(one.effects.items()):
        say(f"  {by} would have run {count} times")
    if one.no_cost:
        say(f"  what it would have cost cannot be told: {one.no_cost}")
    elif one.cost is not None:
        say(f"  {_cost(one.cost)}")
        if one.cost.note:
            say(f"  as far as it can be told: {one.cost.note}")


def _signed(amount: int) -> str:
    from ..core.budget import dollars

    return dollars(amount) if amount < 0 else f"+{dollars(amount)}"


def _cost(cost: Cost) -> str:
    unknown = f", {cost.unknown} more of unknown price" if cost.unknown > 0 else ""
    return (
        f"calls: {len(cost.added)} more, {len(cost.removed)} fewer; "
        f"{_signed(cost.expected)} expected, {_signed(cost.ceiling)} at the ceilings{unknown}"
    )


def _sum(names: frozenset[str], found: list[WhatIf]) -> None:
    episodes = [one for one in found if one.stream.startswith("episode/")]
    costs = [one.cost for one in found if one.cost is not None]
    expected, ceiling = sum(one.expected for one in costs), sum(one.ceiling for one in costs)
    changed = sum(one.differs for one in episodes)
    say(
        f"with {', '.join(sorted(names))}: {changed} of {len(episodes)} episodes would change, "
        f"{sum(len(one.decisions) for one in found)} decisions; {_signed(expected)} expected, "
        f"{_signed(ceiling)} at the ceilings; nothing was called, nothing was written"
    )


def _call(one: Quoted) -> dict[str, Any]:
    return {
        "stage": one.stage,
        "capability": one.capability,
        "purpose": one.purpose,
        "subject": one.subject,
        "route": one.route,
        "expected": one.expected,
        "ceiling": one.ceiling,
    }


def _json(names: frozenset[str], found: list[WhatIf]) -> dict[str, Any]:
    return {
        "plugins": sorted(names),
        "streams": [
            {
                "stream": one.stream,
                "asked": one.asked,
                "decisions": [
                    {
                        "position": decision.position,
                        "kind": decision.kind,
                        "by": decision.by,
                        "error": decision.error,
                        "changes": [change_json(change) for change in decision.changes],
                    }
                    for decision in one.decisions
                ],
                "effects": one.effects,
                "no_cost": one.no_cost,
                "cost": None
                if one.cost is None
                else {
                    "expected": one.cost.expected,
                    "ceiling": one.cost.ceiling,
                    "unknown": one.cost.unknown,
                    "added": [_call(call) for call in one.cost.added],
                    "removed": [_call(call) for call in one.cost.removed],
                    "note": one.cost.note,
                },
            }
            for one in found
        ],
    }
