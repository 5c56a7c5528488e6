"""After any play of failures, doubts, reuse and bills the tables hold what the log alone says."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import log_faults
from stagehand import Play, Vendor, say

from duanju.core.desk import Desk
from duanju.core.folds import scopes_of
from duanju.core.ledger import ledger_of
from duanju.core.rebuild import rebuild_outcomes, rebuild_spend, table_problems
from duanju.core.settings import Budget
from duanju.events.calls import (
    Bill,
    CallFailed,
    DoubtSettled,
    RequestWithdrawn,
    SpeechRequested,
    SpeechReturned,
)

FATES = ("well", "cheaper", "unknown", "nothing", "over", "fail", "fail-last", "lost", "twin", "less")
WAYS = ("not_accepted", "given_up", "returned", "adopted", "adopted-loose", "dropped", "leave")


def summed(db: sqlite3.Connection) -> dict[tuple[str, str], tuple[int, int, int]]:
    """The spend table by json_extract alone: each admission has one first end, or is in doubt, or open."""
    money: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    sql = (
        "SELECT position, stream, json_extract(body, '$.request'), json_extract(body, '$.ceiling'), "
        "json_extract(body, '$.day') FROM event WHERE kind = 'call_admitted'"
    )
    for position, stream, request, ceiling, day in db.execute(sql).fetchall():
        (doubt,) = db.execute(
            "SELECT min(position) FROM event WHERE kind = 'call_doubted' "
            "AND json_extract(body, '$.admitted') = ?",
            (position,),
        ).fetchone()
        end = db.execute(
            "SELECT kind, json_extract(body, '$.bill.cost'), json_extract(body, '$.bill.billing'), "
            "json_extract(body, '$.settled') FROM event WHERE stream = ?1 AND ("
            "  kind IN ('speech_returned', 'call_failed') AND json_extract(body, '$.reused_from') IS NULL"
            "  AND json_extract(body, '$.request') = ?2 AND (cause = ?3 OR cause IS NULL AND position > ?4)"
            "  OR kind = 'doubt_settled' AND json_extract(body, '$.admitted') = ?3 AND position > ?4"
            ") ORDER BY position LIMIT 1",
            (stream, request, position, 1 << 60 if doubt is None else doubt),
        ).fetchone()
        sums = [0, 0, 0]
        if end is None:
            sums[1 if doubt is None else 2] = ceiling
        elif end[0] == "doubt_settled":
            sums[0] = 0 if end[3] == "not_accepted" else ceiling
        else:
            nobody_knows = end[1] is None or end[1] < 0 or (end[1] == 0 and end[2] == "unknown")
            sums[0] = ceiling if nobody_knows else end[1]
        for scope in scopes_of(stream):
            row = money[scope, day]
            row[:] = [a + b for a, b in zip(row, sums, strict=True)]
    return {key: (row[0], row[1], row[2]) for key, row in money.items() if any(row)}


def check(play: Play) -> None:
    kept = {(r[0], r[1]): (r[2], r[3], r[4]) for r in play.log.db.execute("SELECT * FROM spend")}
    assert (
        {key: row for key, row in kept.items() if any(row)} == rebuild_spend(play.log) == summed(play.log.db)
    )
    rows = dict(play.log.db.execute("SELECT * FROM outcome"))
    outcomes = rebuild_outcomes(play.log, play.artifacts.read_sha256)
    assert outcomes.whole and rows == outcomes.calls
    assert [one.what for one in table_problems(play.log, play.artifacts.read_sha256)] == []
    assert log_faults(play.log, doubts=True) == []
    settled = sum(one.settled for one in ledger_of(play.log).entries)
    assert play.spent()[0] == settled


@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_the_tables_are_what_the_log_says_after_any_play(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    fates = data.draw(st.lists(st.sampled_from(FATES), min_size=3, max_size=8))
    price = data.draw(st.sampled_from([5_000, 100_000]))
    seen: set[str] = set()

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        fate = event.subject.rsplit("-", 1)[0]
        again = event.subject in seen
        seen.add(event.subject)
        if fate == "lost" and not again:
            desk.known("asked", b"raw")
            raise ConnectionResetError("no answer")
        if fate.startswith("fail"):
            yield CallFailed(why="no", fallback=fate == "fail", bill=Bill(price // 4, "billed"))
            return
        bill = {
            "cheaper": Bill(price // 2, "billed"),
            "unknown": Bill(None, "unknown"),
            "nothing": Bill(0, "unknown"),
            "less": Bill(-1, "billed"),
            "over": Bill(price + 1, "billed"),
        }.get(fate, Bill(price, "billed"))
        yield SpeechReturned(
            audio=desk.artifacts.put(event.text.encode(), "audio/wav"), duration_ms=1, bill=bill
        )

    vendor, second = Vendor("v", behave, price=price), Vendor("w", price=price + 7)
    play = Play(
        tmp_path_factory.mktemp("money"),
        {"v": vendor, "w": second},
        routes=("v:m", "w:m"),
        budget=Budget(series=10**9),
    )
    streams = []
    for n, fate in enumerate(fates):
        words = "the same" if fate == "twin" else f"words {n}"
        streams.append(play.open(f"e{n}", [say(f"{fate}-{n}", words)], series="ab"[n % 2]))
    play.run()
    check(play)
    for round_ in range(2):
        for stream in streams:
            settle(play, stream, data.draw(st.sampled_from(WAYS)))
        if data.draw(st.booleans()):
            play.revise(
                streams[0], round_ + 2, [say(f"well-new{round_}", f"new {round_}", revision=round_ + 2)]
            )
        play.run()
        check(play)
    play.close()


def settle(play: Play, stream: str, way: str) -> None:
    """A person settles every open doubt of an episode in one way."""
    for entry in ledger_of(play.log, stream).entries:
        if not entry.doubtful or way == "leave":
            continue
        ended = lambda how, one=entry: DoubtSettled(one.request, one.position, how, "a person", "")  # noqa: E731
        if way.startswith("adopted"):
            brought = SpeechReturned(
                request=entry.request,
                route=entry.route,
                revision=1,
                subject=entry.subject,
                take=1,
                audio=play.artifacts.put(b"found", "audio/wav"),
                duration_ms=1,
                bill=Bill(entry.ceiling, "unknown"),
            )
            play.add(stream, brought, *([] if way == "adopted-loose" else [ended("returned")]))
        elif way == "dropped":
            play.add(stream, RequestWithdrawn(entry.request, "not wanted"), ended("given_up"))
        else:
            play.add(stream, ended(way))


def test_a_table_that_was_changed_is_found_with_scope_and_sums(tmp_path: Any) -> None:
    vendor = Vendor("v")
    play = Play(tmp_path, {"v": vendor}, routes=("v:m",))
    stream = play.open(first=[say("a")])
    play.run()
    read = play.artifacts.read_sha256
    db = play.log.db
    before = list(db.execute("SELECT * FROM outcome"))
    changes = [
        ("UPDATE spend SET settled = settled + 1 WHERE scope = 'studio'", "studio", "$0.100001"),
        ("DELETE FROM spend WHERE scope = 'series/tea'", "series/tea", "$0.10"),
        (f"UPDATE spend SET in_doubt = 5 WHERE scope = '{stream}'", stream, "in doubt $0.000005"),
        ("DELETE FROM outcome", "is missing", "outcome"),
        ("UPDATE outcome SET position = 1", "is at 1", "outcome"),
        ("INSERT INTO outcome VALUES ('made up', 3)", "made up", "no answer"),
    ]
    for change, *words in changes:
        db.execute("SAVEPOINT before")
        db.execute(change)
        db.execute("RELEASE before")
        found = " | ".join(one.what for one in table_problems(play.log, read))
        assert all(word in found for word in words), (change, found)
        db.execute("DELETE FROM spend")
        db.executemany(
            "INSERT INTO spend VALUES (?, ?, ?, ?, ?)",
            [(*key, *row) for key, row in rebuild_spend(play.log).items()],
        )
        db.execute("DELETE FROM outcome")
        db.executemany("INSERT INTO outcome VALUES (?, ?)", before)
        assert list(table_problems(play.log, read)) == []
    play.close()
