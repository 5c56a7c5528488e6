"""`duanju` with the toy's plugins, which says `here` and waits at the step that STOP_AT names."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

import toy_studio

import duanju.core.plugins
from duanju.cli.main import run
from duanju.core.artifacts import Artifacts
from duanju.core.log import Log


def slow(real: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, slow enough to be stopped in the middle."""

    def call(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        print("here", flush=True)
        time.sleep(30)
        return found

    return call


if __name__ == "__main__":
    toy_studio.install()
    where = os.environ["STOP_AT"]
    if where == "plugins":
        duanju.core.plugins.load_plugins = slow(toy_studio.toy_plugins)
    elif where == "append":  # inside the transaction that hands the script in
        real = Log.add

        def add(self: Log, stream: str, event: Any, **more: Any) -> Any:
            """Waits only for the script."""
            found = real(self, stream, event, **more)
            if stream.startswith("episode/"):
                slow(lambda: None)()
            return found

        Log.add = add  # type: ignore[method-assign]
    else:  # between the artifacts and the event that names them
        Artifacts.put = slow(Artifacts.put)  # type: ignore[method-assign]
    run()
