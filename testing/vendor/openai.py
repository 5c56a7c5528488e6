"""A loopback vendor that speaks OpenAI's protocol: chat with pictures, pictures and edits, speech, and
transcription.

Bodies as in openai-openapi@f85dbe2 (spec 2.3.0) and openai-python@e43b4224.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from attrs import define, field

from .media import media_of, png, streamed_wav
from .server import Asked, Given, Route
from .shapes import Anything, Flag, ListOf, Number, Obj, OneOf, Shape, Text, Whole, misfits
from .transcripts import written_down

__all__ = ["OpenAIVendor", "completion", "error"]


def error(
    status: int, message: str, code: str | int | None = None, kind: str = "invalid_request_error"
) -> Given:
    """An error as the spec has it: all four keys are there."""
    return Given({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)


def completion(
    text: str | None,
    *,
    model: str = "gpt-4.1",
    finish: str | None = "stop",
    refusal: str | None = None,
    usage: Mapping[str, Any] | None = None,
    number: int = 1,
) -> dict[str, Any]:
    """A CreateChatCompletionResponse with one choice; `usage` None = it is not in the body."""
    body: dict[str, Any] = {
        "id": f"chatcmpl-{number:08d}",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": text,
                    "refusal": refusal,
                    "annotations": [],
                },
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }
    if usage is not None:
        body["usage"] = dict(usage)
    return body


_PART = OneOf(
    (
        Obj({"type": Text(among=("text",)), "text": Text()}),
        Obj(
            {
                "type": Text(among=("image_url",)),
                "image_url": Obj(
                    {
                        "url": Text(
                            most=30_000_000, pattern=r"https://.+|data:image/(png|jpeg|webp|gif);base64,.+"
                        )
                    },
                    {"detail": Text(among=("auto", "low", "high"))},
                ),
            }
        ),
    )
)
_SCHEMA_FORMAT = Obj(
    {
        "type": Text(among=("json_schema",)),
        "json_schema": Obj(
            {"name": Text(pattern=r"[A-Za-z0-9_-]{1,64}")},
            {"schema": Obj(optional={}), "strict": Flag(), "description": Text()},
        ),
    }
)
CHAT: Shape = Obj(
    {
        "model": Text(),
        "messages": ListOf(
            OneOf(
                (
                    Obj({"role": Text(among=("system", "developer", "assistant")), "content": Text()}),
                    Obj({"role": Text(among=("user",)), "content": OneOf((Text(), ListOf(_PART, 1)))}),
                )
            ),
            1,
        ),
    },
    {
        "max_completion_tokens": Whole(1, 1_000_000),
        "max_tokens": Whole(1, 1_000_000),
        "response_format": Anything(),
        "temperature": Number(0, 2),
        "n": Whole(1, 8),
    },
)
PICTURE: dict[str, Shape] = {
    "n": Whole(1, 10),
    "size": Text(pattern=r"auto|\d+x\d+"),
    "quality": Text(among=("low", "medium", "high", "auto")),
    "background": Text(among=("transparent", "opaque", "auto")),
    "output_format": Text(among=("png", "jpeg", "webp")),
    "output_compression": Whole(0, 100),
    "moderation": Text(among=("low", "auto")),
    "user": Text(),
}
SPEECH: Shape = Obj(
    {
        "model": Text(),
        "input": Text(most=4096),
        "voice": Text(
            among=(
                "alloy",
                "ash",
                "ballad",
                "coral",
                "echo",
                "fable",
                "onyx",
                "nova",
                "sage",
                "shimmer",
                "verse",
            )
        ),
    },
    {
        "instructions": Text(most=4096),
        "response_format": Text(among=("mp3", "opus", "aac", "flac", "wav", "pcm")),
        "speed": Number(0.25, 4.0),
    },
)


def _usage_of(asked: Any, text: str) -> dict[str, Any]:
    """Usage as the vendor counts it here: four characters a token, pictures at 800."""
    whole = orjson.dumps([m["content"] for m in asked["messages"] if isinstance(m["content"], str)])
    pictures = sum(
        part["type"] == "image_url"
        for m in asked["messages"]
        if isinstance(m["content"], list)
        for part in m["content"]
    )
    prompt = max(1, len(whole) // 4) + 800 * pictures
    made = max(1, len(text) // 4)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": made,
        "total_tokens": prompt + made,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


@define(eq=False)
class OpenAIVendor:
    """The vendor's side: `routes` for a VendorServer.

    `say` answers a chat body with a completion body, `hear` a sound and its ms with a verbose transcription;
    `rates` are micro-dollars for a million tokens by model, in, cached and out; what is not in it is 404.
    `key` is the only key that is let in, "" = any. `draw` makes the PNG of a picture's body, given how many
    references came with it; without it a picture is of one colour.
    """

    say: Callable[[Any, int], dict[str, Any]] | None = None
    rates: Mapping[str, tuple[int, int, int]] = field(
        factory=lambda: {"gpt-4.1": (2_000_000, 500_000, 8_000_000), "gpt-6-luna": (100_000, 10_000, 500_000)}
    )
    key: str = ""
    picture_tokens: int = 1500
    hear: Callable[[bytes, int], dict[str, Any]] | None = None
    draw: Callable[[Any, int], bytes] | None = None

    def routes(self) -> list[Route]:
        """Its routes, below the base URL."""
        return [
            Route("POST", "/chat/completions", self._chat),
            Route("POST", "/images/generations", self._generation),
            Route("POST", "/images/edits", self._edit),
            Route("POST", "/audio/speech", self._speech),
            Route("POST", "/audio/transcriptions", self._transcription),
        ]

    def _let_in(self, asked: Asked) -> Given | None:
        given = asked.headers.get("authorization", "")
        if not given.startswith("Bearer ") or (self.key and given != f"Bearer {self.key}"):
            return error(401, f"Incorrect API key provided: {given[7:]}.", "invalid_api_key")
        return None

    def _checked(self, asked: Asked, shape: Shape) -> tuple[Any, Given | None]:
        if (stranger := self._let_in(asked)) is not None:
            return None, stranger
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return None, error(400, "Content-Type must be application/json")
        try:
            body = asked.json
        except ValueError:
            return None, error(400, "We could not parse the JSON body of your request.")
        bad = misfits(body, shape)
        return body, error(400, "; ".join(bad)) if bad else None

    def _chat(self, asked: Asked) -> Given:
        body, bad = self._checked(asked, CHAT)
        if bad is not None:
            return bad
        model = body["model"]
        if model not in self.rates:
            return error(404, f"The model `{model}` does not exist", "model_not_found")
        if bad := _bad_format(body.get("response_format")):
            return bad
        if bad := _bad_pictures(body["messages"]):
            return bad
        said = self.say(body, asked.number) if self.say is not None else None
        if said is None:
            text = "It is written." if "response_format" not in body else "{}"
            said = completion(text, model=model, usage=_usage_of(body, text), number=asked.number)
        charge = self.charge(model, said.get("usage"))
        return Given(said, headers={"x-request-id": f"req_{asked.number:06d}"}, charge=charge)

    def charge(self, model: str, usage: Any) -> int:
        """Micro-dollars for a chat's usage, rounded up; without usage it charges 1000."""
        if not isinstance(usage, dict) or "prompt_tokens" not in usage:
            return 1000
        given, cached, made = self.rates[model]
        hit = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        total = (usage["prompt_tokens"] - hit) * given + hit * cached + usage["completion_tokens"] * made
        return int(-(-total // 1_000_000))

    def _generation(self, asked: Asked) -> Given:
        body, bad = self._checked(asked, Obj({"model": Text(), "prompt": Text(most=32_000)}, PICTURE))
        return bad if bad is not None else self._picture(body, 0)

    def _edit(self, asked: Asked) -> Given:
        if (stranger := self._let_in(asked)) is not None:
            return stranger
        try:
            parts = asked.parts
        except ValueError as problem:
            return error(400, str(problem))
        body: dict[str, Any] = {}
        pictures = 0
        for part in parts:
            if part.name == "image[]":
                if media_of(part.data) != part.media or not part.file:
                    return error(400, f"Invalid file '{part.file}': unsupported mimetype ('{part.media}').")
                pictures += 1
            else:
                text = part.data.decode()
                body[part.name] = int(text) if part.name == "n" and text.isdecimal() else text
        bad = misfits(body, Obj({"model": Text(), "prompt": Text(most=32_000)}, PICTURE))
        if bad or not 1 <= pictures <= 16:
            return error(400, "; ".join(bad) or "1 to 16 pictures are wanted")
        return self._picture(body, pictures)

    def _picture(self, body: Any, references: int) -> Given:
        if not str(body["model"]).startswith("gpt-image"):
            return error(404, f"The model `{body['model']}` does not exist", "model_not_found")
        width, height = (int(n) for n in re.findall(r"\d+", body.get("size", "1024x1024")))
        if width % 16 or height % 16 or not width * height <= 3840 * 2160:
            return error(400, f"Invalid size '{width}x{height}'.")
        picture = self.draw(body, references) if self.draw is not None else png(width, height, body["prompt"])
        words = max(1, len(body["prompt"]) // 4)
        usage = {
            "input_tokens": words + 400 * references,
            "output_tokens": self.picture_tokens,
            "total_tokens": words + 400 * references + self.picture_tokens,
            "input_tokens_details": {"text_tokens": words, "image_tokens": 400 * references},
        }
        total = words * 5_000_000 + 400 * references * 8_000_000 + self.picture_tokens * 30_000_000
        given = {
            "created": 1_795_000_000,
            "data": [{"b64_json": base64.b64encode(picture).decode()}],
            "usage": usage,
            "output_format": "png",
        }
        return Given(given, charge=-(-total // 1_000_000))

    def _speech(self, asked: Asked) -> Given:
        body, bad = self._checked(asked, SPEECH)
        if bad is not None:
            return bad
        if body.get("response_format") != "wav":
            return error(400, "this vendor only speaks wav")
        sound = streamed_wav(60 * len(body["input"]) + 200, body["input"])
        return Given(sound, media="audio/wav", charge=15 * len(body["input"]))

    def _transcription(self, asked: Asked) -> Given:
        stranger = self._let_in(asked)
        return stranger if stranger is not None else written_down(asked, self.hear, error)


def _bad_format(form: Any) -> Given | None:
    if form is None:
        return None
    if isinstance(form, dict) and form.get("type") == "json_schema":
        inner = dict(form.get("json_schema") or {})
        schema = inner.pop("schema", None)
        bad = misfits({**form, "json_schema": inner}, _SCHEMA_FORMAT)
        if schema is not None and not isinstance(schema, dict):
            bad.append("body.response_format.json_schema.schema: must be an object")
        if (
            inner.get("strict")
            and isinstance(schema, dict)
            and schema.get("additionalProperties") is not False
        ):
            bad.append("Invalid schema for response_format: 'additionalProperties' is required to be false")
    else:
        bad = misfits(form, Obj({"type": Text(among=("text", "json_object"))}))
    return error(400, "; ".join(bad), "invalid_value") if bad else None


def _bad_pictures(messages: Any) -> Given | None:
    """The vendor looks at the bytes: a data URL whose type is another than its bytes is refused."""
    for message in messages:
        if isinstance(message["content"], str):
            continue
        for part in message["content"]:
            url = part.get("image_url", {}).get("url", "")
            if not url.startswith("data:"):
                continue
            declared, _, data = url[5:].partition(";base64,")
            if media_of(base64.b64decode(data)) != declared:
                return error(400, f"The image is not {declared}.", "invalid_image_format")
    return None
