"""Costume, age and state: read from the scenes, inherited until changed; a person's word wins."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from duanju.core.cast_fields import Said
from duanju.events.cast import AppearancePlanned, CharacterCast, Costume, Profile, Voice
from duanju.events.script import SceneParsed
from duanju.plugins.stages.casting.appearance import Person, as_seen, marked, planned
from duanju.plugins.stages.screenplay.parse import read

PROFILE = Profile("male", 35, "oval", "#f0cba9", "short", "#14141a", "#3b2417", "slim", "suit", "#27405f",
                  "#d9a441", ("moustache",))  # fmt: skip
WEDDING = Costume("wedding", "robe", "#b3202c", "#d9a441", "embroidered")
CAST = CharacterCast("s", "Lin", PROFILE, Voice("male", 0, 50, 100), "", costumes=(WEDDING,))


def scenes_of(*texts: str) -> list[SceneParsed]:
    """One scene for each text, whose first line is the heading."""
    script = read(("Title: T\n\n" + "\n\n".join(texts) + "\n").encode(), "")
    return [
        SceneParsed(
            1, f"S{number:02d}", number, len(script.scenes), one.heading, one.place, one.interior, one.time,
            script.language, one.first, one.last, one.characters, one.elements,
        )
        for number, one in enumerate(script.scenes, 1)
    ]  # fmt: skip


def plan(person: Person, scenes: Sequence[SceneParsed]) -> dict[str, AppearancePlanned]:
    assert scenes
    return {one.scene: one for one in planned(marked(scenes), person, "one")}


ENGLISH = (
    "INT. HALL - DAY\n\nLin enters. Mei waits.\n\nLIN\nHello.\n\nMEI\nHello.",
    "EXT. YARD - NIGHT\n\nLin runs out. He is soaked to the skin. Mei watches the bleeding Bo.\n\nLIN\nGo!"
    "\n\nMEI\nNo.\n\nBO\nHelp.",
    "INT. HALL - NIGHT\n\nLin sits down.\n\nLIN\nWell.",
    "INT. BATH - NIGHT\n\nLin changes into a white shirt. He is not wounded.\n\nLIN\nBetter.",
    "INT. CHURCH - DAY\n\nLin puts on the wedding clothes.\n\nLIN\nYes.\n\nMEI\n(drunk)\nYes.",
    "INT. SCHOOL - DAY - TWENTY YEARS AGO\n\nLin reads.\n\nLIN\nA, B.",
    "INT. HOME - DAY\n\nLin looks up.\n\nLIN\nC.",
)


def test_a_state_lasts_until_it_is_over_and_other_clothes_take_the_wet_away() -> None:
    found = plan(Person("Lin", costumes=("wedding",)), scenes_of(*ENGLISH))
    assert "S01" not in found
    assert found["S02"].state == ("wet",) == found["S03"].state
    shirt = found["S04"].costume
    assert shirt is not None and (shirt.clothes, shirt.clothes_colour) == ("shirt", "#ece8df")
    assert found["S04"].state == ()
    assert found["S05"].costume == Costume("wedding", "", "", "", "")
    assert (found["S06"].years, found["S07"].years) == (-20, 0)
    assert found["S07"].costume == found["S05"].costume


def test_each_state_is_its_own_persons() -> None:
    scenes = scenes_of(*ENGLISH)
    assert [one.state for one in plan(Person("Bo"), scenes).values()] == [("wounded",)]
    assert {scene: one.state for scene, one in plan(Person("Mei"), scenes).items()} == {"S05": ("drunk",)}


CHINESE = (
    "1-1 日 内 茶馆\n人物：沈墨、小美\n△沈墨走进来，浑身湿透。小美看着他。\n沈墨：来了。\n小美：嗯。",
    "1-2 夜 外 街\n人物：沈墨、小美\n△小美扶着受伤的沈墨。\n沈墨：走。\n小美：别动。",
    "1-3 日 内 家\n人物：沈墨\n△沈墨换上一件白色衬衫。\n沈墨：好了。",
    "1-4 日 内 学校 十年前\n人物：沈墨\n△沈墨在读书。\n沈墨：一二三。",
)


def test_chinese_scenes_are_read_alike() -> None:
    scenes = scenes_of(*CHINESE)
    found = plan(Person("沈墨"), scenes)
    assert found["S01"].state == ("wet",) and found["S02"].state == ("wet", "wounded")
    costume = found["S03"].costume
    assert costume is not None and costume.clothes == "shirt" and found["S03"].state == ("wounded",)
    assert found["S04"].years == -10
    assert plan(Person("小美"), scenes) == {}


@pytest.mark.parametrize("scene", ["S02", "one/S02"])
def test_a_persons_word_stands_for_its_scene_and_those_after_it(scene: str) -> None:
    said = {
        f"scenes.{scene}": Said("wedding, 12, muddy", "command"),
        "costumes.wedding.clothes": Said("robe", "x"),
    }
    found = plan(Person.of("Lin", (), said), scenes_of(*ENGLISH[:3]))
    for one in ("S02", "S03"):
        assert (found[one].age, found[one].state) == (12, ("muddy",))
        assert found[one].costume == Costume("wedding", "", "", "", "")
    assert plan(Person.of("Lin", (), {"scenes.S02": Said("usual", "command")}), scenes_of(*ENGLISH[:3])) == {}
    other = Person.of("Lin", (), {"scenes.two/S02": Said("usual", "command")})
    assert plan(other, scenes_of(*ENGLISH[:3]))["S02"].state == ("wet",)


def test_the_plan_dresses_the_profile_and_a_boy_has_no_moustache() -> None:
    profile, costume, state = as_seen(
        CAST, AppearancePlanned(1, "S01", "Lin", Costume("wedding", "", "", "", ""), 0, -25, ("wet",), "")
    )
    assert (profile.clothes, profile.clothes_colour, profile.age, profile.marks) == (
        "robe",
        "#b3202c",
        10,
        (),
    )
    assert costume == WEDDING and state == ("wet",)
    assert (profile.face, profile.skin, profile.hair_colour) == (
        PROFILE.face,
        PROFILE.skin,
        PROFILE.hair_colour,
    )
    assert as_seen(CAST, None) == (PROFILE, None, ())
