"""script.fidelity: every line of the script is in the film, in its words, in its order, and really heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from ...core.episode import Episode
from ...core.hooks import effect, hookimpl
from ...events.cut import CutLine, CutRequested, EpisodeCut, RoomTone
from ...events.quality import CheckMeasured, Evidence
from ...events.script import SceneParsed, ScriptParsed, ShotListSettled
from .hearing import (
    FLOOR_DB,
    STEP_MS,
    Unheard,
    envelope,
    levels_of_wave,
    likeness_at,
    outside,
    steps,
)
from .tools import ffmpeg
from .verdict import film_of, report, subtitles_of, unreadable
from .wording import base_line, compare, normal

if TYPE_CHECKING:
    from ...core.desk import Desk
    from .hearing import F64

__all__ = ["CHECK", "ScriptLine", "Trouble", "on_episode_cut", "script_lines"]

decisions = 1
CHECK = "script.fidelity"
OFF_PLAN, OFF_PLAN_WARN = 15.0, 8.0
"""How far the episode may be off its planned length, in percent: fails, warns (reference table, row 21)."""
ABOVE_TONE_DB = 6.0
"""The loud fifth of a line must lie so far over the middle of the room tone beside it."""
SAME_SOUND = 0.5
"""Least correlation between the rise and fall heard at a line's place and that of its own recording."""
_GUARD = 10  # steps kept off a line's ends when the room tone is taken
_LEAST_TONE = 10
_SHOWN = 60


@frozen
class ScriptLine:
    """A line as the script has it: its number, who speaks, its words."""

    line: str
    character: str
    text: str


@frozen
class Trouble:
    """One fault, for a person, with its place in the film (0, 0 where it has none)."""

    note: str
    start_s: float = 0.0
    end_s: float = 0.0
    fails: bool = True


@hookimpl
@effect(lane="measure-plan", doubt="repeat", reuse=False)
def on_episode_cut(event: EpisodeCut, episode: Episode, desk: Desk) -> Iterator[CheckMeasured]:
    """Counts lines that are missing, changed, added, moved or not heard; compares the length with plan."""
    from ..media.errors import MediaError
    from ..media.probe import probe
    from ..media.subtitles import read_srt

    tool = ffmpeg("levels")
    film, srt = film_of(event, desk), subtitles_of(event, desk)
    lines = script_lines(episode)
    plans = [plan for plan in episode.all(CutRequested) if plan.inputs == event.inputs]
    if not plans or episode.last(ScriptParsed) is None:
        what = "its cut" if not plans else "its script"
        why = f"the film cannot be compared: {what} is not in the log"
        yield report(event, CHECK, "skipped", value=None, limit=None, unit="lines", why=why, tool=tool)
        return
    plan = plans[-1]
    try:
        empty = not srt.read_bytes().strip()
        cues = [] if empty else read_srt(srt)
        picture = probe(film, decode=False).picture
        heard = envelope(film)
    except (MediaError, Unheard) as error:
        yield unreadable(event, CHECK, "lines", error, tool)
        return
    faults = [
        *_planned(lines, plan.lines),
        *_written(lines, [(c.start_ms, c.end_ms, c.text) for c in cues]),
        *_heard(plan, heard, desk),
    ]
    settled = episode.last(ShotListSettled)
    length = picture.duration_ms if picture is not None else float(event.duration_ms)
    off = (
        (length - settled.duration_ms) * 100 / settled.duration_ms if settled and settled.duration_ms else 0.0
    )
    yield _verdict(event, lines, faults, off, length, settled.duration_ms if settled else 0, tool)


def _verdict(
    event: EpisodeCut,
    lines: Sequence[ScriptLine],
    faults: Sequence[Trouble],
    off: float,
    length: float,
    planned: int,
    tool: str,
) -> CheckMeasured:
    bad = [fault for fault in faults if fault.fails]
    value, limit, unit = float(len(bad)), 0.0, "lines"
    if bad:
        verdict = "failed"
        more = f", and {len(bad) - 2} more" if len(bad) > 2 else ""
        why = "; ".join(fault.note for fault in bad[:2]) + more
    elif abs(off) > OFF_PLAN_WARN:
        verdict = "failed" if abs(off) > OFF_PLAN else "warned"
        word = "longer" if off > 0 else "shorter"
        value, limit, unit = abs(off), OFF_PLAN, "%"
        why = (
            f"the film lasts {length / 1000:.1f} s, {abs(off):.0f} % {word} than the "
            f"{planned / 1000:.1f} s planned"
        )
    elif faults:
        verdict, why = "warned", faults[0].note
    else:
        verdict = "passed"
        why = f"all {len(lines)} lines are written and heard in order; the length is {off:+.0f} % off plan"
    shown = bad or faults
    return report(
        event,
        CHECK,
        verdict,
        value=value,
        limit=limit,
        unit=unit,
        why=why,
        tool=tool,
        evidence=[Evidence(f.start_s, f.end_s, f.note) for f in shown],
        repair="voice the lines named here again and cut again" if verdict == "failed" else "",
    )


def script_lines(episode: Episode) -> list[ScriptLine]:
    """Every line of the newest revision's script in order, from its scenes and its head."""
    parsed = episode.last(ScriptParsed)
    scenes = {scene.number: scene for scene in episode.all(SceneParsed)}
    found: dict[str, ScriptLine] = {}
    elements = [element for number in sorted(scenes) for element in scenes[number].elements]
    for element in (*(parsed.elements if parsed else ()), *elements):
        if element.type == "line" and element.line:
            found.setdefault(element.line, ScriptLine(element.line, element.character, element.text))
    return [found[line] for line in sorted(found, key=lambda name: (len(base_line(name)), name))]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + '…'}”"


def _planned(lines: Sequence[ScriptLine], placed: Sequence[CutLine]) -> Iterator[Trouble]:
    """The cut has every line once, whole, in order; a long line may be there in parts."""
    parts: dict[str, list[CutLine]] = {}
    for one in placed:
        parts.setdefault(base_line(one.line), []).append(one)
    known = {base_line(line.line) for line in lines}
    last = -1
    for line in lines:
        mine = parts.get(base_line(line.line), [])
        if not mine:
            yield Trouble(f"{line.line} {_short(line.text)} is not in the cut")
            continue
        start, end = mine[0].start_ms / 1000, (mine[-1].start_ms + mine[-1].duration_ms) / 1000
        if normal("".join(one.text for one in mine)) != normal(line.text):
            yield Trouble(
                f"{line.line} is said in other words than the script's {_short(line.text)}", start, end
            )
        if any(one.character != line.character for one in mine):
            yield Trouble(f"{line.line} is spoken by {mine[0].character}, not {line.character}", start, end)
        if mine[0].start_ms < last:
            yield Trouble(f"{line.line} comes before the line that precedes it in the script", start, end)
        last = max(last, mine[0].start_ms)
    for one in placed:
        if base_line(one.line) not in known:
            end = (one.start_ms + one.duration_ms) / 1000
            yield Trouble(f"{one.line} {_short(one.text)} is not in the script", one.start_ms / 1000, end)


def _written(lines: Sequence[ScriptLine], cues: Sequence[tuple[int, int, str]]) -> Iterator[Trouble]:
    """The subtitles that ship have every line, in its words, in order."""
    found = compare([line.text for line in lines], [text for _, _, text in cues])

    def at(first: int, last: int) -> tuple[float, float]:
        return cues[first][0] / 1000, cues[last][1] / 1000

    for number in found.missing:
        line = lines[number]
        yield Trouble(f"{line.line} {_short(line.text)} has no subtitle")
    for number, cue in found.changed:
        line = lines[number]
        note = f"the subtitle {_short(cues[cue][2])} is not the script's {line.line} {_short(line.text)}"
        yield Trouble(note, *at(cue, cue))
    for number in found.moved:
        line = lines[number]
        yield Trouble(
            f"the subtitle of {line.line} {_short(line.text)} is out of order", *at(*found.places[number])
        )
    for cue in found.extra:
        yield Trouble(f"the subtitle {_short(cues[cue][2])} is of no line of the script", *at(cue, cue))


def _heard(plan: CutRequested, film: F64, desk: Desk) -> Iterator[Trouble]:
    """Every line sounds in its window over the room tone beside it, with its recording's rise and fall."""
    import numpy as np

    windows = [(steps(one.start_ms), steps(one.start_ms + one.duration_ms)) for one in plan.lines]
    free = outside(film.size, windows, _GUARD)
    whole = FLOOR_DB
    if film.size:
        whole = float(np.median(film[free])) if free.sum() >= _LEAST_TONE else float(np.percentile(film, 10))
    for one, (start, end) in zip(plan.lines, windows, strict=True):
        where = one.start_ms / 1000, (one.start_ms + one.duration_ms) / 1000
        said = film[start:end]
        name = f"{one.line} {_short(one.text)}"
        if said.size < max(1, (end - start) // 2):
            yield Trouble(f"{name} lies behind the end of the sound", *where)
            continue
        tone = _tone(plan.tones, one.start_ms, film, free, whole)
        above = float(np.percentile(said, 80)) - tone
        if above < ABOVE_TONE_DB:
            note = f"{name} is not heard: {above:.0f} dB over the room tone, at least {ABOVE_TONE_DB:.0f}"
            yield Trouble(note, *where)
            continue
        try:
            own = levels_of_wave(desk.artifacts.read(one.audio))
        except Unheard as error:
            yield Trouble(f"{name}: {error}", *where)
            continue
        alike = likeness_at(film, own, start)
        if alike < SAME_SOUND:
            note = f"{name} sounds unlike its recording (correlation {alike:.2f}, at least {SAME_SOUND})"
            yield Trouble(note, *where)


def _tone(tones: Sequence[RoomTone], at_ms: int, film: F64, free: object, whole: float) -> float:
    """The middle level between the lines of the same scene; of the whole film where a scene has no pause."""
    import numpy as np

    mask = np.asarray(free)
    for tone in tones:
        if tone.start_ms <= at_ms < tone.end_ms:
            first, last = tone.start_ms // STEP_MS, tone.end_ms // STEP_MS
            pauses = film[first:last][mask[first:last]]
            if pauses.size >= _LEAST_TONE:
                return max(FLOOR_DB, float(np.median(pauses)))
    return max(FLOOR_DB, whole)
