"""A loopback vendor that plays the relay HolySheep AI: OpenAI's chat, and no more than it is known for.

The request as in openai-openapi@f85dbe2 (spec 2.3.0); that it serves /chat/completions with a Bearer key is
from holysheep-cli's README and from third-party code. Nothing of its answers is published: it is played as
the worst that relays do (openai-agents #2850, nodetool #5755, vercel/ai #20351, pydantic-ai #6885).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from .openai import OpenAIVendor, error
from .server import Asked, Given, Route

__all__ = ["HolySheepVendor"]


@define(eq=False)
class HolySheepVendor:
    """The relay's side: `routes` for a VendorServer.

    `say` answers a chat body with a completion body; `rates` are micro-dollars for a million tokens by
    model. `silent`: answers have no usage, and are charged all the same. `refuses`: models for which
    `response_format` json_schema is answered with a 400; `no_json`: those without JSON mode too.
    """

    say: Callable[[Any, int], dict[str, Any] | None] | None = None
    rates: Mapping[str, int] = field(
        factory=lambda: {
            "deepseek-v3.2": 420_000,
            "gemini-2.5-flash": 2_500_000,
            "claude-sonnet-4.5": 15_000_000,
            "gpt-4.1": 8_000_000,
        }
    )
    silent: bool = False
    refuses: frozenset[str] = frozenset()
    no_json: frozenset[str] = frozenset()
    key: str = ""

    def routes(self) -> list[Route]:
        """Its one route, below the base URL."""
        inner = OpenAIVendor(
            self._say, {name: (rate, rate, rate) for name, rate in self.rates.items()}, key=self.key
        )
        (chat,) = (route for route in inner.routes() if route.path == "/chat/completions")

        def answer(asked: Asked) -> Given:
            if (no := self._no_form(asked)) is not None:
                return no
            given = chat.answer(asked)
            if given.status != 200 or not self.silent:
                return Given(given.body, given.status, charge=given.charge)
            told = {name: value for name, value in given.body.items() if name != "usage"}
            return Given(told, charge=given.charge)

        return [Route("POST", "/chat/completions", answer)]

    def _say(self, body: Any, number: int) -> Any:
        return self.say(body, number) if self.say is not None else None

    def _no_form(self, asked: Asked) -> Given | None:
        try:
            body = asked.json
        except ValueError:
            return None
        form = body.get("response_format") if isinstance(body, dict) else None
        kind = form.get("type") if isinstance(form, dict) else None
        model = body.get("model") if isinstance(body, dict) else None
        if kind == "json_schema" and (model in self.refuses or model in self.no_json):
            return error(400, "This response_format type is unavailable now", "invalid_request_error")
        if kind == "json_object" and model in self.no_json:
            return error(422, "json_object is not supported by this model")
        return None
