"""What an engine costs does not grow with the log: its memory, its start, and its fairness among episodes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from stagehand import Noted, Play, Step, Vendor, say, stage

from duanju.core.engine import Engine, Watcher
from duanju.core.folds import KEPT
from duanju.core.hooks import effect, hookimpl
from duanju.core.log import Log
from duanju.events.calls import SpeechRequested, SpeechReturned
from duanju.events.kinds import event
from duanju.events.record import Record

Make = Callable[..., Play]
LENGTH = 20


@event(home="episode")
@frozen
class Beat:
    """One of a sequence: `n` of `of`."""

    n: int
    of: int


def beats() -> Any:
    """An effect that answers each beat by the next."""

    @hookimpl
    @effect(lane="beat")
    def on_beat(event: Beat) -> Iterator[Beat]:
        if event.n < event.of:
            yield Beat(event.n + 1, event.of)

    return stage("beats", on_beat, events=[Beat])


def noter() -> Any:
    """A reaction that notes each step once, by how many there are."""

    @hookimpl
    def on_step(event: Step, episode: Any) -> Iterator[Noted]:
        yield Noted(len(episode.all(Step)) * 1000 + event.n)

    return stage("noter", on_step)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes plays and closes them at the end."""
    made: list[Play] = []

    def one(plugins: dict[str, Any], **more: Any) -> Play:
        made.append(Play(tmp_path, plugins, **more))
        return made[-1]

    yield one
    for play in made:
        play.close()


def test_episodes_at_rest_are_forgotten_and_go_on_as_if_they_were_not(make: Make) -> None:
    play = make({"beats": beats(), "noter": noter()})
    most, records = 0, 0
    with play.engine() as engine:
        for number in range(60):
            stream = play.open(f"e{number:02d}", [Beat(1, 6)])
            engine.run()
            most = max(most, len(engine.folds._indexes))
            records = max(records, sum(len(index.records) for index in engine.folds._indexes.values()))
        assert engine.folds._indexes.get(play.open("e60")) is None
        # Twice what is kept, what is being run, and the series'.
        assert most <= 2 * KEPT + 3, "indexes of episodes at rest stay in memory"
        assert records <= most * 8
        first, last = "episode/tea/e00", stream
        assert first not in engine.folds._indexes
        for name, n in ((first, 1), (last, 1), (first, 2)):
            play.add(name, Step(n))
            engine.run()
    assert [one.n for one in play.all(first, Noted)] == [1001, 2002]
    assert [one.n for one in play.all(last, Noted)] == [1001]
    assert all(play.kinds(f"episode/tea/e{n:02d}").count("beat") == 6 for n in range(60))


def test_an_episode_that_waits_is_not_forgotten(make: Make) -> None:
    play = make({"vendor": Vendor("vendor", price=None)}, routes=("vendor:m",))
    held = play.open("held", [say("L1")])  # nobody knows the price: refused, and held
    with play.engine() as engine:
        for number in range(4 * KEPT):
            play.open(f"e{number:02d}", [Step(1)])
            engine.run()
            engine.folds.now(f"episode/tea/e{number:02d}")
        assert engine._turn.works.is_open(held)
        assert held in engine.folds._indexes
        assert len(engine.folds._indexes) <= 2 * KEPT + 4


class Steps:
    """Counts the steps of SQLite's machine on a log's connections: what is read, not how long it takes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        opened = Log._open

        def counted(path: Path | None, read_only: bool) -> sqlite3.Connection:
            db = opened(path, read_only)
            db.set_progress_handler(self._one, 1)
            return db

        monkeypatch.setattr(Log, "_open", staticmethod(counted))

    def _one(self) -> int:
        self.count += 1
        return 0


def start_cost(play: Play, monkeypatch: pytest.MonkeyPatch, asked: str) -> tuple[int, int]:
    """(SQLite's steps, records in memory) of a new log and engine that do one thing in `asked`."""
    play.add(asked, Step(play.log.head))
    play.log.close()
    with monkeypatch.context() as patched:
        steps = Steps(patched)
        play.log = Log(play.root / "log.db", play.plugins.codec)
        with play.engine() as engine:
            engine.run()
            loaded = sum(len(index.records) for index in engine.folds._indexes.values())
    return steps.count, loaded


def test_a_start_reads_what_is_open_and_not_the_log(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    play = make({"beats": beats(), "noter": noter()})
    asked = play.open("asked", [Step(0)])
    for number in range(3):
        play.open(f"short{number}", [Beat(1, LENGTH)])
    play.run()
    few, few_records = start_cost(play, monkeypatch, asked)
    for number in range(60):
        play.open(f"long{number}", [Beat(1, LENGTH)])
    play.run()
    assert play.log.head > 10 * 3 * LENGTH
    many, many_records = start_cost(play, monkeypatch, asked)
    assert many_records <= few_records + 2, "a start loads episodes that nobody asked for"
    # A deeper tree costs some steps more; sixty more episodes of twenty records would cost ten thousands.
    assert many < few + 400, (few, many)


class Finishing(Watcher):
    """Notes how far every episode was when the first one had ended."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.at: dict[str, int] = {}
        self.then: dict[str, int] = {}

    def committed(self, records: list[Record]) -> None:
        for record in records:
            if record.kind == "beat":
                self.at[record.stream] = record.event.n
                if record.event.n == self.length and not self.then:
                    self.then = dict(self.at)


def test_fifty_episodes_at_once_all_end_and_none_starves(make: Make) -> None:
    play = make({"beats": beats()}, lanes={"beat": 4})
    watcher = Finishing(LENGTH)
    streams = [play.open(f"e{number:02d}", [Beat(1, LENGTH)]) for number in range(50)]
    with play.engine(watcher=watcher) as engine:
        assert isinstance(engine, Engine)
        engine.run()
    assert watcher.at == dict.fromkeys(streams, LENGTH)
    assert min(watcher.then.get(stream, 1) for stream in streams) >= LENGTH // 2, watcher.then
    assert play.work() == []


def test_a_paid_lane_is_shared_by_all_who_wait_for_it(make: Make) -> None:
    @hookimpl
    def on_speech_returned(event: SpeechReturned) -> Iterator[SpeechRequested]:
        name, number = event.subject.split("/")
        if int(number) < 8:
            yield say(f"{name}/{int(number) + 1}", f"{name} {number}")

    done: dict[str, int] = {}
    when_first_ended: list[dict[str, int]] = []

    class Counting(Watcher):
        def committed(self, records: list[Record]) -> None:
            for record in records:
                if record.kind == "speech_returned":
                    done[record.stream] = done.get(record.stream, 0) + 1
                    if done[record.stream] == 8:
                        when_first_ended.append(dict(done))

    vendor = Vendor("vendor", price=1)
    plugins = {"vendor": vendor, "chain": stage("chain", on_speech_returned)}
    play = make(plugins, routes=("vendor:m",), lanes={"vendor": 2})
    streams = [play.open(f"e{number:02d}", [say(f"e{number:02d}/1", f"{number}")]) for number in range(12)]
    with play.engine(watcher=Counting()) as engine:
        engine.run()
    assert done == dict.fromkeys(streams, 8)
    # Who comes back asks again behind those who wait: nobody is two calls behind another.
    assert min(when_first_ended[0].get(stream, 0) for stream in streams) >= 6, when_first_ended[0]
    assert len(vendor.calls) == len(set(vendor.calls)) == 12 * 8
