"""A character of the cast from all that is known: a face that nobody else has, a voice, and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from ....core.cast_fields import costumes_of, on_profile, on_voice, relations_of
from ....events.cast import CharacterCast, Profile, Relation, Voice
from ....events.script import CastNote
from .describe import Hints, hints_of
from .knowledge import DRAWN, Known
from .profiles import choose_profile, face_likeness
from .voices import choose_voice
from .wording import relations_in, worded

if TYPE_CHECKING:
    from ..writing.characters import Character

__all__ = ["NEAREST", "by_model", "by_rules"]

NEAREST = 0.25  # two faces nearer than this are taken for one person
Taken = Sequence[tuple[Profile, Voice]]


def by_rules(series: str, note: CastNote, known: Known, taken: Taken, others: Iterable[str]) -> CharacterCast:
    """The character as the script, pictures and people say, and the rest chosen apart from those `taken`."""
    script = hints_of(note.name, note.description)
    hints = known.hinted(script)
    profile = choose_profile(series, note.name, hints, [one for one, _ in taken])
    return _made(series, note, known, profile, _why(script, known, len(taken)), taken, others)


def by_model(
    series: str,
    note: CastNote,
    known: Known,
    answer: Character,
    route: str,
    taken: Taken,
    others: Iterable[str],
) -> CharacterCast:
    """The character as a chat model answered, under what pictures and people say.

    A face that another has already keeps no more than is said.
    """
    from ..writing.characters import profile_of

    profile = profile_of(answer)
    change = {name: value for name, value in known.seen.items() if name in DRAWN}
    if change:
        profile = evolve(profile, **change)
    profile = on_profile(profile, known.words)
    why = f"by {route}: {' '.join(answer.why.split())}"
    if any(face_likeness(profile, other) < NEAREST for other, _ in taken):
        kept = Hints(
            gender=answer.gender if answer.gender != "neutral" else "",
            age=answer.age,
            build=answer.build,
            clothes=answer.clothes,
            clothes_colour=answer.clothes_colour,
            accent_colour=answer.accent_colour,
            marks=answer.marks,
            said=("age", "build", "clothes", "marks"),
        )
        chosen = choose_profile(series, note.name, known.hinted(kept), [one for one, _ in taken])
        drawn = {name: getattr(chosen, name) for name in DRAWN}
        profile = evolve(profile, **drawn)
        why += "; its face was another's of the cast: face, skin and hair are chosen by the rules"
    if told := _told(known):
        why = f"{told}; {why}"
    cast = _made(series, note, known, profile, why, taken, others)
    voice = evolve(cast.voice, pitch=answer.pitch, rate=answer.rate)
    return evolve(cast, voice=on_voice(voice, known.words))


def _made(
    series: str,
    note: CastNote,
    known: Known,
    profile: Profile,
    why: str,
    taken: Taken,
    others: Iterable[str],
) -> CharacterCast:
    profile = on_profile(known.worded(worded(profile, note.description)), known.words)
    voice = choose_voice(series, note.name, profile, note.description, [one for _, one in taken])
    relations = {one.character: one for one in relations_in(note.description, others)}
    relations |= {one.character: one for one in relations_of(known.words)}
    story = known.said.get("backstory")
    return CharacterCast(
        series,
        note.name,
        profile,
        on_voice(voice, known.words),
        why,
        costumes=costumes_of(profile, known.words),
        backstory=note.description if story is None else story.value,
        relations=tuple(Relation(one.character, one.what) for one in relations.values()),
        references=known.pictures,
    )


def _told(known: Known) -> str:
    """What a person and pictures settled: `from cast/Mei.toml: age, skin; from the picture: ...`."""
    by: dict[str, list[str]] = {}
    for name in (*known.said, *(one for one in known.seen if one not in known.said)):
        by.setdefault(known.source(name), []).append(name.replace("_", " "))
    return "; ".join(f"from {source}: {', '.join(parts)}" for source, parts in by.items())


def _why(hints: Hints, known: Known, others: int) -> str:
    """One line that says what is from a person, a picture or the script, and what was chosen."""
    better = {name for name in DRAWN if known.source(name)}
    said = [word.replace("_", " ") for word in hints.said if word not in better]
    if hints.gender and "gender" not in better:
        said.insert(0, f"gender (by {hints.gender_from})")
    told = {*hints.said, *better} | ({"gender"} if hints.gender else set())
    chosen = [part.replace("_", " ") for part in DRAWN if part not in told]
    start = [one for one in (_told(known),) if one]
    start.append(f"from the script: {', '.join(said)}" if said else "the script says nothing of looks")
    aim = f"farthest from the {others} cast before" if others else "by the name"
    if chosen:
        start.append(f"chosen {aim}: {', '.join(chosen)}")
    return "; ".join((*start, "voice: a timbre of its own, pitch and rate by age"))
