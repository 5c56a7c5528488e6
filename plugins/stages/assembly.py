"""What a scene is joined of: the take of each of its shots that is in use, and the segment made of it."""

from __future__ import annotations

from attrs import frozen

from ...core.episode import Episode, inputs_digest
from ...core.takes import take_in_use
from ...events.record import Record
from ...events.scenes import SceneAssembled, ShotRendered, TakeChosen
from ...events.script import ShotPlanned
from .planned import scenes_in_order

__all__ = ["Assembled", "Joined", "assembled"]


@frozen
class Joined:
    """One shot of a scene: its plan, its take, and the segment rendered from that take."""

    plan: ShotPlanned
    take: TakeChosen
    rendered: ShotRendered


@frozen
class Assembled:
    """A whole scene, and the event that says so."""

    event: SceneAssembled
    shots: tuple[Joined, ...]


def assembled(episode: Episode, scene: str) -> Assembled | None:
    """The scene as it stands, None while the take of a shot that is in use is not chosen or not rendered."""
    shots: list[Joined] = []
    for plan in scenes_in_order(episode).get(scene, ()):
        chosen = take_in_use(episode, plan.shot)
        rendered = None if chosen is None else _rendered(episode, chosen)
        if chosen is None or rendered is None:
            return None
        shots.append(Joined(plan, chosen.event, rendered))
    if not shots:
        return None
    parts = [part for one in shots for part in (one.plan.shot, one.take.inputs, one.rendered.segment.sha256)]
    event = SceneAssembled(
        revision=episode.revision,
        scene=scene,
        inputs=inputs_digest(scene, *parts),
        shots=tuple(one.plan.shot for one in shots),
        frames=sum(one.rendered.frames for one in shots),
    )
    return Assembled(event, tuple(shots))


def _rendered(episode: Episode, chosen: Record) -> ShotRendered | None:
    """The segment that answers this take: an older take's, coming late, is another picture or another length.

    A record without a cause was brought by a person; it counts if it came after the take and is as long. So
    does a plugin's that answers the segment of this take with another one: the last one is in the film.
    """
    take: TakeChosen = chosen.event
    for record in reversed(episode.records(ShotRendered, take.shot)):
        event: ShotRendered = record.event
        if record.position <= chosen.position:
            return None
        if event.revision != take.revision or event.frames != take.frames:
            continue
        if _renders(episode, record, chosen) or (record.cause is None and event.take == take.take):
            return event
    return None


def _renders(episode: Episode, record: Record, chosen: Record) -> bool:
    """Whether a segment was made from this take, or from a segment that was."""
    cause = record.cause
    while cause is not None and cause > chosen.position:
        before = episode.record(cause)
        if before is None or before.kind != record.kind or before.event.shot != record.event.shot:
            return False
        cause = before.cause
    return cause == chosen.position
