"""The costs: every call once, unknown never 0, and a CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.events.calls import (
    Bill,
    CallAdmitted,
    CallDoubted,
    CallFailed,
    DoubtSettled,
    SpeechReturned,
    VideoReturned,
    VideoSubmitted,
)
from duanju.plugins.exports.report.costs import COLUMNS, costs_of, dollars, to_csv


def admitted(
    request: int, ceiling: int | None = 50_000, route: str = "ark:x", subject: str = "S01-01"
) -> CallAdmitted:
    return CallAdmitted(
        request, route, "", "", ceiling, ceiling, "", "k", "2026-01-01", 1, "video", "shot", subject
    )


def returned(request: int, bill: Bill, clip, **more) -> VideoReturned:
    return VideoReturned(
        request=request, route="ark:x", revision=1, subject="S01-01", take=1, clip=clip, bill=bill, **more
    )


@pytest.fixture
def clip(world):
    return world.desk.artifacts.put(b"clip", "video/mp4")


def rows(world, *events):
    world.begin()
    world.events += events
    return costs_of(world.fold())


def test_a_billed_call(world):
    world.begin()
    costs = costs_of(world.fold())
    assert costs["total"] == 31_500 and costs["unknown"] == 0 and costs["reserved"] == 0
    (row,) = costs["calls"]
    assert (row["position"], row["cost"], row["ceiling"], row["billing"]) == (8, 31_500, 40_000, "billed")
    assert costs["by_purpose"] == [{"name": "shot", "calls": 1, "reused": 0, "cost": 31_500, "unknown": 0}]
    assert costs["by_route"][0]["name"] == "ark:seedream"


@pytest.mark.parametrize("bill", [Bill(None, "unknown"), Bill(0, "unknown"), Bill(None, "billed")])
def test_unknown_is_never_nothing(world, clip, bill):
    costs = rows(world, admitted(99), returned(99, bill, clip))
    row = costs["calls"][-1]
    assert row["cost"] is None and row["billing"] == "unknown"
    assert costs["unknown"] == 1 and costs["total"] == 31_500
    assert list(csv.DictReader(io.StringIO(to_csv(costs))))[-1]["cost"] == "unknown"


def test_an_open_call_is_reserved_and_not_yet_a_cost(world):
    costs = rows(world, admitted(99))
    assert costs["reserved"] == 50_000 and costs["calls"][-1]["cost"] is None
    assert (costs["unknown"], costs["total"]) == (0, 31_500)


def test_a_failed_call_and_its_fallback_are_two_rows(world, clip):
    failed = CallFailed(request=99, route="ark:x", subject="S01-01", why="no", bill=Bill(1_000, "billed"))
    costs = rows(
        world, admitted(99), failed, admitted(99, route="b:y"), returned(99, Bill(7, "billed"), clip)
    )
    assert [(r["route"], r["cost"], r["state"]) for r in costs["calls"][1:]] == [
        ("ark:x", 1_000, "failed"),
        ("b:y", 7, "returned"),
    ]


def test_a_submission_and_its_clip_are_one_call(world, clip):
    job = VideoSubmitted(request=99, route="ark:x", revision=1, subject="S01-01", take=1, job="j")
    costs = rows(world, admitted(99), job, returned(99, Bill(20_000, "billed"), clip))
    assert [r["cost"] for r in costs["calls"]] == [31_500, 20_000]
    only = rows(world, admitted(99), job)
    assert only["calls"][-1]["state"] == "open" and only["calls"][-1]["cost"] is None


def test_a_reused_outcome_costs_nothing_again(world, clip):
    costs = rows(
        world, admitted(99), returned(99, Bill(20_000, "billed"), clip),
        returned(7, Bill(20_000, "billed"), clip, reused_from=11),
    )  # fmt: skip
    assert costs["total"] == 51_500 and costs["reused"] == 1
    row = costs["calls"][-1]
    assert (row["reused_from"], row["cost"], row["billing"], row["purpose"]) == (11, 0, "reused", "shot")


@pytest.mark.parametrize(
    ("settled", "cost", "in_doubt"),
    [("", None, 50_000), ("returned", 50_000, 0), ("given_up", 50_000, 0), ("not_accepted", 0, 0)],
)
def test_doubts(world, settled, cost, in_doubt):
    events = [admitted(99), CallDoubted(99, 10, "ark:x", "lost", "", 50_000)]
    if settled:
        events.append(DoubtSettled(99, 10, settled, "me", ""))
    costs = rows(world, *events)
    assert costs["calls"][-1]["position"] == 10
    assert (costs["calls"][-1]["cost"], costs["in_doubt"]) == (cost, in_doubt)


def test_a_late_answer_settles_the_doubt(world, clip):
    late = returned(99, Bill(9_000, "billed"), clip)
    costs = rows(world, admitted(99), CallDoubted(99, 10, "ark:x", "lost", "", 50_000), late)
    assert costs["in_doubt"] == 0 and costs["calls"][-1]["cost"] == 9_000


def test_a_cheap_call_that_was_sent_again_stays_in_doubt_beside_its_second(world, clip):
    again = attrs.evolve(admitted(99), attempt=2)
    events = admitted(99), CallDoubted(99, 10, "ark:x", "lost", "", 50_000), again
    costs = rows(world, *events, returned(99, Bill(9_000, "billed"), clip))
    assert [row["state"] for row in costs["calls"][1:]] == ["superseded", "returned"]
    assert costs["in_doubt"] == 50_000 and costs["calls"][-1]["cost"] == 9_000


def test_what_is_booked_for_want_of_a_bill_says_so(world, clip):
    costs = rows(world, admitted(99), returned(99, Bill(50_000, "unknown"), clip))
    assert (costs["calls"][-1]["cost"], costs["calls"][-1]["billing"], costs["unknown"]) == (
        50_000,
        "ceiling",
        0,
    )


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=2"]
)
def test_no_cell_is_a_formula(world, evil):
    costs = rows(world, admitted(99, subject=evil, route="x:" + evil))
    cell = list(csv.DictReader(io.StringIO(to_csv(costs))))[-1]["subject"]
    assert cell.startswith("'") and cell.endswith(evil[-1])


def test_the_columns_and_six_decimals(world):
    world.begin()
    table = list(csv.reader(io.StringIO(to_csv(costs_of(world.fold())))))
    assert tuple(table[0]) == COLUMNS
    assert table[1][6:8] == ["0.040000", "0.031500"]


@given(st.integers(0, 10**13))
def test_dollars_lose_nothing(micro):
    whole, part = dollars(micro).split(".")
    assert len(part) == 6 and int(whole) * 10**6 + int(part) == micro


def test_speech_is_counted_by_its_own_request(world):
    audio = world.desk.artifacts.put(b"RIFF", "audio/wav")
    one = SpeechReturned(
        request=99, route="v:s", revision=1, subject="L001", take=1, audio=audio, duration_ms=900
    )
    costs = rows(world, attrs.evolve(admitted(99), capability="speech", purpose="line"), one)
    assert costs["calls"][-1]["billing"] == "free" and costs["calls"][-1]["cost"] == 0
