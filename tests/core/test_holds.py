"""Holds, releases and revisions: what starts, what goes on, and what a person's word does, in every order."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from killing import log_faults, wait_for
from stagehand import Noted, Play, Step, Told, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.hooks import effect, hookimpl
from duanju.core.replay import replay
from duanju.events.calls import (
    CallAdmitted,
    RequestWithdrawn,
    SpeechRequested,
    SpeechReturned,
)
from duanju.events.episode import EpisodeHeld, EpisodeReleased

Make = Callable[..., Play]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    plays: list[Play] = []

    def build(**more: Any) -> Play:
        plays.append(Play(tmp_path, **{"routes": ("v:m",), **more}))
        return plays[-1]

    yield build
    for play in plays:
        play.close()


def hold(name: str, revision: int = 1) -> EpisodeHeld:
    return EpisodeHeld(name, "a person says so", "", "release it", revision)


def release(name: str, by: str = "mei") -> EpisodeReleased:
    return EpisodeReleased(name, by, "go on")


@hookimpl(specname="on_step")
def note(event: Step) -> Iterator[Noted]:
    """A reaction: it goes on while the episode is held."""
    yield Noted(event.n)


@hookimpl(specname="on_step")
@effect(lane="draw2")
def draw(event: Step, desk: Desk) -> Iterator[Told]:
    """An effect: it does not start while the episode is held."""
    yield Told("drawn", str(event.n))


def plain(**more: Any) -> dict[str, Any]:
    return {"n": stage("n", note, draw), **more}


def drawn(play: Play, stream: str) -> list[str]:
    return sorted(one.words for one in play.all(stream, Told))


def proven(play: Play, stream: str) -> None:
    found = replay(play.log, play.plugins, play.artifacts, stream)
    assert (found.changed, found.unverifiable) == ([], {})
    with play.engine() as engine:
        held = bool(engine.folds.holds(stream))
    faults = [one for one in log_faults(play.log, doubts=True) if not (held and one.startswith("still open"))]
    assert faults == []


# -- several holds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(("a", "b"))))
def test_two_holds_hold_until_the_last_one_ends(make: Make, order: tuple[str, str]) -> None:
    vendor = Vendor("v")
    play = make(plugins=plain(v=vendor))
    stream = play.open(first=[hold("by:a"), hold("by:b"), Step(1), say("L1")])
    play.run()
    assert play.all(stream, Noted) == [Noted(1)], "reactions go on"
    play.add(stream, release(f"by:{order[0]}"))
    play.run()
    assert drawn(play, stream) == [] and vendor.calls == []
    play.add(stream, release(f"by:{order[1]}"))
    play.run()
    assert drawn(play, stream) == ["1"] and vendor.calls == ["L1"]
    proven(play, stream)


def test_the_same_hold_twice_is_one_hold(make: Make) -> None:
    play = make(plugins=plain())
    stream = play.open(first=[hold("by:a"), hold("by:a"), Step(1)])
    play.run()
    play.add(stream, release("by:a"))
    play.run()
    assert drawn(play, stream) == ["1"]


def test_a_hold_raised_again_after_its_release_holds_again(make: Make) -> None:
    play = make(plugins=plain())
    stream = play.open(first=[hold("by:a"), release("by:a"), hold("by:a"), Step(1)])
    play.run()
    assert drawn(play, stream) == []
    play.add(stream, release("by:a"), Step(2), hold("by:a"))
    play.run()
    assert drawn(play, stream) == [], "held, let go and held again before anybody looked"
    play.add(stream, release("by:a"))
    play.run()
    assert drawn(play, stream) == ["1", "2"]
    proven(play, stream)


def test_a_release_of_nothing_changes_nothing(make: Make) -> None:
    play = make(plugins=plain())
    stream = play.open(first=[hold("by:a"), Step(1), release("by:b"), release("by:")])
    play.run()
    assert drawn(play, stream) == []
    play.add(
        stream, release("effect:n.draw:4"), release("part:cut:x"), release("plugin:x"), release("call:4")
    )
    play.run()
    assert drawn(play, stream) == []
    play.add(stream, release("by:a"), release("by:a"))
    play.run()
    assert drawn(play, stream) == ["1"]
    proven(play, stream)


_RELEASE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from duanju.core.log import Log
from duanju.events.codec import Codec
from duanju.events.episode import EpisodeReleased
from duanju.events.vocabulary import builtin_events
log = Log(Path(sys.argv[1]), Codec(builtin_events()))
log.append("episode/tea/one", [EpisodeReleased(sys.argv[3], "process", "go on")], by="cli.review")
"""


def released_elsewhere(play: Play, name: str) -> subprocess.Popen[bytes]:
    """A release from a process of its own."""
    here = str(Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", _RELEASE, str(play.root / "log.db"), here, name])


def test_another_process_releases_while_the_engine_runs(make: Make) -> None:
    vendor = Vendor("v")
    play = make(plugins=plain(v=vendor))
    stream = play.open(first=[hold("by:a"), Step(1), say("L1")])
    with play.engine() as engine:
        engine.run()
        assert vendor.calls == [] and drawn(play, stream) == []
        others = [released_elsewhere(play, "by:a") for _ in range(2)]
        for other in others:
            assert other.wait(60) == 0
        engine.run()
    assert vendor.calls == ["L1"] and drawn(play, stream) == ["1"]
    assert len(play.all(stream, EpisodeReleased)) == 2, "both are on record, one of them ended it"
    proven(play, stream)


def test_two_processes_release_a_failed_effect_and_it_runs_once(make: Make) -> None:
    runs: list[int] = []

    @hookimpl
    @effect(lane="try", attempts=1)
    def on_step(event: Step, desk: Desk) -> Iterator[Told]:
        runs.append(event.n)
        if len(runs) == 1:
            raise OSError("no")
        yield Told("mended", "")

    play = make(plugins={"f": stage("f", on_step)})
    stream = play.open(first=[Step(1)])
    play.run()
    (failed,) = play.all(stream, EpisodeHeld)
    others = [released_elsewhere(play, failed.hold) for _ in range(2)]
    assert [other.wait(60) for other in others] == [0, 0]
    play.run()
    assert runs == [1, 1] and len(play.all(stream, Told)) == 1
    proven(play, stream)


# -- revisions -------------------------------------------------------------------------------------------


class Slow:
    """A vendor's behaviour that waits until it is let go, so that a call is under way when things change."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.vendor = Vendor("v", self._speak)

    def _speak(self, event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        self.begun.set()
        self.go.wait(20)
        yield self.vendor.spoken(event, desk)


def test_a_revision_keeps_what_is_paid_and_starts_nothing_stale(make: Make) -> None:
    slow = Slow()
    play = make(plugins={"v": slow.vendor}, lanes={"vendor": 1})
    stream = play.open(first=[say("L1", "same"), say("L2", "old")])
    with play.engine() as engine:
        engine.run(until=slow.begun.is_set)
        play.revise(stream, 2, first=[say("L1", "same", revision=2), say("L2", "new", revision=2)])
        engine.turn()
        slow.go.set()
        engine.run()
    assert slow.vendor.calls == ["L1", "L2"], "the paid one is used again, the old words are never asked for"
    returned = play.all(stream, SpeechReturned)
    assert [(r.revision, r.subject, r.reused_from is not None) for r in returned] == [
        (1, "L1", False),
        (2, "L1", True),
        (2, "L2", False),
    ]
    assert len(play.all(stream, RequestWithdrawn)) == 1 and play.spent() == (200_000, 0, 0)
    proven(play, stream)


def test_a_revision_while_held_ends_the_holds_of_the_older_one(make: Make) -> None:
    vendor = Vendor("v")
    play = make(plugins=plain(v=vendor))
    stream = play.open(first=[hold("by:a"), hold("check:b"), say("L1", "old"), Step(1)])
    play.run()
    play.revise(stream, 2, first=[say("L1", "new", revision=2)])
    play.run()
    assert sorted(r.hold for r in play.all(stream, EpisodeReleased)) == ["by:a", "check:b"]
    assert vendor.calls == ["L1"] and len(play.all(stream, RequestWithdrawn)) == 1
    assert [r.revision for r in play.all(stream, SpeechReturned)] == [2] and drawn(play, stream) == ["1"]
    play.add(stream, release("by:a"))
    play.run()
    assert vendor.calls == ["L1"]
    proven(play, stream)


def test_a_hold_during_a_paid_call_lets_it_end_and_starts_no_other(make: Make) -> None:
    slow = Slow()
    play = make(plugins={"v": slow.vendor}, lanes={"vendor": 1})
    stream = play.open(first=[say("L1", "one"), say("L2", "two")])
    with play.engine() as engine:
        engine.run(until=slow.begun.is_set)
        play.add(stream, hold("by:a"))
        engine.turn()
        slow.go.set()
        engine.run()
        assert slow.vendor.calls == ["L1"] and len(play.all(stream, SpeechReturned)) == 1
        play.add(stream, release("by:a"))
        engine.run()
    assert slow.vendor.calls == ["L1", "L2"] and play.spent() == (200_000, 0, 0)
    proven(play, stream)


def test_a_hold_and_a_revision_survive_a_restart(make: Make) -> None:
    vendor = Vendor("v")
    play = make(plugins=plain(v=vendor))
    stream = play.open(first=[hold("by:a"), Step(1), say("L1", "one")])
    for _ in range(3):
        play.run()
    assert vendor.calls == [] and play.work() == [("n", "draw", 0), ("core", "admit", 0)]
    play.revise(stream, 2)
    play.add(stream, hold("by:c", 2))
    for _ in range(3):
        play.run()
    assert vendor.calls == [] and drawn(play, stream) == []
    play.add(stream, release("by:c"))
    play.run()
    assert vendor.calls == [] and drawn(play, stream) == ["1"]
    assert len(play.all(stream, RequestWithdrawn)) == 1
    proven(play, stream)


# -- any order -------------------------------------------------------------------------------------------


FACTS = ("hold a", "hold b", "release a", "release b", "revise", "step", "line")


def tell(play: Play, stream: str, fact: str, revision: int) -> None:
    """Appends one fact as a person would, `revision` being the newest once it stands."""
    word, _, name = fact.partition(" ")
    if word == "revise":
        play.revise(stream, revision)
    elif word == "hold":
        play.add(stream, hold(f"by:{name}", revision))
    elif word == "release":
        play.add(stream, release(f"by:{name}"))
    else:
        play.add(stream, Step(1) if word == "step" else say("L1", "words", revision=revision))


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(FACTS), max_size=9), st.lists(st.booleans(), min_size=9, max_size=9))
def test_in_any_order_and_however_they_arrive_the_end_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, facts: list[str], turns: list[bool]
) -> None:
    """One engine that sees all at once, one that sees them as they come, and one restarted in between."""
    found: list[Any] = []
    for how in ("at once", "as they come", "restarted"):
        vendor = Vendor("v")
        play = Play(tmp_path_factory.mktemp("orders"), plain(v=vendor), routes=("v:m",))
        stream, revision = play.open(), 1
        engine = play.engine() if how == "as they come" else None
        for fact, turn in zip(facts, turns, strict=False):
            revision += fact == "revise"
            tell(play, stream, fact, revision)
            if turn and engine is not None:
                engine.turn()
            elif turn and how == "restarted":
                play.run()
        if engine is not None:
            engine.run()
            engine.close()
        play.run()
        with play.engine() as engine:
            holds = set(engine.folds.holds(stream))
        found.append((holds, sorted(str(one) for one in play.all(stream, Noted))))
        assert holds == in_force(facts)
        if not holds:
            newest = facts[len(facts) - facts[::-1].index("revise") :] if "revise" in facts else facts
            returned = [one for one in play.all(stream, SpeechReturned) if one.revision == revision]
            assert len(returned) == newest.count("line") and len(vendor.calls) <= 1
            assert len(drawn(play, stream)) == facts.count("step") and play.work() == []
        proven(play, stream)
        play.close()
    assert found[0] == found[1] == found[2]


def in_force(facts: list[str]) -> set[str]:
    """The holds that must be in force after these facts, in plain Python."""
    holds: set[str] = set()
    for fact in facts:
        word, _, name = fact.partition(" ")
        if word == "hold":
            holds.add(f"by:{name}")
        elif word == "release":
            holds.discard(f"by:{name}")
        elif word == "revise":
            holds.clear()
    return holds


# -- what is recorded with an episode --------------------------------------------------------------------


@pytest.mark.parametrize("how", ["missing", "swapped", "garbage"])
@pytest.mark.parametrize("which", ["settings", "prices"])
def test_unreadable_settings_hold_their_episode_and_no_other(make: Make, which: str, how: str) -> None:
    vendor = Vendor("v")
    play = make(plugins=plain(v=vendor))
    kept = play.settings
    good = play.open("good", first=[say("L1", "good"), Step(1)])
    named = play.artifacts.put(b'{"mine": 1}' if how == "garbage" else b"{}", "application/json")
    bad = "episode/tea/one"
    opened = next(r.event for r in play.log.read(stream=good, kind="episode_opened"))
    play.add(bad, attrs.evolve(opened, name="one", **{which: named}), say("L1", "bad"), Step(1))
    path = play.artifacts.path(named)
    if how == "missing":
        path.unlink()
    elif how == "swapped":
        path.write_bytes(b"[]")
    play.run()
    (held,) = play.all(bad, EpisodeHeld)
    assert held.hold == f"artifact:{named.sha256}" and "duanju resume tea/one" in held.next
    assert "cannot be read" in held.why
    assert vendor.calls == ["L1"] and drawn(play, good) == ["1"] and drawn(play, bad) == []
    assert play.all(good, EpisodeHeld) == [] and len(play.all(good, SpeechReturned)) == 1
    play.add(bad, release(held.hold, "resume"))
    play.run()
    assert [one.hold for one in play.all(bad, EpisodeHeld)] == [held.hold] * 2, "asked again, and still gone"
    play.settings = kept
    play.revise(bad, 2, first=[say("L1", "new", revision=2)])
    play.run()
    assert vendor.calls == ["L1", "L1"] and drawn(play, bad) == ["1"], "recorded anew, it goes on"
    proven(play, bad)


def test_settings_that_are_back_let_the_episode_go_on(make: Make) -> None:
    vendor = Vendor("v")
    play = make(plugins=plain(v=vendor))
    stream = play.open(first=[say("L1"), Step(1)])
    opened = next(r.event for r in play.log.read(stream=stream, kind="episode_opened"))
    path = play.artifacts.path(opened.settings)
    data = path.read_bytes()
    path.unlink()
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert vendor.calls == [] and play.all(stream, CallAdmitted) == []
    path.write_bytes(data)
    play.add(stream, release(held.hold, "resume"))
    play.run()
    assert vendor.calls == ["L1"] and drawn(play, stream) == ["1"]
    assert wait_for(lambda: play.work() == []) and play.spent() == (100_000, 0, 0)
    proven(play, stream)
