"""Doubt: a paid effect whose outcome is unknown, until a late outcome, a look-up or a person settles it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from ..events.artifact import Artifact
from ..events.calls import CallAdmitted, CallDoubted, DoubtSettled, VideoSubmitted
from ..events.episode import EffectFailed
from ..events.record import Record
from .answers import Answers, ends, fit
from .asks import Ask, Asks, routes_tried
from .budget import dollars
from .calls import Calls
from .contain import without_keys
from .desk import Told
from .folds import quoted_name
from .lanes import Done
from .ledger import Entry
from .owed import Work
from .sound import Sound
from .turn import Turn

__all__ = ["Doubts", "next_of"]


def next_of(name: str, doubt: int) -> str:
    """What a person can do about a doubt; `name` is its episode's, as a shell takes it."""
    return (
        f"look at the vendor's bill, then: duanju review adopt {name} {doubt} FILE (it delivered), "
        f"duanju review retry {name} {doubt} (send it again; with --not-accepted if it was never taken), "
        f"or duanju review drop {name} {doubt} (do without)"
    )


@define(eq=False)
class Doubts:
    """The calls in doubt: how they come to be so, and how it ends."""

    turn: Turn
    answers: Answers
    calls: Calls
    asks: Asks

    # -- how it begins ----------------------------------------------------------------------------------

    def enter(self, work: Work, why: str, kept: Sequence[Sound] = (), told: Told | None = None) -> None:
        """A paid effect's outcome is unknown: recorded, its money counted, its episode held.

        `told` is what the effect said of it on its way.
        """
        turn = self.turn
        self.answers.append(work, list(kept))
        turn.works.drop(*work.row)
        admitted = self.calls.admission_of(work.record, work.hook)
        if admitted is None:
            self._without_call(work, why)
            return
        event: CallAdmitted = admitted.event
        known, raw = _known(work, told or Told())
        doubted = CallDoubted(event.request, admitted.position, event.route, why, known, event.ceiling, raw)
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
            f"(up to {dollars(event.ceiling)}): {why}" + (f"; known: {known}" if known else ""),
            next_of(quoted_name(work.stream), record.position),
            event.subject,
        )

    def again(self, work: Work, why: str, told: Told | None = None) -> None:
        """A repeatable effect failed or was lost: it runs again while it may.

        One that awaits a long job and gives up leaves a call in doubt, never a failed one: the vendor has
        taken the job.
        """
        if work.granted and work.record.kind == "video_submitted" and not self.answers.may_run(work):
            self.enter(work, why, (), told)
        else:
            self.answers.again(work, why)

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
        if folds.trouble(stream):
            return False  # nobody knows what this episode's settings allow
        budget = folds.budget_of(stream, folds.settings_of(stream))
        if ceiling is None or ceiling >= budget.repeat_below:
            return False
        in_doubt = self.turn.spend.total(stream)[2]
        return budget.episode is None or (in_doubt + ceiling) * 100 <= budget.episode

    # -- how it ends ------------------------------------------------------------------------------------

    def late(self, done: Done, work: Work) -> None:
        """What comes after the deadline: a repeatable run's is dropped, a paid one's settles the doubt.

        An outcome is appended, and so is the vendor's job, which is awaited; also if the run raised then.
        """
        if not work.paid:
            return
        codec = self.turn.log.codec
        sounds, unfit = fit(codec, done.events, work)
        admitted = None if unfit else self.calls.admission_of(work.record, work.hook)
        known = any(isinstance(event, VideoSubmitted) or ends(codec, event) for event, _ in sounds)
        if admitted is None or not known:
            return
        if not self.calls.entry(admitted).doubtful:
            return  # a person was faster; what it cost is booked already
        for index, one in enumerate(sounds):
            event, encoded = self.answers.addressed(work, one)
            self.turn.append(
                work.stream, event, work.record, work.hook.by, work.attempt + 100, index, encoded
            )

    def came_back(self, record: Record) -> bool:
        """An outcome, a failure or a submission was carried: it ends its call, or the doubt about it.

        False for one that is nobody's newest word: its call had ended, or was sent again meanwhile.
        """
        if getattr(record.event, "reused_from", None) is not None:
            return False
        admitted = self.calls.behind(record)
        if admitted is None:
            return False
        newest = self.calls.is_newest(admitted)
        if record.kind != "video_submitted" and self.calls.settle(record, admitted):
            return newest
        entry = self.calls.fold(record.stream, record.event.request, record.position - 1).admission(
            admitted.position
        )
        if entry is None or not entry.doubtful:
            return newest and entry is not None and entry.state == "open"
        if record.kind == "video_submitted":
            self.calls.rejoin(admitted)
        else:
            self.calls.late(record, admitted)
        self._ended(record, entry)
        return newest

    def _ended(self, record: Record, entry: Entry) -> None:
        """A doubt has its outcome: recorded, unless who handed the outcome in has said so already."""
        doubt = self.turn.folds.index(record.stream).at(entry.doubt or 0)
        self.turn.works.drop(record.stream, "core", "doubt", entry.doubt or 0)
        said = any(
            one.event.admitted == entry.position and one.position > record.position
            for one in self.turn.folds.index(record.stream).by_kind.get("doubt_settled", ())
        )
        if doubt is not None and not said:
            settled = DoubtSettled(entry.request, entry.position, "returned", "core", "it came late")
            self.turn.append_core(record.stream, settled, doubt, "late")

    def settle(self, record: Record) -> None:
        """A `doubt_settled` was carried: money, key and request go on as it says, and its holds end."""
        event: DoubtSettled = record.event
        stream = record.stream
        index = self.turn.folds.index(stream)
        admitted = index.at(event.admitted)
        if admitted is None or admitted.kind != "call_admitted":
            return
        entry = self.calls.fold(stream, admitted.event.request, record.position - 1).admission(
            admitted.position
        )
        if entry is None or entry.doubt is None:
            return
        if entry.doubtful:
            # without a row it was cheap: its request has asked again when the doubt began
            waits = self.turn.works.drop(stream, "core", "doubt", entry.doubt)
            self.calls.undoubt(admitted, self.calls.entry(admitted, record.position))
            request = index.at(entry.request)
            wanted = waits and event.settled in ("not_accepted", "given_up")
            if request is not None and wanted and not self._dropped(stream, entry, record.position):
                tried = routes_tried(self.turn.folds, request, record.position)
                self.asks.ask(Ask(stream, request, record, tried, admitted.event.attempt + 1))
        hold = f"doubt:{entry.doubt}"
        for other in sorted({stream, *self.asks.waiting_streams()}):
            self.turn.release(other, record, hold, f"settled: {event.settled}")

    def _dropped(self, stream: str, entry: Entry, upto: int) -> bool:
        """Whether a person said, since the doubt, that its request is not asked again."""
        return any(
            one.event.request == entry.request and (entry.doubt or 0) < one.position < upto
            for one in self.turn.folds.index(stream).by_kind.get("request_withdrawn", ())
        )


def _known(work: Work, told: Told) -> tuple[str, Artifact | None]:
    """What is known of a call: what its effect told, and the vendor's job where it awaited one."""
    job = f"job {work.record.event.job}" if work.record.kind == "video_submitted" else ""
    return without_keys("; ".join(one for one in (job, told.known) if one)), told.raw
