"""Reads an episode's script, breaks each scene down into shots, and settles the shot list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs
import orjson

from ...core.episode import Episode, inputs_digest
from ...core.hooks import effect, hookimpl
from ...events.episode import EpisodeOpened, EpisodeRevised, PartClosed
from ...events.script import SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from .screenplay.breakdown import breakdown
from .screenplay.parse import read

if TYPE_CHECKING:
    from ...core.desk import Desk

decisions = 1
JOIN = "shots"


@hookimpl
@effect(lane="parse", doubt="repeat")
def on_episode_opened(event: EpisodeOpened, desk: Desk) -> Iterator[ScriptParsed | SceneParsed]:
    """Reads the script. Raises ScriptError, which names file, line and what to do."""
    return _read(event, desk)


@hookimpl
@effect(lane="parse", doubt="repeat")
def on_episode_revised(event: EpisodeRevised, desk: Desk) -> Iterator[ScriptParsed | SceneParsed]:
    """Reads the new script, as `on_episode_opened` does."""
    return _read(event, desk)


def _read(event: EpisodeOpened | EpisodeRevised, desk: Desk) -> Iterator[ScriptParsed | SceneParsed]:
    language = desk.settings.language
    script = read(desk.artifacts.read(event.source), event.format, event.file, language)
    yield ScriptParsed(
        revision=event.revision,
        title=script.title or event.title,
        language=script.language,
        format=script.format,
        scenes=len(script.scenes),
        lines=script.lines,
        source_lines=script.source_lines,
        characters=script.characters,
        unmapped=script.unmapped,
        elements=script.elements,
    )
    for number, scene in enumerate(script.scenes, 1):
        yield SceneParsed(
            revision=event.revision,
            scene=f"S{number:02d}",
            number=number,
            of=len(script.scenes),
            heading=scene.heading,
            place=scene.place,
            interior=scene.interior,
            time=scene.time,
            language=script.language,
            first=scene.first,
            last=scene.last,
            characters=scene.characters,
            elements=scene.elements,
        )


@hookimpl
def on_scene_parsed(event: SceneParsed, episode: Episode) -> Iterator[ShotPlanned]:
    """The scene's shots, by the rules of `breakdown`, which is the one place where they are decided."""
    if event.revision == episode.revision:
        yield from breakdown(event)


@hookimpl
def on_shot_planned(event: ShotPlanned, episode: Episode) -> Iterator[ShotListSettled]:
    """The join `shots`: asked on each shot, answers when the last missing one is there."""
    if event.revision == episode.revision and _whole(episode, event.scene, event.of):
        yield from _settle(episode)


@hookimpl
def on_part_closed(event: PartClosed, episode: Episode) -> Iterator[ShotListSettled]:
    """The join `shots` again, when a plugin that it waited for is done."""
    if event.join == JOIN and event.revision == episode.revision:
        yield from _settle(episode)


def _whole(episode: Episode, scene: str, of: int) -> bool:
    """Whether a scene has all its shots; looks at the last first, which is nearly always the missing one."""
    return all(episode.last(ShotPlanned, f"{scene}-{number:02d}") for number in range(of, 0, -1))


def _settle(episode: Episode) -> Iterator[ShotListSettled]:
    scenes = {one.scene: one for one in episode.all(SceneParsed)}
    of = max((one.of for one in scenes.values()), default=0)
    if not of or len(scenes) < of or episode.open_parts(JOIN):
        return
    planned: dict[str, dict[int, ShotPlanned]] = {scene: {} for scene in scenes}
    for shot in episode.all(ShotPlanned):
        planned.setdefault(shot.scene, {})[shot.number] = shot
    shots: list[ShotPlanned] = []
    for scene in sorted(scenes.values(), key=lambda one: one.number):
        own = planned[scene.scene]
        count = own[max(own)].of if own else 0
        if not own or sorted(own) != list(range(1, count + 1)):
            return
        shots += (own[number] for number in range(1, count + 1))
    plain = (orjson.dumps(attrs.asdict(shot), option=orjson.OPT_SORT_KEYS).decode() for shot in shots)
    yield ShotListSettled(
        revision=episode.revision,
        inputs=inputs_digest(*plain),
        shots=len(shots),
        lines=sum(len(shot.lines) for shot in shots),
        duration_ms=sum(shot.duration_ms for shot in shots),
    )
