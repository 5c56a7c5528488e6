"""What others need for the same work: python bench/peer.py PEER MODE FOLDER [COUNT] [WORKERS].

It runs in whichever interpreter has the peers, so it imports nothing of duanju. Peers: dbos, langgraph,
eventsourcing. Modes: `steps` COUNT sequential durable steps that do nothing; `spread` COUNT steps of 50 ms
on WORKERS threads; `fan` the same, each noting its run in FOLDER/runs, to be killed and started again;
`first` one step from nothing; `hang` begins a step and never ends it; `restart` runs what `hang` left;
`append` and `append-many` COUNT facts one by one or in one transaction. It prints `took WALL CPU`, `stepped`,
`in flight`, `peak KIB`.
"""

from __future__ import annotations

import operator
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict

SLEEP = 0.05


class State(TypedDict):
    """What a LangGraph carries from step to step; its types are looked up in this module."""

    n: int
    of: int
    done: Annotated[list[int], operator.add]


class One(TypedDict):
    """What one of many LangGraph tasks is given."""

    n: int


def said(what: str) -> None:
    """One line to whoever started this."""
    print(what, flush=True)


def told_peak() -> None:
    """This process's own peak resident memory in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            said(f"peak {line.split()[1]}")


def timed(work: Callable[[], object]) -> None:
    """Runs it and says how long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    said(f"took {time.perf_counter() - wall} {time.process_time() - cpu}")


def noted(folder: Path, number: int) -> None:
    """Notes that step `number` began: appended whole, so that a kill cannot tear it."""
    fd = os.open(folder / "runs", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(fd, f"{number}\n".encode())
    os.close(fd)


def langgraph(mode: str, folder: Path, count: int, workers: int) -> None:
    """LangGraph with its SQLite checkpoints, each durable before the next step begins."""
    import sqlite3

    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph
    from langgraph.types import Send

    def step(state: State) -> dict[str, int]:
        if mode == "hang":
            said("in flight")
            time.sleep(3600)
        return {"n": state["n"] + 1}

    def one(given: One) -> dict[str, list[int]]:
        if mode == "fan":
            noted(folder, given["n"])
        time.sleep(SLEEP)
        return {"done": [given["n"]]}

    graph = StateGraph(State)
    graph.add_node("step", step)
    graph.add_node("one", one)
    if mode in ("spread", "fan"):
        graph.add_conditional_edges(START, lambda s: [Send("one", {"n": n}) for n in range(s["of"])], ["one"])
        graph.add_edge("one", END)
    else:
        graph.add_edge(START, "step")
        graph.add_conditional_edges("step", lambda s: "step" if s["n"] < s["of"] else END, ["step", END])
    db = sqlite3.connect(folder / "langgraph.db", check_same_thread=False)
    built = graph.compile(checkpointer=SqliteSaver(db))

    def run(thread: str, of: int, fresh: bool = True) -> None:
        config: dict[str, Any] = {
            "configurable": {"thread_id": thread},
            "recursion_limit": of + 10,
            "max_concurrency": workers,
        }
        built.invoke({"n": 0, "of": of, "done": []} if fresh else None, config, durability="sync")

    if mode == "steps":
        run("warm", 3)
        timed(lambda: run("steps", count))
    elif mode == "spread":
        timed(lambda: run("spread", count))
    elif mode == "fan":
        known = built.get_state({"configurable": {"thread_id": "fan"}}).created_at is not None
        run("fan", count, fresh=not known)
    elif mode == "restart":
        run("hang", 1, fresh=False)
        said("stepped")
    else:
        run("hang" if mode == "hang" else "first", 1)
        said("stepped")


def dbos(mode: str, folder: Path, count: int, workers: int) -> None:
    """DBOS on SQLite, as it is installed."""
    from dbos import DBOS

    DBOS(
        config={
            "name": "bench",
            "system_database_url": f"sqlite:///{(folder / 'dbos.db').absolute()}",
            "application_version": "1",
            "log_level": "ERROR",
        }
    )

    @DBOS.step()
    def step(n: int) -> int:
        if mode == "hang":
            said("in flight")
            time.sleep(3600)
        return n + 1

    @DBOS.workflow()
    def chain(of: int) -> int:
        n = 0
        for _ in range(of):
            n = step(n)
        return n

    @DBOS.step()
    def work(n: int) -> int:
        if mode == "fan":
            noted(folder, n)
        time.sleep(SLEEP)
        return n

    @DBOS.workflow()
    def one(n: int) -> int:
        return work(n)

    DBOS.launch()

    def spread() -> None:
        DBOS.register_queue("bench", worker_concurrency=workers, polling_interval_sec=0.05)
        handles = [DBOS.enqueue_workflow("bench", one, n) for n in range(count)]
        for handle in handles:
            handle.get_result()

    if mode == "steps":
        chain(3)
        timed(lambda: chain(count))
    elif mode == "spread":
        timed(spread)
    elif mode == "fan":
        if (folder / "begun").exists():
            DBOS.register_queue("bench", worker_concurrency=workers, polling_interval_sec=0.05)
            while DBOS.list_workflows(status=["PENDING", "ENQUEUED"]):
                time.sleep(0.1)
        else:
            (folder / "begun").touch()
            spread()
    elif mode == "restart":
        for found in DBOS.list_workflows():
            DBOS.retrieve_workflow(found.workflow_id).get_result()
        said("stepped")
    else:
        chain(1)
        said("stepped")
    told_peak()
    sys.stdout.flush()
    os._exit(0)  # its threads would hold the process for seconds


def eventsourcing(mode: str, folder: Path, count: int) -> None:
    """eventsourcing on SQLite: typed events of one aggregate, saved one by one or all at once."""
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate, event

    class Line(Aggregate):
        def __init__(self, line: str, shot: str, character: str) -> None:
            self.text = ""

        @event("Directed")
        def direct(self, text: str, pace: int, tone: str) -> None:
            self.text = text

    env = {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "SQLITE_DBNAME": str(folder / f"es-{mode}.db"),
    }
    app: Any = Application(env=env)
    line = Line("L00001", "S000-00", "Lin Yue")
    app.save(line)

    def one_by_one() -> None:
        for n in range(count):
            line.direct(f"You came back, {n}.", 100, "tense")
            app.save(line)

    def together() -> None:
        for n in range(count):
            line.direct(f"You came back, {n}.", 100, "tense")
        app.save(line)

    timed(together if mode == "append-many" else one_by_one)


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    peer, mode, folder = arguments[0], arguments[1], Path(arguments[2])
    count = int(arguments[3]) if len(arguments) > 3 else 1
    workers = int(arguments[4]) if len(arguments) > 4 else 1
    folder.mkdir(parents=True, exist_ok=True)
    if peer == "langgraph":
        langgraph(mode, folder, count, workers)
    elif peer == "dbos":
        dbos(mode, folder, count, workers)
    else:
        eventsourcing(mode, folder, count)
    told_peak()


if __name__ == "__main__":
    main(sys.argv[1:])
