"""Casts every character once for a series, keeps it as people want it, and plans its looks by scene."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ...core.episode import Episode, Series
from ...core.folds import quoted_name
from ...core.hooks import For, effect, hookimpl
from ...core.naming import Names, character_of, name_key, names_in, names_of
from ...events.calls import AnswerRejected, ChatRequested, ChatReturned, ImageRequested, ImageReturned
from ...events.cast import (
    AppearancePlanned,
    CastSettled,
    CharacterCast,
    CharacterChanged,
    CharactersMerged,
    CharacterWritten,
    LooksMeasured,
    LooksWanted,
    Profile,
    SheetDrawn,
    SheetWanted,
    Voice,
)
from ...events.episode import EpisodeHeld, EpisodeReleased
from ...events.record import Record
from ...events.script import CastNote, SceneParsed, ScriptParsed, ShotListSettled
from .casting.appearance import Person, marked, planned
from .casting.changing import changed, replanned
from .casting.choosing import by_model, by_rules
from .casting.knowledge import Known, known_of
from .picturing import pictures_wanted, strangers_in
from .planned import cast_awaited, settled, shots_in_order
from .writing.asking import CHARACTER, LOOKS, Task, may_ask, question_of, routed, take_in

if TYPE_CHECKING:
    from ...core.desk import Desk
    from .writing.characters import Character

decisions = 3
_STRANGER = "name:"  # what a hold for somebody whom nobody is begins with
Kept = dict[str, tuple[str, Profile, Voice]]


@hookimpl
def on_script_parsed(
    event: ScriptParsed, episode: Episode
) -> Iterator[CharacterCast | ChatRequested | LooksWanted | CastSettled | SheetWanted]:
    """A CharacterCast for each character of the script whom the series has not cast yet, in script order.

    Where a chat is routed for it, it is asked about them; their pictures are described by a model that a
    rule names for it, else measured. Then all of them are cast at once.
    """
    if event.revision != episode.revision:
        return
    wanted: list[ChatRequested | LooksWanted] = []
    asking = may_ask(episode)
    for note, draft, known, others in _drafts(event, episode):
        if asking:
            from .writing.characters import character_task

            task = character_task(note, event, (draft.profile, draft.voice), others)
            wanted += task.open(episode) if routed(episode, task) else ()
        if known.pictures:
            from .writing.looks import looks_task, may_see

            if may_see(episode):
                wanted += looks_task(note, event, known.pictures, draft.profile).open(episode)
            else:
                wanted.append(LooksWanted(event.revision, note.name, known.pictures[0]))
    if wanted:
        yield from wanted
    else:
        cast = list(_all_cast(event, episode, {}, {}))
        yield from cast
        yield from _sheets(event, episode, cast)


@hookimpl
@effect(lane="measure", doubt="repeat", reuse=True)
def on_looks_wanted(event: LooksWanted, desk: Desk) -> Iterator[LooksMeasured]:
    """Measures the colours of a person's picture; one that cannot be read says so and settles nothing."""
    from .casting.measured import Colours, NoPicture, colours_of

    try:
        found = colours_of(desk.artifacts.read(event.picture))
    except NoPicture as error:
        found = Colours("", "", "", "", f"the picture says nothing: {error}")
    yield LooksMeasured(
        event.revision,
        event.character,
        found.skin,
        found.hair_colour,
        found.clothes_colour,
        found.accent_colour,
        found.why,
    )


@hookimpl
def on_looks_measured(
    event: LooksMeasured, episode: Episode
) -> Iterator[CharacterCast | CastSettled | SheetWanted]:
    """The join of the cast, asked when a picture is measured."""
    parsed = episode.last(ScriptParsed)
    if event.revision == episode.revision and parsed is not None and episode.last(CastSettled) is None:
        yield from _settled(parsed, episode)


@hookimpl
def on_chat_returned(
    event: ChatReturned, record: Record, episode: Episode
) -> Iterator[CharacterCast | CastSettled | ChatRequested | AnswerRejected | SheetWanted]:
    """The join of the cast: all characters at once when each answer is in, so that no two are alike."""
    parsed = episode.last(ScriptParsed)
    if parsed is None:
        return
    for purpose in (CHARACTER, LOOKS):
        asked = question_of(event, episode, purpose)
        if asked is None:
            continue
        note = next((one for one in parsed.characters if one.name == asked.event.subject), None)
        if note is None or episode.last(CastSettled) is not None:
            return
        task = _task_of(purpose, note, parsed)
        yield from take_in(task, asked, record, episode, lambda: _settled(parsed, episode))


def _task_of(purpose: str, note: CastNote, parsed: ScriptParsed) -> Task[Any]:
    if purpose == CHARACTER:
        from .writing.characters import character_task

        return character_task(note, parsed)
    from .writing.looks import looks_task

    return looks_task(note, parsed, (), None)


def _settled(parsed: ScriptParsed, episode: Episode) -> Iterator[CharacterCast | CastSettled | SheetWanted]:
    """Everybody and that is it, once all that was asked and is to be measured is in."""
    answers: dict[str, tuple[Character, str]] = {}
    looks: dict[str, Known] = {}
    waiting: list[str] = []
    for note in parsed.characters:
        asked = False
        for purpose in (CHARACTER, LOOKS):
            question = episode.last_record(ChatRequested, note.name, purpose)
            if question is None:
                continue
            asked = True
            task = _task_of(purpose, note, parsed)
            answer = task.answer(episode, question, 1, 1)
            if answer is None:
                return
            route = _route_of(episode, question)
            if purpose == CHARACTER:
                answers[note.name] = (answer, route)
            else:
                from .writing.looks import seen_in

                looks[note.name] = Known(seen=seen_in(answer), seen_by=f"the pictures (seen by {route})")
        if episode.last(LooksWanted, note.name) is not None:
            asked = True
            if episode.last(LooksMeasured, note.name) is None:
                return
        if asked:
            waiting.append(note.name)
    cast = list(_all_cast(parsed, episode, answers, looks))
    yield from cast
    sheets = list(_sheets(parsed, episode, cast))
    yield from sheets
    if not sheets:
        yield CastSettled(parsed.revision, tuple(waiting))


def _route_of(episode: Episode, question: Record) -> str:
    """Which model answered a question last; "" where none did."""
    returned = episode.records(ChatReturned, question.event.subject)
    mine = [one.event for one in returned if one.event.request == question.position]
    return mine[-1].route if mine else ""


def _known(note: CastNote, episode: Episode, names: Names) -> Known:
    written = episode.series_view.all(CharacterWritten)
    return known_of(note.name, written, names, episode.last(LooksMeasured, note.name))


def _kept(episode: Episode) -> Kept:
    return {name_key(name): (name, one.profile, one.voice) for name, one in episode.cast.items()}


def _new(event: ScriptParsed, kept: Kept, names: Names) -> Iterator[CastNote]:
    """The characters whom nobody has cast, under this name or another one; `kept` may grow meanwhile."""
    for note in event.characters:
        if name_key(note.name) not in kept and name_key(names.means(note.name)) not in kept:
            yield note


def _drafts(
    event: ScriptParsed, episode: Episode
) -> Iterator[tuple[CastNote, CharacterCast, Known, list[tuple[str, Profile]]]]:
    """Each character whom the series has not cast yet, by the rules: with what is known, and the others."""
    names, kept = names_in(episode), _kept(episode)
    people = [one.name for one in event.characters]
    for note in _new(event, kept, names):
        known = _known(note, episode, names)
        taken = [(profile, voice) for _, profile, voice in kept.values()]
        draft = by_rules(episode.series, note, known, taken, _but(people, note.name))
        yield note, draft, known, [(name, profile) for name, profile, _ in kept.values()]
        kept[name_key(note.name)] = (note.name, draft.profile, draft.voice)


def _all_cast(
    event: ScriptParsed,
    episode: Episode,
    answers: dict[str, tuple[Character, str]],
    looks: dict[str, Known],
) -> Iterator[CharacterCast]:
    names, kept = names_in(episode), _kept(episode)
    people = [one.name for one in event.characters]
    for note in _new(event, kept, names):
        known = _known(note, episode, names)
        if note.name in looks:
            known = evolve(known, seen=looks[note.name].seen, seen_by=looks[note.name].seen_by)
        taken = [(profile, voice) for _, profile, voice in kept.values()]
        others = _but(people, note.name)
        if note.name in answers:
            cast = by_model(episode.series, note, known, *answers[note.name], taken, others)
        else:
            cast = by_rules(episode.series, note, known, taken, others)
        kept[name_key(note.name)] = (note.name, cast.profile, cast.voice)
        yield cast


def _but(people: list[str], name: str) -> list[str]:
    return [one for one in people if one != name]


# -- by scene -----------------------------------------------------------------------------------------------


@hookimpl
def on_scene_parsed(event: SceneParsed, episode: Episode) -> Iterator[AppearancePlanned]:
    """How everybody looks in each scene, where that is not the usual way; once all scenes are there."""
    scenes = sorted(episode.all(SceneParsed), key=lambda one: one.number)
    if event.revision != episode.revision or event.number < event.of or len(scenes) < event.of:
        return
    written = episode.series_view.all(CharacterWritten)
    names, searched = names_in(episode), marked(scenes)
    for name in dict.fromkeys(name for scene in scenes for name in scene.characters):
        person = Person.of(name, names.others(name), known_of(name, written, names).said)
        yield from planned(searched, person, episode.name)


# -- strangers -----------------------------------------------------------------------------------------------


@hookimpl
def on_shot_list_settled(event: ShotListSettled, episode: Episode) -> Iterator[EpisodeHeld]:
    """Holds the episode for every name in its shots that means nobody: no picture leaves anybody out."""
    if event.revision == episode.revision and not cast_awaited(episode):
        yield from _held(episode)


@hookimpl
def on_cast_settled(event: CastSettled, episode: Episode) -> Iterator[EpisodeHeld]:
    """The same, where the shots had waited for the cast."""
    if event.revision == episode.revision and settled(episode):
        yield from _held(episode)


def _held(episode: Episode) -> Iterator[EpisodeHeld]:
    opened = episode.opened
    file = "the script" if opened is None else opened.file
    there = ", ".join(sorted(episode.cast)[:12]) or "nobody"
    for name, shot in strangers_in(shots_in_order(episode), episode).items():
        lines = f"line {shot.first}" if shot.first == shot.last else f"lines {shot.first} to {shot.last}"
        hold = f"{_STRANGER}{name}"
        if hold not in episode.holds:
            yield EpisodeHeld(
                hold,
                f"{file}, {lines}: {shot.shot} shows {name!r}, who is nobody: neither one of the cast "
                f"({there}) nor another name of one",
                shot.shot,
                f"say who it is: duanju cast merge WHO {shlex.quote(name)}, then duanju resume "
                f"{quoted_name(episode.stream)}; or mend the script and produce it again",
                episode.revision,
            )


@hookimpl
def on_characters_merged(event: CharactersMerged, series: Series) -> Iterator[For[EpisodeReleased]]:
    """The episodes that waited for who somebody is go on."""
    yield from _recognised(series)


def _recognised(series: Series) -> Iterator[For[EpisodeReleased]]:
    for episode in series.open_episodes:
        for hold in episode.holds:
            name = hold.removeprefix(_STRANGER)
            found = character_of(episode, name) if hold != name else None
            if found is not None:
                yield For(episode.name, EpisodeReleased(hold, "cast", f"{name} is {found.character}"))


@hookimpl
def on_episode_released(
    event: EpisodeReleased, episode: Episode
) -> Iterator[ImageRequested | ChatRequested | EpisodeHeld]:
    """Asks for the pictures that had waited; who let it go on without saying who it is, is asked again."""
    if not event.hold.startswith(_STRANGER) or not settled(episode) or cast_awaited(episode):
        return
    yield from pictures_wanted(episode)
    yield from _held(episode)


# -- what people change -------------------------------------------------------------------------------------


@hookimpl
def on_character_written(
    event: CharacterWritten, series: Series
) -> Iterator[CharacterChanged | For[AppearancePlanned] | For[EpisodeReleased]]:
    """A character who is cast already changes as a person wrote; later requests use it."""
    open_ = series.open_episodes
    aliases: dict[str, str] = {}
    for episode in open_:
        if episode.settings_artifact is not None:
            aliases |= episode.settings.cast.aliases
    names = names_of(series, aliases)
    key = name_key(names.means(event.character))
    name = next((one for one in series.cast if name_key(one) == key), None)
    if name is None:
        return
    yield from changed(event, series, name, names)
    yield from replanned(open_, name, names, series)
    yield from _recognised(series)


# -- sheets -------------------------------------------------------------------------------------------------


def _sheets(event: ScriptParsed, episode: Episode, new: list[CharacterCast]) -> Iterator[SheetWanted]:
    """The sheets that `cast.sheet = "auto"` asks for: of everybody in the script who has none yet."""
    if episode.settings_artifact is None or episode.settings.cast.sheet != "auto":
        return
    from .casting.sheets import sheets_wanted

    yield from sheets_wanted(event, episode, new)


@hookimpl(specname="on_sheet_wanted")
@effect(lane="draw", doubt="repeat", reuse=False)
def draw_sheet(event: SheetWanted, desk: Desk) -> Iterator[SheetDrawn]:
    """Draws a sheet with the painter of this machine; one that a model is asked for is none of this."""
    if event.drawn:
        from .casting.sheets import drawn

        yield drawn(event, desk)


@hookimpl(specname="on_sheet_wanted")
def ask_for_sheet(event: SheetWanted, episode: Episode) -> Iterator[ImageRequested]:
    """Asks the routed picture model for a sheet: one picture with all views."""
    if not event.drawn and event.revision == episode.revision:
        from .casting.sheets import requested

        yield requested(event, episode)


@hookimpl
def on_image_returned(event: ImageReturned, episode: Episode) -> Iterator[SheetDrawn | CastSettled]:
    """The sheet that a picture model drew is the reference of later requests, which may wait for it."""
    if event.revision == episode.revision and episode.all(SheetWanted):
        from .casting.sheets import returned

        yield from returned(event, episode)
