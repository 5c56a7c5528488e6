"""What a script editor would remark on: who is never introduced, names spelt twice, pace, hook, silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from ....events.script import SceneParsed, ShotPlanned
from ...media.speech_rate import spoken_ms
from . import tone
from .chinese_marks import heading_of
from .headings import FOUNTAIN_HEADING, GOES_ON, read_heading
from .model import Screenplay
from .names import Mentions, is_extra, is_group, is_narrator, same_key
from .spelling import spelt_twice

__all__ = ["HOOK_MS", "LONGEST_MS", "SHORTEST_MS", "Remark", "remarks"]

SHORTEST_MS = 60_000
LONGEST_MS = 120_000
HOOK_MS = 5_000  # a viewer who scrolls decides in three to five seconds
SPEECH_MS = 15_000  # in one go; longer, and a short drama stands still
TIGHT = 90  # % of the time that words take, below which a planned time is too short for them
_FELT = frozenset({"angry", "afraid", "sad", "surprised", "tense"})


@frozen
class Remark:
    """One remark. `line` is a source line from 1, 0 for none; `scene` "S01", "" for the whole script."""

    kind: str
    text: str
    line: int = 0
    scene: str = ""


def remarks(
    script: Screenplay, scenes: Sequence[SceneParsed], shots: Sequence[Sequence[ShotPlanned]]
) -> list[Remark]:
    """All remarks on a script whose scenes break down into these shots, by source line."""
    found = [
        *_never_introduced(script),
        *spelt_twice_remarks(script),
        *_silent(script),
        *_cannot_be_said(script, scenes, shots),
        *_without_time(script, scenes),
        *_length(shots),
        *_no_hook(shots),
    ]
    return sorted(found, key=lambda one: (one.line, one.kind, one.text))


def _bodies(script: Screenplay) -> list[str]:
    """The names of those who have a name and a body."""
    names = (one.name for one in script.characters)
    return [name for name in names if not is_narrator(name) and not is_group(name) and not is_extra(name)]


def _never_introduced(script: Screenplay) -> Iterator[Remark]:
    """Somebody speaks whom no list, description or action has named before."""
    names = _bodies(script)
    mentions = Mentions(names)
    named: set[str] = set()
    waiting = set(names)
    for element in script.elements:
        if element.type == "line":
            who = element.character
            if who in waiting and who not in named:
                yield Remark(
                    "never-introduced",
                    f"{who} speaks without being introduced: no list and no action names them before",
                    element.first,
                )
            waiting.discard(who)
        elif element.type in (
            "cast",
            "action",
            "synopsis",
            "heading",
            "section",
            "title",
            "note",
            "parenthetical",
        ):
            text = f"{element.text} {element.note}"
            named.update(one.name for one in mentions.find(text))
            named.update(name for name in waiting if len(name) == 1 and name in text)


def spelt_twice_remarks(script: Screenplay) -> Iterator[Remark]:
    """Two speakers' names that are probably one person's."""
    listed = {
        name
        for name in _bodies(script)
        if any(one.type == "cast" and same_key(name) in same_key(one.text) for one in script.elements)
    }
    lines = {one.name: one for one in script.characters if one.lines}
    for rare, often, why in spelt_twice({n: lines[n].lines for n in _bodies(script) if n in lines}, listed):
        yield Remark(
            "spelt-twice",
            f"{rare} ({lines[rare].lines} lines) may be {often} ({lines[often].lines} lines): {why}; "
            "write one name, or give both an entry in the list of people",
            lines[rare].first,
        )


def _silent(script: Screenplay) -> Iterator[Remark]:
    bodies = set(_bodies(script))
    for one in script.characters:
        if not one.lines and one.name in bodies:
            yield Remark("silent", f"{one.name} is introduced but never speaks", one.first)


def _cannot_be_said(
    script: Screenplay, scenes: Sequence[SceneParsed], shots: Sequence[Sequence[ShotPlanned]]
) -> Iterator[Remark]:
    """Lines that take longer than the time planned for them, or longer than anybody listens."""
    for scene, own in zip(scenes, shots, strict=True):
        stated = _stated_ms(scene.heading)
        needs = sum(spoken_ms(one.text, script.language) for one in scene.elements if one.type == "line")
        if stated and needs * TIGHT > stated * 100:
            yield Remark(
                "too-long",
                f"the words of this scene take about {needs / 1000:.0f} s to say; its heading plans "
                f"{stated / 1000:.0f} s",
                scene.first,
                scene.scene,
            )
        planned: dict[str, int] = {}
        for shot in own:
            words = {line.line: spoken_ms(line.text, script.language) for line in shot.lines}
            for line in shot.lines:
                share = shot.duration_ms - sum(ms for name, ms in words.items() if name != line.line)
                base = line.line.rstrip("abcdefghijklmnopqrstuvwxyz")
                planned[base] = planned.get(base, 0) + share
        for element in scene.elements:
            if element.type != "line":
                continue
            ms = spoken_ms(element.text, script.language)
            if planned.get(element.line, ms) * 100 < ms * TIGHT:
                have = planned[element.line] / 1000
                said = f"takes about {ms / 1000:.1f} s to say, and {have:.1f} s are planned for it"
            elif ms > SPEECH_MS:
                said = (
                    f"takes about {ms / 1000:.0f} s to say in one go; part it, or let something happen in it"
                )
            else:
                continue
            what = f"{element.line}, {element.character}: {element.text[:30]!r} {said}"
            yield Remark("too-long", what, element.first, scene.scene)


_STATED = re.compile(r"(?<!\d)(\d{1,3})\s*(?:秒|s\b|sec\b|seconds?\b)", re.IGNORECASE)


def _stated_ms(heading: str) -> int:
    """The time that a heading itself plans (`1-1 日 内 茶馆（15秒）`) in ms; 0 for none."""
    found = _STATED.search(heading)
    return int(found[1]) * 1000 if found else 0


def _without_time(script: Screenplay, scenes: Sequence[SceneParsed]) -> Iterator[Remark]:
    for scene in scenes:
        chinese = not FOUNTAIN_HEADING.match(scene.heading) and heading_of(scene.heading)
        said = chinese or read_heading(scene.heading)
        if not said.has_time and GOES_ON.search(scene.heading) is None:
            yield Remark(
                "no-time",
                f"the heading {scene.heading[:60]!r} does not say when; it is taken as {scene.time}",
                scene.first,
                scene.scene,
            )


def _length(shots: Sequence[Sequence[ShotPlanned]]) -> Iterator[Remark]:
    ms = sum(shot.duration_ms for own in shots for shot in own)
    if ms < SHORTEST_MS or ms > LONGEST_MS:
        side = "under" if ms < SHORTEST_MS else "over"
        limit = SHORTEST_MS if ms < SHORTEST_MS else LONGEST_MS
        yield Remark(
            "length",
            f"the episode lasts about {ms / 1000:.0f} s, {side} the {limit // 1000} s of a short drama",
        )


def _no_hook(shots: Sequence[Sequence[ShotPlanned]]) -> Iterator[Remark]:
    """Nothing that holds a viewer happens before the first seconds are over."""
    at = 0
    first: ShotPlanned | None = None
    for shot in (shot for own in shots for shot in own):
        if at >= HOOK_MS:
            break
        first = first or shot
        if _hooks(shot):
            return
        at += shot.duration_ms
    if first is not None:
        yield Remark(
            "no-hook",
            f"no line, no conflict and nothing new in the first {HOOK_MS // 1000} s: viewers scroll on; "
            "begin with a line, a strong feeling, or a thing that raises a question",
            first.first,
            first.scene,
        )


def _hooks(shot: ShotPlanned) -> bool:
    felt = any(one.expression in _FELT for one in shot.on_screen)
    things = bool(set(shot.objects) - tone.SCENERY) and tone.HANDLES.has(shot.action)
    return bool(shot.lines) or felt or things or shot.beat in ("turn", "reveal") or tone.is_fight(shot.action)
