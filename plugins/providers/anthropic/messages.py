"""Anthropic's Messages protocol: the body of a call, and what its answer holds."""

from __future__ import annotations

from typing import Any

import orjson

from ....core.artifacts import Artifacts
from ....events.calls import ChatRequested
from ..calling.bills import count_of, numbers_in
from ..calling.classify import json_of
from ..calling.compatible import ChatAnswer, response_format
from ..calling.finished import finished, no_answer
from ..calling.media_in import Limits, picture_in
from ..calling.models import Model
from ..calling.pictures import BadMedia
from ..calling.transport import Answer
from ..calling.verdicts import Kind, Verdict
from .schema import output_schema

__all__ = ["message_body", "message_units", "read_message"]

MOST_BYTES = 32 << 20
MOST_PICTURES = 100
MANY_PICTURES = 20
# The vendor counts the letters of the base64, of which three bytes make four.
_BYTES = (5 << 20) // 4 * 3
_ONE = Limits(most_bytes=_BYTES, most_side=8000)
_OF_MANY = Limits(most_bytes=_BYTES, most_side=2000)


# -- out -------------------------------------------------------------------------------------------------


def message_body(event: ChatRequested, model: Model, artifacts: Artifacts, most_output: int) -> bytes:
    """The body of POST /v1/messages for a request; `model.json` other than "schema" asks in the prompt.

    Raises BadMedia when the vendor would not take it, saying why.
    """
    system, form = event.system, None
    if event.schema:
        form = output_schema(event.schema) if model.json == "schema" else None
        if form is None:
            _, words = response_format(event.schema, "prompt")
            system = f"{system}\n\n{words}".strip()
    content = _content(event, model, artifacts)
    if not content:
        raise BadMedia("the request has neither words nor pictures")
    body: dict[str, Any] = {
        "model": model.name,
        "max_tokens": most_output,
        "messages": [{"role": "user", "content": content}],
    }
    if system.strip():
        body["system"] = system
    if form is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": form}}
    raw = orjson.dumps(body)
    if len(raw) > MOST_BYTES:
        raise BadMedia(f"the request has {len(raw)} bytes, more than the {MOST_BYTES} that are taken")
    return raw


def _content(event: ChatRequested, model: Model, artifacts: Artifacts) -> list[dict[str, Any]]:
    """What the prompt refers to, and then the prompt; a text without letters is refused, so it stays out."""
    pictures = sum(artifact.media.startswith("image/") for artifact in event.inputs)
    if pictures and not model.sees:
        raise BadMedia(f"{model.name} takes no pictures, and the request has {pictures}")
    if pictures > MOST_PICTURES:
        raise BadMedia(f"{pictures} pictures, more than the {MOST_PICTURES} that are taken")
    limits = _OF_MANY if pictures > MANY_PICTURES else _ONE
    parts: list[dict[str, Any]] = []
    for artifact in event.inputs:
        if artifact.media.startswith("text/") or artifact.media == "application/json":
            parts.append({"type": "text", "text": artifacts.read(artifact).decode("utf-8", "replace")})
        else:
            found = picture_in(artifacts, artifact, limits)
            source = {"type": "base64", "media_type": found.media, "data": found.base64}
            parts.append({"type": "image", "source": source})
    parts.append({"type": "text", "text": event.prompt})
    return [part for part in parts if part["type"] == "image" or part["text"].strip()]


# -- in --------------------------------------------------------------------------------------------------


def message_units(usage: Any) -> dict[str, int] | None:
    """The usage in the units of a price; None when it is not reported or cannot be right.

    `input_tokens` is without what was read from the cache or written into it. An hour in the cache has a
    price of its own that no entry here names, so a call that used it has an unknown cost.
    """
    if not isinstance(usage, dict):
        return None
    given, made = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
    read = count_of(usage.get("cache_read_input_tokens")) or 0
    written = count_of(usage.get("cache_creation_input_tokens")) or 0
    if given is None or made is None or given + made + read + written == 0:
        return None
    by_age = usage.get("cache_creation")
    hour = count_of(by_age.get("ephemeral_1h_input_tokens")) if isinstance(by_age, dict) else None
    hour = min(hour or 0, written)
    units = {
        "input_token": given,
        "output_token": made,
        "cached_token": read,
        "cache_write_token": written - hour,
        "cache_write_hour_token": hour,
    }
    return {
        unit: amount for unit, amount in units.items() if amount or unit in ("input_token", "output_token")
    }


def read_message(answer: Answer, wants_data: bool) -> ChatAnswer:
    """What an answer with a good status holds. Its stop reason is looked at before its words."""
    body = json_of(answer)
    if not isinstance(body, dict):
        return ChatAnswer(no_answer(f"the body is no JSON object ({answer.media or 'no content type'})"))
    raw, number = body.get("usage"), body.get("id")
    usage, units = numbers_in(raw) or None, message_units(raw)
    vendor_id = number if isinstance(number, str) else ""

    def told(verdict: Verdict, text: str = "", finish: str = "", repaired: bool = False) -> ChatAnswer:
        return ChatAnswer(verdict, text, finish, repaired, usage, units, vendor_id)

    reason = body.get("stop_reason")
    if reason == "refusal":
        return told(Verdict(Kind.REFUSED, _refusal(body.get("stop_details")), "output"))
    content = body.get("content")
    if not isinstance(content, list):
        return told(no_answer("there is no content in the answer"))
    text = "".join(_texts(content))
    if reason == "max_tokens":
        return told(Verdict(Kind.TRUNCATED, "the answer reached its most tokens"), text, "length")
    if reason == "model_context_window_exceeded":
        return told(Verdict(Kind.TRUNCATED, "the answer filled what the model can look at"), text, "length")
    if reason not in ("end_turn", "stop_sequence"):
        return told(no_answer(f"the answer has no stop reason that says it is whole ({reason!r:.60})"))
    return told(*finished(text, wants_data))


def _texts(content: list[Any]) -> list[str]:
    """The words among the blocks; thinking is a kind of block of its own and is left out."""
    texts = [one.get("text") for one in content if isinstance(one, dict) and one.get("type") == "text"]
    return [text for text in texts if isinstance(text, str)]


def _refusal(details: Any) -> str:
    told = details if isinstance(details, dict) else {}
    category, why = told.get("category"), told.get("explanation")
    words = "the model refused"
    if isinstance(category, str) and category:
        words += f" ({category[:60]})"
    return f"{words}: {why[:400]}" if isinstance(why, str) and why else words
