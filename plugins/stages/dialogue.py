"""Directs each line, has it spoken, and times the mouth that says it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ...core.episode import Episode
from ...core.hooks import hookimpl
from ...events.calls import SpeechRequested, SpeechReturned
from ...events.cast import Voice
from ...events.dialogue import LineDirected, LineVoiced, MouthTimed
from ...events.scenes import MouthCue
from ...events.script import ScriptParsed, ShotListSettled
from .acting import direction_of, language_of
from .lipreading import articulated, guessed_phonemes, sane_phonemes
from .planned import shots_in_order

decisions = 1

PURPOSE = "line"


@hookimpl
def on_shot_list_settled(event: ShotListSettled, episode: Episode) -> Iterator[LineDirected]:
    """Directs every line in story order; a line that already stands directed so is left alone."""
    if event.revision != episode.revision:
        return
    for shot in shots_in_order(episode):
        for line in shot.lines:
            directed = LineDirected(
                revision=event.revision,
                line=line.line,
                shot=shot.shot,
                character=line.character,
                text=line.text,
                direction=direction_of(line.note, line.text, line.how, shot.mood),
            )
            if episode.last(LineDirected, line.line) != directed:
                yield directed


@hookimpl
def on_line_directed(event: LineDirected, episode: Episode) -> Iterator[SpeechRequested]:
    """Asks for the line's voice: the cast's, or for a voice without a cast entry one chosen by its name."""
    if event.revision != episode.revision:
        return
    parsed = episode.last(ScriptParsed)
    known = episode.cast.get(event.character)
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
    )


@hookimpl
def on_line_voiced(event: LineVoiced, episode: Episode) -> Iterator[MouthTimed]:
    """Times the mouth from the voice's phonemes; where the voice gives none, from its words and length.

    The second is a guess: it opens and closes as often as the text has syllables, not when they sound.
    """
    from ..media.visemes import mouth_cues

    if event.revision != episode.revision:
        return
    phonemes = sane_phonemes(event.phonemes, event.duration_ms)
    if not phonemes:
        phonemes = guessed_phonemes(event.text, event.duration_ms)
    moving = articulated(phonemes, language_of(event.text, "en"))
    yield MouthTimed(
        revision=event.revision,
        take=event.take,
        line=event.line,
        character=event.character,
        duration_ms=event.duration_ms,
        cues=tuple(MouthCue(start, shape) for start, shape in mouth_cues(moving, event.duration_ms)),
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
