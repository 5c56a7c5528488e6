"""The smallest plugins that make the engine do each measured thing, and the events that they exchange."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from duanju.core.artifacts import Artifacts
from duanju.core.engine import Engine, Watcher
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.prices import Price
from duanju.core.settings import Settings
from duanju.events.calls import Bill, CallFailed, SpeechRequested, SpeechReturned
from duanju.events.cast import Voice
from duanju.events.dialogue import Direction
from duanju.events.episode import EpisodeOpened
from duanju.events.kinds import event

__all__ = [
    "STREAM",
    "Burst",
    "Chain",
    "Noting",
    "Paid",
    "Pair",
    "Quick",
    "Rounds",
    "Step",
    "Stepped",
    "Todo",
    "ask",
    "engine_on",
    "open_episode",
]

STREAM = "episode/bench/one"
SLEEP = 0.05


@event(home="episode")
@frozen
class Step:
    """One step of a sequence: number `n` of `of`."""

    n: int
    of: int


@event(home="episode")
@frozen
class Stepped:
    """A step was done."""

    n: int
    of: int


@event(home="episode")
@frozen
class Burst:
    """So many things are to be done side by side."""

    count: int
    hold: bool


@event(home="episode")
@frozen
class Todo:
    """One thing to do, which may be done again."""

    n: int


@event(home="episode")
@frozen
class Fragile:
    """One thing to do, which must not be done twice."""

    n: int


@event(home="episode")
@frozen
class Made:
    """It was done."""

    n: int


class _Toy:
    """What the toys share: their events."""

    def duanju_events(self) -> list[type[Any]]:
        """The events of the toys."""
        return [Step, Stepped, Burst, Todo, Fragile, Made]


class Chain(_Toy):
    """Row 6, one event a step: an effect whose answer is the next thing to do."""

    @hookimpl
    @effect(lane="chain")
    def on_step(self, event: Step) -> Iterator[Step]:
        """Answers a step by the next."""
        if event.n < event.of:
            yield Step(event.n + 1, event.of)


class Pair(_Toy):
    """Row 6, two events a step: an effect, and a reaction that asks for the next."""

    @hookimpl
    @effect(lane="pair")
    def on_step(self, event: Step) -> Iterator[Stepped]:
        """Does a step."""
        yield Stepped(event.n, event.of)

    @hookimpl
    def on_stepped(self, event: Stepped) -> Iterator[Step]:
        """Asks for the next step."""
        if event.n < event.of:
            yield Step(event.n + 1, event.of)


class Many(_Toy):
    """Row 8: a reaction that asks for many things, and effects that take 50 ms each."""

    @hookimpl
    def on_burst(self, event: Burst) -> Iterator[Todo | Fragile]:
        """Asks for all of them at once."""
        for n in range(event.count):
            yield Fragile(n) if event.hold else Todo(n)

    @hookimpl
    @effect(lane="many")
    def on_todo(self, event: Todo) -> Iterator[Made]:
        """Takes its time; may run again."""
        time.sleep(SLEEP)
        yield Made(event.n)

    @hookimpl
    @effect(lane="many", doubt="hold")
    def on_fragile(self, event: Fragile) -> Iterator[Made]:
        """Takes its time; must not run again."""
        time.sleep(SLEEP)
        yield Made(event.n)


class Noting(_Toy):
    """Row 9: like `Many`, and each effect first notes that it began, where a kill cannot take it back."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs

    def _work(self, number: int) -> Iterator[Made]:
        with self.runs.open("a") as notes:
            notes.write(f"{number}\n")
        time.sleep(SLEEP)
        yield Made(number)

    @hookimpl
    def on_burst(self, event: Burst) -> Iterator[Todo | Fragile]:
        """Asks for all of them at once."""
        for n in range(event.count):
            yield Fragile(n) if event.hold else Todo(n)

    @hookimpl
    @effect(lane="many")
    def on_todo(self, event: Todo) -> Iterator[Made]:
        """May run again."""
        return self._work(event.n)

    @hookimpl
    @effect(lane="many", doubt="hold")
    def on_fragile(self, event: Fragile) -> Iterator[Made]:
        """Must not run again."""
        return self._work(event.n)


class Quick(_Toy):
    """Row 12 on a long log: many effects that take no time."""

    @hookimpl
    def on_burst(self, event: Burst) -> Iterator[Todo]:
        """Asks for all of them at once."""
        for n in range(event.count):
            yield Todo(n)

    @hookimpl
    @effect(lane="many")
    def on_todo(self, event: Todo) -> Iterator[Made]:
        """Is done at once."""
        yield Made(event.n)


class Rounds(_Toy):
    """Row 8 with many episodes: in each a sequence of effects that take 50 ms."""

    @hookimpl
    @effect(lane="many")
    def on_step(self, event: Step) -> Iterator[Stepped]:
        """Takes its time."""
        time.sleep(SLEEP)
        yield Stepped(event.n, event.of)

    @hookimpl
    def on_stepped(self, event: Stepped) -> Iterator[Step]:
        """Asks for the next step."""
        if event.n < event.of:
            yield Step(event.n + 1, event.of)


def spoken(n: int) -> SpeechRequested:
    """A paid request, different from every other."""
    return SpeechRequested(
        1, f"L{n:04d}", "line", 1, f"words {n}", "en", Voice("male", 0, 50, 100), Direction(100, 0, 100, "")
    )


class Paid(_Toy):
    """Rows 6 and 8 with money: a provider that answers at once, or after 50 ms, for a price."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def duanju_prices(self) -> list[Price]:
        """A tenth of a cent a character."""
        return [Price("paid:m", {"character": 1_000_000_000}, "bench", "2026-01-01")]

    @hookimpl
    def on_step(self, event: Step) -> Iterator[SpeechRequested]:
        """Begins a sequence of paid calls."""
        yield spoken(event.n)

    @hookimpl
    def on_burst(self, event: Burst) -> Iterator[SpeechRequested]:
        """Asks for many at once."""
        for n in range(event.count):
            yield spoken(n)

    @hookimpl
    @effect(provider=SELF, lane="paid", doubt="hold")
    def on_speech_requested(self, event: SpeechRequested, desk: Any) -> Iterator[SpeechReturned | CallFailed]:
        """Costs money."""
        if self.seconds:
            time.sleep(self.seconds)
        cost = desk.call.price.cost({"character": len(event.text)})
        yield SpeechReturned(audio=SOUND, duration_ms=10, bill=Bill(cost=cost, billing="billed"))


class Caller(_Toy):
    """Beside Paid: asks for the next paid call when one has returned."""

    def __init__(self, count: int) -> None:
        self.count = count

    @hookimpl
    def on_speech_returned(self, event: SpeechReturned) -> Iterator[SpeechRequested]:
        """The next request of the sequence."""
        n = int(event.subject[1:])
        if n < self.count:
            yield spoken(n + 1)


def _sound() -> Any:
    from duanju.events.artifact import Artifact

    return Artifact("0" * 64, 1, "audio/wav")


SOUND = _sound()


def toys(**extra: Any) -> Plugins:
    """Only these plugins. Raises RuntimeError when one of them could not be used."""
    plugins = load_plugins(extra=extra, only=",".join(extra))
    if plugins.failures:
        raise RuntimeError(str(plugins.failures))
    return plugins


def open_episode(log: Log, artifacts: Artifacts, plugins: Plugins, stream: str = STREAM) -> None:
    """Opens an episode that may spend whatever it likes."""
    settings = Settings(routes={"speech": ("paid:m",)})
    recorded = artifacts.put(settings.to_json(), "application/json")
    prices = artifacts.put(plugins.prices.to_json(), "application/json")
    _, series, name = stream.split("/")
    opened = EpisodeOpened(series, name, "Bench", "bench.txt", recorded, "", recorded, prices)
    log.append(stream, [opened], by="bench")


def ask(folder: Path, plugins: Plugins, *events: Any) -> None:
    """Appends as an outsider does: through a connection of its own, which the engine then notices."""
    log = Log(folder / "log.db", plugins.codec)
    try:
        log.append(STREAM, events, by="bench")
    finally:
        log.close()


def engine_on(
    folder: Path,
    plugins: Plugins,
    *,
    lanes: dict[str, int] | None = None,
    inline: bool = False,
    watcher: Watcher | None = None,
    kind: type[Log] = Log,
) -> tuple[Log, Engine]:
    """A log in a folder with one open episode, and an engine on it that has nothing to do yet."""
    folder.mkdir(parents=True, exist_ok=True)
    log = kind(folder / "log.db", plugins.codec)
    artifacts = Artifacts(folder / "artifacts")
    if STREAM not in log.streams("episode/"):
        open_episode(log, artifacts, plugins)
    engine = Engine(log, plugins, artifacts, folder / "out", lanes=lanes, inline=inline, watcher=watcher)
    engine.run()
    return log, engine
