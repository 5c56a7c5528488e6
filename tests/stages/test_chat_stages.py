"""The stages ask chat models where one is routed: drafts, better answers, wrong ones, what comes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from chatkit import CENT, TEA, Pen, Room, changed, draft, said

from duanju.core.ledger import ledger_of
from duanju.core.rules import Condition, Rule
from duanju.core.status import progress_of
from duanju.events.calls import (
    AnswerRejected,
    CallAdmitted,
    CallFailed,
    ChatRequested,
    ChatReturned,
    ImageRequested,
    SpeechRequested,
)
from duanju.events.cast import CastSettled, CharacterCast
from duanju.events.dialogue import LineDirected
from duanju.events.scenes import ShotDescribed
from duanju.events.script import SceneFellBack, ScriptParsed, ShotListSettled, ShotPlanned

Make = Callable[..., Room]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Make]:
    made: list[Room] = []

    def make(*pens: Pen, **more: Any) -> Room:
        one = Room(tmp_path / str(len(made)), *pens, **more)
        made.append(one)
        return one

    (tmp_path / "0").mkdir()
    (tmp_path / "1").mkdir()
    yield make
    for one in made:
        one.close()


def cast_of(room: Room) -> list[CharacterCast]:
    return room.all("series/tea", CharacterCast)


def wrong(request: ChatRequested, _number: int = 1) -> ChatReturned:
    """JSON of another form."""
    return said('{"answer": "I am sorry"}')


def only(purpose: str, behave: Any, otherwise: Any = draft) -> Any:
    """Behaves so for one purpose."""
    return lambda request, number: (behave if request.purpose == purpose else otherwise)(request, number)


def planned(room: Room, stream: str) -> list[ShotPlanned]:
    return room.all(stream, ShotPlanned)


# -- drafts and better answers -----------------------------------------------------------------------------


def test_without_a_chat_route_nothing_is_asked_and_with_drafts_the_film_is_the_same(room: Make) -> None:
    local, asked = room(Pen("a"), routes=()), room(Pen("a"))
    one, two = local.open(), asked.open()
    local.run()
    asked.run()
    assert local.all(one, ChatRequested) == [] and local.all(one, CastSettled) == []
    assert local.holds(one) == [] and asked.holds(two) == []
    assert all(request.words == "" for request in local.all(one, ImageRequested))

    def plain(shot: ShotPlanned) -> ShotPlanned:
        return attrs.evolve(shot, first=0, last=0)

    assert list(map(plain, planned(asked, two))) == list(map(plain, planned(local, one)))
    order = [attrs.evolve(event, why="") for event in cast_of(local)]
    assert [attrs.evolve(event, why="") for event in cast_of(asked)] == order
    assert asked.all(two, LineDirected) == local.all(one, LineDirected)
    pictures = local.all(one, ImageRequested)
    assert [attrs.evolve(request, words="") for request in asked.all(two, ImageRequested)] == pictures
    local.proven(one)
    asked.proven(two)


def test_what_the_models_write_is_what_is_made(room: Make) -> None:
    def better(request: ChatRequested, _number: int) -> ChatReturned:
        def change(data: Any) -> None:
            if request.purpose == "breakdown":
                data["shots"][0].update(size="FS", action="She waits; the rain does not.", mood="intimate")
            elif request.purpose == "character":
                data.update(age=31, clothes="coat", why="the rain")
            elif request.purpose == "direction":
                data["lines"][0].update(tone="afraid", pace=120, pitch=9, volume=77)
            else:
                data.update(description=f"A picture\nof {request.subject}, seen through the wet glass.")

        return changed(request, change)

    made = room(Pen("a", better))
    stream = made.open()
    made.run()
    assert made.holds(stream) == []
    first = made.all(stream, ShotPlanned)[0]
    assert (first.size, first.action, first.mood) == ("FS", "She waits; the rain does not.", "intimate")
    assert {(one.profile.age, one.profile.clothes) for one in cast_of(made)} == {(31, "coat")}
    assert all(one.why.startswith("by a:m: the rain") for one in cast_of(made))
    said_ = made.all(stream, LineDirected)[0]
    assert attrs.astuple(said_.direction) == (120, 9, 77, "afraid")
    request = made.all(stream, SpeechRequested)[0]
    assert request.direction == said_.direction
    for one in made.all(stream, ImageRequested):
        assert one.words.startswith(f"A picture of {one.subject}, seen through the wet glass.")
        for figure in one.picture.figures:
            assert figure.identity.startswith(f"IDENTITY of {figure.character}: a")
    made.proven(stream)


def test_two_of_a_cast_never_get_one_face(room: Make) -> None:
    def twins(request: ChatRequested, _number: int) -> ChatReturned:
        face = {
            "skin": "#f0cba9",
            "hair_style": "long",
            "hair_colour": "#14141a",
            "face": "oval",
            "marks": [],
        }
        return changed(request, lambda data: data.update(face))

    made = room(Pen("a", only("character", twins)))
    made.open()
    made.run()
    one, two = cast_of(made)
    assert (
        one.profile.hair_style == "long" and one.voice.timbre != two.voice.timbre
    ) or one.voice.gender != two.voice.gender
    assert "its face was another's" in two.why and "its face" not in one.why
    made.proven("episode/tea/tea")


def test_the_joins_wait_for_the_answers(room: Make) -> None:
    """The shot list settles after the last shot, and no face or voice is asked for before the cast stands."""
    made = room(Pen("a"))
    stream = made.open()
    made.run(lanes={"a": 1})
    kinds = [(record.position, record.event) for record in made.log.read()]
    places = {cls: [at for at, event in kinds if isinstance(event, cls)] for cls in (
        ShotPlanned, ShotListSettled, CastSettled, CharacterCast, ImageRequested, LineDirected, ShotDescribed,
    )}  # fmt: skip
    assert len(places[ShotListSettled]) == len(places[CastSettled]) == 1
    settled, cast = places[ShotListSettled][0], places[CastSettled][0]
    assert max(places[ShotPlanned]) < settled and max(places[CharacterCast]) < cast
    assert min(places[LineDirected] + places[ImageRequested] + places[ShotDescribed]) > max(settled, cast)
    described = {event.shot: at for at, event in kinds if isinstance(event, ShotDescribed)}
    for at, event in kinds:
        if isinstance(event, ImageRequested):
            assert described[event.subject] < at
    (whole,) = made.all(stream, ShotListSettled)
    (parsed,) = made.all(stream, ScriptParsed)
    assert (whole.shots, whole.lines) == (len(planned(made, stream)), parsed.lines)


def test_a_rule_may_route_one_purpose_alone(room: Make) -> None:
    rule = Rule("faces", "chat", ("a:m",), ("describe",), (Condition("people", least=1),))
    made = room(Pen("a"), routes=(), rules=(rule,))
    stream = made.open()
    made.run()
    assert made.holds(stream) == []
    asked = {one.subject for one in made.all(stream, ChatRequested)}
    assert {one.purpose for one in made.all(stream, ChatRequested)} == {"describe"}
    shown = {shot.shot for shot in planned(made, stream) if shot.on_screen}
    assert asked == shown and len(made.all(stream, ImageRequested)) == len(planned(made, stream)) > len(shown)
    made.proven(stream)


def test_the_questions_carry_what_rules_look_at(room: Make) -> None:
    made = room(Pen("a"))
    stream = made.open()
    made.run()
    (tea, street) = made.questions(stream, "breakdown")
    assert tea.traits["people"] == "2" and tea.traits["language"] == "en" and tea.traits["kind"] == "dialogue"
    opening = made.questions(stream, "describe")[0]
    assert opening.traits["kind"] == "establishing" and opening.traits["crowd"] == "no"
    assert opening.traits["words"] == "13" and opening.traits["characters"] == "Mei"
    for one in made.all(stream, ChatRequested):
        assert one.draft and one.draft in one.prompt and one.system and one.schema
    assert street.subject == "S02"


# -- wrong answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["breakdown", "character", "direction", "describe"])
@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (lambda request, number: said("I am sorry", "malformed"), "no JSON"),
        (lambda request, number: said("I am sorry"), "no JSON"),
        (wrong, "is missing"),
        (lambda request, number: said(request.draft[:-2], "length"), "cut off"),
    ],
    ids=["malformed", "words", "form", "cut off"],
)
def test_a_wrong_answer_is_shown_to_the_model_once(room: Make, purpose: str, bad: Any, told: str) -> None:
    pen = Pen("a", only(purpose, lambda request, number: (bad if number == 1 else draft)(request, number)))
    made = room(pen, Pen("b"))
    stream = made.open(TEA.replace("Mei runs", "Old Zhang runs"))
    made.run()
    assert made.holds(stream) == []
    rejected = made.all(stream, AnswerRejected)
    assert rejected and all(not one.last and one.purpose == purpose for one in rejected)
    assert all(told in one.why for one in rejected), rejected
    for one in rejected:
        first = made.log.at(one.request).event
        again = [other for other in made.questions(stream, purpose) if other.take == 2]
        mended = next((other for other in again if other.subject == first.subject), None)
        if mended is not None:
            assert mended.prompt.startswith(first.prompt) and told in mended.prompt[len(first.prompt) :]
    assert {one.route for one in made.all(stream, CallAdmitted) if one.capability == "chat"} == {"a:m"}
    assert len(made.all(stream, ShotListSettled)) == 1 and made.all(stream, ImageRequested)
    made.proven(stream)


@pytest.mark.parametrize("purpose", ["breakdown", "character", "direction", "describe"])
def test_after_two_wrong_answers_the_next_route_is_asked(room: Make, purpose: str) -> None:
    made = room(Pen("a", only(purpose, wrong)), Pen("b"))
    stream = made.open()
    made.run()
    assert made.holds(stream) == []
    subjects = {one.subject for one in made.questions(stream, purpose)}
    rejected = made.all(stream, AnswerRejected)
    for subject in subjects:
        mine = [one for one in rejected if one.subject == subject]
        assert [one.last for one in mine] == [False, True]
        assert {one.route for one in mine} == {"a:m"}
    answers = [one for one in made.all(stream, ChatReturned) if one.route == "b:m"]
    assert {one.subject for one in answers} == subjects and len(answers) == len(subjects)
    fallbacks = [one for one in made.all(stream, CallAdmitted) if one.route == "b:m"]
    assert all(one.reason == "fallback" for one in fallbacks)
    calls = [one for one in ledger_of(made.log, stream).entries if one.capability == "chat"]
    asked = sum(len(pen.object.asked) for name, pen in made.plugins.plugins.items() if name in "ab")
    assert sum(one.cost or 0 for one in calls) == CENT * asked, "a rejected answer is paid all the same"
    made.proven(stream)


def fails(purpose: str, subject: str, then: Any = draft) -> Any:
    """Answers one subject of a purpose wrongly, and all others by their drafts."""
    return only(purpose, lambda request, n: (wrong if request.subject == subject else then)(request, n))


def test_a_scene_that_no_model_can_break_down_falls_back_to_the_rules_and_says_so(room: Make) -> None:
    local, made = room(routes=()), room(*(Pen(name, fails("breakdown", "S01")) for name in ("a", "b")))
    other, stream = local.open(), made.open()
    local.run()
    made.run()
    assert made.holds(stream) == []
    (fell,) = made.all(stream, SceneFellBack)
    last = made.questions(stream, "breakdown", "S01")[-1]
    assert (fell.scene, fell.subject, fell.asked) == ("S01", "S01", ("a:m", "b:m"))
    assert made.log.at(fell.request).event == last
    assert "nobody asked for: answer" in fell.why
    rejected = [one for one in made.all(stream, AnswerRejected) if one.subject == "S01"]
    assert [(one.route, one.last) for one in rejected] == [("a:m", False), ("a:m", True), ("b:m", False)]

    def of_scene(room: Room, stream: str, scene: str) -> list[ShotPlanned]:
        return [one for one in planned(room, stream) if one.scene == scene]

    assert of_scene(made, stream, "S01") == of_scene(local, other, "S01")
    assert of_scene(made, stream, "S02")
    assert len(made.all(stream, ShotListSettled)) == 1 and made.all(stream, ImageRequested)
    progress = progress_of(made.log, stream)
    assert [one.scene for one in progress.fell_back.values()] == ["S01"]
    made.proven(stream)


def test_a_part_of_a_scene_falls_back_alone(room: Make) -> None:
    """A model that manages some lines answers the last part wrongly: that part goes by the rules."""

    def short(request: ChatRequested, number: int) -> ChatReturned:
        if request.purpose != "breakdown":
            return draft(request)
        if request.draft.count('"line":') > 6:
            return said(request.draft[:200], "length")
        if '"L012"' in request.draft:
            return wrong(request)
        return changed(request, lambda data: [one.update(mood="romantic") for one in data["shots"]] and None)

    made = room(Pen("a", short))
    stream = made.open(LONG)
    made.run()
    assert made.holds(stream) == []
    (fell,) = made.all(stream, SceneFellBack)
    assert fell.scene == "S01" and fell.subject.startswith("S01:")
    shots = planned(made, stream)
    romantic = [shot.mood == "romantic" for shot in shots]
    assert romantic[0] and not romantic[-1] and romantic == sorted(romantic, reverse=True)
    spoken = [line.line.rstrip("abc") for shot in shots for line in shot.lines]
    assert list(dict.fromkeys(spoken)) == [f"L{n:03d}" for n in range(1, 13)]
    made.proven(stream)


def test_the_next_revision_asks_again_for_a_scene_that_fell_back(room: Make) -> None:
    pen = Pen("a", only("breakdown", wrong))
    made = room(pen)
    stream = made.open()
    made.run()
    assert {one.scene for one in made.all(stream, SceneFellBack)} == {"S01", "S02"}
    pen.behave = draft
    made.revise(stream, TEA.replace("Is it done?", "Is it over?"))
    made.run()
    assert {one.revision for one in made.all(stream, SceneFellBack)} == {1}
    assert progress_of(made.log, stream).fell_back == {}
    assert [one.revision for one in made.all(stream, ShotListSettled)] == [1, 2]
    made.proven(stream)


def test_an_answer_that_no_model_gets_right_holds_where_nothing_stands_instead(room: Make) -> None:
    pens = [Pen(name, fails("describe", "S01-01")) for name in ("a", "b")]
    made = room(*pens)
    stream = made.open()
    made.run()
    (hold,) = made.holds(stream)
    last = made.questions(stream, "describe", "S01-01")[-1]
    position = next(one.request for one in made.all(stream, AnswerRejected) if one.last)
    assert hold.hold == f"call:{position}" and hold.subject == "S01-01"
    assert made.log.at(position).event == last
    assert "a:m, b:m" in hold.why and "nobody asked for: answer" in hold.why
    answer = max(one.answer for one in made.all(stream, AnswerRejected))
    assert f"position {answer} of duanju history" in hold.next and made.log.at(answer).event.text.startswith(
        "{"
    )
    assert all(one.subject != "S01-01" for one in made.all(stream, ImageRequested))
    made.proven(stream)

    for pen in pens:  # asked again, every route is open again
        pen.asked.clear()
    pens[1].behave = draft
    made.retry(stream, hold.hold)
    made.run()
    assert made.holds(stream) == []
    routes = [one.route for one in made.all(stream, CallAdmitted) if one.request == position]
    assert routes == ["a:m", "b:m", "a:m", "b:m"]
    assert any(one.subject == "S01-01" for one in made.all(stream, ImageRequested))
    made.proven(stream)


def test_without_a_chat_route_the_next_revision_goes_by_the_rules(room: Make) -> None:
    made = room(Pen("a", only("direction", wrong)))
    stream = made.open()
    made.run()
    assert {one.hold.split(":")[0] for one in made.holds(stream)} == {"call"}
    made.revise(stream, settings=made.routed(()))
    made.run()
    assert made.holds(stream) == []
    assert {shot.revision for shot in planned(made, stream)} == {1, 2}
    assert all(one.revision == 1 for one in made.all(stream, ChatRequested))
    assert [one.revision for one in made.all(stream, ShotListSettled)] == [1, 2]
    made.proven(stream)


def test_a_failed_call_and_a_rejected_answer_share_the_routes(room: Make) -> None:
    """The first route is down, the second answers wrongly: the third is asked, and nobody twice."""
    down = Pen("a", lambda request, number: CallFailed(why="down"))
    made = room(down, Pen("b", wrong), Pen("c"))
    stream = made.open()
    made.run()
    assert made.holds(stream) == []
    for one in made.questions(stream, "breakdown"):
        position = next(
            r.position for r in made.log.read(stream=stream) if r.kind == "chat_requested" and r.event == one
        )
        routes = [
            admitted.route for admitted in made.all(stream, CallAdmitted) if admitted.request == position
        ]
        assert routes == (["a:m", "b:m"] if one.take == 1 else ["a:m", "b:m", "c:m"])
    made.proven(stream)


# -- answers that are cut off ------------------------------------------------------------------------------

LONG = "INT. ROOM - DAY\n\n" + "\n\n".join(
    f"{'MEI' if n % 2 else 'OLD ZHANG'}\nThis is line {n}, and it takes a while." for n in range(12)
)


def test_an_answer_that_was_cut_off_is_asked_for_in_smaller_parts(room: Make) -> None:
    """A model that manages three lines: the scene's shots come in parts, and are those of the whole."""

    def short(request: ChatRequested, number: int) -> ChatReturned:
        if request.purpose in ("breakdown", "direction") and request.draft.count('"line":') > 3:
            return said(request.draft[:200], "length")
        return draft(request)

    made, whole = room(Pen("a", short)), room(Pen("a"))
    stream, other = made.open(LONG), whole.open(LONG)
    made.run()
    whole.run()
    assert made.holds(stream) == []
    assert all("cut off" in one.why and not one.last for one in made.all(stream, AnswerRejected))
    parts = made.questions(stream, "breakdown")
    assert parts[0].subject == "S01" and len(parts) >= 7 and all(one.take == 1 for one in parts)
    assert all(":" in one.subject for one in parts[1:])
    mine, theirs = planned(made, stream), planned(whole, other)
    assert [(one.shot, one.number, one.of) for one in mine] == [
        (f"S01-{n:02d}", n, len(mine)) for n in range(1, len(mine) + 1)
    ]
    assert [one.lines for one in mine] == [one.lines for one in theirs]
    assert made.all(stream, LineDirected) == whole.all(other, LineDirected)
    assert len(made.all(stream, ShotListSettled)) == 1
    made.proven(stream)


def test_what_cannot_be_parted_any_more_is_held_at_last(room: Make) -> None:
    made = room(Pen("a", lambda request, number: said(request.draft[:5], "length")))
    stream = made.open("INT. ROOM - DAY\n\nMEI\nHello.\n")
    made.run()
    assert {one.hold.split(":")[0] for one in made.holds(stream)} == {"call"}
    assert any("cut off" in one.why for one in made.holds(stream))
    made.proven(stream)


# -- money -------------------------------------------------------------------------------------------------


def test_an_accepted_answer_is_given_again_for_nothing_and_a_rejected_one_never(room: Make) -> None:
    """The first answers of the first episode are wrong; the second episode, alike, pays for those anew."""
    pen = Pen(
        "a", only("describe", lambda request, number: (wrong if number == 1 else draft)(request, number))
    )
    made = room(pen)
    one = made.open(name="tea")
    made.run()
    first = len(pen.asked)
    shots = len(planned(made, one))
    assert len(made.all(one, AnswerRejected)) == shots
    two = made.open(name="two")
    made.run()
    assert made.holds(two) == [] and made.all(two, AnswerRejected) == []
    again = pen.asked[first:]
    assert {(request.purpose, request.take) for request in again} == {("describe", 1)} and len(again) == shots
    reused = [event for event in made.all(two, ChatReturned) if event.reused_from is not None]
    assert {made.log.at(event.request).event.purpose for event in reused} == {"breakdown", "direction"}
    made.proven(one)
    made.proven(two)


def test_a_rejection_that_waits_for_the_next_route_outlives_the_engine(room: Make) -> None:
    """The next route is busy with one scene when the engine is stopped: the other scene waits in the log."""
    engines: list[Any] = []
    first, second = Pen("a", only("breakdown", wrong)), Pen("b")

    def busy(request: ChatRequested, _number: int) -> ChatReturned:
        until = time.monotonic() + 20
        while len(made.all_of(AnswerRejected)) < 4 and engines and time.monotonic() < until:
            time.sleep(0.02)
        while engines:
            engines.pop().stop()
        return draft(request)

    second.behave = busy
    made = room(first, second)
    stream = made.open()
    with made.engine({"a": 2, "b": 1}) as engine:
        engines.append(engine)
        engine.run()
    waiting = [
        made.log.at(row[0]).kind for row in made.log.db.execute("SELECT cause FROM work WHERE hook = 'admit'")
    ]
    assert waiting.count("answer_rejected") == 1
    made.run()
    assert made.holds(stream) == [] and {shot.scene for shot in planned(made, stream)} == {"S01", "S02"}
    assert [one.purpose for one in second.asked].count("breakdown") == 2
    made.proven(stream)


def test_two_episodes_that_ask_at_once_share_one_cast(room: Make) -> None:
    """Both ask about the same people; what is asked alike is paid once, and the first answer casts them."""
    made = room(Pen("a"))
    one, two = made.open(name="one"), made.open(name="two")
    made.run()
    assert made.holds(one) == [] and made.holds(two) == []
    assert sorted(event.character for event in cast_of(made)) == ["Mei", "Old Zhang"]
    assert made.all(one, CastSettled) == made.all(two, CastSettled) == [CastSettled(1, ("Mei", "Old Zhang"))]
    pictures = [made.all(stream, ImageRequested) for stream in (one, two)]
    assert len(pictures[0]) == len(pictures[1]) == len(planned(made, one))
    made.proven(one)
    made.proven(two)
