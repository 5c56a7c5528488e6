"""Money: the sums are what an independent fold of the log says, and the caps hold for any sequence."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stagehand import Play, Vendor, say

from duanju.core.budget import Spend, dollars
from duanju.core.desk import Desk
from duanju.core.folds import scopes_of
from duanju.core.prices import Price, Prices, units_of
from duanju.core.schema import SCHEMA
from duanju.core.settings import Budget, micro
from duanju.events.calls import Bill, CallFailed, ChatRequested, DoubtSettled, SpeechRequested

DAYS = ("2026-01-01", "2026-01-02")
STREAMS = ("episode/a/x", "episode/a/y", "episode/b/x")


def table() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(SCHEMA)
    return db


changes = st.lists(
    st.tuples(
        st.sampled_from(STREAMS),
        st.sampled_from(DAYS),
        st.integers(0, 10**12),
        st.integers(0, 10**12),
        st.integers(0, 10**12),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(changes=changes)
def test_the_sums_are_an_independent_fold_and_stand_in_the_table(changes: list[tuple[Any, ...]]) -> None:
    db = table()
    spend = Spend(db)
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for stream, day, *money in changes:
        spend.change(scopes_of(stream), day, settled=money[0], reserved=money[1], in_doubt=money[2])
        for scope in ("studio", f"series/{stream.split('/')[1]}", stream):
            wanted[scope] = [a + b for a, b in zip(wanted[scope], money, strict=True)]
    spend.flush()
    for again in (spend, Spend(db)):
        for scope in ("studio", "series/a", "series/b", *STREAMS):
            assert list(again.total(scope)) == wanted[scope]


@settings(max_examples=150, deadline=None)
@given(
    changes=changes,
    caps=st.tuples(*[st.none() | st.integers(0, 4 * 10**12)] * 4),
    ceiling=st.integers(0, 2 * 10**12),
    stream=st.sampled_from(STREAMS),
    day=st.sampled_from(DAYS),
)
def test_a_call_passes_only_where_every_cap_has_room(
    changes: list[tuple[Any, ...]],
    caps: tuple[int | None, ...],
    ceiling: int,
    stream: str,
    day: str,
) -> None:
    spend = Spend(table())
    for where, when, settled, reserved, doubt in changes:
        spend.change(scopes_of(where), when, settled=settled, reserved=reserved, in_doubt=doubt)
    call, episode, series, daily = caps
    verdict = spend.allows(Budget(call, episode, series, daily), scopes_of(stream), day, ceiling)
    pools = [
        (episode, [c for c in changes if c[0] == stream]),
        (series, [c for c in changes if c[0].split("/")[1] == stream.split("/")[1]]),
        (daily, [c for c in changes if c[1] == day]),
    ]
    never = call is not None and ceiling > call
    later = False
    for cap, pool in pools:
        if cap is not None:
            sure = sum(c[2] + c[4] for c in pool) + ceiling
            never = never or sure > cap
            later = later or sure + sum(c[3] for c in pool) > cap
    assert verdict.says == ("refuse" if never else "wait" if later else "pass")
    assert bool(verdict.scope) == (verdict.says != "pass")


@given(amount=st.integers(0, 10**15))
def test_dollars_are_written_without_loss(amount: int) -> None:
    assert micro(dollars(amount).removeprefix("$")) == amount
    assert dollars(None) == "unknown"


@given(
    rate=st.integers(0, 10**9),
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
    most=st.integers(1, 9000),
)
def test_a_ceiling_is_never_under_its_expectation_and_costs_round_up(rate: int, text: str, most: int) -> None:
    price = Price("a:b", {"input_token": rate, "output_token": rate}, "x", "2026-01-01", most_output=most)
    request = ChatRequested(1, "s", "p", 1, "", text, "")
    expected, ceiling = units_of(request, price)
    assert all(expected[unit] <= ceiling[unit] for unit in expected)
    assert price.cost(expected) <= price.cost(ceiling)
    exact = sum(ceiling.values()) * rate
    assert price.cost(ceiling) * 1_000_000 >= exact > (price.cost(ceiling) - 1) * 1_000_000


def test_the_newest_price_of_a_day_is_in_force() -> None:
    prices = Prices(
        [Price("a:b", {"call": n}, "x", since) for n, since in ((2, "2026-02-01"), (1, "2026-01-01"))]
    )
    assert prices.of("a:b", "2025-12-31") is None and prices.of("a:c", "2026-03-01") is None
    found = [prices.of("a:b", day) for day in ("2026-01-01", "2026-01-31", "2026-02-01")]
    assert [price.rates["call"] for price in found if price] == [1, 1, 2]
    again = Prices.from_json(prices.to_json())
    assert again.entries == prices.entries and again.to_json() == prices.to_json()
    for bad in (b"{", b"[1]", b'[{"nonsense": 1}]', b'{"a": 1}'):
        with pytest.raises(ValueError, match=r".+"):
            Prices.from_json(bad)


# -- the tables that are kept with the append can be rebuilt from it -------------------------------------


def refold(play: Play) -> dict[tuple[str, str], tuple[int, int, int]]:
    """The spend table from the events alone: settled, reserved and in doubt by scope and day."""
    money: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    open_: dict[tuple[str, int], Any] = {}
    doubts: dict[int, tuple[str, Any]] = {}
    late: dict[tuple[str, int], int] = {}

    def book(stream: str, day: str, settled: int, reserved: int, doubt: int) -> None:
        for scope in scopes_of(stream):
            for index, amount in enumerate((settled, reserved, doubt)):
                money[scope, day][index] += amount

    for record in play.log.read():
        event = record.event
        if record.kind == "call_admitted":
            open_[record.stream, event.request] = (record.position, event)
            book(record.stream, event.day, 0, event.ceiling or 0, 0)
        elif (
            record.kind in ("speech_returned", "call_failed") and getattr(event, "reused_from", None) is None
        ):
            found = open_.pop((record.stream, event.request), None)
            if found is None:
                late[record.stream, event.request] = event.bill.cost
                continue
            admitted = found[1]
            cost = admitted.ceiling if event.bill.cost is None else event.bill.cost
            book(record.stream, admitted.day, cost, -(admitted.ceiling or 0), 0)
        elif record.kind == "call_doubted":
            position, admitted = open_.pop((record.stream, event.request))
            doubts[position] = (record.stream, admitted)
            book(record.stream, admitted.day, 0, -(admitted.ceiling or 0), admitted.ceiling or 0)
        elif record.kind == "doubt_settled" and event.admitted in doubts:
            stream, admitted = doubts.pop(event.admitted)
            booked = {"not_accepted": 0}.get(event.settled, admitted.ceiling)
            booked = late.get((stream, event.request), booked) if event.settled == "returned" else booked
            book(stream, admitted.day, booked, 0, -admitted.ceiling)
    return {key: (a, b, c) for key, (a, b, c) in money.items() if (a, b, c) != (0, 0, 0)}


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    fates=st.lists(
        st.sampled_from(["well", "cheaper", "unknown", "fail", "lost", "twin"]), min_size=3, max_size=9
    ),
    settle=st.lists(st.sampled_from(["not_accepted", "given_up", "returned"]), min_size=9, max_size=9),
    price=st.sampled_from([5_000, 100_000]),
)
def test_the_spend_table_is_the_fold_of_the_log(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str], settle: list[str], price: int
) -> None:
    seen: set[str] = set()

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        fate = event.subject.split("-")[0]
        again = event.subject in seen
        seen.add(event.subject)
        if fate == "lost" and not again:
            raise ConnectionResetError("no answer")
        if fate == "fail":
            yield CallFailed(why="no", bill=Bill(cost=price // 4, billing="billed"))
            return
        spoken = vendor.spoken(event, desk, price // 2 if fate == "cheaper" else price)
        if fate == "unknown":
            spoken = type(spoken)(audio=spoken.audio, duration_ms=1, bill=Bill(cost=None, billing="unknown"))
        yield spoken

    vendor = Vendor("v", behave, price=price)
    play = Play(tmp_path_factory.mktemp("money"), {"v": vendor}, routes=("v:m",), budget=Budget(series=10**9))
    streams = []
    for n, fate in enumerate(fates):
        words = "the same" if fate == "twin" else f"words {n}"
        streams.append(play.open(f"e{n}", [say(f"{fate}-{n}", words)], series="ab"[n % 2]))
    play.run()
    kept = {(r[0], r[1]): (r[2], r[3], r[4]) for r in play.log.db.execute("SELECT * FROM spend")}
    assert {k: v for k, v in kept.items() if any(v)} == refold(play)
    for n, stream in enumerate(streams):
        for record in list(play.log.read(stream=stream, kind="call_doubted")):
            doubt = record.event
            play.add(stream, DoubtSettled(doubt.request, doubt.admitted, settle[n], "a person", ""))
    play.run()
    kept = {(r[0], r[1]): (r[2], r[3], r[4]) for r in play.log.db.execute("SELECT * FROM spend")}
    assert {k: v for k, v in kept.items() if any(v)} == refold(play)
    assert all(reserved == 0 and doubt >= 0 for _, reserved, doubt in kept.values())
    play.close()
