"""The process that the storm kills: the command line itself, which kills itself at a chosen commit.

Arguments: the plan's file, then those of `duanju`. Says on the descriptor STORM_READY that it has committed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from duanju.core.log import Log


def die() -> None:
    """kill -9, by its own hand: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


def _die_after(seconds: float) -> None:
    time.sleep(seconds)
    die()


def arm(plan: dict[str, Any], ready: int) -> None:
    """Lets every commit be counted; `plan` names one, and whether death comes before, inside or after it."""
    commit = Log.commit
    count = 0

    def counted(log: Log) -> None:
        nonlocal count
        count += 1
        mine = plan.get("commit") == count
        if mine and plan["where"] == "before":
            log.flush()
            _die_after(plan["delay"])
        if mine and plan["where"] == "inside":
            threading.Thread(target=_die_after, args=(plan["delay"],), daemon=True).start()
        commit(log)
        if mine and plan["where"] == "after":
            die()
        if count == 1:
            os.write(ready, b"r")

    Log.commit = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    arm(json.loads(Path(sys.argv[1]).read_text()), int(os.environ["STORM_READY"]))
    from duanju.cli.main import main

    sys.exit(main(sys.argv[2:]))
