"""The engine: carries records to hooks in log order, runs effects side by side, commits each answer once."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import islice
from pathlib import Path
from queue import Empty
from typing import Any

import attrs
from attrs import define

from ..events.calls import CallDoubted, CallFailed, DoubtSettled, VideoSubmitted
from ..events.episode import EffectFailed, EpisodeHeld, EpisodeReleased, ReactionFailed
from ..events.quality import QualityPlanned
from ..events.record import Record
from .admission import Admissions, Ask
from .adoption import adopt
from .artifacts import Artifacts
from .budget import Spend, dollars
from .desk import Desk
from .errors import CannotCommit, Deposed, DuanjuError
from .folds import Folds, quoted_name
from .keys import artifacts_of, effect_key, readdress
from .lanes import Done, Job, Lane, Lanes
from .lease import Lease
from .log import Log, derived_id
from .plugins import Hook, Plugins
from .work import Works
from .worker import MOST_EVENTS, describe

__all__ = ["Engine", "Watcher"]

TURN_SECONDS = 0.05
TICK_SECONDS = 0.2
LEAVE_SECONDS = 10.0


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


@define(eq=False)
class _Work:
    """An effect to run on a record.

    `attempt` counts the runs that began, `base` those before a person asked for it again; `granted`: its
    admission has taken its place in the lane already.
    """

    stream: str
    hook: Hook
    record: Record
    attempt: int = 0
    granted: bool = False
    key: str = ""
    base: int = 0
    waiting: bool = False


class Engine:
    """One engine on one log; only one thread may use it. Close it, or use it as a context manager.

    `inline` runs every effect on the engine's own thread, one after the other, for tests and estimates.
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
    ) -> None:
        self.log = log
        self.plugins = plugins
        self.artifacts = artifacts
        self._out = out
        self._providers = providers or {}
        self.watcher = watcher or Watcher()
        self.folds = Folds(log, artifacts.read_sha256)
        self._lease = Lease(log)
        try:
            self._begin(lanes or {}, inline)
        except BaseException:
            self._lease.close()
            raise

    def _begin(self, lanes: dict[str, int], inline: bool) -> None:
        log, plugins, artifacts = self.log, self.plugins, self.artifacts
        self.carried = self._lease.carried
        self.lanes = Lanes(lanes, log.codec, inline=inline, watch=self._progress)
        self._works = Works(log.db)
        self._spend = Spend(log.db)
        self._admissions = Admissions(
            log,
            self.folds,
            plugins,
            self.lanes,
            artifacts,
            self._spend,
            self._works,
            self._append_core,
            self._grant,
        )
        self._pending: deque[Record] = deque()
        self._fresh: list[Record] = []
        self._owed: dict[str, deque[_Work]] = {}
        self._granted: deque[_Work] = deque()
        self._unstored: list[_Work] = []
        self._held: dict[str, list[_Work]] = {}
        self._twins: dict[str, list[_Work]] = {}
        self._flight: dict[int, tuple[Job, _Work]] = {}
        self._late: dict[int, tuple[Job, _Work]] = {}
        self._starting: list[tuple[Job, _Work]] = []
        self._number = 0
        self._folders: dict[str, Path] = {}
        self._heard: dict[int, tuple[Any, Any, tuple[str, int, str]]] = {}
        self._marked = self.carried
        self._stop_at: float | None = None
        self._leave = False
        self._results: list[Done] = []
        self._core = self._core_reactions()
        self._open()

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
        """Works until nothing is unanswered or in flight, `until()` is true, or it was stopped."""
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
            self._await(0.0 if self._pending and self._stop_at is None else TICK_SECONDS)

    def idle(self) -> bool:
        """Nothing to carry, nothing in flight, nothing that could start."""
        return self.idle_now() and not self._flight

    def idle_now(self) -> bool:
        """Nothing that a turn could do at this moment."""
        return not (self._pending or self._results or self._ready())

    def _await(self, seconds: float) -> None:
        try:
            first = self.lanes.done.get(timeout=seconds) if seconds else self.lanes.done.get_nowait()
        except Empty:
            return
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
        paid = [(job, work) for job, work in self._flight.values() if _holds(work.hook)]
        money = sum((job.desk.call.ceiling or 0) for job, _ in paid if job.desk.call)
        left = max((job.desk.deadline - time.monotonic() for job, _ in paid), default=LEAVE_SECONDS)
        self.watcher.stopping(len(paid), money, left)

    def _worth_waiting(self) -> bool:
        if not self._flight:
            return False
        if any(_holds(work.hook) for _, work in self._flight.values()):
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
                    self._queue(_Work(stream, hook, last))

    # -- start ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._transact(self._restore)

    def _restore(self) -> None:
        self.artifacts.sweep()
        adopt(self.log, self.plugins, self.carried, self._fresh)
        self.log.flush()
        self._pending.clear()
        self._pending.extend(self.log.read(after=self.carried))
        for stream, plugin, hook, cause, attempt in self._works.rows():
            record_ = self.log.at(cause)
            if record_ is None:
                continue
            if plugin == "core":
                self._restore_core(hook, record_)
            else:
                self._restore_effect(stream, plugin, hook, record_, attempt)

    def _restore_core(self, hook: str, record: Record) -> None:
        if hook == "admit":
            self._ask_again(record)
        elif hook == "doubt":
            admitted = self.log.at(record.event.admitted)
            if admitted is not None:
                self._admissions.doubted[admitted.event.key] = (record.stream, record.position)

    def _restore_effect(self, stream: str, plugin: str, name: str, record: Record, attempt: int) -> None:
        hook = self.plugins.hook(plugin, name)
        admitted = self._admitted_record(record, hook)
        if admitted is not None:
            self._admissions.restore(admitted)
        if hook is None or hook.effect is None:
            reason = self.plugins.failures.get(plugin, "it is not installed or was disabled")
            self._hold(
                stream, record, f"plugin:{plugin}", f"work is owed to {plugin}: {reason}", f"install {plugin}"
            )
            return
        if f"plugin:{plugin}" in self.folds.holds(stream):
            self._release(stream, record, f"plugin:{plugin}", f"{plugin} is back")
        work = _Work(stream, hook, record, attempt, granted=admitted is not None)
        work.base = self._failed_before(stream, record.position, hook.by)
        if attempt == 0:
            work.attempt = work.base
            if work.granted:
                self.lanes.lane(hook.effect.lane).running += 1
            self._queue(work)
        elif hook.effect.doubt == "repeat":
            self._again(work, "the process ended while it ran")
        else:
            self._in_doubt(work, "the process ended between the submit and its answer", "")

    # -- a turn -----------------------------------------------------------------------------------------

    def turn(self) -> None:
        """One transaction: answers in, records carried, requests admitted, intents written; then submit."""
        self._overdue()
        self._drain()
        if self.idle_now() and not self._others_wrote():
            return
        self._transact(self._turn)
        for job, work in self._starting:
            self._flight[job.number] = (job, work)
        starting, self._starting = self._starting, []
        for job, _ in starting:
            self.watcher.started(job)
            self.lanes.submit(job)

    def _others_wrote(self) -> bool:
        version: int = self.log.db.execute("PRAGMA data_version").fetchone()[0]
        return version != self.log._data_version

    def _ready(self) -> bool:
        if self._stop_at is not None:
            return False
        return bool(self._admissions.ready or self._granted) or any(
            owed and self.lanes.lane(name).room(True) for name, owed in self._owed.items()
        )

    def _transact(self, body: Callable[[], None]) -> None:
        log = self.log
        log.pass_door()
        self._fresh = []
        self._heard.clear()
        changed = log.begin()
        try:
            before = log.db.total_changes
            if changed:
                self._take_others()
            body()
            self._works.flush()
            self._spend.flush()
            if log.db.total_changes != before or self._fresh or self.carried != self._marked:
                log.flush()
                self._lease.mark(self.carried)
                log.commit()
                self._marked = self.carried
            else:
                log.db.execute("COMMIT")
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
                raise CannotCommit(f"{log.path}: {error}; nothing of this turn was kept") from error
            raise
        if self._fresh:
            self.watcher.committed(self._fresh)

    def _take_others(self) -> None:
        known = self._last_seen()
        for record in self.log.read(after=known):
            self.folds.add(record)
            self._pending.append(record)

    def _last_seen(self) -> int:
        return self._pending[-1].position if self._pending else self.carried

    def _turn(self) -> None:
        results, self._results = self._results, []
        for done in results:
            self._finish(done)
        until = time.monotonic() + TURN_SECONDS
        moved = True
        while moved:
            moved = self._carry_all(until)
            if self._stop_at is None:
                moved = self._admissions.run() or moved
                moved = self._start_all() or moved
            if len(self._fresh) > MOST_EVENTS or time.monotonic() > until:
                break
        self._store_owed()

    def _carry_all(self, until: float) -> bool:
        pending = self._pending
        carried = False
        while pending and len(self._fresh) < MOST_EVENTS:
            record = pending.popleft()
            self._carry(record)
            self.carried = record.position
            carried = True
            if time.monotonic() > until:
                break
        return carried

    def _carry(self, record: Record) -> None:
        kind = record.kind
        for hook in self.plugins.by_kind.get(kind, ()):
            if hook.effect is None:
                self._react(hook, record)
            elif hook.effect.provider is None:
                self._owe(hook, record)
        core = self._core.get(kind)
        if core is not None:
            core(record)

    # -- reactions --------------------------------------------------------------------------------------

    def _react(self, hook: Hook, record: Record, attempt: int = 0) -> None:
        try:
            answer = [self._sound(event) for event in react(hook, record, self.folds)]
            homes = [self._home(event, record.stream) for event in answer]
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin may raise anything; recorded and held
            what = describe(error)
            failed = ReactionFailed(hook.plugin, hook.name, what)
            self._append(record.stream, failed, record, hook.by, attempt, 0)
            self._hold(
                record.stream,
                record,
                f"reaction:{hook.by}:{record.position}",
                f"{hook.by} failed on position {record.position}: {what}",
                f"update or disable {hook.plugin}, then run duanju resume {quoted_name(record.stream)}",
            )
            return
        for index, (event, home) in enumerate(zip(answer, homes, strict=True)):
            self._append(home, event, record, hook.by, attempt, index)

    def _sound(self, event: Any) -> Any:
        """The event as it reads back from its body: what stands in memory must be what stands in the log.

        Raises DuanjuError, TypeError or BadBody for one that cannot be written or reads as another.
        """
        known = self._heard.get(id(event))
        if known is not None:
            return known[1]
        codec = self.log.codec
        encoded = kind, schema, body = codec.encode(event)
        back = codec.decode(kind, schema, body)
        same = back == event
        if not same and codec.encode(back)[2] != body:
            raise DuanjuError(f"{kind} does not read back as it was written: {body[:300]}")
        sound = event if same else back
        # Both stay alive until the turn ends, so that neither's id() can become another's.
        self._heard[id(event)] = self._heard[id(sound)] = (event, sound, encoded)
        return sound

    def _home(self, event: Any, stream: str) -> str:
        return home_of(self.log.codec.spec(event.__class__).home, stream)

    def _append(
        self, stream: str, event: Any, cause: Record, by: str, attempt: int, index: int
    ) -> Record | None:
        plugin, hook = by.rsplit(".", 1)
        id = derived_id(self.log.id, stream, plugin, hook, cause.position, attempt, index)
        heard = self._heard.get(_identity(event))
        record = self.log.add(
            stream,
            event,
            by=by,
            cause=cause.position,
            root=cause.root or cause.position,
            id=id,
            encoded=None if heard is None else heard[2],
        )
        if record is not None:
            self.folds.add(record)
            self._pending.append(record)
            self._fresh.append(record)
        return record

    def _append_core(self, stream: str, event: Any, cause: Record, hook: str) -> Record | None:
        """Appends an event of the core's own; one cause may bring several of one kind."""
        count = 0
        # What this transaction has added nobody has answered before it: no need to ask the table.
        taken = self.log.is_new if cause.position > self.log.begun else self.log.has_id
        while taken(derived_id(self.log.id, stream, "core", hook, cause.position, 0, count)):
            count += 1
        return self._append(stream, event, cause, f"core.{hook}", 0, count)

    def _hold(self, stream: str, cause: Record, hold: str, why: str, next: str, subject: str = "") -> None:
        if stream.startswith("episode/") and hold not in self.folds.holds(stream):
            event = EpisodeHeld(hold, why, subject, next, self.folds.revision(stream))
            self._append_core(stream, event, cause, "hold")

    def _release(self, stream: str, cause: Record, hold: str, why: str) -> None:
        if hold in self.folds.holds(stream):
            self._append_core(stream, EpisodeReleased(hold, "core", why), cause, "release")

    # -- effects: owed, started -------------------------------------------------------------------------

    def _owe(self, hook: Hook, record: Record) -> None:
        if not self._stale(record):
            self._queue(_Work(record.stream, hook, record))

    def _stale(self, record: Record) -> bool:
        revision = getattr(record.event, "revision", None)
        return (
            revision is not None
            and record.stream.startswith("episode/")
            and revision < self.folds.revision(record.stream)
        )

    def _grant(self, record: Record, hook: Hook, lane: Lane) -> None:
        self._queue(_Work(record.stream, hook, record, granted=True))

    def _queue(self, work: _Work) -> None:
        """Lets a piece of work wait for its start; a granted one has its place in the lane already."""
        if work.granted:
            self._granted.append(work)
        elif work.hook.effect is not None:
            self._owed.setdefault(work.hook.effect.lane, deque()).append(work)
        work.waiting = True
        self._unstored.append(work)

    def _start_all(self) -> bool:
        moved = False
        while self._granted:
            work = self._granted.popleft()
            moved = self._start(work, self.lanes.lane(_lane_of(work))) or moved
        for name, owed in list(self._owed.items()):
            lane = self.lanes.lane(name)
            while owed and lane.room(not _holds(owed[0].hook)):
                moved = self._start(owed.popleft(), lane) or moved
        return self._admissions.wake_lanes(self._owed) or moved

    def _start(self, work: _Work, lane: Lane) -> bool:
        """Writes the intent of one effect; True when an answer was given from the log instead."""
        work.waiting = False
        spec = work.hook.effect
        if spec is None:
            return False
        held = work.stream.startswith("episode/") and self.folds.holds(work.stream)
        if held and not spec.while_held and not work.granted:
            self._free_twins(work)
            self._held.setdefault(work.stream, []).append(work)
            self._works.owe(*_row(work))
            return False
        if not work.granted and self._stale(work.record):
            self._free_twins(work)
            self._works.drop(*_row(work))
            return False
        if spec.reuse and not work.key and self._answer_from_log(work):
            return True
        event = self._event_of(work)
        if event is None:
            self._works.drop(*_row(work))
            return False
        if not work.granted:
            lane.running += 1
        work.attempt += 1
        self._works.owe(*_row(work), work.attempt)
        self._number += 1
        job = Job(
            self._number,
            work.hook,
            work.record,
            event,
            self._frozen(work),
            self._desk(work, spec.deadline_s),
            self._providers.get(work.hook.plugin, {}),
            lane.name,
        )
        self._starting.append((job, work))
        return False

    def _answer_from_log(self, work: _Work) -> bool:
        """Answers a reusable effect by its twin; True when answered, or waiting for one in flight."""
        codec = self.log.codec
        delivery = self.folds.settings_of(work.stream).delivery
        key = effect_key(codec, work.hook, work.record.event, delivery)
        position = self._works.outcome(key)
        old = None if position is None else self.log.at(position)
        if old is not None and all(self.artifacts.has(one) for one in artifacts_of(old.event)):
            event = readdress(codec, old.event, work.record.event, reused_from=old.position)
            self._append(work.stream, event, work.record, work.hook.by, 0, 0)
            self._works.drop(*_row(work))
            return True
        if key in self._twins:
            self._twins[key].append(work)
            self._works.owe(*_row(work))
            return True
        self._twins[key] = []
        work.key = key
        return False

    def _free_twins(self, work: _Work) -> None:
        """A work that others wait for will not run now: the next of them goes first."""
        if work.key:
            self._remember(work, [])

    def _event_of(self, work: _Work) -> Any:
        """What a routed effect is given: the request that its admission names; else the record's event."""
        if work.record.kind != "call_admitted":
            return work.record.event
        request = self.folds.index(work.stream).at(work.record.event.request)
        return None if request is None else request.event

    def _frozen(self, work: _Work) -> Any:
        if "episode" not in work.hook.wants:
            return None
        return self.folds.now(work.stream)

    def _desk(self, work: _Work, seconds: float) -> Desk:
        call = None
        if work.granted:
            event = work.record.event
            call = self._admissions.call_of(work.stream, event.request)
        folder = self._folders.get(work.stream)
        if folder is None:
            folder = self._folders[work.stream] = self._out.joinpath(*work.stream.split("/")[1:])
        return Desk(
            work.record.id,
            self.artifacts,
            self.folds.settings_of(work.stream),
            folder,
            time.monotonic() + seconds,
            call,
        )

    def _store_owed(self) -> None:
        """Writes a row for all that could not start, or be decided, in this turn."""
        self._admissions.store()
        for work in self._unstored:
            if work.waiting:
                self._works.owe(*_row(work))
        self._unstored.clear()

    def _admitted_record(self, record: Record, hook: Hook | None) -> Record | None:
        """The admission behind a record that is routed to a provider, None for any other work."""
        if hook is not None and (hook.effect is None or hook.effect.provider is None):
            return None
        if record.kind == "call_admitted":
            return record
        if record.kind == "video_submitted":
            for known in reversed(self.folds.index(record.stream).by_kind.get("call_admitted", [])):
                if known.event.request == record.event.request:
                    return known
        return None

    # -- effects: finished ------------------------------------------------------------------------------

    def _overdue(self) -> None:
        now = time.monotonic()
        for number, (job, work) in self._flight.items():
            if job.desk.deadline < now and not job.abandoned and not self.lanes.lane(job.lane).inline:
                self.lanes.abandon(job)
                seconds = work.hook.effect.deadline_s if work.hook.effect else 0.0
                self._results.append(Done(job, [], f"it passed its deadline of {seconds:g} s", lost=True))
                self._late[number] = (job, work)

    def _finish(self, done: Done) -> None:
        job = done.job
        found = self._flight.pop(job.number, None)
        if found is None:
            late = self._late.pop(job.number, None)
            if late is not None and not done.lost:
                self._finish_late(done, late[1])
            return
        work = found[1]
        self.lanes.lane(job.lane).running -= 1
        error = done.error or self._unfit(done.events, work)
        if not error:
            self._answer(work, done.events)
            return
        if _holds(work.hook):
            kept = [event for event in done.events if not self._unfit([event], work)]
            submitted = any(isinstance(event, VideoSubmitted) for event in kept)
            if kept and not done.lost and (submitted or self._ends_call(kept)):
                self._answer(work, kept)
                return
            self._in_doubt(work, error, "", kept)
            return
        self._again(work, error)

    def _unfit(self, events: list[Any], work: _Work) -> str:
        """Why an effect's events cannot be its answer; "" when they can."""
        hook = work.hook
        if len(events) > MOST_EVENTS:
            return f"{hook.by} answered with more than {MOST_EVENTS} events"
        for event in events:
            if event.__class__ not in hook.emits:
                return f"{hook.by} emitted {type(event).__name__}, which its return annotation does not name"
            try:
                self._home(self._sound(event), work.stream)
            except (DuanjuError, TypeError, ValueError) as error:
                return f"{hook.by} emitted what cannot be recorded: {error}"
        return ""

    def _ends_call(self, events: list[Any]) -> bool:
        return any(_ends(self.log.codec, event) for event in events)

    def _answer(self, work: _Work, events: list[Any], *, last: bool = True) -> None:
        """Appends an effect's answer and closes its row."""
        stamped = [self._stamp(work, self._sound(event)) for event in events]
        records: list[Record] = []
        for index, event in enumerate(stamped):
            stream = self._home(event, work.stream)
            record = self._append(stream, event, work.record, work.hook.by, work.attempt, index)
            if record is not None:
                records.append(record)
        if not last:
            return
        self._works.drop(*_row(work))
        if work.key:
            self._remember(work, records)
        for record in records:
            if work.granted and _ends(self.log.codec, record.event):
                self._admissions.settle(record)
        if work.granted:
            self._unanswered(work, records)

    def _unanswered(self, work: _Work, records: list[Record]) -> None:
        """A routed effect that ended well and said nothing of its call is a failed call."""
        call = self._admissions.call_of(work.stream, work.record.event.request)
        if call is not None and not any(r.kind == "video_submitted" for r in records):
            failed = CallFailed(
                request=call.request,
                route=call.route,
                why=f"{work.hook.by} ended without an outcome",
                fallback=False,
            )
            record = self._append_core(work.stream, failed, work.record, "unanswered")
            if record is not None:
                self._admissions.settle(record)

    def _remember(self, work: _Work, records: list[Record]) -> None:
        twins = self._twins.pop(work.key, [])
        valid = len(records) == 1 and hasattr(records[0].event, "reused_from")
        if valid and getattr(records[0].event, "verdict", "") not in ("error", "skipped"):
            self._works.remember(work.key, records[0].position)
        work.key = ""
        for twin in twins:
            self._queue(twin)

    def _stamp(self, work: _Work, event: Any) -> Any:
        """Writes the address of an outcome: whose call it answers."""
        if not work.granted:
            return event
        admitted = work.record.event
        request = self._event_of(work)
        return stamp(self.log.codec, event, request, admitted.request, admitted.route)

    def _again(self, work: _Work, why: str) -> None:
        """A repeatable effect failed or was lost: it runs again, or is answered by its failure."""
        spec = work.hook.effect
        if spec is not None and work.attempt - work.base < spec.attempts:
            if work.granted:
                self.lanes.lane(spec.lane).running += 1
            self._queue(work)
            return
        if work.granted:
            admitted = work.record.event
            failed = CallFailed(
                request=admitted.request, route=admitted.route, subject=admitted.subject, why=why
            )
            self._answer_failed(work, failed)
            return
        failure = EffectFailed(work.hook.plugin, work.hook.name, why, work.attempt)
        self._append(work.stream, failure, work.record, work.hook.by, work.attempt, 0)
        self._works.drop(*_row(work))
        if work.key:
            self._remember(work, [])
        self._hold(
            work.stream,
            work.record,
            f"effect:{work.hook.by}:{work.record.position}",
            f"{work.hook.by} failed {work.attempt} times on position {work.record.position}: {why}",
            "mend its cause, then run duanju resume",
            str(getattr(work.record.event, "shot", "")),
        )

    def _answer_failed(self, work: _Work, failed: CallFailed) -> None:
        record = self._append(work.stream, failed, work.record, work.hook.by, work.attempt, 0)
        self._works.drop(*_row(work))
        if record is not None:
            self._admissions.settle(record)

    def _in_doubt(self, work: _Work, why: str, known: str, kept: Iterable[Any] = ()) -> None:
        """A paid effect's outcome is unknown: recorded, its money counted, its episode held."""
        kept = list(kept)
        self._answer(work, kept, last=False)
        self._works.drop(*_row(work))
        admitted = self._admitted_record(work.record, work.hook)
        if admitted is None:
            self._append_core(
                work.stream,
                EffectFailed(work.hook.plugin, work.hook.name, why, work.attempt),
                work.record,
                "doubt",
            )
            self._hold(
                work.stream,
                work.record,
                f"effect:{work.hook.by}:{work.record.position}",
                f"{work.hook.by} on position {work.record.position} has no known outcome: {why}",
                f"look at what it did, then run duanju resume {quoted_name(work.stream)}",
            )
            return
        event = admitted.event
        doubted = CallDoubted(event.request, admitted.position, event.route, why, known, event.ceiling)
        record = self._append_core(work.stream, doubted, work.record, "doubt")
        if record is None:
            return
        repeat = self._cheap(work.stream, event.ceiling)
        self._admissions.doubt(record, repeat)
        if repeat:
            request = self.folds.index(work.stream).at(event.request)
            if request is not None:
                self._admissions.ask(Ask(work.stream, request, record, attempt=event.attempt + 1))
            return
        self._works.owe(work.stream, "core", "doubt", record.position, 1)
        self._hold(
            work.stream,
            record,
            f"doubt:{record.position}",
            f"nobody knows what became of the call to {event.route} for {event.subject} "
            f"(up to {dollars(event.ceiling)}): {why}",
            f"look at the vendor's bill, then duanju review retry {quoted_name(work.stream)} "
            f"{record.position} (with --not-accepted if it was never taken)",
            event.subject,
        )

    def _cheap(self, stream: str, ceiling: int | None) -> bool:
        """Whether a doubted call may be sent again: under `repeat_below`, at most 1 % of the cap in all."""
        settings = self.folds.settings_of(stream)
        budget = self.folds.budget_of(stream, settings)
        if ceiling is None or ceiling >= budget.repeat_below:
            return False
        in_doubt = self._spend.total(stream)[2]
        return budget.episode is None or (in_doubt + ceiling) * 100 <= budget.episode

    def _finish_late(self, done: Done, work: _Work) -> None:
        """An outcome after the deadline: a repeatable one is dropped, a paid one settles its doubt."""
        if not _holds(work.hook) or done.error or self._unfit(done.events, work):
            return
        admitted = self._admitted_record(work.record, work.hook)
        if admitted is None or not self._ends_call(done.events):
            return
        doubt = self._doubt_of(work.stream, admitted.position)
        if doubt is None or self._settled(work.stream, admitted.position):
            return  # a person was faster; what it cost is booked already
        self._works.drop(work.stream, "core", "doubt", doubt.position)
        settled = DoubtSettled(admitted.event.request, admitted.position, "returned", "core", "it came late")
        for index, event in enumerate(done.events):
            record = self._append(
                work.stream, self._stamp(work, event), work.record, work.hook.by, work.attempt + 100, index
            )
            if record is not None and _ends(self.log.codec, record.event):
                cost = getattr(record.event, "bill", None)
                self._admissions.undoubt_late(work.stream, admitted, cost.cost if cost else None, record)
        self._append_core(work.stream, settled, doubt, "late")

    def _doubt_of(self, stream: str, admitted: int) -> Record | None:
        for record in reversed(self.folds.index(stream).by_kind.get("call_doubted", [])):
            if record.event.admitted == admitted:
                return record
        return None

    def _settled(self, stream: str, admitted: int, before: int | None = None) -> bool:
        """Whether the doubt about an admission is settled, by a record before a position if one is given."""
        return any(
            record.event.admitted == admitted and (before is None or record.position < before)
            for record in self.folds.index(stream).by_kind.get("doubt_settled", [])
        )

    # -- the core's own reactions -----------------------------------------------------------------------

    def _core_reactions(self) -> dict[str, Callable[[Record], None]]:
        found: dict[str, Callable[[Record], None]] = {
            "call_failed": self._on_call_failed,
            "doubt_settled": self._on_doubt_settled,
            "budget_raised": self._on_budget_raised,
            "episode_released": self._on_released,
            "episode_revised": self._on_revised,
            "episode_cut": self._on_cut,
            "video_submitted": self._on_routed,
        }
        for cls in self.log.codec.classes():
            spec = self.log.codec.spec(cls)
            if spec.request:
                found[spec.kind] = self._on_request
        return found

    def _on_request(self, record: Record) -> None:
        self._admissions.ask(Ask(record.stream, record, record))

    def _ask_again(self, record: Record) -> None:
        """A request waits for its admission; `record` is what asked for it."""
        if self.log.codec.spec(type(record.event)).request:
            self._on_request(record)
        elif record.kind == "call_failed":
            self._on_call_failed(record)
        elif record.kind == "episode_released":
            self._ask_failed_again(record, record.event.hold.partition(":")[2])
        elif record.kind in ("doubt_settled", "call_doubted"):
            request = self.folds.index(record.stream).at(record.event.request)
            if request is not None:
                self._admissions.ask(Ask(record.stream, request, record, attempt=2))

    def _on_call_failed(self, record: Record) -> None:
        event: CallFailed = record.event
        index = self.folds.index(record.stream)
        request = index.at(event.request)
        if request is None:
            return
        failed = [
            one
            for one in index.by_kind.get("call_failed", [])
            if one.event.request == event.request and one.position <= record.position
        ]
        if event.fallback:
            since = self._let_go_at(record.stream, request)
            tried = tuple(one.event.route for one in failed if one.position > since)
            self._admissions.ask(Ask(record.stream, request, record, tried, len(failed) + 1))
            return
        self._hold(
            record.stream,
            record,
            f"call:{event.request}",
            f"{event.route} for {request.event.subject}: {event.why}",
            "change the script or the route, then produce again",
            request.event.subject,
        )

    def _let_go_at(self, stream: str, request: Record) -> int:
        """Where a person last released this call's failure: the routes tried before it are open again."""
        capability = self.log.codec.spec(type(request.event)).request
        holds = (f"call:{capability}", f"call:{request.position}")
        released = self.folds.index(stream).by_kind.get("episode_released", [])
        return max((one.position for one in released if one.event.hold in holds), default=0)

    def _on_doubt_settled(self, record: Record) -> None:
        event: DoubtSettled = record.event
        stream = record.stream
        doubt = self._doubt_of(stream, event.admitted)
        admitted = self.log.at(event.admitted)
        if doubt is None or admitted is None or self._settled(stream, event.admitted, record.position):
            return
        waits = self._works.drop(stream, "core", "doubt", doubt.position)
        outcome = None
        if event.settled == "returned" and waits:
            outcome = self._adopted(stream, event.request, doubt, record)
        if outcome is not None and outcome.kind == "video_submitted":
            self._admissions.rejoin(stream, admitted)
        elif record.by != "core.late":  # what came late is booked already
            self._admissions.undoubt(stream, admitted, event.settled, outcome)
        request = self.folds.index(stream).at(event.request)
        if waits and request is not None and event.settled in ("not_accepted", "given_up"):
            self._admissions.ask(Ask(stream, request, record, attempt=admitted.event.attempt + 1))
        hold = f"doubt:{doubt.position}"
        for other in sorted({stream, *self._admissions.waiting_streams()}):
            self._release(other, record, hold, f"settled: {event.settled}")

    def _adopted(self, stream: str, request: int, doubt: Record, settled: Record) -> Record | None:
        """The outcome, or the vendor's job, that a person handed in between a doubt and its end."""
        for known in self.folds.index(stream).records:
            if doubt.position < known.position < settled.position:
                answers = known.kind == "video_submitted" or _ends(self.log.codec, known.event)
                if answers and known.event.request == request:
                    return known
        return None

    def _on_budget_raised(self, record: Record) -> None:
        for hold in list(self.folds.holds(record.stream)):
            if hold.startswith("budget:"):
                self._release(record.stream, record, hold, "the budget was raised")
        self._admissions.wake_stream(record.stream)

    def _on_released(self, record: Record) -> None:
        if record.event.hold not in self.folds.episode(record.stream, record.position - 1).holds:
            return  # it was released already, or never held
        kind, _, rest = record.event.hold.partition(":")
        if kind in ("effect", "reaction"):
            self._try_again(record.stream, rest)
        elif kind == "call":
            self._ask_failed_again(record, rest)
        if self.folds.holds(record.stream):
            return
        for work in self._held.pop(record.stream, []):
            self._queue(work)
        self._admissions.wake_stream(record.stream)

    def _try_again(self, stream: str, which: str) -> None:
        """A person let a failed hook go on: it is asked anew about the record it failed on."""
        by, _, position = which.rpartition(":")
        plugin, _, name = by.rpartition(".")
        hook = self.plugins.hook(plugin, name)
        record = self.log.at(int(position)) if position.isdecimal() else None
        if hook is None or record is None or record.stream != stream or self._stale(record):
            return
        if hook.effect is not None and hook.effect.provider is not None:
            return  # a call is asked for again by its request, never run without an admission
        base = self._failed_before(stream, record.position, by)
        if hook.effect is None:
            self._react(hook, record, base)
        else:
            self._queue(_Work(stream, hook, record, base, base=base))

    def _ask_failed_again(self, released: Record, rest: str) -> None:
        """A person let a failed call go on: its request is asked anew, with every route open again."""
        self._admissions.untried(released.stream)
        request = self.folds.index(released.stream).at(int(rest)) if rest.isdecimal() else None
        if request is not None:
            self._admissions.ask(Ask(released.stream, request, released, attempt=2))

    def _failed_before(self, stream: str, cause: int, by: str) -> int:
        """How many attempts of a hook on a record were used up already."""
        if not stream.startswith("episode/"):
            return 0
        kinds = self.folds.index(stream).by_kind
        effects = [r.event for r in kinds.get("effect_failed", []) if r.cause == cause]
        reactions = [r.event for r in kinds.get("reaction_failed", []) if r.cause == cause]
        return max((one.attempts for one in effects if f"{one.plugin}.{one.hook}" == by), default=0) + sum(
            f"{one.plugin}.{one.hook}" == by for one in reactions
        )

    def _on_revised(self, record: Record) -> None:
        for hold in list(self.folds.holds(record.stream)):
            if not hold.startswith("doubt:"):
                self._release(record.stream, record, hold, "a new revision takes its place")
        self._admissions.wake_all(record.stream)

    def _on_cut(self, record: Record) -> None:
        if not self._stale(record):
            event = QualityPlanned(record.event.revision, record.event.inputs, self.plugins.checks())
            self._append_core(record.stream, event, record, "plan_quality")

    def _on_routed(self, record: Record) -> None:
        provider = record.event.route.split(":", 1)[0]
        hook = self.plugins.provider_hook(record.kind, provider)
        if hook is None or hook.effect is None:
            self._hold(
                record.stream,
                record,
                f"plugin:{provider}",
                f"{provider} has no effect for {record.kind}",
                f"install or update {provider}, then run duanju resume",
            )
            return
        if self._admissions.call_of(record.stream, record.event.request) is None:
            # the engine that appended this ended before it was carried
            admitted = self._admitted_record(record, hook)
            if admitted is not None:
                self._admissions.restore(admitted)
        lane = self.lanes.lane(hook.effect.lane)
        lane.running += 1
        self._grant(record, hook, lane)

    def _progress(self, job: Job, done: int, total: int) -> None:
        self.watcher.progress(job, done, total)


def _row(work: _Work) -> tuple[str, str, str, int]:
    return work.stream, work.hook.plugin, work.hook.name, work.record.position


_identity = id


def _lane_of(work: _Work) -> str:
    return work.hook.effect.lane if work.hook.effect is not None else ""


def _holds(hook: Hook) -> bool:
    return hook.effect is not None and hook.effect.doubt == "hold"


def _ends(codec: Any, event: Any) -> bool:
    return isinstance(event, CallFailed) or codec.spec(event.__class__).outcome is not None


@lru_cache(maxsize=4096)
def home_of(home: str, stream: str) -> str:
    """The stream of an event that answers a record of `stream`. Raises DuanjuError where there is none."""
    kind, _, rest = stream.partition("/")
    if home == "studio" or kind == home or kind == "fork":
        return "studio" if home == "studio" else stream
    if home == "series" and kind == "episode":
        return f"series/{rest.split('/', 1)[0]}"
    raise DuanjuError(f"an event of an {home} cannot answer a record of {stream}")


@lru_cache(maxsize=512)
def _names(cls: type[Any]) -> frozenset[str]:
    return frozenset(a.name for a in attrs.fields(cls))


def stamp(codec: Any, event: Any, request: Any, position: int, route: str) -> Any:
    """An outcome with its address: request, route, revision, subject and take of what it answers."""
    names = _names(event.__class__)
    if "request" not in names:
        return event
    given = {
        "request": position,
        "route": route,
        "revision": getattr(request, "revision", 0),
        "subject": getattr(request, "subject", ""),
        "take": getattr(request, "take", 0),
    }
    return attrs.evolve(event, **{name: value for name, value in given.items() if name in names})


def react(hook: Hook, record: Record, folds: Folds) -> list[Any]:
    """A reaction's whole answer to a record, on the fold up to it. Raises what it raises, and DuanjuError.

    The engine and a replay both call this, so that they cannot differ.
    """
    given: dict[str, Any] = {"event": record.event, "record": record}
    if "episode" in hook.wants and record.stream.startswith("episode/"):
        given["episode"] = folds.episode(record.stream, record.position)
    if "series" in hook.wants and record.stream.startswith("series/"):
        given["series"] = folds.series(record.stream, record.position)
    answer = hook.function(**{name: given.get(name) for name in hook.wants})
    events = list(islice(answer or (), MOST_EVENTS + 1))
    if len(events) > MOST_EVENTS:
        raise DuanjuError(f"{hook.by} answered with more than {MOST_EVENTS} events")
    for event in events:
        if event.__class__ not in hook.emits:
            raise DuanjuError(
                f"{hook.by} emitted {type(event).__name__}, which its return annotation does not name"
            )
    return events
