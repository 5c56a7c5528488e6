"""What OpenAI's models cost and until when they are there: dated data, not tried against the vendor."""

from __future__ import annotations

from ..calling.models import Model

__all__ = ["MODELS", "OTHERS"]

_DAY = "2026-11-24"
_MAP = "litellm 1.109.1 price map (a cross-check, not the vendor), read 2026-11-24"
_LUNA = "gpt-6-luna"
_IMAGES_NEXT = "gpt-image-2"


def _chat(name: str, rates: tuple[int, int, int], until: str, successor: str, most: int) -> Model:
    """`rates`: micro-dollars for a million tokens in, in from the cache, and out."""
    units = dict(zip(("input_token", "cached_token", "output_token"), rates, strict=True))
    return Model(name, units, _MAP, _DAY, until, successor, most, "schema", True)


def _image(name: str, token_rates: tuple[int, int, int], most: int, until: str = "") -> Model:
    """`token_rates`: micro-dollars for a million tokens of text in, picture in and picture out; `most`: the
    micro-dollars that one picture is taken to cost at most, since its tokens are only known afterwards.
    """
    units = dict(
        zip(("text_input_token", "image_input_token", "image_output_token"), token_rates, strict=True)
    )
    units["image"] = most * 1_000_000
    return Model(name, units, _MAP, _DAY, until, _IMAGES_NEXT if until else "")


MODELS: tuple[Model, ...] = (
    _chat("gpt-4.1", (2_000_000, 500_000, 8_000_000), "2027-01-14", _LUNA, 16_384),
    _chat("gpt-4.1-mini", (400_000, 100_000, 1_600_000), "2027-01-14", _LUNA, 16_384),
    _chat("gpt-6-luna", (100_000, 10_000, 500_000), "", "", 16_384),
    _image("gpt-image-1", (5_000_000, 10_000_000, 40_000_000), 450_000, "2026-10-23"),
    _image("gpt-image-2", (5_000_000, 8_000_000, 30_000_000), 450_000),
    Model("tts-1", {"character": 15_000_000}, _MAP, _DAY, "2027-01-06"),
    Model("gpt-4o-mini-tts", {"second": 250_000_000}, _MAP, _DAY, "2027-01-06"),
    Model("whisper-1", {"second": 100_000_000}, _MAP, _DAY, "2027-02-26"),
)

OTHERS = Model("", {}, "", "", json="object", sees=True, tokens="max_tokens")
"""What is taken of a model of a compatible server until the studio says otherwise."""
