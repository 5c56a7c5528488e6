"""A full disk at any write: nothing acknowledged is lost, a person is told, and with room it goes on."""

from __future__ import annotations

import errno
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from faultkit import Machine
from full_child import CALLS, DRAWINGS, on_step, on_wanted
from hypothesis import given, settings
from hypothesis import strategies as st
from stagehand import Play, Step, Vendor, stage

from duanju.core import artifacts as module
from duanju.core.artifacts import Artifacts
from duanju.core.errors import CannotCommit
from duanju.core.verify import verify_artifacts, walk

HERE = Path(__file__).parent
SIZES = (24, 56, 88, 120, 160, 200, 240, 300, 360, 400, 424, 440, 456, 472, 488, 520, 560, 4000)


def test_a_file_system_that_fills_up_at_any_moment_and_is_freed(
    tmp_path: Path, namespace: tuple[str, ...]
) -> None:
    ran = subprocess.run(
        [*namespace, sys.executable, str(HERE / "full_child.py"), str(tmp_path), *map(str, SIZES)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    trials = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["kilobytes"] for one in trials] == list(SIZES)
    for one in trials:
        assert one["missing"] == 0 and one["problems"] == [], one
        if one["told"][0]:
            assert "No space left" in one["told"][0] or "disk is full" in one["told"][0], one
            assert "free some space" in one["told"][0] and "duanju" in one["told"][0], one
        assert one["told"][1] == "", one
        kinds = one["kinds"]
        assert len(one["calls"]) == len(set(one["calls"])) == kinds["call_admitted"]  # none is sent twice
        answered = kinds.get("speech_returned", 0) + kinds.get("call_doubted", 0)
        assert answered == kinds["call_admitted"], one
        if not one["holds"]:
            assert (kinds["speech_returned"], kinds["made"], one["work"]) == (CALLS, DRAWINGS, []), one
        for why in one["holds"]:
            assert "nobody knows" in why or "free some space" in why, one
    full = [one for one in trials if one["told"][0] or one["holds"]]
    assert len(full) >= 8  # else the sizes no longer fit what the play writes
    assert trials[-1]["told"] == ["", ""] and trials[-1]["holds"] == []


def _on_a_small_disk(machine: Machine, namespace: tuple[str, ...], folder: str, kilobytes: int) -> list[str]:
    """Runs `produce` with a small file system mounted at a folder, makes room, and runs it again."""
    script = (
        f"mkdir -p {folder} && mount -t tmpfs -o size={kilobytes}k none {folder} || exit 99\n"
        "test -e studio/duanju.toml || cp toml studio/duanju.toml\n"
        '"$@" 2>first; echo "code $?"; '
        f"mount -o remount,size=16m {folder} || exit 98\n"
        '"$@" 2>second; echo "code $?"; cp -r studio kept'
    )
    (machine.place / "toml").write_text(machine.toy.TOML)
    ran = machine.run("produce", "tea.txt", wrap=(*namespace, "sh", "-c", script, "sh"))
    assert ran.returncode == 0, ran.stderr
    return [line for line in ran.stdout.splitlines() if line.startswith("code ")]


@pytest.mark.parametrize("kilobytes", [8, 40, 72])
def test_the_command_says_what_to_do_and_goes_on(
    machine: Machine, namespace: tuple[str, ...], kilobytes: int
) -> None:
    assert _on_a_small_disk(machine, namespace, "studio", kilobytes) == ["code 1", "code 0"]
    said = (machine.place / "first").read_text()
    assert "free some space on that disk" in said and "duanju resume" in said and "Traceback" not in said
    assert machine.faults(machine.place / "kept") == []


def test_a_full_out_folder_holds_the_episode_and_a_resume_fills_it(
    machine: Machine, namespace: tuple[str, ...]
) -> None:
    machine.studio.joinpath("out").mkdir()
    assert _on_a_small_disk(machine, namespace, "studio/out", 4) == ["code 1", "code 1"]
    assert "No space left" in (machine.place / "first").read_text()
    assert machine.call("resume", "--studio", "kept").returncode == 0
    assert (machine.place / "kept/out/Tea/tea/episode.mp4").is_file()
    assert machine.faults(machine.place / "kept") == []


def test_a_log_that_may_not_grow_commits_whole_turns_or_nothing(tmp_path: Path) -> None:
    """SQLite's own limit on pages, one page further each time: the same error as a full disk gives."""
    vendor = Vendor("teller")
    play = Play(tmp_path, {"go": stage("go", on_step, on_wanted), "teller": vendor}, routes=("teller:m",))
    stream = play.open("one", [Step(1)])
    failed, pages = 0, 0
    heads = []
    for _ in range(200):
        used = play.log.db.execute("PRAGMA page_count").fetchone()[0]
        pages = max(pages + 1, used)
        play.log.db.execute(f"PRAGMA max_page_count = {pages}").fetchone()
        try:
            play.run(inline=True)
            break
        except CannotCommit as error:
            failed += 1
            assert "disk is full; free some space" in str(error)
            heads.append(play.log.head)
            assert walk(play.log).problems == []
    else:
        raise AssertionError("it never came to an end")
    assert failed >= 2 and heads == sorted(heads)
    assert len(vendor.calls) == len(set(vendor.calls))
    doubts, said = play.kinds(stream).count("call_doubted"), play.kinds(stream).count("speech_returned")
    assert doubts + said == play.kinds(stream).count("call_admitted") == len(vendor.calls)
    assert list(verify_artifacts(play.log, play.artifacts)) == []
    play.close()


class _Failing:
    """Lets the first calls through and fails every later one, until it is told to stop."""

    def __init__(self, after: int, number: int) -> None:
        self.left = after
        self.number = number
        self.failed = False

    def around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, failing when its time has come."""

        def call(*args: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                self.failed = True
                raise OSError(self.number, os.strerror(self.number))
            return real(*args, **more)

        return call

    def patched(self) -> Iterator[Any]:
        """Everything of the operating system that a `put` uses to write."""
        for owner, name in (
            (module.os, "fsync"), (module.os, "fchmod"), (module.os, "fdopen"), (module.tempfile, "mkstemp"),
            (pathlib.Path, "mkdir"), (pathlib.Path, "replace"),
        ):  # fmt: skip
            yield patch.object(owner, name, self.around(getattr(owner, name)))


@settings(max_examples=40, deadline=None)
@given(
    after=st.integers(0, 12),
    number=st.sampled_from([errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EMFILE]),
    data=st.binary(min_size=1, max_size=300),
    from_file=st.booleans(),
)
def test_a_put_that_fails_at_any_step_leaves_all_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, after: int, number: int, data: bytes, from_file: bool
) -> None:
    root = tmp_path_factory.mktemp("store")
    source = root / "source"
    source.write_bytes(data)
    store = Artifacts(root / "artifacts")

    def put() -> Any:
        return store.put_file(source, "x/y") if from_file else store.put(data, "x/y")

    failing = _Failing(after, number)
    with ExitStack() as stack:
        for one in failing.patched():
            stack.enter_context(one)
        try:
            put()
            error = ""
        except CannotCommit as raised:
            error = str(raised)
    assert bool(error) == failing.failed
    if error:
        assert os.strerror(number) in error and "then run duanju resume" in error
    left = [path for path in store.root.rglob("*") if path.is_file()]
    assert all(path.read_bytes() == data for path in left) and len(left) <= 1
    assert store.read(put()) == data


def test_a_report_of_a_crash_that_does_not_fit_goes_elsewhere(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from duanju.cli import costs

    machine.call("produce", "tea.txt")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    real = pathlib.Path.write_text

    def full(path: Path, text: str, **more: Any) -> int:
        if ".duanju" in path.parts:
            real(path, text[:10], **more)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, text, **more)

    monkeypatch.setattr(costs, "open_studio", broken)
    monkeypatch.setenv("TMPDIR", str(machine.place))
    monkeypatch.setattr("tempfile.tempdir", None)
    machine.call("status")  # the studio that a report would go to
    monkeypatch.setattr(pathlib.Path, "write_text", full)
    ran = machine.call("costs")
    assert ran.returncode == 1 and "the log is safe" in ran.stderr
    reports = list(machine.place.rglob("crash-*.txt"))
    assert [path.parent for path in reports] == [machine.place]
    assert "ZeroDivisionError: a bug" in reports[0].read_text()
