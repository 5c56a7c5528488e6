"""Fuzzes the script readers: python tests/stages/soak_scripts.py [--files N] [--seed N] [--workers N]."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter

from mutations import holds, mutated, sources

SHARE = 500
SLOW_S = 5.0


def _share(first: int) -> tuple[Counter[str], list[str], float]:
    """(formats, faults, slowest in s) of SHARE files from a seed on."""
    counts: Counter[str] = Counter()
    faults: list[str] = []
    slowest = 0.0
    originals = sources()
    for seed in range(first, first + SHARE):
        data = mutated(random.Random(seed), originals)
        start = time.process_time()
        try:
            counts[holds(data) or "refused"] += 1
        except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
            faults.append(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}")
        took = time.process_time() - start
        slowest = max(slowest, took)
        if took > SLOW_S:
            faults.append(f"seed {seed}: {len(data)} bytes took {took:.1f} s")
    return counts, faults, slowest


def main() -> int:
    """Exit 0 when every file was refused or read whole, 1 with the seeds of those that were not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; a file is its seed's")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    starts = range(given.seed, given.seed + given.files, SHARE)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    slowest, begun, told = 0.0, time.monotonic(), 0.0
    with multiprocessing.get_context("spawn").Pool(given.workers) as pool:
        for done, (found, wrong, slow) in enumerate(pool.imap_unordered(_share, starts), 1):
            counts += found
            faults += wrong
            slowest = max(slowest, slow)
            for one in wrong:
                print(one, flush=True)
            if time.monotonic() - told > 30:
                told = time.monotonic()
                rate = done * SHARE / (told - begun)
                print(f"{done * SHARE:,} files, {rate:.0f} a second, {len(faults)} faults", flush=True)
    total = len(starts) * SHARE
    seconds = time.monotonic() - begun
    words = ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
    print(f"{total:,} damaged scripts in {seconds:.0f} s ({total / seconds:.0f} a second): {words}")
    print(f"slowest {slowest:.2f} s; {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
