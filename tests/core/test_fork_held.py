"""A fork of an episode that is held, or waits for a plugin: what of that is the fork's, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults
from stagehand import Made, Noted, Play, Step, Told, Wanted, stage

from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.folds import Folds
from duanju.core.fork import Forked, make_fork
from duanju.core.hooks import effect, hookimpl
from duanju.core.replay import replay
from duanju.events.episode import EpisodeHeld, EpisodeReleased, PartClosed, PartOpened

STREAM = "episode/tea/one"
MENDED: list[bool] = []


@hookimpl(specname="on_step")
def opens(event: Step, episode: Episode) -> Iterator[PartOpened]:
    """Asks the cut to wait."""
    yield PartOpened("cut", "mine", episode.revision)


@hookimpl(specname="on_noted")
def closes(event: Noted, episode: Episode) -> Iterator[PartClosed]:
    """Lets it go on."""
    yield PartClosed("cut", "mine", episode.revision)


@hookimpl(specname="on_step")
def fails(event: Step) -> Iterator[Told]:
    """Works once it is mended."""
    if not MENDED:
        raise ValueError("not yet")
    yield Told("mended", str(event.n))


@hookimpl(specname="on_step")
def wants(event: Step) -> Iterator[Wanted]:
    """Wants a thing."""
    yield Wanted(f"w{event.n}", "x")


@hookimpl(specname="on_wanted")
@effect(lane="work", attempts=1)
def makes(event: Wanted, desk: Desk) -> Iterator[Made]:
    """Makes it once it is mended."""
    if not MENDED:
        raise ValueError("not yet")
    yield Made(event.what, event.inputs)


@pytest.fixture(autouse=True)
def broken() -> Iterator[None]:
    MENDED.clear()
    yield
    MENDED.clear()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Play]]:
    plays: list[Play] = []

    def build(**plugins: Any) -> Play:
        play = Play(tmp_path, plugins)
        play.open(first=[Step(0)])
        play.run(inline=True)
        plays.append(play)
        return play

    yield build
    for play in plays:
        play.close()


def fork(play: Play, at: int = 0, **more: Any) -> Forked:
    """A fork that may run at once, at the log's end if nothing else is said."""
    where = at or play.log.head
    return make_fork(play.log, play.plugins, play.artifacts, STREAM, where, "two", run=True, **more)


def holds(play: Play, stream: str) -> list[str]:
    """The holds in force."""
    return list(Folds(play.log, play.artifacts.read_sha256).now(stream).holds)


def test_an_effect_that_failed_in_the_past_is_tried_again_by_the_fork_alone(
    make: Callable[..., Play],
) -> None:
    play = make(a=stage("a", wants, makes))
    (hold,) = holds(play, STREAM)
    made = fork(play)
    play.run(inline=True)
    assert holds(play, made.stream) == [hold], "its past is held, and so is it"
    MENDED.append(True)
    play.add(made.stream, EpisodeReleased(hold, "a person", "mended"))
    play.run(inline=True)
    assert play.all(made.stream, Made) == [Made("w0", "x")] and holds(play, made.stream) == []
    assert play.all(STREAM, Made) == [] and holds(play, STREAM) == [hold]
    assert log_faults(play.log) == []


def test_a_retry_that_lies_beyond_the_point_is_made_by_the_fork(make: Callable[..., Play]) -> None:
    play = make(a=stage("a", wants, makes))
    (hold,) = holds(play, STREAM)
    MENDED.append(True)
    play.add(STREAM, EpisodeReleased(hold, "a person", "mended"))
    released = play.log.head + 1
    play.run(inline=True)
    assert play.all(STREAM, Made) == [Made("w0", "x")]
    made = fork(play, released)
    play.run(inline=True)
    assert play.all(made.stream, Made) == [Made("w0", "x")] and holds(play, made.stream) == []


def test_a_reaction_that_failed_in_the_past_answers_when_it_is_let_go_on(make: Callable[..., Play]) -> None:
    play = make(a=stage("a", fails), b=stage("b", wants))
    (hold,) = holds(play, STREAM)
    made = fork(play)
    play.run(inline=True)
    assert holds(play, made.stream) == [hold]
    MENDED.append(True)
    play.add(made.stream, EpisodeReleased(hold, "a person", "mended"))
    play.run(inline=True)
    assert play.all(made.stream, Told) == [Told("mended", "0")] and play.all(STREAM, Told) == []
    assert replay(play.log, play.plugins, play.artifacts, made.stream).answers == 1
    assert log_faults(play.log) == []


def test_without_the_plugin_that_failed_the_fork_is_not_held(make: Callable[..., Play]) -> None:
    play = make(a=stage("a", fails), b=stage("b", wants))
    made = fork(play, without=("a",))
    play.run(inline=True)
    assert holds(play, made.stream) == [] and holds(play, STREAM) != []
    assert play.all(made.stream, Told) == []


def test_an_open_part_of_the_past_is_owed_in_the_fork_by_its_plugin(make: Callable[..., Play]) -> None:
    play = make(a=stage("a", opens, closes))
    made = fork(play)
    play.run(inline=True)
    assert Folds(play.log, play.artifacts.read_sha256).now(made.stream).open_parts("cut") == ["mine"]
    rows = "SELECT stream, hook FROM work ORDER BY stream"
    assert play.log.db.execute(rows).fetchall() == [(STREAM, "part"), (made.stream, "part")]
    play.change(a=None)
    play.run(inline=True)
    assert holds(play, made.stream) == holds(play, STREAM) == ["plugin:a"]
    play.change(a=stage("a", opens, closes))
    play.add(made.stream, Noted(1))
    play.run(inline=True)
    assert holds(play, made.stream) == [] and play.all(made.stream, PartClosed) != []
    assert play.log.db.execute(rows).fetchall() == [(STREAM, "part")]


def test_a_part_of_a_plugin_that_is_left_out_is_closed(make: Callable[..., Play]) -> None:
    play = make(a=stage("a", opens, closes))
    made = fork(play, without=("a",))
    play.run(inline=True)
    assert play.all(made.stream, PartClosed) == [PartClosed("cut", "mine", 1)]
    assert play.all(made.stream, EpisodeHeld) == []
    play.add(made.stream, Noted(1))
    play.run(inline=True)
    assert len(play.all(made.stream, PartClosed)) == 1
