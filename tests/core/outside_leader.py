"""A stage of a stranger's: puts its own piece of film in the place of a rendered shot while the cut waits."""

from __future__ import annotations

import io
from collections.abc import Iterator

from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.hooks import effect, hookimpl
from duanju.events.episode import PartClosed, PartOpened
from duanju.events.record import Record
from duanju.events.scenes import ShotRendered, TakeChosen
from duanju.events.script import ScriptParsed

decisions = 1
SHOT = "S01-01"
COLOUR = (200, 30, 30)


@hookimpl
def on_script_parsed(event: ScriptParsed) -> Iterator[PartOpened]:
    yield PartOpened("cut", "leader", event.revision)


@hookimpl
@effect(lane="leader")
def on_shot_rendered(
    event: ShotRendered, record: Record, episode: Episode, desk: Desk
) -> Iterator[ShotRendered]:
    """A red piece of film, as long as the one that it replaces."""
    from PIL import Image

    from duanju.plugins.media.animate import render_segment
    from duanju.plugins.media.camera import Move
    from duanju.plugins.media.plate import as_plate

    take = episode.last(TakeChosen, event.shot)
    if event.shot != SHOT or record.by.startswith("leader.") or take is None:
        return
    picture = io.BytesIO()
    Image.new("RGB", (take.width, take.height), COLOUR).save(picture, "PNG")
    out = desk.scratch / "leader.mp4"
    render_segment(
        out,
        as_plate(picture.getvalue(), take.width, take.height),
        None,
        width=take.width,
        height=take.height,
        fps=take.fps,
        frames=event.frames,
        move=Move("still", 0.0),
        mouths={},
        seed="leader",
        preset=take.preset,
    )
    segment = desk.artifacts.put_file(out, "video/mp4")
    yield ShotRendered(event.revision, event.scene, event.shot, event.take, segment, event.frames)


@hookimpl(specname="on_shot_rendered")
def closes(event: ShotRendered, record: Record) -> Iterator[PartClosed]:
    """The part is done when its own piece of film is in the log."""
    if record.by.startswith("leader."):
        yield PartClosed("cut", "leader", event.revision)
