"""Asks for each shot's picture, chooses the take that is on screen, renders it, and assembles the scenes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from attrs import evolve

from ...core.episode import Episode
from ...core.hooks import effect, hookimpl
from ...events.calls import ImageRequested, ImageReturned
from ...events.dialogue import LineVoiced, MouthTimed
from ...events.episode import PartClosed
from ...events.scenes import Figure, Move, Picture, SceneAssembled, ShotRendered, Subtitle, TakeChosen
from ...events.script import ShotListSettled, ShotPlanned
from .acting import language_of
from .assembly import assembled
from .placing import Placement, VoicedLine, mouth_tracks, place_lines, readable, reading_ms
from .planned import digest_of, settled, shots_in_order

if TYPE_CHECKING:
    from ...core.desk import Desk

decisions = 1

PURPOSE = "shot"
JOIN = "takes"
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
def on_shot_list_settled(event: ShotListSettled, episode: Episode) -> Iterator[ImageRequested]:
    """Asks for a picture of every shot; one that was asked for and shows the same is not asked for again."""
    if event.revision != episode.revision:
        return
    delivery = episode.settings.delivery
    for shot in shots_in_order(episode):
        earlier = episode.last(ImageRequested, shot.shot, PURPOSE)
        wanted = ImageRequested(
            revision=event.revision,
            subject=shot.shot,
            purpose=PURPOSE,
            # Not below an earlier take's: the highest take counts, so a lower one would never be seen.
            take=1 if earlier is None else earlier.take,
            width=delivery.width,
            height=delivery.height,
            picture=picture_of(shot, episode),
            traits=_traits(shot),
        )
        if earlier is None or wanted != evolve(earlier, note="", inputs=()):
            yield wanted


def picture_of(shot: ShotPlanned, episode: Episode) -> Picture:
    """What the shot's picture must show. A character whom nobody cast has no face: left to the crowd."""
    cast = episode.cast
    speaking = {line.character for line in shot.lines if line.how == "spoken"}
    return Picture(
        place=shot.place,
        interior=shot.interior,
        time=shot.time,
        weather=shot.weather,
        size=shot.size,
        angle=shot.angle,
        figures=tuple(
            Figure(
                character=one.character,
                profile=cast[one.character].profile,
                position=one.position,
                facing=one.facing,
                expression=one.expression,
                pose=one.pose,
                speaking=one.character in speaking,
            )
            for one in shot.on_screen
            if one.character in cast
        ),
        crowd=shot.crowd,
        objects=shot.objects,
        mood=shot.mood,
        action=shot.action,
    )


def _traits(shot: ShotPlanned) -> dict[str, str]:
    return {
        "characters": ", ".join(one.character for one in shot.on_screen),
        "crowd": "yes" if shot.crowd else "no",
        "place": shot.place,
        "size": shot.size,
        "tone": shot.mood,
        "words": str(sum(len(line.text.split()) for line in shot.lines)),
    }


@hookimpl(specname="on_shot_list_settled")
def takes_at_settled(event: ShotListSettled, episode: Episode) -> Iterator[TakeChosen]:
    """Asks the join `takes` for every shot: a new plan may fit pictures and voices that are there."""
    yield from _takes(event.revision, episode)


@hookimpl(specname="on_image_returned")
def takes_at_image(event: ImageReturned, episode: Episode) -> Iterator[TakeChosen]:
    """Asks the join `takes` for the shot whose picture came."""
    yield from _takes(event.revision, episode, shot=event.subject)


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
    if event.join == JOIN:
        yield from _takes(event.revision, episode)


def _takes(revision: int, episode: Episode, *, shot: str = "", line: str = "") -> Iterator[TakeChosen]:
    """The join: of each shot concerned the take, when its picture and all its voices and mouths are in."""
    if revision != episode.revision or episode.open_parts(JOIN) or not settled(episode):
        return
    for plan in shots_in_order(episode):
        if (shot and plan.shot != shot) or (line and all(one.line != line for one in plan.lines)):
            continue
        take = _take(plan, episode)
        if take is not None:
            yield take


def _take(plan: ShotPlanned, episode: Episode) -> TakeChosen | None:
    picture = episode.last(ImageReturned, plan.shot)
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
    return evolve(take, inputs=digest_of(take))


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
    if event.revision != episode.revision:
        return
    done = assembled(episode, event.scene)
    if done is not None:
        yield done.event
