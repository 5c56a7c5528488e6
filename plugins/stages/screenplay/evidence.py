"""Who is surely a person in a script, so that `门外：雨越下越大` is not given a voice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from .names import is_extra, is_group, is_narrator, same_key, split_names
from .wordlist import words

__all__ = ["Evidence"]

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_PHRASE_END = re.compile(
    r"(?:[上下里外内中前旁边处间时侧]|[前后背正里外对上下封侧]面|(?<![皇太王])后|(?:这|那|此)(?:时|刻)|瞬间|随后|突然|接着|同时|时候|部分|画面|镜头)$"
)
_PHRASE_START = re.compile(
    r"[他她它我你您这那此其每某当在从向把被只就才又再便而且但忽突随接紧原]|一[^\W]{1,3}$|众目"
)
_PHRASE_WORD = re.compile(r"[的了着过地得是有说道问喊写显看见听]|浮现|传来|响起|弹出|跳出|出现|变成|发来")
_TELLS = re.compile(r"(?:写|显示|声音|字样?|浮现|传来|弹出|备注|发来|收到|看到|看见|一行)")
_THINGS = words(
    "短信 微信 信息 消息 纸条 信件 信上 手机 手机屏幕 屏幕 电视 新闻 公告 弹幕 备注 日记 牌匾 招牌 "
    "标题 报纸 标语 横幅 "
    "来电 来电显示 热搜 评论 留言 邮件 合同 协议 诊断书 病历 照片 请柬 门牌 店名 字条 书名 定价 价格"
)
_ROLE = re.compile(
    r"(?:[员生士机安者人师察孩镖家鬟监卫主配长工兵客民贩婆爷奶妈爸哥姐弟妹叔姨婶嫂伯舅姑总董娘郎公女童仔僧尼帝妃侯将帅使"
    r"婢奴仆厮匪]|太后|皇后|王后|老板|秘书|经理|司机|同学|老师|丫头|少爷|先生|太太|夫人|掌柜|大夫|护士|村民|保安|系统)$"
)
# The common surnames, without those that begin common words: 阴影 and 水声 are nobody.
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严魏陶姜戚谢邹喻苏潘葛范彭鲁韦马苗俞任袁柳鲍史"
    "唐费薛雷贺倪汤滕殷罗毕郝邬康伍余顾孟黄萧尹姚邵汪祁毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾娄颜郭"
    "梅林刁钟徐邱骆夏蔡田樊胡凌霍虞柯卢莫裘缪邓郁杭洪诸崔吉龚程邢裴陆荣翁荀惠甄封储靳焦侯宁仇祖武刘"
    "景詹龙叶韶黎薄蒲卓屠蒙池乔阎翟谭姬申冉雍桑桂牛燕尚庄晏柴瞿慕艾容廖耿匡寇欧聂关荆岳楚曲肖简丁"
)
_NICK = re.compile(r"[小老阿大][\u3400-\u9fff]{1,2}$")
_SENTENCE_START = re.compile(r"(?:^|[,，。、!！?？;；…\s])([\u3400-\u9fff]{2,4})")
_LATIN = re.compile(r"[^\W\d_]+", re.ASCII)
_LABELS = words("later then meanwhile outside inside above below note finally suddenly elsewhere cut back")
_ENGLISH_THINGS = words("phone screen letter note text sign headline message label email caption display")
MAX_NAMES = 5_000
MAX_STARTS = 50_000


class Evidence:
    """What a whole script says about who is a person; collected before its lines are judged."""

    def __init__(self) -> None:
        self.listed: set[str] = set()
        self.spoken: Counter[str] = Counter()
        self._starts: set[str] = set()
        self._words: set[str] = set()

    def lists(self, text: str) -> None:
        """A cast list's names, or the name of one profile."""
        for name in split_names(text):
            if len(self.listed) < MAX_NAMES and name != "无":
                self.listed.add(same_key(name))
                self._words.update(word.casefold() for word in _LATIN.findall(name))

    def speaks(self, name: str) -> None:
        """A line that has the shape of this name's speech."""
        key = same_key(name)
        if key in self.spoken or len(self.spoken) < MAX_NAMES:
            self.spoken[key] += 1

    def acts(self, text: str) -> None:
        """An action: whoever begins a phrase of it is likely to be someone."""
        if len(self._starts) > MAX_STARTS:
            return
        for start in _SENTENCE_START.findall(text):
            self._starts.update(start[:length] for length in (2, 3, 4) if len(start) >= length)
        if text.isascii():
            self._starts.update(word for word in _LATIN.findall(text) if word[0].isupper())

    def knows(self, name: str) -> bool:
        """Whether the name is a person's beyond doubt: listed, or speaking more than once."""
        key = same_key(name)
        return key in self.listed or self.spoken[key] > 1

    def known_head(self, text: str) -> str:
        """The known name that a text begins with, "" for none: 小美 of 小美笑着说."""
        for length in range(min(4, len(text) - 1), 1, -1):
            if self.knows(text[:length]):
                return text[:length]
        return ""

    def is_manner(self, text: str) -> bool:
        """Whether what follows a known name before a colon may be how he speaks: 猛地抬头, not 家门外."""
        phrase = _PHRASE_END.search(text) or text[:1] in "的在和与跟、"
        return 1 < len(text) <= 8 and not phrase and not _TELLS.search(text)

    def judge(self, name: str, written: str = "") -> tuple[str, bool]:
        """(line | action | thing, whether that is sure) for a line of the shape `name：...`."""
        key = same_key(name)
        if key in self.listed or is_narrator(name) or is_group(name) or is_extra(name):
            return "line", True
        if not _HAN.search(name):
            return self._latin(name, written or name)
        if name in _THINGS:
            return "thing", False
        ends = _PHRASE_END.search(name) is not None
        phrase = ends or (
            len(name) > 2
            and (_PHRASE_START.match(name) or _PHRASE_WORD.search(name))
            and not _ROLE.search(name)
        )
        if phrase or len(name) > 8:
            if self.spoken[key] > 1 and not ends and len(name) <= 8:
                return "line", True
            return "action", len(name) > 10
        if self.spoken[key] > 1 or name in self._starts or _ROLE.search(name) or _NICK.match(name):
            return "line", True
        return "line", name[0] in _SURNAMES and len(name) <= 4

    def _latin(self, name: str, written: str) -> tuple[str, bool]:
        found = _LATIN.findall(written)
        if written == written.upper() and not (found and found[-1].casefold() in _ENGLISH_THINGS):
            return "line", True
        if all(word.casefold() in self._words for word in found):
            return "line", True
        if found and found[-1].casefold() in _ENGLISH_THINGS:
            return "thing", False
        if any(word[0].islower() for word in found):
            return "action", len(found) > 5
        if found and found[0].casefold() in _LABELS:
            return "action", False
        return "line", self.spoken[same_key(name)] > 1 or any(word in self._starts for word in found)


def split_joint(name: str, knows: Callable[[str], bool]) -> tuple[str, ...]:
    """The several who speak at once in `小美、老张` or `ANNA & BOB`; one name alone gives nothing."""
    parts = [part.strip() for part in re.split(r"[、/&＆／]|\s+(?:and|AND)\s+", name)]
    if len(parts) < 2 or not all(re.search(r"[^\W\d_]", part) for part in parts):
        parts = _by_word(name, knows)
    return tuple(parts) if 2 <= len(parts) <= 6 else ()


def _by_word(name: str, knows: Callable[[str], bool]) -> list[str]:
    """`小美和老张`, only where both are known: 和 stands in names, too."""
    for word in re.finditer(r"[和与跟]", name):
        one, two = name[: word.start()].strip(), name[word.end() :].strip()
        if knows(one) and knows(two):
            return [one, two]
    return []
