"""The measures of one character in centimetres, the same in every shot: from profile and name."""

from __future__ import annotations

import math

import attrs

from .colour import mix, skin_shadow, times
from .model import Figure
from .pen import Point
from .seed import between

# Half widths at temple, cheekbone, jaw and chin, and the chin's depth below the eyes.
_FACES: dict[str, tuple[float, float, float, float, float]] = {
    "oval": (8.1, 8.3, 6.5, 2.7, 11.6),
    "round": (8.5, 9.1, 7.9, 3.9, 10.9),
    "square": (8.4, 8.6, 8.0, 4.7, 11.3),
    "heart": (8.8, 8.6, 6.1, 2.0, 11.6),
    "long": (7.7, 7.9, 6.5, 3.0, 12.9),
    "diamond": (7.6, 8.9, 6.5, 2.2, 11.8),
}


@attrs.frozen
class Anatomy:
    """Half widths and heights round the point between the eyes; y grows downward."""

    key: str
    feminine: bool
    age: int
    temple: float
    cheek: float
    jaw: float
    chin_w: float
    chin: float
    eye_x: float
    eye_w: float
    eye_h: float
    eye_tilt: float
    brow_y: float
    brow_thick: float
    nose: float
    nose_w: float
    mouth: float
    mouth_w: float
    lip: float
    neck: float
    shoulder: float
    waist: float
    hip: float
    grow: float  # body size against an adult's; the head shrinks less
    skin: str
    shade: str
    lip_colour: str
    hair: str

    @property
    def half(self) -> float:
        """The widest half width of the head."""
        return max(self.temple, self.cheek)


def anatomy(figure: Figure) -> Anatomy:
    """The measures of the figure's character."""
    p = figure.profile
    key = figure.character.strip().lower()
    feminine = p.gender == "female" or (p.gender == "neutral" and between(0, 1, key, "cut") < 0.5)
    temple, cheek, jaw, chin_w, chin = _FACES[p.face]
    if not feminine:
        jaw, chin_w, chin = jaw + 0.5, chin_w + 0.7, chin + 0.5
    child = p.age < 13
    if child:
        jaw, chin = jaw + 0.5, chin - 1.1
    if p.build == "heavy":
        cheek, jaw, chin_w = cheek + 0.45, jaw + 0.9, chin_w + 0.7
    elif p.build == "slim":
        jaw -= 0.25
    size = {"slim": 0.92, "average": 1.0, "broad": 1.12, "heavy": 1.18}[p.build]
    eye_w = between(2.25, 2.65, key, "eye width") + (0.12 if feminine else -0.1) + (0.25 if child else 0)
    eye_h = between(1.02, 1.3, key, "eye height") + (0.14 if feminine else -0.08) + (0.3 if child else 0)
    lip_base = "#c04a55" if feminine and not child else "#a8605a"
    return Anatomy(
        key=key,
        feminine=feminine,
        age=p.age,
        temple=temple,
        cheek=cheek,
        jaw=jaw,
        chin_w=chin_w,
        chin=chin,
        eye_x=between(3.75, 4.25, key, "eye place"),
        eye_w=eye_w,
        eye_h=eye_h,
        eye_tilt=between(-0.1, 0.32, key, "eye tilt") + (0.08 if feminine else 0),
        brow_y=between(-3.1, -3.55, key, "brow") - (0.15 if feminine else -0.1),
        brow_thick=between(0.42, 0.56, key, "brow thick") * (1.0 if feminine else 1.7),
        nose=between(4.2, 4.9, key, "nose") - (0.8 if child else 0),
        nose_w=between(1.35, 1.7, key, "nose width") + (0.0 if feminine else 0.28),
        mouth=between(0.675, 0.7, key, "mouth") * chin,
        mouth_w=between(2.55, 3.0, key, "mouth width") + (0.0 if feminine else 0.25),
        lip=between(0.8, 1.1, key, "lip") * (1.0 if feminine else 0.72),
        neck=(4.1 if feminine else 5.3) * (0.8 if child else 1) * (1 + (size - 1) * 0.6),
        shoulder=(17.8 if feminine else 21.2) * size,
        waist=(12.3 if feminine else 15.4) * size * (1.12 if p.build == "heavy" else 1),
        hip=(16.2 if feminine else 15.8) * size,
        grow=(1.0 if feminine else 1.05) if p.age >= 17 else 0.5 + 0.028 * min(p.age, 17),
        skin=p.skin,
        shade=skin_shadow(p.skin),
        lip_colour=mix(times(p.skin, (0.86, 0.55, 0.55)), lip_base, 0.55 if feminine else 0.3),
        hair=p.hair_colour,
    )


@attrs.frozen
class Turn:
    """How far the head is turned: the angle's sine and cosine; positive = towards the picture's right."""

    sin: float = 0.0
    cos: float = 1.0

    @classmethod
    def towards(cls, facing: str) -> Turn:
        """A three-quarter view for left and right, frontal for the camera."""
        angle = {"left": -0.30, "right": 0.30}.get(facing, 0.0)
        return cls(math.sin(angle), math.cos(angle))

    def at(self, x: float, y: float, depth: float) -> Point:
        """Where a point of the head, `depth` cm in front of its axis, is seen."""
        return x * self.cos + depth * self.sin, y

    def across(self, x: float) -> float:
        """How much of a small feature's width at x is left: the far side is foreshortened."""
        return self.cos - abs(self.sin) * 0.45 * (1 if x * self.sin > 0 else -0.2)
