"""Rows 17 and 18: calls to models over HTTP. How many at once, and how long a storm of failures takes."""

from __future__ import annotations

import heapq
import math
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from queue import SimpleQueue

import orjson
from loopback import KEY, vendor
from timing import Figure, ratio_of, wall
from toy import engine_on

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Call, Desk
from duanju.core.gate import Gate
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.prices import Price
from duanju.core.settings import Budget, Settings
from duanju.events.calls import ChatRequested, ChatReturned
from duanju.events.episode import EpisodeOpened
from duanju.plugins.providers.calling.waits import asked_wait
from duanju.plugins.providers.openai import OpenAI
from duanju.testing.vendor import Fault
from duanju.testing.vendor.storm import DOUBTFUL, GARBAGE, LATENCY_S, LIMITED, storm

__all__ = ["fan_out", "ideal_of", "weather"]

ROUTES = ("openai:gpt-4.1", "openai:gpt-6-luna", "openai:gpt-4.1-mini")
_SETTING = {"input": 2, "cached": 0.5, "output": 8, "most_output": 64}
EACH = 25
SEED = 1


def _asked(number: int) -> ChatRequested:
    return ChatRequested(1, f"s{number}", "shot-words", 1, "You write shots.", f"Shot {number}.", "")


def _provider(url: str) -> OpenAI:
    prices = {route.split(":")[1]: _SETTING for route in ROUTES}
    return OpenAI("openai", {"base_url": url, "prices": prices})


@contextmanager
def _with_key() -> Iterator[None]:
    """The key of the loopback vendor, and no proxy of this machine's before it."""
    changed = {"OPENAI_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _through_engine(folder: Path, url: str, many: int, threads: int) -> float:
    """Seconds for `many` admitted, paid and recorded calls."""
    plugins = load_plugins(extra={"openai": _provider(url)}, only="openai")
    log, engine = engine_on(folder, plugins, lanes={"openai": threads})
    try:
        _open(folder, plugins, many)
        taken = wall(engine.run)
        good = sum(1 for _ in log.read(kind="chat_returned"))
        if good != many:
            raise RuntimeError(f"{good} of {many} calls were answered")
    finally:
        engine.close()
        log.close()
    return taken


def _open(folder: Path, plugins: Plugins, many: int) -> None:
    """Episodes with EACH requests, as a stage would have asked them."""
    artifacts = Artifacts(folder / "artifacts")
    settings = Settings(routes={"chat": ROUTES}, budget=Budget(repeat_below=1_000_000))
    recorded = artifacts.put(settings.to_json(), "application/json")
    prices = artifacts.put(plugins.prices.to_json(), "application/json")
    log = Log(folder / "log.db", plugins.codec)
    try:
        for first in range(0, many, EACH):
            name = f"at{first:05d}"
            opened = EpisodeOpened("bench", name, "Bench", "bench.txt", recorded, "", recorded, prices)
            asked = [_asked(number) for number in range(first, min(first + EACH, many))]
            log.append(f"episode/bench/{name}", [opened, *asked], by="bench")
    finally:
        log.close()


def _without_engine(folder: Path, url: str, many: int, threads: int) -> float:
    """Seconds for the same calls by the same client, from as many threads, and nothing recorded."""
    provider, artifacts, gate = _provider(url), Artifacts(folder / "artifacts"), Gate(threads)
    price = next(one for one in provider.duanju_prices() if one.route == ROUTES[0])
    todo: SimpleQueue[int | None] = SimpleQueue()
    for number in range(many):
        todo.put(number)
    for _ in range(threads):
        todo.put(None)
    good: list[int] = []

    def serve() -> None:
        session = None
        while (number := todo.get()) is not None:
            desk = _desk(artifacts, gate, price)
            desk._session = session
            answers = list(provider.on_chat_requested(_asked(number), desk))
            session = desk.http
            if isinstance(answers[0], ChatReturned):
                good.append(number)

    def work() -> None:
        workers = [threading.Thread(target=serve) for _ in range(threads)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()

    taken = wall(work)
    if len(good) != many:
        raise RuntimeError(f"{len(good)} of {many} calls were answered")
    return taken


def _desk(artifacts: Artifacts, gate: Gate, price: Price) -> Desk:
    call = Call(1, 2, ROUTES[0], "key", 1000, price)
    desk = Desk("key", artifacts, Settings(), artifacts.root, math.inf, call)
    desk._gate = gate
    return desk


def fan_out(folder: Path, *, rounds: int, many: int, threads: int) -> list[Figure]:
    """Row 17: calls from `threads` threads to a vendor that takes LATENCY_S, beside what is possible.

    17a: through the engine, beside many x latency / threads. 17b: the same client without the engine,
    beside the same. 17c: the one beside the other.
    """
    runs = count()
    ideal = math.ceil(many / threads) * LATENCY_S
    pairs: list[tuple[float, float]] = []
    with _with_key(), vendor("plain", str(LATENCY_S)) as url:
        _without_engine(folder / "warm", url, threads, threads)
        for _ in range(rounds):
            ours = _through_engine(folder / f"run{next(runs)}", url, many, threads)
            pairs.append((ours, _without_engine(folder / "bare", url, many, threads)))
    what = f"{many} calls of {LATENCY_S * 1000:.0f} ms from {threads} threads"

    def figure(row: str, how: str, of: list[tuple[float, float]], aim: float | None, note: str) -> Figure:
        return ratio_of(row, f"{what}: {how}", of, aim=aim, scale=1e3, unit="ms", note=note)

    return [
        figure(
            "17a",
            "engine / ideal",
            [(a, ideal) for a, _ in pairs],
            1 / 0.82,
            "0.82 of the ideal rate or more",
        ),
        figure("17b", "client alone / ideal", [(b, ideal) for _, b in pairs], None, ""),
        figure("17c", "engine / client alone", pairs, 1 / 0.95, "0.95 of the client's rate or more"),
    ]


# -- the storm -------------------------------------------------------------------------------------------


def weather(folder: Path, *, rounds: int, many: int, threads: int) -> Figure:
    """Row 18: a storm of calls, beside a client that loses no time but what the faults themselves take."""
    runs = count()
    ideal, sent = ideal_of(many, threads)
    pairs: list[tuple[float, float]] = []
    for _ in range(rounds):
        with _with_key(), vendor("storm", str(SEED)) as url:
            pairs.append((_through_engine(folder / f"run{next(runs)}", url, many, threads), ideal))
    note = f"{sent} requests; {sent * LATENCY_S / threads * 1e3:.0f} ms without the waits that were asked for"
    measure = f"{many} calls in a storm, {threads} at once: engine / ideal"
    return ratio_of("18", measure, pairs, aim=1.15, scale=1e3, unit="ms", note=note)


def ideal_of(many: int, threads: int) -> tuple[float, int]:
    """Seconds and requests that a storm takes a client which costs nothing itself.

    It sends at once whatever may be sent, waits as long as the vendor asks, with all its threads, and repeats
    what has to be repeated at once.
    """
    plan, now = storm(SEED), datetime.now(UTC)
    free = [0.0] * threads
    queue = deque(range(many))
    out: list[tuple[float, int, int, Fault]] = []
    clock = paused = ended = 0.0
    sent = 0
    while queue or out:
        while queue and free and max(free[0], paused) <= (out[0][0] if out else math.inf):
            clock = max(heapq.heappop(free), paused, clock)
            sent += 1
            fault = plan(sent, "POST", "/chat/completions") or Fault()
            heapq.heappush(out, (clock + fault.latency_s, sent, queue.popleft(), fault))
        clock, _, call, fault = heapq.heappop(out)
        heapq.heappush(free, clock)
        ended = max(ended, clock)
        if fault.name in (LIMITED, GARBAGE) or fault.name in DOUBTFUL:
            queue.append(call)
        if fault.name == LIMITED:
            headers = {name.lower(): value for name, value in fault.headers.items()}
            body = orjson.loads(fault.body)
            asked = asked_wait(headers, body, body["error"]["message"], now) or 0.0
            paused = max(paused, clock + asked)
    return ended, sent
