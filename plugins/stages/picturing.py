"""What is wanted of each shot's picture: its facts, its description, and the request that brings both."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from ...core.episode import Episode
from ...events.calls import ChatRequested, ImageRequested
from ...events.scenes import Figure, Picture, ShotDescribed
from ...events.script import ScriptParsed, ShotPlanned
from .planned import shots_in_order
from .writing.asking import Task, may_ask, routed

__all__ = ["PURPOSE", "image_wanted", "picture_of", "pictures_wanted", "task_of"]

PURPOSE = "shot"


def pictures_wanted(episode: Episode) -> Iterator[ImageRequested | ChatRequested]:
    """What every shot still needs for its picture, in story order."""
    for shot in shots_in_order(episode):
        yield from image_wanted(shot, episode)


def image_wanted(shot: ShotPlanned, episode: Episode) -> Iterator[ImageRequested | ChatRequested]:
    """The shot's picture; before it the description, where a chat is routed for it.

    Nothing for what was asked for already and shows the same.
    """
    words = ""
    if may_ask(episode):
        from .writing.describing import inputs_of

        task = task_of(shot, episode)
        if routed(episode, task):
            found = episode.last(ShotDescribed, shot.shot)
            if found is None or found.inputs != inputs_of(task.ask(1, 1)):
                yield from task.open(episode)
                return
            words = found.words
    earlier = episode.last(ImageRequested, shot.shot, PURPOSE)
    delivery = episode.settings.delivery
    wanted = ImageRequested(
        revision=shot.revision,
        subject=shot.shot,
        purpose=PURPOSE,
        # Not below an earlier take's: the highest take counts, so a lower one would never be seen.
        take=1 if earlier is None else earlier.take,
        width=delivery.width,
        height=delivery.height,
        picture=picture_of(shot, episode),
        traits=_traits(shot),
        words=words,
    )
    if earlier is None or wanted != evolve(earlier, note="", inputs=()):
        yield wanted


def task_of(shot: ShotPlanned, episode: Episode) -> Task[str]:
    """The question for a shot's description."""
    from .writing.describing import description_task

    parsed = episode.last(ScriptParsed)
    language = parsed.language if parsed is not None else "en"
    return description_task(shot, picture_of(shot, episode), shot.number == 1, language)


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
