"""The ledger's tables are what the log says: after any play, any crash, from any earlier release."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from audited import audit_faults
from hypothesis import given, settings
from moneykit import LONG, MOVES, Clerk, opened

from duanju.core import ledger_table
from duanju.core.errors import BadLog, CannotCommit
from duanju.core.ledger_table import kept_ledger
from duanju.core.log import Log
from duanju.core.rebuild_ledger import ledger_problems, rebuild_ledger
from duanju.core.schema import VIEWS, made_by
from duanju.core.verify import schema_problems


def tables(db: sqlite3.Connection) -> list[list[Any]]:
    """What the ledger's tables hold."""
    return [
        db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
        for name in ("ledger", "ledger_total", "ledger_job")
    ]


def events(path: Path) -> str:
    """A digest of every column of every event."""
    db = sqlite3.connect(path)
    whole = hashlib.sha256(repr(db.execute("SELECT * FROM event ORDER BY position").fetchall()).encode())
    db.close()
    return whole.hexdigest()


def made_earlier(path: Path) -> None:
    """Takes from a log what the former release did not have."""
    db = sqlite3.connect(path)
    there = dict(db.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    for name in sorted(made_by().keys() - made_by(1).keys(), key=lambda name: there.get(name) == "table"):
        if name in there:
            db.execute(f"DROP {there[name]} {name}")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with calls of every fate in it."""
    path = tmp_path_factory.mktemp("ledger") / "log.db"
    clerk = Clerk(path)
    clerk.play(LONG)
    clerk.close()
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A copy of that log."""
    return Path(shutil.copy(template, tmp_path / "log.db"))


@settings(max_examples=40, derandomize=True)
@given(moves=MOVES)
def test_any_play_is_booked_as_the_log_says(moves: list[tuple[str, int, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clerk = Clerk(Path(folder) / "log.db")
        clerk.play(moves)
        assert audit_faults(clerk.log) == []
        before = tables(clerk.log.db)
        rebuild_ledger(clerk.log)
        assert tables(clerk.log.db) == before
        clerk.close()


def test_with_a_small_memory_it_is_the_same(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_table, "_MOST", 1)
    clerk = Clerk(tmp_path / "small.db")
    clerk.play(LONG)
    large = sqlite3.connect(path)
    assert tables(clerk.log.db) == tables(large) and audit_faults(clerk.log) == []
    assert len(tables(large)[0]) > 20 and tables(large)[2]
    large.close()
    clerk.close()


def test_a_log_of_the_former_release_is_read_as_it_is_and_completed_when_written(path: Path) -> None:
    log = opened(path)
    whole = tables(log.db)
    log.close()
    digest = events(path)
    made_earlier(path)
    log = opened(path, read_only=True)
    assert not log.audited and schema_problems(log) == [] and list(ledger_problems(log)) == []
    assert log.db.execute("PRAGMA user_version").fetchone() == (1,)
    log.close()
    log = opened(path)
    assert log.audited and tables(log.db) == whole and audit_faults(log) == []
    assert schema_problems(log) == []
    assert [log.db.execute(f"SELECT count(*) FROM {view}").fetchone()[0] >= 0 for view in VIEWS]
    log.close()
    assert events(path) == digest


def test_an_earlier_engine_at_work_is_not_overtaken(path: Path) -> None:
    made_earlier(path)
    lock = os.open(path.parent / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(CannotCommit, match="an earlier duanju whose engine is at work on it; let it end"):
        opened(path)
    opened(path, read_only=True).close()
    os.close(lock)
    opened(path).close()


def test_a_damaged_record_stops_the_completion_and_nothing_is_half_done(path: Path) -> None:
    made_earlier(path)
    db = sqlite3.connect(path)
    db.execute("DROP TRIGGER event_no_update")
    db.execute(
        "UPDATE event SET body = '{' WHERE position = (SELECT min(position) FROM event "
        "WHERE kind = 'call_admitted')"
    )
    db.commit()
    db.close()
    with pytest.raises(Exception, match=r"position \d+ \(call_admitted\) is no JSON"):
        opened(path)
    log = opened(path, read_only=True)
    assert not log.audited
    assert "ledger" not in dict(log.db.execute("SELECT name, type FROM sqlite_master"))
    log.close()


@pytest.mark.parametrize(
    ("change", "told", "placed"),
    [
        (
            "UPDATE ledger SET cost = 7 WHERE cost = 42",
            r"the ledger has for it cost \$0\.000007 where the log says \$0\.000042",
            True,
        ),
        (
            "UPDATE ledger SET state = 'open' WHERE state = 'returned'",
            "state open where the log says returned",
            True,
        ),
        ("UPDATE ledger SET stage = 'x'", "stage x where the log says", True),
        ("DELETE FROM ledger", "the ledger lacks the call", True),
        (
            "INSERT INTO ledger SELECT 9999, stream, day, route, capability, stage, purpose, subject, state, "
            "ceiling, cost, billing, estimated, paid, request, outcome, doubt, reused_from, first, quote, "
            "revision, take, latency_ms, attempts, rejected FROM ledger LIMIT 1",
            "the ledger has a call that the log has not",
            True,
        ),
        ("UPDATE ledger_total SET cost = cost + 1", "the ledger's sums for episode/", False),
        ("DELETE FROM ledger_total", "the ledger's sums for episode/", False),
        ("DELETE FROM ledger_job", "the ledger's table of submissions is not what the log says", False),
    ],
)
def test_a_changed_ledger_is_found_and_mended(path: Path, change: str, told: str, placed: bool) -> None:
    db = sqlite3.connect(path)
    assert db.execute(change).rowcount > 0
    db.commit()
    db.close()
    log = opened(path)
    found = [one for one in ledger_problems(log) if re.search(told, one.what)]
    assert found and all((one.position > 0) == placed for one in found)
    rebuild_ledger(log)
    assert audit_faults(log) == []
    log.close()


@pytest.mark.parametrize("name", ["cost_by_episode", "ledger_request", "ledger"])
def test_a_missing_view_index_or_table_is_named_and_made_again(path: Path, name: str) -> None:
    db = sqlite3.connect(path)
    (kind,) = db.execute("SELECT type FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    db.execute(f"DROP {kind} {name}")
    db.commit()
    db.close()
    log = opened(path)
    assert [one.what for one in schema_problems(log) if one.what.startswith(f"{name} is gone")]
    rebuild_ledger(log)
    assert schema_problems(log) == [] and audit_faults(log) == []
    log.close()


def test_a_rolled_back_transaction_leaves_no_trace(path: Path) -> None:
    log = opened(path)
    before = tables(log.db)
    clerk = Clerk(path)
    clerk.play([("ask", 1, 1, "same"), ("admit", 1, 1, "same"), ("back", 1, 0, "roll back")])
    assert tables(log.db) == before
    clerk.play([("ask", 1, 1, "same"), ("admit", 1, 1, "same"), ("back", 1, 0, "commit")])
    assert len(tables(log.db)[0]) == len(before[0]) + 1 and audit_faults(log) == []
    clerk.close()
    log.close()


def test_the_table_gives_the_same_ledger_as_the_fold(path: Path) -> None:
    from duanju.core.ledger import ledger_of

    log = opened(path)
    kept, folded = kept_ledger(log.db), ledger_of(log)
    assert kept.sums() == folded.sums() and folded.sums().wasted > 0
    for group in ("model", "provider", "stage", "series", "episode", "purpose", "day"):
        assert kept.by(group) == folded.by(group)
    assert kept.timings() == folded.timings() and len(kept.timings()) > 1
    log.close()


def test_a_log_in_memory_has_it_too() -> None:
    log = opened(None)
    assert isinstance(log, Log) and log.audited and audit_faults(log) == []
    log.close()


def test_a_file_that_is_no_log_is_not_completed(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "other.db")
    db.execute("CREATE TABLE photo(a)")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    with pytest.raises(BadLog):
        opened(tmp_path / "other.db")
    db = sqlite3.connect(tmp_path / "other.db")
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("photo",)]
    db.close()
