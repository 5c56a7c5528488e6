"""Running an engine to the end of its work, or following the one that runs already."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from ..core.engine import Engine
from ..core.errors import LogBusy
from ..core.log import Log
from ..core.plugins import Plugins
from ..core.settings import Settings
from ..core.status import at_rest, holder_of
from ..core.studio import Studio
from .display import Display
from .interrupt import handed_to, interrupted
from .opening import name_of, reading

__all__ = ["unheard", "work"]


class _Stop:
    """What a signal asks for: the engine's `stop` where one runs, and a mark for whoever follows."""

    def __init__(self) -> None:
        self.engine: Engine | None = None

    def __call__(self) -> None:
        if self.engine is not None:
            self.engine.stop()


class _Unheard:
    """An output stream whose reader may leave: from then on it swallows what is written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Writes, or not."""
        self._safely(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flushes, or not."""
        self._safely(lambda stream: stream.flush())

    def _safely(self, do: Callable[[TextIO], object]) -> None:
        if self._stream is None:
            return
        try:
            do(self._stream)
        except OSError:
            self._stream = None


@contextmanager
def unheard() -> Iterator[None]:
    """Inside the block the work goes on, and keeps its exit code, when nobody reads standard output."""
    before = sys.stdout
    sys.stdout = cast(TextIO, _Unheard(before))
    try:
        yield
        sys.stdout.flush()
    finally:
        sys.stdout = before


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
    with handed_to(stop):
        while not interrupted():
            try:
                engine = studio.engine(log, plugins, settings, watcher=display, adopt=adopt)
            except LogBusy as busy:
                if not told:
                    told = True
                    names = ", ".join(name_of(stream) for stream in streams)
                    display.tell(f"{str(busy).split(';')[0]}: following it there ({names})")
                if _follow(studio, plugins, streams, display, interrupted):
                    return False
                continue
            with engine:
                stop.engine = engine
                if interrupted():  # the signal came while the engine was being made
                    engine.stop()
                for stream in export or ():
                    engine.export(stream)
                engine.run()
                stop.engine = None
            return interrupted()
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
