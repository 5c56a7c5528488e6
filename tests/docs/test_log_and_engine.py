"""docs/log.md and docs/engine.md: what they show runs as shown, and what they claim is so in the code."""

from __future__ import annotations

import hashlib
import io
import os
import re
import runpy
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch
from xml.etree import ElementTree

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duanju.core import contain, engine, hooks, watchdog
from duanju.core.log import Log
from duanju.core.schema import SCHEMA, audit, made_by
from duanju.events.codec import Codec
from duanju.events.episode import JOINS, BackfillAsked
from duanju.events.vocabulary import builtin_events

ROOT = Path(__file__).parents[2]
TOY = ROOT / "tests" / "cli" / "toy_studio.py"
LOG_PAGE = (ROOT / "docs" / "log.md").read_text(encoding="utf-8")
ENGINE_PAGE = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
DRAWING = ROOT / "docs" / "engine.svg"
PAGES = {"log.md": LOG_PAGE, "engine.md": ENGINE_PAGE}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def section(page: str, title: str) -> str:
    return page.split(f"\n## {title}", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without their heads."""
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        for line in table.splitlines()[2:]:
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


# -- a studio, and the programs of the pages --------------------------------------------------------------


def run(place: Path, program: str) -> subprocess.CompletedProcess[str]:
    """A shell's commands in a folder; `duanju` is the toy studio's, `python3` knows only its own library."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TOY_", "DUANJU_"))}
    env["PATH"] = f"{place.parent / 'bin'}:{env['PATH']}"
    return subprocess.run(
        ["bash", "-eu", "-c", program], cwd=place, env=env, capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="session")
def produced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a studio in which one episode was made, and the page's `walk.py`."""
    root = tmp_path_factory.mktemp("pages")
    (root / "bin").mkdir()
    for name, words in (("duanju", f'"{TOY}"'), ("python3", "-S -I")):
        shim = root / "bin" / name
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    place = root / "place"
    (place / "studio").mkdir(parents=True)
    toy = runpy.run_path(str(TOY))
    (place / "studio" / "duanju.toml").write_text(toy["TOML"], encoding="utf-8")
    (place / "teahouse.fountain").write_text("Title: Tea\nINT. ROOM\nhello\ngood bye\n", encoding="utf-8")
    (walk,) = blocks(LOG_PAGE, "python")
    (place / "walk.py").write_text(walk, encoding="utf-8")
    made = run(place, "duanju produce teahouse.fountain")
    assert made.returncode == 0, made.stderr
    return place


@pytest.fixture
def place(produced: Path, tmp_path: Path) -> Path:
    """A copy of it, to do harm to."""
    shutil.copytree(produced, tmp_path / "place")
    (tmp_path / "bin").symlink_to(produced.parent / "bin")
    return tmp_path / "place"


def database(place: Path) -> sqlite3.Connection:
    return sqlite3.connect(place / "studio" / ".duanju" / "log.db", isolation_level=None)


# -- what the pages show ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_every_shell_block_runs(place: Path, name: str) -> None:
    found = blocks(PAGES[name], "sh")
    assert found
    for block in found:
        ran = run(place, block)
        assert ran.returncode == 0, f"{block}\n{ran.stdout}{ran.stderr}"
        assert ran.stdout or ">" in block


def test_the_walk_and_verify_agree_on_the_head(place: Path) -> None:
    walked = run(place, "python3 walk.py studio/.duanju/log.db")
    position, digest = walked.stdout.split()
    verified = orjson.loads(run(place, "duanju verify --json").stdout)
    assert (verified["records"], verified["head"]) == (int(position), digest)
    assert verified["problems"] == []


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.lists(st.tuples(text, text, text), min_size=1, max_size=6))
def test_the_walk_reads_whatever_a_log_may_hold(
    produced: Path, tmp_path_factory: pytest.TempPathFactory, facts: list[tuple[str, str, str]]
) -> None:
    """Names in any script, control characters, quotes: the JSON of the page is the JSON of the log."""
    path = tmp_path_factory.mktemp("walk") / "log.db"
    log = Log(path, Codec(builtin_events()))
    for name, by, words in facts:
        log.append(f"episode/{name}", [BackfillAsked(words, by)], by=by)
    head = log.head_digest()
    log.close()
    said = io.StringIO()
    with patch.object(sys, "argv", ["walk.py", str(path)]), redirect_stdout(said):
        runpy.run_path(str(produced / "walk.py"))
    assert said.getvalue().split() == [str(len(facts) + 1), head]


def test_the_refused_statements_are_refused_by_any_program(place: Path) -> None:
    db = database(place)
    before = db.execute("SELECT * FROM event").fetchall()
    refused = [one.strip() for one in blocks(LOG_PAGE, "sql")[0].split(";") if one.strip()]
    assert len(refused) == 4
    for statement in refused:
        with pytest.raises(sqlite3.IntegrityError, match="the log is append-only"):
            db.execute(statement)
    assert db.execute("SELECT * FROM event").fetchall() == before
    db.close()


def test_the_questions_in_sql_have_the_answers_that_the_page_says(place: Path) -> None:
    asked = [one.strip() for block in blocks(LOG_PAGE, "sql")[1:] for one in block.split(";") if one.strip()]
    open_, spent, billed = asked
    db = database(place)
    assert db.execute(open_).fetchall() == []
    sums = {scope: (settled, reserved, doubt) for scope, settled, reserved, doubt in db.execute(spent)}
    found = db.execute(billed).fetchall()
    db.close()
    money = sum(row[3] for row in found)
    costs = orjson.loads(run(place, "duanju costs --json").stdout)
    assert money > 0
    assert [(row[0], row[1], row[2]) for row in found] == [("episode/Tea/teahouse", "speech_returned", 2)]
    assert sums == dict.fromkeys(("studio", "series/Tea", "episode/Tea/teahouse"), (money, 0, 0))
    assert f'"cost":{money}' in orjson.dumps(costs).decode()


def test_the_example_of_an_engine_prints_what_the_page_says(tmp_path: Path) -> None:
    (source,) = blocks(ENGINE_PAGE, "python")
    (wanted,) = blocks(ENGINE_PAGE, "text")
    said = io.StringIO()
    file = tmp_path / "example.py"
    file.write_text(source, encoding="utf-8")
    with patch("tempfile.tempdir", str(tmp_path)), redirect_stdout(said):
        runpy.run_path(str(file))
    assert said.getvalue() == wanted


# -- what `verify` and the witness see --------------------------------------------------------------------


def _untied(db: sqlite3.Connection) -> None:
    """As whoever may write the file can: the triggers are gone."""
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")


def _change(place: Path, statement: str) -> None:
    db = database(place)
    _untied(db)
    assert db.execute(statement).rowcount > 0
    _tied_again(db)
    db.close()


def _one_field(place: Path) -> None:
    _change(place, "UPDATE event SET at = '2001-01-01T00:00:00.000Z' WHERE position = 4")


def _taken_out(place: Path) -> None:
    _change(place, "DELETE FROM event WHERE position = 5")


def _cut_off(place: Path) -> None:
    db = database(place)
    _untied(db)
    assert db.execute("DELETE FROM event WHERE position = (SELECT max(position) FROM event)").rowcount == 1
    _tied_again(db)
    db.close()


def _tied_again(db: sqlite3.Connection) -> None:
    """Whoever does harm covers his tracks: the triggers are put back."""
    for name, statement in made_by().items():
        if statement.startswith("CREATE TRIGGER"):
            db.execute(f"DROP TRIGGER IF EXISTS {name}")
            db.execute(statement)


def _untied_only(place: Path) -> None:
    db = database(place)
    _untied(db)
    db.close()


def _computed_anew(place: Path) -> None:
    db = database(place)
    _untied(db)
    db.execute("UPDATE event SET by = 'cli.nobody' WHERE position = 2")
    previous = bytes(32)
    columns = "position, id, stream, version, kind, schema, cause, root, by, at, body"
    for *head, body in db.execute(f"SELECT {columns} FROM event ORDER BY position").fetchall():
        previous = hashlib.sha256(previous + orjson.dumps(head) + b"\n" + body.encode()).digest()
        db.execute("UPDATE event SET digest = ? WHERE position = ?", (previous, head[0]))
    _tied_again(db)
    db.close()


def _artifact(place: Path) -> None:
    file = min((place / "studio" / ".duanju" / "artifacts").glob("??/*"))
    file.write_bytes(bytes(len(file.read_bytes())))


def _money(place: Path) -> None:
    _change(place, "UPDATE spend SET settled = settled - 1 WHERE scope = 'studio'")


def _row_astray(place: Path) -> None:
    db = database(place)
    db.execute("INSERT INTO work VALUES ('episode/Tea/teahouse', 'toy', 'on_shot_planned', 4711, 1)")
    db.close()


def _row_gone(place: Path) -> None:
    """A call is in doubt, and the row that says so is deleted."""
    (place / "lost.fountain").write_text("Title: Lost\nINT. ROOM\nfarewell\n", encoding="utf-8")
    assert run(place, "TOY_LOSE=farewell duanju produce lost.fountain").returncode == 1
    assert run(place, "duanju verify --deep").returncode == 0
    _change(place, "DELETE FROM work WHERE hook = 'doubt'")


def _row_added(place: Path) -> None:
    db = database(place)
    row = db.execute("SELECT stream, position FROM event WHERE kind = 'call_admitted'").fetchone()
    db.execute("INSERT INTO work VALUES (?, 'paid', 'on_speech_requested', ?, 0)", row)
    db.close()


def _one_field_tied(place: Path) -> None:
    db = database(place)
    db.execute("DROP TRIGGER event_no_update")
    db.execute("UPDATE event SET body = replace(body, 'good bye', 'good day')")
    _tied_again(db)
    db.close()


def _ledger(place: Path) -> None:
    _change(place, "UPDATE ledger SET cost = cost - 1 WHERE cost > 0")


def _out(place: Path) -> None:
    (place / "studio" / "out" / "Tea" / "teahouse" / "episode.mp4").write_bytes(b"another film")


HARM: dict[str, Callable[[Path], None]] = {
    "any field of a record was changed": _one_field,
    "a record was taken out of the middle, or put in": _taken_out,
    "a trigger was taken away or changed, or another one was added": _untied_only,
    "a trigger was taken away and, after a change, put back": _one_field_tied,
    "the last records were cut off": _cut_off,
    "all digests were computed anew after a change": _computed_anew,
    "an artifact was changed, cut or removed": _artifact,
    "a sum in `spend`, or an entry of `outcome` that a call made, was changed": _money,
    "a row of `work` points to a record that is not there": _row_astray,
    "a row of the ledger, or one of its sums, was changed": _ledger,
    "a row of `work` was removed": _row_gone,
    "a row of `work` was added for a call that has ended": _row_added,
    "files in `out/` were changed": _out,
}
SEEN = {
    row[0]: (row[1], row[2])
    for row in rows(section(LOG_PAGE, "What `duanju verify` proves"))
    if len(row) == 3
}


def test_every_harm_of_the_page_is_tried() -> None:
    assert sorted(SEEN) == sorted(HARM)


@pytest.mark.parametrize("harm", HARM)
def test_each_harm_is_seen_as_the_page_says(place: Path, harm: str) -> None:
    walk = "python3 walk.py studio/.duanju/log.db"
    witness = run(place, walk).stdout.strip()
    assert run(place, f"{walk} {witness}").returncode == 0
    HARM[harm](place)
    by_verify, by_walk = SEEN[harm]
    deep = "--deep " if by_verify.startswith("with `--deep`") else ""
    assert not deep or run(place, "duanju verify").returncode == 0, "only --deep sees it"
    verified = run(place, f"duanju verify {deep}--json")
    problems = orjson.loads(verified.stdout)["problems"]
    assert (verified.returncode, bool(problems)) == (
        (0, False) if by_verify.startswith("says nothing") else (1, True)
    )
    walked = run(place, f"{walk} {witness}")
    assert walked.returncode == (0 if by_walk == "says nothing" else 1), walked.stderr
    assert "Traceback" not in walked.stderr


def test_a_witness_of_another_log_is_no_witness(place: Path) -> None:
    walk = "python3 walk.py studio/.duanju/log.db"
    position, digest = run(place, walk).stdout.split()
    for wrong in (f"{position} {digest[::-1]}", f"{int(position) + 1} {digest}", f"1 {digest}"):
        assert "this is not the log" in run(place, f"{walk} {wrong}").stderr


# -- what the pages claim ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_is_named_is_there(name: str) -> None:
    named = set(re.findall(r"`((?:core|cli|events|tests|plugins)/[\w/]+\.(?:py|sql))`", PAGES[name]))
    assert len(named) > 10
    assert [one for one in sorted(named) if not (ROOT / one).is_file()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_event_that_is_named_is_declared(name: str) -> None:
    codec = Codec(builtin_events())
    kinds = {codec.spec(cls).kind for cls in codec.classes()}
    code = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", PAGES[name], flags=re.MULTILINE | re.DOTALL))
    named = {found for one in code for found in re.findall(r"^[a-z]+(?:_[a-z]+)+(?=\(|$| )", one)}
    # settings, fields, columns and marks; a misspelt event is in neither set
    others = {
        "in_doubt",
        "ledger_job",
        "ledger_total",
        "reused_from",
        "while_held",
        "deadline_s",
        "not_accepted",
        "given_up",
        "repeat_below",
    }
    assert len(named & kinds) >= 6
    assert sorted(named - kinds - others) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_is_named_is_there(name: str) -> None:
    import typer

    from duanju.cli.main import app

    top = typer.main.get_command(app)
    said = re.findall(r"(?:`|^)duanju ([a-z]+)(?: ([a-z]+))?", PAGES[name], re.MULTILINE)
    assert len(said) > 5
    for word, second in said:
        command = getattr(top, "commands", {}).get(word)
        assert command is not None, word
        inner = getattr(command, "commands", {})
        assert not inner or second in inner, f"{word} {second}"


def test_the_columns_and_tables_are_those_of_the_schema() -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA + audit())
    columns = [row[1] for row in db.execute("PRAGMA table_info(event)")]
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.close()
    shown = [name for row in rows(section(LOG_PAGE, "A record")) for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(shown) == sorted(columns)
    beside = {row[0].strip("`") for row in rows(section(LOG_PAGE, "The tables beside the log"))}
    assert beside == tables - {"event"}


def test_every_hold_that_the_code_raises_is_described() -> None:
    raised: set[str] = set()
    for folder in ("core", "plugins/stages"):
        for file in (ROOT / folder).rglob("*.py"):
            source = file.read_text(encoding="utf-8")
            raised |= set(re.findall(r'f"(\w+):\{', source)) | set(
                re.findall(r'^HOLD = "(\w+):"', source, re.M)
            )
    described = {
        hold.partition(":")[0]
        for row in rows(section(ENGINE_PAGE, "Holds"))
        for hold in re.findall(r"`([^`]+)`", row[0])
    }
    steps = re.findall(r"held `(\w+):", section(ENGINE_PAGE, "Requests"))
    assert described == raised, "the table under Holds in docs/engine.md, and the names in the code"
    assert len(steps) == 8
    assert set(steps) <= described


def test_resume_asks_again_about_the_holds_of_which_the_page_says_so() -> None:
    from duanju.cli.resume import MAY_BE_GONE

    said = {
        hold.partition(":")[0]
        for row in rows(section(ENGINE_PAGE, "Holds"))
        for hold in re.findall(r"`([^`]+)`", row[0])
        if re.search(r"`duanju resume`|on each start", row[2])
    }
    assert said == set(MAY_BE_GONE)


def test_the_steps_of_an_admission_stand_in_the_order_of_the_code() -> None:
    source = (ROOT / "core" / "admission.py").read_text(encoding="utf-8")
    signs = (
        "RequestWithdrawn(ask.",
        "folds.holds(stream) or",
        "choose_route(settings",
        "self._no_provider(ask",
        "self._missing_key(route)",
        "price.until <= day",
        "self._reuse(ask, old",
        "key in self.calls.doubted",
        "self.calls.under_way(key)",
        "self.calls.stopped.get",
        "lane.room(ask.repeat)",
        "if price is None:",
        "self.turn.spend.allows",
        "event = CallAdmitted(",
    )
    places = [source.find(sign) for sign in signs]
    assert -1 not in places
    assert places == sorted(places)
    steps = [row[0] for row in rows(section(ENGINE_PAGE, "Requests"))]
    assert [int(step.split(".")[0]) for step in steps] == list(range(1, len(signs)))


def test_the_limits_are_those_of_the_code() -> None:
    limits = {row[0].split(",")[0]: row[1] for row in rows(section(ENGINE_PAGE, "Limits"))}
    spec = hooks.EffectSpec(lane="any")
    assert limits["a turn"] == f"{engine.TURN_SECONDS * 1000:g} ms, or {contain.MOST_EVENTS:,} events"
    assert limits["one answer"] == (
        f"{contain.MOST_EVENTS:,} events, {contain.MOST_ANSWER >> 20} Mi characters; "
        f"one event {contain.MOST_BODY >> 20} Mi"
    )
    assert limits["a reaction"].startswith(f"{watchdog.REACTION_SECONDS:g} s")
    assert limits["an import"] == f"{watchdog.LOAD_SECONDS:g} s"
    assert limits["an effect"] == f"`deadline_s`, {spec.deadline_s:g} s"
    assert limits["attempts of a repeatable effect"] == f"`attempts`, {spec.attempts}"
    assert f"every {engine.TICK_SECONDS:g} s" in ENGINE_PAGE
    assert f"at most {engine.LEAVE_SECONDS:g} s" in section(ENGINE_PAGE, "Stopping")
    assert all(f"`{join}`" in section(ENGINE_PAGE, "Joins and parts") for join in JOINS)


def test_the_drawing_is_whole_and_stands_alone() -> None:
    svg = "{http://www.w3.org/2000/svg}"
    root = ElementTree.parse(DRAWING).getroot()
    source = DRAWING.read_text(encoding="utf-8")
    assert root.tag == f"{svg}svg"
    assert root.find(f"{svg}title") is not None
    assert root.find(f"{svg}desc") is not None
    assert "prefers-color-scheme: dark" in source
    assert not re.search(r"<script|<image|href=|@import|url\((?!#)", source)
    _, _, width, height = (float(one) for one in root.attrib["viewBox"].split())
    for one in root.iter(f"{svg}text"):
        assert 0 <= float(one.attrib["x"]) <= width
        assert 0 <= float(one.attrib["y"]) <= height
    codec = Codec(builtin_events())
    cells = {
        one.text or "" for one in root.iter(f"{svg}text") if re.fullmatch(r"[a-z]+_[a-z]+", one.text or "")
    }
    assert len(cells) == 6
    assert all(codec.class_of(one) is not None for one in cells)
    assert "](engine.svg)" in ENGINE_PAGE
