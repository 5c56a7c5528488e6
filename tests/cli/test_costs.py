"""`duanju costs`: groups, waste, other currencies, credit, how models answered, what was foreseen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def said(ran: Any) -> dict[str, Any]:
    """The JSON that a command printed."""
    found: dict[str, Any] = json.loads(ran.out)
    return found


@pytest.fixture
def made(duanju: Any, place: Path) -> Any:
    """A studio with one film of two lines; gives the command."""
    assert duanju("produce", "tea.txt").code == 0
    return duanju


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("model", ["paid:voice"]),
        ("provider", ["paid"]),
        ("stage", ["toy"]),
        ("episode", ["Tea/tea"]),
        ("shot", ["S01-01", "S01-02"]),
        ("purpose", ["line"]),
    ],
)
def test_every_grouping_has_the_same_total(made: Any, toy: Any, group: str, names: list[str]) -> None:
    found = said(made("costs", "tea", "--by", group, "--json"))
    assert [row["name"] for row in found["groups"]] == names
    assert sum(row["cost"] for row in found["groups"]) == found["total"]["cost"] == 19 * toy.COST
    assert found["total"]["mean"] == round(19 * toy.COST / 2)
    assert found["mean_per_episode"] == 19 * toy.COST
    text = made("costs", "tea", "--by", group).out
    assert all(name in text for name in names) and "wasted" in text


def test_a_shot_is_named_with_its_episode_where_there_are_several(made: Any, place: Path) -> None:
    (place / "two.txt").write_text("Title: Tea\nINT. ROOM\nanother day\n", encoding="utf-8")
    assert made("produce", "two.txt").code == 0
    names = [row["name"] for row in said(made("costs", "--by", "shot", "--json"))["groups"]]
    assert names == ["Tea/tea S01-01", "Tea/tea S01-02", "Tea/two S01-01"]
    assert "an episode, 2 episodes" in made("costs").out


def test_a_take_that_was_replaced_is_wasted(made: Any, place: Path, toy: Any) -> None:
    assert said(made("costs", "--json"))["total"]["wasted"] == 0
    (place / "tea.txt").write_text("Title: Tea\nINT. ROOM\nhello there\ngood night\n", encoding="utf-8")
    assert made("produce", "tea.txt").code == 0
    assert said(made("costs", "--json"))["total"]["wasted"] == len("good bye") * toy.COST


def test_a_credit_is_subtracted_and_shown(made: Any, place: Path, toy: Any) -> None:
    assert said(made("costs", "--json"))["credit"] is None
    toml = place / "studio" / "duanju.toml"
    toml.write_text(toy.TOML + "[budget]\ncredit = 25\n", encoding="utf-8")
    left = 25_000_000 - 19 * toy.COST
    assert said(made("costs", "--json"))["credit"] == {"given": 25_000_000, "left": left}
    assert "credit: $25.00, of which $24.62 are left" in made("costs", "tea").out


def test_the_same_spend_at_another_rate(made: Any, toy: Any) -> None:
    found = said(made("costs", "--compare", "7.3", "--json"))["compare"]
    spent = 19 * toy.COST
    assert (found["cost"], found["other_cost"]) == (spent, spent * 73 // 10)
    assert found["difference"] == found["other_cost"] - found["cost"]
    text = made("costs", "--compare", "7.3").out
    assert "at 1 CNY a dollar: 0.38 CNY; at 7.3: 2.774 CNY; the difference is 2.394 CNY, +86.3 %" in text


def test_amounts_in_another_currency(made: Any, toy: Any) -> None:
    assert "2.774 CNY" in made("costs", "--currency", "CNY", "--rate", "7.3").out
    found = said(made("costs", "--currency", "cny", "--rate", "7.3", "--json"))
    assert found["currency"] == {"code": "CNY", "rate": "7.3"}
    assert found["total"]["cost"] == 19 * toy.COST, "JSON stays in micro-dollars"
    assert found["total"]["cost_in_currency"] == 19 * toy.COST * 73 // 10


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--by", "colour"), "no such grouping"),
        (("--currency", "CNY"), "needs --rate"),
        (("--currency", "yuan", "--rate", "7"), "no currency"),
        (("--currency", "CNY", "--rate", "NaN"), "no exchange rate"),
        (("--currency", "USD", "--rate", "2"), "another currency than USD"),
        (("--compare", "-1"), "no exchange rate"),
        (("--compare", "1e400"), "no exchange rate"),
        (("--against-estimate",), "about one episode"),
    ],
)
def test_wrong_use_is_told(made: Any, words: tuple[str, ...], told: str) -> None:
    ran = made("costs", *words)
    assert ran.code == 2 and told in ran.err and ran.out == ""


def test_how_models_answered(duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_FAIL", "bye")
    assert duanju("produce", "tea.txt").code == 1
    (row,) = said(duanju("costs", "--calls", "--json"))["calls"]
    assert (row["name"], row["calls"], row["answered"], row["success"]) == ("paid:voice", 2, 1, 0.5)
    assert row["p95_ms"] is None, "the toy times nothing"
    assert "50.00 %" in duanju("costs", "--calls").out


def test_the_estimate_of_a_film_is_what_it_cost(made: Any, place: Path, toy: Any) -> None:
    found = said(made("costs", "tea", "--against-estimate", "--json"))["against_estimate"]
    (stage,) = found["stages"]
    assert stage["name"] == "toy" and stage["calls"] == stage["calls_foreseen"] == 2
    assert stage["actual"] == stage["expected"] == 19 * toy.COST
    assert stage["error"] == 0 and stage["inside"] and found["total"]["actual"] == stage["actual"]
    calls = toy.Paid.calls
    assert "inside" in made("costs", "tea", "--against-estimate").out
    assert toy.Paid.calls == calls
    (place / "tea.txt").write_text("Title: Tea\nINT. ROOM\nhello there\ngood night\n", encoding="utf-8")
    assert made("produce", "tea.txt").code == 0
    again = said(made("costs", "tea", "--against-estimate", "--json"))["against_estimate"]
    assert again["revision"] == 2 and again["total"]["calls"] == again["total"]["calls_foreseen"] == 1
    assert again["total"]["actual"] == again["total"]["expected"] == len("good night") * toy.COST


def test_a_bill_over_its_ceiling_is_outside_the_estimate(
    duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch, toy: Any
) -> None:
    monkeypatch.setenv("TOY_OVER", "bye")
    duanju("produce", "tea.txt")
    found = said(duanju("costs", "tea", "--against-estimate", "--json"))["against_estimate"]["total"]
    assert found["actual"] == 20 * toy.COST and not found["inside"]
    assert found["error"] == pytest.approx(1 / 19)
    assert "OVER" in duanju("costs", "tea", "--against-estimate").out
