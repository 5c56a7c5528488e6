"""Words that plugins add: listed, loaded only when typed or when help is asked for, broken ones named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = """import typer
app = typer.Typer(no_args_is_help=True, help="Count sheep.")
@app.command()
def count(to: int = 3) -> None:
    typer.echo(" ".join(str(n + 1) for n in range(to)))
@app.callback()
def _start() -> None:
    "Count sheep."
def shout(word: str) -> None:
    "Say a word loudly."
    typer.echo(word.upper())
number = 7
"""


def installed(folder: Path, name: str, module: str, entries: str) -> None:
    """A distribution as a package installer leaves it behind."""
    (folder / f"{name}.py").write_text(module, encoding="utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[duanju.commands]\n{entries}\n", encoding="utf-8")


def run(folder: Path, *words: str, after: str = "pass") -> subprocess.CompletedProcess[str]:
    code = f"import sys; from duanju.cli.main import main; code = main(sys.argv[1:]); {after}; sys.exit(code)"
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True, text=True, env=environment, cwd=folder, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    installed(tmp_path, "sheep", GOOD, "sheep = sheep:app\nshout = sheep:shout\nnumber = sheep:number")
    installed(tmp_path, "lost", "import no_such_module_at_all\n", "lost = lost:app")
    installed(tmp_path, "twin", GOOD, "shout2 = twin:shout\nsheep = twin:app\nverify = twin:app")
    return tmp_path


def test_the_help_lists_them_and_names_the_broken_ones(folder: Path) -> None:
    ran = run(folder, "--help")
    assert ran.returncode == 0, ran.stderr
    lines = {words[0]: line for line in ran.stdout.splitlines() if (words := line.split())}
    assert "Say a word loudly." in lines["shout"]
    assert "cannot be used" in lines["lost"] and "Check the log" in lines["verify"].replace("'s", "")
    assert "cannot be used" in lines["number"] and "script" in lines


def test_a_word_runs_its_plugin_alone(folder: Path) -> None:
    ran = run(folder, "shout", "meh", after="print('lost' in sys.modules, 'twin' in sys.modules)")
    assert (ran.returncode, ran.stdout) == (0, "MEH\nFalse False\n")
    ran = run(folder, "shout2", "--help")
    assert ran.returncode == 0 and "Usage: duanju shout2" in ran.stdout


def test_our_own_words_load_no_plugin(folder: Path) -> None:
    ran = run(folder, "produce", "--help", after="print('sheep' in sys.modules, 'lost' in sys.modules)")
    assert ran.stdout.splitlines()[-1] == "False False"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lost"], "no_such_module_at_all"),
        (["lost", "any", "--thing"], "update or remove lost"),
        (["number", "1"], "neither a typer.Typer nor a function"),
        (["sheep", "count"], "sheep (sheep:app) and twin (twin:app) both bring it"),
    ],
)
def test_a_broken_word_says_why_and_what_to_do(folder: Path, words: list[str], told: str) -> None:
    ran = run(folder, *words)
    assert ran.returncode == 1 and ran.stdout == ""
    assert told in ran.stderr and f"duanju {words[0]}: " in ran.stderr and "Traceback" not in ran.stderr


def test_our_own_word_is_never_taken_over(folder: Path) -> None:
    assert "Count sheep" not in run(folder, "verify", "--help").stdout


def test_an_unknown_word_is_wrong_use(folder: Path) -> None:
    ran = run(folder, "nonsense")
    assert ran.returncode == 2 and "nonsense" in ran.stderr
