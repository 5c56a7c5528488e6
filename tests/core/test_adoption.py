"""Adoption: who answers what, and what is paid, when plugins come, change, go, and come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults
from stagehand import Noted, Play, Step, Told, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.hooks import effect, hookimpl
from duanju.core.plugins import load_plugins
from duanju.core.replay import replay
from duanju.events.artifact import Artifact
from duanju.events.calls import SpeechRequested, SpeechReturned
from duanju.events.cut import EpisodeCut
from duanju.events.episode import (
    EffectFailed,
    EpisodeHeld,
    EpisodeReleased,
    HooksAdopted,
    HooksLeft,
    PluginWaived,
)
from duanju.events.quality import CheckMeasured, CheckWaived, QualityPlanned

Make = Callable[..., Play]
FILM, SRT = Artifact("0" * 64, 1, "video/mp4"), Artifact("1" * 64, 1, "application/x-subrip")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    plays: list[Play] = []

    def build(**plugins: Any) -> Play:
        plays.append(Play(tmp_path, plugins, routes=("v:m",)))
        return plays[-1]

    yield build
    for play in plays:
        play.close()


@hookimpl(specname="on_step")
def asks(event: Step) -> Iterator[SpeechRequested]:
    """Asks for a paid line at every step."""
    yield say(f"L{event.n}", f"line {event.n}")


@hookimpl(specname="on_speech_returned")
def hears(event: SpeechReturned) -> Iterator[Told]:
    """Notes what came."""
    yield Told("heard", event.subject)


@hookimpl(specname="on_step")
@effect(lane="draw2")
def draws(event: Step, desk: Desk) -> Iterator[Told]:
    """An effect on a plain fact."""
    yield Told("drawn", str(event.n))


class Blocks:
    """An effect that waits to be let go, so that a run can end while it is under way."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.runs = 0

    @hookimpl
    @effect(lane="block")
    def on_step(self, event: Step, desk: Desk) -> Iterator[Told]:
        self.runs += 1
        self.begun.set()
        self.go.wait(20)
        yield Told("blocked", str(event.n))


def spans(play: Play, plugin: str) -> list[tuple[str, int, tuple[str, ...], int]]:
    """The plugin's spans as the log holds them: (adopted | left, decisions, hooks, carried)."""
    return [
        (type(e).__name__[5:].lower(), getattr(e, "decisions", 0), e.hooks, e.carried)
        for e in (record.event for record in play.log.read(stream="studio"))
        if isinstance(e, HooksAdopted | HooksLeft) and e.plugin == plugin
    ]


def proven(play: Play, stream: str) -> None:
    found = replay(play.log, play.plugins, play.artifacts, stream)
    assert found.changed == [] and log_faults(play.log) == []


def test_a_plugin_on_a_log_with_history_answers_nothing_old_and_pays_nothing(make: Make) -> None:
    vendor = Vendor("v")
    play = make(v=vendor)
    stream = play.open(first=[Step(1), Step(2)])
    play.run()
    play.change(asks=stage("asks", asks, draws))
    play.run()
    assert vendor.calls == [] and play.all(stream, Told) == [] and play.spent() == (0, 0, 0)
    play.add(stream, Step(3))
    play.run()
    assert vendor.calls == ["L3"] and [t.words for t in play.all(stream, Told)] == ["3"]
    assert play.spent() == (100_000, 0, 0)
    proven(play, stream)


def test_an_episode_that_was_opened_before_the_first_engine_is_answered(make: Make) -> None:
    vendor = Vendor("v")
    play = make(v=vendor)
    stream = play.open(first=[Step(1)])
    play.change(asks=stage("asks", asks))
    play.run()
    assert vendor.calls == ["L1"]
    proven(play, stream)


def test_a_new_hook_answers_from_its_upgrade_on_and_the_old_one_all_along(make: Make) -> None:
    vendor = Vendor("v")
    play = make(v=vendor, p=stage("p", asks))
    stream = play.open(first=[Step(1)])
    play.run()
    play.change(p=stage("p", asks, hears))
    play.add(stream, Step(2))
    play.run()
    assert vendor.calls == ["L1", "L2"] and [t.words for t in play.all(stream, Told)] == ["L2"]
    assert [(what, hooks) for what, _, hooks, _ in spans(play, "p")] == [
        ("adopted", ("asks",)),
        ("left", ("asks",)),
        ("adopted", ("asks", "hears")),
    ]
    before = play.log.head
    play.run()
    assert play.log.head == before and play.spent() == (200_000, 0, 0)
    proven(play, stream)


def test_other_decisions_close_one_span_and_open_the_next(make: Make) -> None:
    vendor = Vendor("v")
    play = make(v=vendor, p=stage("p", asks))
    stream = play.open(first=[Step(1)])
    play.run()

    @hookimpl(specname="on_step")
    def asks_other(event: Step) -> Iterator[SpeechRequested]:
        yield say(f"M{event.n}", f"other {event.n}")

    asks_other.__name__ = "asks"
    play.change(p=stage("p", asks_other, decisions=2))
    play.add(stream, Step(2))
    play.run()
    assert vendor.calls == ["L1", "M2"]
    (_, one, _, first), (_, _, _, left), (_, two, _, second) = spans(play, "p")
    assert (one, two) == (1, 2) and first == 0 and left == second
    found = replay(play.log, play.plugins, play.artifacts, stream)
    assert [(c.position, c.then, c.now) for c in found.changed] == [(3, 1, 2)], "the old answer, as it stands"


def test_owed_work_of_a_removed_plugin_is_kept_and_runs_once_it_is_back(make: Make) -> None:
    blocks, vendor = Blocks(), Vendor("v")
    play = make(b=blocks, v=vendor, asks=stage("asks", asks))
    stream, quiet = play.open(first=[Step(1)]), play.open("quiet")
    with play.engine() as engine:
        engine.run(until=blocks.begun.is_set)
    blocks.go.set()
    paid = len(vendor.calls)
    play.change(b=None)
    play.add(stream, Step(2))
    play.run()
    assert ("b", "on_step", 1) in play.work(), "kept"
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == "plugin:b" and held.why.endswith("is owed by b: it is not installed")
    assert "duanju review waive tea/one plugin:b" in held.next
    assert len(vendor.calls) == paid, "the held episode pays for nothing"
    assert play.all(quiet, EpisodeHeld) == [], "others are not concerned"
    play.change(b=blocks)
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["1"], "step 2 came while it was away"
    assert sorted(vendor.calls) == ["L1", "L2"] and play.spent() == (200_000, 0, 0)
    assert [r.why for r in play.all(stream, EpisodeReleased)] == ["b is back"]
    proven(play, stream)


def test_a_renamed_plugins_work_holds_by_the_old_name_and_a_person_goes_on(make: Make) -> None:
    blocks = Blocks()
    play = make(old=blocks)
    stream = play.open(first=[Step(1)])
    with play.engine() as engine:
        engine.run(until=blocks.begun.is_set)
    blocks.go.set()
    play.change(old=None, new=blocks)
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == "plugin:old" and blocks.runs == 1, (
        "the new name does not inherit what the old one owes"
    )
    play.add(stream, PluginWaived("old", "mei", "it is called new now"), Step(2))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["2"] and play.work() == []
    assert [r.why for r in play.all(stream, EpisodeReleased)] == ["mei goes on without old"]
    proven(play, stream)


def test_a_release_does_not_hide_that_a_plugin_is_gone(make: Make) -> None:
    blocks = Blocks()
    play = make(b=blocks)
    stream = play.open(first=[Step(1)])
    with play.engine() as engine:
        engine.run(until=blocks.begun.is_set)
    blocks.go.set()
    play.change(b=None)
    play.run()
    with play.engine() as engine:
        engine.run()
        play.add(stream, EpisodeReleased("plugin:b", "mei", "go on"))
        engine.run()
        assert list(engine.folds.holds(stream)) == ["plugin:b"]
    play.revise(stream, 2)
    play.run()
    with play.engine() as engine:
        assert list(engine.folds.holds(stream)) == ["plugin:b"], "a step belongs to every revision"


def test_a_hook_that_an_upgrade_lost_is_named(make: Make) -> None:
    blocks = Blocks()
    play = make(b=blocks)
    stream = play.open(first=[Step(1)])
    with play.engine() as engine:
        engine.run(until=blocks.begun.is_set)
    blocks.go.set()
    play.change(b=stage("b", hears))
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert "its version 0 has no on_step" in held.why and "the version of b that has on_step" in held.next


def test_a_disabled_plugin_and_one_that_cannot_be_loaded_say_so(make: Make) -> None:
    one, two = Blocks(), Blocks()
    play = make(b=one, c=two)
    stream = play.open(first=[Step(1)])
    with play.engine() as engine:
        engine.run(until=lambda: one.begun.is_set() and two.begun.is_set())
    one.go.set()
    two.go.set()
    broken = stage("c", hears)
    broken.decisions = "many"
    play.plugins = load_plugins(only="", extra={"words": play.extra["words"], "c": broken}, disabled=["b"])
    play.run()
    why = {one.hold: (one.why, one.next) for one in play.all(stream, EpisodeHeld)}
    assert "it is disabled in duanju.toml" in why["plugin:b"][0]
    assert why["plugin:b"][1].startswith("take b out of plugins.disabled in duanju.toml")
    assert "it was left out: c: decisions must be" in why["plugin:c"][0]
    play.plugins = play.load()
    play.run()
    assert sorted(t.words for t in play.all(stream, Told)) == ["1", "1"]
    proven(play, stream)


def test_a_failed_effect_whose_plugin_is_taken_away_is_still_owed(make: Make) -> None:
    @hookimpl
    @effect(lane="try", attempts=1)
    def on_step(event: Step, desk: Desk) -> Iterator[Told]:
        raise OSError("no")

    play = make(f=stage("f", on_step))
    stream = play.open(first=[Step(1)])
    play.run()
    (failed,) = play.all(stream, EpisodeHeld)
    play.change(f=None)
    play.add(stream, EpisodeReleased(failed.hold, "resume", "asks again"))
    play.run()
    assert [one.hold for one in play.all(stream, EpisodeHeld)] == [failed.hold, "plugin:f"]
    assert play.work() == [("f", "on_step", 0)]

    @hookimpl
    @effect(lane="try", attempts=1)
    def mended(event: Step, desk: Desk) -> Iterator[Told]:
        yield Told("mended", "")

    mended.__name__ = "on_step"
    module = stage("f")
    module.on_step = mended
    play.change(f=module)
    play.run()
    assert play.all(stream, Told) == [Told("mended", "")] and len(play.all(stream, EffectFailed)) == 1
    proven(play, stream)


# -- checks ----------------------------------------------------------------------------------------------


def check(name: str, *, says: str | None = None, begun: threading.Event | None = None) -> Any:
    """A check that measures under the name `says`; with `begun` it waits until the run is ended."""
    go = threading.Event()

    @hookimpl
    @effect(lane=f"check-{name}", attempts=3)
    def on_episode_cut(event: EpisodeCut, desk: Desk) -> Iterator[CheckMeasured]:
        if begun is not None:
            begun.set()
            go.wait(20)
        if says != "":
            yield measured(event, says or name)

    made = stage(name, on_episode_cut)
    made.go = go
    return made


def measured(cut: EpisodeCut, check: str) -> CheckMeasured:
    return CheckMeasured(
        cut.revision, cut.inputs, check, "episode", "passed", 1.0, 2.0, "", "", (), "", check, cut.film.sha256
    )


def cut(inputs: str = "i") -> EpisodeCut:
    return EpisodeCut(1, inputs, FILM, SRT, 1000, 25)


def plans(play: Play, stream: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.inputs, one.checks) for one in play.all(stream, QualityPlanned)]


def test_a_check_that_comes_after_the_cut_is_neither_asked_nor_expected(make: Make) -> None:
    play = make(a=check("a"))
    stream = play.open(first=[cut()])
    play.run()
    play.change(b=check("b"))
    play.run()
    assert plans(play, stream) == [("i", ("a",))]
    assert [one.check for one in play.all(stream, CheckMeasured)] == ["a"]
    play.add(stream, cut("j"))
    play.run()
    assert plans(play, stream) == [("i", ("a",)), ("j", ("a", "b"))]
    assert [one.check for one in play.all(stream, CheckMeasured)][1:] in (["a", "b"], ["b", "a"])
    proven(play, stream)


def test_a_check_that_goes_while_it_is_owed_holds_and_can_be_waived_or_comes_back(make: Make) -> None:
    begun = threading.Event()
    slow = check("b", begun=begun)
    play = make(a=check("a"), b=slow)
    stream, other = play.open(first=[cut()]), play.open("two", first=[cut()])
    with play.engine() as engine:
        engine.run(until=begun.is_set)
    slow.go.set()
    play.change(b=None)
    play.run()
    for one in (stream, other):
        (held,) = play.all(one, EpisodeHeld)
        assert held.hold == "plugin:b" and held.why.startswith("the check b is owed by b")
    play.add(other, PluginWaived("b", "mei", "not now"))
    play.run()
    (waived,) = play.all(other, CheckWaived)
    assert waived == CheckWaived("b", "episode", FILM.sha256, "mei", "not now")
    play.change(b=slow)
    play.run()
    assert {one.check for one in play.all(stream, CheckMeasured)} == {"a", "b"}
    assert {one.check for one in play.all(other, CheckMeasured)} == {"a"}, "it was waived"
    proven(play, stream)


@pytest.mark.parametrize("says", ["", "other"])
def test_a_check_that_ends_without_its_own_measurement_fails_by_name(make: Make, says: str) -> None:
    play = make(a=check("a", says=says))
    stream = play.open(first=[cut()])
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold.startswith("effect:a.on_episode_cut:") and "check='a'" in held.why
    assert play.all(stream, CheckMeasured) == []
    play.change(a=check("a"))
    play.add(stream, EpisodeReleased(held.hold, "resume", "mended"))
    play.run()
    assert [one.check for one in play.all(stream, CheckMeasured)] == ["a"]
    proven(play, stream)


def test_a_reaction_that_speaks_of_a_cut_is_no_check(make: Make) -> None:
    @hookimpl
    def on_episode_cut(event: EpisodeCut) -> Iterator[CheckMeasured | Noted]:
        yield Noted(1)

    play = make(a=stage("a", on_episode_cut))
    stream = play.open(first=[cut()])
    play.run()
    assert plans(play, stream) == [("i", ())]


def test_what_an_absent_check_owes_an_older_revision_is_owed_no_longer(make: Make) -> None:
    begun = threading.Event()
    slow = check("b", begun=begun)
    play = make(a=check("a"), b=slow)
    stream = play.open(first=[EpisodeHeld("by:a", "first things first", "", "", 1), cut()])
    play.run()
    assert ("b", "on_episode_cut", 0) in play.work()
    play.change(b=None)
    play.run()
    play.revise(stream, 2)
    play.run()
    assert sorted(r.hold for r in play.all(stream, EpisodeReleased)) == ["by:a", "plugin:b"]
    assert play.work() == [] and not begun.is_set()
    proven(play, stream)
