"""Transcription by OpenAI's protocol: a voice goes out, its words come back with their times."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ....events.calls import CallFailed, TranscriptionRequested, TranscriptionReturned
from ....events.dialogue import Word
from ..calling.bills import bill_of, count_of, numbers_in
from ..calling.chat import unsendable
from ..calling.classify import json_of
from ..calling.media_out import sound_out
from ..calling.models import Model
from ..calling.outcomes import failed, malformed
from ..calling.pictures import BadMedia
from ..calling.sending import Line
from ..calling.transport import Ask
from ..calling.verdicts import Kind

__all__ = ["transcription", "units_in", "words_in"]

MOST_BYTES = 25_000_000
MOST_WORDS = 4000
MOST_TEXT = 100_000
_ENDINGS = {"audio/wav": "wav", "audio/mpeg": "mp3"}
# The vendor's newer models write down words without times: they take no `verbose_json`.
_UNTIMED = re.compile(r"gpt-(.+-)?transcribe(-.+)?")


def transcription(
    event: TranscriptionRequested, line: Line, model: Model, base: str, secret: Mapping[str, str]
) -> Iterator[TranscriptionReturned | CallFailed]:
    """Has the sound written down and yields what came. Raises UnknownOutcome."""
    desk = line.desk
    if _UNTIMED.fullmatch(model.name):
        yield unsendable(
            line, f"{model.name} does not say when words sound; route transcription to whisper-1, or to none"
        )
        return
    if event.audio.size > MOST_BYTES:
        yield unsendable(line, f"a sound of {event.audio.size} bytes, more than {MOST_BYTES}")
        return
    try:
        sound = sound_out(desk.artifacts.read(event.audio))
    except BadMedia as error:
        yield unsendable(line, f"the sound cannot be sent: {error}")
        return
    fields = [
        ("model", model.name),
        ("response_format", "verbose_json"),
        ("timestamp_granularities[]", "word"),
    ]
    if event.language:
        fields.append(("language", event.language))
    # The vendor tells the kind of a file by its name.
    file = ("file", (f"line.{_ENDINGS[sound.media]}", sound.data, sound.media))
    accept = {"Accept": "application/json"}
    reply = line.call(
        Ask("POST", f"{base}/audio/transcriptions", secret, accept, form=tuple(fields), files=(file,))
    )
    body = json_of(reply.answer)
    usage = body.get("usage") if isinstance(body, dict) else None
    units, told = units_in(usage), numbers_in(usage) or None
    if reply.verdict.kind is not Kind.OK:
        yield failed(desk, reply, bill=bill_of(desk, reply, told, units) if units is not None else None)
        return
    bill = bill_of(desk, reply, told, units)
    text = body.get("text") if isinstance(body, dict) else None
    words = words_in(body.get("words"), sound.duration_ms) if isinstance(body, dict) else None
    if not isinstance(text, str) or len(text) > MOST_TEXT or words is None:
        yield malformed(desk, reply, f"{line.vendor.name}: no words with times in the answer", bill)
        return
    yield TranscriptionReturned(text=text, words=words, duration_ms=sound.duration_ms, bill=bill)


def words_in(given: Any, duration_ms: int) -> tuple[Word, ...] | None:
    """The words of an answer in order, their times in ms inside the sound and none before the last.

    A word that begins when the sound has ended was not heard in it, and is left out. None for what is no list
    of words with times.
    """
    if not isinstance(given, list) or len(given) > MOST_WORDS:
        return None
    found: list[Word] = []
    last = 0
    for one in given:
        if not isinstance(one, dict):
            return None
        text, start, end = one.get("word"), _ms(one.get("start")), _ms(one.get("end"))
        if not isinstance(text, str) or len(text) > 200 or start is None or end is None:
            return None
        last = max(last, start)
        if last < duration_ms:
            found.append(Word(last, min(max(last, end), duration_ms), text))
    return tuple(found)


def units_in(usage: Any) -> dict[str, int] | None:
    """What was used in the units of prices: seconds or tokens; None where it is not reported."""
    if not isinstance(usage, dict):
        return None
    if usage.get("type") == "duration":
        lasted = _ms(usage.get("seconds"))
        return None if lasted is None else {"second": -(-lasted // 1000)}
    given, made = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
    return None if given is None or made is None else {"input_token": given, "output_token": made}


def _ms(seconds: Any) -> int | None:
    """Seconds as milliseconds; None for what is no time from 0 to a day."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        return None
    return round(seconds * 1000) if 0 <= seconds <= 86_400 else None
