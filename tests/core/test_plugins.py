"""Loading: what fails is left out and named, the rest runs."""

from __future__ import annotations

import importlib.metadata
import types
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from stagehand import Noted, Step, Told, Vendor, stage, words

from duanju.core.desk import Desk
from duanju.core.errors import WrongUse
from duanju.core.hooks import effect, hookimpl
from duanju.core.plugins import load_plugins
from duanju.events.calls import VideoRequested, VideoSubmitted
from duanju.events.kinds import event

if TYPE_CHECKING:
    from duanju.events.cast import CharacterCast


@hookimpl(specname="on_step")
def good(event: Step) -> Iterator[Noted]:
    yield Noted(event.n)


@hookimpl(specname="on_step")
def unresolved(event: Step) -> Iterator[CharacterCast]:
    yield from ()


@hookimpl(specname="on_step")
def no_event(event: Step) -> Iterator[int]:
    yield 1


@hookimpl(specname="on_step")
def no_type(event: Step) -> Iterator[Step | "Told"]:  # noqa: UP037
    yield from ()


@hookimpl
def on_stepp(event: Any) -> None:
    pass


@hookimpl(specname="on_step")
def wrong_argument(event: Step, log: Any) -> None:
    pass


@hookimpl(specname="on_step", tryfirst=True)
def ordered(event: Step) -> None:
    pass


@hookimpl(specname="on_step", wrapper=True)
def wrapped(event: Step) -> Any:
    yield


@hookimpl(specname="on_step")
def reaction_with_desk(event: Step, desk: Desk) -> None:
    pass


@event(home="episode")
@frozen
class Undeclared:
    n: int


@hookimpl(specname="on_step")
def emits_undeclared(event: Step) -> Iterator[Undeclared]:
    yield Undeclared(1)


@hookimpl
@effect(lane="x")
def on_video_requested(event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted]:
    yield VideoSubmitted(job="x")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (unresolved, ["unresolved", "CharacterCast", "not under TYPE_CHECKING"]),
        (no_event, ["int", "no event class"]),
        (on_stepp, ["on_stepp"]),
        (wrong_argument, ["log"]),
        (ordered, ["ordered", "take the mark away"]),
        (wrapped, ["wrapped", "take the mark away"]),
        (reaction_with_desk, ["reaction_with_desk", "@effect"]),
        (emits_undeclared, ["Undeclared", "duanju_events"]),
        (on_video_requested, ["on_video_submitted"]),
    ],
)
@pytest.mark.parametrize("name", ["a", "z"])
def test_a_bad_plugin_is_left_out_and_named_and_the_others_run(bad: Any, says: list[str], name: str) -> None:
    found = load_plugins(
        only="", extra={"words": words(), "good": stage("good", good), name: stage(name, good, bad)}
    )
    assert set(found.failures) == {name}
    for word in says:
        assert word in found.failures[name]
    assert set(found.plugins) == {"words", "good"}
    assert [h.by for h in found.by_kind["step"]] == ["good.good"]
    assert found.hook(name, "good") is None


def test_a_kind_that_is_taken_is_refused() -> None:
    @event(home="episode")
    @frozen
    class ShotPlanned:
        n: int

    found = load_plugins(only="", extra={"mine": stage("mine", events=[ShotPlanned]), "words": words()})
    assert "'shot_planned'" in found.failures["mine"] and "rename" in found.failures["mine"]
    assert set(found.plugins) == {"words"}


def test_duanju_events_that_raises_or_is_no_event_is_named() -> None:
    broken = types.ModuleType("broken")
    broken.duanju_events = lambda: 1 / 0  # type: ignore[attr-defined]
    plain = stage("plain", events=[int])
    found = load_plugins(only="", extra={"broken": broken, "plain": plain})
    assert "ZeroDivisionError" in found.failures["broken"]
    assert "int is no event class" in found.failures["plain"]


class Entry:
    """An entry point as the plugin loader sees one."""

    dist = None

    def __init__(self, name: str, thing: Any) -> None:
        self.name = name
        self.thing = thing

    def load(self) -> Any:
        if isinstance(self.thing, BaseException):
            raise self.thing
        return self.thing


class Clerk:
    """A provider class."""

    def __init__(self, name: str, settings: dict[str, Any]) -> None:
        self.name = name
        if settings.get("broken"):
            raise ValueError("no such host")


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        Entry("words", words()),
        Entry("z.stage", stage("z", good)),
        Entry("broken", ImportError("no module named numpy")),
        Entry("clerk", Clerk),
    ]

    def entry_points(group: str) -> Iterable[EntryPoint]:
        assert group == "duanju"
        return entries  # type: ignore[return-value]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)


@pytest.mark.usefixtures("points")
def test_an_import_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = load_plugins()
    assert set(found.plugins) == {"words", "z.stage", "clerk"}
    assert set(found.failures) == {"broken"}
    assert found.failures["broken"].startswith("its import failed: ImportError: no module named numpy (")
    assert found.next_steps["broken"] == (
        'mend it, or leave it out: disabled = ["broken"] under [plugins] in duanju.toml'
    )
    with pytest.raises(WrongUse, match=r"broken is required.*no module named numpy.*leave it out"):
        load_plugins(required=["broken"])
    with pytest.raises(WrongUse, match="other is required.*not installed.*plugins.required"):  # noqa: RUF043
        load_plugins(required=["other"])


@pytest.mark.usefixtures("points")
def test_the_environment_names_an_exact_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUANJU_PLUGINS", "words, z.stage")
    assert set(load_plugins().plugins) == {"words", "z.stage"}
    monkeypatch.setenv("DUANJU_PLUGINS", "")
    assert load_plugins().plugins == {}
    monkeypatch.setenv("DUANJU_PLUGINS", "words,missing")
    with pytest.raises(WrongUse, match=r"names missing; there are only: broken, clerk, words, z.stage"):
        load_plugins()


@pytest.mark.usefixtures("points")
def test_a_disabled_plugin_is_not_there_and_no_failure() -> None:
    found = load_plugins(disabled=["z.stage", "broken"])
    assert set(found.plugins) == {"words", "clerk"} and found.failures == {}
    assert found.by_kind.get("step") is None


@pytest.mark.usefixtures("points")
def test_a_provider_class_is_made_once_for_every_table(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {"east": {"kind": "clerk"}, "west": {"kind": "clerk", "broken": True}, "odd": {"kind": "none"}}
    found = load_plugins(tables, disabled=["broken"])
    assert {"clerk", "east"} <= set(found.plugins) and found.plugins["east"].object.name == "east"
    assert found.failures["west"].startswith("it could not be made: ValueError: no such host (")
    assert "'none'" in found.failures["odd"] and "clerk" in found.failures["odd"]


def test_prices_that_raise_leave_the_plugin_out() -> None:
    vendor = Vendor("v")
    vendor.duanju_prices = lambda: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    found = load_plugins(only="", extra={"v": vendor})
    assert "ZeroDivisionError" in found.failures["v"] and found.plugins == {}


def test_a_hook_that_answers_nothing_declares_nothing(tmp_path: Path) -> None:
    @hookimpl(specname="on_step")
    def silent(event: Step):  # type: ignore[no-untyped-def]
        return None

    found = load_plugins(only="", extra={"words": words(), "s": stage("s", silent)})
    assert found.by_kind["step"][0].emits == frozenset()
