"""`duanju serve-log`: the log in a browser; what it says without Datasette, and what Datasette shows."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from duanju.core.query import Asker
from duanju.core.query_examples import EXAMPLES
from duanju.core.schema import VIEWS
from duanju.core.serving import metadata_of

needs_datasette = pytest.mark.skipif(
    importlib.util.find_spec("datasette") is None,
    reason="Datasette is not installed: pip install 'duanju[log]'",
)


@pytest.fixture
def made(duanju: Any, place: Path) -> Any:
    """A studio with one film; gives the command."""
    assert duanju("produce", "tea.txt").code == 0
    return duanju


def test_without_datasette_it_says_how_to_install_it(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "datasette" else find(name, *more)
    )
    ran = made("serve-log")
    assert ran.code == 2 and ran.out == ""
    assert (
        ran.err
        == "duanju: serve-log needs Datasette, which is not installed; run: pip install 'duanju[log]'\n"
    )


def test_what_it_shows_is_described(made: Any, place: Path) -> None:
    path = place / "studio" / ".duanju" / "log.db"
    with Asker(path) as asker:
        metadata = metadata_of(asker, "log", "studio")
        columns = asker.columns()
    found = metadata["databases"]["log"]
    assert {name for name, table in found["tables"].items() if not table.get("hidden")} == {"event", *VIEWS}
    assert {view: list(found["tables"][view]["columns"]) for view in VIEWS} == columns
    assert [one["sql"] for one in found["queries"].values()] == [sql for _, sql in EXAMPLES]
    words = " ".join(one["title"] for one in found["queries"].values())
    for what in ("cost", "fast", "answer", "made again", "checks"):
        assert what in words
    json.dumps(metadata)


@needs_datasette
def test_it_serves_and_cannot_write(made: Any, place: Path) -> None:
    path = place / "studio" / ".duanju" / "log.db"
    before = sqlite3.connect(path).execute("SELECT count(*) FROM event").fetchone()
    code = "from duanju.cli.main import run; run()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, "serve-log", "--port", "0"],
        cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        found = re.match(r"(http://127\.0\.0\.1:\d+/log) ", child.stdout.readline())
        assert found is not None
        address = found[1]

        def get(rest: str) -> tuple[int, Any]:
            try:
                with urllib.request.urlopen(address + rest, timeout=60) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        status, text = get(".json?_shape=objects")
        assert status == 200 and {one["name"] for one in json.loads(text)["views"]} == set(VIEWS)
        status, text = get("/what_did_each_episode_cost_in_dollars.json?_shape=array")
        assert status == 200 and json.loads(text)[0]["episode"] == "Tea/tea"
        assert "the series" in get("/cost_by_episode")[1]
        for sql in ("delete+from+event", "pragma+query_only=0", "attach+'x'+as+y"):
            assert get(f".json?sql={sql}")[0] == 400
        assert get(".db")[0] == 403
    finally:
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert child.returncode == 130 and "Traceback" not in said
    assert sqlite3.connect(path).execute("SELECT count(*) FROM event").fetchone() == before


@needs_datasette
def test_a_port_that_is_taken_is_told(made: Any) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ran = made("serve-log", "--port", str(other.getsockname()[1]))
    assert ran.code == 2 and "cannot be used" in ran.err and "--port 0" in ran.err
