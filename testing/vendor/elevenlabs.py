"""A loopback vendor that speaks ElevenLabs' text-to-speech with timestamps.

Bodies as in elevenlabs-python@54e58995 (2.59) and elevenlabs 2.78.0, `convert_with_timestamps`; errors as on
the vendor's help pages.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from .media import wav
from .server import Asked, Given, Route
from .shapes import Flag, ListOf, Number, Obj, Shape, Text, Whole, misfits

__all__ = ["ElevenLabsVendor", "aligned", "error", "spoken"]

_TAIL_MS = 120
"""Silence at the end of what this vendor speaks."""


def error(status: int, word: str, message: str = "No.") -> Given:
    """An error in the vendor's words."""
    return Given({"detail": {"status": word, "message": message}}, status)


def spoken(text: str, rate: int = 24_000, sign_ms: int = 80) -> bytes:
    """Bare 16-bit samples: a tone as long as the text, then silence."""
    tone = wav(sign_ms * len(text), text, rate)
    return tone[44:] + bytes(rate * _TAIL_MS // 1000 * 2)


def aligned(text: str, sign_ms: int = 80, stretch: float = 1.0) -> dict[str, Any]:
    """An alignment in which every sign has its time; `stretch` lets it run away from the sound."""
    starts = [round(n * sign_ms * stretch / 1000, 3) for n in range(len(text) + 1)]
    return {
        "characters": list(text),
        "character_start_times_seconds": starts[:-1],
        "character_end_times_seconds": starts[1:],
    }


_LOCATOR = Obj({"pronunciation_dictionary_id": Text()}, {"version_id": Text()})
BODY: Shape = Obj(
    {"text": Text(most=40_000)},
    {
        "model_id": Text(),
        "language_code": Text(pattern=r"[a-z]{2}"),
        "voice_settings": Obj(
            optional={
                "stability": Number(0, 1),
                "similarity_boost": Number(0, 1),
                "style": Number(0, 1),
                "use_speaker_boost": Flag(),
                "speed": Number(0.7, 1.2),
            }
        ),
        "pronunciation_dictionary_locators": ListOf(_LOCATOR, 0, 3),
        "seed": Whole(0, 4_294_967_295),
        "previous_text": Text(),
        "next_text": Text(),
        "previous_request_ids": ListOf(Text(), 0, 3),
        "next_request_ids": ListOf(Text(), 0, 3),
        "apply_text_normalization": Text(among=("auto", "on", "off")),
    },
)


@define(eq=False)
class ElevenLabsVendor:
    """The vendor's side: `routes` for a VendorServer with `key_header="xi-api-key"`.

    `say` answers (body, voice) with a response body or a Given, None = the usual one. `rates` are
    micro-dollars for a million characters by model; `voices` are those of the account, empty = any. `key` is
    the only key that is let in, "" = any.
    """

    say: Callable[[Any, str], dict[str, Any] | Given | None] | None = None
    rates: Mapping[str, int] = field(
        factory=lambda: {
            "eleven_multilingual_v2": 80_000_000,
            "eleven_v3": 80_000_000,
            "eleven_flash_v2_5": 40_000_000,
        }
    )
    voices: frozenset[str] = frozenset()
    key: str = ""

    def routes(self) -> list[Route]:
        """Its routes, below the base URL."""
        return [Route("POST", r"/text-to-speech/([^/]+)/with-timestamps", self._speak)]

    def _speak(self, asked: Asked) -> Given:
        given = asked.headers.get("xi-api-key", "")
        if not given or (self.key and given != self.key):
            return error(401, "invalid_api_key", "Invalid API key")
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return _unfit(["body: Content-Type must be application/json"])
        if set(asked.query) - {"output_format", "enable_logging"}:
            return _unfit([f"query: {', '.join(asked.query)}"])
        try:
            body = asked.json
        except ValueError:
            return _unfit(["body: is no JSON"])
        bad = misfits(body, BODY)
        (form,) = asked.query.get("output_format", ["mp3_44100_128"])
        if not form.startswith("pcm_") or form.removeprefix("pcm_") not in (
            "16000",
            "22050",
            "24000",
            "44100",
        ):
            bad.append(f"query.output_format: {form} is not what this vendor speaks")
        if bad:
            return _unfit(bad)
        model, voice = body.get("model_id", "eleven_multilingual_v2"), asked.match[0]
        if model not in self.rates:
            return error(400, "model_not_found", f"A model with model ID {model} does not exist.")
        if "language_code" in body and model == "eleven_multilingual_v2":
            return error(400, "unsupported_language", f"Model '{model}' takes no language_code.")
        if self.voices and voice not in self.voices:
            return error(404, "voice_not_found", f"A voice with voice_id {voice} was not found.")
        said = self.say(body, voice) if self.say is not None else None
        if isinstance(said, Given):
            return said
        text = body["text"]
        if said is None:
            samples = spoken(text, int(form.removeprefix("pcm_")))
            said = {
                "audio_base64": base64.b64encode(samples).decode(),
                "alignment": aligned(text),
                "normalized_alignment": aligned(text.upper()),
            }
        headers = {"request-id": f"req{asked.number:06d}", "character-cost": str(len(text))}
        return Given(said, headers=headers, charge=-(-len(text) * self.rates[model] // 1_000_000))


def _unfit(bad: list[str]) -> Given:
    told = [{"type": "value_error", "loc": one.split(":")[0].split("."), "msg": one} for one in bad]
    return Given({"detail": told}, 422)
