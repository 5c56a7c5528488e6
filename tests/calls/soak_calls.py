"""The storm at length: `python soak_calls.py --calls 12000` ends with 0 if nothing was wrong, else 1."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "providers"), str(HERE.parent / "core")]


def main(arguments: list[str]) -> int:
    """Runs the three storms one after the other and prints what each came to."""
    parser = argparse.ArgumentParser(description="Storms of paid calls before a vendor in bad weather.")
    parser.add_argument("--calls", type=int, default=12_000, help="calls in each of the storms")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=32, help="calls at once")
    given = parser.parse_args(arguments)

    from callkit import KEY
    from stormproof import cheap, dear, tight

    os.environ.update({"OPENAI_API_KEY": KEY, "NO_PROXY": "127.0.0.1,localhost"})
    for name in ("DUANJU_PLUGINS", "DUANJU_BUDGET", "DUANJU_DELIVERY"):
        os.environ.pop(name, None)
    failed = False
    for what, storm in (("cheap", cheap), ("dear", dear), ("tight", tight)):
        root = Path(tempfile.mkdtemp(prefix=f"duanju-storm-{what}-"))
        began = time.monotonic()
        wrong, figures = storm(root, given.seed, given.calls, given.width)
        told = ", ".join(f"{count} {name}" for name, count in figures.items())
        print(f"{what}: {time.monotonic() - began:.0f} s: {told}", flush=True)
        for one in wrong[:20]:
            print(f"  WRONG: {one}", flush=True)
        if wrong:
            failed = True
            print(f"  left in {root}; again: {sys.argv[0]} --calls {given.calls} --seed {given.seed}")
        else:
            shutil.rmtree(root)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
