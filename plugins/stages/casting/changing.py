"""What a person's word changes: the character for later requests, and the looks in scenes to come."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from ....core.cast_fields import costumes_of, on_profile, on_voice, relations_of
from ....core.episode import Episode, Series
from ....core.hooks import For
from ....core.naming import Names
from ....events.cast import AppearancePlanned, CharacterCast, CharacterChanged, CharacterWritten
from ....events.script import SceneParsed
from .appearance import Person, marked, planned
from .knowledge import known_of

__all__ = ["changed", "replanned"]


def changed(event: CharacterWritten, series: Series, name: str, names: Names) -> Iterator[CharacterChanged]:
    """The character `name` after a person wrote `event`, the series' newest word; nothing if the same."""
    now = series.cast[name]
    written = series.all(CharacterWritten)
    said = known_of(name, written, names).said
    before = known_of(name, written[:-1], names).said
    first = next(one for one in series.all(CharacterCast) if one.character == name)
    profile, voice = now.profile, now.voice
    for field in before:
        if field not in said:  # taken back: as it was when the character was cast
            if hasattr(first.profile, field):
                profile = evolve(profile, **{field: getattr(first.profile, field)})
            elif field.startswith("voice."):
                part = field.partition(".")[2]
                voice = evolve(voice, **{part: getattr(first.voice, part)})
    words = {field: one.value for field, one in said.items()}
    profile, voice = on_profile(profile, words), on_voice(voice, words)
    relations = {one.character: one for one in first.relations} | {
        one.character: one for one in relations_of(words)
    }
    fields = [field.replace("_", " ") for field in said if before.get(field) != said[field]]
    fields += [f"{field.replace('_', ' ')} taken back" for field in before if field not in said]
    source = "the command line" if event.source == "command" else f"{event.source}.*"
    new = CharacterChanged(
        series.name,
        name,
        profile,
        voice,
        f"from {source}: {', '.join(fields) or 'pictures'}",
        costumes_of(profile, words),
        words.get("backstory", first.backstory),
        tuple(relations.values()),
        known_of(name, written, names).pictures,
    )
    same = (now.profile, now.voice, now.costumes, now.backstory, now.relations, now.references)
    if same != (
        new.profile,
        new.voice,
        new.costumes,
        new.backstory,
        new.relations,
        new.references,
    ):
        yield new


def replanned(
    open_: list[Episode], name: str, names: Names, series: Series
) -> Iterator[For[AppearancePlanned]]:
    """What is planned otherwise now for a character in the scenes of the open episodes."""
    said = known_of(name, series.all(CharacterWritten), names).said
    person = Person.of(name, names.others(name), said)
    for episode in open_:
        scenes = sorted(episode.all(SceneParsed), key=lambda one: one.number)
        found = {one.scene: one for one in planned(marked(scenes), person, episode.name)}
        for scene in scenes:
            last = episode.last(AppearancePlanned, scene.scene, name)
            now = found.get(scene.scene)
            if now is None and last is not None:
                now = AppearancePlanned(
                    scene.revision, scene.scene, name, None, 0, 0, (), "taken back by a person"
                )
            if now is not None and (last is None or evolve(now, why=last.why) != last):
                yield For(episode.name, now)
