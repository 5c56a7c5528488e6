"""Who is in a script: every person's name as first written, how much they say, and how they are described."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ....events.script import CastNote, Element
from .names import Mentions, canonical, is_extra, same_key, split_names

__all__ = ["People"]

MAX_DESCRIPTION = 600
MAX_CHARACTERS = 200
_LIST_HEAD = re.compile(r"^[^:：]{1,8}[:：]")
_PROFILE_LINE = re.compile(
    r"\s*[-•·*\d.、]*\s?([^\s:：,，()（）。—-]{1,16}(?: [A-Za-z.'’-]{1,16}){0,3})\s?[:：,，(（—-]\s?"
)
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")
_LOOKS = re.compile(
    r"\d|岁|穿|戴|身着|发|胡|脸|眼镜|旗袍|西装|长衫|制服|裙|衣|皱纹|疤|痣|瘦|胖|高大|年轻|中年|老"
    r"|\b(?:wears?|wearing|dressed|in (?:a|an|his|her) |hair|beard|moustache|mustache|glasses|scar|suit"
    r"|dress|qipao|coat|jacket|uniform|young|old|elderly|middle-aged|tall|slim|wrinkle)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:she|her|hers|he|him|his)\b|[她他]", re.IGNORECASE)


class People:
    """Collects names while a script is put together; spelling variants of one name are one person."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._by_key: dict[str, str] = {}
        self._first: dict[str, int] = {}
        self._lines: dict[str, int] = {}
        self._listed: dict[str, str] = {}
        for element in elements:
            if element.character:
                name = self._take(element.character, element.first)
                self._lines[name] += element.type == "line"
        for element in elements:
            if element.type == "cast":
                self._list(element)
        names = list(self._first)
        self.mentions = Mentions(names[:MAX_CHARACTERS])
        self._texts: dict[str, list[str]] = {name: [] for name in names}
        for element in elements:
            if element.type in ("action", "synopsis", "section", "note", "heading"):
                said = element.note if element.type == "heading" else f"{element.text} {element.note}"
                self._describe(said)

    def __len__(self) -> int:
        return len(self._first)

    def _take(self, name: str, first: int) -> str:
        known = self._by_key.setdefault(same_key(name), canonical(name))
        self._first.setdefault(known, first)
        self._lines.setdefault(known, 0)
        return known

    def name(self, written: str) -> str:
        """The canonical name of a written one."""
        return self._by_key.get(same_key(written), canonical(written))

    def _list(self, element: Element) -> None:
        """`人物：小美、老张` names people; `小美：24岁，……` under 人物小传 describes one."""
        head = _LIST_HEAD.match(element.text)
        if head and re.search(r"人物|角色|人|出场|演员|cast", head[0], re.IGNORECASE) and "、" not in head[0]:
            for name in split_names(element.text[head.end() :]):
                if not is_extra(name):
                    self._take(name, element.first)
            return
        match = _PROFILE_LINE.match(element.text)
        if match:
            name = self._take(match[1], element.first)
            said = self._listed.get(name, "")
            self._listed[name] = f"{said} {element.text[match.end() :]}".strip()[:MAX_DESCRIPTION]

    def _describe(self, text: str) -> None:
        """Adds what a text says of each person, from the name to the next name or the sentence's end."""
        current = ""
        for sentence in _SENTENCE.findall(text[:4_000]):
            found = self.mentions.find(sentence)
            if not found and current and _PRONOUN.match(sentence.strip()):
                self._add(current, sentence)
            for place, mention in enumerate(found):
                stop = found[place + 1].start if place + 1 < len(found) else len(sentence)
                before = sentence[: mention.start] if not place else ""
                after = sentence[mention.end : stop]
                if _LOOKS.search(after) or _PRONOUN.search(after):
                    self._add(mention.name, after)
                if _LOOKS.search(before) and not _PRONOUN.search(before):
                    self._add(mention.name, before)
            current = found[0].name if found else current

    def _add(self, name: str, text: str) -> None:
        kept = self._texts[name]
        if sum(map(len, kept)) < MAX_DESCRIPTION:
            kept.append(text.strip(" ,，.。;；:：()（）-—"))

    def notes(self) -> tuple[CastNote, ...]:
        """Everybody in the order in which they first appear, with what the script says of their looks."""
        ranked = sorted(self._first, key=lambda name: (self._lines[name] == 0, self._first[name]))
        return tuple(
            CastNote(name, self._lines[name], self._first[name], self._description(name)) for name in ranked
        )

    def _description(self, name: str) -> str:
        parts = dict.fromkeys(one for one in (self._listed.get(name, ""), *self._texts[name]) if one)
        return "; ".join(parts)[:MAX_DESCRIPTION]

    def of_scene(self, elements: Iterable[Element]) -> tuple[str, ...]:
        """Who is in a scene: who is named as acting, speaks, or is listed; in order of appearance."""
        found: dict[str, None] = {}
        listed: dict[str, None] = {}
        for element in elements:
            if element.character:
                found[self.name(element.character)] = None
            elif element.type == "action" or element.type == "heading":
                text = element.text if element.type == "action" else element.note
                found.update((one.name, None) for one in self.mentions.find(text) if one.present)
            elif element.type == "cast":
                head = _LIST_HEAD.match(element.text)
                names = (self.name(one) for one in split_names(element.text[head.end() if head else 0 :]))
                listed.update((name, None) for name in names if name in self._first)
        return tuple({**found, **listed})
