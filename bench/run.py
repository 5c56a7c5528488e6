"""Measures duanju beside its yardsticks: run.py [--only 1,2,6] [--events N] [--quick] [--json FILE]."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from beside import absent
from timing import Figure

ROWS = (
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "19",
    "20",
)
LARGE = 1_000_000
MEMORY = Path("/dev/shm")


@contextmanager
def scratch(memory: bool) -> Iterator[Path]:
    """A folder that is removed afterwards: on a disk that syncs, or in memory."""
    parent = str(MEMORY) if memory and MEMORY.is_dir() else os.environ.get("DUANJU_BENCH_DISK")
    folder = Path(tempfile.mkdtemp(prefix="duanju-bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def measure(row: str, quick: bool, large: int = LARGE) -> list[Figure]:
    """The figures of one row. `quick` = counts that show that it works; `large` = events in a large log."""
    on_disk = row in ("1", "6", "8", "9", "10", "11", "12") or large > LARGE
    with scratch(memory=not on_disk) as folder:
        return _measures(quick, 300 if quick else large)[row](folder)


def _measures(quick: bool, large: int) -> dict[str, Callable[[Path], list[Figure]]]:
    import rows_audit
    import rows_calls
    import rows_engine
    import rows_film
    import rows_large
    import rows_log
    import rows_process
    import rows_script

    def n(full: int, small: int) -> int:
        return small if quick else full

    def appended(folder: Path, *, rounds: int, each: int, many: int) -> list[Figure]:
        with scratch(memory=False) as disk:
            return rows_audit.appends(folder, disk, rounds=rounds, each=each, many=many)

    rounds = n(9, 1)
    few = n(5, 1)
    return {
        "1": lambda f: rows_log.append_one("1", f, rounds=n(15, 1), each=n(50, 3), aim=1.1),
        "2": lambda f: rows_log.append_one("2", f, rounds=n(15, 1), each=n(500, 3), aim=2.0),
        "3": lambda f: [
            *rows_log.append_many(f, rounds=n(15, 1), many=n(1000, 10)),
            *rows_log.statements(f, rounds=n(15, 1), each=n(500, 3), many=n(1000, 10)),
        ],
        "4": lambda f: [
            *rows_log.replay(f / "small", rounds=rounds, size=n(10_000, 20)),
            *rows_large.typed(f / "large", rounds=n(3, 1), size=large),
        ],
        "5": lambda f: [
            *rows_log.rebuild(f / "small", rounds=rounds, size=n(10_000, 20)),
            *rows_large.state(f / "large", rounds=n(3, 1), size=large),
        ],
        "6": lambda f: rows_engine.steps("6", f, rounds=rounds, each=n(150, 3)),
        "7": lambda f: [
            *rows_engine.steps("7", f, rounds=rounds, each=n(500, 3)),
            *rows_engine.statements(f, rounds=rounds, each=n(500, 3)),
            rows_engine.hand_off(rounds=rounds, each=n(2000, 5)),
        ],
        "8": lambda f: [
            *rows_engine.makespan(f, rounds=few, many=n(1000, 4), workers=n(64, 2)),
            rows_engine.episodes(f / "episodes", rounds=few, many=n(50, 3), each=n(20, 2), workers=n(64, 2)),
        ],
        "9": lambda f: rows_process.killed(f, number=n(600, 12), workers=n(32, 2)),
        "10": lambda f: rows_process.restart(f, rounds=few, small=n(1000, 10), large=n(100_000, 30)),
        "11": lambda f: rows_process.first_step(f, rounds=few),
        "12": lambda f: [
            *rows_process.memory(f, rounds=n(3, 1), number=n(1000, 3)),
            *rows_process.long_log(f, sizes=(20, 40) if quick else (1000, 10_000, 100_000)),
        ],
        "13": lambda f: rows_film.render(f, rounds=n(3, 1), small=quick),
        "14": lambda f: rows_film.again(f, rounds=n(2, 1), small=quick),
        "15": lambda f: rows_audit.questions(f, rounds=few, size=large, each=n(300, 4)),
        "16": lambda f: appended(f, rounds=rounds, each=n(300, 4), many=n(1000, 8)),
        "17": lambda f: rows_calls.fan_out(f, rounds=few, many=n(2000, 8), threads=n(64, 4)),
        "20": lambda f: rows_script.reading(rounds=few, characters=n(15_000, 600)),
        "18": lambda f: [rows_calls.weather(f, rounds=n(3, 1), many=n(3000, 8), threads=n(16, 4))],
        "19": lambda f: rows_large.replayed(f, size=large, small=large // 10),
    }


def table(figures: list[Figure]) -> str:
    """The figures as lines of text."""
    head = ("row", "measure", "ours", "yardstick", "unit", "ratio", "spread", "aim", "")
    lines = [head]
    for f in figures:
        aim = "-" if f.aim is None else f"{f.aim:g}"
        spread = f"{f.low:.2f}-{f.high:.2f}"
        note = f.verdict + (f"  ({f.note})" if f.note else "")
        ours, yard = f"{f.ours:.4g}", f"{f.yardstick:.4g}"
        lines.append((f.row, f.measure, ours, yard, f.unit, f"{f.ratio:.3f}", spread, aim, note))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def main(arguments: list[str]) -> int:
    """Exit 0 when all rows that were measured are within their aims, else 1."""
    parser = argparse.ArgumentParser(description="Measures duanju beside its yardsticks, in turns.")
    parser.add_argument("--only", default=",".join(ROWS), help="rows, as 1,2,6")
    parser.add_argument("--quick", action="store_true", help="tiny counts: shows that it runs, not how fast")
    parser.add_argument("--events", type=int, default=LARGE, help=f"how large a large log is ({LARGE})")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args(arguments)
    # An installed program runs from cached bytecode; compiling every module anew is nobody's start-up time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    only = [one.strip() for one in given.only.split(",") if one.strip()]
    for one in only:
        if one not in ROWS:
            parser.error(f"no row {one}; there are: {', '.join(ROWS)}")
    figures: list[Figure] = []
    for row in only:
        found = measure(row, given.quick, given.events)
        figures.extend(found)
        print("\n".join(f"{f.row}: {f.ratio:.3f} {f.verdict}" for f in found), file=sys.stderr, flush=True)
    print(table(figures))
    if absent():
        print(absent())
    if given.json:
        machine = {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "cores": len(os.sched_getaffinity(0)),
            "quick": given.quick,
        }
        rows = [{**dataclasses.asdict(f), "verdict": f.verdict} for f in figures]
        given.json.write_text(json.dumps({"machine": machine, "figures": rows}, indent=1) + "\n")
    return 0 if given.quick or all(f.verdict != "over" for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
