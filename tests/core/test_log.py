"""The log keeps what was acknowledged, refuses what would change it, and shows who tampered with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from attrs import frozen
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from duanju.core.errors import BadLog, CannotCommit, WrongVersion
from duanju.core.log import FIRST, Log, chain
from duanju.core.verify import must_walk, walk
from duanju.events.cast import CharacterChanged, Profile, Voice
from duanju.events.codec import BadBody, Codec, upcast
from duanju.events.kinds import event
from duanju.events.record import Unknown
from duanju.events.vocabulary import builtin_events


@event(home="episode", subject=("name",))
@frozen
class Said:
    """A fact of the tests."""

    name: str
    words: str


@event(home="episode", once=("name",))
@frozen
class Only:
    """A fact that stands once."""

    name: str


STREAM = "episode/a/b"


def codec() -> Codec:
    return Codec([*builtin_events(), Said, Only])


def opened(path: Path | None, **more: bool) -> Log:
    return Log(path, codec(), **more)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    found = opened(tmp_path / "log.db")
    yield found
    found.close()


# -- any sequence of writers, crashes and readers ------------------------------------------------------


class LogMachine(RuleBasedStateMachine):
    """Two writers on one file, crashes of either, and a reader: the log is what was acknowledged, no more."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "log.db"
        self.acknowledged: list[tuple[str, str, str]] = []
        self.once: set[tuple[str, str]] = set()
        self.client: set[str] = set()

    @initialize()
    def start(self) -> None:
        self.logs = [opened(self.path), opened(self.path)]
        self.reader = opened(self.path, read_only=True)
        self.id = self.logs[0].id

    streams = st.sampled_from(["episode/a/b", "episode/a/c", "studio"])
    words = st.text(max_size=12).filter(lambda t: t.encode("utf-8", "replace").decode() == t)

    @rule(who=st.integers(0, 1), stream=streams, texts=st.lists(words, min_size=1, max_size=4))
    def append(self, who: int, stream: str, texts: list[str]) -> None:
        records = self.logs[who].append(stream, [Said(t, t) for t in texts], by="test")
        assert [r.event.words for r in records] == texts
        assert [r.position for r in records] == list(
            range(len(self.acknowledged) + 2, len(self.acknowledged) + 2 + len(texts))
        )
        self.acknowledged += [(stream, "said", t) for t in texts]

    @rule(who=st.integers(0, 1), stream=streams, name=st.sampled_from("xyz"))
    def append_once(self, who: int, stream: str, name: str) -> None:
        records = self.logs[who].append(stream, [Only(name), Only(name)], by="test")
        assert len(records) == ((stream, name) not in self.once)
        if records:
            self.once.add((stream, name))
            self.acknowledged.append((stream, "only", name))

    @rule(who=st.integers(0, 1), stream=streams, id=st.sampled_from(["p", "q", "r"]))
    def append_with_client_id(self, who: int, stream: str, id: str) -> None:
        records = self.logs[who].append(stream, [Said(id, id)], by="test", ids=[id * 32])
        assert len(records) == (id not in self.client)
        if records:
            self.client.add(id)
            self.acknowledged.append((stream, "said", id))

    @rule(who=st.integers(0, 1), stream=streams)
    def crash_in_a_transaction(self, who: int, stream: str) -> None:
        log = self.logs[who]
        log.begin()
        log.add(stream, Said("lost", "lost"), by="test")
        log.flush()
        log.close()
        self.logs[who] = opened(self.path)

    @rule(who=st.integers(0, 1), stream=streams)
    def fail_in_a_transaction(self, who: int, stream: str) -> None:
        with pytest.raises(TypeError):
            self.logs[who].append(stream, [Said("lost", "lost"), object()], by="test")

    @rule(who=st.integers(0, 1))
    def reopen(self, who: int) -> None:
        self.logs[who].close()
        self.logs[who] = opened(self.path)
        assert self.logs[who].id == self.id

    @rule(sql=st.sampled_from(["UPDATE event SET body = '{}'", "DELETE FROM event", "REPLACE"]))
    def a_stranger_changes_it(self, sql: str) -> None:
        stranger = sqlite3.connect(self.path)
        if sql == "REPLACE":
            sql = (
                "INSERT OR REPLACE INTO event SELECT position, id, stream, version, kind, schema, '{}', "
                "cause, root, by, at, digest FROM event ORDER BY position DESC LIMIT 1"
            )
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            stranger.execute(sql)
        stranger.close()

    @invariant()
    def it_holds_what_was_acknowledged(self) -> None:
        if not hasattr(self, "reader"):
            return
        got = []
        for record in self.reader.read(after=1):
            event = record.event
            got.append((record.stream, record.kind, event.words if record.kind == "said" else event.name))
        assert got == self.acknowledged
        assert walk(self.reader).problems == []
        assert walk(self.reader).records == len(got) + 1

    def teardown(self) -> None:
        if hasattr(self, "reader"):
            for log in (*self.logs, self.reader):
                log.close()
        self.folder.cleanup()


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(
    max_examples=12,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


# -- foreign hands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["position", "id", "stream"])
def test_insert_or_replace_of_a_foreign_connection_is_refused(log: Log, tmp_path: Path, key: str) -> None:
    log.append(STREAM, [Said("a", "1"), Said("b", "2")], by="test")
    row = {
        "position": ("2", "'x'", "'new'", "1"),
        "id": ("99", "(SELECT id FROM event WHERE position = 2)", "'new'", "1"),
        "stream": ("99", "'x'", f"'{STREAM}'", "1"),
    }[key]
    stranger = sqlite3.connect(tmp_path / "log.db")
    for word in ("INSERT OR REPLACE", "REPLACE", "INSERT"):
        with pytest.raises(sqlite3.IntegrityError, match="no replace"):
            stranger.execute(
                f"{word} INTO event VALUES ({', '.join(row)}, 'said', 1, '{{}}', NULL, NULL, 'x', 'x', x'00')"
            )
    stranger.close()
    assert must_walk(log) == log.head_digest()


@pytest.mark.parametrize(
    ("change", "position"),
    [
        ("UPDATE event SET body = replace(body, 'two', 'TWO') WHERE position = 3", 3),
        ("UPDATE event SET at = '2020-01-01T00:00:00.000Z' WHERE position = 4", 4),
        ("UPDATE event SET by = 'somebody' WHERE position = 2", 2),
        ("UPDATE event SET cause = 1 WHERE position = 3", 3),
        ("UPDATE event SET id = 'other' WHERE position = 4", 4),
        ("UPDATE event SET digest = zeroblob(32) WHERE position = 3", 3),
        ("DELETE FROM event WHERE position = 3", 4),
        ("UPDATE event SET body = 'no json', kind = 'said' WHERE position = 4", 4),
    ],
)
def test_a_tampered_row_is_found_with_its_position(tmp_path: Path, change: str, position: int) -> None:
    log = opened(tmp_path / "log.db")
    log.append(STREAM, [Said("a", "one"), Said("b", "two"), Said("c", "three")], by="test")
    assert walk(log).problems == []
    log.close()
    _tamper(tmp_path / "log.db", change)
    log = opened(tmp_path / "log.db")
    assert [p.position for p in walk(log).problems] == [position]
    with pytest.raises(BadLog, match=f"position {position}"):
        must_walk(log)
    log.close()


def test_a_row_changed_with_its_digest_breaks_the_next_one(tmp_path: Path) -> None:
    log = opened(tmp_path / "log.db")
    log.append(STREAM, [Said("a", "one"), Said("b", "two"), Said("c", "three")], by="test")
    row = list(log.db.execute("SELECT * FROM event WHERE position = 3").fetchone())
    before = log.db.execute("SELECT digest FROM event WHERE position = 2").fetchone()[0]
    log.close()
    row[6] = row[6].replace("two", "TWO")
    forged = chain(before, tuple(row))
    _tamper(tmp_path / "log.db", "UPDATE event SET body = ?, digest = ? WHERE position = 3", row[6], forged)
    log = opened(tmp_path / "log.db")
    assert [p.position for p in walk(log).problems] == [4]
    log.close()


def _tamper(path: Path, change: str, *values: object) -> None:
    stranger = sqlite3.connect(path)
    for name in ("update", "delete", "replace"):
        stranger.execute(f"DROP TRIGGER event_no_{name}")
    stranger.execute(change, values)
    stranger.commit()
    stranger.close()


def test_the_digest_is_what_the_design_says(log: Log) -> None:
    import hashlib

    log.append(STREAM, [Said("a", "ä\n\0"), Said("b", "两")], by="test", cause=1)
    previous = bytes(32)
    for r in log.read():
        head = orjson.dumps(
            [r.position, r.id, r.stream, r.version, r.kind, r.schema, r.cause, r.root, r.by, r.at]
        )
        previous = hashlib.sha256(previous + head + b"\n" + r.body.encode()).digest()
        assert previous == r.digest
    assert bytes(32) == FIRST
    assert log.head_digest() == previous.hex()


# -- expected, ids, groups -------------------------------------------------------------------------------


def test_expected_compares_the_last_record_of_the_subject(log: Log) -> None:
    (first,) = log.append(STREAM, [Said("a", "one")], by="test", expected=(Said, ("a",), None))
    log.append(STREAM, [Said("b", "other"), Only("x")], by="test")  # another subject is no conflict
    log.append(STREAM, [Said("a", "two")], by="test", expected=(Said, ("a",), first.position))
    with pytest.raises(WrongVersion) as error:
        log.append(STREAM, [Said("a", "three")], by="test", expected=(Said, ("a",), first.position))
    assert f"you saw position {first.position}" in str(error.value)
    assert "the log has 5" in str(error.value) and "two" in str(error.value)
    assert log.head == 5
    with pytest.raises(WrongVersion, match="nothing"):
        log.append(STREAM, [Said("c", "x")], by="test", expected=(Said, ("c",), 2))


def test_a_group_is_appended_whole_or_not_at_all(log: Log) -> None:
    with pytest.raises(TypeError, match="no event of this log"):
        log.append(STREAM, [Said("a", "1"), Said("b", "2"), object()], by="test")
    with pytest.raises(TypeError):
        log.append(STREAM, [Said("a", "1"), Said("b", "\ud800")], by="test")
    assert log.head == 1
    assert not log.db.in_transaction
    assert [r.version for r in log.append(STREAM, [Said("a", "1"), Said("b", "2")], by="test")] == [1, 2]


def test_once_keys_are_of_one_stream_and_kind(log: Log) -> None:
    assert len(log.append(STREAM, [Only("x")], by="a")) == 1
    assert log.append(STREAM, [Only("x")], by="b") == []
    assert len(log.append("episode/a/c", [Only("x")], by="b")) == 1
    assert len(log.append(STREAM, [Only("y"), Only("y")], by="b")) == 1


def test_a_repeated_id_that_is_no_client_id_is_an_error(log: Log) -> None:
    with log.writing():
        log.add(STREAM, Said("a", "1"), by="test", id="f" * 32)
    with pytest.raises(CannotCommit), log.writing():
        log.add(STREAM, Said("a", "2"), by="test", id="f" * 32)
    assert log.head == 2
    assert log.append(STREAM, [Said("a", "3")], by="test")[0].position == 3


def test_rows_are_found_inside_the_open_transaction(log: Log) -> None:
    with log.writing():
        record = log.add(STREAM, Said("a", "1"), by="test", id="e" * 32)
        assert record is not None
        assert log.has_id("e" * 32)
        assert log.position_of("e" * 32) == record.position == 2
        found = log.at(2)
        assert found is not None and found.event == Said("a", "1")
        assert log.at(3) is None
    assert [r.body for r in log.read(stream=STREAM)] == ['{"name":"a","words":"1"}']


# -- reading what others wrote ---------------------------------------------------------------------------


def test_old_bodies_are_lifted_step_by_step_and_newer_ones_refused() -> None:
    @event(home="episode", schema=3)
    @frozen
    class Lifted:
        title: str
        loud: bool

    @upcast("lifted", 1)
    def one(body: dict[str, object]) -> dict[str, object]:
        return {"title": body["name"]}

    @upcast("lifted", 2)
    def two(body: dict[str, object]) -> dict[str, object]:
        return {**body, "loud": False}

    found = Codec([Lifted])
    assert found.decode("lifted", 1, '{"name":"a"}') == Lifted("a", False)
    assert found.decode("lifted", 2, '{"title":"a"}') == Lifted("a", False)
    assert found.decode("lifted", 3, '{"title":"a","loud":true}') == Lifted("a", True)
    with pytest.raises(BadBody, match=r"position 7 has schema 4.*update duanju"):
        found.decode("lifted", 4, "{}", 7)
    with pytest.raises(BadBody, match=r"position 7.*title"):
        found.decode("lifted", 3, '{"loud":true}', 7)
    with pytest.raises(BadBody, match=r"position 7.*no JSON"):
        found.decode("lifted", 3, "{", 7)
    with pytest.raises(BadBody, match="no upcaster from schema 0"):
        found.decode("lifted", 0, "{}", 7)


def test_an_unknown_kind_reads_as_unknown(tmp_path: Path) -> None:
    log = opened(tmp_path / "log.db")
    log.append(STREAM, [Said("a", "1")], by="test")
    log.close()
    log = Log(tmp_path / "log.db", Codec(builtin_events()))
    (record,) = log.read(stream=STREAM)
    assert record.event == Unknown("said", {"name": "a", "words": "1"})
    assert must_walk(log)
    log.close()


def test_read_selects_by_stream_kind_and_position(log: Log) -> None:
    log.append(STREAM, [Said("a", "1"), Only("x"), Said("b", "2")], by="test")
    log.append("episode/a/c", [Said("c", "3")], by="test")
    profile = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())
    log.append("series/a", [CharacterChanged("a", "Lin", profile, Voice("female", 0, 50, 100), "x")], by="t")
    assert [r.position for r in log.read(kind="said")] == [2, 4, 5]
    assert [r.position for r in log.read(stream=STREAM, kind="said", after=2)] == [4]
    assert [r.position for r in log.read(after=2, upto=4)] == [3, 4]
    assert log.streams() == ["episode/a/b", "episode/a/c", "series/a", "studio"]
    assert log.streams("episode/") == ["episode/a/b", "episode/a/c"]
    assert log.streams("nothing") == []


# -- other processes -------------------------------------------------------------------------------------

_WRITER = """
import sys
from pathlib import Path
from duanju.core.log import Log
from duanju.events.calls import BudgetRaised
from duanju.events.codec import Codec
from duanju.events.vocabulary import builtin_events
log = Log(Path(sys.argv[1]), Codec(builtin_events()))
for i in range(int(sys.argv[2])):
    log.append("episode/a/" + sys.argv[3], [BudgetRaised("episode", i, sys.argv[3])], by="test")
log.close()
"""


def test_processes_that_make_and_write_one_log_at_once_leave_a_whole_chain(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), "15", str(n)], stderr=subprocess.PIPE)
        for n in range(4)
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors.decode()
    log = opened(path, read_only=True)
    assert walk(log).problems == []
    assert log.head == 1 + 4 * 15
    for n in range(4):
        assert [r.event.cap for r in log.read(stream=f"episode/a/{n}")] == list(range(15))
    log.close()


def test_follow_sees_what_another_process_appends(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = opened(path)
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(path), "5", "w"])
    seen: list[int] = []
    for record in log.follow(1, stop=lambda: writer.poll() is not None and log.refresh() is False, tick=0.02):
        seen.append(record.event.cap)
        if len(seen) == 5:
            break
    assert writer.wait(60) == 0
    assert seen == list(range(5))
    log.close()


def test_a_reader_sees_a_whole_state_while_a_writer_writes(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    opened(path).close()
    ended = threading.Event()

    def write() -> None:
        log = opened(path)
        for i in range(30):
            log.append(STREAM, [Said(str(i), "x")] * 3, by="test")
        log.close()
        ended.set()

    thread = threading.Thread(target=write)
    thread.start()
    reader = opened(path, read_only=True)
    counts = []
    while not ended.is_set():
        found = walk(reader)
        assert found.problems == []
        counts.append(found.records)
    thread.join()
    assert all(count % 3 == 1 for count in counts), "a reader saw half a group"
    assert walk(reader).records == 91
    reader.close()


# -- what is no log --------------------------------------------------------------------------------------


def test_what_is_no_log_is_named(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("this is no database at all, but a text of some length" * 40)
    with pytest.raises(BadLog, match=r"text.db cannot be opened as a log"):
        opened(text)
    other = tmp_path / "other.db"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE photo(id)")
    db.commit()
    with pytest.raises(BadLog, match="no duanju log"):
        opened(other)
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("photo",)]
    assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    db.close()
    with pytest.raises(BadLog, match=r"missing.db cannot be opened"):
        opened(tmp_path / "missing.db", read_only=True)
    with pytest.raises(BadLog, match="cannot be opened"):
        opened(tmp_path / "no" / "folder.db")


def test_a_newer_log_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    opened(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 3")
    db.close()
    with pytest.raises(BadLog, match=r"log.db has table schema 3, this duanju knows 2"):
        opened(path)
    with pytest.raises(BadLog, match="schema 3"):
        opened(path, read_only=True)
    assert len(os.listdir("/proc/self/fd")) < 200


def test_a_failed_open_leaves_nothing_open(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("no database" * 400)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(BadLog):
            opened(text)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_read_only_log_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    opened(path).close()
    log = opened(path, read_only=True)
    with pytest.raises(CannotCommit, match="writable"):
        log.append(STREAM, [Said("a", "1")], by="test")
    log.close()


def test_a_log_in_memory_works_like_one_in_a_file() -> None:
    log = opened(None)
    log.append(STREAM, [Said("a", "1")], by="test")
    assert must_walk(log) == log.head_digest()
    log.close()
