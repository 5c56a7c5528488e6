"""The provider `gemini`: Google's Gemini API, for words (with pictures to look at) and for pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ....core.errors import BadSetting
from ....core.hooks import SELF, effect, hookimpl
from ....core.prices import Price
from ....events.calls import CallFailed, ChatRequested, ChatReturned, ImageRequested, ImageReturned
from ..calling.address import checked_base
from ..calling.models import Model, models_of, prices_of
from .catalogue import MODELS, PLAIN

if TYPE_CHECKING:
    from ....core.desk import Desk
    from ..calling.classify import Vendor
    from ..calling.sending import Line

__all__ = ["Gemini", "GeminiSettings"]

OFFICIAL = "https://generativelanguage.googleapis.com/v1beta"
CHAT_S = 600.0
PICTURE_S = 420.0


@frozen
class GeminiSettings:
    """`[providers.NAME]`. `prices`: a ModelSetting by model.

    `image_size`: 1K | 2K | 4K for the models that have a choice, "" = the smallest that a request fits in;
    `style`: words that every picture's description ends with.
    """

    base_url: str = OFFICIAL
    image_size: str = ""
    style: str = ""
    prices: dict[str, Any] = field(factory=dict)


class Gemini:
    """Chat with pictures, and pictures with references, by generateContent.

    What only a call needs is imported by the first call, for every command loads this.
    """

    tested = "contract-tested only"
    needs_key = True

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self._settings = GeminiSettings(**table)
        self._base = checked_base(name, self._settings.base_url, OFFICIAL)
        self._models = models_of(name, MODELS, self._settings.prices, PLAIN)
        if self._settings.image_size not in ("", "1K", "2K", "4K"):
            raise BadSetting(f"[providers.{name}] image_size must be 1K, 2K or 4K")

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """The models whose price is known, with source and dates."""
        return prices_of(self.name, self._models.values())

    @staticmethod
    def duanju_settings() -> type[Any]:
        """What may stand under [providers.NAME]."""
        return GeminiSettings

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=CHAT_S)
    def on_chat_requested(self, event: ChatRequested, desk: Desk) -> Iterator[ChatReturned | CallFailed]:
        """Asks a chat model, with the request's pictures where it has any."""
        from ..calling.chat import ask_chat, unsendable
        from ..calling.pictures import BadMedia
        from ..calling.transport import Ask
        from .answers import read_chat
        from .bodies import chat_body

        line, model = self._line(desk, CHAT_S), self._model(desk)
        most = desk.call.price.most_output if desk.call is not None else model.most_output
        try:
            body = chat_body(event, model, desk.artifacts, most)
        except BadMedia as error:
            yield unsendable(line, str(error))
            return
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        ask = Ask("POST", self._url(model), self._secret(desk), headers, body)
        yield from ask_chat(line, ask, bool(event.schema), read_chat)

    @hookimpl
    @effect(provider=SELF, lane=f"{SELF}-image", doubt="hold", deadline_s=PICTURE_S)
    def on_image_requested(self, event: ImageRequested, desk: Desk) -> Iterator[ImageReturned | CallFailed]:
        """Has a picture made, after the references that come along."""
        from .images import picture

        line, model = self._line(desk, PICTURE_S), self._model(desk)
        yield from picture(event, line, model, self._url(model), self._secret(desk), self._settings)

    @cached_property
    def _vendor(self) -> Vendor:
        from .refusals import gemini_vendor

        return gemini_vendor(self.name)

    def _line(self, desk: Desk, seconds: float) -> Line:
        from ..calling.sending import Line
        from ..calling.transport import Bounds

        return Line(desk, self._vendor, Bounds(read_s=seconds, total_s=seconds))

    def _model(self, desk: Desk) -> Model:
        name = desk.call.model if desk.call is not None else ""
        return self._models.get(name) or evolve(PLAIN, name=name)

    def _url(self, model: Model) -> str:
        from urllib.parse import quote

        return f"{self._base}/models/{quote(model.name, safe='')}:generateContent"

    def _secret(self, desk: Desk) -> dict[str, str]:
        """The header with the key, which never stands in the address."""
        from ..calling.keys import key_of

        return {"x-goog-api-key": key_of(desk, self.name)}
