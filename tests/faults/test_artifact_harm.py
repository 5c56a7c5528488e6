"""A file that is lost between making and use: made again where that is free, else named with what it cost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import frozen
from faultkit import Machine
from stagehand import Play, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.hooks import effect, hookimpl
from duanju.core.verify import verify_artifacts, walk
from duanju.events.artifact import Artifact
from duanju.events.calls import CallAdmitted, SpeechReturned
from duanju.events.episode import EffectFailed, EpisodeHeld
from duanju.events.kinds import event


@event(home="episode", subject=("what",), address=("what",))
@frozen
class Planned:
    """A drawing to make."""

    what: str
    inputs: str


@event(home="episode", subject=("what",), address=("what",))
@frozen
class Pictured:
    """A drawing that was made."""

    what: str
    picture: Artifact
    reused_from: int | None = None


@event(home="episode", subject=("what",), address=("what",))
@frozen
class Framed:
    """What was made of a drawing, or of a voice."""

    what: str
    size: int


@hookimpl
@effect(lane="go", reuse=True)
def on_planned(event: Planned, desk: Desk) -> Iterator[Pictured]:
    """Free, and can be done again."""
    yield Pictured(event.what, desk.artifacts.put(event.inputs.encode() * 100, "image/png"))


@hookimpl
@effect(lane="frame", reuse=False)
def on_pictured(event: Pictured, desk: Desk) -> Iterator[Framed]:
    """Reads what another effect made."""
    yield Framed(event.what, len(desk.artifacts.read(event.picture)))


@hookimpl
@effect(lane="frame", reuse=False)
def on_speech_returned(event: SpeechReturned, desk: Desk) -> Iterator[Framed]:
    """Reads what was paid for."""
    yield Framed(event.subject, len(desk.artifacts.read(event.audio)))


HARMS: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "swapped": lambda path: path.write_bytes(b"z" * path.stat().st_size),
    "a bit": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\x00"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}
EVENTS = (Planned, Pictured, Framed)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Drawings are made first; who frames them is installed once the test has done its harm."""
    made = Play(
        tmp_path,
        {"draw": stage("draw", on_planned, events=EVENTS), "teller": Vendor("teller")},
        routes=("teller:m",),
    )
    yield made
    made.close()


def owe_frames(play: Play, stream: str) -> None:
    """The framer's work is open as a crash leaves it: submitted, and not answered."""
    for kind, hook in (("pictured", "on_pictured"), ("speech_returned", "on_speech_returned")):
        for record in play.log.read(stream=stream, kind=kind):
            row = (stream, "frame", hook, record.position, 1)
            play.log.db.execute("INSERT INTO work VALUES (?, ?, ?, ?, ?)", row)
    play.change(frame=stage("frame", on_pictured, on_speech_returned))


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_free_is_made_again_and_the_work_goes_on(play: Play, harm: str) -> None:
    stream = play.open("one", [Planned("a", "one"), Planned("b", "two")])
    play.run()
    (lost, kept) = play.all(stream, Pictured)
    HARMS[harm](play.artifacts.place(lost.picture))
    if harm == "a folder":  # what nobody can write over is told, not fought
        owe_frames(play, stream)
        play.run()
        assert "move it away" in play.all(stream, EpisodeHeld)[0].why
        play.artifacts.place(lost.picture).rmdir()
        return
    owe_frames(play, stream)
    play.run()
    assert sorted(one.what for one in play.all(stream, Framed)) == ["a", "b"]
    assert play.all(stream, EffectFailed) == [] and play.all(stream, EpisodeHeld) == []
    assert len(play.all(stream, Pictured)) == 2  # the file is back; no fact is new
    assert play.artifacts.check(lost.picture) == play.artifacts.check(kept.picture) == ""
    assert play.work() == [] and walk(play.log).problems == []
    assert list(verify_artifacts(play.log, play.artifacts)) == []


@pytest.mark.parametrize("harm", HARMS)
def test_what_cost_money_is_named_with_its_price_and_where_to_put_it_back(play: Play, harm: str) -> None:
    stream = play.open("one", [say("L1")])
    play.run()
    (voice,) = play.all(stream, SpeechReturned)
    (made,) = play.log.read(stream=stream, kind="speech_returned")
    place = play.artifacts.place(voice.audio)
    data = place.read_bytes()
    HARMS[harm](place)
    owe_frames(play, stream)
    play.run()
    (hold,) = play.all(stream, EpisodeHeld)
    assert f"it was made at position {made.position} (speech_returned) by teller" in hold.why
    assert "cost $0.10" in hold.why and voice.audio.sha256 in hold.why
    assert str(place) in hold.next and "backup" in hold.next and "duanju resume" in hold.next
    assert len(play.all(stream, EffectFailed)) == 1 and len(play.all(stream, CallAdmitted)) == 1
    if place.is_dir():
        place.rmdir()
    place.write_bytes(data)  # a person does as told
    from duanju.events.episode import EpisodeReleased

    play.add(stream, EpisodeReleased(hold.hold, "a person", "it is back"))
    play.run()
    assert [one.what for one in play.all(stream, Framed)] == ["L1"]
    assert len(play.all(stream, CallAdmitted)) == 1


@pytest.mark.parametrize("harm", [name for name in HARMS if name != "a folder"])
def test_a_harmed_answer_is_never_given_again(play: Play, harm: str) -> None:
    one = play.open("one", [Planned("a", "same"), say("L1", "the same words")])
    play.run()
    HARMS[harm](play.artifacts.place(play.all(one, Pictured)[0].picture))
    HARMS[harm](play.artifacts.place(play.all(one, SpeechReturned)[0].audio))
    two = play.open("two", [Planned("b", "same"), say("L9", "the same words")])
    play.run()
    three = play.open("three", [Planned("c", "same"), say("L7", "the same words")])
    play.run()
    assert play.all(two, Pictured)[0].reused_from is None
    (admitted,) = play.all(two, CallAdmitted)
    assert "is lost or damaged" in admitted.reason and "position" in admitted.reason
    assert play.all(three, Pictured)[0].reused_from and not play.all(three, CallAdmitted)
    assert list(verify_artifacts(play.log, play.artifacts)) == []


def test_a_maker_whose_work_does_not_stay_ends_in_a_hold(play: Play) -> None:
    """A disk that loses each file at once: bounded attempts, then a person is told."""
    stream = play.open("one", [Planned("a", "one")])
    play.run()
    place = play.artifacts.place(play.all(stream, Pictured)[0].picture)
    place.unlink()

    @hookimpl
    @effect(lane="frame", reuse=False)
    def on_pictured(event: Pictured, desk: Desk) -> Iterator[Framed]:
        """Loses the file before it reads it."""
        place.unlink(missing_ok=True)
        yield Framed(event.what, len(desk.artifacts.read(event.picture)))

    (record,) = play.log.read(stream=stream, kind="pictured")
    play.log.db.execute(
        "INSERT INTO work VALUES (?, 'frame', 'on_pictured', ?, 1)", (stream, record.position)
    )
    play.change(frame=stage("frame", on_pictured))
    play.run()
    holds = play.all(stream, EpisodeHeld)
    assert holds and all("is missing" in one.why and "backup" in one.next for one in holds)
    assert len(play.all(stream, Pictured)) == 1


def test_settings_that_are_lost_stop_their_episode_and_name_the_file(machine: Machine) -> None:
    """The last resort: an artifact that the core itself needs."""
    assert machine.call("produce", "tea.txt").returncode == 0
    log = machine.log()
    opened = next(record.event for record in log.read(kind="episode_opened"))
    log.close()
    place = machine.studio / ".duanju/artifacts" / opened.settings.sha256[:2] / opened.settings.sha256[2:]
    place.unlink()
    machine.script("tea", 3)
    ran = machine.call("status")
    assert "Traceback" not in ran.stderr and "unexpected" not in ran.stderr
    verified = machine.call("verify")
    assert verified.returncode == 1 and opened.settings.sha256 in verified.stderr
    again = machine.call("produce", "tea.txt")  # stores the same settings, so it is whole again
    assert again.returncode == 0, again.stderr
    assert machine.faults() == []


def test_what_comes_out_differently_is_a_new_fact_and_the_old_file_stays_lost(tmp_path: Path) -> None:
    """A maker that never makes the same bytes twice: its second answer stands beside the first."""
    made: list[str] = []

    @hookimpl
    @effect(lane="go", reuse=True)
    def on_planned(event: Planned, desk: Desk) -> Iterator[Pictured]:
        """Counts its runs into the picture."""
        made.append(event.what)
        yield Pictured(event.what, desk.artifacts.put(f"{event.what} {len(made)}".encode(), "image/png"))

    play = Play(tmp_path, {"draw": stage("draw", on_planned, events=EVENTS)})
    stream = play.open("one", [Planned("a", "one")])
    play.run()
    play.artifacts.place(play.all(stream, Pictured)[0].picture).unlink()
    owe_frames(play, stream)
    play.run()
    pictures = play.all(stream, Pictured)
    assert len(pictures) >= 2 and len({one.picture.sha256 for one in pictures}) == len(pictures) == len(made)
    (hold,) = play.all(stream, EpisodeHeld)
    assert pictures[0].picture.sha256 in hold.why and "backup" in hold.next
    assert play.all(stream, Framed)  # of the new one
    assert walk(play.log).problems == [] and play.work() == []
    play.close()
