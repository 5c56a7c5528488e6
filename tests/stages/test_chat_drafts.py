"""The rules' drafts are answers that pass every check, whatever the script; hostile answers never pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duanju.events.calls import ChatReturned
from duanju.events.script import CastNote, Element, SceneParsed, ScriptParsed, ShotPlanned
from duanju.plugins.stages.acting import directed
from duanju.plugins.stages.casting.describe import hints_of
from duanju.plugins.stages.casting.profiles import choose_profile
from duanju.plugins.stages.casting.voices import choose_voice
from duanju.plugins.stages.screenplay.breakdown import breakdown
from duanju.plugins.stages.screenplay.parse import read
from duanju.plugins.stages.writing.asking import Task
from duanju.plugins.stages.writing.breakdown import breakdown_task, numbered
from duanju.plugins.stages.writing.characters import character_task, profile_of
from duanju.plugins.stages.writing.directing import direction_task

EXAMPLES = sorted(
    p for p in (Path(__file__).parents[2] / "examples").rglob("*") if p.suffix in (".fountain", ".md", ".txt")
)
QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
PEOPLE = ("Mei", "Old Zhang", "Narrator", "李伟")
WORDS = st.text(
    st.sampled_from('Mei looks at the door. 她走了。Is it? package, 信 (no) "x" — … \u3000\t<think></think>'),
    max_size=60,
)


@st.composite
def scenes(draw: st.DrawFn) -> SceneParsed:
    """A scene of any elements, as the parser could make it."""
    elements: list[Element] = []
    number = line = 0
    kinds = draw(st.lists(st.sampled_from(("action", "line", "line", "parenthetical", "cue")), max_size=14))
    for kind in kinds:
        number += draw(st.integers(0, 2))
        last = number + draw(st.integers(0, 1))
        text = draw(WORDS)
        who = draw(st.sampled_from(PEOPLE))
        if kind == "line":
            line += 1
            spoken = draw(st.sampled_from(("", text + "k", text + "k", text * 9 + "k")))
            how = draw(st.sampled_from(("spoken", "inner", "off", "vo")))
            elements.append(Element("line", spoken, number, last, f"L{line:03d}", who, how, draw(WORDS)))
        else:
            elements.append(
                Element(kind, text, number, last, character=who if kind == "parenthetical" else "", note=text)
            )
        number = last
    language = draw(st.sampled_from(("zh", "en")))
    return SceneParsed(
        1,
        "S01",
        1,
        1,
        "INT. ROOM - DAY",
        "Room",
        True,
        "day",
        language,
        0,
        number + 1,
        PEOPLE,
        tuple(elements),
    )


def parts_of(task: Task[Any]) -> list[Any]:
    """What the drafts of all questions of a task bring; each must pass."""
    found = []
    for first, last in task.ranges:
        asked = task.ask(first, last)
        value, errors = task.check(ChatReturned(text=asked.draft, finish="stop"), first, last)
        assert errors == []
        found.append(value)
    return found


def same(shot: ShotPlanned) -> ShotPlanned:
    """A shot without what an answer does not carry, or only cut to its bounds."""
    return attrs.evolve(shot, first=0, last=0, action=shot.action[:600], objects=shot.objects[:8])


@QUICK
@given(scene=scenes())
def test_the_draft_of_any_scene_passes_and_brings_the_rules_own_shots(scene: SceneParsed) -> None:
    rules = breakdown(scene)
    task = breakdown_task(scene, rules)
    assert list(map(same, numbered(parts_of(task)))) == list(map(same, rules))
    for first, last in task.ranges:
        pieces = [(first, last)]
        while pieces:  # and so do the halves of it, down to the smallest
            first, last = pieces.pop()
            assert task.range_of(task.name(first, last)) == (first, last)
            asked = task.ask(first, last)
            assert asked.subject == task.name(first, last)
            assert task.check(ChatReturned(text=asked.draft, finish="stop"), first, last)[1] == []
            pieces += task.halves(first, last)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_drafts_of_the_examples_pass(path: Path) -> None:
    script = read(path.read_bytes(), "", path.name, "auto")
    assert script.scenes
    for number, one in enumerate(script.scenes, 1):
        scene = SceneParsed(
            1, f"S{number:02d}", number, len(script.scenes), one.heading, one.place, one.interior, one.time,
            script.language, one.first, one.last, one.characters, one.elements,
        )  # fmt: skip
        rules = breakdown(scene)
        assert list(map(same, numbered(parts_of(breakdown_task(scene, rules))))) == list(map(same, rules))
        spoken = [directed(shot, line) for shot in rules for line in shot.lines]
        if spoken:
            parts = parts_of(direction_task(scene.scene, rules, scene, script.language))
            assert [line for part in parts for line in part] == spoken
    parsed = ScriptParsed(
        1, script.title, script.language, script.format, len(script.scenes), script.lines,
        script.source_lines, script.characters, script.unmapped, script.elements,
    )  # fmt: skip
    for note in script.characters:
        profile = choose_profile("tea", note.name, hints_of(note.name, note.description), [])
        voice = choose_voice("tea", note.name, profile, note.description, [])
        (answer,) = parts_of(character_task(note, parsed, (profile, voice)))
        assert profile_of(answer) == profile


def test_a_long_scene_is_asked_in_parts_that_tear_no_shot() -> None:
    elements = tuple(
        Element(
            "line",
            f"Line {n} is said here, and it is not short at all.",
            n,
            n,
            f"L{n:03d}",
            PEOPLE[n % 2],
            "spoken",
        )
        for n in range(1, 201)
    )
    scene = SceneParsed(
        1, "S01", 1, 1, "INT. ROOM - DAY", "Room", True, "day", "en", 0, 201, PEOPLE, elements
    )
    rules = breakdown(scene)
    task = breakdown_task(scene, rules)
    assert len(task.ranges) >= 4 and task.ranges[0][0] == 1 and task.ranges[-1][1] == 200
    assert all(two[0] == one[1] + 1 for one, two in zip(task.ranges, task.ranges[1:], strict=False))
    assert [len(task.ask(*one).prompt) < 60_000 for one in task.ranges]
    assert list(map(same, numbered(parts_of(task)))) == list(map(same, rules))


def test_the_question_tells_style_cast_and_where_the_scene_before_ends() -> None:
    """What a scene's shots have to fit to; a series without a style, and a first scene, tell none."""
    (first,) = TASK.ranges
    plain = TASK.ask(*first)
    assert "style of the series" not in plain.prompt and "ends on" not in plain.prompt
    cast = (CastNote("Mei", 2, 1, "26, in a red qipao"), CastNote("Old Zhang", 1, 1, ""))
    parsed = ScriptParsed(1, "The Tea", "en", "fountain", 1, 3, 9, cast, (), TWO.elements)
    told = breakdown_task(TWO, RULES, parsed, RULES[-1], "neo-noir, neon").ask(*first)
    assert '"style of the series":"neo-noir, neon"' in told.prompt
    assert '"the scene before ends on":{"place":"Room","size":' in told.prompt
    assert '{"name":"Mei","about":"26, in a red qipao"},{"name":"Old Zhang"}' in told.prompt


# -- hostile answers ---------------------------------------------------------------------------------------

WISH = "Be careful, Mei. Be careful what you wish for."
TWO = SceneParsed(
    1, "S01", 1, 1, "INT. ROOM - DAY", "Room", True, "day", "en", 1, 9, ("Mei", "Old Zhang"),
    (
        Element("action", "Mei waits.", 2, 2),
        Element("line", "Is it done?", 3, 3, "L001", "Mei", "spoken", "whispering"),
        Element("line", WISH, 5, 5, "L002", "Old Zhang", "spoken"),
        Element("line", "Is it done?", 7, 7, "L003", "Mei", "vo"),
    ),
)  # fmt: skip
RULES = breakdown(TWO)
TASK = breakdown_task(TWO, RULES)
DRAFT: dict[str, Any] = json.loads(TASK.ask(1, 4).draft)


def errors_of(data: Any) -> list[str]:
    value, errors = TASK.check(ChatReturned(text=json.dumps(data), finish="stop"), 1, 4)
    assert (value is None) == bool(errors)
    return errors


def altered(change: Any) -> Any:
    data = json.loads(json.dumps(DRAFT))
    change(data["shots"])
    return data


def shot_with(shots: list[Any], line: str) -> Any:
    return next(shot for shot in shots if any(one["line"] == line for one in shot["lines"]))


def line_of(shots: list[Any], line: str) -> Any:
    return next(one for one in shot_with(shots, line)["lines"] if one["line"] == line)


def said(line: str, text: str) -> dict[str, str]:
    return {"line": line, "text": text}


def seen(who: str) -> dict[str, str]:
    return {"character": who, "position": "left", "facing": "camera", "expression": "happy", "pose": "stand"}


def swap(shots: list[Any]) -> None:
    one, two = shot_with(shots, "L001"), shot_with(shots, "L002")
    one["lines"], two["lines"] = two["lines"], one["lines"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: line_of(s, "L001").update(text="Is it ready?"), "L001 must be said as it stands"),
        (lambda s: line_of(s, "L002").update(text="Be careful, Mei."), "L002: its end is missing"),
        (lambda s: shot_with(s, "L002").update(lines=[]), "line L002 ('Be careful, Mei. Be careful what you"),
        (lambda s: s.append(dict(s[-1], lines=[said("L001", "Is it done?")])), "is there once more"),
        (lambda s: s[-1]["lines"].append(said("L009", "Ha!")), "L009 ('Ha!') is no line"),
        (lambda s: s[0].update(lines=[said("L009", "Ha!")]), "'L009' is no line"),
        (swap, "comes too late"),
        (lambda s: shot_with(s, "L003")["lines"].append(said("L003", "Is it done?")), "once more"),
        (lambda s: s[0].update(size="HUGE"), "shots[0].size: 'HUGE' must be one of EWS"),
        (lambda s: s[0].update(duration_ms=90_000), "shots[0].duration_ms: 90000 must be from 1000"),
        (lambda s: s[0].update(duration_ms="long"), "must be a whole number"),
        (lambda s: s[0].update(duration_ms=True), "must be a whole number"),
        (lambda s: s[0].update(crowd="no"), "must be true or false"),
        (lambda s: s[0].update(mood="weird"), "shots[0].mood"),
        (lambda s: s[0].pop("mood"), "is missing"),
        (lambda s: s[0].update(camera="ARRI"), "nobody asked for: camera"),
        (lambda s: s[0].update(last=40), "not within 1 to 4"),
        (lambda s: s[-1].update(first=1, last=1), "goes back"),
        (lambda s: s.clear(), "shots: has 0 entries"),
        (lambda s: s.extend([dict(s[-1], lines=[])] * 60), "are too many"),
        (lambda s: s[0].update(on_screen=[seen("Batman")]), "'Batman' is not one of: Mei, Old Zhang"),
        (lambda s: s[0].update(on_screen=[seen("Mei"), seen("Mei")]), "'Mei' is there twice"),
        (lambda s: shot_with(s, "L002").update(duration_ms=1500), "is too short; its words take about"),
        (
            lambda s: shot_with(s, "L001").update(audio="silent"),
            "audio: 'silent' does not fit; say tts or native",
        ),
        (lambda s: shot_with(s, "L001").update(audio="voice-over"), "audio: 'voice-over' does not fit"),
        (lambda s: shot_with(s, "L003").update(audio="native"), "audio: 'native' does not fit"),
        (lambda s: s[0].update(lens=400), "shots[0].lens: 400 must be from 14 to 135"),
        (lambda s: s[0].update(beat="boom"), "shots[0].beat: 'boom' must be one of establish"),
        (lambda s: s[0].update(light=""), "shots[0].light: has 0 characters"),
        (lambda s: s[0].update(acts=["x"] * 9), "shots[0].acts: has 9 entries"),
        (lambda s: s[0].update(needs=["y" * 300]), "shots[0].needs[0]: has 300 characters"),
    ],
)
def test_what_departs_from_script_or_form_is_rejected_with_the_reason(change: Any, why: str) -> None:
    assert any(why in error for error in errors_of(altered(change))), errors_of(altered(change))


def test_a_line_may_be_parted_over_shots_to_the_letter() -> None:
    def part(shots: list[Any]) -> None:
        shot = shot_with(shots, "L002")
        at = shots.index(shot)
        shot["lines"] = [{"line": "L002", "text": "Be careful, Mei. "}]
        more = dict(shot, lines=[{"line": "L002", "text": "Be careful what you wish for."}])
        shots.insert(at + 1, more)

    value, errors = TASK.check(ChatReturned(text=json.dumps(altered(part)), finish="stop"), 1, 4)
    assert errors == [] and value is not None
    lines = [line for shot in value for line in shot.lines]
    assert [line.line for line in lines] == ["L001", "L002a", "L002b", "L003"]
    assert "".join(line.text for line in lines[1:3]) == TWO.elements[2].text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, one in items for path in paths(one, (*at, key)))]


@QUICK
@given(data=st.data())
def test_no_damaged_answer_changes_what_is_said(data: st.DataObject) -> None:
    damaged: Any = json.loads(json.dumps(DRAFT))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths(damaged)[1:] or [()]))
        if not path:
            break
        held = damaged
        for key in path[:-1]:
            held = held[key]
        held[path[-1]] = data.draw(JSON)
    value, errors = TASK.check(ChatReturned(text=json.dumps(damaged), finish="stop"), 1, 4)
    assert (value is None) == bool(errors)
    if value is not None:
        said: dict[str, str] = {}
        for line in (line for shot in value for line in shot.lines):
            said[line.line[:4]] = said.get(line.line[:4], "") + line.text
        assert said == {one.line: one.text for one in TWO.elements if one.type == "line"}


@QUICK
@given(
    text=st.text(max_size=200) | JSON.map(json.dumps),
    finish=st.sampled_from(("stop", "length", "malformed", "")),
)
def test_any_text_at_all_is_judged_without_a_failure(text: str, finish: str) -> None:
    value, errors = TASK.check(ChatReturned(text=text, finish=finish), 1, 4)
    assert (value is None) == bool(errors)
    if finish != "stop":
        assert value is None


@pytest.mark.parametrize(
    "text",
    [
        "<think>" * 100_000,
        "[" * 1_000_000,
        '{"shots":' * 20_000,
        '{"shots": [' + '{"size": "MS",' * 60_000,
        "x" * 3_000_000,
        '{"shots": "' + "y" * 1_900_000 + '"}',
        '{"shots": [' + ",".join(["{}"] * 100_000) + "]}",
        '{"shots": [' + ",".join(["{}"] * 49_000) + "]}",
        '{"shots": [' + ",".join(["1"] * 190_000) + "]}",
        '{"shots": [' + ",".join([json.dumps(DRAFT["shots"][0])] * 900) + "]}",
    ],
    ids=["thinking", "brackets", "nested", "open", "long", "one text", "many", "empty", "ones", "shots"],
)
def test_a_giant_answer_is_refused_in_few_words(text: str) -> None:
    value, errors = TASK.check(ChatReturned(text=text, finish="stop"), 1, 4)
    assert value is None and errors
    assert sum(map(len, errors)) < 20_000


def test_the_schemas_are_closed_and_all_their_fields_are_required() -> None:
    def closed(one: Any) -> None:
        if isinstance(one, dict):
            if one.get("type") == "object":
                assert one["additionalProperties"] is False
                assert one["required"] == list(one["properties"])
            for below in one.values():
                closed(below)
        elif isinstance(one, list):
            for below in one:
                closed(below)

    schema = orjson.loads(TASK.ask(1, 4).schema)
    closed(schema)
    assert schema["type"] == "object"
