"""The process that the kill test kills: produces a two-shot film with paid voices, until nothing is left.

Arguments: the studio's folder, and after how many commits of this run to say `ready` (that is when the
killer's clock starts).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from paidvoice import Teller

from duanju.core.engine import Watcher
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.settings import Settings
from duanju.core.studio import Studio
from duanju.events.record import Record

SCRIPT = """\
Title: Two Shots

INT. TEAHOUSE - NIGHT

XIAO MEI (V.O.)
He never came home.

XIAO MEI
(whispering)
Is it done?
"""
STREAM = "episode/Two Shots/two"
TOML = """\
[delivery]
width = 270
height = 480
preset = "ultrafast"

[routes]
speech = ["teller:grand", "teller:plain"]

[lanes]
draw = 1
encode = 1
measure = 1

[providers.teller]
port = {port}
"""


def make_studio(root: Path, port: int) -> None:
    """A studio with the script in it, and the vendor at that port."""
    Studio.create(root)
    (root / "duanju.toml").write_text(TOML.format(port=port))
    (root / "two.fountain").write_text(SCRIPT)


def plugins_for(settings: Settings) -> Plugins:
    """All that is installed, and the paid vendor."""
    found = load_plugins(settings.providers, extra={"teller": Teller})
    assert not found.failures, found.failures
    return found


class _Ready(Watcher):
    """Says `ready` when so many records are committed."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.said = False

    def committed(self, records: list[Record]) -> None:
        self.left -= len(records)
        if self.left <= 0:
            self.say()

    def say(self) -> None:
        if not self.said:
            self.said = True
            print("ready", flush=True)


def main(root: Path) -> None:
    """Hands the script in, if need be, and runs an engine to its end."""
    if (root / "one-core").exists():  # then all pictures are drawn and measured by one worker
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    studio = Studio(root)
    settings = studio.settings()
    plugins = plugins_for(settings)
    moment = root / "ready-after"
    watcher = _Ready(int(moment.read_text()) if moment.exists() else 0)
    _note(root / "starts")
    with studio.log(plugins) as log:
        studio.hand_in(log, plugins, settings, root / "two.fountain")
        with studio.engine(log, plugins, settings, watcher=watcher) as engine:
            engine.run()
    watcher.say()
    plugins.close()
    _note(root / "ends")


def _note(path: Path) -> None:
    """One more of these."""
    with path.open("ab") as file:
        file.write(b".")


def count(path: Path) -> int:
    """How often `_note` was called for a path."""
    return path.stat().st_size if path.exists() else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
