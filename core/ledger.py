"""The ledger: what every call cost, folded from the log alone, in whole micro-dollars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from ..events.calls import Bill, CallAdmitted, CallDoubted, CallFailed, DoubtSettled, VideoSubmitted
from ..events.kinds import EventSpec
from ..events.record import Record
from .sums import GROUPS, Sums, Timing, grouped, mark_wasted, sum_of, timings

if TYPE_CHECKING:
    from .log import Log

__all__ = [
    "GROUPS",
    "MONEY",
    "Asked",
    "Entry",
    "Fold",
    "Ledger",
    "Sums",
    "asked_by",
    "known_cost",
    "ledger_of",
    "shots_in",
]

MOST_COST = 10**15
MOST_MS = 10**10
MONEY = frozenset(
    ("answer_rejected", "call_admitted", "call_doubted", "call_failed", "doubt_settled", "video_submitted")
)
"""The kinds that change what a call cost, besides requests and outcomes."""


def known_cost(bill: Bill) -> int | None:
    """What a bill says in micro-dollars, None where nobody knows.

    Less than nothing is no bill, nor is more than a billion dollars: a broken provider's, and no table holds
    the sums of such.
    """
    if bill.cost is None or not 0 <= bill.cost <= MOST_COST or (bill.billing == "unknown" and bill.cost == 0):
        return None
    return bill.cost


@define(eq=False)
class Entry:
    """One admitted call, or one answer that was reused.

    `state`: open | returned | failed | doubted | superseded | not accepted | given up | reused; superseded =
    doubted, and sent again by itself since it was cheap. `cost` is None when nobody knows it; `ceiling` is
    what was reserved for it; `estimated` = its cost is that ceiling, for want of a bill. `stage` is the
    plugin that asked. A reused answer costs nothing here; `paid` tells whether the call that made it did.
    `outcome` is the position of its answer, `doubt` that of its doubt, `first` that of the answer which was
    made for the money, whoever used it again since. `rejected`: whoever asked could not
    use the answer; `wasted`: its money bought nothing that is in use. `attempts` counts what was sent.
    """

    position: int
    stream: str
    at: str
    day: str
    route: str
    capability: str
    stage: str
    purpose: str
    subject: str
    state: str
    ceiling: int | None = None
    cost: int | None = None
    billing: str = ""
    estimated: bool = False
    paid: bool = False
    key: str = ""
    request: int = 0
    outcome: int | None = None
    doubt: int | None = None
    reused_from: int | None = None
    first: int | None = None
    quote: int | None = None
    rule: str = ""
    reason: str = ""
    revision: int = 0
    take: int = 0
    latency_ms: int = 0
    attempts: int = 0
    rejected: bool = False
    wasted: bool = False

    def bill(self, bill: Bill) -> None:
        """Adds a part of its bill; once a part is unknown the whole is."""
        cost = known_cost(bill)
        self.latency_ms += min(max(0, bill.latency_ms), MOST_MS)
        self.attempts += len(bill.attempts)
        if not self.billing:
            self.cost, self.billing = cost, bill.billing
        else:
            self.cost = None if cost is None or self.cost is None else self.cost + cost
            if bill.billing != "free":
                self.billing = bill.billing
        self.estimated = self.billing == "unknown" and self.cost is not None
        if self.cost is None:
            self.billing = "unknown"

    def book(self) -> None:
        """Nobody knows what it cost: its ceiling counts as spent."""
        self.state, self.cost, self.billing = "given up", self.ceiling, "unknown"
        self.estimated = self.ceiling is not None

    @property
    def doubtful(self) -> bool:
        """Whether nobody knows its outcome."""
        return self.state in ("doubted", "superseded")

    @property
    def in_doubt(self) -> int:
        """Money of which nobody knows whether it was spent."""
        return (self.ceiling or 0) if self.doubtful else 0

    @property
    def reserved(self) -> int:
        """Money that a call under way may still cost."""
        return (self.ceiling or 0) if self.state == "open" else 0

    @property
    def settled(self) -> int:
        """What the caps count as spent: its cost, and its ceiling where nobody knows that."""
        if self.state in ("open", "doubted", "superseded", "not accepted", "reused"):
            return 0
        return (self.ceiling or 0) if self.cost is None else self.cost

    @property
    def committed(self) -> int:
        """All that it cost or may still cost: what is settled, in doubt, and reserved."""
        return self.settled + self.in_doubt + self.reserved

    @property
    def unknown(self) -> bool:
        """The call came back and nobody knows what it cost: never counted as 0, but shown by itself."""
        if self.state in ("reused", "not accepted"):
            return False
        if self.state == "open" or self.doubtful:
            return self.ceiling is None
        return self.cost is None


@frozen
class Asked:
    """What a request says of the call that is made for it: the plugin that asked, and what for."""

    stage: str
    purpose: str
    revision: int
    take: int


def asked_by(record: Record) -> Asked:
    """What a request's record says of its call."""
    event = record.event
    return Asked(
        record.by.rsplit(".", 1)[0],
        getattr(event, "purpose", ""),
        int(getattr(event, "revision", 0)),
        int(getattr(event, "take", 0)),
    )


_NOBODY = Asked("", "", 0, 0)


@frozen
class Ledger:
    """All entries in log order; `shots`: (stream, line) -> the shot in which the line is said."""

    entries: tuple[Entry, ...]
    shots: Mapping[tuple[str, str], str] = field(factory=dict)

    def sums(self) -> Sums:
        """The sums of all."""
        return sum_of(self.entries)

    def by(self, group: str) -> dict[str, Sums]:
        """The sums by one of GROUPS, sorted. Raises KeyError for another word."""
        return grouped(self.entries, group, self.shots)

    def doubts(self) -> dict[str, Sums]:
        """The sums of the calls in doubt by route, sorted."""
        return Ledger(tuple(one for one in self.entries if one.doubtful)).by("model")

    def timings(self) -> dict[str, Timing]:
        """How each model answered, by route, sorted."""
        return timings(self.entries)


def ledger_of(log: Log, stream: str | None = None, *, after: int = 0, carried: int | None = None) -> Ledger:
    """The ledger of a stream, or of the whole log; only entries above `after`; `carried` as in `Fold`.

    Reads the log itself, not the tables `spend` and `outcome`, which are made from it. Money belongs to the
    admission: an outcome finds it through its cause, over a submission where there was one.
    """
    codec = log.codec
    fold = Fold({spec.kind: spec for spec in map(codec.spec, codec.classes())}, log.at, carried)
    for record in log.read(stream=stream):
        fold.add(record)
    mark_wasted(fold.entries)
    return Ledger(tuple(entry for entry in fold.entries if entry.position > after))


def shots_in(log: Log, stream: str | None = None) -> dict[tuple[str, str], str]:
    """(stream, line) -> the shot in which the line is said, as the last plan of it has it."""
    return {
        (record.stream, line.line): record.event.shot
        for record in log.read(stream=stream, kind="shot_planned")
        for line in record.event.lines
    }


class Fold:
    """Records in position order -> entries; the one place that knows what an event does to a call's money.

    `specs` by kind says which events are requests and outcomes; `at` finds the call behind a reused answer.
    With `carried`, what others than the engine may have written counts up to that position only: the
    engine has not looked at it yet, and its tables do not hold it. Money belongs to one stream: what a fork
    writes changes no call of the episode that it was forked from.
    """

    def __init__(
        self,
        specs: Mapping[str, EventSpec],
        at: Callable[[int], Record | None] = lambda position: None,
        carried: int | None = None,
    ) -> None:
        self._specs = specs
        self._at = at
        self._carried = carried
        self._asked: dict[int, Asked] = {}
        self._admitted: dict[int, Entry] = {}
        self._by_request: dict[tuple[str, int], list[Entry]] = {}
        self._answers: dict[int, Entry] = {}
        self.entries: list[Entry] = []

    def add(self, record: Record) -> None:
        """Takes the next record in; one that says nothing of a call is passed over, its body unread."""
        spec = self._specs.get(record.kind)
        if spec is not None:
            self.take(record, spec)

    def take(self, record: Record, spec: EventSpec) -> None:
        """As `add`, with the specification of its kind."""
        kind = record.kind
        if spec.request:
            self._asked[record.position] = asked_by(record)
        elif kind == "call_admitted":
            self._admit(record)
        elif kind == "call_doubted":
            self._doubt(record)
        elif self._carried is not None and record.position > self._carried:
            return
        elif spec.outcome or kind in ("call_failed", "video_submitted"):
            self._outcome(record, spec)
        elif kind == "doubt_settled":
            self._settle(record)
        elif kind == "answer_rejected":
            self._reject(record)

    def entry_of(self, record: Record) -> Entry | None:
        """The call that an outcome, a failure or a submission is about.

        Its cause says which; what a person hands in without a cause is about the request's last doubt.
        """
        request = record.event.request
        entry = None if record.cause is None else self.admission(record.cause)
        if entry is not None:
            return entry if entry.request == request else None
        for entry in reversed(self._calls_for(record.stream, request)):
            if entry.doubtful:
                return entry
        return None

    # -- what it keeps: the ledger's tables keep it elsewhere -------------------------------------------

    def admission(self, position: int) -> Entry | None:
        """The entry of the admission at a position, or of the one that a submission there answers."""
        return self._admitted.get(position)

    def _asked_at(self, position: int) -> Asked:
        return self._asked.get(position, _NOBODY)

    def _calls_for(self, stream: str, request: int) -> list[Entry]:
        """The calls that a stream made for a request, in order of their admission."""
        return self._by_request.get((stream, request), [])

    def _answered(self, position: int) -> Entry | None:
        """The entry whose answer stands at a position, also one that was used again."""
        return self._answers.get(position)

    def _new(self, entry: Entry) -> None:
        self.entries.append(entry)
        if entry.state == "reused":
            self._answers[entry.position] = entry
        else:
            self._admitted[entry.position] = entry
            self._by_request.setdefault((entry.stream, entry.request), []).append(entry)

    def _submitted(self, position: int, entry: Entry) -> None:
        """What answers this submission answers the admission."""
        self._admitted[position] = entry

    def _changed(self, entry: Entry) -> None:
        """An entry is no longer what it was."""
        if entry.outcome is not None:
            self._answers[entry.outcome] = entry

    # -- what each kind does ----------------------------------------------------------------------------

    def _admit(self, record: Record) -> None:
        event: CallAdmitted = record.event
        asked = self._asked_at(event.request)
        for earlier in self._calls_for(record.stream, event.request):
            if earlier.state == "doubted":
                earlier.state = "superseded"
                self._changed(earlier)
        self._new(
            Entry(
                record.position,
                record.stream,
                record.at,
                event.day,
                event.route,
                event.capability,
                asked.stage,
                event.purpose,
                event.subject,
                "open",
                event.ceiling,
                key=event.key,
                request=event.request,
                quote=event.quote,
                rule=event.rule,
                reason=event.reason,
                revision=asked.revision,
                take=asked.take,
            )
        )

    def _outcome(self, record: Record, spec: EventSpec) -> None:
        event = record.event
        if getattr(event, "reused_from", None) is not None:
            self._reused(record, spec)
            return
        entry = self.entry_of(record)
        if entry is None or not (entry.state == "open" or entry.doubtful):
            return
        if isinstance(event, VideoSubmitted):
            self._submitted(record.position, entry)
            entry.state = "open"
            if event.bill.billing != "free" or event.bill.cost:
                entry.bill(event.bill)
        else:
            entry.bill(event.bill)
            entry.state = "failed" if isinstance(event, CallFailed) else "returned"
            entry.outcome = entry.first = record.position
        self._changed(entry)

    def _reused(self, record: Record, spec: EventSpec) -> None:
        event = record.event
        first = self._at(event.reused_from)
        bill = None if first is None else getattr(first.event, "bill", None)
        cost = 0 if bill is None else known_cost(bill)
        asked = self._asked_at(event.request)
        self._new(
            Entry(
                record.position,
                record.stream,
                record.at,
                record.at[:10],
                event.route,
                spec.outcome or "",
                asked.stage,
                asked.purpose,
                event.subject,
                "reused",
                0,
                0,
                "reused",
                paid=cost is None or cost > 0,
                request=event.request,
                reused_from=event.reused_from,
                first=self._first(event.reused_from, first),
                revision=asked.revision,
                take=asked.take,
            )
        )

    def _first(self, position: int, record: Record | None) -> int:
        """The answer that was made for the money, behind all those that only used it again."""
        while record is not None:
            earlier = getattr(record.event, "reused_from", None)
            if earlier is None or earlier >= position:
                break
            position, record = earlier, self._at(earlier)
        return position

    def _doubt(self, record: Record) -> None:
        event: CallDoubted = record.event
        entry = self.admission(event.admitted)
        if entry is not None and entry.state == "open":
            entry.state, entry.doubt = "doubted", record.position
            self._changed(entry)

    def _reject(self, record: Record) -> None:
        """Nobody can use the answer; it stays paid."""
        entry = self._answered(record.event.answer)
        if entry is not None and entry.stream == record.stream:
            entry.rejected = True
            self._changed(entry)

    def _settle(self, record: Record) -> None:
        event: DoubtSettled = record.event
        entry = self.admission(event.admitted)
        if entry is None or not entry.doubtful:
            return
        if event.settled == "not_accepted":
            entry.state, entry.cost, entry.billing = "not accepted", 0, "free"
        else:  # given up, or said to have returned without its outcome
            entry.book()
        self._changed(entry)
