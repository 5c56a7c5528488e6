"""One engine at a time: who is refused and told what, who takes over, and who must stop."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from faultkit import Machine
from stagehand import Play, Step, Vendor, say, stage

from duanju.core.errors import BadLog, CannotCommit, Deposed, LogBusy
from duanju.core.hooks import hookimpl
from duanju.core.lease import Lease
from duanju.core.log import Log
from duanju.core.status import holder_of
from duanju.core.verify import walk
from duanju.events.calls import SpeechRequested


@hookimpl
def on_step(event: Step) -> Iterator[SpeechRequested]:
    """Asks for one line."""
    yield say(f"L{event.n}", f"line {event.n}")


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    made = Play(tmp_path, {"go": stage("go", on_step), "teller": Vendor("teller")}, routes=("teller:m",))
    yield made
    made.close()


def other(play: Play) -> Log:
    return Log(play.root / "log.db", play.plugins.codec)


def test_a_second_engine_is_refused_and_told_who_and_since_when(play: Play) -> None:
    second = other(play)
    with play.engine():
        holder = holder_of(second)
        assert holder is not None and holder.pid == os.getpid()
        with pytest.raises(LogBusy) as refused:
            Lease(second)
        said = str(refused.value)
        assert f"process {os.getpid()} on {os.uname().nodename} since {holder.since}" in said
        assert holder.since[:4].isdigit() and "end it first" in said
    assert holder_of(second) is None
    with Lease(second) as lease:
        assert lease.epoch == 2
    second.close()


def test_a_killed_engine_frees_the_lease_at_once(machine: Machine) -> None:
    engine = machine.start("produce", "tea.txt", env={"TOY_SLOW": "30"})
    machine.wait_for_kind("call_admitted", 2)
    pid = engine.pid
    busy = machine.call("status")
    assert f"process {pid}" in busy.stdout or str(pid) in busy.stdout
    engine.kill()
    engine.wait()
    log = Log(machine.log_path, machine.plugins().codec)
    assert holder_of(log) is None
    with Lease(log) as lease:
        assert lease.epoch == 2
    log.close()


def test_who_slept_while_its_lock_was_lost_is_deposed_and_commits_nothing(machine: Machine) -> None:
    machine.script("tea", 3)
    first = machine.start("produce", "tea.txt", env={"TOY_SLOW": "0.6"})
    machine.wait_for_kind("call_admitted", 3)
    first.send_signal(signal.SIGSTOP)
    (machine.studio / ".duanju" / "lock").unlink()
    second = machine.call("resume")
    assert second.returncode == 1 and "nobody knows what became" in second.stderr
    log = machine.log()
    head = log.head
    assert log.db.execute("SELECT epoch FROM lease").fetchone()[0] == 2
    log.close()
    first.send_signal(signal.SIGCONT)
    _, said = first.communicate(timeout=30)
    assert first.returncode == 1
    assert "another engine took over" in said and f"process {os.getpid()}" in said and "Traceback" not in said
    log = machine.log()
    added = [(record.kind, record.by) for record in log.read(after=head)]
    carried = log.db.execute("SELECT carried FROM lease").fetchone()[0]
    log.close()
    assert {kind for kind, _ in added} <= {"speech_returned", "doubt_settled"}  # what was paid, handed in
    assert carried <= head
    assert machine.call("resume").returncode == 0  # the handed in answers have settled their doubts
    assert machine.faults() == []
    kinds = machine.kinds()
    assert kinds.count("call_admitted") == kinds.count("speech_returned") == 3


def test_a_deposed_engine_writes_nothing(play: Play) -> None:
    stream = play.open("one", [Step(1)])
    second = other(play)
    with play.engine() as engine:
        second.db.execute("UPDATE lease SET epoch = epoch + 1")
        head = play.log.head
        with pytest.raises(Deposed, match=r"another engine took over .*duanju status"):
            engine.run()
    second.refresh()
    assert second.head == head and play.kinds(stream) == ["episode_opened", "step"]
    assert play.work() == []
    second.close()


@pytest.mark.parametrize("holder", ['{"pid": MINE, "host": "h", "since": "s"}', "no json", "[1]", None])
def test_what_stands_in_the_row_stops_nobody_and_breaks_no_message(play: Play, holder: str | None) -> None:
    holder = holder and holder.replace("MINE", str(os.getpid()))
    play.log.db.execute("UPDATE lease SET holder = ?", (holder,))  # a dead engine's, and its pid used again
    assert holder_of(play.log) is None
    with Lease(play.log):
        second = other(play)
        second.db.execute("UPDATE lease SET holder = ?", (holder,))
        with pytest.raises(LogBusy, match=r"an engine runs on .* already: process "):
            Lease(second)
        second.close()


def test_a_lock_that_cannot_be_taken_is_named(play: Play) -> None:
    (play.root / "lock").mkdir()
    with pytest.raises(CannotCommit, match=r"lock cannot be written: Is a directory; .*move it away"):
        play.engine()
    (play.root / "lock").rmdir()
    play.log.db.execute("DELETE FROM lease")
    with pytest.raises(BadLog, match="lost its lease row"):
        play.engine()
    play.log.db.execute("INSERT INTO lease(one, holder, epoch, carried) VALUES (1, NULL, 7, 1)")
    play.run()  # neither failure has kept the lock
    assert walk(play.log).problems == []


def test_a_folder_that_may_not_be_written_says_so_and_can_be_read(
    machine: Machine, namespace: tuple[str, ...]
) -> None:
    assert machine.call("produce", "tea.txt").returncode == 0
    script = 'mount --bind studio studio && mount -o remount,ro,bind studio || exit 99; exec "$@"'
    wrap = (*namespace, "sh", "-c", script, "sh")
    for words in (["produce", "tea.txt"], ["resume"]):
        ran = machine.run(*words, wrap=wrap)
        assert ran.returncode in (1, 2) and "mounted read-only" in ran.stderr, ran.stderr
        assert "Traceback" not in ran.stderr
    for words in (["verify"], ["status"], ["backup", "copy"]):
        ran = machine.run(*words, wrap=wrap)
        assert ran.returncode == 0, ran.stderr
    assert machine.faults(machine.place / "copy") == []


def test_modes_that_keep_this_user_out_are_named(machine: Machine) -> None:
    """In a user namespace without a mapping not even root reads past a file's mode."""
    probe = machine.place / "probe"
    probe.touch(mode=0)
    nobody = ("unshare", "--user", "--")
    try:
        keeps_out = machine.run(wrap=(*nobody, "sh", "-c", "! cat probe")).returncode == 0
    except OSError as error:
        pytest.skip(f"no unshare on this machine: {error}")
    if not keeps_out:
        pytest.skip("modes keep nobody out here")
    assert machine.call("produce", "tea.txt").returncode == 0
    lock = machine.studio / ".duanju" / "lock"
    lock.chmod(0)
    ran = machine.run("produce", "tea.txt", wrap=nobody)
    lock.chmod(0o644)
    assert ran.returncode == 1
    assert "lock cannot be written: Permission denied; make it readable and writable" in ran.stderr
    assert machine.faults() == []
    assert sqlite3.connect(machine.log_path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
