"""Answers: what an effect gave back, made fit for the log, appended once, and its work closed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import attrs
from attrs import define

from ..events.calls import CallFailed
from ..events.codec import Codec
from ..events.episode import EffectFailed
from ..events.record import Record
from .calls import Calls
from .errors import DuanjuError
from .owed import Owed, Work
from .reactions import Sound, home_of, sound
from .turn import Encoded, Turn
from .twins import Twins
from .worker import MOST_EVENTS

__all__ = ["Answers", "ends", "fit"]


def ends(codec: Codec, event: Any) -> bool:
    """Whether an event ends a call: its outcome, or its failure."""
    return isinstance(event, CallFailed) or codec.spec(event.__class__).outcome is not None


def fit(codec: Codec, events: list[Any], work: Work) -> tuple[list[Sound], str]:
    """The events as an effect's answer and "", or none and why they cannot be it."""
    hook = work.hook
    if len(events) > MOST_EVENTS:
        return [], f"{hook.by} answered with more than {MOST_EVENTS} events"
    sounds: list[Sound] = []
    for event in events:
        if event.__class__ not in hook.emits:
            return [], f"{hook.by} emitted {type(event).__name__}, which its return annotation does not name"
        try:
            sounds.append(sound(codec, event))
            home_of(codec.spec(event.__class__).home, work.stream)
        except (DuanjuError, TypeError, ValueError) as error:
            return [], f"{hook.by} emitted what cannot be recorded: {error}"
    return sounds, ""


@lru_cache(maxsize=512)
def _names(cls: type[Any]) -> frozenset[str]:
    return frozenset(a.name for a in attrs.fields(cls))


def _stamp(event: Any, request: Any, position: int, route: str) -> Any:
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


@define(eq=False)
class Answers:
    """Gives each piece of work its one answer: its events, or its failure when its attempts are used up."""

    turn: Turn
    calls: Calls
    owed: Owed
    twins: Twins

    def answer(self, work: Work, sounds: list[Sound]) -> None:
        """Appends an effect's answer, closes its row, and settles the call that it ends."""
        records = self.append(work, sounds)
        self.turn.works.drop(*work.row)
        self.twins.remember(work, records)
        if work.granted:
            codec = self.turn.log.codec
            for record in records:
                if ends(codec, record.event):
                    self.calls.settle(record)
            self._unanswered(work, records)

    def append(self, work: Work, sounds: list[Sound]) -> list[Record]:
        """Appends events of an effect; its work stays open."""
        codec = self.turn.log.codec
        records: list[Record] = []
        for index, one in enumerate(sounds):
            event, encoded = self.addressed(work, one)
            stream = home_of(codec.spec(event.__class__).home, work.stream)
            record = self.turn.append(stream, event, work.record, work.hook.by, work.attempt, index, encoded)
            if record is not None:
                records.append(record)
        return records

    def addressed(self, work: Work, one: Sound) -> tuple[Any, Encoded | None]:
        """Writes the address of an outcome: whose call it answers. What is changed is yet to be encoded."""
        event, encoded = one
        if not work.granted:
            return event, encoded
        admitted = work.record.event
        stamped = _stamp(event, self.calls.event_of(work.record), admitted.request, admitted.route)
        return stamped, encoded if stamped is event else None

    def _unanswered(self, work: Work, records: list[Record]) -> None:
        """A routed effect that ended well and said nothing of its call is a failed call."""
        call = self.calls.call_of(work.stream, work.record.event.request)
        if call is not None and not any(r.kind == "video_submitted" for r in records):
            failed = CallFailed(
                request=call.request,
                route=call.route,
                why=f"{work.hook.by} ended without an outcome",
                fallback=False,
            )
            record = self.turn.append_core(work.stream, failed, work.record, "unanswered")
            if record is not None:
                self.calls.settle(record)

    def again(self, work: Work, why: str) -> None:
        """A repeatable effect failed or was lost: it runs again, or is answered by its failure."""
        spec = work.hook.effect
        if spec is not None and work.attempt - work.base < spec.attempts:
            self.owed.place(work)
        elif work.granted:
            self._fail_call(work, why)
        else:
            self._fail(work, why)

    def _fail_call(self, work: Work, why: str) -> None:
        admitted = work.record.event
        failed = CallFailed(request=admitted.request, route=admitted.route, subject=admitted.subject, why=why)
        record = self.turn.append(work.stream, failed, work.record, work.hook.by, work.attempt, 0)
        self.turn.works.drop(*work.row)
        if record is not None:
            self.calls.settle(record)

    def _fail(self, work: Work, why: str) -> None:
        failure = EffectFailed(work.hook.plugin, work.hook.name, why, work.attempt)
        self.turn.append(work.stream, failure, work.record, work.hook.by, work.attempt, 0)
        self.turn.works.drop(*work.row)
        self.twins.free(work)
        self.turn.hold(
            work.stream,
            work.record,
            f"effect:{work.hook.by}:{work.record.position}",
            f"{work.hook.by} failed {work.attempt} times on position {work.record.position}: {why}",
            "mend its cause, then run duanju resume",
            str(getattr(work.record.event, "shot", "")),
        )
