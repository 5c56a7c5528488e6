"""A plugin for process lanes whose effects die, leave, or emit what they must not."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import stagehand
from stagehand import Step, Told

from duanju.core.desk import Desk
from duanju.core.hooks import effect, hookimpl


def _first_time(desk: Desk, name: str) -> bool:
    mark = desk.out / name
    if mark.exists():
        return False
    mark.write_text("")
    return True


@hookimpl(specname="on_step")
@effect(lane="draw")
def dies_once(event: Step, desk: Desk) -> Iterator[Told]:
    """Step 1 kills its own worker the first time; step 2 leaves; the others are well."""
    if event.n == 1 and _first_time(desk, "killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if event.n == 2 and _first_time(desk, "left"):
        print("a print of a plugin must not end up in the protocol")
        sys.exit(3)
    yield Told(f"drawn {event.n}", str(os.getpid()))


duanju_events = stagehand.words().duanju_events
