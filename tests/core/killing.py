"""The kill harness: runs a command, kills it (kill -9) at random moments, runs it again until it ends.

Knows nothing of the toy: any command that resumes its own unfinished work can be put on trial.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import orjson
from attrs import define, field

from duanju.core.log import Log
from duanju.core.verify import walk

__all__ = ["Killed", "kill_trials", "log_faults", "run_killed", "state_of"]

T = TypeVar("T")

# What interruptions add to an episode: decisions on calls, doubts and holds.
BOOKKEEPING = frozenset(
    {"call_admitted", "call_doubted", "call_refused", "doubt_settled", "episode_held", "episode_released"}
)
# What may differ between two runs of the same episode: who paid for a twin, and how long it took.
INCIDENTAL = frozenset({"bill", "reused_from"})


@define
class Killed:
    """One trial: how often the command was killed, how often started, and how it ended."""

    kills: int = 0
    starts: int = 0
    status: int = 0
    output: str = ""
    moments: list[float] = field(factory=list)


def run_killed(
    command: Sequence[str],
    *,
    rng: random.Random,
    span: float,
    kills: int,
    env: Mapping[str, str] | None = None,
    ready: bytes = b"",
    between: Callable[[], None] | None = None,
    timeout: float = 120.0,
) -> Killed:
    """Runs a command and kills its process up to `kills` times, then lets it end.

    Each kill comes `rng.uniform(0, span)` seconds after the start, or after a line `ready` on its output.
    `between` is called after every kill, with no process running: a person who settles doubts. A run that
    ends before its moment counts as an end only when `between` leaves it nothing to do: the command is run
    once more after the last kill, to its own end.
    """
    found = Killed()
    while True:
        last = found.kills >= kills
        process = subprocess.Popen(
            list(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
        )
        assert process.stdout is not None
        found.starts += 1
        if ready:
            process.stdout.readline()
        moment = rng.uniform(0.0, span)
        try:
            output, _ = process.communicate(timeout=timeout if last else moment)
            found.status, found.output = process.returncode, output.decode(errors="replace")
            if between is not None:
                between()
            if last or found.status != 0 or found.starts > kills:
                return found
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if last:
                raise
            found.kills += 1
            found.moments.append(moment)
            if between is not None:
                between()


def kill_trials(trials: Iterable[int], one: Callable[[int], T], processes: int = 2) -> list[T]:
    """Runs `one(seed)` for every seed, a few at a time; each starts processes of its own."""
    with ThreadPoolExecutor(processes) as pool:
        return list(pool.map(one, trials))


def log_faults(log: Log, *, doubts: bool = False) -> list[str]:
    """What is wrong with a log that should be finished; empty = nothing.

    The chain, gaps, repeated ids, causes that point forward, work that is still open, and money that is
    still reserved. With `doubts` an open doubt is no fault.
    """
    faults = [f"position {p.position}: {p.what}" for p in walk(log).problems]
    for position, cause in log.db.execute("SELECT position, cause FROM event WHERE cause >= position"):
        faults.append(f"position {position} is caused by {cause}, which comes later")
    for row in log.db.execute("SELECT stream, plugin, hook, cause, attempt FROM work ORDER BY cause"):
        if not (doubts and row[1] == "core"):
            faults.append(f"still open: {row}")
    for scope, day, reserved in log.db.execute("SELECT scope, day, reserved FROM spend WHERE reserved <> 0"):
        faults.append(f"{scope} has {reserved} reserved on {day}")
    if not doubts:
        for scope, doubt in log.db.execute("SELECT scope, in_doubt FROM spend WHERE in_doubt < 0"):
            faults.append(f"{scope} has {doubt} in doubt")
    (carried,) = log.db.execute("SELECT carried FROM lease").fetchone()
    if carried != log.head:
        faults.append(f"carried is {carried}, the log goes to {log.head}")
    return faults


def state_of(log: Log, stream: str, leave: frozenset[str] = BOOKKEEPING) -> list[str]:
    """An episode as (kind, body) without positions and what interruptions add, sorted: equal = same film."""
    found: list[str] = []
    for record in log.read(stream=stream):
        if record.kind in leave or record.kind == "episode_opened":  # its settings name the trial's own port
            continue
        body: dict[str, Any] = orjson.loads(record.body)
        cls = log.codec.class_of(record.kind)
        drop = set(log.codec.spec(cls).positions) if cls else set()
        kept = {k: v for k, v in body.items() if k not in drop and k not in INCIDENTAL}
        found.append(f"{record.kind} {orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()}")
    return sorted(found)


def wait_for(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something becomes true within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.01)
    return true()


def folder_of(root: Path, seed: int) -> Path:
    """A fresh folder for one trial."""
    made = root / f"trial-{seed}"
    made.mkdir()
    return made
