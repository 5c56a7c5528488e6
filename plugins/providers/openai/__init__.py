"""The provider `openai`: OpenAI itself, and by `base_url` any server that speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ....core.errors import BadSetting
from ....core.hooks import SELF, effect, hookimpl
from ....core.prices import Price
from ....events.calls import (
    CallFailed,
    ChatRequested,
    ChatReturned,
    ImageRequested,
    ImageReturned,
    SpeechRequested,
    SpeechReturned,
    TranscriptionRequested,
    TranscriptionReturned,
)
from ..calling.address import checked_base
from ..calling.models import Model, models_of, prices_of
from .catalogue import MODELS, OTHERS

if TYPE_CHECKING:
    from ....core.desk import Desk
    from ..calling.classify import Vendor
    from ..calling.sending import Line

__all__ = ["OpenAI", "OpenAISettings"]

OFFICIAL = "https://api.openai.com/v1"
CHAT_S = 600.0
PICTURE_S = 420.0
SPEECH_S = 240.0
TRANSCRIPTION_S = 240.0


@frozen
class OpenAISettings:
    """`[providers.NAME]`. `prices`: a ModelSetting by model; `keyless` = the server wants no key.

    `image_quality`: low | medium | high | auto; `style`: words that every picture's description ends with.
    """

    base_url: str = OFFICIAL
    organization: str = ""
    project: str = ""
    keyless: bool = False
    image_quality: str = "medium"
    style: str = ""
    prices: dict[str, Any] = field(factory=dict)


class OpenAI:
    """Chat with pictures, pictures with references, speech and transcription, over OpenAI's HTTP interface.

    OpenAI's own models and dates hold for OpenAI's own address only; for another server the studio says what
    each model costs. What only a call needs is imported by the first call, for every command loads this.
    """

    tested = "contract-tested only"

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self._settings = OpenAISettings(**table)
        self._base = checked_base(name, self._settings.base_url, OFFICIAL)
        self.needs_key = not self._settings.keyless
        known: tuple[Model, ...] = MODELS if self._base == OFFICIAL else ()
        plain = Model("", {}, "", "", sees=True) if self._base == OFFICIAL else OTHERS
        self._models = models_of(name, known, self._settings.prices, plain)
        self._plain = plain
        if self._settings.image_quality not in ("low", "medium", "high", "auto"):
            raise BadSetting(f"[providers.{name}] image_quality must be low, medium, high or auto")

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """The models whose price is known, with source and dates."""
        return prices_of(self.name, self._models.values())

    @staticmethod
    def duanju_settings() -> type[Any]:
        """What may stand under [providers.NAME]."""
        return OpenAISettings

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=CHAT_S)
    def on_chat_requested(self, event: ChatRequested, desk: Desk) -> Iterator[ChatReturned | CallFailed]:
        """Asks a chat model, with the request's pictures where it has any."""
        from ..calling.chat import chat

        line = self._line(desk, CHAT_S)
        yield from chat(event, line, self._model(desk), f"{self._base}/chat/completions", self._secret(desk))

    @hookimpl
    @effect(provider=SELF, lane=f"{SELF}-image", doubt="hold", deadline_s=PICTURE_S)
    def on_image_requested(self, event: ImageRequested, desk: Desk) -> Iterator[ImageReturned | CallFailed]:
        """Has a picture made; with references it is an edit of them."""
        from .images import picture

        line = self._line(desk, PICTURE_S)
        yield from picture(event, line, self._model(desk), self._base, self._secret(desk), self._settings)

    @hookimpl
    @effect(provider=SELF, lane=f"{SELF}-speech", doubt="hold", deadline_s=SPEECH_S)
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Has a line spoken; the vendor times no sounds in it."""
        from .speech import speech

        line = self._line(desk, SPEECH_S)
        yield from speech(event, line, self._model(desk), self._base, self._secret(desk))

    @hookimpl
    @effect(provider=SELF, lane=f"{SELF}-transcription", doubt="hold", deadline_s=TRANSCRIPTION_S)
    def on_transcription_requested(
        self, event: TranscriptionRequested, desk: Desk
    ) -> Iterator[TranscriptionReturned | CallFailed]:
        """Has a sound written down, with the times of its words."""
        from .transcription import transcription

        line = self._line(desk, TRANSCRIPTION_S)
        yield from transcription(event, line, self._model(desk), self._base, self._secret(desk))

    @cached_property
    def _vendor(self) -> Vendor:
        from ..calling.compatible import compatible_vendor

        return compatible_vendor(self.name)

    def _line(self, desk: Desk, seconds: float) -> Line:
        from ..calling.sending import Line
        from ..calling.transport import Bounds

        return Line(desk, self._vendor, Bounds(read_s=seconds, total_s=seconds))

    def _model(self, desk: Desk) -> Model:
        name = desk.call.model if desk.call is not None else ""
        return self._models.get(name) or Model(
            name,
            {},
            "",
            "",
            json=self._plain.json,
            sees=self._plain.sees,
            tokens=self._plain.tokens,
        )

    def _secret(self, desk: Desk) -> dict[str, str]:
        """The headers with the key; they go to nobody but the vendor."""
        from ..calling.keys import key_of

        headers: dict[str, str] = {}
        if self.needs_key:
            headers["Authorization"] = f"Bearer {key_of(desk, self.name)}"
        if self._settings.organization:
            headers["OpenAI-Organization"] = self._settings.organization
        if self._settings.project:
            headers["OpenAI-Project"] = self._settings.project
        return headers
