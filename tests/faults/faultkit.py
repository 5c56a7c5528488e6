"""A toy studio run by real processes, and what is checked of it: for the tests of a misbehaving machine."""

from __future__ import annotations

import io
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from attrs import define, field
from killing import log_faults

from duanju.cli.main import main
from duanju.core.artifacts import Artifacts
from duanju.core.log import Log
from duanju.core.replay import replay
from duanju.core.verify import verify_artifacts, walk

TOY = Path(__file__).parents[1] / "cli" / "toy_studio.py"
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "--")


@define
class Machine:
    """A folder with a toy studio in ./studio and a script; commands run as processes of their own."""

    place: Path
    env: dict[str, str]
    toy: Any
    started: list[subprocess.Popen[str]] = field(factory=list)

    @property
    def studio(self) -> Path:
        """The studio's folder."""
        return self.place / "studio"

    @property
    def log_path(self) -> Path:
        """The studio's log."""
        return self.studio / ".duanju" / "log.db"

    def script(self, name: str, lines: int) -> None:
        """Writes a script of so many spoken lines, each said once."""
        words = "".join(f"{name} line {n} of them\n" for n in range(lines))
        (self.place / f"{name}.txt").write_text(f"Title: Tea\nINT. ROOM\n{words}", encoding="utf-8")

    def start(
        self,
        *words: str,
        wrap: Sequence[str] = (),
        program: Path = TOY,
        env: dict[str, str] | None = None,
        **more: Any,
    ) -> subprocess.Popen[str]:
        """A command under way; killed at the end of the test. It heeds SIGHUP, if the tests do or not."""
        more.setdefault("preexec_fn", _heeding_hangups)
        process = subprocess.Popen(
            [*wrap, sys.executable, str(program), *words],
            cwd=self.place, env={**self.env, **(env or {})}, text=True,
            stdout=more.pop("stdout", subprocess.PIPE), stderr=more.pop("stderr", subprocess.PIPE), **more,
        )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in this process, to its end: quicker, where no signal and no limit is at stake."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(list(words))
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    def plugins(self) -> Any:
        """The toy's plugins, as the commands load them."""
        return self.toy.toy_plugins()

    def log(self, studio: Path | None = None) -> Any:
        """The log, for reading."""
        path = (studio or self.studio) / ".duanju" / "log.db"
        return Log(path, self.plugins().codec, read_only=True)

    def kinds(self, studio: Path | None = None, stream: str = "") -> list[str]:
        """The kinds in the log, in order."""
        log = self.log(studio)
        try:
            return [r.kind for r in log.read() if r.stream.startswith(stream)]
        finally:
            log.close()

    def wait(self, true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
        """Waits until something is so; fails, saying what, when it never is."""
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, f"never: {what}"
            time.sleep(0.02)

    def wait_for_kind(self, kind: str, count: int = 1) -> None:
        """Waits until the log holds so many events of a kind."""

        def there() -> bool:
            return self.log_path.exists() and self.log_path.stat().st_size > 0 and count <= self._count(kind)

        self.wait(there, f"{count} {kind}")

    def _count(self, kind: str) -> int:
        try:
            db = sqlite3.connect(f"file:{self.log_path}?mode=ro", uri=True)
            try:
                row = db.execute("SELECT count(*) FROM event WHERE kind = ?", (kind,)).fetchone()
                return int(row[0])
            finally:
                db.close()
        except sqlite3.OperationalError:
            return 0  # the tables are being made

    def faults(self, studio: Path | None = None, *, open_work: bool = False) -> list[str]:
        """What is wrong with a studio: its chain, its files, its open work, its replay."""
        folder = studio or self.studio
        artifacts = Artifacts(folder / ".duanju" / "artifacts")
        plugins = self.plugins()
        log = self.log(folder)
        try:
            if open_work:
                found = [f"position {p.position}: {p.what}" for p in walk(log).problems]
            else:
                found = log_faults(log, doubts=True)
            found += [f"position {p.position}: {p.what}" for p in verify_artifacts(log, artifacts)]
            for stream in log.streams("episode/"):
                replay(log, plugins, artifacts, stream)
            return found
        finally:
            log.close()


def _heeding_hangups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
