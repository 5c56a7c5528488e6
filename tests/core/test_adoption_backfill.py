"""Backfill: on a person's word a plugin answers what stood before its time, once, as if it had been there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults
from stagehand import Noted, Play, Step, Told, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.errors import CannotCommit, Diverged
from duanju.core.hooks import effect, hookimpl
from duanju.core.log import Log
from duanju.core.replay import replay
from duanju.events.calls import SpeechRequested
from duanju.events.cut import EpisodeCut
from duanju.events.episode import BackfillAsked, EpisodeHeld, EpisodeReleased, HooksBackfilled
from duanju.events.quality import CheckMeasured, QualityPlanned

Make = Callable[..., Play]


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
def counts(event: Step, episode: Episode) -> Iterator[Told]:
    """What it sees of the past at each step."""
    yield Told("count", f"{event.n} of {len(episode.all(Step))}")


@hookimpl(specname="on_step")
def asks(event: Step) -> Iterator[SpeechRequested]:
    """A paid line at every step."""
    yield say(f"L{event.n}", f"line {event.n}")


@hookimpl(specname="on_step")
@effect(lane="draw2")
def draws(event: Step, desk: Desk) -> Iterator[Noted]:
    """An effect on a plain fact."""
    yield Noted(event.n)


def late(play: Play, *hooks: Any, **more: Any) -> None:
    """The plugin is installed now, and adopted."""
    play.change(late=stage("late", *hooks, **more))
    play.run()


def proven(play: Play, stream: str) -> None:
    found = replay(play.log, play.plugins, play.artifacts, stream)
    assert (found.changed, found.unverifiable) == ([], {}) and log_faults(play.log) == []


def test_it_answers_the_past_in_order_each_on_its_own_prefix_and_pays_for_it(make: Make) -> None:
    vendor = Vendor("v")
    play = make(v=vendor)
    stream, other = play.open(first=[Step(1), Step(2)]), play.open("two", first=[Step(7)])
    play.run()
    late(play, counts, asks, draws)
    play.add(stream, Step(3))
    play.run()
    play.add(stream, BackfillAsked("late", "mei"))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["3 of 3", "1 of 1", "2 of 2"]
    assert sorted(vendor.calls) == ["L1", "L2", "L3"] and play.spent() == (300_000, 0, 0)
    assert sorted(one.n for one in play.all(stream, Noted)) == [1, 2, 3]
    assert play.kinds(other).count("told") == 0, "it is about one episode"
    (done,) = play.all(stream, HooksBackfilled)
    assert (done.plugin, done.hooks) == ("late", ("asks", "counts", "draws"))
    proven(play, stream)
    proven(play, other)


def test_asked_twice_it_answers_once(make: Make) -> None:
    play = make(v=Vendor("v"))
    stream = play.open(first=[Step(1)])
    play.run()
    late(play, counts)
    play.add(stream, BackfillAsked("late", "mei"), BackfillAsked("late", "mei"))
    play.run()
    play.add(stream, BackfillAsked("late", "mei"))
    play.run()
    assert len(play.all(stream, Told)) == 1 and len(play.all(stream, HooksBackfilled)) == 1
    proven(play, stream)


def test_asked_before_its_plugin_is_adopted_it_answers_all_the_same(make: Make) -> None:
    play = make(v=Vendor("v"))
    stream = play.open(first=[Step(1)])
    play.run()
    play.add(stream, BackfillAsked("late", "mei"), Step(2))
    play.change(late=stage("late", counts))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["1 of 1", "2 of 2"]
    proven(play, stream)


def test_an_absent_plugins_backfill_waits_for_it_by_name(make: Make) -> None:
    play = make(v=Vendor("v"))
    stream = play.open(first=[Step(1)])
    play.add(stream, BackfillAsked("late", "mei"))
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == "plugin:late" and "not installed" in held.why
    play.change(late=stage("late", counts))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["1 of 1"] and play.work() == []
    assert [one.hold for one in play.all(stream, EpisodeReleased)] == ["plugin:late"]
    proven(play, stream)


def test_a_gap_in_which_a_plugin_was_away_is_filled_and_nothing_else(make: Make) -> None:
    mine = stage("late", counts)
    play = make(v=Vendor("v"), late=mine)
    stream = play.open(first=[Step(1)])
    play.run()
    play.change(late=None)
    play.add(stream, Step(2))
    play.run()
    play.change(late=mine)
    play.add(stream, Step(3))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["1 of 1", "3 of 3"]
    play.add(stream, BackfillAsked("late", "mei"))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["1 of 1", "3 of 3", "2 of 2"]
    proven(play, stream)


def test_routed_work_is_not_part_of_it(make: Make) -> None:
    vendor = Vendor("v")
    play = make(a=stage("a", asks))
    stream = play.open(first=[Step(1)])
    play.run()
    assert [one.hold for one in play.all(stream, EpisodeHeld)] == ["plugin:v"]
    play.change(v=vendor)
    play.add(stream, BackfillAsked("v", "mei"))
    play.run()
    assert play.all(stream, HooksBackfilled) == [] and vendor.calls == []


def test_a_crash_in_the_middle_leaves_all_of_it_or_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Vendor("v")
    play = make(v=vendor)
    stream = play.open(first=[Step(n) for n in range(4)])
    play.run()
    late(play, counts, asks, draws)
    play.add(stream, BackfillAsked("late", "mei"))

    commit, left = Log.commit, 3

    def broken(log: Log) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise CannotCommit("the disk is full")
        commit(log)

    monkeypatch.setattr(Log, "commit", broken)
    for _ in range(3):
        with pytest.raises(CannotCommit), play.engine() as engine:
            engine.run()
        play.change()
        assert play.all(stream, Told) == [] and vendor.calls == []
    play.run()
    assert len(play.all(stream, Told)) == 4 and sorted(vendor.calls) == ["L0", "L1", "L2", "L3"]
    proven(play, stream)


def test_a_replay_proves_what_was_backfilled_and_names_a_lie(make: Make) -> None:
    play = make(v=Vendor("v"))
    stream = play.open(first=[Step(1), Step(2)])
    play.run()
    late(play, counts)
    whole = replay(play.log, play.plugins, play.artifacts, stream).reactions
    play.add(stream, BackfillAsked("late", "mei"))
    play.run()
    assert replay(play.log, play.plugins, play.artifacts, stream).reactions == whole + 2

    @hookimpl(specname="on_step")
    def other(event: Step, episode: Episode) -> Iterator[Told]:
        yield Told("count", "another")

    other.__name__ = "counts"
    play.change(late=stage("late", other))
    with pytest.raises(Diverged) as error:
        replay(play.log, play.plugins, play.artifacts, stream)
    assert (error.value.position, error.value.plugin) == (3, "late.counts")
    play.change(late=None)
    assert replay(play.log, play.plugins, play.artifacts, stream).unverifiable == {"late.counts": 2}


def test_a_once_event_that_came_meanwhile_counts_as_answered(make: Make) -> None:
    @hookimpl(specname="on_step")
    def notes(event: Step) -> Iterator[Noted | Told]:
        yield Noted(0)
        yield Told("n", str(event.n))

    @hookimpl(specname="on_step")
    def notes_two(event: Step) -> Iterator[Noted]:
        if event.n == 2:
            yield Noted(0)

    play = make(z=stage("z", notes_two))
    stream = play.open(first=[Step(1), Step(2)])
    play.run()
    late(play, notes)
    play.add(stream, BackfillAsked("late", "mei"))
    play.run()
    assert len(play.all(stream, Noted)) == 1 and len(play.all(stream, Told)) == 2
    proven(play, stream)


def test_a_check_that_is_backfilled_is_expected_by_the_join(make: Make) -> None:
    from test_adoption import check, cut

    play = make(a=check("a"))
    stream = play.open(first=[cut("i"), cut("j")])
    play.run()
    play.change(b=check("b"))
    play.run()
    assert [one.checks for one in play.all(stream, QualityPlanned)] == [("a",), ("a",)]
    play.add(stream, BackfillAsked("b", "mei"))
    play.run()
    assert [(one.inputs, one.checks) for one in play.all(stream, QualityPlanned)][2:] == [("j", ("a", "b"))]
    measured = [one.inputs for one in play.all(stream, CheckMeasured) if one.check == "b"]
    assert sorted(measured) == ["i", "j"] and EpisodeCut in play.plugins.codec.classes()
    proven(play, stream)
