"""A scene as a director reads it: what happens and what is said, one beat after the other."""

from __future__ import annotations

import re

from attrs import evolve, frozen

from ....events.script import Element, Line, SceneParsed
from ...media.speech_rate import spoken_ms
from . import tone
from .gender import gender_of, pronoun_gender
from .names import Mentions, is_group, is_narrator, members
from .phrases import parts_of_line, sentences, suffix

__all__ = ["Act", "Beat", "Look", "Say", "beats_of", "visible"]

MAX_ACTS = 6  # shots that one paragraph of action may become
_SHORT = 14  # half-widths; `Rain.` and `Silence.` are no shot of their own
_HIS = re.compile(r"(?:her|his|their)\b|[她他]的", re.IGNORECASE)


@frozen
class Act:
    """A piece of action. `subject` acts ("" = nobody named), `seen` are others in it, in its order."""

    text: str
    subject: str
    seen: tuple[str, ...]
    first: int
    last: int
    bare: str  # the text without names

    @property
    def objects(self) -> tuple[str, ...]:
        """The props it names."""
        return tone.objects_of(self.bare)


@frozen
class Look:
    """Somebody reacts without a word: `（沉默）`, `……`."""

    who: str
    note: str
    first: int
    last: int


@frozen
class Say:
    """A line, or the part of one that fits a shot; `part` counts from 0, `parts` says how many there are."""

    line: Line
    ms: int
    intensity: int
    first: int
    last: int
    part: int = 0
    parts: int = 1

    @property
    def heard_only(self) -> bool:
        """Whether no lips move for it."""
        return self.line.how != "spoken"

    @property
    def bodiless(self) -> bool:
        """Whether nobody can be shown saying it: a narrator, or a crowd."""
        return is_narrator(self.line.character) or is_group(self.line.character)

    @property
    def together(self) -> tuple[str, ...]:
        """Who says it at once, for a line of several by name; () for any other."""
        names = members(self.line.character)
        return names if len(names) > 1 else ()


Beat = Act | Look | Say


def beats_of(scene: SceneParsed, mentions: Mentions) -> list[Beat]:
    """All beats of a scene in order; every line is in exactly one Say, or in the consecutive parts of one."""
    beats: list[Beat] = []
    recent: list[str] = []  # who acted or spoke, the last one last
    for element in scene.elements:
        if element.type in ("action", "heading"):
            text = element.text if element.type == "action" else element.note
            beats += _acts(text, element, mentions, recent)
        elif element.type == "parenthetical" and element.character:
            beats.append(Look(element.character, element.note, element.first, element.last))
        elif element.type == "line":
            beats += _says(element, scene.language)
            recent.append(element.character)
    return beats


def _meant(sentence: str, recent: list[str], before: int) -> str:
    """Whom a pronoun that stands before any name means: who acted or spoke last and can be a she or a he."""
    head = sentence[:before]
    wanted = pronoun_gender(head)
    if not wanted and not _HIS.match(head):
        return ""
    wanted = wanted or ("female" if head[:3].lower() == "her" or head[:1] == "她" else "male")
    for name in reversed(recent):
        if gender_of(name)[0] in ("", wanted):
            return name
    return recent[-1] if recent else ""


def _width(text: str) -> int:
    return sum(2 if char >= "\u2e80" else 1 for char in text)


def _acts(text: str, element: Element, mentions: Mentions, recent: list[str]) -> list[Act]:
    acts: list[Act] = []
    for sentence in sentences(text):
        found = [one for one in mentions.find(sentence) if one.present]
        names = list(dict.fromkeys(one.name for one in found))
        meant = _meant(sentence, recent, found[0].start if found else len(sentence))
        if meant:
            names = [meant, *(name for name in names if name != meant)]
        act = Act(
            sentence, names[0] if names else "", tuple(names[1:]), element.first, element.last,
            tone.untangle(mentions.strip(sentence)),
        )  # fmt: skip
        recent += names[:1]
        last = acts[-1] if acts else None
        if last and (
            len(acts) >= MAX_ACTS
            or (not last.subject and _width(last.text) < _SHORT)
            or (not act.subject and _width(act.text) < _SHORT and not act.objects)
        ):
            acts[-1] = _merge(last, act)
        else:
            acts.append(act)
    return acts


def _merge(one: Act, two: Act) -> Act:
    glue = "" if one.text[-1] >= "\u2e80" else " "
    names = [name for name in dict.fromkeys((one.subject, *one.seen, two.subject, *two.seen)) if name]
    return evolve(
        one,
        text=f"{one.text}{glue}{two.text}",
        bare=f"{one.bare} {two.bare}",
        subject=names[0] if names else "",
        seen=tuple(names[1:]),
    )


def _says(element: Element, language: str) -> list[Say]:
    parts = parts_of_line(element.text, language)
    says = []
    for number, part in enumerate(parts):
        name = element.line if len(parts) == 1 else element.line + suffix(number)
        line = Line(name, element.character, part, element.note, element.how)
        strength = tone.intensity_of(part, element.note)
        says.append(
            Say(line, spoken_ms(part, language), strength, element.first, element.last, number, len(parts))
        )
    return says


def visible(beats: list[Beat]) -> list[str]:
    """Who is ever seen in the scene, in order of appearance: who acts, thinks, or speaks with moving lips."""
    found: dict[str, None] = {}
    for beat in beats:
        if isinstance(beat, Act):
            found.update((name, None) for name in (beat.subject, *beat.seen) if name)
        elif isinstance(beat, Look):
            found[beat.who] = None
        elif not beat.heard_only or beat.line.how == "inner":
            found.update((name, None) for name in members(beat.line.character))
    return [name for name in found if not is_narrator(name) and not is_group(name)]
