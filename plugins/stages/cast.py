"""Casts every character once for the whole series: a face from the script or chosen, and its own voice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from ...core.episode import Episode
from ...core.hooks import hookimpl
from ...events.calls import AnswerRejected, ChatRequested, ChatReturned
from ...events.cast import CastSettled, CharacterCast, Profile, Voice
from ...events.record import Record
from ...events.script import CastNote, ScriptParsed
from .casting.describe import Hints, hints_of
from .casting.profiles import choose_profile, face_likeness
from .casting.voices import choose_voice
from .writing.asking import CHARACTER, Task, may_ask, question_of, routed, take_in

if TYPE_CHECKING:
    from .writing.characters import Character

decisions = 2
NEAREST = 0.25  # two faces nearer than this are taken for one person
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
def on_script_parsed(event: ScriptParsed, episode: Episode) -> Iterator[CharacterCast | ChatRequested]:
    """A CharacterCast for each character of the script whom the series has not cast yet, in script order.

    Where a chat is routed for it, it is asked about them, and then all of them are cast at once.
    """
    if event.revision != episode.revision:
        return
    tasks = list(_tasks(event, episode)) if may_ask(episode) else []
    wanted = [task for task in tasks if routed(episode, task)]
    if wanted:
        for task in wanted:
            yield from task.open(episode)
    else:
        yield from _all_cast(event, episode, {})


@hookimpl
def on_chat_returned(
    event: ChatReturned, record: Record, episode: Episode
) -> Iterator[CharacterCast | CastSettled | ChatRequested | AnswerRejected]:
    """The join of the cast: all characters at once when each answer is in, so that no two are alike."""
    asked = question_of(event, episode, CHARACTER)
    parsed = episode.last(ScriptParsed)
    if asked is None or parsed is None:
        return
    note = next((one for one in parsed.characters if one.name == asked.event.subject), None)
    if note is None or episode.last(CastSettled) is not None:
        return
    from .writing.characters import character_task

    yield from take_in(
        character_task(note, parsed), asked, record, episode, lambda: _settled(parsed, episode)
    )


def _settled(parsed: ScriptParsed, episode: Episode) -> Iterator[CharacterCast | CastSettled]:
    asked = {one.name: episode.last_record(ChatRequested, one.name, CHARACTER) for one in parsed.characters}
    from .writing.characters import character_task

    answers: dict[str, tuple[Character, str]] = {}
    waiting = [one for one in parsed.characters if asked[one.name] is not None]
    if any(not episode.records(ChatReturned, one.name) for one in waiting):
        return
    for note in waiting:
        question = asked[note.name]
        answer = None if question is None else character_task(note, parsed).answer(episode, question, 1, 1)
        if answer is None:
            return
        last = episode.last(ChatReturned, note.name)
        answers[note.name] = (answer, "" if last is None else last.route)
    yield from _all_cast(parsed, episode, answers)
    yield CastSettled(parsed.revision, tuple(note.name for note in waiting))


def _tasks(event: ScriptParsed, episode: Episode) -> Iterator[Task[Character]]:
    """The question about each character whom the series has not cast yet, with the rules' choice in it."""
    from .writing.characters import character_task

    known = {_key(name): (name, one.profile, one.voice) for name, one in episode.cast.items()}
    for note in event.characters:
        if _key(note.name) in known:
            continue
        taken = [(profile, voice) for _, profile, voice in known.values()]
        draft = _cast(episode.series, note, taken)
        others = [(name, profile) for name, profile, _ in known.values()]
        yield character_task(note, event, (draft.profile, draft.voice), others)
        known[_key(note.name)] = (note.name, draft.profile, draft.voice)


def _all_cast(
    event: ScriptParsed, episode: Episode, answers: dict[str, tuple[Character, str]]
) -> Iterator[CharacterCast]:
    known = {_key(name): (one.profile, one.voice) for name, one in episode.cast.items()}
    for note in event.characters:
        if _key(note.name) not in known:
            taken = list(known.values())
            if note.name in answers:
                cast = _cast_as(episode.series, note, *answers[note.name], taken)
            else:
                cast = _cast(episode.series, note, taken)
            known[_key(note.name)] = (cast.profile, cast.voice)
            yield cast


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _cast_as(
    series: str, note: CastNote, answer: Character, route: str, taken: list[tuple[Profile, Voice]]
) -> CharacterCast:
    """A character as a chat model answered; a face that another has already keeps no more than is said."""
    from .writing.characters import profile_of

    profile = profile_of(answer)
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
        profile = choose_profile(series, note.name, kept, [one for one, _ in taken])
        why += "; its face was another's of the cast: face, skin and hair are chosen by the rules"
    voice = choose_voice(series, note.name, profile, note.description, [one for _, one in taken])
    return CharacterCast(series, note.name, profile, evolve(voice, pitch=answer.pitch, rate=answer.rate), why)


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
