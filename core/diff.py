"""Two episodes beside each other: their events, shots, checks and files, and what the difference cost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import orjson
from attrs import field, frozen

from ..events.artifact import Artifact
from ..events.calls import ImageReturned
from ..events.codec import BadBody
from ..events.episode import EpisodeDelivered
from ..events.quality import CheckMeasured
from ..events.record import Record, Unknown
from ..events.script import ShotPlanned
from .compare import Field, fields
from .episode import Episode
from .folds import Folds
from .ledger import Entry, ledger_of
from .lineage import lineage
from .log import Log
from .sums import Sums, sum_of
from .takes import newest_cut, picture_in_use, take_in_use
from .why import subject_of

__all__ = ["LEFT_OUT", "Check", "Diff", "Event", "File", "Money", "Shot", "diff"]

LEFT_OUT = frozenset(
    (
        "budget_raised",
        "call_admitted",
        "call_doubted",
        "call_failed",
        "call_refused",
        "doubt_settled",
        "episode_forked",
        "episode_held",
        "episode_opened",
        "episode_released",
        "episode_revised",
        "hooks_backfilled",
        "request_withdrawn",
        "settings_changed",
        "video_submitted",
    )
)
"""The kinds that say how an episode was run, not what it is; what they cost stands under money."""

_INCIDENTAL = frozenset(("bill", "latency_ms", "reused_from", "revision"))

What = Literal["only a", "only b", "changed"]


@frozen
class Event:
    """What one side says of a subject and the other does not, or says otherwise, in these `fields`."""

    what: What
    kind: str
    subject: str
    count: int
    fields: tuple[Field, ...] = ()


@frozen
class Shot:
    """A shot of both, or of one: its plan, the picture in the film, and its length in frames."""

    shot: str
    scene: str
    same: bool
    a: Side | None
    b: Side | None


@frozen
class Side:
    """One side of a shot: what is seen, who says what, and the picture in the film (None before it)."""

    plan: ShotPlanned
    picture: Artifact | None
    route: str
    take: int
    frames: int


@frozen
class Check:
    """What a check says of both; "" where it did not measure."""

    check: str
    subject: str
    a: str
    b: str


@frozen
class File:
    """A file of the folders that a person opens; sizes in bytes, None where it is not there."""

    name: str
    same: bool
    a: int | None
    b: int | None


@frozen
class Money:
    """What both share, paid once, and what each cost for itself."""

    shared: Sums
    a: Sums
    b: Sums


@frozen
class Diff:
    """All differences; `common` is the last position that both share, 0 for two that share none."""

    a: str
    b: str
    common: int
    equal_events: int
    events: tuple[Event, ...]
    shots: tuple[Shot, ...]
    checks: tuple[Check, ...]
    files: tuple[File, ...]
    money: Money
    titles: tuple[str, str] = field(default=("", ""))

    @property
    def same(self) -> bool:
        """Whether no event differs."""
        return not self.events


def diff(log: Log, a: str, b: str, folders: tuple[Path, Path]) -> Diff:
    """Compares two episodes, or forks, as they stand; `folders` are those of their files.

    Events are compared by kind and subject, the newest revision's, without positions, bills and reuse.
    """
    folds = Folds(log, _no_settings)
    one, two = folds.now(a), folds.now(b)
    equal, events = _events(log, one, two)
    return Diff(
        a,
        b,
        _common(log, a, b),
        equal,
        events,
        tuple(_shots(one, two)),
        tuple(_checks(one, two)),
        tuple(_files(*folders, one, two)),
        _money(log, a, b),
        (_title(one), _title(two)),
    )


def _no_settings(sha256: str) -> bytes:
    raise LookupError(sha256)


def _title(episode: Episode) -> str:
    return episode.opened.title if episode.opened is not None else ""


# -- events ----------------------------------------------------------------------------------------------


def _events(log: Log, a: Episode, b: Episode) -> tuple[int, tuple[Event, ...]]:
    ours, theirs = _by_subject(log, a), _by_subject(log, b)
    equal, found = 0, []
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        left, right = list(ours.get(key, ())), list(theirs.get(key, ()))
        for body in list(left):
            if body in right:
                left.remove(body)
                right.remove(body)
                equal += 1
        if left or right:
            found.append(_event(key, left, right))
    return equal, tuple(found)


def _event(key: tuple[str, str], left: list[bytes], right: list[bytes]) -> Event:
    kind, subject = key
    if not left or not right:
        return Event("only a" if left else "only b", kind, subject, len(left) + len(right))
    # the last word on each side is what holds
    differing = fields(orjson.loads(left[-1]), orjson.loads(right[-1]))
    return Event("changed", kind, subject, max(len(left), len(right)), tuple(differing))


def _by_subject(log: Log, episode: Episode) -> dict[tuple[str, str], list[bytes]]:
    """(kind, subject) -> the bodies that count, as canonical JSON, in log order."""
    newest, found = episode.revision, dict[tuple[str, str], list[bytes]]()
    for record in episode:
        if record.kind in LEFT_OUT:
            continue
        body = orjson.loads(record.body)
        if not isinstance(body, dict) or body.get("revision", newest) != newest:
            continue
        drop = _INCIDENTAL | _positions(log, record)
        if isinstance(body.get("inputs"), str):
            drop |= {"inputs"}  # the digest of all that went into it, the revision too: it tells nothing
        plain = {name: value for name, value in body.items() if name not in drop}
        key = (record.kind, subject_of(log, record))
        found.setdefault(key, []).append(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS))
    return found


def _positions(log: Log, record: Record) -> frozenset[str]:
    try:
        event = record.event
    except BadBody:
        return frozenset()  # `duanju verify` names it
    return frozenset() if isinstance(event, Unknown) else frozenset(log.codec.spec(type(event)).positions)


# -- shots, checks, files --------------------------------------------------------------------------------


def _shots(a: Episode, b: Episode) -> Iterator[Shot]:
    ours, theirs = _plans(a), _plans(b)
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        left = _side(a, ours[name]) if name in ours else None
        right = _side(b, theirs[name]) if name in theirs else None
        plan = ours.get(name) or theirs[name]
        yield Shot(name, plan.scene, _seen(left) == _seen(right), left, right)


def _plans(episode: Episode) -> dict[str, ShotPlanned]:
    """The plans that count, in the order of the film: a scene that is planned anew counts with its last."""
    found: dict[str, ShotPlanned] = {}
    for plan in episode.all(ShotPlanned):
        for name, shot in list(found.items()):
            if shot.scene == plan.scene and shot.number > plan.of:
                del found[name]
        found[plan.shot] = plan
    return found


def _side(episode: Episode, plan: ShotPlanned) -> Side:
    picture: ImageReturned | None = picture_in_use(episode, plan.shot)
    record = take_in_use(episode, plan.shot)
    chosen = None if record is None else record.event
    image = picture.image if picture is not None else chosen.picture if chosen is not None else None
    return Side(
        plan,
        image,
        picture.route if picture is not None else "",
        picture.take if picture is not None else 0,
        chosen.frames if chosen is not None else 0,
    )


def _seen(side: Side | None) -> tuple[Any, ...] | None:
    if side is None:
        return None
    lines = tuple((line.character, line.text) for line in side.plan.lines)
    return (side.picture and side.picture.sha256, side.frames, side.plan.action, side.plan.size, lines)


def _checks(a: Episode, b: Episode) -> Iterator[Check]:
    ours, theirs = _verdicts(a), _verdicts(b)
    for key in sorted({*ours, *theirs}):
        if ours.get(key) != theirs.get(key):
            yield Check(*key, ours.get(key, ""), theirs.get(key, ""))


def _verdicts(episode: Episode) -> dict[tuple[str, str], str]:
    cut = newest_cut(episode)
    return {
        (one.check, one.subject): f"{one.verdict}: {one.why}"
        for one in episode.all(CheckMeasured)
        if cut is None or one.inputs == cut.inputs
    }


def _files(first: Path, second: Path, a: Episode, b: Episode) -> Iterator[File]:
    """The folders' own files; of an episode without any, the film and subtitles that were delivered."""
    ours, theirs = _in_folder(first) or _delivered(a), _in_folder(second) or _delivered(b)
    for name in sorted({*ours, *theirs}):
        left, right = ours.get(name), theirs.get(name)
        yield File(name, left == right, left and left[1], right and right[1])


def _in_folder(folder: Path) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                found[path.name] = (hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)
    return found


def _delivered(episode: Episode) -> dict[str, tuple[str, int]]:
    last = episode.last(EpisodeDelivered)
    if last is None:
        return {}
    named: Mapping[str, Artifact] = {"episode.mp4": last.film, "episode.srt": last.subtitles}
    return {name: (one.sha256, one.size) for name, one in named.items()}


# -- money -----------------------------------------------------------------------------------------------


def _common(log: Log, a: str, b: str) -> int:
    """The last position up to which both are one; 0 where they share nothing."""
    found = 0
    for (stream, upto), (other, limit) in zip(lineage(log, a), lineage(log, b), strict=False):
        if stream != other:
            break
        ends = [one for one in (upto, limit) if one is not None]
        found = min(ends, default=log.head)
        if upto != limit:
            break
    return found


def _money(log: Log, a: str, b: str) -> Money:
    ours, theirs = _entries(log, a), _entries(log, b)
    shared = [entry for position, entry in ours.items() if position in theirs]
    return Money(
        sum_of(shared),
        sum_of(entry for position, entry in ours.items() if position not in theirs),
        sum_of(entry for position, entry in theirs.items() if position not in ours),
    )


def _entries(log: Log, stream: str) -> dict[int, Entry]:
    """The calls that an episode sees: those admitted in its streams up to its points, each once."""
    found: dict[int, Entry] = {}
    for one, upto in lineage(log, stream):
        entries = ledger_of(log, one).entries
        found.update((entry.position, entry) for entry in entries if upto is None or entry.position <= upto)
    return found
