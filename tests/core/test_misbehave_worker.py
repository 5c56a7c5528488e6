"""What an effect does to its worker process: the next effect finds it as it was, or a fresh one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import rogues
from stagehand import Play, Told, Wanted, stage

from duanju.events.episode import EffectFailed


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """A play with one worker process."""
    monkeypatch.setattr("duanju.core.lanes.cores", lambda: 1)
    made = Play(tmp_path, {"words": stage("words", events=rogues.duanju_events()), "bad": rogues})
    yield made
    made.close()


def do(play: Play, *names: str) -> tuple[list[Told], list[str]]:
    """Does these things one after the other in one worker; what was told, and what failed."""
    # An episode each: a failure holds its own, and what the hold keeps back would not be done.
    streams = [play.open(f"e{n}", [Wanted(name, str(n))]) for n, name in enumerate(names)]
    play.run()
    told = [one for stream in streams for one in play.all(stream, Told)]
    failed = [one.error for stream in streams for one in play.all(stream, EffectFailed)]
    return told, failed


def gone(pid: int) -> bool:
    """Whether a process ends soon."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_an_exit_costs_its_own_job_and_no_other(play: Play) -> None:
    told, failed = do(play, "pid", "exit", "pid")
    assert len(told) == 2 and told[0].words != told[1].words
    assert failed == ["the worker process ended with status 7"]


def test_what_an_effect_alters_is_put_back(play: Play) -> None:
    told, failed = do(play, "pid", "state", "alters", "state", "pid")
    assert failed == []
    words = [one.words for one in told]
    assert words[0] == words[4], "it is the same process"
    assert words[1] == words[3]


def test_a_print_never_ends_up_in_the_protocol(play: Play) -> None:
    told, failed = do(play, "prints", "writes to 1", "pid")
    assert [one.name for one in told] == ["printed", "written", "pid"]
    assert failed == []


def test_closed_streams_cost_nobody_else(play: Play) -> None:
    told, failed = do(play, "closes", "closes the pipes", "pid", "pid")
    assert len(told) == 2
    assert len(failed) == 2
    assert failed[1].startswith("the worker process ended with status")


def test_only_the_first_of_a_forked_effects_processes_answers(play: Play) -> None:
    told, failed = do(play, "fork", "fork", "pid")
    assert [one.name for one in told] == ["parent", "parent", "pid"]
    assert failed == []


def test_what_an_effect_leaves_running_ends_with_its_process(play: Play) -> None:
    told, failed = do(play, "sleeper", "thread", "pid")
    assert failed == []
    assert [one.name for one in told] == ["child", "left", "pid"]
    assert gone(int(told[0].words))


def test_a_thread_left_behind_costs_the_process_and_nothing_else(play: Play) -> None:
    told, failed = do(play, "pid", "thread", "pid")
    assert failed == []
    assert told[0].words != told[2].words
    assert gone(int(told[0].words))
