"""Every error has an exit code that the manual explains, and a text that says what to do."""

from __future__ import annotations

import errno
import inspect
import re
import sqlite3
from pathlib import Path

import pytest
import typer
from faultkit import Machine

from duanju.cli import main as cli
from duanju.core import errors

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, errors.DuanjuError)
]
CODES = {
    "DuanjuError": 1, "WrongUse": 2, "BadSetting": 2, "NoSuchEpisode": 2, "BadPlugin": 1, "BadLog": 1,
    "BadArtifact": 1, "LogBusy": 2, "LogMoved": 2, "CannotCommit": 1, "Deposed": 1, "WrongVersion": 2,
    "Diverged": 1,
}  # fmt: skip


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_each_error_ends_a_command_with_its_code(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, cls: type[errors.DuanjuError]
) -> None:
    assert cls.__doc__
    assert cls.exit_code in (1, 2)
    assert CODES.get(cls.__name__, cls.exit_code) == cls.exit_code
    code = getattr(cls.__init__, "__code__", None)
    takes = code.co_argcount - 1 if code is not None else 1
    made = cls(*["what, where; do this", "and that", "so", "thus"][:takes])
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise made

    monkeypatch.setattr(cli, "app", app)
    ran = machine.call()
    assert ran.returncode == cls.exit_code
    assert ran.stderr == f"duanju: {made}\n"


def test_the_manual_has_these_codes_and_each_error_is_exported() -> None:
    manual = (Path(errors.__file__).parents[1] / "docs" / "cli.md").read_text()
    assert re.search(r"0 done, 1 the work failed or is held, 2 wrong use, 130 interrupted", manual)
    assert {cls.__name__ for cls in CLASSES} <= set(errors.__all__)


@pytest.mark.parametrize("number", sorted(errors.MACHINE))
def test_an_error_of_the_machine_says_what_to_do_wherever_it_comes_up(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import os

    error = OSError(number, os.strerror(number), "/some/file")
    told = str(errors.cannot_write("/some/file", error))
    assert told.startswith(f"/some/file cannot be written: {os.strerror(number)}; ")
    assert told.endswith(", then run duanju resume") and errors.advice(error) in told
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "app", app)
    ran = machine.call()
    assert ran.returncode == 1
    assert "/some/file: " in ran.stderr and errors.advice(error) in ran.stderr
    assert not list(machine.place.rglob("crash-*"))  # the machine's fault is no crash of ours


def test_an_error_of_sqlite_says_what_to_do() -> None:
    for text, words in (
        ("database or disk is full", "free some space"),
        ("attempt to write a readonly database", "writable"),
        ("disk I/O error", "disk"),
        ("unable to open database file", "ulimit"),
        ("database is locked", "end it"),
        ("database disk image is malformed", "restore a backup"),
        ("file is not a database", "restore a backup"),
        ("something new", "duanju verify"),
    ):
        assert words in errors.log_advice(sqlite3.OperationalError(text))
    assert errors.advice(OSError(errno.EBADF, "bad")) == "mend that"
