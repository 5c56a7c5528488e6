"""The plugins of the state machine: small reactions and effects of every kind, in several versions."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import frozen

from duanju.core.desk import Desk
from duanju.core.episode import Episode, Series, inputs_digest
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.events.calls import (
    Bill,
    CallFailed,
    ChatRequested,
    ChatReturned,
    SpeechRequested,
    SpeechReturned,
    VideoRequested,
    VideoReturned,
    VideoSubmitted,
)
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.dialogue import Direction
from duanju.events.episode import EpisodeHeld, PartClosed
from duanju.events.kinds import event
from duanju.events.scenes import Picture

MILLION = 1_000_000
PRICES = {"dear": 100_000, "spare": 60_000, "cheap": 4_000, "film": 150_000}
ROUTES = {"speech": ("dear:m", "spare:m"), "chat": ("cheap:m",), "video": ("film:m",)}
WANTS = ("nothing", "speech", "chat", "video", "bad", "cast")
PROFILE = Profile(
    "female", 30, "oval", "#aa8866", "bun", "#000000", "#442200", "slim", "qipao", "#ff0000", "#00ff00", ()
)
VOICE = Voice("female", 0, 50, 100)
PLACE = Picture("hall", True, "day", "clear", "wide", "eye", (), False, (), "calm", "")


@event(home="episode", subject=("n",))
@frozen
class Fact:
    """What a person tells an episode; `wants` says what is asked for because of it, `words` in what words."""

    revision: int
    n: int
    wants: str
    words: int


@event(home="episode", subject=("n",))
@frozen
class Echo:
    """A reaction's answer, in the flavour of its plugin's version."""

    revision: int
    n: int
    flavour: int


@event(home="episode", subject=("n",))
@frozen
class Shout:
    """The answer of a hook that only a later version of its plugin has."""

    revision: int
    n: int


@event(home="episode", subject=("n",))
@frozen
class Worked:
    """The answer of a repeatable effect."""

    revision: int
    n: int


@event(home="episode", subject=("n",), address=("revision", "n"))
@frozen
class Wanted:
    """What a reusable effect answers; equal `inputs` have one answer."""

    revision: int
    n: int
    inputs: int


@event(home="episode", subject=("n",), address=("revision", "n"))
@frozen
class Made:
    """The answer of a reusable effect."""

    revision: int
    n: int
    inputs: int
    reused_from: int | None = None


@event(home="episode", subject=("n",))
@frozen
class Stamp:
    """What an effect answers that must not run twice by itself, and is no call."""

    revision: int
    n: int


@event(home="episode", subject=("n",))
@frozen
class Stamped:
    """The answer of an effect that must not run twice by itself."""

    revision: int
    n: int


@event(home="episode", once=("revision", "inputs"))
@frozen
class Joined:
    """All facts of a revision are worked on, and no part is open."""

    revision: int
    inputs: str


@event(home="series", once=("character",))
@frozen
class Welcomed:
    """A reaction's answer to a cast."""

    character: str


VOCABULARY = (Fact, Echo, Shout, Worked, Wanted, Made, Stamp, Stamped, Joined, Welcomed)


def module(name: str, *hooks: Callable[..., Any], decisions: int = 1) -> Any:
    """A plugin with these hook implementations."""
    made = types.ModuleType(name)
    for hook in hooks:
        setattr(made, hook.__name__, hook)
    made.__dict__["decisions"] = decisions
    return made


def words() -> Any:
    """The plugin that only brings the vocabulary."""
    made = types.ModuleType("words")
    made.__dict__["duanju_events"] = lambda: list(VOCABULARY)
    return made


# -- reactions -------------------------------------------------------------------------------------------


def echo(version: int) -> Any:
    """1 = one hook; 2 = other decisions; 3 = those, and a hook more."""

    @hookimpl(specname="on_fact")
    def say(event: Fact) -> Iterator[Echo]:
        yield Echo(event.revision, event.n, min(version, 2))

    @hookimpl(specname="on_fact")
    def shout(event: Fact) -> Iterator[Shout]:
        yield Shout(event.revision, event.n)

    return module("echo", say, *([shout] if version == 3 else []), decisions=min(version, 2))


def asker(version: int) -> Any:
    """Asks for what facts want; version 1 fails on a bad one, version 2 answers it with nothing."""

    @hookimpl(specname="on_fact")
    def ask(event: Fact) -> Iterator[SpeechRequested | ChatRequested | VideoRequested | CharacterCast]:
        subject, text = f"L{event.n}", f"words {event.words}"
        if event.wants == "bad" and version == 1:
            raise ValueError("this version does not know what to do with it")
        if event.wants == "speech":
            direction = Direction(100, 0, 100, "")
            yield SpeechRequested(event.revision, subject, "line", 1, text, "en", VOICE, direction)
        elif event.wants == "chat":
            yield ChatRequested(event.revision, subject, "words", 1, "", text, "")
        elif event.wants == "video":
            yield VideoRequested(event.revision, subject, "clip", 1, 16, 16, 25, 1000, PLACE, note=text)
        elif event.wants == "cast":
            yield CharacterCast("any", f"C{event.words}", PROFILE, VOICE, "a fact")

    @hookimpl(specname="on_character_cast")
    def welcome(event: CharacterCast, series: Series) -> Iterator[Welcomed]:
        yield Welcomed(event.character)

    return module("asker", ask, welcome, decisions=version)


def _join(episode: Episode) -> Iterator[Joined]:
    facts = [fact.n for fact in episode.all(Fact)]
    worked = {one.n for one in episode.all(Worked)}
    if facts and set(facts) <= worked and not episode.open_parts("cut"):
        yield Joined(episode.revision, inputs_digest(*map(str, facts)))


def joiner() -> Any:
    """A join, asked on every event that could complete it."""

    @hookimpl(specname="on_worked")
    def worked(event: Worked, episode: Episode) -> Iterator[Joined]:
        yield from _join(episode)

    @hookimpl(specname="on_part_closed")
    def closed(event: PartClosed, episode: Episode) -> Iterator[Joined]:
        yield from _join(episode)

    return module("joiner", worked, closed)


# -- effects ---------------------------------------------------------------------------------------------


def worker() -> Any:
    """A repeatable effect, a reusable one, one that must not run twice, and one that runs while held."""

    @hookimpl(specname="on_fact")
    @effect(lane="work")
    def work(event: Fact, desk: Desk) -> Iterator[Worked]:
        yield Worked(event.revision, event.n)

    @hookimpl(specname="on_wanted")
    @effect(lane="make", reuse=True)
    def make(event: Wanted, desk: Desk) -> Iterator[Made]:
        yield Made(event.revision, event.n, event.inputs)

    @hookimpl(specname="on_stamp")
    @effect(lane="hand", doubt="hold")
    def stamp(event: Stamp, desk: Desk) -> Iterator[Stamped]:
        yield Stamped(event.revision, event.n)

    @hookimpl(specname="on_episode_held")
    @effect(lane="tell", while_held=True)
    def tell(event: EpisodeHeld, desk: Desk) -> None:
        return

    return module("worker", work, make, stamp, tell)


class Vendor:
    """A provider at a fixed price a call; what a call really cost stands in `cost`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cost = PRICES[name]

    def duanju_prices(self) -> list[Price]:
        """One price a call."""
        return [Price(f"{self.name}:m", {"call": PRICES[self.name] * MILLION}, "test", "2020-01-01")]

    def bill(self) -> Bill:
        """What the next call costs."""
        return Bill(cost=self.cost, billing="billed")


class Speaker(Vendor):
    """Speech."""

    @hookimpl
    @effect(provider=SELF, lane="voice-line", doubt="hold")
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Speaks."""
        audio = desk.artifacts.put(event.text.encode(), "audio/wav")
        yield SpeechReturned(audio=audio, duration_ms=1, bill=self.bill())


class Chatter(Vendor):
    """Words, for less than `repeat_below`."""

    @hookimpl
    @effect(provider=SELF, lane="chat-line", doubt="hold")
    def on_chat_requested(self, event: ChatRequested, desk: Desk) -> Iterator[ChatReturned | CallFailed]:
        """Answers."""
        yield ChatReturned(text=event.prompt, finish="stop", bill=self.bill())


class Filmer(Vendor):
    """A long job: submitted, then awaited."""

    @hookimpl
    @effect(provider=SELF, lane="film-line", doubt="hold")
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        """Takes the job."""
        yield VideoSubmitted(job=event.note)

    @hookimpl
    @effect(provider=SELF, lane="film-line", while_held=True)
    def on_video_submitted(self, event: VideoSubmitted, desk: Desk) -> Iterator[VideoReturned | CallFailed]:
        """Fetches it."""
        yield VideoReturned(clip=desk.artifacts.put(event.job.encode(), "video/mp4"), bill=self.bill())


VERSIONS: dict[str, tuple[int, ...]] = {
    "asker": (1, 2),
    "cheap": (1,),
    "dear": (0, 1),
    "echo": (0, 1, 2, 3),
    "film": (0, 1),
    "joiner": (1,),
    "spare": (1,),
    "worker": (0, 1),
}
"""Which versions of each plugin there are; 0 = it is not installed."""


def cast_of(force: dict[str, int]) -> dict[str, Any]:
    """The plugins in these versions, by name."""
    made: dict[str, Any] = {"words": words()}
    for name, version in force.items():
        if version == 0:
            continue
        if name in ("echo", "asker"):
            made[name] = (echo if name == "echo" else asker)(version)
        elif name == "joiner":
            made[name] = joiner()
        elif name == "worker":
            made[name] = worker()
        else:
            made[name] = {"cheap": Chatter, "film": Filmer}.get(name, Speaker)(name)
    return made


def first_of(events: Iterable[Any]) -> Any:
    """The first of an effect's events."""
    return next(iter(events))
