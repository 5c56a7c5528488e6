"""`duanju estimate`: it says what `produce` then does, and neither calls, spends nor writes anything."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duanju.core.desk import Desk
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.log import now
from duanju.core.prices import Price
from duanju.events.calls import SpeechRequested, SpeechReturned


def tree(place: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(one): one.read_bytes() for one in sorted(place.rglob("*")) if one.is_file()}


def said(ran: Any) -> dict[str, Any]:
    """The JSON that a command printed."""
    found: dict[str, Any] = json.loads(ran.out)
    return found


class Other:
    """A provider of speech that must not be called; `price` None = nobody knows it."""

    def __init__(self, name: str, *, price: int | None = None, until: str = "", needs_key: bool = False):
        self.name, self.price, self.until, self.needs_key = name, price, until, needs_key

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        if self.price is None:
            return []
        return [
            Price(
                f"{self.name}:m", {"call": self.price * 1_000_000}, "a test", "2020-01-01", self.until, "m2"
            )
        ]

    @hookimpl
    @effect(provider=SELF, lane="other", doubt="hold")
    def on_speech_requested(self, event: SpeechRequested, desk: Desk) -> Iterator[SpeechReturned]:
        raise AssertionError("an estimate called")
        yield


@pytest.fixture
def other(toy: types.ModuleType, place: Path) -> Iterator[Any]:
    """Adds a provider `other` and routes all speech to it, with more lines for duanju.toml."""

    def add(provider: Other, toml: str = "") -> None:
        toy.MORE["other"] = provider
        (place / "studio" / "duanju.toml").write_text(
            f'[routes]\nimage = []\nspeech = ["other:m"]\n{toml}', encoding="utf-8"
        )

    yield add
    toy.MORE.pop("other", None)


def test_it_says_what_produce_then_costs_and_touches_nothing(duanju: Any, place: Path, toy: Any) -> None:
    before, calls = tree(place), toy.Paid.calls
    ran = duanju("estimate", "tea.txt", "--json")
    foreseen = said(ran)
    assert ran.code == 0 and toy.Paid.calls == calls and tree(place) == before
    assert foreseen["total"]["calls"] == 2 and foreseen["total"]["expected"] == 19 * toy.COST
    assert foreseen["total"]["characters"] == 19 and foreseen["shots"] == 2 and foreseen["whole"]
    assert duanju("produce", "tea.txt").code == 0
    spent = said(duanju("costs", "tea", "--json"))
    assert spent["total"]["cost"] == foreseen["total"]["expected"] <= foreseen["total"]["ceiling"]
    assert [one["subject"] for one in foreseen["calls"]] == ["L001", "L002"]


def test_what_the_studio_would_use_again_costs_nothing(duanju: Any, place: Path, toy: Any) -> None:
    assert duanju("produce", "tea.txt").code == 0
    again = said(duanju("estimate", "tea.txt", "--json"))
    assert (again["total"]["calls"], again["total"]["reused"], again["total"]["ceiling"]) == (0, 2, 0)
    (place / "tea.txt").write_text("Title: Tea\nINT. ROOM\nhello there\ngood night\n", encoding="utf-8")
    changed = said(duanju("estimate", "tea.txt", "--json"))
    assert (changed["total"]["calls"], changed["total"]["reused"]) == (1, 1)
    assert changed["total"]["expected"] == len("good night") * toy.COST
    before = tree(place)
    duanju("estimate", "tea.txt")
    assert tree(place) == before


def test_an_answer_whose_file_is_gone_is_not_counted_on(duanju: Any, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    for file in (place / "studio" / ".duanju" / "artifacts").rglob("*"):
        if file.is_file() and file.read_bytes() == b"good bye":
            file.unlink()
    assert said(duanju("estimate", "tea.txt", "--json"))["total"]["calls"] == 1


def test_an_unknown_price_is_unknown_and_exit_1_unless_allowed(duanju: Any, other: Any) -> None:
    other(Other("other"))
    ran = duanju("estimate", "tea.txt")
    assert ran.code == 1 and "2 unknown" in ran.out and "unknown_prices = true" in ran.out
    plain = said(duanju("estimate", "tea.txt", "--json"))
    assert plain["total"]["unknown"] == 2 and plain["calls"][0]["ceiling"] is None
    other(Other("other"), "[budget]\nunknown_prices = true\n")
    assert duanju("estimate", "tea.txt").code == 0


@pytest.mark.parametrize(
    ("cap", "says", "code"),
    [("episode = 10", "fits", 0), ("episode = 0.3", "is passed", 1), ("call = 0.1", "is passed", 1)],
)
def test_it_says_what_the_caps_would_say(duanju: Any, other: Any, cap: str, says: str, code: int) -> None:
    other(Other("other", price=200_000), f"[budget]\n{cap}\ncredit = 25\n")
    ran = duanju("estimate", "tea.txt", "--json")
    found = said(ran)
    assert ran.code == code and [one["says"] for one in found["caps"]] == [says]
    assert found["credit_left"] == 25_000_000
    assert says in duanju("estimate", "tea.txt").out


def test_what_is_spent_already_counts_for_the_caps(duanju: Any, place: Path, toy: Any) -> None:
    assert duanju("produce", "tea.txt").code == 0
    toml = toy.TOML + "[budget]\nday = 0.6\ncredit = 1\n"
    (place / "studio" / "duanju.toml").write_text(toml, encoding="utf-8")
    (place / "tea.txt").write_text(
        "Title: Tea\nINT. ROOM\nhello there\nanother long line\n", encoding="utf-8"
    )
    ran = duanju("estimate", "tea.txt", "--json")
    assert said(ran)["caps"][0]["spent"] == 19 * toy.COST
    assert ran.code == 1 and said(ran)["credit_left"] == 1_000_000 - 19 * toy.COST


def test_it_needs_no_key_and_names_the_one_that_is_missing(
    duanju: Any, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OTHER_API_KEY", raising=False)
    other(Other("other", price=1000, needs_key=True))
    ran = duanju("estimate", "tea.txt")
    assert ran.code == 0 and "export OTHER_API_KEY=" in ran.err


def test_a_model_that_is_gone_is_held_and_one_about_to_go_is_named(duanju: Any, other: Any) -> None:
    other(Other("other", price=1000, until="2024-01-01"))
    ran = duanju("estimate", "tea.txt")
    assert ran.code == 1 and "shut down since 2024-01-01; its successor is m2" in ran.err
    tomorrow = f"{int(now()[:4]) + 1}-01-01"
    other(Other("other", price=1000, until=tomorrow))
    assert duanju("estimate", "tea.txt").code == 0  # gone within a year: named only in its last month


def test_a_script_that_cannot_be_read_is_exit_2(duanju: Any, place: Path) -> None:
    (place / "tea.txt").write_text("Title: Tea\nno scene\n", encoding="utf-8")
    ran = duanju("estimate", "tea.txt")
    assert ran.code == 2 and "no scene in it" in ran.err and "Traceback" not in ran.err
    assert duanju("estimate", "nothing.txt").code == 2
    assert duanju("estimate", "tea.txt", "--by", "colour").code == 2
    assert duanju("estimate", "tea.txt", "--profile", "nobody").code == 2


def test_groups_add_up(duanju: Any, place: Path) -> None:
    plain = said(duanju("estimate", "tea.txt", "--json"))
    for group, rows in plain["by"].items():
        assert sum(row["expected"] for row in rows) == plain["total"]["expected"], group
        assert sum(row["calls"] for row in rows) == plain["total"]["calls"], group
    assert [row["name"] for row in plain["by"]["shot"]] == ["S01-01", "S01-02"]
    assert "S01-02" in duanju("estimate", "tea.txt", "--by", "shot").out
