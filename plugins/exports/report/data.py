"""Gathers all that a report shows from an episode's fold: pure, so that equal logs give equal reports."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import attrs

from ....core.episode import Episode
from ....core.takes import newest_cut, picture_in_use, take_in_use
from ....events.calls import ImageReturned
from ....events.cut import CutRequested, EpisodeCut
from ....events.dialogue import LineVoiced
from ....events.episode import EpisodeDelivered
from ....events.quality import CheckMeasured, CheckWaived, QualityPlanned, RepairAsked
from ....events.scenes import TakeChosen, TakeKept
from ....events.script import SceneFellBack, SceneParsed, ScriptParsed, ShotPlanned
from .costs import costs_of

__all__ = ["FORMAT", "gather", "pictures_of"]

FORMAT = 1


def pictures_of(episode: Episode) -> dict[str, ImageReturned]:
    """The picture of every shot that has one, by shot."""
    found: dict[str, ImageReturned] = {}
    for shot in _shots_planned(episode, None):
        picture = picture_in_use(episode, shot.shot)
        if picture is not None:
            found[shot.shot] = picture
    return found


def gather(episode: Episode, *, ended: Collection[str] = ()) -> dict[str, Any]:
    """The report as plain data; the documented content of report.json.

    Keys: `format` (1); `episode` (series, name, title, revision, state, language, source, film, subtitles,
    delivery, position); `holds`; `scenes`; `shots` (with their place on the film's clock); `lines`;
    `subtitles`; `checks` (`verdict` "not measured" where none stands); `repairs`
    (what was made again for a check, and which take was kept in spite of a later one); `cast`; `costs`
    (see costs.py); `unmapped` script lines; `by_rules`, the scenes that no chat model could break down.
    Times are milliseconds on the film's clock unless a key ends in `_s`; money is micro-dollars.
    `ended` names holds to leave out: those of a delivery whose releases stand after it.
    """
    script = episode.last(ScriptParsed)
    cut = newest_cut(episode)
    plan = _plan_of(episode, cut)
    shots = _shots(episode, plan)
    holds = [attrs.asdict(hold) for name, hold in sorted(episode.holds.items()) if name not in ended]
    return {
        "format": FORMAT,
        "episode": _episode(episode, script, cut, plan, bool(holds)),
        "holds": holds,
        "scenes": [
            {
                "scene": scene.scene,
                "heading": scene.heading,
                "place": scene.place,
                "interior": scene.interior,
                "time": scene.time,
            }
            for scene in sorted(episode.all(SceneParsed), key=lambda s: s.number)
        ],
        "shots": shots,
        "lines": _lines(episode, plan, shots),
        "subtitles": _subtitles(plan, episode, shots),
        "checks": _checks(episode, cut),
        "repairs": _repairs(episode),
        "cast": _cast(episode, script),
        "costs": costs_of(episode),
        "unmapped": [attrs.asdict(one) for one in script.unmapped] if script else [],
        "by_rules": [
            {"scene": one.subject, "asked": list(one.asked), "why": one.why}
            for one in episode.all(SceneFellBack)
        ],
    }


def _plan_of(episode: Episode, cut: EpisodeCut | None) -> CutRequested | None:
    plans = episode.all(CutRequested)
    if cut is not None:
        same = [plan for plan in plans if plan.inputs == cut.inputs]
        if same:
            return same[-1]
    return plans[-1] if plans else None


def _shots_planned(episode: Episode, plan: CutRequested | None) -> list[ShotPlanned]:
    """The shots in the order of the film; those that are not in it yet after them, in the script's order."""
    late = 1 << 30
    order = {scene.scene: scene.number for scene in episode.all(SceneParsed)}
    film = {one.shot: number for number, one in enumerate(plan.segments)} if plan else {}
    newest = {shot.shot: shot for shot in episode.all(ShotPlanned)}
    return sorted(
        newest.values(),
        key=lambda s: (film.get(s.shot, late), order.get(s.scene, late), s.scene, s.number, s.shot),
    )


def _episode(
    episode: Episode,
    script: ScriptParsed | None,
    cut: EpisodeCut | None,
    plan: CutRequested | None,
    held: bool,
) -> dict[str, Any]:
    opened = episode.opened
    # A delivery's `inputs` also digests its checks, so the film is what ties it to the cut.
    delivered = [one for one in episode.all(EpisodeDelivered) if cut is not None and one.film == cut.film]
    state = "held" if held else "delivered" if delivered else "in progress"
    delivery = attrs.asdict(episode.settings.delivery) if opened else {}
    return {
        "series": episode.series,
        "name": episode.name,
        "title": (script.title if script and script.title else opened.title if opened else ""),
        "revision": episode.revision,
        "state": state,
        "language": script.language if script else plan.language if plan else "",
        "source": {"file": opened.file, "sha256": opened.source.sha256} if opened else None,
        "film": (
            {
                "sha256": cut.film.sha256,
                "size": cut.film.size,
                "duration_ms": cut.duration_ms,
                "frames": cut.frames,
            }
            if cut
            else None
        ),
        "subtitles": {"sha256": cut.subtitles.sha256} if cut else None,
        "delivery": delivery,
        "position": episode.position,
        "script_lines": script.source_lines if script else 0,
    }


def _shots(episode: Episode, plan: CutRequested | None) -> list[dict[str, Any]]:
    """Shots in story order with start and length: from the cut, else the take, else the plan."""
    pictures = pictures_of(episode)
    in_cut = {segment.shot: segment.frames for segment in plan.segments} if plan else {}
    rows: list[dict[str, Any]] = []
    clock = 0
    for shot in _shots_planned(episode, plan):
        take = _take(episode, shot.shot)
        if plan is not None and shot.shot in in_cut:
            length = in_cut[shot.shot] * 1000 // max(1, plan.fps)
        elif take is not None:
            length = take.frames * 1000 // max(1, take.fps)
        else:
            length = shot.duration_ms
        picture = pictures.get(shot.shot)
        rows.append(
            {
                "shot": shot.shot,
                "scene": shot.scene,
                "number": shot.number,
                "place": shot.place,
                "interior": shot.interior,
                "time": shot.time,
                "weather": shot.weather,
                "size": shot.size,
                "angle": shot.angle,
                "move": shot.move,
                "mood": shot.mood,
                "action": shot.action,
                "characters": [one.character for one in shot.on_screen],
                "lines": [line.line for line in shot.lines],
                "start_ms": clock,
                "duration_ms": length,
                "planned_ms": shot.duration_ms,
                "first": shot.first,
                "last": shot.last,
                "take": take.take if take else None,
                "picture": picture.image.sha256 if picture else None,
                "route": picture.route if picture else "",
            }
        )
        clock += length
    return rows


def _lines(episode: Episode, plan: CutRequested | None, shots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    starts = {shot["shot"]: shot["start_ms"] for shot in shots}
    placed: dict[str, tuple[int, int]] = {}
    for shot in shots:
        take = _take(episode, shot["shot"])
        for line in take.lines if take else ():
            placed[line.line] = (starts[shot["shot"]] + line.start_ms, line.duration_ms)
    for cut_line in plan.lines if plan else ():
        placed[cut_line.line] = (cut_line.start_ms, cut_line.duration_ms)
    rows: list[dict[str, Any]] = []
    for planned in _shots_planned(episode, plan):
        for spoken in planned.lines:
            voiced = episode.last(LineVoiced, spoken.line)
            start, length = placed.get(spoken.line, (None, voiced.duration_ms if voiced else None))
            rows.append(
                {
                    "line": spoken.line,
                    "shot": planned.shot,
                    "character": spoken.character,
                    "text": spoken.text,
                    "note": spoken.note,
                    "how": spoken.how,
                    "start_ms": start,
                    "duration_ms": length,
                    "voiced": voiced is not None,
                }
            )
    return rows


def _subtitles(
    plan: CutRequested | None, episode: Episode, shots: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if plan is not None:
        return [attrs.asdict(one) for one in plan.subtitles]
    rows: list[dict[str, Any]] = []
    for shot in shots:
        take = _take(episode, shot["shot"])
        for one in take.subtitles if take else ():
            at = shot["start_ms"]
            rows.append(
                {
                    "start_ms": at + one.start_ms,
                    "end_ms": at + one.end_ms,
                    "text": one.text,
                    "line": one.line,
                }
            )
    return rows


def _checks(episode: Episode, cut: EpisodeCut | None) -> list[dict[str, Any]]:
    if cut is None:
        return []
    names: set[str] = set()
    for plan in episode.all(QualityPlanned):
        if plan.inputs == cut.inputs:
            names.update(plan.checks)
    newest: dict[str, CheckMeasured] = {}
    for one in episode.all(CheckMeasured):
        if one.inputs == cut.inputs and one.subject == "episode":
            newest[one.check] = one
            names.add(one.check)
    rows: list[dict[str, Any]] = []
    for name in sorted(names):
        measured = newest.get(name)
        waivers = [one for one in episode.every(CheckWaived, name, "episode") if one.film == cut.film.sha256]
        waived = {"who": waivers[-1].who, "note": waivers[-1].note} if waivers else None
        if measured is None:
            row: dict[str, Any] = {
                "check": name,
                "verdict": "not measured",
                "value": None,
                "limit": None,
                "unit": "",
                "why": "",
                "evidence": [],
                "repair": "",
                "tool": "",
                "reused_from": None,
            }
        else:
            row = {
                "check": name,
                "verdict": measured.verdict,
                "value": measured.value,
                "limit": measured.limit,
                "unit": measured.unit,
                "why": measured.why,
                "evidence": [attrs.asdict(e) for e in measured.evidence],
                "repair": measured.repair,
                "tool": measured.tool,
                "reused_from": measured.reused_from,
            }
        row["waived"] = waived
        rows.append(row)
    return rows


def _repairs(episode: Episode) -> list[dict[str, Any]]:
    kept = {one.shot: one for one in episode.all(TakeKept)}
    return [
        {
            "subject": one.subject,
            "check": one.check,
            "attempt": one.attempt,
            "take": one.take,
            "why": one.why,
            "told": one.tell,
            "kept": kept[one.subject].take if one.subject in kept else None,
            "kept_why": kept[one.subject].why if one.subject in kept else "",
        }
        for one in episode.all(RepairAsked)
    ]


def _take(episode: Episode, shot: str) -> TakeChosen | None:
    """The take that is in the film."""
    record = take_in_use(episode, shot)
    return None if record is None else record.event


def _cast(episode: Episode, script: ScriptParsed | None) -> list[dict[str, Any]]:
    """The series' cast as far as it is in this episode, most lines first."""
    lines: dict[str, int] = {}
    shots: dict[str, int] = {}
    notes = {note.name: note.description for note in script.characters} if script else {}
    for shot in _shots_planned(episode, None):
        for line in shot.lines:
            lines[line.character] = lines.get(line.character, 0) + 1
        for one in shot.on_screen:
            shots[one.character] = shots.get(one.character, 0) + 1
    rows = [
        {
            "character": name,
            "profile": attrs.asdict(cast.profile),
            "voice": attrs.asdict(cast.voice),
            "why": cast.why,
            "description": notes.get(name, ""),
            "lines": lines.get(name, 0),
            "shots": shots.get(name, 0),
        }
        for name, cast in episode.cast.items()
        if name in lines or name in shots or name in notes
    ]
    return sorted(rows, key=lambda row: (-int(row["lines"]), str(row["character"])))
