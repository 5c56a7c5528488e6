"""Plans the film when all scenes are assembled, and makes it: pictures copied, sound mixed and mastered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from ...core.episode import Episode
from ...core.hooks import effect, hookimpl
from ...core.takes import awaited, put_back
from ...events.calls import RequestWithdrawn
from ...events.cut import CutLine, CutRequested, CutSegment, CutSubtitle, EpisodeCut, RoomTone
from ...events.episode import JOINS, PartClosed
from ...events.scenes import SceneAssembled, TakeKept
from ...events.script import ScriptParsed, ShotPlanned
from .assembly import Assembled, assembled
from .placing import ms_of_frames, readable
from .planned import digest_of, scenes_in_order, settled

if TYPE_CHECKING:
    from ...core.desk import Desk

decisions = 2

JOIN = "cut"
WAITED = JOINS[: JOINS.index(JOIN) + 1]
MOST_TITLE = 200
_RAIN = re.compile(r"rain|storm|drizzle|downpour|雨", re.IGNORECASE)
_STREET = re.compile(
    r"\b(street|road|avenue|market|square|station|traffic|city|downtown)\b|[街路]|市场|广场|车站|闹市",
    re.IGNORECASE,
)


@hookimpl
def on_scene_assembled(event: SceneAssembled, episode: Episode) -> Iterator[CutRequested]:
    """Asks the join `cut`: with this scene the film may be complete."""
    yield from _cut(event.revision, episode)


@hookimpl
def on_part_closed(event: PartClosed, episode: Episode) -> Iterator[CutRequested]:
    """Asks the join `cut` when a part that it waited for is done."""
    if event.join in WAITED:
        yield from _cut(event.revision, episode)


@hookimpl
def on_take_kept(event: TakeKept, episode: Episode) -> Iterator[CutRequested]:
    """Asks the join `cut` when a repair that it waited for has come to nothing."""
    yield from _cut(event.revision, episode)


@hookimpl
def on_request_withdrawn(event: RequestWithdrawn, episode: Episode) -> Iterator[CutRequested]:
    """Asks the join `cut` likewise when a person drops a repair's request."""
    yield from _cut(episode.revision, episode)


def _cut(revision: int, episode: Episode) -> Iterator[CutRequested]:
    """The join: the plan of the film, when every scene is assembled from the takes that count now.

    It waits for the pictures that repairs have asked for, so that all of them make one new film.
    """
    if revision != episode.revision or episode.waits(JOIN) or not settled(episode) or awaited(episode):
        return
    whole: list[Assembled] = []
    for scene in scenes_in_order(episode):
        now = assembled(episode, scene)
        if now is None or episode.last(SceneAssembled, scene) != now.event:
            return
        whole.append(now)
    if not whole:
        return
    delivery = episode.settings.delivery
    parsed, opened = episode.last(ScriptParsed), episode.opened
    segments, lines, subtitles, tones = _laid_out(whole, delivery.fps)
    plan = CutRequested(
        revision=revision,
        inputs="",
        title=(parsed.title if parsed is not None else "") or (opened.title if opened is not None else ""),
        language=parsed.language if parsed is not None else "en",
        width=delivery.width,
        height=delivery.height,
        fps=delivery.fps,
        segments=tuple(segments),
        lines=tuple(lines),
        subtitles=tuple(subtitles),
        tones=tuple(tones),
        loudness_cb=delivery.loudness_cb,
        peak_cb=delivery.peak_cb,
    )
    back = [one.take.inputs for scene in whole for one in scene.shots if put_back(episode, one.plan.shot)]
    yield evolve(plan, inputs=digest_of(plan, *back))


def _laid_out(
    whole: list[Assembled], fps: int
) -> tuple[list[CutSegment], list[CutLine], list[CutSubtitle], list[RoomTone]]:
    """All shots one after the other on the film's clock, which counts frames: no rounding adds up."""
    segments: list[CutSegment] = []
    lines: list[CutLine] = []
    subtitles: list[CutSubtitle] = []
    tones: list[RoomTone] = []
    frame = 0
    for scene in whole:
        begins = ms_of_frames(frame, fps)
        for shot in scene.shots:
            at = ms_of_frames(frame, fps)
            segments.append(CutSegment(shot.plan.shot, shot.rendered.segment, shot.rendered.frames))
            lines.extend(
                CutLine(one.line, one.character, one.text, at + one.start_ms, one.duration_ms, one.audio)
                for one in shot.take.lines
            )
            subtitles.extend(
                CutSubtitle(at + one.start_ms, at + one.end_ms, one.text, one.line)
                for one in shot.take.subtitles
            )
            frame += shot.rendered.frames
        kind = tone_of([one.plan for one in scene.shots])
        tones.append(RoomTone(begins, ms_of_frames(frame, fps), kind))
    return segments, lines, subtitles, tones


def tone_of(shots: list[ShotPlanned]) -> str:
    """The sound of a scene's place: interior, rain, street, or exterior-night for a quiet dark place."""
    first = shots[0]
    if first.interior:
        return "interior"
    if any(_RAIN.search(shot.weather) for shot in shots):
        return "rain"
    if first.time in ("day", "dawn") or _STREET.search(first.place) or first.crowd:
        return "street"
    return "exterior-night"


@hookimpl
@effect(lane="encode", doubt="repeat", reuse=True)
def on_cut_requested(event: CutRequested, desk: Desk) -> Iterator[EpisodeCut]:
    """Makes the film: segments joined by packet copy, lines over room tone, mastered; subtitles beside it."""
    from ..media.film import join
    from ..media.soundtrack import Spoken, Tone, finish, soundtrack
    from ..media.subtitles import Cue, write_srt

    frames = sum(one.frames for one in event.segments)
    lines = [
        Spoken(one.line, one.start_ms, one.duration_ms, desk.artifacts.read(one.audio)) for one in event.lines
    ]
    tones = [Tone(one.start_ms, one.end_ms, one.kind) for one in event.tones]
    desk.progress(1, 4)
    mixed = soundtrack(-(-frames * 1000 // event.fps), lines, tones)
    desk.progress(2, 4)
    pictures = [desk.artifacts.path(one.segment) for one in event.segments]
    film = desk.scratch / "episode.mp4"
    title = readable(event.title)[:MOST_TITLE]
    joined = finish(
        mixed,
        lambda sound: join(film, pictures, sound, metadata={"title": title} if title else {}),
        film,
        target_lufs=event.loudness_cb / 100,
        peak_dbtp=event.peak_cb / 100,
    )
    desk.progress(3, 4)
    srt = write_srt([Cue(one.start_ms, one.end_ms, one.text) for one in event.subtitles])
    yield EpisodeCut(
        revision=event.revision,
        inputs=event.inputs,
        film=desk.artifacts.put_file(film, "video/mp4"),
        subtitles=desk.artifacts.put(srt.encode(), "application/x-subrip"),
        duration_ms=joined.duration_ms,
        frames=joined.frames,
    )
