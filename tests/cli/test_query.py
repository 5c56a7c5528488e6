"""`duanju query`: answers in three forms, nothing can be changed by it, and it ends when it must."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from duanju.core.hooks import hookimpl
from duanju.core.query_examples import EXAMPLES

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test puts its studio, for the others to copy."""
    return tmp_path_factory.mktemp("made") / "studio"


@pytest.fixture
def made(duanju: Any, place: Path, template: Path) -> Any:
    """A studio with one film of two lines; gives the command."""
    if template.is_dir():
        shutil.copytree(template, place / "studio", dirs_exist_ok=True)
    else:
        assert duanju("produce", "tea.txt").code == 0
        shutil.copytree(place / "studio", template)
    return duanju


def log_of(place: Path) -> Path:
    return place / "studio" / ".duanju" / "log.db"


def test_a_table_a_document_and_a_sheet_say_the_same(made: Any, toy: Any) -> None:
    sql = "select episode, calls, cost from cost_by_episode"
    lines = made("query", sql).out.splitlines()
    assert [line.split() for line in lines] == [
        ["episode", "calls", "cost"],
        ["Tea/tea", "2", str(19 * toy.COST)],
    ]
    assert json.loads(made("query", sql, "--json").out) == [
        {"episode": "Tea/tea", "calls": 2, "cost": 19 * toy.COST}
    ]
    rows = list(csv.reader(io.StringIO(made("query", sql, "--csv").out)))
    assert rows == [["episode", "calls", "cost"], ["Tea/tea", "2", str(19 * toy.COST)]]


def test_every_value_has_a_form(made: Any) -> None:
    sql = "select 1 as a, 2 as a, null as b, x'00ff' as c, 1.5 as d, 9e999 as e, 'x' || char(27, 10) as f"
    assert json.loads(made("query", sql, "--json").out) == [
        {"a": 1, "a_2": 2, "b": None, "c": "00ff", "d": 1.5, "e": None, "f": "x\x1b\n"}
    ]
    assert "\x1b" not in made("query", sql).out and "x\\x1b\\n" in made("query", sql).out
    assert made("query", "select cast(x'ff41' as text) as t").out.splitlines()[1] == "\\xffA"
    assert json.loads(made("query", "select 1 as one where 0", "--json").out) == []
    assert made("query", "select 1 as one where 0").out == "one\n"


def test_a_sheet_runs_nothing(made: Any) -> None:
    said = made("query", "select '=1+1' as \"=a\", '  @x' as b, -3 as c, 'plain' as d", "--csv").out
    assert list(csv.reader(io.StringIO(said))) == [["'=a", "b", "c", "d"], ["'=1+1", "'  @x", "-3", "plain"]]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select episode, modle from calls", "no such column: modle; did you mean model"),
        ("select cost from events", "it is a column of calls, cost_line"),
        ("select * from cals", "no such table: cals; did you mean calls?"),
        ("select * from zzz", "no such table: zzz; there are: events, calls"),
        ("select zzzzz from calls", "docs/audit.md lists every column"),
        ("selekt 1", "syntax error"),
        ("select 1; select 2", "one statement at a time"),
        ("/* nothing */", "that is no question"),
        ("select '\x00", "duanju query --examples"),
        ("", "there is no question"),
        ("select zeroblob(2000000000)", "too big"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_told_in_one_line(made: Any, sql: str, said: str) -> None:
    ran = made("query", sql)
    assert ran.code == 2 and said in ran.err, ran
    assert ran.err.startswith("duanju: ") and ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "insert into work values ('a', 'b', 'c', 1, 1)",
        "update spend set settled = 0",
        "delete from ledger",
        "drop view calls",
        "create table a(b)",
        "create temp table a(b)",
        "create temp view a as select 1",
        "attach 'other.db' as other",
        "detach main",
        "pragma journal_mode = delete",
        "pragma query_only = off",
        "pragma user_version = 9",
        "pragma writable_schema = on",
        "vacuum",
        "vacuum into 'copy.db'",
        "reindex",
        "analyze",
        "begin immediate",
        "savepoint a",
        "select load_extension('x')",
        "with a as (select 1) insert into outcome select 'k', 1 from a",
        "explain delete from event",
    ],
)
def test_nothing_can_be_changed(made: Any, place: Path, sql: str) -> None:
    def state() -> tuple[str, list[str]]:
        whole = hashlib.sha256(log_of(place).read_bytes()).hexdigest()
        return whole, sorted(one.name for one in place.iterdir())

    db = sqlite3.connect(log_of(place))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before = state()
    ran = made("query", sql)
    assert ran.code == 2 and ran.out == "" and ran.err.count("\n") == 1, ran
    assert state() == before


def test_the_structure_can_be_asked_for(made: Any) -> None:
    assert "cost_by_model" in made("query", "select name from sqlite_master where type = 'view'").out
    assert "latency_ms" in made("query", "pragma table_info(calls)").out
    assert made("query", "explain query plan select * from calls").code == 0


def test_a_query_without_end_is_given_up(made: Any) -> None:
    ran = made("query", FOREVER, "--limit-s", "0.2")
    assert ran.code == 1 and "did not end within 0.2 s" in ran.err and "--limit-s" in ran.err
    many = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
    for form in ("--json", "--csv"):
        ran = made("query", many, "--limit-s", "0.2", form)
        assert ran.code == 1 and "did not end within" in ran.err


def test_a_long_table_is_cut_and_says_so(made: Any) -> None:
    many = "with recursive n(i) as (select 1 union all select i + 1 from n limit 10002) select i from n"
    ran = made("query", many)
    assert ran.code == 0 and len(ran.out.splitlines()) == 10_001 and "only the first 10000 rows" in ran.err
    assert len(made("query", many, "--csv").out.splitlines()) == 10_003


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf", "1e9"])
def test_a_limit_must_be_one(made: Any, limit: str) -> None:
    ran = made("query", "select 1", "--limit-s", limit)
    assert ran.code == 2 and "--limit-s" in ran.err


def test_ctrl_c_ends_it(made: Any, place: Path) -> None:
    code = "from duanju.cli.main import run; run()"
    words = ["query", FOREVER.replace("count(*)", "i")]
    child = subprocess.Popen(
        [sys.executable, "-c", code, *words, "--csv", "--limit-s", "3600"],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()  # the query is under way
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130 and said == b""


def test_examples_need_no_studio(duanju: Any, place: Path) -> None:
    ran = duanju("query", "--examples", "--studio", "nowhere")
    assert ran.code == 0
    for question, sql in EXAMPLES:
        assert f'# {question}\nduanju query "{sql}"\n' in ran.out
    assert [one["sql"] for one in json.loads(duanju("query", "--examples", "--json").out)] == [
        sql for _, sql in EXAMPLES
    ]


def test_wrong_use(duanju: Any, place: Path) -> None:
    assert "no log yet" in duanju("query", "select 1").err
    assert duanju("produce", "tea.txt").code == 0
    ran = duanju("query", "select 1", "--json", "--csv")
    assert ran.code == 2 and "choose one" in ran.err
    assert duanju("query").code == 2


def test_a_log_of_the_former_release_says_what_is_missing(made: Any, place: Path) -> None:
    db = sqlite3.connect(log_of(place))
    db.executescript("DROP VIEW calls; PRAGMA user_version = 1;")
    db.close()
    ran = made("query", "select * from calls")
    assert ran.code == 2 and "made by an earlier duanju" in ran.err and "verify --rebuild" in ran.err
    assert made("query", "select count(*) from event").code == 0


def test_a_damaged_file_is_told(made: Any, place: Path) -> None:
    log_of(place).write_bytes(b"no database" * 1000)
    ran = made("query", "select 1")
    assert ran.code == 1 and "cannot be opened as a log" in ran.err and ran.err.count("\n") == 1


# -- the plugins' own views -------------------------------------------------------------------------------


def plugin(views: Any) -> Any:
    """A plugin that only adds views."""

    @hookimpl
    def duanju_views() -> Any:
        if isinstance(views, BaseException):
            raise views
        return views

    made = types.ModuleType("lens")
    made.__dict__["duanju_views"] = duanju_views
    return made


def test_a_plugin_adds_views(made: Any, toy: Any, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    views = {
        "lens_costs": "SELECT subject, cost FROM cost_line",
        "lens_two": "SELECT count(*) AS n FROM lens_costs",
    }
    monkeypatch.setitem(toy.MORE, "lens", plugin(views))
    assert json.loads(made("query", "select n from lens_two", "--json").out) == [{"n": 2}]
    assert "did you mean lens_costs" in made("query", "select * from lens_cost").err
    db = sqlite3.connect(log_of(place))
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'lens%'").fetchone() == (0,)
    db.close()


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ({"calls": "SELECT 1"}, "the name calls is taken, it is duanju's own"),
        ({"event": "SELECT 1"}, "taken"),
        ({"Bad Name": "SELECT 1"}, "is no name"),
        ({"sqlite_x": "SELECT 1"}, "is no name"),
        ({'x" AS SELECT 1; DROP TABLE event; --': "SELECT 1"}, "is no name"),
        ({"lens": "DELETE FROM event"}, "lens is no SELECT"),
        ({"lens": 7}, "lens is no SELECT"),
        ({"lens": "SELECT 1; DROP TABLE event"}, "one statement"),
        ({"lens": "SELECT absent FROM calls"}, "no such column: absent"),
        ({"lens": "SELECT * FROM nowhere"}, "no such table"),
        ({"lens": "SELECT load_extension('x')"}, "not authorized"),
        (["lens"], "must return a mapping"),
        ({f"v{n}": "SELECT 1" for n in range(101)}, "more than 100 views"),
        (RuntimeError("oh no"), "oh no"),
    ],
)
def test_a_broken_view_is_named_and_left_out(
    made: Any, toy: Any, monkeypatch: pytest.MonkeyPatch, views: Any, said: str
) -> None:
    monkeypatch.setitem(toy.MORE, "lens", plugin(views))
    monkeypatch.setitem(toy.MORE, "wide", plugin({"wide": "SELECT count(*) AS n FROM calls"}))
    ran = made("query", "select n from wide", "--json")
    assert ran.code == 0 and json.loads(ran.out) == [{"n": 2}]
    assert said in ran.err and "lens" in ran.err and ran.err.count("\n") == 1
    assert made("query", "select count(*) from event").err == ""  # not asked for, not looked at
    assert made("verify").code == 0


def test_a_pipe_that_closes_is_quiet(made: Any, place: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-c", "from duanju.cli.main import run; run()", "query", "select * from events"],
        cwd=place,
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(write)
    assert ran.stderr == b""
