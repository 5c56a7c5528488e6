"""What a name, a title or a description says about being a woman or a man; "" where it says nothing."""

from __future__ import annotations

import re

from .wordlist import words

__all__ = ["gender_of", "pronoun_gender"]

FEMALE, MALE = "female", "male"
_NOUNS = re.compile(
    r"(?P<female>\b(?:mrs|miss|ms|madam|lady|woman|girl|mother|mom|mum|grandmother|grandma|granny|aunt|auntie|sister|daughter|wife|"
    r"widow|queen|princess|waitress|actress|bride|mistress|heiress|nun|female)\b"
    r"|小姐|女士|太太|夫人|奶奶|姥姥|外婆|婆婆|阿姨|大妈|大娘|大婶|妈|姐|妹|娘|妻|女|姑|婶|嫂|媳|公主|皇后|丫鬟|少妇)"
    r"|(?P<male>\b(?:mr|sir|lord|man|boy|father|dad|grandfather|grandpa|uncle|brother|son|husband|widower|king|prince|waiter|"
    r"groom|monk|male|gentleman)\b"
    r"|先生|爷爷|外公|姥爷|公公|叔叔|大爷|大叔|大伯|爸|哥|弟|爹|夫|男|叔|伯|少爷|王子|皇帝|和尚|老头|小伙)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:(?P<female>she|her|hers|herself)|(?P<male>he|him|his|himself))\b|(?P<zf>她)|(?P<zm>他)",
    re.IGNORECASE,
)
_FEMALE_SIGNS = frozenset(
    "美丽芳娟婷玲雪梅兰燕静莉霞红花娜妍婉柔倩蓉萍珍琴秀英艳莲媛颖薇琳瑶萱怡欣晴雅菲妮娇媚淑"
)
_MALE_SIGNS = frozenset("伟强军刚勇磊涛明龙虎建国峰斌杰浩鹏辉飞超波志豪雄彪武宏东海山松柏德贵福祥")
_FEMALE_NAMES = words(
    "mei fang ling xue lan yan jing hua na ting juan xia hong yun ying qian rong mary anna anne emma "
    "sarah lucy alice grace "
    "jane julia maria sophie sophia olivia mia ella lily rose linda susan helen kate emily chloe "
    "nina eva amy lisa clara ruby"
)
_MALE_NAMES = words(
    "wei qiang jun gang yong lei tao long hu jian guo feng bin jie hao peng hui john james jack tom "
    "david michael robert "
    "william george henry charles peter paul mark daniel adam ben sam max leo frank joe bill harry "
    "alex victor ethan noah"
)


def gender_of(name: str, description: str = "") -> tuple[str, str]:
    """(female | male | "", where that comes from): description's nouns, then the name, then a pronoun."""
    for text, source in ((name, "the title"), (description, "the description")):
        for match in _NOUNS.finditer(text):
            # "her husband" is what he is; "his late wife" behind a comma may be, so the first noun wins.
            return (FEMALE if match["female"] else MALE), source
    found = _by_name(name)
    if found:
        return found, "the name"
    pronoun = _PRONOUN.search(description)
    if pronoun:
        return (FEMALE if pronoun["female"] or pronoun["zf"] else MALE), "a pronoun"
    return "", ""


def _by_name(name: str) -> str:
    words = re.findall(r"[a-z]+", name.lower())
    if words[:1] == ["old"] or name.startswith("老"):
        return MALE  # Old Zhang, 老张: a way to call a man
    for word in reversed(words):
        if word in _FEMALE_NAMES or word in _MALE_NAMES:
            return FEMALE if word in _FEMALE_NAMES else MALE
    for sign in reversed(name[-2:]):
        if sign in _FEMALE_SIGNS or sign in _MALE_SIGNS:
            return FEMALE if sign in _FEMALE_SIGNS else MALE
    return ""


def pronoun_gender(text: str) -> str:
    """The gender of the first `she`, `he`, 她 or 他 in a text, "" where there is none."""
    match = re.search(r"\b(?:(she)|(he))\b|(她)|(他)", text, re.IGNORECASE)
    if match is None:
        return ""
    return FEMALE if match[1] or match[3] else MALE
