"""Reuse keys: two calls, or two effects, with equal keys have one answer."""

from __future__ import annotations

import hashlib
from typing import Any

import attrs
import orjson

from ..events.codec import Codec
from .plugins import Hook
from .settings import Delivery

__all__ = ["artifacts_of", "call_key", "call_keys", "effect_key", "readdress"]


def _material(codec: Codec, event: Any) -> dict[str, Any]:
    plain = codec.plain(event)  # made for this call: popping from it changes nobody's
    for name in codec.spec(type(event)).address:
        plain.pop(name, None)
    return plain


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:40]


def call_key(codec: Codec, capability: str, route: str, request: Any) -> str:
    """Capability, provider:model, parameters, inputs and take; never subject, revision or shot numbers.

    With `route` "" it is the key under which any model's paid take is kept.
    """
    return call_keys(codec, capability, route, request)[0]


def call_keys(codec: Codec, capability: str, route: str, request: Any) -> tuple[str, str]:
    """The call's key, and the key under which any model's paid take is kept; the request is read once."""
    material = _material(codec, request)
    return (
        _digest(["call", capability, route, material]),
        _digest(["call", capability, "", material]),
    )


def effect_key(codec: Codec, hook: Hook, event: Any, delivery: Delivery) -> str:
    """The plugin, its decisions version, the hook, the delivery, and all of the event but its address."""
    kind = codec.spec(type(event)).kind
    asked = attrs.asdict(delivery)
    return _digest(["effect", hook.plugin, hook.decisions, hook.name, kind, asked, _material(codec, event)])


def readdress(codec: Codec, event: Any, source: Any, **more: object) -> Any:
    """The same fact for somebody else: address fields are taken from `source` where it has them."""
    changes: dict[str, Any] = {
        name: getattr(source, name)
        for name in codec.spec(type(event)).address
        if name not in more and hasattr(source, name)
    }
    return attrs.evolve(event, **changes, **more)


def artifacts_of(value: Any) -> list[Any]:
    """Every artifact that an event names, at any depth."""
    from ..events.artifact import Artifact

    found: list[Any] = []
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, Artifact):
            found.append(one)
        elif attrs.has(type(one)):
            stack.extend(getattr(one, a.name) for a in attrs.fields(type(one)))
        elif isinstance(one, tuple | list):
            stack.extend(one)
        elif isinstance(one, dict):
            stack.extend(one.values())
    return found
