"""What the stages after the script share: the shots of the newest revision in story order, and digests."""

from __future__ import annotations

from typing import Any

import attrs
import orjson

from ...core.episode import Episode, inputs_digest
from ...events.calls import ChatRequested
from ...events.cast import CastSettled, LooksWanted, SheetWanted
from ...events.script import SceneParsed, ScenePlaced, ScriptParsed, ShotListSettled, ShotPlanned
from .writing.asking import CHARACTER, LOOKS

__all__ = ["cast_awaited", "digest_of", "scenes_in_order", "settled", "shots_in_order", "told_order"]


def scenes_in_order(episode: Episode) -> dict[str, list[ShotPlanned]]:
    """The newest plan of every scene, scenes and shots in story order.

    A scene that was broken down twice counts with its last breakdown: of each number the last plan, and none
    beyond the last plan's `of`. A plugin's own scene stands where `scene_placed` puts it; without one, at the
    end, S02 before S10.
    """
    plans: dict[str, dict[int, ShotPlanned]] = {}
    of: dict[str, int] = {}
    for shot in episode.all(ShotPlanned):
        plans.setdefault(shot.scene, {})[shot.number] = shot
        of[shot.scene] = shot.of
    ordered = told_order(episode)
    ordered += sorted(set(plans) - set(ordered), key=lambda scene: (len(scene), scene))
    return {
        scene: [plans[scene][number] for number in sorted(plans[scene]) if number <= of[scene]]
        for scene in ordered
        if scene in plans
    }


def told_order(episode: Episode) -> list[str]:
    """The scenes whose place is known, in story order: the script's, with those that plugins put in."""
    parsed = {one.scene: one.number for one in episode.all(SceneParsed)}
    ordered = sorted(parsed, key=lambda scene: parsed[scene])
    placed = {one.scene: one for one in episode.all(ScenePlaced) if one.scene not in parsed}
    for one in placed.values():
        if not one.after:
            ordered.insert(0, one.scene)
        elif one.after in ordered:
            ordered.insert(ordered.index(one.after) + 1, one.scene)
        else:
            ordered.append(one.scene)
    return ordered


def shots_in_order(episode: Episode) -> list[ShotPlanned]:
    """All shots of the newest revision in story order."""
    return [shot for shots in scenes_in_order(episode).values() for shot in shots]


def settled(episode: Episode) -> bool:
    """Whether the newest revision's shot list is settled, and no later plan changed its number of shots."""
    found = episode.last(ShotListSettled)
    return found is not None and found.shots == len(shots_in_order(episode))


def cast_awaited(episode: Episode) -> bool:
    """Whether something was asked about the cast and not all of it stands yet: no face and no voice."""
    parsed = episode.last(ScriptParsed)
    if parsed is None or episode.last(CastSettled) is not None:
        return False
    if any(one.awaited for one in episode.all(SheetWanted)) or episode.all(LooksWanted):
        return True
    return any(
        episode.last(ChatRequested, note.name, purpose)
        for note in parsed.characters
        for purpose in (CHARACTER, LOOKS)
    )


def digest_of(value: Any, *more: str) -> str:
    """The inputs digest of what a join used: an attrs value in canonical JSON, and any further texts."""
    plain = orjson.dumps(attrs.asdict(value), option=orjson.OPT_SORT_KEYS)
    return inputs_digest(plain.decode(), *more)
