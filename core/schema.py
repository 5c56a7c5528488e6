"""The tables and views of a log, and the triggers that make it append-only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

__all__ = [
    "AUDIT",
    "PRAGMAS",
    "SCHEMA",
    "SCHEMA_NUMBER",
    "VIEWS",
    "audit",
    "made_by",
    "statements",
    "view_title",
]

SCHEMA_NUMBER = 2
"""The number of the tables: 1 = without the ledger and the views, which are made from the log alone."""

PRAGMAS = (
    "PRAGMA busy_timeout = 20000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
)

# INSERT OR REPLACE deletes without firing the delete trigger on a connection whose recursive_triggers are
# off, which is the default: so the insert itself is refused where anything of the row exists already.
SCHEMA = """
CREATE TABLE event(position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, stream TEXT NOT NULL,
  version INTEGER NOT NULL, kind TEXT NOT NULL, schema INTEGER NOT NULL, body TEXT NOT NULL,
  cause INTEGER REFERENCES event, root INTEGER, by TEXT NOT NULL, at TEXT NOT NULL, digest BLOB NOT NULL,
  UNIQUE(stream, version)) STRICT;
CREATE TABLE work(stream TEXT, plugin TEXT, hook TEXT, cause INTEGER, attempt INTEGER NOT NULL,
  PRIMARY KEY(stream, plugin, hook, cause)) STRICT, WITHOUT ROWID;
CREATE TABLE lease(one INTEGER PRIMARY KEY CHECK(one = 1), holder TEXT, epoch INTEGER,
  carried INTEGER NOT NULL) STRICT;
CREATE TABLE outcome(key TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE spend(scope TEXT, day TEXT, settled INTEGER, reserved INTEGER, in_doubt INTEGER,
  PRIMARY KEY(scope, day)) STRICT, WITHOUT ROWID;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only: no update'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only: no delete'); END;
CREATE TRIGGER event_no_replace BEFORE INSERT ON event
  WHEN EXISTS(SELECT 1 FROM event WHERE position = NEW.position)
    OR EXISTS(SELECT 1 FROM event WHERE id = NEW.id)
    OR EXISTS(SELECT 1 FROM event WHERE stream = NEW.stream AND version = NEW.version)
  BEGIN SELECT RAISE(ABORT, 'the log is append-only: no replace'); END;
INSERT INTO lease(one, holder, epoch, carried) VALUES (1, NULL, 0, 0);
"""

_NAME = (
    "CASE WHEN stream GLOB 'episode/*' THEN substr(stream, 9) "
    "WHEN stream GLOB 'fork/*' THEN 'fork ' || substr(stream, 6) ELSE stream END"
)

_REST = (
    "substr(stream, CASE WHEN stream GLOB 'episode/*' THEN 9 WHEN stream GLOB 'fork/*' THEN 6 "
    "WHEN stream GLOB 'series/*' THEN 8 ELSE length(stream) + 1 END)"
)
_SERIES = f"substr({_REST}, 1, instr({_REST} || '/', '/') - 1)"

# One row for each call and each answer used again, and their sums by stream, day, model and stage: what a
# query of the costs reads instead of the log. `ledger_job`: a submission -> the admission that it answers.
AUDIT = f"""
CREATE TABLE ledger(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, day TEXT NOT NULL,
  route TEXT NOT NULL, capability TEXT NOT NULL, stage TEXT NOT NULL, purpose TEXT NOT NULL,
  subject TEXT NOT NULL, state TEXT NOT NULL, ceiling INTEGER, cost INTEGER, billing TEXT NOT NULL,
  estimated INTEGER NOT NULL, paid INTEGER NOT NULL, request INTEGER NOT NULL, outcome INTEGER,
  doubt INTEGER, reused_from INTEGER, first INTEGER, quote INTEGER, revision INTEGER NOT NULL,
  take INTEGER NOT NULL, latency_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  series TEXT GENERATED ALWAYS AS ({_SERIES}) VIRTUAL,
  episode TEXT GENERATED ALWAYS AS ({_NAME}) VIRTUAL) STRICT;
CREATE INDEX ledger_request ON ledger(request);
CREATE INDEX ledger_episode ON ledger(episode);
CREATE TABLE ledger_total(stream TEXT, day TEXT, route TEXT, stage TEXT,
  calls INTEGER NOT NULL, cost INTEGER NOT NULL, reserved INTEGER NOT NULL, in_doubt INTEGER NOT NULL,
  unknown INTEGER NOT NULL, reused INTEGER NOT NULL, reused_paid INTEGER NOT NULL,
  doubts INTEGER NOT NULL, estimated INTEGER NOT NULL, ended INTEGER NOT NULL,
  answered INTEGER NOT NULL, rejected INTEGER NOT NULL, attempts INTEGER NOT NULL,
  series TEXT GENERATED ALWAYS AS ({_SERIES}) VIRTUAL,
  episode TEXT GENERATED ALWAYS AS ({_NAME}) VIRTUAL,
  PRIMARY KEY(stream, day, route, stage)) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_total_episode ON ledger_total(episode);
CREATE TABLE ledger_job(position INTEGER PRIMARY KEY, call INTEGER NOT NULL) STRICT;
"""

VIEWS = (
    "events",
    "calls",
    "cost_line",
    "cost_total",
    "cost_by_episode",
    "cost_by_series",
    "cost_by_model",
    "cost_by_provider",
    "cost_by_stage",
    "cost_by_day",
    "cost_wasted",
    "cost_doubted",
    "cost_unpriced",
    "quote_vs_actual",
    "revisions",
    "checks",
    "latency",
    "success_rate",
)
"""The views of a log, each in views/NAME.sql; docs/audit.md describes them column by column."""

_FOLDER = Path(__file__).with_name("views")
_MADE = re.compile(r"^CREATE (?:TABLE|TRIGGER|INDEX|VIEW) (\w+)", re.MULTILINE)


def view_title(name: str) -> str:
    """What a view is for: the first line of its file."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()[0].removeprefix("-- ")


@lru_cache(maxsize=1)
def audit() -> str:
    """The script that makes the ledger's tables, empty, and the views."""
    views = [(_FOLDER / f"{name}.sql").read_text(encoding="utf-8") for name in VIEWS]
    return "\n".join([AUDIT, *views, f"PRAGMA user_version = {SCHEMA_NUMBER};\n"])


def statements(script: str) -> Iterator[str]:
    """The single statements of a script."""
    whole = ""
    for line in script.splitlines():
        whole += line + "\n"
        if sqlite3.complete_statement(whole):
            yield whole
            whole = ""


def made_by(number: int = SCHEMA_NUMBER) -> dict[str, str]:
    """Name -> its statement, blanks evened out, of every table, index, view and trigger of a log."""
    found: dict[str, str] = {}
    for statement in statements(SCHEMA if number == 1 else SCHEMA + audit()):
        made = _MADE.search(statement)
        if made:
            found[made[1]] = " ".join(statement[made.start() :].split()).rstrip(";")
    return found
