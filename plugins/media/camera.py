"""Where the camera looks in each frame of a shot, and when the people in it blink."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Literal, get_args

from .errors import PictureError
from .stage import View

Kind = Literal["still", "push-in", "pull-out", "pan-left", "pan-right", "tilt-up", "tilt-down"]
KINDS: tuple[str, ...] = get_args(Kind)

_ZOOM = 0.08  # a full push goes from 8 % wider to 8 % closer than the planned framing
_TRAVEL = 0.9  # of the room that the plate leaves, for a full pan
# A held camera breathes: without it a still shot is a frozen picture (quality limit: 0.5 s without change).
_BREATH, _BREATH_S = 0.011, 7.0
_DRIFT, _DRIFT_S = 0.0028, 5.3  # radius as a share of the frame's width
_BLINK_MS = 130
_BLINK_GAP_MS = (2200, 5200)  # adults at rest blink 10 to 20 times a minute


@dataclass(frozen=True, slots=True)
class Move:
    """A camera move over a whole shot; `amount` 0..1 of what the plate allows."""

    kind: Kind = "still"
    amount: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise PictureError(f"no camera move {self.kind!r}; known: {', '.join(KINDS)}")
        if not (isinstance(self.amount, int | float) and 0 <= self.amount <= 1):
            raise PictureError(f"the amount of a move must be 0..1, not {self.amount!r}")


def _fractions(seed: str, count: int) -> list[float]:
    """Numbers in 0..1 made of a seed."""
    found: list[float] = []
    block = 0
    while len(found) < count:
        digest = hashlib.sha256(f"{seed}\n{block}".encode("utf-8", "surrogatepass")).digest()
        found.extend(int.from_bytes(digest[i : i + 4], "big") / 2**32 for i in range(0, 32, 4))
        block += 1
    return found[:count]


class Camera:
    """The view of every frame of one shot.

    `plate` and `frame` are (width, height); the planned framing is the centre of the plate at scale 1.
    PictureError if the plate is smaller than the frame.
    """

    def __init__(
        self, move: Move, plate: tuple[int, int], frame: tuple[int, int], frames: int, fps: int, seed: str
    ) -> None:
        self._move, self._plate, self._frame, self._frames, self._fps = move, plate, frame, frames, fps
        self._widest = min(plate[0] / frame[0], plate[1] / frame[1])
        if self._widest < 1:
            raise PictureError(
                f"the plate is {plate[0]}x{plate[1]}, smaller than the {frame[0]}x{frame[1]} frame"
            )
        self._base = min(1.0, self._widest - _BREATH)
        self._phase = [2 * math.pi * f for f in _fractions(seed + "\ncamera", 2)]

    def view(self, index: int) -> View:
        """What frame `index` (0-based) shows."""
        seconds = index / self._fps
        done = index / max(1, self._frames - 1)
        eased = done - math.sin(2 * math.pi * done) / (
            4 * math.pi
        )  # starts and ends at half speed, never stands
        swing = 2 * eased - 1
        kind, amount = self._move.kind, self._move.amount
        scale = self._base + _BREATH * math.sin(2 * math.pi * seconds / _BREATH_S + self._phase[0])
        if kind == "push-in":
            scale -= swing * _ZOOM * amount
        elif kind == "pull-out":
            scale += swing * _ZOOM * amount
        scale = min(scale, self._widest)
        room_x = self._plate[0] - self._frame[0] * scale
        room_y = self._plate[1] - self._frame[1] * scale
        turn = 2 * math.pi * seconds / _DRIFT_S + self._phase[1]
        radius = _DRIFT * self._frame[0]
        x = room_x / 2 + radius * math.cos(turn)
        y = room_y / 2 + radius * math.sin(turn)
        if kind in ("pan-left", "pan-right"):
            x += swing * (1 if kind == "pan-right" else -1) * room_x / 2 * _TRAVEL * amount
        elif kind in ("tilt-up", "tilt-down"):
            y += swing * (1 if kind == "tilt-down" else -1) * room_y / 2 * _TRAVEL * amount
        return View(min(max(0.0, x), max(0.0, room_x)), min(max(0.0, y), max(0.0, room_y)), scale)


def blinks(seed: str, character: str, duration_ms: int) -> list[tuple[int, int]]:
    """(start_ms, end_ms) of every blink of one character in a shot: irregular, the same for the same seed."""
    low, high = _BLINK_GAP_MS
    gaps = _fractions(f"{seed}\nblink\n{character}", duration_ms // low + 2)
    found: list[tuple[int, int]] = []
    at = round(gaps[0] * low)  # the first one may come early, so that short shots have blinks too
    for gap in gaps[1:]:
        if at + _BLINK_MS >= duration_ms:
            break
        found.append((at, at + _BLINK_MS))
        at += round(low + gap * (high - low))
    return found
