"""Directs each line, has it spoken, and times the mouth that says it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from ...core.episode import Episode
from ...core.hooks import hookimpl
from ...core.naming import character_of
from ...core.routing import candidates
from ...events.calls import (
    AnswerRejected,
    ChatRequested,
    ChatReturned,
    SpeechRequested,
    SpeechReturned,
    TranscriptionRequested,
    TranscriptionReturned,
)
from ...events.cast import CastSettled, Voice
from ...events.dialogue import LineDirected, LineVoiced, MouthTimed, Phoneme
from ...events.record import Record
from ...events.scenes import MouthCue
from ...events.script import SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from .acting import directed, language_of
from .heard import heard_letters
from .lipreading import articulated, guessed_phonemes, lettered_phonemes, sane_phonemes
from .planned import cast_awaited, scenes_in_order, settled
from .writing.asking import DIRECTION, Task, may_ask, question_of, routed, subject_of, take_in

decisions = 3

PURPOSE = "line"
MOUTH = "mouth"


@hookimpl
def on_shot_list_settled(event: ShotListSettled, episode: Episode) -> Iterator[LineDirected | ChatRequested]:
    """Directs every line in story order, or asks a chat model to, once the cast has its voices."""
    if event.revision == episode.revision and not cast_awaited(episode):
        yield from _direct(episode)


@hookimpl
def on_cast_settled(event: CastSettled, episode: Episode) -> Iterator[LineDirected | ChatRequested]:
    """Directs the lines that waited for the voices of the cast."""
    if event.revision == episode.revision and settled(episode):
        yield from _direct(episode)


def _direct(episode: Episode) -> Iterator[LineDirected | ChatRequested]:
    """Each scene's directions; a line that already stands directed so is left alone."""
    ask = may_ask(episode)
    for scene, shots in scenes_in_order(episode).items():
        if not any(shot.lines for shot in shots):
            continue
        if ask:
            task = _task(scene, shots, episode)
            if routed(episode, task):
                yield from task.open(episode)
                yield from _directed(task, episode)
                continue
        for shot in shots:
            for line in shot.lines:
                wanted = directed(shot, line)
                if episode.last(LineDirected, line.line) != wanted:
                    yield wanted


def _task(scene: str, shots: list[ShotPlanned], episode: Episode) -> Task[tuple[LineDirected, ...]]:
    from .writing.directing import direction_task

    parsed = episode.last(ScriptParsed)
    language = parsed.language if parsed is not None else "en"
    return direction_task(scene, shots, episode.last(SceneParsed, scene), language)


def _directed(task: Task[tuple[LineDirected, ...]], episode: Episode) -> Iterator[LineDirected]:
    """What a chat model answered about a scene, when all of it is there."""
    for part in task.answers(episode) or ():
        for wanted in part:
            if episode.last(LineDirected, wanted.line) != wanted:
                yield wanted


@hookimpl
def on_chat_returned(
    event: ChatReturned, record: Record, episode: Episode
) -> Iterator[LineDirected | ChatRequested | AnswerRejected]:
    """The scene's directions by a chat model, when all of its answers are in and can be used."""
    asked = question_of(event, episode, DIRECTION)
    if asked is None:
        return
    scene = subject_of(asked.event)
    shots = scenes_in_order(episode).get(scene, [])
    if any(shot.lines for shot in shots):
        task = _task(scene, shots, episode)
        yield from take_in(task, asked, record, episode, lambda: _directed(task, episode))


@hookimpl
def on_line_directed(event: LineDirected, episode: Episode) -> Iterator[SpeechRequested]:
    """Asks for the line's voice: the cast's, or for a voice without a cast entry one chosen by its name."""
    if event.revision != episode.revision:
        return
    parsed = episode.last(ScriptParsed)
    known = character_of(episode, event.character)
    earlier = episode.last(SpeechRequested, event.line, PURPOSE)
    yield SpeechRequested(
        revision=event.revision,
        subject=event.line,
        purpose=PURPOSE,
        # Not below an earlier take's: the highest take counts, so a lower one would never be heard.
        take=1 if earlier is None else earlier.take,
        text=event.text,
        language=language_of(event.text, parsed.language if parsed is not None else "en"),
        voice=known.voice if known is not None else voice_of_stranger(event.character),
        direction=event.direction,
        traits={
            "characters": event.character,
            "words": str(_words(event.text)),
            "tone": event.direction.tone,
        },
    )


@hookimpl
def on_speech_returned(event: SpeechReturned, episode: Episode) -> Iterator[LineVoiced]:
    """The line has its voice, if it is a line's and still says what the line says."""
    if event.revision != episode.revision:
        return
    directed = episode.last(LineDirected, event.subject)
    asked = episode.record(event.request)
    if directed is None:
        return
    if asked is not None and isinstance(asked.event, SpeechRequested):
        wanted = asked.event
        # An answer to an older wording arrives late: the newer request's own answer will come.
        if wanted.purpose != PURPOSE or (wanted.text, wanted.direction) != (
            directed.text,
            directed.direction,
        ):
            return
    yield LineVoiced(
        revision=event.revision,
        take=event.take,
        line=directed.line,
        shot=directed.shot,
        character=directed.character,
        text=directed.text,
        audio=event.audio,
        duration_ms=max(0, event.duration_ms),
        phonemes=event.phonemes,
        letters=event.letters,
    )


@hookimpl
def on_line_voiced(event: LineVoiced, episode: Episode) -> Iterator[MouthTimed | TranscriptionRequested]:
    """Times the mouth from the voice's phonemes, else from its letters, else from its words and length.

    With letters the times are the voice's and the shapes are guessed by the spelling. The last is a guess
    altogether: it opens and closes as often as the text has syllables, not when they sound. So where a model
    is routed that hears when words sound, it is asked, and the mouth waits for it.
    """
    if event.revision != episode.revision:
        return
    phonemes = sane_phonemes(event.phonemes, event.duration_ms)
    if not phonemes:
        phonemes = lettered_phonemes(event.letters, event.duration_ms)
    if not phonemes:
        phonemes = guessed_phonemes(event.text, event.duration_ms)
        wanted = _hearing_of(event)
        if phonemes and _may_hear(wanted, episode):
            yield wanted
            return
    yield _mouth(event, phonemes)


def _hearing_of(voiced: LineVoiced) -> TranscriptionRequested:
    language = language_of(voiced.text, "en")
    return TranscriptionRequested(
        revision=voiced.revision,
        subject=voiced.line,
        purpose=MOUTH,
        take=voiced.take,
        audio=voiced.audio,
        duration_ms=voiced.duration_ms,
        language=language,
        text=voiced.text,
        traits={
            "characters": voiced.character,
            "words": str(_words(voiced.text)),
            "language": language,
        },
    )


def _may_hear(wanted: TranscriptionRequested, episode: Episode) -> bool:
    """Whether the recorded settings send a voice to a model that hears when its words sound."""
    if episode.settings_artifact is None:
        return False
    return bool(candidates(episode.settings, "transcription", wanted))


@hookimpl
def on_transcription_returned(event: TranscriptionReturned, episode: Episode) -> Iterator[MouthTimed]:
    """Times the mouth from the words as they were heard, else from the line's words and length.

    The words stay the script's: what was heard only says when each of them sounds.
    """
    if event.revision != episode.revision:
        return
    asked = episode.last_record(TranscriptionRequested, event.subject, MOUTH)
    if asked is None or asked.position != event.request:
        return  # the voice is another by now, and what was heard in it will come
    voiced = episode.last(LineVoiced, event.subject)
    if voiced is None or (voiced.audio, voiced.text) != (asked.event.audio, asked.event.text):
        return
    timed = episode.last_record(MouthTimed, event.subject)
    if timed is not None and timed.position > asked.position:
        return  # it was answered: this came late, from a call that was in doubt
    letters = heard_letters(voiced.text, event.words, voiced.duration_ms)
    phonemes = lettered_phonemes(letters, voiced.duration_ms)
    yield _mouth(voiced, phonemes or guessed_phonemes(voiced.text, voiced.duration_ms))


def _mouth(voiced: LineVoiced, phonemes: Sequence[Phoneme]) -> MouthTimed:
    from ..media.visemes import mouth_cues

    moving = articulated(phonemes, language_of(voiced.text, "en"))
    return MouthTimed(
        revision=voiced.revision,
        take=voiced.take,
        line=voiced.line,
        character=voiced.character,
        duration_ms=voiced.duration_ms,
        cues=tuple(MouthCue(start, shape) for start, shape in mouth_cues(moving, voiced.duration_ms)),
    )


def voice_of_stranger(name: str) -> Voice:
    """The voice of a speaker whom nobody cast: always the same for the same name."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return Voice(
        gender="female" if digest[0] % 2 else "male",
        timbre=digest[1] % 8,
        pitch=40 + digest[2] % 21,
        rate=95 + digest[3] % 11,
    )


def _words(text: str) -> int:
    """How much there is to say: words, and each sign of Chinese as one."""
    wide = sum(1 for sign in text if ord(sign) > 0x2E7F)
    return wide + len("".join(" " if ord(sign) > 0x2E7F else sign for sign in text).split())
