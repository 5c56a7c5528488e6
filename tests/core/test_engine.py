"""Reactions and effects: order, failures, retries, holds, revisions, lanes, leases and stopping."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lanetoy
import pytest
from killing import log_faults, wait_for
from stagehand import Made, Noted, Play, Step, Told, Vendor, Wanted, say, stage

from duanju.core.desk import Desk
from duanju.core.engine import Engine, Watcher
from duanju.core.episode import Episode
from duanju.core.errors import CannotCommit, Deposed, LogBusy
from duanju.core.hooks import effect, hookimpl
from duanju.core.log import Log
from duanju.events.calls import CallFailed, SpeechRequested, SpeechReturned
from duanju.events.episode import (
    EffectFailed,
    EpisodeHeld,
    EpisodeReleased,
    HooksAdopted,
    HooksLeft,
    ReactionFailed,
)

Make = Callable[..., Play]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    plays: list[Play] = []

    def build(**more: Any) -> Play:
        plays.append(Play(tmp_path, **more))
        return plays[-1]

    yield build
    for play in plays:
        play.close()


# -- reactions -------------------------------------------------------------------------------------------


@hookimpl(specname="on_step")
def note(event: Step) -> Iterator[Noted]:
    yield Noted(event.n)


@hookimpl(specname="on_step")
def tell(event: Step) -> Iterator[Told]:
    yield Told("first", str(event.n))
    yield Told("second", str(event.n))


@hookimpl(specname="on_noted")
def tell_noted(event: Noted) -> Iterator[Told]:
    yield Told("noted", str(event.n))


def test_answers_come_in_log_order_and_by_the_names_of_their_plugins(make: Make) -> None:
    play = make(plugins={"z": stage("z", note), "a": stage("a", tell), "m": stage("m", tell_noted)})
    stream = play.open(first=[Step(1), Step(2)])
    play.run()
    told = [(r.kind, r.cause, r.by) for r in play.log.read(stream=stream, after=4) if r.by[0] != "c"]
    assert told == [
        ("told", 3, "a.tell"),
        ("told", 3, "a.tell"),
        ("noted", 3, "z.note"),
        ("told", 4, "a.tell"),
        ("told", 4, "a.tell"),
        ("noted", 4, "z.note"),
        ("told", told_cause(play, 1), "m.tell_noted"),
        ("told", told_cause(play, 2), "m.tell_noted"),
    ]
    assert [r.root for r in play.log.read(stream=stream, kind="told")] == [3, 3, 4, 4, 3, 4]
    assert log_faults(play.log) == []


def told_cause(play: Play, n: int) -> int:
    return next(r.position for r in play.log.read(kind="noted") if r.event.n == n)


@hookimpl(specname="on_step")
def counts(event: Step, episode: Episode) -> Iterator[Told]:
    yield Told("count", f"{len(episode.all(Step))} of {len(episode.all(Noted))}")


def test_a_reaction_sees_the_fold_up_to_its_record_and_no_further(make: Make) -> None:
    play = make(plugins={"a": stage("a", note), "b": stage("b", counts)})
    stream = play.open(first=[Step(1), Step(2), Step(3)])
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["1 of 0", "2 of 0", "3 of 0"]


@hookimpl(specname="on_step")
def raises(event: Step) -> Iterator[Told]:
    yield Told("before", "the raise")
    if event.n == 1:
        raise ValueError("no good")


@hookimpl(specname="on_step")
def undeclared(event: Step) -> Iterator[Told]:
    yield Noted(1)  # type: ignore[misc]


@hookimpl(specname="on_step")
def unwritable(event: Step) -> Iterator[Told]:
    yield Told("fine", "so far")
    yield Told("bad", "\ud800")


@hookimpl(specname="on_step")
def lossy(event: Step) -> Iterator[Told | Step]:
    yield Told("fine", "so far")
    yield Step(1.5)  # type: ignore[arg-type]


@hookimpl(specname="on_step")
def no_event(event: Step) -> Iterator[Told]:
    yield Told("bad", object())  # type: ignore[arg-type]


@hookimpl(specname="on_step")
def leaves(event: Step) -> Iterator[Told]:
    sys.exit(1)
    yield Told("never", "")


@hookimpl(specname="on_step")
def endless(event: Step) -> Iterator[Told]:
    while True:
        yield Told("more", "and more")


@hookimpl(specname="on_step")
def number(event: Step) -> int:  # the annotation is refused at start-up; see test_plugins
    return 1


@pytest.mark.parametrize("bad", [raises, undeclared, unwritable, lossy, no_event, leaves, endless])
def test_a_reaction_that_fails_is_recorded_held_and_takes_no_others_answer_along(
    make: Make, bad: Callable[..., Any]
) -> None:
    play = make(plugins={"a": stage("a", note), "bad": stage("bad", bad), "z": stage("z", tell)})
    stream = play.open(first=[Step(1)])
    play.run()
    (failed,) = play.all(stream, ReactionFailed)
    assert (failed.plugin, failed.hook) == ("bad", bad.__name__)
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == f"reaction:bad.{bad.__name__}:3" and held.next
    assert play.all(stream, Noted) == [Noted(1)]
    assert [t.name for t in play.all(stream, Told)] == ["first", "second"], "no part of a failed answer"
    assert log_faults(play.log) == []
    play.run()
    assert play.all(stream, ReactionFailed) == [failed], "a restart does not ask again by itself"


def test_a_failed_reaction_is_asked_again_when_it_is_released(make: Make) -> None:
    play = make(plugins={"bad": stage("bad", raises)})
    stream = play.open(first=[Step(1)])
    play.run()
    hold = play.all(stream, EpisodeHeld)[0].hold
    play.add(stream, EpisodeReleased(hold, "a person", "try"))
    play.run()
    assert len(play.all(stream, ReactionFailed)) == 2
    assert len(play.all(stream, EpisodeHeld)) == 2

    @hookimpl(specname="on_step")
    def raises_(event: Step) -> Iterator[Told]:
        yield Told("mended", "")

    raises_.__name__ = "raises"
    play.change(bad=stage("bad", raises_))
    play.add(stream, EpisodeReleased(hold, "a person", "mended"))
    play.run()
    assert [t.name for t in play.all(stream, Told)] == ["mended"]
    assert log_faults(play.log) == []


# -- effects ---------------------------------------------------------------------------------------------


class Tries:
    """An effect that fails `fails` times for each step, and counts."""

    def __init__(self, fails: int, *, doubt: str = "repeat") -> None:
        self.fails = fails
        self.keys: dict[int, list[str]] = {}

    @hookimpl
    @effect(lane="try")
    def on_step(self, event: Step, desk: Desk) -> Iterator[Told]:
        keys = self.keys.setdefault(event.n, [])
        keys.append(desk.key)
        yield Told("try", str(len(keys)))
        if len(keys) <= self.fails:
            raise OSError("not yet")


def test_an_effect_is_tried_again_and_only_its_last_attempt_is_kept(make: Make) -> None:
    tries = Tries(2)
    play = make(plugins={"t": tries})
    stream = play.open(first=[Step(1)])
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["3"]
    assert len(set(tries.keys[1])) == 1, "the idempotency key is the same in every attempt"
    assert play.work() == [] and not play.all(stream, EffectFailed)


@pytest.mark.parametrize("marks", [(effect(lane="inline", while_held=True),), ()])
def test_what_fails_on_a_hold_does_not_hold_without_end(make: Make, marks: tuple[Any, ...]) -> None:
    def on_episode_held(event: EpisodeHeld) -> None:
        raise OSError("the disk is on fire")

    for mark in marks:
        on_episode_held = mark(on_episode_held)
    play = make(plugins={"broken": stage("broken", hookimpl(on_episode_held))})
    stream = play.open()
    play.add(stream, EpisodeHeld("by:hand", "a person", "", "", 1))
    play.run()
    assert [one.hold for one in play.all(stream, EpisodeHeld)] == ["by:hand"]
    assert len(play.all(stream, EffectFailed)) + len(play.all(stream, ReactionFailed)) == 1
    assert log_faults(play.log) == []


def test_an_effect_that_uses_up_its_attempts_holds_and_is_tried_again_on_release(make: Make) -> None:
    tries = Tries(4)
    play = make(plugins={"t": tries, "a": stage("a", note)})
    stream = play.open(first=[Step(1)])
    play.run()
    assert [f.attempts for f in play.all(stream, EffectFailed)] == [3]
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == "effect:t.on_step:3" and "not yet" in held.why
    play.add(stream, Step(2))
    play.run()
    assert Noted(2) in play.all(stream, Noted), "reactions go on"
    assert 2 not in tries.keys, "no new effect of a held episode starts"
    assert play.work() == [("t", "on_step", 0)]
    play.add(stream, EpisodeReleased(held.hold, "a person", "mended"))
    tries.fails = 4
    play.run()
    assert len(tries.keys[1]) == 5 and [t.words for t in play.all(stream, Told) if t.words == "5"] == ["5"]
    assert 2 in tries.keys
    assert play.work() == [("t", "on_step", 0)] or log_faults(play.log) == []


def test_a_release_that_ends_nothing_starts_nothing(make: Make) -> None:
    tries, vendor = Tries(3), Vendor("v")
    play = make(plugins={"t": tries, "v": vendor}, routes=("v:m",))
    stream = play.open(first=[Step(1), say("L1")])
    play.run()
    (hold,) = [held.hold for held in play.all(stream, EpisodeHeld)]
    again = EpisodeReleased(hold, "a person", "mended")
    play.add(stream, again, again, EpisodeReleased("effect:v.on_speech_requested:4", "a person", "forged"))
    play.add(stream, EpisodeReleased("effect:t.on_step:²", "a person", "forged"))
    play.run()
    assert len(tries.keys[1]) == 4 and vendor.calls == ["L1"]
    assert [t.words for t in play.all(stream, Told)] == ["4"] and log_faults(play.log) == []


class Emits:
    """An effect that emits what it is told to."""

    def __init__(self, *events: Any) -> None:
        self.events = events

    @hookimpl
    @effect(lane="try")
    def on_step(self, event: Step, desk: Desk) -> Iterator[Told | Step]:
        yield from self.events


@pytest.mark.parametrize(
    "events",
    [(Noted(1),), (Told("a", "\ud800"),), (Step("x"),), (object(),), (Told("x", "y"),) * 10_001],  # type: ignore[arg-type]
    ids=["undeclared", "unwritable", "wrong type", "no event", "too many"],
)
def test_an_effect_that_emits_what_it_must_not_fails_and_holds(make: Make, events: tuple[Any, ...]) -> None:
    play = make(plugins={"t": Emits(*events)})
    stream = play.open(first=[Step(1)])
    play.run()
    assert [(f.plugin, f.attempts) for f in play.all(stream, EffectFailed)] == [("t", 3)]
    assert len(play.all(stream, EpisodeHeld)) == 1
    assert not play.all(stream, Told) and log_faults(play.log) == []


class Leaves:
    @hookimpl
    @effect(lane="try", attempts=2)
    def on_step(self, event: Step, desk: Desk) -> Iterator[Told]:
        yield Told("a", "b")
        raise SystemExit(1)


def test_an_effect_that_tries_to_leave_the_process_only_fails(make: Make) -> None:
    play = make(plugins={"t": Leaves()})
    stream = play.open(first=[Step(1)])
    play.run()
    assert [f.attempts for f in play.all(stream, EffectFailed)] == [2]


class Careful:
    """An effect that may not be repeated and costs nothing."""

    def __init__(self) -> None:
        self.fail = True

    @hookimpl
    @effect(lane="try", doubt="hold")
    def on_step(self, event: Step, desk: Desk) -> Iterator[Told]:
        yield Told("a", "kept")
        if self.fail:
            raise OSError("gone")


def test_a_hold_effect_without_a_call_keeps_what_it_yielded_and_can_be_retried(make: Make) -> None:
    careful = Careful()
    play = make(plugins={"t": careful})
    stream = play.open(first=[Step(1)])
    play.run()
    assert play.kinds(stream)[2:] == ["told", "effect_failed", "episode_held"]
    careful.fail = False
    play.add(stream, EpisodeReleased("effect:t.on_step:3", "a person", "looked"))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["kept", "kept"]
    assert log_faults(play.log) == []


# -- revisions and reuse ---------------------------------------------------------------------------------


def test_a_revision_withdraws_what_waits_and_starts_nothing_stale(make: Make) -> None:
    begun, go = threading.Event(), threading.Event()

    def slowly(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        begun.set()
        go.wait(20)
        yield vendor.spoken(event, desk)

    vendor = Vendor("v", slowly)
    play = make(plugins={"v": vendor}, routes=("v:m",), lanes={"vendor": 1})
    stream = play.open(first=[say(f"L{i}", f"line {i}") for i in range(4)])
    with play.engine() as engine:
        engine.run(until=begun.is_set)
        play.revise(stream, 2, [say("L9", "line 0", revision=2), say("L8", "line 7", revision=2)])
        go.set()
        engine.run()
    assert vendor.calls == ["L0", "L8"]
    assert play.kinds(stream).count("request_withdrawn") == 3
    returned = {(s.revision, s.subject): s for s in play.all(stream, SpeechReturned)}
    assert set(returned) == {(1, "L0"), (2, "L9"), (2, "L8")}
    assert returned[2, "L9"].reused_from and returned[2, "L9"].bill.cost == 0, "in flight is paid and reused"
    assert play.spent() == (200_000, 0, 0) and log_faults(play.log) == []


class Reusable:
    """A reusable effect that counts, and fails where it is told to."""

    def __init__(self, fail: tuple[str, ...] = ()) -> None:
        self.ran: list[str] = []
        self.fail = fail

    @hookimpl
    @effect(lane="make", reuse=True, attempts=1)
    def on_wanted(self, event: Wanted, desk: Desk) -> Iterator[Made]:
        self.ran.append(event.what)
        time.sleep(0.02)
        if event.what in self.fail:
            raise OSError("broken")
        yield Made(event.what, event.inputs)


def test_twins_of_a_reusable_effect_run_once(make: Make) -> None:
    made = Reusable()
    play = make(plugins={"m": made})
    one = play.open("one", [Wanted("a", "x"), Wanted("b", "x"), Wanted("c", "y")])
    two = play.open("two", [Wanted("d", "x")])
    play.run()
    assert sorted(made.ran) == ["a", "c"]
    assert {m.what for m in play.all(one, Made)} == {"a", "b", "c"}
    assert [(m.what, m.reused_from is not None) for m in play.all(two, Made)] == [("d", True)]
    play.run()
    three = play.open("three", [Wanted("e", "y")])
    play.run()
    assert len(made.ran) == 2 and len(play.all(three, Made)) == 1
    assert log_faults(play.log) == []


def test_a_twin_goes_first_when_the_one_it_waited_for_fails(make: Make) -> None:
    made = Reusable(fail=("a",))
    play = make(plugins={"m": made})
    play.open("one", [Wanted("a", "x")])
    two = play.open("two", [Wanted("b", "x")])
    play.run()
    assert made.ran == ["a", "b"] and [m.what for m in play.all(two, Made)] == ["b"]


def test_a_twin_does_not_wait_for_the_hold_of_another_episode(make: Make) -> None:
    """The first is tried again, but its episode was held meanwhile by something else."""
    made = Reusable()
    play = make(plugins={"m": made, "bad": stage("bad", raises)}, lanes={"make": 1})
    one = play.open("one", [Wanted("z", "other"), Wanted("y", "another"), Wanted("a", "x"), Step(1)])
    two = play.open("two", [Wanted("b", "x")])
    play.run()
    assert [m.what for m in play.all(two, Made)] == ["b"]
    assert play.all(one, ReactionFailed)


# -- process lanes ---------------------------------------------------------------------------------------


def test_a_killed_worker_costs_its_own_job_one_attempt(make: Make) -> None:
    play = make(plugins={"lanetoy": lanetoy}, lanes={"draw": 2})
    stream = play.open(first=[Step(n) for n in range(6)])
    intents: list[tuple[int, int]] = []

    class Watch(Watcher):
        def started(self, job: Any) -> None:
            row = play.log.db.execute("SELECT attempt FROM work WHERE cause = ?", (job.record.position,))
            intents.append((job.event.n, row.fetchone()[0]))

    play.run(watcher=Watch())
    assert sorted(t.name for t in play.all(stream, Told)) == [f"drawn {n}" for n in range(6)]
    assert sorted(intents) == [(0, 1), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 1), (5, 1)]
    assert all(int(t.words) != os.getpid() for t in play.all(stream, Told))
    assert log_faults(play.log) == []


# -- other writers, the lease ----------------------------------------------------------------------------


class Counting:
    def __init__(self) -> None:
        self.seen: set[int] = set()

    @hookimpl
    @effect(lane="count")
    def on_step(self, event: Step, desk: Desk) -> Iterator[Told]:
        self.seen.add(event.n)
        yield Told("seen", str(event.n))


def test_twenty_outside_writers_beside_a_running_engine_leave_no_gap(make: Make) -> None:
    counting = Counting()
    play = make(plugins={"c": counting, "a": stage("a", note)})
    stream = play.open()
    failures: list[BaseException] = []

    def write(who: int) -> None:
        try:
            log = Log(play.root / "log.db", play.plugins.codec)
            for i in range(5):
                log.append(stream, [Step(who * 100 + i)], by=f"writer.{who}")
            log.close()
        except BaseException as error:
            failures.append(error)
            raise

    writers = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    with play.engine() as engine:
        for writer in writers:
            writer.start()
        until = time.monotonic() + 60
        engine.run(until=lambda: False)
        while any(w.is_alive() for w in writers) and time.monotonic() < until:
            engine.run()
        for writer in writers:
            writer.join()
        engine.run()
    assert not failures
    expected = {w * 100 + i for w in range(20) for i in range(5)}
    assert counting.seen == expected and {n.n for n in play.all(stream, Noted)} == expected
    assert log_faults(play.log) == []


def test_a_second_engine_is_refused_and_told_who_runs(make: Make) -> None:
    play = make(plugins={})
    other = Log(play.root / "log.db", play.plugins.codec)
    with play.engine(), pytest.raises(LogBusy, match=rf"process {os.getpid()} on"):
        Engine(other, play.plugins, play.artifacts, play.root / "out")
    Engine(other, play.plugins, play.artifacts, play.root / "out").close()
    other.close()


def test_a_deposed_engine_commits_nothing_more_and_lets_the_log_go(make: Make) -> None:
    counting = Counting()
    play = make(plugins={"c": counting})
    stream = play.open()
    with play.engine() as engine:
        engine.run()
        other = sqlite3.connect(play.root / "log.db", isolation_level=None)
        other.execute("UPDATE lease SET epoch = epoch + 1")
        play.add(stream, Step(1))
        head = play.log.db.execute("SELECT max(position) FROM event").fetchone()
        with pytest.raises(Deposed):
            engine.run()
        assert counting.seen == set(), "a deposed engine starts nothing"
        other.execute("BEGIN IMMEDIATE")  # it does not keep the log locked
        other.execute("ROLLBACK")
        assert other.execute("SELECT max(position) FROM event").fetchone() == head
        other.close()
    play.run()
    assert counting.seen == {1}


def test_an_engine_that_cannot_commit_ends_and_the_next_one_goes_on(make: Make) -> None:
    counting = Counting()
    play = make(plugins={"c": counting})
    stream = play.open(first=[Step(1)])
    with play.engine() as engine:
        engine.log.db.execute("PRAGMA query_only = ON")
        with pytest.raises(CannotCommit, match="resume"):
            engine.run()
    engine.log.db.execute("PRAGMA query_only = OFF")
    assert counting.seen == set()
    play.run()
    assert play.all(stream, Told) == [Told("seen", "1")] and log_faults(play.log) == []


def test_a_failed_start_gives_the_lease_back(make: Make) -> None:
    play = make(plugins={})
    play.open()
    play.log.db.execute("INSERT INTO work VALUES ('episode/tea/one', 'core', 'doubt', 2, 1)")
    with pytest.raises(AttributeError):
        play.engine()  # the row names a record that is no doubt
    play.log.db.execute("DELETE FROM work")
    play.run()


# -- restarts --------------------------------------------------------------------------------------------


class Slow:
    """An effect on an outcome, which has a route and a request among its fields but is not routed."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    @hookimpl
    @effect(lane="slow")
    def on_speech_returned(self, event: SpeechReturned, desk: Desk) -> Iterator[Told]:
        self.begun.set()
        self.go.wait(20)
        yield Told("heard", event.subject)


def test_an_effect_on_an_outcome_is_no_call_after_a_restart(make: Make) -> None:
    slow, vendor = Slow(), Vendor("v")
    play = make(plugins={"s": slow, "v": vendor}, routes=("v:m",))
    stream = play.open(first=[say("L1")])
    with play.engine() as engine:
        engine.run(until=slow.begun.is_set)
    assert play.work() == [("s", "on_speech_returned", 1)]
    slow.go.set()
    play.run()
    assert play.all(stream, Told) == [Told("heard", "L1")]
    assert not play.all(stream, CallFailed) and play.spent() == (100_000, 0, 0)
    play.add(stream, say("L2"))
    play.run()
    assert vendor.calls == ["L1"], "the key is free: the same words are answered from the log"


def test_work_owed_to_an_absent_plugin_holds_by_name_and_goes_on_when_it_is_back(make: Make) -> None:
    begun, go, vendor = threading.Event(), threading.Event(), Vendor("v")

    class Blocks:
        @hookimpl
        @effect(lane="block")
        def on_step(self, event: Step, desk: Desk) -> Iterator[Told]:
            begun.set()
            go.wait(20)
            yield Told("done", "")

    blocks = Blocks()
    play = make(plugins={"b": blocks, "v": vendor}, routes=("v:m",))
    stream = play.open(first=[Step(1)])
    with play.engine() as engine:
        engine.run(until=begun.is_set)
    go.set()
    play.change(b=None)
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == "plugin:b" and "not installed" in held.why and "install b" in held.next
    play.add(stream, say("L1"))
    play.run()
    assert vendor.calls == [], "a held episode pays for nothing"
    play.change(b=blocks)
    play.run()
    assert play.all(stream, Told) == [Told("done", "")] and vendor.calls == ["L1"]
    assert [r.hold for r in play.all(stream, EpisodeReleased)] == ["plugin:b"]
    assert log_faults(play.log) == []


def test_an_absent_provider_refuses_by_name_and_goes_on_after_resume(make: Make) -> None:
    vendor = Vendor("v")
    play = make(plugins={}, routes=("v:m",))
    stream = play.open(first=[say("L1")])
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == "plugin:v" and "route v:m" in held.why
    play.change(v=vendor)
    play.settings = play.settings
    play.add(stream, EpisodeReleased("plugin:v", "resume", "it is back"))
    play.run()
    assert [h.hold for h in play.all(stream, EpisodeHeld)] == ["plugin:v", "price:v:m"]


def test_a_new_plugin_does_not_answer_old_history(make: Make) -> None:
    play = make(plugins={"a": stage("a", note)})
    stream = play.open(first=[Step(1)])
    play.run()
    play.change(t=stage("t", tell))
    play.add(stream, Step(2))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["2", "2"]
    play.change(t=stage("t", tell, decisions=2), a=None)
    play.run()
    told = [(type(e), e.plugin) for e in (*play.all("studio", HooksAdopted), *play.all("studio", HooksLeft))]
    assert told == [
        (HooksAdopted, "a"),
        (HooksAdopted, "t"),
        (HooksAdopted, "t"),
        (HooksLeft, "a"),
        (HooksLeft, "t"),
    ]
    before = play.log.head
    play.run()
    assert play.log.head == before, "an unchanged start appends nothing"


# -- stopping --------------------------------------------------------------------------------------------


def test_the_first_stop_starts_nothing_new_and_waits_for_paid_calls(make: Make) -> None:
    begun, go = threading.Event(), threading.Event()

    def slowly(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        begun.set()
        go.wait(20)
        yield vendor.spoken(event, desk)

    told: list[tuple[int, int]] = []

    class Watch(Watcher):
        def stopping(self, paid: int, money: int, seconds: float) -> None:
            told.append((paid, money))
            go.set()

    @hookimpl(specname="on_speech_returned")
    def asks_more(event: SpeechReturned) -> Iterator[SpeechRequested]:
        if event.subject == "L0":
            yield say("L9", "nine")

    vendor = Vendor("v", slowly)
    play = make(plugins={"v": vendor, "a": stage("a", asks_more)}, routes=("v:m",), lanes={"vendor": 1})
    stream = play.open(first=[say("L0", "zero"), say("L1", "one")])
    with play.engine(watcher=Watch()) as engine:
        engine.run(until=begun.is_set)
        engine.stop()
        engine.run()
    assert told == [(1, 100_000)]
    assert vendor.calls == ["L0"] and len(play.all(stream, SpeechReturned)) == 1
    assert play.spent() == (100_000, 0, 0)
    play.run()
    assert sorted(vendor.calls) == ["L0", "L1", "L9"], "what was asked for while it stopped is not lost"
    assert log_faults(play.log) == []


def test_the_second_stop_leaves_at_once_and_the_call_is_in_doubt(make: Make) -> None:
    begun, go = threading.Event(), threading.Event()

    def never(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        begun.set()
        go.wait(20)
        yield vendor.spoken(event, desk)

    vendor = Vendor("v", never)
    play = make(plugins={"v": vendor}, routes=("v:m",))
    stream = play.open(first=[say("L0")])
    with play.engine() as engine:
        engine.run(until=begun.is_set)
        engine.stop()
        engine.stop()
        engine.run()
    assert play.work() == [("v", "on_speech_requested", 1)]
    play.run()
    go.set()
    assert vendor.calls == ["L0"]
    assert play.kinds(stream)[-2:] == ["call_doubted", "episode_held"] and play.spent() == (0, 0, 100_000)


_SIGNALLED = """
import signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from stagehand import *

def slowly(event, desk):
    print("begun", flush=True)
    time.sleep(0.5)
    yield vendor.spoken(event, desk)

vendor = Vendor("v", slowly)
play = Play(Path(sys.argv[1]), {"v": vendor}, routes=("v:m",), lanes={"vendor": 1})
play.open(first=[say("L0", "a"), say("L1", "b")])
with play.engine() as engine:
    signal.signal(signal.SIGINT, lambda *a: engine.stop())
    engine.run()
print(vendor.calls, play.spent(), play.work(), flush=True)
"""


def test_an_interrupt_only_sets_a_flag(tmp_path: Path) -> None:
    here = str(Path(__file__).parent)
    child = subprocess.Popen(
        [sys.executable, "-c", _SIGNALLED, str(tmp_path), here], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stdout.readline() == "begun\n"
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    assert out.strip() == "['L0'] (100000, 0, 0) [('core', 'admit', 0)]"


def test_nothing_of_an_ended_engine_stays_in_the_way(make: Make) -> None:
    play = make(plugins={"lanetoy": lanetoy})
    play.open(first=[Step(5)])
    with play.engine() as engine:
        engine.run()
        children = [p._child for p in engine.lanes._pools[""]._processes if p._child]
        assert children
    assert wait_for(lambda: all(child.poll() is not None for child in children))
