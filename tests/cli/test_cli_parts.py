"""Parts, plugins that are gone, and backfill, as a person meets them on the command line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from duanju.core.hooks import hookimpl
from duanju.events.episode import PartFailed, PartOpened
from duanju.events.quality import ReviewGiven
from duanju.events.script import ScriptParsed, ShotPlanned


def module(name: str, *hooks: Any) -> ModuleType:
    made = ModuleType(name)
    for hook in hooks:
        setattr(made, hook.__name__, hookimpl(hook))
    return made


def on_script_parsed(event: ScriptParsed) -> Iterator[PartOpened | PartFailed]:
    """Opens a part that fails at once, and another one that stays open."""
    yield PartOpened("cut", "opening titles", event.revision)
    yield PartOpened("delivery", "label", event.revision)
    yield PartFailed("cut", "opening titles", event.revision, "no font")


def on_shot_planned(event: ShotPlanned) -> Iterator[ReviewGiven]:
    """A word on every shot."""
    yield ReviewGiven(event.shot, "approve", "", "a plugin")


def kinds(place: Path, kind: str) -> int:
    db = sqlite3.connect(place / "studio/.duanju/log.db")
    count: int = db.execute("SELECT count(*) FROM event WHERE kind = ?", (kind,)).fetchone()[0]
    return count


def test_a_failed_part_is_listed_asked_again_and_waived(
    duanju: Any, monkeypatch: pytest.MonkeyPatch, toy: ModuleType, place: Path
) -> None:
    monkeypatch.setitem(toy.MORE, "titles", module("titles", on_script_parsed))
    assert duanju("produce", "tea.txt").code == 1
    told = duanju("review", "list", "tea").out
    assert "the part opening titles of titles, which cut waits for, failed: no font" in told
    assert "'part:cut:opening titles'" in told, "as a shell takes it"
    wrong = duanju("review", "waive", "tea", "part:cut:label")
    assert wrong.code == 2
    assert "there are: part:cut:opening titles, part:delivery:label" in wrong.err
    assert duanju("review", "retry", "tea", "part:cut:opening titles").code == 0
    again = duanju("resume", "tea")
    assert again.code == 1 and "it does not ask again by itself" in again.err
    waived = duanju("review", "waive", "tea", "part:cut:opening titles", "--note", "without")
    assert waived.code == 0 and "go on with: duanju resume tea" in waived.out
    assert duanju("resume", "tea").code == 0
    assert kinds(place, "part_waived") == kinds(place, "part_closed") == 1


def test_a_plugin_that_is_gone_is_named_and_can_be_done_without(
    duanju: Any, monkeypatch: pytest.MonkeyPatch, toy: ModuleType, place: Path
) -> None:
    def opens(event: ScriptParsed) -> Iterator[PartOpened]:
        yield PartOpened("delivery", "label", event.revision)

    opens.__name__ = "on_script_parsed"
    monkeypatch.setitem(toy.MORE, "label", module("label", opens))
    duanju("produce", "tea.txt")
    monkeypatch.delitem(toy.MORE, "label")
    held = duanju("resume", "tea")
    assert held.code == 1
    assert "is owed by label: it is not installed" in held.err
    assert "duanju review waive tea/tea plugin:label" in held.err.replace("Tea/", "tea/")
    wrong = duanju("review", "waive", "tea", "plugin:other")
    assert wrong.code == 2 and "there are: plugin:label" in wrong.err
    assert duanju("review", "waive", "tea", "plugin:label").code == 0
    assert duanju("resume", "tea").code == 0
    assert kinds(place, "part_closed") == 1


def test_a_backfill_answers_the_past_once(
    duanju: Any, monkeypatch: pytest.MonkeyPatch, toy: ModuleType, place: Path
) -> None:
    assert duanju("produce", "tea.txt").code == 0
    calls = toy.Paid.calls
    monkeypatch.setitem(toy.MORE, "late", module("late", on_shot_planned))
    assert duanju("resume").code == 0 and kinds(place, "review_given") == 0
    filled = duanju("resume", "tea", "--backfill", "late")
    assert filled.code == 0, filled.err
    assert "late answers 2 events from before its time" in filled.out
    assert kinds(place, "review_given") == 2 and toy.Paid.calls == calls
    again = duanju("resume", "tea", "--backfill", "late")
    assert again.code == 0 and "late has answered everything already" in again.out
    assert kinds(place, "review_given") == 2 and kinds(place, "backfill_asked") == 1
    assert duanju("replay", "tea").code == 0
    assert duanju("verify").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--backfill", "late"), "name it: duanju resume EPISODE --backfill PLUGIN"),
        (("tea", "--backfill", "late"), "no such plugin; duanju plugins list"),
        (("tea", "--backfill", "broken"), "it was left out"),
        (("coffee", "--backfill", "toy"), "no episode 'coffee'"),
    ],
)
def test_a_backfill_that_cannot_be_is_refused(
    duanju: Any, monkeypatch: pytest.MonkeyPatch, place: Path, words: tuple[str, ...], says: str
) -> None:
    assert duanju("produce", "tea.txt").code == 0
    monkeypatch.setenv("TOY_BROKEN", "yes")
    ran = duanju("resume", *words)
    assert ran.code == 2
    assert says in ran.err
    assert kinds(place, "backfill_asked") == 0
