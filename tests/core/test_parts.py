"""Parts: a join waits for what plugins open, is asked again when they close it, or goes on without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults
from stagehand import Noted, Play, Step, Told, stage

from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.hooks import effect, hookimpl
from duanju.core.replay import replay
from duanju.core.status import progress_of
from duanju.events.episode import (
    JOINS,
    EpisodeHeld,
    EpisodeOpened,
    EpisodeReleased,
    EpisodeRevised,
    PartClosed,
    PartFailed,
    PartOpened,
    PartWaived,
    PluginWaived,
    ReactionFailed,
)

OPEN, CLOSE, FAIL, REOPEN = 1, 2, 3, 4
HOLD = "part:cut:intro"
Make = Callable[..., Play]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    plays: list[Play] = []

    def build(**plugins: Any) -> Play:
        plays.append(Play(tmp_path, {"join": joining(), **plugins}))
        return plays[-1]

    yield build
    for play in plays:
        play.close()


def joining(join: str = "cut") -> Any:
    """A join that fires at the first step from 10 on, once for each number of steps."""

    @hookimpl
    def on_step(event: Step, episode: Episode) -> Iterator[Noted]:
        yield from fire(episode)

    @hookimpl
    def on_part_closed(event: PartClosed, episode: Episode) -> Iterator[Noted]:
        yield from fire(episode)

    def fire(episode: Episode) -> Iterator[Noted]:
        done = [step.n for step in episode.all(Step) if step.n >= 10]
        if done and not episode.waits(join):
            yield Noted(sum(done))

    return stage("join", on_step, on_part_closed)


def owner(*more: Callable[..., Any], join: str = "cut") -> Any:
    """Opens its part with the episode, or at a step; closes it or gives it up at others."""

    @hookimpl
    def on_episode_opened(event: EpisodeOpened) -> Iterator[PartOpened]:
        yield PartOpened(join, "intro", event.revision)

    @hookimpl
    def on_step(event: Step, episode: Episode) -> Iterator[PartOpened | PartClosed | PartFailed]:
        now = episode.revision
        if event.n == CLOSE:
            yield PartClosed(join, "intro", now)
        elif event.n == FAIL:
            yield PartFailed(join, "intro", now, "the intro is gone")
        elif event.n == REOPEN:
            yield PartOpened(join, "intro", now)

    return stage("owner", on_episode_opened, on_step, *more)


def begun(play: Play, *steps: int, name: str = "one") -> str:
    """An episode whose parts are open before its steps come, as a part must be before a join could fire."""
    stream = play.open(name)
    play.run()
    play.add(stream, *[Step(n) for n in steps])
    return stream


def fired(play: Play, stream: str) -> list[int]:
    return [one.n for one in play.all(stream, Noted)]


def proven(play: Play, stream: str) -> None:
    found = replay(play.log, play.plugins, play.artifacts, stream)
    assert (found.changed, found.unverifiable) == ([], {})
    assert log_faults(play.log, doubts=True) == []


def test_a_join_waits_for_an_open_part_and_fires_once_when_it_closes(make: Make) -> None:
    play = make(owner=owner())
    stream = begun(play, 10)
    play.run()
    assert fired(play, stream) == []
    play.add(stream, Step(CLOSE))
    play.run()
    assert fired(play, stream) == [10]
    play.add(stream, Step(CLOSE))
    play.run()
    assert fired(play, stream) == [10], "the same inputs again"
    play.add(stream, Step(11))
    play.run()
    assert fired(play, stream) == [10, 21], "other inputs"
    assert play.work() == []
    proven(play, stream)


def test_a_part_that_is_opened_again_is_waited_for_again(make: Make) -> None:
    play = make(owner=owner())
    stream = begun(play, CLOSE, REOPEN)
    play.run()
    play.add(stream, Step(10))
    play.run()
    assert fired(play, stream) == [] and play.work() == [("core", "part", 0)]
    play.add(stream, Step(CLOSE))
    play.run()
    assert fired(play, stream) == [10]
    proven(play, stream)


def test_a_join_waits_for_the_parts_of_every_join_before_it(make: Make) -> None:
    for place, join in enumerate(JOINS):
        for other in JOINS:
            play = make(join=joining(other), owner=owner(join=join))
            stream = begun(play, 10, name=f"{join}-{other}")
            play.run()
            assert (fired(play, stream) == []) == (place <= JOINS.index(other)), (join, other)
            play.close()


def test_a_join_that_does_not_exist_is_the_reactions_failure(make: Make) -> None:
    @hookimpl
    def on_step(event: Step) -> Iterator[PartOpened]:
        yield PartOpened("shot", "intro", 1)

    play = make(owner=stage("owner", on_step))
    stream = begun(play, 1)
    play.run()
    (failed,) = play.all(stream, ReactionFailed)
    assert "'shot'" in failed.error and "shots, takes, cut, quality, delivery" in failed.error
    assert play.all(stream, PartOpened) == []
    assert [one.hold for one in play.all(stream, EpisodeHeld)] == ["reaction:owner.on_step:5"]


def test_a_failed_part_holds_by_name_and_a_person_lets_the_join_go_on(make: Make) -> None:
    play = make(owner=owner())
    stream = begun(play, 10, FAIL)
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == HOLD
    assert "the part intro of owner, which cut waits for, failed: the intro is gone" in held.why
    assert "duanju review retry tea/one part:cut:intro" in held.next
    assert "duanju review waive tea/one part:cut:intro" in held.next
    play.add(stream, PartWaived("cut", "intro", 1, "mei", "without"))
    play.run()
    assert fired(play, stream) == [10] and play.work() == []
    assert [one.hold for one in play.all(stream, EpisodeReleased)] == [HOLD]
    with play.engine() as engine:
        assert not engine.folds.holds(stream)
    play.add(stream, PartWaived("cut", "intro", 1, "mei", "twice"))
    play.run()
    assert len(play.all(stream, PartClosed)) == 1, "there is nothing left to waive"
    proven(play, stream)


def test_a_failed_part_is_asked_for_again_by_its_plugins_hook_on_the_release(make: Make) -> None:
    @hookimpl
    def on_episode_released(event: EpisodeReleased, episode: Episode) -> Iterator[Told | PartClosed]:
        if event.hold == HOLD:
            yield Told("again", event.by)
            yield PartClosed("cut", "intro", episode.revision)

    play = make(owner=owner(on_episode_released))
    stream = begun(play, 10, FAIL)
    play.run()
    assert len(play.all(stream, EpisodeHeld)) == 1
    play.add(stream, EpisodeReleased(HOLD, "mei", "mended"))
    play.run()
    assert play.all(stream, Told) == [Told("again", "mei")] and fired(play, stream) == [10]
    assert len(play.all(stream, EpisodeHeld)) == 1
    proven(play, stream)


def test_an_effect_may_make_the_part_anew_on_the_release(make: Make) -> None:
    tries: list[str] = []

    @hookimpl
    @effect(lane="make")
    def on_episode_released(event: EpisodeReleased, desk: Desk) -> Iterator[PartClosed | PartFailed]:
        tries.append(event.hold)
        if len(tries) < 2:
            yield PartFailed("cut", "intro", 1, "still gone")
        else:
            yield PartClosed("cut", "intro", 1)

    play = make(owner=owner(on_episode_released))
    stream = begun(play, 10, FAIL)
    play.run()
    for count in (1, 2):
        play.add(stream, EpisodeReleased(HOLD, "mei", f"try {count}"))
        play.run()
    assert tries[:2] == [HOLD, HOLD] and fired(play, stream) == [10]
    assert [one.why.rpartition(": ")[2] for one in play.all(stream, EpisodeHeld)] == [
        "the intro is gone",
        "still gone",
    ]
    proven(play, stream)


def test_a_plugin_that_does_not_ask_again_is_held_anew_and_says_so(make: Make) -> None:
    play = make(owner=owner())
    stream = begun(play, 10, FAIL)
    play.run()
    play.add(stream, EpisodeReleased(HOLD, "mei", "please"))
    play.run()
    first, second = play.all(stream, EpisodeHeld)
    assert second.hold == first.hold and "it does not ask again by itself" in second.why
    assert second.next.startswith("go on without it: duanju review waive tea/one part:cut:intro")
    assert fired(play, stream) == []


def test_a_part_belongs_to_its_revision(make: Make) -> None:
    play = make(owner=owner())
    stream = begun(play, FAIL)
    play.run()
    assert [one.hold for one in play.all(stream, EpisodeHeld)] == [HOLD]
    play.revise(stream, 2, first=[Step(10)])
    play.run()
    assert fired(play, stream) == [10], "its plugin opened nothing in revision 2"
    assert play.work() == [] and [one.hold for one in play.all(stream, EpisodeReleased)] == [HOLD]

    @hookimpl
    def on_episode_revised(event: EpisodeRevised) -> Iterator[PartOpened]:
        yield PartOpened("cut", "intro", event.revision)

    play.change(owner=owner(on_episode_revised))
    play.revise(stream, 3)
    play.run()
    play.add(stream, Step(20))
    play.run()
    assert fired(play, stream) == [10]
    play.add(stream, Step(CLOSE))
    play.run()
    assert fired(play, stream) == [10, 30]
    proven(play, stream)


def test_a_late_failure_of_an_older_revisions_part_holds_nothing(make: Make) -> None:
    @hookimpl
    def on_told(event: Told) -> Iterator[PartFailed]:
        yield PartFailed("cut", "intro", 1, "late")

    play = make(owner=owner(on_told))
    stream = play.open()
    play.run()
    play.revise(stream, 2, first=[Told("x", "")])
    play.run()
    assert play.all(stream, EpisodeHeld) == []


def test_a_plugin_that_is_gone_with_a_part_open_holds_by_its_name(make: Make) -> None:
    mine = owner()
    play = make(owner=mine)
    stream, other = begun(play, 10), begun(play, CLOSE, name="two")
    play.run()
    play.change(owner=None)
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold == "plugin:owner"
    assert held.why == "the part intro, which cut waits for, is owed by owner: it is not installed"
    assert "install owner" in held.next and "duanju review waive tea/one plugin:owner" in held.next
    assert play.all(other, EpisodeHeld) == [], "its part is closed"
    play.run()
    assert len(play.all(stream, EpisodeHeld)) == 1
    play.change(owner=mine)
    play.add(stream, Step(CLOSE))
    play.run()
    assert [one.why for one in play.all(stream, EpisodeReleased)] == ["owner is back"]
    assert fired(play, stream) == [10]
    proven(play, stream)


def test_a_person_goes_on_without_a_plugin_that_is_gone(make: Make) -> None:
    play = make(owner=owner())
    stream = begun(play, 10)
    play.run()
    play.change(owner=None)
    play.run()
    play.add(stream, PluginWaived("owner", "mei", ""), PluginWaived("owner", "mei", "twice"))
    play.run()
    assert fired(play, stream) == [10] and play.work() == []
    assert len(play.all(stream, PartClosed)) == 1 and len(play.all(stream, EpisodeReleased)) == 1


def test_status_says_whose_part_a_join_waits_for(make: Make) -> None:
    play = make(owner=owner())
    stream = begun(play, 10)
    play.add(stream, PartOpened("quality", "note", 1))
    play.run()
    parts = progress_of(play.log, stream).parts
    assert parts == {("cut", "intro"): "owner", ("quality", "note"): ""}
    play.add(stream, Step(CLOSE))
    play.run()
    assert progress_of(play.log, stream).parts == {("quality", "note"): ""}
