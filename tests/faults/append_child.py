"""Appends forty facts to a new log, prints each one's digest when it is durable, and is killed by itself."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from duanju.core.log import Log
from duanju.events.codec import Codec
from duanju.events.quality import ReviewGiven
from duanju.events.vocabulary import builtin_events

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    log = Log(folder / "log.db", Codec(builtin_events()))
    log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    log.db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    for n in range(40):
        review = ReviewGiven(f"S{n:02d}", "approve", "words " * 30, "a person")
        (record,) = log.append("episode/tea/one", [review], by="cli.review")
        print(record.digest.hex(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
