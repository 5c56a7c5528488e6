"""Speech by OpenAI's protocol: the words go out with a voice and directions, a WAV comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from ....events.calls import CallFailed, SpeechRequested, SpeechReturned
from ....events.cast import Voice
from ..calling.bills import bill_of
from ..calling.chat import unsendable
from ..calling.media_out import plain_wav
from ..calling.models import Model
from ..calling.outcomes import failed, malformed
from ..calling.pictures import BadMedia
from ..calling.sending import Line
from ..calling.transport import Ask
from ..calling.verdicts import Kind

__all__ = ["speech", "voice_for"]

MOST_CHARACTERS = 4096
# Voices that every speech model of the vendor has.
_VOICES = {
    "female": ("nova", "shimmer", "coral", "sage"),
    "male": ("onyx", "echo", "ash"),
    "neutral": ("alloy", "fable"),
}


def voice_for(voice: Voice) -> str:
    """The vendor's voice for a character's; the same character always has the same."""
    names = _VOICES.get(voice.gender, _VOICES["neutral"])
    return names[voice.timbre % len(names)]


def speech(
    event: SpeechRequested, line: Line, model: Model, base: str, secret: Mapping[str, str]
) -> Iterator[SpeechReturned | CallFailed]:
    """Has the line spoken and yields what came. Raises UnknownOutcome."""
    desk = line.desk
    if len(event.text) > MOST_CHARACTERS:
        yield unsendable(line, f"a line of {len(event.text)} characters, more than {MOST_CHARACTERS}")
        return
    body: dict[str, object] = {
        "model": model.name,
        "input": event.text,
        "voice": voice_for(event.voice),
        "response_format": "wav",
        "speed": min(4.0, max(0.25, event.voice.rate * event.direction.pace / 10_000)),
    }
    if event.direction.tone and not model.name.startswith("tts-1"):
        body["instructions"] = f"Speak in a {event.direction.tone} tone."
    headers = {"Content-Type": "application/json", "Accept": "audio/wav"}
    reply = line.call(Ask("POST", f"{base}/audio/speech", secret, headers, orjson.dumps(body)))
    if reply.verdict.kind is not Kind.OK:
        yield failed(desk, reply)
        return
    try:
        wav, duration = plain_wav(reply.answer.body)
    except BadMedia as error:
        yield malformed(desk, reply, f"{line.vendor.name}: {error}", bill_of(desk, reply, None, None))
        return
    # The vendor reports no usage: what is billed can be counted here, characters or begun seconds.
    counted = {"character": len(event.text), "second": -(-duration // 1000)}
    rates = desk.call.price.rates if desk.call is not None else {}
    units = {unit: amount for unit, amount in counted.items() if unit in rates}
    bill = bill_of(desk, reply, counted, units or None)
    yield SpeechReturned(audio=desk.artifacts.put(wav, "audio/wav"), duration_ms=duration, bill=bill)
