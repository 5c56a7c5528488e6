"""A provider that can look into its vendor's books settles a doubt by itself, for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import log_faults
from stagehand import Play, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.plugins import load_plugins
from duanju.core.rebuild import table_problems
from duanju.core.replay import replay
from duanju.events.calls import (
    Bill,
    CallDoubted,
    CallFailed,
    DoubtSettled,
    SpeechRequested,
    SpeechReturned,
)
from duanju.events.episode import EffectFailed, EpisodeReleased

PRICE = 100_000


class Books(Vendor):
    """A vendor whose answer is lost on the way, and whose books can be looked into."""

    def __init__(self, name: str, found: str) -> None:
        super().__init__(name, self._lost, price=PRICE)
        self.found = found
        self.sent: list[str] = []
        self.looked: list[tuple[str, str]] = []

    def _lost(self, event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        self.sent.append(desk.key)
        if len(self.sent) > 1:
            yield self.spoken(event, desk)
            return
        raise ConnectionError("the answer was lost")

    @hookimpl
    @effect(provider=SELF, lane="vendor-books", doubt="repeat", attempts=2)
    def on_call_doubted(
        self, event: CallDoubted, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed | DoubtSettled]:
        """Looks the call up by its key."""
        assert desk.call is not None
        self.looked.append((desk.key, desk.call.route))
        if self.found == "made":
            audio = desk.artifacts.put(b"what it made", "audio/wav")
            yield SpeechReturned(audio=audio, duration_ms=7, bill=Bill(cost=PRICE - 1, billing="billed"))
        elif self.found == "never":
            yield DoubtSettled(event.request, event.admitted, "not_accepted", self.name, "not in the books")
        elif self.found == "failed":
            yield CallFailed(why="its books say that it failed", fallback=False)
        elif self.found == "down":
            raise ConnectionError("the books cannot be read")


def play_of(root: Path, found: str, behave: Any = None) -> tuple[Play, Books, str]:
    books = Books("shop", found)
    play = Play(root, {"shop": books}, routes=("shop:m",))
    stream = play.open(first=[say("L1")])
    play.run()
    return play, books, stream


def sound(play: Play, stream: str) -> None:
    assert log_faults(play.log) == []
    assert list(table_problems(play.log, play.artifacts.read_sha256)) == []
    found = replay(play.log, play.plugins, play.artifacts, stream)
    assert not found.changed and not found.failed


def test_what_the_vendor_made_is_taken_and_billed_as_its_books_say(tmp_path: Path) -> None:
    play, books, stream = play_of(tmp_path, "made")
    (made,) = play.all(stream, SpeechReturned)
    (doubt,) = play.all(stream, CallDoubted)
    assert (made.subject, made.revision, made.take, made.route) == ("L1", 1, 1, "shop:m")
    assert made.request == doubt.request
    assert books.looked == [(books.sent[0], "shop:m")], "it is looked up under the key it was sent with"
    assert play.spent() == (PRICE - 1, 0, 0)
    assert [one.settled for one in play.all(stream, DoubtSettled)] == ["returned"]
    assert not play.work() and len(books.sent) == 1
    assert [one.hold.split(":")[0] for one in play.all(stream, EpisodeReleased)] == ["doubt"]
    sound(play, stream)
    play.close()


def test_what_the_vendor_never_took_costs_nothing_and_is_sent_again(tmp_path: Path) -> None:
    play, books, stream = play_of(tmp_path, "never")
    assert len(books.sent) == 2 and books.sent[0] != books.sent[1]
    assert play.spent() == (PRICE, 0, 0)
    assert len(play.all(stream, SpeechReturned)) == 1 and not play.work()
    sound(play, stream)
    play.close()


def test_what_failed_at_the_vendor_is_a_failed_call(tmp_path: Path) -> None:
    play, books, stream = play_of(tmp_path, "failed")
    assert play.spent() == (0, 0, 0) and len(books.sent) == 1
    assert [one.settled for one in play.all(stream, DoubtSettled)] == ["returned"]
    sound(play, stream)
    play.close()


def test_what_the_books_do_not_tell_stays_in_doubt_for_a_person(tmp_path: Path) -> None:
    play, books, stream = play_of(tmp_path, "nothing")
    assert len(books.looked) == 1 and not play.all(stream, DoubtSettled)
    assert play.spent() == (0, 0, PRICE) and play.work() == [("core", "doubt", 1)]
    play.run()
    assert len(books.looked) == 1, "its answer was that nobody knows"
    assert list(table_problems(play.log, play.artifacts.read_sha256)) == []
    play.close()


def test_books_that_cannot_be_read_are_asked_again_when_a_person_lets_it_go_on(tmp_path: Path) -> None:
    play, books, stream = play_of(tmp_path, "down")
    assert len(books.looked) == 2 and play.spent() == (0, 0, PRICE)
    (failure,) = play.all(stream, EffectFailed)
    assert "cannot be read" in failure.error
    held = next(r.event for r in play.log.read(stream=stream, kind="episode_held") if "effect:" in r.body)
    books.found = "made"
    play.add(stream, EpisodeReleased(held.hold, "a person", "the books are open again"))
    play.run()
    assert play.spent() == (PRICE - 1, 0, 0) and len(books.sent) == 1
    sound(play, stream)
    play.close()


@pytest.mark.parametrize("found", ["made", "never"])
def test_a_look_up_that_an_engine_left_behind_runs_again(tmp_path: Path, found: str) -> None:
    books = Books("shop", found)
    play = Play(tmp_path, {"shop": books}, routes=("shop:m",), lanes={"vendor-books": 1})
    stream = play.open(first=[say("L1")])
    with play.engine() as engine:
        engine.run(until=lambda: bool(play.work()) and play.work()[-1][1] == "on_call_doubted")
    play.run()
    assert len(play.all(stream, SpeechReturned)) == 1 and not play.work()
    sound(play, stream)
    play.close()


def test_a_look_up_that_must_not_be_repeated_is_refused() -> None:
    class Wrong:
        name = "wrong"

        def __init__(self, name: str, table: Any = None) -> None: ...

        @hookimpl
        @effect(provider=SELF, lane="books", doubt="hold")
        def on_call_doubted(self, event: CallDoubted, desk: Desk) -> Iterator[DoubtSettled]:
            yield from ()

    loaded = load_plugins(only="", extra={"wrong": Wrong, "words": stage("words")})
    assert "a look-up is free and runs again" in loaded.failures["wrong"]
