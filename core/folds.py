"""The folds that an engine keeps in memory: one index per stream in use, and what is held."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import attrs

from ..events.calls import BudgetRaised
from ..events.episode import EpisodeHeld, EpisodeRevised, SettingsChanged
from ..events.record import Record
from .episode import Episode, Index, Series
from .errors import BadArtifact, BadSetting
from .forked import ForkedIndex
from .log import Log, once_id
from .prices import Prices
from .settings import Budget, Settings

_UNREADABLE = (BadArtifact, BadSetting, ValueError)
_SETTING = frozenset({"episode_opened", "episode_revised", "episode_forked", "settings_changed"})

KEPT = 4
"""How many streams at rest keep their index in memory."""

__all__ = ["KEPT", "Folds", "is_episode", "quoted_name", "scopes_of", "series_of"]


@lru_cache(maxsize=1024)
def series_of(stream: str) -> str:
    """`episode/tea/teahouse`, `fork/tea/wide` -> `tea`; a series' stream names itself; "" for any other."""
    parts = stream.split("/")
    return parts[1] if parts[0] in ("episode", "fork", "series") and len(parts) > 1 else ""


def is_episode(stream: str) -> bool:
    """Whether a stream is an episode's, a fork's among them: it has holds, revisions and a film."""
    return stream.startswith(("episode/", "fork/"))


def quoted_name(stream: str) -> str:
    """`episode/tea/one two` -> `'tea/one two'`: an episode's name as a shell takes it."""
    return shlex.quote(stream.split("/", 1)[-1])


@lru_cache(maxsize=1024)
def scopes_of(stream: str) -> tuple[str, ...]:
    """Whose money a stream spends: the studio's, its series', its own."""
    series = series_of(stream)
    return ("studio", f"series/{series}", stream) if series else ("studio", stream)


class Folds:
    """Indexes by stream, loaded from the log when first asked for and extended by `add`."""

    def __init__(self, log: Log, read_settings: Callable[[str], bytes]) -> None:
        self._log = log
        self._read = read_settings
        self._indexes: dict[str, Index] = {}
        self._settings: dict[str, Settings] = {}
        self._holds: dict[str, dict[str, EpisodeHeld]] = {}
        self._in_force: dict[str, Settings] = {}
        self._prices: dict[str, Prices] = {}
        self._tidy_at = 2 * KEPT
        self._whole: set[str] = set()  # the streams whose settings and prices were read

    def index(self, stream: str) -> Index:
        """The index of a stream, all of it."""
        found = self._indexes.get(stream)
        if found is None:
            self._log.flush()
            found = self._forked(stream) if stream.startswith("fork/") else Index(stream, self._log.codec)
            for record in self._log.read(stream=stream):
                found.add(record)
            self._indexes[stream] = found
        return found

    def _forked(self, stream: str) -> Index:
        """The index of a fork as it begins: with all that it sees of its source."""
        first = next(self._log.read(stream=stream), None)
        if first is None or first.kind != "episode_forked":
            return Index(stream, self._log.codec)
        source: str = first.event.source
        own = self.index(source)
        shared = own.shared if own.shared is not None else self.index(f"series/{series_of(source)}")
        return ForkedIndex(stream, self._log.codec, first, own, shared)

    def add(self, record: Record) -> None:
        """Extends the index of the record's stream, where it is in use."""
        found = self._indexes.get(record.stream)
        # an index that was read between two turns holds already what others wrote since the last one
        if found is not None and record.position > found.last:
            found.add(record)
        if record.kind == "episode_forked":
            self.forget(record.stream)  # whoever asked before it began has an index without a past
        if record.kind in ("episode_held", "episode_released"):
            self._holds.pop(record.stream, None)
        elif record.kind in _SETTING:
            self._in_force.pop(record.stream, None)
            self._whole.discard(record.stream)

    def episode(self, stream: str, position: int) -> Episode:
        """The fold of an episode up to a position."""
        index = self.index(stream)
        shared = index.shared if index.shared is not None else self.index(f"series/{series_of(stream)}")
        return Episode(index, shared, position, self.settings)

    def series(self, stream: str, position: int) -> Series:
        """The fold of a series up to a position; of a fork's stream, the series as that fork sees it."""
        shared = self.index(stream).shared
        if shared is not None:
            return Series(shared, position, lambda: [self.episode(stream, position)])
        return Series(self.index(stream), position, partial(self._episodes, stream, position))

    def _episodes(self, stream: str, position: int) -> list[Episode]:
        self._log.flush()
        return [self.episode(one, position) for one in self._log.streams(f"episode/{series_of(stream)}/")]

    def taken(self, stream: str, event: Any) -> bool:
        """Whether a fork's past holds an event of the same once key."""
        spec = self._log.codec.spec(type(event))
        forked = self.index(stream).forked if spec.once else None
        values = [getattr(event, name) for name in spec.once]
        upto = self._log.head
        while forked is not None:
            source, upto = forked.event.source, min(upto, forked.event.at)
            of_series = spec.home == "series" and not source.startswith("fork/")
            home = f"series/{series_of(source)}" if of_series else source
            position = self._log.position_of(once_id(self._log.id, home, spec.kind, values))
            if position is not None and position <= upto:
                return True
            forked = self.index(source).forked
        return False

    def left_out(self, stream: str) -> tuple[str, ...]:
        """The plugins that do not answer a fork; nobody for any other stream."""
        forked = self.index(stream).forked if stream.startswith("fork/") else None
        found: tuple[str, ...] = () if forked is None else forked.event.without
        return found

    def now(self, stream: str) -> Episode:
        """The fold of an episode as it stands."""
        return self.episode(stream, self._log.head)

    def holds(self, stream: str) -> dict[str, EpisodeHeld]:
        """The holds in force on an episode."""
        found = self._holds.get(stream)
        if found is None:
            found = self._holds[stream] = self.now(stream).holds
        return found

    def revision(self, stream: str) -> int:
        """The newest revision of an episode."""
        revisions = self.index(stream).revisions
        return revisions[-1][1] if revisions else 0

    def settings(self, sha256: str) -> Settings:
        """The recorded settings of that name. Raises BadArtifact when they are gone."""
        found = self._settings.get(sha256)
        if found is None:
            found = self._settings[sha256] = Settings.from_json(self._read(sha256))
        return found

    def settings_of(self, stream: str) -> Settings:
        """The settings in force for a stream; the defaults where none were recorded."""
        found = self._in_force.get(stream)
        if found is None:
            try:
                found = self.now(stream).settings
            except LookupError:
                found = Settings()
            except _UNREADABLE:
                return Settings()  # `trouble` says so, and nothing of the episode starts
            self._in_force[stream] = found
        return found

    def trouble(self, stream: str) -> tuple[str, str] | None:
        """Which artifact of an episode's settings or prices cannot be read, and why; None where all can."""
        if stream in self._whole:
            return None
        now = self.now(stream)
        named, prices = now.settings_artifact, now.prices_artifact
        sha256 = ""
        try:
            if named is not None:
                sha256 = named.sha256
                self.settings(sha256)
            if prices is not None:
                sha256 = prices.sha256
                self._prices_named(sha256)
        except _UNREADABLE as error:
            return sha256, str(error)
        self._whole.add(stream)
        return None

    def prices_of(self, stream: str, otherwise: Prices) -> Prices:
        """The price table recorded for an episode; `otherwise` where none was."""
        prices = self.now(stream).prices_artifact
        if prices is None:
            return otherwise
        try:
            return self._prices_named(prices.sha256)
        except _UNREADABLE:
            return otherwise  # `trouble` says so, and nothing of the episode starts

    def _prices_named(self, sha256: str) -> Prices:
        found = self._prices.get(sha256)
        if found is None:
            found = self._prices[sha256] = Prices.from_json(self._read(sha256))
        return found

    def budget_of(self, stream: str, settings: Settings) -> Budget:
        """The caps in force: the recorded settings', and what a person raised since."""
        budget = settings.budget
        if "budget_raised" not in self.index(stream).by_kind:
            return budget
        now = self.now(stream)
        since = max(
            (r.position for kind in (EpisodeRevised, SettingsChanged) for r in now.records(kind)), default=0
        )
        forked = self.index(stream).forked
        if forked is not None:
            since = max(since, forked.position)
        for record in now.records(BudgetRaised):
            if record.position > since:  # newer settings bring caps of their own
                change: dict[str, Any] = {record.event.scope: record.event.cap}
                budget = attrs.evolve(budget, **change)
        return budget

    def forget(self, stream: str) -> None:
        """Drops an index that nobody needs now; it is read again when asked for."""
        self._indexes.pop(stream, None)
        self._holds.pop(stream, None)
        self._in_force.pop(stream, None)
        self._whole.discard(stream)

    def tidy(self, in_use: Callable[[str], bool]) -> None:
        """Forgets the streams at rest but the KEPT that were loaded last, so that memory does not grow with
        the log. It looks only when as many have come as it keeps."""
        if len(self._indexes) < self._tidy_at:
            return
        at_rest = [stream for stream in self._indexes if not in_use(stream)]
        for stream in at_rest[:-KEPT]:
            self.forget(stream)
        self._tidy_at = len(self._indexes) + KEPT
        if len(self._settings) > KEPT:
            self._settings.clear()
        if len(self._prices) > KEPT:
            self._prices.clear()
