"""Keys never appear in what the command line says and leaves: logs, artifacts, reports, crash files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from planted import PLANTED, WAYS, answer_of, leaks

from duanju.cli.main import main
from duanju.testing.vendor import Asked, Fault, Given, Route, VendorServer

RUN = "from duanju.cli.main import run; run()"
SCRIPT = "Title: Tea\n\nINT. ROOM - DAY\n\nMei waits.\n\nMEI\nHello.\n\nEXT. ALLEY - NIGHT\n\nMEI\nGo.\n"
LOOKS = (
    ("status",),
    ("status", "--json"),
    ("history", "tea"),
    ("history", "tea", "--json"),
    ("costs", "tea", "--by", "model"),
    ("review", "list"),
    ("verify",),
    ("routes",),
    ("plugins", "list"),
    ("plugins", "list", "--json"),
)
NOSY = """
import os
from duanju.core.hooks import hookimpl, effect
from duanju.events.script import ScriptParsed, SceneParsed
KEY = os.environ["OPENAI_API_KEY"]
@hookimpl
def on_script_parsed(event: ScriptParsed) -> None:
    raise RuntimeError(f"a reaction shows {KEY}")
@hookimpl
@effect(lane="nosy", attempts=1)
def on_scene_parsed(event: SceneParsed) -> None:
    raise RuntimeError(f"an effect shows {KEY}")
"""
BROKEN = "import os\nraise RuntimeError('an import shows ' + os.environ['OPENAI_API_KEY'])\n"
CRASH = """
import os, duanju.core.studio as studio
def lost(self, *a, **k):
    raise RuntimeError("inside: " + os.environ["OPENAI_API_KEY"])
studio.Studio.open_episode = lost
from duanju.cli.main import run
run()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a script and an empty studio, and the key in the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", PLANTED)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    (tmp_path / "studio").mkdir()
    (tmp_path / "tea.fountain").write_text(SCRIPT)
    yield tmp_path


def furnish(place: Path, url: str) -> None:
    """Pictures and voices come from a vendor at this address."""
    (place / "studio" / "duanju.toml").write_text(
        '[routes]\nimage = ["openai:gpt-image-2"]\nspeech = ["openai:tts-1"]\n'
        '[delivery]\nwidth = 270\nheight = 480\npreset = "ultrafast"\n'
        f'[providers.openai]\nbase_url = "{url}"\n'
        "[providers.openai.prices]\ngpt-image-2 = { image = 0.05 }\ntts-1 = { character = 15 }\n"
        "[lanes]\nopenai-image = 2\nopenai-speech = 1\n"
    )


def started(place: Path, *words: str, program: str = RUN) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(child: subprocess.Popen[str]) -> tuple[int, list[str]]:
    """Its exit code and what it said."""
    said = child.communicate(timeout=120)
    return child.returncode, list(said)


def looked(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What every command that shows something says."""
    texts = []
    for words in LOOKS:
        main(list(words))
        texts += capfd.readouterr()
    assert sum(map(len, texts)) > 1000
    return texts


def test_the_command_line_shows_and_leaves_no_key(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def echo(asked: Asked) -> Given:
        return answer_of(WAYS[asked.number % len(WAYS)], asked)

    routes = [Route("POST", path, echo) for path in ("/images/generations", "/images/edits", "/audio/speech")]
    texts: list[str] = []
    with VendorServer(routes, prefix="/v1") as server:
        furnish(place, server.url)
        for words in (("produce", "tea.fountain"), ("resume", "tea"), ("resume", "tea")):
            code, said = ended(started(place, *words))
            assert code == 1, said
            texts += said
        assert server.books.submits() >= 4 and set(server.books.by_key()) == {PLANTED}
    texts += looked(capfd)
    assert any("<OPENAI_API_KEY>" in text for text in texts), "what was echoed was read, and shown without it"
    assert leaks(place, texts) == []


def test_a_killed_run_leaves_no_key(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    called = threading.Event()

    def plan(number: int, method: str, path: str) -> Fault | None:
        if number == 3:
            called.set()
        return Fault("hang") if number >= 3 else None

    def echo(asked: Asked) -> Given:
        return answer_of("failed", asked)

    routes = [Route("POST", path, echo) for path in ("/images/generations", "/images/edits", "/audio/speech")]
    with VendorServer(routes, prefix="/v1", faults=plan) as server:
        furnish(place, server.url)
        child = started(place, "produce", "tea.fountain")
        reached = called.wait(60)
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        texts = ended(child)[1]
    assert reached, texts
    assert (place / "studio" / ".duanju" / "log.db-wal").stat().st_size > 0
    assert leaks(place, texts) == []
    assert leaks(place, looked(capfd)) == []


def test_a_crash_report_shows_no_key(place: Path) -> None:
    code, said = ended(started(place, "produce", "tea.fountain", program=CRASH))
    reports = list(place.rglob("crash-*.txt"))
    assert code == 1 and len(reports) == 1
    assert "inside: <OPENAI_API_KEY>" in reports[0].read_text()
    assert "inside: <OPENAI_API_KEY>" in "".join(said)
    assert leaks(place, said) == []


@pytest.mark.parametrize(("text", "shown"), [(NOSY, "shows"), (BROKEN, "an import shows")])
def test_a_plugin_that_shows_the_key_does_not(
    text: str,
    shown: str,
    place: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = tmp_path_factory.mktemp("site")
    info = site / "nosy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nosy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[duanju]\nnosy = nosy_plugin\n")
    (site / "nosy_plugin.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("DUANJU_PLUGINS", "script,local,nosy")
    texts: list[str] = []
    for words in (
        ("plugins", "list"),
        ("produce", "tea.fountain"),
        ("status",),
        ("history", "tea", "--json"),
    ):
        texts += ended(started(place, *words))[1]
    assert any(f"{shown} <OPENAI_API_KEY>" in one for one in texts), texts
    assert leaks(place, texts) == []
