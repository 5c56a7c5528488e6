"""A plugin's own scenes stand where it puts them, and the shot list waits for all of their shots."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.events.artifact import Artifact
from duanju.events.episode import EpisodeOpened
from duanju.events.script import SceneParsed, ScenePlaced, ShotPlanned
from duanju.plugins.stages import script
from duanju.plugins.stages.planned import scenes_in_order, told_order
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 1, "text/plain")
OPENED = EpisodeOpened("tea", "one", "Tea", "t.fountain", NONE, "fountain", NONE, NONE)


def scene(number: int, of: int) -> SceneParsed:
    return SceneParsed(1, f"S{number:02d}", number, of, "INT.", "room", True, "day", "en", 1, 1, (), ())


def shot(scene: str, number: int = 1, of: int = 1) -> ShotPlanned:
    return ShotPlanned(
        1, scene, f"{scene}-{number:02d}", number, of, "room", True, "day", "", "MS", "eye", "still", (),
        False, "", (), "neutral", (), "silent", 1000, 1, 1,
    )  # fmt: skip


def settled(*events: Any) -> list[Any]:
    return list(script.on_shot_planned(events[-1], fold([OPENED, *events])))


@pytest.mark.parametrize(
    ("placed", "wanted"),
    [
        ([("T", "")], "T S01 S02"),
        ([("T", "S01")], "S01 T S02"),
        ([("T", "S02")], "S01 S02 T"),
        ([("T", "S01"), ("U", "T")], "S01 T U S02"),
        ([("T", ""), ("U", "")], "U T S01 S02"),
        ([("T", "S09")], "S01 S02 T"),
        ([("T", "T")], "S01 S02 T"),
        ([("T", ""), ("T", "S02")], "S01 S02 T"),
        ([("S02", "")], "S01 S02"),
        ([], "S01 S02 T"),
    ],
)
def test_it_stands_where_it_was_put(placed: list[tuple[str, str]], wanted: str) -> None:
    names = {"S01", "S02", "T", *(name for name, _ in placed)}
    if placed and placed[0][0] == "S02":
        names -= {"T"}
    events = [scene(2, 2), scene(1, 2), *(ScenePlaced(1, name, after) for name, after in placed)]
    episode = fold([OPENED, *events, *(shot(name) for name in sorted(names, reverse=True))])
    assert " ".join(scenes_in_order(episode)) == wanted


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from("TUVW"), st.sampled_from(["", "S01", "S02", "T", "U", "X"])), max_size=6
    )
)
def test_every_scene_stands_once_and_the_scripts_keep_their_order(placed: list[tuple[str, str]]) -> None:
    events = [scene(1, 2), scene(2, 2), *(ScenePlaced(1, name, after) for name, after in placed)]
    order = told_order(fold([OPENED, *events]))
    assert sorted(order) == sorted({"S01", "S02", *(name for name, _ in placed)})
    assert order.index("S01") < order.index("S02")


def test_the_shot_list_waits_for_all_shots_of_a_placed_scene() -> None:
    begun = [scene(1, 1), ScenePlaced(1, "T", ""), shot("S01")]
    assert settled(*begun) == [], "its scene has no shot yet"
    assert settled(*begun, shot("T", 1, 2)) == []
    (done,) = settled(*begun, shot("T", 1, 2), shot("T", 2, 2))
    assert done.shots == 3
    (other,) = settled(scene(1, 1), ScenePlaced(1, "T", "S01"), shot("S01"), shot("T", 1, 2), shot("T", 2, 2))
    assert other.inputs != done.inputs, "another order is another film"
