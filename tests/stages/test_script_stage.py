"""The script stage: what the effect yields, what the reactions answer, and when the shot list settles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Desk
from duanju.core.hooks import effect_of, emits_of
from duanju.core.settings import Settings
from duanju.events.artifact import Artifact
from duanju.events.episode import EpisodeOpened, EpisodeRevised, PartClosed, PartOpened
from duanju.events.script import SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from duanju.plugins.stages import script
from duanju.plugins.stages.screenplay.model import ScriptError
from duanju.testing.fold import fold

ROOT = Path(__file__).parents[2]
NONE = Artifact("0" * 64, 0, "application/json")
TEXT = (
    b"INT. ROOM - DAY\n\nAnna enters.\n\nANNA\nHello?\n\nEXT. ROAD - NIGHT\n\nRain.\n\nANNA (V.O.)\nGone.\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk("key", Artifacts(tmp_path / "artifacts"), Settings(), tmp_path, 1e12)


def opened(source: Artifact, layout: str = "", revision: int = 1) -> EpisodeOpened:
    return EpisodeOpened("tea", "room", "", "room.fountain", source, layout, NONE, NONE, revision)


def parsed(desk: Desk, data: bytes = TEXT) -> list[Any]:
    event = opened(desk.artifacts.put(data, "text/plain"))
    return list(script.on_episode_opened(event, desk, fold([event])))


def planned(desk: Desk, data: bytes = TEXT) -> list[Any]:
    """The log of an episode up to its last planned shot."""
    log: list[Any] = [opened(NONE), *parsed(desk, data)]
    for scene in [one for one in log if isinstance(one, SceneParsed)]:
        log += script.on_scene_parsed(scene, fold(log))
    return log


def test_the_effect_yields_the_script_and_its_scenes(desk: Desk) -> None:
    whole, *scenes = parsed(desk)
    assert isinstance(whole, ScriptParsed)
    assert (whole.scenes, whole.lines, whole.format, whole.language, whole.source_lines) == (
        2,
        2,
        "fountain",
        "en",
        13,
    )
    assert [(one.scene, one.number, one.of) for one in scenes] == [("S01", 1, 2), ("S02", 2, 2)]
    assert tuple(e for scene in scenes for e in scene.elements) == whole.elements


def test_both_events_read_alike_and_declare_what_they_emit(desk: Desk) -> None:
    source = desk.artifacts.put(TEXT, "text/plain")
    again = EpisodeRevised(2, "", "room.fountain", source, "", NONE, NONE, "a better end")
    got = list(script.on_episode_revised(again, desk, fold([again])))
    assert [attrs.evolve(one, revision=1) for one in got] == parsed(desk)
    for hook in (script.on_episode_opened, script.on_episode_revised):
        spec = effect_of(hook, "script")
        assert spec is not None
        assert (spec.lane, spec.doubt) == ("parse", "repeat")
        assert emits_of(hook) == {ScriptParsed, SceneParsed}


def test_a_script_without_a_scene_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(ScriptError, match=r"room\.fountain, line 1 to 1: no scene"):
        parsed(desk, b"Nothing happens.\n")


def test_the_settings_language_wins(desk: Desk) -> None:
    desk.settings = Settings(language="zh")
    assert parsed(desk)[0].language == "zh"


def test_the_setting_says_what_os_means_and_doubts_are_told(desk: Desk) -> None:
    text = "1-1 夜 内 病房\n小美OS：我还活着。\n门外：脚步声。\n".encode()
    for os in ("inner", "off"):
        desk.settings = Settings(os=os)
        whole, scene = parsed(desk, text)
        assert [one.how for one in scene.elements if one.type == "line"] == [os]
        assert [(one.number, one.taken, one.other) for one in whole.ambiguous] == [
            (3, "action", "line of 门外")
        ]


def test_the_list_settles_once_with_the_last_shot(desk: Desk) -> None:
    log = planned(desk)
    answers: list[tuple[int, ShotListSettled]] = []
    for place, event in enumerate(log):
        if isinstance(event, ShotPlanned):
            answers += [(place, one) for one in script.on_shot_planned(event, fold(log[: place + 1]))]
    assert [place for place, _ in answers] == [len(log) - 1]
    settled = answers[0][1]
    shots = [one for one in log if isinstance(one, ShotPlanned)]
    assert (settled.shots, settled.lines) == (len(shots), 2)
    assert settled.duration_ms == sum(one.duration_ms for one in shots)


def test_shots_in_any_order_settle_on_the_same_inputs(desk: Desk) -> None:
    log = planned(desk)
    shots = [one for one in log if isinstance(one, ShotPlanned)]
    rest = [one for one in log if not isinstance(one, ShotPlanned)]
    mixed = [*rest, *reversed(shots)]
    answers = [
        list(script.on_shot_planned(e, fold(mixed[: n + 1]))) for n, e in enumerate(mixed) if e in shots
    ]
    assert [len(one) for one in answers] == [0] * (len(shots) - 1) + [1]
    assert answers[-1] == list(script.on_shot_planned(shots[-1], fold(log)))


def test_a_scene_that_has_not_come_yet_is_waited_for(desk: Desk) -> None:
    log = planned(desk)
    second = next(place for place, one in enumerate(log) if isinstance(one, SceneParsed) and one.number == 2)
    early = [one for one in [*log[:second], *log[second + 1 :]] if getattr(one, "scene", "S01") == "S01"]
    assert isinstance(early[-1], ShotPlanned)
    assert early[-1].number == early[-1].of
    assert list(script.on_shot_planned(early[-1], fold(early))) == []


def test_another_shot_is_another_input(desk: Desk) -> None:
    log = planned(desk)
    one = next(iter(script.on_shot_planned(log[-1], fold(log))))
    other = attrs.evolve(log[-1], duration_ms=log[-1].duration_ms + 40)
    two = next(iter(script.on_shot_planned(other, fold([*log, other]))))
    assert one.inputs != two.inputs
    assert one.shots == two.shots


def test_an_open_part_is_waited_for(desk: Desk) -> None:
    log = planned(desk)
    waiting = [log[0], PartOpened("shots", "storyboard", 1), *log[1:]]
    assert list(script.on_shot_planned(waiting[-1], fold(waiting))) == []
    closed = PartClosed("shots", "storyboard", 1)
    assert len(list(script.on_part_closed(closed, fold([*waiting, closed])))) == 1
    other = PartClosed("cut", "storyboard", 1)
    assert list(script.on_part_closed(other, fold([*log, other]))) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda log, now: script.on_scene_parsed(log[2], now),
        lambda log, now: script.on_shot_planned(log[-1], now),
        lambda log, now: script.on_part_closed(PartClosed("shots", "x", 1), now),
    ],
)
def test_an_older_revision_is_left_alone(desk: Desk, ask: Callable[[list[Any], Any], Any]) -> None:
    log = planned(desk)
    revised = EpisodeRevised(2, "", "room.fountain", NONE, "", NONE, NONE, "new end")
    assert list(ask(log, fold([*log, revised]))) == []


@pytest.mark.parametrize("name", ["teahouse.fountain", "chaguan.txt"])
def test_the_examples_settle(desk: Desk, name: str) -> None:
    log = planned(desk, (ROOT / "examples" / name).read_bytes())
    settled = next(iter(script.on_shot_planned(log[-1], fold(log))))
    assert settled.lines == log[1].lines
    assert 60_000 <= settled.duration_ms <= 90_000
