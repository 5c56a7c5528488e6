"""What Anthropic's models cost and until when they are there: dated data, not tried against the vendor."""

from __future__ import annotations

import attrs

from ..calling.models import Model

__all__ = ["MODELS", "PLAIN", "WHOLE_AT_MOST", "with_cache"]

_DAY = "2026-11-24"
_MAP = "litellm 1.109.1 price map (a cross-check, not the vendor), read 2026-11-24"
_END = f"{_MAP}; end of life as in the vendor's Python library 2.12.0"

WHOLE_AT_MOST = 21_333
"""The most tokens of an answer that comes in one piece: the vendor's library streams what may take longer."""
_MOST = 16_384


def _chat(name: str, rates: tuple[int, int, int, int], until: str = "", successor: str = "") -> Model:
    """`rates`: micro-dollars for a million tokens in, in from the cache, into the cache (5 min), and out."""
    names = ("input_token", "cached_token", "cache_write_token", "output_token")
    units = dict(zip(names, rates, strict=True))
    return Model(
        name, units, _END if until else _MAP, _DAY, until, successor, _MOST, "schema", True, "max_tokens"
    )


MODELS: tuple[Model, ...] = (
    _chat("claude-haiku-4-5", (1_000_000, 100_000, 1_250_000, 5_000_000)),
    _chat("claude-opus-5", (5_000_000, 500_000, 6_250_000, 25_000_000)),
    _chat(
        "claude-sonnet-4-5", (3_000_000, 300_000, 3_750_000, 15_000_000), "2026-11-30", "claude-sonnet-4-6"
    ),
    _chat("claude-sonnet-4-6", (3_000_000, 300_000, 3_750_000, 15_000_000)),
    _chat("claude-sonnet-5", (2_000_000, 200_000, 2_500_000, 10_000_000)),
)

PLAIN = Model("", {}, "", "", most_output=8192, json="schema", sees=True, tokens="max_tokens")
"""What is taken of a model that only the studio knows."""


def with_cache(model: Model) -> Model:
    """The model with a price for what goes into the cache: a quarter over its input's, if none is told."""
    given = model.rates.get("input_token")
    if given is None or "cache_write_token" in model.rates:
        return model
    return attrs.evolve(model, rates={**model.rates, "cache_write_token": -(-given * 5 // 4)})
