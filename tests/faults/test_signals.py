"""Signals on the real command: what each stops, what it waits for and says, and what is there afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from faultkit import Machine

HERE = Path(__file__).parent
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def under_way(machine: Machine, slow: str, lines: int = 2, **more: object) -> subprocess.Popen[str]:
    """An engine with paid calls under way."""
    machine.script("tea", lines)
    engine = machine.start("produce", "tea.txt", env={"TOY_SLOW": slow}, **more)  # type: ignore[arg-type]
    machine.wait_for_kind("call_admitted", 2)
    time.sleep(0.1)  # the commit that admits comes just before the submit
    return engine


@pytest.mark.parametrize("number", STOPS)
def test_once_it_starts_nothing_new_and_waits_for_what_is_paid(
    machine: Machine, number: signal.Signals
) -> None:
    engine = under_way(machine, "1.2", lines=9)
    began = machine.kinds().count("call_admitted")
    engine.send_signal(number)
    out, err = engine.communicate(timeout=30)
    assert engine.returncode == 130
    assert "stopping: nothing new starts; waiting up to" in err and "paid call" in err and "$" in err
    assert "Ctrl-C again leaves at once" in err and "go on with: duanju resume" in out
    kinds = machine.kinds()
    assert kinds.count("call_admitted") == began == kinds.count("speech_returned")
    assert "call_doubted" not in kinds
    assert machine.faults(open_work=True) == []
    assert machine.call("resume").returncode == 0
    assert machine.faults() == [] and machine.kinds().count("call_admitted") == 9


@pytest.mark.parametrize("number", STOPS)
def test_twice_it_leaves_at_once_and_the_calls_are_in_doubt_next_time(
    machine: Machine, number: signal.Signals
) -> None:
    engine = under_way(machine, "30")
    engine.send_signal(number)
    machine.wait(lambda: _sleeping(engine), "it waits")
    time.sleep(0.3)
    engine.send_signal(number)
    began = time.monotonic()
    out, _ = engine.communicate(timeout=20)
    assert engine.returncode == 130 and "go on with: duanju resume" in out
    assert time.monotonic() - began < 15  # and not the 30 s that the calls take
    assert "call_doubted" not in machine.kinds()
    assert machine.faults(open_work=True) == []
    again = machine.call("resume")
    assert again.returncode == 1 and "nobody knows what became" in again.stderr
    kinds = machine.kinds()
    assert kinds.count("call_doubted") == kinds.count("call_admitted") == 2


def _sleeping(process: subprocess.Popen[str]) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S"


def test_results_that_were_there_are_taken_before_deadlines_are_judged(machine: Machine) -> None:
    """The process is stopped for longer than the deadline of its calls, which end as soon as it goes on."""
    machine.script("tea", 2)
    engine = machine.start("produce", "tea.txt", program=HERE / "short_deadline.py", env={"TOY_SLOW": "0.8"})
    machine.wait_for_kind("call_admitted", 2)
    time.sleep(0.2)
    engine.send_signal(signal.SIGSTOP)
    time.sleep(2.5)
    engine.send_signal(signal.SIGCONT)
    out, err = engine.communicate(timeout=30)
    assert engine.returncode == 0, out + err
    assert "call_doubted" not in machine.kinds()
    assert machine.faults() == []


def test_a_reader_that_leaves_does_not_stop_the_work(machine: Machine) -> None:
    read, write = os.pipe()
    os.close(read)
    engine = machine.start("produce", "tea.txt", stdout=write, stderr=write)
    os.close(write)
    assert engine.wait(timeout=30) == 0
    assert machine.kinds()[-1] == "episode_delivered" and machine.faults() == []
    read, write = os.pipe()
    os.close(read)
    held = machine.start("produce", "tea.txt", env={"TOY_FAIL": "line"}, stdout=write, stderr=write)
    os.close(write)
    assert held.wait(timeout=30) == 0  # nothing to do
    machine.script("tea", 3)
    read, write = os.pipe()
    os.close(read)
    held = machine.start("produce", "tea.txt", env={"TOY_FAIL": "line 2"}, stdout=write, stderr=write)
    os.close(write)
    assert held.wait(timeout=30) == 1  # the code is that of the work, though nobody reads a word


def test_a_parent_that_ignores_hangups_keeps_the_work_going(machine: Machine) -> None:
    engine = under_way(machine, "0.8", wrap=("nohup",))
    engine.send_signal(signal.SIGHUP)
    engine.communicate(timeout=30)
    assert engine.returncode == 0 and machine.faults() == []


@pytest.mark.parametrize("where", ["plugins", "append", "artifact"])
@pytest.mark.parametrize("number", STOPS)
def test_a_stop_before_the_engine_runs_leaves_a_sound_studio(
    machine: Machine, where: str, number: signal.Signals
) -> None:
    early = machine.start("produce", "tea.txt", program=HERE / "stopped_early.py", env={"STOP_AT": where})
    assert early.stdout is not None
    while (line := early.stdout.readline()) != "here\n":
        assert line, early.stderr and early.stderr.read()
    early.send_signal(number)
    out, err = early.communicate(timeout=30)
    assert early.returncode == 130, out + err
    assert "Traceback" not in err
    assert machine.call("produce", "tea.txt").returncode == 0
    assert machine.faults() == []
    assert machine.kinds().count("episode_opened") == 1
