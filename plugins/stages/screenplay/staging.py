"""Who stands where: sides that hold for a whole scene (the 180-degree line), looks, feelings and poses."""

from __future__ import annotations

from collections.abc import Sequence

from ....events.script import OnScreen

__all__ = ["Staging"]

_RANK = {"left": 0, "centre-left": 1, "centre": 2, "centre-right": 3, "right": 4}
_SEATS = {
    1: ("centre",),
    2: ("left", "right"),
    3: ("left", "right", "centre"),
    4: ("left", "right", "centre-left", "centre-right"),
}
_NEARER = {"left": "centre-left", "right": "centre-right"}
_GESTURES = frozenset({"give", "drink", "raise", "point", "call", "walk", "hold"})
MOST = 4  # bodies in one frame


class Staging:
    """The people of one scene. A character never changes his side, so that looks always meet."""

    def __init__(self, visible: Sequence[str]) -> None:
        seats = _SEATS[min(max(len(visible), 1), MOST)]
        self._side = {name: seats[number % len(seats)] for number, name in enumerate(visible)}
        self._feeling: dict[str, str] = {}
        self._pose: dict[str, str] = {}
        self._posture: dict[str, str] = {}
        self.present: list[str] = []

    def knows(self, name: str) -> bool:
        """Whether the name has a body in this scene."""
        return name in self._side

    def arrive(self, name: str) -> None:
        """From now on the character may be shown as listening."""
        if name in self._side and name not in self.present:
            self.present.append(name)

    def leave(self, name: str) -> None:
        """From now on he is gone."""
        if name in self.present:
            self.present.remove(name)

    def feel(self, name: str, expression: str) -> None:
        """Sets a feeling that lasts until the next."""
        if expression:
            self._feeling[name] = expression

    def feeling(self, name: str) -> str:
        """The feeling in force."""
        return self._feeling.get(name, "neutral")

    def pose(self, name: str, pose: str) -> None:
        """Sets what the body does now; a gesture ends with its shot."""
        if not pose:
            return
        self._pose[name] = pose
        if pose == "drink":
            self._posture.setdefault(name, "sit")  # who nurses a cup when we first see him, sits
        elif pose == "walk":
            self._posture[name] = "stand"
        elif pose not in _GESTURES:
            self._posture[name] = pose

    def settle(self, name: str) -> None:
        """After a gesture: back to sitting or standing, as before it."""
        self._pose[name] = self._posture.get(name, "stand")

    def side(self, name: str) -> str:
        """The seat of a character."""
        return self._side.get(name, "centre")

    def facing(self, name: str, target: str) -> str:
        """Toward the target's seat; without one toward us."""
        if not target or target == name or target not in self._side:
            return "camera"
        return "right" if _RANK[self.side(target)] >= _RANK[self.side(name)] else "left"

    def figure(
        self, name: str, target: str = "", *, alone: bool = False, facing: str = "", pose: str = ""
    ) -> OnScreen:
        """A character as he stands in a shot; alone in it he comes nearer to the middle, never across it."""
        side = self.side(name)
        return OnScreen(
            name,
            _NEARER.get(side, side) if alone else side,
            facing or self.facing(name, target),
            self.feeling(name),
            pose or self._pose.get(name, "stand"),
        )

    def group(self, names: Sequence[str], looking: str = "") -> tuple[OnScreen, ...]:
        """Several characters from left to right, looking at one, or at each other."""
        chosen: list[str] = []
        seats: set[str] = set()
        for name in names:
            if (
                name in self._side
                and name not in chosen
                and self.side(name) not in seats
                and len(chosen) < MOST
            ):
                chosen.append(name)
                seats.add(self.side(name))
        chosen.sort(key=lambda name: _RANK[self.side(name)])
        figures = []
        for name in chosen:
            others = [other for other in chosen if other != name]
            target = looking if looking in others else (others[0] if others else "")
            figures.append(self.figure(name, target, alone=len(chosen) == 1))
        return tuple(figures)
