"""What a paid call brings to an engine that may not append it any longer is handed in, once, and booked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from killing import log_faults, wait_for
from stagehand import Play, Vendor, say

from duanju.core import handin
from duanju.core.desk import Desk
from duanju.core.engine import Engine, Watcher
from duanju.core.errors import BadLog, CannotCommit, Deposed
from duanju.core.log import Log
from duanju.core.rebuild import table_problems
from duanju.events.calls import CallDoubted, DoubtSettled, SpeechRequested, SpeechReturned


class Stage:
    """A play whose vendor answers when `go` is set, for 0.06 dollars of 0.10."""

    def __init__(self, root: Path, *words: str) -> None:
        self.go = threading.Event()
        self.vendor = Vendor("v", self._behave)
        self.play = Play(root, {"v": self.vendor}, routes=("v:m",), lanes={"vendor": 4})
        lines = words or ("a",)
        self.stream = self.play.open(first=[say(word, word) for word in lines])
        self.logs: list[Log] = []

    def _behave(self, event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        self.go.wait(20)
        yield self.vendor.spoken(event, desk, 60_000)

    def engine(self, **more: Any) -> Engine:
        """An engine over a connection of its own, as in another process."""
        log = Log(self.play.root / "log.db", self.play.plugins.codec)
        self.logs.append(log)
        play = self.play
        return Engine(log, play.plugins, play.artifacts, play.root / "out", lanes=play.lanes, **more)

    def asked(self) -> bool:
        """Whether all calls are in flight."""
        return len(self.vendor.calls) == len(self.play.all(self.stream, SpeechRequested))

    def takes_over(self) -> None:
        """The lock is lost, as on a network file system, and another engine counts up the epoch."""
        (self.play.root / "lock").unlink()

    def end(self) -> None:
        """Everything is settled once, and the tables say what the log says."""
        play = self.play
        play.log.refresh()
        assert [one.what for one in table_problems(play.log, play.artifacts.read_sha256)] == []
        assert log_faults(play.log) == []
        for log in self.logs:
            log.close()
        play.close()


@pytest.fixture
def one(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def kept(stage: Stage) -> list[Path]:
    return sorted((stage.play.root / "handed-in").glob("*"))


def test_a_deposed_engine_hands_in_what_the_new_one_had_doubted_already(one: Stage) -> None:
    old = one.engine()
    old.run(until=one.asked)
    one.takes_over()
    new = one.engine()
    assert len(one.play.all(one.stream, CallDoubted)) == 1 and one.play.spent() == (0, 0, 100_000)
    one.go.set()
    assert wait_for(lambda: not old.lanes.done.empty())
    with pytest.raises(Deposed, match="paid calls handed in to the log: 1"):
        old.run()
    old.close()
    new.run()
    new.close()
    (settled,) = one.play.all(one.stream, DoubtSettled)
    assert (settled.settled, settled.who) == ("returned", "core")
    assert len(one.play.all(one.stream, SpeechReturned)) == 1 and one.play.spent() == (60_000, 0, 0)
    assert one.vendor.calls == ["a"] and kept(one) == []
    one.end()


def test_what_was_handed_in_before_the_next_engine_starts_is_no_doubt(one: Stage) -> None:
    old = one.engine()
    old.run(until=one.asked)
    one.play.log.db.execute("UPDATE lease SET epoch = epoch + 1")
    one.go.set()
    assert wait_for(lambda: not old.lanes.done.empty())
    with pytest.raises(Deposed):
        old.run()
    old.close()
    one.play.run()
    assert one.play.all(one.stream, CallDoubted) == [] and one.play.spent() == (60_000, 0, 0)
    assert one.vendor.calls == ["a"] and one.play.kinds(one.stream).count("speech_returned") == 1
    one.end()


@pytest.mark.parametrize("calls", [1, 3])
def test_a_commit_that_fails_loses_no_answer_in_flight_or_just_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    stage = Stage(tmp_path, *"abc"[:calls])
    told: list[tuple[int, int]] = []

    class Told(Watcher):
        def stopping(self, paid: int, money: int, seconds: float) -> None:
            told.append((paid, money))
            stage.go.set()

    engine = stage.engine(watcher=Told())
    engine.run(until=stage.asked)

    def full() -> None:
        raise CannotCommit("database or disk is full")

    monkeypatch.setattr(engine.log, "commit", full)
    stage.play.add(stage.stream, say("more", "more"))
    with pytest.raises(
        CannotCommit, match=rf"disk is full; answers of paid calls handed in to the log: {calls}"
    ):
        engine.run()
    engine.close()
    assert told == [(calls, calls * 100_000)] and "more" not in stage.vendor.calls
    stage.play.run()
    assert sorted(stage.vendor.calls) == [*"abc"[:calls], "more"], "nothing was asked twice"
    assert stage.play.all(stage.stream, CallDoubted) == []
    assert stage.play.spent() == (60_000 * (calls + 1), 0, 0)
    stage.end()


def refuses(*_: Any, **__: Any) -> Any:
    raise BadLog("the disk is full")


def failing(one: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs an engine whose commit fails when the answer is there, and no other connection works either."""
    engine = one.engine()
    engine.run(until=one.asked)
    one.go.set()
    assert wait_for(lambda: not engine.lanes.done.empty())

    def full() -> None:
        raise CannotCommit("database or disk is full")

    monkeypatch.setattr(engine.log, "commit", full)
    monkeypatch.setattr(handin, "Log", refuses)
    with pytest.raises(CannotCommit) as raised:
        engine.run()
    engine.close()
    monkeypatch.undo()
    return str(raised.value)


def test_an_answer_that_the_log_cannot_take_waits_in_a_file_for_the_next_engine(
    one: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = failing(one, monkeypatch)
    (file,) = kept(one)
    assert f"answers kept in {file.parent}, where duanju resume takes them up: 1" in said
    text = file.read_text()
    assert "API_KEY" not in text and orjson.loads(text)["stream"] == one.stream
    one.play.run()
    assert kept(one) == [] and one.vendor.calls == ["a"]
    assert one.play.all(one.stream, CallDoubted) == [] and one.play.spent() == (60_000, 0, 0)
    (answer,) = one.play.log.read(kind="speech_returned")
    assert answer.id == file.stem, "under the id that the answer would have had"
    assert answer.by == "v.on_speech_requested" and answer.cause is not None
    one.end()


def test_a_file_that_comes_twice_counts_once(one: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(one, monkeypatch)
    (file,) = kept(one)
    again = file.read_bytes()
    one.play.run()
    for _ in range(2):  # as when the process died between the commit and the removal
        file.write_bytes(again)
        one.play.run()
    assert kept(one) == [] and one.play.spent() == (60_000, 0, 0)
    assert len(one.play.all(one.stream, SpeechReturned)) == 1
    one.end()


def test_an_answer_that_nothing_can_hold_is_named_and_its_call_is_in_doubt(
    one: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one.play.root / "handed-in").write_text("a file stands where the folder must be")
    said = failing(one, monkeypatch)
    assert "nothing could hold" in said and "tea/one" in said
    one.play.run()
    assert len(one.play.all(one.stream, CallDoubted)) == 1 and one.play.spent() == (0, 0, 100_000)
    for log in one.logs:
        log.close()
    one.play.close()


def test_what_is_no_outcome_of_this_log_is_left_alone(one: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(one, monkeypatch)
    (file,) = kept(one)
    good = orjson.loads(file.read_bytes())
    file.unlink()
    kind, schema, _ = good["events"][0]
    bad: dict[str, Any] = {
        "garbage": b"{",
        "a list": orjson.dumps([1]),
        "other log": orjson.dumps({**good, "log": "f" * 32}),
        "other record": orjson.dumps({**good, "id": "f" * 32}),
        "no such position": orjson.dumps({**good, "cause": 10**9}),
        "unknown kind": orjson.dumps({**good, "events": [["no_such_kind", 1, "{}"]]}),
        "bad body": orjson.dumps({**good, "events": [[kind, schema, '{"request": "x"}']]}),
        "no author": orjson.dumps({**good, "by": "nobody"}),
        "number": orjson.dumps({**good, "cause": "x"}),
    }
    for name, data in bad.items():
        (file.parent / f"{name}.json").write_bytes(data)
    one.play.run()
    assert {path.stem for path in kept(one)} == set(bad)
    assert one.play.all(one.stream, SpeechReturned) == [] and len(one.play.all(one.stream, CallDoubted)) == 1
    file.write_bytes(orjson.dumps(good))
    one.play.run()
    assert len(one.play.all(one.stream, SpeechReturned)) == 1, "and the good one settles the doubt, later"
    assert one.play.spent() == (60_000, 0, 0)
    one.end()


def test_a_person_who_was_faster_is_not_overruled(one: Stage) -> None:
    old = one.engine()
    old.run(until=one.asked)
    one.takes_over()
    with one.engine() as new:
        (doubt,) = one.play.all(one.stream, CallDoubted)
        one.play.add(one.stream, DoubtSettled(doubt.request, doubt.admitted, "given_up", "a person", ""))
        new.turn()
        one.go.set()
        assert wait_for(lambda: not old.lanes.done.empty())
        with pytest.raises(Deposed, match="or were settled, already: 1"):
            old.run()
        old.close()
        new.run()
    assert one.vendor.calls == ["a", "a"] and one.play.spent() == (160_000, 0, 0)
    assert len(one.play.all(one.stream, SpeechReturned)) == 1
    one.end()


def test_one_more_stop_leaves_the_waiting_and_says_what_is_still_out(
    one: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Leaves(Watcher):
        def stopping(self, paid: int, money: int, seconds: float) -> None:
            threading.Timer(0.1, engine.stop).start()

    engine = one.engine(watcher=Leaves())
    engine.run(until=one.asked)

    def full() -> None:
        raise CannotCommit("database or disk is full")

    monkeypatch.setattr(engine.log, "commit", full)
    one.play.add(one.stream, say("more", "more"))
    with pytest.raises(CannotCommit, match=r"not come back and will be in doubt: 1 \(up to \$0\.10\)"):
        engine.run()
    monkeypatch.undo()
    engine.close()
    one.go.set()
    one.play.run()
    assert len(one.play.all(one.stream, CallDoubted)) == 1
    for log in one.logs:
        log.close()
    one.play.close()
