"""Sixty kills at random moments in a 40-shot film with paid calls: nothing lost, doubled, or paid twice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parent / "soak.py"
KILLS, A_FILM = 60, 30


def test_films_killed_at_random_moments_end_as_the_one_that_was_not(tmp_path: Path) -> None:
    words = ["--kills", str(KILLS), "--film", str(A_FILM), "--jobs", "2", "--root", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, str(SOAK), *words], capture_output=True, text=True, timeout=900, check=False
    )
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
    last = run.stdout.splitlines()[-2]
    found = {what: int(number) for number, what in re.findall(r"(\d+) ([a-z -]+)", last)}
    assert found["kills"] == KILLS, last
    assert found["wrong"] == 0, last
    assert found["films"] >= 1 + KILLS // A_FILM, last
    assert sum(number for what, number in found.items() if what.startswith("doubts settled")) > 0, last
