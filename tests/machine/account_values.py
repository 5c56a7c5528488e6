"""What the model keeps of a log: rows, requests, calls, work, episodes, and what it knows of plugins."""

from __future__ import annotations

from typing import Any

from attrs import define, field

PERSON = "cli.review"
ATTEMPTS = 3
REPEAT_BELOW = 10_000
OUTCOMES = {"speech_returned": "speech", "chat_returned": "chat", "video_returned": "video"}
REQUESTS = {"speech_requested": "speech", "chat_requested": "chat", "video_requested": "video"}
WORDS = {"speech": "text", "chat": "prompt", "video": "note"}
CALL_HOOKS = {
    "dear.on_speech_requested": "speech",
    "spare.on_speech_requested": "speech",
    "cheap.on_chat_requested": "chat",
    "film.on_video_requested": "video",
    "film.on_video_submitted": "video",
}
EFFECTS = {"fact": ("work",), "wanted": ("make",), "stamp": ("stamp",), "episode_held": ("tell",)}
LANE_OF = {
    "worker.work": "work",
    "worker.make": "make",
    "worker.stamp": "hand",
    "worker.tell": "tell",
    "dear.on_speech_requested": "voice-line",
    "spare.on_speech_requested": "voice-line",
    "cheap.on_chat_requested": "chat-line",
    "film.on_video_requested": "film-line",
    "film.on_video_submitted": "film-line",
}
WRONG = ("raise", "lost", "garbage", "overdue")
"""Ends of a run that say nothing of what became of it."""
TELLING = (
    *("revision", "n", "wants", "words", "inputs", "subject", "text", "prompt", "note", "hold", "request"),
    *("admitted", "route", "fallback", "settled", "reused_from", "scope", "cap", "part", "plugin", "hook"),
    *("attempts", "character", "flavour", "why", "carried", "decisions"),
)
"""The fields that a report of something wrong shows."""
TAIL = 60

Key = tuple[str, str, str, int]


class Wrong(AssertionError):
    """The log, or a table made from it, is not what it must be."""


@define(eq=False)
class Row:
    """A record as it is stored."""

    position: int
    stream: str
    kind: str
    body: dict[str, Any]
    cause: int | None
    by: str
    raw: str

    def __repr__(self) -> str:
        told = " ".join(f"{name}={self.body[name]}" for name in TELLING if name in self.body)
        return f"{self.position} {self.stream} {self.kind} {told} <- {self.cause} by {self.by}"

    @property
    def revision(self) -> int | None:
        """The revision that it speaks of."""
        found: int | None = self.body.get("revision")
        return found


@define(eq=False)
class Request:
    """What is wanted, and who has asked for its admission: the asker's position -> whether that is open."""

    row: Row
    capability: str
    words: str
    asks: dict[int, bool] = field(factory=dict)
    answered: bool = False
    withdrawn: bool = False


@define(eq=False)
class Call:
    """An admission: open, doubted (barred), superseded (cheap, asked again), or ended with what it cost."""

    position: int
    stream: str
    request: int
    route: str
    key: tuple[str, str, str]
    ceiling: int
    state: str = "open"
    doubt: int = 0
    settled: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether nobody knows its outcome."""
        return self.state in ("doubted", "superseded")


@define(eq=False)
class Item:
    """A piece of work: owed, or in flight in its `attempt`th run; `base` = runs before a person's retry."""

    key: Key
    attempt: int = 0
    base: int = 0
    flying: bool = False
    unstored: bool = False

    @property
    def by(self) -> str:
        """Whose work it is."""
        return f"{self.key[1]}.{self.key[2]}"


@define(eq=False)
class Episode:
    """An episode: its revisions, holds and caps, each with the position that brought it."""

    stream: str
    revisions: list[tuple[int, int]] = field(factory=list)
    holds: list[tuple[int, str, bool]] = field(factory=list)
    caps: dict[str, int | None] = field(factory=dict)
    facts: list[Row] = field(factory=list)
    worked: list[Row] = field(factory=list)
    parts: list[tuple[int, str, int, bool]] = field(factory=list)

    @property
    def series(self) -> str:
        """The stream of its series."""
        return "series/" + self.stream.split("/")[1]

    @property
    def scopes(self) -> tuple[str, ...]:
        """Whose money it spends."""
        return ("studio", self.series, self.stream)

    def revision(self, upto: int | None = None) -> int:
        """The newest revision, as of a position if one is given."""
        return max((r for p, r in self.revisions if upto is None or p <= upto), default=0)

    def held(self, upto: int | None = None) -> set[str]:
        """The holds in force, as of a position if one is given."""
        state: dict[str, bool] = {}
        for position, hold, on in self.holds:
            if (upto is None or position <= upto) and (on or hold in state):
                state[hold] = on
        return {hold for hold, on in state.items() if on}
