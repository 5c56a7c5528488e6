"""Why a record stands in the log: its causes, one after the other, down to what a person did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..events.codec import BadBody
from ..events.record import Record, Unknown
from .budget import dollars
from .errors import WrongUse
from .log import Log

__all__ = ["causes_of", "in_words", "subject_in", "subject_of"]

_SUBJECTS = ("subject", "shot", "scene", "line", "character", "hold", "plugin", "name", "check")
_LONGEST = 160


def causes_of(log: Log, position: int) -> list[Record]:
    """The record at a position, its cause, that one's cause, and so on to the root.

    Raises WrongUse when there is no such position.
    """
    record = log.at(position)
    if record is None:
        raise WrongUse(f"the log has no position {position}; its last one is {log.head}")
    found = [record]
    while record.cause is not None and record.cause < record.position:
        before = log.at(record.cause)
        if before is None:
            break
        record = before
        found.append(record)
    return found


def subject_of(log: Log, record: Record) -> str:
    """What a record is about, in a few characters; "" for what is about the whole episode."""
    try:
        event = record.event
    except BadBody:
        return "?"
    if isinstance(event, Unknown):
        return subject_in(event.body)
    names = log.codec.spec(type(event)).subject
    if not names:
        names = tuple(name for name in _SUBJECTS if isinstance(getattr(event, name, None), str))[:1]
    return "/".join(str(getattr(event, name)) for name in names)[:80]


def subject_in(body: Any) -> str:
    """What a plain body is about, as far as its fields' names tell; "" where they do not."""
    if not isinstance(body, Mapping):
        return ""
    values = [body[name] for name in _SUBJECTS if isinstance(body.get(name), str)]
    return str(values[0])[:80] if values else ""


def in_words(log: Log, record: Record) -> str:
    """One record as a sentence: what it says, and who said it."""
    try:
        event = record.event
    except BadBody as error:
        return f"{record.kind}: {error}"
    say = _WORDS.get(record.kind)
    if say is not None and not isinstance(event, Unknown):
        return say(event)
    subject = subject_of(log, record)
    words = record.kind.replace("_", " ")
    return f"{words}: {subject}" if subject else words


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _lines(event: Any) -> str:
    if event.first == event.last:
        return f"source line {event.first}"
    return f"source lines {event.first} to {event.last}"


def _asked(what: str) -> Callable[[Any], str]:
    return lambda event: f"{what} was wanted for {event.subject} ({event.purpose}, take {event.take})"


def _came(what: str) -> Callable[[Any], str]:
    def say(event: Any) -> str:
        if event.reused_from is not None:
            return f"{what} for {event.subject} was taken from position {event.reused_from}, for nothing"
        return f"{what} for {event.subject} came from {event.route}, cost {dollars(event.bill.cost)}"

    return say


def _measured(event: Any) -> str:
    """`character.appearance of S02-03 failed at 0.58 > 0.5: ...`"""
    about = "" if event.subject in ("", "episode") else f" of {event.subject}"
    return f"{event.check}{about} {event.verdict}{_number(event)}: {_short(event.why)}"


def _number(event: Any) -> str:
    if event.value is None:
        return ""
    unit = f" {event.unit}" if event.unit else ""
    if event.limit is None:
        return f" at {event.value:g}{unit}"
    sign = ">" if event.value > event.limit else "<" if event.value < event.limit else "="
    return f" at {event.value:g} {sign} {event.limit:g}{unit}"


def _repair(event: Any) -> str:
    """`take 2 of S02-03 was asked for (attempt 1), since character.appearance said: ...`"""
    take = getattr(event, "take", 0)
    what = f"take {take} of {event.subject}" if take else f"a repair of {event.subject}"
    return f"{what} was asked for (attempt {event.attempt}), since {event.check} said: {_short(event.why)}"


_WORDS: dict[str, Callable[[Any], str]] = {
    "studio_opened": lambda e: "the log began",
    "episode_opened": lambda e: f"a person handed in {e.file}, which opened the episode",
    "episode_revised": lambda e: f"a person handed in {e.file} again: revision {e.revision}, since {e.why}",
    "settings_changed": lambda e: "a person changed settings that decide nothing already decided",
    "budget_raised": lambda e: f"{e.who} raised the cap for the {e.scope} to {dollars(e.cap)}",
    "script_parsed": lambda e: f"the script was read: {e.scenes} scenes, {e.lines} lines, {e.language}",
    "scene_parsed": lambda e: f"scene {e.scene} was read ({_lines(e)})",
    "shot_planned": lambda e: f"shot {e.shot} was planned: {e.size}, {e.move}, {_lines(e)}",
    "shot_list_settled": lambda e: f"all scenes were broken down: {e.shots} shots, {e.lines} lines",
    "character_cast": lambda e: f"{e.character} was cast: {_short(e.why)}",
    "character_changed": lambda e: f"{e.character} was changed: {_short(e.why)}",
    "line_directed": lambda e: f"line {e.line} of {e.character} was directed ({e.direction.tone or 'plain'})",
    "line_voiced": lambda e: f"line {e.line} of {e.character} was spoken, {e.duration_ms} ms",
    "mouth_timed": lambda e: f"the mouth for line {e.line} was timed",
    "chat_requested": _asked("words"),
    "image_requested": _asked("a picture"),
    "video_requested": _asked("a clip"),
    "speech_requested": _asked("a voice"),
    "transcription_requested": _asked("a transcription"),
    "lipsync_requested": _asked("lip-sync"),
    "chat_returned": _came("words"),
    "image_returned": _came("the picture"),
    "video_returned": _came("the clip"),
    "speech_returned": _came("the voice"),
    "transcription_returned": _came("the transcription"),
    "lipsync_returned": _came("the lip-synced clip"),
    "video_submitted": lambda e: f"{e.route} accepted the job {e.job} for {e.subject}",
    "call_admitted": lambda e: (
        f"the call for {e.subject} was let go to {e.route} ({e.reason}: {e.rule}), "
        f"at most {dollars(e.ceiling)}"
    ),
    "call_refused": lambda e: f"the call was refused: {_short(e.why)}",
    "answer_rejected": lambda e: f"the answer of {e.route} for {e.subject} cannot be used: {_short(e.why)}",
    "call_failed": lambda e: f"the call to {e.route} for {e.subject} failed: {_short(e.why)}",
    "call_doubted": lambda e: f"nobody knows what became of the call to {e.route}: {_short(e.why)}",
    "doubt_settled": lambda e: f"the doubt was settled by {e.who}: {e.settled}",
    "request_withdrawn": lambda e: f"the request was withdrawn: {_short(e.why)}",
    "take_kept": lambda e: f"take {e.take} of {e.shot} was kept of {e.among}: {_short(e.why)}",
    "episode_forked": lambda e: f"a person forked {e.source} at position {e.at}",
    "studio_moved": lambda e: "the studio went on in another place",
    "take_chosen": lambda e: f"take {e.take} was chosen for {e.shot}: {e.frames} frames at {e.fps} a second",
    "shot_rendered": lambda e: (
        f"{e.shot} was rendered, {e.frames} frames"
        if e.reused_from is None
        else f"the rendering of {e.shot} was taken from position {e.reused_from}"
    ),
    "scene_assembled": lambda e: f"all {len(e.shots)} shots of {e.scene} were rendered",
    "cut_requested": lambda e: f"the cut was planned: {len(e.segments)} shots, {len(e.lines)} lines",
    "episode_cut": lambda e: f"the film was cut, {e.duration_ms / 1000:.1f} s",
    "quality_planned": lambda e: f"{len(e.checks)} checks were planned",
    "check_measured": lambda e: _measured(e),
    "repair_asked": lambda e: _repair(e),
    "review_given": lambda e: (
        f"{e.who} said {e.verdict} to {e.subject}" + (f": {_short(e.note)}" if e.note else "")
    ),
    "check_waived": lambda e: f"{e.who} let {e.check} pass for {e.subject}: {_short(e.note)}",
    "episode_delivered": lambda e: f"the episode was delivered, {e.duration_ms / 1000:.1f} s",
    "episode_held": lambda e: f"the episode was held ({e.hold}): {_short(e.why)}",
    "episode_released": lambda e: f"the hold {e.hold} ended: {_short(e.why)}",
    "reaction_failed": lambda e: f"{e.plugin}.{e.hook} failed: {_short(e.error)}",
    "effect_failed": lambda e: f"{e.plugin}.{e.hook} failed after {e.attempts} attempts: {_short(e.error)}",
    "hooks_adopted": lambda e: f"{e.plugin} {e.version} answers from position {e.carried + 1} on",
    "hooks_left": lambda e: f"{e.plugin} answered up to position {e.carried}",
    "backfill_asked": lambda e: f"{e.who} asked {e.plugin} to answer what stood here before its time",
    "hooks_backfilled": lambda e: f"{e.plugin} answered what stood here up to position {e.upto}",
    "plugin_waived": lambda e: f"{e.who} went on without the plugin {e.plugin}: {_short(e.note)}",
    "part_opened": lambda e: f"{e.join} waits for the part {e.part}",
    "part_closed": lambda e: f"{e.join} need not wait for the part {e.part} any longer",
    "part_failed": lambda e: f"the part {e.part}, which {e.join} waits for, failed: {_short(e.why)}",
    "part_waived": lambda e: f"{e.who} let {e.join} go on without the part {e.part}: {_short(e.note)}",
    "scene_placed": lambda e: (
        f"a plugin's scene {e.scene} stands {'after ' + e.after if e.after else 'before all others'}"
    ),
}
