"""Wrong use ends with one clear line and exit code 2, whatever was wrong, and leaves nothing behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def _settings(text: str) -> Callable[[Path], None]:
    return lambda place: (place / "studio" / "duanju.toml").write_text(text, encoding="utf-8") and None


def _file(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda place: (place / name).write_bytes(data) and None


def _log(data: bytes) -> Callable[[Path], None]:
    def make(place: Path) -> None:
        (place / "studio" / ".duanju").mkdir()
        (place / "studio" / ".duanju" / "log.db").write_bytes(data)

    return make


def _newer(place: Path) -> None:
    (place / "studio" / ".duanju").mkdir()
    with sqlite3.connect(place / "studio" / ".duanju" / "log.db") as db:
        db.execute("CREATE TABLE event(position INTEGER PRIMARY KEY, kind TEXT, body TEXT)")
        db.execute("PRAGMA user_version = 99")


def _foreign(place: Path) -> None:
    (place / "studio" / ".duanju").mkdir()
    with sqlite3.connect(place / "studio" / ".duanju" / "log.db") as db:
        db.execute("CREATE TABLE recipe(name TEXT)")
        db.execute("PRAGMA user_version = 1")


def _nothing(place: Path) -> None:
    pass


WRONG: list[tuple[str, Callable[[Path], None], list[str], list[str]]] = [
    ("no such file", _nothing, ["produce", "gone.txt"], ["gone.txt", "no such file"]),
    ("a folder", _nothing, ["produce", "studio"], ["studio is a folder"]),
    ("empty", _file("e.txt", b" \n"), ["produce", "e.txt"], ["e.txt is empty"]),
    ("binary", _file("b.txt", b"INT.\n\0\1\2"), ["produce", "b.txt"], ["b.txt, line 2", "no text"]),
    ("delivery", _nothing, ["produce", "tea.txt", "--delivery", "imax"], ["imax", "web-vertical, web-wide"]),
    ("no delivery", _nothing, ["produce", "tea.txt", "--delivery", ""], ["--delivery", "web-wide"]),
    ("profile", _nothing, ["produce", "tea.txt", "--profile", "gold"], ["gold", "there are: local"]),
    ("format", _nothing, ["produce", "tea.txt", "--format", "pdf"], ["pdf", "fountain, fdx, chinese"]),
    ("budget", _nothing, ["produce", "tea.txt", "--budget", "a lot"], ["--budget", "write dollars"]),
    ("negative budget", _nothing, ["produce", "tea.txt", "--budget", "-3"], ["--budget", "-3"]),
    ("no budget", _nothing, ["produce", "tea.txt", "--budget", ""], ["--budget", "write dollars"]),
    ("infinite budget", _nothing, ["resume", "--budget", "inf"], ["--budget", "write dollars"]),
    ("below a file", _nothing, ["produce", "tea.txt", "--studio", "tea.txt/x"], ["tea.txt/x", "Not a dir"]),
    ("unwritable", _nothing, ["produce", "tea.txt", "--studio", "/proc/x"], ["/proc/x", "choose another"]),
    ("new below a file", _nothing, ["new", "tea.txt/x"], ["tea.txt/x", "choose another folder"]),
    ("no studio", _nothing, ["status", "--studio", "nowhere"], ["nowhere is no studio", "duanju new"]),
    (
        "bad setting",
        _settings("[delivery]\n\nfps = 1000\n"),
        ["produce", "tea.txt"],
        ["duanju.toml, line 3: delivery.fps", "12 to 60"],
    ),
    (
        "unknown key",
        _settings("[film]\nlangauge = 'en'\n"),
        ["produce", "tea.txt"],
        ["duanju.toml, line 2: film.langauge", "language, series"],
    ),
    ("no TOML", _settings("[film\n"), ["routes"], ["duanju.toml", "line 1"]),
    (
        "route to nobody",
        _settings("[routes]\nspeech = ['nobody:x']\nimage = []\n"),
        ["produce", "tea.txt"],
        ["nobody:x", "speech is done by: paid"],
    ),
    ("no log", _nothing, ["history", "tea"], ["has no log yet", "duanju produce"]),
    ("no log to resume", _nothing, ["resume"], ["has no log yet"]),
    ("not a log", _log(b"not a database, but long enough to look like one" * 40), ["status"], ["log.db"]),
    ("not a log, to write", _log(b"not a database at all" * 90), ["produce", "tea.txt"], ["log.db"]),
    ("a newer log", _newer, ["status"], ["table schema 99"]),
    ("another program's", _foreign, ["status"], ["log.db"]),
    (
        "by",
        _nothing,
        ["costs", "--by", "mood"],
        ["mood", "model, provider, stage, series, episode, shot, purpose, day"],
    ),
]


@pytest.mark.parametrize(("make", "words", "said"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_wrong_use(
    duanju: Any, place: Path, make: Callable[[Path], None], words: list[str], said: list[str]
) -> None:
    make(place)
    ran = duanju(*words)
    assert ran.code == 2, ran
    assert ran.err.startswith("duanju: ")
    assert ran.err.count("\n") == 1, "more than one line"
    for part in said:
        assert part in ran.err
    assert ran.out == ""
    assert not (place / "nowhere").exists()
    if make is _nothing:
        assert not (place / "studio" / ".duanju").exists(), "something was left behind"


@pytest.mark.parametrize(
    "words",
    [
        ["produce"],
        ["produce", "tea.txt", "--nonsense"],
        ["nonsense"],
        ["history", "tea", "--why", "-4"],
        ["history", "tea", "--why", "x"],
        ["replay", "tea", "--to", "-1"],
        ["replay", "tea", "--to", "0"],
        ["plugins", "nonsense"],
    ],
)
def test_wrong_words_get_the_usage(duanju: Any, words: list[str]) -> None:
    ran = duanju(*words)
    assert ran.code == 2
    assert "Error" in ran.err or "Usage" in ran.err
    assert "Traceback" not in ran.err


def test_unknown_and_ambiguous_episodes_show_the_candidates(duanju: Any, place: Path) -> None:
    (place / "b").mkdir()
    (place / "b" / "tea.txt").write_text("Title: Other\nINT. A\nwords\n", encoding="utf-8")
    assert duanju("produce", "tea.txt", "b/tea.txt").code == 0
    for words in (["status"], ["history"], ["replay"], ["costs"], ["resume"]):
        ran = duanju(*words, "coffee")
        assert (ran.code, ran.out) == (2, "")
        assert "no episode 'coffee'" in ran.err
        assert "Other/tea, Tea/tea" in ran.err
        ran = duanju(*words, "tea")
        assert ran.code == 2
        assert "Other/tea, Tea/tea; write SERIES/NAME" in ran.err
    assert duanju("status", "Tea/tea").code == 0


def test_positions_that_are_not_there(duanju: Any, place: Path) -> None:
    (place / "two.txt").write_text("INT. HALL\nanother line\n", encoding="utf-8")
    assert duanju("produce", "tea.txt", "two.txt").code == 0
    far = duanju("history", "tea", "--why", "99999")
    assert (far.code, "no position 99999" in far.err) == (2, True)
    far = duanju("replay", "tea", "--to", "99999")
    assert (far.code, "ends at position" in far.err) == (2, True)
    opened = duanju("history", "two").out.split()[0]
    other = duanju("history", "tea", "--why", opened)
    assert (other.code, "belongs to episode/two/two" in other.err) == (2, True)


def test_what_nobody_expected_is_written_down(
    duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert duanju("produce", "tea.txt").code == 0

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("duanju.core.ledger_table.ledger_now", broken)
    ran = duanju("costs")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "RuntimeError: a bug of ours" in ran.err
    written = list((place / "studio" / ".duanju").glob("crash-*.txt"))
    assert len(written) == 1
    assert str(written[0].name) in ran.err
    assert "Traceback" in written[0].read_text(encoding="utf-8")
