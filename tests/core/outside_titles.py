"""A stage of a stranger's: two title shots before the film, planned while the join `shots` waits."""

from __future__ import annotations

from collections.abc import Iterator

from duanju.core.hooks import hookimpl
from duanju.events.episode import PartClosed, PartOpened
from duanju.events.script import SceneParsed, ScenePlaced, ScriptParsed, ShotPlanned

decisions = 1
SCENE = "T01"


@hookimpl
def on_script_parsed(event: ScriptParsed) -> Iterator[PartOpened]:
    yield PartOpened("shots", "titles", event.revision)


@hookimpl
def on_scene_parsed(event: SceneParsed) -> Iterator[ScenePlaced | ShotPlanned | PartClosed]:
    if event.number != 1:
        return
    yield ScenePlaced(event.revision, SCENE, "")
    for number, size in ((1, "EWS"), (2, "WS")):
        yield ShotPlanned(
            revision=event.revision,
            scene=SCENE,
            shot=f"{SCENE}-{number:02d}",
            number=number,
            of=2,
            place="A misty river",
            interior=False,
            time="dawn",
            weather="fog",
            size=size,
            angle="eye",
            move="still",
            on_screen=(),
            crowd=False,
            action="Mist over the water.",
            objects=(),
            mood="quiet",
            lines=(),
            audio="silent",
            duration_ms=1000 * number,
            first=1,
            last=1,
        )
    yield PartClosed("shots", "titles", event.revision)
