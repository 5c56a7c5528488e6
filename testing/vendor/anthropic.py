"""A loopback vendor that speaks Anthropic's Messages protocol, strictly.

Bodies as in anthropic-sdk-python@009b0353 (0.121.0), fields checked against its release 2.12.0; the words of
its errors as people reported them (claude-code #19631, #35234, #55789, mealie #5897).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from attrs import define, field

from .media import media_of
from .server import Asked, Given, Route
from .shapes import Flag, ListOf, Number, Obj, OneOf, Shape, Text, Whole, misfits

__all__ = ["AnthropicVendor", "anthropic_error", "message", "text_block"]

VERSION = "2023-06-01"
MOST_BASE64 = 5 << 20

_TEXT = Obj({"type": Text(among=("text",)), "text": Text(most=20_000_000)})
_IMAGE = Obj(
    {
        "type": Text(among=("image",)),
        "source": OneOf(
            (
                Obj(
                    {
                        "type": Text(among=("base64",)),
                        "media_type": Text(among=("image/jpeg", "image/png", "image/gif", "image/webp")),
                        "data": Text(most=40_000_000),
                    }
                ),
                Obj({"type": Text(among=("url",)), "url": Text(pattern=r"https://.+")}),
            )
        ),
    }
)
MESSAGES: Shape = Obj(
    {
        "model": Text(),
        "max_tokens": Whole(1, 128_000),
        "messages": ListOf(
            Obj(
                {
                    "role": Text(among=("user", "assistant")),
                    "content": OneOf((Text(most=20_000_000), ListOf(OneOf((_TEXT, _IMAGE)), 1))),
                }
            ),
            1,
        ),
    },
    {
        "system": OneOf((Text(most=20_000_000), ListOf(_TEXT))),
        "output_config": Obj(
            {},
            {
                "effort": Text(among=("low", "medium", "high", "xhigh", "max")),
                "format": Obj({"type": Text(among=("json_schema",)), "schema": Obj()}),
            },
        ),
        "stop_sequences": ListOf(Text()),
        "stream": Flag(),
        "temperature": Number(0, 1),
        "service_tier": Text(among=("auto", "standard_only")),
        "metadata": Obj({}, {"user_id": Text(most=256)}),
    },
)


def anthropic_error(
    status: int, kind: str, words: str, code: str = "", *, headers: Mapping[str, str] | None = None
) -> Given:
    """An error as the vendor has it: its type, its words, and where it has one a code among the details."""
    told: dict[str, Any] = {"type": kind, "message": words}
    if code:
        told["details"] = {"error_code": code}
    body = {"type": "error", "error": told, "request_id": "req_011CTest"}
    return Given(body, status, headers={"request-id": "req_011CTest", **(headers or {})})


def text_block(text: str) -> dict[str, Any]:
    """One block of words."""
    return {"type": "text", "text": text, "citations": None}


def message(
    content: str | list[dict[str, Any]],
    *,
    model: str = "claude-sonnet-4-6",
    stop: str | None = "end_turn",
    details: Mapping[str, Any] | None = None,
    usage: Mapping[str, Any] | None = None,
    number: int = 1,
) -> dict[str, Any]:
    """A Message; `usage` None = it is not in the body, which the vendor never does and a relay may."""
    body: dict[str, Any] = {
        "id": f"msg_{number:08d}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [text_block(content)] if isinstance(content, str) else content,
        "container": None,
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": details,
    }
    if usage is not None:
        body["usage"] = dict(usage)
    return body


@define(eq=False)
class AnthropicVendor:
    """The vendor's side: `routes` for a VendorServer whose key header is `x-api-key`.

    `say` answers a body with a Message; `rates` are micro-dollars for a million tokens by model: in, read
    from the cache, written into it, out; what is not in it is 404. The models in `plain` have no
    output_config. `key` is the only key that is let in, "" = any.
    """

    say: Callable[[Any, int], dict[str, Any] | None] | None = None
    rates: Mapping[str, tuple[int, int, int, int]] = field(
        factory=lambda: {
            "claude-sonnet-4-6": (3_000_000, 300_000, 3_750_000, 15_000_000),
            "claude-sonnet-5": (2_000_000, 200_000, 2_500_000, 10_000_000),
        }
    )
    plain: frozenset[str] = frozenset()
    key: str = ""
    most_bytes: int = 32 << 20

    def routes(self) -> list[Route]:
        """Its one route, below the base URL."""
        return [Route("POST", "/v1/messages", self._messages)]

    def charge(self, model: str, usage: Any) -> int:
        """Micro-dollars for a call's usage, rounded up; without usage it charges 1000."""
        if not isinstance(usage, dict):
            return 1000
        names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
        total = sum((usage.get(n) or 0) * rate for n, rate in zip(names, self.rates[model], strict=True))
        return -(-total // 1_000_000)

    def _messages(self, asked: Asked) -> Given:
        if bad := self._stranger(asked.headers):
            return bad
        if len(asked.body) > self.most_bytes:
            return anthropic_error(413, "request_too_large", "Request exceeds the maximum size")
        try:
            body = asked.json
        except ValueError:
            return _invalid("The request body is not valid JSON")
        schema = _taken_out(body)
        if found := misfits(body, MESSAGES):
            return _invalid("; ".join(found).replace("unknown field", "Extra inputs are not permitted"))
        model = body["model"]
        if model not in self.rates:
            return anthropic_error(404, "not_found_error", f"model: {model}")
        form = body.get("output_config", {}).get("format")
        if form is not None and schema is not None:
            form["schema"] = schema
        if form is not None and model in self.plain:
            return _invalid(f"output_config.format: {model} does not support output format.")
        if schema is not None and (wrong := bad_schema(schema)):
            return _invalid(f"output_config.format.schema: {wrong}")
        if words := _bad_content(body):
            return _invalid(words)
        said = self.say(body, asked.number) if self.say is not None else None
        if said is None:
            text = "It is written." if form is None else "{}"
            said = message(text, model=model, usage=_usage_of(body, text), number=asked.number)
        head = {"request-id": f"req_{asked.number:06d}"}
        return Given(said, headers=head, charge=self.charge(model, said.get("usage")))

    def _stranger(self, headers: Mapping[str, str]) -> Given | None:
        key = headers.get("x-api-key", "")
        if not key or (self.key and key != self.key):
            return anthropic_error(401, "authentication_error", f"invalid x-api-key {key}")
        if headers.get("anthropic-version") != VERSION:
            return _invalid("anthropic-version: header is required")
        if not headers.get("content-type", "").startswith("application/json"):
            return _invalid("Content-Type must be application/json")
        return None


def _invalid(words: str) -> Given:
    return anthropic_error(400, "invalid_request_error", words, headers={"x-should-retry": "false"})


def _taken_out(body: Any) -> Any:
    """The schema of a body, which has a shape of its own; what is left in its place is an empty object."""
    config = body.get("output_config") if isinstance(body, dict) else None
    form = config.get("format") if isinstance(config, dict) else None
    schema = form.get("schema") if isinstance(form, dict) else None
    if not isinstance(form, dict) or not isinstance(schema, dict):
        return None
    form["schema"] = {}
    return schema


_WORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems"},
    "string": {"format"},
}
_ANYWHERE = {
    "type",
    "title",
    "description",
    "enum",
    "const",
    "anyOf",
    "allOf",
    "$ref",
    "$defs",
    "definitions",
}


def bad_schema(schema: Any, path: str = "$") -> str:
    """What the vendor does not take in a schema for output_config, "" for nothing."""
    if not isinstance(schema, dict):
        return f"{path}: must be an object"
    kind = schema.get("type")
    if kind is not None and not isinstance(kind, str):
        return f"{path}: type must be a text"
    unknown = sorted(set(schema) - _ANYWHERE - _WORDS.get(kind or "", set()))
    if unknown:
        return f"For '{kind}' type, property '{unknown[0]}' is not supported ({path})"
    if kind == "object" and schema.get("additionalProperties") is not False:
        return f"For 'object' type, 'additionalProperties' must be explicitly set to false ({path})"
    if not set(schema) & {"type", "enum", "const", "anyOf", "allOf", "$ref"}:
        return f"{path}: says nothing"
    if schema.get("minItems", 0) not in (0, 1):
        return f"For 'array' type, 'minItems' values other than 0 or 1 are not supported ({path})"
    inner = [(f"{path}.items", schema["items"])] if "items" in schema else []
    for name in ("properties", "$defs", "definitions"):
        inner += [(f"{path}.{key}", one) for key, one in schema.get(name, {}).items()]
    for name in ("anyOf", "allOf"):
        inner += [(f"{path}.{name}[{n}]", one) for n, one in enumerate(schema.get(name, ()))]
    return next((bad for where, one in inner if (bad := bad_schema(one, where))), "")


def _bad_content(body: Any) -> str:
    """The vendor looks at the bytes of pictures, and takes no words without a letter."""
    for at, one in enumerate(body["messages"]):
        blocks = (
            one["content"] if isinstance(one["content"], list) else [{"type": "text", "text": one["content"]}]
        )
        for number, block in enumerate(blocks):
            path = f"messages.{at}.content.{number}"
            if block["type"] == "text" and not block["text"].strip():
                return f"{path}: text content blocks must contain non-whitespace text"
            source = block.get("source", {})
            if source.get("type") != "base64":
                continue
            path += ".image.source.base64"
            if len(source["data"]) > MOST_BASE64:
                return (
                    f"{path}: image exceeds 5 MB maximum: {len(source['data'])} bytes > {MOST_BASE64} bytes"
                )
            try:
                real = media_of(base64.b64decode(source["data"], validate=True))
            except binascii.Error:
                return f"{path}.data: invalid base64 data"
            if real != source["media_type"]:
                return (
                    f"{path}.media_type: Image does not match the provided media type {source['media_type']}"
                )
    return ""


def _usage_of(body: Any, text: str) -> dict[str, Any]:
    """Usage as the vendor counts it here: four letters a token, pictures at 1500."""
    whole = orjson.dumps([body.get("system", ""), body["messages"]])
    pictures = [b for m in body["messages"] if isinstance(m["content"], list) for b in m["content"]]
    shown = [b["source"] for b in pictures if b["type"] == "image"]
    letters = len(whole) - sum(len(source.get("data", "")) for source in shown)
    return {
        "input_tokens": max(1, letters // 4) + 1500 * len(shown),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": max(1, len(text) // 4),
        "service_tier": "standard",
    }
