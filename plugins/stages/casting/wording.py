"""What a script says of a character beyond what a painter draws: height, bearing, eyes, relations."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import evolve

from ....events.cast import Profile, Relation

__all__ = ["relations_in", "worded"]

MOST_FEATURES = 4
_HEIGHT = {
    "tall": r"\btall\b|\b6'|高个|高挑|个子高|身材高大|身高一米[八九]|身高1[89]\d",
    "short in height": r"\bpetite\b|\bshort (?:man|woman|girl|boy)\b|矮小|个子矮|小个子|娇小",
}
_POSTURE = {
    "upright": r"\bupright\b|\bstraight-backed\b|\bmilitary bearing\b|腰板挺直|身姿挺拔|挺拔|笔直",
    "stooped": r"\bstoop(?:ed|ing|s)?\b|\bhunched\b|\bbent\b|驼背|佝偻|弓着背",
    "leaning on a cane": r"\b(?:cane|walking stick)\b|拄着?拐|拐杖",
}
_EYES = {
    "large": r"\b(?:big|large|wide|round)[- ]eye[sd]\b|大眼睛|圆眼",
    "narrow": r"\b(?:narrow|small|thin)[- ]eye[sd]\b|小眼睛|细长的?眼|眯缝眼",
    "phoenix eyes, long and lifted at the corners": r"丹凤眼|凤眼|\bphoenix eyes\b",
    "almond-shaped": r"杏眼|杏仁眼|\balmond[- ](?:shaped )?eye[sd]\b",
    "sharp": r"目光锐利|眼神锐利|眼神犀利|\b(?:sharp|piercing|keen)[- ]eye[sd]\b",
}
_LENGTH = {
    "waist-length": r"及腰|\bwaist[- ]length\b|to (?:her|his|the) waist",
    "shoulder-length": r"及肩|披肩|\bshoulder[- ]length\b|to (?:her|his|the) shoulders",
    "chin-length": r"齐耳|\bchin[- ]length\b|\bear[- ]length\b",
}
_ETHNICITY = {
    "Chinese": r"\bChinese\b|华人|汉族",
    "Uyghur": r"\bUyghur\b|维吾尔",
    "Tibetan": r"\bTibetan\b|藏族",
    "Mongolian": r"\bMongolian\b|蒙古族",
    "Korean": r"\bKorean\b|朝鲜族|韩国人",
    "Japanese": r"\bJapanese\b|日本人",
    "African": r"\bAfrican\b|非洲",
    "European": r"\bEuropean\b|\bCaucasian\b|白人|欧洲人",
    "Indian": r"\bIndian\b|印度人",
}
_EXPRESSION = {
    "smiles often": r"爱笑|总是微笑|\b(?:always|often) smil|\bquick to smile\b|笑容满面",
    "rarely smiles": r"不苟言笑|\b(?:rarely|never) smiles\b|面无表情|冷若冰霜|冷峻",
    "frowns": r"眉头紧锁|皱着眉|\bfrown(?:s|ing)\b|愁眉",
}
_FEATURE = re.compile(
    r"\bscars?\b|\bmole\b|\bdimples?\b|\btattoos?\b|\bbirthmark\b|\bfreckles?\b|\blimps?\b|\beye ?patch\b"
    r"|疤|痣|酒窝|纹身|胎记|雀斑|跛|独眼",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,.;，。；、\n]|\b(?:and|with|has|who|but)\b", re.IGNORECASE)
_MOST = 60
_DECADE = re.compile(
    r"\b((?:early|mid|late)[- ]?)?(twent|thirt|fort|fift|sixt|sevent|eight)ies\b", re.IGNORECASE
)
_KIN = (
    *("mother", "father", "wife", "husband", "son", "daughter", "brother", "sister", "fiance", "fiancee"),
    *("grandmother", "grandfather", "boss", "assistant", "secretary", "rival", "best friend", "friend"),
    *("girlfriend", "boyfriend", "ex-wife", "ex-husband", "driver", "teacher", "student", "colleague"),
)
_HAN_KIN = (
    *("母亲", "妈妈", "父亲", "爸爸", "妻子", "丈夫", "儿子", "女儿", "哥哥", "弟弟", "姐姐", "妹妹"),
    *("未婚妻", "未婚夫", "奶奶", "爷爷", "上司", "助理", "秘书", "对手", "闺蜜", "朋友", "女友", "男友"),
    *("前妻", "前夫", "司机", "老师", "学生", "同事", "养女", "养子", "继母", "继父"),
)


def worded(profile: Profile, description: str) -> Profile:
    """A profile with the free words that a description brings; what it does not say stays as it is."""
    text = description[:2_000]
    clauses = (" ".join(one.split())[:_MOST] for one in _CLAUSE.split(text) if _FEATURE.search(one))
    features = tuple(dict.fromkeys(clauses))
    expressions = tuple(word for word, found in _EXPRESSION.items() if re.search(found, text, re.IGNORECASE))
    decade = _DECADE.search(text)
    return evolve(
        profile,
        age_range=decade[0].lower() if decade else profile.age_range,
        height=_first(_HEIGHT, text) or profile.height,
        posture=_first(_POSTURE, text) or profile.posture,
        eye_shape=_first(_EYES, text) or profile.eye_shape,
        hair_length=_first(_LENGTH, text) or profile.hair_length,
        ethnicity=_first(_ETHNICITY, text) or profile.ethnicity,
        expressions=expressions or profile.expressions,
        features=features[:MOST_FEATURES] or profile.features,
    )


def relations_in(description: str, others: Iterable[str]) -> tuple[Relation, ...]:
    """What a description says this character is to others: "Lin's mother", 沈墨的未婚妻."""
    found = []
    for other in others:
        name = re.escape(other)
        english = re.search(rf"\b{name}['’]s ((?:\w+ )?(?:{'|'.join(_KIN)}))\b", description, re.IGNORECASE)
        han = re.search(rf"{name}的({'|'.join(_HAN_KIN)})", description)
        if english or han:
            found.append(Relation(other, english[1].lower() if english else han[1] if han else ""))
    return tuple(found)


def _first(table: dict[str, str], text: str) -> str:
    return next((word for word, found in table.items() if re.search(found, text, re.IGNORECASE)), "")
