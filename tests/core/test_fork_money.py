"""A fork's money: the past is paid for once, calls under way are waited for, and the caps are its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from killing import log_faults, wait_for
from stagehand import DOLLAR, Play, Step, Told, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.fork import Forked, make_fork
from duanju.core.hooks import hookimpl
from duanju.core.ledger import ledger_of
from duanju.core.log import Log
from duanju.core.rebuild import table_problems
from duanju.core.settings import Budget, Settings
from duanju.events.calls import CallFailed, DoubtSettled, SpeechRequested, SpeechReturned
from duanju.events.episode import EpisodeHeld, EpisodeReleased

STREAM = "episode/tea/one"
Make = Callable[..., Play]


@hookimpl(specname="on_step")
def wants(event: Step, episode: Episode) -> Iterator[SpeechRequested]:
    """Every line costs money; the even ones are said in the language of the settings."""
    tongue = episode.settings.language if event.n % 2 == 0 else "any"
    yield say(f"L{event.n}", f"{event.n} in {tongue}")


@hookimpl(specname="on_speech_returned")
def goes_on(event: SpeechReturned, episode: Episode) -> Iterator[Told]:
    """Says so."""
    yield Told(event.subject, "heard")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    plays: list[Play] = []

    def build(*vendors: Vendor, steps: int = 4, **more: Any) -> Play:
        plugins = {"wants": stage("wants", wants, goes_on), **{v.name: v for v in vendors}}
        routes = more.pop("routes", tuple(f"{v.name}:m" for v in vendors))
        play = Play(tmp_path, plugins, routes=routes, lanes={"vendor": 1}, **more)
        play.open(first=[Step(n) for n in range(steps)])
        plays.append(play)
        return play

    yield build
    for play in plays:
        faults = [one.what for one in table_problems(play.log, play.artifacts.read_sha256)]
        play.close()
        assert faults == []


def fork(play: Play, at: int, name: str = "two", source: str = STREAM, **more: Any) -> Forked:
    """A fork that may run at once."""
    return make_fork(play.log, play.plugins, play.artifacts, source, at, name, **{"run": True, **more})


def in_chinese(settings: Settings) -> Settings:
    """Other settings, in which the even lines are other lines."""
    return attrs.evolve(settings, language="zh")


def capped(cap: int) -> Callable[[Settings], Settings]:
    """The same settings with another cap for the episode, and other words."""
    return lambda settings: attrs.evolve(
        in_chinese(settings), budget=attrs.evolve(settings.budget, episode=cap)
    )


def last_step(play: Play) -> int:
    return max(record.position for record in play.log.read(stream=STREAM, kind="step"))


def test_it_pays_only_for_what_differs_and_no_view_counts_the_past_twice(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor)
    play.run()
    first = play.spent()[0]
    assert (len(vendor.calls), first) == (4, 400_000)
    for number, at in enumerate([r.position for r in play.log.read(after=last_step(play) - 1)]):
        fork(play, at, f"same{number}")
    play.run()
    assert (len(vendor.calls), play.spent()[0]) == (4, first), "every answer is there already"
    other = fork(play, last_step(play), "other", change=in_chinese)
    play.run()
    assert vendor.calls[4:] == ["L0", "L2"]
    whole, own = ledger_of(play.log), ledger_of(play.log, other.stream)
    assert (own.sums().calls, own.sums().cost, own.sums().reused) == (2, 200_000, 2)
    assert whole.sums().cost == play.spent()[0] == 600_000
    by = whole.by("episode")
    assert sum(one.cost for one in by.values()) == 600_000
    assert by["tea/one"].cost == 400_000
    assert [one.cost for name, one in by.items() if name.endswith("tea/other")] == [200_000]
    for view in (
        "cost_total",
        "cost_by_episode",
        "cost_by_model",
        "cost_by_stage",
        "cost_by_day",
        "cost_line",
    ):
        column = "cost" if view != "cost_line" else "coalesce(cost, 0)"
        assert play.log.db.execute(f"SELECT sum({column}) FROM {view}").fetchone()[0] == 600_000, view
    assert log_faults(play.log) == []


def test_a_call_under_way_is_waited_for_by_the_fork(make: Make) -> None:
    started, go = threading.Event(), threading.Event()

    def slow(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        started.set()
        assert go.wait(20)
        yield vendor.spoken(event, desk)

    vendor = Vendor("v", slow)
    play = make(vendor, steps=1)
    made: list[Forked] = []
    with play.engine() as engine:

        def after_the_fork() -> bool:
            if started.is_set() and not made:
                at = max(r.position for r in play.log.read(stream=STREAM))
                log = Log(play.root / "log.db", play.plugins.codec)
                made.append(make_fork(log, play.plugins, play.artifacts, STREAM, at, "two", run=True))
                log.close()
            elif made and ("core", "admit", 0) in play.work():
                go.set()
            return False

        engine.run(after_the_fork)
    assert vendor.calls == ["L0"] and play.spent() == (100_000, 0, 0)
    (answer,) = play.all(made[0].stream, SpeechReturned)
    assert answer.reused_from is not None and answer.bill.cost == 0
    assert play.all(made[0].stream, Told) == play.all(STREAM, Told) == [Told("L0", "heard")]
    assert log_faults(play.log) == []


def test_a_call_in_doubt_holds_the_fork_too_until_it_is_settled(make: Make) -> None:
    def lost(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if len(vendor.calls) == 1:
            raise ConnectionResetError("no answer")
        yield vendor.spoken(event, desk)

    vendor = Vendor("v", lost)
    play = make(vendor, steps=1)
    play.run()
    assert play.spent() == (0, 0, 100_000)
    doubt = next(play.log.read(kind="call_doubted"))
    made = fork(play, play.log.head)
    play.run()
    assert [one.hold for one in play.all(made.stream, EpisodeHeld)] == [f"doubt:{doubt.position}"]
    assert vendor.calls == ["L0"] and play.spent() == (0, 0, 100_000)
    play.add(STREAM, DoubtSettled(doubt.event.request, doubt.event.admitted, "not_accepted", "me", ""))
    play.run()
    assert vendor.calls == ["L0", "L0"] and play.spent() == (100_000, 0, 0)
    assert play.all(made.stream, Told) == play.all(STREAM, Told) == [Told("L0", "heard")]
    assert log_faults(play.log) == []


def test_a_route_that_failed_in_the_past_is_not_asked_by_the_fork(make: Make) -> None:
    def fails(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        yield CallFailed(why="no", fallback=True)

    one, two = Vendor("a", fails), Vendor("b")
    play = make(one, two, steps=1, routes=("a:m", "b:m"))
    play.run()
    assert (one.calls, two.calls) == (["L0"], ["L0"])
    failed = next(play.log.read(stream=STREAM, kind="call_failed"))
    play.log.db.execute("DELETE FROM outcome")  # as if nothing could be used again
    made = fork(play, failed.position)
    play.run()
    assert (one.calls, two.calls) == (["L0"], ["L0", "L0"])
    assert [c.event.route for c in play.log.read(stream=made.stream, kind="call_admitted")] == ["b:m"]


def test_its_episode_cap_is_its_own_and_the_series_cap_is_shared(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor, budget=Budget(episode=400_000, series=700_000, repeat_below=0))
    play.run()
    assert play.spent(STREAM)[0] == 400_000
    poor = fork(play, last_step(play), "poor", change=capped(100_000))
    play.run()
    assert play.spent(poor.stream)[0] == 100_000
    held = play.all(poor.stream, EpisodeHeld)
    assert [one.hold for one in held] == ["budget:episode"]
    assert "--budget DOLLARS" in held[0].next and "tea/poor" in held[0].next
    rich = fork(
        play, last_step(play), "rich",
        change=lambda settings: attrs.evolve(
            capped(DOLLAR)(settings), language="en", budget=Budget(DOLLAR, DOLLAR, 700_000)
        ),
    )  # fmt: skip
    play.run()
    assert [one.hold for one in play.all(rich.stream, EpisodeHeld)] == []
    assert play.spent("series/tea")[0] == 700_000
    more = fork(play, last_step(play), "more", change=lambda s: attrs.evolve(s, language="fr"))
    play.run()
    assert [one.hold for one in play.all(more.stream, EpisodeHeld)] == ["budget:series"]
    assert play.spent("series/tea") == play.spent() == (700_000, 0, 0)


def test_a_fork_of_an_episode_that_is_held_for_its_budget_looks_at_its_own(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor, budget=Budget(episode=200_000, repeat_below=0))
    play.run()
    assert [one.hold for one in play.all(STREAM, EpisodeHeld)] == ["budget:episode"]
    made = fork(play, play.log.head, change=lambda s: attrs.evolve(s, budget=Budget(episode=DOLLAR)))
    play.run()
    assert len(vendor.calls) == 4 and play.spent(made.stream)[0] == 200_000
    assert {one.name for one in play.all(made.stream, Told)} == {"L2", "L3"}
    assert log_faults(play.log)[0].startswith("still open"), "the source is held as before"


def test_a_fork_that_was_not_run_pays_nothing_until_it_is(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor)
    play.run()
    made = fork(play, last_step(play), change=in_chinese, run=False)
    play.run()
    assert len(vendor.calls) == 4 and play.spent(made.stream) == (0, 0, 0)
    play.add(made.stream, EpisodeReleased("fork:two", "a person", "now"))
    play.run()
    assert len(vendor.calls) == 6 and play.spent(made.stream)[0] == 200_000
    assert log_faults(play.log) == []


_CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import test_fork_money as toy
from stagehand import Play, Vendor, stage

def slow(event, desk):
    (Path(sys.argv[1]) / f"call-{event.subject}-{time.monotonic_ns()}").touch()
    time.sleep(float(sys.argv[3]))
    yield vendor.spoken(event, desk)

vendor = Vendor("v", slow, price=1000)
plugins = {"wants": stage("wants", toy.wants, toy.goes_on), "v": vendor}
play = Play(Path(sys.argv[1]), plugins, routes=("v:m",), lanes={"vendor": 2})
play.run()
"""


def test_a_fork_that_is_killed_goes_on(make: Make, tmp_path: Path) -> None:
    vendor = Vendor("v", price=1000)
    play = make(vendor, steps=8)
    play.run()
    made = fork(play, last_step(play), change=in_chinese)
    here = str(Path(__file__).parent)
    for seconds in ("60", "60", "0"):
        before = len(list(tmp_path.glob("call-*")))
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(tmp_path), here, seconds], env={**os.environ, "LC_ALL": "C"}
        )
        if seconds == "60":
            wanted = before + 2
            assert wait_for(lambda n=wanted: len(list(tmp_path.glob("call-*"))) >= n, 30)  # type: ignore[misc]
            child.kill()
        assert child.wait(60) == (0 if seconds == "0" else -9)
    play.log.refresh()
    assert {one.name for one in play.all(made.stream, Told)} == {f"L{n}" for n in range(8)}
    assert len(play.all(made.stream, Told)) == 8
    settled, reserved, in_doubt = play.spent(made.stream)
    # what was cheap and lost is sent again, and the lost ones stay in doubt: two in each round
    assert (settled, reserved, in_doubt) == (4 * 1000, 0, 4 * 1000)
    assert log_faults(play.log, doubts=True) == []


def test_a_fork_of_a_fork_that_was_never_run_runs(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor)
    play.run()
    first = fork(play, last_step(play), "first", change=in_chinese, run=False)
    made = fork(play, play.log.head, "second", first.stream)
    play.run()
    assert len(vendor.calls) == 6 and play.spent(first.stream) == (0, 0, 0)
    assert {one.name for one in play.all(made.stream, Told)} == {f"L{n}" for n in range(4)}


def test_where_every_route_failed_a_fork_asks_again_only_with_other_routes(make: Make) -> None:
    def fails(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        yield CallFailed(why="no", fallback=True)

    bad, good = Vendor("a", fails), Vendor("b")
    play = make(bad, good, steps=1, routes=("a:m",))
    play.run()
    assert [one.hold for one in play.all(STREAM, EpisodeHeld)] == ["call:speech"]
    same = fork(play, play.log.head, "same")
    play.run()
    assert bad.calls == ["L0"] and play.all(same.stream, Told) == []
    play.add(same.stream, EpisodeReleased("call:speech", "a person", "try again"))
    play.run()
    assert bad.calls == ["L0", "L0"], "on a person's word"
    other = fork(play, same.at, "other", change=lambda s: attrs.evolve(s, routes={"speech": ("b:m",)}))
    play.run()
    assert (bad.calls, good.calls) == (["L0", "L0"], ["L0"])
    assert play.all(other.stream, Told) == [Told("L0", "heard")]
