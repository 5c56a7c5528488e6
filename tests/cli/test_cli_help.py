"""Help is complete, quick and needs nothing heavy; words are harmless."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.core.words import line_of, pad, seconds, shown, width_of

HEAVY = (
    "av", "numpy", "PIL", "resvg_py", "requests", "sqlite_utils", "rich", "pluggy", "msgspec", "orjson",
    "attrs", "pysubs2", "sqlite3", "duanju.core.engine", "duanju.core.studio",
)  # fmt: skip
COMMANDS = (
    ["new"], ["produce"], ["estimate"], ["status"], ["resume"], ["history"], ["replay"], ["costs"],
    ["verify"], ["backup"], ["routes"], ["plugins"], ["plugins", "list"], ["plugins", "graph"],
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_help_has_an_example(duanju: Any, words: list[str]) -> None:
    ran = duanju(*words, "--help")
    assert ran.code == 0
    assert "Usage: duanju" in ran.out
    assert f"Example: duanju {' '.join(words)}" in ran.out


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys; from duanju.cli.main import main; "
        "assert main(['--help']) == 0; assert main(['produce', '--help']) == 0; "
        "assert main(['--version']) == 0; "
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip
    assert ran.stdout.splitlines()[-1] == "[]"


def test_version(duanju: Any) -> None:
    assert re.fullmatch(r"duanju \d+\.\d+\.\d+\n", duanju("--version").out)


def test_a_closed_pipe_is_quiet(duanju: Any, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-c", "from duanju.cli.main import run; run()", "history", "tea", "--json"],
        stdout=write, stderr=subprocess.PIPE, cwd=place, timeout=60, check=False,
    )  # fmt: skip
    os.close(write)
    assert ran.stderr == b""
    assert ran.returncode in (0, 1)


@given(st.text(st.characters(codec=None)))  # lone surrogates too, as odd file names bring them
def test_shown_is_one_harmless_line(text: str) -> None:
    out = shown(text)
    assert not [c for c in out if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(out) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
    assert shown(out) == out


@given(
    st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
)
def test_a_line_of_json_reads_back_equal_and_is_harmless(value: Any) -> None:
    line = line_of(value)
    assert json.loads(line) == value
    assert shown(line) == line


def test_chinese_takes_two_columns() -> None:
    assert width_of("茶馆 a") == 6
    assert pad("茶馆", 6) == "茶馆  "
    assert (seconds(3.25), seconds(64)) == ("3.2 s", "1 min 04 s")
