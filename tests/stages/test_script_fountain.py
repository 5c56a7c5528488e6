"""Fountain as its specification words it, construct by construct, with its own small examples."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from duanju.plugins.stages.screenplay.emphasis import plain
from duanju.plugins.stages.screenplay.parse import parse

sys.path.insert(0, str(Path(__file__).parent))
from elements import written

HEAD = "INT. SOMEWHERE - DAY\n\n"


def rows(text: str, head: str = HEAD) -> list[str]:
    """The elements below the scene's heading, as text."""
    return written(parse(head + text, "fountain")).splitlines()[2:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("From INCHES AWAY.  _Steel's face FILLS the *Leupold Mark 4* scope_.",
         "From INCHES AWAY.  Steel's face FILLS the Leupold Mark 4 scope."),
        ("Steel enters the code: **\\*9765\\***", "Steel enters the code: *9765*"),
        ("He dialed *69 and then *23, and then hung up.", "He dialed *69 and then *23, and then hung up."),
        ("He dialed *69 and then 23*, and then hung up.", "He dialed 69 and then 23, and then hung up."),
        ("He dialed \\*69 and then 23*, and hung up.", "He dialed *69 and then 23*, and hung up."),
        ("***bold italics***, **bold**, *italics*, _underline_", "bold italics, bold, italics, underline"),
        ("**_all_ of *it***", "all of it"),
        ("a file_name_here and 2 * 3 * 4", "a file_name_here and 2 * 3 * 4"),
        ("_ not_ this", "_ not_ this"),
        ("它_真的_很*重要*。", "它真的很重要。"),
        ("\\_kept\\_ \\@here", "_kept_ @here"),
    ],
)  # fmt: skip
def test_emphasis(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EXT. BRICK'S POOL - DAY #1A#", "3 heading #1A| EXT. BRICK'S POOL - DAY"),
        ("int. house - day #110-A#", "3 heading #110-A| int. house - day"),
        ("INT HOUSE - DAY #I.1.A#", "3 heading #I.1.A| INT HOUSE - DAY"),
        ("EST. CITY - NIGHT", "3 heading| EST. CITY - NIGHT"),
        ("INT./EXT. CAR - DAY", "3 heading| INT./EXT. CAR - DAY"),
        ("I/E CAR - DAY", "3 heading| I/E CAR - DAY"),
        (".SNIPER SCOPE POV", "3 heading| SNIPER SCOPE POV"),
        ("...and then nothing.", "3 action| ...and then nothing."),
        ("INTERIOR MONOLOGUE, he thinks.", "3 action| INTERIOR MONOLOGUE, he thinks."),
        ("STEEL\nThe man's a myth!", "3-4 line Steel/spoken| The man's a myth!"),
        ("@McCLANE\nYippie ki-yay!", "3-4 line McCLANE/spoken| Yippie ki-yay!"),
        ("MOM (O. S.)\nLuke! Come down.", "3-4 line Mom/off| Luke! Come down."),
        ("HANS (on the radio)\nWhat was it?", "3-4 line Hans/spoken (on the radio)| What was it?"),
        ("R2D2\nBeep.", "3-4 line R2D2/spoken| Beep."),
        ("23\nNot a name.", "3-4 action| 23 Not a name."),
        ("DR. KING JR.\nI have one.", "3-4 line Dr. King Jr./spoken| I have one."),
        (
            "DEALER\nTen.\nFour.\n  \nDealer gets a seven.",
            "3-7 line Dealer/spoken| Ten. Four. Dealer gets a seven.",
        ),
        ("~Willy Wonka!", "3 lyric| Willy Wonka!"),
        ("KID\n~Willy Wonka!", "3-4 line Kid/spoken (sings)| Willy Wonka!"),
        ("CUT TO:", "3 transition| CUT TO:"),
        ("> Burn to White.", "3 transition| Burn to White."),
        ("> THE END <", "3 centred| THE END"),
        ("!SCANNING THE AISLES...", "3 action| SCANNING THE AISLES..."),
        ("# Act", "3 section| Act"),
        ("### Scene", "3 section| Scene"),
        ("= Set up the characters.", "3 synopsis| Set up the characters."),
        ("====", "3 page-break| ===="),
        ("[[A note.]]", "3 note| [[A note.]]"),
        ("[[One\n  \ntwo]]", "3-5 note| [[One\\n\\ntwo]]"),
        ("/* Gone\n\nfor good */", "3-5 boneyard| /* Gone\\n\\nfor good */"),
        ("She runs. [[Where?]]", "3 action (Where?)| She runs."),
        ("EPISODE 2: HOME", "3 section| EPISODE 2: HOME"),
        ("LATER: rain.", "3 cue| LATER: rain."),
    ],
)
def test_a_construct(text: str, expected: str) -> None:
    assert rows(text + "\n") == [expected]


def test_dual_dialogue_marks_the_second_speaker() -> None:
    found = rows("BRICK\nScrew retirement.\n\nSTEEL ^\nScrew retirement.\n\nANNA\nWell.\n")
    assert found == [
        "3-4 line Brick/spoken| Screw retirement.",
        "6-7 line Steel/spoken ^| Screw retirement.",
        "9-10 line Anna/spoken| Well.",
    ]


def test_a_parenthetical_in_the_middle_parts_the_speech_and_only_the_first_is_dual() -> None:
    assert rows("A\nOne.\n\nBOB ^\n(low)\nTwo.\n(loud)\nThree.\n")[1:] == [
        "6-8 line Bob/spoken ^ (low)| Two.",
        "9-10 line Bob/spoken (loud)| Three.",
    ]


def test_a_note_among_the_words_is_no_direction_and_is_not_spoken() -> None:
    assert rows("ANNA\nGo. [[angrier?]]\n[[or not]]\nNow.\n") == ["3-6 line Anna/spoken| Go. Now."]


def test_a_title_page_takes_values_on_the_lines_below_its_keys() -> None:
    play = parse(
        "Title:\n    _**BRICK & STEEL**_\n    _**FULL RETIRED**_\nCredit: Written by\nColour: any key\n\n"
        + HEAD,
        "fountain",
    )
    assert play.title == "BRICK & STEEL FULL RETIRED"
    assert [one.first for one in play.elements if one.type == "title"] == [1, 2, 3, 4, 5]


def test_no_title_page_without_a_key_that_is_known() -> None:
    assert parse("Anna: runs.\n\n" + HEAD, "fountain").title == ""


def test_a_line_by_a_name_that_speaks_nowhere_else_is_said_to_be_in_doubt() -> None:
    found = rows("SUDDENLY: silence.\n\nANNA\nWell.\n\nANNA: And now?\n")
    assert found == [
        "3 line Suddenly/spoken| silence.",
        "5-6 line Anna/spoken| Well.",
        "8 line Anna/spoken| And now?",
        "3 AMBIGUOUS line of Suddenly or action| SUDDENLY: silence.",
    ]


def test_chinese_names_need_no_mark() -> None:
    assert rows("林小雨（画外音）\n你来了。\n\n小美\n嗯。\n好。\n") == [
        "3-4 line 林小雨/off| 你来了。",
        "6-8 line 小美/spoken| 嗯。好。",
    ]
