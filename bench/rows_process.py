"""Rows 9 to 12: whole processes. Kills and restarts, a first step from nothing, and peak memory."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path

from beside import beside, fan_command, killed_fan, peers, restarted
from facts import facts
from timing import Figure, interleaved, ratio_of
from toy import STREAM, Pair, Step, ask, engine_on, open_episode, toys
from yardsticks import LANGGRAPH_SECONDS, RawLog, run_child

from duanju.core.artifacts import Artifacts
from duanju.core.log import Log

__all__ = ["first_step", "killed", "long_log", "memory", "restart"]

CHILD = str(Path(__file__).with_name("child.py"))
EPISODE = 1000
LONG_AIM = 1.5


def _stepped(line: bytes) -> bool:
    return line.startswith(b"stepped")


def _seconds(mode: str, folder: Path, plugins: str = "core") -> float:
    return run_child([CHILD, mode, str(folder), plugins], _stepped)[0]


def _peak(mode: str, folder: Path, count: int) -> float:
    """Peak resident bytes of a process, as it says of itself."""
    _, line = run_child(
        [CHILD, mode, str(folder), "core", str(count)], lambda said: said.startswith(b"peak ")
    )
    return float(line.split()[1]) * 1024


def _raw(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    RawLog(folder / "raw.db").close()
    return folder


def _filled(folder: Path, records: int) -> Path:
    """A log of so many records in episodes of a thousand, all carried by an engine with the toys."""
    plugins = toys(toy=Pair())
    log, engine = engine_on(folder, plugins)
    artifacts = Artifacts(folder / "artifacts")
    engine.close()
    for number, begin in enumerate(range(0, records, EPISODE)):
        stream = f"episode/bench/old{number:03d}"
        open_episode(log, artifacts, plugins, stream)
        log.append(stream, facts(min(EPISODE, records - begin), begin), by="bench")
    log.close()
    log, engine = engine_on(folder, plugins)
    engine.close()
    log.close()
    return folder


def _crash(folder: Path) -> None:
    """Asks for a step, lets an engine begin it, and kills that engine."""
    ask(folder, toys(toy=Pair()), Step(1, 1))
    child = subprocess.Popen([sys.executable, CHILD, "hang", str(folder), "core"], stdout=subprocess.PIPE)
    if child.stdout is None:
        raise RuntimeError("no pipe")
    with child.stdout as output:
        if not output.readline().startswith(b"in flight"):
            raise RuntimeError("the process to be killed did not begin its step")
        child.send_signal(signal.SIGKILL)
        child.wait()


def restart(folder: Path, *, rounds: int, small: int, large: int) -> list[Figure]:
    """Row 10: from the start of a process after a kill -9 to the first new step, on two sizes of log."""
    raw = _raw(folder / "raw")
    _seconds("raw-restart", raw)
    few, many = _filled(folder / "small", small), _filled(folder / "large", large)

    def after_crash(where: Path, plugins: str) -> float:
        _crash(where)
        return _seconds("restart", where, plugins)

    figures = beside(
        "10a",
        "restart to first new step, core",
        partial(after_crash, few, "core"),
        lambda: _seconds("raw-restart", raw),
        restarted(folder, "dbos", "langgraph"),
        rounds=rounds,
        aim=8.0,
        scale=1e3,
        unit="ms",
    )
    figures.append(
        interleaved(
            "10b",
            "restart to first new step, all plugins",
            partial(after_crash, few, "all"),
            lambda: _seconds("raw-restart", raw),
            rounds=rounds,
            aim=12.0,
            scale=1e3,
            unit="ms",
        )
    )
    figures.append(
        interleaved(
            "10c",
            f"the same on a log of {large} records, beside one of {small}",
            lambda: after_crash(many, "core"),
            lambda: after_crash(few, "core"),
            rounds=rounds,
            aim=1.3,
            scale=1e3,
            unit="ms",
        )
    )
    return figures


def killed(folder: Path, *, number: int, workers: int) -> list[Figure]:
    """Row 9: a kill -9 in the middle of many steps, then a restart: how many ran twice."""
    folder.mkdir(exist_ok=True)
    commands: list[tuple[str, str, list[str] | None]] = []
    for row, kind in (("9a", "repeat"), ("9b", "hold")):
        own = folder / row
        own.mkdir()
        argv = [sys.executable, CHILD, f"fan-{kind}", str(own), "core", str(number), str(workers)]
        commands.append((row, f"`{kind}` lane", argv))
    for peer in ("dbos", "langgraph"):
        own = folder / peer
        own.mkdir()
        commands.append((f"9 {peer}", peer, fan_command(peer, own, number, workers)))
    figures = []
    for row, what, command in commands:
        if command is None:
            continue
        own = folder / row.removeprefix("9 ")
        flying = partial(_intents, own) if row in ("9a", "9b") else (lambda: workers)
        ran, twice, in_flight = killed_fan(command, own / "runs", number, flying)
        figures.append(
            ratio_of(
                row,
                f"kill -9 among {number} steps on {workers} workers, run twice: {what}",
                [(float(twice), float(max(1, in_flight)))],
                aim=1.0 if row == "9a" else 0.0 if row == "9b" else None,
                unit="steps",
                note=f"{ran} of {number} run; yardstick: steps in flight",
            )
        )
    return figures


def _intents(folder: Path) -> int:
    """How many runs a killed engine had let go and not answered; a `repeat` lane holds some ahead."""
    with sqlite3.connect(folder / "log.db") as db:
        found: int = db.execute("SELECT count(*) FROM work WHERE attempt > 0").fetchone()[0]
    db.close()
    return found


def first_step(folder: Path, *, rounds: int) -> list[Figure]:
    """Row 11: import, a new log, and the first durable step, beside LangGraph's."""
    numbers = count()
    theirs = peers(folder / "peers", "first", 1, 1, "first", "langgraph", "dbos")
    langgraph = theirs.pop("langgraph", None)
    note = "" if langgraph else "LangGraph 0.5 s on the reference machine: not installed here"

    def ours(plugins: str) -> float:
        own = folder / f"new{next(numbers)}"
        own.mkdir()
        return _seconds("first", own, plugins)

    return [
        figure
        for row, plugins, aim in (("11a", "core", 0.2), ("11b", "all", 0.35))
        for figure in beside(
            row,
            f"import, init, first step, {plugins}",
            partial(ours, plugins),
            langgraph or (lambda: LANGGRAPH_SECONDS),
            theirs if row == "11a" else {},
            rounds=rounds,
            aim=aim,
            scale=1e3,
            unit="ms",
            note=note,
        )
    ]


def memory(folder: Path, *, rounds: int, number: int) -> list[Figure]:
    """Row 12: the peak resident memory of a process that runs `number` steps."""
    runs = count()

    def ours() -> float:
        own = folder / f"run{next(runs)}"
        log, engine = engine_on(own, toys(toy=Pair()))
        engine.close()
        log.close()
        peak = _peak("steps", own, number)
        with_log = Log(own / "log.db", toys(toy=Pair()).codec, read_only=True)
        steps = sum(1 for _ in with_log.read(stream=STREAM, kind="step"))
        with_log.close()
        if steps != number:
            raise RuntimeError(f"row 12: {steps} steps, {number} were expected")
        return peak

    return beside(
        "12",
        f"peak RSS, {number} steps",
        ours,
        lambda: _peak("raw-steps", _raw(folder / f"raw{next(runs)}"), number),
        peers(folder / "peers", "steps", number, 1, "peak", "dbos", "langgraph"),
        rounds=rounds,
        aim=1.7,
        scale=1 / 2**20,
        unit="MiB",
        warm=False,
    )


def long_log(folder: Path, *, sizes: tuple[int, ...]) -> list[Figure]:
    """Beside row 12: the peak of an engine that carries a long log, and of a walk over it."""
    figures = []
    carried: list[float] = []
    walked: list[float] = []
    for size in sizes:
        own = folder / f"long{size}"
        own.mkdir(parents=True)
        carried.append(_peak("long", own, size))
        walked.append(_peak("walk", own, size))
    for row, what, peaks in (("12c", "carries", carried), ("12w", "walks and replays", walked)):
        for size, peak in zip(sizes, peaks, strict=True):
            figures.append(
                ratio_of(
                    f"{row}{size}",
                    f"peak RSS, {what} {size} events",
                    [(peak, peaks[0])],
                    aim=LONG_AIM,
                    scale=1 / 2**20,
                    unit="MiB",
                    note=f"yardstick: {sizes[0]} events",
                )
            )
    return figures
