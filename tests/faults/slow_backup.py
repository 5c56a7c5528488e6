"""`duanju backup` on a disk that never gets done with the first file: it says `copying` and waits there."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

import toy_studio

from duanju.cli.main import run
from duanju.core import backup


def slow(*_: Any) -> None:
    """Waits until it is interrupted."""
    print("copying", flush=True)
    time.sleep(60)


if __name__ == "__main__":
    toy_studio.install()
    backup._copy_file = slow
    run()
