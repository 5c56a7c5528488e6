"""The processes that rows 10 to 12 start: python bench/child.py MODE FOLDER [all|core] [COUNT].

Modes: `restart` runs what is open in a log and says "stepped" when the first new step is durable; `hang`
begins a step, says "in flight" and never ends; `first` makes a log and runs its first step; `steps` runs
COUNT steps; `raw-restart`, `raw-steps` do the same with a bare table; `langgraph` runs one step of LangGraph.
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


def langgraph() -> None:
    """Import, build, and one durable step of LangGraph, kept in memory."""
    from typing import TypedDict

    from langgraph.checkpoint.memory import InMemorySaver  # type: ignore[import-not-found,unused-ignore]
    from langgraph.graph import END, START, StateGraph  # type: ignore[import-not-found,unused-ignore]

    class State(TypedDict):
        n: int

    graph = StateGraph(State)
    graph.add_node("step", lambda state: {"n": state["n"] + 1})
    graph.add_edge(START, "step")
    graph.add_edge("step", END)
    built = graph.compile(checkpointer=InMemorySaver())
    built.invoke({"n": 0}, {"configurable": {"thread_id": "one"}})
    print("stepped", flush=True)


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    mode, folder = arguments[0], Path(arguments[1])
    count = int(arguments[3]) if len(arguments) > 3 else 1
    if mode == "langgraph":
        langgraph()
    elif mode == "raw-restart":
        raw_restart(folder)
    elif mode == "raw-steps":
        raw_steps(folder, count)
    else:
        ours(mode, folder, arguments[2] == "all", count)


if __name__ == "__main__":
    main(sys.argv[1:])
