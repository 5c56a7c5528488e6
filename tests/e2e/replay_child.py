"""Replays an episode in a process of its own, and prints what it found."""

from __future__ import annotations

import sys
from pathlib import Path

from filmkit import opened, proven

if __name__ == "__main__":
    with opened(Path(sys.argv[1])) as (studio, log, plugins):
        found = proven(log, plugins, studio, sys.argv[2])
        print(found.digest, found.head, found.reactions, found.answers)
