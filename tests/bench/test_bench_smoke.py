"""Every row of the benchmark runs and gives figures; how large they are is the benchmark's own business."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "bench" / "run.py"


def bench(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RUN), *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,2,3,4,5,19", {"1", "2", "3", "4", "4b", "4L", "5", "5b", "5L", "19", "19m"}),
        ("6,7,8", {"6a", "6b", "6c", "7a", "7b", "7c", "7x", "8a", "8b", "8c", "8d"}),
        ("9,10,11", {"9a", "9b", "10a", "10b", "10c", "11a", "11b"}),
        ("12", {"12", "12c20", "12c40", "12w20", "12w40"}),
        ("13,14", {"13a", "13b", "13c", "14"}),
        ("15,16", {"15a", "15b", "15c", "16a", "16b", "16c", "16d"}),
        ("17,18,20", {"17a", "17b", "17c", "18", "20a", "20b", "20c", "20d"}),
    ],
)
def test_rows_give_figures(rows: str, expected: set[str], tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    ran = bench(tmp_path, "--quick", "--only", rows, "--json", str(out))
    assert ran.returncode == 0, ran.stderr
    # A peer that happens to be installed has lines of its own: "6a dbos".
    figures = [f for f in json.loads(out.read_text())["figures"] if " " not in f["row"]]
    assert {figure["row"] for figure in figures} == expected
    for figure in figures:
        for name in ("ours", "yardstick", "ratio", "low", "high"):
            none = figure["row"].startswith("9") and name != "yardstick"  # no step ran twice: that is good
            assert math.isfinite(figure[name]) and (none or figure[name] > 0), (figure["row"], name)
        assert figure["low"] <= figure["ratio"] <= figure["high"]
        # Two different processes never peak at the same byte: equal figures are one process measured twice.
        assert figure["row"] != "12" or figure["ours"] != figure["yardstick"]
        judged = "-" if figure["aim"] is None else "ok" if figure["ratio"] <= figure["aim"] else "over"
        assert figure["verdict"] == judged
        assert figure["measure"] in ran.stdout


def test_unknown_row_is_wrong_use(tmp_path: Path) -> None:
    ran = bench(tmp_path, "--only", "99")
    assert ran.returncode == 2
    assert "no row 99" in ran.stderr
