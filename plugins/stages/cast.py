"""Casts every character once for the whole series: a face from the script or chosen, and its own voice."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.episode import Episode
from ...core.hooks import hookimpl
from ...events.cast import CharacterCast, Profile, Voice
from ...events.script import CastNote, ScriptParsed
from .casting.describe import Hints, hints_of
from .casting.profiles import choose_profile
from .casting.voices import choose_voice

decisions = 1
_PARTS = (
    "face",
    "hair_style",
    "hair_colour",
    "eyes",
    "build",
    "clothes",
    "clothes_colour",
    "accent_colour",
    "marks",
)


@hookimpl
def on_script_parsed(event: ScriptParsed, episode: Episode) -> Iterator[CharacterCast]:
    """A CharacterCast for each character of the script whom the series has not cast yet, in script order."""
    if event.revision != episode.revision:
        return
    known = {_key(name): (one.profile, one.voice) for name, one in episode.cast.items()}
    for note in event.characters:
        if _key(note.name) not in known:
            cast = _cast(episode.series, note, list(known.values()))
            known[_key(note.name)] = (cast.profile, cast.voice)
            yield cast


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _cast(series: str, note: CastNote, taken: list[tuple[Profile, Voice]]) -> CharacterCast:
    hints = hints_of(note.name, note.description)
    profile = choose_profile(series, note.name, hints, [one for one, _ in taken])
    voice = choose_voice(series, note.name, profile, note.description, [one for _, one in taken])
    return CharacterCast(series, note.name, profile, voice, _why(hints, len(taken)))


def _why(hints: Hints, others: int) -> str:
    """One line that says what the script settled and what was chosen."""
    said = [word.replace("_", " ") for word in hints.said]
    if hints.gender:
        said.insert(0, f"gender (by {hints.gender_from})")
    open_parts = [part for part in _PARTS if part not in hints.said]
    first = [part for part, known in (("gender", hints.gender), ("age", hints.age)) if not known]
    chosen = [part.replace("_", " ") for part in (*first, "skin", *open_parts)]
    start = f"from the script: {', '.join(said)}" if said else "the script says nothing of looks"
    aim = f"farthest from the {others} cast before" if others else "by the name"
    return f"{start}; chosen {aim}: {', '.join(chosen)}; voice: a timbre of its own, pitch and rate by age"
