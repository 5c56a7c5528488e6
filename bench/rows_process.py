"""Rows 10 to 12: whole processes. Restart after a kill -9, a first step from nothing, and peak memory."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path

from facts import facts
from timing import Figure, interleaved, ratio_of
from toy import STREAM, Pair, Step, ask, engine_on, open_episode, toys
from yardsticks import LANGGRAPH_SECONDS, RawLog, run_child

from duanju.core.artifacts import Artifacts
from duanju.core.log import Log

__all__ = ["first_step", "memory", "restart"]

CHILD = str(Path(__file__).with_name("child.py"))
EPISODE = 1000


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

    figures = [
        interleaved(
            row,
            f"restart to first new step, {what}",
            partial(after_crash, few, plugins),
            lambda: _seconds("raw-restart", raw),
            rounds=rounds,
            aim=aim,
            scale=1e3,
            unit="ms",
        )
        for row, what, plugins, aim in (
            ("10a", "core", "core", 8.0),
            ("10b", "all plugins", "all", 12.0),
        )
    ]
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


def first_step(folder: Path, *, rounds: int) -> list[Figure]:
    """Row 11: import, a new log, and the first durable step, beside LangGraph's."""
    numbers = count()
    installed = importlib.util.find_spec("langgraph") is not None
    note = "" if installed else "LangGraph 0.5 s on the reference machine: not importable here"

    def ours(plugins: str) -> float:
        own = folder / f"new{next(numbers)}"
        own.mkdir()
        return _seconds("first", own, plugins)

    def yardstick() -> float:
        if installed:
            return _seconds("langgraph", folder)
        return LANGGRAPH_SECONDS

    return [
        interleaved(
            row,
            f"import, init, first step, {plugins}",
            partial(ours, plugins),
            yardstick,
            rounds=rounds,
            aim=aim,
            scale=1e3,
            unit="ms",
            note=note,
        )
        for row, plugins, aim in (("11a", "core", 0.2), ("11b", "all", 0.35))
    ]


def memory(folder: Path, *, rounds: int, count: int) -> list[Figure]:
    """Row 12: the peak resident memory of a process that runs `count` steps."""
    pairs = []
    for number in range(rounds):
        own = folder / f"run{number}"
        log, engine = engine_on(own, toys(toy=Pair()))
        engine.close()
        log.close()
        raw = _raw(folder / f"raw{number}")
        ours = _peak("steps", own, count)
        yard = _peak("raw-steps", raw, count)
        with_log = Log(own / "log.db", toys(toy=Pair()).codec, read_only=True)
        steps = sum(1 for _ in with_log.read(stream=STREAM, kind="step"))
        with_log.close()
        if steps != count:
            raise RuntimeError(f"row 12: {steps} steps, {count} were expected")
        pairs.append((ours, yard))
    return [ratio_of("12", f"peak RSS, {count} steps", pairs, aim=1.7, scale=1 / 2**20, unit="MiB")]
