"""The painter's dictionary: free English or Chinese words to the few things that it can draw."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .seed import choose

Vocabulary = Mapping[str, str]  # what is drawn -> the words for it, parted by spaces

SETS: Vocabulary = {
    "teahouse": (
        "teahouse tea tavern inn restaurant cafe café bar pub canteen banquet dining 茶馆 "
        "茶楼 茶 酒楼 酒馆 客栈 饭店 餐厅 咖啡"
    ),
    "hospital": "hospital ward clinic icu surgery infirmary medical corridor morgue 医院 病房 诊所 手术 急诊",
    "study": "study library den archive bookshop 书房 书斋 图书馆 书店 藏书",
    "office": (
        "office boardroom meeting conference company lobby bank headquarters studio "
        "school classroom police "
        "station interrogation lab court "
        "办公 公司 会议 总裁 大厅 银行 学校 教室 警察 警局 法院 实验"
    ),
    "courtyard": (
        "courtyard yard garden temple shrine palace manor mansion pavilion siheyuan "
        "wedding 院子 庭院 四合院 花园 后院 "
        "院 园 宫 庙 寺 府 亭"
    ),
    "alley": "alley alleyway lane hutong backstreet passage 巷 胡同 弄堂 小路",
    "street": (
        "street road market square town city shop plaza crossing station pavement "
        "sidewalk bus car taxi parking gate 街 路 "
        "市场 广场 马路 城 店 车 停车 门口"
    ),
    "home": (
        "home house room apartment flat bedroom living kitchen parlour parlor hotel suite "
        "dorm villa bathroom 家 客厅 卧室 房 "
        "公寓 厨房 宿舍 酒店 别墅 屋"
    ),
    "rooftop": "rooftop roof terrace balcony skyline tower 天台 楼顶 屋顶 阳台 露台",
    "forest": (
        "forest wood woods jungle mountain hill park field grass cave grave cemetery 森林 "
        "树林 林 山 公园 田 草 坟 墓"
    ),
    "dock": (
        "dock harbour harbor pier port wharf river sea lake beach bridge boat ship shore "
        "码头 港 河 海 湖 桥 船 岸"
    ),
}
OUTDOOR = frozenset({"courtyard", "alley", "street", "rooftop", "forest", "dock"})
CROWDED = (
    "teahouse tavern inn restaurant cafe bar banquet market square street station "
    "crowd crowded busy wedding party lobby "
    "canteen ward 茶馆 茶楼 酒楼 市场 广场 街 人群 婚礼 热闹 大厅 餐厅"
)

TIMES: Vocabulary = {
    "night": "night midnight evening late 夜 晚 深夜",
    "dusk": "dusk sunset twilight magic golden 黄昏 傍晚 暮",
    "dawn": "dawn sunrise daybreak early 晨 清晨 黎明 拂晓 早",
    "day": "day morning noon afternoon midday daytime 日 白天 上午 中午 下午 午后 昼",
}
WEATHERS: Vocabulary = {
    "rain": "rain rainy storm drizzle thunder downpour 雨 雷 暴雨",
    "snow": "snow snowy blizzard 雪",
    "fog": "fog mist misty haze smoke smog 雾 霾 烟",
    "clear": "clear sun sunny dry fair 晴",
}
SIZES: Vocabulary = {
    "EWS": "ews els extreme-wide establishing aerial 远景 大远景",
    "WS": "ws ls wide long full-shot master 全景",
    "FS": "fs full 中全景",
    "MCU": "mcu medium-close medium-close-up chest 中近景 近景",
    "ECU": "ecu xcu extreme-close extreme-close-up detail 大特写",
    "CU": "cu close close-up closeup 特写",
    "INSERT": "insert object macro 插入 空镜",
    "TWO": "two two-shot 2s 双人",
    "OTS": "ots over-the-shoulder shoulder 过肩",
    "MS": "ms medium mid cowboy 中景",
}
ANGLES: Vocabulary = {
    "low": "low up worm 仰",
    "high": "high down bird top overhead 俯",
    "dutch": "dutch tilted canted 斜",
    "eye": "eye level straight 平",
}
POSITIONS: Vocabulary = {
    "centre-left": "centre-left center-left left-centre left-center 中左",
    "centre-right": "centre-right center-right right-centre right-center 中右",
    "left": "left 左",
    "right": "right 右",
    "centre": "centre center middle 中",
}
FACINGS: Vocabulary = {
    "away": "away back behind 背",
    "left": "left 左",
    "right": "right 右",
    "camera": "camera front us viewer forward 正",
}
EXPRESSIONS: Vocabulary = {
    "happy": (
        "happy smile smiling joy joyful laugh laughing glad cheerful amused delighted "
        "excited proud 笑 喜 开心 高兴 快乐"
    ),
    "sad": "sad sorrow grief crying cry tears tearful hurt disappointed lonely 悲 哭 伤心 难过 泪 哀",
    "angry": "angry anger furious rage mad cold hateful fierce stern shouting 怒 愤怒 生气 恨 冷",
    "afraid": "afraid fear scared terrified worried anxious nervous panic 怕 恐惧 害怕 担心 慌",
    "surprised": "surprised surprise shock shocked astonished stunned amazed 惊 震惊 惊讶 吃惊",
    "tense": "tense suspicious wary serious grim determined focused worried doubtful 紧张 严肃 警惕 怀疑",
    "tender": "tender soft gentle warm loving love kind calm relieved shy hopeful 温柔 柔 爱 平静 害羞",
    "tired": "tired weary exhausted sleepy bored 累 疲 困",
    "smug": "smug sly sarcastic contempt mocking smirk sneer 得意 嘲讽 冷笑",
    "neutral": "neutral plain blank none 平淡",
}
POSES: Vocabulary = {
    "drink": "drink drinks drinking sip sips toast 喝 饮 敬酒",
    "give": (
        "hand hands give gives offer offers pass passes push pushes slide slides "
        "hand-over receive takes 递 给 交 推 塞"
    ),
    "point": "point points pointing accuse accuses gesture gestures 指",
    "call": "phone phones call calls calling telephone 电话",
    "hold": (
        "hold holds holding carry carries read reads grip grips clutch clutches open "
        "opens look-at show shows 拿 持 握 抱 看 读 捧"
    ),
    "raise": (
        "raise raises wave waves greet greets shout shouts throw throws slap slaps swing swings 挥 举 扔 打"
    ),
    "cross": "cross crosses crossed-arms arms folded refuse refuses wait waits lean leans 抱臂 靠 等",
    "think": "think thinks ponder ponders wonder hesitates hesitate considers 想 思 犹豫",
    "sit": "sit sits sitting seated kneel kneels rest 坐 跪",
    "walk": (
        "enter enters walk walks run runs leave leaves exit exits step steps rush rushes "
        "arrive 走 跑 进 入 离 出"
    ),
    "stand": "stand stands standing 站 立",
}
PROPS: Vocabulary = {
    "cup": "cup tea teacup mug coffee 杯 茶",
    "glass": "glass wine whisky whiskey drink champagne 酒",
    "letter": "letter envelope note invitation 信 请柬 字条",
    "paper": (
        "paper document contract file will report certificate agreement test page map "
        "ticket 纸 文件 合同 协议 报告 证 遗嘱 图 票"
    ),
    "phone": "phone mobile smartphone cellphone call 手机 电话",
    "knife": "knife dagger blade sword 刀 剑 匕首",
    "gun": "gun pistol revolver weapon 枪",
    "money": "money cash banknote bill check cheque 钱 钞 支票",
    "photo": "photo photograph picture portrait 照片 相片",
    "ring": "ring diamond jewel 戒指 钻",
    "key": "key keys 钥匙",
    "book": "book diary ledger notebook account 书 日记 账",
    "bottle": "bottle medicine pills poison vial drug 瓶 药 毒",
    "flower": "flower rose bouquet flowers 花 玫瑰",
    "pendant": "pendant jade necklace bracelet locket amulet 玉 项链 手镯 吊坠 佩",
    "package": "package parcel box bundle gift case suitcase bag present 包裹 盒 包 礼 箱",
}
HAIR: Vocabulary = {
    "long": "long straight flowing 长发 长",
    "wavy": "wavy wave waves 波浪",
    "bob": "bob chin-length pageboy 波波",
    "bun": "bun chignon updo knot 髻 盘发",
    "ponytail": "ponytail pony tail 马尾",
    "braid": "braid braids plait plaits 辫",
    "side-part": "side-part parted part comb-over 分头 偏分",
    "slick": "slick slicked back pomade 背头",
    "crew": "crew buzz cropped military 平头 寸头",
    "curly": "curly curls afro perm 卷",
    "bald": "bald shaved none 光头 秃",
    "topknot": "topknot ancient 发冠 束发",
    "short": "short pixie 短",
}
CLOTHES: Vocabulary = {
    "qipao": "qipao cheongsam 旗袍",
    "changshan": "changshan changpao mandarin tunic 长衫 长袍 唐装",
    "suit": "suit tuxedo business blazer 西装 西服",
    "uniform": "uniform police soldier officer guard military 制服 警服 军装",
    "labcoat": "labcoat lab doctor nurse medical white-coat 白大褂 医生 护士",
    "hoodie": "hoodie sweatshirt hooded 卫衣",
    "coat": "coat trenchcoat trench overcoat 大衣 风衣",
    "jacket": "jacket leather bomber denim 夹克 外套",
    "sweater": "sweater jumper cardigan pullover knit 毛衣",
    "dress": "dress gown skirt 裙 礼服",
    "robe": "robe hanfu kimono 汉服 袍",
    "shirt": "shirt blouse tee t-shirt tshirt top vest apron 衬衫 衣",
}
FACES: Vocabulary = {
    "oval": "oval egg 鹅蛋",
    "round": "round full chubby 圆",
    "square": "square angular strong 方",
    "heart": "heart v-shaped 瓜子 心形",
    "long": "long thin narrow 长",
    "diamond": "diamond sharp 菱",
}
BUILDS: Vocabulary = {
    "slim": "slim thin slender lean petite 瘦 苗条",
    "heavy": "heavy fat stout plump 胖",
    "broad": "broad muscular strong athletic 壮 魁梧",
    "average": "average normal medium 中等",
}
GENDERS: Vocabulary = {
    "female": "female woman girl f she lady 女",
    "male": "male man boy m he 男",
    "neutral": "neutral they nonbinary other",
}
MARKS: Vocabulary = {
    "moustache": "moustache mustache 胡髭 八字胡",
    "goatee": "goatee 山羊胡",
    "beard": "beard bearded 胡子 胡须 络腮胡",
    "stubble": "stubble 胡茬",
    "glasses": "glasses spectacles 眼镜",
    "wrinkles": "wrinkles wrinkled old lines 皱纹",
    "mole": "mole beauty 痣",
    "scar": "scar scarred 疤 伤疤",
    "freckles": "freckles 雀斑",
    "earrings": "earrings earring 耳环",
}

_WORD = re.compile(r"[a-zé0-9]+")
_LONGEST = 3  # words that make one name, as in extreme-close-up


def _tokens(text: str) -> tuple[str, set[str]]:
    """The lower-case text, and its Latin words, single and joined by hyphens to neighbours."""
    low = text.lower()
    words = _WORD.findall(low)
    runs = {"-".join(words[i : i + n]) for n in range(1, _LONGEST + 1) for i in range(len(words) - n + 1)}
    return low, runs


def find_all(text: str, vocabulary: Vocabulary) -> list[str]:
    """Everything in the vocabulary that the text names, in the vocabulary's order."""
    low, words = _tokens(text)
    have = words | {w[:-1] for w in words if w.endswith("s") and len(w) > 3}
    found = []
    for name, entry in vocabulary.items():
        for word in entry.split():
            # Chinese has no spaces between words, so its words are looked for inside the text.
            if (word in have) if word.isascii() or word == "café" else (word in low):
                found.append(name)
                break
    return found


def find(text: str, vocabulary: Vocabulary, default: str = "") -> str:
    """The first thing of the vocabulary that the text names: its own name first, "
    "then its words, else default."""
    plain = text.strip().lower().replace("_", "-").replace(" ", "-")
    for name in vocabulary:
        if plain == name.lower():
            return name
    found = find_all(text, vocabulary)
    return found[0] if found else default


def find_or_choose(text: str, vocabulary: Vocabulary, options: Sequence[str], *keys: str) -> str:
    """As `find`; an unknown text gets one of the options, always the same for the same text and keys."""
    return find(text, vocabulary) or choose(options, *keys, text.strip().lower())


def is_empty(place: str) -> bool:
    """Whether the place is said to have nobody in it."""
    return bool(find_all(place, {"empty": "empty deserted abandoned vacant 空荡 空旷 空无一人 无人 废弃"}))


def is_crowded(place: str) -> bool:
    """Whether extras belong in the place."""
    return bool(find_all(place, {"crowd": CROWDED}))
