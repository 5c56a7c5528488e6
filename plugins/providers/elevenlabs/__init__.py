"""The provider `elevenlabs`: speech with the times of its letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ....core.errors import BadSetting
from ....core.hooks import SELF, effect, hookimpl
from ....core.prices import Price
from ....events.calls import CallFailed, SpeechRequested, SpeechReturned
from ..calling.address import checked_base
from ..calling.models import Model, models_of, prices_of
from .catalogue import MODELS
from .voices import voices_of

if TYPE_CHECKING:
    from ....core.desk import Desk
    from ..calling.classify import Vendor
    from ..calling.sending import Line

__all__ = ["ElevenLabs", "ElevenLabsSettings"]

OFFICIAL = "https://api.elevenlabs.io/v1"
SPEECH_S = 240.0
FORMATS = ("pcm_16000", "pcm_22050", "pcm_24000", "pcm_32000", "pcm_44100", "pcm_48000")


@frozen
class ElevenLabsSettings:
    """`[providers.NAME]`. `prices`: a ModelSetting by model; `voices`: voice ids by group (`voices.GROUPS`).

    `output_format`: one of the bare formats (pcm_44100 and above need a larger plan); `stability`,
    `similarity_boost` and `style`, 0 to 1, are sent where they are set, else the voice's own count.
    """

    base_url: str = OFFICIAL
    output_format: str = "pcm_24000"
    stability: float | None = None
    similarity_boost: float | None = None
    style: float | None = None
    voices: dict[str, Any] = field(factory=dict)
    prices: dict[str, Any] = field(factory=dict)


class ElevenLabs:
    """Speech in the vendor's voices, with the time of every letter for the mouths.

    What only a call needs is imported by the first call, for every command loads this.
    """

    tested = "contract-tested only"
    needs_key = True
    times_speech = True

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self._settings = ElevenLabsSettings(**table)
        self._base = checked_base(name, self._settings.base_url, OFFICIAL)
        self._models = models_of(name, MODELS, self._settings.prices)
        self._voices = voices_of(name, self._settings.voices)
        if self._settings.output_format not in FORMATS:
            raise BadSetting(f"[providers.{name}] output_format must be one of {', '.join(FORMATS)}")
        for key in ("stability", "similarity_boost", "style"):
            value = getattr(self._settings, key)
            if value is not None and not 0 <= value <= 1:
                raise BadSetting(f"[providers.{name}] {key} must be from 0 to 1")

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """The models whose price is known, with source and dates."""
        return prices_of(self.name, self._models.values())

    @staticmethod
    def duanju_settings() -> type[Any]:
        """What may stand under [providers.NAME]."""
        return ElevenLabsSettings

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=SPEECH_S)
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Has a line spoken."""
        from ..calling.keys import key_of
        from .speech import speech

        line = self._line(desk, SPEECH_S)
        secret = {"xi-api-key": key_of(desk, self.name)}
        yield from speech(event, line, self._model(desk), self._base, secret, self._settings, self._voices)

    @cached_property
    def _vendor(self) -> Vendor:
        from .refusals import elevenlabs_vendor

        return elevenlabs_vendor(self.name)

    def _line(self, desk: Desk, seconds: float) -> Line:
        from ..calling.sending import Line
        from ..calling.transport import Bounds

        return Line(desk, self._vendor, Bounds(read_s=seconds, total_s=seconds))

    def _model(self, desk: Desk) -> Model:
        name = desk.call.model if desk.call is not None else ""
        return self._models.get(name) or evolve(MODELS[0], name=name, rates={}, source="", since="")
