"""Reads an episode's script, breaks each scene down into shots, and settles the shot list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs
import orjson

from ...core.episode import Episode, inputs_digest
from ...core.hooks import effect, hookimpl
from ...core.naming import names_in
from ...events.calls import AnswerRejected, ChatRequested, ChatReturned
from ...events.episode import EpisodeOpened, EpisodeRevised, PartClosed
from ...events.record import Record
from ...events.script import SceneFellBack, SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from .casting.renaming import as_known
from .planned import scenes_in_order, told_order
from .screenplay.breakdown import breakdown
from .screenplay.parse import read
from .screenplay.series import contents
from .screenplay.told import scenes_of
from .writing.asking import BREAKDOWN, Task, may_ask, question_of, routed, subject_of, take_in

if TYPE_CHECKING:
    from ...core.contents import Contents
    from ...core.desk import Desk

decisions = 4
JOIN = "shots"


@hookimpl
def duanju_episodes(data: bytes, file: str, format: str) -> Contents | None:
    """What a script file holds: its title, and its episodes. Raises WrongUse for what cannot be read."""
    return contents(data, file, format)


@hookimpl
@effect(lane="parse", doubt="repeat")
def on_episode_opened(
    event: EpisodeOpened, desk: Desk, episode: Episode
) -> Iterator[ScriptParsed | SceneParsed]:
    """Reads the script. Raises ScriptError, which names file, line and what to do."""
    return _read(event, desk, episode)


@hookimpl
@effect(lane="parse", doubt="repeat")
def on_episode_revised(
    event: EpisodeRevised, desk: Desk, episode: Episode
) -> Iterator[ScriptParsed | SceneParsed]:
    """Reads the new script, as `on_episode_opened` does."""
    return _read(event, desk, episode)


def _read(
    event: EpisodeOpened | EpisodeRevised, desk: Desk, episode: Episode
) -> Iterator[ScriptParsed | SceneParsed]:
    language, os = desk.settings.language, desk.settings.os
    script = read(desk.artifacts.read(event.source), event.format, event.file, language, os, event.number)
    script = as_known(script, names_in(episode))
    yield ScriptParsed(
        revision=event.revision,
        title=event.title if event.number else script.title or event.title,
        language=script.language,
        format=script.format,
        scenes=len(script.scenes),
        lines=script.lines,
        source_lines=script.source_lines,
        characters=script.characters,
        unmapped=script.unmapped,
        elements=script.elements,
        ambiguous=script.ambiguous,
    )
    yield from scenes_of(script, event.revision)


@hookimpl
def on_scene_parsed(event: SceneParsed, episode: Episode) -> Iterator[ShotPlanned | ChatRequested]:
    """The scene's shots by the rules of `breakdown`; where a chat is routed for it, they are its draft."""
    if event.revision != episode.revision:
        return
    if may_ask(episode):
        task = _task(event, episode)
        if routed(episode, task):
            yield from task.open(episode)
            return
    yield from breakdown(event)


@hookimpl
def on_chat_returned(
    event: ChatReturned, record: Record, episode: Episode
) -> Iterator[ShotPlanned | ChatRequested | AnswerRejected | SceneFellBack]:
    """The scene's shots by a chat model, when all of its answers are in and can be used.

    What no model gets right falls back to the rules, and `scene_fell_back` says so.
    """
    asked = question_of(event, episode, BREAKDOWN)
    scene = None if asked is None else episode.last(SceneParsed, subject_of(asked.event))
    if asked is None or scene is None or episode.last(ShotPlanned, f"{scene.scene}-01") is not None:
        return
    task = _task(scene, episode)
    yield from take_in(task, asked, record, episode, lambda: _answered(task, episode))


@hookimpl
def on_scene_fell_back(event: SceneFellBack, episode: Episode) -> Iterator[ShotPlanned]:
    """The scene's shots, where the part that fell back was the last one missing."""
    scene = episode.last(SceneParsed, event.scene)
    if event.revision != episode.revision or scene is None:
        return
    if episode.last(ShotPlanned, f"{scene.scene}-01") is None:
        yield from _answered(_task(scene, episode), episode)


def _task(scene: SceneParsed, episode: Episode) -> Task[tuple[ShotPlanned, ...]]:
    from .writing.breakdown import breakdown_task

    earlier = [one for one in episode.all(SceneParsed) if one.number == scene.number - 1]
    before = breakdown(earlier[-1])[-1] if earlier else None
    style = episode.settings.style
    return breakdown_task(scene, breakdown(scene), episode.last(ScriptParsed), before, style)


def _answered(task: Task[tuple[ShotPlanned, ...]], episode: Episode) -> Iterator[ShotPlanned]:
    from .writing.breakdown import numbered

    parts = task.answers(episode)
    if parts is not None:
        yield from numbered(parts)


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
    if not of or len(scenes) < of or episode.waits(JOIN):
        return
    planned = scenes_in_order(episode)
    if any(scene not in planned for scene in told_order(episode)):
        return
    shots: list[ShotPlanned] = []
    for own in planned.values():
        if [(shot.number, shot.of) for shot in own] != [(n, len(own)) for n in range(1, len(own) + 1)]:
            return
        shots += own
    plain = (orjson.dumps(attrs.asdict(shot), option=orjson.OPT_SORT_KEYS).decode() for shot in shots)
    yield ShotListSettled(
        revision=episode.revision,
        inputs=inputs_digest(*plain),
        shots=len(shots),
        lines=sum(len(shot.lines) for shot in shots),
        duration_ms=sum(shot.duration_ms for shot in shots),
    )
