"""The last resort of every layout: what it has no place for stands in a note, word for word."""

from __future__ import annotations

from .....events.script import Element

__all__ = ["MUST_STAY", "as_note", "bare_comment"]

MUST_STAY = ("heading", "line", "action")
"""What a film is made of: never turned into a note, whatever of it a layout cannot hold."""

_MARKS = ("[[", "]]", "/*", "*/", "<!--", "-->")


def bare_comment(one: Element) -> str:
    """A comment's text without the marks around it, on one line."""
    text = one.text
    for mark in _MARKS:
        text = text.replace(mark, " ")
    return " ".join(text.split())


def as_note(one: Element) -> list[str]:
    """The lines of a note that holds an element's text."""
    return [f"[[{bare_comment(one)}]]"]
