"""Handing in: what paid calls bring to an engine that may not, or cannot, append their answers any longer."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import attrs
import orjson
from attrs import define, field, frozen

from ..events.calls import VideoSubmitted
from ..events.codec import Codec
from .answers import Answers, ends, fit
from .budget import dollars
from .errors import BadLog, CannotCommit, DuanjuError
from .lanes import Done
from .log import Log, derived_id
from .owed import Work

if TYPE_CHECKING:
    from .effects import Effects

__all__ = ["HandIn", "Outcome", "append", "outcome_of", "take_up", "wait_and_hand_in", "waiting"]

TICK_SECONDS = 0.2

FOLDER = "handed-in"
MOST_BYTES = 80 << 20
MOST_FILES = 10_000


@frozen
class Outcome:
    """The answer to one paid call: whose it is, and its events as the log stores them.

    `cause` is the position of its admission (or submission), `id` that record's id, `root` its root; `events`
    are kind, schema and body.
    """

    log: str
    stream: str
    cause: int
    id: str
    root: int
    by: str
    attempt: int
    events: tuple[tuple[str, int, str], ...]

    @property
    def name(self) -> str:
        """The id that the first record of this answer has, or would have had."""
        return self.id_of(0)

    def id_of(self, index: int) -> str:
        """The id of the record of its event at `index`: the same, whoever appends the answer."""
        plugin, hook = self.by.rsplit(".", 1)
        return derived_id(self.log, self.stream, plugin, hook, self.cause, self.attempt, index)


def outcome_of(log: Log, answers: Answers, done: Done, work: Work) -> Outcome | None:
    """What a run that ended says of its call; None where it says nothing, or nothing that ends it."""
    codec = log.codec
    kept = [one for event in done.events for one in fit(codec, [event], work)[0]]
    if not any(isinstance(event, VideoSubmitted) or ends(codec, event) for event, _ in kept):
        return None
    events = []
    for one in kept:
        event, encoded = answers.addressed(work, one)
        events.append(encoded or codec.encode(event))
    cause = work.record
    root = cause.root or cause.position
    return Outcome(
        log.id, work.stream, cause.position, cause.id, root, work.hook.by, work.attempt, tuple(events)
    )


def append(log: Log, outcome: Outcome) -> bool:
    """Appends an answer in the open transaction, once; False when its work has an answer, or an end, already.

    It is an outside fact: an engine looks at it, and books it, when it carries it. Raises BadLog for an
    outcome of another log.
    """
    cause = log.at(outcome.cause)
    if log.id != outcome.log or cause is None or cause.id != outcome.id or cause.stream != outcome.stream:
        raise BadLog(f"the outcome {outcome.name} belongs to another log")
    answered = "SELECT 1 FROM event WHERE stream = ? AND +cause = ? AND by = ? LIMIT 1"
    if log.db.execute(answered, (outcome.stream, outcome.cause, outcome.by)).fetchone() is not None:
        return False
    for record in log.read(stream=outcome.stream, kind="doubt_settled"):
        if record.event.admitted == outcome.cause:
            return False  # a person was faster
    for index, (kind, schema, body) in enumerate(outcome.events):
        log.add(
            outcome.stream,
            log.codec.decode(kind, schema, body),
            by=outcome.by,
            cause=outcome.cause,
            root=outcome.root,
            id=outcome.id_of(index),
            encoded=(kind, schema, body),
        )
    return True


@define
class HandIn:
    """Hands outcomes in through a connection of its own, or keeps them as files for the next engine.

    `appended`, `kept`, `stood` and `lost` count them; `lost` also names each outcome that nothing could hold.
    """

    path: Path | None
    codec: Codec
    appended: int = 0
    kept: int = 0
    stood: int = 0
    lost: list[str] = field(factory=list)

    def take(self, outcome: Outcome) -> None:
        """Hands one in; what cannot be written anywhere is named, never silently dropped."""
        if self.path is None:
            self.lost.append(f"{outcome.by} for position {outcome.cause}: its log was in memory")
            return
        try:
            log = Log(self.path, self.codec)
            try:
                with log.writing():
                    added = append(log, outcome)
            finally:
                log.close()
        except (DuanjuError, sqlite3.Error, OSError) as error:
            self._keep(outcome, error)
            return
        if added:
            self.appended += 1
        else:
            self.stood += 1

    def _keep(self, outcome: Outcome, why: Exception) -> None:
        folder = folder_of(self.path)
        try:
            if folder is None:
                raise OSError(str(why))
            keep(folder, outcome)
        except OSError as error:
            self.lost.append(
                f"{outcome.by} for position {outcome.cause} of {outcome.stream.split('/', 1)[-1]} "
                f"({error.strerror or error})"
            )
        else:
            self.kept += 1

    def words(self, out: int, money: int) -> str:
        """What became of the paid calls, as the end of a sentence; `out` are those not waited for."""
        parts = []
        if self.appended:
            parts.append(f"answers of paid calls handed in to the log: {self.appended}")
        if self.stood:
            parts.append(f"answers that stood there, or were settled, already: {self.stood}")
        if self.kept:
            parts.append(
                f"answers kept in {folder_of(self.path)}, where duanju resume takes them up: {self.kept}"
            )
        if self.lost:
            parts.append(
                "answers that nothing could hold, to be found at the vendor; their calls will be in doubt: "
                + ", ".join(self.lost[:10])
            )
        if out:
            parts.append(
                f"paid calls that have not come back and will be in doubt: {out} (up to {dollars(money)})"
            )
        return "".join(f"; {part}" for part in parts)


def wait_and_hand_in(
    log: Log, answers: Answers, effects: Effects, ended: SimpleQueue[Done | None], leave: Callable[[], bool]
) -> str:
    """Hands in what paid calls brought to a transaction that failed, and what those in flight bring.

    Waits for them until their deadlines or `leave()`. Memory is not what the log holds any longer: only what
    was committed before is looked at. Returns what became of the calls, as the end of a sentence.
    """
    hand = HandIn(log.path, log.codec)

    def take(done: Done, work: Work) -> None:
        outcome = outcome_of(log, answers, done, work) if work.paid else None
        if outcome is not None:
            hand.take(outcome)

    for done, work in effects.taken:
        take(done, work)
    out = {number: (job, work) for number, (job, work) in effects.flight.items() if work.paid}

    def waited_for() -> bool:
        return any(job.desk.deadline > time.monotonic() for job, _ in out.values())

    while waited_for() and not leave():
        try:
            one = ended.get(timeout=TICK_SECONDS)
        except Empty:
            one = None
        found = None if one is None else out.pop(one.job.number, None)
        if one is not None and found is not None:
            take(one, found[1])
    money = sum((job.desk.call.ceiling or 0) for job, _ in out.values() if job.desk.call)
    return hand.words(len(out), money)


# -- files -----------------------------------------------------------------------------------------------


def folder_of(path: Path | None) -> Path | None:
    """Where outcomes wait that a log could not take; None for a log in memory."""
    return None if path is None else path.parent / FOLDER


def keep(folder: Path, outcome: Outcome) -> Path:
    """Writes an outcome to a file of its own: whole, fsynced, renamed. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{outcome.name}.json"
    fd, name = tempfile.mkstemp(prefix=".new-", dir=folder)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(orjson.dumps(_plain(outcome)))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
    for place in (folder, folder.parent):
        fd = os.open(place, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    return target


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {a.name: getattr(outcome, a.name) for a in attrs.fields(Outcome)}


def waiting(path: Path | None) -> Iterator[tuple[Path, Outcome | None]]:
    """The files of outcomes that wait beside a log, sorted; None for one that is no outcome."""
    folder = folder_of(path)
    if folder is None or not folder.is_dir():
        return
    for file in sorted(folder.glob("*.json"))[:MOST_FILES]:
        yield file, _read(file)


def _read(file: Path) -> Outcome | None:
    try:
        if file.stat().st_size > MOST_BYTES:
            return None
        plain = orjson.loads(file.read_bytes())
        events = tuple((str(kind), int(schema), str(body)) for kind, schema, body in plain.pop("events"))
        return Outcome(
            str(plain["log"]),
            str(plain["stream"]),
            int(plain["cause"]),
            str(plain["id"]),
            int(plain["root"]),
            str(plain["by"]),
            int(plain["attempt"]),
            events,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def take_up(log: Log) -> list[Path]:
    """Appends, in the open transaction, what waits beside a log; the files to remove after the commit.

    What is no outcome of this log stays where it is: `duanju verify` names it. Raises CannotCommit.
    """
    done = []
    for file, outcome in waiting(log.path):
        if outcome is None or "." not in outcome.by:
            continue
        try:
            for kind, schema, body in outcome.events:
                log.codec.spec(type(log.codec.decode(kind, schema, body)))
            append(log, outcome)
        except CannotCommit:
            raise
        except (DuanjuError, ValueError, KeyError):
            continue
        done.append(file)
    return done
