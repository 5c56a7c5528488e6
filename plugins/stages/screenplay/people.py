"""Who is in a script: every person's name as first written, how much they say, and how they are described."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ....events.script import CastNote, Element
from .chinese_marks import cast_head, cast_list
from .headings import CAST_TAIL
from .names import Mentions, canonical, clean, is_extra, members, same_key, split_names
from .voices import how_of
from .widths import fold
from .wordlist import words

__all__ = ["People", "listed_names"]

MAX_DESCRIPTION = 600
MAX_CHARACTERS = 200
_PROFILE_LINE = re.compile(
    r"\s*[-·*\d.、]*\s?([^\s:,，()。\[\]-]{1,16}(?: [A-Za-z.'’-]{1,16}){0,3})\s?(?:[:,，-]|(?=[(\[])|$)"
)
_AGE = re.compile(r"[(\[]([^()\[\]]{0,80})[)\]]\s*[:,，-]?\s*")
_IN_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]{1,80})[)）\]】]")
# Words that head a part of a profile and are nobody's name.
_ASPECTS = words(
    "身份 年龄 性别 外形 外貌 形象 性格 背景 职业 身高 体重 特征 关系 人物关系 口头禅 服装 服饰 造型 "
    "人设 目标 动机 弱点 优点 缺点 "
    "标签 经历 技能 简介 姓名 备注 小传 结局 age gender looks appearance personality background job "
    "role goal voice wardrobe"
)
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")
_LOOKS = re.compile(
    r"\d|岁|穿|戴|身着|发|胡|脸|眼镜|旗袍|西装|长衫|制服|裙|衣|皱纹|疤|痣|瘦|胖|高大|年轻|中年|老"
    r"|\b(?:wears?|wearing|dressed|in (?:a|an|his|her) |hair|beard|moustache|mustache|glasses|scar|suit"
    r"|dress|qipao|coat|jacket|uniform|young|old|elderly|middle-aged|tall|slim|wrinkle)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:she|her|hers|he|him|his)\b|[她他]", re.IGNORECASE)


def listed_names(text: str) -> list[str]:
    """The names of a cast list, or the one that heads a profile."""
    plain = fold(text)
    head = cast_head(plain)
    start = 0 if head else cast_list(plain)
    if start:
        return split_names(text[start:])
    if several := _several(text, plain):
        return several
    match = _PROFILE_LINE.match(plain, head)
    if match is None or match[1].casefold() in _ASPECTS or _is_sentence(match[1], plain[match.end(1) :]):
        return []
    return [clean(text[match.start(1) : match.end(1)])]


def _several(text: str, plain: str) -> list[str]:
    """The names of a line among the profiles that is only names: `霍老太太、张副官、喜娘`."""
    parts = plain.split("、")
    if len(parts) < 2 or ":" in plain or not all(0 < len(part.strip()) <= 6 for part in parts):
        return []
    return split_names(text)


def _is_sentence(name: str, behind: str) -> bool:
    """Whether what looks like the name that heads a profile is only the beginning of a sentence in it."""
    if name[0] in "她他它此其":
        return True
    return len(name) > 4 and not name.isascii() and behind.strip()[:1] not in (":", "(", "[")


class People:
    """Collects names while a script is put together; spelling variants of one name are one person."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._by_key: dict[str, str] = {}
        self._first: dict[str, int] = {}
        self._lines: dict[str, int] = {}
        self._listed: dict[str, str] = {}
        self._profile = ""
        self._alias(elements)
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

    def _alias(self, elements: Sequence[Element]) -> None:
        """YIHUA is Ma Yihua, 青乔 is 沈青乔, where a list has the whole name and no other that it "
        "may be."""
        whole: dict[str, set[str]] = {}
        listed = set()
        for element in elements:
            if element.type == "cast":
                for name in listed_names(element.text):
                    listed.add(same_key(name))
                    parts = name.split() if name.isascii() else [name[1:]] if len(name) in (3, 4) else []
                    for part in parts if len(parts) != 1 or not name.isascii() else []:
                        whole.setdefault(same_key(part), set()).add(canonical(name))
        for part, names in whole.items():
            if part not in listed and len(names) == 1 and len(part) > 1:
                (name,) = names
                self._by_key[part] = self._by_key.setdefault(same_key(name), name)

    def _take(self, name: str, first: int) -> str:
        joint = members(name)
        if len(joint) > 1:
            name = self._glue(name).join(self._take(one, first) for one in joint)
        known = self._by_key.setdefault(same_key(name), canonical(name))
        self._first.setdefault(known, first)
        self._lines.setdefault(known, 0)
        return known

    def name(self, written: str) -> str:
        """The canonical name of a written one."""
        joint = members(written)
        if len(joint) > 1:
            return self._glue(written).join(map(self.name, joint))
        return self._by_key.get(same_key(written), canonical(written))

    @staticmethod
    def _glue(joint: str) -> str:
        return "、" if "、" in joint else " & "

    def _list(self, element: Element) -> None:
        """`人物：小美、老张（茶客）` names people; `小美（24岁）：……` under 人物小传 describes one."""
        plain = fold(element.text)
        head = cast_head(plain)
        start = 0 if head else cast_list(plain)
        if start:
            for part in re.split(r"[、,，;；]", element.text[start:]):
                said = "，".join(one for one in _IN_BRACKETS.findall(part) if not how_of(one, "inner"))
                for name in split_names(part):
                    if not is_extra(name) and name != "无":
                        self._told(self._take(name, element.first), said)
            return
        text = element.text
        several = _several(element.text, plain)
        for name in several:
            if not is_extra(name):
                self._take(name, element.first)
        match = None if several else _PROFILE_LINE.match(plain, head)
        if match is None:
            return
        if match[1].strip().casefold() in _ASPECTS or _is_sentence(match[1], plain[match.end(1) :]):
            self._told(self._profile, text[match.start(1) :])
            return
        age = _AGE.match(plain, match.end())
        said = text[age.end() if age else match.end() :].strip()
        years = text[age.start(1) : age.end(1)] if age else ""
        if age and years.strip().isdigit() and not years.isascii():
            years = fold(years)
        self._profile = self._take(clean(text[match.start(1) : match.end(1)]), element.first)
        self._told(self._profile, "，".join(one for one in (years.strip(), said) if one))

    def _told(self, name: str, said: str) -> None:
        """Adds to what the script's own lists say of a person."""
        if name and said:
            known = self._listed.get(name, "")
            self._listed[name] = f"{known} {said}".strip()[:MAX_DESCRIPTION]

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
        """Who speaks, then who does not, extras last, each in order of appearance, and what is said of them.

        Extras come last so that faces and voices are chosen for the cast first.
        """
        ranked = sorted(
            self._first, key=lambda name: (is_extra(name), self._lines[name] == 0, self._first[name])
        )
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
                found.update((self.name(one), None) for one in members(element.character))
                found[self.name(element.character)] = None
            elif element.type == "action" or element.type == "heading":
                text = element.text if element.type == "action" else element.note
                found.update((one.name, None) for one in self.mentions.find(text) if one.present)
            if element.type == "cast" or element.type == "heading":
                listed.update((name, None) for name in self._present(element))
        return tuple({**found, **listed})

    def _present(self, element: Element) -> list[str]:
        """The people that a scene's cast list, or the end of its heading, names."""
        plain = fold(element.text)
        if element.type == "heading":
            tail = CAST_TAIL.search(plain)
            start = tail.end() if tail else len(plain)
        else:
            start = cast_list(plain)
        return [name for name in map(self.name, split_names(element.text[start:])) if name in self._first]
