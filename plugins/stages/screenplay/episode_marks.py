"""The line that opens an episode in a file of several: `第3集 真相`, `EPISODE 3: THE LETTER`."""

from __future__ import annotations

import re

from attrs import frozen

from .widths import fold, trim, undress

__all__ = ["Mark", "read_mark"]

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_WORDS = {
    word: value
    for value, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        1,
    )
}  # fmt: skip
_MARK = re.compile(
    r"(?:第\s*[0-9零〇一二两三四五六七八九十]{1,3}\s*季[\s·,.:-]*|season\s*[0-9]{1,2}[\s·,.:-]*)?"
    r"(?:第\s*(?P<zh>[0-9零〇一二两三四五六七八九十百千]{1,6})\s*[集回话話]"
    rf"|(?:episode|ep\.?)\s*(?:no\.?\s*|\#\s*)?(?P<en>[0-9]{{1,4}}|(?:{'|'.join(_WORDS)})\b)"
    r"|s[0-9]{1,2}\s?e(?P<se>[0-9]{1,3}))"
    r"(?P<rest>.*)$",
    re.IGNORECASE,
)
_SERIES = re.compile(r"《[^《》]{1,80}》\s*")
_GAP = re.compile(r"\s*[:.、|·(\[\"“「《-]|\s+|$")
_ENDS = re.compile(r"[\s:.·,(\[-]*(?:完|终|结束|剧终|end\b|ends\b|fin\b)", re.IGNORECASE)
_PROSE = re.compile(r"[。!?;…]|[a-z]\. ")
_MOST_TITLE = 40
_MOST_LINE = 160


@frozen
class Mark:
    """An episode begins: its number from 1, the line without its dress, and what stands behind the number."""

    number: int
    text: str
    rest: str


def read_mark(line: str) -> Mark | None:
    """The mark in a line, None where it is none: `Episode 3 begins here.` and `第3集完` are not."""
    if len(line) > _MOST_LINE:
        return None
    text = trim(undress(line)[0].strip("=—~* "))
    plain = fold(text)
    if plain[:1] == "[" and plain[-1:] == "]":
        text, plain = trim(text[1:-1]), trim(plain[1:-1])
    series = _SERIES.match(plain)
    at = series.end() if series else 0
    match = _MARK.match(plain, at)
    if match is None or not _GAP.match(match["rest"]) or _ENDS.match(match["rest"]):
        return None
    number = _number(match["zh"] or match["en"] or match["se"])
    rest = trim(text[match.start("rest") :])
    title = trim(rest.lstrip(":：.、|·-–—－ "))
    if not number or _PROSE.search(fold(title)) or len(title) > 2 * _MOST_TITLE:
        return None
    if not match["zh"] and title == rest and title[:1].islower():
        return None
    return Mark(number, text, title)


def _number(text: str) -> int:
    """`12`, `十二`, `一百零三`, `twelve` as a number; 0 for what is none."""
    low = text.lower()
    if low.isdigit():
        return int(low)
    if low in _WORDS:
        return _WORDS[low]
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text)) if all(c in _DIGITS for c in text) else 0
    total = digit = 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        elif char in _DIGITS:
            digit = _DIGITS[char]
        else:
            return 0
    return total + digit
