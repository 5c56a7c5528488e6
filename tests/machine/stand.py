"""A real log and a real engine whose effects end only when told to, in any order and in any way."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs
from attrs import define, field
from audited import audit_faults
from toyroom import ROUTES, VERSIONS, cast_of

from duanju.core import engine as engine_module
from duanju.core.artifacts import Artifacts
from duanju.core.engine import Engine
from duanju.core.errors import CannotCommit
from duanju.core.lanes import Done, Job
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.settings import Budget, Settings
from duanju.events.calls import CallFailed
from duanju.events.episode import EpisodeOpened, EpisodeRevised

LANES = {"work": 2, "make": 2, "hand": 2, "tell": 1, "voice-line": 2, "chat-line": 1, "film-line": 1}
ALL = tuple((name, max(versions)) for name, versions in VERSIONS.items())
FOREVER = 1e9

PLAIN = ("ok", "raise", "lost", "garbage", "overdue")
"""How an effect that costs nothing may end."""

PAID = (*PLAIN, "kept", "cheaper", "failed", "refused", "silent")
"""How a call may end: also with its outcome before a raise, below its ceiling, with a failure, or mute."""


class Cut(Exception):
    """The process ends here, as far as the test is concerned."""


@lru_cache(maxsize=64)
def _loaded(force: tuple[tuple[str, int], ...]) -> Plugins:
    found = load_plugins(only="", extra=cast_of(dict(force)))
    assert not found.failures, found.failures
    return found


@define(eq=False)
class Run:
    """A run that was submitted: its job, the row of its intent, and how it was told to end ("" = not yet)."""

    job: Job
    row: tuple[str, str, str, int]
    attempt: int
    how: str = ""

    @property
    def lane(self) -> str:
        """Where it runs."""
        return self.job.lane

    @property
    def paid(self) -> bool:
        """Whether it must not run twice by itself."""
        spec = self.job.hook.effect
        return spec is not None and spec.doubt == "hold"

    @property
    def routed(self) -> bool:
        """Whether it belongs to a call."""
        spec = self.job.hook.effect
        return spec is not None and spec.provider is not None


@define(eq=False)
class Stand:
    """A log in a folder, an engine on it, and a person with a connection of her own."""

    root: Path
    force: dict[str, int]
    day: int = 1
    engine: Engine = field(init=False)
    log: Log = field(init=False)
    person: Log = field(init=False)
    artifacts: Artifacts = field(init=False)
    plugins: Plugins = field(init=False)
    runs: dict[int, Run] = field(factory=dict)
    late: dict[int, Run] = field(factory=dict)
    sound: bool = True
    begun: list[Run] = field(factory=list)
    cut: str = ""

    def __attrs_post_init__(self) -> None:
        self.artifacts = Artifacts(self.root / "artifacts")
        self._furnish()
        self.start()

    def _furnish(self) -> None:
        plugins = _loaded(tuple(sorted(self.force.items())))
        self.log = Log(self.root / "log.db", plugins.codec, clock=self._clock)
        self.person = Log(self.root / "log.db", plugins.codec, clock=self._clock)
        for log in (self.log, self.person):
            log.db.execute("PRAGMA synchronous = OFF")  # the power stays on; only processes end here
        self.plugins = plugins

    def _clock(self) -> str:
        return f"2026-01-{self.day:02d}T00:00:00.000Z"

    # -- life -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """A new engine on the log, as a new process would make it; each turn has all the time it wants."""
        self.runs.clear()
        self.late.clear()
        self.begun.clear()
        self.engine = Engine(self.log, self.plugins, self.artifacts, self.root / "out", lanes=LANES)
        self.engine.lanes.submit = self._submit  # type: ignore[method-assign]
        self.engine.lanes.abandon = self._abandon  # type: ignore[method-assign]

    def crash(self, force: dict[str, int] | None = None) -> None:
        """The process ends without a word; what was not committed is gone. Others may be installed then."""
        self.engine.close()
        self.log.close()  # SQLite rolls back what was open
        self.person.close()
        if force is not None:
            self.force = force
        self._furnish()

    def close(self) -> None:
        """Ends all; the ledger must say what the log says, however the play went."""
        self.engine.close()
        self.log.close()
        self.person.refresh()
        faults = audit_faults(self.person)
        self.person.close()
        assert faults == []

    def turn(self, short: bool = False, cut: str = "") -> None:
        """One turn. `short`: as if its time were up after the first record.

        `cut`: "commit" = the disk refuses the commit; "submit" = the process ends before the submit.
        Raises CannotCommit or Cut then, where the turn came so far.
        """
        seconds = engine_module.TURN_SECONDS
        engine_module.TURN_SECONDS = -1.0 if short else FOREVER
        commit = self.log.commit
        self.cut = cut
        if cut == "commit":
            self.log.commit = self._refuse  # type: ignore[method-assign]
        self.sound = False
        try:
            self.engine.turn()
            self.sound = True
        except (CannotCommit, Cut):
            self.sound = True
            raise
        finally:
            engine_module.TURN_SECONDS = seconds
            self.log.commit = commit  # type: ignore[method-assign]
            self.cut = ""

    def _refuse(self) -> None:
        self.log.flush()  # everything was written, and then the disk was full
        self.log.rollback()
        raise CannotCommit("the disk is full")

    def idle(self) -> bool:
        """Whether a turn would do nothing now."""
        return self.engine.idle_now() and self.engine.lanes.done.empty() and not self.engine._others_wrote()

    # -- lanes by hand ----------------------------------------------------------------------------------

    def _submit(self, job: Job) -> None:
        if self.cut == "submit":
            raise Cut
        row = (job.record.stream, job.hook.plugin, job.hook.name, job.record.position)
        attempt = self.log.db.execute(
            "SELECT attempt FROM work WHERE stream = ? AND plugin = ? AND hook = ? AND cause = ?", row
        ).fetchone()
        assert attempt is not None and attempt[0] > 0, f"{row} runs without a committed intent"
        run = Run(job, row, attempt[0])
        self.runs[job.number] = run
        self.begun.append(run)

    def _abandon(self, job: Job) -> None:
        job.abandoned = True

    def running(self, lane: str) -> int:
        """How many runs of a lane have not been taken in."""
        return sum(run.lane == lane for run in self.runs.values())

    def end(self, run: Run, how: str) -> None:
        """A run ends in this way; the engine takes it in at its next turn."""
        run.how = how
        if how == "overdue":
            run.job.desk.deadline = time.monotonic() - 1.0
        elif how == "lost":
            self._done(run, [], "the worker was lost", lost=True)
        else:
            self._done(run, *self._result(run, how))

    def come_late(self, run: Run, how: str) -> None:
        """A run comes back after its deadline was passed."""
        run.how = how
        self._done(run, *self._result(run, how))

    def _result(self, run: Run, how: str) -> tuple[list[Any], str]:
        job = run.job
        if how == "raise":
            return [], "ConnectionResetError: no answer"
        if how == "silent":
            return [], ""
        if how in ("failed", "refused"):
            return [CallFailed(why=how, fallback=how == "failed")], ""
        if how == "garbage":
            return [self.revised(99, Budget())], ""
        given = {"event": job.event, "record": job.record, "episode": job.episode, "desk": job.desk}
        events = list(job.hook.function(**{name: given[name] for name in job.hook.wants}) or ())
        if how == "cheaper":
            events = [self._cheaper(event) for event in events]
        return events, "ConnectionResetError: after all was said" if how == "kept" else ""

    def _cheaper(self, event: Any) -> Any:
        bill = event.bill
        return attrs.evolve(event, bill=attrs.evolve(bill, cost=bill.cost // 2))

    def _done(self, run: Run, events: list[Any], error: str, lost: bool = False) -> None:
        self.engine.lanes.done.put(Done(run.job, events, error, lost))

    # -- the person -------------------------------------------------------------------------------------

    def say(self, stream: str, *events: Any) -> list[int]:
        """Facts of a person, in one transaction; the positions of those that did not stand already."""
        return [record.position for record in self.person.append(stream, events, by="cli.review")]

    def opened(self, series: str, name: str, budget: Budget) -> EpisodeOpened:
        """How an episode with these caps begins."""
        source, settings, prices = self._recorded(budget)
        return EpisodeOpened(series, name, name, f"{name}.txt", source, "", settings, prices)

    def revised(self, revision: int, budget: Budget) -> EpisodeRevised:
        """A new revision with these caps."""
        source, settings, prices = self._recorded(budget)
        return EpisodeRevised(revision, "t", "f", source, "", settings, prices, "changed")

    def _recorded(self, budget: Budget) -> Iterable[Any]:
        settings = Settings(routes=ROUTES, budget=budget)
        return (
            self.artifacts.put(b"script", "text/plain"),
            self.artifacts.put(settings.to_json(), "application/json"),
            self.artifacts.put(_loaded(ALL).prices.to_json(), "application/json"),
        )

    # -- looking ----------------------------------------------------------------------------------------

    def rows(self, after: int) -> list[tuple[Any, ...]]:
        """The records above a position, as they are stored, column by column."""
        reader = sqlite3.connect(self.root / "log.db")
        try:
            return reader.execute(
                "SELECT position, id, stream, version, kind, schema, body, cause, root, by, at, digest "
                "FROM event WHERE position > ? ORDER BY position",
                (after,),
            ).fetchall()
        finally:
            reader.close()

    def table(self, sql: str) -> list[tuple[Any, ...]]:
        """What another process reads from the committed tables."""
        reader = sqlite3.connect(self.root / "log.db")
        try:
            return reader.execute(sql).fetchall()
        finally:
            reader.close()
