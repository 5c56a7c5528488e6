"""Writes the events of calls by hand: requests, admissions, outcomes, doubts, in any stream and any order."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from stagehand import say

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
    SpeechReturned,
    VideoReturned,
    VideoSubmitted,
)
from duanju.events.codec import Codec
from duanju.events.vocabulary import builtin_events

__all__ = ["LONG", "MOVES", "Clerk", "opened"]

FILE = Artifact("0" * 64, 1, "audio/wav")
BILLS = (
    Bill(cost=42, billing="billed", latency_ms=7, attempts=(Attempt(429, 5), Attempt(200, 0))),
    Bill(cost=0, billing="free"),
    Bill(cost=None, billing="unknown"),
    Bill(cost=90, billing="unknown"),
    Bill(cost=0, billing="unknown"),
    Bill(cost=-5, billing="billed"),
    Bill(cost=1_000, billing="billed", latency_ms=31),
    Bill(cost=(1 << 63) + 5, billing="billed", latency_ms=(1 << 63) + 5),
)
STREAMS = ("episode/tea/one", "episode/tea/two", "episode/rain/one", "fork/tea/wide")
ROUTES = ("paid:voice", "paid:deep", "cheap:voice")
WORDS = (
    "ask",
    "admit",
    "back",
    "fail",
    "submit",
    "film",
    "doubt",
    "settle",
    "reject",
    "reuse",
    "adopt",
    "chat",
)

MOVES = st.lists(
    st.tuples(
        st.sampled_from(WORDS),
        st.integers(0, 30),
        st.integers(0, 7),
        st.sampled_from(("same", "same", "same", "commit", "other", "roll back")),
    ),
    min_size=1,
    max_size=60,
)
"""(what is written, which of the earlier records it is about, a choice, what becomes of the transaction)."""


_random = random.Random(41)
LONG: list[tuple[str, int, int, str]] = [
    (
        _random.choice(WORDS),
        _random.randrange(31),
        _random.randrange(8),
        _random.choice(("same", "commit", "other")),
    )
    for _ in range(240)
]
"""A long play in which everything happens."""


def opened(path: Path | None, **more: Any) -> Log:
    """A log with duanju's own vocabulary, on a day that is always the same."""
    return Log(path, Codec(builtin_events()), clock=lambda: "2026-01-05T12:00:00.000Z", **more)


class Clerk:
    """Writes into one log, by one of two connections, as MOVES say. Close it."""

    def __init__(self, path: Path) -> None:
        self.logs = [opened(path), opened(path)]
        self.turn = 0

    @property
    def log(self) -> Log:
        """The connection that writes now."""
        return self.logs[self.turn]

    def play(self, moves: list[tuple[str, int, int, str]]) -> None:
        """All moves, in as many transactions as they say."""
        self.log.begin()
        for word, which, choice, then in moves:
            self._move(word, which, choice)
            if then == "same":
                continue
            if then == "roll back":
                self.log.rollback()
            else:
                self.log.commit()
            if then == "other":
                self.turn = 1 - self.turn
            self.log.begin()
        self.log.commit()

    def close(self) -> None:
        """Closes both connections."""
        for log in self.logs:
            log.close()

    def _kinds(self, *kinds: str) -> list[Any]:
        self.log.flush()
        return [one for one in self.log.read() if one.kind in kinds]

    def _pick(self, which: int, *kinds: str) -> Any:
        found = self._kinds(*kinds)
        return found[which % len(found)] if found else None

    def _move(self, word: str, which: int, choice: int) -> None:
        move: Callable[[int, int], None] = getattr(self, f"_{word}")
        move(which, choice)

    def _put(self, stream: str, event: Any, cause: int | None, by: str) -> None:
        self.log.add(stream, event, by=by, cause=cause)

    def _ask(self, which: int, choice: int) -> None:
        event = say(f"L{which % 4}", take=1 + choice % 3, revision=1 + choice % 2)
        stages = ("dialogue.on_line_directed", "scenes.on_shot")
        self._put(STREAMS[which % 4], event, None, stages[choice % 2])

    def _admit(self, which: int, choice: int, capability: str = "speech") -> None:
        asked = self._pick(which, "speech_requested")
        if asked is None:
            return
        ceiling = None if choice == 6 else 100 * choice
        event = CallAdmitted(
            asked.position,
            ROUTES[choice % 3],
            "route",
            "",
            ceiling,
            ceiling,
            "p",
            f"k{choice}",
            f"2026-01-0{1 + choice % 3}",
            1,
            capability,
            asked.event.purpose,
            asked.event.subject,
        )
        # A fork may let a request of its source go; then the request lies in another stream.
        stream = STREAMS[3] if which % 5 == 4 else asked.stream
        self._put(stream, event, asked.position, "core.admit")

    def _chat(self, which: int, choice: int) -> None:
        self._admit(which, choice, "chat")

    def _answer(self, which: int, choice: int, make: Callable[..., Any], loose: bool = False) -> None:
        behind = self._pick(which, "call_admitted", "video_submitted")
        if behind is not None:
            event = make(
                request=behind.event.request, route=behind.event.route, subject="L1", bill=BILLS[choice]
            )
            self._put(behind.stream, event, None if loose else behind.position, "paid.on_speech_requested")

    def _back(self, which: int, choice: int) -> None:
        self._answer(which, choice, lambda **more: SpeechReturned(audio=FILE, duration_ms=1, **more))

    def _adopt(self, which: int, choice: int) -> None:
        make = lambda **more: SpeechReturned(audio=FILE, duration_ms=1, **more)  # noqa: E731
        self._answer(which, choice, make, loose=True)

    def _fail(self, which: int, choice: int) -> None:
        self._answer(which, choice, lambda **more: CallFailed(why="no", **more))

    def _submit(self, which: int, choice: int) -> None:
        self._answer(which, choice, lambda **more: VideoSubmitted(job="j", **more), loose=choice == 5)

    def _film(self, which: int, choice: int) -> None:
        self._answer(which, choice, lambda **more: VideoReturned(clip=FILE, **more))

    def _doubt(self, which: int, choice: int) -> None:
        call = self._pick(which, "call_admitted")
        if call is not None:
            event = CallDoubted(
                call.event.request, call.position, call.event.route, "lost", "", call.event.ceiling
            )
            self._put(call.stream, event, call.position, "core.doubt")

    def _settle(self, which: int, choice: int) -> None:
        doubt = self._pick(which, "call_doubted")
        if doubt is not None:
            words = ("not_accepted", "given_up", "returned")
            event = DoubtSettled(doubt.event.request, doubt.event.admitted, words[choice % 3], "me", "")
            self._put(doubt.stream, event, doubt.position, "cli.review")

    def _reject(self, which: int, choice: int) -> None:
        answer = self._pick(which, "speech_returned", "video_returned")
        if answer is not None:
            event = AnswerRejected(answer.event.request, answer.position, "r", "L1", "line", "bad", False)
            self._put(STREAMS[3] if choice == 6 else answer.stream, event, answer.position, "judge.on_x")

    def _reuse(self, which: int, choice: int) -> None:
        answer = self._pick(which, "speech_returned")
        asked = self._pick(which + choice, "speech_requested")
        if answer is not None and asked is not None:
            event = SpeechReturned(
                request=asked.position,
                route=answer.event.route,
                subject=asked.event.subject,
                audio=FILE,
                duration_ms=1,
                reused_from=answer.position,
            )
            self._put(asked.stream, event, asked.position, "core.admit")
