"""The bible: what a person, pictures and the script say of a character, in this order; and its names."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from duanju.core.artifacts import Artifacts
from duanju.core.cast_fields import FIELDS, checked, said_of
from duanju.core.cast_files import note_cast, read_cast
from duanju.core.errors import BadSetting, WrongUse
from duanju.core.log import Log
from duanju.core.naming import Names, name_key
from duanju.events.artifact import Artifact
from duanju.events.cast import CharacterWritten, LooksMeasured, Relation
from duanju.events.codec import Codec
from duanju.events.script import CastNote
from duanju.events.vocabulary import builtin_events
from duanju.plugins.media.painter import paint
from duanju.plugins.stages.casting.choosing import by_rules
from duanju.plugins.stages.casting.describe import Hints
from duanju.plugins.stages.casting.knowledge import known_of
from duanju.plugins.stages.casting.measured import NoPicture, colours_of
from duanju.plugins.stages.casting.profiles import choose_profile, lab_squared
from duanju.plugins.stages.casting.renaming import as_known
from duanju.plugins.stages.screenplay.parse import read
from duanju.plugins.stages.writing.identity import block, worn

NOBODY = Names([])
MEI = CastNote("Mei", 3, 4, "Mei, a tall woman of 26 with a green coat and a scar on her chin, Lin's sister")


def wrote(
    source: str = "cast/Mei", character: str = "Mei", *pictures: Artifact, **fields: str
) -> CharacterWritten:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return CharacterWritten("tea", character, source, "d" if source != "command" else "", named, pictures)


def png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


# -- who says what ------------------------------------------------------------------------------------------


def test_a_person_goes_before_a_picture_and_a_picture_before_the_script() -> None:
    measured = LooksMeasured(1, "Mei", "#d8a174", "#2e211c", "#336699", "", "measured")
    known = known_of("Mei", [wrote(age="31", skin="#fae4d4", backstory="An heiress.")], NOBODY, measured)
    cast = by_rules("tea", MEI, known, [], ["Lin"])
    profile = cast.profile
    assert (profile.age, profile.skin) == (31, "#fae4d4")
    assert (profile.hair_colour, profile.clothes_colour, profile.clothes) == ("#2e211c", "#336699", "coat")
    assert (profile.height, profile.features) == ("tall", ("a scar on her chin",))
    assert cast.backstory == "An heiress." and cast.relations == (Relation("Lin", "sister"),)
    assert "from cast/Mei.toml: age, skin, backstory" in cast.why
    assert "from the colours of the picture: hair colour, clothes colour" in cast.why
    assert "from the script: gender" in cast.why and "clothes" in cast.why.split("from the script: ")[1]


def test_the_script_alone_says_what_it_says_and_the_rest_is_chosen() -> None:
    cast = by_rules("tea", MEI, known_of("Mei", [], NOBODY), [], ["Lin"])
    assert (cast.profile.age, cast.profile.clothes, cast.profile.clothes_colour) == (26, "coat", "#3f8f5b")
    assert cast.backstory == MEI.description and "chosen by the name: " in cast.why


def test_of_a_file_the_newest_text_counts_and_a_command_takes_back_only_its_own() -> None:
    log = [
        wrote(age="30", height="tall"),
        wrote("command", age="33", posture="upright"),
        wrote(age="31"),
        wrote("command", posture=""),
    ]
    assert {name: one.value for name, one in said_of(log, ["Mei"]).items()} == {"age": "31"}
    assert said_of([*log, wrote("command", age="40")], ["Mei"])["age"].source == "command"


def test_what_is_written_under_another_name_is_about_the_same_person() -> None:
    names = Names([("Miss Su", "Mei")])
    known = known_of("Mei", [wrote("cast/Miss Su", "miss su", height="short")], names)
    assert known.words == {"height": "short"}


# -- names --------------------------------------------------------------------------------------------------


def test_names_lead_to_one_character_and_no_circle_hangs() -> None:
    names = Names([("沈总", "沈墨"), ("Boss", "沈总"), ("A", "B"), ("B", "A")])
    assert names.means("ｂｏｓｓ") == "沈墨" and names.means("沈墨") == "沈墨"
    assert names.others("沈墨") == ("Boss", "沈总") and names.is_alias("boss")
    assert {names.means("A"), names.means("B")} <= {"A", "B"}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=8))
def test_a_name_always_means_somebody_and_means_it_again(aliases: list[tuple[str, str]]) -> None:
    names = Names(aliases)
    for name in "abcdef":
        meant = names.means(name)
        assert meant in "abcdef"
        in_a_circle = name_key(names.means(meant)) != name_key(meant)
        assert not in_a_circle or any(meant == alias for alias, _ in aliases)


SCRIPT = """Title: T

INT. ROOM - DAY

MEI waits. MISS SU laughs.

MEI
One.

MISS SU
Two.
"""


def test_a_script_is_read_under_its_characters_own_names_and_keeps_its_words() -> None:
    script = read(SCRIPT.encode(), "fountain")
    known = as_known(script, Names([("Miss Su", "Mei")]))
    lines = [one for one in known.elements if one.type == "line"]
    assert [(one.character, one.text) for one in lines] == [("Mei", "One."), ("Mei", "Two.")]
    assert [(one.name, one.lines) for one in known.characters] == [("Mei", 2)]
    assert known.scenes[0].characters == ("Mei",)
    assert [one.text for one in known.elements] == [one.text for one in script.elements]
    assert as_known(script, NOBODY) is script


# -- files --------------------------------------------------------------------------------------------------


def test_the_files_of_a_folder_are_read_and_recorded_once(tmp_path: Path) -> None:
    folder = tmp_path / "cast"
    (folder / "tea").mkdir(parents=True)
    (folder / "Mei.toml").write_text(
        'age = 31\nmarks = ["mole", "scar"]\n[costumes.wedding]\nclothes = "dress"\n[scenes]\nS02 = "wet"\n'
    )
    (folder / "Mei.2.png").write_bytes(png(Image.new("RGB", (16, 16), "red")))
    (folder / "Lin.toml").write_text('height = "tall"\n')
    (folder / "tea" / "Lin.toml").write_text('height = "short"\n')
    (folder / "notes.txt").write_text("nothing")
    log = Log(tmp_path / "log.db", Codec(builtin_events()))
    store = Artifacts(tmp_path / "artifacts")
    first = note_cast(log, store, folder, "tea", "cli.produce")
    assert [(one.character, one.fields) for one in first] == [
        ("Lin", {"height": "short"}),
        (
            "Mei",
            {"age": "31", "marks": "mole, scar", "costumes.wedding.clothes": "dress", "scenes.S02": "wet"},
        ),
    ]
    assert [store.read(one)[:4] for one in first[1].pictures] == [b"\x89PNG"]
    assert note_cast(log, store, folder, "tea", "cli.produce") == []
    (folder / "Mei.toml").write_text("age = 32\n")
    assert [one.fields for one in note_cast(log, store, folder, "tea", "x")] == [{"age": "32"}]
    (folder / "Mei.toml").unlink()
    (folder / "Mei.2.png").unlink()
    (gone,) = note_cast(log, store, folder, "tea", "x")
    assert (gone.character, gone.fields, gone.pictures, gone.digest) == ("Mei", {}, (), "")
    assert note_cast(log, store, folder, "tea", "x") == []
    log.close()


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("Mei.toml", b"age = 400\n", r"Mei\.toml, line 1: age: '400' must be a whole number from 3 to 105"),
        ("Mei.toml", b"\n\nskin = 'pink'\n", r"line 3: skin: 'pink' must be a colour like"),
        ("Mei.toml", b"hat = 'top'\n", r"line 1: hat: no such field; there are: gender"),
        ("Mei.toml", b"[costumes.red]\nshoes = 'x'\n", r"line 2: costumes\.red\.shoes: no such field"),
        ("Mei.toml", b"age = 1.5\n", r"line 1: age: must be a text, a whole number or a list"),
        ("Mei.toml", b"marks = ['hat']\n", r"line 1: marks: 'hat' must be one of beard"),
        ("Mei.toml", b"age = \n", r"Mei\.toml: "),
        ("Mei.toml", b"\xff\xfe", r"no UTF-8"),
        ("Mei.png", b"GIF89a", r"Mei\.png is no PNG picture"),
        ("Mei.webp", b"RIFF\0\0\0\0WAVE", r"is no WEBP picture"),
    ],
)
def test_a_file_that_cannot_be_is_named_with_its_line(
    tmp_path: Path, name: str, data: bytes, error: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises((BadSetting, WrongUse), match=error):
        read_cast(tmp_path, "tea")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from([*FIELDS, "relations.x", "costumes.a.words", "scenes.S01"]), st.text(max_size=40))
def test_a_value_is_refused_or_reads_again_as_it_was_stored(name: str, value: str) -> None:
    try:
        stored = checked(name, value)
    except ValueError as error:
        assert str(error)
    else:
        assert checked(name, stored) == stored


# -- pictures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Mei", "Wei", "Lan", "Bo"])
def test_the_colours_of_a_drawn_person_are_found_again(name: str) -> None:
    profile = choose_profile("tea", name, Hints(hair_style="short"), [])
    figure = {"character": name, "profile": attrs.asdict(profile), "position": "centre", "facing": "camera"}
    picture = {"place": "plain grey backdrop", "interior": True, "size": "MCU", "figures": [figure]}
    found = colours_of(paint(picture, 300, 450).png)
    for part in ("skin", "hair_colour", "clothes_colour"):
        assert lab_squared(getattr(found, part), getattr(profile, part)) < 2.0, (part, found, profile)


def test_a_picture_without_a_person_says_so_and_one_that_is_none_is_refused() -> None:
    blue = Image.new("RGB", (120, 160), "#2233aa")
    ImageDraw.Draw(blue).rectangle((30, 80, 90, 160), fill="#117733")
    found = colours_of(png(blue))
    assert (found.skin, found.hair_colour) == ("", "") and "no face" in found.why
    for data in (b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, png(Image.new("RGB", (4, 4)))):
        with pytest.raises(NoPicture):
            colours_of(data)


# -- the block ----------------------------------------------------------------------------------------------


def test_the_block_fixes_the_person_and_its_last_line_the_clothes() -> None:
    profile = by_rules("tea", MEI, known_of("Mei", [wrote(ethnicity="Chinese")], NOBODY), [], []).profile
    text = block("Mei", profile)
    assert text == block("Mei", attrs.evolve(profile, clothes="suit", clothes_colour="#000000"))
    assert "MUST NOT VARY" in text and "a scar on her chin" in text and "Chinese" in text
    assert worn(profile, None, ("wet",)).endswith("no other clothes. State: wet.")


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_written_stands_in_the_block_on_one_line(name: str, words: Any) -> None:
    profile = by_rules("tea", CastNote("x", 1, 1, ""), known_of("x", [], NOBODY), [], []).profile
    text = block(name, attrs.evolve(profile, posture=words, features=(words,), expressions=()))
    assert len(text.split("\n")) == 4 and len(text) < 1_400
