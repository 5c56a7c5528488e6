"""A real process is killed at random moments and resumed: nothing is lost, doubled or paid twice."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import kill_child
import pytest
import toychain
from killing import folder_of, kill_trials, log_faults, run_killed, state_of

from duanju.core.artifacts import Artifacts
from duanju.core.log import Log
from duanju.core.replay import replay
from duanju.events.calls import Bill, DoubtSettled, SpeechReturned

STREAM = kill_child.STREAM
TRIALS = int(os.environ.get("DUANJU_KILL_TRIALS", "30"))
CHEAP = "W"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.keys: Counter[str] = Counter()
        self.contents: Counter[str] = Counter()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        assert isinstance(server, _Server)
        if self.path == "/submit":
            with server.lock:
                server.keys[asked["key"]] += 1
                server.contents[asked["content"]] += 1
        time.sleep(0.015)
        said = toychain.says(asked["content"] or asked["subject"])
        body = json.dumps({"says": said}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):  # the child was killed before its answer came
            super().handle()


@contextmanager
def vendor() -> Iterator[_Server]:
    """A slow vendor on a loopback port, which counts what is submitted to it."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Person:
    """Settles what is in doubt, as the vendor's books say: adopts what it made, or lets it be sent again."""

    def __init__(self, root: Path, server: _Server) -> None:
        self.root = root
        self.server = server
        self.settled: Counter[str] = Counter()
        self.resent: Counter[str] = Counter()

    def __call__(self) -> None:
        if not (self.root / "log.db").exists():
            return
        plugins = kill_child.plugins_for(self.server.server_port)
        log = Log(self.root / "log.db", plugins.codec)
        try:
            for _, _, _, cause, _ in log.db.execute(
                "SELECT * FROM work WHERE plugin = 'core' AND hook = 'doubt'"
            ).fetchall():
                self._settle(log, cause)
        finally:
            log.close()

    def _settle(self, log: Log, cause: int) -> None:
        doubt, stands = log.at(cause), log.read(stream=STREAM, kind="doubt_settled")
        assert doubt is not None
        if any(r.event.admitted == doubt.event.admitted for r in stands):
            return
        admitted, request = log.at(doubt.event.admitted), log.at(doubt.event.request)
        assert admitted is not None and request is not None
        content = getattr(request.event, "text", "") or getattr(request.event, "note", "")
        seen = self.server.keys[admitted.id]
        settle = "given_up" if seen and len(content) % 2 == 0 else "returned" if seen else "not_accepted"
        if settle == "returned" and request.kind != "speech_requested":
            settle = "given_up"
        events: list[Any] = []
        if settle == "returned":
            audio = Artifacts(self.root / "artifacts").put(toychain.says(content).encode(), "audio/wav")
            events.append(
                SpeechReturned(
                    request=request.position,
                    route=admitted.event.route,
                    revision=1,
                    subject=request.event.subject,
                    take=1,
                    audio=audio,
                    duration_ms=1000,
                    bill=Bill(cost=admitted.event.ceiling, billing="billed"),
                )
            )
        else:
            self.resent[content] += 1
        self.settled[settle] += 1
        events.append(DoubtSettled(request.position, admitted.position, settle, "a person", ""))
        log.append(STREAM, events, by="cli.review", cause=doubt.position)


def _child(root: Path, server: _Server) -> list[str]:
    return [sys.executable, str(Path(kill_child.__file__)), str(root), str(server.server_port)]


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}


def _doubled(server: _Server, person: _Person) -> list[str]:
    """Paid contents that were submitted again while nobody had said that they may be."""
    wrong = [f"{key} was sent {n} times" for key, n in server.keys.items() if n > 1]
    for content, n in server.contents.items():
        if not content.startswith("word") and n > 1 + person.resent[content]:
            wrong.append(f"{content!r} was sent {n} times, {person.resent[content]} of them let go again")
    return wrong


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The film as an uninterrupted run makes it."""
    root = tmp_path_factory.mktemp("whole")
    with vendor() as server:
        found = run_killed(
            _child(root, server), rng=random.Random(0), span=0.0, kills=0, env=_env(), ready=b"r"
        )
        assert found.status == 0, found.output
        assert max(server.keys.values()) == 1
        assert max(server.contents.values()) == 1, "a twin was paid for"
        log = Log(root / "log.db", kill_child.plugins_for(server.server_port).codec)
        try:
            assert log_faults(log) == []
            state = state_of(log, STREAM)
        finally:
            log.close()
    assert sum(one.startswith("finished ") for one in state) == 1
    return state


def _trial(root: Path, seed: int, whole: list[str]) -> dict[str, Any]:
    rng = random.Random(seed)
    folder = folder_of(root, seed)
    with vendor() as server:
        person = _Person(folder, server)
        killed = run_killed(
            _child(folder, server),
            rng=rng,
            span=0.35,
            kills=1 + seed % 2,  # a third kill may use up a job's three attempts, rightly
            env=_env(),
            ready=b"r",
            between=person,
        )
        wrong: list[str] = []
        for _ in range(3):  # a doubt that the last run found is settled now, and the rest is made
            if killed.status or not _open(folder, server):
                break
            again = run_killed(
                _child(folder, server), rng=rng, span=0.0, kills=0, env=_env(), ready=b"r", between=person
            )
            killed.status, killed.output = again.status, again.output
        if killed.status:
            return {"seed": seed, "kills": killed.kills, "wrong": [f"exit {killed.status}: {killed.output}"]}
        plugins = kill_child.plugins_for(server.server_port)
        log = Log(folder / "log.db", plugins.codec)
        try:
            wrong += log_faults(log)
            wrong += _doubled(server, person)
            state = state_of(log, STREAM)
            wrong += [f"missing {one}" for one in whole if one not in state]
            wrong += [f"too much {one}" for one in state if state.count(one) != whole.count(one)]
            found = replay(log, plugins, Artifacts(folder / "artifacts"), STREAM)
            if found.changed or found.unverifiable or found.failed:
                wrong.append(f"replay: {found}")
        finally:
            log.close()
    return {"seed": seed, "kills": killed.kills, "wrong": wrong, "settled": person.settled}


def _open(folder: Path, server: _Server) -> bool:
    log = Log(folder / "log.db", kill_child.plugins_for(server.server_port).codec)
    try:
        carried = log.db.execute("SELECT carried FROM lease").fetchone()[0]
        return carried < log.head or bool(log.db.execute("SELECT count(*) FROM work").fetchone()[0])
    finally:
        log.close()


@pytest.mark.parametrize("part", range(2))
def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(
    tmp_path: Path, whole: list[str], part: int
) -> None:
    seeds = range(part, TRIALS, 2)
    results = kill_trials(seeds, lambda seed: _trial(tmp_path, seed, whole), processes=2)
    wrong = {result["seed"]: result["wrong"] for result in results if result["wrong"]}
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)
    assert sum(result["kills"] for result in results) >= len(results) // 2, "too few runs were killed in time"
    settled: Counter[str] = sum((result["settled"] for result in results), Counter())
    print("kills", sum(result["kills"] for result in results), "doubts", dict(settled))


def test_a_worker_process_ends_when_its_engine_is_killed(tmp_path: Path) -> None:
    """Nothing of a killed engine goes on computing: its workers see their pipe close."""
    with vendor() as server:
        run_killed(_child(tmp_path, server), rng=random.Random(5), span=0.2, kills=1, env=_env(), ready=b"r")
        mark = str(tmp_path).encode()
        deadline = time.monotonic() + 5
        left = [1]
        while left and time.monotonic() < deadline:
            left = [
                int(one.name)
                for one in Path("/proc").glob("[0-9]*")
                if _read(one / "environ").find(mark) >= 0 and b"duanju.core.worker" in _read(one / "cmdline")
            ]
            time.sleep(0.02)
        assert not left


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
