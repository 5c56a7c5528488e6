"""Whether data fits a JSON Schema: tells an answer that was held to its schema from one that was not."""

from __future__ import annotations

from typing import Any

__all__ = ["misfit"]

_DEEPEST = 60
_TYPES: dict[str, tuple[type[Any], ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def misfit(value: Any, schema: Any) -> str:
    """The first place where parsed JSON does not fit, with what is wrong there; "" where all fits.

    Types, properties, items, enum, const, anyOf, oneOf, allOf, $ref and bounds are looked at; a word that is
    not known here forbids nothing.
    """
    return _misfit(value, schema, schema, "", _DEEPEST)


def _misfit(value: Any, schema: Any, root: Any, path: str, left: int) -> str:
    if not isinstance(schema, dict) or left == 0:
        return ""
    here = path or "the whole"
    if isinstance(ref := schema.get("$ref"), str):
        return _misfit(value, _resolved(ref, root), root, path, left - 1)
    if "const" in schema and not _same(value, schema["const"]):
        return f"{here}: is not the one value that is allowed"
    if isinstance(enum := schema.get("enum"), list) and not any(_same(value, one) for one in enum):
        return f"{here}: is none of the {len(enum)} values that are allowed"
    types = schema.get("type")
    names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    if names and not any(_is(value, name) for name in names):
        return f"{here}: must be {' or '.join(str(name) for name in names)}"
    for word in ("anyOf", "oneOf"):
        if isinstance(several := schema.get(word), list) and several:
            tried = [_misfit(value, one, root, path, left - 1) for one in several]
            if all(tried):
                return tried[0]
    for one in schema["allOf"] if isinstance(schema.get("allOf"), list) else []:
        if bad := _misfit(value, one, root, path, left - 1):
            return bad
    if isinstance(value, dict):
        return _object(value, schema, root, path, left)
    if isinstance(value, list):
        for number, one in enumerate(value):
            if bad := _misfit(one, schema.get("items"), root, f"{path}[{number}]", left - 1):
                return bad
        return _bounds(len(value), schema, "minItems", "maxItems", f"{here}: elements")
    if isinstance(value, str):
        return _bounds(len(value), schema, "minLength", "maxLength", f"{here}: characters")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _bounds(value, schema, "minimum", "maximum", here)
    return ""


def _object(value: dict[str, Any], schema: dict[str, Any], root: Any, path: str, left: int) -> str:
    known = schema.get("properties")
    known = known if isinstance(known, dict) else {}
    below = f"{path}." if path else ""
    for name in schema["required"] if isinstance(schema.get("required"), list) else []:
        if isinstance(name, str) and name not in value:
            return f"{below}{name}: is missing"
    other = schema.get("additionalProperties", True)
    for name, one in value.items():
        if name not in known and other is False:
            return f"{below}{name}: is not asked for"
        if bad := _misfit(one, known.get(name, other), root, f"{below}{name}", left - 1):
            return bad
    return ""


def _resolved(ref: str, root: Any) -> Any:
    """What a `#/$defs/x` points to; None, which forbids nothing, where that is nothing here."""
    found = root
    for part in ref.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found if ref.startswith("#") else None


def _is(value: Any, name: Any) -> bool:
    wanted = _TYPES.get(name) if isinstance(name, str) else None
    if wanted is None:
        return True
    if isinstance(value, bool):
        return bool(name == "boolean")
    if name == "integer":
        return isinstance(value, int | float) and float(value).is_integer()
    return isinstance(value, wanted)


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _bounds(amount: float, schema: dict[str, Any], least: str, most: str, what: str) -> str:
    for word, sign in ((least, 1), (most, -1)):
        bound = schema.get(word)
        if isinstance(bound, int | float) and not isinstance(bound, bool) and sign * (amount - bound) < 0:
            return f"{what}: {amount} does not keep {word} {bound}"
    return ""
