"""A script as JSON: every element with all its fields, and read back as it was."""

from __future__ import annotations

from typing import Any

import attrs
import orjson

from .....core.structured import fit_into
from .....events.script import Ambiguous, Element, Unmapped
from ..assembling import assembled
from ..model import Reading, Screenplay, ScriptError

__all__ = ["FORMAT", "is_json", "read_json", "write_json"]

FORMAT = "duanju-script"


@attrs.frozen
class _Document:
    """The document's own form."""

    format: str
    title: str
    language: str
    layout: str
    source_lines: int
    unit: str
    elements: tuple[Element, ...]
    unmapped: tuple[Unmapped, ...]
    ambiguous: tuple[Ambiguous, ...]


def write_json(script: Screenplay) -> str:
    """One JSON document; `layout` is the format that the script was read as, `unit` what spans count."""
    document = _Document(
        FORMAT,
        script.title,
        script.language,
        script.format,
        script.source_lines,
        script.unit,
        script.elements,
        script.unmapped,
        script.ambiguous,
    )
    return orjson.dumps(attrs.asdict(document), option=orjson.OPT_INDENT_2).decode() + "\n"


def is_json(data: bytes) -> bool:
    """Whether the bytes are a script as `write_json` writes it."""
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and b'"format"' in head and FORMAT.encode() in head


def read_json(data: bytes, file: str) -> Screenplay:
    """What `write_json` wrote. Raises ScriptError, with what is wrong, for anything else."""
    try:
        plain: Any = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise ScriptError(f"{file}, line {error.lineno}: this is no JSON: {error.msg}") from None
    fitted = fit_into(plain, _Document)
    if fitted.errors or fitted.value is None or fitted.value.format != FORMAT:
        why = "; ".join(list(fitted.errors)[:3]) or f"its format is not {FORMAT}"
        raise ScriptError(f"{file}: no script in JSON: {why}; write one with duanju script convert --to json")
    found: _Document = fitted.value
    if not any(one.type == "heading" for one in found.elements):
        raise ScriptError(f"{file}: no scene in it; add an element of the type heading")
    reading = Reading(found.title, found.elements, found.unmapped, found.ambiguous)
    return assembled(file, found.layout, found.language, reading, found.source_lines, found.unit)
