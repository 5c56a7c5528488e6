"""A small film without pictures: a chain of reactions, effects of every kind, and a join, for kill tests."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

from attrs import frozen

from duanju.core.desk import Desk
from duanju.core.episode import Episode, inputs_digest
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.events.artifact import Artifact
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
from duanju.events.cast import Voice
from duanju.events.dialogue import Direction
from duanju.events.episode import EpisodeOpened
from duanju.events.kinds import event
from duanju.events.scenes import Picture

STEPS = 8
LINES = 5
CLIPS = 2
WORDS = 3
DRAWN = tuple(range(0, STEPS + 1, 3))
_NOWHERE = Picture("hall", True, "day", "clear", "wide", "eye", (), False, (), "calm", "")


@event(home="episode", subject=("n",))
@frozen
class Step:
    """One step of the chain; each calls for the next."""

    n: int


@event(home="episode", once=("n",))
@frozen
class Noted:
    """A once key that several steps reach for."""

    n: int


@event(home="episode", subject=("n",))
@frozen
class Drawn:
    """What a worker process made of a step."""

    n: int
    picture: Artifact


@event(home="episode", once=("inputs",))
@frozen
class Joined:
    """Everything is there; `inputs` is the digest of all of it."""

    inputs: str
    parts: int


@event(home="episode")
@frozen
class Finished:
    """The film is done."""

    film: Artifact


def duanju_events() -> list[type[Any]]:
    """The toy's own vocabulary."""
    return [Step, Noted, Drawn, Joined, Finished]


@hookimpl
def on_episode_opened(
    event: EpisodeOpened,
) -> Iterator[Step | SpeechRequested | ChatRequested | VideoRequested]:
    """Asks for everything at once; the first and the last line are the same words."""
    yield Step(0)
    for i in range(LINES):
        text = f"the words of line {i % (LINES - 1)}"
        voice, direction = Voice("male", 0, 50, 100), Direction(100, 0, 100, "")
        yield SpeechRequested(event.revision, f"L{i}", "line", 1, text, "en", voice, direction)
    for i in range(WORDS):
        yield ChatRequested(event.revision, f"W{i}", "words", 1, "be brief", f"word {i}", "")
    for i in range(CLIPS):
        yield VideoRequested(
            event.revision, f"V{i}", "clip", 1, 16, 16, 25, 1000 + i, _NOWHERE, note=f"clip {i}"
        )


@hookimpl(specname="on_step")
@effect(lane="go")
def go(event: Step, desk: Desk) -> Iterator[Step]:
    """A repeatable effect in a thread."""
    time.sleep(0.005)
    if event.n < STEPS:
        yield Step(event.n + 1)


@hookimpl(specname="on_step")
@effect(lane="draw", reuse=False)
def draw(event: Step, desk: Desk) -> Iterator[Drawn]:
    """A repeatable effect in a process lane, for some of the steps."""
    if event.n in DRAWN:
        time.sleep(0.01)
        yield Drawn(event.n, desk.artifacts.put(f"drawing {event.n}".encode() * 50, "text/plain"))


@hookimpl(specname="on_step")
def note(event: Step) -> Iterator[Noted]:
    """A reaction whose answer may stand already."""
    yield Noted(event.n // 2)


def _join(episode: Episode) -> Iterator[Joined]:
    found = {f"step {s.n}": "" for s in episode.all(Step)}
    found |= {f"drawn {d.n}": d.picture.sha256 for d in episode.all(Drawn)}
    found |= {s.subject: s.audio.sha256 for s in episode.all(SpeechReturned)}
    found |= {c.subject: c.text for c in episode.all(ChatReturned)}
    found |= {v.subject: v.clip.sha256 for v in episode.all(VideoReturned)}
    if len(found) == STEPS + 1 + len(DRAWN) + LINES + WORDS + CLIPS:
        yield Joined(inputs_digest(*(f"{k}={v}" for k, v in sorted(found.items()))), len(found))


@hookimpl(specname="on_step")
def join_steps(event: Step, episode: Episode) -> Iterator[Joined]:
    """The join, asked on every event that could complete it."""
    return _join(episode)


@hookimpl(specname="on_drawn")
def join_drawn(event: Drawn, episode: Episode) -> Iterator[Joined]:
    """As above."""
    return _join(episode)


@hookimpl(specname="on_speech_returned")
def join_speech(event: SpeechReturned, episode: Episode) -> Iterator[Joined]:
    """As above."""
    return _join(episode)


@hookimpl(specname="on_chat_returned")
def join_chat(event: ChatReturned, episode: Episode) -> Iterator[Joined]:
    """As above."""
    return _join(episode)


@hookimpl(specname="on_video_returned")
def join_video(event: VideoReturned, episode: Episode) -> Iterator[Joined]:
    """As above."""
    return _join(episode)


@hookimpl
@effect(lane="encode")
def on_joined(event: Joined, desk: Desk) -> Iterator[Finished]:
    """The last effect, in a process lane."""
    yield Finished(desk.artifacts.put(f"the film of {event.inputs}".encode(), "text/plain"))


class Teller:
    """A vendor behind a loopback server: speech and clips cost money, words are cheap."""

    def __init__(self, name: str, settings: dict[str, Any]) -> None:
        self.name = name
        self.port = int(settings.get("port", 0))

    def duanju_prices(self) -> list[Price]:
        """Speech 0.02 USD a character, a clip 0.30 USD, words 0.001 USD."""
        million = 1_000_000
        return [
            Price(f"{self.name}:speech", {"character": 20_000 * million}, "test", "2026-01-01"),
            Price(f"{self.name}:words", {"call": 1_000 * million}, "test", "2026-01-01"),
            Price(f"{self.name}:film", {"call": 300_000 * million}, "test", "2026-01-01"),
        ]

    def _ask(self, desk: Desk, subject: str, content: str, path: str = "/submit") -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            body = json.dumps({"key": desk.key, "subject": subject, "content": content})
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()

    def _bill(self, desk: Desk, **usage: int) -> Bill:
        assert desk.call is not None
        return Bill(cost=desk.call.price.cost(usage), billing="billed", price=desk.call.price.id)

    @hookimpl
    @effect(provider=SELF, lane="speech", doubt="hold", deadline_s=30.0)
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Paid: entered once per intent."""
        answer = self._ask(desk, event.subject, event.text)
        audio = desk.artifacts.put(answer["says"].encode(), "audio/wav")
        yield SpeechReturned(audio=audio, duration_ms=1000, bill=self._bill(desk, character=len(event.text)))

    @hookimpl
    @effect(provider=SELF, lane="words", doubt="hold", deadline_s=30.0)
    def on_chat_requested(self, event: ChatRequested, desk: Desk) -> Iterator[ChatReturned | CallFailed]:
        """Cheaper than `repeat_below`: may be sent again."""
        answer = self._ask(desk, event.subject, event.prompt)
        yield ChatReturned(text=answer["says"], finish="stop", bill=self._bill(desk, call=1))

    @hookimpl
    @effect(provider=SELF, lane="film", doubt="hold", deadline_s=30.0)
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        """A long job: submitted here, awaited below."""
        answer = self._ask(desk, event.subject, event.note)
        yield VideoSubmitted(job=answer["says"])

    @hookimpl
    @effect(provider=SELF, lane="film", deadline_s=30.0, while_held=True)
    def on_video_submitted(self, event: VideoSubmitted, desk: Desk) -> Iterator[VideoReturned | CallFailed]:
        """Polls the same job again after a restart."""
        answer = self._ask(desk, event.job, "", "/poll")
        clip = desk.artifacts.put(answer["says"].encode(), "video/mp4")
        yield VideoReturned(clip=clip, bill=self._bill(desk, call=1))


def says(content: str) -> str:
    """What the vendor answers: the same for the same content."""
    return hashlib.sha256(content.encode()).hexdigest()
