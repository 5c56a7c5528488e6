"""What plugins raise and answer: each failure named, bounded and recorded, and the others go on."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rogues
from rogues import ALL, FLOODS, GARBAGE, KEY, RAISES, Biting, Loose
from stagehand import Noted, Play, Step, Told, Wanted, stage

from duanju.core.errors import MissingExtra
from duanju.core.hooks import effect, hookimpl
from duanju.core.replay import replay
from duanju.core.verify import must_walk
from duanju.events.episode import EffectFailed, EpisodeHeld, ReactionFailed

Make = Callable[..., Play]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes plays whose vocabulary is the rogues'; SIGINT is somebody's, as it is in the command line."""
    monkeypatch.setenv("ROGUE_API_KEY", KEY)
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    plays: list[Play] = []

    def made(**plugins: Any) -> Play:
        root = tmp_path / str(len(plays))
        root.mkdir()
        play = Play(root, {"words": stage("w", events=rogues.duanju_events()), **plugins})
        plays.append(play)
        return play

    yield made
    for play in plays:
        play.close()
    signal.signal(signal.SIGINT, before)


def fit(text: str) -> None:
    """A recorded failure is short, without keys, and can be shown."""
    assert 0 < len(text) < 2500
    assert KEY not in text
    text.encode()


@hookimpl(specname="on_wanted")
def tell(event: Wanted) -> Iterator[Noted]:
    yield Noted(len(event.what))


def rogue(name: str) -> Any:
    @hookimpl
    def on_wanted(event: Wanted) -> Iterator[Told | Loose | Biting]:
        return ALL[name][0]()  # type: ignore[no-any-return]

    return on_wanted


@pytest.mark.parametrize("name", ALL)
def test_a_reaction_that_misbehaves_fails_alone_and_is_named(make: Make, name: str) -> None:
    play = make(a=stage("a", tell), bad=stage("bad", rogue(name)), z=stage("z", tell))
    stream = play.open(first=[Wanted(name, ""), Step(1)])
    play.run()
    (failed,) = play.all(stream, ReactionFailed)
    assert (failed.plugin, failed.hook) == ("bad", "on_wanted")
    assert ALL[name][1] in failed.error
    fit(failed.error)
    (held,) = play.all(stream, EpisodeHeld)
    assert "bad.on_wanted failed on position 3" in held.why and "duanju resume tea/one" in held.next
    assert play.kinds(stream).count("noted") == 1, "the others' answers stand"
    assert not {"told", "loose", "biting"} & set(play.kinds(stream)), "nothing of a failed answer does"
    must_walk(play.log)
    replayed = replay(play.log, play.plugins, play.artifacts, stream)
    assert replayed.failed == 1


def test_what_a_person_must_install_is_the_next_step_of_the_hold(make: Make) -> None:
    play = make(bad=stage("bad", rogue("library")))
    stream = play.open(first=[Wanted("library", "")])
    play.run()
    (held,) = play.all(stream, EpisodeHeld)
    assert held.next == "install it: pip install 'rogues[torch]', then run duanju resume tea/one"


def test_a_persons_own_interrupt_is_no_plugins_failure(make: Make) -> None:
    play = make(bad=stage("bad", rogue("keyboard")))
    stream = play.open(first=[Wanted("x", "")])
    mine = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt), play.engine() as engine:
        engine.run()
    signal.signal(signal.SIGINT, mine)
    assert play.all(stream, ReactionFailed) == []
    play.run()
    assert len(play.all(stream, ReactionFailed)) == 1, "the record was not lost"


def effects(lane: str, **more: Any) -> Any:
    @hookimpl
    @effect(lane=lane, **more)
    def on_wanted(event: Wanted) -> Iterator[Told | Loose | Biting]:
        return ALL[event.what][0]()  # type: ignore[no-any-return]

    return stage("bad", on_wanted)


@pytest.mark.parametrize("lane", ["any", "inline", "process"])
def test_effects_that_misbehave_fail_alone_and_are_named(make: Make, lane: str) -> None:
    names = [name for name in ALL if name != "library"]
    bad = rogues if lane == "process" else effects(lane, attempts=1)
    play = make(bad=bad, z=stage("z", tell))
    streams = {name: play.open(f"e{n}", [Wanted(name, "")]) for n, name in enumerate(names)}
    play.run()
    for name, stream in streams.items():
        assert play.kinds(stream).count("effect_failed") == 1, name
        (failed,) = play.all(stream, EffectFailed)
        assert (failed.plugin, failed.hook, failed.attempts) == ("bad", "on_wanted", 1)
        if lane == "process" and name in ("masked", "undeclared", "texts inside", "none inside", "an heir"):
            assert "is no event of this log" in failed.error or ALL[name][1] in failed.error
        else:
            assert ALL[name][1] in failed.error, name
        fit(failed.error)
        (held,) = play.all(stream, EpisodeHeld)
        assert held.hold.startswith("effect:bad.on_wanted:")
        assert play.kinds(stream).count("noted") == 1
        assert not {"told", "loose", "biting"} & set(play.kinds(stream))
    must_walk(play.log)
    assert play.work() == []


@pytest.mark.parametrize("lane", ["any", "process"])
def test_an_effect_that_lacks_a_library_is_tried_once_and_says_what_to_install(make: Make, lane: str) -> None:
    play = make(bad=rogues if lane == "process" else effects(lane, attempts=3))
    stream = play.open(first=[Wanted("library", "")])
    play.run()
    (failed,) = play.all(stream, EffectFailed)
    assert failed.attempts == 1
    (held,) = play.all(stream, EpisodeHeld)
    assert held.next == "install it: pip install 'rogues[torch]', then run duanju resume tea/one"


def test_the_tables_cover_what_they_name() -> None:
    assert len(ALL) == len(RAISES) + len(GARBAGE) + len(FLOODS)
    assert str(MissingExtra("x", "pip install x")) == (
        "it needs x, which is not installed; install it: pip install x"
    )
