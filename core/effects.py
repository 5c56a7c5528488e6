"""Effects: the intents that have room are written, submitted after the commit, and received when they end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import Any

from attrs import define, field

from ..events.calls import VideoSubmitted
from .answers import Answers, ends, fit
from .artifacts import Artifacts
from .calls import Calls
from .checks import unmeasured
from .desk import Desk
from .doubt import Doubts
from .folds import is_episode
from .lanes import Done, Job, Lane, Lanes
from .owed import Owed, Work
from .remake import Remake
from .turn import Turn
from .twins import Twins

__all__ = ["Effects"]


@define(eq=False)
class Effects:
    """The effects under way. `flight`: job number -> the job and its work, until it comes back.

    `taken`: what came back in the open transaction; the engine clears it after the commit.
    """

    turn: Turn
    lanes: Lanes
    calls: Calls
    owed: Owed
    twins: Twins
    answers: Answers
    doubts: Doubts
    remake: Remake
    artifacts: Artifacts
    out: Path
    providers: Mapping[str, dict[str, Any]]
    flight: dict[int, tuple[Job, Work]] = field(factory=dict)
    taken: list[tuple[Done, Work]] = field(factory=list)
    _late: dict[int, Work] = field(factory=dict)
    _starting: list[tuple[Job, Work]] = field(factory=list)
    _number: int = 0
    _folders: dict[str, Path] = field(factory=dict)

    # -- start ------------------------------------------------------------------------------------------

    def start_all(self) -> bool:
        """Writes the intents of what can start; True when an answer was given from the log instead."""
        moved = False
        granted = self.owed.granted
        while granted:
            work = granted.popleft()
            moved = self._start(work, self.lanes.lane(work.lane)) or moved
        for name, owed in list(self.owed.by_lane.items()):
            lane = self.lanes.lane(name)
            while owed and lane.room(not owed[0].paid):
                moved = self._start(owed.popleft(), lane) or moved
        return moved

    def _start(self, work: Work, lane: Lane) -> bool:
        """Writes the intent of one effect; True when an answer was given from the log instead."""
        turn = self.turn
        work.waiting = False
        spec = work.hook.effect
        if spec is None:
            return False
        held = is_episode(work.stream) and turn.folds.holds(work.stream)
        if held and not (spec.while_held or work.granted or work.is_lookup):
            self.twins.free(work)
            self.owed.hold(work)
            return False
        if not work.granted and turn.stale(work.record):
            self.twins.free(work)
            turn.works.drop(*work.row)
            return False
        if not turn.furnished(work.stream, work.record):
            if work.granted:
                lane.running -= 1
            self.twins.free(work)
            self.owed.hold(work)
            return True
        if spec.reuse and not work.key and self.twins.answers(work):
            return True
        event = self.calls.event_of(work.record)
        if event is None:
            turn.works.drop(*work.row)
            return False
        if not work.granted:
            lane.running += 1
        work.attempt += 1
        turn.works.owe(*work.row, work.attempt)
        self._number += 1
        job = Job(
            self._number,
            work.hook,
            work.record,
            event,
            turn.folds.now(work.stream) if "episode" in work.hook.wants else None,
            self._desk(work),
            self.providers.get(work.hook.plugin, {}),
            lane.name,
        )
        self._starting.append((job, work))
        return False

    def _desk(self, work: Work) -> Desk:
        call, key = None, work.record.id
        if work.granted:
            call = self.calls.call_of(work.record)
        elif work.is_lookup:
            call, key = self.calls.doubted_call(work.record)
        folder = self._folders.get(work.stream)
        if folder is None:
            folder = self._folders[work.stream] = self.out.joinpath(*work.stream.split("/")[1:])
        return Desk(
            key,
            self.artifacts,
            self.turn.folds.settings_of(work.stream),
            folder,
            math.inf,  # it counts from when the run begins
            call,
        )

    def submit(self, started: Callable[[Job], None]) -> None:
        """The intents are committed: their runs begin, each told to `started` first."""
        starting, self._starting = self._starting, []
        for job, work in starting:
            self.flight[job.number] = (job, work)
        for job, _ in starting:
            started(job)
            self.lanes.submit(job)

    # -- end --------------------------------------------------------------------------------------------

    def put_off(self, seconds: float) -> None:
        """Moves every deadline: this process stood still for so long, and nothing in it could end."""
        for job, _ in self.flight.values():
            job.desk.deadline += seconds

    def overdue(self, ended: Set[int]) -> list[Done]:
        """Gives up on the runs past their deadline, but those in `ended`; nobody knows how these ended."""
        now = time.monotonic()
        found: list[Done] = []
        for number, (job, work) in self.flight.items():
            if number in ended or job.abandoned or self.lanes.lane(job.lane).inline:
                continue
            if job.desk.deadline < now:
                self.lanes.abandon(job)
                seconds = work.hook.effect.deadline_s if work.hook.effect else 0.0
                found.append(Done(job, [], f"it passed its deadline of {seconds:g} s", lost=True))
                self._late[number] = work
        return found

    def finish(self, done: Done) -> None:
        """A run ended: its work is answered, tried again, or in doubt."""
        job = done.job
        found = self.flight.pop(job.number, None)
        if found is None:
            late = self._late.pop(job.number, None)
            if late is not None and not done.lost:
                self.taken.append((done, late))
                self.doubts.late(done, late)
            return
        work = found[1]
        self.taken.append((done, work))
        self.lanes.lane(job.lane).running -= 1
        error = done.error
        if not error:
            sounds, error = fit(self.turn.log.codec, done.events, work)
            error = error or unmeasured(work.hook, work.record, done.events)
            if not error:
                if not self.remake.restored(work, sounds):
                    self.answers.answer(work, sounds)
                return
        missing = job.desk.told.missing
        # A second key was missing when the first may have been used: nobody knows what was sent.
        missing_late = not missing and error.startswith("MissingSecret")
        if work.granted and missing and error.startswith("MissingSecret") and not done.events:
            self.answers.without_key(work, error, missing)
        elif done.next and not done.events and not (missing_late and work.paid):
            self.answers.not_ready(work, error, done.next)
        elif work.paid:
            self._failed_paid(done, work, error)
        elif not work.granted and (lost := self.remake.explained(work.stream, error)) is not None:
            if not self.remake.queue(work, error):
                self.answers.not_ready(work, *lost)
        else:
            self.doubts.again(work, error, job.desk.told)

    def _failed_paid(self, done: Done, work: Work, error: str) -> None:
        """A paid run failed: what it yielded is its answer if that ends its call, else it is in doubt."""
        codec = self.turn.log.codec
        kept = [one for event in done.events for one in fit(codec, [event], work)[0]]
        known = any(isinstance(event, VideoSubmitted) or ends(codec, event) for event, _ in kept)
        if known:
            self.answers.answer(work, kept)
        else:
            self.doubts.enter(work, error, kept, done.job.desk.told)
