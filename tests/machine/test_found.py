"""What the state machine has found in the engine, each as the shortest play that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stand import Stand
from toyroom import VERSIONS, Fact, Stamp

from duanju.core.settings import Budget
from duanju.events.calls import DoubtSettled, VideoSubmitted
from duanju.events.episode import EpisodeHeld, EpisodeReleased

ONE = "episode/a/one"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path, {name: max(versions) for name, versions in VERSIONS.items()})
    made.say(ONE, made.opened("a", "one", Budget()))
    yield made
    made.close()


def rest(stand: Stand, ok: bool = False) -> None:
    """Turns until nothing happens by itself; with `ok` every run ends well."""
    for _ in range(100):
        if ok:
            for run in list(stand.runs.values()):
                if not run.how:
                    stand.end(run, "ok")
        if stand.idle() and not any(run.how for run in stand.runs.values()):
            return
        stand.turn()
        for number, run in list(stand.runs.items()):
            if run.how:
                del stand.runs[number]
    raise AssertionError("it does not come to rest")


def restart(stand: Stand, **change: int) -> None:
    """The process is killed and started again, perhaps with other plugins."""
    stand.crash({**stand.force, **change})
    stand.start()


def rows(stand: Stand) -> list[tuple[str, str, int]]:
    """What is open: plugin, hook, attempt."""
    return stand.table("SELECT plugin, hook, attempt FROM work ORDER BY cause, plugin")


def kinds(stand: Stand, kind: str) -> list[int]:
    """The positions of the records of a kind in the episode."""
    return [record.position for record in stand.log.read(stream=ONE, kind=kind)]


def test_a_cheap_call_that_a_restart_doubts_is_asked_again_though_that_process_ends_at_once(
    stand: Stand,
) -> None:
    """Its ask stood in memory only until the first turn: after another kill nobody asked it ever again."""
    stand.say(ONE, Fact(1, 1, "chat", 0))
    rest(stand)
    restart(stand)
    assert len(kinds(stand, "call_doubted")) == 1 and ("core", "admit", 0) in rows(stand)
    restart(stand)
    rest(stand, ok=True)
    assert len(kinds(stand, "chat_returned")) == 1 and rows(stand) == []


def test_a_cheap_call_in_doubt_that_waits_for_its_second_try_is_not_asked_a_third_time(stand: Stand) -> None:
    """A person who settled it while the second try waited for its lane had it admitted twice."""
    stand.say(ONE, Fact(1, 1, "chat", 0))
    rest(stand)
    (call,) = kinds(stand, "call_admitted")
    request = kinds(stand, "chat_requested")[0]
    stand.say(ONE, EpisodeHeld("note:x", "wait", "", "", 1))
    (run,) = [run for run in stand.runs.values() if run.routed]
    stand.end(run, "raise")
    rest(stand)
    stand.say(ONE, DoubtSettled(request, call, "given_up", "a person", ""))
    rest(stand)
    assert [row for row in rows(stand) if row[1] == "admit"] == [("core", "admit", 0)]
    stand.say(ONE, EpisodeReleased("note:x", "a person", "go on"))
    rest(stand, ok=True)
    assert len(kinds(stand, "call_admitted")) == 2 and len(kinds(stand, "chat_returned")) == 1


def test_an_engine_rests_while_a_lane_of_paid_work_is_full(stand: Stand) -> None:
    """It took the room ahead that only repeatable work has for room, and turned without end."""
    stand.say(ONE, *[Stamp(1, n) for n in range(3)])
    rest(stand)
    assert len(stand.runs) == 2 and stand.engine.idle_now()


def test_work_owed_to_an_absent_plugin_is_told_though_it_owes_something_on_a_hold_too(stand: Stand) -> None:
    """The first that it owed spoke for all, and what is owed on a hold holds nothing: nobody was told."""
    stand.say(ONE, EpisodeHeld("note:x", "wait", "", "", 1))
    stand.say(ONE, Stamp(1, 1))
    rest(stand)
    restart(stand, worker=0)
    assert "plugin:worker" in stand.engine.folds.holds(ONE)


def test_an_index_read_between_two_turns_holds_no_record_twice(stand: Stand) -> None:
    """What others had written by then was in it already when the next turn took it in."""
    rest(stand)
    two = "episode/a/two"
    stand.say(two, stand.opened("a", "two", Budget()))
    stand.engine.folds.index(two)
    rest(stand, ok=True)
    positions = [record.position for record in stand.engine.folds.index(two).records]
    assert positions == sorted(set(positions))


def test_a_job_that_was_submitted_before_its_provider_went_is_awaited_when_it_is_back(stand: Stand) -> None:
    """It was carried by an engine without its provider, which held the episode and owed nobody anything."""
    stand.say(ONE, Fact(1, 1, "video", 0))
    rest(stand)
    (run,) = [run for run in stand.runs.values() if run.routed]
    stand.end(run, "raise")
    rest(stand)
    (call,), (request,) = kinds(stand, "call_admitted"), kinds(stand, "video_requested")
    restart(stand, film=0)
    job = VideoSubmitted(request=request, route="film:m", revision=1, subject="L1", take=1, job="known")
    stand.say(ONE, job, DoubtSettled(request, call, "returned", "a person", ""))
    rest(stand)
    assert ("film", "on_video_submitted", 0) in rows(stand)
    assert "plugin:film" in stand.engine.folds.holds(ONE)
    restart(stand, film=1)
    rest(stand, ok=True)
    assert len(kinds(stand, "video_returned")) == 1 and rows(stand) == []
    assert not stand.engine.folds.holds(ONE)
