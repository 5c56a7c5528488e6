"""Progress while an engine works: one moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

from ..core.budget import dollars
from ..core.engine import Watcher
from ..core.folds import is_episode
from ..core.lanes import Job
from ..core.log import Log
from ..core.status import Progress, progress_of
from ..core.words import seconds, shown, width_of
from ..events.codec import BadBody
from ..events.record import Record
from .opening import name_of

__all__ = ["Display"]

REDRAW_SECONDS = 0.5
PLAIN_SECONDS = 10.0


class Display(Watcher):
    """Follows records into counts, and tells them on standard error; never fails when nobody listens.

    `committed` is called by an engine, or with what another process's engine wrote.
    """

    def __init__(self, log: Log, streams: list[str], out: TextIO | None = None) -> None:
        self._log = log
        self._out = out or sys.stderr
        self._tty = self._out.isatty()
        self._began = time.monotonic()
        self._lock = threading.RLock()
        self._told: dict[str, set[str]] = {}
        self._last = ""
        self._spoke = self._began
        self._inside: dict[int, tuple[str, int, int]] = {}
        self._ended = threading.Event()
        self.progress_of: dict[str, Progress] = {}
        for stream in streams:
            self._know(stream)

    def __enter__(self) -> Display:
        if self._tty:
            threading.Thread(target=self._tick, name="duanju-display", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with self._lock:
            self._clear()

    # -- what the engine tells --------------------------------------------------------------------------

    def committed(self, records: list[Record]) -> None:
        """Counts these records, and tells what became complete."""
        with self._lock:
            for record in records:
                if is_episode(record.stream):
                    self._add(record)
            self._draw()

    def progress(self, job: Job, done: int, total: int) -> None:
        """Remembers how far the cut is: the one long step of which nothing else can be told."""
        if job.hook.kind == "cut_requested" and total > 0:
            with self._lock:
                self._inside[job.number] = (job.record.stream, done, total)

    def stopping(self, paid: int, money: int, seconds: float) -> None:
        """Says what the first Ctrl-C waits for."""
        if paid:
            calls = "1 paid call" if paid == 1 else f"{paid} paid calls"
            self.tell(
                f"stopping: nothing new starts; waiting up to {max(0, seconds):.0f} s for {calls} "
                f"(up to {dollars(money)}); Ctrl-C again leaves at once"
            )
        else:
            self.tell(
                "stopping: nothing new starts; what is under way gets 10 s; Ctrl-C again leaves at once"
            )

    # -- counting ---------------------------------------------------------------------------------------

    def _know(self, stream: str) -> Progress:
        progress = self.progress_of[stream] = progress_of(self._log, stream)
        # What was complete before we looked is no news.
        self._told[stream] = set(_complete(progress)) if progress.revision else set()
        return progress

    def _add(self, record: Record) -> None:
        progress = self.progress_of.get(record.stream)
        if progress is None:
            progress = self._know(record.stream)
        if record.position <= progress.position:
            return
        revision = progress.revision
        try:
            progress.add(record)
        except BadBody:
            return  # counted by nobody; `duanju verify` names it
        told = self._told[record.stream]
        if progress.revision != revision:
            told.clear()
        for phase, words in _complete(progress).items():
            if phase not in told:
                told.add(phase)
                self.tell(f"{name_of(record.stream)}: {words}  [{self._elapsed()}]")

    # -- telling ----------------------------------------------------------------------------------------

    def tell(self, line: str) -> None:
        """One whole line, above the moving one."""
        with self._lock:
            self._clear()
            self._write(shown(line) + "\n")
            self._spoke = time.monotonic()

    def _draw(self) -> None:
        line = self._line()
        if self._tty:
            if line != self._last:
                self._clear()
                self._write(line)
                self._last = line
        elif line and time.monotonic() - self._spoke >= PLAIN_SECONDS:
            self.tell(line)

    def _line(self) -> str:
        parts = []
        for stream, progress in self.progress_of.items():
            if progress.delivered is None and not progress.holds and progress.revision:
                parts.append(f"{name_of(stream)}: {self._under_way(stream, progress)}")
        text = shown("  |  ".join(parts))
        if text:
            text += f"  [{self._elapsed()}]"
        room = shutil.get_terminal_size().columns - 1
        if self._tty and width_of(text) > room:
            while width_of(text) > room - 1:
                text = text[:-1]
            text += "…"
        return text

    def _under_way(self, stream: str, progress: Progress) -> str:
        words = []
        for phase, (done, of) in progress.counts().items():
            if phase != "cut" and (of is None or done < of) and (done or of):
                words.append(f"{phase} {done}" + ("" if of is None else f"/{of}"))
        inside = [(done, total) for at, done, total in self._inside.values() if at == stream]
        if inside and progress.cut is None:
            words.append(f"cut {100 * inside[-1][0] // inside[-1][1]} %")
        return ", ".join(words) or "working"

    def _elapsed(self) -> str:
        return seconds(time.monotonic() - self._began)

    def _tick(self) -> None:
        while not self._ended.wait(REDRAW_SECONDS):
            with self._lock:
                if not self._ended.is_set():
                    self._draw()

    def _clear(self) -> None:
        if self._tty and self._last:
            self._write("\r\x1b[K")
        self._last = ""

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):
            # Nobody listens any longer: the work must go on all the same.
            self._tty = False


def _complete(progress: Progress) -> dict[str, str]:
    """The phases that are complete, in words."""
    found: dict[str, str] = {}
    for phase, (done, of) in progress.counts().items():
        if phase == "cut":
            if progress.cut is not None:
                found[phase] = f"cut, {progress.cut.duration_ms / 1000:.1f} s of film"
        elif of is not None and done >= of:
            found[phase] = f"{of} shots planned" if phase == "shots planned" else f"{phase} {done}/{of}"
    return found
