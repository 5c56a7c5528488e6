"""The marks of emphasis in Fountain and Markdown, which nobody speaks."""

from __future__ import annotations

import re

__all__ = ["plain"]

_STARS = re.compile(r"(?<!\\)(\*{1,3})(?=[^\s*])((?:\\.|[^*\\\n])+)(?<=\S)(?<!\\)\1")
_LINE = re.compile(r"(?<![\\A-Za-z0-9])_(?=[^\s_])((?:\\.|[^_\\\n])+)(?<=\S)(?<!\\)_(?![A-Za-z0-9])")
_ESCAPE = re.compile(r"\\([*_~@!>#=.^\[\]\\])")


def plain(text: str) -> str:
    """A line without the marks of bold, italic and underline, and without the backslash of an escape."""
    if "*" in text or "_" in text:
        for _ in range(4):  # bold, italic and underline may stand in each other
            bare = _LINE.sub(r"\1", _STARS.sub(r"\2", text))
            if bare == text:
                break
            text = bare
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text
