"""`duanju script check`: every element with its span, what is lost or doubtful, and an editor's remarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from duanju.cli.main import main
from duanju.plugins.stages.screenplay.checking import check
from duanju.plugins.stages.screenplay.parse import parse, read
from duanju.plugins.stages.screenplay.spelling import spelt_twice

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "scripts"
SCRIPTS = sorted(one for one in FIXTURES.rglob("*") if one.suffix in (".txt", ".md", ".fountain"))
TEA = ROOT / "examples" / "teahouse.fountain"


def run(*words: str) -> int:
    return main(["script", *words])


def kinds(text: str) -> dict[str, dict[str, Any]]:
    """The warnings of a script, by kind; the last of each."""
    return {one["kind"]: one for one in check(parse(text))["warnings"]}


def test_a_good_script_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(TEA)) == 0
    out = capsys.readouterr().out
    for words in (
        "19 spoken lines", "about 1 min 23 s", "line L001", "Is it done?", "whispering", "voice over",
        "off screen, shouting", "EXT. COURTYARD - DAWN", "every line is mapped",
    ):  # fmt: skip
        assert words in out
    assert "not mapped:" not in out


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_json_has_every_source_line_once(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run("check", str(path), "--json")
    whole = json.loads(capsys.readouterr().out)
    episodes = whole.get("episodes", [whole])
    assert code == (1 if any(one["unmapped"] for one in episodes) else 0)
    lines = path.read_bytes().decode("utf-8-sig").splitlines()
    held: list[int] = []
    for found in episodes:
        assert found["source_lines"] == len(lines)
        held += [one["number"] for one in found["unmapped"]]
        for one in found["elements"]:
            held += range(one["first"], one["last"] + 1)
        assert found["mapped"] == (not found["unmapped"])
        scenes = {one["scene"] for one in found["scenes"]}
        assert {one["scene"] for one in found["elements"]} - {""} <= scenes
        assert sum(one["lines"] for one in found["scenes"]) == found["lines"]
        assert sum(one["lines"] for one in found["cast"]) == found["lines"]
        assert sum(one["planned_ms"] for one in found["scenes"]) == found["planned_ms"] > 0
    assert [n for n, line in enumerate(lines, 1) if line.strip() and n not in held] == []


def test_a_line_that_is_not_mapped_is_told_and_is_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.fountain"
    path.write_text("INT. ROOM - DAY\n\nMei sits.\n\n????\n\nMEI\nHello.\n", encoding="utf-8")
    assert run("check", str(path)) == 1
    out = capsys.readouterr().out
    assert "not mapped: 1" in out and "line 5: ????" in out and "1 line is not mapped" in out


def test_what_reads_in_two_ways_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.txt"
    path.write_text("1-1 夜 内 茶馆\n人物：小美\n小美：走吧。\n门外：雨越下越大。\n", encoding="utf-8")
    assert run("check", str(path)) == 0
    out = capsys.readouterr().out
    assert "ambiguous: 1" in out and "line 4: taken as action, may be line of 门外" in out


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text"),
        (b"Once upon a time there was a tea.\n", "no scene in it"),
        (b'{"format": "duanju-script", "title": 3}', "no script in JSON"),
        (b'{"format": "duanju-script", ', "no JSON"),
    ],
)
def test_what_cannot_be_read_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes | None, words: str
) -> None:
    path = tmp_path / "bad.txt"
    if data is not None:
        path.write_bytes(data)
    assert run("check", str(path)) == 2
    said = capsys.readouterr()
    assert said.out == "" and words in said.err and "bad.txt" in said.err


@pytest.mark.parametrize("words", [("--format", "word"), ("--language", "fr"), ("--os", "maybe")])
def test_an_option_that_is_none_is_wrong_use(
    words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", str(TEA), *words) == 2
    assert "must be one of" in capsys.readouterr().err


def test_what_os_means_is_an_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "os.txt"
    path.write_text("1-1 夜 内 茶馆\n人物：小美\n小美（OS）：为什么？\n", encoding="utf-8")
    said = []
    for os in ("inner", "off"):
        assert run("check", str(path), "--json", "--os", os) == 0
        elements = json.loads(capsys.readouterr().out)["elements"]
        said.append([one["how"] for one in elements if one["type"] == "line"])
    assert said == [["inner"], ["off"]]


def test_a_series_is_checked_episode_by_episode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "series.txt"
    one = "第{n}集\n{n}-1 夜 内 茶馆\n人物：小美、老张\n△小美坐下。\n小美：第{n}次了。\n老张：{n}。\n"
    path.write_text("《茶》\n" + "".join(one.format(n=n) for n in (1, 2, 3)), encoding="utf-8")
    assert run("check", str(path), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["episode"], one["lines"]) for one in found["episodes"]] == [(1, 2), (2, 2), (3, 2)]
    assert run("check", str(path)) == 0
    assert "series.txt, episode 2" in capsys.readouterr().out


# -- an editor's remarks -----------------------------------------------------------------------------------

HEAD = "INT. ROOM - DAY\n\n"


def test_who_speaks_without_being_introduced_is_named() -> None:
    text = f"{HEAD}Mei, 30, sits at the window.\n\nMEI\nHello.\n\nROBERT\nHello.\n\nRobert leaves.\n"
    found = [one for one in check(parse(text))["warnings"] if one["kind"] == "never-introduced"]
    assert [(one["line"], one["text"].split()[0]) for one in found] == [(8, "Robert")]
    listed = "1-1 日 内 茶馆\n人物：小美、老张\n小美：走。\n老张：好。\n"
    assert "never-introduced" not in kinds(listed)


def test_a_name_spelt_two_ways_is_remarked() -> None:
    lines = "".join(f"MARGARET\nLine {n}.\n\n" for n in range(5))
    found = kinds(f"{HEAD}Margaret waits.\n\n{lines}MARGERET\nYes.\n")["spelt-twice"]
    assert "Margeret (1 lines) may be Margaret (5 lines)" in found["text"] and found["line"] == 20


@pytest.mark.parametrize(
    ("lines", "listed", "found"),
    [
        ({"小美": 9, "小妹": 1}, (), [("小妹", "小美")]),
        ({"小美": 9, "小妹": 1}, ("小妹",), []),  # she is in the list of people
        ({"小美": 9, "小妹": 8}, (), []),  # two who speak as much are two
        ({"小美": 9, "小红": 1}, (), []),  # they do not sound alike
        ({"林晨": 9, "林辰": 2}, ("林晨",), [("林辰", "林晨")]),
        ({"Guard 1": 9, "Guard 2": 1}, (), []),
        ({"Anna": 9, "Anya": 1}, (), []),  # too short to be sure
        ({"Katherine": 9, "Catherine": 1}, (), [("Catherine", "Katherine")]),
        ({"Jean-Luc": 9, "Jean Luc": 1}, (), [("Jean Luc", "Jean-Luc")]),
        ({"Michael": 9, "Micheal": 1}, (), [("Micheal", "Michael")]),
        ({"Michael": 9, "Michelle": 1}, (), []),
    ],
)
def test_spellings(lines: dict[str, int], listed: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    assert [(rare, often) for rare, often, _ in spelt_twice(lines, listed)] == found


def test_who_is_introduced_and_silent_is_named() -> None:
    text = "人物小传：\n小美：女，24岁\n老张：男，60岁\n\n1-1 日 内 茶馆\n人物：小美、老张\n小美：走。\n"
    assert kinds(text)["silent"]["text"].startswith("老张")


def test_a_line_that_takes_too_long_is_remarked() -> None:
    speech = "I have to tell you something about the house and the people who lived in it before us. " * 4
    found = kinds(f"{HEAD}Mei waits.\n\nMEI\n{speech}\n")["too-long"]
    assert found["scene"] == "S01" and "in one go" in found["text"] and found["line"] == 5
    stated = "1-1 日 内 茶馆（3秒）\n人物：小美\n小美：这件事说来话长，我得从三年前的那个晚上讲起。\n"
    assert "its heading plans 3 s" in kinds(stated)["too-long"]["text"]


def test_the_length_of_an_episode_is_from_60_to_120_s() -> None:
    assert "length" not in {one["kind"] for one in check(read(TEA.read_bytes()))["warnings"]}
    assert "under the 60 s" in kinds(f"{HEAD}Mei waits.\n\nMEI\nHello.\n")["length"]["text"]
    long = "".join(f"MEI\nThis is line {n}, and it takes quite a while to say.\n\n" for n in range(40))
    assert "over the 120 s" in kinds(f"{HEAD}Mei waits.\n\n{long}")["length"]["text"]


def test_a_beginning_without_a_hook_is_remarked() -> None:
    slow = f"{HEAD}A quiet room.\n\nThe clock on the wall.\n\nA chair by the window.\n\nMEI\nHello.\n"
    assert kinds(slow)["no-hook"]["line"] == 3
    for hook in ("MEI\nYou killed him!", "Mei slaps Li hard.", "Mei tears the letter open, weeping."):
        assert "no-hook" not in kinds(f"{HEAD}{hook}\n\nA quiet room.\n\nThe clock.\n\nLI\nHello.\n")


def test_a_heading_without_a_time_is_remarked() -> None:
    text = (
        "INT. ROOM\n\nMei waits.\n\nINT. HALL - NIGHT\n\nLi waits.\n\nINT. YARD - CONTINUOUS\n\nMei runs.\n"
    )
    found = [one for one in check(parse(text))["warnings"] if one["kind"] == "no-time"]
    assert [(one["scene"], one["line"]) for one in found] == [("S01", 1)]
    assert "taken as day" in found[0]["text"]
