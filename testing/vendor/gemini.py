"""A loopback vendor that speaks Gemini's generateContent: words, pictures to look at, and pictures made.

Bodies as in python-genai@66807187 (2.19.0) and google-genai 3.4.0, `GenerateContentConfig` and below.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from .media import png
from .server import Asked, Given, Route
from .shapes import Anything, Flag, ListOf, Number, Obj, OneOf, Shape, Text, Whole, misfits

__all__ = ["GeminiVendor", "candidate", "error", "usage"]


def error(status: int, message: str, word: str = "INVALID_ARGUMENT", *details: Mapping[str, Any]) -> Given:
    """An error as google.rpc.Status is written; `details` are its typed details."""
    inner: dict[str, Any] = {"code": status, "message": message, "status": word}
    if details:
        inner["details"] = list(details)
    return Given({"error": inner}, status)


def usage(
    asked: int, made: int = 0, thought: int = 0, cached: int = 0, drawn: int | None = None
) -> dict[str, Any]:
    """A `usageMetadata`; what is 0 is left out, as the vendor does. `drawn`: what of `made` is a picture."""
    found: dict[str, Any] = {"promptTokenCount": asked, "totalTokenCount": asked + made + thought}
    if cached:
        found["cachedContentTokenCount"] = cached
    if made:
        found["candidatesTokenCount"] = made
    if thought:
        found["thoughtsTokenCount"] = thought
    if drawn is not None:
        found["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": drawn}]
    return found


def candidate(
    parts: list[dict[str, Any]] | None,
    *,
    finish: str | None = "STOP",
    used: Mapping[str, Any] | None = None,
    model: str = "gemini-3.5-flash-lite",
    number: int = 1,
) -> dict[str, Any]:
    """A GenerateContentResponse with one candidate; `parts` None = its content has none."""
    content: dict[str, Any] = {"role": "model"}
    if parts is not None:
        content["parts"] = parts
    one: dict[str, Any] = {"content": content, "index": 0}
    if finish is not None:
        one["finishReason"] = finish  # beside the content, not in it
    body: dict[str, Any] = {"candidates": [one], "modelVersion": model, "responseId": f"resp-{number:06d}"}
    if used is not None:
        body["usageMetadata"] = dict(used)
    return body


_BLOB = Obj(
    {
        "mimeType": Text(among=("image/png", "image/jpeg", "image/webp")),
        "data": Text(most=30_000_000, pattern=r"[A-Za-z0-9+/]+=*"),
    }
)
_PART = OneOf((Obj({"text": Text()}), Obj({"inlineData": _BLOB})))
_SCHEMA_WORDS: dict[str, Shape] = {
    "title": Text(),
    "description": Text(),
    "format": Text(),
    "pattern": Text(),
    "nullable": Flag(),
    "enum": ListOf(Text(pattern=".+"), 1),
    "minimum": Number(),
    "maximum": Number(),
    "minItems": Whole(0),
    "maxItems": Whole(0),
    "minLength": Whole(0),
    "maxLength": Whole(0),
    "type": Text(among=("STRING", "INTEGER", "NUMBER", "BOOLEAN", "ARRAY", "OBJECT")),
    "items": Anything(),
    "anyOf": ListOf(Anything(), 1),
    "properties": Anything(),
    "propertyOrdering": ListOf(Text()),
    "required": ListOf(Text()),
}
_CONFIG: dict[str, Shape] = {
    "maxOutputTokens": Whole(1, 65_536),
    "temperature": Number(0, 2),
    "candidateCount": Whole(1, 8),
    "responseMimeType": Text(among=("text/plain", "application/json")),
    "responseSchema": Anything(),
    "responseModalities": ListOf(Text(among=("TEXT", "IMAGE")), 1),
    "imageConfig": Obj(
        optional={
            "aspectRatio": Text(
                among=("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
            ),
            "imageSize": Text(among=("1K", "2K", "4K")),
        }
    ),
}
BODY: Shape = Obj(
    {"contents": ListOf(Obj({"role": Text(among=("user", "model")), "parts": ListOf(_PART, 1)}), 1)},
    {
        "systemInstruction": Obj({"parts": ListOf(Obj({"text": Text()}), 1)}),
        "generationConfig": Obj(optional=_CONFIG),
    },
)

Rates = tuple[int, int, int, int]
"""Micro-dollars for a million tokens: in, in from the cache, out as words or thinking, out as a picture."""


@define(eq=False)
class GeminiVendor:
    """The vendor's side: `routes` for a VendorServer with `key_header="x-goog-api-key"`.

    `say` answers a body with a response body or a Given, None = the usual one. A model that is not in `rates`
    is 404; one with "image" in its name makes pictures. `key` is the only key that is let in, "" = any.
    """

    say: Callable[[Any, int], dict[str, Any] | Given | None] | None = None
    rates: Mapping[str, Rates] = field(
        factory=lambda: {
            "gemini-3.5-flash-lite": (300_000, 30_000, 2_500_000, 0),
            "gemini-3.8-flash": (750_000, 75_000, 3_750_000, 0),
            "gemini-3.1-flash-image": (500_000, 500_000, 3_000_000, 60_000_000),
            "gemini-3.1-flash-lite-image": (250_000, 250_000, 1_500_000, 30_000_000),
        }
    )
    key: str = ""

    def routes(self) -> list[Route]:
        """Its routes, below the base URL."""
        return [Route("POST", r"/models/([^/:]+):generateContent", self._generate)]

    def _generate(self, asked: Asked) -> Given:
        given = asked.headers.get("x-goog-api-key", "")
        if not given or (self.key and given != self.key):
            detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
            return error(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", detail)
        if "authorization" in asked.headers or asked.query:
            return error(400, "a key stands in x-goog-api-key and nowhere else")
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return error(400, "Content-Type must be application/json")
        try:
            body = asked.json
        except ValueError:
            return error(400, "Invalid JSON payload received.")
        bad = misfits(body, BODY) or _more_misfits(body)
        if bad:
            return error(400, f"Invalid JSON payload received. {'; '.join(bad)}")
        model = asked.match[0]
        if model not in self.rates:
            return error(404, f"models/{model} is not found for API version v1beta", "NOT_FOUND")
        said = self.say(body, asked.number) if self.say is not None else None
        if isinstance(said, Given):
            return said
        if said is None:
            said = self._usual(body, model, asked.number)
            if isinstance(said, Given):
                return said
        return Given(said, charge=self.charge(model, said.get("usageMetadata")))

    def _usual(self, body: Any, model: str, number: int) -> dict[str, Any] | Given:
        parts = [part for content in body["contents"] for part in content["parts"]]
        words = "".join(part.get("text", "") for part in parts)
        seen = sum("inlineData" in part for part in parts)
        asked = max(1, len(words.encode()) // 4) + 258 * seen
        config = body.get("generationConfig", {})
        if "image" not in model:
            if "imageConfig" in config:
                return error(400, "Image generation is not enabled for this model.")
            text = "{}" if config.get("responseMimeType") == "application/json" else "It is written."
            return candidate([{"text": text}], used=usage(asked, 4, 12), model=model, number=number)
        image = config.get("imageConfig", {})
        if "imageSize" in image and "lite" in model:
            return error(400, "imageSize is not supported for this model.")
        wide, tall = (int(n) for n in image.get("aspectRatio", "1:1").split(":"))
        unit = {"1K": 256, "2K": 512, "4K": 1024}[image.get("imageSize", "1K")]
        scale = max(1, unit // max(wide, tall))
        made = base64.b64encode(png(wide * scale, tall * scale, words)).decode()
        drawn = {"1K": 1120, "2K": 1680, "4K": 2520}[image.get("imageSize", "1K")]
        given: list[dict[str, Any]] = [
            {"text": "The lamp goes to the left.", "thought": True},
            {
                "inlineData": {"mimeType": "image/png", "data": base64.b64encode(png(9, 9)).decode()},
                "thought": True,
            },
            {"text": "Here it is."},
            {"inlineData": {"mimeType": "image/png", "data": made}},
        ]
        return candidate(given, used=usage(asked, drawn + 5, 80, drawn=drawn), model=model, number=number)

    def charge(self, model: str, used: Any) -> int:
        """Micro-dollars for what was used, rounded up; an answer without usage charges 1000."""
        if not isinstance(used, dict) or "promptTokenCount" not in used:
            return 1000
        asked, cached, words, picture = self.rates[model]
        hit = used.get("cachedContentTokenCount", 0)
        drawn = sum(
            one["tokenCount"] for one in used.get("candidatesTokensDetails", ()) if one["modality"] == "IMAGE"
        )
        made = used.get("candidatesTokenCount", 0) - drawn + used.get("thoughtsTokenCount", 0)
        total = (used["promptTokenCount"] - hit) * asked + hit * cached + made * words + drawn * picture
        return int(-(-total // 1_000_000))


def _more_misfits(body: Any) -> list[str]:
    """What shapes do not say: the bytes of pictures, and the words of a schema all the way down."""
    bad: list[str] = []
    for content in body["contents"]:
        for part in content["parts"]:
            blob = part.get("inlineData")
            if blob is not None and not _is(blob["mimeType"], base64.b64decode(blob["data"])):
                bad.append(f"Unable to process input image: it is not {blob['mimeType']}")
    config = body.get("generationConfig", {})
    if "responseSchema" in config:
        if config.get("responseMimeType") != "application/json":
            bad.append("responseSchema wants responseMimeType application/json")
        bad += _bad_schema(config["responseSchema"], "response_schema")
    return bad


def _bad_schema(schema: Any, path: str) -> list[str]:
    bad = misfits(schema, Obj(optional=_SCHEMA_WORDS), path)
    if bad:
        return bad
    below = [(f"{path}.any_of", one) for one in schema.get("anyOf", ())]
    if "items" in schema:
        below.append((f"{path}.items", schema["items"]))
    elif schema.get("type") == "ARRAY":
        bad.append(f"{path}.items: missing field.")
    named = schema.get("properties", {})
    if not isinstance(named, dict) or (schema.get("type") == "OBJECT" and not named):
        return [*bad, f"{path}.properties: should be non-empty for OBJECT type"]
    bad += [
        f"{path}.required: {one} is not defined" for one in schema.get("required", ()) if one not in named
    ]
    below += [(f"{path}.properties[{name}]", one) for name, one in named.items()]
    return [*bad, *(found for where, one in below for found in _bad_schema(one, where))]


def _is(media: str, data: bytes) -> bool:
    magic = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}
    return data.startswith(magic[media])
