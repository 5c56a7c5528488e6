"""A series keeps its cast: one block in all requests of ten episodes, references, names, a person's word."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from chatkit import Pen, Room, changed
from PIL import Image

from duanju.core.folds import Folds
from duanju.core.hooks import hookimpl
from duanju.core.rules import Rule
from duanju.core.settings import Casting
from duanju.events.calls import ChatRequested, ChatReturned, ImageRequested
from duanju.events.cast import (
    AppearancePlanned,
    CastSettled,
    CharacterCast,
    CharacterChanged,
    CharactersMerged,
    CharacterWritten,
    LooksMeasured,
    LooksWanted,
    SheetDrawn,
    SheetWanted,
)
from duanju.events.dialogue import LineDirected
from duanju.events.episode import EpisodeHeld, EpisodeReleased
from duanju.events.scenes import Figure
from duanju.events.script import OnScreen, SceneParsed, ScenePlaced, ShotPlanned
from duanju.plugins.stages.casting.sheets import sheet_wanted

SERIES = "series/tea"
Open = Callable[..., Room]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Open]:
    made: list[Room] = []

    def make(
        *pens: Pen, cast: Casting | None = None, rules: tuple[Rule, ...] = (), more: tuple[Any, ...] = ()
    ) -> Room:
        one = Room(tmp_path, *pens, *more, routes=(), rules=rules)
        one.settings = attrs.evolve(one.settings, cast=cast or Casting())
        made.append(one)
        return one

    yield make
    for one in made:
        one.log.close()
        one.plugins.close()


def episode(number: int) -> str:
    """A script whose scenes, actions and company differ from episode to episode."""
    weather = ("rain", "fog", "sun")[number % 3]
    wet = "Mei comes in, soaked by the rain." if number % 2 else "Mei comes in."
    third = f"\n\nGUEST {number}\nI saw it." if number % 3 == 0 else ""
    return (
        f"Title: Tea\n\nINT. TEAHOUSE {number} - {'NIGHT' if number % 2 else 'DAY'}\n\n{wet} OLD ZHANG, 68, "
        f"in a green changshan, waits. The {weather} goes on.\n\nMEI\nThis is number {number}.\n\nOLD ZHANG\n"
        f"Sit down.{third}\n\nEXT. STREET - NIGHT\n\nMei runs {number} steps.\n\nMEI\nWait!\n"
    )


def figures(made: Room, stream: str) -> list[Figure]:
    return [figure for one in made.all(stream, ImageRequested) for figure in one.picture.figures]


def fold(made: Room, stream: str) -> Any:
    return Folds(made.log, made.artifacts.read_sha256).now(stream)


def png(colour: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 96), colour).save(data, "PNG")
    return data.getvalue()


def test_ten_episodes_have_one_bible_and_one_block_a_character(room: Open) -> None:
    made = room()
    made.add(SERIES, CharacterWritten("tea", "Mei", "command", "", {"features": "a mole under the left eye"}))
    streams = [made.open(episode(number), f"e{number:02d}") for number in range(1, 11)]
    made.run()
    cast = [one.character for one in made.all(SERIES, CharacterCast)]
    assert cast[:2] == ["Mei", "Old Zhang"] and len(set(cast)) == len(cast)
    blocks: dict[str, set[str]] = {}
    whole: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for stream in streams:
        assert made.holds(stream) == []
        found = figures(made, stream)
        assert {"Mei", "Old Zhang"} <= {one.character for one in found}
        for asked in made.all(stream, ImageRequested):
            for one in asked.picture.figures:
                blocks.setdefault(one.character, set()).add(one.identity.rpartition("\n")[0])
                scene = asked.subject.split("-")[0]
                plan = fold(made, stream).last(AppearancePlanned, scene, one.character)
                state = () if plan is None else plan.state
                whole.setdefault((one.character, state), set()).add(one.identity)
    assert {name: len(found) for name, found in blocks.items()} == dict.fromkeys(blocks, 1)
    assert {key: len(found) for key, found in whole.items()} == dict.fromkeys(whole, 1)
    assert ("Mei", ("wet",)) in whole and ("Mei", ()) in whole
    (mei,) = blocks["Mei"]
    assert "a mole under the left eye" in mei and "MUST NOT VARY" in mei
    made.proven(streams[0])
    made.proven(streams[9])


def test_without_identity_no_request_has_a_block_or_a_reference(room: Open) -> None:
    made = room(cast=Casting(identity=False))
    picture = made.artifacts.put(png(), "image/png")
    made.add(SERIES, CharacterWritten("tea", "Mei", "cast/Mei", "d", {}, (picture,)))
    stream = made.open()
    made.run()
    assert {one.identity for one in figures(made, stream)} == {""}
    assert all(one.inputs == () for one in made.all(stream, ImageRequested))


def test_a_persons_picture_is_measured_and_goes_along_with_every_request(room: Open) -> None:
    made = room()
    picture = made.artifacts.put(png("#336699"), "image/png")
    broken = made.artifacts.put(b"no picture", "image/png")
    made.add(SERIES, CharacterWritten("tea", "Mei", "cast/Mei", "d", {"age": "31"}, (picture,)))
    made.add(SERIES, CharacterWritten("tea", "Old Zhang", "cast/Old Zhang", "d", {}, (broken,)))
    stream = made.open()
    made.run()
    assert [one.character for one in made.all(stream, LooksWanted)] == ["Mei", "Old Zhang"]
    assert {one.character: one.why for one in made.all(stream, LooksMeasured)}["Old Zhang"].startswith(
        "the picture says"
    )
    (settled,) = made.all(stream, CastSettled)
    assert settled.characters == ("Mei", "Old Zhang")
    mei = next(one for one in made.all(SERIES, CharacterCast) if one.character == "Mei")
    assert (mei.references, mei.profile.age, mei.profile.clothes_colour) == ((picture,), 31, "#336699")
    for one in made.all(stream, ImageRequested):
        shown = [figure.character for figure in one.picture.figures]
        assert one.inputs == tuple({"Mei": picture, "Old Zhang": broken}[name] for name in shown)
        assert one.traits["reference"] == ("yes" if shown else "no")
    made.proven(stream)


def test_a_model_that_a_rule_names_describes_the_pictures_and_a_person_corrects_it(room: Open) -> None:
    def sees(request: ChatRequested, _number: int) -> ChatReturned:
        return changed(
            request, lambda data: data.update(face="heart", hair_style="bob", age=20, eye_shape="almond")
        )

    seer = Pen("eye", sees)
    made = room(seer, rules=(Rule("pictures", "chat", ("eye:m",), ("looks",)),))
    picture = made.artifacts.put(png(), "image/png")
    made.add(SERIES, CharacterWritten("tea", "Mei", "cast/Mei", "d", {"age": "31"}, (picture,)))
    stream = made.open()
    made.run()
    assert [(one.subject, one.inputs, one.traits["reference"]) for one in seer.asked] == [
        ("Mei", (picture,), "yes")
    ]
    assert made.all(stream, LooksWanted) == []
    mei = next(one for one in made.all(SERIES, CharacterCast) if one.character == "Mei")
    assert (mei.profile.face, mei.profile.hair_style, mei.profile.eye_shape, mei.profile.age) == (
        "heart",
        "bob",
        "almond",
        31,
    )
    assert "from the pictures (seen by eye:m): " in mei.why and made.holds(stream) == []
    made.proven(stream)


def test_a_sheet_is_asked_for_and_later_requests_carry_it(room: Open) -> None:
    made = room()
    first = made.open()
    made.run()
    state = fold(made, first)
    made.add(first, sheet_wanted(state.cast["Mei"], state, awaited=False))
    made.run()
    (asked,) = [one for one in made.all(first, ImageRequested) if one.purpose == "sheet"]
    assert asked.picture.figures[0].identity.startswith("IDENTITY of Mei") and asked.inputs == ()
    (drawn,) = made.all(SERIES, SheetDrawn)
    assert (drawn.character, drawn.route) == ("Mei", "fast:p")
    second = made.open(name="two")
    made.run()
    for one in made.all(second, ImageRequested):
        here = [figure.character for figure in one.picture.figures]
        assert one.inputs == ((drawn.sheet,) if "Mei" in here else ())
        assert one.traits["reference"] == ("yes" if "Mei" in here else "no")
    made.add(SERIES, CharacterWritten("tea", "Mei", "command", "", {"hair_style": "bald"}))
    third = made.open(name="three")
    made.run()
    assert all(one.inputs == () for one in made.all(third, ImageRequested)), "an older sheet shows other hair"
    made.proven(first)
    made.proven(third)


def test_with_auto_the_pictures_wait_for_the_sheets(room: Open) -> None:
    made = room(cast=Casting(sheet="auto"))
    stream = made.open()
    made.run()
    assert [one.character for one in made.all(stream, SheetWanted)] == ["Mei", "Old Zhang"]
    sheets = {one.character: one.sheet for one in made.all(SERIES, SheetDrawn)}
    asked = made.all(stream, ImageRequested)
    assert [one.purpose for one in asked[:2]] == ["sheet", "sheet"] and len(
        made.all(stream, CastSettled)
    ) == 1
    assert any(one.picture.figures for one in asked[2:])
    for one in asked[2:]:
        assert one.inputs == tuple(sheets[figure.character] for figure in one.picture.figures)
    second = made.open(name="two")
    made.run()
    assert made.all(second, SheetWanted) == [] and made.holds(second) == []
    made.proven(stream)


NAMES = """Title: The Tea

INT. TEAHOUSE - NIGHT

MEI, a woman of 26 in a red qipao, waits. MISS SU, it is called.

MEI
Is it done?

MISS SU
It is.
"""


@pytest.mark.parametrize("way", ["settings", "merge", "file"])
def test_other_names_lead_to_one_character(room: Open, way: str) -> None:
    made = room(cast=Casting(aliases={"Miss Su": "Mei"}) if way == "settings" else Casting())
    if way == "merge":
        made.add(SERIES, CharactersMerged("tea", "Mei", "Miss Su", ""))
    if way == "file":
        made.add(SERIES, CharacterWritten("tea", "Mei", "cast/Mei", "d", {"aliases": "Miss Su, Su"}))
    stream = made.open(NAMES)
    made.run()
    assert [one.character for one in made.all(SERIES, CharacterCast)] == ["Mei"]
    assert [(one.character, one.text) for one in made.all(stream, LineDirected)] == [
        ("Mei", "Is it done?"),
        ("Mei", "It is."),
    ]
    assert {one.character for one in figures(made, stream)} == {"Mei"}
    made.proven(stream)


class Guest:
    """Puts a shot before the script's whose people the script does not know."""

    name = "guest"

    @hookimpl
    def on_scene_parsed(self, event: SceneParsed) -> Iterator[ScenePlaced | ShotPlanned]:
        """A scene of one shot with a waiter in it."""
        if event.scene == "S01":
            yield ScenePlaced(event.revision, "G1", "")
            yield ShotPlanned(
                event.revision, "G1", "G1-01", 1, 1, "bar", True, "night", "", "MS", "eye", "still",
                (OnScreen("Waiter", "centre", "camera", "neutral", "stand"),), False, "He pours.", (), "calm",
                (), "silent", 2_000, 7, 7,
            )  # fmt: skip


def test_nobody_is_left_out_and_a_merge_says_who_it_is(room: Open) -> None:
    made = room(more=(Guest(),))
    stream = made.open()
    made.run()
    (hold,) = made.holds(stream)
    assert hold.hold == "name:Waiter" and "tea.fountain, line 7: G1-01 shows 'Waiter'" in hold.why
    assert "duanju cast merge WHO Waiter" in hold.next
    assert "G1-01" not in {one.subject for one in made.all(stream, ImageRequested)}
    made.retry(stream, "name:Waiter")
    made.run()
    assert [one.hold for one in made.all(stream, EpisodeHeld)] == ["name:Waiter"] * 2, "nobody said who it is"
    made.add(SERIES, CharactersMerged("tea", "Old Zhang", "Waiter", "a person says so"))
    made.run()
    assert made.all(stream, EpisodeReleased)[-1].why == "Waiter is Old Zhang"
    asked = made.all(stream, ImageRequested)
    (guest,) = [one for one in asked if one.subject == "G1-01"]
    assert guest.picture.figures[0].identity.startswith("IDENTITY of Old Zhang")
    assert len({one.subject for one in asked}) == len(asked)
    made.proven(stream)


def test_a_person_merges_two_who_are_cast_and_the_later_episode_has_one(room: Open) -> None:
    made = room()
    first = made.open(NAMES)
    made.run()
    assert [one.character for one in made.all(SERIES, CharacterCast)] == ["Mei", "Miss Su"]
    made.add(SERIES, CharactersMerged("tea", "Mei", "Miss Su", "one person"))
    second = made.open(NAMES, name="two")
    made.run()
    assert {one.identity.split(":")[0] for one in figures(made, second)} == {"IDENTITY of Mei"}
    assert {one.character for one in made.all(second, LineDirected)} == {"Mei"}
    made.proven(first)
    made.proven(second)


def test_what_a_person_writes_later_changes_later_requests_and_can_be_taken_back(room: Open) -> None:
    made = room()
    made.open()
    made.run()
    first = next(one for one in made.all(SERIES, CharacterCast) if one.character == "Mei")
    wrote = {"age": "40", "voice.pitch": "20", "costumes.gala.clothes": "dress", "scenes.S02": "gala, wet"}
    made.add(SERIES, CharacterWritten("tea", "Mei", "command", "", wrote))
    made.run()
    (new,) = made.all(SERIES, CharacterChanged)
    assert (new.profile.age, new.voice.pitch, new.costumes[0].clothes) == (40, 20, "dress")
    assert new.profile == attrs.evolve(first.profile, age=40) and "the command line: age" in new.why
    later = made.open(name="two")
    made.run()
    assert {one.profile.age for one in figures(made, later) if one.character == "Mei"} == {40}
    street = [
        one
        for one in made.all(later, ImageRequested)
        if one.subject.startswith("S02") and one.picture.figures
    ]
    assert street and all("State: wet." in one.picture.figures[0].identity for one in street)
    assert {one.picture.figures[0].profile.clothes for one in street} == {"dress"}
    made.add(SERIES, CharacterWritten("tea", "Mei", "command", "", {"age": "", "voice.pitch": ""}))
    made.run()
    back = made.all(SERIES, CharacterChanged)[-1]
    assert (back.profile, back.voice) == (first.profile, first.voice) and "age taken back" in back.why
    made.proven(later)


def test_a_word_that_comes_while_an_episode_is_open_plans_its_scenes_anew(room: Open) -> None:
    made = room()
    stream = made.open()
    made.run()
    assert made.all(stream, AppearancePlanned) == []
    made.add(SERIES, CharacterWritten("tea", "Mei", "command", "", {"scenes.S02": "wounded"}))
    made.run()
    assert [(one.scene, one.state) for one in made.all(stream, AppearancePlanned)] == [("S02", ("wounded",))]
    made.add(SERIES, CharacterWritten("tea", "Mei", "command", "", {"scenes.S02": ""}))
    made.run()
    assert fold(made, stream).last(AppearancePlanned, "S02", "Mei").state == ()
    made.proven(stream)
