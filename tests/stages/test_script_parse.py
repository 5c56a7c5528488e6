"""Parsing: both layouts, encodings, names, and that no source line is lost or taken twice."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.plugins.stages.screenplay.detect import check_source, split_lines
from duanju.plugins.stages.screenplay.headings import read_heading
from duanju.plugins.stages.screenplay.model import Screenplay, ScriptError
from duanju.plugins.stages.screenplay.parse import parse, read

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests" / "fixtures" / "scripts"


def script(name: str) -> Screenplay:
    return read((SCRIPTS / name).read_bytes(), file=name)


def said(play: Screenplay) -> list[tuple[str, str, str, str]]:
    return [(one.character, one.how, one.note, one.text) for one in play.elements if one.type == "line"]


def assert_covered(text: str, play: Screenplay) -> None:
    """Every line is in one element's span, in unmapped, or blank outside both; never in two."""
    lines = split_lines(text)
    assert play.source_lines == len(lines)
    seen: dict[int, str] = {}
    for one in play.elements:
        assert 1 <= one.first <= one.last <= len(lines)
        for number in range(one.first, one.last + 1):
            assert number not in seen, f"line {number} is in {seen[number]!r} and in {one.text!r}"
            seen[number] = one.text
    for lost in play.unmapped:
        assert lost.number not in seen
        assert lost.text == lines[lost.number - 1]
        seen[lost.number] = lost.text
    for number, line in enumerate(lines, 1):
        assert number in seen or not line.strip(" \t\u3000\ufeff\xa0").strip(), (
            f"line {number} lost: {line!r}"
        )


def test_fountain_elements() -> None:
    play = script("features.fountain")
    assert (play.title, play.language, play.format) == ("The Last Train", "en", "fountain")
    assert said(play) == [
        ("Marlow", "spoken", "to himself", "Late again. Always late."),
        ("A Woman's Voice", "vo", "", "Platform two, Mr. Marlow."),
        ("A Woman's Voice", "vo", "beat", "Run."),
        ("McAvoy", "spoken", "sings", "Willy Wonka! Willy Wonka!"),
        ("Anna", "spoken", "", "Stop singing!"),
        ("Marlow", "spoken", "", "I waited. For ten years."),
        ("Guard #2", "off", "", "Ticket, please."),
    ]
    assert [(one.place, one.interior, one.time) for one in play.scenes] == [
        ("RAILWAY STATION", False, "dusk"),
        ("FLASHBACK - MARLOW'S KITCHEN", True, "day"),
        ("TAXI", True, "day"),
    ]
    kinds = [(one.type, one.text) for one in play.elements]
    assert ("transition", "CUT TO:") in kinds
    assert ("transition", "FADE IN:") in kinds
    assert ("section", "Act One") in kinds
    assert ("synopsis", "A detective waits for a train that never comes.") in kinds
    assert ("centred", "THE END") in kinds
    assert ("action", "SCANNING THE AISLES... Marlow pauses.") in kinds
    assert [one.text for one in play.unmapped] == ["*****"]
    assert [one.line for one in play.elements if one.type == "line"] == [f"L{n:03d}" for n in range(1, 8)]
    marlow = next(one for one in play.characters if one.name == "Marlow")
    assert "45" in marlow.description
    assert "moustache" in marlow.description


def test_chinese_elements() -> None:
    play = script("divorce.txt")
    assert (play.title, play.language, play.format) == ("离婚之后", "zh", "chinese")
    assert said(play) == [
        ("苏婉", "spoken", "冷笑，转身", "签字吧。我们两清了。"),
        ("陆总", "spoken", "", "你再说一遍？"),
        ("陆总", "vo", "", "她从来没有这样看过我。"),
        ("苏婉", "inner", "哽咽", "别哭，千万别哭。"),
        ("陆总", "spoken", "怒", "休想！"),
        ("秘书", "spoken", "", "陆总，股东们到了。"),
        ("众人", "spoken", "", "天哪！"),
        ("旁白", "vo", "", "那一夜，她失去了一切。"),
    ]
    assert [(one.place, one.interior, one.time) for one in play.scenes] == [
        ("总裁办公室", True, "day"),
        ("医院门口", False, "night"),
        ("病房", True, "dawn"),
    ]
    kinds = [(one.type, one.text) for one in play.elements]
    assert ("cue", "字幕：三天后") in kinds
    assert ("action", "陆总猛地站起，撕碎协议") in kinds
    assert ("parenthetical", "……") in kinds
    assert ("transition", "全剧终") in kinds
    assert [one.text for one in play.unmapped] == ["%%%"]
    assert play.scenes[0].characters[:2] == ("苏婉", "陆总")


@pytest.mark.parametrize("name", ["features.fountain", "divorce.txt"])
def test_no_line_is_lost(name: str) -> None:
    text = (SCRIPTS / name).read_text(encoding="utf-8")
    assert_covered(text, script(name))


@pytest.mark.parametrize("name", ["teahouse.fountain", "chaguan.txt"])
def test_examples_are_covered(name: str) -> None:
    data = (ROOT / "examples" / name).read_bytes()
    play = read(data)
    assert_covered(data.decode(), play)
    assert play.unmapped == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "gb18030"),
    ],
)
def test_encodings_give_the_same_script(mark: bytes, encoding: str, newline: str) -> None:
    text = (SCRIPTS / "divorce.txt").read_text(encoding="utf-8")
    assert read(mark + text.replace("\n", newline).encode(encoding)) == script("divorce.txt")


def test_variants_of_a_name_are_one_character() -> None:
    play = parse(
        "INT. A - DAY\n\nXIAO MEI\nOne.\n\n@Xiao Mei\nTwo.\n\n"
        "XIAO MEI (CONT'D)\nThree.\n\nXIAO  MEI (V.O.)\nFour.\n"
    )
    assert [(one.name, one.lines) for one in play.characters] == [("Xiao Mei", 4)]
    assert {one[0] for one in said(play)} == {"Xiao Mei"}


def test_the_first_spelling_of_a_name_stays() -> None:
    play = parse("INT. A - DAY\n\n@McAvoy\nOne.\n\nMCAVOY\nTwo.\n\nDR. CHEN\nThree.\n\nDR CHEN\nFour.\n")
    assert [one[0] for one in said(play)] == ["McAvoy", "McAvoy", "Dr. Chen", "Dr. Chen"]


def test_notes_stay_with_their_action() -> None:
    play = parse(
        "INT. A - DAY\n\n[[ one\ntwo ]]\n\nBob waits. [[ why? ]]\n\n/* a\n\nb */\n\nBob goes. [[ so ]]\n"
    )
    actions = [(one.text, one.note, one.first) for one in play.elements if one.type == "action"]
    assert actions == [("Bob waits.", "why?", 6), ("Bob goes.", "so", 12)]


@pytest.mark.parametrize("mark", ["/*", "[["])
def test_a_comment_without_an_end_is_plain_text(mark: str) -> None:
    play = parse(f"INT. A - DAY\n\nBob {mark} waits.\n\nBOB\nHi.\n")
    assert [one.text for one in play.elements if one.type == "action"] == [f"Bob {mark} waits."]
    assert play.lines == 1


def test_hasty_writers_are_understood() -> None:
    play = parse(
        "INT. TEAHOUSE - NIGHT. Xiao Mei enters the crowded teahouse.\n"
        "XIAO MEI (whispering) Is it done?\nOLD ZHANG: Be careful.\nLI WEI (31, navy suit) enters.\n"
    )
    assert play.scenes[0].place == "TEAHOUSE"
    assert play.scenes[0].time == "night"
    assert play.elements[0].note == "Xiao Mei enters the crowded teahouse."
    assert said(play) == [
        ("Xiao Mei", "spoken", "whispering", "Is it done?"),
        ("Old Zhang", "spoken", "", "Be careful."),
    ]
    assert play.elements[-1].type == "action"


@pytest.mark.parametrize(
    ("text", "place", "interior", "time"),
    [
        ("INT. TEAHOUSE - NIGHT", "TEAHOUSE", True, "night"),
        ("EXT. BEACH - MANSION - SUNSET", "BEACH - MANSION", False, "dusk"),
        ("int./ext. car - early morning", "car", True, "day"),
        ("EXT ROOF - DAWN #12A#", "ROOF", False, "dawn"),
        ("内景 茶馆 - 夜", "茶馆", True, "night"),
        ("外景 街道 黄昏", "街道", False, "dusk"),
        ("INT. 茶馆 - NIGHT", "茶馆", True, "night"),
        (".暗房 夜内", "暗房", True, "night"),
    ],
)
def test_headings(text: str, place: str, interior: bool, time: str) -> None:
    found = read_heading(text)
    assert (found.place, found.interior, found.time) == (place, interior, time)


@pytest.mark.parametrize(
    "line",
    [
        "1-1 日 内 茶馆",
        "1-1 茶馆 日 内",
        "1－1、内/日 茶馆",
        "第一场 日内 茶馆",
        "场景1：茶馆 日 内",
        "1. 茶馆 日 内",
        "1-1 内 茶馆 日",
    ],
)
def test_chinese_headings_in_any_order(line: str) -> None:
    scene = parse(line + "\n△小美走进来。\n小美：你好。\n").scenes[0]
    assert (scene.place, scene.interior, scene.time) == ("茶馆", True, "day")


def test_speech_that_begins_with_a_number_is_no_heading() -> None:
    play = parse("1-1 日 内 家\n△门铃响了。\n1、我们要冷静。\n小美：1-2 天就好。\n")
    assert len(play.scenes) == 1
    assert said(play) == [("小美", "spoken", "", "1-2 天就好。")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\xff\xfe", "empty"),
        (b"%PDF-1.4\n\x00\x01", "line 2: this is no text but a PDF"),
        (b"INT. A - DAY\n\xff\xff\xff", "line 2: neither UTF-8 nor GB18030"),
        (b"x" * 2_000_001, "more than 2,000,000"),
        (b"A nice story without any scene.\n", "no scene"),
        ("小美：你好。\n老张：嗯。\n".encode(), "1-1 夜 内 茶馆"),
        (b"INT. A - DAY\n\nBOB\n" + b"x" * 2_001, "line 3: Bob says 2,001 characters"),
        (b"\n\nINT. A - DAY\n\n" + b"Go on.\n\n" * 1_000, "line 3: this scene has 1,001 elements"),
    ],
)
def test_bad_scripts_say_what_and_where(data: bytes, words: str) -> None:
    with pytest.raises(ScriptError, match=r"mine\.txt") as caught:
        read(data, file="mine.txt")
    assert words in str(caught.value)


def test_check_source_needs_no_scene() -> None:
    assert check_source(b"just words") is None
    assert "binary" in (check_source(b"a\x00b") or "")


def test_a_forced_format_is_used_and_a_wrong_one_refused() -> None:
    text = "INT. ROOM - DAY\n\nBOB\nHi.\n"
    assert parse(text, "chinese").format == "chinese"
    with pytest.raises(ScriptError, match="no format 'pdf'"):
        parse(text, "pdf")


PIECES = st.sampled_from(
    [
        "INT. ROOM - DAY",
        "EXT. STREET - NIGHT #2#",
        "BOB",
        "BOB (V.O.)",
        "@bob",
        "(softly)",
        "Hello *you*.",
        "",
        "  ",
        "\t",
        "/*",
        "*/",
        "[[",
        "]]",
        "[[ a ]]",
        "# Act",
        "= sum",
        "> CUT TO:",
        "> mid <",
        "~la",
        "===",
        "!go",
        ".",
        "..",
        ".CAR",
        "Title: X",
        "1-1 日 内 茶馆",
        "人物：小美、老张",
        "△小美进来",
        "小美：好。",
        "小美（OS）：嗯",
        "【字幕：x】",
        "老张：",
        "（完）",
        "《剧》",
        "第1集",
        "小美",
        "***",
        "\u3000",
        "BOB: hi",
        "BOB (low) Hi",
        "\x0b",
        "\x1c",
        "\u2028x",
        "a\x85b",
        "……",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=12), max_size=25), st.sampled_from(["", "fountain", "chinese"]))
def test_any_text_parses_or_is_refused_and_is_covered(lines: list[str], layout: str) -> None:
    text = "\n".join(lines)
    try:
        play = parse(text, layout)
    except ScriptError:
        return
    assert_covered(text, play)
    assert len({one.line for one in play.elements if one.type == "line"}) == play.lines
    assert sum(one.lines for one in play.characters) == play.lines
    inside = [one for scene in play.scenes for one in scene.elements if one.type == "line"]
    outside = [one for one in play.elements if one.type == "line"]
    assert inside == outside


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    try:
        read(b"INT. A - DAY\n\n" + data)
    except ScriptError as error:
        assert "the script" in str(error)
