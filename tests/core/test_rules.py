"""Routing rules: the first match wins, a mistake is named with its line, and the profiles are right."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stagehand import say

from duanju.core.errors import BadSetting
from duanju.core.routing import candidates, choose_route
from duanju.core.rules import TRAITS, Condition, Rule, first_match
from duanju.core.settings import Settings
from duanju.core.settings_file import PROFILES, load_settings


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "duanju.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


WRONG = [
    (
        '[[rules]]\ncapability = "chat"\nroute = "a:b"\n[[rules]]\ncapability = "talk"',
        5,
        "capability",
        "chat",
    ),
    ('[[rules]]\ncapability = "chat"\nroute = "b"', 3, "route", "PROVIDER:MODEL"),
    ('[[rules]]\ncapability = "chat"', 1, "route", "must be"),
    ('[[rules]]\nrout = "a:b"', 2, "rout", "no such setting"),
    ('[[rules]]\ncapability = "chat"\nroute = "a:b"\nwhen = { mod = "sad" }', 4, "when", "tone"),
    ('[[rules]]\ncapability = "chat"\nroute = "a:b"\nwhen = { people = { above = 3 } }', 4, "when", "over"),
    ('[[rules]]\ncapability = "chat"\nroute = "a:b"\nwhen = { people = { over = "3" } }', 4, "when", "whole"),
    ('[[rules]]\ncapability = "chat"\nroute = "a:b"\nwhen = { people = {} }', 4, "when", "says nothing"),
    ('[[rules]]\ncapability = "chat"\nroute = "a:b"\nwhen = 3', 4, "when", "a table"),
    (
        '[[rules]]\nname="x"\ncapability="chat"\nroute="a:b"\n[[rules]]\nname="x"\ncapability="chat"\nroute="a:b"',
        6,
        "name",
        "earlier rule",
    ),
]


@pytest.mark.parametrize(("text", "line", "key", "right"), WRONG)
def test_a_mistake_in_a_rule_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, key: str, right: str
) -> None:
    with pytest.raises(BadSetting) as error:
        read(tmp_path, text)
    assert f", line {line}: rules[" in str(error.value) and f"].{key}:" in str(error.value)
    assert right in str(error.value)


def test_rules_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"line 1: rules: must be tables"):
        read(tmp_path, "rules = 3")
    with pytest.raises(BadSetting, match=r"rules: must be tables"):
        read(tmp_path, "[rules]\na = 3")


def test_the_first_rule_that_is_met_goes_before_the_capabilitys_own_list(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
[routes]
speech = ["local:espeak", "b:two"]
[[rules]]
name = "off"
capability = "speech"
route = "never:never"
off = "too dear"
[[rules]]
name = "long"
capability = "speech"
when = { words = { over = 2 } }
route = ["b:two", "c:three"]
reason = "long lines sound better there"
[[rules]]
name = "any"
capability = "speech"
route = "d:four"
""",
    )
    short = attrs.evolve(say("L1"), traits={"words": "2"})
    long = attrs.evolve(say("L1"), traits={"words": "3"})
    assert [one.route for one in candidates(found, "speech", short)] == ["d:four", "local:espeak", "b:two"]
    ordered = candidates(found, "speech", long)
    assert [one.route for one in ordered] == ["b:two", "c:three", "local:espeak"]
    assert ordered[0].rule == "rule long" and "sound better" in ordered[0].reason
    assert ordered[2].rule == "routes.speech[1]"
    chosen = choose_route(found, "speech", long, ("b:two",))
    assert chosen is not None and chosen.route == "c:three"
    assert choose_route(found, "speech", long, ("b:two", "c:three", "local:espeak")) is None
    assert [one.route for one in candidates(found, "speech", None)] == ["local:espeak", "b:two"]


def test_settings_with_rules_read_back_as_they_were_recorded(tmp_path: Path) -> None:
    found = load_settings(None, profile="holysheep")
    assert found.rules and Settings.from_json(found.to_json()) == found
    assert found.decisive() != attrs.evolve(found, rules=()).decisive()


def test_the_files_rules_and_routes_go_before_its_profiles(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[routes]\nprofile = "holysheep"\nspeech = "x:y"\n'
        '[[rules]]\nname = "mine"\ncapability = "chat"\nroute = "x:y"',
    )
    assert found.rules[0].name == "mine" and len(found.rules) > 1
    assert found.routes["speech"] == ("x:y",) and found.routes["chat"][0].startswith("holysheep:")
    with pytest.raises(BadSetting, match=r"line 2: routes.profile: no profile 'x'; there are: local"):
        read(tmp_path, '[routes]\nprofile = "x"')


HOLYSHEEP = [
    ("describe", {"people": "4"}, "gemini-2.5-flash", "more than three characters"),
    ("describe", {"crowd": "yes", "tone": "romantic"}, "gemini-2.5-flash", "crowd"),
    ("describe", {"tone": "Dramatic", "people": "2", "crowd": "no"}, "claude-sonnet-4.5", "feeling"),
    ("describe", {"tone": "calm", "kind": "establishing"}, "deepseek-v3.2", "background"),
    ("describe", {"tone": "calm", "kind": "action", "words": "12"}, "gemini-2.5-flash", ""),
    ("breakdown", {"language": "en"}, "gpt-4.1", "English script"),
    ("breakdown", {"language": "zh"}, "deepseek-v3.2", "script"),
    ("character", {}, "gpt-4.1", "characters"),
    ("direction", {}, "claude-sonnet-4.5", "voice direction"),
]


@pytest.mark.parametrize(("purpose", "traits", "model", "rule"), HOLYSHEEP)
def test_the_holysheep_profile_routes_words_as_it_says(
    purpose: str, traits: dict[str, str], model: str, rule: str
) -> None:
    found = load_settings(None, profile="holysheep")
    request = attrs.evolve(say("S01-01"), purpose=purpose, traits=traits)
    first = candidates(found, "chat", request)[0]
    assert first.route == f"holysheep:{model}"
    assert first.rule == (f"rule {rule}" if rule else "routes.chat[1]")
    assert found.routes["image"] == ("local:painter",) and found.routes["speech"] == ("local:espeak",)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_reads_and_says_why(name: str) -> None:
    found = load_settings(None, profile=name)
    assert found.routes["image"] and found.routes["speech"]
    for rule in found.rules:
        assert rule.off or rule.reason, f"{name}: {rule.name} gives no reason"
        assert all(test.trait in TRAITS for test in rule.when)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=6),
    st.integers(0, 8),
)
def test_first_match_is_the_first_that_is_on_and_met(bounds: list[tuple[int, bool]], people: int) -> None:
    rules = [
        Rule(str(n), "chat", ("a:b",), (), (Condition("people", least=least),), "", "off" if off else "")
        for n, (least, off) in enumerate(bounds)
    ]
    wanted = [str(n) for n, (least, off) in enumerate(bounds) if people >= least and not off]
    found = first_match(rules, "chat", "any", {"people": str(people)})
    assert (found.name if found else None) == (wanted[0] if wanted else None)


def test_a_condition_never_holds_without_its_trait_or_on_what_is_no_number() -> None:
    assert not Condition("tone", none_of=("sad",)).holds({})
    assert Condition("tone", none_of=("sad",)).holds({"tone": "calm"})
    assert Condition("characters", any_of=("mei",)).holds({"characters": "Lin, Mei"})
    assert not Condition("people", least=0).holds({"people": "-1"})
    assert not Condition("people", most=5).holds({"people": "many"})
