"""The model's rows and money: what stands in the log, who asks for what, and what it costs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NoReturn

from account_values import (
    OUTCOMES,
    PERSON,
    REQUESTS,
    TAIL,
    WORDS,
    Call,
    Episode,
    Item,
    Key,
    Request,
    Row,
    Wrong,
)
from attrs import define, field


@define(eq=False)
class Money:
    """Reads the rows in and keeps the books."""

    routes: dict[str, tuple[str, ...]]
    prices: dict[str, int]
    lanes: dict[str, int]
    force: dict[str, int]
    rows: dict[int, Row] = field(factory=dict)
    head: int = 0
    chain: bytes = bytes(32)
    carried: int = 0
    versions: dict[str, int] = field(factory=dict)
    ids: set[str] = field(factory=set)
    episodes: dict[str, Episode] = field(factory=dict)
    requests: dict[int, Request] = field(factory=dict)
    calls: dict[int, Call] = field(factory=dict)
    items: dict[Key, Item] = field(factory=dict)
    once: dict[tuple[Any, ...], int] = field(factory=dict)
    reusable: dict[tuple[str, ...], int] = field(factory=dict)
    joins: dict[tuple[str, int, tuple[int, ...]], int] = field(factory=dict)
    booked: int = 0
    stopping: bool = False
    sound: bool = True
    submitted: dict[int, int] = field(factory=dict)
    _unexplained: dict[int, Row] = field(factory=dict)
    _jobs: dict[int, Call] = field(factory=dict)
    _twins: list[Row] = field(factory=list)
    _first: int = 0
    _upto: int = 0

    def wrong(self, why: str, row: Row | None = None) -> NoReturn:
        """Raises Wrong, with the last rows of the log."""
        self.sound = False
        tail = [f"  {row}" for row in list(self.rows.values())[-TAIL:]]
        where = "" if row is None else f" at position {row.position} ({row.kind} by {row.by})"
        raise Wrong("\n".join([why + where, f"carried {self.carried}", *tail]))

    def read(self, rows: Iterable[tuple[Any, ...]]) -> list[Row]:
        """Reads raw rows; none may be missing, repeated or out of order."""
        found = []
        for position, id, stream, version, kind, schema, body, cause, root, by, at, digest in rows:
            row = Row(position, stream, kind, json.loads(body), cause, by, body)
            self.rows[position] = row
            if position != self.head + 1:
                self.wrong(f"position {self.head} is followed by {position}", row)
            if version != self.versions.get(stream, 0) + 1:
                self.wrong(f"{stream} goes from {self.versions.get(stream, 0)} to {version}", row)
            if id in self.ids:
                self.wrong("its id stands already", row)
            if cause is not None and cause >= position:
                self.wrong("its cause comes later", row)
            head = [position, id, stream, version, kind, schema, cause, root, by, at]
            link = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
            self.chain = hashlib.sha256(self.chain + link + b"\n" + body.encode()).digest()
            if self.chain != digest:
                self.wrong("it does not fit the record before it", row)
            self.head, self.versions[stream] = position, version
            self.ids.add(id)
            found.append(row)
        return found

    def said(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """A person has appended these."""
        for row in self.read(rows):
            if row.by != PERSON:
                self.wrong("a record that nobody asked for", row)
            self._note(row)

    def _note(self, row: Row) -> None:
        """What every record tells of an episode, whoever wrote it."""
        kind, body, position = row.kind, row.body, row.position
        key = self._once_key(row)
        if key is not None:
            if key in self.once:
                self.wrong(f"{key} stands at {self.once[key]} already", row)
            self.once[key] = position
        if not row.stream.startswith("episode/"):
            return
        episode = self.episodes.setdefault(row.stream, Episode(row.stream))
        if kind in ("episode_opened", "episode_revised"):
            episode.revisions.append((position, body["revision"]))
            episode.caps = dict.fromkeys(("call", "episode", "series", "day"))
        elif kind == "budget_raised":
            episode.caps[body["scope"]] = body["cap"]
        elif kind in ("episode_held", "episode_released"):
            if kind == "episode_released":
                self._ask_released(episode, row)
            episode.holds.append((position, body["hold"], kind == "episode_held"))
        elif kind == "fact":
            episode.facts.append(row)
        elif kind == "worked":
            episode.worked.append(row)
        elif kind in ("part_opened", "part_closed"):
            episode.parts.append((position, body["part"], body["revision"], kind == "part_opened"))
        elif kind in REQUESTS:
            capability = REQUESTS[kind]
            self.requests[position] = Request(row, capability, body[WORDS[capability]], {position: True})
        elif kind in OUTCOMES:
            self.requests[body["request"]].answered = True

    def caps(self, stream: str, caps: dict[str, int | None]) -> None:
        """The caps of the settings that the newest revision brought; the rows hold only their digest."""
        self.episodes[stream].caps.update(caps)

    def _once_key(self, row: Row) -> tuple[Any, ...] | None:
        if row.kind == "character_cast":
            return (row.stream, row.kind, row.body["character"])
        if row.kind == "welcomed":
            return (row.stream, row.kind, row.body["character"])
        if row.kind == "joined":
            return (row.stream, row.kind, row.body["revision"], row.body["inputs"])
        if row.kind in ("episode_opened", "episode_revised"):
            return (row.stream, row.kind, row.body["revision"])
        return None

    def _ask_released(self, episode: Episode, row: Row) -> None:
        kind, _, rest = row.body["hold"].partition(":")
        if kind == "call" and rest.isdecimal() and row.body["hold"] in episode.held(row.position - 1):
            self.requests[int(rest)].asks[row.position] = True

    def open_asks(self) -> dict[int, Request]:
        """The positions of all that asks for an admission and waits for one."""
        return {
            cause: request
            for request in self.requests.values()
            for cause, is_open in request.asks.items()
            if is_open and (cause <= self.carried or self.rows[cause].kind == "call_doubted")
        }

    def _close_ask(self, row: Row, request: Request) -> None:
        if row.cause is None or not request.asks.get(row.cause):
            self.wrong("it answers nothing that asks, or what was answered already", row)
        request.asks[row.cause] = False

    def money(self, scope: str) -> tuple[int, int, int]:
        """(settled, reserved, in doubt) of a scope."""
        mine = [c for c in self.calls.values() if scope in self.episodes[c.stream].scopes]
        return (
            sum(c.settled for c in mine),
            sum(c.ceiling for c in mine if c.state == "open"),
            sum(c.ceiling for c in mine if c.doubtful),
        )

    def verdict(self, stream: str, ceiling: int) -> str:
        """What the caps say to one more call: pass, wait or refuse."""
        episode = self.episodes[stream]
        cap = episode.caps["call"]
        if cap is not None and ceiling > cap:
            return "refuse"
        says = "pass"
        for name, scope in (("episode", stream), ("series", episode.series), ("day", "studio")):
            cap = episode.caps[name]
            if cap is None:
                continue
            settled, reserved, doubt = self.money(scope)
            if settled + doubt + ceiling > cap:
                return "refuse"
            if settled + doubt + ceiling + reserved > cap:
                says = "wait"
        return says

    def _behind(self, row: Row) -> Call | None:
        cause = None if row.cause is None else self.rows[row.cause]
        if cause is not None and cause.kind == "video_submitted":
            return self._jobs.get(cause.position) or self._behind(cause)
        if cause is not None and cause.kind == "call_admitted":
            return self.calls[cause.position]
        mine = [c for c in self.calls.values() if c.request == row.body["request"] and c.doubtful]
        mine = [c for c in mine if c.doubt < row.position]
        return mine[-1] if mine else None

    def _book(self, upto: int) -> None:
        """Money moves when what came back is carried."""
        for position in range(self.booked + 1, upto + 1):
            row = self.rows[position]
            came = row.kind in OUTCOMES and row.body["reused_from"] is None
            if came or row.kind == "call_failed":
                self._booked_outcome(row, row.body["bill"]["cost"])
            elif row.kind == "video_submitted" and row.by == PERSON:
                call = self._behind(row)
                if call is not None and call.doubtful:
                    call.state = "open"
                    self._jobs[position] = call
            elif row.kind == "doubt_settled":
                call = self.calls[row.body["admitted"]]
                if call.doubtful:
                    if call.state == "doubted" and row.body["settled"] in ("not_accepted", "given_up"):
                        self.requests[call.request].asks[position] = True
                    call.state = "ended"
                    call.settled = 0 if row.body["settled"] == "not_accepted" else call.ceiling
        self.booked = max(self.booked, upto)

    def _booked_outcome(self, row: Row, cost: int) -> None:
        call = self._behind(row)
        if call is None or call.state == "ended":
            return
        newest = max(c.position for c in self.calls.values() if c.request == call.request)
        call.state, call.settled = "ended", cost
        if row.kind == "call_failed":
            if row.body["fallback"] and newest == call.position:
                self.requests[call.request].asks[row.position] = True
        else:
            self.reusable.setdefault(call.key, row.position)
            if cost > 0:
                self.reusable.setdefault(call.key[1:], row.position)

    def was_held(self, stream: str, hold: str, since: int) -> bool:
        """Whether a hold was in force at a position, or has been since."""
        episode = self.episodes[stream]
        return hold in episode.held(since) or any(
            p > since and name == hold and on for p, name, on in episode.holds
        )

    def _stale(self, row: Row) -> bool:
        if row.revision is None or not row.stream.startswith("episode/"):
            return False
        return row.revision < self.episodes[row.stream].revision()

    def _owe(self, key: Key, base: int = 0) -> None:
        if key in self.items:
            self.wrong(f"{key} is owed already")
        self.items[key] = Item(key, base, base)
