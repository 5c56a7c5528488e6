"""The ledger counts money as the design says: nothing twice, nothing unknown as 0, doubt by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from duanju.core.ledger import Sums, ledger_of
from duanju.core.log import Log
from duanju.events.artifact import Artifact
from duanju.events.calls import (
    AnswerRejected,
    Attempt,
    Bill,
    CallAdmitted,
    CallDoubted,
    CallFailed,
    DoubtSettled,
    RequestWithdrawn,
    SpeechRequested,
    SpeechReturned,
    VideoReturned,
    VideoSubmitted,
)
from duanju.events.cast import Voice
from duanju.events.codec import Codec
from duanju.events.dialogue import Direction
from duanju.events.vocabulary import builtin_events

STREAM = "episode/tea/one"
SOUND = Artifact("0" * 64, 1, "audio/wav")


class Book:
    """A log in memory, and the words to write calls into it."""

    def __init__(self) -> None:
        self.log = Log(None, Codec(builtin_events()))

    def put(self, event: Any, cause: int | None = None, by: str = "dialogue.on_line_directed") -> int:
        return self.log.append(STREAM, [event], by=by, cause=cause)[0].position

    def ask(self) -> int:
        voice, direction = Voice("male", 0, 50, 100), Direction(100, 0, 100, "")
        return self.put(SpeechRequested(1, "L001", "line", 1, "hello", "en", voice, direction))

    def admit(self, request: int, ceiling: int | None = 100, day: str = "2026-01-01") -> int:
        return self.put(
            CallAdmitted(
                request,
                "paid:voice",
                "route",
                "",
                ceiling,
                ceiling,
                "",
                "k",
                day,
                1,
                "speech",
                "line",
                "L001",
            ),
            request,
            "core.admit",
        )

    def back(self, request: int, cause: int, cost: int | None, reused: int | None = None) -> int:
        bill = Bill(cost=cost, billing="unknown" if cost is None else "billed")
        return self.put(
            SpeechReturned(
                request=request, route="paid:voice", audio=SOUND, duration_ms=1, bill=bill, reused_from=reused
            ),
            cause,
            "paid.on_speech_requested",
        )

    def sums(self) -> Sums:
        return ledger_of(self.log).sums()


@pytest.fixture
def book() -> Iterator[Book]:
    found = Book()
    yield found
    found.log.close()


def test_an_open_call_is_reserved_and_an_answered_one_costs_what_it_cost(book: Book) -> None:
    request = book.ask()
    admitted = book.admit(request)
    assert book.sums() == Sums(calls=1, reserved=100)
    book.back(request, admitted, 42)
    assert book.sums() == Sums(calls=1, cost=42)


def test_an_unknown_cost_is_never_zero(book: Book) -> None:
    request = book.ask()
    book.back(request, book.admit(request), None)
    other = book.ask()
    book.admit(other, None)
    assert book.sums() == Sums(calls=2, unknown=2)


def test_a_reused_answer_costs_nothing_and_says_whether_it_was_paid(book: Book) -> None:
    request = book.ask()
    paid = book.back(request, book.admit(request), 42)
    free_request = book.ask()
    free = book.back(free_request, book.admit(free_request), 0)
    for first in (paid, free):
        again = book.ask()
        book.back(again, again, 0, reused=first)
    assert book.sums() == Sums(calls=2, cost=42, reused=2, reused_paid=1, wasted=42)  # the last is in use


@pytest.mark.parametrize(
    ("settled", "wanted"),
    [
        (None, Sums(calls=1, in_doubt=100, doubts=1)),
        ("not_accepted", Sums(calls=1)),
        ("given_up", Sums(calls=1, cost=100, estimated=100)),
        ("returned", Sums(calls=1, cost=100, estimated=100)),
    ],
)
def test_a_doubt_counts_until_it_is_settled(book: Book, settled: str | None, wanted: Sums) -> None:
    request = book.ask()
    admitted = book.admit(request)
    doubt = book.put(CallDoubted(request, admitted, "paid:voice", "lost", "", 100), admitted, "core.doubt")
    if settled is not None:
        book.put(DoubtSettled(request, admitted, settled, "a person", ""), doubt, "cli")
    assert book.sums() == wanted


def test_a_late_answer_ends_the_doubt(book: Book) -> None:
    request = book.ask()
    admitted = book.admit(request)
    doubt = book.put(CallDoubted(request, admitted, "paid:voice", "lost", "", 100), admitted, "core.doubt")
    book.back(request, admitted, 42)
    book.put(DoubtSettled(request, admitted, "returned", "core", "it came late"), doubt, "core.late")
    assert book.sums() == Sums(calls=1, cost=42)


def test_a_second_admission_of_one_request_is_its_own_call(book: Book) -> None:
    request = book.ask()
    first = book.admit(request)
    failed = CallFailed(request=request, route="paid:voice", why="429", bill=Bill(cost=5, billing="billed"))
    failure = book.put(failed, first, "paid.on_speech_requested")
    second = book.put(
        CallAdmitted(request, "b:v", "fallback", "", 9, 9, "", "k", "2026-01-02", 2, "speech", "line", "L1"),
        failure,
        "core.admit",
    )
    book.back(request, second, 7)
    ledger = ledger_of(book.log)
    assert ledger.by("model") == {"b:v": Sums(calls=1, cost=7), "paid:voice": Sums(calls=1, cost=5, wasted=5)}
    assert ledger.by("day") == {
        "2026-01-01": Sums(calls=1, cost=5, wasted=5),
        "2026-01-02": Sums(calls=1, cost=7),
    }
    assert ledger.by("stage") == {"dialogue": Sums(calls=2, cost=12, wasted=5)}


def test_a_long_job_is_one_call_whose_bills_add_up(book: Book) -> None:
    request = book.ask()
    admitted = book.admit(request)
    submit = VideoSubmitted(request=request, route="v:m", job="j1", bill=Bill(cost=30, billing="billed"))
    submitted = book.put(submit, admitted, "v.on_video_requested")
    clip = Artifact("1" * 64, 1, "video/mp4")
    book.put(
        VideoReturned(request=request, route="v:m", clip=clip, bill=Bill(cost=12, billing="billed")),
        submitted,
        "v.on_video_submitted",
    )
    assert book.sums() == Sums(calls=1, cost=42)


def test_a_cheap_call_that_was_sent_again_stays_in_doubt_beside_its_second(book: Book) -> None:
    request = book.ask()
    first = book.admit(request)
    doubt = book.put(CallDoubted(request, first, "paid:voice", "lost", "", 100), first, "core.doubt")
    second = book.put(
        CallAdmitted(request, "b:v", "route", "", 9, 9, "", "k", "2026-01-02", 2, "speech", "line", "L1"),
        doubt,
        "core.admit",
    )
    book.back(request, second, 7)
    ledger = ledger_of(book.log)
    assert [one.state for one in ledger.entries] == ["superseded", "returned"]
    assert ledger.sums() == Sums(calls=2, cost=7, in_doubt=100, doubts=1)
    assert ledger.doubts() == {"paid:voice": Sums(calls=1, in_doubt=100, doubts=1)}
    book.put(DoubtSettled(request, first, "not_accepted", "the vendor", ""), doubt, "cli")
    assert book.sums() == Sums(calls=2, cost=7)


def test_an_answer_after_its_doubt_was_settled_costs_nothing_more(book: Book) -> None:
    request = book.ask()
    admitted = book.admit(request)
    doubt = book.put(CallDoubted(request, admitted, "paid:voice", "lost", "", 100), admitted, "core.doubt")
    book.put(DoubtSettled(request, admitted, "given_up", "a person", ""), doubt, "cli")
    book.back(request, admitted, 42)
    assert book.sums() == Sums(calls=1, cost=100, estimated=100)


def test_what_a_person_brings_without_a_cause_is_about_the_last_doubt(book: Book) -> None:
    request = book.ask()
    admitted = book.admit(request)
    book.put(CallDoubted(request, admitted, "paid:voice", "lost", "", 100), admitted, "core.doubt")
    bill = Bill(cost=100, billing="unknown")
    brought = SpeechReturned(request=request, route="paid:voice", audio=SOUND, duration_ms=1, bill=bill)
    book.put(brought, None, "cli.review")
    assert book.sums() == Sums(calls=1, cost=100, estimated=100)


@pytest.mark.parametrize("bill", [Bill(None, "billed"), Bill(0, "unknown"), Bill(-5, "billed")])
def test_what_is_no_bill_is_unknown(book: Book, bill: Bill) -> None:
    request = book.ask()
    admitted = book.admit(request)
    failed = CallFailed(request=request, route="paid:voice", why="no", bill=bill)
    book.put(failed, admitted, "paid.on_speech_requested")
    assert book.sums() == Sums(calls=1, unknown=1)
    assert [one.settled for one in ledger_of(book.log).entries] == [100]


def test_a_withdrawn_request_frees_no_call_that_was_let_go(book: Book) -> None:
    request = book.ask()
    book.admit(request)
    book.put(RequestWithdrawn(request, "a newer revision"), request, "core.admit")
    assert book.sums() == Sums(calls=1, reserved=100)


def test_after_counts_only_what_came_later(book: Book) -> None:
    request = book.ask()
    book.back(request, book.admit(request), 42)
    head = book.log.head
    other = book.ask()
    book.back(other, book.admit(other), 1)
    assert ledger_of(book.log, after=head).sums() == Sums(calls=1, cost=1)
    assert ledger_of(book.log, "episode/tea/other").sums() == Sums()


def test_an_unknown_group_is_a_key_error(book: Book) -> None:
    group: Callable[[str], Any] = ledger_of(book.log).by
    with pytest.raises(KeyError):
        group("mood")


def test_money_for_what_nobody_uses_is_wasted(book: Book) -> None:
    """A failed call that cost, and an answer that was rejected; what is used again is not."""
    failed = book.ask()
    admitted = book.admit(failed)
    failure = CallFailed(request=failed, route="paid:voice", why="no", bill=Bill(cost=3, billing="billed"))
    book.put(failure, admitted, "paid.on_speech_requested")
    assert book.sums() == Sums(calls=1, cost=3, wasted=3)
    request = book.ask()
    answer = book.back(request, book.admit(request), 42)
    assert book.sums().wasted == 3
    again = book.ask()
    used = book.back(again, again, 0, reused=answer)
    assert book.sums().wasted == 3, "the same answer used again replaces nothing"
    book.put(AnswerRejected(again, used, "paid:voice", "L001", "line", "other words", True))
    assert book.sums().wasted == 3, "it is in use where it came from"
    book.put(AnswerRejected(request, answer, "paid:voice", "L001", "line", "other words", True))
    sums = book.sums()
    assert (sums.cost, sums.wasted, sums.calls) == (45, 45, 2), "rejected, and still paid"


def test_how_a_model_answered_is_counted_by_nearest_rank(book: Book) -> None:
    for ms in range(1, 21):
        request = book.ask()
        bill = Bill(cost=1, billing="billed", latency_ms=ms * 10, attempts=(Attempt(429, 0), Attempt(200, 5)))
        book.put(
            SpeechReturned(request=request, route="paid:voice", audio=SOUND, duration_ms=1, bill=bill),
            book.admit(request),
            "paid.on_speech_requested",
        )
    lost = book.ask()
    admitted = book.admit(lost)
    book.put(CallDoubted(lost, admitted, "paid:voice", "lost", "", 100), admitted, "core.doubt")
    open_ = book.ask()
    book.admit(open_)
    (timing,) = ledger_of(book.log).timings().values()
    assert (timing.calls, timing.answered, timing.attempts) == (21, 20, 40), "what is open has not ended"
    assert (timing.mean_ms, timing.p50_ms, timing.p95_ms) == (105, 100, 190)
    assert timing.success == 20 / 21
