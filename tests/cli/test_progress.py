"""Progress is folded from the log: counts, what waits for what, and the state a person would call it."""

from __future__ import annotations

import fcntl
import io
import os
from pathlib import Path
from typing import Any

import pytest

from duanju.cli.display import Display
from duanju.core.log import Log
from duanju.core.status import Progress, Wait, at_rest, holder_of, progress_of, state_of
from duanju.core.verify import walk
from duanju.events.artifact import Artifact
from duanju.events.calls import ImageReturned, SpeechReturned
from duanju.events.codec import Codec
from duanju.events.cut import EpisodeCut
from duanju.events.dialogue import LineVoiced, MouthTimed
from duanju.events.episode import (
    EpisodeDelivered,
    EpisodeHeld,
    EpisodeOpened,
    EpisodeReleased,
    EpisodeRevised,
    PartClosed,
    PartOpened,
)
from duanju.events.quality import CheckMeasured, QualityPlanned
from duanju.events.scenes import Move, ShotRendered, TakeChosen
from duanju.events.script import Line, SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from duanju.events.vocabulary import builtin_events

STREAM = "episode/tea/one"
FILE = Artifact("0" * 64, 1, "video/mp4")


def opened() -> EpisodeOpened:
    return EpisodeOpened("tea", "one", "Tea", "one.txt", FILE, "", FILE, FILE)


def parsed(scenes: int = 1, revision: int = 1) -> ScriptParsed:
    return ScriptParsed(revision, "Tea", "en", "fountain", scenes, 1, 9, (), (), ())


def scene(name: str, of: int = 1) -> SceneParsed:
    return SceneParsed(1, name, int(name[1:]), of, "INT.", "room", True, "day", "en", 1, 2, (), ())


def shot(name: str, of: int, *lines: str, revision: int = 1) -> ShotPlanned:
    said = tuple(Line(one, "Mei", "hello", "", "spoken") for one in lines)
    return ShotPlanned(
        revision, name[:3], name, int(name[4:]), of, "room", True, "day", "", "MS", "eye", "still", (), False,
        "", (), "neutral", said, "tts", 1000, 1, 2,
    )  # fmt: skip


def take(name: str, number: int = 1) -> TakeChosen:
    return TakeChosen(
        1, name[:3], name, number, f"{name}{number}", 2, 2, 25, 25, FILE, None, Move("still", 0.0), (), (),
        "ultrafast", (),
    )  # fmt: skip


def measured(check: str) -> CheckMeasured:
    return CheckMeasured(1, "c", check, "episode", "passed", None, None, "", "", (), "", "", "")


def picture(name: str) -> ImageReturned:
    return ImageReturned(revision=1, subject=name, image=FILE, width=2, height=2)


def voice(line: str) -> SpeechReturned:
    return SpeechReturned(revision=1, subject=line, audio=FILE, duration_ms=1)


class Story:
    """A log in memory that grows, folded after each step."""

    def __init__(self) -> None:
        self.log = Log(None, Codec(builtin_events()))

    def tell(self, *events: Any) -> Progress:
        self.log.append(STREAM, events, by="test")
        return progress_of(self.log, STREAM)


def test_each_join_says_what_it_waits_for() -> None:
    story = Story()
    assert story.tell(opened()).waits() == [Wait("shots", "the script to be read")]
    assert story.tell(parsed(2), scene("S01", 2)).waits() == [
        Wait("shots", "1 of 2 scenes to be read"),
        Wait("shots", "the shots of S01"),
    ]
    story.tell(scene("S02", 2), shot("S01-01", 1, "L001"), shot("S02-01", 1))
    progress = story.tell(ShotListSettled(1, "i", 2, 1, 2000))
    assert progress.waits() == [
        Wait("takes", "S01-01: its picture and the voice of L001"),
        Wait("takes", "S02-01: its picture"),
    ]
    progress = story.tell(picture("S01-01"), picture("S02-01"), voice("L001"))
    progress = story.tell(LineVoiced(1, 1, "L001", "S01-01", "Mei", "hello", FILE, 1, ()), take("S02-01"))
    assert progress.waits() == [
        Wait("takes", "S01-01: the mouth of L001"),
        Wait("cut", "the rendering of S02-01"),
    ]
    progress = story.tell(MouthTimed(1, 1, "L001", "Mei", 1, ()), take("S01-01"))
    rendered = [ShotRendered(1, name[:3], name, 1, FILE, 25) for name in ("S01-01", "S02-01")]
    assert story.tell(*rendered).waits() == [Wait("cut", "the film to be put together")]
    progress = story.tell(EpisodeCut(1, "c", FILE, FILE, 2000, 50), QualityPlanned(1, "c", ("a", "b")))
    progress = story.tell(measured("a"))
    assert progress.waits() == [Wait("quality", "the check b")]
    assert progress.counts() == {
        "shots planned": (2, 2),
        "pictures": (2, 2),
        "voices": (1, 1),
        "shots rendered": (2, 2),
        "cut": (1, 1),
        "checks": (1, 2),
    }
    progress = story.tell(PartOpened("delivery", "label", 1), measured("b"))
    assert progress.waits() == [Wait("delivery", "the part label")]
    progress = story.tell(PartClosed("delivery", "label", 1))
    assert progress.waits() == [Wait("delivery", "the verdict on the checks")]
    progress = story.tell(EpisodeDelivered(1, "d", FILE, FILE, 2000, 2, 0))
    assert progress.waits() == []
    assert state_of(progress, False) == "delivered"


def test_a_new_take_is_rendered_anew() -> None:
    story = Story()
    story.tell(opened(), parsed(), scene("S01"), shot("S01-01", 1), ShotListSettled(1, "i", 1, 0, 1000))
    story.tell(take("S01-01"), ShotRendered(1, "S01", "S01-01", 1, FILE, 25))
    progress = story.tell(take("S01-01", 2))
    assert progress.waits() == [Wait("cut", "the rendering of S01-01")]


def test_a_scene_broken_down_anew_counts_with_its_last_breakdown() -> None:
    story = Story()
    story.tell(opened(), parsed(), scene("S01"), shot("S01-01", 3), shot("S01-02", 3), shot("S01-03", 3))
    progress = story.tell(shot("S01-01", 2), shot("S01-02", 2))
    assert sorted(progress.shots) == ["S01-01", "S01-02"]


def test_a_revision_begins_anew_and_late_facts_of_the_old_one_do_not_count() -> None:
    story = Story()
    story.tell(opened(), parsed(), scene("S01"), shot("S01-01", 1), ShotListSettled(1, "i", 1, 0, 1000))
    revised = EpisodeRevised(2, "Tea", "one.txt", FILE, "", FILE, FILE, "the script changed")
    progress = story.tell(EpisodeDelivered(1, "d", FILE, FILE, 1, 0, 0), revised, picture("S01-01"))
    assert (progress.revision, progress.delivered, progress.shots) == (2, None, {})
    assert progress.pictures == set()
    assert progress.waits() == [Wait("shots", "the script to be read")]


def test_a_hold_comes_first_and_ends() -> None:
    story = Story()
    story.tell(opened())
    progress = story.tell(EpisodeHeld("budget:day", "no money", "", "wait", 1))
    assert state_of(progress, True) == "held"
    assert list(progress.holds) == ["budget:day"]
    progress = story.tell(EpisodeReleased("budget:day", "core", "raised"))
    assert (state_of(progress, True), state_of(progress, False)) == ("in progress", "interrupted")


def test_at_rest_only_when_the_engine_has_carried_and_nothing_flies() -> None:
    story = Story()
    progress = story.tell(opened(), EpisodeDelivered(1, "d", FILE, FILE, 1, 0, 0))
    db = story.log.db
    assert not at_rest(story.log, STREAM, progress)
    db.execute("UPDATE lease SET carried = ?", (story.log.head,))
    assert at_rest(story.log, STREAM, progress)
    db.execute("INSERT INTO work VALUES (?, 'out', 'on_episode_delivered', 3, 1)", (STREAM,))
    assert not at_rest(story.log, STREAM, progress)
    assert walk(story.log).problems == []


def test_the_holder_is_who_has_the_lock_not_who_had_it(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db", Codec(builtin_events()))
    log.db.execute("UPDATE lease SET holder = ?", ('{"pid": 7, "host": "h", "since": "s"}',))
    assert holder_of(log) is None
    fd = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    assert holder_of(log) is None
    fcntl.flock(fd, fcntl.LOCK_EX)
    found = holder_of(log)
    assert found is not None
    assert (found.pid, found.host, found.since) == (7, "h", "s")
    os.close(fd)
    assert holder_of(log) is None
    log.close()


class Terminal(io.StringIO):
    """A screen: what is left of a line after carriage returns and erasures."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        return [one.split("\r\x1b[K")[-1] for one in self.getvalue().split("\n")]


def test_on_a_terminal_one_line_moves_and_what_is_complete_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    story, screen = Story(), Terminal()
    story.tell(opened())
    with Display(story.log, [STREAM], screen) as display:
        for event in (
            parsed(),
            scene("S01"),
            shot("S01-01", 2),
            shot("S01-02", 2),
            ShotListSettled(1, "i", 2, 0, 2000),
            picture("S01-01"),
        ):
            display.committed(story.log.append(STREAM, [event], by="test"))
        moving = screen.lines()[-1]
        assert "tea/one: pictures 1/2" in moving
        display.committed(story.log.append(STREAM, [picture("S01-02")], by="test"))
    lines = screen.lines()
    assert lines[0].startswith("tea/one: 2 shots planned")
    assert any(line.startswith("tea/one: pictures 2/2") for line in lines)
    assert lines[-1] == "", "the moving line is taken away at the end"
    assert all(len(line) < 60 for line in lines)


def test_nobody_listening_is_no_failure() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    story = Story()
    story.tell(opened())
    with Display(story.log, [STREAM], Closed()) as display:
        display.committed(story.log.append(STREAM, [parsed(), scene("S01"), shot("S01-01", 1)], by="test"))
        display.committed(story.log.append(STREAM, [ShotListSettled(1, "i", 1, 0, 1)], by="test"))
        display.stopping(1, 20_000, 3.0)
    assert display.progress_of[STREAM].counts()["shots planned"] == (1, 1)
