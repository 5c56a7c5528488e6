"""What the tests of calls share: plays with the provider `openai` before a loopback vendor, and requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import orjson
from stagehand import Play

from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.core.settings import Budget, Settings
from duanju.events.artifact import Artifact
from duanju.events.calls import CallFailed, ChatRequested, ChatReturned, ImageRequested, SpeechRequested
from duanju.events.cast import Profile, Voice
from duanju.events.dialogue import Direction
from duanju.events.scenes import Figure, Picture
from duanju.plugins.providers.openai import OpenAI

KEY = "sk-planted-5f1e90aa77"
SCHEMA = orjson.dumps(
    {
        "type": "object",
        "title": "shots",
        "properties": {"shots": {"type": "array", "items": {"type": "string"}}},
        "required": ["shots"],
        "additionalProperties": False,
    }
).decode()
PRICES = {
    "gpt-4.1": {"input": 2, "cached": 0.5, "output": 8, "json": "schema", "tokens": "max_completion_tokens"},
    "gpt-6-luna": {"input": 0.1, "cached": 0.01, "output": 0.5, "json": "object"},
    "gpt-image-2": {"image": 0.45},
    "tts-1": {"character": 15},
}
LOOKS = Profile(
    "female", 26, "oval", "#f3d0b4", "long", "#1b1518", "#3b2417", "slim", "qipao", "#a8324a", "#d9a441", ()
)
PICTURE = Picture(
    "teahouse",
    True,
    "night",
    "rain",
    "MCU",
    "eye",
    (Figure("Mei", LOOKS, "centre", "camera", "tense", "stands", True),),
    True,
    ("cup",),
    "tense",
    "She waits.",
)


def ask(
    subject: str,
    prompt: str = "Describe the shot.",
    *,
    schema: str = "",
    inputs: tuple[Artifact, ...] = (),
    take: int = 1,
) -> ChatRequested:
    """A request for words."""
    return ChatRequested(1, subject, "shot-words", take, "You write shots.", prompt, schema, inputs)


def paint(
    subject: str, width: int = 270, height: int = 480, inputs: tuple[Artifact, ...] = ()
) -> ImageRequested:
    """A request for a picture."""
    return ImageRequested(1, subject, "shot", 1, width, height, PICTURE, inputs)


def speak(subject: str, text: str = "Is it done?") -> SpeechRequested:
    """A request for a spoken line."""
    return SpeechRequested(
        1, subject, "line", 1, text, "en", Voice("female", 1, 50, 100), Direction(100, 0, 100, "tense")
    )


class Other:
    """A second provider of words, free, that always answers: what a fallback goes to."""

    def __init__(self, name: str = "other") -> None:
        self.name = name
        self.asked: list[str] = []

    def duanju_prices(self) -> list[Price]:
        """Free, and known to be so."""
        return [Price(f"{self.name}:m", {}, "test", "2020-01-01")]

    @hookimpl
    @effect(provider=SELF, lane="other", doubt="hold")
    def on_chat_requested(self, event: ChatRequested) -> Iterable[ChatReturned | CallFailed]:
        """Answers."""
        self.asked.append(event.subject)
        yield ChatReturned(text="other words", finish="stop")


class Calls(Play):
    """A play with `openai` at a vendor's address, and what its calls came to."""

    def __init__(
        self,
        root: Path,
        url: str,
        *,
        chat: tuple[str, ...] = ("openai:gpt-4.1",),
        budget: Budget | None = None,
        table: Mapping[str, Any] | None = None,
        plugins: Mapping[str, Any] | None = None,
        lanes: Mapping[str, int] | None = None,
        price: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        settings = {"base_url": url, "prices": {**PRICES, **(price or {})}, **(table or {})}
        self.provider = OpenAI("openai", settings)
        super().__init__(root, {"openai": self.provider, **(plugins or {})}, lanes=lanes)
        routes = {"chat": chat, "image": ("openai:gpt-image-2",), "speech": ("openai:tts-1",)}
        self.settings = Settings(routes=routes, budget=budget or Budget(repeat_below=0))

    def outcome(self, stream: str) -> Any:
        """The one event that says what became of the one call of an episode."""
        kinds = ("chat_returned", "image_returned", "speech_returned", "call_failed", "call_doubted")
        found = [record.event for record in self.log.read(stream=stream) if record.kind in kinds]
        assert len(found) == 1, [type(one).__name__ for one in found]
        return found[0]


def quick(provider: OpenAI, **more: Any) -> OpenAI:
    """The provider with short waits between its tries, and without chance."""
    from duanju.plugins.providers.calling.sending import Line, Tries

    made = provider._line

    def line(desk: Any, seconds: float) -> Line:
        found = made(desk, seconds)
        found.tries = Tries(first_s=0.001, most_s=0.01, jitter=0.0)
        found.chance = lambda: 0.0
        if "bounds" in more:
            found.bounds = attrs.evolve(found.bounds, **more["bounds"])
        return found

    provider._line = line  # type: ignore[method-assign]
    return provider
