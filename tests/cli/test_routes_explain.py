"""`duanju routes`: rules, models about to end, and every call of an episode with its reason."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from duanju.core.desk import Desk
from duanju.core.hooks import effect, hookimpl
from duanju.core.log import now
from duanju.core.prices import Price, Prices
from duanju.core.shutdowns import shutdowns
from duanju.events.calls import Bill, SpeechRequested, SpeechReturned

RULES = """\
[routes]
image = []
speech = ["paid:voice", "dear:m"]

[[rules]]
name = "first lines"
capability = "speech"
purpose = "line"
route = "dear:m"
reason = "a good beginning is worth it"
"""


class Dear:
    """A second provider of speech, at a dollar a call."""

    def __init__(self, until: str) -> None:
        self.until = until

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        return [Price("dear:m", {"call": 10**12}, "a test", "2020-01-01", self.until, "dear:m2")]

    @hookimpl
    @effect(provider="dear", lane="dear", doubt="hold")
    def on_speech_requested(self, event: SpeechRequested, desk: Desk) -> Iterator[SpeechReturned]:
        audio = desk.artifacts.put(event.text.encode(), "audio/wav")
        yield SpeechReturned(audio=audio, duration_ms=100, bill=Bill(cost=10**6, billing="billed"))


@pytest.fixture
def dear(toy: types.ModuleType, place: Path) -> Iterator[str]:
    """A studio with a rule that sends lines to `dear`, whose model ends in ten days; gives that day."""
    until = (date.fromisoformat(now()[:10]) + timedelta(days=10)).isoformat()
    toy.MORE["dear"] = Dear(until)
    (place / "studio" / "duanju.toml").write_text(RULES, encoding="utf-8")
    yield until
    toy.MORE.pop("dear")


def test_every_call_is_explained(duanju: Any, dear: str, toy: Any) -> None:
    ran = duanju("produce", "tea.txt")
    assert ran.code == 0
    assert ran.err.count(f"dear:m will be shut down on {dear}; its successor is dear:m2") == 1
    text = duanju("routes", "--explain", "tea").out
    assert "speech line L001 -> dear:m, returned: cost $1.00, quoted $1.00 to $1.00" in text
    assert "rule first lines: a good beginning is worth it" in text
    assert "else paid:voice (routes.speech[1]): $0.22 to $0.22" in text
    first, second = json.loads(duanju("routes", "--explain", "tea", "--json").out)["calls"]
    assert (first["subject"], first["route"], first["cost"]) == ("L001", "dear:m", 10**6)
    assert first["reason"] == "a good beginning is worth it" and first["rule"] == "rule first lines"
    assert [one["route"] for one in first["others"]] == ["paid:voice"]
    assert second["others"][0]["expected"] == len("good bye") * toy.COST


def test_what_is_used_again_or_refused_is_explained_too(duanju: Any, dear: str, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    (place / "tea.txt").write_text("Title: Tea\nINT. ROOM\nhello there\ngood night\n", encoding="utf-8")
    assert duanju("produce", "tea.txt", "--budget", "2.5").code == 1
    calls = json.loads(duanju("routes", "--explain", "tea", "--json").out)["calls"]
    assert [one["state"] for one in calls] == ["returned", "returned", "reused", "refused"]
    assert "is used again" in calls[2]["reason"] and calls[2]["cost"] == 0
    assert "pass the cap" in calls[3]["reason"]
    assert [one["route"] for one in calls[3]["others"]] == ["dear:m", "paid:voice"]
    assert "refused: " in duanju("routes", "--explain", "tea").out


def test_rules_and_models_about_to_end_are_listed(duanju: Any, dear: str) -> None:
    ran = duanju("routes")
    assert "first lines" in ran.out and f"dear:m will be shut down on {dear}" in ran.err
    plain = json.loads(duanju("routes", "--json").out)
    assert plain["rules"][0]["reason"] == "a good beginning is worth it"
    assert plain["shutdowns"] == [{"route": "dear:m", "until": dear, "successor": "dear:m2", "gone": False}]


def test_an_unknown_episode_is_told(duanju: Any, dear: str) -> None:
    assert duanju("produce", "tea.txt").code == 0
    ran = duanju("routes", "--explain", "nobody")
    assert ran.code == 2 and "no episode" in ran.err


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-01-01", ""),
        ("2026-01-29", ""),
        ("2026-01-30", "a:m will be shut down on 2026-03-01; its successor is a:n"),
        ("2026-02-28", "a:m will be shut down on 2026-03-01; its successor is a:n"),
        ("2026-03-01", "a:m is shut down since 2026-03-01; its successor is a:n"),
    ],
)
def test_a_model_is_warned_about_in_its_last_thirty_days(day: str, told: str) -> None:
    prices = Prices([Price("a:m", until="2026-03-01", successor="a:n"), Price("b:m")])
    found = shutdowns(prices, ["b:m", "a:m", "a:m", "c:m"], day)
    assert [str(one) for one in found] == ([told] if told else [])
