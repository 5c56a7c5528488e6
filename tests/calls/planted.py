"""Planted keys: servers that echo them in every way, and a search through everything that a run leaves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import orjson

from duanju.testing.vendor import Asked, Fault, Given
from duanju.testing.vendor.media import png, streamed_wav
from duanju.testing.vendor.openai import completion

__all__ = ["PLANTED", "WAYS", "answer_of", "fault_of", "leaks", "needles"]

PLANTED = "sk-planted/5f1e+90aa=77c"
"""A key whose spelling changes in an URL and in some JSON."""

WAYS = (
    "message",
    "code",
    "wrong key",
    "plain",
    "html",
    "header",
    "redirect",
    "redirect abroad",
    "garbage",
    "good words",
    "escaped",
    "unicode",
    "refused",
    "limited",
    "failed",
    "failed escaped",
    "in the picture",
    "broken in the key",
    "broken after the key",
)


def needles(key: str = PLANTED) -> list[bytes]:
    """How the key may stand somewhere: whole in each spelling, or a good part of it."""
    whole = {key, quote(key), quote(key, safe=""), key.replace("/", "\\/"), _unicode(key), f"Bearer {key}"}
    return [one.encode() for one in sorted({*whole, key[:10], key[-12:], quote(key[-12:], safe="")})]


def leaks(folder: Path, texts: Iterable[str] = (), key: str = PLANTED) -> list[str]:
    """Where the key, or a good part of it, stands: in a file below the folder (or its name), or in a text."""
    looked_for = needles(key)
    found = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        data += str(path.relative_to(folder)).encode()
        found += [f"{path.relative_to(folder)}: {one!r}" for one in looked_for if one in data]
    for number, text in enumerate(texts):
        found += [f"text {number}: {one!r} in {text[:300]!r}" for one in looked_for if one in text.encode()]
    return found


def _unicode(text: str) -> str:
    return "".join(one if one.isalnum() else f"\\u{ord(one):04x}" for one in text)


def fault_of(way: str) -> Fault | None:
    """What happens to the connection of a request that is answered in a way; None for nothing."""
    return Fault("half") if way.startswith("broken") else None


def answer_of(way: str, asked: Asked) -> Given:
    """An answer that echoes the key in a way."""
    key = PLANTED
    assert asked.headers["authorization"] == f"Bearer {key}"
    echoed = {"x-request-id": key, "openai-organization": key, "set-cookie": f"session={quote(key, safe='')}"}
    words = f"Incorrect API key provided: {key}. See /keys?key={quote(key, safe='')}"

    def problem(status: int, message: str = words, code: str = "", **headers: str) -> Given:
        error = {"message": message, "type": "x", "param": None, "code": code or None}
        return Given({"error": error}, status, headers={**echoed, **headers})

    if way == "in the picture" and asked.path.endswith("generations"):
        return _picture(png(256, 256, "x") + key.encode())
    if way == "in the picture" and asked.path.endswith("speech"):
        return Given(streamed_wav(300) + key.encode(), media="audio/wav", headers=echoed)
    if way == "broken in the key":
        half = b'{"error": "' + key[:14].encode()
        return Given(half + b"x" * len(half), 400, headers=echoed)  # it breaks off after the first half
    if way == "broken after the key":
        return Given(b'{"error": "' + key.encode() + b'"}' + b" " * 100, 500, headers=echoed)
    plain: dict[str, Given] = {
        "message": problem(400),
        "code": problem(400, code=key),
        "wrong key": problem(401, code="invalid_api_key"),
        "plain": Given(words.encode(), 403, media="text/plain", headers=echoed),
        "html": Given(f"<html><b>{words}</b></html>".encode(), 502, media="text/html", headers=echoed),
        "header": problem(400, "no", **{"retry-after": key}),
        "redirect": Given(b"moved", 302, headers={**echoed, "location": f"/v1/x?key={key}"}),
        "redirect abroad": Given(
            b"moved", 307, headers={**echoed, "location": f"http://127.0.0.1:9/?k={quote(key, safe='')}"}
        ),
        "garbage": Given(f'{{"key": "{key}", '.encode(), headers=echoed),
        "escaped": Given(_as_json({"error": {"message": words, "code": key}}), 400, headers=echoed),
        "unicode": Given(f'{{"error": {{"message": "{_unicode(key)}"}}}}'.encode(), 400, headers=echoed),
        "refused": problem(400, words, "content_policy_violation"),
        "limited": problem(429, f"{words} Please try again in 1ms.", "insufficient_quota"),
        "failed": problem(500),
        "failed escaped": Given(_as_json({"error": {"message": words}}), 500, headers=echoed),
    }
    return plain.get(way) or Given(
        completion(f"You said {key}.", usage={"prompt_tokens": 9, "completion_tokens": 3, key: 1}),
        headers=echoed,
    )


def _as_json(value: object) -> bytes:
    """JSON as some servers write it: with every slash escaped."""
    return orjson.dumps(value).replace(b"/", b"\\/")


def _picture(data: bytes) -> Given:
    import base64

    return Given({"created": 1, "data": [{"b64_json": base64.b64encode(data).decode()}]})
