"""Asking a chat model: whether one is routed, which questions are open, and what becomes of each answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from ....core.episode import Episode
from ....core.routing import candidates
from ....core.structured import fit_into, read_json
from ....events.calls import AnswerRejected, CallFailed, ChatRequested, ChatReturned
from ....events.episode import EpisodeReleased
from ....events.record import Record
from .forms import faults

__all__ = [
    "BREAKDOWN",
    "CHARACTER",
    "DESCRIBE",
    "DIRECTION",
    "LOOKS",
    "FallBack",
    "Task",
    "base_prompt",
    "may_ask",
    "question_of",
    "routed",
    "subject_of",
    "take_in",
]

T = TypeVar("T")

# The purposes. Their modules are loaded when something is asked: most studios never ask.
BREAKDOWN = "breakdown"
CHARACTER = "character"
LOOKS = "looks"
DIRECTION = "direction"
DESCRIBE = "describe"

AGAIN = (
    "\n\nYour last answer to this could not be used. What was wrong stands at the end: mend that, and keep "
    "the rest."
)
MARK = "\n\n=== What was wrong with your last answer ===\n"
MOST_ERRORS = 12
MOST_ERROR = 300
MOST_WHY = 900
_RANGE = re.compile(r"(.+):(\d{1,6})-(\d{1,6})", re.DOTALL)
MOST_TEXT = 400_000  # ten times the longest that a question asks for; what is longer costs seconds to read
MOST_VALUES = 50_000
CUT_OFF = "the answer was cut off before its end: write less, in shorter words"
NO_DATA = "there is no JSON object in the answer"


@frozen
class FallBack:
    """A question that no route can answer: its record, the routes that were asked, and the last faults."""

    asked: Record
    routes: tuple[str, ...]
    why: str


@frozen
class Task(Generic[T]):
    """Something that chat models are asked about, as one question or, where it is long, as several.

    Its entries are numbered 1 to `size`; `ranges` are those of the questions, which split by `halves` where
    an answer was cut off. `ask` makes the question about a range, with take 1; `read` fits an answer's data
    of type `form` to what the stage needs, or says all that is wrong with it. `fixed`: the questions cannot
    change within a revision, so the newest one is always the right one. `instead`: what stands for a range
    whose answers can none of them be used, and `fell_back` the event that says so; without them the episode
    is held.
    """

    subject: str
    purpose: str
    size: int
    ranges: tuple[tuple[int, int], ...]
    form: type[Any]
    ask: Callable[[int, int], ChatRequested]
    read: Callable[[Any, int, int], tuple[T | None, Sequence[str]]]
    halves: Callable[[int, int], tuple[tuple[int, int], ...]] = lambda first, last: ()
    fixed: bool = True
    instead: Callable[[int, int], T] | None = None
    fell_back: Callable[[FallBack], Any] | None = None
    fallen: type[Any] | None = None

    def name(self, first: int, last: int) -> str:
        """The subject of the question about a range."""
        whole = (first, last) == (1, self.size)
        return self.subject if whole else f"{self.subject}:{first}-{last}"

    def range_of(self, subject: str) -> tuple[int, int]:
        """The range that a question's subject names."""
        found = _RANGE.fullmatch(subject)
        if subject == self.subject or found is None:
            return 1, self.size
        return int(found[2]), int(found[3])

    # -- what is asked ----------------------------------------------------------------------------------

    def open(self, episode: Episode) -> Iterator[ChatRequested]:
        """The questions that nobody has asked yet, or that were asked about something else since."""
        for first, last in self.ranges:
            yield from self._open(episode, first, last)

    def _open(self, episode: Episode, first: int, last: int) -> Iterator[ChatRequested]:
        asked = self.asked(episode, first, last)
        if asked is None:
            yield self.question(episode, first, last)
            return
        if self.answer(episode, asked, first, last) is None and self._split(episode, first, last):
            for part in self.halves(first, last):
                yield from self._open(episode, *part)

    def question(self, episode: Episode, first: int, last: int) -> ChatRequested:
        """The question about a range, ready to be asked."""
        wanted = self.ask(first, last)
        earlier = episode.last(ChatRequested, wanted.subject, self.purpose)
        # Not below an earlier take's: the highest take counts, so a lower one would never be heard.
        return wanted if earlier is None else evolve(wanted, take=earlier.take)

    def asked(self, episode: Episode, first: int, last: int) -> Record | None:
        """The question about a range as it stands in the log, None where it is not asked as it is now."""
        found = episode.last_record(ChatRequested, self.name(first, last), self.purpose)
        if found is None or self.fixed:
            return found
        now = self.ask(first, last)
        same = (base_prompt(found.event), found.event.schema) == (now.prompt, now.schema)
        return found if same else None

    def _split(self, episode: Episode, first: int, last: int) -> bool:
        parts = self.halves(first, last)
        return bool(parts) and all(self.asked(episode, *part) is not None for part in parts)

    # -- what is answered -------------------------------------------------------------------------------

    def answers(self, episode: Episode) -> list[T] | None:
        """The answers to the whole in order, None while any is missing."""
        found: list[T] = []
        for first, last in self.ranges:
            part = self._answers(episode, first, last)
            if part is None:
                return None
            found += part
        return found

    def _answers(self, episode: Episode, first: int, last: int) -> list[T] | None:
        asked = self.asked(episode, first, last)
        if asked is None:
            return None
        answer = self.answer(episode, asked, first, last)
        if answer is not None:
            return [answer]
        if self.instead is not None and self.has_fallen(episode, first, last):
            return [self.instead(first, last)]
        if not self._split(episode, first, last):
            return None
        found: list[T] = []
        for part in self.halves(first, last):
            below = self._answers(episode, *part)
            if below is None:
                return None
            found += below
        return found

    def answer(
        self, episode: Episode, asked: Record, first: int, last: int, before: int | None = None
    ) -> T | None:
        """The first answer to a question that can be used, of those below position `before`."""
        for record in episode.records(ChatReturned, asked.event.subject):
            if before is not None and record.position >= before:
                break
            if record.event.request == asked.position:
                value, errors = self.check(record.event, first, last)
                if value is not None and not errors:
                    return value
        return None

    def has_fallen(self, episode: Episode, first: int, last: int) -> bool:
        """Whether what stands instead of the answers to a range was taken."""
        return self.fallen is not None and episode.last(self.fallen, self.name(first, last)) is not None

    def check(self, event: ChatReturned, first: int, last: int) -> tuple[T | None, list[str]]:
        """What an answer says, or all that is wrong with it."""
        if event.finish != "stop":
            return None, [CUT_OFF if event.finish == "length" else NO_DATA]
        if len(event.text) > MOST_TEXT:
            return None, [f"the answer is far too long: it has {len(event.text)} characters"]
        parsed = read_json(event.text)
        if not parsed.found:
            return None, [parsed.why]
        if _too_many(parsed.value):
            return None, [f"the answer is far too long: it has over {MOST_VALUES} values"]
        fitted = fit_into(parsed.value, self.form)
        if fitted.errors:
            return None, list(fitted.errors)
        if broken := list(faults(fitted.value)):
            return None, broken
        value, errors = self.read(fitted.value, first, last)
        return value, list(errors)


def may_ask(episode: Episode) -> bool:
    """Whether the recorded settings route any chat at all; without one no question is even written."""
    if episode.settings_artifact is None:
        return False
    settings = episode.settings
    routed = bool(settings.routes.get("chat"))
    return routed or any(rule.capability == "chat" and not rule.off for rule in settings.rules)


def routed(episode: Episode, task: Task[Any]) -> bool:
    """Whether the recorded settings send a task's questions to a chat model."""
    if not may_ask(episode):
        return False
    return all(candidates(episode.settings, "chat", task.ask(first, last)) for first, last in task.ranges)


def question_of(event: ChatReturned, episode: Episode, purpose: str) -> Record | None:
    """The question that an answer is about: None for another purpose's, and for one that was asked anew."""
    asked = episode.record(event.request)
    if asked is None or not isinstance(asked.event, ChatRequested) or asked.event.purpose != purpose:
        return None
    newest = episode.last_record(ChatRequested, asked.event.subject, purpose)
    return asked if newest is not None and newest.position == asked.position else None


def subject_of(asked: ChatRequested) -> str:
    """Whom or what a question is about, without the range of a part."""
    found = _RANGE.fullmatch(asked.subject)
    return asked.subject if found is None else found[1]


def base_prompt(asked: ChatRequested) -> str:
    """A question's prompt without what a re-ask adds to it."""
    if not asked.system.endswith(AGAIN):
        return asked.prompt
    return asked.prompt.rpartition(MARK)[0]


def take_in(
    task: Task[T], asked: Record, record: Record, episode: Episode, whole: Callable[[], Iterator[Any]]
) -> Iterator[Any]:
    """What comes of an answer: `whole()` of one that can be used, else its rejection and what is asked next.

    The first wrong answer is shown to the model with its errors, once; the next one goes to the next route.
    One that was cut off is asked for in halves, where there are any. Where no route is left, and the task has
    something that stands instead, it stands, and an event says so.
    """
    event: ChatReturned = record.event
    first, last = task.range_of(asked.event.subject)
    if task.answer(episode, asked, first, last, record.position) is not None:
        return  # it is answered: this came late, from a call that was in doubt
    value, errors = task.check(event, first, last)
    if value is not None and not errors:
        yield from whole()
        return
    parts = task.halves(first, last) if event.finish == "length" else ()
    again = bool(parts) or not asked.event.system.endswith(AGAIN)
    why = "; ".join(_shown(errors))[:MOST_WHY]
    tried = _routes_asked(asked, record, episode)
    falls = not again and task.fell_back is not None and not _routes_left(asked.event, tried, episode)
    yield AnswerRejected(
        request=asked.position,
        answer=record.position,
        route=event.route,
        subject=asked.event.subject,
        purpose=asked.event.purpose,
        why=why,
        last=not again and not falls,
    )
    if falls and task.fell_back is not None:
        yield task.fell_back(FallBack(asked, tried, why))
    elif parts:
        for part in parts:
            yield task.question(episode, *part)
    elif again:
        yield _asked_again(asked.event, errors)


def _routes_asked(asked: Record, answered: Record, episode: Episode) -> tuple[str, ...]:
    """The routes that failed for a question since a person last let it go on, and the one that just did.

    As the core counts them: one that failed for want of its key sent nothing, and is asked again.
    """
    position = asked.position
    names = ("call:chat", f"call:{position}", f"dropped:{position}")
    since = max((r.position for r in episode.records(EpisodeReleased) if r.event.hold in names), default=0)
    failed = [r for r in episode.records(CallFailed) if not r.event.refused_by.startswith("key:")]
    wrong = [
        r for r in episode.records(AnswerRejected, asked.event.subject, asked.event.purpose) if r.event.last
    ]
    earlier = sorted((*failed, *wrong), key=lambda one: one.position)
    mine = [one for one in earlier if one.event.request == position and one.position > since]
    return tuple(dict.fromkeys((*(one.event.route for one in mine), answered.event.route)))


def _routes_left(asked: ChatRequested, tried: Sequence[str], episode: Episode) -> bool:
    return any(one.route not in tried for one in candidates(episode.settings, "chat", asked))


def _too_many(data: Any) -> bool:
    """Whether data holds more values than any answer needs."""
    count, stack = 0, [data]
    while stack:
        one = stack.pop()
        below = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        count += len(below)
        if count > MOST_VALUES:
            return True
        stack.extend(below)
    return False


def _asked_again(asked: ChatRequested, errors: Sequence[str]) -> ChatRequested:
    told = "\n".join(f"- {error}" for error in _shown(errors)).replace(MARK.strip(), "")
    return evolve(
        asked, take=asked.take + 1, system=asked.system + AGAIN, prompt=f"{asked.prompt}{MARK}{told}"
    )


def _shown(errors: Sequence[str]) -> list[str]:
    shown = [" ".join(error.split())[:MOST_ERROR] for error in errors[:MOST_ERRORS]]
    more = len(errors) - MOST_ERRORS
    return [*shown, f"and {more} more"] if more > 0 else shown
