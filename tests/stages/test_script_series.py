"""A file of many episodes: where they begin, that each line is in exactly one, and that none is rewritten."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.core.artifacts import Artifacts
from duanju.core.contents import Contents
from duanju.core.engine import Engine
from duanju.core.errors import WrongUse
from duanju.core.log import Log
from duanju.core.manuscript import picked, read_manuscript
from duanju.core.plugins import load_plugins
from duanju.core.settings import Settings
from duanju.events.calls import SpeechRequested
from duanju.events.episode import EpisodeOpened
from duanju.events.script import ScriptParsed, ShotPlanned
from duanju.plugins.stages.screenplay.episode_marks import read_mark
from duanju.plugins.stages.screenplay.model import ScriptError
from duanju.plugins.stages.screenplay.parse import read
from duanju.plugins.stages.screenplay.series import contents

SCRIPTS = Path(__file__).parents[1] / "fixtures" / "scripts"


MARKS = {
    1: ("第1集", "# Episode 1", "Episode One"),
    3: (
        "## **第3集 归来**",
        "第３集　无名信",
        "EPISODE 3",
        "Episode 3: The Letter",
        "EPISODE THREE",
        "Episode 3 - Ink",
    ),
    4: ("《茶与盐》第4集", "EP. 4", "第3季 第4集"),
    5: ("第〇五集", "EP05 HOME", "S01E05"),
    7: ("【第7集】", "Ep 7: “Home”", "第7回 夜奔", "第7集 第1场 日 内 茶馆"),
    12: ("第 12 集", "第十二集：真相", "===== 第12集 =====", "# Episode 12"),
    103: ("第一百零三集", "第103集"),
}


@pytest.mark.parametrize(("number", "line"), [(number, line) for number in MARKS for line in MARKS[number]])
def test_a_mark_opens_an_episode(line: str, number: int) -> None:
    mark = read_mark(line)
    assert mark is not None
    assert mark.number == number


NONE = (
    "第3集完",
    "第3集 终",
    "第三集的时候她才出现",
    "Episode 3 begins in the rain.",
    "Episode 3 of the same old story",
    "第0集",
    "第三天",
    "END OF EPISODE 3",
    "Episode",
    "第集",
    "episodes 3",
    "小美：第3集好看吗？",
    "第1集：女主收到一封信。她决定离开。",
    "In Episode 3 she dies",
    "第3集" + "很" * 200,
)


@pytest.mark.parametrize("line", NONE)
def test_what_only_speaks_of_an_episode_opens_none(line: str) -> None:
    assert read_mark(line) is None


def contents_of(name: str) -> Contents:
    return contents((SCRIPTS / name).read_bytes(), name, "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("series/tea_and_salt.txt", [(1, 14, 27, 2), (2, 28, 35, 1), (3, 36, 44, 1)]),
        ("series/relay.fountain", [(1, 4, 18, 1), (2, 19, 28, 1), (3, 29, 36, 1)]),
        ("docx/guitu.docx", [(1, 2, 20, 2), (2, 21, 36, 3), (3, 37, 44, 2)]),
        ("markdown/kitchen_light.md", [(1, 12, 59, 2)]),
        ("plain/the_lift.txt", []),
        ("fdx/cold_reading.fdx", []),
    ],
)
def test_the_episodes_of_a_file(name: str, expected: list[tuple[int, int, int, int]]) -> None:
    found = contents_of(name)
    assert [(one.number, one.first, one.last, one.scenes) for one in found.episodes] == expected
    assert found.loose == 0
    assert found.unit == ("paragraph" if name.endswith("x") else "line")


def test_titles_of_files() -> None:
    titles = {
        "series/tea_and_salt.txt": "茶与盐",
        "series/relay.fountain": "Relay",
        "docx/guitu.docx": "归途",
        "markdown/kitchen_light.md": "Kitchen Light",
        "fdx/cold_reading.fdx": "COLD READING",
        "docx/night_shift.docx": "The Night Shift",
        "fountain/salt_road.fountain": "THE SALT ROAD Pilot",
        "docx/glass_houses.docx": "GLASS HOUSES",
        "plain/the_lift.txt": "THE LIFT",
    }
    assert {name: contents_of(name).title for name in titles} == titles


def test_an_fdx_of_two_episodes_is_parted() -> None:
    def one(kind: str, text: str) -> str:
        return f'<Paragraph Type="{kind}"><Text>{text}</Text></Paragraph>'

    body = ""
    for number in (1, 2):
        body += one("New Act", f"EPISODE {number}") + one("Scene Heading", "INT. A - DAY")
        body += one("Character", "ANNA") + one("Dialogue", f"Episode {number}.")
    data = f"<FinalDraft><Content>{body}</Content></FinalDraft>".encode()
    assert [(e.number, e.first, e.last, e.scenes) for e in contents(data, "a.fdx", "").episodes] == [
        (1, 1, 4, 1),
        (2, 5, 8, 1),
    ]
    assert [one.text for one in read(data, number=2).elements if one.type == "line"] == ["Episode 2."]


# -- ten episodes -----------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["走吧。", "我不信！", "你再说一遍？", "……他死了。", "第3集好看吗？", "Let's go, OK?"]
)


@st.composite
def series(draw: Any) -> tuple[str, list[tuple[int, int]]]:
    """A file of ten episodes, and from which line to which each of them goes."""
    lines = ["《茶与盐》", "人物小传：", "小美（24岁）：茶馆老板", "老张（60岁）：茶客", ""]
    if draw(st.booleans()):
        lines += ["分集大纲：", *(f"第{n}集：小美第{n}次出门" for n in range(1, 11)), ""]
    spans = []
    for number in range(1, 11):
        first = len(lines) + 1
        lines.append(draw(st.sampled_from([f"第{number}集", f"第{number}集：风起", f"## 第 {number} 集"])))
        for scene in range(1, draw(st.integers(1, 3)) + 1):
            lines.append(f"{number}-{scene} 夜 内 茶馆")
            for _ in range(draw(st.integers(1, 3))):
                lines.append(f"小美：{draw(WORDS)}")
                lines.append(
                    draw(st.sampled_from(["△她站起来。", "", "老张（低声）：嗯。", "【字幕：三天后】"]))
                )
        spans.append((first, len(lines)))
    return "\n".join(lines) + "\n", spans


@settings(max_examples=15, deadline=None, derandomize=True)
@given(made=series())
def test_every_line_of_the_source_is_in_exactly_one_episode_or_in_the_head(
    made: tuple[str, list[tuple[int, int]]],
) -> None:
    text, spans = made
    data = text.encode()
    found = contents(data, "series.txt", "").episodes
    assert [(one.first, one.last) for one in found] == spans
    head = set(range(1, spans[0][0]))
    taken: dict[int, int] = dict.fromkeys(head, 0)
    for number, (first, last) in enumerate(spans, 1):
        play = read(data, file="series.txt", number=number)
        used = {n for one in play.elements for n in range(one.first, one.last + 1)}
        used |= {one.number for one in play.unmapped}
        own = used - head
        assert own <= set(range(first, last + 1))
        for line in own:
            assert line not in taken, f"line {line} is in episode {taken[line]} and in {number}"
            taken[line] = number
        assert [one.name for one in play.characters][:1] == ["小美"]
    for number, line in enumerate(text.splitlines(), 1):
        assert number in taken or not line.strip()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(made=series(), which=st.integers(1, 10), word=st.sampled_from(["小美：新的话。", "△雨停了。"]))
def test_a_change_in_one_episode_is_none_in_the_others(
    made: tuple[str, list[tuple[int, int]]], which: int, word: str
) -> None:
    text, spans = made
    lines = text.splitlines()
    lines.insert(spans[which - 1][1] - 1, word)
    before = contents(text.encode(), "s.txt", "").episodes
    after = contents("\n".join(lines).encode(), "s.txt", "").episodes
    assert [a.number for a, b in zip(before, after, strict=True) if a.digest != b.digest] == [which]
    changed = text.replace("茶馆老板", "茶馆的老板")
    assert all(
        a.digest != b.digest
        for a, b in zip(before, contents(changed.encode(), "s.txt", "").episodes, strict=True)
    )


# -- choosing ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plugins() -> Any:
    return load_plugins(only="cast,dialogue,local,script")


def pick(plugins: Any, place: Path, text: str, episodes: str | None) -> list[int]:
    file = place / "mine.txt"
    file.write_text(text, encoding="utf-8")
    return picked(read_manuscript(plugins, file), episodes)


ONE = "1-1 日 内 茶馆\n小美：你好。\n"
TWO = f"第1集\n{ONE}第2集\n{ONE}"


@pytest.mark.parametrize(
    ("text", "episodes", "words"),
    [
        (TWO, None, ["holds 2 episodes (1-2)", "--episodes all"]),
        (TWO, "3", ["has no episode 3", "there are: 1-2"]),
        (TWO, "2-1", ["write all, or numbers"]),
        (TWO, "", ["write all, or numbers"]),
        (TWO, "1-99999999", ["write all, or numbers"]),
        (ONE, "1", ["has no marks of episodes"]),
        (f"{TWO}第1集\n{ONE}", "2", ["episode 1 begins twice, on line 1 and on line 7"]),
        (f"{ONE}{TWO}", "1", ["line 1: a scene above the mark", "line 3"]),
        (f"第1集\n{ONE}第2集\n", "2", ["line 4: there is no scene in episode 2"]),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(
    plugins: Any, tmp_path: Path, text: str, episodes: str | None, words: list[str]
) -> None:
    with pytest.raises(WrongUse) as caught:
        pick(plugins, tmp_path, text, episodes)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "episodes", "expected"),
    [
        (ONE, None, [0]),
        (f"第1集\n{ONE}", None, [0]),
        (f"第7集\n{ONE}", "7", [7]),
        (TWO, "all", [1, 2]),
        (TWO, "2", [2]),
        (TWO, " 2，1 ", [1, 2]),
        (TWO, "1-2", [1, 2]),
        (TWO, "1,1", [1]),
    ],
)
def test_choices(plugins: Any, tmp_path: Path, text: str, episodes: str | None, expected: list[int]) -> None:
    assert pick(plugins, tmp_path, text, episodes) == expected


def test_an_episode_that_is_gone_from_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"mine: episode 5 is not in it"):
        read(TWO.encode(), file="mine", number=5)


# -- to the letter ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("series/tea_and_salt.txt", 1),
        ("series/tea_and_salt.txt", 3),
        ("series/relay.fountain", 2),
        ("docx/guitu.docx", 2),
        ("fdx/cold_reading.fdx", 0),
        ("fountain/salt_road.fountain", 0),
        ("plain/the_lift.txt", 0),
    ],
)
def test_a_finished_script_is_never_rewritten(tmp_path: Path, plugins: Any, name: str, number: int) -> None:
    data = (SCRIPTS / name).read_bytes()
    said = [one for one in read(data, file=name, number=number).elements if one.type == "line"]
    assert said
    artifacts = Artifacts(tmp_path / "artifacts")
    log = Log(None, plugins.codec)
    source = artifacts.put(data, "text/plain")
    recorded = artifacts.put(Settings().to_json(), "application/json")
    prices = artifacts.put(plugins.prices.to_json(), "application/json")
    stream = "episode/s/one"
    opened = EpisodeOpened("s", "one", "T", name, source, "", recorded, prices, number=number)
    log.append(stream, [opened], by="cli.produce")
    with Engine(log, plugins, artifacts, tmp_path / "out", inline=True) as engine:
        engine.run()
    events = [record.event for record in log.read(stream=stream)]
    log.close()
    parsed = next(one for one in events if isinstance(one, ScriptParsed))
    spoken = {one.line: unicodedata.normalize("NFC", one.text) for one in said}
    assert {one.line: one.text for one in parsed.elements if one.type == "line"} == spoken
    planned = [line for shot in events if isinstance(shot, ShotPlanned) for line in shot.lines]
    asked = [one for one in events if isinstance(one, SpeechRequested)]
    for words in ([(one.line, one.text) for one in planned], [(one.subject, one.text) for one in asked]):
        joined: dict[str, str] = {}
        for line, text in words:
            key = line.split("/")[-1].split(".")[0]
            joined[key] = joined.get(key, "") + "".join(text.split())
        assert joined == {line: "".join(text.split()) for line, text in spoken.items()}
