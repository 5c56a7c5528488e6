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
from .folds import quoted_name
from .owed import Owed, Work
from .reactions import home_of
from .sound import Sound, named, sounds
from .turn import Encoded, Turn
from .twins import Twins

__all__ = ["Answers", "ends", "fit"]


def ends(codec: Codec, event: Any) -> bool:
    """Whether an event ends a call: its outcome, or its failure."""
    return isinstance(event, CallFailed) or codec.spec(event.__class__).outcome is not None


def fit(codec: Codec, events: list[Any], work: Work) -> tuple[list[Sound], str]:
    """The events as an effect's answer and "", or none and why they cannot be it."""
    hook = work.hook
    try:
        named(hook, events)
        found = sounds(codec, hook.by, events)
        for event, _ in found:
            home_of(codec.spec(event.__class__).home, work.stream)
    except DuanjuError as error:
        return [], str(error)
    return found, ""


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
        if not (work.granted or work.is_lookup):
            return event, encoded
        admitted = work.record.event
        stamped = _stamp(event, self.calls.addressee(work.record), admitted.request, admitted.route)
        return stamped, encoded if stamped is event else None

    def _unanswered(self, work: Work, records: list[Record]) -> None:
        """A routed effect that ended well and said nothing of its call is a failed call."""
        codec = self.turn.log.codec
        if any(r.kind == "video_submitted" or ends(codec, r.event) for r in records):
            return
        call = self.calls.call_of(work.record)
        if call is not None:
            failed = CallFailed(
                request=call.request,
                route=call.route,
                why=f"{work.hook.by} ended without an outcome",
                fallback=False,
            )
            self.turn.append_core(work.stream, failed, work.record, "unanswered")

    def again(self, work: Work, why: str) -> None:
        """A repeatable effect failed or was lost: it runs again, or is answered by its failure."""
        if self.may_run(work):
            self.owed.place(work)
        elif work.granted:
            self._fail_call(work, why)
        else:
            self._fail(work, why)

    @staticmethod
    def may_run(work: Work) -> bool:
        """Whether a repeatable effect has attempts left."""
        spec = work.hook.effect
        return spec is not None and work.attempt - work.base < spec.attempts

    def without_key(self, work: Work, why: str, variable: str) -> None:
        """A routed effect found its key missing before it sent anything: nothing is in doubt.

        A call waits for its key as a failed one, the awaiting of a long job waits as it is.
        """
        if work.record.kind == "call_admitted":
            self._fail_call(work, why, refused_by=f"key:{variable}", fallback=False)
            return
        name = quoted_name(work.stream)
        work.attempt -= 1
        self.owed.hold(work)
        self.turn.hold(
            work.stream,
            work.record,
            f"key:{variable}",
            f"{work.record.event.route} needs its key to await what it was asked for: {variable} is not set",
            f"export {variable}=..., then run duanju resume {name}",
            work.record.event.subject,
        )

    def not_ready(self, work: Work, why: str, next: str) -> None:
        """An effect lacks what a person must bring, a library perhaps: it is not tried again before that.

        Of a call another route may make it; the awaiting of a long job waits as it is.
        """
        if not work.granted:
            self._fail(work, why, next)
            return
        if work.record.kind == "call_admitted":
            self._fail_call(work, why)
            return
        work.attempt -= 1
        self.owed.hold(work)
        self.turn.hold(
            work.stream,
            work.record,
            f"plugin:{work.hook.plugin}",
            f"{work.hook.by} cannot await what it was asked for: {why}",
            f"{next}, then run duanju resume {quoted_name(work.stream)}",
            work.record.event.subject,
        )

    def _fail_call(self, work: Work, why: str, *, refused_by: str = "", fallback: bool = True) -> None:
        admitted = work.record.event
        failed = CallFailed(
            request=admitted.request,
            route=admitted.route,
            subject=admitted.subject,
            why=why,
            refused_by=refused_by,
            fallback=fallback,
        )
        self.turn.append(work.stream, failed, work.record, work.hook.by, work.attempt, 0)
        self.turn.works.drop(*work.row)

    def _fail(self, work: Work, why: str, next: str = "mend its cause") -> None:
        failure = EffectFailed(work.hook.plugin, work.hook.name, why, work.attempt)
        self.turn.append(work.stream, failure, work.record, work.hook.by, work.attempt, 0)
        self.turn.works.drop(*work.row)
        self.twins.free(work)
        if self.turn.stale(work.record):
            return  # it ran for an older revision; the newer one does not wait for it
        self.turn.hold(
            work.stream,
            work.record,
            f"effect:{work.hook.by}:{work.record.position}",
            f"{work.hook.by} failed {work.attempt} times on position {work.record.position}: {why}",
            f"{next}, then run duanju resume {quoted_name(work.stream)}",
            str(getattr(work.record.event, "shot", "")),
        )
