"""`duanju script convert`: what is written in a layout reads back the same, and nothing is lost."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screenplays import screenplays

from duanju.cli.main import main
from duanju.events.script import Element
from duanju.plugins.stages.screenplay.converting import LAYOUTS, written
from duanju.plugins.stages.screenplay.loading import load
from duanju.plugins.stages.screenplay.model import Screenplay
from duanju.plugins.stages.screenplay.parse import parse
from duanju.plugins.stages.screenplay.writing_out.blocks import meaning
from duanju.plugins.stages.screenplay.writing_out.json import read_json

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "scripts"
SUFFIXES = (".txt", ".md", ".fountain", ".fdx", ".docx")
SCRIPTS = sorted(one for one in FIXTURES.rglob("*") if one.suffix in SUFFIXES)
EXAMPLES = [ROOT / "examples" / "teahouse.fountain", ROOT / "examples" / "chaguan.txt"]
THOROUGH = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def spoken(script: Screenplay) -> list[tuple[str, str]]:
    return [(one.character, one.text) for one in script.elements if one.type == "line"]


def back(text: str, to: str) -> Screenplay:
    return read_json(text.encode(), "test") if to == "json" else parse(text, to)


def story(script: Screenplay) -> list[object]:
    """The elements, without the lines that a layout begins with and the script did not have."""
    return [meaning(one) for one in script.elements]


def without(elements: tuple[Element, ...], more: Screenplay) -> list[object]:
    """`more`'s elements, without those above the first of `elements` that the layout itself has added."""
    wanted = [meaning(one) for one in elements]
    got = story(more)
    return got[len(got) - len(wanted) :]


@pytest.mark.parametrize("layout", ["fountain", "chinese"])
def test_any_screenplay_reads_back_element_for_element(layout: str) -> None:
    @THOROUGH
    @given(screenplays(layout))
    def check(script: Screenplay) -> None:
        made = written(script, layout)
        assert made.kept == (), made.text
        again = back(made.text, layout)
        assert again.unmapped == ()
        assert without(script.elements, again) == story(script), made.text
        assert again.title == script.title or not script.title
        second = written(again, layout)
        assert story(back(second.text, layout)) == story(again), "what was read is written the same"

    check()


@pytest.mark.parametrize(("layout", "to"), [("fountain", "chinese"), ("chinese", "fountain")])
def test_no_layout_loses_or_changes_a_spoken_line_of_another(layout: str, to: str) -> None:
    @THOROUGH
    @given(screenplays(layout))
    def check(script: Screenplay) -> None:
        made = written(script, to)
        again = back(made.text, to)
        named = {one.element.first for one in made.kept}
        got = iter(story(again))
        assert all(meaning(one) in got for one in script.elements if one.first not in named), made.text
        assert len(spoken(again)) == len(spoken(script))
        assert len(again.scenes) == len(script.scenes)
        if all(one.element.type != "line" for one in made.kept):
            assert spoken(again) == spoken(script)

    check()


@THOROUGH
@given(st.sampled_from(["fountain", "chinese"]).flatmap(screenplays))
def test_json_holds_everything(script: Screenplay) -> None:
    made = written(script, "json")
    again = back(made.text, "json")
    assert made.kept == () and again == script


@pytest.mark.parametrize("path", [*EXAMPLES, *SCRIPTS], ids=lambda path: path.name)
@pytest.mark.parametrize("to", LAYOUTS)
def test_real_scripts_keep_their_elements(path: Path, to: str) -> None:
    ((_, script),) = load(path)
    made = written(script, to)
    again = back(made.text, to)
    told = {one.element.first for one in made.kept}
    kept = [meaning(one) for one in script.elements if one.first not in told]
    got = iter(story(again))
    assert all(one in got for one in kept), "in order, each as it was"
    said = [one for one in script.elements if one.type == "line"]
    heard = [one.text for one in again.elements if one.type == "line"]
    for one, text in zip(said, heard, strict=True):
        assert text == one.text or one.first in told
    for one in made.kept:
        if one.element.type in ("heading", "line", "action"):
            assert one.became.startswith(one.element.type), "a scene, a line, an action stays one"
    if to == script.format or to == "json":
        assert made.kept == ()


# -- the command -------------------------------------------------------------------------------------------


def run(*words: str) -> int:
    return main(["script", "convert", *words])


def test_it_writes_a_file_and_never_over_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "tea.txt"
    words = (str(EXAMPLES[0]), "--to", "chinese", "-o", str(out))
    assert run(*words) == 0
    first = out.read_bytes()
    assert "场" not in capsys.readouterr().out and "老" not in first.decode()[:0]
    out.write_text("mine", encoding="utf-8")
    assert run(*words) == 2
    assert "is there already" in capsys.readouterr().err and out.read_text(encoding="utf-8") == "mine"
    assert run(*words, "--force") == 0
    assert out.read_bytes() == first
    assert sorted(one.name for one in tmp_path.iterdir()) == ["tea.txt"]


def test_without_a_file_it_writes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(EXAMPLES[1]), "--to", "fountain") == 0
    said = capsys.readouterr()
    assert said.out.startswith("Title: 茉莉花茶\n") and "@小美\n(低声)\n事情办好了吗？" in said.out
    assert "7 cast as note" in said.err and "line 10: cast as note: 人物：小美、老张、茶客若干" in said.err


def test_json_goes_in_and_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, again = tmp_path / "tea.json", tmp_path / "tea.fountain"
    assert run(str(EXAMPLES[0]), "--to", "json", "-o", str(out)) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["format"] == "duanju-script"
    assert run(str(out), "--to", "fountain", "-o", str(again)) == 0
    capsys.readouterr()
    assert main(["script", "check", str(again), "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert main(["script", "check", str(EXAMPLES[0]), "--json"]) == 0
    two = json.loads(capsys.readouterr().out)
    for key in ("title", "lines", "planned_ms", "cast"):
        left, right = one[key], two[key]
        if key == "cast":
            left, right = ([(p["name"], p["lines"]) for p in people] for people in (left, right))
        assert left == right


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--to", "pdf"), "must be one of: fountain, chinese, json"),
        (("--to", "json", "-o", "no/such/folder/x.json"), "cannot be written"),
    ],
)
def test_wrong_use(words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(EXAMPLES[0]), *words) == 2
    assert told in capsys.readouterr().err


def test_a_damaged_json_is_told_and_never_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ((_, script),) = load(EXAMPLES[0])
    whole = written(script, "json").text
    dice = random.Random(7)
    path = tmp_path / "bent.json"
    for _ in range(60):
        at = dice.randrange(len(whole))
        path.write_text(
            whole[:at] + dice.choice('{}[]",x0') + whole[at + dice.randrange(9) :], encoding="utf-8"
        )
        assert run(str(path), "--to", "json") in (0, 2)
        assert "something unexpected" not in capsys.readouterr().err
