"""Builds small plays for the core's tests: plugins from functions, a log, artifacts, an engine."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from audited import audit_faults

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Desk
from duanju.core.engine import Engine
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.prices import Price
from duanju.core.settings import Budget, Settings
from duanju.events.calls import Bill, CallFailed, SpeechRequested, SpeechReturned
from duanju.events.cast import Voice
from duanju.events.dialogue import Direction
from duanju.events.episode import EpisodeOpened, EpisodeRevised
from duanju.events.kinds import event

MILLION = 1_000_000
DOLLAR = 1_000_000


@event(home="episode", subject=("n",))
@frozen
class Step:
    """A fact to answer."""

    n: int


@event(home="episode", once=("n",))
@frozen
class Noted:
    """A fact that stands once."""

    n: int


@event(home="episode", subject=("name",))
@frozen
class Told:
    """An answer with words."""

    name: str
    words: str


@event(home="episode", subject=("what",), address=("what",))
@frozen
class Wanted:
    """A fact that reusable effects answer; `what` is its address."""

    what: str
    inputs: str


@event(home="episode", subject=("what",), address=("what",))
@frozen
class Made:
    """The answer of a reusable effect."""

    what: str
    inputs: str
    reused_from: int | None = None


VOCABULARY: tuple[type[Any], ...] = (Step, Noted, Told, Wanted, Made)


def stage(name: str, *hooks: Callable[..., Any], events: Iterable[type[Any]] = (), decisions: int = 1) -> Any:
    """A module with these hook implementations."""
    made = types.ModuleType(name)
    for hook in hooks:
        setattr(made, hook.__name__, hook)
    made.__dict__["decisions"] = decisions
    if events:
        made.__dict__["duanju_events"] = lambda: list(events)
    return made


def words() -> Any:
    """A plugin that only brings the vocabulary."""
    return stage("words", events=VOCABULARY)


def say(subject: str, text: str = "hello", *, revision: int = 1, take: int = 1) -> SpeechRequested:
    """A request for a spoken line."""
    voice, direction = Voice("male", 0, 50, 100), Direction(100, 0, 100, "")
    return SpeechRequested(revision, subject, "line", take, text, "en", voice, direction)


class Vendor:
    """A provider of speech whose answer is a function, at a price in micro-dollars a call."""

    def __init__(
        self,
        name: str,
        behave: Callable[[SpeechRequested, Desk], Iterator[Any]] | None = None,
        *,
        price: int | None = 100_000,
        until: str = "",
        needs_key: bool = False,
    ) -> None:
        self.name = name
        self.price = price
        self.until = until
        self.needs_key = needs_key
        self.calls: list[str] = []
        self._behave = behave

    def duanju_prices(self) -> list[Price]:
        """One price per call, or none."""
        if self.price is None:
            return []
        rates = {"call": self.price * MILLION}
        return [Price(f"{self.name}:m", rates, "test", "2020-01-01", self.until, "m2")]

    @hookimpl
    @effect(provider=SELF, lane="vendor", doubt="hold", deadline_s=20.0)
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Answers as it was told to."""
        self.calls.append(event.subject)
        if self._behave is not None:
            yield from self._behave(event, desk)
        else:
            yield self.spoken(event, desk)

    def spoken(self, event: SpeechRequested, desk: Desk, cost: int | None = None) -> SpeechReturned:
        """A good outcome."""
        audio = desk.artifacts.put(event.text.encode(), "audio/wav")
        bill = Bill(cost=self.price if cost is None else cost, billing="billed")
        return SpeechReturned(audio=audio, duration_ms=1, bill=bill)


class Play:
    """A log in a folder, with plugins by name; every `engine()` is as a new process would make it."""

    def __init__(
        self,
        root: Path,
        plugins: Mapping[str, Any],
        *,
        routes: tuple[str, ...] = (),
        budget: Budget | None = None,
        lanes: Mapping[str, int] | None = None,
    ) -> None:
        self.root = root
        self.extra = {"words": words(), **plugins}
        self.settings = Settings(routes={"speech": routes}, budget=budget or Budget())
        self.lanes = dict(lanes or {})
        self.artifacts = Artifacts(root / "artifacts")
        self.plugins = self.load()
        self.log = Log(root / "log.db", self.plugins.codec)

    def load(self) -> Plugins:
        """The plugins as they are now, none of them left out."""
        found = load_plugins(only="", extra=self.extra)
        assert not found.failures, found.failures
        return found

    def change(self, **plugins: Any) -> None:
        """Other plugins from now on; None takes one away."""
        self.extra = {k: v for k, v in {**self.extra, **plugins}.items() if v is not None}
        self.plugins = self.load()
        self.log.close()
        self.log = Log(self.root / "log.db", self.plugins.codec)

    def open(self, name: str = "one", first: Iterable[Any] = (), series: str = "tea") -> str:
        """Opens an episode and appends facts to it; returns its stream."""
        stream = f"episode/{series}/{name}"
        settings, prices, source = self._recorded()
        opened = EpisodeOpened(series, name, name, f"{name}.txt", source, "", settings, prices)
        self.add(stream, opened, *first)
        return stream

    def revise(self, stream: str, revision: int, first: Iterable[Any] = ()) -> None:
        """A new revision, and its first facts."""
        settings, prices, source = self._recorded()
        revised = EpisodeRevised(revision, "t", "f", source, "", settings, prices, "changed")
        self.add(stream, revised, *first)

    def _recorded(self) -> tuple[Any, Any, Any]:
        return (
            self.artifacts.put(self.settings.to_json(), "application/json"),
            self.artifacts.put(self.plugins.prices.to_json(), "application/json"),
            self.artifacts.put(b"script", "text/plain"),
        )

    def engine(self, **more: Any) -> Engine:
        """An engine on the log."""
        return Engine(self.log, self.plugins, self.artifacts, self.root / "out", lanes=self.lanes, **more)

    def run(self, **more: Any) -> None:
        """An engine until it is idle."""
        with self.engine(**more) as engine:
            engine.run()

    def add(self, stream: str, *events: Any) -> None:
        """Facts of a person, through a connection of its own."""
        log = Log(self.root / "log.db", self.plugins.codec)
        log.append(stream, events, by="cli.review")
        log.close()

    def kinds(self, stream: str) -> list[str]:
        """The kinds in a stream, in order."""
        return [record.kind for record in self.log.read(stream=stream)]

    def all(self, stream: str, cls: type[Any]) -> list[Any]:
        """The events of a class in a stream, in order."""
        kind = self.plugins.codec.spec(cls).kind
        return [record.event for record in self.log.read(stream=stream, kind=kind)]

    def work(self) -> list[tuple[Any, ...]]:
        """What is open."""
        return list(self.log.db.execute("SELECT plugin, hook, attempt FROM work ORDER BY cause, plugin"))

    def spent(self, scope: str = "studio") -> tuple[int, int, int]:
        """(settled, reserved, in doubt)."""
        row = self.log.db.execute(
            "SELECT sum(settled), sum(reserved), sum(in_doubt) FROM spend WHERE scope = ?", (scope,)
        ).fetchone()
        return (row[0] or 0, row[1] or 0, row[2] or 0)

    def close(self) -> None:
        """Closes the log, whose books must be right at the end of every play."""
        self.log.close()
        log = Log(self.root / "log.db", self.plugins.codec, read_only=True)
        faults = audit_faults(log)
        log.close()
        assert faults == []
