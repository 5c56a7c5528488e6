"""Makes small films through the studio as the command line does, once for all processes of a test run."""

from __future__ import annotations

import fcntl
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from attrs import frozen

from duanju.core.log import Log
from duanju.core.plugins import Plugins
from duanju.core.replay import Replayed, replay
from duanju.core.studio import Studio
from duanju.events.codec import Codec
from duanju.events.vocabulary import builtin_events

__all__ = [
    "EXAMPLES",
    "SMALL",
    "Made",
    "answers_in",
    "events_of",
    "film_once",
    "once",
    "opened",
    "produce",
    "proven",
]

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = '[delivery]\nwidth = 270\nheight = 480\npreset = "ultrafast"\n'
"""A tenth of the pixels of the real delivery: the same film, quickly."""

T = TypeVar("T")


@frozen
class Made:
    """A studio with one finished episode; read it through `opened`, change it only in a copy."""

    root: Path
    stream: str

    @property
    def out(self) -> Path:
        """What a person opens."""
        return Studio(self.root).folder(self.stream)

    @property
    def film(self) -> Path:
        """The file that ships."""
        return self.out / "episode.mp4"


@contextmanager
def opened(root: Path, *, write: bool = False) -> Iterator[tuple[Studio, Log, Plugins]]:
    """A studio with its log and plugins; all plugins must load."""
    studio = Studio(root)
    plugins = studio.plugins()
    assert plugins.failures == {}
    try:
        with studio.log(plugins, write=write) as log:
            yield studio, log, plugins
    finally:
        plugins.close()


def produce(root: Path, script: Path) -> tuple[str, str]:
    """Hands a script in and runs an engine until nothing is left; what that did, and the episode's stream."""
    with opened(root, write=True) as (studio, log, plugins):
        settings = studio.settings()
        done = studio.hand_in(log, plugins, settings, script)
        with studio.engine(log, plugins, settings) as engine:
            engine.run()
        return done.what, done.stream


def events_of(log: Log, stream: str, cls: type[T]) -> list[T]:
    """All events of one class in an episode, in order."""
    return [r.event for r in log.read(stream=stream, kind=log.codec.spec(cls).kind)]


def proven(log: Log, plugins: Plugins, studio: Studio, stream: str) -> Replayed:
    """A replay that found nothing changed, failed or unverifiable."""
    found = replay(log, plugins, studio.artifacts, stream)
    assert (found.changed, found.unverifiable, found.failed) == ([], {}, 0)
    return found


def answers_in(log: Log, plugins: Plugins, stream: str) -> set[tuple[int, str]]:
    """The answers of reactions that the log holds, counted from its rows: (cause, by), by a pure hook."""
    reactions = {
        f"{hook.plugin}.{hook.name}"
        for hooks in plugins.by_kind.values()
        for hook in hooks
        if hook.effect is None
    }
    series = f"series/{stream.split('/')[1]}"
    rows = log.db.execute(
        "SELECT answer.cause, answer.by FROM event answer JOIN event asked ON asked.position = answer.cause "
        "WHERE asked.stream = ? AND answer.stream IN (?, ?)",
        (stream, stream, series),
    )
    return {(cause, by) for cause, by in rows if by in reactions}


def once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], T]) -> T:
    """What `build` makes in a folder of its own, made by the first test process that asks for it."""
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    root = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / f"{name}.made"
        if not done.exists():
            root.mkdir()
            done.write_bytes(pickle.dumps(build(root)))
        made: T = pickle.loads(done.read_bytes())  # noqa: S301  written above, by this test run
    return made


def film_once(factory: pytest.TempPathFactory, script: Path) -> Made:
    """A finished small film of a script, made in a process of its own as by the command line."""

    def build(root: Path) -> Made:
        Studio.create(root)
        (root / "duanju.toml").write_text(SMALL)
        run = subprocess.run(
            [sys.executable, str(Path(__file__)), str(root), str(script)],
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        from audited import audit_faults  # run as a program this file has no helpers beside it

        log = Log(root / ".duanju" / "log.db", Codec(builtin_events()), read_only=True)
        faults = audit_faults(log)
        log.close()
        assert faults == []
        return Made(root, run.stdout.strip())

    return once(factory, f"film-{script.stem}", build)


if __name__ == "__main__":
    print(produce(Path(sys.argv[1]), Path(sys.argv[2]))[1])
