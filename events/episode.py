"""An episode's own life: opened, revised, held, delivered; and who answers it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from .artifact import Artifact
from .codec import upcast
from .kinds import event

__all__ = [
    "JOINS",
    "BackfillAsked",
    "EffectFailed",
    "EpisodeDelivered",
    "EpisodeForked",
    "EpisodeHeld",
    "EpisodeOpened",
    "EpisodeReleased",
    "EpisodeRevised",
    "HooksAdopted",
    "HooksBackfilled",
    "HooksLeft",
    "PartClosed",
    "PartFailed",
    "PartOpened",
    "PartWaived",
    "PluginWaived",
    "ReactionFailed",
    "SettingsChanged",
    "StudioMoved",
    "StudioOpened",
]

JOINS = ("shots", "takes", "cut", "quality", "delivery")
"""The joins in the order of the work; what one waits for, those after it wait for too."""


@event(home="studio", once=())
@frozen
class StudioOpened:
    """A log begins. `log` is its random name; `place` says where its file lies (path and inode)."""

    log: str
    place: str


@event(home="studio")
@frozen
class StudioMoved:
    """The log goes on in another place; `adopted` = a person answered for its unfinished paid work."""

    place: str
    adopted: bool


@event(home="episode", schema=2, once=("series", "name"))
@frozen
class EpisodeOpened:
    """A screenplay opens an episode. `settings` and `prices` are the JSON in force, without secrets.

    `number` is the episode's own in a file that holds several; 0 = the whole file.
    """

    series: str
    name: str
    title: str
    file: str
    source: Artifact
    format: str
    settings: Artifact
    prices: Artifact
    revision: int = 1
    number: int = 0


@event(home="episode", schema=2, once=("revision",))
@frozen
class EpisodeRevised:
    """A new script, or new settings, for the same episode: everything after looks at this revision.

    `number` as in EpisodeOpened.
    """

    revision: int
    title: str
    file: str
    source: Artifact
    format: str
    settings: Artifact
    prices: Artifact
    why: str
    number: int = 0


@upcast("episode_opened", 1)
@upcast("episode_revised", 1)
def _of_whole_file(body: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 knew no file of several episodes."""
    return {**body, "number": 0}


@event(home="episode")
@frozen
class SettingsChanged:
    """Settings that change no decision already taken (a budget, a display choice)."""

    settings: Artifact
    prices: Artifact


@event(home="episode", subject=("hold",))
@frozen
class EpisodeHeld:
    """No new effect starts until `hold`, the name of its cause, is released. `next` = what to do."""

    hold: str
    why: str
    subject: str
    next: str
    revision: int


@event(home="episode", subject=("hold",))
@frozen
class EpisodeReleased:
    """The hold of that name ends."""

    hold: str
    by: str
    why: str


@event(home="episode", once=("revision", "inputs"))
@frozen
class EpisodeDelivered:
    """All planned checks of this cut passed or were waived; `inputs` is the digest of what was joined."""

    revision: int
    inputs: str
    film: Artifact
    subtitles: Artifact
    duration_ms: int
    checks: int
    not_measured: int


@event(home="episode", schema=2, once=("series", "name"), positions=("at",))
@frozen
class EpisodeForked:
    """A stream begins at a position of another: what `source` holds up to `at` is its own past.

    `settings` and `prices` are in force from its first record on; the plugins in `without` do not answer it.
    """

    source: str
    at: int
    series: str
    name: str
    settings: Artifact
    prices: Artifact
    without: tuple[str, ...] = ()


@upcast("episode_forked", 1)
def _with_series(body: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 named no series, and left no plugin out."""
    series = str(body["source"]).split("/")[1:2]
    return {**body, "series": series[0] if series else "", "without": []}


@event(home="studio", positions=("carried",), subject=("plugin",))
@frozen
class HooksAdopted:
    """From after `carried` on, this plugin's hooks answer; `decisions` is its decisions version."""

    plugin: str
    version: str
    decisions: int
    hooks: tuple[str, ...]
    carried: int


@event(home="studio", positions=("carried",), subject=("plugin",))
@frozen
class HooksLeft:
    """Up to `carried` this plugin's hooks answered."""

    plugin: str
    hooks: tuple[str, ...]
    carried: int


@event(home="episode", subject=("plugin",))
@frozen
class BackfillAsked:
    """A person wants a plugin to answer what stands in this episode from before its time."""

    plugin: str
    who: str


@event(home="episode", positions=("upto",), subject=("plugin",))
@frozen
class HooksBackfilled:
    """These hooks also answer this episode's records up to `upto` that no span of theirs covers."""

    plugin: str
    decisions: int
    hooks: tuple[str, ...]
    upto: int


@event(home="episode", subject=("plugin",))
@frozen
class PluginWaived:
    """A person goes on without a plugin that is gone: what it owes here will not come."""

    plugin: str
    who: str
    note: str


@event(home="episode")
@frozen
class ReactionFailed:
    """A reaction raised: this is its answer, and the episode is held."""

    plugin: str
    hook: str
    error: str


@event(home="episode")
@frozen
class EffectFailed:
    """An effect used up its attempts, or raised: this is its answer, and the episode is held."""

    plugin: str
    hook: str
    error: str
    attempts: int


@event(home="episode", subject=("join", "part"))
@frozen
class PartOpened:
    """A plugin asks a join (shots, takes, cut, quality, delivery) to wait for its part."""

    join: str
    part: str
    revision: int


@event(home="episode", subject=("join", "part"))
@frozen
class PartClosed:
    """The part is done, or waived; the join need not wait for it any longer."""

    join: str
    part: str
    revision: int


@event(home="episode", subject=("join", "part"))
@frozen
class PartFailed:
    """The part will not come; the episode is held until a person decides."""

    join: str
    part: str
    revision: int
    why: str


@event(home="episode", subject=("join", "part"))
@frozen
class PartWaived:
    """A person lets the join go on without a part; the core closes it."""

    join: str
    part: str
    revision: int
    who: str
    note: str
