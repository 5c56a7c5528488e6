"""The views: described column by column, the same sums as the ledger, and nothing counted twice."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict
from audited import audit_faults
from moneykit import LONG, Clerk, opened
from stagehand import Play, Vendor, say

from duanju.core.ledger import ledger_of
from duanju.core.log import Log
from duanju.core.query_examples import EXAMPLES
from duanju.core.schema import VIEWS
from duanju.core.sums import Sums

DOCS = Path(__file__).parents[2] / "docs"
SUMS = ("calls", "cost", "reserved", "in_doubt", "doubts", "unknown", "estimated", "reused", "reused_paid")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with calls of every fate, in three episodes of two series and in a fork."""
    path = tmp_path_factory.mktemp("views") / "log.db"
    clerk = Clerk(path)
    clerk.play(LONG)
    clerk.close()
    return path


@pytest.fixture
def log(template: Path, tmp_path: Path) -> Iterator[Log]:
    """A copy of that log."""
    found = opened(Path(shutil.copy(template, tmp_path / "log.db")))
    yield found
    found.close()


def rows(log: Log, sql: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of a query by the names of their columns."""
    cursor = log.db.execute(sql, values)
    names = [one[0] for one in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def page() -> str:
    return (DOCS / "audit.md").read_text(encoding="utf-8")


def test_the_page_describes_every_view_and_every_column(log: Log) -> None:
    sections = re.split(r"^## ", page(), flags=re.MULTILINE)
    described = {
        name[1]: re.findall(r"^\| `(\w+)` \| \S", section, re.MULTILINE)
        for section in sections
        if (name := re.match(r"`(\w+)`\n", section))
    }
    columns = {
        view: [one[0] for one in log.db.execute(f"SELECT * FROM {view} LIMIT 0").description]
        for view in VIEWS
    }
    assert described == columns
    there = {name for (name,) in log.db.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
    assert there == set(VIEWS)


def test_the_page_is_fresh() -> None:
    spec = importlib.util.spec_from_file_location("audit_page", DOCS / "audit_page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit_page"] = module
    spec.loader.exec_module(module)
    assert page() == module.audit_page(), "run: make docs"


@pytest.mark.parametrize(("question", "sql"), EXAMPLES, ids=[one for one, _ in EXAMPLES])
def test_every_example_runs(log: Log, question: str, sql: str) -> None:
    found = rows(log, sql)
    needs_events = "revisions" in sql or "checks" in sql  # which this log, of calls alone, does not have
    assert (found != []) or needs_events
    assert question.endswith("?") and question in page() and sql in page()


@pytest.mark.parametrize("group", ["episode", "series", "model", "provider", "stage", "day"])
def test_every_grouping_has_the_ledgers_sums(log: Log, group: str) -> None:
    ledger = ledger_of(log)
    found = rows(log, f"SELECT * FROM cost_by_{group}")
    wanted = ledger.by(group)
    assert {row[group] for row in found} == set(wanted) and len(found) > 1
    for row in found:
        sums = wanted[row[group]]
        assert {name: row[name] for name in SUMS} == {name: asdict(sums)[name] for name in SUMS}
        known = sums.calls - sums.unknown
        assert row["mean"] == (round(sums.cost / known, 3) if known > 0 else None)


def test_every_line_adds_up_to_the_sums(log: Log) -> None:
    sums = ledger_of(log).sums()
    (line,) = rows(
        log,
        "SELECT sum(NOT reused) AS calls, sum(cost) AS cost, sum(reserved) AS reserved, "
        "sum(in_doubt) AS in_doubt, sum(unknown) AS unknown, sum(reused) AS reused FROM cost_line",
    )
    assert line == {name: asdict(sums)[name] for name in line}
    assert sum(row["cost"] or 0 for row in rows(log, "SELECT cost FROM cost_wasted")) == sums.wasted > 0
    assert sum(row["in_doubt"] for row in rows(log, "SELECT in_doubt FROM cost_doubted")) == sums.in_doubt > 0
    assert len(rows(log, "SELECT 1 AS one FROM cost_unpriced")) == sums.unknown > 0
    assert len(rows(log, "SELECT 1 AS one FROM calls")) == sums.calls
    lines = {one.position: one for one in ledger_of(log).entries}
    for row in rows(log, "SELECT * FROM calls"):
        one = lines[row["position"]]
        assert (row["rule"], row["reason"], row["at"]) == (one.rule, one.reason, one.at)
        assert (row["state"], row["cost"], row["quote"]) == (one.state, one.cost, one.quote)


def test_latency_and_success_are_the_ledgers(log: Log) -> None:
    timings = ledger_of(log).timings()
    timed = {row["model"]: row for row in rows(log, "SELECT * FROM latency")}
    rates = {row["model"]: row for row in rows(log, "SELECT * FROM success_rate WHERE ended > 0")}
    assert set(rates) == set(timings) and timed
    for route, one in timings.items():
        rate = rates[route]
        assert (rate["ended"], rate["answered"], rate["attempts"]) == (one.calls, one.answered, one.attempts)
        assert rate["success"] == round(one.success, 6) and rate["usable"] <= rate["success"]
        if one.p50_ms is not None:
            row = timed[route]
            assert (row["p50_ms"], row["p95_ms"]) == (one.p50_ms, one.p95_ms)
            assert row["least_ms"] <= row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"] <= row["most_ms"]


def test_quotes_are_beside_what_was_billed(log: Log) -> None:
    found = rows(log, "SELECT * FROM quote_vs_actual")
    assert found and all(row["difference"] == row["cost"] - row["quote"] for row in found)
    assert all(row["ratio"] == round(row["cost"] / row["quote"], 4) for row in found if row["quote"])


def test_a_fork_counts_its_own_money_and_no_prefix_twice(log: Log) -> None:
    """The admissions of a fork are its own, whatever request of its source they are about."""
    forks = rows(log, "SELECT * FROM cost_by_episode WHERE episode = 'fork tea/wide'")
    (own,) = [row for row in ledger_of(log).by("episode").items() if row[0] == "fork tea/wide"]
    assert len(forks) == 1 and forks[0]["calls"] == own[1].calls > 0 and forks[0]["series"] == "tea"
    admitted = rows(
        log, "SELECT json_extract(body, '$.request') AS request FROM event WHERE stream GLOB 'fork/*'"
    )
    assert any(row["request"] is not None for row in admitted)
    for view in ("cost_line", "calls", "cost_wasted", "cost_doubted", "cost_unpriced", "quote_vs_actual"):
        positions = [row["position"] for row in rows(log, f"SELECT position FROM {view}")]
        assert len(positions) == len(set(positions)), view
    assert len(rows(log, "SELECT 1 AS one FROM events")) == log.head
    whole = [
        sum(row["cost"] for row in rows(log, f"SELECT cost FROM cost_by_{one}")) for one in ("day", "series")
    ]
    assert whole == [ledger_of(log).sums().cost] * 2


def test_names_are_those_of_people(log: Log) -> None:
    found = {
        row["stream"]: (row["series"], row["episode"])
        for row in rows(log, "SELECT DISTINCT stream, series, episode FROM events")
    }
    assert found["fork/tea/wide"] == ("tea", "fork tea/wide")
    assert found["episode/rain/one"] == ("rain", "rain/one")
    assert found["studio"] == ("", "studio")
    by = {(row["plugin"], row["hook"]) for row in rows(log, "SELECT DISTINCT plugin, hook FROM events")}
    assert {("core", "admit"), ("dialogue", "on_line_directed")} <= by


def test_a_question_about_one_episode_reads_its_rows_alone(log: Log) -> None:
    """Whatever the size of the log: the plan has an index for the episode, and never the events' table."""
    for sql in (
        "SELECT * FROM cost_by_episode WHERE episode = 'tea/one'",
        "SELECT model, sum(cost) FROM cost_total WHERE episode = 'tea/one' GROUP BY model",
        "SELECT sum(cost) FROM cost_line WHERE episode = 'tea/one'",
    ):
        plan = [row[3] for row in log.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert any("episode=?" in step for step in plan), plan
        assert not any(step.startswith("SCAN") and "event" in step for step in plan), plan
    plan = [row[3] for row in log.db.execute("EXPLAIN QUERY PLAN SELECT sum(cost) FROM cost_total")]
    assert not any(" event" in step or "ledger " in step for step in plan), plan


# -- a studio with many episodes --------------------------------------------------------------------------


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Play]:
    """12 series of 10 episodes, each with three calls to two vendors, made by an engine."""
    dear, cheap = Vendor("dear", price=90_000), Vendor("cheap", price=20_000)
    dear._behave = lambda event, desk: iter([dear.spoken(event, desk, cost=50_000 + 1000 * len(event.text))])
    cheap._behave = lambda event, desk: iter([cheap.spoken(event, desk)])
    play = Play(tmp_path, {"dear": dear, "cheap": cheap}, routes=("dear:m", "cheap:m"))
    for series in range(12):
        for episode in range(10):
            lines = [say(f"L{n}", f"{series} {episode} {'very ' * n}good") for n in range(3)]
            play.open(f"e{episode}", lines, series=f"s{series:02d}")
    play.run(inline=True)
    yield play
    play.close()


def test_120_episodes_in_one_log(studio: Play) -> None:
    """Costs per series, per episode and per model, by one query each, against the fold of the whole log."""
    log = studio.log
    ledger = ledger_of(log)
    by_series = {row["series"]: row for row in rows(log, "SELECT * FROM cost_by_series")}
    assert len(by_series) == 12 and all(row["episodes"] == 10 for row in by_series.values())
    by_episode = {
        row["episode"]: row["cost"] for row in rows(log, "SELECT episode, cost FROM cost_by_episode")
    }
    assert len(by_episode) == 120 and by_episode == {n: s.cost for n, s in ledger.by("episode").items()}
    by_model = {row["model"]: row["cost"] for row in rows(log, "SELECT model, cost FROM cost_by_model")}
    assert by_model == {name: sums.cost for name, sums in ledger.by("model").items()}
    for name, row in by_series.items():
        assert row["cost"] == sum(cost for key, cost in by_episode.items() if key.startswith(f"{name}/")) > 0
    sums: Sums = ledger.sums()
    total = sum(by_episode.values())
    assert (sums.calls, sums.cost) == (360, total) and total == sum(by_model.values())
    assert audit_faults(log) == []
    assert len(rows(log, "SELECT * FROM revisions")) == 120


def test_revisions_and_checks_say_what_was_made_again(tmp_path: Path) -> None:
    from duanju.events.quality import CheckMeasured, CheckWaived

    play = Play(tmp_path, {"dear": Vendor("dear")}, routes=("dear:m",))
    stream = play.open("one", [say("L1"), say("L1", take=2)])
    film = "f" * 64
    play.add(
        stream,
        CheckMeasured(
            1, "i", "audio.loudness", "film", "failed", -30.0, -16.0, "LUFS", "low", (), "", "t", film
        ),
        CheckMeasured(1, "i", "picture.black", "film", "passed", 0.0, 0.1, "", "", (), "", "t", film),
        CheckWaived("audio.loudness", "film", film, "me", "it is a whisper"),
    )
    play.run(inline=True)
    play.revise(stream, 2, [say("L1", "other words", revision=2)])
    play.run(inline=True)
    found = rows(
        play.log, "SELECT episode, revision, why, calls, retakes, cost FROM revisions ORDER BY revision"
    )
    assert found == [
        {"episode": "tea/one", "revision": 1, "why": "opened", "calls": 2, "retakes": 1, "cost": 200_000},
        {"episode": "tea/one", "revision": 2, "why": "changed", "calls": 1, "retakes": 0, "cost": 100_000},
    ]
    checks = rows(
        play.log, "SELECT check_name, verdict, value, threshold, waived FROM checks ORDER BY position"
    )
    assert checks == [
        {
            "check_name": "audio.loudness",
            "verdict": "failed",
            "value": -30.0,
            "threshold": -16.0,
            "waived": 1,
        },
        {"check_name": "picture.black", "verdict": "passed", "value": 0.0, "threshold": 0.1, "waived": 0},
    ]
    play.close()


def test_any_program_that_opens_sqlite_can_read_the_views(log: Log) -> None:
    assert log.path is not None
    db = sqlite3.connect(f"{log.path.as_uri()}?mode=ro", uri=True)
    for view in VIEWS:
        db.execute(f"SELECT * FROM {view}").fetchall()
    db.close()
