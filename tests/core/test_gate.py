"""The gate of a lane: one pause for all, fewer at once when told so, nothing waited for past a deadline."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.core.gate import GIVEN_UP, PAUSE_MOST, Gate, GateClosed, GateTooLate


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_shrinks_once_for_those_who_went_out_together_and_grows_slowly() -> None:
    gate = Gate(8, clock=Clock())
    passes = [gate.pass_by(2000.0) for _ in range(8)]
    places = [one.__enter__() for one in passes]
    assert (gate.out, gate.allowed) == (8, 8)
    for place in places:
        place.too_much()
    assert gate.allowed == 3, "one place for the first, a half for the crowd; the others say nothing new"
    for one in passes:
        one.__exit__(None, None, None)
    assert gate.out == 0
    grown = []
    while gate.allowed < gate.width:
        with gate.pass_by(2000.0) as place:
            place.well()
        grown.append(gate.allowed)
    assert grown == sorted(grown) and len(grown) >= 12, "slowly, and never down"
    for _ in range(10):
        with gate.pass_by(2000.0) as place:
            place.too_much()
    assert gate.allowed == 1, "one is always let out"


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 20), told=st.lists(st.booleans(), max_size=60))
def test_what_is_allowed_stays_between_one_and_the_width(width: int, told: list[bool]) -> None:
    gate = Gate(width, clock=Clock())
    before = gate.allowed
    for well in told:
        with gate.pass_by(2000.0) as place:
            place.well() if well else place.too_much()
        assert 1 <= gate.allowed <= width
        assert gate.allowed >= before if well else gate.allowed <= max(1, before)
        before = gate.allowed


def test_a_few_who_are_told_so_are_no_crowd_and_one_full_house_is() -> None:
    gate = Gate(16, clock=Clock())
    lowest = 16
    for number in range(600):
        with gate.pass_by(2000.0) as place:
            place.too_much() if number % 20 == 7 else place.well()
        lowest = min(lowest, gate.allowed)
    assert lowest >= 14, "five in a hundred are noise"
    with gate.pass_by(2000.0) as place:
        place.too_much(surely=True)
    assert gate.allowed == 8


def test_a_pause_past_the_deadline_is_not_waited_for() -> None:
    clock = Clock()
    gate = Gate(2, clock=clock)
    gate.pause(30.0)
    with pytest.raises(GateTooLate, match=r"30\.0 s more"), gate.pass_by(clock.now + 10):
        raise AssertionError("nobody passes")
    clock.now += 30.0
    with gate.pass_by(clock.now + 10):
        assert gate.out == 1
    assert gate.out == 0


def test_a_longer_pause_stands_and_none_is_endless() -> None:
    gate = Gate(2, clock=Clock())
    gate.pause(20.0)
    gate.pause(5.0)
    assert gate.paused() == 20.0
    gate.pause(1e9)
    assert gate.paused() == PAUSE_MOST


def test_no_place_by_the_deadline_ends_the_waiting() -> None:
    gate = Gate(1)
    with gate.pass_by(time.monotonic() + 60):
        with pytest.raises(GateTooLate), gate.pass_by(time.monotonic() + 0.05):
            raise AssertionError("nobody passes")
        assert gate.out == 1


def test_the_place_of_one_who_never_comes_back_is_free_in_the_end() -> None:
    clock = Clock()
    gate = Gate(1, clock=clock)
    lost = gate.pass_by(clock.now + 5)
    lost.__enter__()
    clock.now += 5 + GIVEN_UP
    with gate.pass_by(clock.now + 5):
        assert gate.out == 1
    assert gate.out == 0
    lost.__exit__(None, None, None)
    assert gate.out == 0


def test_never_more_are_out_than_allowed_and_all_come_through() -> None:
    gate = Gate(3)
    out, most, came = 0, 0, 0
    lock = threading.Lock()

    def one() -> None:
        nonlocal out, most, came
        with gate.pass_by(time.monotonic() + 60) as place:
            with lock:
                out += 1
                most = max(most, out)
            time.sleep(0.002)
            place.well()
            with lock:
                out -= 1
                came += 1

    threads = [threading.Thread(target=one) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (came, most <= 3, gate.out) == (24, True, 0)


def test_closing_wakes_all_who_wait() -> None:
    gate = Gate(1)
    ends: list[str] = []

    def wait(sleeping: bool) -> None:
        try:
            if sleeping:
                gate.sleep(3600)
            else:
                with gate.pass_by(time.monotonic() + 3600):
                    ends.append("passed")
        except GateClosed:
            ends.append("closed")

    with gate.pass_by(time.monotonic() + 60):
        threads = [threading.Thread(target=wait, args=(sleeping,)) for sleeping in (True, False)]
        for thread in threads:
            thread.start()
        gate.close()
        for thread in threads:
            thread.join(10)
    assert ends == ["closed", "closed"]


def test_a_pause_holds_back_those_who_wait_already() -> None:
    gate = Gate(1)
    passed = threading.Event()

    def wait() -> None:
        with gate.pass_by(time.monotonic() + 60):
            passed.set()

    with gate.pass_by(time.monotonic() + 60):
        thread = threading.Thread(target=wait)
        thread.start()
        gate.pause(0.2)
        began = time.monotonic()
    thread.join(10)
    assert passed.is_set() and time.monotonic() - began >= 0.15
