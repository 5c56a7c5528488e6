"""`duanju replay`: folds an episode from zero, and asks every decision again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .opening import name_of, open_studio, reading
from .options import EpisodeName, Json, StudioFolder
from .words import document, say, warn

if TYPE_CHECKING:
    from ..core.errors import Diverged

__all__ = ["replay"]


def replay(
    episode: EpisodeName,
    to: Annotated[
        int | None, typer.Option(metavar="POSITION", min=1, help="Replay up to this position only.")
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Check that the log explains the film: every decision is taken again, and must come out the same.

    Calls no model, renders nothing, costs nothing.
    """
    from ..core.errors import Diverged, WrongUse
    from ..core.replay import replay as again

    place = open_studio(studio)
    plugins = place.plugins()
    with reading(place, plugins) as log:
        stream = place.resolve(log, episode)
        if to is not None and to > log.head:
            raise WrongUse(f"--to {to}: the log ends at position {log.head}")
        try:
            found = again(log, plugins, place.artifacts, stream, upto=to)
        except Diverged as error:
            _diverged(error, stream, json)
            raise typer.Exit(1) from None
    if json:
        document(
            {
                "episode": name_of(stream),
                "result": "reproduced" if not found.changed else "changed since",
                "reactions": found.reactions,
                "answers": found.answers,
                "failed": found.failed,
                "changed": [
                    {"position": one.position, "by": one.by, "then": one.then, "now": one.now}
                    for one in found.changed
                ],
                "unverifiable": found.unverifiable,
                "digest": found.digest,
                "head": found.head,
            }
        )
        return
    word = "reproduced" if not found.changed else "replayed, with changes since"
    say(f"{name_of(stream)}: {word}: {found.reactions} decisions asked again, {found.answers} with an answer")
    for one in found.changed:
        say(
            f"  changed since: position {one.position}, {one.by} "
            f"(decisions version {one.then}, now {one.now})"
        )
    for by, count in sorted(found.unverifiable.items()):
        say(f"  unverifiable: {count} answers of {by}, which is not installed")
    if found.failed:
        say(f"  {found.failed} had failed when they were recorded")
    say(f"state {found.digest}")
    say(f"head  {found.head}")


def _diverged(error: Diverged, stream: str, json: bool) -> None:
    if json:
        document(
            {
                "episode": name_of(stream),
                "result": "diverged",
                "position": error.position,
                "by": error.plugin,
                "wanted": error.wanted,
                "got": error.got,
            }
        )
        return
    warn(f"{name_of(stream)}: diverged at position {error.position}, {error.plugin}")
    warn(f"  the log holds: {error.wanted}")
    warn(f"  now it answers: {error.got}")
    warn("  if the plugin was changed on purpose, raise its `decisions`; else restore the old one")
