"""Files of every format: what they are read as, in which encodings, and what is refused."""

from __future__ import annotations

import codecs
import io
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.core.errors import WrongUse
from duanju.core.source import decoded
from duanju.plugins.stages.screenplay.model import ScriptError
from duanju.plugins.stages.screenplay.parse import read
from duanju.plugins.stages.screenplay.sheet import open_sheet

sys.path.insert(0, str(Path(__file__).parent))
from elements import assert_covered, written

SCRIPTS = Path(__file__).parents[1] / "fixtures" / "scripts"
FILES = [
    "fountain/salt_road.fountain",
    "fdx/cold_reading.fdx",
    "docx/night_shift.docx",
    "docx/glass_houses.docx",
    "docx/guitu.docx",
    "plain/the_lift.txt",
    "markdown/kitchen_light.md",
]


@pytest.mark.parametrize("name", FILES)
def test_a_script_is_read_as_a_person_reads_it(name: str) -> None:
    data = (SCRIPTS / name).read_bytes()
    play = read(data, file=name)
    expected = (SCRIPTS / name).with_suffix(".elements").read_text(encoding="utf-8")
    assert written(play) == expected
    assert play.source_lines >= 40
    assert_covered(list(open_sheet(data).lines), play)


@pytest.mark.parametrize("name", FILES)
def test_the_format_is_told_from_the_content_and_may_be_forced(name: str) -> None:
    data = (SCRIPTS / name).read_bytes()
    told = read(data, file="no-extension")
    assert told.format == name.split("/", maxsplit=1)[0]
    if name != "docx/guitu.docx":
        assert read(data, told.format, file=name) == told


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-8"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "utf-32-le"),
        (b"", "utf-32-be"),
        (b"", "gb18030"),
    ],
)
@pytest.mark.parametrize("name", ["divorce.txt", "series/tea_and_salt.txt", "fountain/salt_road.fountain"])
def test_every_encoding_gives_the_same_script(name: str, mark: bytes, encoding: str, newline: str) -> None:
    text = (SCRIPTS / name).read_text(encoding="utf-8")
    assert decoded(mark + text.replace("\n", newline).encode(encoding)) == text.replace("\n", newline)


def test_an_fdx_in_utf_16_is_read() -> None:
    data = (SCRIPTS / "fdx" / "cold_reading.fdx").read_bytes()
    assert read(codecs.BOM_UTF16_LE + data.decode().encode("utf-16-le")) == read(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 ...", "this is no text but a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "save it as .docx"),
        (b"{\\rtf1 Hello}", "RTF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 3: this is no text but a binary file"),
        (bytes(range(256)) * 8, "binary file"),
        (b"INT.\n\0\1\2", "binary file"),
        (b"\0\1" * 3000, "binary file"),
    ],
)
def test_what_is_no_script_is_refused_with_a_way_out(data: bytes, words: str) -> None:
    with pytest.raises(ScriptError, match=r"mine") as caught:
        read(data, file="mine")
    assert words in str(caught.value)
    with pytest.raises(WrongUse):
        decoded(data, "mine")


# -- Final Draft ------------------------------------------------------------------------------------------


def fdx(body: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<FinalDraft><Content>{body}</Content></FinalDraft>'.encode()


SCENE = '<Paragraph Type="Scene Heading"><Text>INT. A - DAY</Text></Paragraph>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (fdx(SCENE)[:-20], "damaged"),
        (fdx(SCENE + "<Paragraph>&undefined;</Paragraph>"), "damaged"),
        (fdx(SCENE + "<a>" * 200 + "</a>" * 200), "nested too deeply"),
        (fdx("<Paragraph><Text>Nothing.</Text></Paragraph>"), "paragraph 1 to 1: no scene"),
        (fdx(SCENE, "<!DOCTYPE FinalDraft>"), "document type or entities"),
    ],
)
def test_a_broken_final_draft_file_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ScriptError, match=r"mine\.fdx") as caught:
        read(data, file="mine.fdx")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_fetched_or_grown(bomb: str) -> None:
    with pytest.raises(ScriptError, match="document type or entities"):
        read(fdx(SCENE, bomb), file="mine.fdx")


def test_words_without_a_speaker_are_reported() -> None:
    play = read(fdx(SCENE + '<Paragraph Type="Dialogue"><Text>Who says it?</Text></Paragraph>'))
    assert [(one.number, one.text) for one in play.unmapped] == [(2, "Who says it?")]


# -- Word -------------------------------------------------------------------------------------------------

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, **more: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        for name, text in more.items():
            archive.writestr(name, text)
    return made.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_deleted_words_are_gone_and_inserted_ones_are_there() -> None:
    change = (
        "<w:p><w:r><w:t>小美：我</w:t></w:r><w:del><w:r><w:delText>不</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>很</w:t></w:r></w:ins><w:r><w:t>好。</w:t></w:r></w:p>"
    )
    play = read(docx(paragraph("1-1 日 内 茶馆") + change))
    assert [one.text for one in play.elements if one.type == "line"] == ["我很好。"]


def test_a_line_break_in_a_paragraph_begins_another_line() -> None:
    two = "<w:p><w:r><w:t>小美：你好。</w:t><w:br/><w:t>老张：嗯。</w:t></w:r></w:p>"
    play = read(docx(paragraph("1-1 日 内 茶馆") + two))
    assert [(one.first, one.character, one.text) for one in play.elements if one.type == "line"] == [
        (2, "小美", "你好。"),
        (3, "老张", "嗯。"),
    ]


def test_all_in_the_middle_is_read_too() -> None:
    middle = '<w:jc w:val="center"/>'
    rows = [
        ("INT. A - DAY", ""),
        ("Rain.", ""),
        ("ANNA", middle),
        ("(low)", middle),
        ("Go.", middle),
        ("She goes.", ""),
    ]
    play = read(docx("".join(paragraph(*row) for row in rows)))
    assert [(one.type, one.text, one.note) for one in play.elements][2:] == [
        ("line", "Go.", "low"),
        ("action", "She goes.", ""),
    ]


def test_a_bomb_in_a_document_is_not_unpacked() -> None:
    bomb = docx(paragraph("1-1 日 内 茶馆") + " " * (40 << 20))
    assert len(bomb) < 1 << 20
    with pytest.raises(ScriptError, match=r"mine\.docx: word/document\.xml unpacks to"):
        read(bomb, file="mine.docx")


def test_a_small_lie_about_the_size_does_not_help_a_bomb() -> None:
    data = bytearray(docx(paragraph("1-1 日 内 茶馆") + " " * (40 << 20)))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(ScriptError, match=r"mine\.docx"):
        read(bytes(data), file="mine.docx")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 and then nothing", "damaged archive"),
        (docx(paragraph("1-1 日 内 茶馆"))[:-30], "damaged archive"),
        (docx("<w:p>"), "damaged"),
    ],
)
def test_a_broken_document_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ScriptError, match=r"mine\.docx") as caught:
        read(data, file="mine.docx")
    assert words in str(caught.value)


def test_an_archive_of_something_else_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("content.xml", "<a/>")
    with pytest.raises(ScriptError, match="no Word document"):
        read(made.getvalue(), file="mine.odt")


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("fdx/cold_reading.fdx", "fountain"),
        ("fdx/cold_reading.fdx", "docx"),
        ("docx/night_shift.docx", "fdx"),
        ("plain/the_lift.txt", "fdx"),
        ("plain/the_lift.txt", "docx"),
    ],
)
def test_a_forced_format_that_the_file_is_not_is_refused(name: str, format: str) -> None:
    with pytest.raises(ScriptError, match="leave out the format"):
        read((SCRIPTS / name).read_bytes(), format, name)


# -- hostile ----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(FILES),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=6)), max_size=6),
)
def test_a_file_bent_anywhere_is_read_or_refused(name: str, cuts: list[tuple[float, int, bytes]]) -> None:
    data = (SCRIPTS / name).read_bytes()
    for place, gone, put in cuts:
        at = int(place * len(data))
        data = data[:at] + put + data[at + gone :]
    try:
        sheet = open_sheet(data, file="bent")
        play = read(data, file="bent")
    except ScriptError as error:
        assert str(error).startswith("bent")
        return
    assert_covered(list(sheet.lines), play)


LINES = st.sampled_from(
    (
        *(
            "**ANNA**",
            "**ANNA:** Go.",
            "**Anna** (low): No.",
            "> Go.",
            "## INT. A - DAY",
            "### Scene 2",
            "ANNA",
        ),
        *(
            "(low)",
            "---",
            "```",
            "<!--",
            "-->",
            "*Rain.*",
            "- **BEN** (3): boy",
            "# Play",
            "",
            "    ",
            "    ANNA",
        ),
        *(
            "                  ANNA",
            "          Go.",
            "(MORE)",
            "12.",
            "1   INT. HALL - DAY      1",
            "CUT TO:",
        ),
        *(
            "EPISODE 2",
            "第3集 完",
            "【字幕：一】",
            "小美：走。",
            "*",
            "**",
            "\\",
            "> <",
            "~la",
            "[[a",
            "b]]",
            "/*",
        ),
        *("*/", "^", "@", "!", "#", "=", "==="),
    )
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    rows=st.lists(LINES, min_size=1, max_size=30),
    format=st.sampled_from(["fountain", "plain", "markdown", ""]),
)
def test_no_line_is_lost_in_any_layout(rows: list[str], format: str) -> None:
    lines = ["INT. START - DAY", "", *rows]
    text = "\n".join(lines) + "\n"
    try:
        play = read(text.encode(), format, "mine")
    except ScriptError as error:
        assert str(error).startswith("mine, line")
        return
    assert_covered(list(open_sheet(text.encode()).lines), play)


@pytest.mark.parametrize("format", ["fountain", "plain", "markdown", "chinese"])
def test_hundreds_of_pages_of_one_mark_take_no_time_that_grows_with_its_square(format: str) -> None:
    for mark in (
        "**A",
        "_a ",
        "*a ",
        "[[",
        "/*",
        "(",
        "**A**:",
        "<!--",
        "   \t",
        "A(",
        "\\*",
        "ANNA\n",
        "第1集 ",
    ):
        text = "INT. A - DAY\n\n" + mark * (60_000 // len(mark))
        try:
            read(text.encode(), format, "mine")
        except ScriptError as error:
            assert str(error).startswith("mine")
