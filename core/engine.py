"""The engine: carries records to hooks in log order, runs effects side by side, commits each answer once."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from ..events.record import Record
from .admission import Admissions
from .adoption import adopt
from .answers import Answers
from .artifacts import Artifacts
from .asks import Asks
from .branches import Branches
from .calls import Calls
from .contain import MOST_EVENTS
from .doubt import Doubts
from .effects import Effects
from .errors import CannotCommit, Deposed, DuanjuError, log_advice
from .folds import Folds
from .handin import take_up, wait_and_hand_in
from .house import House
from .lanes import Done, Job, Lanes
from .lease import Lease
from .log import Log
from .owed import Owed, Work
from .plugins import Plugins
from .reactions import run_reaction
from .remake import Remake
from .restart import Restart
from .turn import Turn
from .twins import Twins
from .watchdog import REACTION_SECONDS, Watchdog

__all__ = ["Engine", "Watcher"]

TURN_SECONDS = 0.05
TICK_SECONDS = 0.2
LEAVE_SECONDS = 10.0
# Who wakes this much too late was stopped (SIGSTOP, a frozen machine), and its runs could not end meanwhile.
STOPPED_SECONDS = 1.0


class Watcher:
    """What an engine tells whoever watches; override what is of interest. Called on the engine's thread."""

    def committed(self, records: list[Record]) -> None:
        """These records are durable."""

    def started(self, job: Job) -> None:
        """An effect begins."""

    def progress(self, job: Job, done: int, total: int) -> None:
        """An effect tells how far it is (called on a lane's thread)."""

    def stopping(self, paid: int, money: int, seconds: float) -> None:
        """The first Ctrl-C: nothing new starts, and so many paid calls are waited for."""


class Engine:
    """One engine on one log; only one thread may use it. Close it, or use it as a context manager.

    `inline` runs every effect on the engine's own thread, one after the other, for tests and estimates.
    `run` interrupts a reaction that does not return within `reaction_s` seconds, and holds its episode.
    Raises LogBusy when another engine has the log.
    """

    def __init__(
        self,
        log: Log,
        plugins: Plugins,
        artifacts: Artifacts,
        out: Path,
        *,
        lanes: dict[str, int] | None = None,
        providers: dict[str, dict[str, Any]] | None = None,
        inline: bool = False,
        watcher: Watcher | None = None,
        reaction_s: float = REACTION_SECONDS,
    ) -> None:
        self.log = log
        self.plugins = plugins
        self.artifacts = artifacts
        self.watcher = watcher or Watcher()
        self.folds = Folds(log, artifacts.read_sha256)
        self._lease = Lease(log)
        try:
            self.carried = self._marked = self._lease.carried
            self.lanes = Lanes(lanes or {}, log.codec, inline=inline, watch=self._progress)
            self._stop_at: float | None = None
            self._leave = False
            self._results: list[Done] = []
            self._furnish(out, providers or {}, Watchdog(reaction_s))
            self._handed_in: list[Path] = []
            with self._turn.watchdog:
                self._transact(self._restore)
            for file in self._handed_in:
                with suppress(OSError):  # taken up once more it adds nothing: its ids stand
                    file.unlink(missing_ok=True)
        except BaseException:
            self._lease.close()
            raise

    def _furnish(self, out: Path, providers: dict[str, dict[str, Any]], watchdog: Watchdog) -> None:
        """Puts the parts together, each after those that it uses."""
        lanes, plugins, artifacts = self.lanes, self.plugins, self.artifacts
        self._turn = turn = Turn(self.log, self.folds, watchdog)
        self._asks = asks = Asks(turn.works, lanes)
        self._owed = owed = Owed(turn.works, lanes)
        calls = Calls(turn, plugins, asks)
        self._admissions = Admissions(turn, plugins, lanes, artifacts, asks, calls, owed)
        twins = Twins(turn, owed, artifacts)
        answers = Answers(turn, calls, owed, twins)
        self._answers = answers
        doubts = Doubts(turn, answers, calls, asks)
        remake = Remake(turn, plugins, artifacts, owed, twins)
        self._effects = Effects(
            turn, lanes, calls, owed, twins, answers, doubts, remake, artifacts, out, providers
        )
        self._house = House(turn, plugins, asks, calls, owed, doubts)
        self._branches = Branches(turn, plugins, owed, self._house)
        self._restart = Restart(turn, plugins, calls, owed, answers, doubts, self._house)

    def _progress(self, job: Job, done: int, total: int) -> None:
        self.watcher.progress(job, done, total)

    def _restore(self) -> None:
        self.artifacts.sweep()
        adopt(self.log, self.plugins, self.carried, self._turn.fresh)
        self._handed_in = take_up(self.log)
        self.log.flush()
        self._turn.pending.clear()
        self._turn.pending.extend(self.log.read(after=self.carried))
        self._restart.run()
        self._asks.store()  # what a doubt asks for again must outlive a process that ends before its turn

    # -- life -------------------------------------------------------------------------------------------

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the lanes and gives the lease back."""
        self.lanes.close()
        self._lease.close()

    def stop(self) -> None:
        """First call: start nothing new, wait for paid calls. Second: leave after the last commit.

        Safe in a signal handler: it only sets a flag and wakes the engine.
        """
        if self._stop_at is None:
            self._stop_at = time.monotonic()
        else:
            self._leave = True
        self.lanes.wake()

    def run(self, until: Callable[[], bool] | None = None) -> None:
        """Works until nothing is unanswered or in flight, `until()` is true, or it was stopped.

        Raises CannotCommit or Deposed when it can go on no longer, after what came back from paid calls in
        flight was handed in; the message says what became of them.
        """
        try:
            with self._turn.watchdog:
                self._run(until)
        except (CannotCommit, Deposed) as error:
            raise type(error)(f"{error}{self._hand_in()}") from error

    def _run(self, until: Callable[[], bool] | None) -> None:
        told = False
        while not self._leave:
            self.turn()
            if self._stop_at is not None:
                if not told:
                    told = True
                    self._tell_stopping()
                if not self._worth_waiting():
                    return
            elif (until is not None and until()) or self.idle():
                return
            self._await(0.0 if self._more() else TICK_SECONDS)

    def idle(self) -> bool:
        """Nothing to carry, nothing in flight, nothing that could start."""
        return self.idle_now() and not self._effects.flight

    def idle_now(self) -> bool:
        """Nothing that a turn could do at this moment."""
        return not (self._turn.pending or self._results or self._ready())

    def _more(self) -> bool:
        """Whether a turn ended before all that it could do."""
        return self._stop_at is None and bool(self._turn.pending or self._asks.ready)

    def _ready(self) -> bool:
        return self._stop_at is None and (self._asks.ready or self._owed.ready())

    def _await(self, seconds: float) -> None:
        began = time.monotonic()
        try:
            first = self.lanes.done.get(timeout=seconds) if seconds else self.lanes.done.get_nowait()
        except Empty:
            first = None
        late = time.monotonic() - began - seconds
        if late > STOPPED_SECONDS:
            self._effects.put_off(late)
        if first is not None:
            self._results.append(first)

    def _drain(self) -> None:
        queue = self.lanes.done
        while True:
            try:
                done = queue.get_nowait()
            except Empty:
                return
            if done is not None:
                self._results.append(done)

    def _tell_stopping(self) -> None:
        paid = [job for job, work in self._effects.flight.values() if work.paid]
        money = sum((job.desk.call.ceiling or 0) for job in paid if job.desk.call)
        left = max(
            (min(job.desk.deadline - time.monotonic(), job.seconds) for job in paid), default=LEAVE_SECONDS
        )
        self.watcher.stopping(len(paid), money, left)

    def _hand_in(self) -> str:
        """Starts nothing more; hands in what paid calls bring, and says what became of them."""
        if any(work.paid for _, work in self._effects.flight.values()):
            self._tell_stopping()
        if self._stop_at is None:
            self._stop_at = time.monotonic()  # from here on one more stop() leaves
        for done in self._results:
            self.lanes.done.put(done)
        return wait_and_hand_in(self.log, self._answers, self._effects, self.lanes.done, lambda: self._leave)

    def _worth_waiting(self) -> bool:
        flight = self._effects.flight
        if not flight:
            return False
        if any(work.paid for _, work in flight.values()):
            return True
        return self._stop_at is not None and time.monotonic() < self._stop_at + LEAVE_SECONDS

    def export(self, stream: str) -> None:
        """Asks the exports once more about an episode's last delivery or hold, for files that are gone."""
        index = self.folds.index(stream)
        last = max(
            (r for kind in ("episode_delivered", "episode_held") for r in index.by_kind.get(kind, ())),
            key=lambda record: record.position,
            default=None,
        )
        if last is not None:
            for hook in self.plugins.by_kind.get(last.kind, ()):
                if hook.effect is not None and not hook.emits:
                    self._owed.queue(Work(stream, hook, last))

    # -- a turn -----------------------------------------------------------------------------------------

    def turn(self) -> None:
        """One transaction: answers in, records carried, requests admitted, intents written; then submit."""
        self._drain()
        self._results.extend(self._effects.overdue({done.job.number for done in self._results}))
        if self.idle_now() and not self._others_wrote():
            return
        self._transact(self._work)
        self._effects.submit(self.watcher.started)
        self.folds.tidy(self._turn.works.is_open)

    def _others_wrote(self) -> bool:
        version: int = self.log.db.execute("PRAGMA data_version").fetchone()[0]
        return version != self.log._data_version

    def _transact(self, body: Callable[[], None]) -> None:
        log, turn = self.log, self._turn
        log.pass_door()
        turn.fresh = []
        changed = log.begin()
        try:
            before = log.db.total_changes
            if changed:
                self._take_others()
            body()
            turn.works.flush()
            turn.spend.flush()
            if log.db.total_changes != before or turn.fresh or self.carried != self._marked:
                log.flush()
                self._lease.mark(self.carried)
                log.commit()
                self._marked = self.carried
            else:
                log.db.execute("COMMIT")
            self._effects.taken.clear()
        except (CannotCommit, Deposed):
            if log.db.in_transaction:
                log.rollback()
            raise
        except DuanjuError:
            log.rollback()
            raise
        except BaseException as error:
            log.rollback()
            import sqlite3

            if isinstance(error, sqlite3.Error):
                raise CannotCommit(f"{log.path}: {error}; {log_advice(error)}") from error
            raise
        if turn.fresh:
            self.watcher.committed(turn.fresh)

    def _take_others(self) -> None:
        pending = self._turn.pending
        for record in self.log.read(after=pending[-1].position if pending else self.carried):
            self.folds.add(record)
            pending.append(record)

    def _work(self) -> None:
        for done in self._results:
            self._effects.finish(done)
        self._results = []
        until = time.monotonic() + TURN_SECONDS
        moved = True
        while moved:
            moved = self._carry_all(until)
            if self._stop_at is None:
                moved = self._admissions.run(until) or moved
                moved = self._effects.start_all() or moved
                moved = self._asks.wake_lanes(self._owed.by_lane) or moved
            if len(self._turn.fresh) > MOST_EVENTS or time.monotonic() > until:
                break
        self._asks.store()
        self._owed.store()

    def _carry_all(self, until: float) -> bool:
        pending, fresh = self._turn.pending, self._turn.fresh
        carried = False
        while pending and len(fresh) < MOST_EVENTS:
            record = pending.popleft()
            self._carry(record)
            self.carried = record.position
            carried = True
            if time.monotonic() > until:
                break
        return carried

    def _carry(self, record: Record) -> None:
        without: tuple[str, ...] = ()
        if record.stream.startswith("fork/"):
            without = self.folds.left_out(record.stream)
            if record.kind == "episode_forked":
                self._branches.begin(record)
        for hook in self.plugins.by_kind.get(record.kind, ()):
            if hook.plugin in without:
                continue
            if hook.effect is None:
                run_reaction(self._turn, hook, record)
            elif hook.effect.provider is None and not self._turn.stale(record):
                self._owed.queue(Work(record.stream, hook, record))
        rule = self._house.rules.get(record.kind)
        if rule is not None:
            rule(record)
