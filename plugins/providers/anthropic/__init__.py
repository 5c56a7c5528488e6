"""The provider `anthropic`: Claude by Anthropic's Messages, for words and words about pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ....core.errors import BadSetting
from ....core.hooks import SELF, effect, hookimpl
from ....core.prices import Price
from ....events.calls import CallFailed, ChatRequested, ChatReturned
from ..calling.address import checked_base
from ..calling.models import Model, models_of, prices_of
from .catalogue import MODELS, PLAIN, WHOLE_AT_MOST, with_cache

if TYPE_CHECKING:
    from ....core.desk import Desk
    from ..calling.classify import Vendor
    from ..calling.json_ways import JsonWays
    from ..calling.sending import Line

__all__ = ["Anthropic", "AnthropicSettings"]

OFFICIAL = "https://api.anthropic.com"
CHAT_S = 600.0


@frozen
class AnthropicSettings:
    """`[providers.NAME]`. `base_url` without `/v1`; `prices`: a ModelSetting by model."""

    base_url: str = OFFICIAL
    prices: dict[str, Any] = field(factory=dict)


class Anthropic:
    """Chat with pictures, answered in one piece.

    The vendor's own models and dates hold for its own address only; for a relay that speaks its protocol the
    studio says what each model costs. What only a call needs is imported by the first call.
    """

    tested = "contract-tested only"
    needs_key = True

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self._settings = AnthropicSettings(**table)
        base = checked_base(name, self._settings.base_url, OFFICIAL)
        if base.endswith("/v1"):
            raise BadSetting(f"[providers.{name}] base_url: leave out /v1, like {OFFICIAL}")
        self._url = f"{base}/v1/messages"
        known = MODELS if base == OFFICIAL else ()
        found = models_of(name, known, self._settings.prices, PLAIN)
        self._models = {one: with_cache(model) for one, model in found.items()}
        for model in self._models.values():
            if model.most_output > WHOLE_AT_MOST:
                raise BadSetting(
                    f'[providers.{name}.prices."{model.name}"] most_output: {model.most_output} is more than'
                    f" the {WHOLE_AT_MOST} tokens that an answer in one piece may have"
                )

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """The models whose price is known, with source and dates."""
        return prices_of(self.name, self._models.values())

    @staticmethod
    def duanju_settings() -> type[Any]:
        """What may stand under [providers.NAME]."""
        return AnthropicSettings

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=CHAT_S)
    def on_chat_requested(self, event: ChatRequested, desk: Desk) -> Iterator[ChatReturned | CallFailed]:
        """Asks a chat model, with the request's pictures where it has any."""
        from ..calling.keys import key_of
        from .chat import message

        secret = {"X-Api-Key": key_of(desk, self.name)}
        line = self._line(desk, CHAT_S)
        yield from message(event, line, self._model(desk), self._ways, self._url, secret)

    @cached_property
    def _vendor(self) -> Vendor:
        from .refusals import anthropic_vendor

        return anthropic_vendor(self.name)

    @cached_property
    def _ways(self) -> JsonWays:
        from ..calling.json_ways import JsonWays

        return JsonWays(("schema", "prompt"))

    def _line(self, desk: Desk, seconds: float) -> Line:
        from ..calling.sending import Line
        from ..calling.transport import Bounds

        return Line(desk, self._vendor, Bounds(read_s=seconds, total_s=seconds))

    def _model(self, desk: Desk) -> Model:
        name = desk.call.model if desk.call is not None else ""
        return self._models.get(name) or evolve(PLAIN, name=name)
