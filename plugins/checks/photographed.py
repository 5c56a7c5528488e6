"""How far photographed people are from the bible, by the vectors of their faces over a film (no plugin).

Who has no picture in the bible is compared with the first shot that shows nobody else.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...core.episode import Episode
from .apart import Apart
from .onscreen import Person

if TYPE_CHECKING:
    from ...core.artifacts import Artifacts
    from ..media.appearance import Seen
    from ..media.faces import Face, Finder

__all__ = ["PHOTO", "bible_faces", "photographed"]

PHOTO = 0.5
"""Distance of dlib's vectors: one person stays under 0.45 over photographs, strangers lie from 0.65 up."""
LOST = 0.3
"""A face that is planned and not found in more than this share of the samples is lost."""
_NEAR = ("MS", "TWO", "MCU", "OTS", "CU", "ECU")


def bible_faces(
    people: Iterable[Person], episode: Episode, artifacts: Artifacts, finder: Finder
) -> dict[str, list[Face]]:
    """The faces in the pictures that the bible has of these people, the largest of each picture."""
    import numpy as np
    from PIL import Image

    found: dict[str, list[Face]] = {}
    cast = episode.cast
    for name in dict.fromkeys(one.figure.character for one in people):
        for artifact in cast[name].references if name in cast else ():
            with Image.open(io.BytesIO(artifacts.read(artifact))) as picture:
                picture.thumbnail((800, 800))
                faces = finder.faces(np.asarray(picture.convert("RGB")))
            if faces:
                found.setdefault(name, []).append(max(faces, key=lambda face: face.box[2]))
    return found


def photographed(
    people: Sequence[Person], seen: Sequence[Seen], bible: dict[str, list[Face]], sizes: dict[str, str]
) -> list[Apart]:
    """Everybody's distances, shot by shot; `sizes` are the shots', since a far face may well not be found."""
    known = {name: list(faces) for name, faces in bible.items()}
    found = []
    for shot in dict.fromkeys(one.shot for one in people):
        mine = [one for one in people if one.shot == shot and one.looks]
        frames: dict[int, Seen] = {one.look.frame: one for one in seen if one.look.key[0] == shot}
        if len(mine) == 1 and mine[0].figure.character not in known:
            alone = [one.faces[0] for one in frames.values() if len(one.faces) == 1]
            if alone:
                known[mine[0].figure.character] = alone
        distances = _matched(mine, list(frames.values()), known)
        for person in mine:
            name = person.figure.character
            samples = [one for one in seen if one.look.key == (shot, name)]
            if name not in known or not samples:
                continue
            far = distances.get(name, [])
            lost = 1 - len(far) / len(samples) if sizes.get(shot) in _NEAR else 0.0
            if far or lost > LOST:
                found.append(
                    Apart(
                        person=person,
                        face=sum(far) / len(far) if far else None,
                        face_limit=PHOTO,
                        cloth=None,
                        slope=0.0,
                        seen=samples[-1],
                        shown=samples[len(samples) // 2],
                        lost=lost if lost > LOST else 0.0,
                    )
                )
    return found


def _matched(
    people: Sequence[Person], frames: Sequence[Seen], known: dict[str, list[Face]]
) -> dict[str, list[float]]:
    """Each frame's faces given to the people they are nearest to, one each: distances by name."""
    from ..media.faces import nearest

    found: dict[str, list[float]] = {}
    names = [one.figure.character for one in people if one.figure.character in known]
    for frame in frames:
        pairs = sorted(
            (nearest(face, known[name]), number, name)
            for number, face in enumerate(frame.faces)
            for name in names
        )
        given: set[int] = set()
        done: set[str] = set()
        for far, number, name in pairs:
            if number not in given and name not in done:
                given.add(number)
                done.add(name)
                found.setdefault(name, []).append(far)
    return found
