"""The process that a kill test kills: opens the toy's episode if need be, and runs an engine to its end."""

from __future__ import annotations

import sys
from pathlib import Path

import toychain

from duanju.core.artifacts import Artifacts
from duanju.core.engine import Engine
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.settings import Budget, Settings
from duanju.events.episode import EpisodeOpened

STREAM = "episode/toy/film"


def plugins_for(port: int) -> Plugins:
    """The toy's plugins, and nothing else."""
    found = load_plugins(
        {"teller": {"port": port}}, only="", extra={"toychain": toychain, "teller": toychain.Teller}
    )
    assert not found.failures, found.failures
    return found


def settings_for(port: int) -> Settings:
    """Every capability at the loopback vendor, with a cap."""
    return Settings(
        routes={"speech": ("teller:speech",), "chat": ("teller:words",), "video": ("teller:film",)},
        budget=Budget(episode=20_000_000),
        providers={"teller": {"port": port}},
    )


def open_episode(log: Log, plugins: Plugins, artifacts: Artifacts, port: int) -> None:
    """Hands the script in; the once key makes a second time nothing."""
    settings = artifacts.put(settings_for(port).to_json(), "application/json")
    prices = artifacts.put(plugins.prices.to_json(), "application/json")
    source = artifacts.put(b"INT. HALL - DAY", "text/plain")
    log.append(
        STREAM,
        [EpisodeOpened("toy", "film", "Film", "film.txt", source, "", settings, prices)],
        by="cli.produce",
    )


def main(root: Path, port: int) -> None:
    """Prints `ready` when the engine is about to run."""
    plugins = plugins_for(port)
    log = Log(root / "log.db", plugins.codec)
    artifacts = Artifacts(root / "artifacts")
    open_episode(log, plugins, artifacts, port)
    with Engine(
        log,
        plugins,
        artifacts,
        root / "out",
        lanes={"speech": 2, "words": 2, "film": 2, "go": 2, "draw": 1, "encode": 1},
        providers={"teller": {"port": port}},
    ) as engine:
        print("ready", flush=True)
        engine.run()
    log.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
