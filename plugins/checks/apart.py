"""How far a person on screen is from the bible: numbers, words, and what to tell a model (no plugin)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from .onscreen import SAMPLES, Person

if TYPE_CHECKING:
    from ..media.appearance import Reference, Seen

__all__ = ["CLOTH", "CLOTH_WARN", "FACE", "FACE_WARN", "SLOPE_WARN", "Apart", "apart", "references_of"]

FACE, FACE_WARN = 0.45, 0.33
"""Likeness distance of a drawn face to the nearest view of the bible.

The same face in other sizes, lights, turns and feelings stays within 0.30; one changed feature (skin, hair
style, hair colour, beard) lies from 0.4 up, another person of the cast from 1. It grows as a face gets
smaller than 60 measured pixels: half as wide, twice as far; and where a body may hide a part of it.
"""
CLOTH, CLOTH_WARN = 12.0, 7.0
"""CIEDE2000 between what is worn and what is planned, with k_L = 2 as for cloth."""
_COVERED = 0.05  # of a face behind somebody: the clothes below it are more so
SLOPE_WARN = 0.2
"""So much farther from the bible at the end of a shot than at its beginning."""


@frozen
class Apart:
    """How far one person in one shot is from the bible: weighted mean of the face, middle of the clothes.

    `seen` is the sample that lies farthest, `shown` the one to show a person; `lost`: in so large a share of
    the samples no face was found where one was planned; `tiny`: the face is under 30 measured pixels.
    """

    person: Person
    face: float | None
    face_limit: float
    cloth: float | None
    slope: float
    seen: Seen
    shown: Seen
    lost: float = 0.0
    tiny: bool = False

    @property
    def fails(self) -> bool:
        """Whether the shot must be made again. A face of a few pixels is no proof: it only warns."""
        return self.worst > 1 and not (self.tiny and self.by_face)

    @property
    def worst(self) -> float:
        """The larger of the two distances, each in its own limit: over 1 fails."""
        return max((self.face or 0.0) / self.face_limit, (self.cloth or 0.0) / CLOTH)

    @property
    def warns(self) -> bool:
        """Whether a person should look at it."""
        return self._face_off or (self.cloth or 0.0) > CLOTH_WARN or self.slope > SLOPE_WARN or self.lost > 0

    @property
    def by_face(self) -> bool:
        """Whether the face is the worse of the two."""
        return (self.face or 0.0) / self.face_limit >= (self.cloth or 0.0) / CLOTH

    @property
    def _face_off(self) -> bool:
        return (self.face or 0.0) > self.face_limit * FACE_WARN / FACE

    @property
    def value(self) -> tuple[float, float, str]:
        """Value, limit and unit of the worse of the two."""
        if self.by_face:
            return self.face or 0.0, self.face_limit, "distance"
        return self.cloth or 0.0, CLOTH, "dE2000"

    @property
    def note(self) -> str:
        """What is measured, for a person: all that is off, else the worse of the two."""
        parts = []
        if self.face is not None and (self._face_off or self.by_face):
            parts.append(f"the face is {self.face:.2f} from the bible's (limit {self.face_limit:g})")
        if self.cloth is not None and (self.cloth > CLOTH_WARN or not self.by_face):
            parts.append(f"the clothes are dE {self.cloth:.0f} off (limit {CLOTH:g})")
        if self.slope > SLOPE_WARN:
            parts.append(f"the face drifts by {self.slope:.2f} over the shot")
        if self.lost:
            parts.append(f"no face is found in {self.lost:.0%} of the samples")
        return f"{self.person.shot} {self.person.figure.character}: {', '.join(parts)}"

    @property
    def tell(self) -> str:
        """What whoever draws it again is told: what differs, and what must not change."""
        profile, seen = self.person.figure.profile, self.seen
        off = []
        if self.face is not None and self.face > self.face_limit:
            was = {
                key: f", it was {value}" if value else ""
                for key, value in (("s", seen.skin), ("h", seen.hair))
            }
            off.append(f"{profile.face} face, skin {profile.skin}{was['s']}")
            bald = profile.hair_style == "bald"
            hair = "no hair" if bald else f"{profile.hair_style} hair, {profile.hair_colour}"
            off.append(f"{hair}{was['h']}")
            off.append(f"with {', '.join(profile.marks)}" if profile.marks else "no beard, no glasses")
        if self.cloth is not None and self.cloth > CLOTH:
            off.append(f"in a {profile.clothes}, {profile.clothes_colour}, it was {seen.clothes}")
        return (
            f"{self.person.figure.character} must be the same person as in every other shot: "
            f"{'; '.join(off)}. Keep all else as it is"
        )


def references_of(people: Iterable[Person]) -> dict[tuple[str, str], Reference]:
    """Who everybody should be, by (shot, character)."""
    from ..media.appearance import drawn_reference

    return {
        (one.shot, one.figure.character): drawn_reference(one.profile, one.figure.character)
        for one in people
        if one.looks
    }


def apart(person: Person, seen: Sequence[Seen]) -> Apart | None:
    """What the samples of a shot say together; None where neither face nor clothes could be measured."""
    from ..media.appearance import LEAST_FACE, SHARP_FACE

    weights = {look.frame: weight for look, (_, weight) in zip(person.looks, SAMPLES, strict=False)}
    key = (person.shot, person.figure.character)
    mine = [one for one in seen if one.look.key == key and one.width >= LEAST_FACE]
    faces = [(one.face, weights[one.look.frame]) for one in mine if one.face is not None]
    cloths = sorted(one.cloth for one in mine if one.cloth is not None)
    if not faces and (not cloths or person.hidden >= _COVERED):
        return None
    narrow = min(one.width for one in mine)
    sloping = (
        person.hidden == 0 and narrow >= SHARP_FACE and len(faces) > 1 and all(one.whole for one in mine)
    )
    return Apart(
        person=person,
        face=sum(far * weight for far, weight in faces) / sum(w for _, w in faces) if faces else None,
        face_limit=round(FACE * max(1.0, SHARP_FACE / narrow) * (1 + 4 * person.hidden), 2),
        cloth=cloths[len(cloths) // 2] if cloths and person.hidden < _COVERED else None,
        slope=faces[-1][0] - faces[0][0] if sloping else 0.0,
        seen=max(mine, key=lambda one: one.face or 0.0),
        shown=mine[len(mine) // 2],
        tiny=narrow < SHARP_FACE / 2,
    )
