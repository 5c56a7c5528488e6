"""Reads the usual Chinese short-drama layout: `1-1 日 内 茶馆`, `人物：`, `△`, `角色（小声）：台词`."""

from __future__ import annotations

import re

from ....events.script import Element, Unmapped
from . import chinese_marks as marks
from .headings import FOUNTAIN_HEADING, read_heading
from .names import canonical, clean
from .wordlist import words

__all__ = ["read_chinese"]

_META = words(
    "编剧 作者 导演 类型 题材 集数 时长 原著 版本 日期 出品 剧本 备注 字数 单集时长 制片 主演 title author"
)
_TITLES = words("剧名 片名 标题 短剧 剧本名")
_STORY = words("梗概 简介 故事梗概 剧情梗概 剧情简介 一句话故事 故事简介 主题 本集梗概 看点")
_DIRECTIONS = words(
    "字幕 音效 音乐 特效 镜头 画面 特写 BGM bgm 背景音乐 旁注 道具 提示 时间 地点 空镜 黑屏字幕 片尾 片头"
)
_TRANSITION = re.compile(
    r"[(（【\[]?(?:切至?|切换|转场|闪回(?:开始|结束|完)?|淡入|淡出|叠化|黑屏|黑场|完|剧终|全剧终"
    r"|本集完|本集终|未完待续|to be continued)"
    r"[:：。…]*[)）】\]]?$",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"(?i)[\s·.]*(?:[(（]\s*)?(?P<how>o\.?s|v\.?o|旁白|画外音|内心独白|独白|内心|心声)\.?(?:\s*[)）])?$"
)
_BRACKET = re.compile(r"[(（]([^()（）]{0,80})[)）]")
_WORDED = re.compile(r"\w")
_OS = words("os 内心独白 独白 内心 心声")


def _said(word: str) -> str:
    return "inner" if word.lower().replace(".", "") in _OS else "vo"


def read_speaker(name: str, brackets: str) -> tuple[str, str, str]:
    """(name, how, note) of `小美OS`, `小美（OS，小声）`, `旁白`."""
    how, notes = "spoken", []
    for bracket in _BRACKET.findall(brackets):
        for part in re.split(r"[,，、;；/ ]", bracket):
            match = _HOW.fullmatch(part.strip())
            if match:
                how = _said(match["how"])
            elif part.strip():
                notes.append(part.strip())
    match = _HOW.search(name)
    if match and name[: match.start()].strip():
        how, name = _said(match["how"]), name[: match.start()]
    elif match:  # 旁白 and 画外音 alone are names of a voice
        how = "vo"
    return canonical(name), how, "，".join(notes)


class _Reader:
    """One pass over the source lines; each line ends in one element, in `unmapped`, or is blank."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.elements: list[Element] = []
        self.unmapped: list[Unmapped] = []
        self.title = ""
        self.place = 0
        self.part = "head"  # head | cast | story | scene

    def read(self) -> None:
        """Reads to the end."""
        while self.place < len(self.lines):
            text = self.lines[self.place].strip(" \t\u3000\ufeff\xa0")
            if not text.strip():
                self.place += 1
            else:
                self._line(text)

    def _one(self, kind: str, text: str, character: str = "", how: str = "", note: str = "") -> None:
        number = self.place + 1
        self.elements.append(Element(kind, text, number, number, character=character, how=how, note=note))
        self.place += 1

    def _lost(self) -> None:
        self.unmapped.append(Unmapped(self.place + 1, self.lines[self.place]))
        self.place += 1

    def _line(self, text: str) -> None:
        if marks.is_heading(text):
            self.part = "scene"
            self._one("heading", text)
        elif FOUNTAIN_HEADING.match(text) and len(text) <= 120:
            self.part = "scene"
            self._one("heading", text, note=read_heading(text).rest)
        elif marks.CAST_HEAD.match(text):
            self.part = "scene" if self.part == "scene" else "cast"
            self._one("section", text)
        elif marks.CAST_LIST.match(text):
            self._one("cast", text)
        elif _TRANSITION.match(text):
            self._one("transition", text.strip("(（【[)）】]"))
        elif marks.ACTION.match(text):
            self._one("action", text[marks.ACTION.match(text).end() :].strip() or text)  # type: ignore[union-attr]
        elif self.part != "scene":
            self._before(text)
        else:
            self._within(text)

    def _before(self, text: str) -> None:
        """What stands above the first scene: titles, the people, the story."""
        title = marks.TITLE.match(text)
        head = re.match(r"([^\s:：]{1,12})\s*[:：]", text)
        key = head[1] if head else ""
        value = text[head.end() :].strip() if head else ""
        if title:
            self.title = self.title or clean(title[1])
            self._one("title", text)
        elif key in _TITLES:
            self.title = self.title or clean(value).strip("《》")
            self._one("title", text)
        elif marks.EPISODE.match(text) or key in _META:
            self._one("title", text)
        elif key in _STORY or clean(text).strip("【】") in _STORY:
            self.part = "story"
            self._one("synopsis", text)
        elif self.part == "cast" and _WORDED.search(text):
            self._one("cast", text)
        elif self.part == "story" and _WORDED.search(text):
            self._one("synopsis", text)
        elif text[0] in "【[":
            self._one("cue", text.strip("【】[]"))
        elif not self.elements and len(text) <= 40 and _WORDED.search(text) and not head:
            self.title = self.title or clean(text)
            self._one("title", text)
        else:
            self._lost()

    def _within(self, text: str) -> None:
        speech = marks.SPEECH.match(text)
        if speech and speech["name"] in _DIRECTIONS:
            self._one("cue", text)
        elif speech:
            self._speech(speech)
        elif marks.EPISODE.match(text):
            self._one("section", text)
        elif text[0] in "【[":
            self._one("cue", text.strip("【】[]"))
        elif text[0] == "#":
            self._one("section", text.lstrip("# "))
        elif text[0] in "(（" and text[-1] in ")）":
            self._one("action", text[1:-1].strip() or text)
        elif _WORDED.search(text):
            self._one("action", text)
        else:
            self._lost()

    def _speech(self, speech: re.Match[str]) -> None:
        name, how, note = read_speaker(speech["name"], speech["notes"])
        text = speech["text"].strip()
        first = self.place
        if not text and self.place + 1 < len(self.lines):  # the words stand on the next line
            below = self.lines[self.place + 1].strip(" \t\u3000\xa0")
            if below and self._is_plain(below):
                text = below
                self.place += 1
        notes = [note, *(one.strip() for one in _BRACKET.findall(text))]
        for one in list(notes):
            match = _HOW.fullmatch(one) if one else None
            if match:
                how = _said(match["how"])
                notes.remove(one)
        spoken = _BRACKET.sub("", text).strip()
        said = "，".join(one for one in notes if one)
        self.place += 1
        if name and _WORDED.search(spoken):
            self.elements.append(
                Element("line", spoken, first + 1, self.place, character=name, how=how, note=said)
            )
        elif name and (said or spoken):
            self.elements.append(
                Element("parenthetical", said or spoken, first + 1, self.place, character=name, note=said)
            )
        else:
            self.unmapped += [Unmapped(n + 1, self.lines[n]) for n in range(first, self.place)]

    def _is_plain(self, text: str) -> bool:
        taken = (marks.SPEECH, marks.ACTION, marks.CAST_LIST, marks.BRACKETED, _TRANSITION, FOUNTAIN_HEADING)
        return not marks.is_heading(text) and not any(pattern.match(text) for pattern in taken)


def read_chinese(lines: list[str]) -> tuple[str, list[Element], list[Unmapped]]:
    """(title, elements, unmapped) of the source lines. Never raises, linear in the size of the source."""
    reader = _Reader(lines)
    reader.read()
    return reader.title, reader.elements, reader.unmapped
