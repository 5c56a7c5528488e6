"""An episode as it was at a position: its scenes, shots and takes, its cast, its holds and its money."""

from __future__ import annotations

from attrs import frozen

from ..events.cast import CharacterCast, CharacterChanged
from ..events.codec import BadBody
from ..events.episode import EpisodeHeld
from ..events.record import Record
from ..events.scenes import TakeChosen
from ..events.script import SceneParsed, ShotPlanned
from .artifacts import Artifacts
from .errors import WrongUse
from .folds import Folds
from .ledger import Fold
from .log import Log
from .status import Progress, State, Wait, state_of
from .sums import Sums, sum_of

__all__ = ["Moment", "Shot", "moment"]


@frozen
class Shot:
    """A shot as far as it was: `take` is the chosen one, 0 before; `voices` and `lines` count its lines."""

    plan: ShotPlanned
    picture: bool
    voices: int
    lines: int
    take: int
    rendered: bool


@frozen
class Moment:
    """What was known of an episode after the record at `position`, which was written `at` (UTC).

    `money` sums the calls admitted up to then; `done` is (count, of) by phase; `waits` the joins that had
    not fired.
    """

    stream: str
    position: int
    at: str
    state: State
    revision: int
    title: str
    records: int
    scenes: tuple[SceneParsed, ...]
    shots: tuple[Shot, ...]
    cast: dict[str, CharacterCast | CharacterChanged]
    holds: tuple[EpisodeHeld, ...]
    money: Sums
    done: dict[str, tuple[int, int | None]]
    waits: tuple[Wait, ...]


def moment(log: Log, artifacts: Artifacts, stream: str, position: int) -> Moment:
    """Folds an episode up to a position. Raises WrongUse where the log or the episode does not reach it."""
    if position > log.head:
        raise WrongUse(f"the log has no position {position}; its last one is {log.head}")
    folds = Folds(log, artifacts.read_sha256)
    episode = folds.episode(stream, position)
    records = [one for one in episode if not one.stream.startswith("series/")]
    if not records:
        first = next(log.read(stream=stream)).position
        raise WrongUse(f"{stream} begins at position {first}: at {position} there was nothing of it yet")
    forked = folds.index(stream).forked
    began = 0 if forked is None else forked.position
    progress = Progress()
    specs = {spec.kind: spec for spec in map(log.codec.spec, log.codec.classes())}
    asked = {kind for kind, spec in specs.items() if spec.request}
    fold = Fold(specs, log.at)
    takes: dict[str, int] = {}
    for record in records:
        try:
            progress.add(record)
            if record.position > began or record.kind in asked:  # its source's calls are not its money
                fold.add(record)
            _take(takes, record, progress.revision)
        except BadBody:
            continue  # `duanju verify` names it; what can be told is still told
    return Moment(
        stream,
        position,
        records[-1].at,
        state_of(progress, True),
        progress.revision,
        progress.title,
        len(records),
        tuple(progress.scenes.values()),
        tuple(_shot(plan, progress, takes) for plan in progress.shots.values()),
        episode.cast,
        tuple(progress.holds.values()),
        sum_of(fold.entries),
        progress.counts(),
        tuple(progress.waits()),
    )


def _take(takes: dict[str, int], record: Record, revision: int) -> None:
    if record.kind in ("episode_opened", "episode_revised"):
        takes.clear()
    elif record.kind == "take_chosen":
        event: TakeChosen = record.event
        if event.revision == revision and event.take >= takes.get(event.shot, 0):
            takes[event.shot] = event.take
    elif record.kind == "take_kept" and record.event.revision == revision:
        takes[record.event.shot] = record.event.take


def _shot(plan: ShotPlanned, progress: Progress, takes: dict[str, int]) -> Shot:
    return Shot(
        plan,
        plan.shot in progress.pictures,
        sum(line.line in progress.voiced for line in plan.lines),
        len(plan.lines),
        takes.get(plan.shot, 0),
        plan.shot in progress.rendered,
    )
