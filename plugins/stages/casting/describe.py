"""What a script says about a character's looks, in the words that a painter knows."""

from __future__ import annotations

import re

from attrs import field, frozen

from ..screenplay.gender import gender_of

__all__ = ["Hints", "colour_near", "hints_of"]

COLOURS: dict[str, str] = {
    "#b3202c": "crimson scarlet 大红 正红 猩红",
    "#c0392b": "red 红",
    "#7b1e2b": "maroon burgundy wine-red wine 酒红 暗红 枣红",
    "#1f3a5f": "navy navy-blue dark-blue 藏青 深蓝 藏蓝",
    "#2e5fa3": "blue 蓝",
    "#7fa8d6": "light-blue sky-blue pale-blue 浅蓝 天蓝 淡蓝",
    "#1f4d3a": "dark-green forest-green 墨绿 深绿",
    "#3f8f5b": "green emerald 绿 翠绿",
    "#4d8f8a": "jade teal turquoise 青 碧",
    "#16161a": "black 黑 乌黑 墨色",
    "#ece8df": "white cream ivory off-white 白 米白",
    "#a9a9ad": "silver silvery 银",
    "#8a8a90": "grey gray 灰 花白 灰白",
    "#4a4a50": "dark-grey charcoal dark-gray 深灰",
    "#6b4a2f": "brown chestnut 棕 褐 咖啡色",
    "#c9a45c": "golden blonde blond honey 金发 金黄",
    "#d9a441": "gold yellow mustard 金 黄",
    "#c98aa0": "pink rose 粉",
    "#7a4f8f": "purple violet lilac plum 紫",
    "#c9772e": "orange 橙 橘",
    "#c8b089": "beige khaki tan camel sand 米色 卡其 驼色 米",
}
CLOTHES = {
    "qipao": "qipao cheongsam 旗袍",
    "changshan": "changshan changpao mandarin-gown long-gown 长衫 长袍 唐装 马褂",
    "suit": "suit tuxedo blazer business-suit 西装 西服 礼服西装",
    "uniform": "uniform 制服 警服 军装 校服",
    "hoodie": "hoodie sweatshirt 卫衣",
    "coat": "coat trenchcoat overcoat trench-coat raincoat 大衣 风衣 雨衣",
    "jacket": "jacket 夹克 外套 皮衣",
    "sweater": "sweater jumper cardigan pullover 毛衣 针织衫",
    "dress": "dress gown skirt 裙 连衣裙 礼服",
    "robe": "robe hanfu kimono 汉服 道袍 僧袍 袍子",
    "shirt": "shirt blouse t-shirt tee 衬衫 衬衣 T恤 上衣",
}
HAIR = {
    "bun": "bun chignon updo topknot 发髻 盘发 盘起 丸子头 髻",
    "ponytail": "ponytail pony-tail 马尾",
    "braid": "braid braids plait plaits 辫",
    "bob": "bob bobbed 波波头 齐耳短发",
    "curly": "curly curls wavy 卷发 波浪",
    "crew": "crew-cut crewcut buzz-cut cropped 平头 寸头 板寸",
    "slick": "slicked slicked-back slick 背头 油头",
    "side-part": "side-part side-parting side-parted parting 分头 偏分",
    "bald": "bald shaven shaved 光头 秃",
    "long": "long-haired long-hair 长发",
    "short": "short-haired short-hair 短发",
}
FACES = {
    "oval": "oval 鹅蛋脸",
    "round": "round-faced round-face 圆脸",
    "square": "square square-jawed 方脸 国字脸",
    "heart": "heart-shaped 瓜子脸",
    "long": "long-faced long-face 长脸 马脸",
    "diamond": "diamond-shaped high-cheekboned 菱形脸 尖脸",
}
BUILDS = {
    "slim": "slim thin slender lean petite skinny gaunt 瘦 苗条 纤细 单薄",
    "heavy": "heavy fat stout plump overweight 胖 肥 富态",
    "broad": "broad muscular burly athletic broad-shouldered stocky 壮 魁梧 结实 高大",
}
MARKS = {
    "moustache": "moustache mustache 八字胡 小胡子",
    "goatee": "goatee 山羊胡",
    "beard": "beard bearded 胡子 胡须 络腮胡 白须 长须",
    "glasses": "glasses spectacles bespectacled 眼镜 墨镜",
    "wrinkles": "wrinkles wrinkled wrinkle weathered lined 皱纹",
    "mole": "mole 痣",
    "scar": "scar scarred 疤 刀疤",
}
_AGES = {
    8: "child kid little-boy little-girl 孩子 小孩 男孩 女孩 小男孩 小女孩 孩童",
    17: "teenager teenage teen schoolgirl schoolboy 少年 少女 高中生",
    24: "young youth girl student 年轻 小伙 姑娘 大学生 青年",
    45: "middle-aged 中年",
    68: "old elderly aged ancient grandmother grandfather grandma grandpa granny 老 年迈 老人 奶奶 "
    "爷爷 外婆 外公 苍老 老太",
}
_DIGITS = re.compile(r"(?<![\d.#])(\d{1,3})(?:[ -]?(?:years?|岁|多岁)|s\b)?(?![\d%])")
_TEENS = re.compile(r"\b(early|mid|late)?[ -]?(\d0)s\b|(二|三|四|五|六|七|八)十(多|来|几|出头)?(?:岁|多)?")
_HAN_TENS = "零一二三四五六七八九"
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def _index(table: dict[str, str] | dict[int, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    latin: dict[str, str] = {}
    han: list[tuple[str, str]] = []
    for name, words in table.items():
        for word in words.split():
            if word.isascii():
                latin[word.lower()] = str(name)
            else:
                han.append((word, str(name)))
    return latin, sorted(han, key=lambda pair: (-len(pair[0]), pair[0]))


class _Words:
    """A table that finds its words in a text: (start, end, thing), longest first, without overlap."""

    def __init__(self, table: dict[str, str] | dict[int, str]) -> None:
        self._latin, han = _index(table)
        self._han = dict(reversed(han))
        self._any = re.compile("|".join(re.escape(word) for word, _ in han)) if han else None

    def find(self, text: str) -> list[tuple[int, int, str]]:
        low = text.lower()
        words = [(m.start(), m.end(), m[0]) for m in _WORD.finditer(low)]
        found = []
        taken = -1
        for place, (start, end, word) in enumerate(words):
            if start < taken:
                continue
            after = words[place + 1] if place + 1 < len(words) else None
            pair = f"{word}-{after[2]}" if after and after[0] == end + 1 else ""
            if pair in self._latin and after:
                found.append((start, after[1], self._latin[pair]))
                taken = after[1]
                continue
            parts = [word, *(word.split("-") if "-" in word else ()), word.removesuffix("s")]
            name = next((self._latin[part] for part in parts if part in self._latin), None)
            if name is not None:
                found.append((start, end, name))
        if self._any:
            found += [(m.start(), m.end(), self._han[m[0]]) for m in self._any.finditer(text)]
        return sorted(found)


_COLOUR, _CLOTHES, _HAIR, _MARK = _Words(COLOURS), _Words(CLOTHES), _Words(HAIR), _Words(MARKS)
_FACE, _BUILD, _AGE = _Words(FACES), _Words(BUILDS), _Words(_AGES)
_HAIR_NOUN = re.compile(
    r"\bhaired\b|\bhair\b|\bbeard\b|\b(?:bun|braids?|ponytail|bob|curls)\b|发|胡|须|辫|马尾|髻", re.IGNORECASE
)
_EYE_NOUN = re.compile(r"\beyes?\b|\beyed\b|眼睛|眸", re.IGNORECASE)
_ACCENT_NOUN = re.compile(
    r"\b(?:collar|scarf|tie|sash|belt|trim|brooch|buttons?|shawl)\b|领|围巾|领带|腰带|镶边|胸针|绣",
    re.IGNORECASE,
)
_SHAVEN = re.compile(r"\bclean[- ]shaven\b|没有胡|不留胡|无须", re.IGNORECASE)
_PAUSE = re.compile(r"[,;.!?，。；！？、]|\band\b|\bwith\b|\bin\b")


@frozen
class Hints:
    """What a description settles; None or "" is left to choose. `said` names the words' sources for `why`."""

    gender: str = ""
    gender_from: str = ""
    age: int = 0
    face: str = ""
    skin: str = ""
    hair_style: str = ""
    hair_colour: str = ""
    eyes: str = ""
    build: str = ""
    clothes: str = ""
    clothes_colour: str = ""
    accent_colour: str = ""
    marks: tuple[str, ...] = ()
    shaven: bool = False
    said: tuple[str, ...] = field(default=())


def colour_near(text: str, noun: tuple[int, int]) -> str:
    """The colour that belongs to a noun: the last one before it in the same phrase, or just behind it."""
    head = text[max(0, noun[0] - 28) : noun[0]]
    cut = 0
    for pause in _PAUSE.finditer(head):
        cut = pause.end()
    found = _COLOUR.find(head[cut:])
    if found:
        return found[-1][2]
    tail = text[noun[1] : noun[1] + 8]
    found = _COLOUR.find(re.split(r"[,;.，。；]", tail)[0]) if tail[:1] in ("是", "呈", "色") else []
    return found[0][2] if found else ""


def hints_of(name: str, description: str) -> Hints:
    """Reads a name and a description, in English or Chinese."""
    text = description[:2_000]
    gender, source = gender_of(name, text)
    clothes = _CLOTHES.find(text)
    hair = next((m.span() for m in _HAIR_NOUN.finditer(text)), None)
    eyes = next((m.span() for m in _EYE_NOUN.finditer(text)), None)
    accent = next((m.span() for m in _ACCENT_NOUN.finditer(text)), None)
    hair_colours = [colour_near(text, m.span()) for m in _HAIR_NOUN.finditer(text)]
    values: dict[str, str] = {
        "face": _first(_FACE, text),
        "hair_style": _first(_HAIR, text)
        or ("long" if re.search(r"\blong\b[^,.;]{0,20}\bhair\b", text, re.I) else ""),
        "hair_colour": next((c for c in hair_colours if c), "") if hair else "",
        "eyes": colour_near(text, eyes) if eyes else "",
        "build": _first(_BUILD, text),
        "clothes": clothes[0][2] if clothes else "",
        "clothes_colour": colour_near(text, clothes[0][:2]) if clothes else "",
        "accent_colour": colour_near(text, accent) if accent else "",
    }
    if not values["hair_style"] and re.search(r"\bshort\b[^,.;]{0,20}\bhair\b", text, re.IGNORECASE):
        values["hair_style"] = "short"
    marks = tuple(dict.fromkeys(mark for _, _, mark in _MARK.find(_SHAVEN.sub(" ", text))))
    age = _age(name, text)
    said = tuple(word for word, known in (("age", age), ("marks", marks), *values.items()) if known)
    return Hints(
        gender=gender,
        gender_from=source,
        age=age,
        marks=marks,
        shaven=_SHAVEN.search(text) is not None,
        said=said,
        **values,
    )


def _first(words: _Words, text: str) -> str:
    found = words.find(text)
    return found[0][2] if found else ""


def _age(name: str, text: str) -> int:
    """Years by a number, a decade or a word; 0 when nothing is said. A number wins over `old`."""
    decade = _TEENS.search(text)
    if decade and decade[2]:
        return int(decade[2]) + {"early": 2, "late": 8}.get(decade[1] or "", 5)
    if decade and decade[3] and (decade[4] or "岁" in decade[0]):
        return _HAN_TENS.index(decade[3]) * 10 + (5 if decade[4] in ("多", "几") else 2 if decade[4] else 0)
    for match in _DIGITS.finditer(text):
        if 3 <= int(match[1]) <= 105:
            return int(match[1])
    by_name = [
        ("old", 65),
        ("老", 65),
        ("grandma", 70),
        ("grandpa", 70),
        ("granny", 70),
        ("奶奶", 70),
        ("爷爷", 70),
    ]
    low = name.lower()
    for word, age in by_name:
        if (word.isascii() and word in low.split()) or (
            not word.isascii() and (low.startswith(word) or (len(word) > 1 and word in low))
        ):
            return age
    found = _AGE.find(f"{name} . {text}")
    return int(found[0][2]) if found else 0
