"""Runs a play on a disk of so many kilobytes, then on the same disk with room: prints what became of it.

Started inside a mount namespace of its own: `full_child.py FOLDER KILOBYTES...`, one line of JSON for each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from stagehand import Made, Play, Step, Vendor, Wanted, say, stage

from duanju.core.desk import Desk
from duanju.core.engine import Watcher
from duanju.core.errors import DuanjuError
from duanju.core.hooks import effect, hookimpl
from duanju.core.verify import verify_artifacts, walk
from duanju.events.artifact import Artifact
from duanju.events.calls import SpeechRequested

CALLS = 6
DRAWINGS = 5
BYTES = 30_000


@hookimpl
def on_step(event: Step) -> Iterator[SpeechRequested | Wanted]:
    """Asks for everything at once."""
    for n in range(CALLS):
        yield say(f"L{n}", f"line {n}")
    for n in range(DRAWINGS):
        yield Wanted(f"W{n}", f"drawing {n}")


@hookimpl
@effect(lane="go")
def on_wanted(event: Wanted, desk: Desk) -> Iterator[Made]:
    """Stores something large."""
    made = desk.artifacts.put(event.inputs.encode() * (BYTES // 9), "image/png")
    (desk.out / event.what).write_bytes(b"x" * 2000)
    yield Made(event.what, made.sha256)


class _Seen(Watcher):
    """Remembers what was said to be durable."""

    def __init__(self) -> None:
        self.digests: list[bytes] = []

    def committed(self, records: list[Any]) -> None:
        self.digests += [record.digest for record in records]


def _play(root: Path, seen: _Seen, vendor: Vendor) -> str:
    """One engine to its end; returns "" or what a person is told."""
    try:
        play = Play(root, {"go": stage("go", on_step, on_wanted), "teller": vendor}, routes=("teller:m",))
    except DuanjuError as error:
        return f"{type(error).__name__}: {error}"
    try:
        stream = "episode/tea/one"
        if stream not in play.log.streams("episode/"):
            play.open("one", [Step(1)])
        play.run(watcher=seen)
        return ""
    except DuanjuError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        play.close()


def trial(disk: Path, kilobytes: int) -> dict[str, Any]:
    """Fills the disk, makes room, goes on."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(disk)], check=True)
    try:
        root = disk / "root"
        seen, vendor = _Seen(), Vendor("teller")
        told = []
        try:
            root.mkdir()
            told.append(_play(root, seen, vendor))
        except OSError as error:
            told.append(f"OSError: {error}")
        subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
        root.mkdir(exist_ok=True)
        first = len(vendor.calls)
        told.append(_play(root, seen, vendor))
        return {
            "kilobytes": kilobytes,
            "told": told,
            "first": first,
            "calls": vendor.calls,
            **_look(root, seen),
        }
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _look(root: Path, seen: _Seen) -> dict[str, Any]:
    play = Play(root, {"go": stage("go", on_step, on_wanted), "teller": Vendor("teller")})
    try:
        records = list(play.log.read())
        missing = len(set(seen.digests) - {record.digest for record in records})
        problems = [one.what for one in walk(play.log).problems]
        problems += [one.what for one in verify_artifacts(play.log, play.artifacts)]
        kinds: dict[str, int] = {}
        for record in records:
            kinds[record.kind] = kinds.get(record.kind, 0) + 1
            if record.kind == "made":
                artifact = Artifact(record.event.inputs, BYTES // 9 * 9, "image/png")
                problems += [what for what in [play.artifacts.check(artifact)] if what]
        holds = [r.event.why for r in records if r.kind == "episode_held"]
        return {"missing": missing, "problems": problems, "kinds": kinds, "holds": holds, "work": play.work()}
    finally:
        play.close()


if __name__ == "__main__":
    for size in sys.argv[2:]:
        print(json.dumps(trial(Path(sys.argv[1]), int(size))), flush=True)
