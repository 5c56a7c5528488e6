"""`duanju verify`: what is open, deep checks, the head and its witness, and tables written anew."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def made(duanju: Any, place: Path) -> Path:
    """A delivered episode; the path of its log."""
    assert duanju("produce", "tea.txt").code == 0
    return place / "studio" / ".duanju" / "log.db"


def forge(log: Path, sql: str) -> None:
    """A stranger's statement."""
    db = sqlite3.connect(log, isolation_level=None)
    db.execute(sql)
    db.close()


def test_the_head_is_a_witness_of_a_log_that_grows(duanju: Any, made: Path, place: Path) -> None:
    position, digest = duanju("verify", "--head").out.split()
    whole = json.loads(duanju("verify", "--json").out)
    assert (int(position), digest) == (whole["records"], whole["head"])
    assert json.loads(duanju("verify", "--head", "--json").out) == {"position": int(position), "head": digest}
    ran = duanju("verify", "--check-head", digest.upper())
    assert ran.code == 0 and "the witness is the head" in ran.out
    (place / "two.txt").write_text("Title: Two\nINT. HALL\nhello\n", encoding="utf-8")
    assert duanju("produce", "two.txt").code == 0
    ran = duanju("verify", "--deep", "--check-head", digest)
    assert ran.code == 0 and f"the witness stands at position {position}: " in ran.out
    strange = duanju("verify", "--check-head", "0" * 64)
    assert strange.code == 1 and "stands nowhere in this log" in strange.err
    assert json.loads(duanju("verify", "--check-head", digest, "--json").out)["witness"] == int(position)


def test_a_log_that_was_cut_off_or_made_anew_has_lost_its_witness(duanju: Any, made: Path) -> None:
    digest = duanju("verify", "--head").out.split()[1]
    db = sqlite3.connect(made, isolation_level=None)
    (last,) = db.execute("SELECT max(position) FROM event").fetchone()
    db.execute("DROP TRIGGER event_no_delete")
    db.execute("DELETE FROM event WHERE position = ?", (last,))
    db.close()
    assert duanju("verify", "--check-head", digest).code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--head", "--deep"),
        ("--rebuild", "--head"),
        ("--check-head", "abc"),
        ("--check-head", "g" * 64),
        ("--check-head", "0" * 64, "--rebuild"),
    ],
)
def test_wrong_use_is_told(duanju: Any, made: Path, words: tuple[str, ...]) -> None:
    assert duanju("verify", *words).code == 2


def test_what_is_open_and_in_doubt_is_told_and_is_no_problem(
    duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_LOSE", "good")
    assert duanju("produce", "tea.txt").code == 1
    ran = duanju("verify", "--deep")
    assert ran.code == 0
    assert "in doubt: position" in ran.out and "paid:voice, up to $0.16: duanju review list" in ran.out
    found = json.loads(duanju("verify", "--deep", "--json").out)
    assert found["deep"] is True and found["problems"] == []
    assert [(one["episode"], one["ceiling"]) for one in found["doubted"]] == [("Tea/tea", 160_000)]


def test_a_deleted_row_of_open_work_shows_and_is_put_back(
    duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_LOSE", "good")
    assert duanju("produce", "tea.txt").code == 1
    log = place / "studio" / ".duanju" / "log.db"
    forge(log, "DELETE FROM work WHERE hook = 'doubt'")
    ran = duanju("verify", "--deep")
    assert ran.code == 1 and "is in doubt, but its row in `work` is gone" in ran.err
    assert duanju("verify", "--rebuild").code == 0
    assert duanju("verify", "--deep").code == 0


def test_tables_that_were_changed_are_written_anew(duanju: Any, made: Path) -> None:
    forge(made, "UPDATE spend SET settled = 1")
    forge(made, "DELETE FROM outcome")
    forge(made, "UPDATE ledger SET cost = 1")
    ran = duanju("verify")
    assert ran.code == 1 and "duanju verify --rebuild writes anew" in ran.err
    ran = duanju("verify", "--rebuild")
    assert ran.code == 0 and "written anew from the log: 2 rows of the ledger, 3 of spend" in ran.out
    assert duanju("verify", "--deep").code == 0
    assert json.loads(duanju("verify", "--rebuild", "--json").out)["work_added"] == 0


def test_nothing_is_rebuilt_while_an_engine_runs(duanju: Any, made: Path, toy: Any) -> None:
    from duanju.core.lease import Lease
    from duanju.core.log import Log

    log = Log(made, toy.toy_plugins().codec)
    with Lease(log):
        ran = duanju("verify", "--rebuild")
    log.close()
    assert ran.code == 2 and "an engine runs on" in ran.err


def test_a_page_of_the_file_that_was_bent_shows(duanju: Any, made: Path) -> None:
    db = sqlite3.connect(made, isolation_level=None)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    data = bytearray(made.read_bytes())
    at = data.rindex(b"speech_requested")
    data[at : at + 6] = b"SPEECH"
    made.write_bytes(bytes(data))
    assert duanju("verify", "--deep").code == 1
