"""A series' event is answered in each open episode of the series, once, and a replay proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults
from stagehand import Play, Step, Told, Vendor, say, stage

from duanju.core.episode import Series
from duanju.core.errors import Diverged
from duanju.core.hooks import For, hookimpl
from duanju.core.replay import replay
from duanju.events.artifact import Artifact
from duanju.events.calls import SpeechRequested
from duanju.events.cast import CharacterChanged, Profile, Voice
from duanju.events.episode import EpisodeDelivered, EpisodeHeld, EpisodeReleased, ReactionFailed

PROFILE = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())
SERIES = "series/tea"
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


def changed(name: str = "Mei") -> CharacterChanged:
    return CharacterChanged("tea", name, PROFILE, Voice("female", 0, 50, 100), "older")


@hookimpl
def on_character_changed(event: CharacterChanged, series: Series) -> Iterator[For[Told | SpeechRequested]]:
    """Says it, and asks for a line anew, in each open episode at its own revision."""
    for episode in series.open_episodes:
        yield For(episode.name, Told(event.character, f"{episode.name} has {len(episode.all(Step))} steps"))
        yield For(episode.name, say(f"{event.character}-{episode.name}", "again", revision=episode.revision))


def delivered(revision: int = 1) -> EpisodeDelivered:
    none = Artifact("0" * 64, 1, "video/mp4")
    return EpisodeDelivered(revision, "i", none, none, 1, 0, 0)


def test_each_open_episode_gets_its_own_answer(make: Make) -> None:
    vendor = Vendor("v")
    play = make(r=stage("r", on_character_changed), v=vendor)
    one, two = play.open("one", first=[Step(1), Step(2)]), play.open("two", first=[Step(1)])
    done = play.open("done", first=[delivered()])
    again = play.open("again", first=[delivered()])
    other = play.open("other", series="coffee")
    play.revise(again, 2)
    play.add(SERIES, changed())
    play.open("late")
    play.run()
    assert [t.words for t in play.all(one, Told)] == ["one has 2 steps"]
    assert [t.words for t in play.all(two, Told)] == ["two has 1 steps"]
    assert [r.revision for r in play.all(again, SpeechRequested)] == [2]
    for stream in (done, other, "episode/tea/late"):
        assert play.all(stream, Told) == []
    assert vendor.calls == ["Mei-again"], "the same words are bought once"
    for stream in (one, two, done, again):
        found = replay(play.log, play.plugins, play.artifacts, stream)
        assert found.reactions == 1 and found.unverifiable == {}
    assert log_faults(play.log) == []


def test_a_replay_of_one_episode_proves_its_share_of_the_answer(make: Make) -> None:
    play = make(r=stage("r", on_character_changed), v=Vendor("v"))
    one, two = play.open("one"), play.open("two", first=[Step(1)])
    play.add(SERIES, changed())
    play.run()

    @hookimpl
    def only_two(event: CharacterChanged, series: Series) -> Iterator[For[Told | SpeechRequested]]:
        for answer in on_character_changed(event, series):
            yield For(answer.episode, Told("x", "y")) if answer.episode == "two" else answer

    only_two.__name__ = "on_character_changed"
    module = stage("r")
    module.on_character_changed = only_two
    play.change(r=module)
    assert replay(play.log, play.plugins, play.artifacts, one).answers == 1
    with pytest.raises(Diverged):
        replay(play.log, play.plugins, play.artifacts, two)


@pytest.mark.parametrize("name", ["nobody", "done", ""])
def test_an_episode_that_is_not_open_cannot_be_addressed_and_holds_those_that_are(
    make: Make, name: str
) -> None:
    @hookimpl
    def on_character_changed(event: CharacterChanged, series: Series) -> Iterator[For[Told]]:
        yield For("one", Told("first", ""))
        yield For(name, Told("second", ""))

    play = make(r=stage("r", on_character_changed))
    one, two = play.open("one"), play.open("two")
    done = play.open("done", first=[delivered()])
    play.add(SERIES, changed())
    play.run()
    (failed,) = play.all(SERIES, ReactionFailed)
    assert f"For({name!r}) names no open episode of tea; there are: one, two" in failed.error
    for stream in (one, two):
        assert [h.hold.rpartition(":")[0] for h in play.all(stream, EpisodeHeld)] == [
            "reaction:r.on_character_changed"
        ]
        assert play.all(stream, Told) == []
    assert play.all(done, EpisodeHeld) == []


def test_a_failed_series_reaction_is_asked_again_once_for_all_its_episodes(make: Make) -> None:
    @hookimpl
    def broken(event: CharacterChanged, series: Series) -> Iterator[For[Told | SpeechRequested]]:
        raise ValueError("not yet")
        yield

    broken.__name__ = "on_character_changed"
    module = stage("r")
    module.on_character_changed = broken
    play = make(r=module, v=Vendor("v"))
    one, two = play.open("one"), play.open("two")
    play.add(SERIES, changed())
    play.run()
    (held,) = play.all(one, EpisodeHeld)
    play.add(one, EpisodeReleased(held.hold, "mei", "not mended yet"))
    play.run()
    assert len(play.all(SERIES, ReactionFailed)) == 2 and len(play.all(two, EpisodeHeld)) == 1
    play.change(r=stage("r", on_character_changed))
    play.add(one, EpisodeReleased(held.hold, "mei", "mended"))
    play.add(two, EpisodeReleased(held.hold, "mei", "mended"))
    play.run()
    for stream in (one, two):
        assert len(play.all(stream, Told)) == 1
        replay(play.log, play.plugins, play.artifacts, stream)
        with play.engine() as engine:
            assert not engine.folds.holds(stream)
    assert log_faults(play.log) == []


def test_for_is_refused_anywhere_else(make: Make) -> None:
    @hookimpl
    def on_step(event: Step) -> Iterator[For[Told]]:
        yield For("one", Told("x", ""))

    play = make(r=stage("r", on_step))
    stream = play.open(first=[Step(1)])
    play.run()
    (failed,) = play.all(stream, ReactionFailed)
    assert "in answer to a series' event" in failed.error and play.all(stream, Told) == []
