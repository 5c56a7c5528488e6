"""Real processes with an installed plugin that misbehaves: the command ends, with its code, and names it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

RUN = "from duanju.cli.main import run; run()"
Ended = subprocess.CompletedProcess[str]
Command = Callable[..., Ended]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Installs a plugin's text as the distribution `rogue`, and runs commands in a studio beside it."""
    site = tmp_path / "site"
    info = site / "rogue-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: rogue\nVersion: 1.0\n"
        "Requires-Dist: not-to-be-found; extra == 'far'\nProvides-Extra: far\n"
    )
    (info / "entry_points.txt").write_text("[duanju]\nrogue = rogue_plugin\n")
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "duanju.toml").write_text("")
    (tmp_path / "tea.txt").write_text("Title: Tea\n\nINT. ROOM - DAY\n\nMEI\nHello.\n")
    env = {key: value for key, value in os.environ.items() if not key.startswith("DUANJU_")}
    env["PYTHONPATH"] = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])

    def run(text: str, *words: str, timeout: float = 60, **more: str) -> Ended:
        (site / "rogue_plugin.py").write_text(text)
        return subprocess.run(
            [sys.executable, "-c", RUN, *words],
            cwd=tmp_path,
            env={**env, "DUANJU_PLUGINS": "rogue", **more},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


THREAD = """
import threading, time
def work():
    while True:
        time.sleep(60)
threading.Thread(target=work, name="busy").start()
threading.Thread(target=work, name="quiet", daemon=True).start()
threading.Thread(target=time.sleep, args=(0.2,), name="brief").start()
class Own(threading.Thread):
    def run(self):
        work()
Own(name="own").start()
"""


def test_threads_that_a_plugin_leaves_are_named_and_not_waited_for(installed: Command) -> None:
    begun = time.monotonic()
    ended = installed(THREAD, "plugins", "list", "--json")
    assert ended.returncode == 0, ended.stderr
    assert "rogue" in [one["name"] for one in json.loads(ended.stdout)["plugins"]], "all of it was printed"
    assert ended.stderr.splitlines() == [
        "duanju: left a thread running, busy, of rogue_plugin.work; leaving without it",
        "duanju: left a thread running, own, a rogue_plugin.Own; leaving without it",
    ]
    assert time.monotonic() - begun < 50


def test_the_exit_code_is_the_commands_own_whatever_is_left_running(installed: Command) -> None:
    assert installed(THREAD, "status", "nothing").returncode == 2
    assert installed(THREAD, "plugins", "nonsense").returncode == 2
    ended = installed(THREAD, "verify")
    assert ended.returncode == 2
    assert "no log yet" in ended.stderr


CHILD = """
import multiprocessing, sys, time
if multiprocessing.current_process().name == "MainProcess":
    context = multiprocessing.get_context("fork")
    context.Process(target=time.sleep, args=(600,), name="forked").start()
"""


def test_a_process_that_python_would_wait_for_is_ended(installed: Command) -> None:
    ended = installed(CHILD, "plugins", "list")
    assert ended.returncode == 0
    assert "left a process running, forked (" in ended.stderr


def test_what_is_missing_is_named_with_the_command_that_brings_it(installed: Command) -> None:
    ended = installed("import not_to_be_found", "plugins", "list", "--json")
    assert ended.returncode == 0, ended.stderr
    (left_out,) = json.loads(ended.stdout)["left_out"]
    assert left_out["name"] == "rogue"
    assert left_out["why"].startswith(
        "its import failed: ModuleNotFoundError: No module named 'not_to_be_found'"
    )
    assert left_out["next"] == (
        "install what it needs: pip install 'rogue[far]', "
        'or leave it out: disabled = ["rogue"] under [plugins] in duanju.toml'
    )
    said = (
        "from duanju.core.errors import MissingExtra\nraise MissingExtra('torch', 'pip install rogue[gpu]')\n"
    )
    ended = installed(said, "plugins", "list")
    assert (
        "left out: rogue: its import failed: it needs torch, which is not installed; "
        "install it: pip install rogue[gpu]\n"
    ) in ended.stdout


def test_a_required_plugin_that_fails_ends_the_command_and_one_that_is_not_does_not(
    installed: Command, tmp_path: Path
) -> None:
    broken = "import sys; sys.exit(9)"
    ended = installed(broken, "produce", "tea.txt", DUANJU_PLUGINS="rogue")
    assert ended.returncode != 2 or "required" not in ended.stderr
    assert "the plugin rogue is left out: its import failed: SystemExit: 9" in ended.stderr
    (tmp_path / "studio" / "duanju.toml").write_text('[plugins]\nrequired = ["rogue"]\n')
    ended = installed(broken, "produce", "tea.txt")
    assert ended.returncode == 2
    assert "the plugin rogue is required and cannot be used: its import failed: SystemExit: 9" in ended.stderr
    assert "Traceback" not in ended.stderr
    listed = installed(broken, "plugins", "list")
    assert listed.returncode == 0, "what is wrong can still be looked at"
    assert "left out: rogue: its import failed: SystemExit: 9" in listed.stdout


CLOSING = """
from duanju.core.hooks import hookimpl
class Rogue:
    def __init__(self, name, settings):
        pass
    def close(self):
        raise ValueError("it does not let go")
"""


def test_a_close_that_raises_is_named_and_changes_no_exit_code(installed: Command, tmp_path: Path) -> None:
    info = tmp_path / "site" / "rogue-1.0.dist-info"
    (info / "entry_points.txt").write_text("[duanju]\nrogue = rogue_plugin:Rogue\n")
    (tmp_path / "studio" / "duanju.toml").write_text("[routes]\nimage = []\nspeech = []\n")
    ended = installed(CLOSING, "produce", "tea.txt")
    assert "duanju: the plugin rogue: its close() failed: ValueError: it does not let go" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.returncode == installed(CLOSING.replace("raise", "return"), "resume").returncode
