"""The tables of a log, and the triggers that make it append-only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

__all__ = ["PRAGMAS", "SCHEMA", "made_by", "statements"]

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
PRAGMA user_version = 1;
"""


def statements(script: str) -> Iterator[str]:
    """The single statements of a script."""
    whole = ""
    for line in script.splitlines():
        whole += line + "\n"
        if sqlite3.complete_statement(whole):
            yield whole
            whole = ""


def made_by() -> dict[str, str]:
    """Name -> its statement, blanks evened out, of every table and trigger of a log."""
    found: dict[str, str] = {}
    for statement in statements(SCHEMA):
        name = re.match(r"\s*CREATE (?:TABLE|TRIGGER) (\w+)", statement)
        if name:
            found[name[1]] = " ".join(statement.split()).rstrip(";")
    return found
