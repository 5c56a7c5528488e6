"""The gate that all threads of a lane pass to call out: one pause for all, fewer at once when told so."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import DuanjuError

__all__ = ["Gate", "GateClosed", "GateTooLate"]

PAUSE_MOST = 300.0
"""The longest pause in seconds that one answer can impose on a lane."""

GIVEN_UP = 10.0
"""So many seconds after its deadline a place is free again, whatever became of who had it."""

SHARE = 5
"""One in so many answers that say "too much" is a crowd; fewer are taken for noise, and cost one place."""


class GateTooLate(DuanjuError):
    """The gate does not open before the deadline: nothing was sent."""


class GateClosed(DuanjuError):
    """The lane is closing: nothing was sent."""


class Gate:
    """How many of a lane's threads may be out at once, and until when none may go.

    The number starts at `width`. It is halved when a good part of the latest answers say that it is too much,
    goes down by one where a single one says so, and up by one for each half round of answers that went well,
    to `width` again. `clock` is a monotonic clock in seconds.
    """

    def __init__(self, width: int = 1, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._width = max(1, width)
        self._clock = clock
        self._turn = threading.Condition()
        self._allowed = float(self._width)
        self._places: dict[Pass, float] = {}
        self._paused_until = 0.0
        self._slowed = 0
        self._latest: deque[bool] = deque(maxlen=2 * self._width + 8)
        self._closed = False

    @property
    def width(self) -> int:
        """The most that may be out at once."""
        return self._width

    @property
    def allowed(self) -> int:
        """How many may be out at once now, 1 to `width`."""
        return max(1, int(self._allowed))

    @property
    def out(self) -> int:
        """How many are out; one that is long past its deadline was given up, and its place is free."""
        now = self._clock()
        return sum(until > now for until in self._places.values())

    def paused(self) -> float:
        """Seconds until the pause ends; 0 when there is none."""
        return max(0.0, self._paused_until - self._clock())

    def pause(self, seconds: float) -> None:
        """Nobody goes out for so long (at most PAUSE_MOST); a longer pause that runs already stands."""
        with self._turn:
            until = self._clock() + min(max(0.0, seconds), PAUSE_MOST)
            self._paused_until = max(self._paused_until, until)
            self._turn.notify_all()

    @contextmanager
    def pass_by(self, deadline: float) -> Iterator[Pass]:
        """Waits for a place, and holds it while the body runs; `deadline` is a value of the clock.

        Raises GateTooLate as soon as it is sure that there is no place before the deadline, GateClosed when
        the lane closes meanwhile.
        """
        with self._turn:
            while True:
                if self._closed:
                    raise GateClosed("the lane was closed before the call was sent")
                now = self._clock()
                if self._paused_until >= deadline and self._paused_until > now:
                    raise GateTooLate(
                        f"the vendor asked for a pause of {self._paused_until - now:.1f} s more, "
                        "which is past the call's deadline"
                    )
                if now >= deadline:
                    raise GateTooLate("the call's deadline passed while it waited for a place in its lane")
                if self._paused_until > now:
                    self._turn.wait(self._paused_until - now)
                elif self.out >= self.allowed:
                    self._turn.wait(min(deadline, *self._places.values()) - now)
                else:
                    break
            mine = Pass(self, self._slowed)
            self._places[mine] = deadline + GIVEN_UP
        try:
            yield mine
        finally:
            with self._turn:
                del self._places[mine]
                self._turn.notify_all()

    def sleep(self, seconds: float) -> None:
        """Waits so long; raises GateClosed when the lane closes meanwhile."""
        until = self._clock() + seconds
        with self._turn:
            while not self._closed:
                left = until - self._clock()
                if left <= 0:
                    return
                self._turn.wait(left)
        raise GateClosed("the lane was closed before the call was sent again")

    def close(self) -> None:
        """Everybody who waits here stops waiting, with GateClosed."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()

    def _well(self) -> None:
        with self._turn:
            self._latest.append(False)
            self._allowed = min(float(self._width), self._allowed + 2.0 / self._allowed)
            self._turn.notify_all()

    def _too_much(self, seen: int, surely: bool) -> None:
        with self._turn:
            if seen != self._slowed:
                return  # it went out before the last halving: that was told already
            self._latest.append(True)
            told = sum(self._latest)
            if surely or (told > 1 and told * SHARE >= len(self._latest)):
                self._slowed += 1
                self._latest.clear()
                self._allowed = max(1.0, self._allowed / 2)
            else:
                self._allowed = max(1.0, self._allowed - 1)


class Pass:
    """One thread's place at the gate, which it tells how its call went."""

    __slots__ = ("_gate", "_seen")

    def __init__(self, gate: Gate, seen: int) -> None:
        self._gate = gate
        self._seen = seen

    def well(self) -> None:
        """The vendor took the call: the lane slowly grows again."""
        self._gate._well()

    def too_much(self, surely: bool = False) -> None:
        """The vendor says that there are too many; `surely`: too many at once, and not only too fast."""
        self._gate._too_much(self._seen, surely)
