"""`duanju cast`: the bible shown, changed by a person, names merged, a sheet drawn; wrong use is told."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from duanju.core.log import Log
from duanju.events.cast import CharacterCast, CharacterChanged, CharacterWritten, Profile, Voice
from duanju.events.codec import Codec
from duanju.events.vocabulary import builtin_events
from duanju.plugins.stages import cast

MEI = Profile("female", 26, "oval", "#fae4d4", "bun", "#14141a", "#3b2417", "slim", "qipao", "#b3202c",
              "#d9a441", ())  # fmt: skip
VOICE = Voice("female", 0, 50, 100)


@pytest.fixture
def bible(duanju: Any, place: Path, toy: ModuleType) -> Iterator[Path]:
    """The toy studio with one episode of the series Tea, whose cast is Mei and Lin."""
    toy.MORE["cast"] = cast
    try:
        assert duanju("produce", "tea.txt").code == 0
        add(place, "Tea", CharacterCast("Tea", "Mei", MEI, VOICE, "from the script: age"))
        add(place, "Tea", CharacterCast("Tea", "Lin", MEI, VOICE, "chosen"))
        yield place
    finally:
        del toy.MORE["cast"]


def add(place: Path, series: str, *events: Any) -> None:
    log = Log(place / "studio" / ".duanju" / "log.db", Codec(builtin_events()))
    log.append(f"series/{series}", events, by="cli.test")
    log.close()


def facts(place: Path, cls: type[Any]) -> list[Any]:
    log = Log(place / "studio" / ".duanju" / "log.db", Codec(builtin_events()), read_only=True)
    try:
        return [record.event for record in log.read() if isinstance(record.event, cls)]
    finally:
        log.close()


def test_list_and_show_say_who_is_there_and_why(duanju: Any, bible: Path) -> None:
    ran = duanju("cast", "list")
    assert ran.code == 0, ran.err
    assert "Tea: 2 characters" in ran.out and "crimson qipao" in ran.out
    (series,) = json.loads(duanju("cast", "list", "--json").out)
    assert [one["character"] for one in series["characters"]] == ["Mei", "Lin"]
    shown = duanju("cast", "show", "mei").out
    assert "why: from the script: age" in shown and "MUST NOT VARY" in shown
    found = json.loads(duanju("cast", "show", "Tea/Mei", "--json").out)
    assert found["profile"]["age"] == 26 and found["identity"].startswith("IDENTITY of Mei")


def test_set_is_a_persons_word_that_show_tells_at_once_and_the_next_engine_applies(
    duanju: Any, bible: Path
) -> None:
    ran = duanju("cast", "set", "Mei", "age=31", "costumes.gala.clothes=dress")
    assert ran.code == 0 and "later requests use it" in ran.out
    (written,) = facts(bible, CharacterWritten)
    assert written.fields == {"age": "31", "costumes.gala.clothes": "dress"} and written.source == "command"
    found = json.loads(duanju("cast", "show", "Mei", "--json").out)
    assert (found["profile"]["age"], found["sources"]["age"]) == (31, "the command line")
    assert facts(bible, CharacterChanged) == []
    assert duanju("produce", "tea.txt").code == 0
    (changed,) = facts(bible, CharacterChanged)
    assert changed.profile.age == 31 and changed.costumes[0].name == "gala"
    assert duanju("cast", "set", "Mei", "age=").code == 0
    assert json.loads(duanju("cast", "show", "Mei", "--json").out)["profile"]["age"] == 26


def test_merge_makes_one_of_two(duanju: Any, bible: Path) -> None:
    ran = duanju("cast", "merge", "Mei", "Lin")
    assert ran.code == 0 and "Lin's own face and voice are not used any more" in ran.out
    (series,) = json.loads(duanju("cast", "list", "--json").out)
    assert [(one["character"], one["other_names"]) for one in series["characters"]] == [("Mei", ["Lin"])]
    assert json.loads(duanju("cast", "show", "lin", "--json").out)["character"] == "Mei"


def test_the_files_of_the_cast_folder_are_read_by_produce(duanju: Any, bible: Path) -> None:
    folder = bible / "studio" / "cast"
    folder.mkdir()
    (folder / "Mei.toml").write_text("height = 'tall'\n")
    (folder / "Ghost.toml").write_text("age = 90\n")
    assert duanju("produce", "tea.txt").code == 0
    assert [one.profile.height for one in facts(bible, CharacterChanged)] == ["tall"]
    assert "Ghost: written of, in no script so far" in duanju("cast", "list").out
    assert "cast/Mei.toml" in duanju("cast", "show", "Mei").out
    (folder / "Mei.toml").write_text("height = 'tall'\nage = 900\n")
    ran = duanju("produce", "tea.txt")
    assert ran.code == 2 and "Mei.toml, line 2: age: '900' must be a whole number" in ran.err
    assert "Traceback" not in ran.err


def test_a_sheet_is_drawn_kept_and_not_drawn_twice(duanju: Any, bible: Path) -> None:
    ran = duanju("cast", "sheet", "Mei", "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    file = bible / "studio" / "out" / "Tea" / "cast" / "Mei.png"
    assert found["route"] == "local:painter" and Path(found["file"]).resolve() == file.resolve()
    with Image.open(io.BytesIO(file.read_bytes())) as sheet:
        assert sheet.size == (1536, 1024)
        assert len({sheet.getpixel((192 + 384 * view, 100)) for view in range(4)} | {(0, 0, 0)}) > 1
    head = json.loads(duanju("verify", "--json").out)["head"]
    assert duanju("cast", "sheet", "Mei").code == 0
    assert json.loads(duanju("verify", "--json").out)["head"] == head, "there is one of these looks"
    assert json.loads(duanju("cast", "show", "Mei", "--json").out)["sheet"]["looks_now"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "Nobody"), "no character 'Nobody' in Tea; there are: Mei, Lin"),
        (("set", "Mei", "age"), "'age' is no FIELD=VALUE"),
        (("set", "Mei", "age=old"), "age: 'old' must be a whole number from 3 to 105"),
        (("set", "Mei", "hat=x"), "hat: no such field; there are: gender"),
        (("merge", "Mei", "MEI"), "one character already"),
        (("merge", "Mei", "  "), "B must be a name"),
        (("list", "Coffee"), "no series 'Coffee'; there are: Tea"),
        (("sheet", "Mei", "--series", "Coffee"), "no series 'Coffee'; there are: Tea"),
    ],
)
def test_wrong_use_is_told_with_what_there_is(
    duanju: Any, bible: Path, words: tuple[str, ...], told: str
) -> None:
    ran = duanju("cast", *words)
    assert ran.code == 2 and told in ran.err and "Traceback" not in ran.err


def test_a_name_in_two_series_is_asked_for(duanju: Any, bible: Path) -> None:
    add(bible, "Coffee", CharacterCast("Coffee", "Mei", MEI, VOICE, "x"))
    ran = duanju("cast", "show", "Mei")
    assert ran.code == 2 and "Coffee/Mei, Tea/Mei" in ran.err
    assert json.loads(duanju("cast", "show", "Mei", "--series", "Coffee", "--json").out)["series"] == "Coffee"


def test_without_a_log_it_says_what_to_do(duanju: Any, place: Path) -> None:
    ran = duanju("cast", "list")
    assert ran.code == 2 and "duanju produce SCRIPT" in ran.err
