"""subtitle.timing: every subtitle can be read in its time, measured on the SRT that ships."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from ...core.hooks import effect, hookimpl
from ...events.cut import EpisodeCut
from ...events.quality import CheckMeasured, Evidence
from .verdict import film_of, report, subtitles_of, unreadable

if TYPE_CHECKING:
    from ...core.desk import Desk

__all__ = ["CHECK", "LIMITS", "Cue", "Fault", "faults_of", "is_chinese", "on_episode_cut", "reading_load"]

decisions = 1
CHECK = "subtitle.timing"
SHORTEST_MS = 833
LONGEST_MS = 7000
GAP_FRAMES = 2
MOST_LINES = 2
LIMITS: dict[bool, tuple[float, float]] = {True: (9.0, 16.0), False: (20.0, 42.0)}
"""Chinese or not -> (characters a second, characters a line).

Netflix's general and Simplified Chinese timed-text guides; the same for the shortest (5/6 s), the longest
(7 s), the gap (2 frames) and the lines of a cue.
"""
_ROUND = 1e-6


@frozen
class Cue:
    """A subtitle as it stands in the file; times in ms."""

    start_ms: int
    end_ms: int
    text: str


@frozen
class Fault:
    """One limit that a cue does not keep. `over` is how many times the limit it is, to find the worst."""

    name: str
    value: float
    limit: float
    unit: str
    over: float
    cue: Cue
    note: str
    fails: bool = True


@hookimpl
@effect(lane="measure", doubt="repeat", reuse=True)
def on_episode_cut(event: EpisodeCut, desk: Desk) -> Iterator[CheckMeasured]:
    """Measures reading speed, length, gaps, overlaps and line lengths; the worst departure is the value."""
    import pysubs2

    from ..media.errors import MediaError
    from ..media.probe import probe
    from ..media.subtitles import read_srt

    tool = f"pysubs2 {pysubs2.VERSION}"
    film, srt = film_of(event, desk), subtitles_of(event, desk)
    try:
        picture = probe(film, decode=False).picture
        # A film without a word has an empty file; whether lines are missing is script.fidelity's matter.
        empty = not srt.read_bytes().strip()
        cues = [] if empty else [Cue(c.start_ms, c.end_ms, c.text) for c in read_srt(srt)]
    except MediaError as error:
        yield unreadable(event, CHECK, "cps", error, tool)
        return
    rate = float(picture.fps) if picture is not None and picture.fps else float(desk.settings.delivery.fps)
    length = int(picture.start_ms + picture.duration_ms) if picture is not None else None
    faults = faults_of(cues, rate, length)
    bad = [fault for fault in faults if fault.fails]
    fastest = max((_speed(cue) for cue in cues), default=(0.0, LIMITS[False][0]), key=lambda s: s[0] / s[1])
    if faults:
        worst = max(bad or faults, key=lambda f: (f.over, -f.cue.start_ms))
        value, limit, unit = worst.value, worst.limit, worst.unit
        why = (
            f"{len({f.cue for f in bad or faults})} of {len(cues)} subtitles; the worst: {worst.note} at "
            f"{worst.cue.start_ms / 1000:.2f} s ({worst.cue.text[:40]})"
        )
    else:
        (value, limit), unit = fastest, "cps"
        why = (
            f"{len(cues)} subtitles, the fastest {value:.1f} characters a second" if cues else "no subtitles"
        )
    yield report(
        event,
        CHECK,
        "failed" if bad else "warned" if faults else "passed",
        value=value,
        limit=limit,
        unit=unit,
        why=why,
        tool=tool,
        evidence=[Evidence(f.cue.start_ms / 1000, f.cue.end_ms / 1000, f.note) for f in (bad or faults)],
        repair="time and break the subtitles again" if bad else "",
    )


def is_chinese(text: str) -> bool:
    """Whether a text is read as Chinese: at least as many Han signs as Latin words."""
    han = sum(1 for char in text if _han(char))
    return han > 0 and han >= len([word for word in text.split() if word[:1].isascii()]) / 2


def _han(char: str) -> bool:
    return (
        "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U000323af"
    )


def reading_load(text: str) -> float:
    """Characters to read: in Chinese a sign or mark counts 1 and a Latin letter or digit a half.

    In other scripts everything counts 1, spaces and marks too, as Netflix counts; a line break never.
    """
    flat = text.replace("\n", "")
    if not is_chinese(text):
        return float(len(flat))
    return sum(
        0.5 if char.isascii() and (char.isalnum() or char.isspace()) else 1.0
        for char in flat
        if unicodedata.category(char) != "Mn"
    )


def _speed(cue: Cue) -> tuple[float, float]:
    per_second = LIMITS[is_chinese(cue.text)][0]
    return reading_load(cue.text) * 1000 / max(1, cue.end_ms - cue.start_ms), per_second


def faults_of(cues: Sequence[Cue], fps: float, film_ms: int | None) -> list[Fault]:
    """Every limit that some cue does not keep, by the cues' time. `film_ms` None = length unknown."""
    found: list[Fault] = []
    ordered = sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms, cue.text))
    for before, cue in pairwise(cues):
        if before.start_ms > cue.start_ms:
            found.append(Fault("order", 1, 0, "cues", 2.0, cue, "it stands out of order in the file"))
    frame_ms = 1000 / max(1.0, fps)
    for number, cue in enumerate(ordered):
        follower = ordered[number + 1] if number + 1 < len(ordered) else None
        found.extend(_alone(cue, follower, frame_ms, film_ms))
        if follower is not None:
            found.extend(_beside(cue, follower, frame_ms))
    return found


def _alone(cue: Cue, follower: Cue | None, frame_ms: float, film_ms: int | None) -> Iterator[Fault]:
    length = cue.end_ms - cue.start_ms
    speed, fastest = _speed(cue)
    if not cue.text.strip():
        yield Fault("empty", 0, 1, "characters", 2.0, cue, "the subtitle has no text")
    if length <= 0:
        note = f"it lasts {length} ms"
        yield Fault("length", length / 1000, SHORTEST_MS / 1000, "s", 10.0, cue, note)
        return
    if speed > fastest + _ROUND:
        note = f"{speed:.1f} characters a second, at most {fastest:.0f}"
        yield Fault("speed", speed, fastest, "cps", speed / fastest, cue, note)
    if length < SHORTEST_MS:
        # Where the next cue leaves no room, a short word can stand no longer: worth a look, not a hold.
        ends = [follower.start_ms - GAP_FRAMES * frame_ms] if follower is not None else []
        ends += [float(film_ms)] if film_ms is not None else []
        room = min(ends, default=float(SHORTEST_MS + cue.start_ms)) - cue.start_ms
        note = f"it lasts {length / 1000:.2f} s, at least {SHORTEST_MS / 1000:.2f}"
        fails = room >= SHORTEST_MS
        yield Fault("length", length / 1000, SHORTEST_MS / 1000, "s", SHORTEST_MS / length, cue, note, fails)
    if length > LONGEST_MS:
        note = f"it lasts {length / 1000:.2f} s, at most {LONGEST_MS / 1000:.0f}"
        yield Fault("length", length / 1000, LONGEST_MS / 1000, "s", length / LONGEST_MS, cue, note)
    lines = cue.text.split("\n")
    if len(lines) > MOST_LINES:
        note = f"{len(lines)} lines, at most {MOST_LINES}"
        yield Fault("lines", len(lines), MOST_LINES, "lines", len(lines) / MOST_LINES, cue, note)
    # Each line by its own script: a Latin line in a Chinese subtitle is as wide as any Latin line.
    widths = [(reading_load(line), LIMITS[is_chinese(line)][1]) for line in lines]
    load, widest = max(widths, key=lambda width: width[0] / width[1])
    if load > widest + _ROUND:
        note = f"a line of {load:.0f} characters, at most {widest:.0f}"
        yield Fault("width", load, widest, "characters", load / widest, cue, note)
    if film_ms is not None and cue.end_ms > film_ms + frame_ms:
        note = f"it ends {(cue.end_ms - film_ms) / 1000:.2f} s after the film"
        yield Fault("end", cue.end_ms / 1000, film_ms / 1000, "s", 2.0, cue, note)
    if cue.start_ms < 0:
        yield Fault("start", cue.start_ms / 1000, 0.0, "s", 2.0, cue, "it starts before the film")


def _beside(cue: Cue, follower: Cue, frame_ms: float) -> Iterator[Fault]:
    gap = follower.start_ms - cue.end_ms
    if gap < 0:
        note = f"it overlaps the next by {-gap / 1000:.2f} s"
        yield Fault("overlap", gap / 1000, 0.0, "s", 2.0 - gap / 1000, cue, note)
    elif gap < GAP_FRAMES * frame_ms - 1:  # SRT has whole milliseconds
        note = f"{gap / frame_ms:.1f} frames to the next, at least {GAP_FRAMES}"
        yield Fault(
            "gap",
            gap / frame_ms,
            GAP_FRAMES,
            "frames",
            GAP_FRAMES / max(0.5, gap / frame_ms),
            cue,
            note,
            False,
        )
