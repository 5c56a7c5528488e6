"""A line spoken with the times of its letters: text-to-speech/{voice}/with-timestamps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from ....events.calls import CallFailed, SpeechRequested, SpeechReturned
from ..calling.bills import bill_of
from ..calling.chat import unsendable
from ..calling.classify import json_of
from ..calling.media_out import bytes_from_base64, wav_of_pcm
from ..calling.models import Model
from ..calling.outcomes import failed, malformed
from ..calling.pictures import BadMedia, sniff
from ..calling.sending import Line, Reply
from ..calling.transport import Ask
from ..calling.verdicts import Kind
from .alignment import letters_of, sounding_ms
from .catalogue import most_characters, takes_language
from .voices import voice_for

if TYPE_CHECKING:
    from ....events.calls import Bill
    from . import ElevenLabsSettings

__all__ = ["speech", "speech_body"]

_SLOWEST, _FASTEST = 0.7, 1.2  # what the vendor takes


def speech_body(
    event: SpeechRequested, model: Model, settings: ElevenLabsSettings, key: str
) -> dict[str, Any]:
    """The body of a call. The seed follows from the call's `key`, so that another take sounds different.

    `previous_text` and `next_text` are not sent: a request does not know what stands around its line.
    """
    body: dict[str, Any] = {
        "text": event.text,
        "model_id": model.name,
        "seed": int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big"),
    }
    if event.language and takes_language(model.name):
        body["language_code"] = event.language
    tuned: dict[str, Any] = {
        name: value
        for name in ("stability", "similarity_boost", "style")
        if (value := getattr(settings, name)) is not None
    }
    speed = round(min(_FASTEST, max(_SLOWEST, event.voice.rate * event.direction.pace / 10_000)), 3)
    if speed != 1.0:
        tuned["speed"] = speed
    if tuned:
        body["voice_settings"] = tuned
    return body


def speech(
    event: SpeechRequested,
    line: Line,
    model: Model,
    base: str,
    secret: Mapping[str, str],
    settings: ElevenLabsSettings,
    voices: Mapping[str, tuple[str, ...]],
) -> Iterator[SpeechReturned | CallFailed]:
    """Has the line spoken and yields what came. Raises UnknownOutcome."""
    desk = line.desk
    most = most_characters(model.name)
    if len(event.text) > most:
        yield unsendable(line, f"a line of {len(event.text)} characters, more than {most}")
        return
    voice = quote(voice_for(event.voice, voices), safe="")
    url = f"{base}/text-to-speech/{voice}/with-timestamps?output_format={settings.output_format}"
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    body = speech_body(event, model, settings, desk.key)
    reply = line.call(Ask("POST", url, secret, headers, orjson.dumps(body)))
    if reply.verdict.kind is not Kind.OK:
        yield failed(desk, reply)
        return
    bill = _bill(line, reply, len(event.text))
    given = json_of(reply.answer)
    rate = int(settings.output_format.removeprefix("pcm_"))
    try:
        if not isinstance(given, dict):
            raise BadMedia(f"the body is no JSON object ({reply.answer.media or 'no content type'})")
        pcm = _pcm(bytes_from_base64(given.get("audio_base64")))
    except BadMedia as error:
        yield malformed(desk, reply, f"{line.vendor.name}: {error}", bill)
        return
    duration = round(len(pcm) // 2 * 1000 / rate)
    yield SpeechReturned(
        audio=desk.artifacts.put(wav_of_pcm(pcm, rate), "audio/wav"),
        duration_ms=duration,
        letters=letters_of(given.get("alignment"), event.text, sounding_ms(pcm, rate), duration),
        bill=bill,
    )


def _pcm(data: bytes) -> bytes:
    """Bare samples, which have no mark by which they could be known; what has one is something else."""
    if len(data) < 2 or len(data) % 2:
        raise BadMedia(f"{len(data)} bytes where 16-bit samples should be")
    kind = sniff(data)
    # Quiet samples can look like the first two bytes of an MPEG frame; a tag or a second frame cannot.
    if kind and (kind != "audio/mpeg" or data[:3] == b"ID3" or _is_mpeg(data)):
        raise BadMedia(f"{kind} instead of bare samples")
    return data


def _is_mpeg(data: bytes) -> bool:
    from ..calling.media_out import mp3_ms

    try:
        return mp3_ms(data) > 0 and data[:2] in (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")
    except BadMedia:
        return False


def _bill(line: Line, reply: Reply, characters: int) -> Bill:
    """By the characters of the text, as the price list counts; what the vendor tells of it is kept beside."""
    usage = {"character": characters}
    told = reply.answer.headers.get("character-cost", "")
    if told.isdecimal() and len(told) < 10:
        usage["character-cost"] = int(told)
    return bill_of(line.desk, reply, usage, {"character": characters})
