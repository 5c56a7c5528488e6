"""Whatever is changed in a log or beside it, `prove` says so, and where."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stagehand import Noted, Play, Step, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.hooks import effect, hookimpl
from duanju.core.log import Log
from duanju.core.proof import prove
from duanju.core.schema import SCHEMA, statements
from duanju.events.calls import SpeechRequested, SpeechReturned

STREAM = "episode/tea/one"


@hookimpl(specname="on_step")
def asks(event: Step) -> Iterator[SpeechRequested]:
    """A voice for every step."""
    yield say(f"L{event.n}", f"words {event.n}")


@hookimpl(specname="on_speech_returned")
@effect(lane="note")
def notes(event: SpeechReturned) -> Iterator[Noted]:
    """An effect on a plain fact."""
    yield Noted(int(event.subject[1:]))


def lose(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
    """The vendor's answer to the last line is lost."""
    if event.subject == "L2":
        raise ConnectionResetError("no answer")
    yield VENDOR.spoken(event, desk)


VENDOR = Vendor("v", lose)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with answers, money, a doubt and a hold."""
    root = tmp_path_factory.mktemp("made")
    play = build(root)
    play.open(first=[Step(n) for n in range(3)])
    play.run()
    play.close()
    return root


def build(root: Path) -> Play:
    """The play on a log in a folder."""
    return Play(
        root, {"asks": stage("asks", asks), "notes": stage("notes", notes), "v": VENDOR}, routes=("v:m",)
    )


@pytest.fixture
def play(made: Path, tmp_path: Path) -> Iterator[Play]:
    for file in made.rglob("*"):
        if file.is_file():
            target = tmp_path / file.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    found = build(tmp_path)
    yield found
    found.log.close()  # not the play's own close, which would find the books wrong, as they are


def problems(play: Play, *, deep: bool = True) -> list[tuple[int, str]]:
    """What is found, with its position."""
    log = Log(play.root / "log.db", play.plugins.codec, read_only=True)
    try:
        return [(p.position, p.what) for p in prove(log, play.artifacts, play.plugins, deep=deep).problems]
    finally:
        log.close()


def forge(play: Play, *sql: str, unguarded: bool = True) -> None:
    """Statements of a stranger, who takes the guards away and puts them back as they were."""
    db = sqlite3.connect(play.root / "log.db", isolation_level=None)
    triggers = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    if unguarded:
        for name in triggers:
            db.execute(f"DROP TRIGGER {name}")
    for one in sql:
        db.execute(one)
    if unguarded:
        for statement in statements(SCHEMA):
            if "CREATE TRIGGER" in statement:
                db.execute(statement)
    db.close()


def test_a_log_that_nobody_touched_has_no_problem_and_tells_what_is_open(play: Play) -> None:
    log = Log(play.root / "log.db", play.plugins.codec, read_only=True)
    proof = prove(log, play.artifacts, play.plugins, deep=True)
    log.close()
    assert proof.problems == [] and proof.records == play.log.head and proof.head == play.log.head_digest()
    assert [(one.stream, one.route, one.ceiling) for one in proof.doubts] == [(STREAM, "v:m", 100_000)]
    assert (proof.owed, proof.asked, proof.flying, proof.uncarried) == (2, 0, 0, 0), "held: the notes wait"


CHANGES = {
    "position": "position + 100000",
    "id": "'0' || substr(id, 2, 30) || 'x'",
    "stream": "stream || 'x'",
    "version": "version + 100",
    "kind": "kind || 'x'",
    "schema": "schema + 1",
    "body": "replace(body, '1', '2') || ' '",
    "cause": "1",
    "root": "coalesce(root, 0) + 1",
    "by": "by || 'x'",
    "at": "'2020' || substr(at, 5)",
    "digest": "zeroblob(32)",
}


@pytest.mark.parametrize("column", CHANGES)
def test_any_column_of_a_record_that_is_changed_shows_with_its_position(play: Play, column: str) -> None:
    position = next(r.position for r in play.log.read(stream=STREAM, kind="speech_returned"))
    forge(play, f"UPDATE event SET {column} = {CHANGES[column]} WHERE position = {position}")
    found = problems(play, deep=False)
    assert [where for where, _ in found] == [position + (column == "position")]
    assert play.log.db.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone() == (3,)


def test_a_record_taken_out_or_put_in_shows(play: Play) -> None:
    forge(play, "DELETE FROM event WHERE position = 6")
    assert problems(play)[-1] == (7, "positions 6 to 6 are missing")


def test_a_trigger_that_is_gone_changed_or_strange_shows_by_its_name(play: Play) -> None:
    forge(play, "DROP TRIGGER event_no_delete", unguarded=False)
    assert "event_no_delete is gone" in problems(play)[0][1]
    weaker = "CREATE TRIGGER event_no_delete BEFORE DELETE ON event WHEN 0 BEGIN SELECT 1; END"
    forge(play, weaker, unguarded=False)
    assert "event_no_delete is not as duanju made it" in problems(play)[0][1]
    forge(play, "CREATE TRIGGER cheap AFTER INSERT ON event BEGIN DELETE FROM spend; END")
    assert problems(play) == [(0, "there is a trigger cheap that duanju did not make")]


@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_an_artifact_that_is_harmed_shows_at_the_first_record_that_names_it(play: Play, harm: str) -> None:
    record = next(play.log.read(stream=STREAM, kind="speech_returned"))
    file = play.artifacts.place(record.event.audio)
    data = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(data[:-1] if harm == "cut" else bytes([data[0] ^ 1]) + data[1:])
    assert [where for where, _ in problems(play)] == [record.position]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE spend SET settled = settled + 1 WHERE scope = 'studio'", "the spend table has for studio"),
        ("DELETE FROM spend WHERE scope = 'series/tea'", "the spend table has for series/tea"),
        ("INSERT INTO spend VALUES ('series/x', '2026-01-01', 1, 0, 0)", "the spend table has for series/x"),
        ("DELETE FROM outcome", "is missing in the outcome table"),
        ("UPDATE outcome SET position = position + 1", "in the outcome table"),
        ("UPDATE ledger SET cost = cost + 1 WHERE cost > 0", "the ledger has for it cost"),
        ("DELETE FROM ledger WHERE state = 'doubted'", "the ledger lacks the call"),
        ("UPDATE ledger_total SET cost = cost + 1", "the ledger's sums"),
        ("UPDATE lease SET carried = 100000", "the lease says that 100000 is carried"),
        ("DELETE FROM lease", "the lease has lost its row"),
    ],
)
def test_a_row_of_a_table_that_is_changed_shows(play: Play, sql: str, says: str) -> None:
    forge(play, sql)
    found = problems(play, deep=False)
    assert any(says in what for _, what in found), found


def test_a_byte_bent_in_the_file_shows_wherever_it_lies(play: Play, tmp_path: Path) -> None:
    play.log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    whole = (play.root / "log.db").read_bytes()
    for word in (b"words 1", b"speech_returned", b"v.on_speech_requested"):
        at = whole.rindex(word)
        bent = tmp_path / "bent" / "log.db"
        bent.parent.mkdir(exist_ok=True)
        bent.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        log = Log(bent, play.plugins.codec, read_only=True)
        assert prove(log, play.artifacts, play.plugins, deep=True).problems, word
        log.close()
