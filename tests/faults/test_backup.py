"""A backup is whole, of one moment, and a studio, also while an engine works and when it is interrupted."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from faultkit import Machine

from duanju.core import backup as module
from duanju.core.backup import back_up, named_in
from duanju.core.errors import CannotCommit, WrongUse
from duanju.core.studio import Studio
from duanju.events.artifact import Artifact
from duanju.events.calls import DoubtSettled

HERE = Path(__file__).parent
SLOW = {"TOY_SLOW": "0.15"}


def settle(machine: Machine, studio: Path) -> int:
    """A person says of every doubt in a copy that the vendor took the call; returns how many there were."""
    from duanju.core.log import Log

    log = Log(studio / ".duanju" / "log.db", machine.plugins().codec)
    try:
        doubts = [log.at(row[0]) for row in log.db.execute("SELECT cause FROM work WHERE hook = 'doubt'")]
        for doubt in doubts:
            assert doubt is not None
            settled = DoubtSettled(doubt.event.request, doubt.event.admitted, "given_up", "a test", "")
            log.append(doubt.stream, [settled], by="cli.review", cause=doubt.position)
        return len(doubts)
    finally:
        log.close()


def test_backups_in_a_loop_beside_an_engine_are_each_a_whole_studio(machine: Machine) -> None:
    machine.script("tea", 14)
    engine = machine.start("produce", "tea.txt", env=SLOW)
    machine.wait_for_kind("call_admitted")
    copies: list[Path] = []
    heads: list[str] = []
    while engine.poll() is None and len(copies) < 5:
        copy = machine.place / f"copy-{len(copies)}"
        heads.append(back_up(Studio(machine.studio), copy).head)
        copies.append(copy)
    engine.communicate(timeout=60)
    assert engine.returncode == 0
    whole = machine.log()
    digests = {bytes(row[0]).hex() for row in whole.db.execute("SELECT digest FROM event")}
    whole.close()
    assert len(copies) >= 3 and set(heads) <= digests  # each head is a moment of the studio's own history
    refused = doubts = 0
    for copy in copies:
        assert machine.faults(copy, open_work=True) == []
        first = machine.call("resume", "--studio", str(copy))
        if first.returncode == 2:
            refused += 1
            assert "--adopt" in first.stderr and "paid call" in first.stderr
            assert "episode_held" not in machine.kinds(copy)
            machine.call("resume", "--studio", str(copy), "--adopt")
        doubts += settle(machine, copy)
        last = machine.call("resume", "--studio", str(copy))
        assert last.returncode == 0, last.stdout + last.stderr
        assert machine.faults(copy) == []
        assert "studio_moved" in machine.kinds(copy)
    assert refused and doubts  # some were taken while calls were under way
    assert machine.faults() == []


def test_a_copied_studio_verifies_reads_and_is_resumed_only_with_adopt(machine: Machine) -> None:
    engine = machine.start("produce", "tea.txt", env={"TOY_SLOW": "30"})
    machine.wait_for_kind("call_admitted", 2)
    engine.kill()
    engine.wait()
    shutil.copytree(machine.studio, machine.place / "twin")
    for words in (["verify"], ["status"], ["history", "tea"], ["costs"]):
        assert machine.call(*words, "--studio", "twin").returncode == 0
    for words in (["resume"], ["produce", "tea.txt"]):
        ran = machine.call(*words, "--studio", "twin")
        assert ran.returncode == 2
        assert "2 paid calls unfinished" in ran.stderr and "duanju resume --adopt" in ran.stderr
    assert machine.kinds(machine.place / "twin") == machine.kinds()
    adopted = machine.call("resume", "--studio", "twin", "--adopt")
    assert adopted.returncode == 1 and "--not-accepted" in adopted.stdout + adopted.stderr
    assert settle(machine, machine.place / "twin") == 2
    assert machine.call("resume", "--studio", "twin").returncode == 0
    assert machine.faults(machine.place / "twin") == []


def test_a_moved_studio_without_paid_work_goes_on_by_itself(machine: Machine) -> None:
    assert machine.call("produce", "tea.txt").returncode == 0
    machine.studio.rename(machine.place / "moved")
    ran = machine.call("produce", "tea.txt", "--studio", "moved")
    assert ran.returncode == 0, ran.stderr
    assert machine.kinds(machine.place / "moved").count("studio_moved") == 1
    assert machine.call("produce", "tea.txt", "--studio", "moved").returncode == 0
    assert machine.kinds(machine.place / "moved").count("studio_moved") == 1


def test_backup_says_what_it_copied_and_refuses_what_is_there(machine: Machine) -> None:
    none_yet = machine.call("backup", "copy")
    assert none_yet.returncode == 2 and "duanju produce" in none_yet.stderr
    machine.call("produce", "tea.txt")
    (machine.place / "copy").mkdir()  # an empty folder is as good as none
    told = machine.call("backup", "copy", "--json")
    found = json.loads(told.stdout)
    log = machine.log()
    assert found["head"] == log.head_digest() and found["records"] == log.head and found["problems"] == []
    log.close()
    assert found["files"] == 5 and found["target"] == str(machine.place / "copy")
    assert sorted(os.listdir(machine.place / "copy" / ".duanju")) == ["artifacts", "log.db"]
    (machine.place / "a file").write_text("x")
    (machine.place / "link").symlink_to(machine.place / "nowhere")
    for target, why in (
        ("copy", "is not empty"), ("a file", "is no folder"), ("link", "is no folder"),
        ("no/such/place", "make it first"), ("studio/.duanju/copy", "inside"),
    ):  # fmt: skip
        ran = machine.call("backup", target)
        assert (ran.returncode, why in ran.stderr) == (2, True), (target, ran.stderr)
    again = machine.call("produce", "tea.txt", "--studio", "copy")
    assert again.returncode == 0 and (machine.place / "copy/out/Tea/tea/episode.mp4").is_file()
    assert machine.faults(machine.place / "copy") == []


def test_what_is_damaged_in_the_studio_is_told_and_left_out(machine: Machine) -> None:
    machine.call("produce", "tea.txt")
    store = machine.studio / ".duanju" / "artifacts"
    gone, bent = sorted(p for p in store.glob("??/*"))[:2]
    gone.unlink()
    bent.write_bytes(bytes(len(bent.read_bytes())))
    ran = machine.call("backup", "copy")
    assert ran.returncode == 1
    for path in (gone, bent):
        assert path.parent.name + path.name in ran.stderr
    assert "2 problems" in ran.stderr and "position" in ran.stderr
    left = sorted(p.name for p in (machine.place / "copy/.duanju/artifacts").glob("??/*"))
    assert left == sorted(p.name for p in store.glob("??/*") if p != bent)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_backup_leaves_nothing(machine: Machine, number: signal.Signals) -> None:
    machine.call("produce", "tea.txt")
    before = sorted(os.listdir(machine.place))
    process = machine.start("backup", "copy", program=HERE / "slow_backup.py")
    assert process.stdout is not None
    assert process.stdout.readline() == "copying\n"
    assert [name for name in os.listdir(machine.place) if name.startswith(".copy.part-")]
    process.send_signal(number)
    assert process.wait(timeout=30) == 130
    assert sorted(os.listdir(machine.place)) == before


def test_what_a_killed_backup_left_is_swept_by_the_next_but_not_one_under_way(machine: Machine) -> None:
    machine.call("produce", "tea.txt")
    before = sorted(os.listdir(machine.place))
    dead, alive = (machine.start("backup", "copy", program=HERE / "slow_backup.py") for _ in range(2))
    for process in (dead, alive):
        assert process.stdout is not None and process.stdout.readline() == "copying\n"
    dead.kill()
    dead.wait()
    assert machine.call("backup", "copy").returncode == 0
    parts = [name for name in os.listdir(machine.place) if name.startswith(".copy.part-")]
    assert len(parts) == 1
    alive.send_signal(signal.SIGINT)
    alive.wait(timeout=30)
    assert sorted(os.listdir(machine.place)) == sorted([*before, "copy"])


@pytest.mark.parametrize("step", ["fsync", "flock"])
def test_a_full_disk_while_copying_leaves_nothing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    machine.call("produce", "tea.txt")
    before = sorted(os.listdir(machine.place))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.fcntl if step == "flock" else module.os, step, full)
    with pytest.raises(CannotCommit, match=r"no backup was made: .*free some space.*duanju backup again"):
        back_up(Studio(machine.studio), machine.place / "copy")
    monkeypatch.undo()
    assert sorted(os.listdir(machine.place)) == before


def test_a_target_that_fills_up_meanwhile_is_not_overwritten(machine: Machine) -> None:
    machine.call("produce", "tea.txt")
    target = machine.place / "copy"

    def meanwhile(what: str, done: int, of: int) -> None:
        target.mkdir(exist_ok=True)
        (target / "mine").write_text("kept")

    with pytest.raises(WrongUse, match="name a new folder"):
        back_up(Studio(machine.studio), target, meanwhile)
    assert os.listdir(target) == ["mine"]


def test_the_artifacts_that_a_body_names_are_found_at_any_depth() -> None:
    one, two = Artifact("a" * 64, 1, "x/y"), Artifact("b" * 64, 2, "x/z")
    plain = [{"sha256": a.sha256, "size": a.size, "media": a.media} for a in (one, two)]
    body = json.dumps({"a": plain[0], "deep": [[{"b": plain[1]}], {"sha256": 3, "size": "x", "media": None}]})
    assert sorted(named_in(body), key=lambda a: a.sha256) == [one, two]
    assert list(named_in("{}")) == list(named_in("[1, null]")) == []
