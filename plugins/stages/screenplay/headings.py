"""Scene headings, in all layouts: where it is, whether inside, and when."""

from __future__ import annotations

import re

from attrs import frozen

from .widths import fold

__all__ = ["CAST_TAIL", "FOUNTAIN_HEADING", "GOES_ON", "Heading", "read_heading", "read_tokens"]

GOES_ON = re.compile(r"\b(?:continuous|later|same)\b|同上|接上场|接前场", re.IGNORECASE)

FOUNTAIN_HEADING = re.compile(
    r"(?:INT\.? ?/ ?EXT|EXT\.? ?/ ?INT|I ?/ ?E|INT|EXT|EST)(?:\.|(?= ))\s*(?=\S)"
    r"|(?:内外景|内景|外景)[.．。、:：\s]*(?=\S)",
    re.IGNORECASE,
)
CAST_TAIL = re.compile(
    r"(?:出场|登场|本场)?(?:人物|角色|演员)\s*:|(?<=[\s,;|])(?:characters?|cast)\s*:", re.IGNORECASE
)
_NUMBER = re.compile(r"\s*#[\w.\-)]{1,12}#\s*$")
_EN_TIMES = {
    "day": "day morning noon midday afternoon daytime",
    "night": "night evening midnight late",
    "dusk": "dusk sunset twilight",
    "dawn": "dawn sunrise daybreak",
}
_ZH_TIMES = {
    "dusk": "黄昏 傍晚 日落 日暮 薄暮 暮 昏",
    "dawn": "清晨 凌晨 黎明 拂晓 破晓 日出 大清早 晨 晓",
    "night": "深夜 夜晚 夜里 午夜 晚上 半夜 入夜 当晚 夜间 夜 晚",
    "day": "白天 上午 中午 正午 下午 午后 早上 早晨 白日 日间 日 昼 午 早",
}
_EN_TIME = {word: time for time, words in _EN_TIMES.items() for word in words.split()}
_ZH_TIME = {word: time for time, words in _ZH_TIMES.items() for word in words.split()}
_EN_AFTER = re.compile(
    r"(?:(?:very|early|late|next|the next|that|same|following) ){0,2}"
    r"(?P<word>" + "|".join(_EN_TIME) + r"|continuous|later|moments later|same|same time)\b\.?",
    re.IGNORECASE,
)
_TIME = "|".join(sorted(_ZH_TIME, key=len, reverse=True))
_SIDE = "内外景|内外|内景|外景|内|外"
_TOKEN = re.compile(r"[^\s/,、.。;\-|·()\[\]:]+")
_FUSED = re.compile(rf"(?:(?P<a>{_SIDE}))?(?P<t>{_TIME})[景戏]?(?P<b>{_SIDE})?$")
_GLUED = (
    re.compile(rf"(?P<t>{_TIME})(?P<s>{_SIDE})(?!瓦)(?P<p>.{{2,}})$"),
    re.compile(r"(?P<s>内景|外景)(?P<p>.+)$"),
    re.compile(rf"(?P<p>.{{2,}}?)(?P<t>{_TIME})(?P<s>{_SIDE})$"),
)
_SIDES = {"内": True, "外": False, "内景": True, "外景": False, "内外": True, "内外景": True,
          "室内": True, "室外": False, "户外": False, "int": True, "ext": False, "i": True, "e": False,
          "interior": True, "exterior": False}  # fmt: skip
_WHEN = re.compile(
    r"(?:次日|翌日|隔日|隔天|同日|当日|当天|同时|稍后|片刻后|不久后|第[二三四五六七]天|continuous|later|same"
    r"|[\d一二两三四五六七八九十几数半]{1,3}个?(?:年|月|天|日|周|小时|分钟)[之以]?[后前])$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?P<when>时间|时段|time)|(?P<side>内外景?|内/外|景别)|(?P<where>地点|场景|场地|位置|location|place|setting)"
    r"|(?P<air>天气|环境|气候|weather)",
    re.IGNORECASE,
)
_LABELLED = re.compile(rf"(?:{_LABEL.pattern})\s{{0,4}}(?:\([^()]{{0,12}}\))?\s{{0,4}}:", re.IGNORECASE)


@frozen
class Heading:
    """What a heading says. `place` "" = it names none; `rest` is what a hasty writer put behind it.

    `has_time`, `has_side`: it says when, it says whether inside; `number` as a scene's number is written.
    """

    place: str
    interior: bool
    time: str
    rest: str = ""
    has_time: bool = False
    has_side: bool = False
    number: str = ""

    @property
    def timed(self) -> bool:
        """Whether it says when or whether inside, so that it is surely a heading."""
        return self.has_time or self.has_side


def read_heading(text: str) -> Heading:
    """Reads a heading without its scene number. A missing time is day, a missing side inside."""
    bare = _NUMBER.sub("", " ".join(text.split()))  # single spaces keep the patterns below linear
    match = FOUNTAIN_HEADING.match(bare)
    if match is None:
        forced = (bare[1:] if bare.startswith(".") else bare).strip()
        return _english(forced, None) if _is_english(forced) else read_tokens(forced)
    side = match[0].upper()
    if "内" in side or "外" in side:
        return read_tokens(bare)
    found = _english(bare[match.end() :].strip(), not side.startswith("EX"))
    if found.has_time or found.place.isascii():
        return found
    mixed = read_tokens(found.place)
    return Heading(mixed.place, found.interior, mixed.time, "", mixed.has_time, True)


def _is_english(text: str) -> bool:
    """Whether a heading follows the English order; `DAY INT TEAHOUSE` is the Chinese one in English words."""
    if not text.isascii():
        return False
    words = [word.strip(".,;:").lower() for word in text.split()]
    ends = {words[0], words[-1]} if words else set()
    return " - " in text or not (":" in text or ends & (_EN_TIME.keys() | _SIDES.keys()))


def _english(text: str, interior: bool | None) -> Heading:
    """`TEAHOUSE - NIGHT` and, on one line by mistake, `TEAHOUSE - NIGHT. She enters.`"""
    tail = CAST_TAIL.search(fold(text))
    text = text[: tail.start()] if tail else text
    parts = re.split(r"\s+[-–—]+\s+", text)
    time, rest, kept, timed = "", "", [], False
    for number, part in enumerate(parts):
        match = _EN_AFTER.match(part) if number else None
        if match is None:
            kept.append(part)
            continue
        time = time or _EN_TIME.get(match["word"].lower(), "")
        behind = part[match.end() :]
        if match[0].endswith(".") and behind.strip():
            rest = " - ".join((behind.strip(), *parts[number + 1 :]))
            break
        if not time:
            time = next((_EN_TIME[w] for w in re.findall(r"[a-z]+", part.lower()) if w in _EN_TIME), "")
    timed = bool(time)
    place = " - ".join(kept).strip(" .,;|-") or text.strip(" .,;|-")
    return Heading(place, interior is not False, time or "day", rest, timed, interior is not None)


def read_tokens(text: str) -> Heading:
    """Tokens in any order: `日 内 茶馆`, `茶馆 夜/内`, `内景 茶馆 - 夜`, `地点：茶馆，夜，内；人物：小美`."""
    plain = fold(text)
    tail = CAST_TAIL.search(plain)
    stop = tail.start() if tail else len(plain)
    interior: bool | None = None
    time = ""
    runs: list[list[int]] = []  # the place, as runs of the text that nothing known interrupts
    broken = True
    for kind, start, end in _segments(plain[:stop]):
        broken = True
        for token in _TOKEN.finditer(plain, start, end):
            found = _known(token[0])
            if found is None:
                if kind in ("", "where"):
                    if broken:
                        runs.append([token.start(), token.end()])
                    runs[-1][1] = token.end()
                    broken = False
                continue
            broken = True
            said, side, here = found
            time = time or said
            interior = side if interior is None else interior
            if here is not None:
                runs.append([token.start() + here[0], token.start() + here[1]])
    place = " ".join(" ".join(_closed(text, plain, *run).split()) for run in runs)
    return Heading(place, interior is not False, time or "day", "", bool(time), interior is not None)


def _segments(plain: str) -> list[tuple[str, int, int]]:
    """(label's kind, from, to) of `时间：夜 地点：茶馆`; before the first label the kind is ""."""
    labels = list(_LABELLED.finditer(plain))
    ends = [label.start() for label in labels[1:]] + [len(plain)] * bool(labels)
    found = [("", 0, labels[0].start() if labels else len(plain))]
    found += [(label.lastgroup or "", label.end(), end) for label, end in zip(labels, ends, strict=True)]
    return found


def _known(token: str) -> tuple[str, bool | None, tuple[int, int] | None] | None:
    """(time, inside, span of what is place) of a token that says when or whether inside; None = all place."""
    low = token.lower()
    if low in _SIDES:
        return "", _SIDES[low], None
    if low in _EN_TIME:
        return _EN_TIME[low], None, None
    if len(token) > 40:
        return None
    if _WHEN.match(token):
        return "", None, None
    fused = _FUSED.match(token)
    if fused:
        side = fused["a"] or fused["b"]
        return _ZH_TIME[fused["t"]], _SIDES[side] if side else None, None
    for glued in _GLUED:
        match = glued.match(token)
        if match:
            time = match.groupdict().get("t")
            return _ZH_TIME[time] if time else "", _SIDES[match["s"]], match.span("p")
    return None


def _closed(text: str, plain: str, start: int, end: int) -> str:
    """A run with the bracket that it opened; and without one that it did not."""
    if plain.count("(", start, end) > plain.count(")", start, end):
        close = plain.find(")", end)
        end = close + 1 if 0 <= close <= end + 1 else end
    return text[start:end]
