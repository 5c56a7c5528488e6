"""Asks: the requests that are not decided yet, and what each of them waits for."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from attrs import define, field

from ..events.kinds import spec_of
from ..events.record import Record
from .folds import Folds
from .lanes import Lanes
from .work import Works

__all__ = ["Ask", "Asks", "routes_tried"]


def routes_tried(folds: Folds, request: Record, upto: int) -> tuple[str, ...]:
    """The routes that failed for a request up to a position, since a person last let it go on.

    They are not asked again: neither a fallback nor a second submit after a doubt goes back to them. One
    whose answer was rejected for the last time has failed, too. One that failed for want of its key sent
    nothing: it is asked again when the key is there.
    """
    kinds = folds.index(request.stream).by_kind
    capability, position = spec_of(type(request.event)).request, request.position
    holds = (f"call:{capability}", f"call:{position}", f"dropped:{position}")
    released = [r.position for r in kinds.get("episode_released", []) if r.event.hold in holds]
    since = max(released, default=0)
    failed = (r for r in kinds.get("call_failed", []) if not r.event.refused_by.startswith("key:"))
    rejected = (r for r in kinds.get("answer_rejected", []) if r.event.last)
    return tuple(
        record.event.route
        for record in sorted((*failed, *rejected), key=lambda record: record.position)
        if record.event.request == position and since < record.position <= upto
    )


@define(eq=False)
class Ask:
    """A request that is not decided yet. `cause` is what asked: the request, a failure, a settled doubt.

    `called`: it waited for its lane, and room has come for it.
    """

    stream: str
    request: Record
    cause: Record
    tried: tuple[str, ...] = ()
    attempt: int = 1
    repeat: bool = False
    called: bool = False


@define(eq=False)
class Asks:
    """All requests that wait. What cannot pass a step of its admission starts again at the first."""

    works: Works
    lanes: Lanes
    _ready: deque[Ask] = field(factory=deque)
    _by_lane: dict[str, deque[Ask]] = field(factory=dict)
    _by_key: dict[str, deque[Ask]] = field(factory=dict)
    _held: dict[str, list[Ask]] = field(factory=dict)
    _money: list[Ask] = field(factory=list)

    def ask(self, ask: Ask) -> None:
        """Takes a request in; it is decided in this turn, or its row says that it waits."""
        self._ready.append(ask)

    def next(self) -> Ask | None:
        """The next request to decide, None when all wait for something."""
        return self._ready.popleft() if self._ready else None

    @property
    def ready(self) -> bool:
        """Whether any request could be decided now."""
        return bool(self._ready)

    def store(self) -> None:
        """Writes a row for every request that this turn left undecided, as when the engine is stopping."""
        for ask in self._ready:
            self._owe(ask)

    def waiting_streams(self) -> list[str]:
        """The episodes whose requests wait, for a hold to end or to be looked at, sorted."""
        held = {stream for stream, waiting in self._held.items() if waiting}
        return sorted(held | {ask.stream for ask in self._ready})

    def untried(self, stream: str) -> None:
        """Every route is open again to the requests of an episode that wait for a hold to end."""
        for ask in self._held.get(stream, ()):
            ask.tried = ()

    # -- waiting ----------------------------------------------------------------------------------------

    def wait_for_release(self, ask: Ask) -> None:
        """Until the last hold of its episode ends."""
        self._held.setdefault(ask.stream, []).append(ask)
        self._owe(ask)

    def wait_for_key(self, ask: Ask, key: str) -> None:
        """Until the same call, asked by another, has come back."""
        self._by_key.setdefault(key, deque()).append(ask)
        self._owe(ask)

    def wait_for_lane(self, ask: Ask, lane: str) -> None:
        """Until a lane has room; one that was called too early keeps its place."""
        waiting = self._by_lane.setdefault(lane, deque())
        if ask.called:
            waiting.appendleft(ask)
        else:
            waiting.append(ask)
        self._owe(ask)

    def behind(self, ask: Ask, lane: str) -> bool:
        """Whether others waited for this lane before a request came: the next place is theirs."""
        return not ask.called and bool(self._by_lane.get(lane))

    def wait_for_money(self, ask: Ask) -> None:
        """Until a reserve in flight comes free."""
        self._money.append(ask)
        self._owe(ask)

    def _owe(self, ask: Ask) -> None:
        self.works.owe(ask.stream, "core", "admit", ask.cause.position)

    # -- waking -----------------------------------------------------------------------------------------

    def wake_lanes(self, owed: Mapping[str, Collection[object]]) -> bool:
        """Lanes have room: as many of their requests as fit are looked at again; True when there were any.

        What is `owed` in a lane goes first.
        """
        moved = False
        for name, waiting in self._by_lane.items():
            if not waiting or owed.get(name):
                continue
            lane = self.lanes.lane(name)
            room = lane.width + (lane.ahead if waiting[0].repeat else 0) - lane.running
            for _ in range(min(room, len(waiting))):
                ask = waiting.popleft()
                ask.called = True
                self._ready.append(ask)
                moved = True
        return moved

    def wake_stream(self, stream: str) -> None:
        """An episode was released or revised: its waiting requests are looked at again."""
        self._ready.extend(self._held.pop(stream, ()))
        self._wake_money()

    def wake_all(self, stream: str) -> None:
        """A revision: whatever of this stream waits anywhere is looked at again."""
        self.wake_stream(stream)
        for waiting in (*self._by_lane.values(), *self._by_key.values()):
            mine = [ask for ask in waiting if ask.stream == stream]
            for ask in mine:
                waiting.remove(ask)
            self._ready.extend(mine)

    def wake_key(self, key: str) -> None:
        """A call is no longer under way: who waits for it, or for its money, is looked at again."""
        self._ready.extend(self._by_key.pop(key, ()))
        self._wake_money()

    def _wake_money(self) -> None:
        if self._money:
            self._ready.extend(self._money)
            self._money.clear()
