"""Reads a Fountain title page: `Key: value`, values on the lines below, up to the first blank line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from .comments import SourceLine
from .emphasis import plain
from .names import clean
from .wordlist import words

__all__ = ["Entry", "read_title_page", "title_in"]

_KNOWN = words(
    "title credit author authors source notes date contact copyright revision language series "
    "episode format font draft "
    "logline genre 标题 剧名 片名 作者 编剧 原著 日期 集数 类型"
) | {"draft date", "written by"}
_TITLES = ("title", "标题", "剧名", "片名")
_KEY = re.compile(r"([^\W\d_][\w ]{0,30}?) ?[:：]")


@frozen
class Entry:
    """A key with its value, or a line of a value: as it stands, and its number from 1."""

    key: str
    value: str
    number: int
    raw: str


def read_title_page(lines: Sequence[SourceLine], place: int, *, ends: re.Pattern[str]) -> list[Entry]:
    """The entries of the title page that begins at `lines[place]`, one a line; none where there is no page.

    It begins with a known key, and ends before a blank line, or a line in capitals that `ends` matches.
    """
    found: list[Entry] = []
    first = _KEY.match(lines[place].text.strip()) if place < len(lines) else None
    if first is None or clean(first[1]).lower() not in _KNOWN:
        return found
    key = ""
    for line in lines[place:]:
        bare = line.text.strip()
        if line.blank or (ends.match(bare) and bare == bare.upper()):
            break
        match = None if line.text[:1] in (" ", "\t") else _KEY.match(line.text)
        key = clean(match[1]).lower() if match else key
        value = plain(line.text[match.end() :] if match else line.text).strip()
        found.append(Entry(key, value, line.number, bare or line.raw.strip()))
    return found


def title_in(entries: Sequence[Entry]) -> str:
    """The title, from all the lines of its value."""
    return " ".join(one.value for one in entries if one.key in _TITLES and one.value)
