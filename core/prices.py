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
    TranscriptionRequested,
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


_PICTURE_TOKENS = {
    "image_output_token": 1700,
    "text_input_token": 400,
    "input_token": 400,
    "output_token": 200,
}


def units_of(request: Any, price: Price) -> tuple[dict[str, int], dict[str, int]]:
    """(expected, most) units of a request, counted only in units that the price names.

    A token is taken as 4 Latin or 1 Chinese character for the expectation, and as one byte for the ceiling,
    which no tokenizer exceeds for text; roles and instructions add a few, each picture that goes along many.
    An answer is expected to be as long as the draft that goes along, where there is one.
    A picture that is priced by tokens is expected at 1,700; its ceiling is ten times that or, where the entry
    names one, the price of a picture.
    Speech by the second is taken at 14 Latin or 4 Chinese characters a second, for the ceiling at 3 and 1.
    A sound to be written down has its own seconds; by tokens it is taken at 10 a second, at most 50.
    """
    expected: dict[str, int] = {"call": 1}
    most: dict[str, int] = {"call": 1}
    if isinstance(request, ChatRequested):
        text = request.system + request.prompt + request.schema
        wide = sum(1 for c in text if ord(c) > 0x2E7F)
        seen = [one.media.startswith("image/") for one in request.inputs]
        pictures = sum(seen)
        written = sum(one.size for one, shown in zip(request.inputs, seen, strict=True) if not shown)
        expected["input_token"] = wide + (len(text) - wide) // 4 + written // 4 + 1200 * pictures + 1
        most["input_token"] = len(text.encode()) + written + 5000 * pictures + 200
        drafted = sum(1 for c in request.draft if ord(c) > 0x2E7F)
        drafted += (len(request.draft) - drafted) // 4
        answer = drafted + 1 if request.draft else max(256, expected["input_token"])
        expected["output_token"] = min(price.most_output, answer)
        most["output_token"] = price.most_output
    elif isinstance(request, ImageRequested):
        most["image"] = 1
        if "image_output_token" not in price.rates:
            expected["image"] = 1
        else:  # the tokens of one picture are known afterwards; `image` is then only the most that it costs
            expected |= _PICTURE_TOKENS
            if "image" not in price.rates:
                most |= {unit: 10 * tokens for unit, tokens in _PICTURE_TOKENS.items()}
    elif isinstance(request, VideoRequested):
        expected["second"] = most["second"] = -(-request.duration_ms // 1000)
    elif isinstance(request, SpeechRequested):
        expected["character"] = most["character"] = len(request.text)
        wide = sum(1 for c in request.text if ord(c) > 0x2E7F)
        narrow = len(request.text) - wide
        expected["second"] = 1 + wide // 4 + narrow // 14
        most["second"] = 3 + wide + -(-narrow // 3)
    elif isinstance(request, TranscriptionRequested):
        seconds = 1 + request.duration_ms // 1000  # vendors round up, and the length is rounded already
        expected["second"], most["second"] = max(1, -(-request.duration_ms // 1000)), seconds
        expected["input_token"], most["input_token"] = 10 * seconds, 50 * seconds + 200
        said = len(request.text.encode())
        expected["output_token"], most["output_token"] = 1 + said // 4, 200 + 2 * said + 20 * seconds
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
