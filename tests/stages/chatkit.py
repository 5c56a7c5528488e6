"""Real stages with a stand-in chat model: an episode runs until its takes could be chosen, and no farther."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Desk
from duanju.core.engine import Engine
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.log import Log
from duanju.core.plugins import load_plugins
from duanju.core.prices import Price
from duanju.core.rebuild import table_problems
from duanju.core.replay import Replayed, replay
from duanju.core.rules import Rule
from duanju.core.settings import Settings
from duanju.events.calls import (
    Bill,
    CallFailed,
    ChatRequested,
    ChatReturned,
    ImageRequested,
    ImageReturned,
    SpeechRequested,
    SpeechReturned,
)
from duanju.events.episode import (
    EpisodeHeld,
    EpisodeOpened,
    EpisodeReleased,
    EpisodeRevised,
    PartOpened,
)
from duanju.events.script import ScriptParsed
from duanju.plugins.stages import cast, dialogue, scenes, script

CENT = 10_000
Behave = Callable[[ChatRequested, int], ChatReturned | CallFailed]

TEA = """Title: The Tea

INT. TEAHOUSE - NIGHT

MEI, a woman of 26 in a red qipao, waits at a table. Rain on the window.

MEI
(whispering)
Is it done?

OLD ZHANG
Be careful what you wish for.

Zhang pushes a package across the table.

EXT. STREET - NIGHT

Mei runs through the rain.

MEI (V.O.)
I should never have asked.
"""


def said(text: str, finish: str = "stop") -> ChatReturned:
    """An answer that cost a cent."""
    return ChatReturned(text=text, finish=finish, bill=Bill(cost=CENT, billing="billed"))


def draft(request: ChatRequested, _number: int = 1) -> ChatReturned:
    """The answer of a model that takes the draft as it is."""
    return said(request.draft)


def changed(request: ChatRequested, change: Callable[[Any], Any]) -> ChatReturned:
    """The draft, with a change made to it as data."""
    data = json.loads(request.draft)
    return said(json.dumps(change(data) or data))


class Pen:
    """A provider of chat whose answers are a function of the request and of how often it was asked so."""

    def __init__(self, name: str, behave: Behave = draft) -> None:
        self.name = name
        self.behave = behave
        self.asked: list[ChatRequested] = []

    def duanju_prices(self) -> list[Price]:
        """Two cents a call at most, whatever comes of it."""
        return [Price(f"{self.name}:m", {"call": 2 * CENT * 1_000_000}, "test", "2020-01-01")]

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=30.0)
    def on_chat_requested(self, event: ChatRequested) -> Iterator[ChatReturned | CallFailed]:
        """Answers as it was told to."""
        self.asked.append(event)
        same = [one for one in self.asked if (one.subject, one.purpose) == (event.subject, event.purpose)]
        yield self.behave(event, len(same))


class Studio:
    """A provider of pictures and voices that are there at once."""

    def __init__(self) -> None:
        self.name = "fast"

    def duanju_prices(self) -> list[Price]:
        """Free."""
        return [Price("fast:p", {}, "test"), Price("fast:v", {}, "test")]

    @hookimpl
    @effect(provider=SELF, lane="fast")
    def on_image_requested(self, event: ImageRequested, desk: Desk) -> Iterator[ImageReturned]:
        """A picture of the right size."""
        picture = desk.artifacts.put(event.subject.encode(), "image/png")
        yield ImageReturned(image=picture, width=event.width, height=event.height)

    @hookimpl
    @effect(provider=SELF, lane="fast")
    def on_speech_requested(self, event: SpeechRequested, desk: Desk) -> Iterator[SpeechReturned]:
        """A tenth of a second of silence."""
        out = io.BytesIO()
        with wave.open(out, "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(b"\0\0" * 800)
        yield SpeechReturned(audio=desk.artifacts.put(out.getvalue(), "audio/wav"), duration_ms=100)


class Stop:
    """Holds the join `takes` open, so that nothing is rendered."""

    name = "stop"

    @hookimpl
    def on_script_parsed(self, event: ScriptParsed) -> Iterator[PartOpened]:
        """A part that nobody closes."""
        yield PartOpened("takes", "stop", event.revision)


class Room:
    """A studio folder with the real stages, these chat models, and quick pictures and voices."""

    def __init__(
        self, root: Path, *pens: Pen, routes: Iterable[str] | None = None, rules: tuple[Rule, ...] = ()
    ) -> None:
        self.root = root
        extra = {"script": script, "cast": cast, "dialogue": dialogue, "scenes": scenes}
        extra |= {"fast": Studio(), "stop": Stop(), **{pen.name: pen for pen in pens}}
        self.plugins = load_plugins(only="", extra=extra)
        assert not self.plugins.failures, self.plugins.failures
        self.settings = self.routed([f"{pen.name}:m" for pen in pens] if routes is None else routes, rules)
        self.artifacts = Artifacts(root / "artifacts")
        self.log = Log(root / "log.db", self.plugins.codec)

    def routed(self, chat: Iterable[str], rules: tuple[Rule, ...] = ()) -> Settings:
        """Settings with these chat routes."""
        routes = {"chat": tuple(chat), "image": ("fast:p",), "speech": ("fast:v",)}
        return Settings(routes=routes, rules=rules)

    def open(self, text: str = TEA, name: str = "tea") -> str:
        """Opens an episode; returns its stream."""
        stream = f"episode/tea/{name}"
        source, settings, prices = self._recorded(text)
        self.add(
            stream,
            EpisodeOpened("tea", name, "Tea", f"{name}.fountain", source, "fountain", settings, prices),
        )
        return stream

    def revise(self, stream: str, text: str = TEA, settings: Settings | None = None) -> None:
        """A new revision, with other settings where they are given."""
        self.settings = settings or self.settings
        source, recorded, prices = self._recorded(text)
        number = len(self.all(stream, EpisodeRevised)) + 2
        revised = EpisodeRevised(
            number, "Tea", "tea.fountain", source, "fountain", recorded, prices, "changed"
        )
        self.add(stream, revised)

    def _recorded(self, text: str) -> tuple[Any, Any, Any]:
        return (
            self.artifacts.put(text.encode(), "text/plain"),
            self.artifacts.put(self.settings.to_json(), "application/json"),
            self.artifacts.put(self.plugins.prices.to_json(), "application/json"),
        )

    def add(self, stream: str, *events: Any) -> None:
        """Facts of a person."""
        with_own = Log(self.root / "log.db", self.plugins.codec)
        with_own.append(stream, events, by="cli.review")
        with_own.close()

    def retry(self, stream: str, hold: str) -> None:
        """A person lets a hold go on."""
        self.add(stream, EpisodeReleased(hold, "somebody", "again"))

    def engine(self, lanes: dict[str, int] | None = None) -> Engine:
        """An engine on the log."""
        return Engine(self.log, self.plugins, self.artifacts, self.root / "out", lanes=lanes or {})

    def run(self, lanes: dict[str, int] | None = None) -> None:
        """An engine until it is idle."""
        with self.engine(lanes) as engine:
            engine.run()

    def all(self, stream: str, cls: type[Any]) -> list[Any]:
        """The events of a class in a stream, in order."""
        kind = self.plugins.codec.spec(cls).kind
        return [record.event for record in self.log.read(stream=stream, kind=kind)]

    def all_of(self, cls: type[Any]) -> list[Any]:
        """The events of a class, read through a connection of its own: for another thread."""
        log = Log(self.root / "log.db", self.plugins.codec, read_only=True)
        try:
            return [record.event for record in log.read(kind=self.plugins.codec.spec(cls).kind)]
        finally:
            log.close()

    def questions(self, stream: str, purpose: str, subject: str | None = None) -> list[ChatRequested]:
        """What was asked for a purpose, in order."""
        return [
            one
            for one in self.all(stream, ChatRequested)
            if one.purpose == purpose and subject in (None, one.subject)
        ]

    def holds(self, stream: str) -> list[EpisodeHeld]:
        """The holds in force."""
        ended = {one.hold for one in self.all(stream, EpisodeReleased)}
        return [one for one in self.all(stream, EpisodeHeld) if one.hold not in ended]

    def proven(self, stream: str) -> Replayed:
        """A clean replay, and tables that say what the log says."""
        found = replay(self.log, self.plugins, self.artifacts, stream)
        assert (found.changed, found.unverifiable, found.failed) == ([], {}, 0)
        assert list(table_problems(self.log, self.artifacts.read_sha256)) == []
        return found

    def close(self) -> None:
        """Closes the log."""
        self.log.close()
