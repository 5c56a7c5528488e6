"""The storm: films killed (kill -9) at random moments, so many kills in all, on all cores.

`python soak.py --kills 1000` ends with 0 when nothing was wrong; else with 1, what was wrong with the first
film that failed, and the command that repeats this film alone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from queue import Empty
from typing import Any

HERE = Path(__file__).resolve().parent
PATHS = [str(HERE), str(HERE / "outside"), str(HERE.parent / "core")]
sys.path[:0] = [one for one in PATHS if one not in sys.path]

KILLS_A_FILM = 25
MINUTE_S = 60.0
OTHERS = ("DUANJU_BUDGET", "DUANJU_DELIVERY")
PLUGINS = (
    "script cast scenes dialogue cut quality out local atelier trailer audio.loudness audio.true_peak "
    "picture.black script.fidelity subtitle.timing technical.container"
)
"""The stages and checks that make the film; what else is installed would ask for calls of its own."""
Done = dict[str, Any]


def work(orders: Any, told: Any, root: Path) -> None:
    """A process of the storm: makes the films that it is given, one after the other; tells of every kill."""
    from film import Result, make_film

    while (order := orders.get()) is not None:
        seed, kills = order
        folder = root / f"film-{seed}"
        try:
            result = make_film(folder, seed, kills, lambda: told.put(("kill", 1)))
        except Exception:  # noqa: BLE001  whatever a film raises is a failure of that film, told with its seed
            result = Result(seed, wrong=[traceback.format_exc()])
        told.put(("film", result.as_plain()))
        if not result.wrong and kills:
            shutil.rmtree(folder)


class _Storm:
    """Gives out films until there were enough kills; film 0 is not killed, and all are compared with it."""

    def __init__(self, root: Path, kills: int, a_film: int, first: int) -> None:
        self.root = root
        self.wanted = kills
        self.a_film = a_film
        self.next = first
        self.promised = 0
        self.kills = 0
        self.whole: Done | None = None
        self.films: list[Done] = []
        self.wrong: dict[int, list[str]] = {}
        self.began = time.monotonic()

    def order(self) -> tuple[int, int] | None:
        """The next film: its seed, and how often it is killed at most; None when enough is promised."""
        kills = min(self.a_film, self.wanted - self.promised)
        if kills <= 0:
            return None
        self.promised += kills
        self.next += 1
        return self.next - 1, kills

    def take(self, film: Done, most: int) -> None:
        """A film is done: what it was killed less than promised is still to be dealt out."""
        self.promised -= most - film["kills"]
        if film["seed"] == 0:
            self.whole = film
        self.films.append(film)
        if film["wrong"]:
            self.wrong[film["seed"]] = film["wrong"]
        for one in self.films if self.whole else ():
            if one.get("state") and (wrong := _other(one, self.whole)):
                self.wrong.setdefault(one["seed"], []).extend(wrong)
            if one is not self.whole:
                one["state"] = []

    def line(self) -> str:
        """How far the storm is."""
        sums: Counter[str] = Counter()
        for film in self.films:
            sums.update({f"doubts settled by {way}": n for way, n in film["settled"].items()})
            sums.update(
                {one: film[one] for one in ("starts", "submits", "workers", "cheap", "raised", "let_go")}
            )
        settled = ", ".join(f"{sums[key]} {key}" for key in sorted(sums) if key.startswith("doubts"))
        minutes = (time.monotonic() - self.began) / 60
        return (
            f"{minutes:5.1f} min: {self.kills} kills, {len(self.films)} films, {sums['starts']} starts, "
            f"{sums['submits']} submits, {settled or '0 doubts settled'}, "
            f"{sums['cheap']} cheap calls sent again, {sums['workers']} workers killed too, "
            f"{sums['raised']} budgets raised, {sums['let_go']} failures let go on, {len(self.wrong)} wrong"
        )


def _other(film: Done, whole: Done) -> list[str]:
    """How a film differs from the one that was not killed."""
    here, there = Counter(film["state"]), Counter(whole["state"])
    wrong = [f"missing: {one[:300]}" for one in (there - here)]
    wrong += [f"too much: {one[:300]}" for one in (here - there)]
    for name in ("film", "subtitles"):
        if film["files"].get(name) != whole["files"].get(name):
            wrong.append(f"the {name} has other bytes than the uninterrupted film's")
    return wrong


def storm(root: Path, kills: int, a_film: int, jobs: int, seed: int | None) -> _Storm:
    """Runs the storm and prints a line a minute; stops giving out films after the first that is wrong."""
    told_of = _Storm(root, kills, a_film, 1 if seed is None else seed)
    context = multiprocessing.get_context("spawn")
    orders, told = context.Queue(), context.Queue()
    workers = [context.Process(target=work, args=(orders, told, root), daemon=False) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    most = {0: 0}
    orders.put((0, 0))
    free, line_at = jobs - 1, told_of.began + MINUTE_S
    while True:
        while free and not told_of.wrong and (order := told_of.order()) is not None:
            most[order[0]] = order[1]
            orders.put(order)
            free -= 1
        if free == jobs:
            break
        try:
            what, value = told.get(timeout=1.0)
        except Empty:
            if lost := [one.exitcode for one in workers if not one.is_alive()]:
                raise SystemExit(f"a process of the storm itself ended: {lost}") from None
        else:
            if what == "kill":
                told_of.kills += value
            else:
                told_of.take(value, most[value["seed"]])
                free += 1
        if time.monotonic() > line_at:
            line_at += MINUTE_S
            print(told_of.line(), flush=True)
    for _ in workers:
        orders.put(None)
    for worker in workers:
        worker.join()
    return told_of


def main() -> int:
    """Reads the arguments; the exit code says whether anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="how many kills in all")
    parser.add_argument("--film", type=int, default=KILLS_A_FILM, help="how many of them a film gets")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="films at once")
    parser.add_argument("--seed", type=int, help="only the film of this seed, its folder kept")
    parser.add_argument("--root", type=Path, help="where the films are made (default: a temporary folder)")
    given = parser.parse_args()
    for name in OTHERS:
        os.environ.pop(name, None)
    os.environ["DUANJU_PLUGINS"] = PLUGINS.replace(" ", ",")
    os.environ["PYTHONPATH"] = os.pathsep.join([*PATHS, *filter(None, [os.environ.get("PYTHONPATH")])])
    root = given.root or Path(tempfile.mkdtemp(prefix="duanju-storm-"))
    kills = given.film if given.seed is not None else given.kills
    found = storm(root, kills, given.film, given.jobs, given.seed)
    print(found.line(), flush=True)
    ways: Counter[str] = Counter()
    for film in found.films:
        ways.update(film["ways"])
    print("killed " + ", ".join(f"{n} {way}" for way, n in sorted(ways.items())), flush=True)
    if not found.wrong:
        if given.root is None and given.seed is None:
            shutil.rmtree(root)
        return 0
    seed = min(found.wrong)
    print(json.dumps({f"film {seed}": found.wrong[seed][:20]}, indent=1, ensure_ascii=False))
    print(f"its folder: {root / f'film-{seed}'}")
    print(f"again, alone: {sys.executable} {HERE / 'soak.py'} --seed {seed} --film {given.film}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
