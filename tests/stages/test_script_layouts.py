"""The short-drama layouts: each house's dialect to the letter, what is doubtful told, no spoken word lost."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.core.errors import BadSetting
from duanju.core.settings import Settings
from duanju.core.settings_file import load_settings
from duanju.events.script import Element, SceneParsed, ShotPlanned
from duanju.plugins.stages.screenplay.breakdown import breakdown
from duanju.plugins.stages.screenplay.chinese import read_chinese
from duanju.plugins.stages.screenplay.chinese_marks import heading_of
from duanju.plugins.stages.screenplay.detect import split_lines
from duanju.plugins.stages.screenplay.model import Screenplay
from duanju.plugins.stages.screenplay.names import is_extra, is_group, members
from duanju.plugins.stages.screenplay.parse import parse, read
from duanju.plugins.stages.screenplay.speech import split_words
from duanju.plugins.stages.screenplay.voices import read_speaker
from duanju.plugins.stages.screenplay.widths import fold, undress

LAYOUTS = Path(__file__).parents[1] / "fixtures" / "scripts" / "layouts"
SCRIPTS = sorted(one for one in LAYOUTS.iterdir() if one.suffix != ".json")
HEAD = "人物：小美、老张\n1-1 日 内 茶馆\n"


def plain(one: Element) -> dict[str, Any]:
    """An element as the expectations write it: without what is empty, and without the line's number."""
    row = {"lines": [one.first, one.last], "type": one.type, "text": one.text}
    more = {key: getattr(one, key) for key in ("character", "how", "note", "number", "dual")}
    return row | {key: value for key, value in more.items() if value}


def told(text: str, os: str = "inner") -> list[tuple[str, ...]]:
    """(type, text, character, how, note) of what stands in one scene."""
    play = parse(HEAD + text, "chinese", os=os)
    return [(e.type, e.text, e.character, e.how, e.note) for e in play.elements if e.first > 2]


def one_line(text: str, os: str = "inner") -> tuple[str, ...]:
    (found,) = told(text, os)
    assert found[0] == "line"
    return found[1:]


def doubts(text: str) -> list[tuple[int, str, str]]:
    play = parse(HEAD + text, "chinese")
    return [(one.number - 2, one.taken, one.other) for one in play.ambiguous]


def assert_covered(lines: list[str], play: Screenplay) -> None:
    """Each line is in one element, or unmapped, or blank; never in two."""
    owner: Counter[int] = Counter()
    for one in play.elements:
        owner.update(range(one.first, one.last + 1))
    owner.update(one.number for one in play.unmapped)
    assert max(owner.values(), default=0) <= 1
    for number, line in enumerate(lines, 1):
        assert owner[number] or not line.strip(" \t\u3000\ufeff\xa0").strip(), f"line {number}: {line!r}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_house_is_read_to_the_letter(path: Path) -> None:
    wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    data = path.read_bytes()
    play = read(data, file=path.name, os=wanted["os"])
    assert play.format == "chinese"
    assert (play.title, play.language) == (wanted["title"], wanted["language"])
    assert [plain(one) for one in play.elements] == wanted["elements"]
    scenes = [
        {"place": s.place, "interior": s.interior, "time": s.time, "characters": list(s.characters)}
        for s in play.scenes
    ]
    assert scenes == wanted["scenes"]
    found = [{"line": one.number, "taken": one.taken, "other": one.other} for one in play.ambiguous]
    assert found == wanted["ambiguous"]
    assert [one.number for one in play.unmapped] == wanted["unmapped"]
    lines = split_lines(data.decode())
    assert len(lines) >= 40
    assert_covered(lines, play)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_spoken_words_stand_in_the_source(path: Path) -> None:
    """Every word of a line stands in its source lines, in order, and only directions lie between."""
    lines = split_lines(path.read_text(encoding="utf-8"))
    for one in read(path.read_bytes()).elements:
        if one.type != "line":
            continue
        source = unicodedata.normalize(
            "NFC", "".join(undress(line)[0] for line in lines[one.first - 1 : one.last])
        )
        at = 0
        for char in unicodedata.normalize("NFC", one.text):
            at = source.index(char, at) + 1
        if not one.note and one.first == one.last:
            assert source.rstrip("】").endswith(one.text)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("小美：你好。", ("你好。", "小美", "spoken", "")),
        ("小美:你好.", ("你好.", "小美", "spoken", "")),
        ("小美 ： 你好。  ", ("你好。", "小美", "spoken", "")),
        ("小美（低声）：你好。", ("你好。", "小美", "spoken", "低声")),
        ("小美(低声):你好。", ("你好。", "小美", "spoken", "低声")),
        ("小美【低声】：你好。", ("你好。", "小美", "spoken", "低声")),
        ("小美：（低声，看着他）你好。", ("你好。", "小美", "spoken", "低声，看着他")),
        ("小美：你好。（转身）再见。", ("你好。再见。", "小美", "spoken", "转身")),
        ("小美（笑）：你好。【哭】再见。", ("你好。再见。", "小美", "spoken", "笑，哭")),
        ("**小美**（低声）：你**好**。", ("你好。", "小美", "spoken", "低声")),
        ("- 小美：你好。", ("你好。", "小美", "spoken", "")),
        ("1、小美：你好。", ("你好。", "小美", "spoken", "")),
        ("小美：你好（未完", ("你好（未完", "小美", "spoken", "")),
        ("小美：“你好。”", ("“你好。”", "小美", "spoken", "")),
        ("小美：ＡＢＣ１２３，你好！", ("ＡＢＣ１２３，你好！", "小美", "spoken", "")),
        ("小美：三点：零七分。", ("三点：零七分。", "小美", "spoken", "")),
        ("小美OS：他来了。", ("他来了。", "小美", "inner", "")),
        ("小美ＯＳ：他来了。", ("他来了。", "小美", "inner", "")),
        ("小美 o.s.：他来了。", ("他来了。", "小美", "inner", "")),
        ("小美（OS，哽咽）：他来了。", ("他来了。", "小美", "inner", "哽咽")),
        ("小美（哽咽 OS）：他来了。", ("他来了。", "小美", "inner", "哽咽")),
        ("小美：（OS）他来了。", ("他来了。", "小美", "inner", "")),
        ("[OS] 小美：他来了。", ("他来了。", "小美", "inner", "")),
        ("【OS】小美（哭）：他来了。", ("他来了。", "小美", "inner", "哭")),
        ("（OS）小美：他来了。", ("他来了。", "小美", "inner", "")),
        ("OS小美：他来了。", ("他来了。", "小美", "inner", "")),
        ("【小美OS：他来了。】", ("他来了。", "小美", "inner", "")),
        ("小美内心独白：他来了。", ("他来了。", "小美", "inner", "")),
        ("小美（内心）：他来了。", ("他来了。", "小美", "inner", "")),
        ("小美心声：他来了。", ("他来了。", "小美", "inner", "")),
        ("小美VO：那年夏天。", ("那年夏天。", "小美", "vo", "")),
        ("小美（V.O.）：那年夏天。", ("那年夏天。", "小美", "vo", "")),
        ("【VO：那年夏天。】", ("那年夏天。", "旁白", "vo", "")),
        ("【VO】那年夏天。", ("那年夏天。", "旁白", "vo", "")),
        ("VO：那年夏天。", ("那年夏天。", "旁白", "vo", "")),
        ("旁白：那年夏天。", ("那年夏天。", "旁白", "vo", "")),
        ("（旁白：那年夏天。）", ("那年夏天。", "旁白", "vo", "")),
        ("小美（画外音）：等等！", ("等等！", "小美", "off", "")),
        ("小美画外音：等等！", ("等等！", "小美", "off", "")),
        ("【画外音·小美】等等！", ("等等！", "小美", "off", "")),
        ("群演甲：快跑！", ("快跑！", "群演甲", "spoken", "")),
        ("黑衣人A（狞笑）：往哪跑？", ("往哪跑？", "黑衣人A", "spoken", "狞笑")),
        ("众人（齐声）：好！", ("好！", "众人", "spoken", "齐声")),
        ("合：好！", ("好！", "合", "spoken", "")),
        ("小美、老张：好！", ("好！", "小美、老张", "spoken", "")),
        ("路人甲、乙：哇！", ("哇！", "路人甲、路人乙", "spoken", "")),
        ("小美/老张（异口同声）：好！", ("好！", "小美、老张", "spoken", "异口同声")),
        ("小美和老张：好！", ("好！", "小美、老张", "spoken", "")),
        ("画外音（小美）：等等！", ("等等！", "小美", "off", "")),
        ("OS（小美）：他来了。", ("他来了。", "小美", "inner", "")),
        ("旁白（男声）：那年夏天。", ("那年夏天。", "旁白", "vo", "男声")),
        ("小美\t你来了。", ("你来了。", "小美", "spoken", "")),
        ("小美　　　你来了。", ("你来了。", "小美", "spoken", "")),
        ("@门外：谁？", ("谁？", "门外", "spoken", "")),
    ],
)
def test_a_line_in_the_ways_of_the_houses(line: str, wanted: tuple[str, ...]) -> None:
    assert one_line(line) == wanted


@pytest.mark.parametrize(
    ("line", "kind", "text", "note"),
    [
        ("△小美走进来。", "action", "小美走进来。", ""),
        ("▲ 小美走进来。", "action", "小美走进来。", ""),
        ("△：小美走进来。", "action", "小美走进来。", ""),
        ("1、小美走进来。", "action", "小美走进来。", ""),
        ("2. 小美走进来。", "action", "小美走进来。", ""),
        ("（3）小美走进来。", "action", "小美走进来。", ""),
        ("①小美走进来。", "action", "小美走进来。", ""),
        ("小美走进来。", "action", "小美走进来。", ""),
        ("（小美走进来。）", "action", "小美走进来。", ""),
        ("△【特写】戒指内侧的名字。", "action", "戒指内侧的名字。", "特写"),
        ("△【慢，跟她的脚步】小美走远。", "action", "小美走远。", "慢，跟她的脚步"),
        ("△【小美】走远。", "action", "【小美】走远。", ""),
        ("【特写】戒指内侧的名字。", "action", "戒指内侧的名字。", "特写"),
        ("【特写：戒指内侧的名字】", "action", "戒指内侧的名字", "特写"),
        ("特写：戒指内侧的名字。", "action", "戒指内侧的名字。", "特写"),
        ("（近景）小美低头。", "action", "小美低头。", "近景"),
        ("【特写】", "cue", "特写", ""),
        ("【字幕：三天后】", "cue", "字幕：三天后", ""),
        ("字幕：三天后", "cue", "字幕：三天后", ""),
        ("【字幕】三天后", "cue", "字幕：三天后", ""),
        ("［字幕：三天后］", "cue", "字幕：三天后", ""),
        ("[TITLE CARD: Three days later]", "cue", "TITLE CARD: Three days later", ""),
        ("音效：雷声", "cue", "音效：雷声", ""),
        ("♪：风声贴窗", "cue", "♪：风声贴窗", ""),
        ("♪ 月亮代表我的心 ♪", "lyric", "月亮代表我的心", ""),
        ("【闪回】", "transition", "闪回", ""),
        ("【闪回结束】", "transition", "闪回结束", ""),
        ("【闪回：三年前】", "transition", "闪回：三年前", ""),
        ("【切至：街道】", "transition", "切至：街道", ""),
        ("（本集完）", "transition", "本集完", ""),
        ("------ 第一集 完 ------", "transition", "第一集 完", ""),
        ("▲切镜", "transition", "切镜", ""),
        ("=== 第2集 ===", "section", "第2集", ""),
        ("【第2集】", "section", "【第2集】", ""),
        ("SMASH CUT TO BLACK.", "transition", "SMASH CUT TO BLACK.", ""),
        ("> 叠化到清晨", "transition", "叠化到清晨", ""),
        ("> 全剧终 <", "centred", "全剧终", ""),
        ("# 第二幕", "section", "第二幕", ""),
        ("= 小美发现真相", "synopsis", "小美发现真相", ""),
        ("本场梗概：小美发现真相", "synopsis", "本场梗概：小美发现真相", ""),
        ("备注：戒指要用银的", "note", "备注：戒指要用银的", ""),
        ("[[戒指要用银的]]", "note", "戒指要用银的", ""),
        ("/* 删掉这一句 */", "boneyard", "删掉这一句", ""),
        ("<!-- 删掉这一句 -->", "boneyard", "删掉这一句", ""),
        ("人物：小美、老张", "cast", "人物：小美、老张", ""),
        ("【出场人物】小美、老张", "cast", "出场人物：小美、老张", ""),
        ("- 12 -", "note", "- 12 -", ""),
        ("第3页 共20页", "note", "第3页 共20页", ""),
        ("版权归星汇所有，严禁外传", "note", "版权归星汇所有，严禁外传", ""),
        ("————————", "page-break", "————————", ""),
        ("***", "page-break", "***", ""),
    ],
)
def test_what_is_no_line(line: str, kind: str, text: str, note: str) -> None:
    assert told(line) == [(kind, text, "", "", note)]


@pytest.mark.parametrize(
    ("line", "place", "interior", "time", "number"),
    [
        ("1-1 日 内 茶馆", "茶馆", True, "day", "1-1"),
        ("1-1日 内 茶馆", "茶馆", True, "day", "1-1"),
        ("１－１　日　内　茶馆", "茶馆", True, "day", "1-1"),
        ("1-1 内景 茶馆 日", "茶馆", True, "day", "1-1"),
        ("1-1、茶馆·二楼（夜/外）", "茶馆·二楼", False, "night", "1-1"),
        ("1-1 规则怪谈世界，集合广场，日", "规则怪谈世界，集合广场", True, "day", "1-1"),
        ("**1-1 日 内 沪上 张家**", "沪上 张家", True, "day", "1-1"),
        ("2-3 夜 内/外 车站", "车站", True, "night", "2-3"),
        ("2-3 外／内 车站 夜", "车站", False, "night", "2-3"),
        ("3-2 次日 清晨 内 家", "家", True, "dawn", "3-2"),
        ("场1", "场1", True, "day", "1"),
        ("场1-2 夜 外 小巷", "小巷", False, "night", "1-2"),
        ("场景一：茶馆 夜 内", "茶馆", True, "night", "一"),
        ("第一场 茶馆 夜 内", "茶馆", True, "night", "一"),
        ("【第三场 茶馆 夜 内】", "茶馆", True, "night", "三"),
        ("第二集 第三场 茶馆 夜 内", "茶馆", True, "night", "三"),
        ("## S01 | 内景 · 咖啡厅 | 黄昏", "咖啡厅", True, "dusk", "S01"),
        ("### 场次2-1 夜外 码头", "码头", False, "night", "2-1"),
        ("场次（1）地点：兰州拉面馆，夜，内；出场人物：杜晨，老板", "兰州拉面馆", True, "night", "1"),
        ("20、卫生间 日 内", "卫生间", True, "day", "20"),
        ("3 张三卧室 日内", "张三卧室", True, "day", "3"),
        ("茶馆 夜 外", "茶馆", False, "night", ""),
        ("场景：茶馆，夜，外", "茶馆", False, "night", ""),
        ("【场景】茶馆 夜 外", "茶馆", False, "night", ""),
        ("场景：茶馆\n时间：夜", "茶馆", True, "night", ""),
        ("时间：夜\n地点：茶馆", "茶馆", True, "night", ""),
        ("## 1-1 客厅-内-日", "客厅", True, "day", "1-1"),
        ("1-1、上海老城·封门旧址 深夜 外", "上海老城·封门旧址", False, "night", "1-1"),
        ("Scene 1-1: EXT. SCHOOL COURT - DAY", "SCHOOL COURT", False, "day", "1-1"),
        ("SCENE 3: INT. OFFICE - NIGHT", "OFFICE", True, "night", "3"),
        ("1-1 DAY INT TEAHOUSE", "TEAHOUSE", True, "day", "1-1"),
    ],
)
def test_headings(line: str, place: str, interior: bool, time: str, number: str) -> None:
    scene = parse(f"{line}\n小美：好。\n小美：走。\n", "chinese").scenes[0]
    assert (scene.place, scene.interior, scene.time) == (place, interior, time)
    assert scene.elements[0].number == number


@pytest.mark.parametrize(
    "line",
    [
        "第二场雪下得很大。",
        "场景一片混乱。",
        "3-5个黑衣人冲进来",
        "3-5个黑衣人冲进来。",
        "1、我们要冷静。",
        "2024-01-01 新闻",
        "日内瓦湖边下着雨。",
        "10-20分钟后",
    ],
)
def test_what_is_no_heading(line: str) -> None:
    assert heading_of(line) is None


def test_a_heading_goes_on_below_itself() -> None:
    play = parse(
        "场1\n时间：夜\n\n地点：地下停车场\n人物：小美\n小美：谁？\n8-2\n场景：清晨 外 码头\n小美：走。\n",
        "chinese",
    )
    assert [(one.place, one.interior, one.time) for one in play.scenes] == [
        ("地下停车场", True, "night"),
        ("码头", False, "dawn"),
    ]
    heading = play.elements[0]
    assert (heading.text, heading.first, heading.last) == ("场1 时间：夜 地点：地下停车场", 1, 4)
    assert heading_of(heading.text) == heading_of("场1 时间：夜 地点：地下停车场")


@pytest.mark.parametrize(
    ("line", "taken", "other"),
    [
        ("门外：雨越下越大。", "action", "line of 门外"),
        ("桌上：一封信。", "action", "line of 桌上"),
        ("三天后：小美回来了。", "action", "line of 三天后"),
        ("短信：别信他。", "cue", "line of 短信"),
        ("LENA'S PHONE: unknown caller", "cue", "line of Lena's Phone"),
        ("（OS）他在说谎。", "voice of 旁白", "somebody's thought"),
        ("阴影：你终于来了。", "line of 阴影", "action"),
        ("小美笑着说：你来了。", "line of 小美", "action"),
        ("△老张：他来了。", "action", "line of 老张"),
        ("小美：我是王（建国）家的。", "direction (建国)", "spoken words"),
        ("On the table: a letter.", "action", "line of On the table"),
    ],
)
def test_what_reads_in_two_ways_is_told(line: str, taken: str, other: str) -> None:
    text = f"{line}\n小美：好。\n老张：走。\n小美：嗯。\n老张：快。\n"
    assert doubts(text) == [(1, taken, other)]


def test_evidence_decides_without_doubt() -> None:
    """Who is listed, or speaks again, or has a role or a surname, is somebody; a clause is an action."""
    text = "影子：你来了。\n影子：坐。\n张医生：病人醒了。\n小护士：快来！\n"
    text += "她拿起手机看到一条来自妈妈的短信：回家吃饭。\n"
    assert doubts(text) == []
    assert [kind for kind, *_ in told(text)] == ["line", "line", "line", "line", "action"]
    assert parse("人物：门外\n" + HEAD + "门外：谁？\n", "chinese").ambiguous == ()


def test_a_thought_without_a_name_is_of_who_spoke_last() -> None:
    assert told("老张：走吧。\nOS：我走不动了。\n")[1] == ("line", "我走不动了。", "老张", "inner", "")
    assert doubts("老张：走吧。\nOS：我走不动了。\n") == [(2, "thought of 老张", "voice of 旁白")]


def test_words_below_the_name() -> None:
    assert told("秘书：\n陆总，股东们到了。\n") == [("line", "陆总，股东们到了。", "秘书", "spoken", "")]
    found = told("小美\n（低声）\n我知道。\n老张：好。\n")
    assert found[0] == ("line", "我知道。", "小美", "spoken", "低声")
    assert told("小美（OS）：\n他来了。\n老张：好。\n")[0][3] == "inner"
    assert told("小美：\n△她走了。\n") == [("action", "她走了。", "", "", "")]


def test_a_wrapped_speech_goes_on_and_is_told() -> None:
    text = "△一。\n△二。\n△三。\n小美：这辈子\n最对不起的就是你。\n△四。\n"
    assert told(text)[3] == ("line", "这辈子最对不起的就是你。", "小美", "spoken", "")
    assert doubts(text) == [(5, "line of 小美", "action")]


def test_at_once() -> None:
    play = parse(HEAD + "小美：我来！\n老张（同时，急）：我来！\n小美（同时）：\n别动！\n", "chinese")
    lines = [(one.dual, one.note, one.text) for one in play.elements if one.type == "line"]
    assert lines == [(False, "", "我来！"), (True, "急", "我来！"), (True, "", "别动！")]


@pytest.mark.parametrize(
    ("name", "who", "how"),
    [
        ("CARLOS", "Carlos", "spoken"),
        ("IVO", "Ivo", "spoken"),
        ("CARLOS VO", "Carlos", "vo"),
        ("MAYA OS", "Maya", "inner"),
        ("独白者", "独白者", "spoken"),
        ("小美·OS", "小美", "inner"),
    ],
)
def test_a_voice_mark_is_not_the_end_of_a_name(name: str, who: str, how: str) -> None:
    speaker = read_speaker(name, [], "inner")
    assert (speaker.name, speaker.how) == (who, how)


def test_extras_speak_but_come_last() -> None:
    text = "路人甲：看！\n黑衣人A：滚！\n众人：啊！\n小美：住手。\n老张：别动。\n"
    play = parse(HEAD + text, "chinese")
    assert [one.name for one in play.characters] == ["小美", "老张", "路人甲", "黑衣人A", "众人"]
    assert all(one.lines == 1 for one in play.characters)
    assert [is_extra(name) for name in ("记者甲", "GUARD #2", "王甲", "小A", "张三", "李四光")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    assert is_group("宾客们")
    assert members("小美、老张") == ("小美", "老张")


def test_a_part_of_a_listed_name_is_that_person() -> None:
    play = parse(
        "Characters:\nMa Yihua (17): loud\nChen Moli (17): vain\n\n"
        "Scene 1-1: INT. BUS - DAY\nYIHUA: Hi.\nMOLI: No.\n",
        "chinese",
    )
    assert [(one.name, one.lines) for one in play.characters] == [("Ma Yihua", 1), ("Chen Moli", 1)]
    assert play.elements[-1].character == "Chen Moli"
    both = parse("人物：沈青乔、陆青乔、沈念安\n1-1 日 内 家\n青乔：在。\n念安：在。\n", "chinese")
    assert [one.name for one in both.characters if one.lines] == ["青乔", "沈念安"]


# What OS means


def scenes_of(play: Screenplay) -> list[SceneParsed]:
    return [
        SceneParsed(
            revision=1, scene=f"S{n:02d}", number=n, of=len(play.scenes), heading=one.heading,
            place=one.place, interior=one.interior, time=one.time, language=play.language,
            first=one.first, last=one.last, characters=one.characters, elements=one.elements,
        )
        for n, one in enumerate(play.scenes, 1)
    ]  # fmt: skip


def shot_with(words: str, shots: list[ShotPlanned]) -> ShotPlanned:
    return next(shot for shot in shots if any(line.text == words for line in shot.lines))


@pytest.mark.parametrize("mark", ["小美OS：他在说谎。", "小美（OS）：他在说谎。", "[OS] 小美：他在说谎。"])
def test_os_is_a_setting_that_decides_who_is_seen(mark: str) -> None:
    text = HEAD + f"△小美推门进来，老张坐在桌边。\n小美：是你。\n老张：坐。\n{mark}\n老张：喝茶。\n"
    for os in ("inner", "off"):
        (scene,) = scenes_of(parse(text, os=os))
        shot = shot_with("他在说谎。", breakdown(scene))
        assert [line.how for line in shot.lines if line.character == "小美"] == [os]
        seen = {one.character for one in shot.on_screen}
        assert ("小美" in seen) is (os == "inner")
        assert shot.audio == "voice-over"


@pytest.mark.parametrize("os", ["inner", "off"])
def test_what_is_not_os_is_not_a_setting(os: str) -> None:
    assert one_line("小美内心独白：走。", os)[2] == "inner"
    assert one_line("小美（画外音）：走。", os)[2] == "off"
    assert one_line("小美VO：走。", os)[2] == "vo"
    assert one_line("MAYA (O.S.): Go.", os)[2] == "off"
    assert one_line("MAYA (OS): Go.", os)[2] == os
    fountain = parse("INT. ROOM - DAY\n\nBOB (O.S.)\nHi.\n", "fountain", os=os)
    assert fountain.elements[-1].how == "off"


def test_who_only_thinks_is_seen_thinking() -> None:
    (scene,) = scenes_of(parse("1-1 夜 内 病房\n小美OS：我还活着。\n"))
    shot = shot_with("我还活着。", breakdown(scene))
    assert [one.character for one in shot.on_screen] == ["小美"]
    assert shot.audio == "voice-over"


def test_the_setting_is_read_checked_and_recorded(tmp_path: Path) -> None:
    file = tmp_path / "duanju.toml"
    file.write_text('[script]\nos = "off"\n', encoding="utf-8")
    found = load_settings(file)
    assert found.os == "off"
    assert Settings.from_json(found.to_json()) == found
    assert found.decisive() != Settings().decisive()
    assert attrs.evolve(found, os="inner").decisive() == Settings().decisive()
    file.write_text('[script]\nos = "voice"\n', encoding="utf-8")
    with pytest.raises(BadSetting, match=r"duanju\.toml.*script\.os.*inner.*off"):
        load_settings(file)


# Whatever is written

WORDS = st.text("你好走吧真的ab，。！？…—“”", min_size=1, max_size=8)
BRACKETS = st.sampled_from(["（{}）", "({})", "【{}】", "[{}]"])
SPEECH = st.lists(st.tuples(WORDS, st.none() | BRACKETS), min_size=1, max_size=5)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(SPEECH)
def test_brackets_leave_and_words_stay(pieces: list[tuple[str, str | None]]) -> None:
    """Spoken words and directions are parted; together they are all that was written, in order."""
    words = split_words("".join(mark.format(text) if mark else text for text, mark in pieces))
    assert words.text == "".join(text for text, mark in pieces if mark is None)
    assert list(words.notes) == [text for text, mark in pieces if mark]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_folding_moves_nothing(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


MARKS = st.sampled_from(
    ["1-1 日 内 茶馆", "场1", "时间：夜", "第一场 茶馆", "人物：小美、老张", "人物小传：", "大纲：",
     "小美：", "（低声）", "小美OS：走", "【", "】", "【特写】", "【VO：a】", "[[", "]]", "/*", "*/", "<!--",
     "△", "△【特写】x", "门外：雨", "小美", "OS：", "1、", "12", "- 3 -", "***", "> a", ">", "> a <", "=",
     "~", "♪", "#", "@a：b", "!", "合：好", "：", "小美/老张：走", "第2集", "（（", "））", "a:b", "《剧》",
     "Scene 1-1: INT. A - DAY", "YIHUA: Hi (beat) you", "FADE OUT.", "\u3000", "\u200b"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(MARKS | st.text(max_size=10), max_size=25))
def test_any_lines_are_mapped_or_told(lines: list[str]) -> None:
    lines = split_lines("\n".join(lines))
    reading = read_chinese(lines)
    owner: Counter[int] = Counter()
    for one in reading.elements:
        assert 1 <= one.first <= one.last <= len(lines)
        owner.update(range(one.first, one.last + 1))
        assert one.type == "line" or not one.line
    for lost in reading.unmapped:
        assert lost.text == lines[lost.number - 1]
        owner[lost.number] += 1
    assert max(owner.values(), default=0) <= 1
    for number, line in enumerate(lines, 1):
        assert owner[number] or not line.strip(" \t\u3000\ufeff\xa0").strip()
    assert all(lines[one.number - 1] == one.text for one in reading.ambiguous)
