"""The processes that rows 10 to 12 start: python bench/child.py MODE FOLDER [all|core] [COUNT].

Modes: `restart` runs what is open in a log and says "stepped" when the first new step is durable; `hang`
begins a step, says "in flight" and never ends; `first` makes a log and runs its first step; `steps` runs
COUNT steps; `fan-repeat` and `fan-hold` run COUNT steps of 50 ms side by side, or what a kill left of them;
`long` carries COUNT events in episodes of a hundred steps; `walk` reads, types and verifies a log;
`replay-all` asks every decision of a log again;
`raw-restart`, `raw-steps` do the same with a bare table.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROW = ("0" * 32, "episode/bench/one", 1, "step", 1, '{"n":1,"of":1}', None, None, "bench", "now", b"0" * 32)


def told_peak() -> None:
    """Says this process's own peak resident memory in KiB.

    Not ru_maxrss: that one is inherited through fork and exec, and would be the peak of the process that
    started this one.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            print(f"peak {line.split()[1]}", flush=True)


def raw_restart(folder: Path) -> None:
    """The raw loop: find the place, do one step, commit."""
    import sqlite3

    db = sqlite3.connect(folder / "raw.db", isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    (carried,) = db.execute("SELECT max(position) FROM event").fetchone()
    db.execute("BEGIN")
    marks = ", ".join("?" * len(ROW))
    db.execute(f"INSERT INTO event VALUES (NULL, {marks})", ROW)
    db.execute("UPDATE ack SET carried = ? WHERE one = 1", (carried,))
    db.execute("COMMIT")
    print("stepped", flush=True)


def raw_steps(folder: Path, count: int) -> None:
    """The raw loop, many times."""
    import sqlite3

    db = sqlite3.connect(folder / "raw.db", isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    marks = ", ".join("?" * len(ROW))
    for number in range(count):
        db.execute("BEGIN")
        db.execute(f"INSERT INTO event VALUES (NULL, {marks})", ROW)
        db.execute("UPDATE ack SET carried = ? WHERE one = 1", (number,))
        db.execute("COMMIT")
    told_peak()


def ours(mode: str, folder: Path, every_plugin: bool, count: int) -> None:
    """Opens the log and runs the engine, with the toys alone or beside all installed plugins."""
    from toy import STREAM, Chain, Pair, Step, open_episode

    from duanju.core.artifacts import Artifacts
    from duanju.core.engine import Engine, Watcher
    from duanju.core.lanes import Job
    from duanju.core.log import Log
    from duanju.core.plugins import load_plugins
    from duanju.events.record import Record

    class Telling(Watcher):
        """Says when the first step is durable, and when one is in flight."""

        def committed(self, records: list[Record]) -> None:
            if any(record.kind == "stepped" for record in records):
                print("stepped", flush=True)

        def started(self, job: Job) -> None:
            if mode == "hang":
                print("in flight", flush=True)
                time.sleep(3600)

    toy = Chain() if mode == "steps" else Pair()
    only = None if every_plugin else "toy"
    plugins = load_plugins(extra={"toy": toy}, only=only)
    log = Log(folder / "log.db", plugins.codec)
    artifacts = Artifacts(folder / "artifacts")
    if mode == "first":
        open_episode(log, artifacts, plugins)
    if mode in ("first", "steps"):
        log.append(STREAM, [Step(1, max(1, count))], by="bench")
    with Engine(log, plugins, artifacts, folder / "out", watcher=Telling()) as engine:
        engine.run()
    log.close()
    told_peak()


def fan(folder: Path, count: int, hold: bool, workers: int) -> None:
    """Runs `count` steps of 50 ms, or what a kill has left of them."""
    from toy import STREAM, Burst, Noting, ask, engine_on, toys

    plugins = toys(toy=Noting(folder / "runs"))
    fresh = not (folder / "log.db").exists()
    log, engine = engine_on(folder, plugins, lanes={"many": workers})
    if fresh:
        ask(folder, plugins, Burst(count, hold))
    engine.run()
    if not hold and sum(1 for _ in log.read(stream=STREAM, kind="made")) != count:
        raise RuntimeError("not every step was answered")
    engine.close()
    log.close()


def long(folder: Path, count: int) -> None:
    """Carries `count` events in episodes of a thousand, one after the other, in one engine."""
    from toy import Burst, Quick, engine_on, open_episode, toys

    from duanju.core.artifacts import Artifacts
    from duanju.core.log import Log

    plugins = toys(toy=Quick())
    artifacts = Artifacts(folder / "artifacts")
    log, engine = engine_on(folder, plugins, lanes={"many": 64})
    others = Log(folder / "log.db", plugins.codec)
    for number in range(-(-count // 1000)):
        stream = f"episode/bench/long{number:04d}"
        open_episode(others, artifacts, plugins, stream)
        others.append(stream, [Burst(min(count, 1000) // 2, hold=False)], by="bench")
        engine.run()
    made = log.db.execute("SELECT count(*) FROM event WHERE kind = 'made'").fetchone()[0]
    if made < count // 2:
        raise RuntimeError(f"{made} steps were answered, {count // 2} were expected")
    engine.close()
    others.close()
    log.close()
    told_peak()


def walked(folder: Path) -> None:
    """Types every record, verifies the chain and the artifacts, and replays the last episode."""
    from toy import Quick, toys

    from duanju.core.artifacts import Artifacts
    from duanju.core.log import Log
    from duanju.core.replay import replay
    from duanju.core.verify import verify_artifacts, walk

    plugins = toys(toy=Quick())
    log = Log(folder / "log.db", plugins.codec, read_only=True)
    artifacts = Artifacts(folder / "artifacts")
    typed = sum(record.event is not None for record in log.read())
    found = walk(log)
    problems = [*found.problems, *verify_artifacts(log, artifacts)]
    again = replay(log, plugins, artifacts, log.streams("episode/bench/long")[-1])
    if typed != found.records or problems or not again.answers:
        raise RuntimeError(f"{typed} typed, {found.records} verified, {problems[:3]}, {again}")
    log.close()
    told_peak()


def replayed_all(folder: Path) -> None:
    """Replays every episode of a log; says as JSON what it took."""
    import json

    from toy import Pair, toys

    from duanju.core.artifacts import Artifacts
    from duanju.core.log import Log
    from duanju.core.replay import Replayed, replay_all

    plugins = toys(toy=Pair())
    log = Log(folder / "log.db", plugins.codec, read_only=True)
    began, busy = time.perf_counter(), time.process_time()
    records = reactions = 0
    for stream, found in replay_all(log, plugins, Artifacts(folder / "artifacts")):
        if not isinstance(found, Replayed) or found.changed or found.unverifiable:
            raise RuntimeError(f"{stream}: {found}")
        records += found.records
        reactions += found.reactions
    wall, cpu = time.perf_counter() - began, time.process_time() - busy
    if log.head - records != 2:  # but the studio's own two
        raise RuntimeError(f"{records} of {log.head} records were replayed")
    log.close()
    peak = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )
    figures = {"records": records, "reactions": reactions, "wall": wall, "cpu": cpu, "peak": peak}
    print(json.dumps(figures), flush=True)


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    mode, folder = arguments[0], Path(arguments[1])
    count = int(arguments[3]) if len(arguments) > 3 else 1
    if mode == "raw-restart":
        raw_restart(folder)
    elif mode == "raw-steps":
        raw_steps(folder, count)
    elif mode in ("fan-repeat", "fan-hold"):
        fan(folder, count, mode == "fan-hold", int(arguments[4]))
    elif mode == "long":
        long(folder, count)
    elif mode == "walk":
        walked(folder)
    elif mode == "replay-all":
        replayed_all(folder)
    else:
        ours(mode, folder, arguments[2] == "all", count)


if __name__ == "__main__":
    main(sys.argv[1:])
