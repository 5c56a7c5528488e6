"""One pass over a log that finds what opens work and what ends it, beside the rows of the table `work`."""

from __future__ import annotations

from collections import defaultdict

from attrs import define, field

from ..events.codec import BadBody
from ..events.record import Record
from .author import author_of
from .ledger import Fold
from .log import Log

__all__ = ["Books", "read_books"]


@define
class Books:
    """What one pass over the log finds: the calls, the requests, and whatever opens or ends work.

    `rows`: (stream, cause) -> plugin, hook, attempt of each row; `now` folds all calls, `seen` those that the
    engine has looked at; `causes` of a request: what asked for its admission; `openings`: position and
    revision of each, a fork's with those of its past; `holds` in force with their positions; `parts` open.
    """

    carried: int
    rows: dict[tuple[str, int], list[tuple[str, str, int]]]
    now: Fold
    seen: Fold
    requests: dict[tuple[str, int], Record] = field(factory=dict)
    causes: dict[tuple[str, int], set[int]] = field(factory=lambda: defaultdict(set))
    submitted: dict[int, list[int]] = field(factory=lambda: defaultdict(list))
    settled: dict[int, Record] = field(factory=dict)
    withdrawn: dict[tuple[str, int], list[int]] = field(factory=lambda: defaultdict(list))
    reused: dict[tuple[str, int], int] = field(factory=dict)
    openings: dict[str, list[tuple[int, int]]] = field(factory=lambda: defaultdict(list))
    last: dict[str, int] = field(factory=dict)
    delivered: dict[str, int] = field(factory=dict)
    holds: dict[str, dict[str, int]] = field(factory=lambda: defaultdict(dict))
    parts: dict[tuple[str, str, str, int], list[int]] = field(factory=lambda: defaultdict(list))

    def revision(self, stream: str) -> int:
        """The newest revision of an episode as far as the engine has looked; 0 before it was opened."""
        known = [revision for position, revision in self.openings.get(stream, ()) if position <= self.carried]
        return known[-1] if known else 0

    def has(self, stream: str, cause: int, *, core: str | None = None) -> bool:
        """Whether a row stands: of the core with that hook, or of any plugin."""
        found = self.rows.get((stream, cause), ())
        return any(
            (plugin == "core" and hook == core) if core else plugin != "core" for plugin, hook, _ in found
        )

    def asks(self, stream: str, request: int) -> bool:
        """Whether a row says that a request waits for its admission."""
        return any(self.has(stream, cause, core="admit") for cause in self.causes[stream, request])


def read_books(log: Log) -> Books:
    """Reads the whole log once; bodies that do not fit are passed over. Call it in a transaction."""
    specs = {spec.kind: spec for spec in map(log.codec.spec, log.codec.classes())}
    carried = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()[0]
    rows: dict[tuple[str, int], list[tuple[str, str, int]]] = {}
    for stream, plugin, hook, cause, attempt in log.db.execute("SELECT * FROM work"):
        rows.setdefault((stream, cause), []).append((plugin, hook, attempt))
    books = Books(carried, rows, Fold(specs), Fold(specs, carried=carried))
    for record in log.read():
        if record.stream.startswith(("episode/", "fork/")):
            books.last[record.stream] = record.position
        spec = specs.get(record.kind)
        if spec is None:
            continue
        try:
            books.now.add(record)
            books.seen.add(record)
            _note(books, record, spec.request, spec.outcome)
        except BadBody:
            continue  # the artifacts' pass names it
    return books


def _note(books: Books, record: Record, asks: str | None, answers: str | None) -> None:
    kind, stream, position = record.kind, record.stream, record.position
    if asks:
        books.requests[stream, position] = record
        books.causes[stream, position].add(position)
        return
    if answers:
        if getattr(record.event, "reused_from", None) is not None:
            books.reused[stream, record.event.request] = position
        return
    note = _NOTES.get(kind)
    if note is not None:
        note(books, record)


def _asker(books: Books, record: Record) -> None:
    books.causes[record.stream, record.event.request].add(record.position)


def _submission(books: Books, record: Record) -> None:
    entry = books.now.admission(record.position)
    if entry is not None:
        books.submitted[entry.position].append(record.position)


def _settlement(books: Books, record: Record) -> None:
    _asker(books, record)
    books.settled[record.event.admitted] = record


def _withdrawal(books: Books, record: Record) -> None:
    books.withdrawn[record.stream, record.event.request].append(record.position)


def _opened(books: Books, record: Record) -> None:
    books.openings[record.stream].append((record.position, record.event.revision))
    books.delivered.pop(record.stream, None)


def _forked(books: Books, record: Record) -> None:
    source, at = record.event.source, record.event.at
    books.openings[record.stream] += [one for one in books.openings[source] if one[0] <= at]


def _held(books: Books, record: Record) -> None:
    books.holds[record.stream][record.event.hold] = record.position


def _released(books: Books, record: Record) -> None:
    books.holds[record.stream].pop(record.event.hold, None)
    kind, _, rest = record.event.hold.partition(":")
    if kind in ("call", "dropped") and rest.isdecimal():
        books.causes[record.stream, int(rest)].add(record.position)
        # A request that a person dropped and then let go on waits again, whatever was said before.
        books.withdrawn.pop((record.stream, int(rest)), None)


def _part(books: Books, record: Record) -> None:
    event = record.event
    if author_of(record):
        books.parts[record.stream, event.join, event.part, event.revision].append(record.position)


def _part_closed(books: Books, record: Record) -> None:
    event = record.event
    books.parts.pop((record.stream, event.join, event.part, event.revision), None)


def _delivery(books: Books, record: Record) -> None:
    books.delivered[record.stream] = record.event.revision


_NOTES = {
    "call_failed": _asker,
    "call_doubted": _asker,
    "answer_rejected": _asker,
    "doubt_settled": _settlement,
    "video_submitted": _submission,
    "request_withdrawn": _withdrawal,
    "episode_opened": _opened,
    "episode_revised": _opened,
    "episode_forked": _forked,
    "episode_held": _held,
    "episode_released": _released,
    "episode_delivered": _delivery,
    "part_opened": _part,
    "part_closed": _part_closed,
}
