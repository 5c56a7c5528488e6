"""Takes keys out of whatever a vendor sends back, before anything of it is kept or shown."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

__all__ = ["clean", "clean_bytes", "clean_headers", "short"]

LEAST = 4
"""What is shorter is no key: taking it out would take words apart."""

PART = 8
"""So many characters of a key, at the end of what broke off, are taken out like the whole."""


def _keys() -> tuple[tuple[str, str], ...]:
    """(variable, value) of every key; the names first, since to read a value costs more than a name."""
    names = [name for name in os.environ if name.endswith("_API_KEY")]
    return tuple((name, os.environ.get(name, "")) for name in names)


@lru_cache(maxsize=64)
def _secrets(keys: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """(spelling, variable) of every key, the longest first: as it is, in an URL, and escaped in JSON."""
    found: list[tuple[str, str]] = []
    for name, value in keys:
        key = value.strip()
        urls = {quote(key, safe=""), quote(key)}
        escaped = {key.replace("/", "\\/"), _escaped(key, "04x"), _escaped(key, "04X")}
        found += [(one, name) for one in {value, key} | urls | escaped if len(one) >= LEAST]
    return tuple(sorted(found, key=lambda one: (-len(one[0]), one)))


@lru_cache(maxsize=64)
def _secret_bytes(keys: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(
        (key.encode("utf-8", "surrogateescape"), f"<{name}>".encode()) for key, name in _secrets(keys)
    )


def _escaped(key: str, how: str) -> str:
    return "".join(one if one.isalnum() else f"\\u{ord(one):{how}}" for one in key)


def clean(text: str) -> str:
    """The text without any key, also in the spelling that it has in an URL or in JSON."""
    return _without(text, _secrets(_keys()))


def clean_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by their names in small letters, their values without any key."""
    secrets = _secrets(_keys())
    return {name.lower(): _without(value, secrets) for name, value in headers}


def _without(text: str, secrets: tuple[tuple[str, str], ...]) -> str:
    for spelling, name in secrets:
        if spelling in text:
            text = text.replace(spelling, f"<{name}>")
    return text


def clean_bytes(data: bytes) -> bytes:
    """The bytes without any key, or the first part of one at their end; the same object if none is."""
    for key, name in _secret_bytes(_keys()):
        if key in data:
            data = data.replace(key, name)
        if key[:PART] not in data[-len(key) :]:
            continue
        for size in range(len(key) - 1, PART - 1, -1):  # an answer may break off in the middle of a key
            if data.endswith(key[:size]):
                data = data[:-size] + name
                break
    return data


def short(text: str, most: int = 300) -> str:
    """The text on one line, without keys, cut to a length."""
    one = " ".join(clean(text).split())
    return one if len(one) <= most else one[: most - 3] + "..."
