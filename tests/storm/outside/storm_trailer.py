"""A stage from outside the package: clips for a trailer, which the cut waits for."""

from __future__ import annotations

from collections.abc import Iterator

from duanju.core.episode import Episode
from duanju.core.hooks import hookimpl
from duanju.events.calls import VideoRequested, VideoReturned
from duanju.events.episode import EpisodeOpened, PartClosed, PartOpened
from duanju.events.scenes import Picture
from duanju.events.script import ShotListSettled, ShotPlanned

PART, PURPOSE = "trailer", "trailer"
EVERY = 5
"""Of every so many shots there is one in the trailer."""
CLIP_MS = 1000


@hookimpl
def on_episode_opened(event: EpisodeOpened) -> Iterator[PartOpened]:
    """The cut waits for the trailer."""
    yield PartOpened("cut", PART, event.revision)


@hookimpl
def on_shot_list_settled(event: ShotListSettled, episode: Episode) -> Iterator[VideoRequested]:
    """Wants a clip of every fifth shot."""
    for shot in _shots(episode):
        nowhere = Picture(
            shot.place, shot.interior, shot.time, "clear", shot.size, "eye", (), False, (), "", ""
        )
        yield VideoRequested(
            event.revision,
            shot.shot,
            PURPOSE,
            1,
            128,
            128,
            12,
            CLIP_MS,
            nowhere,
            note=f"a clip: {shot.action}",
        )


@hookimpl
def on_video_returned(event: VideoReturned, episode: Episode) -> Iterator[PartClosed]:
    """The trailer is complete with its last clip."""
    wanted = {shot.shot for shot in _shots(episode)}
    clips = {one.subject for one in episode.all(VideoReturned)}
    if wanted and wanted <= clips and PART in episode.open_parts("cut"):
        yield PartClosed("cut", PART, episode.revision)


def _shots(episode: Episode) -> list[ShotPlanned]:
    planned = {shot.shot: shot for shot in episode.all(ShotPlanned)}
    return [planned[name] for name in sorted(planned)][::EVERY]
