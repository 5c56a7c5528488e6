"""One film in the storm: made by the command line, killed again and again, looked at after every kill."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import asdict, define, field
from books import cap_of, differences, paid_twice, sums_wrong
from killing import BOOKKEEPING, log_faults, state_of, wait_for
from person import Person, duanju
from storm_atelier import RATES
from vendor import STAGES, Vendor, vendor

from duanju.core.artifacts import Artifacts
from duanju.core.log import Log
from duanju.core.plugins import Plugins
from duanju.core.replay import replay
from duanju.core.studio import Studio

__all__ = ["Result", "make_film"]

HERE = Path(__file__).parent
CHILD = str(HERE / "child.py")
SCRIPT = HERE / "ferry.fountain"
STREAM = "episode/The Last Ferry/ferry"
SERIES = "series/The Last Ferry"
SHOTS, LINES, CALLS = 40, 12, 65
CAP = 2_500_000
RAISE = 400_000
TOML = """\
[delivery]
width = 128
height = 128
fps = 12
preset = "ultrafast"

[routes]
image = ["atelier:paint-grand", "atelier:paint-plain"]
speech = ["atelier:voice-grand", "atelier:voice-plain"]
video = ["atelier:film-grand", "atelier:film-plain"]

[budget]
episode = {cap}

[lanes]
paint = {paint}
voice = 1
film = 2
encode = 1
measure = 1

[providers.atelier]
port = {port}
"""
# What interruptions add or change: decisions about calls; the job of a clip that was adopted as a file.
LEAVE = BOOKKEEPING | {"effect_failed", "budget_raised", "video_submitted"}
KILLED = ("the process ended while it ran", "the worker process ended with status -9")
MOST_ENDINGS = 12
SHORT_S, LONGEST_S = 1.0, 10.0
"""A run is killed after so long at the latest; after the longer time now and then, as a cut takes 5 s."""
TIMED = ("at any time", "after a stop", "after one of its workers")


@define
class Result:
    """What came of a film: how it was killed, what it cost, what it is; `wrong` empty = nothing was wrong."""

    seed: int
    kills: int = 0
    starts: int = 0
    workers: int = 0
    submits: int = 0
    raised: int = 0
    let_go: int = 0
    cheap: int = 0
    settled: dict[str, int] = field(factory=dict)
    ways: dict[str, int] = field(factory=dict)
    wrong: list[str] = field(factory=list)
    state: list[str] = field(factory=list)
    files: dict[str, str] = field(factory=dict)

    def as_plain(self) -> dict[str, Any]:
        """For a pipe."""
        return asdict(self)


def make_film(root: Path, seed: int, kills: int, killed: Callable[[], None]) -> Result:
    """Makes the film in a new folder, killing its process up to so many times; tells of each kill."""
    root.mkdir(parents=True)
    with vendor(RATES) as books:
        film = _Film(root, seed, books, killed)
        try:
            film.storm(kills)
        finally:
            film.close()
    return film.result


@define(eq=False)
class _Film:
    root: Path
    seed: int
    books: Vendor
    killed: Callable[[], None]
    result: Result = field(init=False)
    person: Person = field(init=False)
    plugins: Plugins = field(init=False)
    cap: int = CAP
    opened: bool = False
    orphans: list[int] = field(factory=list)
    ways: Counter[str] = field(factory=Counter)
    again: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.result = Result(self.seed)
        self.person = Person(self.root, STREAM, self.books, random.Random(f"person {self.seed}"))
        dollars = f"{CAP / 1_000_000:.2f}"
        paint = 1 + self.seed % 3
        text = TOML.format(cap=dollars, paint=paint, port=self.books.server_port)
        (self.root / "duanju.toml").write_text(text)
        studio = Studio(self.root)
        self.plugins = studio.plugins(studio.settings())
        if self.plugins.failures:
            raise LookupError(f"not all plugins can be used: {self.plugins.failures}")

    def close(self) -> None:
        self.plugins.close()

    # -- the storm --------------------------------------------------------------------------------------

    def storm(self, kills: int) -> None:
        """Kills and goes on until the film is there or something is wrong; then judges."""
        result = self.result
        status = -1
        while result.kills < kills and status != 0 and not result.wrong:
            status = self._run(self._plan())
            self._between(status)
        endings = 0
        while status != 0 and not result.wrong:
            endings += 1
            if endings > MOST_ENDINGS:
                result.wrong.append(f"still not delivered after {endings} runs to their own end")
                break
            status = self._run({})
            self._between(status)
        if not result.wrong:
            self._judge()
        result.settled = dict(self.person.settled)
        result.ways = dict(self.ways)
        result.submits = len(self.books.served)

    def _plan(self) -> dict[str, Any]:
        """How the next run dies; the same for the same seed and start, whatever came of the runs before."""
        rng = random.Random(f"run {self.seed} {self.result.starts}")
        calls = len(self.books.served) < CALLS
        longest = LONGEST_S if not calls and rng.random() < 0.1 else SHORT_S
        limit = rng.uniform(0.1, longest)
        kind = rng.choices(("commit", "call", "time", "stop", "worker"), (45, 30 * calls, 12, 6, 7))[0]
        if kind == "commit":
            where = rng.choice(("before", "inside", "after"))
            slow = (
                0.05 if where == "before" else 0.002
            )  # a commit that waits for the disk; how long one takes
            return {
                "way": f"{where} a commit", "commit": rng.randint(1, 12), "where": where,
                "delay": rng.uniform(0, slow), "limit": limit,
            }  # fmt: skip
        if kind == "call":
            stage = rng.choice(STAGES)
            submits = rng.randint(1, 6)
            return {"way": f"with a call {stage}", "stage": stage, "submits": submits, "limit": limit}
        if kind == "stop":
            return {"way": TIMED[1], "stop": rng.uniform(0.02, 0.3), "limit": limit}
        if kind == "worker":
            return {"way": TIMED[2], "worker": rng.uniform(0, limit), "limit": limit}
        return {"way": TIMED[0], "limit": limit}

    def _run(self, plan: dict[str, Any]) -> int:
        """One run of the command; its exit code, negative when it was killed."""
        self.result.starts += 1
        (self.root / "plan.json").write_text(json.dumps(plan))
        ready, say = os.pipe()
        words = self._resume() if self.opened else ["produce", str(SCRIPT)]
        with (self.root / "output.txt").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, CHILD, str(self.root / "plan.json"), *words, "--studio", str(self.root)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "STORM_READY": str(say)},
                pass_fds=[say],
            )
        os.close(say)
        try:
            if "stage" in plan:
                self.books.kill_at(plan["submits"], plan["stage"], process.kill)
            os.read(ready, 1)
            if plan:
                self._strike(process, plan)
            process.wait(timeout=120)
        finally:
            self.books.forget()
            os.close(ready)
            process.kill()
            process.wait()
        if process.returncode == -signal.SIGKILL:
            self.result.kills += 1
            self.ways[plan["way"]] += 1
            self.killed()
        return process.returncode

    def _resume(self) -> list[str]:
        more, self.again = self.again, []
        return ["resume", self.person.episode, *more]

    def _strike(self, process: subprocess.Popen[bytes], plan: dict[str, Any]) -> None:
        """Waits until the run has killed itself or ended, or its time is up, and kills it then."""
        until = time.monotonic() + plan["limit"]
        if "worker" in plan:
            _wait(process, plan["worker"])
            for worker in _workers(process.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
                self.result.workers += 1
        _wait(process, until - time.monotonic())
        if process.poll() is not None:
            return
        if "stop" in plan:
            process.send_signal(signal.SIGSTOP)
            time.sleep(plan["stop"])
        self.orphans += _workers(process.pid)
        process.kill()
        if plan["way"] not in TIMED:
            plan["way"] = TIMED[0]

    # -- looking ----------------------------------------------------------------------------------------

    def _between(self, status: int) -> None:
        """After every run: is the log right, is everything shown; then what a person would do."""
        result = self.result
        path = Studio(self.root).log_path
        said = (self.root / "output.txt").read_text()
        if status not in (0, 1, -signal.SIGKILL) or "something unexpected" in said:
            result.wrong.append(f"it ended with {status}: {said}")
        if not path.exists():
            return
        log = Log(path, self.plugins.codec)
        try:
            self.opened = any(log.read(stream=STREAM))
            if not self.opened:  # killed before its episode stood in the log: the script is handed in again
                return
            result.wrong += self._faults(log)
            self.person.look(log)
            result.wrong += self.person.wrong
            holds = {one.split(":", 1)[0] for one in _holds(log)}
            if "budget" in holds:
                self.cap += RAISE
                result.raised += 1
                self.again = ["--budget", f"{self.cap / 1_000_000:.2f}"]
            result.let_go += len(holds & {"effect", "call", "reaction"})
            if unknown := holds - {"budget", "effect", "call", "doubt"}:
                result.wrong.append(f"held by what no kill explains: {sorted(unknown)}: {_holds(log)}")
        finally:
            log.close()

    def _faults(self, log: Log) -> list[str]:
        artifacts = Artifacts(Studio(self.root).artifacts.root)
        code, out = duanju("verify", "--studio", str(self.root))
        found = [f"duanju verify ended with {code}: {out}"] if code else []
        found += sums_wrong(log, STREAM, cap_of(log, STREAM, CAP))
        found += paid_twice(log, STREAM, self.books, Studio(self.root).settings().budget.repeat_below)
        (carried,) = log.db.execute("SELECT carried FROM lease").fetchone()
        if carried > log.head:
            found.append(f"carried is {carried}, beyond the head at {log.head}")
        for plugin, hook, cause, attempt in log.db.execute("SELECT plugin, hook, cause, attempt FROM work"):
            if log.at(cause) is None or (plugin != "core" and self.plugins.hook(plugin, hook) is None):
                found.append(f"work without a cause or a hook: {plugin}.{hook} on {cause}, attempt {attempt}")
        for record in log.read(stream=STREAM, kind="effect_failed"):
            if not any(one in record.event.error for one in KILLED):
                found.append(f"position {record.position}: {record.event.hook}: {record.event.error}")
        seen = replay(log, self.plugins, artifacts, STREAM)
        if seen.changed or seen.unverifiable or seen.failed:
            found.append(f"replay: {seen}")
        return found

    # -- the end ----------------------------------------------------------------------------------------

    def _judge(self) -> None:
        """Whether the log is closed and the books agree; what the film is, to be compared with others."""
        result = self.result
        log = Log(Studio(self.root).log_path, self.plugins.codec)
        try:
            faults = [one for one in log_faults(log) if "in doubt" not in one]
            result.wrong += faults
            result.wrong += differences(log, STREAM, self.books)
            result.state = [*state_of(log, STREAM, LEAVE), *state_of(log, SERIES, LEAVE)]
            result.cheap = sum(1 for one in log.read(stream=STREAM, kind="call_doubted")) - sum(
                self.person.settled.values()
            )
            kinds = Counter(one.split(" ", 1)[0] for one in result.state)
            if (kinds["shot_planned"], kinds["line_voiced"], kinds["episode_delivered"]) != (SHOTS, LINES, 1):
                result.wrong.append(f"it is another film than meant: {dict(kinds)}")
            for cut in log.read(stream=STREAM, kind="episode_cut"):
                result.files = {"film": cut.event.film.sha256, "subtitles": cut.event.subtitles.sha256}
            if holds := _holds(log):
                result.wrong.append(f"delivered and still held: {sorted(holds)}")
        finally:
            log.close()
        folder = Studio(self.root).folder(STREAM)
        for name, key in (("episode.mp4", "film"), ("episode.srt", "subtitles")):
            made = _sha256(folder / name)
            if made != result.files.get(key):
                result.wrong.append(f"out/{name} is {made}, the log says {result.files.get(key)}")
        if not wait_for(lambda: not any(_is_worker(one) for one in self.orphans), 10):
            result.wrong.append("a worker of a killed engine lives on")


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(timeout=max(0.0, seconds))
    except subprocess.TimeoutExpired:
        return


def _workers(pid: int) -> list[int]:
    """The worker processes of an engine; each is a child of the thread that started it."""
    try:
        lists = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    return sorted(one for one in map(int, " ".join(lists).split()) if _is_worker(one))


def _is_worker(pid: int) -> bool:
    try:
        return b"duanju.core.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _holds(log: Log) -> set[str]:
    held: set[str] = set()
    for record in log.read(stream=STREAM):
        if record.kind == "episode_held":
            held.add(record.event.hold)
        elif record.kind == "episode_released":
            held.discard(record.event.hold)
    return held


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
