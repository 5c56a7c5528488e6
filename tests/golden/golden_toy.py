"""The plugins of the golden toy log: small decisions that stay as they are, in every later release."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from duanju.core.desk import Desk
from duanju.core.episode import Episode, inputs_digest
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.events.calls import Bill, CallFailed, SpeechRequested, SpeechReturned
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.dialogue import Direction
from duanju.events.episode import EpisodeDelivered, EpisodeOpened, EpisodeRevised, PartClosed, PartOpened
from duanju.events.kinds import event

__all__ = ["VOICES", "Beat", "plugins_of_the_toy"]

PROFILE = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())
VOICES = ("mei", "chen", "yue")


@event(home="episode", subject=("n",))
@frozen
class Beat:
    """Something that happens: who speaks."""

    revision: int
    n: int
    who: str


@event(home="episode", once=("revision", "inputs"))
@frozen
class Told:
    """All beats were spoken."""

    revision: int
    inputs: str
    words: str


def duanju_events() -> list[type[Any]]:
    """The toy's vocabulary."""
    return [Beat, Told]


@hookimpl
def on_episode_opened(event: EpisodeOpened) -> Iterator[Beat]:
    """Three beats."""
    yield from (Beat(1, n, who) for n, who in enumerate(VOICES))


@hookimpl
def on_episode_revised(event: EpisodeRevised) -> Iterator[Beat]:
    """Two beats, another order."""
    yield from (Beat(event.revision, n, who) for n, who in enumerate(VOICES[1:]))


@hookimpl
def on_beat(event: Beat, episode: Episode) -> Iterator[CharacterCast | SpeechRequested | PartOpened]:
    """Casts who speaks, and asks for the voice."""
    voice = Voice("female", VOICES.index(event.who), 50, 100)
    yield CharacterCast(episode.series, event.who, PROFILE, voice, "the toy")
    if event.n == 0:
        yield PartOpened("delivery", "echo", event.revision)
    known = len(episode.cast)
    text = f"beat {event.n} of {event.who}, {known} cast before"
    direction = Direction(100, 0, 100, "calm")
    yield SpeechRequested(event.revision, f"L{event.n}", "line", 1, text, "en", voice, direction)


@hookimpl
def on_speech_returned(event: SpeechReturned, episode: Episode) -> Iterator[Told | PartClosed]:
    """The join: all beats have their voice."""
    spoken = [episode.last(SpeechReturned, f"L{beat.n}") for beat in episode.all(Beat)]
    if all(one is not None for one in spoken):
        inputs = inputs_digest(*(one.audio.sha256 for one in spoken if one is not None))
        yield PartClosed("delivery", "echo", event.revision)
        yield Told(event.revision, inputs, f"{len(spoken)} voices, {len(episode.cast)} cast")


@hookimpl
def on_told(event: Told, episode: Episode) -> Iterator[EpisodeDelivered]:
    """Delivered, in the quality that the settings name."""
    last = episode.all(SpeechReturned)[-1]
    size = episode.settings.delivery.width
    yield EpisodeDelivered(event.revision, event.inputs, last.audio, last.audio, size, 0, 0)


def broken_on_beat(event: Beat, episode: Episode) -> Iterator[CharacterCast | SpeechRequested | PartOpened]:
    """As it was before somebody mended it."""
    if event.who == "chen":
        raise ValueError("no voice for chen")
    yield from on_beat(event, episode)


broken_on_beat.__name__ = "on_beat"


class Teller:
    """A provider with a price; `fate`: how the first call about a subject ends (well, fails, lost)."""

    def __init__(self, name: str, fate: Mapping[str, str]) -> None:
        self.name = name
        self._fate = dict(fate)

    def duanju_prices(self) -> list[Price]:
        """So much a character."""
        return [Price(f"{self.name}:m", {"character": 10_000 * 1_000_000}, "the toy", "2020-01-01")]

    @hookimpl
    @effect(provider=SELF, lane="teller", doubt="hold")
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Speaks, or not."""
        fate = self._fate.pop(event.subject, "well")
        if fate == "lost":
            raise ConnectionResetError("no answer")
        if fate == "fails":
            yield CallFailed(why="not today", fallback=True)
            return
        bill = Bill(cost=10_000 * len(event.text), billing="billed", usage={"character": len(event.text)})
        audio = desk.artifacts.put(event.text.encode(), "audio/wav")
        yield SpeechReturned(audio=audio, duration_ms=len(event.text), bill=bill)


def plugins_of_the_toy(fate: Mapping[str, str] | None = None, *, broken: bool = False) -> dict[str, Any]:
    """The plugins by name: the stage `tale`, and the providers `one` and `two`."""
    stage = types.ModuleType("tale")
    hooks: list[Callable[..., Any]] = [on_episode_opened, on_episode_revised, on_speech_returned, on_told]
    for hook in (*hooks, hookimpl(broken_on_beat) if broken else on_beat):
        setattr(stage, hook.__name__, hook)
    stage.__dict__["duanju_events"] = duanju_events
    stage.__dict__["decisions"] = 1
    return {"tale": stage, "one": Teller("one", fate or {}), "two": Teller("two", {})}
