"""Walks a stranger's XML with the standard parser: no entities, no document type, bounded in every way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.parsers import expat

from .model import ScriptError

__all__ = ["walk"]

MOST_DEPTH = 100
MOST_NODES = 2_000_000

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def walk(xml: str | bytes, start: Start, end: End, text: Text, file: str, what: str) -> None:
    """Calls `start(name, attributes)`, `text(characters)` and `end(name)`, names without their namespaces.

    Raises ScriptError for broken XML, with its line, for a document type or an entity, which a script never
    has and an attack does, and for what is too deep or has too many parts.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    depth = nodes = 0

    def local(name: str) -> str:
        return name.rpartition(" ")[2]

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, nodes
        depth += 1
        nodes += 1
        if depth > MOST_DEPTH or nodes > MOST_NODES:
            raise ScriptError(f"{file}: {what} is nested too deeply, or has too many parts, to be a script")
        start(local(name), {local(key): value for key, value in attributes.items()})

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(local(name))

    def refuse(*_: object) -> int:
        raise ScriptError(
            f"{file}, line {parser.CurrentLineNumber}: {what} declares a document type or entities, which no "
            "screenwriting program does; write it out anew from the program that made it"
        )

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise ScriptError(
            f"{file}, line {error.lineno}: {what} is damaged ({expat.ErrorString(error.code)}); write it out "
            "anew from the program that made it"
        ) from None
    except UnicodeEncodeError:
        raise ScriptError(f"{file}: {what} holds half a character; write it out anew") from None
