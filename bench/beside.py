"""Measures what others need for the same work, where they are installed, in the rounds of ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from pathlib import Path

from timing import Figure, Measure, ratio_of
from yardsticks import run_child

__all__ = ["PEERS", "absent", "beside", "fan_command", "killed_fan", "peers", "restarted"]

PEERS = ("dbos", "langgraph", "eventsourcing")
ROUNDS = 3
"""How many rounds peers take part in: they need seconds where a yardstick needs milliseconds."""

PEER = str(Path(__file__).with_name("peer.py"))
_NEEDS = {"langgraph": "langgraph.checkpoint.sqlite"}
_runs = count()


def _python() -> str:
    return os.environ.get("DUANJU_BENCH_PEERS") or sys.executable


@cache
def _installed() -> frozenset[str]:
    """Which peers the interpreter has."""
    ask = (
        "import importlib.util, sys\n"
        "for name, module in zip(sys.argv[1::2], sys.argv[2::2]):\n"
        "    try:\n"
        "        found = importlib.util.find_spec(module)\n"
        "    except ImportError:\n"
        "        found = None\n"
        "    print(name if found else '')\n"
    )
    pairs = [word for name in PEERS for word in (name, _NEEDS.get(name, name))]
    told = subprocess.run([_python(), "-c", ask, *pairs], capture_output=True, text=True, check=True)
    return frozenset(told.stdout.split())


def absent() -> str:
    """One line on the peers that are not measured; "" when all are here."""
    missing = [name for name in PEERS if name not in _installed()]
    if not missing:
        return ""
    return (
        f"not installed, not measured beside us: {', '.join(missing)} "
        "(pip install -r bench/requirements.txt, or DUANJU_BENCH_PEERS=its python)"
    )


def peers(folder: Path, mode: str, number: int, workers: int, clock: str, *names: str) -> dict[str, Measure]:
    """A measure for each of these peers that is installed: `number` steps in a process of its own.

    `clock`: wall or cpu seconds of the work alone, peak = resident bytes of the process, first = seconds from
    the start of the process to its first durable step.
    """
    return {
        name: _measure(folder / name, name, mode, number, workers, clock)
        for name in names
        if name in _installed()
    }


def _measure(folder: Path, peer: str, mode: str, number: int, workers: int, clock: str) -> Measure:
    def measure() -> float:
        own = folder / f"run{next(_runs)}"
        begins = {"peak": b"peak ", "first": b"stepped"}.get(clock, b"took ")
        arguments = [PEER, peer, mode, str(own), str(number), str(workers)]
        seconds, line = run_child(arguments, lambda said: said.startswith(begins), _python())
        if clock == "first":
            return seconds
        words = line.split()
        return float(words[1]) * 1024 if clock == "peak" else float(words[1 if clock == "wall" else 2])

    return measure


def restarted(folder: Path, *names: str) -> dict[str, Measure]:
    """For each installed peer: seconds from the start of a process after a kill -9 to its first new step."""

    def of(peer: str) -> Measure:
        def measure() -> float:
            own = folder / peer / f"run{next(_runs)}"
            own.mkdir(parents=True)
            child = subprocess.Popen([_python(), PEER, peer, "hang", str(own)], stdout=subprocess.PIPE)
            _until(child, b"in flight")
            _kill(child)
            arguments = [PEER, peer, "restart", str(own)]
            return run_child(arguments, lambda said: said.startswith(b"stepped"), _python())[0]

        return measure

    return {name: of(name) for name in names if name in _installed()}


def killed_fan(
    argv: list[str], runs: Path, number: int, in_flight: Callable[[], int]
) -> tuple[int, int, int]:
    """Kills a fan of `number` steps half way, lets it end: (steps run, run more than once, in flight then).

    `argv` starts it, and starts it again. Raises RuntimeError when it does not get half way in a minute.
    """
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < until and len(_lines(runs)) < number // 2:
        time.sleep(0.005)
    reached = len(_lines(runs))
    _kill(child)
    if reached < number // 2:
        raise RuntimeError(f"{' '.join(argv)}: only {reached} of {number} steps began in a minute")
    flying = in_flight()
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True, timeout=300)
    lines = _lines(runs)
    return len(set(lines)), len(lines) - len(set(lines)), flying


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except FileNotFoundError:
        return []


def _until(child: subprocess.Popen[bytes], begins: bytes) -> None:
    if child.stdout is None:
        raise RuntimeError("no pipe")
    for line in child.stdout:
        if line.startswith(begins):
            return
    raise RuntimeError(f"the process to be killed ended with {child.wait()}")


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGKILL)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def fan_command(peer: str, folder: Path, number: int, workers: int) -> list[str] | None:
    """What starts a peer's fan; None where it is not installed."""
    if peer not in _installed():
        return None
    return [_python(), PEER, peer, "fan", str(folder), str(number), str(workers)]


def beside(
    row: str,
    measure: str,
    ours: Measure,
    yardstick: Measure,
    others: Mapping[str, Measure],
    *,
    rounds: int,
    aim: float | None,
    scale: float = 1.0,
    unit: str = "s",
    note: str = "",
    warm: bool = True,
    per: float = 1.0,
) -> list[Figure]:
    """A B C A B C: ours, the yardstick and each peer in every round; a figure for ours and each peer.

    What a peer measures is divided by `per`, to be for one step as ours is.
    """
    if warm:
        ours()
        yardstick()
    pairs: list[tuple[float, float]] = []
    theirs: dict[str, list[tuple[float, float]]] = {name: [] for name in others}
    for number in range(rounds):
        one, yard = ours(), yardstick()
        pairs.append((one, yard))
        if number < ROUNDS:
            for name, other in others.items():
                theirs[name].append((other() / per, yard))
    figures = [ratio_of(row, measure, pairs, aim=aim, scale=scale, unit=unit, note=note)]
    for name, found in theirs.items():
        figures.append(ratio_of(f"{row} {name}", measure, found, aim=None, scale=scale, unit=unit))
    return figures
