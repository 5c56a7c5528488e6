"""The provider that needs no key and no network: draws pictures and speaks lines on this machine, free."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ...core.hooks import SELF, effect, hookimpl
from ...core.prices import Price
from ...events.calls import Bill, CallFailed, ImageRequested, ImageReturned, SpeechRequested, SpeechReturned
from ...events.cast import Voice
from ...events.dialogue import Direction, Phoneme

if TYPE_CHECKING:
    from ...core.desk import Desk
    from ..media.voice import Voices

PAINTER = "painter"
ESPEAK = "espeak"
NORMAL_VOLUME = 80  # of the voice tool's 100: leaves room above normal for a shout


class Local:
    """The models `painter` (pictures with a rig) and `espeak` (English and Mandarin with timed phonemes).

    An instance is made in the engine's process and once in every drawing worker; the voice process starts
    with the first line that is spoken.
    """

    times_speech = True

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        if settings:
            raise ValueError(f"providers.{name} takes no settings, but has: {', '.join(sorted(settings))}")
        self.name = name
        self._lock = threading.Lock()
        self._voices: Voices | None = None

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """Both models are free."""
        return [
            Price(f"{self.name}:{PAINTER}", {}, "drawn on this machine", "2026-01-01"),
            Price(f"{self.name}:{ESPEAK}", {}, "spoken on this machine", "2026-01-01"),
        ]

    @hookimpl
    @effect(provider=SELF, lane="draw", doubt="repeat")
    def on_image_requested(self, event: ImageRequested, desk: Desk) -> Iterator[ImageReturned | CallFailed]:
        """Draws the picture and its rig; the plate is larger than asked, so that the camera can move."""
        if (why := _unknown(desk, PAINTER, "pictures")) is not None:
            yield why
            return
        from ..media.painter import paint
        from ..media.painter.model import PaintError

        try:
            plate = paint(attrs.asdict(event.picture), event.width, event.height)
        except PaintError as error:
            yield CallFailed(why=f"the picture of {event.subject} cannot be drawn: {error}", fallback=True)
            return
        yield ImageReturned(
            image=desk.artifacts.put(plate.png, "image/png"),
            rig=desk.artifacts.put(plate.rig, "application/zip"),
            width=plate.width,
            height=plate.height,
            bill=_free(desk, {"image": 1}),
        )

    @hookimpl
    @effect(provider=SELF, lane="voice", doubt="repeat")
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Speaks the line; one process speaks for all threads of the lane, one line at a time."""
        if (why := _unknown(desk, ESPEAK, "lines")) is not None:
            yield why
            return
        from ..media.errors import VoiceError

        try:
            with self._lock:
                speech = self._open().speak(
                    event.text, _language(event.language), **speaking(event.voice, event.direction)
                )
        except VoiceError as error:
            yield CallFailed(why=f"the line {event.subject} cannot be spoken: {error}", fallback=True)
            return
        yield SpeechReturned(
            audio=desk.artifacts.put(wav_of(speech.pcm.tobytes(), speech.sample_rate), "audio/wav"),
            duration_ms=speech.duration_ms,
            phonemes=tuple(Phoneme(one.start_ms, one.symbol) for one in speech.phonemes),
            bill=_free(desk, {"character": len(event.text)}),
        )

    def close(self) -> None:
        """Ends the voice process; speaking again starts a new one."""
        with self._lock:
            voices, self._voices = self._voices, None
        if voices is not None:
            voices.close()

    def _open(self) -> Voices:
        if self._voices is None:
            from ..media.voice import Voices

            self._voices = Voices()
        return self._voices


def _unknown(desk: Desk, model: str, what: str) -> CallFailed | None:
    """The failure of a call to a model that is not here; without a call the one model is meant."""
    if desk.call is None or desk.call.model == model:
        return None
    return CallFailed(
        why=f"{desk.call.route}: there is no such model on this machine; for {what} there is only {model}",
        fallback=True,
    )


def _free(desk: Desk, usage: dict[str, int]) -> Bill:
    return Bill(cost=0, billing="free", price="" if desk.call is None else desk.call.price.id, usage=usage)


def _language(language: str) -> Literal["en", "zh"]:
    return "zh" if language == "zh" else "en"


def speaking(voice: Voice, direction: Direction) -> dict[str, Any]:
    """A voice and its direction in the voice tool's terms, each within what the tool takes.

    A neutral voice takes the female timbres when its number is even, the male ones when it is odd.
    """
    gender = voice.gender if voice.gender in ("female", "male") else ("female", "male")[voice.timbre % 2]
    return {
        "gender": gender,
        "timbre": min(10_000, max(0, voice.timbre)),
        "pitch": min(99, max(0, voice.pitch + direction.pitch)),
        "rate_percent": min(200, max(50, voice.rate * direction.pace // 100)),
        "volume_percent": min(100, max(1, NORMAL_VOLUME * direction.volume // 100)),
    }


def wav_of(pcm: bytes, rate: int) -> bytes:
    """16-bit mono little-endian samples as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()
