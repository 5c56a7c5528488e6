"""`duanju history EPISODE --at POSITION`: the episode as it was then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.words import columns, document, say
from .opening import name_of

if TYPE_CHECKING:
    from ..core.moment import Moment, Shot

__all__ = ["show_moment"]


def show_moment(found: Moment, json: bool) -> None:
    """Prints scenes, shots, takes, cast, holds and money as they stood."""
    if json:
        document(_json(found))
        return
    title = f"  ({found.title})" if found.title else ""
    say(
        f"{name_of(found.stream)} at position {found.position}: {found.state}, "
        f"revision {found.revision}{title}"
    )
    say(f"  {found.records} records of it, the last of {found.at[:19].replace('T', ' ')}")
    counts = [
        f"{phase} {done}" + ("" if of is None else f"/{of}") for phase, (done, of) in found.done.items()
    ]
    say(f"  {', '.join(counts)}")
    for scene in found.scenes:
        say(f"  {scene.scene}  {scene.heading}")
        rows = [_row(shot) for shot in found.shots if shot.plan.scene == scene.scene]
        columns([["   ", *row] for row in rows])
    for name, cast in found.cast.items():
        say(f"  cast: {name} ({cast.why})" if hasattr(cast, "why") else f"  cast: {name}")
    for wait in found.waits:
        say(f"  {wait.join} waits for {wait.waits_for}")
    for hold in found.holds:
        where = f" {hold.subject}" if hold.subject else ""
        say(f"  HELD ({hold.hold}){where}: {hold.why}")
    say(f"  money: {_money(found)}")


def _row(shot: Shot) -> list[str]:
    take = f"take {shot.take}" if shot.take else "no take"
    voices = f"voices {shot.voices}/{shot.lines}" if shot.lines else ""
    picture = "picture" if shot.picture else "no picture"
    return [shot.plan.shot, shot.plan.size, shot.plan.move, picture, voices, take, "rendered" * shot.rendered]


def _money(found: Moment) -> str:
    from ..core.budget import dollars

    sums = found.money
    words = (
        f"{dollars(sums.cost)} spent, {dollars(sums.reserved)} reserved, {dollars(sums.in_doubt)} in doubt"
    )
    return words + (f", {sums.unknown} calls of unknown cost" if sums.unknown else "")


def _json(found: Moment) -> dict[str, Any]:
    sums = found.money
    return {
        "episode": name_of(found.stream),
        "position": found.position,
        "at": found.at,
        "state": found.state,
        "revision": found.revision,
        "title": found.title,
        "records": found.records,
        "counts": {phase: {"done": done, "of": of} for phase, (done, of) in found.done.items()},
        "scenes": [{"scene": one.scene, "heading": one.heading} for one in found.scenes],
        "shots": [
            {
                "scene": one.plan.scene,
                "shot": one.plan.shot,
                "picture": one.picture,
                "voices": one.voices,
                "lines": one.lines,
                "take": one.take,
                "rendered": one.rendered,
            }
            for one in found.shots
        ],
        "cast": sorted(found.cast),
        "waits": [{"join": one.join, "for": one.waits_for} for one in found.waits],
        "holds": [
            {"hold": one.hold, "subject": one.subject, "why": one.why, "next": one.next}
            for one in found.holds
        ],
        "money": {
            "calls": sums.calls,
            "settled": sums.cost,
            "reserved": sums.reserved,
            "in_doubt": sums.in_doubt,
            "unknown_calls": sums.unknown,
        },
    }
