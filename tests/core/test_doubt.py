"""Doubt, whole: what is known of it, how a person ends it, and what must never become one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults, wait_for
from stagehand import Play, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.plugins import load_plugins
from duanju.core.prices import Price
from duanju.core.rebuild import table_problems
from duanju.core.settings import Budget, Settings
from duanju.events.calls import (
    Bill,
    CallAdmitted,
    CallDoubted,
    CallFailed,
    DoubtSettled,
    RequestWithdrawn,
    SpeechRequested,
    SpeechReturned,
    VideoRequested,
    VideoReturned,
    VideoSubmitted,
)
from duanju.events.episode import EpisodeHeld, EpisodeReleased
from duanju.events.scenes import Picture

Make = Callable[..., Play]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    plays: list[Play] = []

    def build(*vendors: Vendor, capability: str = "speech", **more: Any) -> Play:
        routes = more.pop("routes", tuple(f"{v.name}:m" for v in vendors))
        play = Play(tmp_path, {v.name: v for v in vendors}, routes=routes, **more)
        if capability != "speech":
            play.settings = Settings(routes={capability: routes}, budget=play.settings.budget)
        plays.append(play)
        return play

    yield build
    for play in plays:
        faults = [one.what for one in table_problems(play.log, play.artifacts.read_sha256)]
        play.close()
        assert faults == []


def lost(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
    raise ConnectionResetError("no answer")
    yield


def in_force(play: Play, stream: str) -> list[str]:
    holds: dict[str, None] = {}
    for record in play.log.read(stream=stream):
        if record.kind == "episode_held":
            holds[record.event.hold] = None
        elif record.kind == "episode_released":
            holds.pop(record.event.hold, None)
    return list(holds)


def the_doubt(play: Play) -> Any:
    (record,) = play.log.read(kind="call_doubted")
    return record


def ended(record: Any, how: str) -> DoubtSettled:
    return DoubtSettled(record.event.request, record.event.admitted, how, "a person", "")


# -- what is known ---------------------------------------------------------------------------------------


def test_what_a_provider_knows_is_recorded_with_its_doubt_and_without_keys(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("V_API_KEY", "sesame-123")

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        assert desk.secret("v") == "sesame-123"
        desk.known("sent", b"first")
        desk.known("request id r-77 with sesame-123 " + "x" * 5000, b"{sesame-123: half", "application/json")
        raise ConnectionResetError("no answer")
        yield

    play = make(Vendor("v", behave))
    stream = play.open(first=[say("a")])
    play.run()
    event = the_doubt(play).event
    assert event.known.startswith("request id r-77 with <V_API_KEY>") and len(event.known) <= 2000
    assert play.artifacts.read(event.raw) == b"{<V_API_KEY>: half" and event.raw.media == "application/json"
    (held,) = play.all(stream, EpisodeHeld)
    assert "r-77" in held.why and "review adopt" in held.next and "review drop" in held.next
    assert all("sesame" not in record.body for record in play.log.read())


def test_telling_on_a_full_disk_does_not_cost_the_outcome(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        spoken = vendor.spoken(event, desk)
        file = desk.artifacts.root / "aa"
        desk.artifacts.root = file  # a file stands where the folder must be
        file.write_bytes(b"")
        desk.known("r-1", b"raw")
        assert "not kept" in desk.told.known
        yield spoken

    vendor = Vendor("v", behave)
    play = make(vendor)
    stream = play.open(first=[say("a")])
    root = play.artifacts.root
    play.run()
    play.artifacts.root = root
    assert len(play.all(stream, SpeechReturned)) == 1


# -- what is no doubt ------------------------------------------------------------------------------------


def test_a_key_that_is_missing_before_anything_was_sent_is_no_doubt(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        desk.secret("v")
        yield vendor.spoken(event, desk)

    monkeypatch.delenv("V_API_KEY", raising=False)
    vendor, other = Vendor("v", behave), Vendor("w")
    play = make(vendor, other)
    stream = play.open(first=[say("a"), say("b", "more")])
    play.run()
    assert play.all(stream, CallDoubted) == [] and play.spent() == (0, 0, 0)
    assert in_force(play, stream) == ["key:V_API_KEY"]
    assert "export V_API_KEY" in play.all(stream, EpisodeHeld)[0].next
    assert {(one.refused_by, one.fallback) for one in play.all(stream, CallFailed)} == {
        ("key:V_API_KEY", False)
    }
    play.run()
    before = len(vendor.calls)
    play.run()
    assert len(vendor.calls) == before and other.calls == [], "held: nothing is tried meanwhile"
    monkeypatch.setenv("V_API_KEY", "k-1")
    play.add(stream, EpisodeReleased("key:V_API_KEY", "resume", "it is there"))
    play.run()
    assert sorted(one.subject for one in play.all(stream, SpeechReturned)) == ["a", "b"]
    assert {one.route for one in play.all(stream, CallAdmitted)} == {"v:m"}, "the route was not at fault"
    assert play.spent() == (200_000, 0, 0) and log_faults(play.log) == []


def test_a_key_that_is_missing_after_another_was_handed_out_leaves_a_doubt(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("V_API_KEY", "k-1")
    monkeypatch.delenv("UPLOAD_API_KEY", raising=False)

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        desk.secret("v")  # and something was sent with it
        desk.secret("upload")
        yield

    play = make(Vendor("v", behave))
    play.open(first=[say("a")])
    play.run()
    assert "UPLOAD_API_KEY" in the_doubt(play).event.why and play.spent() == (0, 0, 100_000)


def test_a_providers_effect_cannot_be_a_twin() -> None:
    class Twin(Vendor):
        @hookimpl
        @effect(provider=SELF, lane="vendor", doubt="hold", reuse=True)
        def on_speech_requested(self, event: SpeechRequested, desk: Desk) -> Iterator[SpeechReturned]:
            yield self.spoken(event, desk)

    found = load_plugins(only="", extra={"v": Twin("v"), "plain": stage("plain")})
    assert "reuse" in found.failures["v"] and "v" not in found.plugins and "plain" in found.plugins


# -- how a person ends it --------------------------------------------------------------------------------


def test_a_dropped_request_is_not_asked_again_until_a_person_asks(make: Make) -> None:
    answers: list[Callable[..., Iterator[Any]]] = [lost]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        yield from answers.pop()(event, desk) if answers else iter([vendor.spoken(event, desk)])

    vendor = Vendor("v", behave)
    play = make(vendor)
    stream = play.open(first=[say("a")])
    play.run()
    doubt = the_doubt(play)
    play.add(stream, RequestWithdrawn(doubt.event.request, "done by hand"), ended(doubt, "given_up"))
    play.run()
    hold = f"dropped:{doubt.event.request}"
    assert vendor.calls == ["a"] and play.spent() == (100_000, 0, 0)
    assert in_force(play, stream) == [hold]
    held = play.all(stream, EpisodeHeld)[-1]
    assert "done by hand" in held.why and f"review retry tea/one {hold}" in held.next
    play.run()
    assert vendor.calls == ["a"] and log_faults(play.log) == []
    play.add(stream, EpisodeReleased(hold, "a person", "after all"))
    play.run()
    assert vendor.calls == ["a", "a"] and play.spent() == (200_000, 0, 0)
    assert in_force(play, stream) == [] and log_faults(play.log) == []


def test_a_new_revision_goes_on_without_what_was_dropped(make: Make) -> None:
    vendor = Vendor(
        "v", lambda event, desk: lost(event, desk) if event.subject == "a" else spoken(event, desk)
    )
    spoken = lambda event, desk: iter([vendor.spoken(event, desk)])  # noqa: E731
    play = make(vendor)
    stream = play.open(first=[say("a")])
    play.run()
    doubt = the_doubt(play)
    play.add(stream, RequestWithdrawn(doubt.event.request, "no"), ended(doubt, "not_accepted"))
    play.run()
    assert len(in_force(play, stream)) == 1 and play.spent() == (0, 0, 0)
    play.revise(stream, 2, [say("b", "other", revision=2)])
    play.run()
    assert in_force(play, stream) == [] and vendor.calls == ["a", "b"] and log_faults(play.log) == []


def test_another_episodes_doubt_does_not_hold_a_revision_that_asks_for_something_else(make: Make) -> None:
    vendor = Vendor(
        "v", lambda event, desk: lost(event, desk) if event.subject == "a" else spoken(event, desk)
    )
    spoken = lambda event, desk: iter([vendor.spoken(event, desk)])  # noqa: E731
    play = make(vendor, lanes={"vendor": 1})
    one = play.open("one", [say("a", "same")])
    play.run()
    two = play.open("two", [say("b", "same")])
    play.run()
    hold = f"doubt:{the_doubt(play).position}"
    assert in_force(play, one) == in_force(play, two) == [hold]
    play.revise(two, 2, [say("c", "something else", revision=2)])
    play.run()
    assert in_force(play, two) == [] and vendor.calls == ["a", "c"]
    assert in_force(play, one) == [hold], "its own doubt stays"
    play.revise(one, 2, [say("d", "new words", revision=2)])
    play.run()
    assert in_force(play, one) == [hold]


def test_a_file_that_was_lost_is_paid_for_once_more_and_not_each_time(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor)
    one = play.open("one", [say("a")])
    play.run()
    audio = play.all(one, SpeechReturned)[0].audio
    vendor.spoken = lambda event, desk, cost=None: SpeechReturned(  # type: ignore[method-assign]
        audio=desk.artifacts.put(b"another voice", "audio/wav"), duration_ms=1, bill=Bill(100_000, "billed")
    )
    play.artifacts.path(audio).unlink()
    for name in ("two", "three", "four"):
        play.open(name, [say(name)])
        play.run()
    assert vendor.calls == ["a", "two"]


# -- bills over their ceiling ----------------------------------------------------------------------------


def test_a_bill_over_its_ceiling_stops_its_lane_for_every_episode_until_a_person_looks(make: Make) -> None:
    bills = [150_000]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        yield vendor.spoken(event, desk, bills.pop() if bills else None)

    class Elsewhere(Vendor):
        @hookimpl
        @effect(provider=SELF, lane="elsewhere", doubt="hold", deadline_s=20.0)
        def on_speech_requested(
            self, event: SpeechRequested, desk: Desk
        ) -> Iterator[SpeechReturned | CallFailed]:
            self.calls.append(event.subject)
            yield self.spoken(event, desk)

    vendor, second, third = Vendor("v", behave), Vendor("w"), Elsewhere("x")
    play = make(vendor, second, third, routes=("v:m",))
    one = play.open("one", [say("a")])
    play.run()
    position = next(play.log.read(kind="speech_returned")).position
    hold = f"overbilled:{position}"
    assert in_force(play, one) == [hold]
    two = play.open("two", [say("b", "more")])
    again = play.open("again", [say("r")])
    play.settings = Settings(routes={"speech": ("w:m",)})
    three = play.open("three", [say("c", "third")])
    play.settings = Settings(routes={"speech": ("x:m",)})
    four = play.open("four", [say("d", "fourth")])
    for _ in range(2):  # and after a restart
        play.run()
        assert (vendor.calls, second.calls, third.calls) == (["a"], [], ["d"])
        assert in_force(play, two) == in_force(play, three) == [hold] and in_force(play, four) == []
    assert len(play.all(again, SpeechReturned)) == 1, "what is in the log already is given"
    play.settings = Settings(routes={"speech": ("v:m",)})
    play.revise(one, 2, [say("a2", "new", revision=2)])
    play.run()
    assert in_force(play, one) == [hold], "a new script does not settle a bill"
    play.add(one, EpisodeReleased(hold, "a person", "I looked"))
    play.run()
    assert sorted(vendor.calls) == ["a", "a2", "b"] and second.calls == ["c"]
    assert in_force(play, one) == in_force(play, two) == in_force(play, three) == []
    assert log_faults(play.log) == []


# -- long jobs -------------------------------------------------------------------------------------------


def clip(subject: str, note: str) -> VideoRequested:
    nowhere = Picture("hall", True, "day", "clear", "wide", "eye", (), False, (), "calm", "")
    return VideoRequested(1, subject, "clip", 1, 16, 16, 25, 1000, nowhere, note=note)


class Studio(Vendor):
    """Submits and awaits clips; `awaiting` says how the awaiting goes, well where it is empty."""

    def __init__(self, name: str, *awaiting: str) -> None:
        super().__init__(name)
        self.submitted: list[str] = []
        self.polled: list[str] = []
        self.awaiting = list(awaiting)

    def duanju_prices(self) -> list[Price]:
        return [Price(f"{self.name}:m", {"second": 100_000 * 1_000_000}, "test", "2020-01-01")]

    @hookimpl
    @effect(provider=SELF, lane="film", doubt="hold", deadline_s=20.0)
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        self.submitted.append(event.subject)
        yield VideoSubmitted(job=f"job-{len(self.submitted)}", bill=Bill(10_000, "billed"))

    @hookimpl
    @effect(provider=SELF, lane="film", deadline_s=20.0, attempts=2)
    def on_video_submitted(self, event: VideoSubmitted, desk: Desk) -> Iterator[VideoReturned | CallFailed]:
        self.polled.append(event.job)
        how = self.awaiting.pop(0) if self.awaiting else ""
        if how == "key":
            desk.secret("film-key")
        if how == "down":
            raise ConnectionError("the network is down")
        yield VideoReturned(
            clip=desk.artifacts.put(event.job.encode(), "video/mp4"), bill=Bill(70_000, "billed")
        )


def test_a_job_whose_awaiter_gives_up_is_in_doubt_and_is_never_sent_elsewhere(make: Make) -> None:
    studio, other = Studio("v", "down", "down"), Studio("w")
    play = make(studio, other, capability="video")
    stream = play.open(first=[clip("a", "x")])
    play.run()
    assert (studio.submitted, studio.polled, other.submitted) == (["a"], ["job-1"] * 2, [])
    doubt = the_doubt(play)
    assert doubt.event.known == "job job-1" and play.spent() == (0, 0, 100_000)
    found = VideoSubmitted(
        request=doubt.event.request, route="v:m", revision=1, subject="a", take=1, job="job-1"
    )
    play.add(stream, found, ended(doubt, "returned"))
    play.run()
    assert (studio.submitted, studio.polled) == (["a"], ["job-1"] * 3)
    assert len(play.all(stream, VideoReturned)) == 1 and in_force(play, stream) == []
    assert play.spent() == (80_000, 0, 0), "what the submit cost, and the clip"
    assert log_faults(play.log) == []


def test_a_job_waits_for_its_key_and_is_neither_failed_nor_in_doubt(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FILM_KEY_API_KEY", raising=False)
    studio, other = Studio("v", "key", "key", "key", "key"), Studio("w")
    play = make(studio, other, capability="video", lanes={"film": 1})
    stream = play.open(first=[clip("a", "x")])
    play.run()
    play.run()
    assert in_force(play, stream) == ["key:FILM_KEY_API_KEY"] and len(studio.submitted) == 1
    assert play.all(stream, CallFailed) == play.all(stream, CallDoubted) == [] and other.submitted == []
    monkeypatch.setenv("FILM_KEY_API_KEY", "k")
    play.add(stream, EpisodeReleased("key:FILM_KEY_API_KEY", "resume", "it is there"))
    play.run()
    assert len(play.all(stream, VideoReturned)) == 1 and studio.submitted == ["a"]
    assert play.spent() == (80_000, 0, 0) and log_faults(play.log) == []


# -- late ------------------------------------------------------------------------------------------------


def test_a_late_failure_of_a_cheap_call_does_not_ask_a_third_time(make: Make) -> None:
    go, second = threading.Event(), threading.Event()

    class Late(Vendor):
        @hookimpl
        @effect(provider=SELF, lane="vendor", doubt="hold", deadline_s=0.2)
        def on_speech_requested(
            self, event: SpeechRequested, desk: Desk
        ) -> Iterator[SpeechReturned | CallFailed]:
            self.calls.append(event.subject)
            if len(self.calls) == 1:
                go.wait(20)
                yield CallFailed(why="too much at once", bill=Bill(1_000, "billed"))
            else:
                second.set()
                yield self.spoken(event, desk)

    vendor, other = Late("v", price=9_000), Vendor("w", price=9_000)
    play = make(vendor, other, budget=Budget(), lanes={"vendor": 1})
    stream = play.open(first=[say("a")])
    with play.engine() as engine:
        engine.run()
        assert second.is_set() and vendor.calls == ["a", "a"]
        assert play.spent() == (9_000, 0, 9_000)
        go.set()
        assert wait_for(lambda: not engine.lanes.done.empty())
        engine.run()
    assert vendor.calls == ["a", "a"] and other.calls == []
    assert play.spent() == (10_000, 0, 0) and in_force(play, stream) == []
    assert [one.settled for one in play.all(stream, DoubtSettled)] == ["returned"]
    assert log_faults(play.log) == []
