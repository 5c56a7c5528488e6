"""What the stages after the script share: the shots of the newest revision in story order, and digests."""

from __future__ import annotations

from typing import Any

import attrs
import orjson

from ...core.episode import Episode, inputs_digest
from ...events.script import SceneParsed, ShotListSettled, ShotPlanned

__all__ = ["digest_of", "scenes_in_order", "settled", "shots_in_order"]


def scenes_in_order(episode: Episode) -> dict[str, list[ShotPlanned]]:
    """The newest plan of every scene, scenes and shots in story order.

    A scene that was broken down twice counts with its last breakdown: of each number the last plan, and none
    beyond the last plan's `of`.
    """
    numbers = {one.scene: one.number for one in episode.all(SceneParsed)}
    plans: dict[str, dict[int, ShotPlanned]] = {}
    of: dict[str, int] = {}
    for shot in episode.all(ShotPlanned):
        plans.setdefault(shot.scene, {})[shot.number] = shot
        of[shot.scene] = shot.of
    # A scene without its parsed event (a plugin's own) goes by its name: S02 < S10 < S100.
    ordered = sorted(plans, key=lambda scene: (numbers.get(scene, 1 << 30), len(scene), scene))
    return {
        scene: [plans[scene][number] for number in sorted(plans[scene]) if number <= of[scene]]
        for scene in ordered
    }


def shots_in_order(episode: Episode) -> list[ShotPlanned]:
    """All shots of the newest revision in story order."""
    return [shot for shots in scenes_in_order(episode).values() for shot in shots]


def settled(episode: Episode) -> bool:
    """Whether the newest revision's shot list is settled, and no later plan changed its number of shots."""
    found = episode.last(ShotListSettled)
    return found is not None and found.shots == len(shots_in_order(episode))


def digest_of(value: Any, *more: str) -> str:
    """The inputs digest of what a join used: an attrs value in canonical JSON, and any further texts."""
    plain = orjson.dumps(attrs.asdict(value), option=orjson.OPT_SORT_KEYS)
    return inputs_digest(plain.decode(), *more)
