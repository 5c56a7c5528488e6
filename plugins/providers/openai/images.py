"""Pictures by OpenAI's protocol: generations, and edits where the request brings references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from ....events.calls import CallFailed, ImageRequested, ImageReturned
from ..calling.bills import bill_of, count_of, numbers_in
from ..calling.chat import unsendable
from ..calling.classify import json_of
from ..calling.media_in import Limits, PictureIn, picture_in
from ..calling.media_out import bytes_from_base64, picture_out
from ..calling.models import Model
from ..calling.outcomes import failed, malformed
from ..calling.picture_words import picture_words
from ..calling.pictures import BadMedia
from ..calling.sending import Line
from ..calling.transport import Ask
from ..calling.verdicts import Kind

if TYPE_CHECKING:
    from . import OpenAISettings

__all__ = ["picture", "size_for"]

MOST_WORDS = 32_000
MOST_REFERENCES = 16
_TAKEN = Limits(most_bytes=50 << 20, kinds=frozenset({"image/png", "image/jpeg", "image/webp"}))


def size_for(model: str, width: int, height: int) -> str:
    """The size to ask for: sides in sixteenths for gpt-image-2, else the fixed one of that direction."""
    if model.startswith("gpt-image-2"):
        scale = min(1.0, 2560 / max(width, height), (1440 * 2560 / (width * height)) ** 0.5)
        ratio = max(1 / 3, min(3.0, width / height))
        tall = max(16, round(height * scale / 16) * 16)
        wide = max(16, round(tall * ratio / 16) * 16)
        return f"{wide}x{tall}"
    if abs(width - height) * 10 < max(width, height):
        return "1024x1024"
    return "1536x1024" if width > height else "1024x1536"


def picture(
    event: ImageRequested,
    line: Line,
    model: Model,
    base: str,
    secret: Mapping[str, str],
    settings: OpenAISettings,
) -> Iterator[ImageReturned | CallFailed]:
    """Asks for one picture and yields what came; its size is the vendor's. Raises UnknownOutcome."""
    desk = line.desk
    fields = {
        "model": model.name,
        "prompt": picture_words(event.picture, event.note, settings.style, event.words)[:MOST_WORDS],
        "n": 1,
        "size": size_for(model.name, event.width, event.height),
        "quality": settings.image_quality,
        "output_format": "png",
    }
    try:
        references = [picture_in(desk.artifacts, one, _TAKEN) for one in event.inputs if _is_picture(one)]
        if len(references) > MOST_REFERENCES:
            raise BadMedia(f"{len(references)} references, more than the {MOST_REFERENCES} that are taken")
    except BadMedia as error:
        yield unsendable(line, str(error))
        return
    reply = line.call(_ask(base, secret, fields, references))
    body = json_of(reply.answer)
    usage = body.get("usage") if isinstance(body, dict) else None
    units = _units(usage, desk.call.price.rates if desk.call is not None else {})
    told = numbers_in(usage) or None
    if reply.verdict.kind is not Kind.OK:
        bill = bill_of(desk, reply, told, units) if told and units is not None else None
        yield failed(desk, reply, bill=bill)
        return
    bill = bill_of(desk, reply, told, units)
    try:
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not data or not isinstance(data[0], dict):
            raise BadMedia("there is no picture in the answer")
        raw = bytes_from_base64(data[0].get("b64_json"))
        head = picture_out(raw)
    except BadMedia as error:
        used = bill if told else bill_of(desk, reply, None, None)
        yield malformed(desk, reply, f"{line.vendor.name}: {error}", used)
        return
    yield ImageReturned(
        image=desk.artifacts.put(raw, head.media), width=head.width, height=head.height, bill=bill
    )


def _is_picture(artifact: Any) -> bool:
    return bool(artifact.media.startswith("image/"))


def _ask(base: str, secret: Mapping[str, str], fields: Mapping[str, Any], references: list[PictureIn]) -> Ask:
    accept = {"Accept": "application/json"}
    if not references:
        headers = {**accept, "Content-Type": "application/json"}
        return Ask("POST", f"{base}/images/generations", secret, headers, orjson.dumps(dict(fields)))
    return Ask(
        "POST",
        f"{base}/images/edits",
        secret,
        accept,
        form=tuple((name, str(value)) for name, value in fields.items()),
        files=tuple(
            ("image[]", (f"reference-{number}.{one.suffix}", one.data, one.media))
            for number, one in enumerate(references, 1)
        ),
    )


def _units(usage: Any, rates: Mapping[str, int]) -> dict[str, int] | None:
    """A picture in the units of its price: its tokens, None when they are not reported; else one picture."""
    if "image_output_token" not in rates:
        return {"image": 1}
    if not isinstance(usage, dict):
        return None
    given, made = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
    if given is None or not made:
        return None
    details = usage.get("input_tokens_details")
    pictures = count_of(details.get("image_tokens")) if isinstance(details, dict) else None
    pictures = min(pictures or 0, given)
    return {
        "text_input_token": given - pictures,
        "image_input_token": pictures,
        "image_output_token": made,
    }
