"""What is wanted of each shot's picture: its facts, its description, and the request that brings both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve

from ...core.episode import Episode
from ...core.naming import character_of
from ...core.routing import provider_of
from ...events.artifact import Artifact
from ...events.calls import ChatRequested, ImageRequested
from ...events.cast import AppearancePlanned, CharacterCast, CharacterChanged, Costume, Profile
from ...events.scenes import Figure, Picture, ShotDescribed
from ...events.script import ScriptParsed, ShotPlanned
from .casting.appearance import as_seen
from .casting.sheets import DRAWS, reference_of
from .planned import shots_in_order
from .writing.asking import Task, may_ask, routed
from .writing.identity import block, worn

__all__ = [
    "PURPOSE",
    "identity_of",
    "image_wanted",
    "picture_of",
    "pictures_wanted",
    "references_of",
    "strangers_in",
    "task_of",
]

PURPOSE = "shot"


def pictures_wanted(episode: Episode) -> Iterator[ImageRequested | ChatRequested]:
    """What every shot still needs for its picture, in story order."""
    for shot in shots_in_order(episode):
        yield from image_wanted(shot, episode)


def image_wanted(shot: ShotPlanned, episode: Episode) -> Iterator[ImageRequested | ChatRequested]:
    """The shot's picture; before it the description, where a chat is routed for it.

    Nothing for what was asked for already and shows the same, and nothing for a shot with somebody whom
    nobody cast: it waits until a person says who that is.
    """
    if strangers_in((shot,), episode):
        return
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
    references = references_of(wanted.picture, episode)
    if references:
        wanted = evolve(wanted, inputs=references, traits={**wanted.traits, "reference": "yes"})
    if earlier is None or _plain(wanted) != _plain(earlier):
        yield wanted


def _plain(asked: ImageRequested) -> ImageRequested:
    """What a request shows: a note, or a reference that came later, does not make another picture of it."""
    return evolve(asked, note="", inputs=(), traits={**asked.traits, "reference": ""})


def task_of(shot: ShotPlanned, episode: Episode) -> Task[str]:
    """The question for a shot's description."""
    from .writing.describing import description_task

    parsed = episode.last(ScriptParsed)
    language = parsed.language if parsed is not None else "en"
    return description_task(shot, picture_of(shot, episode), shot.number == 1, language)


def picture_of(shot: ShotPlanned, episode: Episode) -> Picture:
    """What the shot's picture must show. Raises LookupError for a shot with a stranger (`strangers_in`)."""
    speaking = {line.character for line in shot.lines if line.how == "spoken"}
    blocks = episode.settings_artifact is not None and episode.settings.cast.identity
    figures: dict[str, Figure] = {}
    for one in shot.on_screen:
        cast = character_of(episode, one.character)
        if cast is None:
            raise LookupError(f"{shot.shot} shows {one.character!r}, who is nobody of the cast")
        if cast.character in figures:
            continue  # one person under two names stands there once
        plan = episode.last(AppearancePlanned, shot.scene, cast.character)
        profile, costume, state = as_seen(cast, plan)
        figures[cast.character] = Figure(
            character=one.character,
            profile=profile,
            position=one.position,
            facing=one.facing,
            expression=one.expression,
            pose=one.pose,
            speaking=one.character in speaking,
            identity=identity_of(cast, profile, costume, state) if blocks else "",
        )
    return Picture(
        place=shot.place,
        interior=shot.interior,
        time=shot.time,
        weather=shot.weather,
        size=shot.size,
        angle=shot.angle,
        figures=tuple(figures.values()),
        crowd=shot.crowd,
        objects=shot.objects,
        mood=shot.mood,
        action=shot.action,
    )


def identity_of(
    cast: CharacterCast | CharacterChanged, profile: Profile, costume: Costume | None, state: Sequence[str]
) -> str:
    """A character's identity block: its fixed text, and one line for what is worn, the age and the state."""
    fixed = block(cast.character, cast.profile)
    age = f"In this scene {profile.age} years old. " if profile.age != cast.profile.age else ""
    return f"{fixed}\n{age}{worn(profile, costume, state)}"


def references_of(picture: Picture, episode: Episode) -> tuple[Artifact, ...]:
    """The pictures that the request refers to, one a figure: its sheet, or what a person brought.

    None where only the painter of this machine is routed, which draws from the facts alone. A provider that
    takes no references leaves them out.
    """
    if episode.settings_artifact is None or not episode.settings.cast.identity:
        return ()
    found = []
    for figure in picture.figures:
        cast = character_of(episode, figure.character)
        reference = None if cast is None else reference_of(episode, cast)
        if reference is not None:
            found.append(reference)
    routes = episode.settings.routes.get("image", ()) if found else ()
    rules = (
        [one for one in episode.settings.rules if one.capability == "image" and not one.off] if found else []
    )
    routed_ = (*(route for rule in rules for route in rule.routes), *routes)
    return tuple(dict.fromkeys(found)) if any(provider_of(one) != DRAWS for one in routed_) else ()


def strangers_in(shots: Iterable[ShotPlanned], episode: Episode) -> dict[str, ShotPlanned]:
    """The names in some shots that mean nobody, each with the first shot that shows or hears it."""
    found: dict[str, ShotPlanned] = {}
    for shot in shots:
        for name in (one.character for one in shot.on_screen):
            if name not in found and character_of(episode, name) is None:
                found[name] = shot
    return found


def _traits(shot: ShotPlanned) -> dict[str, str]:
    return {
        "characters": ", ".join(one.character for one in shot.on_screen),
        "crowd": "yes" if shot.crowd else "no",
        "place": shot.place,
        "reference": "no",
        "size": shot.size,
        "tone": shot.mood,
        "words": str(sum(len(line.text.split()) for line in shot.lines)),
    }
