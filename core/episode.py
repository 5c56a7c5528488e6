"""The fold of one episode, or one series, up to a position: all that a reaction may look at."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from threading import Lock
from typing import Any, TypeVar

from ..events.artifact import Artifact
from ..events.cast import CharacterCast, CharacterChanged
from ..events.codec import Codec
from ..events.episode import (
    JOINS,
    EpisodeDelivered,
    EpisodeForked,
    EpisodeHeld,
    EpisodeOpened,
    EpisodeReleased,
    EpisodeRevised,
    PartClosed,
    PartOpened,
    SettingsChanged,
)
from ..events.record import Record
from .settings import Settings

__all__ = ["Episode", "Index", "Series", "inputs_digest"]

E = TypeVar("E")
_NONE: list[Record] = []  # never changed
Opened = EpisodeOpened | EpisodeRevised | EpisodeForked | SettingsChanged


def inputs_digest(*parts: str) -> str:
    """The digest of a join's exact inputs: 32 hex digits, the same for the same parts in the same order."""
    whole = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        whole.update(len(raw).to_bytes(8, "big") + raw)
    return whole.hexdigest()[:32]


class Index:
    """The records of one stream by kind and subject, in position order; only the engine's thread adds.

    `last` is the position of the newest one. Of a fork, `forked` is the record that it begins with, and
    `shared` what it sees of its series; of any other stream both are None.
    """

    __slots__ = (
        "_codec",
        "_filling",
        "_indexed",
        "_positions",
        "_subjects",
        "by_kind",
        "forked",
        "last",
        "records",
        "revisions",
        "shared",
        "stream",
    )

    def __init__(self, stream: str, codec: Codec) -> None:
        self.stream = stream
        self._codec = codec
        self.records: list[Record] = []
        self._positions: list[int] = []
        self.by_kind: dict[str, list[Record]] = {}
        self._subjects: dict[tuple[Any, ...], list[Record]] = {}
        self._indexed: dict[str, int] = {}
        self._filling = Lock()
        self.revisions: list[tuple[int, int]] = []
        self.last = 0
        self.forked: Record | None = None
        self.shared: Index | None = None

    def add(self, record: Record) -> None:
        """Takes the next record of the stream in."""
        self.records.append(record)
        self.last = record.position
        self._positions.append(record.position)
        kind = record.kind
        known = self.by_kind.get(kind)
        if known is None:
            known = self.by_kind[kind] = []
        known.append(record)
        if kind in ("episode_opened", "episode_revised"):
            self.revisions.append((record.position, record.event.revision))

    def of_subject(self, kind: str, subject: tuple[Any, ...]) -> list[Record]:
        """The records of a kind about a subject; a kind's bodies are read when first asked about."""
        records = self.by_kind.get(kind, _NONE)
        if self._indexed.get(kind, 0) < len(records):
            with self._filling:  # an effect's thread may ask while the engine's adds
                self._fill(kind, records)
        return self._subjects.get((kind, *subject), _NONE)

    def _fill(self, kind: str, records: list[Record]) -> None:
        upto, cls = len(records), self._codec.class_of(kind)
        names = self._codec.spec(cls).subject if cls is not None else ()
        for record in islice(records, self._indexed.get(kind, 0), upto) if names else ():
            event = record.event
            key = (kind, *[getattr(event, name) for name in names])
            known = self._subjects.get(key)
            if known is None:
                known = self._subjects[key] = []
            known.append(record)
        self._indexed[kind] = upto

    def at(self, position: int) -> Record | None:
        """The record at a position, None where it is another stream's."""
        where = bisect_right(self._positions, position) - 1
        if where >= 0 and self._positions[where] == position:
            return self.records[where]
        return None

    def count(self, upto: int) -> int:
        """How many records lie at or below a position."""
        return bisect_right(self._positions, upto)


def _until(records: list[Record], upto: int) -> list[Record]:
    if not records or records[-1].position <= upto:
        return records
    return records[: bisect_right(records, upto, key=lambda record: record.position)]


class _View:
    """What an episode's and a series' fold share."""

    __slots__ = ("_index", "position")

    def __init__(self, index: Index, position: int) -> None:
        self._index = index
        self.position = position

    @property
    def stream(self) -> str:
        """The stream this is the fold of."""
        return self._index.stream

    def _kind(self, cls: type[Any]) -> list[Record]:
        return _until(self._index.by_kind.get(cls.__event__.kind, []), self.position)

    def _subject(self, cls: type[Any], subject: tuple[Any, ...]) -> list[Record]:
        return _until(self._index.of_subject(cls.__event__.kind, subject), self.position)


class Series(_View):
    """A series' fold: its cast, and its episodes. Read only."""

    __slots__ = ("_episodes",)

    def __init__(
        self, index: Index, position: int, episodes: Callable[[], list[Episode]] = list[Any]
    ) -> None:
        """`episodes` finds the folds of the series' episodes up to the same position."""
        super().__init__(index, position)
        self._episodes = episodes

    @property
    def open_episodes(self) -> list[Episode]:
        """The folds of its episodes that were opened and not delivered up to here, by name."""
        return [one for one in self._episodes() if one.revision and not one.delivered]

    @property
    def name(self) -> str:
        """The series' name."""
        return self.stream.split("/", 1)[1]

    def all(self, cls: type[E]) -> list[E]:
        """All events of a class, oldest first."""
        return [record.event for record in self._kind(cls)]

    @property
    def cast(self) -> dict[str, CharacterCast | CharacterChanged]:
        """The newest word on every character, by name, in the order in which they were cast."""
        found: dict[str, CharacterCast | CharacterChanged] = {
            record.event.character: record.event for record in self._kind(CharacterCast)
        }
        for record in self._kind(CharacterChanged):
            found[record.event.character] = record.event
        return found


class Episode(_View):
    """An episode's fold up to `position`. Read only; the same for the same log, always.

    `read_settings` turns a settings artifact's sha256 into Settings; the core supplies it, so that a
    reaction never reads a file.
    """

    __slots__ = ("_read_settings", "_series", "series_view")

    def __init__(
        self, index: Index, series: Index, position: int, read_settings: Callable[[str], Settings]
    ) -> None:
        super().__init__(index, position)
        self._series = series
        self.series_view = Series(series, position)
        self._read_settings = read_settings

    def _home(self, cls: type[Any]) -> Index:
        return self._series if cls.__event__.home == "series" else self._index

    def _kind(self, cls: type[Any]) -> list[Record]:
        return _until(self._home(cls).by_kind.get(cls.__event__.kind, []), self.position)

    def _subject(self, cls: type[Any], subject: tuple[Any, ...]) -> list[Record]:
        return _until(self._home(cls).of_subject(cls.__event__.kind, subject), self.position)

    @property
    def name(self) -> str:
        """The episode's name (without its series)."""
        return self.stream.rsplit("/", 1)[1]

    @property
    def series(self) -> str:
        """The series' name."""
        return self.series_view.name

    @property
    def revision(self) -> int:
        """The newest revision, from 1; 0 before the episode was opened."""
        for position, revision in reversed(self._index.revisions):
            if position <= self.position:
                return revision
        return 0

    @property
    def opened(self) -> EpisodeOpened | EpisodeRevised | None:
        """The event that opened the newest revision."""
        record = self._opening()
        opened: EpisodeOpened | EpisodeRevised | None = None if record is None else record.event
        return opened

    def _opening(self) -> Record | None:
        for position, _ in reversed(self._index.revisions):
            if position <= self.position:
                return self._index.at(position)
        return None

    @property
    def settings(self) -> Settings:
        """The settings recorded last, never the file's. Raises LookupError before the episode is opened."""
        named = self.settings_artifact
        if named is None:
            raise LookupError(f"{self.stream} is not opened at position {self.position}")
        return self._read_settings(named.sha256)

    @property
    def settings_artifact(self) -> Artifact | None:
        """Where the settings in force are recorded; None before the episode is opened."""
        newest = self._index.forked  # a fork's settings are in force from its first record on
        for kind in (EpisodeOpened, EpisodeRevised, EpisodeForked, SettingsChanged):
            records = self._kind(kind)
            if records and (newest is None or records[-1].position > newest.position):
                newest = records[-1]
        named: Artifact | None = newest.event.settings if newest is not None else None
        return named

    @property
    def prices_artifact(self) -> Artifact | None:
        """Where the prices in force are recorded; None before the episode is opened."""
        opened, forked = self._opening(), self._index.forked
        if forked is not None and (opened is None or opened.position < forked.position):
            opened = forked
        named: Artifact | None = opened.event.prices if opened is not None else None
        return named

    @property
    def cast(self) -> dict[str, CharacterCast | CharacterChanged]:
        """The series' cast as this episode sees it, by name, in the order in which they were cast."""
        return self.series_view.cast

    def record(self, position: int) -> Record | None:
        """The record at a position, if it is this episode's and not after the view."""
        return self._index.at(position) if position <= self.position else None

    def records(self, cls: type[Any], *subject: Any) -> list[Record]:
        """All records of a class (and subject), of every revision, oldest first."""
        return list(self._subject(cls, subject) if subject else self._kind(cls))

    def every(self, cls: type[E], *subject: Any) -> list[E]:
        """All events of a class (and subject), of every revision, oldest first."""
        return [record.event for record in self.records(cls, *subject)]

    def all(self, cls: type[E], *subject: Any) -> list[E]:
        """The newest revision's events of a class (and subject), oldest first.

        A class without a `revision` field belongs to every revision.
        """
        events = self.every(cls, *subject)
        if not events or not hasattr(events[0], "revision"):
            return events
        newest = self.revision
        return [one for one in events if getattr(one, "revision", newest) == newest]

    def last(self, cls: type[E], *subject: Any) -> E | None:
        """The fact that holds: newest revision, highest take, and among equals the last appended."""
        record = self.last_record(cls, *subject)
        return None if record is None else record.event

    def last_record(self, cls: type[Any], *subject: Any) -> Record | None:
        """The record of what `last` finds."""
        newest, best, found = self.revision, -1, None
        for record in self._subject(cls, subject) if subject else self._kind(cls):
            event = record.event
            if getattr(event, "revision", newest) != newest:
                continue
            take = getattr(event, "take", 0)
            if take >= best:
                best, found = take, record
        return found

    @property
    def holds(self) -> dict[str, EpisodeHeld]:
        """The holds in force, by the name of their cause."""
        state: dict[str, tuple[int, EpisodeHeld | None]] = {}
        for record in self._kind(EpisodeHeld):
            state[record.event.hold] = (record.position, record.event)
        for record in self._kind(EpisodeReleased):
            known = state.get(record.event.hold)
            if known is not None and known[0] < record.position:
                state[record.event.hold] = (record.position, None)
        return {hold: event for hold, (_, event) in state.items() if event is not None}

    @property
    def delivered(self) -> bool:
        """Whether the newest revision was delivered."""
        return bool(self.all(EpisodeDelivered))

    def open_parts(self, join: str) -> list[str]:
        """The parts of the newest revision that were opened at a join and not closed since, sorted."""
        newest = self.revision
        waiting: dict[str, int] = {}
        for record in self._kind(PartOpened):
            if record.event.join == join and record.event.revision == newest:
                waiting[record.event.part] = record.position
        for record in self._kind(PartClosed) if waiting else ():
            closed = record.event
            mine = closed.join == join and closed.revision == newest
            if mine and waiting.get(closed.part, record.position) < record.position:
                del waiting[closed.part]
        return sorted(waiting)

    def waits(self, join: str) -> bool:
        """Whether a part is open at this join or at one before it: a join fires only when none is."""
        if not self._kind(PartOpened):
            return False
        return any(self.open_parts(one) for one in JOINS[: JOINS.index(join) + 1])

    def __iter__(self) -> Iterator[Record]:
        """All records in view, the series' among them, in position order."""
        own = self._index.records[: self._index.count(self.position)]
        shared = self._series.records[: self._series.count(self.position)]
        return iter(sorted((*own, *shared), key=lambda record: record.position))

    def digest(self) -> str:
        """sha256 over kind and body of the records in view, in order: equal digests, equal state."""
        whole = hashlib.sha256()
        for record in self:
            whole.update(record.kind.encode() + b"\n" + record.body.encode() + b"\n")
        return whole.hexdigest()
