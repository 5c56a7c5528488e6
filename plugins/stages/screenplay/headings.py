"""Scene headings, in both layouts: where it is, whether inside, and when."""

from __future__ import annotations

import re

from attrs import frozen

__all__ = ["FOUNTAIN_HEADING", "GOES_ON", "Heading", "read_heading"]

GOES_ON = re.compile(r"\b(?:continuous|later|same)\b|同上|接上场|接前场", re.IGNORECASE)

FOUNTAIN_HEADING = re.compile(
    r"(?:INT\.? ?/ ?EXT|EXT\.? ?/ ?INT|I ?/ ?E|INT|EXT|EST)(?:\.|(?= ))\s*(?=\S)"
    r"|(?:内外景|内景|外景)[.．。、:：\s]*(?=\S)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*#[\w.\-)]{1,12}#\s*$")
_EN_TIMES = {
    "day": "day morning noon midday afternoon daytime",
    "night": "night evening midnight late",
    "dusk": "dusk sunset twilight",
    "dawn": "dawn sunrise daybreak",
}
_ZH_TIMES = {
    "dusk": "黄昏 傍晚 日落 暮",
    "dawn": "清晨 凌晨 黎明 拂晓 破晓 日出 晨 晓",
    "night": "深夜 夜晚 午夜 晚上 半夜 夜 晚",
    "day": "白天 上午 中午 下午 午后 早上 早晨 日 昼 午 早",
}
_EN_TIME = {word: time for time, words in _EN_TIMES.items() for word in words.split()}
_ZH_TIME = {word: time for time, words in _ZH_TIMES.items() for word in words.split()}
_EN_AFTER = re.compile(
    r"(?:(?:very|early|late|next|the next|that|same|following) ){0,2}"
    r"(?P<word>" + "|".join(_EN_TIME) + r"|continuous|later|moments later|same|same time)\b\.?",
    re.IGNORECASE,
)
_ZH_TOKEN = re.compile(r"[\s/／,，、.．。;；\-—－|·]+")
_ZH_FUSED = re.compile(
    "(?:(?P<a>内外|内|外)景?)?(?P<t>"
    + "|".join(sorted(_ZH_TIME, key=len, reverse=True))
    + ")(?:(?P<b>内外|内|外)景?)?$"
)
_ZH_SIDE = {"内": True, "外": False, "内景": True, "外景": False, "内外": True, "内外景": True}


@frozen
class Heading:
    """What a heading says; `rest` is what a hasty writer put behind it on the same line."""

    place: str
    interior: bool
    time: str
    rest: str = ""
    timed: bool = False


def read_heading(text: str) -> Heading:
    """Reads a heading without its scene number. A missing time is day, a missing side inside."""
    bare = _NUMBER.sub("", " ".join(text.split()))  # single spaces keep the patterns below linear
    match = FOUNTAIN_HEADING.match(bare)
    if match is None:
        forced = bare[1:] if bare.startswith(".") else bare
        return _english(forced.strip(), True) if forced.isascii() else _chinese(forced)
    side = match[0].upper()
    if "内" in side or "外" in side:
        return _chinese(bare)
    found = _english(bare[match.end() :].strip(), not side.startswith("EX"))
    if found.timed or found.place.isascii():
        return found
    mixed = _chinese(found.place)
    return Heading(mixed.place, found.interior, mixed.time, "", mixed.timed)


def _english(text: str, interior: bool) -> Heading:
    """`TEAHOUSE - NIGHT` and, on one line by mistake, `TEAHOUSE - NIGHT. She enters.`"""
    parts = re.split(r"\s+[-–—]+\s+", text)
    time, rest, kept = "", "", []
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
    place = " - ".join(kept).strip(" .-") or text.strip(" .-")
    return Heading(place, interior, time or "day", rest, bool(time))


def _chinese(text: str) -> Heading:
    """Tokens in any order: `日 内 茶馆`, `茶馆 夜/内`, `内景 茶馆 - 夜`."""
    interior: bool | None = None
    time, places = "", []
    for token in (one for one in _ZH_TOKEN.split(re.sub(r"[()（）:：]", " ", text)) if one):
        low = token.lower().rstrip(".")
        fused = _ZH_FUSED.match(token)
        if token in _ZH_SIDE:
            interior = _ZH_SIDE[token] if interior is None else interior
        elif low in ("int", "ext"):
            interior = low == "int" if interior is None else interior
        elif low in _EN_TIME:
            time = time or _EN_TIME[low]
        elif fused:
            side = fused["a"] or fused["b"]
            time = time or _ZH_TIME[fused["t"]]
            if side and interior is None:
                interior = _ZH_SIDE[side]
        else:
            glued = re.match(r"(内景|外景)(.+)", token)
            if glued and interior is None:
                interior, token = _ZH_SIDE[glued[1]], glued[2]
            places.append(token)
    place = " ".join(places)
    return Heading(
        place, True if interior is None else interior, time or "day", "", bool(time or interior is not None)
    )
