"""Prices: dated data with a source, in whole micro-dollars for a million units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import orjson
from attrs import field, frozen

from ..events.calls import (
    ChatRequested,
    ImageRequested,
    LipsyncRequested,
    SpeechRequested,
    VideoRequested,
)

__all__ = ["MILLION", "Price", "Prices", "units_of"]

MILLION = 1_000_000


@frozen
class Price:
    """What one route costs.

    `rates`: micro-dollars for a million of each unit (call, image, second, character, input_token,
    output_token); empty = free. `since` and `until` are days (YYYY-MM-DD, UTC; until = first day on which
    the model is gone, "" = not known). `most_output`: the most output tokens of a chat call.
    """

    route: str
    rates: dict[str, int] = field(factory=dict)
    source: str = ""
    since: str = ""
    until: str = ""
    successor: str = ""
    most_output: int = 8192

    @property
    def id(self) -> str:
        """How bills name this entry."""
        return f"{self.route}@{self.since}" if self.since else self.route

    def cost(self, usage: Mapping[str, int]) -> int:
        """Micro-dollars for units used, rounded up to a whole one. Raises KeyError for an unpriced unit."""
        if not self.rates:
            return 0
        total = sum(self.rates[unit] * amount for unit, amount in usage.items() if amount)
        return -(-total // MILLION)


def units_of(request: Any, price: Price) -> tuple[dict[str, int], dict[str, int]]:
    """(expected, most) units of a request, counted only in units that the price names.

    A token is taken as 4 Latin or 1 Chinese character for the expectation, and as one character for the
    ceiling, which no tokenizer exceeds for text.
    """
    expected: dict[str, int] = {"call": 1}
    most: dict[str, int] = {"call": 1}
    if isinstance(request, ChatRequested):
        text = request.system + request.prompt + request.schema
        wide = sum(1 for c in text if ord(c) > 0x2E7F)
        expected["input_token"] = wide + (len(text) - wide) // 4 + 1
        most["input_token"] = len(text.encode()) + 1
        expected["output_token"] = min(price.most_output, max(256, expected["input_token"]))
        most["output_token"] = price.most_output
    elif isinstance(request, ImageRequested):
        expected["image"] = most["image"] = 1
    elif isinstance(request, VideoRequested):
        expected["second"] = most["second"] = -(-request.duration_ms // 1000)
    elif isinstance(request, SpeechRequested):
        expected["character"] = most["character"] = len(request.text)
    elif isinstance(request, LipsyncRequested):
        expected["second"] = most["second"] = 60
    return (
        {unit: n for unit, n in expected.items() if unit in price.rates},
        {unit: n for unit, n in most.items() if unit in price.rates},
    )


class Prices:
    """The price table in force: the newest entry of a route on a day."""

    def __init__(self, entries: Iterable[Price] = ()) -> None:
        self.entries = tuple(sorted(entries, key=lambda price: (price.route, price.since)))
        self._by_route: dict[str, list[Price]] = {}
        for price in self.entries:
            self._by_route.setdefault(price.route, []).append(price)

    def of(self, route: str, day: str) -> Price | None:
        """The entry in force for a route on a day, None when nobody knows a price."""
        found = None
        for price in self._by_route.get(route, ()):
            if not price.since or price.since <= day:
                found = price
        return found

    def to_json(self) -> bytes:
        """Canonical bytes: equal tables give equal artifacts."""
        return orjson.dumps([attrs.asdict(price) for price in self.entries], option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> Prices:
        """Reads what `to_json` wrote. Raises ValueError for anything else."""
        try:
            return cls(Price(**entry) for entry in orjson.loads(data))
        except TypeError as error:
            raise ValueError(f"the recorded prices cannot be read: {error}") from None
