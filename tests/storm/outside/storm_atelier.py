"""A provider of pictures, voices and clips that all cost money, at a vendor on a loopback port.

Every capability has a dear model, `grand`, which refuses some work, and a cheap one, `plain`, whose calls
cost less than what may be sent again without asking; but a clip is dear at either.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any

import attrs

from duanju.core.desk import Desk
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.events.calls import (
    Bill,
    CallFailed,
    ImageRequested,
    ImageReturned,
    SpeechRequested,
    SpeechReturned,
    VideoRequested,
    VideoReturned,
    VideoSubmitted,
)

POLL_S = 0.02
DEADLINE_S = 60.0
RATES = {
    "paint-grand": {"image": 30_000},
    "paint-plain": {"image": 3_000},
    "voice-grand": {"character": 1_000},
    "voice-plain": {"character": 250},
    "film-grand": {"second": 150_000},
    "film-plain": {"second": 40_000},
}
"""What a unit costs, in micro-dollars."""


class Atelier:
    """One account at the vendor."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self.port = int(settings.get("port", 0))

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """By the picture, the character and the second."""
        return [
            Price(
                f"{self.name}:{model}",
                {unit: rate * 1_000_000 for unit, rate in rates.items()},
                "a test",
                "2026-01-01",
            )
            for model, rates in RATES.items()
        ]

    @hookimpl
    @effect(provider=SELF, lane="paint", doubt="hold", deadline_s=DEADLINE_S)
    def on_image_requested(self, event: ImageRequested, desk: Desk) -> Iterator[ImageReturned | CallFailed]:
        """A picture as a file of the vendor's own size."""
        said = self._submit(
            desk, {"picture": attrs.asdict(event.picture), "size": [event.width, event.height]}
        )
        if "refused" in said:
            yield CallFailed(why=said["refused"])
            return
        yield ImageReturned(
            image=desk.artifacts.put(base64.b64decode(said["data"]), said["type"]),
            width=said["width"],
            height=said["height"],
            bill=self._bill(desk, said),
        )

    @hookimpl
    @effect(provider=SELF, lane="voice", doubt="hold", deadline_s=DEADLINE_S)
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """A spoken line, without times for its sounds."""
        manner = [attrs.asdict(event.voice), attrs.asdict(event.direction)]
        said = self._submit(desk, {"text": event.text, "manner": manner})
        if "refused" in said:
            yield CallFailed(why=said["refused"])
            return
        yield SpeechReturned(
            audio=desk.artifacts.put(base64.b64decode(said["data"]), said["type"]),
            duration_ms=said["duration_ms"],
            bill=self._bill(desk, said),
        )

    @hookimpl
    @effect(provider=SELF, lane="film", doubt="hold", deadline_s=DEADLINE_S)
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        """Hands a long job in."""
        said = self._submit(desk, {"note": event.note, "ms": event.duration_ms})
        if "refused" in said:
            yield CallFailed(why=said["refused"])
            return
        yield VideoSubmitted(job=said["job"])

    @hookimpl
    @effect(provider=SELF, lane="film", deadline_s=DEADLINE_S, while_held=True)
    def on_video_submitted(self, event: VideoSubmitted, desk: Desk) -> Iterator[VideoReturned | CallFailed]:
        """Asks for the job until it is done."""
        while (said := self._ask("/poll", {"job": event.job}))["state"] == "running":
            time.sleep(POLL_S)
        if said["state"] == "failed":
            yield CallFailed(why=said["why"])
            return
        yield VideoReturned(
            clip=desk.artifacts.put(base64.b64decode(said["data"]), said["type"]), bill=self._bill(desk, said)
        )

    def _submit(self, desk: Desk, content: dict[str, Any]) -> dict[str, Any]:
        assert desk.call is not None
        return self._ask("/submit", {"key": desk.key, "model": desk.call.model, "content": content})

    def _ask(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, json.dumps(asked), {"Content-Type": "application/json"})
            said: dict[str, Any] = json.loads(connection.getresponse().read())
            return said
        finally:
            connection.close()

    def _bill(self, desk: Desk, said: dict[str, Any]) -> Bill:
        assert desk.call is not None
        usage: dict[str, int] = said["usage"]
        return Bill(
            cost=desk.call.price.cost(usage),
            billing="billed",
            price=desk.call.price.id,
            usage=usage,
            vendor_id=said["id"],
        )
