"""The log's files are cut, bent or lost: it opens with a whole prefix, or says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import frozen
from faultkit import Machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from duanju.core.errors import DuanjuError
from duanju.core.log import Log
from duanju.core.verify import walk
from duanju.events.codec import Codec
from duanju.events.vocabulary import builtin_events

HERE = Path(__file__).parent


@frozen
class Crashed:
    """The files of a log whose process was killed, and the digests that it had said are durable."""

    folder: Path
    digests: tuple[bytes, ...]


@pytest.fixture(scope="session")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """Forty commits in the WAL, none of them checkpointed."""
    folder = tmp_path_factory.mktemp("crashed")
    ran = subprocess.run(
        [sys.executable, str(HERE / "append_child.py"), str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    digests = tuple(bytes.fromhex(line) for line in ran.stdout.split())
    assert len(digests) == 40, ran.stderr
    assert (folder / "log.db-wal").stat().st_size > 100_000
    return Crashed(folder, digests)


def copied(crashed: Crashed, root: Path) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(crashed.folder, root)
    return root / "log.db"


def opened(path: Path) -> tuple[list[bytes], list[str]]:
    """The digests of a log's records, and what a walk finds wrong."""
    log = Log(path, Codec(builtin_events()))
    try:
        return [bytes(row[0]) for row in log.db.execute("SELECT digest FROM event ORDER BY position")], [
            one.what for one in walk(log).problems
        ]
    finally:
        log.close()


def test_nothing_acknowledged_is_lost_by_a_kill(crashed: Crashed, tmp_path: Path) -> None:
    digests, problems = opened(copied(crashed, tmp_path / "a"))
    assert problems == [] and tuple(digests[-40:]) == crashed.digests


@pytest.mark.parametrize("gone", [("-shm",), ("-wal",), ("-shm", "-wal")])
def test_side_files_that_are_deleted_leave_a_whole_prefix(
    crashed: Crashed, tmp_path: Path, gone: tuple[str, ...]
) -> None:
    path = copied(crashed, tmp_path / "a")
    for name in gone:
        path.with_name("log.db" + name).unlink()
    digests, problems = opened(path)
    assert problems == []
    if "-wal" in gone:  # what a person deleted is gone, and the rest is sound
        assert len(digests) == 1
    else:
        assert tuple(digests[-40:]) == crashed.digests


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1), how=st.sampled_from(["cut", "flip", "zero"]), keep_shm=st.booleans())
def test_a_torn_wal_opens_with_a_whole_prefix(
    crashed: Crashed, tmp_path: Path, where: float, how: str, keep_shm: bool
) -> None:
    path = copied(crashed, tmp_path / "a")
    wal = path.with_name("log.db-wal")
    data = bytearray(wal.read_bytes())
    at = min(int(where * len(data)), len(data) - 1)
    if how == "cut":
        data = data[:at]
    elif how == "flip":
        data[at] ^= 0x41
    else:
        data[at : at + 512] = bytes(len(data[at : at + 512]))
    wal.write_bytes(data)
    if not keep_shm:  # as after a loss of power; beside a living -shm nobody tears a file
        path.with_name("log.db-shm").unlink()
    digests, problems = opened(path)
    assert problems == []
    known = digests[1:]
    assert tuple(known) == crashed.digests[: len(known)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1), how=st.sampled_from(["cut", "flip"]), bit=st.integers(0, 7))
@example(where=0.6515750100766994, how="flip", bit=0)  # a text column becomes a blob
@example(where=52874 / 53248, how="flip", bit=0)  # the head's digest becomes another type
def test_a_bent_log_is_whole_or_told(
    crashed: Crashed, tmp_path: Path, where: float, how: str, bit: int
) -> None:
    """What matters is never silent: each damage shows, or has touched nothing that the log says."""
    path = copied(crashed, tmp_path / "a")
    whole, _ = opened(path)  # and checkpointed, so that all of it stands in log.db
    data = bytearray(path.read_bytes())
    at = min(int(where * len(data)), len(data) - 1)
    if how == "cut":
        data = data[: at // 4096 * 4096]
    else:
        data[at] ^= 1 << bit
    path.write_bytes(data)
    try:
        log = Log(path, Codec(builtin_events()), read_only=True)
    except DuanjuError as error:
        assert str(error)
        return
    try:
        found = walk(log)
        if found.problems:
            return
        digests = [row[0] for row in log.db.execute("SELECT digest FROM event ORDER BY position")]
    finally:
        log.close()
    assert digests == whole[: len(digests)]


HARMS = {
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2 // 4096 * 4096),
    "cut inside a page": lambda path: os.truncate(path, 5000),
    "empty": lambda path: os.truncate(path, 0),
    "gone": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "noise": lambda path: path.write_bytes(os.urandom(20_000)),
    "a bad body": lambda path: _spoil(path, "body = 'x'"),
    "a bad digest": lambda path: _spoil(path, "digest = zeroblob(32)"),
}


def _spoil(path: Path, change: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER event_no_update")
        db.execute(f"UPDATE event SET {change} WHERE position = 3")
    db.close()


@pytest.mark.parametrize("harm", HARMS)
def test_a_harmed_log_is_told_by_every_command_and_never_begun_anew(machine: Machine, harm: str) -> None:
    assert machine.call("produce", "tea.txt").returncode == 0
    for side in ("-wal", "-shm"):
        machine.log_path.with_name("log.db" + side).unlink(missing_ok=True)
    HARMS[harm](machine.log_path)
    verified = machine.call("verify")
    assert verified.returncode in (1, 2)
    assert "backup" in verified.stderr and "Traceback" not in verified.stderr, verified.stderr
    for words in (["status"], ["history", "tea"], ["backup", "copy"], ["resume"], ["produce", "tea.txt"]):
        ran = machine.call(*words)
        assert "Traceback" not in ran.stderr and "something unexpected" not in ran.stderr, (words, ran.stderr)
    if machine.log_path.is_file() and harm != "noise":
        kinds = machine.kinds() if harm.startswith("a bad") else []
        assert kinds.count("studio_opened") in (0, 1)
    assert harm != "gone" or not machine.log_path.exists()  # nothing new in the place of what was lost
    assert harm != "empty" or machine.log_path.stat().st_size == 0
