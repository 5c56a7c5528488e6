"""Rows 15 and 16: what a question of the costs takes in a large log, and what keeping the ledger costs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from timing import Figure, busy, interleaved, ratio_of, wall

from duanju.core.log import Log
from duanju.core.rebuild_ledger import rebuild_ledger
from duanju.events.artifact import Artifact
from duanju.events.calls import Attempt, Bill, CallAdmitted, SpeechRequested, SpeechReturned
from duanju.events.cast import Voice
from duanju.events.codec import Codec
from duanju.events.dialogue import Direction, LineVoiced
from duanju.events.vocabulary import builtin_events

__all__ = ["appends", "questions"]

EPISODE = 1000  # events of one episode
MODELS = ("ark:seedream", "ark:seedance", "relay:deepseek", "relay:gemini", "voices:alto", "local:espeak")
STAGES = ("script", "cast", "scenes", "dialogue")
SOUND = Artifact("0" * 64, 48_000, "audio/wav")
BY_JSON = (
    "SELECT stream, json_extract(body, '$.route'), sum(json_extract(body, '$.bill.cost')) FROM event "
    "WHERE kind = 'speech_returned' GROUP BY 1, 2 ORDER BY 1, 2"
)
BY_VIEW = "SELECT stream, model, sum(cost) FROM cost_total GROUP BY stream, model ORDER BY stream, model"


def _call(n: int, request: int) -> tuple[Any, Any, Any, Any]:
    """A request, its admission, its outcome, and what a stage makes of it."""
    line, route = f"L{n:07d}", MODELS[n % len(MODELS)]
    asked = SpeechRequested(
        1,
        line,
        "line",
        1,
        f"The tea is cold again, said the {n}th guest.",
        "en",
        Voice("female", 1, 50, 100),
        Direction(100, 0, 100, ""),
    )
    admitted = CallAdmitted(
        request, route, "routes", "", 900, 1200, route, f"{n:064x}", "2026-01-05", 1, "speech", "line", line
    )
    bill = Bill(
        700 + n % 300, "billed", route, {"characters": 40}, 900 + n % 700, (Attempt(200, 0),), f"v{n}"
    )
    back = SpeechReturned(
        request=request,
        route=route,
        revision=1,
        subject=line,
        take=1,
        audio=SOUND,
        duration_ms=900,
        bill=bill,
    )
    voiced = LineVoiced(1, 1, line, f"S{n % 40:02d}-01", "Mei", asked.text, SOUND, 900, ())
    return asked, admitted, back, voiced


def _rows(log: Log, size: int) -> Iterator[tuple[Any, ...]]:
    """`size` records as the log stores them, but for their digests, which no query looks at."""
    codec = log.codec
    versions: dict[str, int] = {}
    position = log.head
    for n in range(size // 4):
        stream = f"episode/s{n * 4 // EPISODE % 12:02d}/e{n * 4 // EPISODE:06d}"
        request = position + 1
        hooks = (f"{STAGES[n % 4]}.on_line", "core.admit", "vendor.on_speech_requested", "dialogue.on_voice")
        for i, event in enumerate(_call(n, request)):
            kind, schema, body = codec.encode(event)
            position += 1
            versions[stream] = version = versions.get(stream, 0) + 1
            cause = None if i == 0 else position - 1
            yield (
                position, f"{position:032x}", stream, version, kind, schema, body, cause, request, hooks[i],
                "2026-01-05T12:00:00.000Z", b"0" * 32,
            )  # fmt: skip


def _filled(folder: Path, size: int) -> Log:
    """A log of `size` events, four for each call, without its ledger."""
    path = folder / "log.db"
    log = Log(path, Codec(builtin_events()))
    rows = _rows(log, size)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    for name, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
        _ = sql
    db.execute("BEGIN")
    db.executemany(f"INSERT INTO event VALUES ({', '.join('?' * 12)})", rows)
    db.execute("COMMIT")
    db.close()
    log.close()
    return Log(path, Codec(builtin_events()))


def questions(folder: Path, *, rounds: int, size: int, each: int) -> list[Figure]:
    """Row 15, and beside it the rebuild of the ledger; and row 16 in the log that is large by then."""
    log = _filled(folder, size)
    try:
        began = time.process_time()
        rebuild_ledger(log)
        rebuilt = time.process_time() - began
        by_json, by_view = log.db.execute(BY_JSON).fetchall(), log.db.execute(BY_VIEW).fetchall()
        if by_json != by_view or len(by_view) < 2:
            raise RuntimeError("the ledger and json_extract do not say the same")
        episode = by_view[len(by_view) // 2][0].removeprefix("episode/")
        one = "SELECT cost FROM cost_by_episode WHERE episode = ?"
        walked = busy(lambda: [orjson.loads(row[0]) for row in log.db.execute("SELECT body FROM event")])
        return [
            interleaved(
                "15a",
                f"cost by episode and model, {size} events",
                lambda: busy(lambda: log.db.execute(BY_VIEW).fetchall()),
                lambda: busy(lambda: log.db.execute(BY_JSON).fetchall()),
                rounds=rounds,
                aim=0.02,
                scale=1e3,
                unit="ms cpu",
                note="beside json_extract over the log; the same sums",
            ),
            interleaved(
                "15b",
                f"cost of one episode, {size} events",
                lambda: busy(lambda: [log.db.execute(one, (episode,)).fetchall() for _ in range(20)]) / 20,
                lambda: 1e-3,
                rounds=rounds,
                aim=1.0,
                scale=1e3,
                unit="ms cpu",
                note="beside 1 ms",
            ),
            ratio_of(
                "15c",
                f"the ledger rebuilt from {size} events",
                [(rebuilt, walked)],
                aim=None,
                scale=1e6 / size,
                unit="us cpu",
                note="per event, beside reading and parsing every body",
            ),
            _append("16c", f"append a cost event to {size}, ledger kept", folder, rounds, each, 1, busy),
        ]
    finally:
        log.close()


def appends(folder: Path, disk: Path, *, rounds: int, each: int, many: int) -> list[Figure]:
    """Row 16: an append of a cost event with the ledger kept, beside the same append without it."""
    return [
        _append("16a", "append a cost event, ledger kept, FULL", disk, rounds, each, 1, wall),
        _append("16b", "the same, software only", folder, rounds, each, 1, busy),
        _append("16d", f"{many} in one commit, software only", folder, rounds, many, many, busy),
    ]


def _append(
    row: str, measure: str, folder: Path, rounds: int, each: int, together: int, clock: Any
) -> Figure:
    """Admissions and outcomes, by a log that keeps the ledger and by one that does not, in one file."""
    path = folder / "log.db"
    kept, plain = (Log(path, Codec(builtin_events())) for _ in range(2))
    plain.ledger.take = lambda record, spec: None  # type: ignore[method-assign]
    numbers = count(10_000_000)

    def one(log: Log) -> float:
        requests = [
            (n, log.append(f"episode/bench/{row}", [_call(n, 0)[0]], by="dialogue.on_line")[0].position)
            for n in (next(numbers) for _ in range(each // 2))
        ]

        def work() -> None:
            left = iter(requests)
            while True:
                with log.writing():
                    for _ in range(max(1, together // 2)):
                        found = next(left, None)
                        if found is None:
                            return
                        n, request = found
                        _, admitted, back, _ = _call(n, request)
                        stream = f"episode/bench/{row}"
                        first = log.add(stream, admitted, by="core.admit", cause=request)
                        if together == 1:
                            log.commit()
                            log.begin()
                        log.add(stream, back, by="vendor.on_speech", cause=first.position if first else None)

        return float(clock(work)) / (each // 2 * 2)

    try:
        return interleaved(
            row,
            measure,
            lambda: one(kept),
            lambda: one(plain),
            rounds=rounds,
            aim=None,
            scale=1e6,
            unit="us" if clock is wall else "us cpu",
            note="per event, beside the same without the ledger",
        )
    finally:
        kept.close()
        plain.close()
