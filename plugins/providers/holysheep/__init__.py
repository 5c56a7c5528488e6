"""The provider `holysheep`: a relay that speaks OpenAI's protocol, for words (also about pictures) only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ....core.hooks import SELF, effect, hookimpl
from ....core.prices import Price
from ....events.calls import CallFailed, ChatRequested, ChatReturned
from ..calling.address import checked_base
from ..calling.models import Model, models_of, prices_of
from .catalogue import MODELS, PLAIN

if TYPE_CHECKING:
    from ....core.desk import Desk
    from ..calling.classify import Vendor
    from ..calling.json_ways import JsonWays
    from ..calling.sending import Line

__all__ = ["HolySheep", "HolySheepSettings"]

OFFICIAL = "https://api.holysheep.ai/v1"
CHAT_S = 600.0


@frozen
class HolySheepSettings:
    """`[providers.NAME]`. `prices`: a ModelSetting by model, over the relay's own, which are unverified."""

    base_url: str = OFFICIAL
    prices: dict[str, Any] = field(factory=dict)


class HolySheep:
    """Chat with pictures, by models of several vendors behind one key.

    Nothing reliable is known of the relay's errors and limits: it is taken to send no Retry-After and no
    rate headers, errors inside a 200, and answers without usage. Its prices hold at any address that an
    instance is given, for the kind says who bills.
    """

    tested = "contract-tested only"
    needs_key = True

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self._settings = HolySheepSettings(**table)
        self._url = f"{checked_base(name, self._settings.base_url, OFFICIAL)}/chat/completions"
        self._models = models_of(name, MODELS, self._settings.prices, PLAIN)

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """The models whose price is claimed, with source and dates."""
        return prices_of(self.name, self._models.values())

    @staticmethod
    def duanju_settings() -> type[Any]:
        """What may stand under [providers.NAME]."""
        return HolySheepSettings

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=CHAT_S)
    def on_chat_requested(self, event: ChatRequested, desk: Desk) -> Iterator[ChatReturned | CallFailed]:
        """Asks a chat model, with the request's pictures where it has any."""
        from ..calling.keys import key_of
        from .chat import relayed_chat

        secret = {"Authorization": f"Bearer {key_of(desk, self.name)}"}
        line = self._line(desk, CHAT_S)
        yield from relayed_chat(event, line, self._model(desk), self._ways, self._url, secret)

    @cached_property
    def _vendor(self) -> Vendor:
        from .refusals import relay_vendor

        return relay_vendor(self.name)

    @cached_property
    def _ways(self) -> JsonWays:
        from ..calling.json_ways import JsonWays

        return JsonWays()

    def _line(self, desk: Desk, seconds: float) -> Line:
        from ..calling.sending import Line, Tries
        from ..calling.transport import Bounds

        # Nobody says how long to wait, and its limits are told by the minute.
        tries = Tries(first_s=1.0, most_s=30.0)
        return Line(desk, self._vendor, Bounds(read_s=seconds, total_s=seconds), tries)

    def _model(self, desk: Desk) -> Model:
        name = desk.call.model if desk.call is not None else ""
        return self._models.get(name) or evolve(PLAIN, name=name)
