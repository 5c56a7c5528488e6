"""`duanju replay`: one, all, strict, and what another plugin would have decided."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from duanju.core import plugins as core_plugins
from duanju.core.hooks import hookimpl
from duanju.core.plugins import load_plugins
from duanju.events.script import ShotListSettled, ShotPlanned


@pytest.fixture
def made(duanju: Any, place: Path) -> Path:
    """Two delivered episodes."""
    (place / "two.txt").write_text("Title: Two\nINT. HALL\nhello there\nsay more\n", encoding="utf-8")
    assert duanju("produce", "tea.txt", "two.txt").code == 0
    return place


def nothing_planned(event: ShotPlanned) -> Iterator[ShotListSettled]:
    """Settles with other numbers than before."""
    if event.number == event.of:
        yield ShotListSettled(event.revision, f"{event.revision:032x}", 9, 2, 2000)


def change(toy: ModuleType, monkeypatch: pytest.MonkeyPatch, decisions: int) -> None:
    """The toy's stage decides otherwise from now on, and says so, or not."""
    nothing_planned.__name__ = "on_shot_planned"
    real = toy.toy_plugins
    stage = types.ModuleType("toy")
    for name in ("on_episode_opened", "on_episode_revised", "on_speech_returned"):
        setattr(stage, name, getattr(toy, name))
    stage.on_shot_planned = hookimpl(nothing_planned)  # type: ignore[attr-defined]
    stage.decisions = decisions  # type: ignore[attr-defined]
    monkeypatch.setitem(toy.MORE, "toy", stage)
    assert real is toy.toy_plugins


def test_all_episodes_are_replayed_with_a_line_each(duanju: Any, made: Path) -> None:
    ran = duanju("replay", "--all")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert [line.split("  ")[1].split(":")[0] for line in lines[:2]] == ["Tea/tea", "Two/two"]
    assert lines[2] == "2 episodes: 2 reproduced" and lines[3].startswith("head  ")
    found = json.loads(duanju("replay", "--all", "--json").out)
    assert (found["reproduced"], found["changed_since"], found["diverged"]) == (2, 0, 0)
    assert [one["episode"] for one in found["episodes"]] == ["Tea/tea", "Two/two"]
    alone = json.loads(duanju("replay", "tea", "--json").out)
    assert found["episodes"][0] == alone and found["head"] == alone["head"]


def test_a_divergence_is_told_field_by_field_with_what_to_do(
    duanju: Any, made: Path, toy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(toy, monkeypatch, decisions=1)
    ran = duanju("replay", "tea")
    assert ran.code == 1 and ran.out == ""
    assert "Tea/tea: diverged at position" in ran.err and "toy.on_shot_planned" in ran.err
    assert "differs       shot_list_settled" in ran.err and "shots: 2 in the log, now 9" in ran.err
    assert "the log only  speech_requested L001" in ran.err
    assert "raise its `decisions`" in ran.err and "duanju history Tea/tea --why" in ran.err
    found = json.loads(duanju("replay", "tea", "--json").out)
    assert found["result"] == "diverged" and found["wanted"][0]["kind"] == "shot_list_settled"
    assert {"path": "shots", "old": 2, "new": 9} in found["changes"][0]["fields"]
    every = duanju("replay", "--all", "--json")
    assert every.code == 1 and json.loads(every.out)["diverged"] == 2


def test_what_a_plugin_changed_on_purpose_is_listed_and_fails_only_when_strict(
    duanju: Any, made: Path, toy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(toy, monkeypatch, decisions=2)
    ran = duanju("replay", "tea")
    assert ran.code == 0
    assert "replayed, with changes since" in ran.out and "decisions version 1, now 2" in ran.out
    assert duanju("replay", "tea", "--strict").code == 1
    assert duanju("replay", "--all").code == 0
    assert "2 episodes: 2 changed since" in duanju("replay", "--all").out
    assert duanju("replay", "--all", "--strict").code == 1


def test_an_absent_plugin_is_unverifiable(duanju: Any, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_WITHOUT", "paid")
    ran = duanju("replay", "--all")
    assert ran.code == 0 and "unverifiable" in ran.out.splitlines()[0]
    assert "unverifiable: 2 answers of paid.on_speech_requested" in duanju("replay", "tea").out


@pytest.mark.parametrize(
    "words",
    [
        ("replay",),
        ("replay", "tea", "--all"),
        ("replay", "tea", "--to", "100000"),
        ("replay", "--all", "--to", "3", "--with", "x.py"),
        ("replay", "--all", "--with", "gone.py"),
        ("replay", "--all", "--strict", "--with", "x.py"),
    ],
)
def test_wrong_use_is_told(duanju: Any, made: Path, words: tuple[str, ...]) -> None:
    ran = duanju(*words)
    assert ran.code == 2 and ran.err.startswith("duanju: ")


PLUGIN = """
from collections.abc import Iterator
from duanju.core.hooks import hookimpl
from duanju.events.calls import SpeechRequested
from duanju.events.cast import Voice
from duanju.events.dialogue import Direction
from duanju.events.script import ShotPlanned


@hookimpl
def on_shot_planned(event: ShotPlanned) -> Iterator[SpeechRequested]:
    for line in event.lines:
        if "good" in line.text:
            voice, direction = Voice("female", 0, 50, 100), Direction(100, 0, 100, "")
            words = "\\x1b[31mecho"
            yield SpeechRequested(event.revision, line.line, "echo", 1, words, "en", voice, direction)
"""


def test_with_a_plugin_it_tells_what_would_be_otherwise_and_for_how_much(
    duanju: Any, made: Path, toy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_extra(*_: Any, extra: dict[str, Any] | None = None, **__: Any) -> Any:
        known = {name: one.object for name, one in toy.toy_plugins().plugins.items()}
        known.update(extra or {})
        return load_plugins(extra=known, only=",".join(known))

    monkeypatch.setattr(core_plugins, "load_plugins", with_extra)
    (made / "echo.py").write_text(PLUGIN, encoding="utf-8")
    before = (toy.Paid.calls, duanju("verify", "--head").out)
    ran = duanju("replay", "--all", "--with", "echo.py")
    assert ran.code == 0, ran.err
    price = 9 * toy.COST  # nine signs
    assert "Tea/tea: 1 of 2 decisions would change" in ran.out
    assert "now only      speech_requested L002" in ran.out
    assert "calls: 1 more, 0 fewer; +$0.18 expected, +$0.18 at the ceilings" in ran.out
    assert "Two/two: nothing would change (2 decisions asked)" in ran.out
    assert ran.out.splitlines()[-1].startswith("with echo: 1 of 2 episodes would change, 1 decisions; +$0.18")
    assert "\x1b" not in ran.out
    assert (toy.Paid.calls, duanju("verify", "--head").out) == before
    found = json.loads(duanju("replay", "tea", "--with", "echo.py", "--json").out)
    assert found["plugins"] == ["echo"]
    (one,) = found["streams"]
    assert one["cost"]["expected"] == one["cost"]["ceiling"] == price
    assert one["cost"]["added"][0]["purpose"] == "echo" and one["cost"]["added"][0]["route"] == "paid:voice"
    assert one["decisions"][0]["by"] == "echo.on_shot_planned"
