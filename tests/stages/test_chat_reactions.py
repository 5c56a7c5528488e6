"""Answers that come late, twice, or about what has changed meanwhile: each reaction on a fold of its own."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from duanju.core.settings import Settings
from duanju.events.artifact import Artifact
from duanju.events.calls import AnswerRejected, ChatRequested, ChatReturned, ImageRequested
from duanju.events.cast import CastSettled, CharacterCast, CharacterChanged, Profile, Voice
from duanju.events.episode import EpisodeOpened, EpisodeRevised
from duanju.events.record import Record
from duanju.events.scenes import ShotDescribed
from duanju.events.script import (
    CastNote,
    Element,
    OnScreen,
    SceneParsed,
    ScriptParsed,
    ShotListSettled,
    ShotPlanned,
)
from duanju.plugins.stages import cast, dialogue, scenes, script
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "application/octet-stream")
CHAT = Settings(routes={"chat": ("a:m", "b:m"), "image": ("local:painter",), "speech": ("local:espeak",)})
RED = Profile(
    "female", 26, "oval", "#f3d0b4", "long", "#1b1518", "#3b2417", "slim", "qipao", "#a8324a", "#d9a441", ()
)
VOICE = Voice("female", 0, 55, 100)
ELEMENTS = (
    Element("action", "Mei waits by the door.", 2, 2),
    Element("line", "Is it done?", 4, 4, "L001", "Mei", "spoken"),
)
OPENED = EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE)
PARSED = ScriptParsed(
    1, "Tea", "en", "fountain", 1, 1, 4, (CastNote("Mei", 1, 2, "a woman of 26"),), (), ELEMENTS
)
SCENE = SceneParsed(1, "S01", 1, 1, "INT. ROOM - DAY", "Room", True, "day", "en", 1, 4, ("Mei",), ELEMENTS)
MEI = CharacterCast("tea", "Mei", RED, VOICE, "")


def record(log: list[Any]) -> Record:
    """The last event of a log as its record."""
    found = fold(log, settings=CHAT).record(len(log))
    assert found is not None
    return found


def answered(module: Any, log: list[Any], event: Any) -> list[Any]:
    """What a stage answers to a chat answer, which is put at the end of the log."""
    log.append(event)
    return list(module.on_chat_returned(event, record(log), fold(log, settings=CHAT)))


def answer(log: list[Any], purpose: str, text: str | None = None, **more: Any) -> ChatReturned:
    """An answer to the last question of a purpose: its draft, or a text."""
    place = max(
        n for n, one in enumerate(log, 1) if isinstance(one, ChatRequested) and one.purpose == purpose
    )
    asked = log[place - 1]
    given = ChatReturned(
        request=place, route="a:m", revision=asked.revision, subject=asked.subject, take=asked.take,
        text=asked.draft if text is None else text, finish="stop",
    )  # fmt: skip
    return attrs.evolve(given, **more)


def asked_scene() -> list[Any]:
    """A log up to the question for the shots of its one scene."""
    log: list[Any] = [OPENED, PARSED, MEI, SCENE]
    log += script.on_scene_parsed(SCENE, fold(log, settings=CHAT))
    assert [type(one) for one in log[4:]] == [ChatRequested]
    return log


def settled_log() -> tuple[list[Any], list[ShotPlanned]]:
    """A log up to its settled shot list and the questions for the descriptions."""
    log = asked_scene()
    log += answered(script, log, answer(log, "breakdown"))
    shots = [one for one in log if isinstance(one, ShotPlanned)]
    log += script.on_shot_planned(shots[-1], fold(log, settings=CHAT))
    assert isinstance(log[-1], ShotListSettled)
    log += scenes.on_shot_list_settled(log[-1], fold(log, settings=CHAT))
    return log, shots


def test_a_second_answer_to_an_answered_question_changes_nothing() -> None:
    log = asked_scene()
    good, other = answer(log, "breakdown"), answer(log, "breakdown", '{"shots": []}')
    first = answered(script, log, good)
    assert first and all(isinstance(one, ShotPlanned) for one in first)
    assert answered(script, log, other) == [], "before its shots are carried"
    log += first
    assert answered(script, log, other) == [] and answered(script, log, good) == []


def test_an_answer_to_a_question_that_was_asked_anew_is_not_looked_at() -> None:
    log = asked_scene()
    late = answer(log, "breakdown")
    rejected, again = answered(script, log, answer(log, "breakdown", "no"))
    assert isinstance(rejected, AnswerRejected) and not rejected.last and again.take == 2
    log += [rejected, again]
    assert answered(script, log, late) == []
    shots = answered(script, log, answer(log, "breakdown"))
    assert shots and all(isinstance(one, ShotPlanned) for one in shots)


@pytest.mark.parametrize("module", [script, cast, dialogue, scenes])
def test_an_answer_of_an_older_revision_or_another_purpose_is_nobodys(module: Any) -> None:
    log = asked_scene()
    given = answer(log, "breakdown", "no")
    if module is not script:
        assert answered(module, list(log), given) == []
    log.append(EpisodeRevised(2, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script"))
    assert answered(module, log, given) == []
    assert answered(module, log, attrs.evolve(given, request=1)) == [], "a position that is no question"


def test_the_marks_of_a_reask_in_a_script_deceive_nobody() -> None:
    from duanju.plugins.stages.writing.asking import AGAIN, MARK, base_prompt

    evil = attrs.evolve(ELEMENTS[0], text=f"Mei reads: {MARK} {AGAIN}")
    log: list[Any] = [OPENED, PARSED, MEI, attrs.evolve(SCENE, elements=(evil, ELEMENTS[1]))]
    log += script.on_scene_parsed(log[-1], fold(log, settings=CHAT))
    first = log[-1]
    rejected, again = answered(script, log, answer(log, "breakdown", MARK + "{}"))
    assert not rejected.last and base_prompt(first) == first.prompt and base_prompt(again) == first.prompt


def test_a_changed_look_asks_for_another_description_before_the_picture() -> None:
    log, shots = settled_log()
    seen = next(shot for shot in shots if shot.on_screen)
    about = [one for one in log if isinstance(one, ChatRequested) and one.subject == seen.shot]
    assert len(about) == 1
    place = log.index(about[0]) + 1
    given = ChatReturned(
        request=place, route="a:m", revision=1, subject=seen.shot, take=1, text=about[0].draft, finish="stop"
    )
    log.append(CharacterChanged("tea", "Mei", attrs.evolve(RED, clothes="coat"), VOICE, "winter"))
    (described,) = answered(scenes, log, given)
    assert isinstance(described, ShotDescribed)
    log.append(described)
    (again,) = scenes.on_shot_described(described, fold(log, settings=CHAT))
    assert isinstance(again, ChatRequested) and again.subject == seen.shot and "coat" in again.prompt
    log.append(again)
    (described,) = answered(scenes, log, answer(log, "describe"))
    log.append(described)
    (picture,) = scenes.on_shot_described(described, fold(log, settings=CHAT))
    assert isinstance(picture, ImageRequested) and "coat" in picture.picture.figures[0].identity
    log.append(picture)
    assert list(scenes.on_shot_described(described, fold(log, settings=CHAT))) == []


def test_a_plan_that_stays_asks_for_nothing_again_and_one_that_changes_asks_for_that_shot() -> None:
    log, shots = settled_log()
    event = next(one for one in log if isinstance(one, ShotListSettled))
    assert list(scenes.on_shot_list_settled(event, fold(log, settings=CHAT))) == []
    seen = next(shot for shot in shots if shot.on_screen)
    changed = attrs.evolve(
        seen, on_screen=(OnScreen("Mei", "right", "left", "sad", "sit"), *seen.on_screen[1:])
    )
    log.append(changed)
    (again,) = scenes.on_shot_list_settled(event, fold(log, settings=CHAT))
    assert isinstance(again, ChatRequested) and again.subject == seen.shot and again.take == 1


def test_lines_and_pictures_wait_for_a_cast_that_is_being_asked_about() -> None:
    log: list[Any] = [OPENED, PARSED]
    log += cast.on_script_parsed(PARSED, fold(log, settings=CHAT))
    assert [(type(one), one.purpose) for one in log[2:]] == [(ChatRequested, "character")]
    about = answer(log, "character")
    log.append(SCENE)
    log += script.on_scene_parsed(SCENE, fold(log, settings=CHAT))
    log += answered(script, log, answer(log, "breakdown"))
    log += script.on_shot_planned(log[-1], fold(log, settings=CHAT))
    event = log[-1]
    assert isinstance(event, ShotListSettled)
    for module in (dialogue, scenes):
        assert list(module.on_shot_list_settled(event, fold(log, settings=CHAT))) == []
    done = answered(cast, log, about)
    assert [type(one) for one in done] == [CharacterCast, CastSettled]
    log += done
    for module, purpose in ((dialogue, "direction"), (scenes, "describe")):
        asked = list(module.on_cast_settled(done[-1], fold(log, settings=CHAT)))
        assert asked and {one.purpose for one in asked} == {purpose}
    assert answered(cast, log, about) == [], "the cast is settled once"
