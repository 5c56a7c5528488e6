"""`produce --episodes`: one episode each of a file that holds several, and only what is asked for."""

from __future__ import annotations

import json
import types
from pathlib import Path
from typing import Any

import pytest

from duanju.core.contents import Contents
from duanju.core.errors import WrongUse
from duanju.core.fork import make_fork
from duanju.core.hooks import hookimpl
from duanju.core.manuscript import read_manuscript
from duanju.core.plugins import load_plugins
from duanju.core.studio import Studio
from duanju.plugins.stages.screenplay.series import contents

PART = "INT. 茶馆 - 日\n小美：第{0}句。\n"
FIVE = "《茶与盐》\n人物：小美\n" + "".join(f"第{n}集 夜{n}\n{PART.format(n)}" for n in range(1, 6))


class Reader:
    """The toy's own reading of scripts knows no episodes; this one tells them as the real one does."""

    @hookimpl
    def duanju_episodes(self, data: bytes, file: str, format: str) -> Contents | None:
        return contents(data, file, format)


@pytest.fixture
def film(place: Path, toy: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of five episodes beside the toy studio."""
    monkeypatch.setitem(toy.MORE, "reader", Reader())
    (place / "tea.txt").write_text(FIVE, encoding="utf-8")
    return place / "tea.txt"


def names(place: Path) -> list[str]:
    return sorted(one.name for one in (place / "studio" / "out").glob("*/*"))


def test_several_episodes_and_no_choice_opens_nothing(film: Path, place: Path, duanju: Any) -> None:
    ran = duanju("produce", "tea.txt")
    assert ran.code == 2
    assert ran.err == (
        "duanju: tea.txt holds 5 episodes (1-5); say which to make: duanju produce tea.txt --episodes all\n"
    )
    assert not (place / "studio" / ".duanju").exists()
    ran = duanju("produce", "tea.txt", "--episodes", "3,11")
    assert ran.code == 2
    assert "has no episode 11; there are: 1-5" in ran.err
    assert not (place / "studio" / ".duanju").exists()


def test_no_studio_is_made_for_a_choice_that_is_wrong(film: Path, place: Path, duanju: Any) -> None:
    ran = duanju("produce", "tea.txt", "--episodes", "12", "--studio", "other")
    assert ran.code == 2
    assert not (place / "other").exists()


def test_what_is_asked_for_is_made_and_nothing_else(film: Path, place: Path, duanju: Any) -> None:
    ran = duanju("produce", "tea.txt", "--episodes", "2-3,5")
    assert ran.code == 0, ran
    assert names(place) == ["tea-02", "tea-03", "tea-05"]
    for number in (2, 3, 5):
        assert f"茶与盐/tea-{number:02d}: a new episode" in ran.out


def test_a_change_revises_only_the_episodes_that_it_touches(film: Path, place: Path, duanju: Any) -> None:
    assert duanju("produce", "tea.txt", "--episodes", "1-3").code == 0
    film.write_text(FIVE.replace("第2句。", "第2句。\n小美：再来一句。"), encoding="utf-8")
    ran = duanju("produce", "tea.txt", "--episodes", "1-4")
    assert ran.code == 0, ran
    assert "茶与盐/tea-01: nothing to do" in ran.out
    assert "茶与盐/tea-02: revision 2" in ran.out
    assert "茶与盐/tea-03: nothing to do" in ran.out
    assert "茶与盐/tea-04: a new episode" in ran.out
    film.write_text(FIVE.replace("人物：小美", "人物：小美、老张"), encoding="utf-8")
    ran = duanju("produce", "tea.txt", "--episodes", "1-2")
    assert "茶与盐/tea-01: revision 2" in ran.out
    assert "茶与盐/tea-02: revision 3" in ran.out


def test_an_estimate_tells_the_episodes_that_are_asked_for(film: Path, place: Path, duanju: Any) -> None:
    ran = duanju("estimate", "tea.txt")
    assert ran.code == 2
    assert "duanju estimate tea.txt --episodes all" in ran.err
    ran = duanju("estimate", "tea.txt", "--episodes", "1-2", "--json")
    assert ran.code == 0, ran
    found = json.loads(ran.out)
    assert [one["episode"] for one in found["episodes"]] == ["茶与盐/tea-01", "茶与盐/tea-02"]
    assert found["total"]["calls"] == sum(one["total"]["calls"] for one in found["episodes"])
    assert not (place / "studio" / ".duanju").exists()
    ran = duanju("estimate", "tea.txt", "--episodes", "1-2")
    assert "all 2 episodes: " in ran.out


def test_the_same_episode_from_two_files_is_refused(film: Path, place: Path, duanju: Any) -> None:
    (place / "more").mkdir()
    (place / "more" / "tea.txt").write_text(FIVE, encoding="utf-8")
    ran = duanju("produce", "tea.txt", "more/tea.txt", "--episodes", "1")
    assert ran.code == 2
    assert "are both the episode 茶与盐/tea-01" in ran.err


def test_without_a_plugin_that_reads_episodes_a_file_is_one(place: Path, duanju: Any) -> None:
    ran = duanju("produce", "tea.txt", "--episodes", "1")
    assert ran.code == 2
    assert "has no marks of episodes" in ran.err


@pytest.mark.parametrize("answer", ["text", [Contents("", "line")], Contents("", "line", ("no",))])  # type: ignore[arg-type]
def test_a_plugin_that_answers_nonsense_is_named(
    place: Path, duanju: Any, toy: types.ModuleType, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    class Wrong:
        @hookimpl
        def duanju_episodes(self, data: bytes, file: str, format: str) -> Contents | None:
            return answer  # type: ignore[no-any-return]

    monkeypatch.setitem(toy.MORE, "wrong", Wrong())
    ran = duanju("produce", "tea.txt")
    assert ran.code == 2
    assert "the plugin wrong failed at it: TypeError: duanju_episodes must return Contents" in ran.err


# -- the studio -------------------------------------------------------------------------------------------


def test_a_fork_goes_on_with_its_own_episode_of_another_file(tmp_path: Path) -> None:
    plugins = load_plugins(only="local,script")
    studio = Studio.create(tmp_path / "studio")
    settings = studio.settings()
    file, other = tmp_path / "tea.txt", tmp_path / "other.txt"
    file.write_text(FIVE, encoding="utf-8")
    other.write_text(FIVE.replace("第2句", "另一句"), encoding="utf-8")
    with studio.log(plugins) as log:
        script = read_manuscript(plugins, file)
        opening = studio.open_episode(log, plugins, settings, script, 2)
        at = log.head
        made = make_fork(log, plugins, studio.artifacts, opening.stream, at, "b", script=other)
        revised = next(log.read(stream=made.stream, kind="episode_revised")).event
        assert (revised.number, revised.title) == (2, "茶与盐 - 第2集 夜2")
        (tmp_path / "one.txt").write_text(PART.format(1), encoding="utf-8")
        whole = studio.hand_in(log, plugins, settings, tmp_path / "one.txt")
        with pytest.raises(WrongUse, match="it holds 5 episodes"):
            make_fork(log, plugins, studio.artifacts, whole.stream, log.head, "c", script=other)


def test_a_source_that_is_gone_is_made_anew(tmp_path: Path) -> None:
    plugins = load_plugins(only="local,script")
    studio = Studio.create(tmp_path / "studio")
    file = tmp_path / "tea.txt"
    file.write_text(FIVE, encoding="utf-8")
    with studio.log(plugins) as log:
        studio.open_episode(log, plugins, studio.settings(), read_manuscript(plugins, file), 2)
        opened = next(log.read(kind="episode_opened")).event
        studio.artifacts.path(opened.source).unlink()
        file.write_text(FIVE.replace("第3句", "别的"), encoding="utf-8")
        again = studio.open_episode(log, plugins, studio.settings(), read_manuscript(plugins, file), 2)
        assert (again.what, again.revision) == ("revised", 2)
