"""What never returns: reactions, effects, declarations and imports are interrupted, named, and passed by."""

from __future__ import annotations

import importlib.metadata
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rogues
from stagehand import Noted, Play, Step, Told, Wanted, stage

from duanju.core.errors import Diverged
from duanju.core.hooks import effect, hookimpl
from duanju.core.plugins import load_plugins
from duanju.core.replay import replay
from duanju.core.watchdog import Hung, Watchdog
from duanju.events.episode import EffectFailed, EpisodeHeld, ReactionFailed

SOON = 0.4


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(3600)


def wait() -> None:
    threading.Event().wait()


def stubborn() -> None:
    try:
        while True:
            time.sleep(0.01)
    except Exception:  # noqa: BLE001  as plugins do
        spin()


def match() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")


HANGS = [spin, sleep, wait, stubborn, match]


class Slow:
    """An object whose text, comparison and end never come."""

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        sleep()

    def close(self) -> None:
        """Never returns."""
        sleep()


class Mute(Exception):
    """An exception whose text never comes."""

    def __str__(self) -> str:
        sleep()
        return ""


@hookimpl(specname="on_step")
def note(event: Step) -> Iterator[Noted]:
    yield Noted(event.n)


def hanging(hang: Callable[[], Any]) -> Any:
    @hookimpl
    def on_step(event: Step) -> Iterator[Told]:
        if event.n == 1:
            hang()
        yield Told("fine", "")

    return stage("bad", on_step)


def in_thread(call: Callable[[], None]) -> None:
    """Runs in a thread that is not the main one; what it raises fails the test."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001  handed to the test
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert errors == []


def play_of(root: Path, **plugins: Any) -> Play:
    return Play(root, plugins)


@pytest.mark.parametrize("hang", HANGS)
def test_a_reaction_that_never_returns_is_interrupted_and_named(tmp_path: Path, hang: Any) -> None:
    play = play_of(tmp_path, a=stage("a", note), bad=hanging(hang))
    stream = play.open(first=[Step(1), Step(2)])
    play.run(reaction_s=SOON)
    (failed,) = play.all(stream, ReactionFailed)
    assert (failed.plugin, failed.hook) == ("bad", "on_step")
    assert failed.error.startswith(f"Hung: it did not return within {SOON} s and was interrupted")
    assert play.all(stream, Noted) == [Noted(1), Noted(2)]
    assert play.all(stream, Told) == [Told("fine", "")], "the engine went on"
    (held,) = play.all(stream, EpisodeHeld)
    assert "bad.on_step failed on position 3" in held.why
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL, "the signal is given back"
    play.close()


@pytest.mark.parametrize("hang", [spin, stubborn])
def test_a_reaction_is_interrupted_where_the_engine_is_not_in_the_main_thread(
    tmp_path: Path, hang: Any
) -> None:
    def work() -> None:
        play = play_of(tmp_path, bad=hanging(hang))
        stream = play.open(first=[Step(1), Step(2)])
        play.run(reaction_s=SOON)
        assert len(play.all(stream, ReactionFailed)) == 1
        assert play.all(stream, Told) == [Told("fine", "")]
        play.close()

    in_thread(work)


def test_somebody_elses_alarm_is_left_alone(tmp_path: Path) -> None:
    mine: Callable[..., None] = lambda number, frame: None  # noqa: E731
    signal.signal(signal.SIGALRM, mine)
    try:
        play = play_of(tmp_path, bad=hanging(spin))
        stream = play.open(first=[Step(1)])
        play.run(reaction_s=SOON)
        assert len(play.all(stream, ReactionFailed)) == 1
        assert signal.getsignal(signal.SIGALRM) is mine
        play.close()
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


@pytest.mark.parametrize("how", ["answer", "text", "close"])
def test_an_answer_a_text_and_an_end_that_never_come(tmp_path: Path, how: str) -> None:
    class Endless(Slow):
        def __next__(self) -> Any:
            return Told("more", "")

    @hookimpl
    def on_step(event: Step) -> Iterator[Told]:
        if how == "text":
            raise Mute
        return Slow() if how == "answer" else Endless()

    play = play_of(tmp_path, bad=stage("bad", on_step), z=stage("z", note))
    stream = play.open(first=[Step(1)])
    play.run(reaction_s=SOON)
    (failed,) = play.all(stream, ReactionFailed)
    expected = "Mute: (its text cannot be read: Hung)" if how == "text" else "Hung: it did not return within"
    assert expected in failed.error
    assert play.all(stream, Noted) == [Noted(1)]
    play.close()


def test_a_replay_names_the_reaction_that_hangs_now_and_its_position(tmp_path: Path) -> None:
    hangs: list[bool] = []

    @hookimpl
    def on_step(event: Step) -> Iterator[Told]:
        if hangs:
            sleep()
        yield Told("fine", "")

    play = play_of(tmp_path, bad=stage("bad", on_step))
    stream = play.open(first=[Step(1)])
    play.run()
    hangs.append(True)
    with pytest.raises(Diverged, match=r"position 3, bad.on_step.*Hung: it did not return within") as told:
        replay(play.log, play.plugins, play.artifacts, stream, reaction_s=SOON)
    assert told.value.position == 3
    play.close()


def test_a_call_that_ends_in_time_is_never_interrupted_and_the_next_is_watched_anew() -> None:
    watchdog = Watchdog(0.2)
    with watchdog, watchdog:
        for _ in range(20_000):
            assert watchdog.run(lambda: 1) == 1
        assert watchdog.run(time.sleep, 0.1) is None
        for _ in range(2):
            with pytest.raises(Hung):
                watchdog.run(sleep)
        with pytest.raises(ZeroDivisionError):
            watchdog.run(lambda: 1 / 0)
    assert watchdog.run(lambda: time.sleep(0.5) or 7) == 7, "nobody watches it outside"


def test_the_core_is_not_left_half_done_by_an_interruption(tmp_path: Path) -> None:
    """A reaction that lives inside the fold's own functions is interrupted between them."""

    @hookimpl
    def on_noted(event: Noted, episode: Any) -> Iterator[Told]:
        while True:
            for n in range(200):
                episode.last(Step, n)
                assert len(episode.all(Step, n)) == 1

    steps = [Step(n) for n in range(200)]
    play = play_of(tmp_path, a=stage("a", on_noted))
    stream = play.open(first=[*steps, Noted(1)])
    with play.engine(reaction_s=0.2) as engine:
        engine.run()
        (failed,) = play.all(stream, ReactionFailed)
        assert "Hung" in failed.error
        now = engine.folds.now(stream)
        assert [len(now.all(Step, n)) for n in range(200)] == [1] * 200
    play.close()


# -- effects ------------------------------------------------------------------------------------------------


def test_an_effect_past_its_deadline_is_replaced_and_the_lane_goes_on(tmp_path: Path) -> None:
    ended: list[str] = []

    @hookimpl
    @effect(lane="slow", attempts=1, deadline_s=0.3)
    def on_step(event: Step) -> Iterator[Told]:
        if event.n < 3:
            try:
                spin()
            finally:
                ended.append("interrupted")
        yield Told(str(event.n), "")

    play = Play(tmp_path, {"bad": stage("bad", on_step)}, lanes={"slow": 1})
    hung = [play.open(f"e{n}", [Step(n)]) for n in (1, 2)]
    fine = play.open("fine", [Step(3)])
    play.run()
    assert play.all(fine, Told) == [Told("3", "")]
    for stream in hung:
        (failed,) = play.all(stream, EffectFailed)
        assert failed.error == "it passed its deadline of 0.3 s"
    until = time.monotonic() + 30
    while len(ended) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert ended == ["interrupted"] * 2, "its thread does not burn on"
    play.close()


@pytest.mark.parametrize("lane", ["slow", "draw"])
def test_a_deadline_counts_from_when_the_run_begins_not_from_when_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lane: str
) -> None:
    """Six runs of 0.4 s on one thread, or two processes, take longer than the deadline of each."""
    monkeypatch.setattr("duanju.core.lanes.cores", lambda: 2)
    bad = rogues
    if lane == "slow":

        @hookimpl
        @effect(lane="slow", attempts=1, deadline_s=1.2)
        def on_wanted(event: Wanted) -> Iterator[Told]:
            time.sleep(0.4)
            yield Told(event.what, "")

        bad = stage("bad", on_wanted)
    play = Play(
        tmp_path,
        {"words": stage("w", events=rogues.duanju_events()), "bad": bad},
        lanes={"slow": 1, "draw": 6},
    )
    stream = play.open(first=[Wanted("pid", str(n)) for n in range(6)])
    engine = play.engine()
    with engine:
        engine.lanes.lane(lane).width = 6  # all are submitted at once, and wait for a thread
        engine.run()
    assert len(play.all(stream, Told)) == 6
    assert play.all(stream, EffectFailed) == []
    play.close()


def test_a_process_past_its_deadline_is_killed_and_costs_nobody_else(tmp_path: Path) -> None:
    play = play_of(tmp_path, words=stage("words", events=rogues.duanju_events()), bad=rogues)
    hung = play.open("hung", [Step(1)])
    fine = play.open("fine", [Step(n) for n in range(2, 6)])
    play.run()
    (failed,) = play.all(hung, EffectFailed)
    assert failed.error == "it passed its deadline of 2 s"
    assert len(play.all(fine, Told)) == 4
    play.close()


# -- loading ------------------------------------------------------------------------------------------------


def test_a_plugin_that_hangs_while_it_is_loaded_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hangs_here.py").write_text("import time\ntime.sleep(3600)\n")
    monkeypatch.syspath_prepend(tmp_path)

    class Never:
        def __init__(self, name: str, settings: dict[str, Any]) -> None:
            wait()

    class Point:
        dist = None

        def __init__(self, name: str, load: Callable[[], Any]) -> None:
            self.name = name
            self.load = load

    points = [
        Point("good", lambda: stage("good", note)),
        Point("import", lambda: __import__("hangs_here")),
        Point("maker", lambda: Never),
        Point("words", lambda: stage("words", events=rogues.duanju_events())),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    declares = stage("declares")
    declares.duanju_events = spin
    prices = stage("prices")
    prices.duanju_prices = sleep
    found = load_plugins(extra={"declares": declares, "prices": prices}, load_s=0.3)
    assert set(found.plugins) == {"good", "words"}
    assert set(found.failures) == {"import", "maker", "declares", "prices"}
    for why in found.failures.values():
        assert "Hung: it did not return within 0.3 s" in why
    assert found.failures["import"].startswith("its import failed")
    assert "hangs_here" not in sys.modules
    assert 'disabled = ["maker"]' in found.next_steps["maker"]


def test_a_close_that_raises_or_hangs_stops_no_other_close() -> None:
    closed: list[str] = []

    class Closing:
        def __init__(self, close: Callable[[], Any]) -> None:
            self.close = close

    plugins = load_plugins(
        only="",
        extra={
            "a": Closing(lambda: 1 / 0),
            "b": Closing(sleep),
            "c": Closing(lambda: sys.exit(1)),
            "d": Closing(lambda: closed.append("d")),
        },
    )
    assert plugins.failures == {}
    failed = plugins.close(0.3)
    assert closed == ["d"]
    assert set(failed) == {"a", "b", "c"}
    assert "ZeroDivisionError" in failed["a"] and "Hung" in failed["b"] and "SystemExit" in failed["c"]
