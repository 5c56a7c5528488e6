"""The form of an answer, told once: from an attrs class its JSON schema, and what breaks a rule, by path."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from typing import Any

import attrs
import orjson

__all__ = ["colour", "draft_of", "faults", "flag", "form", "items", "number", "schema_of", "text", "word"]

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def word(*options: str, about: str = "") -> Any:
    """A field that holds one of some words."""
    return attrs.field(metadata={"options": options, "about": about})


def text(most: int, about: str, least: int = 0, default: Any = attrs.NOTHING) -> Any:
    """A field of free text, `least` to `most` characters long; with a default it may be left out."""
    return attrs.field(default=default, metadata={"least": least, "most": most, "about": about})


def colour(about: str) -> Any:
    """A field that holds a colour as #rrggbb, in small letters."""
    return attrs.field(metadata={"colour": True, "about": f"{about}, as #rrggbb in small letters"})


def number(low: int, high: int, about: str) -> Any:
    """A field that holds a whole number from `low` to `high`."""
    return attrs.field(metadata={"low": low, "high": high, "about": f"{about}, from {low} to {high}"})


def flag(about: str) -> Any:
    """A field that holds true or false."""
    return attrs.field(metadata={"about": about})


def items(
    most: int,
    about: str,
    least: int = 0,
    options: tuple[str, ...] = (),
    each: int = 200,
    default: Any = attrs.NOTHING,
) -> Any:
    """A list of `least` to `most` entries; texts in it are `options`, or at most `each` characters long."""
    note = {"least": least, "most": most, "about": about, "of": options, "each": each}
    return attrs.field(default=default, metadata=note)


_KNOWN: dict[type[Any], tuple[tuple[str, Any, Any], ...]] = {}
_SCHEMAS: dict[type[Any], str] = {}


def _fields(cls: type[Any]) -> tuple[tuple[str, Any, Any], ...]:
    found = _KNOWN.get(cls)
    if found is None:
        hints = typing.get_type_hints(cls)
        found = _KNOWN[cls] = tuple((a.name, hints[a.name], a.metadata) for a in attrs.fields(cls))
    return found


def schema_of(cls: type[Any]) -> str:
    """The JSON schema of an answer, as text: closed objects with all properties required.

    Bounds stand in the descriptions, since the strict modes of several vendors refuse them elsewhere.
    """
    found = _SCHEMAS.get(cls)
    if found is None:
        found = _SCHEMAS[cls] = orjson.dumps({"title": cls.__name__.lower(), **form(cls)}).decode()
    return found


def form(cls: type[Any]) -> dict[str, Any]:
    """The schema of one class as data."""
    made = {}
    for name, kind, note in _fields(cls):
        one = _kind(kind, note)
        about = note.get("about", "")
        made[name] = {**one, "description": about} if about else one
    return {"type": "object", "properties": made, "required": list(made), "additionalProperties": False}


def _kind(kind: Any, note: Any) -> dict[str, Any]:
    if attrs.has(kind):
        return form(kind)
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        return {"type": "array", "items": _kind(inner, {"options": note.get("of", ())})}
    simple = {str: "string", int: "integer", bool: "boolean"}
    made: dict[str, Any] = {"type": simple[kind]}
    if note.get("options"):
        made["enum"] = list(note["options"])
    return made


def draft_of(value: Any) -> str:
    """An answer as a model would write it."""
    return orjson.dumps(attrs.asdict(value)).decode()


def faults(value: Any, path: str = "") -> Iterator[str]:
    """Every value in an answer that breaks its field's rule, by its path: `shots[2].size: ...`."""
    for name, kind, note in _fields(type(value)):
        where = f"{path}.{name}" if path else name
        held = getattr(value, name)
        if attrs.has(kind):
            yield from faults(held, where)
        elif isinstance(held, tuple):
            yield from _in_list(held, note, where)
        elif isinstance(held, str):
            yield from _in_text(held, note, where)
        elif isinstance(held, int) and "low" in note and not note["low"] <= held <= note["high"]:
            yield f"{where}: {held} must be from {note['low']} to {note['high']}"


def _in_list(held: tuple[Any, ...], note: Any, where: str) -> Iterator[str]:
    least, most = note.get("least", 0), note.get("most", 100)
    if not least <= len(held) <= most:
        yield f"{where}: has {len(held)} entries; must have from {least} to {most}"
    each = {"options": note.get("of", ()), "most": note.get("each", 200)}
    for place, one in enumerate(held[: most + 1]):
        if attrs.has(type(one)):
            yield from faults(one, f"{where}[{place}]")
        elif isinstance(one, str):
            yield from _in_text(one, each, f"{where}[{place}]")


def _in_text(held: str, note: Any, where: str) -> Iterator[str]:
    options = note.get("options", ())
    if options:
        if held not in options:
            yield f"{where}: {held[:40]!r} must be one of {', '.join(options)}"
    elif note.get("colour"):
        if not _COLOUR.fullmatch(held):
            yield f"{where}: {held[:40]!r} must be a colour like #a8324a"
    elif not note.get("least", 0) <= len(held) <= note.get("most", 200):
        yield f"{where}: has {len(held)} characters; must have from {note.get('least', 0)} to {note['most']}"
