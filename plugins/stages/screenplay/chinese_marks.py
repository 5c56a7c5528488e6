"""The marks of the Chinese short-drama layout: what a line looks like, before anyone knows what it means."""

from __future__ import annotations

import re

from .headings import Heading, read_heading

__all__ = ["ACTION", "BRACKETED", "CAST_LIST", "EPISODE", "SPEECH", "TITLE", "heading_of", "is_heading"]

_NUMERAL = "0-9０-９零一二三四五六七八九十百"
ACTION = re.compile(r"[△▲∆Δ▵]\s*")
EPISODE = re.compile(rf"第\s*[{_NUMERAL}]{{1,5}}\s*[集回](?:\s|[:：、.《]|$)")
TITLE = re.compile(r"(?:剧本|短剧|剧名|片名|标题)?\s*(?:[:：]\s*)?《([^《》]{1,80})》")
CAST_LIST = re.compile(r"(?:出场)?(?:人物|角色|演员)(?:表)?\s*[:：]|人\s*[:：]|出场\s*[:：]")
CAST_HEAD = re.compile(r"[【\[]?(?:主要)?(?:人物|角色)(?:小传|介绍|设定|简介|表)[】\]]?\s*[:：]?$")
BRACKETED = re.compile(r"[【\[][^】\]]*[】\]]?")
# The name: no marks, no spaces but one before OS/VO; the bracket after it: how it is said.
_NAME = r"^\s:：()（）【】\[\]△▲，。！？,!?…“”\"《》"
SPEECH = re.compile(
    rf"(?P<name>[{_NAME}]{{1,16}}(?: [{_NAME}]{{1,16}}){{0,2}})"
    r"\s?(?P<notes>(?:[(（][^()（）]{0,60}[)）]\s?){0,3})[:：]\s*(?P<text>.*)$"
)
_NUMBERED = re.compile(
    rf"(?:场景?\s*)?(?:[0-9０-９]{{1,4}}\s*[-－—–]\s*[0-9０-９]{{1,4}})(?![0-9０-９])[.、:：\s]*"
    rf"|第\s*[{_NUMERAL}]{{1,5}}\s*场[.、:：\s]*|场景?\s*[{_NUMERAL}]{{1,5}}[.、:：\s]*|[Ss]cene\s*[0-9]{{1,4}}[.、:：\s]*"
)
_PLAIN_NUMBER = re.compile(r"[0-9０-９]{1,4}\s*[.、．]\s*")
_SIDED = re.compile(r"(?:内景|外景)[.．。、:：\s]*(?=\S)")


def heading_of(line: str) -> Heading | None:
    """What a heading line says, None when it is none: a scene number, or a list number with time or side."""
    if len(line) > 80:
        return None
    match = _NUMBERED.match(line)
    if match:
        found = read_heading(line[match.end() :])
        return found if found.place or found.timed else None
    match = _PLAIN_NUMBER.match(line)
    if match or _SIDED.match(line):
        found = read_heading(line[match.end() if match else 0 :])
        if found.timed and found.place and not re.search(r"[。！？!?…“”]", found.place):
            return found
    return None


def is_heading(line: str) -> bool:
    """Whether a line opens a scene."""
    return heading_of(line) is not None
