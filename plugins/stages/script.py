"""Reads an episode's script, breaks each scene down into shots, and settles the shot list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs
import orjson

from ...core.episode import Episode, inputs_digest
from ...core.hooks import effect, hookimpl
from ...events.calls import AnswerRejected, ChatRequested, ChatReturned
from ...events.episode import EpisodeOpened, EpisodeRevised, PartClosed
from ...events.record import Record
from ...events.script import SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from .planned import scenes_in_order, told_order
from .screenplay.breakdown import breakdown
from .screenplay.parse import read
from .writing.asking import BREAKDOWN, may_ask, question_of, routed, subject_of, take_in

if TYPE_CHECKING:
    from ...core.desk import Desk

decisions = 3
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
def on_scene_parsed(event: SceneParsed, episode: Episode) -> Iterator[ShotPlanned | ChatRequested]:
    """The scene's shots by the rules of `breakdown`; where a chat is routed for it, they are its draft."""
    if event.revision != episode.revision:
        return
    shots = breakdown(event)
    if may_ask(episode):
        from .writing.breakdown import breakdown_task

        task = breakdown_task(event, shots, episode.last(ScriptParsed))
        if routed(episode, task):
            yield from task.open(episode)
            return
    yield from shots


@hookimpl
def on_chat_returned(
    event: ChatReturned, record: Record, episode: Episode
) -> Iterator[ShotPlanned | ChatRequested | AnswerRejected]:
    """The scene's shots by a chat model, when all of its answers are in and can be used."""
    asked = question_of(event, episode, BREAKDOWN)
    scene = None if asked is None else episode.last(SceneParsed, subject_of(asked.event))
    if asked is None or scene is None or episode.last(ShotPlanned, f"{scene.scene}-01") is not None:
        return
    from .writing.breakdown import breakdown_task, numbered

    task = breakdown_task(scene, breakdown(scene), episode.last(ScriptParsed))

    def planned() -> Iterator[ShotPlanned]:
        parts = task.answers(episode)
        if parts is not None:
            yield from numbered(parts)

    yield from take_in(task, asked, record, episode, planned)


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
