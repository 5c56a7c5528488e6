"""What HolySheep's models cost: dated data of weak evidence, never tried against the relay."""

from __future__ import annotations

from ..calling.models import Model

__all__ = ["MODELS", "PLAIN"]

_DAY = "2026-06-15"
_PAGES = (
    "unverified: the relay's own marketing pages, April to June 2026, which contradict each other in other"
    " figures; input taken at the price of output; 1 CNY of credit pays 1 USD"
)


def _relayed(name: str, rate: int, json: str) -> Model:
    """`rate`: micro-dollars for a million tokens, in and out alike.

    The dates on which a vendor shuts a model down do not hold for the relay's names.
    """
    units = {"input_token": rate, "output_token": rate}
    return Model(name, units, _PAGES, _DAY, json=json, sees=name != "deepseek-v3.2", tokens="max_tokens")


MODELS: tuple[Model, ...] = (
    _relayed("deepseek-v3.2", 420_000, "object"),
    _relayed("gemini-2.5-flash", 2_500_000, "schema"),
    _relayed("claude-sonnet-4.5", 15_000_000, "schema"),
    _relayed("gpt-4.1", 8_000_000, "schema"),
)

PLAIN = Model("", {}, "", "", json="object", sees=True, tokens="max_tokens")
"""What is taken of a model that only the studio knows."""
