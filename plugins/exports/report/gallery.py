"""Collects the report's pixels from the store: thumbnails, faces, and how far the faces lie apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from ....core.episode import Episode
from ....core.errors import BadArtifact
from .data import pictures_of
from .page import Pictures
from .pictures import ShotPicture, face_boxes, look_at

if TYPE_CHECKING:
    from ....core.desk import Desk
    from ....events.artifact import Artifact

__all__ = ["APART", "Seen", "gallery", "likeness_of"]

APART = 2.0
"""The nearest two faces must differ by more than so many times the widest spread of one face."""
_MOST_SHOTS = 400
_LEAST_FACE = 24  # pixels; below, a face is too few of them to tell anyone by
_MOST_FACES = 24  # of one character that are compared; the first ones in story order
V = TypeVar("V")


@frozen(eq=False)
class Seen:
    """A face that was measured: whose, in which shot, and its descriptor."""

    character: str
    shot: str
    vector: Any


def gallery(episode: Episode, desk: Desk) -> tuple[Pictures, dict[str, Any] | None]:
    """The pictures of an episode's shots and the likeness figure, None where too few faces are seen.

    A picture that the store has lost is left out: a report must come out, and `duanju verify` names it.
    """
    from ...media.painter.likeness import distance, face_descriptor

    delivery = episode.settings.delivery
    frame = (delivery.width, delivery.height)
    thumbs: dict[str, bytes] = {}
    faces: dict[str, list[tuple[str, bytes]]] = {}
    seen: list[Seen] = []
    known: dict[tuple[str, str], ShotPicture | None] = {}
    for shot, picture in list(pictures_of(episode).items())[:_MOST_SHOTS]:
        key = (picture.image.sha256, picture.rig.sha256 if picture.rig else "")
        fresh = key not in known
        if fresh:
            image, rig = _read(desk, picture.image), _read(desk, picture.rig)
            known[key] = look_at(image, frame, face_boxes(rig)) if image else None
        found = known[key]
        if found is None:
            continue
        thumbs[shot] = found.thumb
        for face in found.faces:
            mine = faces.setdefault(face.character, [])
            mine.append((shot, face.jpeg))
            if fresh and len(mine) <= _MOST_FACES and min(face.box[2:]) >= _LEAST_FACE:
                seen.append(Seen(face.character, shot, face_descriptor(found.rgb, face.box)))
        known[key] = ShotPicture(found.thumb, found.faces, found.rgb[:0])  # the pixels are large
    return (
        Pictures(thumbs, {name: tuple(some) for name, some in faces.items()}),
        likeness_of(seen, distance),
    )


def _read(desk: Desk, artifact: Artifact | None) -> bytes | None:
    if artifact is None:
        return None
    try:
        return desk.artifacts.read(artifact)
    except BadArtifact:
        return None


def likeness_of(seen: Sequence[Seen], distance: Callable[[Any, Any], float]) -> dict[str, Any] | None:
    """The nearest two faces of different characters against the widest spread of one character's face.

    Keys: `nearest` {a, a_shot, b, b_shot, distance}, `spread` {character, a_shot, b_shot, distance} (None
    where nobody is seen twice), `ratio` (nearest : spread, None without one), `limit`, `distinct`. None
    where fewer than two characters are seen.
    """
    if len({one.character for one in seen}) < 2:
        return None
    nearest: dict[str, Any] | None = None
    spread: dict[str, Any] | None = None
    for i, a in enumerate(seen):
        for b in seen[i + 1 :]:
            apart = round(float(distance(a.vector, b.vector)), 6)
            if a.character == b.character:
                if spread is None or apart > spread["distance"]:
                    spread = {
                        "character": a.character,
                        "a_shot": a.shot,
                        "b_shot": b.shot,
                        "distance": apart,
                    }
            elif nearest is None or apart < nearest["distance"]:
                nearest = {
                    "a": a.character,
                    "a_shot": a.shot,
                    "b": b.character,
                    "b_shot": b.shot,
                    "distance": apart,
                }
    assert nearest is not None
    widest = spread["distance"] if spread else 0.0
    ratio = round(nearest["distance"] / widest, 3) if widest else None
    distinct = nearest["distance"] > APART * widest and nearest["distance"] > 0
    return {"nearest": nearest, "spread": spread, "ratio": ratio, "limit": APART, "distinct": distinct}
