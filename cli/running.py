"""Running an engine to the end of its work, or following the one that runs already."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ..core.engine import Engine
from ..core.errors import LogBusy
from ..core.log import Log
from ..core.plugins import Plugins
from ..core.settings import Settings
from ..core.status import at_rest, holder_of
from ..core.studio import Studio
from .display import Display
from .opening import name_of, reading

__all__ = ["work"]


class _Stop:
    """What a signal asks for: the engine's `stop` where one runs, and a mark for whoever follows."""

    def __init__(self) -> None:
        self.asked = False
        self.engine: Engine | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if self.engine is not None:
            self.engine.stop()

    def now(self) -> bool:
        """Whether a stop was asked for up to now."""
        return self.asked


@contextmanager
def _signals(stop: _Stop) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: list[tuple[signal.Signals, Any]] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        before.append((number, signal.signal(number, stop)))
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def work(
    studio: Studio,
    log: Log,
    plugins: Plugins,
    settings: Settings,
    streams: list[str],
    display: Display,
    *,
    adopt: bool = False,
    export: list[str] | None = None,
) -> bool:
    """Works until nothing is open, or until the other engine is done with `streams`; True = interrupted.

    `export` names the episodes whose files in `out/` are to be written anew. Raises LogMoved and what an
    engine raises.
    """
    stop = _Stop()
    told = False
    with _signals(stop):
        while not stop.now():
            try:
                engine = studio.engine(log, plugins, settings, watcher=display, adopt=adopt)
            except LogBusy as busy:
                if not told:
                    told = True
                    names = ", ".join(name_of(stream) for stream in streams)
                    display.tell(f"{str(busy).split(';')[0]}: following it there ({names})")
                if _follow(studio, plugins, streams, display, stop.now):
                    return False
                continue
            with engine:
                stop.engine = engine
                if stop.now():  # the signal came while the engine was being made
                    engine.stop()
                for stream in export or ():
                    engine.export(stream)
                engine.run()
                stop.engine = None
            return stop.now()
    return True


def _follow(
    studio: Studio, plugins: Plugins, streams: list[str], display: Display, stopped: Callable[[], bool]
) -> bool:
    """Follows until these episodes are at rest (True), or no engine runs any longer, or a stop (False)."""
    with reading(studio, plugins) as reader:

        def resting() -> bool:
            return all(at_rest(reader, stream, display.progress_of[stream]) for stream in streams)

        def enough() -> bool:
            return stopped() or resting() or holder_of(reader) is None

        after = min((display.progress_of[stream].position for stream in streams), default=0)
        for record in reader.follow(after, enough):
            display.committed([record])
        return resting() and not stopped()
