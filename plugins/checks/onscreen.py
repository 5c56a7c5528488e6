"""Who is to be seen where in a film, from what was planned and chosen for its shots (no plugin)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import attrs
import orjson
from attrs import frozen

from ...core.episode import Episode
from ...events.calls import ImageRequested, ImageReturned
from ...events.cut import CutRequested, CutSegment
from ...events.scenes import Figure, Picture, ShotRendered, TakeChosen

if TYPE_CHECKING:
    from ...core.artifacts import Artifacts
    from ..media.appearance import Look

__all__ = ["SAMPLES", "Person", "people_in"]

SAMPLES = ((0.06, 1.0), (0.45, 1.0), (0.75, 2.0), (0.97, 2.0))
"""Where in a shot it is looked at, as a share of its length, and how much that counts.

What a model makes gets worse towards the end of a shot, so the last third counts most.
"""
_MOST_MANIFEST = 256 * 1024
_SHOULDERS = 1.7  # half the width of a broad man's shoulders, in widths of his face


@frozen
class Person:
    """Somebody whom a shot shows: when, with which looks, and the frames on which they are looked at.

    `start_s` and `end_s` on the film's clock; `drawn`: the picture came with a rig, which says exactly where
    the face is. Without looks the face is not to be seen: turned away, or out of the frame. `hidden`: the
    share of the face that lies where somebody else's body may be.
    """

    shot: str
    take: int
    figure: Figure
    start_s: float
    end_s: float
    drawn: bool
    looks: tuple[Look, ...]
    hidden: float = 0.0

    @property
    def profile(self) -> str:
        """The planned looks as canonical JSON."""
        return orjson.dumps(attrs.asdict(self.figure.profile), option=orjson.OPT_SORT_KEYS).decode()


def people_in(plan: CutRequested, episode: Episode, artifacts: Artifacts) -> Iterator[Person]:
    """Everybody with a name in every shot of a cut, in the film's order.

    A shot whose take is not in the log, or whose rig cannot be read, shows nobody that could be measured.
    """
    start = 0
    for segment in plan.segments:
        take = _take_of(segment, episode)
        picture = None if take is None else _picture_of(take, episode)
        if take is not None and picture is not None:
            yield from _people(take, picture, start, plan, artifacts)
        start += segment.frames


def _take_of(segment: CutSegment, episode: Episode) -> TakeChosen | None:
    """The take that a piece of the film was rendered from; the newest where somebody else brought it."""
    for record in reversed(episode.records(ShotRendered, segment.shot)):
        event: ShotRendered = record.event
        if event.segment.sha256 != segment.segment.sha256 or event.revision != episode.revision:
            continue
        before = None if record.cause is None else episode.record(record.cause)
        if before is not None and isinstance(before.event, TakeChosen):
            return before.event
        same = [one for one in episode.all(TakeChosen, segment.shot) if one.take == event.take]
        if same:
            return same[-1]
    return episode.last(TakeChosen, segment.shot)


def _picture_of(take: TakeChosen, episode: Episode) -> Picture | None:
    """What the picture of a take was asked to show."""
    for returned in reversed(episode.all(ImageReturned, take.shot)):
        if returned.image.sha256 == take.picture.sha256 and returned.take == take.take:
            asked = episode.record(returned.request)
            if asked is not None and isinstance(asked.event, ImageRequested):
                return asked.event.picture
    last = [one for one in episode.all(ImageRequested) if one.subject == take.shot]
    return last[-1].picture if last else None


def _people(
    take: TakeChosen, picture: Picture, start: int, plan: CutRequested, artifacts: Artifacts
) -> Iterator[Person]:
    drawn = take.rig is not None
    size, faces = _faces(take, picture, artifacts)
    for figure in picture.figures:
        face = faces.get(figure.character)
        looks = () if face is None else _looks(take, figure.character, face, size, start, search=not drawn)
        yield Person(
            shot=take.shot,
            take=take.take,
            figure=figure,
            start_s=start / plan.fps,
            end_s=(start + take.frames) / plan.fps,
            drawn=drawn,
            looks=looks,
            hidden=_hidden(figure.character, faces),
        )


def _hidden(character: str, faces: dict[str, tuple[int, int, int, int]]) -> float:
    """The largest share of a face that somebody else's body may cover, by where the faces are."""
    if character not in faces:
        return 0.0
    x, y, w, h = faces[character]
    most = 0.0
    for name, (ox, oy, ow, oh) in faces.items():
        if name != character:
            across = min(x + w, ox + ow / 2 + _SHOULDERS * ow) - max(x, ox + ow / 2 - _SHOULDERS * ow)
            down = y + h - max(y, oy + 1.15 * oh)
            most = max(most, max(0.0, across) * max(0.0, down) / (w * h))
    return min(1.0, most)


def _faces(
    take: TakeChosen, picture: Picture, artifacts: Artifacts
) -> tuple[tuple[int, int], dict[str, tuple[int, int, int, int]]]:
    """The plate's size, and where on it each face is (by the rig) or is likely to be (by the layout)."""
    from ..media.painter import plate_size
    from ..media.painter.compose import faces_in

    if take.rig is None:
        found = faces_in(attrs.asdict(picture), take.width, take.height)
        return plate_size(take.width, take.height), {one.character: one.face for one in found}
    rig = io.BytesIO(artifacts.read(take.rig))
    with zipfile.ZipFile(rig) as archive, archive.open("manifest.json") as file:
        manifest = orjson.loads(file.read(_MOST_MANIFEST))
    boxes: dict[str, tuple[int, int, int, int]] = {}
    for one in manifest["figures"]:
        face = one.get("face")  # a provider's own rig may say no more than what moves
        if isinstance(face, list) and len(face) == 4 and all(isinstance(n, int) for n in face):
            boxes[str(one["character"])] = (face[0], face[1], face[2], face[3])
    return (int(manifest["width"]), int(manifest["height"])), boxes


def _looks(
    take: TakeChosen,
    character: str,
    face: Sequence[int],
    plate: tuple[int, int],
    start: int,
    *,
    search: bool,
) -> tuple[Look, ...]:
    """The face's place on the sampled frames, as the camera moves over the plate."""
    from ..media.appearance import Look
    from ..media.camera import Camera, Kind, Move

    move = Move(cast(Kind, take.move.kind), take.move.amount)
    camera = Camera(move, plate, (take.width, take.height), take.frames, take.fps, take.picture.sha256)
    found: list[Look] = []
    for share, _ in SAMPLES:
        index = min(take.frames - 1, int(share * take.frames))
        view = camera.view(index)
        x, y, w, h = face
        box = ((x - view.x) / view.scale, (y - view.y) / view.scale, w / view.scale, h / view.scale)
        found.append(Look(start + index, (take.shot, character), box, search))
    return tuple(found)
