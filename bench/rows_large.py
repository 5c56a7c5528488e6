"""Rows 4, 5 and 19 on a large log: a million events and more, in episodes of ten thousand."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from attrs import evolve
from facts import SUBJECTS, facts
from timing import Figure, busy, interleaved, ratio_of
from toy import Pair, Step, Stepped, open_episode, toys
from yardsticks import raw_replay, run_child

from duanju.core.artifacts import Artifacts
from duanju.core.folds import Folds
from duanju.core.log import _INSERT, Log, chain, derived_id
from duanju.events.codec import Codec
from duanju.events.episode import HooksAdopted, PartOpened
from duanju.events.scenes import ShotRendered
from duanju.events.vocabulary import builtin_events

__all__ = ["replayed", "state", "typed"]

EPISODE = 10_000
CHILD = str(Path(__file__).with_name("child.py"))


def _stream(number: int) -> str:
    return f"episode/bench/e{number:05d}"


def _filled(folder: Path, size: int) -> Log:
    folder.mkdir(exist_ok=True)
    log = Log(folder / "log.db", Codec(builtin_events()))
    for number, begin in enumerate(range(0, size, EPISODE)):
        log.append(_stream(number), facts(min(EPISODE, size - begin)), by="bench")
    log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return log


def typed(folder: Path, *, rounds: int, size: int) -> list[Figure]:
    """Row 4, large: every record read and typed, none of them kept."""
    log = _filled(folder, size)
    db = sqlite3.connect(folder / "log.db")

    def ours() -> float:
        return busy(lambda: sum(record.event is not None for record in log.read())) / size

    try:
        return [
            interleaved(
                "4L",
                f"replay {size} events into typed events",
                ours,
                lambda: busy(lambda: raw_replay(db)) / size,
                rounds=rounds,
                aim=2.0,
                scale=1e6,
                unit="us cpu",
                note="per event",
                warm=False,
            )
        ]
    finally:
        db.close()
        log.close()


def state(folder: Path, *, rounds: int, size: int) -> list[Figure]:
    """Row 5, large: the state of every episode built from nothing, one after the other, its shots asked."""
    log = _filled(folder, size)
    db = sqlite3.connect(folder / "log.db")
    streams = [_stream(number) for number in range(-(-size // EPISODE))]
    shots = [(event.shot,) for event in facts(min(size, EPISODE)) if isinstance(event, ShotRendered)]

    def ours() -> None:
        for stream in streams:
            episode = Folds(log, _no_artifact).now(stream)
            found = [episode.records(ShotRendered, *subject)[-1] for subject in shots]
            if len(found) != len(shots) or episode.holds or not episode.every(PartOpened):
                raise RuntimeError(f"{stream} has no state")

    def raw() -> None:
        for stream in streams:
            _raw_fold(db, stream)

    try:
        return [
            interleaved(
                "5L",
                f"rebuild state from {size} events, episode by episode, ask for all shots",
                lambda: busy(ours) / size,
                lambda: busy(raw) / size,
                rounds=rounds,
                aim=2.0,
                scale=1e6,
                unit="us cpu",
                note="per event",
                warm=False,
            )
        ]
    finally:
        db.close()
        log.close()


def _raw_fold(db: sqlite3.Connection, stream: str) -> dict[tuple[Any, ...], Any]:
    """The newest body of every kind and subject of a stream, as plain dicts."""
    found: dict[tuple[Any, ...], Any] = {}
    for kind, body in db.execute("SELECT kind, body FROM event WHERE stream = ? ORDER BY version", (stream,)):
        data = orjson.loads(body)
        found[(kind, *[data[name] for name in SUBJECTS.get(kind, ())])] = data
    return found


def _no_artifact(sha256: str) -> bytes:
    raise LookupError(sha256)


# -- the whole replay -------------------------------------------------------------------------------------


def replayed(folder: Path, *, size: int, small: int) -> list[Figure]:
    """Row 19: the chain walked, and every decision of a large log asked again, in a process of its own.

    Beside the time its peak memory, on the large log and on a small one of equal episodes: it must not grow.
    """
    few, many = _asked_again(folder / "few", small), _asked_again(folder / "many", size)
    records = many["records"]
    return [
        ratio_of(
            "19",
            f"replay --all: {records:.0f} events, {many['reactions']:.0f} decisions asked again",
            [(many["cpu"] / records, many["raw"] / records)],
            aim=None,
            scale=1e6,
            unit="us cpu",
            note=f"per event; {records / many['wall']:.0f} events/s; yardstick: rows + orjson",
        ),
        ratio_of(
            "19m",
            f"peak RSS of it, {size} events",
            [(many["peak"], few["peak"])],
            aim=1.5,
            scale=1 / 2**20,
            unit="MiB",
            note=f"yardstick: {small} events",
        ),
    ]


def _asked_again(folder: Path, size: int) -> dict[str, float]:
    """What a process that replays such a log says of itself; `raw` = the CPU seconds of the rows alone."""
    folder.mkdir()
    _decided(folder, size)
    _, line = run_child([CHILD, "replay-all", str(folder)], lambda said: said.startswith(b"{"))
    found: dict[str, float] = json.loads(line)
    db = sqlite3.connect(folder / "log.db")
    try:
        found["raw"] = busy(lambda: raw_replay(db))
    finally:
        db.close()
    return found


def _decided(folder: Path, size: int) -> None:
    """A log as an engine with the toy `Pair` leaves it: in each episode a thousand steps and their answers.

    Written row by row with its true chain, since an engine would take hours for ten million.
    """
    plugins = toys(toy=Pair())
    log = Log(folder / "log.db", plugins.codec)
    artifacts = Artifacts(folder / "artifacts")
    toy = plugins.plugins["toy"]
    names = tuple(hook.name for hook in toy.hooks)
    log.append("studio", [HooksAdopted("toy", toy.version, toy.decisions, names, 0)], by="core.adopt")
    per = min(1000, max(2, size // 4 * 2))
    streams = [f"episode/bench{n // 100:03d}/e{n:05d}" for n in range(max(1, size // per))]
    open_episode(log, artifacts, plugins, streams[0])
    opening = next(log.read(stream=streams[0]))
    digest, position = bytes.fromhex(log.head_digest()), log.head
    db = log.db
    db.execute("PRAGMA synchronous = OFF")
    for number, stream in enumerate(streams):
        db.execute("BEGIN IMMEDIATE")
        version = 1
        if number:
            _, series, name = stream.split("/")
            event = evolve(opening.event, series=series, name=name)
            position += 1
            row = (
                position,
                derived_id(log.id, stream, "b", "b", 0, 0, 0),
                stream,
                1,
                *plugins.codec.encode(event),
            )
            row = (*row, None, None, "bench", opening.at)
            digest = chain(digest, row)
            db.execute(_INSERT, (*row, digest))
        rows = []
        for row in _steps(log.id, stream, plugins.codec, position, version, per, opening.at):
            digest = chain(digest, row)
            rows.append((*row, digest))
        db.executemany(_INSERT, rows)
        position += len(rows)
        db.execute("COMMIT")
    db.execute("UPDATE lease SET carried = ?", (position,))
    log.close()


def _steps(
    log: str, stream: str, codec: Codec, position: int, version: int, count: int, at: str
) -> Iterator[tuple[Any, ...]]:
    """The rows of a chain of steps: each is done by the effect, and the next asked for by the reaction."""
    first = position + 1
    for index in range(count):
        n, even = index // 2 + 1, index % 2 == 0
        event = Step(n, count // 2) if even else Stepped(n, count // 2)
        cause = None if index == 0 else position
        hook = "on_stepped" if even else "on_step"
        position, version = position + 1, version + 1
        id = derived_id(log, stream, "toy", hook, cause or 0, 0, 0)
        kind, schema, body = codec.encode(event)
        by = "bench" if index == 0 else f"toy.{hook}"
        root = None if index == 0 else first
        yield (position, id, stream, version, kind, schema, body, cause, root, by, at)
