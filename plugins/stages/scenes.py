"""Asks for each shot's picture, chooses the take that is on screen, renders it, and assembles the scenes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from attrs import evolve

from ...core.episode import Episode
from ...core.hooks import effect, hookimpl
from ...core.takes import picture_in_use, put_back
from ...events.calls import AnswerRejected, ChatRequested, ChatReturned, ImageRequested, ImageReturned
from ...events.cast import CastSettled
from ...events.dialogue import LineVoiced, MouthTimed
from ...events.episode import JOINS, PartClosed
from ...events.quality import RepairAsked
from ...events.record import Record
from ...events.scenes import (
    Move,
    SceneAssembled,
    ShotDescribed,
    ShotRendered,
    Subtitle,
    TakeChosen,
    TakeKept,
)
from ...events.script import ShotListSettled, ShotPlanned
from .acting import language_of
from .assembly import assembled
from .mending import left_out, retaken
from .picturing import PURPOSE, image_wanted, picture_of, pictures_wanted, task_of
from .placing import Placement, VoicedLine, mouth_tracks, place_lines, readable, reading_ms
from .planned import cast_awaited, digest_of, scenes_in_order, settled, shots_in_order
from .writing.asking import DESCRIBE, question_of, take_in

if TYPE_CHECKING:
    from ...core.desk import Desk

decisions = 3

JOIN = "takes"
WAITED = JOINS[: JOINS.index(JOIN) + 1]
# How much of the plate's spare margin (15 % of the frame) a move uses: felt rather than noticed.
AMOUNTS = {
    "still": 0.0,
    "push-in": 0.7,
    "pull-out": 0.7,
    "pan-left": 0.8,
    "pan-right": 0.8,
    "tilt-up": 0.8,
    "tilt-down": 0.8,
}


@hookimpl
def on_shot_list_settled(
    event: ShotListSettled, episode: Episode
) -> Iterator[ImageRequested | ChatRequested]:
    """Asks for a picture of every shot, or first for its description where a chat is routed for it."""
    if event.revision == episode.revision and not cast_awaited(episode):
        yield from pictures_wanted(episode)


@hookimpl
def on_cast_settled(event: CastSettled, episode: Episode) -> Iterator[ImageRequested | ChatRequested]:
    """Asks for the pictures that waited for the faces of the cast."""
    if event.revision == episode.revision and settled(episode):
        yield from pictures_wanted(episode)


@hookimpl
def on_chat_returned(
    event: ChatReturned, record: Record, episode: Episode
) -> Iterator[ShotDescribed | ChatRequested | AnswerRejected]:
    """The shot's description, when the answer can be used."""
    asked = question_of(event, episode, DESCRIBE)
    shot = None if asked is None else episode.last(ShotPlanned, asked.event.subject)
    if asked is None or shot is None:
        return
    from .writing.describing import described

    task = task_of(shot, episode)

    def accepted() -> Iterator[ShotDescribed]:
        words, _ = task.check(event, 1, 1)
        if words is not None:
            yield described(shot, picture_of(shot, episode), asked.event, words)

    yield from take_in(task, asked, record, episode, accepted)


@hookimpl
def on_shot_described(event: ShotDescribed, episode: Episode) -> Iterator[ImageRequested | ChatRequested]:
    """Asks for the shot's picture; for another description where plan or cast have changed meanwhile."""
    shot = episode.last(ShotPlanned, event.shot)
    if event.revision == episode.revision and shot is not None:
        yield from image_wanted(shot, episode)


@hookimpl
def on_repair_asked(event: RepairAsked, episode: Episode) -> Iterator[ImageRequested]:
    """Asks for the same picture once more, with what was wrong with the last one."""
    earlier = episode.last(ImageRequested, event.subject, PURPOSE)
    if event.action == "retake" and event.revision == episode.revision and earlier is not None:
        yield retaken(event, earlier, episode)


@hookimpl(specname="on_shot_list_settled")
def takes_at_settled(event: ShotListSettled, episode: Episode) -> Iterator[TakeChosen]:
    """Asks the join `takes` for every shot: a new plan may fit pictures and voices that are there."""
    yield from _takes(event.revision, episode)


@hookimpl(specname="on_image_returned")
def takes_at_image(
    event: ImageReturned, episode: Episode
) -> Iterator[TakeChosen | TakeKept | AnswerRejected]:
    """Asks the join `takes` for the shot whose picture came; a picture that came before changes nothing."""
    same = _same(event, episode)
    if same is not None:
        yield same
        yield from left_out(same, episode)
    else:
        yield from _takes(event.revision, episode, shot=event.subject)


@hookimpl(specname="on_take_kept")
def takes_at_kept(event: TakeKept, episode: Episode) -> Iterator[TakeChosen]:
    """Puts the take that was kept back into the film, where a later one had its place."""
    yield from _takes(event.revision, episode, shot=event.shot)


@hookimpl(specname="on_line_voiced")
def takes_at_voice(event: LineVoiced, episode: Episode) -> Iterator[TakeChosen]:
    """Asks the join `takes` for the shot whose line was spoken."""
    yield from _takes(event.revision, episode, line=event.line)


@hookimpl(specname="on_mouth_timed")
def takes_at_mouth(event: MouthTimed, episode: Episode) -> Iterator[TakeChosen]:
    """Asks the join `takes` for the shot whose line has its mouth."""
    yield from _takes(event.revision, episode, line=event.line)


@hookimpl(specname="on_part_closed")
def takes_at_part(event: PartClosed, episode: Episode) -> Iterator[TakeChosen]:
    """Asks the join `takes` for every shot when a part that it waited for is done."""
    if event.join in WAITED:
        yield from _takes(event.revision, episode)


def _takes(revision: int, episode: Episode, *, shot: str = "", line: str = "") -> Iterator[TakeChosen]:
    """The join: of each shot concerned the take, when its picture and all its voices and mouths are in."""
    if revision != episode.revision or episode.waits(JOIN) or not settled(episode):
        return
    for plan in shots_in_order(episode):
        if (shot and plan.shot != shot) or (line and all(one.line != line for one in plan.lines)):
            continue
        take = _take(plan, episode)
        if take is not None:
            yield take


def _same(event: ImageReturned, episode: Episode) -> TakeKept | None:
    """The earlier take that a new one repeats to the byte, as a painter without chance does."""
    if event.revision != episode.revision:
        return None
    plan = episode.last(ShotPlanned, event.subject)
    earlier = [one for one in episode.all(ImageReturned, event.subject) if one.take < event.take]
    if plan is None or not any(one.image.sha256 == event.image.sha256 for one in earlier):
        return None
    before = max(one.take for one in earlier if one.image.sha256 == event.image.sha256)
    why = f"take {event.take} is the same picture as take {before}"
    return TakeKept(event.revision, plan.scene, plan.shot, before, event.take, why)


def _take(plan: ShotPlanned, episode: Episode) -> TakeChosen | None:
    picture = picture_in_use(episode, plan.shot)
    voiced = _voiced(plan, episode)
    if picture is None or voiced is None:
        return None
    delivery = episode.settings.delivery
    placed = place_lines(plan, voiced, delivery.fps)
    kind = plan.move if plan.move in AMOUNTS else "still"
    take = TakeChosen(
        revision=plan.revision,
        scene=plan.scene,
        shot=plan.shot,
        take=picture.take,
        inputs="",
        width=delivery.width,
        height=delivery.height,
        fps=delivery.fps,
        frames=placed.frames,
        picture=picture.image,
        rig=picture.rig,
        move=Move(kind, AMOUNTS[kind]),
        mouths=mouth_tracks(voiced, placed.lines, [one.character for one in plan.on_screen]),
        subtitles=_subtitles(placed, delivery.fps, delivery.height > delivery.width),
        preset=delivery.preset,
        lines=placed.lines,
    )
    # A take that left the film and comes back is chosen a second time, and its film is cut anew.
    return evolve(take, inputs=digest_of(take, *put_back(episode, plan.shot)))


def _voiced(plan: ShotPlanned, episode: Episode) -> list[VoicedLine] | None:
    """Each line's newest voice and the mouth timed from it, None while any is missing or says other words."""
    found: list[VoicedLine] = []
    for line in plan.lines:
        voice = episode.last_record(LineVoiced, line.line)
        mouth = episode.last_record(MouthTimed, line.line)
        if voice is None or mouth is None:
            return None
        said: LineVoiced = voice.event
        # The mouth answers the voice, so one that stands before it in the log belongs to an older voice.
        if mouth.position < voice.position or mouth.event.take != said.take:
            return None
        if (said.text, said.character) != (line.text, line.character):
            return None
        found.append(VoicedLine(said, mouth.event, line.how))
    return found


def _subtitles(placed: Placement, fps: int, tall: bool) -> tuple[Subtitle, ...]:
    """The burned text of a shot: each line's cues within its own time, long enough to be read."""
    from ..media.subtitles import split_line

    found: list[Subtitle] = []
    for line, until in zip(placed.lines, placed.read_until_ms, strict=True):
        text = readable(line.text)
        if not text:
            continue
        # A line said faster than it can be read stands on the screen for as long as reading takes.
        end = line.start_ms + max(line.duration_ms, reading_ms(text))
        cues = split_line(
            text, language_of(text, "en"), line.start_ms, end, fps=fps, tall=tall, until_ms=max(end, until)
        )
        found.extend(Subtitle(cue.start_ms, cue.end_ms, cue.text, line.line) for cue in cues)
    return tuple(found)


@hookimpl
@effect(lane="encode", doubt="repeat", reuse=True)
def on_take_chosen(event: TakeChosen, desk: Desk) -> Iterator[ShotRendered]:
    """Renders the take as a piece of film without sound, ready to be joined by packet copy."""
    from ..media.animate import render_segment
    from ..media.camera import Kind
    from ..media.camera import Move as CameraMove
    from ..media.plate import as_plate
    from ..media.subtitles import Cue

    out = desk.scratch / "segment.mp4"
    render_segment(
        out,
        as_plate(desk.artifacts.read(event.picture), event.width, event.height, event.rig is not None),
        None if event.rig is None else desk.artifacts.read(event.rig),
        width=event.width,
        height=event.height,
        fps=event.fps,
        frames=event.frames,
        move=CameraMove(cast(Kind, event.move.kind), event.move.amount),
        mouths={one.character: [(cue.start_ms, cue.shape) for cue in one.cues] for one in event.mouths},
        # Blinks follow the picture, not the shot's name: equal takes give equal bytes in whatever shot.
        seed=event.picture.sha256,
        cues=[Cue(one.start_ms, one.end_ms, one.text) for one in event.subtitles],
        preset=event.preset,
    )
    yield ShotRendered(
        revision=event.revision,
        scene=event.scene,
        shot=event.shot,
        take=event.take,
        segment=desk.artifacts.put_file(out, "video/mp4"),
        frames=event.frames,
    )


@hookimpl
def on_shot_rendered(event: ShotRendered, episode: Episode) -> Iterator[SceneAssembled]:
    """The scene is assembled when the newest take of each of its shots is rendered."""
    if event.revision == episode.revision and not episode.waits(JOIN):
        done = assembled(episode, event.scene)
        if done is not None:
            yield done.event


@hookimpl(specname="on_part_closed")
def scenes_at_part(event: PartClosed, episode: Episode) -> Iterator[SceneAssembled]:
    """Asks for every scene when a part is done that the takes waited for, and with them their scenes."""
    if event.join not in WAITED or event.revision != episode.revision or episode.waits(JOIN):
        return
    for scene in scenes_in_order(episode):
        done = assembled(episode, scene)
        if done is not None:
            yield done.event
