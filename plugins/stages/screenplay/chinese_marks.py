"""The marks of the short-drama layout: what a line looks like, before anyone knows what it means."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import evolve

from .headings import FOUNTAIN_HEADING, Heading, read_heading, read_tokens
from .speech import split_speech
from .widths import fold, trim, undress
from .wordlist import words

__all__ = [
    "ACTION",
    "EPISODE",
    "MAX_HEADING",
    "NUMBERED",
    "SPEECH",
    "TITLE",
    "TRANSITION",
    "adds_to",
    "cast_head",
    "cast_list",
    "heading_of",
    "is_heading",
    "is_label",
]

MAX_HEADING = 160
_HAN_DIGITS = "零〇一二两三四五六七八九十百千"
_N = rf"[0-9{_HAN_DIGITS}]{{1,5}}"
_END = r"(?=[\s.、,:|·(\[-]|$)"
ACTION = re.compile(r"[△▲∆Δ▵▴▽▼▷▶►◁◆◇]+\s*[:：]?\s*")
NUMBERED = re.compile(r"(?:[0-9]{1,3}\s*[.、)]|\([0-9]{1,3}\)|[①-⑳])\s*(?=[^\s\d])")
EPISODE = re.compile(
    rf"第\s*{_N}\s*[集回话]{_END}|(?:episode|ep\.?)\s*[0-9]{{1,4}}(?=[\s:.,|(\[-]|$)", re.IGNORECASE
)
TITLE = re.compile(r"(?:剧本|短剧|剧名|片名|标题)?[\s:]*《([^《》]{1,80})》")
_SCENE = re.compile(
    rf"(?:第\s*{_N}\s*[集回话]\s*[-·、,|:]?\s*)?(?:"
    rf"第\s*(?P<a>{_N})\s*场(?:[戏景])?{_END}"
    r"|(?:场次|场景|场|scene|sc\.)\s*[(\[]?\s*(?P<b>[0-9]{1,4}(?:\s*[-.]\s*[0-9]{1,4}){0,2}[a-z]?)\s*[)\]]?(?![0-9-])"
    rf"|(?:场次|场景|场)\s*[(\[]?\s*(?P<c>[{_HAN_DIGITS}]{{1,4}})\s*[)\]]?{_END}"
    rf"|(?P<d>sc?[0-9]{{1,3}}(?:-[0-9]{{1,3}})?){_END}"
    r"|(?P<e>[0-9]{1,3}\s*-\s*[0-9]{1,4}(?:\s*-\s*[0-9]{1,3})?[a-z]?)(?![0-9-]|\.\d)"
    r")(?P<gap>[\s.、,:|·-]*)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?P<e>[0-9]{1,4})\s*[.、]\s*|(?P<f>[0-9]{1,4})\s+")
_SIDED = re.compile(r"(?:内外景|内景|外景)[.。、:\s]*(?=\S)")
_PROSE = re.compile(r"[。!?…“”\"]")
_LABEL = re.compile(
    r"(?:时间|时段|地点|场景|场地|位置|内外景?|内/外|天气|环境|time|location|place|setting|weather)\s{0,4}(?:\([^()]{0,12}\))?\s{0,4}:",
    re.IGNORECASE,
)
_WHO = r"(?:人物|角色|演员|人员)"
_CAST_LIST = re.compile(
    rf"(?:\(?(?:出场|登场|主要|本场|本集)\)?)?{_WHO}(?:表|列表|名单)?\s*:|(?:出场|登场|人)\s*:"
    r"|(?:characters?|cast|characters? present|present)\s*:",
    re.IGNORECASE,
)
_CAST_HEAD = re.compile(
    rf"(?:(?:主要|本剧|全剧)?{_WHO}(?:小传|介绍|设定|简介|档案|关系|表)|主要{_WHO}|{_WHO}$"
    r"|character (?:bios?|profiles?|list|introductions?)|dramatis personae)\s*(?::|$)",
    re.IGNORECASE,
)
_CHANGES = "切至?|切换|切镜|转场|淡入|淡出|叠化|黑屏|黑场|白场|转黑|渐黑|画面渐暗|定格|切黑"
_BACK = "闪回|回忆|回想|插叙|梦境|梦|想象|幻想|倒叙|蒙太奇|现实|正常剧情|平行剪辑"
_BACK_WORDS = "flashback|flash ?back|dream|montage"
TRANSITION = re.compile(
    rf"(?:(?:{_CHANGES})(?:[:,].{{0,30}})?"
    rf"|(?:进入|回到|切回|插入)?(?:{_BACK})(?:画面|片段)?(?:开始|结束|完毕?|进|出|入|止|始)?(?:[:,].{{0,40}})?"
    r"|闪[入出进]|(?:镜头)?切回[^,。:]{0,12}"
    r"|(?:本集|全集|全剧|第.{1,5}集|剧|正片)?\s*(?:完|终|结束)|未完待续|待续|下集[更再].{0,8}"
    r"|(?:smash |match |hard |jump )?cut (?:to|back to)\b.{0,40}|intercut\b.{0,30}"
    r"|(?:slow )?(?:fade|dissolve|wipe)s? (?:in|out|to)\b.{0,30}"
    rf"|(?:begin |start |end |end of |back from )?(?:{_BACK_WORDS})s?"
    r"(?: begins?| starts?| ends?| over| sequence)?(?: ?[:-].{0,40})?"
    r"|back to (?:present|scene|reality).{0,20}"
    r"|(?:the end|end of (?:episode|ep\.?|part)\b.{0,20}|end episode.{0,20}|to be continued)"
    r")\s*[。.…!]*$",
    re.IGNORECASE,
)
_NO_SPEECH = words("http https")


class _Speech:
    """`match` of what has the shape of speech; the detector of layouts asks it."""

    def match(self, line: str) -> bool:
        """Whether a line has a name and a colon."""
        found = split_speech(undress(line)[0])
        return found is not None and found.name.casefold() not in _NO_SPEECH


SPEECH = _Speech()


@lru_cache(maxsize=512)
def heading_of(line: str) -> Heading | None:
    """What a heading line says, None when it is none: a scene's number, or tokens that say when and where.

    Its place is never empty: where the line names none, the line itself stands for it.
    """
    text = undress(line)[0]
    if not text or len(text) > MAX_HEADING:
        return None
    plain = fold(text)
    if plain[0] == "[" and plain[-1] == "]" and _SCENE.match(plain, 1):
        text, plain = trim(text[1:-1]), trim(plain[1:-1])
    found = _numbered(text, plain) or _listed(text, plain) or _labelled(text, plain) or _bare(text, plain)
    if found is None:
        return None
    return found if found.place else evolve(found, place=text)


def _numbered(text: str, plain: str) -> Heading | None:
    match = _SCENE.match(plain)
    if match is None:
        return None
    number = next(value for value in match.group("a", "b", "c", "d", "e") if value)
    rest = trim(text[match.end() :])
    if not rest:
        return Heading("", True, "day", number=number)
    english = FOUNTAIN_HEADING.match(rest)
    if not english and _PROSE.search(fold(rest)):
        return None
    found = read_heading(rest)
    if match["e"] and not found.timed and (not match["gap"] or len(found.place) > 40):
        return None  # `3-5个黑衣人冲进来`
    if match["e"] and match["gap"].strip() == ":" and not found.timed:
        return None  # `3-2：我们赢了`
    return evolve(found, number=number)


def _listed(text: str, plain: str) -> Heading | None:
    """`20、卫生间 日 内`, `1 张三卧室 日内`, `内景 病房 - 清晨`."""
    match = _LISTED.match(plain)
    start = match.end() if match else 0
    if match is None and not _SIDED.match(plain):
        return None
    rest = text[start:]
    if _PROSE.search(fold(rest)) or len(rest) > 60:
        return None
    found = read_heading(rest)
    if not (found.timed and found.place) or len(found.place) > 30:
        return None
    if match is not None and match["f"] and not (found.has_time and found.has_side):
        return None
    return evolve(found, number=(match["e"] or match["f"]) if match else "")


def _bare(text: str, plain: str) -> Heading | None:
    """`茶馆 日 内` without a number: only where it says when, whether inside, and where, and nothing else."""
    if len(text) > 40 or _PROSE.search(plain) or ":" in plain or "," in plain or FOUNTAIN_HEADING.match(text):
        return None
    if not any(char in plain for char in " |/·-") and not re.search(r"[内外]$", plain):
        return None
    found = read_tokens(text)
    if not (found.has_time and found.has_side and 0 < len(found.place) <= 20) or plain.isascii():
        return None
    return found


def _labelled(text: str, plain: str) -> Heading | None:
    """`场景：茶馆，夜，内` and `【场景】茶馆 夜 内` without a number, where it says when, too."""
    if plain[0] == "[" and "]" in plain[:8]:
        text = f"{text[1 : plain.index(']')]}：{text[plain.index(']') + 1 :].lstrip(':： ')}"
        plain = fold(text)
    if not is_label(text) or _PROSE.search(plain):
        return None
    found = read_tokens(text)
    return found if found.has_time and 0 < len(found.place) <= 30 else None


def is_heading(line: str) -> bool:
    """Whether a line opens a scene."""
    return heading_of(line) is not None


def is_label(text: str) -> bool:
    """Whether a line is `时间：夜` or `地点：茶馆`, which belongs to the scene's heading above it."""
    return len(text) <= 80 and _LABEL.match(fold(text)) is not None


def adds_to(found: Heading, named: bool, text: str) -> bool:
    """Whether the line below a heading goes on with it: a label, or when and where that it has not said."""
    plain = fold(text)
    if is_label(text):
        return True
    if (found.has_time and found.has_side) or len(text) > 40 or _PROSE.search(plain) or ":" in plain:
        return False
    if _SCENE.match(plain) or FOUNTAIN_HEADING.match(text):
        return False
    more = read_tokens(text)
    return more.timed and not (named and more.place) and len(more.place) <= 20


def cast_list(plain: str) -> int:
    """Where the names begin in `人物：小美、老张` (half-width); 0 when it is no cast list."""
    match = _CAST_LIST.match(plain)
    return match.end() if match else 0


def cast_head(plain: str) -> int:
    """Where the profiles begin behind `人物小传：` (half-width); 0 when the line is no such head."""
    match = _CAST_HEAD.match(plain.strip("[] "))
    return match.end() + (len(plain) - len(plain.lstrip("[ "))) if match else 0
