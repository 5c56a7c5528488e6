"""`duanju costs` of a series, of some days, and as CSV: exact amounts that add up to the whole."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test puts its studio, for the others to copy."""
    return tmp_path_factory.mktemp("made") / "studio"


@pytest.fixture
def made(duanju: Any, place: Path, template: Path) -> Any:
    """A studio with three films in two series; gives the command."""
    if template.is_dir():
        shutil.copytree(template, place / "studio", dirs_exist_ok=True)
        return duanju
    (place / "two.txt").write_text("Title: Tea\nINT. ROOM\nanother day\n", encoding="utf-8")
    (place / "rain.txt").write_text("Title: Rain\nINT. ROOM\nit rains\n", encoding="utf-8")
    assert duanju("produce", "tea.txt", "two.txt", "rain.txt").code == 0
    shutil.copytree(place / "studio", template)
    return duanju


def said(ran: Any) -> Any:
    assert ran.code == 0, ran
    return json.loads(ran.out)


def sheet(ran: Any) -> list[dict[str, str]]:
    assert ran.code == 0, ran
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_each_series_and_one_series(made: Any, toy: Any) -> None:
    groups = {row["name"]: row["cost"] for row in said(made("costs", "--by", "series", "--json"))["groups"]}
    assert groups == {"Tea": 30 * toy.COST, "Rain": 8 * toy.COST}
    one = said(made("costs", "--series", "Tea", "--json"))
    assert {row["name"] for row in one["groups"]} == {"Tea/tea", "Tea/two"}
    assert (one["total"]["cost"], one["series"], one["episodes"]) == (30 * toy.COST, "Tea", 2)
    by_model = said(made("costs", "--series", "Rain", "--by", "model", "--json"))
    assert [(row["name"], row["cost"]) for row in by_model["groups"]] == [("paid:voice", 8 * toy.COST)]


def test_since_and_until_hold_their_days(made: Any, place: Path, toy: Any) -> None:
    db = sqlite3.connect(place / "studio" / ".duanju" / "log.db")
    days = [day for (day,) in db.execute("SELECT DISTINCT day FROM ledger ORDER BY day")]
    db.close()
    first, last = days[0], days[-1]
    whole = said(made("costs", "--json"))["total"]["cost"]
    assert said(made("costs", "--since", first, "--until", last, "--json"))["total"]["cost"] == whole
    assert said(made("costs", "--since", "2999-01-01", "--json"))["total"]["calls"] == 0
    assert said(made("costs", "--until", "2001-01-01", "--json"))["total"]["calls"] == 0
    parts = [
        said(made("costs", "--since", day, "--until", day, "--series", name, "--json"))["total"]["cost"]
        for day in days
        for name in ("Tea", "Rain")
    ]
    assert sum(parts) == whole == 38 * toy.COST


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--since", "yesterday"), "--since yesterday: no day; write it like 2026-11-24"),
        (("--until", "2026-13-01"), "no day"),
        (("--since", "20260101"), "no day"),
        (("--since", "2026-02-02", "--until", "2026-02-01"), "is after --until"),
        (("--series", "Snow"), "no such series; there are: Rain, Tea"),
        (("--csv", "--json"), "choose one"),
    ],
)
def test_wrong_use(made: Any, words: tuple[str, ...], text: str) -> None:
    ran = made("costs", *words)
    assert ran.code == 2 and text in ran.err and ran.err.count("\n") == 1


@pytest.mark.parametrize("group", ["model", "stage", "series", "episode", "shot", "day"])
def test_a_sheet_is_exact_and_adds_up(made: Any, toy: Any, group: str) -> None:
    rows = sheet(made("costs", "--by", group, "--csv"))
    assert sum(Decimal(row["cost"]) for row in rows) == Decimal(38 * toy.COST).scaleb(-6)
    assert sum(int(row["calls"]) for row in rows) == 4 and next(iter(rows[0])) == group
    rows = sheet(made("costs", "--by", group, "--csv", "--currency", "CNY", "--rate", "7.3333333"))
    exact = sum(Decimal(row["cost"]) for row in rows)
    assert exact == Decimal(38 * toy.COST).scaleb(-6) * Decimal("7.3333333")
    assert {row["currency"] for row in rows} == {"CNY"}


def test_a_name_is_no_formula(duanju: Any, place: Path) -> None:
    (place / "sum.txt").write_text("Title: =1+1\nINT. ROOM\nhi\n", encoding="utf-8")
    assert duanju("produce", "sum.txt").code == 0
    (row,) = sheet(duanju("costs", "--by", "series", "--csv"))
    assert not row["series"].startswith("=")
