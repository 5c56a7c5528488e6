"""The table `work` against the log: what is open must have its row, and what has ended none."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from ..events.calls import CallFailed
from ..events.record import Unknown
from .adoption import Spans
from .ledger import Entry
from .log import Log
from .plugins import Plugins
from .routing import provider_of
from .verify import Problem
from .work import Row
from .work_books import Books, read_books

__all__ = ["work_differences", "work_to_mend"]

_ENDED = frozenset(("returned", "failed", "not accepted", "given up", "superseded"))


@frozen
class Lost:
    """A row that the log says must stand in `work`, and that does not; `why` names the piece of work.

    A call or a submission that may have reached its vendor has attempt 1, so that the next engine asks what
    became of it instead of sending it again.
    """

    row: Row
    why: str

    @property
    def problem(self) -> Problem:
        """The same as a problem of the log."""
        return Problem(
            self.row[3], f"{self.why}, but its row in `work` is gone: nothing will ever go on with it"
        )


def work_differences(log: Log, plugins: Plugins) -> Iterator[Problem]:
    """Every difference between `work` and the log. Call it in a transaction: an engine may be at work."""
    books = read_books(log)
    for lost in _lost(books, log, plugins):
        yield lost.problem
    for (_, plugin, hook, cause, _), state in _ghosts(books):
        yield Problem(cause, f"{plugin}.{hook} is owed in `work`, but its call has ended ({state})")


def work_to_mend(log: Log, plugins: Plugins) -> tuple[list[Row], list[Row]]:
    """The rows that are gone, and those that must go, each in the order of their causes."""
    books = read_books(log)
    lost = [one.row for one in _lost(books, log, plugins)]
    ghosts = [row for row, _ in _ghosts(books)]
    return sorted(lost, key=lambda row: (row[3], row[:3])), ghosts


# -- rows that are gone -----------------------------------------------------------------------------------


def _lost(books: Books, log: Log, plugins: Plugins) -> Iterator[Lost]:
    calls: dict[tuple[str, int], Entry] = {}
    for entry in books.now.entries:
        if entry.state == "reused":
            continue
        calls[entry.stream, entry.request] = entry
        if entry.state == "open":
            yield from _lost_call(books, entry, plugins)
    for (stream, position), request in books.requests.items():
        if position > books.carried:
            continue
        newest = books.revision(stream)
        if getattr(request.event, "revision", newest) != newest or books.asks(stream, position):
            continue
        if _wants_admission(books, log, stream, position, calls.get((stream, position))):
            asked = f"the {request.kind} of {request.event.subject} waits for its admission"
            yield Lost((stream, "core", "admit", position, 0), asked)
    for (stream, position), entry in calls.items():
        if entry.state != "doubted" or entry.doubt is None or books.withdrawn.get((stream, position)):
            continue
        if not (books.has(stream, entry.doubt, core="doubt") or books.asks(stream, position)):
            why = f"the call to {entry.route} for {entry.subject} is in doubt"
            yield Lost((stream, "core", "doubt", entry.doubt, 1), why)
    yield from _lost_rest(books)
    yield from _stuck(books, log, plugins)


def _lost_call(books: Books, entry: Entry, plugins: Plugins) -> Iterator[Lost]:
    submitted = books.submitted.get(entry.position, [])
    if any(books.has(entry.stream, cause) for cause in (entry.position, *submitted)):
        return
    if submitted and submitted[-1] > books.carried:
        return  # its awaiter is asked when it is carried
    cause = submitted[-1] if submitted else entry.position
    kind = "video_submitted" if submitted else f"{entry.capability}_requested"
    provider = provider_of(entry.route)
    hook = plugins.provider_hook(kind, provider)
    name = f"on_{kind}" if hook is None else hook.name
    what = "awaits its job" if submitted else "was let go"
    why = f"the call to {entry.route} for {entry.subject} {what}"
    yield Lost((entry.stream, provider, name, cause, 1), why)


def _wants_admission(books: Books, log: Log, stream: str, position: int, entry: Entry | None) -> bool:
    """Whether a request is undecided, as far as the engine has looked."""
    after = 0 if entry is None else entry.doubt or entry.position
    if any(one > after for one in books.withdrawn.get((stream, position), ())):
        return False
    if books.reused.get((stream, position), -1) > after:
        return False
    if entry is None:
        return True
    if entry.state == "failed" and entry.outcome is not None and entry.outcome <= books.carried:
        failed = log.at(entry.outcome)
        event = None if failed is None else failed.event
        return isinstance(event, CallFailed) and (event.fallback or event.refused_by.startswith("key:"))
    if entry.state in ("not accepted", "given up"):
        settled = books.settled.get(entry.position)
        said = None if settled is None else settled.event.settled
        return settled is not None and settled.position <= books.carried and said != "returned"
    return False


def _lost_rest(books: Books) -> Iterator[Lost]:
    for (stream, join, part, revision), positions in books.parts.items():
        if revision != books.revision(stream):
            continue
        for position in positions:
            if position <= books.carried and not books.has(stream, position, core="part"):
                yield Lost((stream, "core", "part", position, 0), f"the part {part} of {join} is open")
    for stream, holds in books.holds.items():
        for hold in holds:
            kind, _, rest = hold.partition(":")
            if kind != "overbilled" or not rest.isdecimal():
                continue
            position = int(rest)
            entry = next((one for one in books.now.entries if one.outcome == position), None)
            mine = entry is not None and entry.stream == stream
            if mine and not books.has(stream, position, core="overbilled"):
                yield Lost((stream, "core", "overbilled", position, 0), "its bill was over its ceiling")


def _stuck(books: Books, log: Log, plugins: Plugins) -> Iterator[Lost]:
    """Effects on plain facts. An empty answer leaves nothing in the log, so that only an episode which has
    come to a stand shows that one was never given."""
    open_ = {stream for stream, _ in books.rows}
    for stream, last in books.last.items():
        revision = books.revision(stream)
        at_rest = books.delivered.get(stream) == revision or books.holds.get(stream)
        if stream in open_ or at_rest or last > books.carried or not revision or stream.startswith("fork/"):
            continue  # what a fork owes of its past its own records do not tell
        yield from _unanswered(log, plugins, stream, revision)


def _unanswered(log: Log, plugins: Plugins, stream: str, revision: int) -> Iterator[Lost]:
    records = list(log.read(stream=stream))
    given = {(one.cause, one.by) for one in records}
    spans = Spans([*log.read(stream="studio"), *(r for r in records if r.kind == "hooks_backfilled")])
    waived = {one.event.plugin: one.position for one in records if one.kind == "plugin_waived"}
    for record in records:
        for hook in plugins.by_kind.get(record.kind, ()):
            effect = hook.effect
            if effect is None or effect.provider is not None or not hook.emits:
                continue
            if record.position < waived.get(hook.plugin, 0):
                continue  # a person went on without it
            if (record.position, hook.by) in given or spans.at(
                hook.plugin, hook.name, record.position
            ) is None:
                continue
            event = record.event
            if isinstance(event, Unknown) or getattr(event, "revision", revision) != revision:
                continue
            attempt = int(effect.doubt == "hold")
            why = f"{hook.by} has not answered it and its episode stands still"
            yield Lost((stream, hook.plugin, hook.name, record.position, attempt), why)


# -- rows of what has ended -------------------------------------------------------------------------------


def _ghosts(books: Books) -> Iterator[tuple[Row, str]]:
    """Rows that would send a call again which has ended, each with how it ended: it would be paid twice."""
    ended = {one.position: one for one in books.seen.entries if one.state in _ENDED}
    for position, entry in list(ended.items()):
        ended.update((submitted, entry) for submitted in books.submitted.get(position, ()))
    for (stream, cause), rows in sorted(books.rows.items(), key=lambda one: one[0][1]):
        found = ended.get(cause)
        if found is not None and found.stream == stream:
            for plugin, hook, attempt in rows:
                if plugin != "core":
                    yield (stream, plugin, hook, cause, attempt), found.state
