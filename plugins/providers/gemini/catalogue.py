"""What Gemini's models cost, until when they are there and what pictures they make: dated, not tried."""

from __future__ import annotations

from ..calling.models import Model

__all__ = ["MODELS", "MOST_ANSWER", "MOST_PICTURE", "PLAIN", "references_of", "sizes_of"]

_DAY = "2026-11-24"
_MAP = "litellm 1.109.1 price map (a cross-check, not the vendor), read 2026-11-24"
_DATES = "; shutdown date as third parties read it off Google's deprecations page in November 2026"

MOST_ANSWER = 16_384
"""Tokens of a chat answer, thinking included, where neither settings nor model say less."""

MOST_PICTURE = 8192
"""Tokens of a picture's answer in all: the picture (1120 to 2520), words beside it, and thinking."""

_MOST_ASKED = 45_000  # tokens that words and references of a picture can come to


def _chat(name: str, rates: tuple[int, int, int], until: str = "", successor: str = "") -> Model:
    """`rates`: micro-dollars for a million tokens in, in from the cache, and out (thinking included)."""
    units = dict(zip(("input_token", "cached_token", "output_token"), rates, strict=True))
    source = _MAP + (_DATES if until else "")
    return Model(name, units, source, _DAY, until, successor, MOST_ANSWER, "schema", True)


def _image(name: str, rates: tuple[int, int, int], until: str = "", successor: str = "") -> Model:
    """`rates`: micro-dollars for a million tokens in, out as words or thinking, and out as a picture.

    `image`, what one picture is taken to cost at most, is an answer of MOST_PICTURE at the dearest rate.
    """
    asked, words, made = rates
    units = {"input_token": asked, "output_token": words, "image_output_token": made}
    units["image"] = MOST_PICTURE * made + _MOST_ASKED * asked
    source = _MAP + (_DATES if until else "")
    return Model(name, units, source, _DAY, until, successor, MOST_PICTURE, "prompt", True)


_LITE = "gemini-3.5-flash-lite"
_FLASH = "gemini-3.8-flash"

MODELS: tuple[Model, ...] = (
    _chat("gemini-2.5-flash", (300_000, 30_000, 2_500_000), "2026-12-01", _LITE),
    _chat("gemini-2.5-flash-lite", (100_000, 10_000, 400_000)),
    _chat("gemini-3.1-flash-lite", (250_000, 25_000, 1_500_000), "2027-05-07", _LITE),
    _chat(_LITE, (300_000, 30_000, 2_500_000)),
    _chat("gemini-3.5-flash", (1_500_000, 150_000, 9_000_000)),
    _chat(_FLASH, (750_000, 75_000, 3_750_000)),
    # Sources disagree on its end (2026-10-02 or 2027-03-15): the earlier is the one that surprises nobody.
    _image(
        "gemini-2.5-flash-image", (300_000, 2_500_000, 30_000_000), "2026-10-02", "gemini-3.1-flash-image"
    ),
    _image("gemini-3.1-flash-image", (500_000, 3_000_000, 60_000_000)),
    _image("gemini-3.1-flash-lite-image", (250_000, 1_500_000, 30_000_000)),
    _image("gemini-3-pro-image", (2_000_000, 12_000_000, 120_000_000)),
)

PLAIN = Model("", {}, "", "", most_output=MOST_ANSWER, json="schema", sees=True)
"""What is taken of a model that only the studio knows."""

_SIZED = ("gemini-3.1-flash-image", "gemini-3-pro-image")


def sizes_of(model: str) -> tuple[str, ...]:
    """The sizes that a picture model can be asked for; () = it has one, and takes no `imageSize`."""
    return ("1K", "2K", "4K") if model.startswith(_SIZED) else ()


def references_of(model: str) -> int:
    """How many pictures may go along."""
    return 3 if model.startswith("gemini-2.5") else 14
