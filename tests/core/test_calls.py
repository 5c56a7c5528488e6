"""Admission: reuse, same key, fallback, prices, keys, caps, doubts and deadlines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults, wait_for
from stagehand import DOLLAR, Play, Vendor, say

from duanju.core import engine as engine_module
from duanju.core.desk import Desk
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.core.settings import Budget, Settings
from duanju.events.calls import (
    Bill,
    BudgetRaised,
    CallAdmitted,
    CallDoubted,
    CallFailed,
    CallRefused,
    DoubtSettled,
    SpeechRequested,
    SpeechReturned,
    VideoRequested,
    VideoReturned,
    VideoSubmitted,
)
from duanju.events.episode import EpisodeHeld, EpisodeReleased
from duanju.events.scenes import Picture

Make = Callable[..., Play]
UNLIMITED = Budget(repeat_below=10_000)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    plays: list[Play] = []

    def build(*vendors: Vendor, **more: Any) -> Play:
        routes = more.pop("routes", tuple(f"{v.name}:m" for v in vendors))
        plays.append(Play(tmp_path, {v.name: v for v in vendors}, routes=routes, **more))
        return plays[-1]

    yield build
    for play in plays:
        play.close()


def fails(why: str = "refused", *, fallback: bool = True, cost: int = 0) -> Callable[..., Iterator[Any]]:
    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        yield CallFailed(why=why, fallback=fallback, bill=Bill(cost=cost))

    return behave


def holds(play: Play, stream: str) -> list[str]:
    return [held.hold for held in play.all(stream, EpisodeHeld)]


# -- reuse and keys --------------------------------------------------------------------------------------


def test_the_same_call_is_made_once_in_an_episode_and_across_episodes(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor)
    one = play.open("one", [say("a"), say("b"), say("c", "other")])
    two = play.open("two", [say("d")])
    play.run()
    assert sorted(vendor.calls) == ["a", "c"]
    assert play.spent() == (200_000, 0, 0)
    (given,) = play.all(two, SpeechReturned)
    assert (given.subject, given.bill.cost, given.reused_from is not None) == ("d", 0, True)
    assert {s.subject for s in play.all(one, SpeechReturned) if s.reused_from is None} == {"a", "c"}
    three = play.open("three", [say("e"), say("f", take=2)])
    play.run()
    assert vendor.calls[2:] == ["f"], "another take is another call"
    assert len(play.all(three, SpeechReturned)) == 2 and log_faults(play.log) == []


def test_a_paid_take_is_kept_when_the_route_changes_and_a_free_one_is_replaced(make: Make) -> None:
    free, paid, other = Vendor("free", price=0), Vendor("paid"), Vendor("other")
    play = make(free, paid, other, routes=("free:m",))
    play.open("one", [say("a")])
    play.run()
    play.settings = Settings(routes={"speech": ("paid:m",)})
    play.open("two", [say("b")])
    play.run()
    play.settings = Settings(routes={"speech": ("other:m",)})
    play.open("three", [say("c")])
    play.run()
    assert (free.calls, paid.calls, other.calls) == (["a"], ["b"], [])


def test_who_waits_for_a_key_in_flight_is_admitted_when_the_first_fails(make: Make) -> None:
    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        time.sleep(0.02)
        if event.subject == "a":
            yield CallFailed(why="refused", fallback=False)
        else:
            yield vendor.spoken(event, desk)

    vendor = Vendor("v", behave)
    play = make(vendor, lanes={"vendor": 8})
    play.open("one", [say("a")])
    two = play.open("two", [say("b")])
    three = play.open("three", [say("c")])
    play.run()
    assert vendor.calls == ["a", "b"], "never two at once, and the third is answered by the second"
    assert len(play.all(two, SpeechReturned)) == len(play.all(three, SpeechReturned)) == 1
    assert log_faults(play.log) == []


def test_what_lies_in_the_log_without_its_file_is_made_again(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor)
    one = play.open("one", [say("a")])
    play.run()
    play.artifacts.path(play.all(one, SpeechReturned)[0].audio).unlink()
    play.open("two", [say("b")])
    play.run()
    assert vendor.calls == ["a", "b"]


# -- fallback --------------------------------------------------------------------------------------------


def test_the_next_route_is_tried_after_a_failure(make: Make) -> None:
    first, second = Vendor("f", fails()), Vendor("s")
    play = make(first, second)
    stream = play.open(first=[say("a")])
    play.run()
    admitted = [(a.route, a.reason, a.rule, a.attempt) for a in play.all(stream, CallAdmitted)]
    assert admitted == [("f:m", "route", "routes.speech[1]", 1), ("s:m", "fallback", "routes.speech[2]", 2)]
    assert play.all(stream, CallFailed)[0].subject == "a" and play.all(stream, CallFailed)[0].route == "f:m"
    assert [s.route for s in play.all(stream, SpeechReturned)] == ["s:m"]
    assert play.spent() == (100_000, 0, 0) and log_faults(play.log) == []


def test_when_every_route_failed_it_holds_and_a_release_tries_them_all_again(make: Make) -> None:
    broken = [True]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if broken[0]:
            yield CallFailed(why="down")
        else:
            yield first.spoken(event, desk)

    first, second = Vendor("f", behave), Vendor("s", fails("also down"))
    play = make(first, second)
    stream = play.open(first=[say("a")])
    play.run()
    assert holds(play, stream) == ["call:speech"]
    (refused,) = play.all(stream, CallRefused)
    assert "f:m" in refused.why and "s:m" in refused.why and refused.next
    broken[0] = False
    play.add(stream, EpisodeReleased("call:speech", "a person", "it is up again"))
    play.run()
    assert (first.calls, second.calls) == (["a", "a"], ["a"])
    assert len(play.all(stream, SpeechReturned)) == 1 and log_faults(play.log) == []


def test_a_failure_without_fallback_holds_and_a_release_asks_again(make: Make) -> None:
    once = [True]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if once.pop() if once else False:
            yield CallFailed(why="the words were refused", fallback=False)
        else:
            yield first.spoken(event, desk)

    first, second = Vendor("f", behave), Vendor("s")
    play = make(first, second)
    stream = play.open(first=[say("a")])
    play.run()
    assert holds(play, stream) == ["call:3"] and second.calls == []
    play.add(stream, EpisodeReleased("call:3", "a person", "try again"))
    play.run()
    assert first.calls == ["a", "a"] and len(play.all(stream, SpeechReturned)) == 1
    assert log_faults(play.log) == []


def test_an_effect_that_says_nothing_of_its_call_is_a_failed_call(make: Make) -> None:
    vendor = Vendor("v", lambda event, desk: iter(()))
    play = make(vendor)
    stream = play.open(first=[say("a")])
    play.run()
    assert "ended without an outcome" in play.all(stream, CallFailed)[0].why
    assert holds(play, stream) == ["call:3"] and play.spent() == (0, 0, 0)
    assert log_faults(play.log) == []


# -- prices, keys, models --------------------------------------------------------------------------------


def test_an_unknown_price_is_refused_unless_allowed_and_then_shown_as_unknown(make: Make) -> None:
    vendor = Vendor("v", price=None)
    play = make(vendor)
    one = play.open("one", [say("a")])
    play.run()
    assert vendor.calls == [] and holds(play, one) == ["price:v:m"]
    assert "unknown_prices" in play.all(one, CallRefused)[0].next
    play.settings = Settings(routes={"speech": ("v:m",)}, budget=Budget(unknown_prices=True))
    two = play.open("two", [say("b")])
    play.run()
    assert vendor.calls == ["b"]
    (admitted,) = play.all(two, CallAdmitted)
    assert (admitted.quote, admitted.ceiling, admitted.price_entry) == (None, None, "")


def test_a_missing_key_is_named_before_anything_is_spent(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("V_1_API_KEY", raising=False)
    vendor = Vendor("v-1", needs_key=True)
    play = make(vendor)
    stream = play.open(first=[say("a"), say("b", "other")])
    play.run()
    assert vendor.calls == [] and holds(play, stream) == ["key:V_1_API_KEY"]
    assert play.all(stream, CallRefused)[0].next.startswith("export V_1_API_KEY")
    assert play.spent() == (0, 0, 0)
    monkeypatch.setenv("V_1_API_KEY", "k")
    play.add(stream, EpisodeReleased("key:V_1_API_KEY", "resume", "it is there"))
    play.run()
    assert sorted(vendor.calls) == ["a", "b"] and log_faults(play.log) == []
    assert all(r.body != "k" and '"k"' not in r.body for r in play.log.read()), "no secret in the log"


def test_a_model_that_is_shut_down_is_refused_with_its_successor(make: Make) -> None:
    vendor = Vendor("v", until="2021-01-01")
    play = make(vendor)
    stream = play.open(first=[say("a")])
    play.run()
    assert vendor.calls == [] and holds(play, stream) == ["model:v:m"]
    assert "since 2021-01-01; its successor is m2" in play.all(stream, CallRefused)[0].why


def test_no_route_is_refused(make: Make) -> None:
    play = make(Vendor("v"), routes=())
    stream = play.open(first=[say("a")])
    play.run()
    assert holds(play, stream) == ["route:speech"]


# -- caps ------------------------------------------------------------------------------------------------


def test_a_refused_request_goes_on_when_the_budget_is_raised(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor, budget=Budget(episode=250_000), lanes={"vendor": 8})
    stream = play.open(first=[say(f"L{i}", f"line {i}") for i in range(4)])
    play.run()
    assert len(vendor.calls) == 2 and holds(play, stream) == ["budget:episode"]
    assert "$0.25" in play.all(stream, CallRefused)[0].why
    play.run()
    assert len(vendor.calls) == 2, "a restart spends nothing"
    play.add(stream, BudgetRaised("episode", 1 * DOLLAR, "a person"))
    play.run()
    assert sorted(vendor.calls) == [f"L{i}" for i in range(4)]
    assert play.spent() == (400_000, 0, 0) and log_faults(play.log) == []


class Meter(Vendor):
    """A vendor that watches what could be owed to it: its calls in flight and those it has billed."""

    def __init__(self, name: str, *, price: int, spare: float = 1.0, doubts: int = 0) -> None:
        super().__init__(name, self.behave, price=price)
        self.lock = threading.Lock()
        self.exposed = self.most = self.running = self.widest = 0
        self.spare = spare
        self.doubts = doubts

    def behave(self, event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        assert self.price is not None and desk.call is not None and desk.call.ceiling == self.price
        with self.lock:
            self.exposed += self.price
            self.running += 1
            self.most, self.widest = max(self.most, self.exposed), max(self.widest, self.running)
            doubt = self.doubts > 0
            self.doubts -= doubt
        time.sleep(0.01)
        cost = int(self.price * self.spare)
        with self.lock:
            self.running -= 1
            if not doubt:
                self.exposed -= self.price - cost
        if doubt:
            raise ConnectionResetError("no answer")
        yield self.spoken(event, desk, cost)


@pytest.mark.parametrize("scope", ["episode", "series", "day"])
def test_a_cap_is_never_passed_by_thirty_two_calls_at_once(make: Make, scope: str) -> None:
    meter = Meter("v", price=100_000, spare=0.5)
    play = make(meter, budget=Budget(**{scope: 1_050_000}), lanes={"vendor": 32})
    streams = [
        play.open(name, [say(f"{name}{i}", f"{name} {i}") for i in range(20)])
        for name in (("a", "b") if scope != "episode" else ("a",))
    ]
    play.run()
    assert meter.most <= 1_050_000
    assert meter.widest > 4, "they did run at once"
    settled, reserved, doubt = play.spent()
    assert settled == 50_000 * len(meter.calls) and reserved == doubt == 0
    assert settled + 100_000 > 1_050_000 or len(meter.calls) == 20 * len(streams), "and it is used up"
    for stream in streams:
        returned, held = len(play.all(stream, SpeechReturned)), holds(play, stream)
        assert returned == 20 or held == [f"budget:{scope}"], "an episode that ends unfinished is held"


def test_money_in_doubt_counts_against_the_cap(make: Make) -> None:
    meter = Meter("v", price=100_000, doubts=3)
    play = make(meter, budget=Budget(series=1_000_000), lanes={"vendor": 4})
    streams = [play.open(f"e{n}", [say(f"{n}-{i}", f"{n} {i}") for i in range(2)]) for n in range(10)]
    play.run()
    settled, reserved, doubt = play.spent()
    assert (settled, reserved, doubt) == (700_000, 0, 300_000) and meter.most <= 1_000_000
    for stream in streams:
        assert len(play.all(stream, SpeechReturned)) == 2 or holds(play, stream)


def test_a_call_over_the_cap_of_one_call_is_refused(make: Make) -> None:
    vendor = Vendor("v")
    play = make(vendor, budget=Budget(call=99_999))
    stream = play.open(first=[say("a")])
    play.run()
    assert vendor.calls == [] and holds(play, stream) == ["budget:call"]


def test_a_bill_over_its_ceiling_is_shown_and_holds(make: Make) -> None:
    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        yield vendor.spoken(event, desk, 150_000)

    vendor = Vendor("v", behave)
    play = make(vendor, lanes={"vendor": 1})
    stream = play.open(first=[say("a"), say("b", "other")])
    play.run()
    assert vendor.calls == ["a"]
    (held,) = play.all(stream, EpisodeHeld)
    assert held.hold.startswith("overbilled:") and "$0.15" in held.why and "$0.10" in held.why
    assert play.spent() == (150_000, 0, 0)


# -- doubts ----------------------------------------------------------------------------------------------


def lost(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
    raise ConnectionResetError("no answer")
    yield


@pytest.mark.parametrize(
    ("settled", "calls", "money"),
    [("not_accepted", 2, (100_000, 0, 0)), ("given_up", 2, (200_000, 0, 0))],
)
def test_a_doubt_is_settled_by_a_person_once(
    make: Make, settled: str, calls: int, money: tuple[int, int, int]
) -> None:
    wrong = [True]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if wrong.pop() if wrong else False:
            raise ConnectionResetError("no answer")
        yield vendor.spoken(event, desk)

    vendor = Vendor("v", behave)
    play = make(vendor)
    stream = play.open(first=[say("a")])
    twin = play.open("twin", [say("b")])
    play.run()
    (doubt,) = play.all(stream, CallDoubted)
    assert "no answer" in doubt.why and vendor.calls == ["a"] and play.spent() == (0, 0, 100_000)
    position = next(r.position for r in play.log.read(kind="call_doubted"))
    assert holds(play, stream) == holds(play, twin) == [f"doubt:{position}"]
    play.run()
    assert vendor.calls == ["a"], "a restart does not send it again"
    end = DoubtSettled(doubt.request, doubt.admitted, settled, "a person", "")
    play.add(stream, end)
    play.add(stream, end)  # twice is once
    play.run()
    assert len(vendor.calls) == calls and play.spent() == money
    assert len(play.all(stream, SpeechReturned)) == len(play.all(twin, SpeechReturned)) == 1
    assert log_faults(play.log) == []


def test_an_adopted_outcome_books_its_bill_and_is_reused(make: Make) -> None:
    vendor = Vendor("v", lost)
    play = make(vendor)
    stream = play.open(first=[say("a")])
    play.run()
    (doubt,) = play.all(stream, CallDoubted)
    audio = play.artifacts.put(b"found at the vendor", "audio/wav")
    outcome = SpeechReturned(
        request=doubt.request,
        route=doubt.route,
        revision=1,
        subject="a",
        take=1,
        audio=audio,
        duration_ms=1,
        bill=Bill(cost=70_000, billing="billed"),
    )
    play.add(stream, outcome, DoubtSettled(doubt.request, doubt.admitted, "returned", "a person", ""))
    play.run()
    assert play.spent() == (70_000, 0, 0)
    two = play.open("two", [say("b")])
    play.run()
    assert vendor.calls == ["a"] and play.all(two, SpeechReturned)[0].audio == audio
    assert log_faults(play.log) == []


def test_a_cheap_call_is_sent_again_and_its_first_stays_in_doubt(make: Make) -> None:
    wrong = [True]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if wrong.pop() if wrong else False:
            raise ConnectionResetError("no answer")
        yield vendor.spoken(event, desk)

    vendor = Vendor("v", behave, price=9_999)
    play = make(vendor)
    stream = play.open(first=[say("a")])
    play.run()
    assert vendor.calls == ["a", "a"] and len(play.all(stream, SpeechReturned)) == 1
    assert play.spent() == (9_999, 0, 9_999) and holds(play, stream) == []
    (doubt,) = play.all(stream, CallDoubted)
    play.add(stream, DoubtSettled(doubt.request, doubt.admitted, "not_accepted", "the vendor", ""))
    play.run()
    assert vendor.calls == ["a", "a"] and play.spent() == (9_999, 0, 0)
    assert log_faults(play.log) == []


@pytest.mark.parametrize("price", [9_999, 100_000])
def test_what_is_asked_after_a_doubt_does_not_go_back_to_a_route_that_failed(make: Make, price: int) -> None:
    wrong = [True]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if wrong.pop() if wrong else False:
            raise ConnectionResetError("no answer")
        yield plain.spoken(event, desk)

    grand, plain = Vendor("grand", fails()), Vendor("plain", behave, price=price)
    play = make(grand, plain)
    stream = play.open(first=[say("a")])
    play.run()
    (doubt,) = play.all(stream, CallDoubted)
    if price == 100_000:  # not cheap enough to be sent again by itself
        play.add(stream, DoubtSettled(doubt.request, doubt.admitted, "given_up", "a person", ""))
        play.run()
    assert grand.calls == ["a"] and plain.calls == ["a", "a"]
    assert [a.route for a in play.all(stream, CallAdmitted)] == ["grand:m", "plain:m", "plain:m"]
    assert log_faults(play.log, doubts=True) == []


def test_a_cheap_call_that_the_vendor_billed_after_all_is_booked(make: Make) -> None:
    wrong = [True]

    def behave(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if wrong.pop() if wrong else False:
            raise ConnectionResetError("no answer")
        yield vendor.spoken(event, desk, 5_000)

    vendor = Vendor("v", behave, price=9_999)
    play = make(vendor)
    stream = play.open(first=[say("a")])
    play.run()
    (doubt,) = play.all(stream, CallDoubted)
    play.add(stream, DoubtSettled(doubt.request, doubt.admitted, "returned", "a person", ""))
    play.run()
    assert play.spent() == (14_999, 0, 0) and vendor.calls == ["a", "a"]


def test_cheap_calls_are_sent_again_only_up_to_a_hundredth_of_the_cap(make: Make) -> None:
    vendor = Vendor("v", lost, price=9_999)
    play = make(vendor, budget=Budget(episode=2_500_000))
    stream = play.open(first=[say("a")])
    play.run()
    assert vendor.calls == ["a"] * 3, "0.01 of 2.50 is 0.025: two doubts fill it, the third is not sent again"
    assert len(holds(play, stream)) == 1 and play.spent() == (0, 0, 29_997)


def late_play(make: Make, go: threading.Event, price: int = 100_000) -> tuple[Play, Vendor]:
    class Late(Vendor):
        @hookimpl
        @effect(provider=SELF, lane="vendor", doubt="hold", deadline_s=0.1)
        def on_speech_requested(
            self, event: SpeechRequested, desk: Desk
        ) -> Iterator[SpeechReturned | CallFailed]:
            self.calls.append(event.subject)
            if event.subject == "a":
                go.wait(20)
            yield self.spoken(event, desk, 60_000)

    vendor = Late("v", price=price)
    return make(vendor, lanes={"vendor": 1}), vendor


def test_a_call_past_its_deadline_is_in_doubt_until_its_late_outcome_settles_it(make: Make) -> None:
    go = threading.Event()
    play, vendor = late_play(make, go)
    stream = play.open(first=[say("a")])
    other = play.open("other", [say("b", "another")])
    with play.engine() as engine:
        engine.run()
        assert [d.why for d in play.all(stream, CallDoubted)] == ["it passed its deadline of 0.1 s"]
        assert len(play.all(other, SpeechReturned)) == 1, "the abandoned thread was replaced"
        assert play.spent() == (60_000, 0, 100_000)
        go.set()
        assert wait_for(lambda: not engine.lanes.done.empty())
        engine.run()
    (settled,) = play.all(stream, DoubtSettled)
    assert (settled.settled, settled.who) == ("returned", "core")
    assert len(play.all(stream, SpeechReturned)) == 1 and play.spent() == (120_000, 0, 0)
    assert [r.hold for r in play.all(stream, EpisodeReleased)] == holds(play, stream)
    assert log_faults(play.log) == [] and vendor.calls == ["a", "b"]


def test_an_outcome_that_comes_after_a_person_gave_it_up_books_nothing_more(make: Make) -> None:
    go = threading.Event()
    play, _ = late_play(make, go)
    stream = play.open(first=[say("a")])
    with play.engine() as engine:
        engine.run()
        (doubt,) = play.all(stream, CallDoubted)
        play.add(stream, *[DoubtSettled(doubt.request, doubt.admitted, "returned", "a person", "")])
        engine.turn()
        assert play.spent() == (100_000, 0, 0), "the ceiling, since nobody handed in a bill"
        go.set()
        assert wait_for(lambda: not engine.lanes.done.empty())
        engine.run()
    assert play.spent() == (100_000, 0, 0) and log_faults(play.log) == []


# -- long jobs -------------------------------------------------------------------------------------------


class Studio(Vendor):
    """Submits and awaits clips."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.submitted: list[str] = []
        self.polled: list[str] = []

    def duanju_prices(self) -> list[Price]:
        return [Price(f"{self.name}:m", {"second": 100_000 * 1_000_000}, "test", "2020-01-01")]

    @hookimpl
    @effect(provider=SELF, lane="film", doubt="hold", deadline_s=20.0)
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        self.submitted.append(event.subject)
        yield VideoSubmitted(job=f"job-{event.subject}")

    @hookimpl
    @effect(provider=SELF, lane="film", deadline_s=20.0)
    def on_video_submitted(self, event: VideoSubmitted, desk: Desk) -> Iterator[VideoReturned | CallFailed]:
        assert desk.call is not None and desk.call.request == event.request
        self.polled.append(event.job)
        clip = desk.artifacts.put(event.job.encode(), "video/mp4")
        yield VideoReturned(clip=clip, bill=Bill(cost=90_000, billing="billed"))


class Stumbles(Studio):
    """Raises after the vendor's job is known."""

    @hookimpl
    @effect(provider=SELF, lane="film", doubt="hold", deadline_s=20.0)
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        self.submitted.append(event.subject)
        yield VideoSubmitted(job=f"job-{event.subject}")
        raise OSError("after the fact")


class Forgets(Studio):
    """Loses the vendor's answer."""

    @hookimpl
    @effect(provider=SELF, lane="film", doubt="hold", deadline_s=20.0)
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        self.submitted.append(event.subject)
        raise ConnectionResetError("no answer")
        yield


def test_a_job_that_a_person_found_at_the_vendor_is_awaited(make: Make) -> None:
    studio = Forgets("v")
    play = make(studio)
    play.settings = Settings(routes={"video": ("v:m",)})
    stream = play.open(first=[clip("a", "x")])
    twin = play.open("twin", [clip("b", "x")])
    play.run()
    (doubt,) = play.all(stream, CallDoubted)
    job = VideoSubmitted(
        request=doubt.request, route=doubt.route, revision=1, subject="a", take=1, job="job-found"
    )
    play.add(stream, job, DoubtSettled(doubt.request, doubt.admitted, "returned", "a person", ""))
    play.run()
    assert (studio.submitted, studio.polled) == (["a"], ["job-found"])
    assert len(play.all(stream, VideoReturned)) == len(play.all(twin, VideoReturned)) == 1
    assert play.spent() == (90_000, 0, 0) and log_faults(play.log) == []


@pytest.mark.parametrize("raises", [False, True])
def test_a_job_that_is_told_after_the_deadline_is_awaited_and_never_submitted_again(
    make: Make, raises: bool
) -> None:
    go = threading.Event()

    class Tarries(Studio):
        @hookimpl
        @effect(provider=SELF, lane="film", doubt="hold", deadline_s=0.1)
        def on_video_requested(
            self, event: VideoRequested, desk: Desk
        ) -> Iterator[VideoSubmitted | CallFailed]:
            self.submitted.append(event.subject)
            go.wait(20)
            yield VideoSubmitted(job=f"job-{event.subject}")
            if raises:
                raise OSError("after the fact")

    studio = Tarries("v")
    play = make(studio)
    play.settings = Settings(routes={"video": ("v:m",)})
    stream = play.open(first=[clip("a", "x")])
    with play.engine() as engine:
        engine.run()
        assert len(play.all(stream, CallDoubted)) == 1 and play.spent() == (0, 0, 100_000)
        go.set()
        assert wait_for(lambda: not engine.lanes.done.empty())
        engine.run()
    assert (studio.submitted, studio.polled) == (["a"], ["job-a"])
    assert [one.settled for one in play.all(stream, DoubtSettled)] == ["returned"]
    assert len(play.all(stream, VideoReturned)) == 1
    assert play.spent() == (90_000, 0, 0) and log_faults(play.log) == []


def test_a_job_that_is_known_is_awaited_though_its_submit_raised(make: Make) -> None:
    studio = Stumbles("v")
    play = make(studio)
    play.settings = Settings(routes={"video": ("v:m",)})
    stream = play.open(first=[clip("a", "x")])
    play.run()
    assert (studio.submitted, studio.polled) == (["a"], ["job-a"])
    assert len(play.all(stream, VideoReturned)) == 1 and play.all(stream, CallDoubted) == []
    assert play.spent() == (90_000, 0, 0) and log_faults(play.log) == []


def clip(subject: str, note: str) -> VideoRequested:
    nowhere = Picture("hall", True, "day", "clear", "wide", "eye", (), False, (), "calm", "")
    return VideoRequested(1, subject, "clip", 1, 16, 16, 25, 1000, nowhere, note=note)


@pytest.mark.parametrize("carried", [True, False])
def test_a_submitted_job_is_awaited_after_a_restart_and_never_submitted_again(
    make: Make, monkeypatch: pytest.MonkeyPatch, carried: bool
) -> None:
    studio = Studio("v")
    play = make(studio)
    play.settings = Settings(routes={"video": ("v:m",)})
    stream = play.open(first=[clip("a", "x")])
    submitted = lambda: "video_submitted" in play.kinds(stream)  # noqa: E731
    if carried:
        with play.engine() as engine:
            engine.run(until=submitted)
    else:
        # a turn that ends after each record: the engine is gone before it looks at what it appended
        monkeypatch.setattr(engine_module, "TURN_SECONDS", -1.0)
        with play.engine() as engine:
            while not submitted():
                engine.turn()
                time.sleep(0.005)
            assert engine.carried < play.log.head
        monkeypatch.undo()
    play.run()
    assert studio.submitted == ["a"] and set(studio.polled) == {"job-a"}
    (returned,) = play.all(stream, VideoReturned)
    assert (returned.subject, returned.route) == ("a", "v:m")
    assert play.spent() == (90_000, 0, 0) and log_faults(play.log) == []


def test_turns_that_carry_one_record_each_make_the_same_film(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "TURN_SECONDS", -1.0)
    vendor = Vendor("v")
    play = make(vendor, lanes={"vendor": 2})
    stream = play.open(first=[say(f"L{i}", f"line {i % 3}") for i in range(6)])
    play.run()
    assert len(vendor.calls) == 3 and len(play.all(stream, SpeechReturned)) == 6
    assert log_faults(play.log) == []
