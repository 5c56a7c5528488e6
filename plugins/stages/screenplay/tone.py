"""The dictionary of the breakdown: English and Chinese words to feelings, poses, props and weather."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = [
    "Lexicon",
    "expression_of",
    "intensity_of",
    "is_crowded",
    "mood_of",
    "objects_of",
    "pose_of",
    "weather_of",
]

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "ied", "ies")


class Lexicon:
    """Words for things: Latin ones match whole, with the usual endings; Chinese ones inside the text."""

    def __init__(self, table: Mapping[str, str], endings: bool = True) -> None:
        latin: dict[str, str] = {}
        chinese: dict[str, str] = {}
        for name, words in table.items():
            for word in words.split():
                (latin if word.isascii() else chinese).setdefault(word, name)
        self._latin = dict(latin)
        if endings:
            for word, name in latin.items():
                for form in _forms(word):
                    self._latin.setdefault(form, name)
        self._chinese = chinese
        longest = sorted(chinese, key=lambda word: (-len(word), word))
        self._any = re.compile("|".join(map(re.escape, longest))) if longest else None

    def find(self, text: str) -> list[tuple[int, str]]:
        """(place, thing) of everything the text names, by place; a thing as often as it is named."""
        found = []
        for match in _WORD.finditer(text.lower()):
            word = match[0]
            name = self._latin.get(word)
            if name is None and "-" in word:
                name = next((self._latin[part] for part in word.split("-") if part in self._latin), None)
            if name is not None:
                found.append((match.start(), name))
        if self._any is not None:
            found += [(match.start(), self._chinese[match[0]]) for match in self._any.finditer(text)]
        return sorted(found)

    def names(self, text: str) -> list[str]:
        """The distinct things that the text names, by place."""
        return list(dict.fromkeys(name for _, name in self.find(text)))

    def first(self, text: str, default: str = "") -> str:
        """The first thing that the text names."""
        found = self.find(text)
        return found[0][1] if found else default

    def has(self, text: str) -> bool:
        """Whether the text names any of them."""
        return bool(self.find(text))


def _forms(word: str) -> list[str]:
    """The usual endings: push pushes pushed pushing, freeze freezing, nod nodding, nervous nervously."""
    if len(word) < 3:
        return []
    forms = [word + ending for ending in _ENDINGS]
    if word.endswith("e"):
        forms += [word[:-1] + "ing", word[:-1] + "y"]
    if word.endswith("y"):
        forms += [word[:-1] + "ies", word[:-1] + "ied", word[:-1] + "ily"]
    if word[-1] in "bdglmnprt" and word[-2] in "aeiou" and word[-3] not in "aeiou":
        forms += [word + word[-1] + "ing", word + word[-1] + "ed"]
    return forms


EXPRESSIONS = Lexicon(
    {
        "happy": "smile grin laugh happy joy joyful glad cheerful delight excited proud amused beam smirk "
        "微笑 笑 高兴 开心 喜 得意 欣慰 兴奋",
        "sad": "sad sob weep cry tearful sorrow grief heartbroken mournful hurt bitterly choked "
        "hollow broken ashamed "
        "哭 泪 伤心 悲 难过 哽咽 低落 失落 心碎 苦涩 绝望 落寞 委屈",
        "angry": "angry furious rage anger fury shout yell roar snap snarl slam cold coldly hate "
        "hateful stern threaten threatening "
        "menacing hiss fierce accuse spit scowl glare sharp "
        "怒 愤 吼 喝道 厉声 冷冷 冷笑 冷声 冷漠 咬牙 狠 威胁 逼 瞪 大喊 质问 拍桌",
        "afraid": "afraid fear scared terrified nervous anxious tremble shake shiver panic worried "
        "frightened trembling gasp flinch "
        "desperate breathless dread recoil stammer "
        "害怕 恐惧 惊恐 发抖 颤 慌 不安 紧张 哆嗦 后退 害怕 焦急 着急",
        "surprised": "surprise shock stunned freeze frozen froze astonished startled amazed "
        "disbelief disbelieving stare speechless wide-eyed stop "
        "震惊 惊讶 愣 吃惊 意外 呆住 惊呆 僵住 瞪大 难以置信 不敢相信 惊",
        "tense": "whisper tense suspicious wary serious grim urgent hesitate quiet low guarded "
        "narrow careful warn warning hurried grave "
        "小声 低声 压低 警惕 严肃 怀疑 犹豫 沉声 凝重 盯 谨慎 警告 低沉 低语 耳语 急促 急切",
        "tender": "soft gentle warm tender love loving kind calm relieved relief softly sweet shy fond "
        "轻声 温柔 柔声 平静 安慰 温和 深情 心疼 淡淡",
    }
)
POSES = Lexicon(
    {
        "drink": "drink sip nurse toast pour 喝 饮 抿 品茶 敬酒 斟 倒茶 倒了",
        "give": "hand give offer pass push slide deliver 递 交给 交出 推过 推给 推到 推了 推向 推出 "
        "塞给 塞进 塞到",
        "point": "point accuse gesture 指着 指向 指了",
        "call": "phone call dial 电话 手机 拨通",
        "hold": "hold held carry read grip clutch clasp lift show reveal unwrap unfold open tear tore "
        "拿 握 抱 捧 攥 举起 翻开 打开 拆 撕开 掏出 亮出",
        "raise": "raise wave throw threw slap swing swung slam lash bang smash 挥 扔 打了 拍 砸 摔 抬手 泼",
        "cross": "cross fold lean refuse 抱臂 靠在 倚",
        "think": "think thought ponder hesitate wonder 思 沉吟 犹豫",
        "sit": "sit sat seat kneel knelt crouch slump 坐 跪 蹲 瘫",
        "walk": "enter walk run ran leave left exit step rush hurry stride follow chase flee fled "
        "arrive come came approach back retreat pace cross stumble "
        "走 跑 进来 进入 离开 冲 奔 追 逃 赶来 后退 踉跄 推门",
        "stand": "stand stood rise rose wait 站 立 起身 等",
    }
)
ARRIVES = Lexicon(
    {
        "in": "enter arrive appear approach come came burst step emerge return 走进 进来 进入 冲进 "
        "跑进 赶来 出现 走来 推门 闯进 走出 迎面"
    }
)
LEAVES = Lexicon(
    {
        "out": "exit leave left depart flee fled vanish disappear 离开 离去 走出去 跑出去 转身走 "
        "消失 逃走 夺门 冲出"
    }
)
MOVES = Lexicon(
    {
        "go": "enter exit run ran walk hurry rush flee fled chase leave left stride follow climb "
        "burst stumble race arrive approach emerge "
        "走 跑 冲 奔 追 逃 赶 离开 闯 踉跄 进来 进入 推门"
    }
)
LOOKS = Lexicon(
    {
        "see": "spot see saw notice find found recognise recognize glimpse eye watch look face stare "
        "glance discover "
        "看见 看到 发现 瞥见 望见 认出 望向 看向 盯着 落在 注视 回头"
    }
)
HANDLES = Lexicon(
    {
        "handle": "push slide slid hand pass give gave put place lay laid set open tear tore unwrap "
        "unfold pick take took grab lift hold held clutch grip look "
        "read show reveal drop point draw drew pull turn ring rang buzz light press stare study slip "
        "produce fall fell tip drip "
        "推 递 交 塞 放 打开 拆 撕 翻 拿 取 抓 握 捧 看着 盯着 掏 露出 掉 指着 拔 转动 响 插 攥 按 "
        "滑 亮出 闪"
    }
)
FACES = Lexicon(
    {
        "face": "eyes face weep cry stare freeze frozen froze gaze lip lips breath pale blink brow "
        "smile 目光 眼 脸 愣 泪 僵 嘴角 瞳孔 呼吸 苍白 眉"
    }
)
_PROPS = {
    "package": "package parcel bundle box gift bag suitcase briefcase 包裹 盒子 木盒 锦盒 礼盒 箱子 "
    "布包 手提箱",
    "cup": "cup tea teacup mug coffee teapot bowl 茶杯 杯子 一杯 这杯 那杯 茶盏 茶壶 茶碗 咖啡 热茶",
    "glass": "glass wine whisky whiskey champagne 酒杯 红酒 酒瓶",
    "letter": "letter envelope invitation 信封 书信 一封信 这封信 那封信 信件 信纸 请柬 字条 纸条",
    "paper": "paper document contract file certificate agreement newspaper report will-paper 文件 "
    "合同 协议 报告 报纸 遗嘱 证书 离婚书",
    "phone": "phone mobile smartphone cellphone telephone 手机 电话",
    "knife": "knife dagger blade sword 匕首 小刀 菜刀 短刀 尖刀 长剑 刀刃 刀尖",
    "gun": "gun pistol revolver 手枪 枪口 一把枪 枪",
    "money": "money cash banknote cheque 现金 钞票 支票 银票 一叠钱 钱",
    "photo": "photo photograph picture portrait 照片 相片 合影 合照",
    "ring": "ring 戒指 指环 玉扳指 扳指",
    "key": "key 钥匙",
    "book": "book diary ledger notebook 日记 账本 账簿 笔记本",
    "bottle": "bottle pill vial poison 药瓶 瓶子 毒药",
    "flower": "flower rose bouquet 玫瑰 花束 鲜花",
    "pendant": "pendant necklace bracelet locket amulet 玉佩 项链 手镯 吊坠 玉坠",
    "umbrella": "umbrella 雨伞 油纸伞",
    "lantern": "lantern lamp candle 灯笼 油灯 蜡烛",
    "door": "door gate 门锁 木门 大门 房门 铁门 院门 锁孔",
}


def _plurals(name: str, entry: str) -> str:
    """With an s behind each Latin noun, but for those that would be something else: glasses, it rings."""
    if name in ("ring", "glass"):
        return entry
    return " ".join(f"{word} {word}s" if word.isascii() else word for word in entry.split())


OBJECTS = Lexicon({name: _plurals(name, entry) for name, entry in _PROPS.items()}, endings=False)
SCENERY = frozenset({"door", "lantern"})
_WEATHERS = Lexicon(
    {
        "rain": "rain rainy storm drizzle downpour thunder rainwater rain-soaked 雨 雷声 雷电",
        "snow": "snow snowy blizzard snowflake 雪",
        "fog": "fog foggy mist misty haze smog 雾",
    }
)
_CROWDS = Lexicon(
    {
        "crowd": "crowd crowded bustling busy packed throng guests customers patrons onlookers passers-by "
        "spectators reporters 人群 热闹 拥挤 人来人往 宾客 客人们 熙熙攘攘 众人 满座 座无虚席 茶客 若干 "
        "群众 群演 围观 嘈杂 喧闹 记者们"
    }
)
_MOODS = {
    "happy": "happy", "sad": "sad", "angry": "angry", "afraid": "afraid", "surprised": "shocked",
    "tense": "tense", "tender": "tender",
}  # fmt: skip
_GRAVE = Lexicon(
    {
        "grave": "dead death die kill murder blood father mother secret truth lie betray never "
        "husband wife divorce buried grave gun knife "
        "poison love hate baby child pregnant revenge alive ghost wish "
        "死 杀 血 真相 秘密 骗 背叛 离婚 凶手 报仇 活着 父亲 爸 妈 爱 恨 孩子 怀孕 鬼 埋 愿望"
    }
)


_TEARS = re.compile(
    r"\bin tears\b|\btears? (?:in|on|down|fills?|streams?|streaming|wells?|run|runs|roll|rolls|falls?|of)\b",
    re.IGNORECASE,
)


def untangle(text: str) -> str:
    """Tells `tears in her eyes` from `she tears it open`."""
    return _TEARS.sub("weeping ", text)


def expression_of(text: str, default: str = "") -> str:
    """The first feeling that a bracket or an action names; one of `script.OnScreen`'s words."""
    return EXPRESSIONS.first(untangle(text), default)


def pose_of(text: str, default: str = "") -> str:
    """The first thing that a body is said to do, as a pose word."""
    return POSES.first(untangle(text), default)


def objects_of(text: str) -> tuple[str, ...]:
    """Props that the text names, in its order, at most six."""
    return tuple(OBJECTS.names(text)[:6])


def weather_of(text: str) -> str:
    """rain | snow | fog | clear, from headings and action without the names of people."""
    return _WEATHERS.first(text, "clear")


def is_crowded(text: str) -> bool:
    """Whether the text says that there are many people around."""
    return _CROWDS.has(text)


def intensity_of(text: str, note: str) -> int:
    """How strong a line is, 0 calm to 3 at the edge: its bracket, its marks and its words each count one."""
    feeling = expression_of(note)
    score = 1 if feeling in ("angry", "afraid", "sad", "surprised") else 0
    score += 1 if re.search(r"[!！]|[?？][!！]|…|\.\.\.|—", text) else 0
    score += 1 if _GRAVE.has(text) else 0
    return score


def mood_of(expression: str, weather: str, time: str) -> str:
    """A tone word for a shot: the strongest feeling in it, else what the hour and the weather bring."""
    if expression in _MOODS:
        return _MOODS[expression]
    if weather in ("rain", "fog") or time == "night":
        return "mysterious"
    return "quiet" if time in ("dusk", "dawn") else "calm"


_FIGHTS = Lexicon(
    {
        "fight": "fight hit slap punch kick strike slam smash crash scream shout chase bleed explode drag "
        "打 扇 踹 砸 摔 撞 掐 推倒 尖叫 大喊 争吵 扭打 追 流血 爆炸 拖 耳光 跪 破门 刺"
    }
)


def is_fight(text: str) -> bool:
    """Whether an action is a clash that needs no word."""
    return _FIGHTS.has(text)
