"""Doubt: a paid effect whose outcome is unknown, until a late outcome, a look-up or a person settles it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from ..events.calls import CallAdmitted, CallDoubted, DoubtSettled
from ..events.episode import EffectFailed
from ..events.record import Record
from .answers import Answers, ends, fit
from .asks import Ask, Asks, routes_tried
from .budget import dollars
from .calls import Calls
from .folds import quoted_name
from .lanes import Done
from .owed import Work
from .reactions import Sound
from .turn import Turn

__all__ = ["Doubts"]


@define(eq=False)
class Doubts:
    """The calls in doubt: how they come to be so, and how it ends."""

    turn: Turn
    answers: Answers
    calls: Calls
    asks: Asks

    def enter(self, work: Work, why: str, kept: Sequence[Sound] = ()) -> None:
        """A paid effect's outcome is unknown: recorded, its money counted, its episode held."""
        turn = self.turn
        self.answers.append(work, list(kept))
        turn.works.drop(*work.row)
        admitted = self.calls.admission_of(work.record, work.hook)
        if admitted is None:
            self._without_call(work, why)
            return
        event: CallAdmitted = admitted.event
        doubted = CallDoubted(event.request, admitted.position, event.route, why, "", event.ceiling)
        record = turn.append_core(work.stream, doubted, work.record, "doubt")
        if record is None:
            return
        repeat = self._cheap(work.stream, event.ceiling)
        self.calls.doubt(record, repeat)
        if repeat:
            request = turn.folds.index(work.stream).at(event.request)
            if request is not None:
                tried = routes_tried(turn.folds, request, record.position)
                self.asks.ask(Ask(work.stream, request, record, tried, event.attempt + 1))
            return
        turn.works.owe(work.stream, "core", "doubt", record.position, 1)
        turn.hold(
            work.stream,
            record,
            f"doubt:{record.position}",
            f"nobody knows what became of the call to {event.route} for {event.subject} "
            f"(up to {dollars(event.ceiling)}): {why}",
            f"look at the vendor's bill, then duanju review retry {quoted_name(work.stream)} "
            f"{record.position} (with --not-accepted if it was never taken)",
            event.subject,
        )

    def _without_call(self, work: Work, why: str) -> None:
        """An effect that must not run twice by itself, on a plain fact: a person looks at what it did."""
        failure = EffectFailed(work.hook.plugin, work.hook.name, why, work.attempt)
        self.turn.append_core(work.stream, failure, work.record, "doubt")
        self.turn.hold(
            work.stream,
            work.record,
            f"effect:{work.hook.by}:{work.record.position}",
            f"{work.hook.by} on position {work.record.position} has no known outcome: {why}",
            f"look at what it did, then run duanju resume {quoted_name(work.stream)}",
        )

    def _cheap(self, stream: str, ceiling: int | None) -> bool:
        """Whether a doubted call may be sent again: under `repeat_below`, at most 1 % of the cap in all."""
        folds = self.turn.folds
        budget = folds.budget_of(stream, folds.settings_of(stream))
        if ceiling is None or ceiling >= budget.repeat_below:
            return False
        in_doubt = self.turn.spend.total(stream)[2]
        return budget.episode is None or (in_doubt + ceiling) * 100 <= budget.episode

    def late(self, done: Done, work: Work) -> None:
        """An outcome after the deadline: a repeatable one is dropped, a paid one settles its doubt."""
        if not work.paid or done.error:
            return
        turn = self.turn
        codec = turn.log.codec
        sounds, unfit = fit(codec, done.events, work)
        admitted = None if unfit else self.calls.admission_of(work.record, work.hook)
        if admitted is None or not any(ends(codec, event) for event, _ in sounds):
            return
        doubt = self._doubt_of(work.stream, admitted.position)
        if doubt is None or self._settled(work.stream, admitted.position):
            return  # a person was faster; what it cost is booked already
        turn.works.drop(work.stream, "core", "doubt", doubt.position)
        settled = DoubtSettled(admitted.event.request, admitted.position, "returned", "core", "it came late")
        for index, one in enumerate(sounds):
            event, encoded = self.answers.addressed(work, one)
            record = turn.append(
                work.stream, event, work.record, work.hook.by, work.attempt + 100, index, encoded
            )
            if record is not None and ends(codec, record.event):
                cost = getattr(record.event, "bill", None)
                self.calls.undoubt_late(work.stream, admitted, cost.cost if cost else None, record)
        turn.append_core(work.stream, settled, doubt, "late")

    def settle(self, record: Record) -> None:
        """A `doubt_settled` was carried: money, key and request go on as it says, and its holds end."""
        event: DoubtSettled = record.event
        stream = record.stream
        doubt = self._doubt_of(stream, event.admitted)
        admitted = self.turn.log.at(event.admitted)
        if doubt is None or admitted is None or self._settled(stream, event.admitted, record.position):
            return
        waits = self.turn.works.drop(stream, "core", "doubt", doubt.position)
        outcome = None
        if event.settled == "returned" and waits:
            outcome = self._adopted(stream, event.request, doubt, record)
        if outcome is not None and outcome.kind == "video_submitted":
            self.calls.rejoin(stream, admitted)
        elif record.by != "core.late":  # what came late is booked already
            self.calls.undoubt(stream, admitted, event.settled, outcome)
        request = self.turn.folds.index(stream).at(event.request)
        if waits and request is not None and event.settled in ("not_accepted", "given_up"):
            tried = routes_tried(self.turn.folds, request, record.position)
            self.asks.ask(Ask(stream, request, record, tried, admitted.event.attempt + 1))
        hold = f"doubt:{doubt.position}"
        for other in sorted({stream, *self.asks.waiting_streams()}):
            self.turn.release(other, record, hold, f"settled: {event.settled}")

    def _adopted(self, stream: str, request: int, doubt: Record, settled: Record) -> Record | None:
        """The outcome, or the vendor's job, that a person handed in between a doubt and its end."""
        codec = self.turn.log.codec
        for known in self.turn.folds.index(stream).records:
            if doubt.position < known.position < settled.position:
                answers = known.kind == "video_submitted" or ends(codec, known.event)
                if answers and known.event.request == request:
                    return known
        return None

    def _doubt_of(self, stream: str, admitted: int) -> Record | None:
        for record in reversed(self.turn.folds.index(stream).by_kind.get("call_doubted", [])):
            if record.event.admitted == admitted:
                return record
        return None

    def _settled(self, stream: str, admitted: int, before: int | None = None) -> bool:
        """Whether the doubt about an admission is settled, by a record before a position if one is given."""
        return any(
            record.event.admitted == admitted and (before is None or record.position < before)
            for record in self.turn.folds.index(stream).by_kind.get("doubt_settled", [])
        )
