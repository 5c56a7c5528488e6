"""A JSON Schema in the part of the language that Anthropic's output_config takes."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["output_schema"]

_FORMATS = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
)
_TYPES = frozenset(("object", "array", "string", "integer", "number", "boolean", "null"))
_SILENT = frozenset(("$schema", "$id", "default", "examples"))
_DEEPEST = 40


class _Open(Exception):
    """A schema, or a part of it, that cannot be said in this language."""


def output_schema(schema: str) -> dict[str, Any] | None:
    """The schema for output_config, from its text; None for what has to be asked for in the prompt.

    Every object is closed, as the vendor wants it, and bounds that it has no word for go into the
    description, as its own library does. An object whose fields are open has no such form.
    """
    try:
        wanted = orjson.loads(schema)
        if not isinstance(wanted, dict) or wanted.get("type") != "object":
            return None
        return _taken(wanted, _DEEPEST)
    except (orjson.JSONDecodeError, _Open):
        return None


def _taken(schema: Any, left: int) -> dict[str, Any]:
    if not isinstance(schema, dict) or left == 0:
        raise _Open
    rest = {name: value for name, value in schema.items() if name not in _SILENT}
    made: dict[str, Any] = {}
    for name in ("$defs", "definitions"):
        if name in rest:
            made[name] = _each(rest.pop(name), left)
    if "$ref" in rest:
        return {**made, "$ref": rest["$ref"]}
    for name in ("title", "description"):
        if isinstance(rest.get(name), str):
            made[name] = rest.pop(name)
    kind = rest.pop("type", None)
    several = rest.pop("anyOf", None) or rest.pop("oneOf", None)
    if isinstance(kind, list):
        several = [{**rest, "type": one} for one in kind]
        kind, rest = None, {}
    if isinstance(several, list) and several:
        made["anyOf"] = [_taken(one, left - 1) for one in several]
    elif isinstance(rest.get("allOf"), list):
        made["allOf"] = [_taken(one, left - 1) for one in rest.pop("allOf")]
    elif "enum" in rest or "const" in rest:
        word = "enum" if "enum" in rest else "const"
        made[word] = rest.pop(word)
    elif kind in _TYPES:
        made["type"] = kind
        _by_type(kind, rest, made, left)
    else:
        raise _Open
    if rest:
        told = (
            "{" + ", ".join(f"{name}: {orjson.dumps(value).decode()}" for name, value in rest.items()) + "}"
        )
        made["description"] = f"{made['description']}\n\n{told}" if "description" in made else told
    return made


def _by_type(kind: str, rest: dict[str, Any], made: dict[str, Any], left: int) -> None:
    """Moves what a type may say from `rest` to `made`."""
    if kind == "object":
        names = rest.pop("properties", None)
        if not isinstance(names, dict) or rest.pop("additionalProperties", False) not in (False, None):
            raise _Open
        made["properties"] = _each(names, left)
        made["additionalProperties"] = False
        if "required" in rest:
            made["required"] = rest.pop("required")
    elif kind == "array":
        if "items" in rest:
            made["items"] = _taken(rest.pop("items"), left - 1)
        if rest.get("minItems") in (0, 1):
            made["minItems"] = rest.pop("minItems")
    elif kind == "string" and rest.get("format") in _FORMATS:
        made["format"] = rest.pop("format")


def _each(schemas: Any, left: int) -> dict[str, Any]:
    if not isinstance(schemas, dict):
        raise _Open
    return {name: _taken(one, left - 1) for name, one in schemas.items()}
