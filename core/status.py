"""How far an episode is: what is made of it, which join waits for what, and what holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import orjson
from attrs import define, field, frozen

from ..events.calls import ImageReturned, SpeechReturned
from ..events.codec import BadBody
from ..events.cut import EpisodeCut
from ..events.episode import (
    EpisodeDelivered,
    EpisodeHeld,
    EpisodeOpened,
    EpisodeReleased,
    EpisodeRevised,
    PartClosed,
    PartOpened,
)
from ..events.quality import CheckMeasured, QualityPlanned, RepairAsked
from ..events.record import Record
from ..events.scenes import TakeChosen, TakeKept
from ..events.script import SceneFellBack, SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from .author import author_of
from .lineage import view
from .log import Log
from .verify import Problem

__all__ = [
    "PHASES",
    "Holder",
    "Progress",
    "State",
    "Wait",
    "at_rest",
    "holder_of",
    "progress_of",
    "state_of",
    "work_problems",
]

State = Literal["delivered", "held", "in progress", "interrupted"]
PHASES = ("shots planned", "pictures", "voices", "shots rendered", "cut", "checks")
_MOST_NAMED = 20


@frozen
class Wait:
    """A join that has not fired, and what it waits for, in words."""

    join: str
    waits_for: str


@define(eq=False)
class Progress:
    """The newest revision's counts, kept up by `add`; records of other streams must not be given.

    Sets hold subjects, so what was made twice counts once; `holds` are those in force, `parts` the open
    ones: (join, part) -> the plugin whose part it is. `repairs`: what checks asked to make again; `kept`: the
    takes that were kept in spite of later ones; `fell_back`: scenes, or parts of them, whose shots are the
    rules' since no model's could be used; `highest`: the highest take of each shot's picture.
    """

    revision: int = 0
    title: str = ""
    script: ScriptParsed | None = None
    settled: ShotListSettled | None = None
    cut: EpisodeCut | None = None
    delivered: EpisodeDelivered | None = None
    delivered_at: int = 0
    holds: dict[str, EpisodeHeld] = field(factory=dict)
    scenes: dict[str, SceneParsed] = field(factory=dict)
    shots: dict[str, ShotPlanned] = field(factory=dict)
    pictures: set[str] = field(factory=set)
    voices: set[str] = field(factory=set)
    voiced: set[str] = field(factory=set)
    mouths: set[str] = field(factory=set)
    takes: set[str] = field(factory=set)
    rendered: set[str] = field(factory=set)
    assembled: set[str] = field(factory=set)
    checks: tuple[str, ...] = ()
    measured: dict[str, CheckMeasured] = field(factory=dict)
    parts: dict[tuple[str, str], str] = field(factory=dict)
    repairs: list[RepairAsked] = field(factory=list)
    kept: dict[str, TakeKept] = field(factory=dict)
    highest: dict[str, int] = field(factory=dict)
    fell_back: dict[str, SceneFellBack] = field(factory=dict)
    position: int = 0

    def add(self, record: Record) -> None:
        """Takes the stream's next record in. Raises BadBody where its body does not fit its kind."""
        self.position = record.position
        take = _TAKE.get(record.kind)
        if take is None:
            return
        event = record.event
        if isinstance(event, EpisodeOpened | EpisodeRevised):
            holds, position = self.holds, self.position
            self.__init__()  # type: ignore[misc]
            self.revision, self.title = event.revision, event.title
            self.holds, self.position = holds, position
        elif getattr(event, "revision", self.revision) == self.revision or isinstance(event, EpisodeHeld):
            take(self, event)
            if isinstance(event, PartOpened):
                self.parts[event.join, event.part] = author_of(record)
            if isinstance(event, EpisodeDelivered):
                self.delivered_at = record.position

    @property
    def lines(self) -> dict[str, ShotPlanned]:
        """The spoken lines, each with the shot it is in."""
        return {line.line: shot for shot in self.shots.values() for line in shot.lines}

    def unmapped(self) -> list[tuple[int, str]]:
        """The script lines that could not be placed: (number from 1, text)."""
        return [(one.number, one.text) for one in self.script.unmapped] if self.script else []

    def by_rules(self) -> list[dict[str, Any]]:
        """The scenes, or parts of them, that no chat model could break down, who was asked, and why not."""
        return [
            {"scene": one.subject, "asked": list(one.asked), "why": one.why}
            for one in self.fell_back.values()
        ]

    def counts(self) -> dict[str, tuple[int, int | None]]:
        """Phase -> (done, of); `of` is None while nobody knows it yet."""
        shots = None if self.settled is None else self.settled.shots
        lines = None if self.settled is None else self.settled.lines
        return {
            "shots planned": (len(self.shots), shots),
            "pictures": (len(self.pictures), shots),
            "voices": (len(self.voices), lines),
            "shots rendered": (len(self.rendered), shots),
            "cut": (int(self.cut is not None), 1),
            "checks": (len(self.measured), len(self.checks) if self.checks else None),
        }

    def waits(self) -> list[Wait]:
        """The joins that have not fired, each with what it waits for."""
        if self.revision == 0 or self.delivered is not None:
            return []
        if self.script is None:
            return [Wait("shots", "the script to be read")]
        found = [
            *self._shots(),
            *self._takes(),
            *self._cut(),
            *self._quality(),
        ]
        found.extend(
            Wait(join, f"the part {part}" + (f" of plugin {whose}" if whose else ""))
            for (join, part), whose in sorted(self.parts.items())
        )
        if not found:
            found.append(Wait("delivery", "the verdict on the checks"))
        return found

    def _shots(self) -> Iterable[Wait]:
        if self.settled is not None or self.script is None:
            return
        missing = self.script.scenes - len(self.scenes)
        if missing:
            yield Wait("shots", f"{missing} of {self.script.scenes} scenes to be read")
        planned = {shot.scene for shot in self.shots.values()}
        for scene in self.scenes:
            if scene not in planned:
                yield Wait("shots", f"the shots of {scene}")

    def _takes(self) -> Iterable[Wait]:
        if self.settled is None:
            return
        waiting = 0
        for name, shot in self.shots.items():
            if name in self.takes:
                continue
            parts = [] if name in self.pictures else ["its picture"]
            parts += [f"the voice of {one.line}" for one in shot.lines if one.line not in self.voiced]
            parts += [
                f"the mouth of {one.line}"
                for one in shot.lines
                if one.line in self.voiced and one.line not in self.mouths
            ]
            waiting += 1
            if waiting <= _MOST_NAMED:
                yield Wait("takes", f"{name}: {' and '.join(parts[:6]) or 'its take to be chosen'}")
        if waiting > _MOST_NAMED:
            yield Wait("takes", f"{waiting - _MOST_NAMED} more shots")

    def repairing(self) -> list[RepairAsked]:
        """The repairs whose new picture has not come."""
        return [
            one
            for one in self.repairs
            if self.highest.get(one.subject, 0) < one.take
            and (one.subject not in self.kept or self.kept[one.subject].among < one.take)
        ]

    def _cut(self) -> Iterable[Wait]:
        for one in self.repairing():
            yield Wait("cut", f"take {one.take} of {one.subject}, which {one.check} asked for")
        if self.settled is None or self.cut is not None:
            return
        missing = sorted(self.takes - self.rendered)
        if missing:
            shown = ", ".join(missing[:_MOST_NAMED]) + (" ..." if len(missing) > _MOST_NAMED else "")
            yield Wait("cut", f"the rendering of {shown}")
        elif not set(self.shots) - self.takes:
            yield Wait("cut", "the film to be put together")

    def _quality(self) -> Iterable[Wait]:
        if self.cut is not None and not self.checks:
            yield Wait("quality", "the checks to be planned")
        for check in self.checks:
            if check not in self.measured:
                yield Wait("quality", f"the check {check}")


def _keep(name: str, key: str) -> Callable[[Progress, Any], None]:
    def take(progress: Progress, event: Any) -> None:
        kept = getattr(progress, name)
        value = getattr(event, key)
        if isinstance(kept, dict):
            kept[value] = event
        else:
            kept.add(value)

    return take


def _set(name: str) -> Callable[[Progress, Any], None]:
    return lambda progress, event: setattr(progress, name, event)


def _planned(progress: Progress, event: ShotPlanned) -> None:
    # A scene that is broken down anew counts with its last breakdown: nothing beyond the last plan's `of`.
    for name, shot in list(progress.shots.items()):
        if shot.scene == event.scene and (shot.number > event.of or shot.number == event.number):
            del progress.shots[name]
    progress.shots[event.shot] = event


def _picture(progress: Progress, event: ImageReturned) -> None:
    if event.subject in progress.shots:
        progress.pictures.add(event.subject)
        progress.highest[event.subject] = max(event.take, progress.highest.get(event.subject, 0))


def _voice(progress: Progress, event: SpeechReturned) -> None:
    if event.subject in progress.lines:
        progress.voices.add(event.subject)


def _checks(progress: Progress, event: QualityPlanned) -> None:
    progress.checks = event.checks
    progress.measured = {name: one for name, one in progress.measured.items() if one.inputs == event.inputs}


def _measured(progress: Progress, event: CheckMeasured) -> None:
    if event.subject == "episode":  # what it says of single shots beside that is no answer to the cut
        progress.measured[event.check] = event


def _chosen(progress: Progress, event: TakeChosen) -> None:
    progress.takes.add(event.shot)
    progress.rendered.discard(event.shot)  # the newest take has to be rendered, an older one does not count


def _cut(progress: Progress, event: EpisodeCut) -> None:
    progress.cut, progress.delivered = event, None


def _closed(progress: Progress, event: PartClosed) -> None:
    progress.parts.pop((event.join, event.part), None)


def _released(progress: Progress, event: EpisodeReleased) -> None:
    progress.holds.pop(event.hold, None)


_TAKE: dict[str, Callable[[Progress, Any], None]] = {
    "episode_opened": lambda progress, event: None,
    "episode_revised": lambda progress, event: None,
    "script_parsed": _set("script"),
    "scene_parsed": _keep("scenes", "scene"),
    "scene_fell_back": _keep("fell_back", "subject"),
    "shot_planned": _planned,
    "shot_list_settled": _set("settled"),
    "image_returned": _picture,
    "speech_returned": _voice,
    "line_voiced": _keep("voiced", "line"),
    "mouth_timed": _keep("mouths", "line"),
    "take_chosen": _chosen,
    "shot_rendered": _keep("rendered", "shot"),
    "scene_assembled": _keep("assembled", "scene"),
    "episode_cut": _cut,
    "quality_planned": _checks,
    "check_measured": _measured,
    "repair_asked": lambda progress, event: progress.repairs.append(event),
    "take_kept": _keep("kept", "shot"),
    "episode_delivered": _set("delivered"),
    "episode_held": _keep("holds", "hold"),
    "episode_released": _released,
    "part_opened": lambda progress, event: None,
    "part_closed": _closed,
}


def progress_of(log: Log, stream: str) -> Progress:
    """The progress of an episode as the log stands. A body that does not fit its kind is passed over."""
    progress = Progress()
    for record in view(log, stream):
        try:
            progress.add(record)
        except BadBody:
            continue  # `duanju verify` names it; what can be told is still told
    return progress


def state_of(progress: Progress, running: bool) -> State:
    """What a person would call it: a hold comes first, since somebody has to decide something."""
    if progress.holds:
        return "held"
    if progress.delivered is not None:
        return "delivered"
    return "in progress" if running else "interrupted"


@frozen
class Holder:
    """The engine that runs on a log: its process, its host, and since when (UTC)."""

    pid: int
    host: str
    since: str


def holder_of(log: Log) -> Holder | None:
    """The engine that runs on a log now, None where none does.

    The lease's row outlives its process, so the OS lock is asked: a shared lock that is granted, and given
    back at once, means that no engine holds it.
    """
    if log.path is None or not _locked(log.path.parent / "lock"):
        return None
    row = log.db.execute("SELECT holder FROM lease WHERE one = 1").fetchone()
    who = orjson.loads(row[0]) if row and row[0] else {}
    return Holder(int(who.get("pid", 0)), str(who.get("host", "?")), str(who.get("since", "?")))


def _locked(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def at_rest(log: Log, stream: str, progress: Progress) -> bool:
    """Whether an episode is delivered or held and an engine has nothing under way for it."""
    if not progress.holds and progress.delivered is None:
        return False
    carried = log.db.execute("SELECT carried FROM lease WHERE one = 1").fetchone()[0]
    if carried < progress.position:
        return False
    flying = "SELECT 1 FROM work WHERE stream = ? AND attempt > 0 AND plugin <> 'core' LIMIT 1"
    return log.db.execute(flying, (stream,)).fetchone() is None


def work_problems(log: Log) -> list[Problem]:
    """Open work whose cause is not in the log, or in another stream; answers to reuse that do not exist."""
    rows = log.db.execute(
        "SELECT work.cause, work.stream, work.plugin, work.hook, event.stream FROM work "
        "LEFT JOIN event ON event.position = work.cause "
        # a fork also answers what it sees of its source
        "WHERE event.position IS NULL OR (event.stream <> work.stream AND work.stream NOT LIKE 'fork/%') "
        "OR work.attempt < 0"
    )
    found = [
        Problem(cause, f"{plugin}.{hook} is owed for {stream}, but the record is {there or 'missing'}")
        for cause, stream, plugin, hook, there in rows
    ]
    lost = log.db.execute(
        "SELECT outcome.position FROM outcome LEFT JOIN event USING(position) WHERE event.position IS NULL"
    )
    found += [Problem(row[0], "an answer to reuse is not in the log") for row in lost]
    return found
