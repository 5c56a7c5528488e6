"""Casting: what the script says is kept, the rest is chosen so that nobody looks or sounds like another."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.events.artifact import Artifact
from duanju.events.cast import CharacterCast, CharacterChanged
from duanju.events.episode import EpisodeOpened, EpisodeRevised
from duanju.events.script import CastNote, ScriptParsed
from duanju.plugins.stages import cast
from duanju.plugins.stages.casting.describe import hints_of
from duanju.plugins.stages.casting.profiles import choose_profile, likeness
from duanju.plugins.stages.screenplay.gender import gender_of
from duanju.plugins.stages.screenplay.parse import read
from duanju.testing.fold import fold

ROOT = Path(__file__).parents[2]
NONE = Artifact("0" * 64, 0, "application/json")
OPENED = EpisodeOpened("tea", "teahouse", "", "a.txt", NONE, "", NONE, NONE)


def script(*notes: CastNote, revision: int = 1) -> ScriptParsed:
    return ScriptParsed(revision, "T", "en", "fountain", 1, 1, 1, notes, (), ())


def note(name: str, description: str = "") -> CastNote:
    return CastNote(name, 1, 1, description)


def chosen(*notes: CastNote, log: tuple[Any, ...] = (), series: str = "tea") -> list[CharacterCast]:
    event = script(*notes)
    return list(cast.on_script_parsed(event, fold([OPENED, *log, event], series=series)))


@pytest.mark.parametrize(
    ("name", "file", "wanted"),
    [
        (
            "Xiao Mei",
            "teahouse.fountain",
            {
                "gender": "female",
                "age": 24,
                "face": "oval",
                "hair_style": "bun",
                "hair_colour": "#16161a",
                "build": "slim",
                "clothes": "qipao",
                "clothes_colour": "#b3202c",
                "accent_colour": "#d9a441",
                "marks": (),
            },
        ),
        (
            "Old Zhang",
            "teahouse.fountain",
            {
                "gender": "male",
                "age": 68,
                "hair_colour": "#8a8a90",
                "clothes": "changshan",
                "clothes_colour": "#1f4d3a",
                "marks": ("beard", "glasses", "wrinkles"),
            },
        ),
        (
            "Li Wei",
            "teahouse.fountain",
            {
                "gender": "male",
                "age": 32,
                "face": "square",
                "hair_style": "slick",
                "clothes": "suit",
                "clothes_colour": "#1f3a5f",
            },
        ),
        (
            "小美",
            "chaguan.txt",
            {"gender": "female", "age": 24, "hair_style": "bun", "clothes": "qipao", "face": "oval"},
        ),
        (
            "老张",
            "chaguan.txt",
            {"gender": "male", "age": 68, "clothes": "changshan", "clothes_colour": "#1f4d3a"},
        ),
        (
            "李伟",
            "chaguan.txt",
            {"gender": "male", "age": 32, "hair_style": "slick", "clothes_colour": "#1f3a5f"},
        ),
    ],
)
def test_the_examples_look_as_described(name: str, file: str, wanted: dict[str, Any]) -> None:
    notes = read((ROOT / "examples" / file).read_bytes()).characters
    found = next(one for one in chosen(*notes) if one.character == name)
    assert {key: getattr(found.profile, key) for key in wanted} == wanted
    assert "from the script" in found.why


def test_each_is_cast_once_for_the_series() -> None:
    first = chosen(note("Mei"), note("Wei"))
    assert [one.character for one in first] == ["Mei", "Wei"]
    assert [one.character for one in chosen(note("mei"), note("Lan"), log=tuple(first))] == ["Lan"]


def test_a_later_episode_keeps_clear_of_the_changed_cast() -> None:
    first = chosen(note("Mei"))[0]
    changed = CharacterChanged("tea", "Mei", first.profile, first.voice, "kept")
    other = chosen(note("Mei"), note("Lan"), log=(first, changed))
    assert [one.character for one in other] == ["Lan"]
    assert (other[0].voice.gender, other[0].voice.timbre) == ("female", first.voice.timbre + 1)


def test_an_older_revision_is_not_cast() -> None:
    event = script(note("Mei"))
    revised = EpisodeRevised(2, "", "a.txt", NONE, "", NONE, NONE, "new")
    assert list(cast.on_script_parsed(event, fold([OPENED, event, revised]))) == []


def test_the_choice_is_the_same_again_and_another_in_another_series() -> None:
    names = [note(name) for name in ("Ann", "Bob", "Cai", "Dee")]
    assert chosen(*names) == chosen(*names)
    assert [one.profile for one in chosen(*names)] != [one.profile for one in chosen(*names, series="other")]


def test_a_cast_of_ten_is_told_apart() -> None:
    people = chosen(*(note(f"Person {letter}") for letter in "ABCDEFGHIJ"))
    for one, two in combinations(people, 2):
        assert likeness(one.profile, two.profile) >= 0.4, (one.character, two.character)
        assert (one.voice.gender, one.voice.timbre) != (two.voice.gender, two.voice.timbre)


def test_choosing_beats_chance() -> None:
    """The nearest pair of a chosen cast lies farther apart than that of a cast drawn without looking."""
    names = [f"Person {letter}" for letter in "ABCDEFGH"]
    apart = [one.profile for one in chosen(*(note(name) for name in names))]
    blind = [choose_profile("tea", name, hints_of(name, ""), ()) for name in names]
    nearest = [min(likeness(a, b) for a, b in combinations(cast_, 2)) for cast_ in (apart, blind)]
    assert nearest[0] > nearest[1]


def test_likeness_is_a_distance() -> None:
    one, two = (one.profile for one in chosen(note("Ann"), note("Bob")))
    assert likeness(one, one) == 0
    assert likeness(one, two) == likeness(two, one) > 0


@pytest.mark.parametrize(
    ("name", "description", "gender"),
    [
        ("Old Zhang", "", "male"),
        ("Xiao Mei", "", "female"),
        ("Mrs. Chen", "", "female"),
        ("Mr. Lee", "", "male"),
        ("Robin", "she waits", "female"),
        ("Robin", "his eyes", "male"),
        ("Kim", "her husband, 32", "male"),
        ("老王", "", "male"),
        ("王奶奶", "", "female"),
        ("李先生", "", "male"),
        ("小美", "", "female"),
        ("李伟", "", "male"),
        ("阿七", "小美的丈夫", "male"),
        ("Guard #2", "", ""),
        ("Waitress", "", "female"),
        ("苏小姐", "", "female"),
    ],
)
def test_gender(name: str, description: str, gender: str) -> None:
    assert gender_of(name, description)[0] == gender


@pytest.mark.parametrize(
    ("name", "description", "age"),
    [
        ("A", "45, grey coat", 45),
        ("A", "28岁", 28),
        ("A", "in her mid-30s", 35),
        ("A", "early 40s", 42),
        ("Old Zhang", "", 65),
        ("老张", "", 65),
        ("A", "a boy in rags", 0),
        ("A", "a little boy", 8),
        ("A", "middle-aged", 45),
        ("A", "四十多岁", 45),
        ("A", "二十岁出头", 20),
        ("王奶奶", "", 70),
        ("A", "room 1408", 0),
        ("Guard #2", "", 0),
        ("A", "an elderly nun", 68),
    ],
)
def test_age(name: str, description: str, age: int) -> None:
    assert hints_of(name, description).age == age


@pytest.mark.parametrize(
    ("description", "part", "value"),
    [
        ("a red qipao and white shoes", "clothes_colour", "#c0392b"),
        ("black hair, a green coat", "clothes_colour", "#3f8f5b"),
        ("black hair, a green coat", "hair_colour", "#16161a"),
        ("silver-haired, in a suit", "hair_colour", "#a9a9ad"),
        ("穿黑色西装，打红色领带", "clothes_colour", "#16161a"),
        ("穿黑色西装，打红色领带", "accent_colour", "#c0392b"),
        ("花白胡子", "hair_colour", "#8a8a90"),
        ("long black hair", "hair_style", "long"),
        ("高大魁梧", "build", "broad"),
        ("左脸有疤，戴眼镜", "marks", ("scar", "glasses")),
        ("clean-shaven, no beard worth the name", "shaven", True),
        ("blue eyes", "eyes", "#2e5fa3"),
    ],
)
def test_descriptions(description: str, part: str, value: object) -> None:
    assert getattr(hints_of("A", description), part) == value


def test_voices_follow_age() -> None:
    child, old = (one.voice for one in chosen(note("Lily", "a girl, 8 years"), note("Granny", "80")))
    assert child.pitch > 65 > 45 > old.pitch
    assert child.rate > 100 > old.rate


HAIR_STYLES = (
    "long",
    "bob",
    "bun",
    "ponytail",
    "braid",
    "short",
    "crew",
    "side-part",
    "slick",
    "curly",
    "bald",
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=12), st.text(max_size=60)), min_size=1, max_size=5))
def test_any_names_and_descriptions_give_whole_profiles(people: list[tuple[str, str]]) -> None:
    for one in chosen(*(note(name, words) for name, words in people)):
        profile = one.profile
        assert profile.gender in ("female", "male")
        assert 3 <= profile.age <= 105
        for colour in (
            profile.skin,
            profile.hair_colour,
            profile.eyes,
            profile.clothes_colour,
            profile.accent_colour,
        ):
            assert len(colour) == 7
            int(colour[1:], 16)
        assert profile.hair_style in HAIR_STYLES
        assert 0 <= one.voice.pitch <= 99
