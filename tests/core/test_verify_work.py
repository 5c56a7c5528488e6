"""Open work is known from the log: a row that was deleted shows and is put back; no sound log is blamed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from stagehand import Made, Noted, Play, Step, Vendor, Wanted, say, stage

from duanju.core.desk import Desk
from duanju.core.errors import BadLog, LogBusy
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.log import Log
from duanju.core.mend import Rebuilt, rebuild_tables
from duanju.core.prices import Price
from duanju.core.proof import prove
from duanju.core.settings import Budget, Settings
from duanju.core.verify_work import work_differences
from duanju.events.calls import (
    Bill,
    CallDoubted,
    SpeechRequested,
    VideoRequested,
    VideoReturned,
    VideoSubmitted,
)
from duanju.events.episode import EpisodeDelivered, EpisodeOpened, PartOpened
from duanju.events.scenes import Picture

STREAM = "episode/tea/one"


def faults(play: Play) -> list[tuple[int, str]]:
    """What the work table lacks, with the positions."""
    log = Log(play.root / "log.db", play.plugins.codec, read_only=True)
    try:
        return [(one.position, one.what) for one in work_differences(log, play.plugins)]
    finally:
        log.close()


def lose_rows(play: Play, hook: str) -> list[tuple[Any, ...]]:
    """Deletes the open rows of a hook, as a stranger would."""
    db = sqlite3.connect(play.root / "log.db", isolation_level=None)
    rows = db.execute("SELECT * FROM work WHERE hook = ?", (hook,)).fetchall()
    db.execute("DELETE FROM work WHERE hook = ?", (hook,))
    db.close()
    return rows


def kept(play: Play) -> list[tuple[Any, ...]]:
    """All open rows."""
    db = sqlite3.connect(play.root / "log.db")
    rows = db.execute("SELECT * FROM work ORDER BY cause, plugin, hook").fetchall()
    db.close()
    return rows


@hookimpl(specname="on_step")
def asks(event: Step) -> Iterator[SpeechRequested]:
    """A voice for every step."""
    yield say(f"L{event.n}", f"words {event.n}")


@hookimpl(specname="on_step")
@effect(lane="note")
def notes(event: Step) -> Iterator[Noted]:
    """An effect on a plain fact."""
    yield Noted(event.n)


@hookimpl(specname="on_step")
def opens(event: Step) -> Iterator[PartOpened]:
    """A part that stays open."""
    yield PartOpened("shots", f"part {event.n}", 1)


def lost(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
    """Every answer is lost."""
    raise ConnectionResetError("no answer")
    yield


class Films(Vendor):
    """Submits clips, and awaits them."""

    def duanju_prices(self) -> list[Price]:
        """By the second."""
        return [Price(f"{self.name}:m", {"second": 100_000 * 1_000_000}, "test", "2020-01-01")]

    @hookimpl
    @effect(provider=SELF, lane="vendor", doubt="hold")
    def on_video_requested(self, event: VideoRequested) -> Iterator[VideoSubmitted]:
        """The vendor takes the job."""
        yield VideoSubmitted(job="j1")

    @hookimpl
    @effect(provider=SELF, lane="await")
    def on_video_submitted(self, event: VideoSubmitted, desk: Desk) -> Iterator[VideoReturned]:
        """It is there at once."""
        clip = desk.artifacts.put(b"clip", "video/mp4")
        yield VideoReturned(clip=clip, bill=Bill(cost=100_000, billing="billed"))


@frozen
class Case:
    """A play with open rows: what is in it, which rows are lost, and how they are told."""

    plugins: dict[str, Callable[[], Any]]
    hook: str
    says: str
    budget: Budget | None = None


CASES = {
    "doubt": Case(
        {"asks": lambda: stage("asks", asks), "v": lambda: Vendor("v", lost)}, "doubt", "is in doubt"
    ),
    "admit": Case(
        {"asks": lambda: stage("asks", asks), "v": lambda: Vendor("v")},
        "admit",
        "waits for its admission",
        Budget(episode=150_000),
    ),
    "part": Case({"opens": lambda: stage("opens", opens)}, "part", "the part part 0 of shots is open"),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Play, Case]]:
    chosen = CASES[request.param]
    plugins = {name: make() for name, make in chosen.plugins.items()}
    play = Play(tmp_path, plugins, routes=("v:m",), budget=chosen.budget)
    play.open(first=[Step(n) for n in range(3)])
    play.run()
    yield play, chosen
    play.log.close()


def test_a_deleted_row_is_told_and_put_back(case: tuple[Play, Case]) -> None:
    play, chosen = case
    assert faults(play) == []
    before = kept(play)
    rows = lose_rows(play, chosen.hook)
    assert rows
    found = faults(play)
    assert len(found) == len(rows) and all("its row in `work` is gone" in what for _, what in found)
    assert chosen.says in found[0][1]
    rebuilt = rebuild_tables(play.log, play.plugins, play.artifacts)
    assert (rebuilt.added, rebuilt.removed) == (len(rows), 0)
    assert faults(play) == []
    if chosen.hook != "admit":  # a refused request may wait under another cause than the first
        assert kept(play) == before


def test_a_call_that_was_let_go_is_put_back_as_one_that_may_have_been_made(tmp_path: Path) -> None:
    play = Play(tmp_path, {"asks": stage("asks", asks), "v": Vendor("v")}, routes=("v:m",))
    play.open(first=[Step(0)])
    with play.engine() as engine:
        engine.turn()
        engine.lanes.close()  # what was submitted never comes back
    (row,) = lose_rows(play, "on_speech_requested")
    assert [where for where, _ in faults(play)] == [row[3]]
    assert rebuild_tables(play.log, play.plugins, play.artifacts).added == 1
    assert kept(play) == [(*row[:4], 1)]
    play.run()
    assert len(play.all(STREAM, CallDoubted)) == 1, "it is in doubt, and not sent again"
    play.log.close()


def test_a_job_at_its_vendor_whose_row_is_gone_is_awaited_again(tmp_path: Path) -> None:
    play = Play(tmp_path, {"v": Films("v")})
    play.settings = Settings(routes={"video": ("v:m",)})
    nowhere = Picture("hall", True, "day", "clear", "wide", "eye", (), False, (), "calm", "")
    play.open(first=[VideoRequested(1, "S01", "clip", 1, 16, 16, 25, 1000, nowhere)])
    with play.engine() as engine:
        for _ in range(200):
            engine.turn()
            if play.all(STREAM, VideoSubmitted):
                break
            time.sleep(0.01)
        engine.lanes.close()
    (row,) = lose_rows(play, "on_video_submitted")
    submitted = next(play.log.read(stream=STREAM, kind="video_submitted"))
    assert [(where, "awaits its job" in what) for where, what in faults(play)] == [(submitted.position, True)]
    assert rebuild_tables(play.log, play.plugins, play.artifacts).added == 1
    assert [one[:4] for one in kept(play)] == [row[:4]]
    play.run()
    assert len(play.all(STREAM, VideoReturned)) == 1 and play.kinds(STREAM).count("video_submitted") == 1
    assert faults(play) == []
    play.log.close()


def test_an_effect_of_an_episode_that_stands_still_is_told(tmp_path: Path) -> None:
    play = Play(tmp_path, {"notes": stage("notes", notes)}, lanes={"note": 1})
    play.open(first=[Step(n) for n in range(3)])
    with play.engine() as engine:
        engine.turn()
        engine.lanes.close()
    rows = lose_rows(play, "notes")
    assert faults(play) and {where for where, _ in faults(play)} <= {row[3] for row in rows}
    assert rebuild_tables(play.log, play.plugins, play.artifacts).added
    play.run()
    assert sorted(one.n for one in play.all(STREAM, Noted)) == [0, 1, 2]
    assert faults(play) == []
    play.close()


def test_a_row_for_a_call_that_has_ended_is_told_and_taken_out(tmp_path: Path) -> None:
    play = Play(tmp_path, {"asks": stage("asks", asks), "v": Vendor("v")}, routes=("v:m",))
    play.open(first=[Step(0)])
    play.run()
    admitted = next(play.log.read(stream=STREAM, kind="call_admitted")).position
    forged = (STREAM, "v", "on_speech_requested", admitted, 0)
    db = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    db.execute("INSERT INTO work VALUES (?, ?, ?, ?, ?)", forged)
    db.close()
    assert faults(play) == [
        (admitted, "v.on_speech_requested is owed in `work`, but its call has ended (returned)")
    ]
    assert rebuild_tables(play.log, play.plugins, play.artifacts).removed == 1
    play.run()
    assert play.plugins.plugins["v"].object.calls == ["L0"], "it was not paid twice"
    play.close()


def test_the_tables_are_written_anew_from_nothing(tmp_path: Path) -> None:
    play = Play(tmp_path, {"asks": stage("asks", asks), "v": Vendor("v")}, routes=("v:m",))
    play.open(first=[Step(n) for n in range(3)])
    play.run()
    names = ("spend", "outcome", "ledger", "ledger_total")
    before = {name: tables(play, name) for name in names}
    db = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    for name in names:
        db.execute(f"DELETE FROM {name}")
    db.close()
    found = rebuild_tables(play.log, play.plugins, play.artifacts)
    assert found == Rebuilt(play.log.head_digest(), 3, 3, 6, 0, 0)
    assert {name: tables(play, name) for name in names} == before
    assert prove(play.log, play.artifacts, play.plugins, deep=True).problems == []
    play.run()
    assert len(play.plugins.plugins["v"].object.calls) == 3, "the answers are used again"
    play.close()


@hookimpl(specname="on_wanted")
@effect(lane="make", reuse=True)
def makes(event: Wanted) -> Iterator[Made]:
    """An effect whose answer may be given again."""
    yield Made(event.what, event.inputs)


def test_answers_of_effects_that_may_be_given_again_are_found_again(tmp_path: Path) -> None:
    play = Play(tmp_path, {"makes": stage("makes", makes)})
    play.open(first=[Wanted("a", "same"), Wanted("b", "same"), Wanted("c", "other")])
    play.run()
    before = tables(play, "outcome")
    assert len(before) == 2 and len(play.all(STREAM, Made)) == 3
    for sql in ("DELETE FROM outcome", "INSERT INTO outcome VALUES ('forged', 5)"):
        db = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
        db.execute(sql)
        db.close()
        assert rebuild_tables(play.log, play.plugins, play.artifacts).outcomes == 2
        assert tables(play, "outcome") == before
    play.change(makes=None)
    play.log.db.execute("DELETE FROM outcome WHERE position = (SELECT max(position) FROM outcome)")
    assert rebuild_tables(play.log, play.plugins, play.artifacts).outcomes == 1, "nobody tells what it reused"
    assert prove(play.log, play.artifacts, play.plugins, deep=True).problems == []
    play.close()


def tables(play: Play, name: str) -> list[tuple[Any, ...]]:
    """All rows of a table, sorted."""
    return sorted(play.log.db.execute(f"SELECT * FROM {name}").fetchall(), key=repr)


def test_nothing_is_rebuilt_beside_an_engine_nor_from_a_broken_log(tmp_path: Path) -> None:
    play = Play(tmp_path, {"asks": stage("asks", asks), "v": Vendor("v")}, routes=("v:m",))
    play.open(first=[Step(0)])
    with play.engine() as engine:
        engine.run()
        other = Log(tmp_path / "log.db", play.plugins.codec)
        with pytest.raises(LogBusy, match="an engine runs on"):
            rebuild_tables(other, play.plugins, play.artifacts)
        other.close()
    db = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    db.execute("DROP TRIGGER event_no_update")
    db.execute("UPDATE event SET by = 'x' WHERE position = 4")
    db.execute("UPDATE spend SET settled = 7")
    with pytest.raises(BadLog, match="position 4"):
        rebuild_tables(play.log, play.plugins, play.artifacts)
    assert {row[0] for row in db.execute("SELECT settled FROM spend")} == {7}, "nothing was written"
    db.close()
    play.log.close()


def test_a_delivered_episode_owes_nothing(tmp_path: Path) -> None:
    play = Play(tmp_path, {"notes": stage("notes", notes)})
    play.open(first=[Step(0)])
    play.run()
    opened = play.all(STREAM, EpisodeOpened)[0]
    delivered = EpisodeDelivered(1, "0" * 32, opened.source, opened.source, 1, 0, 0)
    play.add(STREAM, Step(1), delivered)
    play.run()
    assert faults(play) == []
    play.close()
