"""A script file as a person names it, read: whole, or as its episodes."""

from __future__ import annotations

from pathlib import Path

from ....core.errors import WrongUse
from ....core.source import read_source
from .model import Screenplay, ScriptError
from .parse import FORMATS, read
from .series import contents
from .writing_out.json import is_json, read_json

__all__ = ["load"]


def load(
    file: Path, format: str = "auto", language: str = "auto", os: str = "inner", *, parted: bool = False
) -> list[tuple[int, Screenplay]]:
    """(number, script) of a file: one with the number 0, or, `parted`, each of its episodes.

    Raises WrongUse for a file that cannot be read, and for an option that is none.
    """
    for name, value, known in (
        ("--format", format, (*FORMATS, "json")),
        ("--language", language, ("auto", "zh", "en")),
        ("--os", os, ("inner", "off")),
    ):
        if value not in known:
            raise WrongUse(f"{name} {value}: it must be one of: {', '.join(known)}")
    data = read_source(file)
    try:
        if format == "json" or (format == "auto" and is_json(data)):
            return [(0, read_json(data, str(file)))]
        episodes = contents(data, str(file), format).episodes if parted else ()
        numbers = (
            list(dict.fromkeys(one.number for one in episodes if one.scenes)) if len(episodes) > 1 else [0]
        )
        return [(number, read(data, format, str(file), language, os, number)) for number in numbers or [0]]
    except ScriptError as error:
        raise WrongUse(str(error)) from None
