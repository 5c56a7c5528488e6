"""How each model is asked for data: the best way that its server takes, found out by trying."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
from attrs import define, field

from .classify import json_of
from .models import JSON_MODES, Model
from .verdicts import Kind

if TYPE_CHECKING:
    from .sending import Line, Reply
    from .transport import Ask

__all__ = ["JsonWays", "way_refused"]

_NAMED = re.compile(
    r"response_?format|json_?(schema|object|mode)|json mode|output_?(config|format)|structured outputs?", re.I
)


def way_refused(reply: Reply) -> bool:
    """Whether a server surely did not take a call because of the way in which it asks for data."""
    if reply.verdict.kind is not Kind.NOT_ACCEPTED or reply.answer.status in (0, 401, 403):
        return False
    body = json_of(reply.answer)
    error = body.get("error") if isinstance(body, dict) else None
    named = error.get("param") if isinstance(error, dict) else None
    return bool(_NAMED.search(f"{named if isinstance(named, str) else ''} {reply.verdict.why}"))


@define(eq=False)
class JsonWays:
    """The ways that a protocol has, best first, and the models for which a better one turned out not to work.

    What was found out holds as long as the process; the first call of the next one tries again.
    """

    ways: tuple[str, ...] = JSON_MODES
    _fallen: dict[str, str] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def of(self, model: Model) -> str:
        """The way in which a model is asked now."""
        with self._lock:
            way = self._fallen.get(model.name, model.json)
        return way if way in self.ways else self._below(way)

    def fall(self, model: Model, way: str) -> bool:
        """A way does not work with a model: the next one from now on; False where there is none below."""
        below = self._below(way)
        if below == way:
            return False
        with self._lock:
            held = self._fallen.get(model.name, model.json)
            if JSON_MODES.index(held) < JSON_MODES.index(below):
                self._fallen[model.name] = below
        return True

    def _below(self, way: str) -> str:
        lower = JSON_MODES[JSON_MODES.index(way) + 1 :]
        return next((one for one in lower if one in self.ways), way)

    def call(
        self, line: Line, model: Model, wants_data: bool, make: Callable[[Model], Ask]
    ) -> tuple[Reply, str]:
        """Calls, and again for every way that the server says it does not take; (the last reply, its way).

        `make` makes the request for a model whose `json` is the way to ask in. A refused way costs nothing,
        since the call was surely not taken. Raises UnknownOutcome.
        """
        earlier: Reply | None = None
        while True:
            way = self.of(model)
            reply = line.call(make(attrs.evolve(model, json=way)))
            if earlier is not None:
                reply = attrs.evolve(
                    reply,
                    attempts=(*earlier.attempts, *reply.attempts),
                    latency_ms=earlier.latency_ms + reply.latency_ms,
                )
            if not wants_data or not way_refused(reply) or not self.fall(model, way):
                return reply, way
            earlier = reply
