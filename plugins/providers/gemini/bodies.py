"""The bodies of generateContent: words, pictures that go along, and how the answer is wanted."""

from __future__ import annotations

from typing import Any

import orjson

from ....core.artifacts import Artifacts
from ....events.artifact import Artifact
from ....events.calls import ChatRequested
from ..calling.compatible import response_format
from ..calling.media_in import Limits, picture_in
from ..calling.models import Model
from ..calling.pictures import BadMedia
from .schema import gemini_schema

__all__ = ["chat_body", "picture_body", "picture_part", "ratio_for", "size_for"]

_TAKEN = Limits(most_bytes=7 << 20, kinds=frozenset({"image/png", "image/jpeg", "image/webp"}))
MOST_BODY = 20_000_000
"""Bytes of a request with pictures in it; more has to go through the vendor's file store."""

_RATIOS = ((1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4), (9, 16), (16, 9), (21, 9))
_PIXELS = {"1K": 1 << 20, "2K": 1 << 22, "4K": 1 << 24}


def ratio_for(width: int, height: int) -> str:
    """The vendor's aspect ratio that is nearest to a size in pixels: `9:16`."""
    wanted = width / height

    def off(ratio: tuple[int, int]) -> float:
        offered = ratio[0] / ratio[1]
        return max(offered / wanted, wanted / offered)

    wide, tall = min(_RATIOS, key=off)
    return f"{wide}:{tall}"


def size_for(width: int, height: int, sizes: tuple[str, ...]) -> str:
    """The smallest of the sizes that has all the pixels, the largest where none has, "" where there are none.

    1K is about one million pixels whatever the ratio, 2K four times as many; a tenth less is close enough.
    """
    fitting = [size for size in sizes if _PIXELS[size] * 11 >= width * height * 10]
    return fitting[0] if fitting else (sizes[-1] if sizes else "")


def picture_part(artifacts: Artifacts, artifact: Artifact) -> dict[str, Any]:
    """A picture that goes along. Raises BadMedia when the vendor would not take it."""
    picture = picture_in(artifacts, artifact, _TAKEN)
    return {"inlineData": {"mimeType": picture.media, "data": picture.base64}}


def chat_body(event: ChatRequested, model: Model, artifacts: Artifacts, most_output: int) -> bytes:
    """The body for words. Raises BadMedia when one of its inputs cannot be sent to this model."""
    parts: list[dict[str, Any]] = [{"text": event.prompt}]
    for artifact in event.inputs:
        if artifact.media.startswith("text/") or artifact.media == "application/json":
            parts.append({"text": artifacts.read(artifact).decode("utf-8", "replace")})
        elif model.sees:
            parts.append(picture_part(artifacts, artifact))
        else:
            raise BadMedia(f"{model.name} takes no pictures, and the request has one")
    config: dict[str, Any] = {"maxOutputTokens": most_output}
    system = event.system
    if event.schema:
        schema = gemini_schema(event.schema) if model.json == "schema" else None
        if model.json != "prompt":
            config["responseMimeType"] = "application/json"
        if schema is not None:
            config["responseSchema"] = schema
        else:
            system = f"{system}\n\n{response_format(event.schema, 'prompt')[1]}".strip()
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    return _bounded(body)


def picture_body(words: str, references: list[dict[str, Any]], ratio: str, size: str, most: int) -> bytes:
    """The body for a picture; `size` "" = the model has one. Raises BadMedia when it is too much."""
    image = {"aspectRatio": ratio, **({"imageSize": size} if size else {})}
    return _bounded(
        {
            "contents": [{"role": "user", "parts": [*references, {"text": words}]}],
            "generationConfig": {
                "maxOutputTokens": most,
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": image,
            },
        }
    )


def _bounded(body: dict[str, Any]) -> bytes:
    raw = orjson.dumps(body)
    if len(raw) > MOST_BODY:
        raise BadMedia(f"the request has {len(raw)} bytes with its pictures, more than {MOST_BODY}")
    return raw
