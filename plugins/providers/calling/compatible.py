"""The chat protocol that OpenAI and the many servers compatible with it speak: bodies out, answers in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson
from attrs import frozen

from ....core.artifacts import Artifacts
from ....events.calls import ChatRequested
from .bills import count_of, numbers_in
from .classify import Meaning, Vendor, json_of
from .finished import finished, no_answer
from .media_in import Limits, picture_in
from .models import Model
from .pictures import BadMedia
from .transport import Answer
from .verdicts import Kind, Verdict

__all__ = ["CODES", "WORDS", "ChatAnswer", "chat_body", "compatible_vendor", "read_chat", "usage_units"]

_QUOTA = Meaning(Kind.QUOTA_GONE)
_TEXT = Meaning(Kind.REFUSED, "input text")
_IMAGE = Meaning(Kind.REFUSED, "input image")
_OUTPUT = Meaning(Kind.REFUSED, "output")
_MEND = Meaning(Kind.NOT_ACCEPTED, fallback=False)
_LATER = Meaning(Kind.NOT_ACCEPTED, again=True)

CODES: dict[str, Meaning] = {
    "insufficient_quota": _QUOTA,
    "insufficient_balance": _QUOTA,
    "billing_hard_limit_reached": _QUOTA,
    "billing_not_active": _QUOTA,
    "access_terminated": _QUOTA,
    "rate_limit_exceeded": Meaning(Kind.RATE_LIMITED),
    "concurrency_limit_exceeded": Meaning(Kind.FULL),
    "too_many_concurrent_requests": Meaning(Kind.FULL),
    "content_policy_violation": _TEXT,
    "content_filter": _TEXT,
    "moderation_blocked": _TEXT,
    "image_content_policy_violation": _IMAGE,
    "invalid_api_key": _MEND,
    "invalid_organization": _MEND,
    "model_overloaded": _LATER,
    "engine_overloaded": _LATER,
    "server_overloaded": _LATER,
    "overloaded": _LATER,
    "overloaded_error": _LATER,
    "slow_down": _LATER,
}

_I = re.IGNORECASE
WORDS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (
        re.compile(
            r"insufficient (balance|quota|credit|funds)|exceeded your current quota|out of credits?", _I
        ),
        _QUOTA,
    ),
    (
        re.compile(r"too many concurrent|concurrency (limit|exceeded)|concurrent requests? limit", _I),
        Meaning(Kind.FULL),
    ),
    (
        re.compile(
            r"(real|private) (person|people)|public figure|celebrit|likeness"
            r"|(image|picture|photo)[^.]{0,60}(safety|content policy|moderation)",
            _I,
        ),
        _IMAGE,
    ),
    (re.compile(r"content (management )?policy|safety system|usage polic|moderation", _I), _TEXT),
    (re.compile(r"rate limit (reached|exceeded)", _I), Meaning(Kind.RATE_LIMITED)),
)

_FINISH = {
    "stop": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "refused",
    "safety": "refused",
    "refusal": "refused",
}


def compatible_vendor(name: str) -> Vendor:
    """How a server of this protocol says no, under a provider's own name."""
    taken = {"overloaded", "server_overloaded", "engine_overloaded", "service_unavailable", "slow_down"}
    return Vendor(name, CODES, WORDS, says_not_taken=frozenset(taken))


# -- out -------------------------------------------------------------------------------------------------


def chat_body(event: ChatRequested, model: Model, artifacts: Artifacts, most_output: int) -> bytes:
    """The body of POST /chat/completions for a request.

    Raises BadMedia when one of its inputs cannot be sent to this model.
    """
    system, asked = event.system, None
    if event.schema:
        asked, words = response_format(event.schema, model.json)
        system = f"{system}\n\n{words}".strip() if words else system
    messages: list[dict[str, Any]] = []
    if system:
        messages.append({"role": "system", "content": system})
    messages.append({"role": "user", "content": _content(event, model, artifacts)})
    body: dict[str, Any] = {"model": model.name, "messages": messages, model.tokens: most_output}
    if asked is not None:
        body["response_format"] = asked
    return orjson.dumps(body)


def _content(event: ChatRequested, model: Model, artifacts: Artifacts) -> Any:
    if not event.inputs:
        return event.prompt
    parts: list[dict[str, Any]] = [{"type": "text", "text": event.prompt}]
    for artifact in event.inputs:
        if artifact.media.startswith("text/") or artifact.media == "application/json":
            text = artifacts.read(artifact).decode("utf-8", "replace")
            parts.append({"type": "text", "text": text})
            continue
        if not model.sees:
            raise BadMedia(f"{model.name} takes no pictures, and the request has one")
        picture = picture_in(artifacts, artifact, Limits(most_bytes=20 << 20))
        parts.append({"type": "image_url", "image_url": {"url": picture.data_url, "detail": "auto"}})
    return parts


def response_format(schema: str, mode: str) -> tuple[dict[str, Any] | None, str]:
    """(`response_format` or None, words for the prompt) for a JSON Schema given as text.

    What is no schema of an object cannot be asked for natively and stands in the prompt instead.
    """
    try:
        wanted = orjson.loads(schema)
    except orjson.JSONDecodeError:
        wanted = None
    words = f"Answer with JSON only, without any other words. It must fit this schema:\n{schema}"
    if not isinstance(wanted, dict) or wanted.get("type") != "object":
        return None, words
    if mode == "schema":
        title = wanted.get("title", "")
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", title if isinstance(title, str) else "")[:64] or "answer"
        form = {"name": name, "schema": wanted, "strict": _strict(wanted)}
        return {"type": "json_schema", "json_schema": form}, ""
    if mode == "object":
        return {"type": "json_object"}, words
    return None, words


def _strict(schema: Any, depth: int = 0) -> bool:
    """Whether strict mode takes a schema: closed objects, all of whose properties are required."""
    if depth > 40:
        return False
    if isinstance(schema, list):
        return all(_strict(one, depth + 1) for one in schema)
    if not isinstance(schema, dict):
        return True
    if "properties" in schema or schema.get("type") == "object":
        names = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or not isinstance(names, dict):
            return False
        if set(schema.get("required", ())) != set(names):
            return False
        if not all(_strict(one, depth + 1) for one in names.values()):
            return False
    below = ("items", "anyOf", "$defs", "definitions")
    return all(_below(schema[name], depth) for name in below if name in schema)


def _below(value: Any, depth: int) -> bool:
    if isinstance(value, dict) and not {"type", "anyOf", "$ref", "enum", "const"} & set(value):
        return all(_strict(one, depth + 1) for one in value.values())
    return _strict(value, depth + 1)


# -- in --------------------------------------------------------------------------------------------------


@frozen
class ChatAnswer:
    """What a chat answer holds: `verdict` OK, TRUNCATED, REFUSED or MALFORMED, and what was used."""

    verdict: Verdict
    text: str = ""
    finish: str = ""
    repaired: bool = False
    usage: dict[str, int] | None = None
    units: dict[str, int] | None = None
    vendor_id: str = ""


def usage_units(usage: Any) -> dict[str, int] | None:
    """The usage of a chat answer in the units of a price; None when it is not reported or cannot be right."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens"))
    if prompt is None or completion is None or (prompt == 0 and completion == 0):
        return None
    details = usage.get("prompt_tokens_details")
    cached = count_of(details.get("cached_tokens")) if isinstance(details, dict) else None
    if cached is None:
        cached = count_of(usage.get("prompt_cache_hit_tokens"))  # as DeepSeek names it
    cached = min(cached or 0, prompt)
    units = {"input_token": prompt - cached, "output_token": completion}
    if cached:
        units["cached_token"] = cached
    return units


def read_chat(answer: Answer, wants_data: bool) -> ChatAnswer:
    """What an answer with a good status holds. Its finish reason is looked at before its words."""
    body = json_of(answer)
    if not isinstance(body, dict):
        return ChatAnswer(no_answer(f"the body is no JSON object ({answer.media or 'no content type'})"))
    raw = body.get("usage")
    usage, units = numbers_in(raw) or None, usage_units(raw)
    number = body.get("id")
    vendor_id = number if isinstance(number, str) else ""

    def told(verdict: Verdict, text: str = "", finish: str = "", repaired: bool = False) -> ChatAnswer:
        return ChatAnswer(verdict, text, finish, repaired, usage, units, vendor_id)

    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return told(no_answer("there are no choices in the answer"))
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict):
        return told(no_answer("there is no message in the answer"))
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        return told(Verdict(Kind.REFUSED, f"the model refused: {refusal[:400]}", "output"))
    reason = choice.get("finish_reason")
    finish = _FINISH.get(reason.lower(), "") if isinstance(reason, str) else ""
    if finish == "refused":
        return told(Verdict(Kind.REFUSED, f"the answer was filtered ({reason})", "output"))
    text = _text(message.get("content"))
    if finish == "length":
        return told(Verdict(Kind.TRUNCATED, "the answer reached its most tokens"), text, "length")
    if not finish:
        return told(no_answer(f"the answer has no finish reason that says it is whole ({reason!r:.60})"))
    return told(*finished(text, wants_data))


def _text(content: Any) -> str:
    """The words of a message: a text, or a list of parts as some servers send it."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence) and not isinstance(content, bytes):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return ""
