"""Who is who: one canonical name a character, however the script writes it, and where text mentions it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from attrs import frozen

from .wordlist import words

__all__ = [
    "Mention",
    "Mentions",
    "canonical",
    "clean",
    "is_extra",
    "is_group",
    "is_narrator",
    "members",
    "same_key",
    "split_names",
]

HAN = r"\u3400-\u9fff\uf900-\ufaff"
_HAN = re.compile(f"[{HAN}]")
_LAST_HAN = re.compile(f"[{HAN}]$")
_NARRATORS = frozenset(
    {"narrator", "narration", "voice", "旁白", "画外音", "解说", "独白", "系统", "系统音", "广播"}
)
_GROUPS = frozenset(
    {
        "all",
        "both",
        "everyone",
        "crowd",
        "people",
        "guests",
        "众人",
        "众",
        "大家",
        "群众",
        "所有人",
        "众宾客",
        "路人们",
        "合",
        "齐声",
        "众人齐声",
        "异口同声",
        "全体",
        "全场",
        "二人",
        "两人",
        "三人",
        "together",
        "in unison",
    }
)
_MANY = re.compile(r"(?:[\u3400-\u9fff]{1,6}们|众[\u3400-\u9fff]{0,3}|全(?:班|场|体|家|村|城|队|校|公司))$")
_EXTRAS = (
    "若干",
    "众",
    "群众",
    "路人",
    "等人",
    "数名",
    "数人",
    "群演",
    "extras",
    "guests",
    "customers",
    "crowd",
    "bystander",
    "onlooker",
    "passer",
    "围观",
)
# 黑衣人A, 记者甲, 保镖1, GUARD #2, Man B: one of several who have no name.
_COUNTED = re.compile(r"[\u3400-\u9fff](?:[A-Za-z甲乙丙]|\d{1,2})$|\s#?(?:\d{1,2}|[A-H])$", re.IGNORECASE)
_TITLES = words(
    "old young little big mr mrs ms miss dr doctor sir lady boss master uncle aunt auntie madam "
    "captain officer the a "
    "man woman boy girl guard waiter waitress nurse driver voice king queen prince princess "
    "president chairman"
)
# A possessive names an owner, not someone who is there, unless what is owned is a part of the body.
_OWNED = re.compile(
    r"(?:['’]s?|的)\s*(?:own |left |right |trembling |pale )?"
    r"(?:hands?|eyes?|face|lips|voice|gaze|head|fingers?|fist|arms?|phone|shoulder|手|眼|脸|嘴|目光|声音|头|肩|眉|身)"
)
_PICTURED = re.compile(
    r"(?:photo|photograph|picture|portrait|name|memory|grave|message|letter)s? (?:of|from) $", re.I
)


def clean(text: str) -> str:
    """NFKC, single spaces, no marks around."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).strip(" *_·•-—:,")


def canonical(text: str) -> str:
    """The name as it is shown: `XIAO MEI` -> `Xiao Mei`; mixed case and Chinese stay as written."""
    name = clean(text)
    if _HAN.search(name) or name.upper() != name or not any(c.isalpha() and c.isascii() for c in name):
        return name
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]\b)?", lambda word: word[0][0] + word[0][1:].lower(), name)


def same_key(name: str) -> str:
    """Equal for two spellings of one name: case, dots and spaces do not count."""
    return re.sub(r"[\s.]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()


def is_narrator(name: str) -> bool:
    """Whether the name is a voice without a body."""
    return same_key(name) in _NARRATORS


def is_group(name: str) -> bool:
    """Whether the name is a crowd that speaks together."""
    return same_key(name) in _GROUPS or _MANY.match(name) is not None or len(members(name)) > 1


def members(name: str) -> tuple[str, ...]:
    """Who speaks at once under a joint name (`小美、老张`, `Anna & Bob`); of any other name only itself."""
    return tuple(re.split("、| & ", name))


def is_extra(name: str) -> bool:
    """Whether a name is background (群演甲, 黑衣人A, GUARD #2), who may speak but has no face to keep."""
    low = name.casefold()
    return is_group(name) or any(word in low for word in _EXTRAS) or _is_counted(name)


def _is_counted(name: str) -> bool:
    """黑衣人A and 记者甲, but neither 王甲 nor 小A, who have a name."""
    named = len(name) == 2 and (name[0] in "小老阿大" or _HAN.match(name[1:]) is not None)
    return _COUNTED.search(name) is not None and not named


def split_names(text: str) -> list[str]:
    """The names of a list such as `小美、老张（茶客）, 李伟`, without what stands in brackets."""
    bare = re.sub(r"[(（\[【][^()（）\[\]【】]{0,80}[)）\]】]", "", text)
    names = (clean(part).rstrip("。.") for part in _BETWEEN.split(bare))
    return [name for name in dict.fromkeys(names) if 0 < len(name) <= 24]


_BETWEEN = re.compile(rf"[、,，;；/|]|\s{{2,}}|\band\b|\s&\s|以及|(?<=[{HAN}])\s(?=[{HAN}])", re.IGNORECASE)


@frozen
class Mention:
    """A name in a text: who, from where to where, and whether it says that the person is there."""

    name: str
    start: int
    end: int
    present: bool


class Mentions:
    """Finds the characters of a script in its texts; one pass, longest name first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._who: dict[str, str] = {}
        names = [name for name in names if len(name) > 1 and not is_narrator(name) and not is_group(name)]
        for name in names:
            self._who.setdefault(_fold(name), name)
        shared: dict[str, list[str]] = {}
        for name in names:
            for part in re.findall(r"[^\W\d_]+", name):
                if part.isascii() and len(part) >= 3 and part.casefold() not in _TITLES:
                    shared.setdefault(part.casefold(), []).append(name)
        for part, owners in shared.items():
            if len(set(owners)) == 1:
                self._who.setdefault(part, owners[0])
        words = sorted(self._who, key=lambda word: (-len(word), word))
        parts = [re.escape(word) if _HAN.search(word) else rf"\b{re.escape(word)}\b" for word in words]
        self._any = re.compile("|".join(parts)) if parts else None

    def find(self, text: str) -> list[Mention]:
        """All mentions in order of place."""
        if self._any is None:
            return []
        found = []
        for match in self._any.finditer(_fold(text)):
            start, end = match.span()
            if text[start].islower() and match[0] not in _TITLES and self._who[match[0]][0].isupper():
                continue  # the word `mark`, not Mark
            tail = text[end : end + 40]
            owner = tail.startswith(("'s", "’s", "的")) or (
                tail[:1] in ("'", "’") and not tail[1:2].isalpha()
            )
            there = not owner or _OWNED.match(tail) is not None
            if there and _PICTURED.search(text[max(0, start - 24) : start]):
                there = False
            found.append(Mention(self._who[match[0]], start, end, there))
        return found

    def strip(self, text: str) -> str:
        """The text without the names, so that 小雪 brings no snow."""
        if self._any is None:
            return text
        pieces, last = [], 0
        for mention in self.find(text):
            pieces.append(text[last : mention.start])
            last = mention.end
        return " ".join((*pieces, text[last:]))


def _fold(text: str) -> str:
    """Lower case without a change of length, so that places in it are places in the text."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
