"""A JSON Schema as Gemini's `responseSchema` takes it, which knows fewer words."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["gemini_schema"]

_SAME = (
    "title",
    "description",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
)
_TYPES = ("string", "integer", "number", "boolean", "array", "object")
_DROPPED = {"additionalProperties", "$schema", "$id", "default", "examples", "uniqueItems"}
_HANDLED = {*_SAME, *_DROPPED, "type", "enum", "const", "properties", "required", "items", "anyOf"}
_MOST_DEPTH = 30


class _Beyond(Exception):
    """The schema says what `responseSchema` cannot."""


def gemini_schema(text: str) -> dict[str, Any] | None:
    """The schema of an object in Gemini's words, None for one that cannot be said in them.

    What only forbids (`additionalProperties`) is dropped: an answer is checked once more where it is used.
    """
    try:
        wanted = orjson.loads(text)
        made = _said(wanted, 0)
    except (orjson.JSONDecodeError, RecursionError, _Beyond):
        return None
    return made if made.get("type") == "OBJECT" else None


def _said(schema: Any, depth: int) -> dict[str, Any]:
    if not isinstance(schema, dict) or depth > _MOST_DEPTH or set(schema) - _HANDLED:
        raise _Beyond
    made: dict[str, Any] = {name: schema[name] for name in _SAME if name in schema}
    if "anyOf" in schema:
        options = schema["anyOf"]
        if not isinstance(options, list) or not options:
            raise _Beyond
        kept = [one for one in options if one != {"type": "null"}]
        made["anyOf"] = [_said(one, depth + 1) for one in kept]
        if len(kept) < len(options):
            made["nullable"] = True
    elif "type" in schema:
        _typed(schema["type"], made)
    elif "enum" not in schema and "const" not in schema:
        raise _Beyond
    _choices(schema, made)
    if "items" in schema:
        made["items"] = _said(schema["items"], depth + 1)
    elif made.get("type") == "ARRAY":
        raise _Beyond
    if "properties" in schema:
        names = schema["properties"]
        if not isinstance(names, dict) or not names:
            raise _Beyond
        made["properties"] = {name: _said(one, depth + 1) for name, one in names.items()}
        made["propertyOrdering"] = list(names)
        required = schema.get("required", [])
        if not isinstance(required, list) or not all(name in names for name in required):
            raise _Beyond
        if required:
            made["required"] = required
    elif made.get("type") == "OBJECT":
        raise _Beyond  # an object without named fields is refused there
    return made


def _typed(kind: Any, made: dict[str, Any]) -> None:
    kinds = [kind] if isinstance(kind, str) else kind
    if not isinstance(kinds, list):
        raise _Beyond
    named = [one for one in kinds if one != "null"]
    if len(named) != 1 or named[0] not in _TYPES:
        raise _Beyond
    made["type"] = named[0].upper()
    if len(named) < len(kinds):
        made["nullable"] = True


def _choices(schema: dict[str, Any], made: dict[str, Any]) -> None:
    """An enum there is a list of texts, none of them empty; one of numbers cannot be said.

    One with an empty text is told in the description, for it would be refused as an enum.
    """
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if choices is None:
        return
    if not isinstance(choices, list) or not choices:
        raise _Beyond
    kept = [one for one in choices if one is not None]
    if not kept or not all(isinstance(one, str) for one in kept):
        raise _Beyond
    if made.setdefault("type", "STRING") != "STRING":
        raise _Beyond
    if len(kept) < len(choices):
        made["nullable"] = True
    if "" in kept:
        told = f"One of: {', '.join(one for one in kept if one)}; or empty."
        made["description"] = " ".join(filter(None, (made.get("description", ""), told)))
    else:
        made["enum"] = kept
