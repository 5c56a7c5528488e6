"""The transcriptions of a loopback vendor that speaks OpenAI's protocol, as strict as the vendor.

Bodies as in openai-openapi@f85dbe2 (spec 2.3.0) and openai-python@e43b4224.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .media import wav_ms
from .server import Asked, Given
from .shapes import ListOf, Obj, Shape, Text, misfits

__all__ = ["transcribed", "written_down"]

TRANSCRIPTION: Shape = Obj(
    {"model": Text()},
    {
        "language": Text(pattern=r"[a-z]{2}"),
        "prompt": Text(),
        "response_format": Text(among=("json", "text", "srt", "verbose_json", "vtt", "diarized_json")),
        "temperature": Text(pattern=r"0(\.\d+)?|1(\.0+)?"),
        "timestamp_granularities[]": ListOf(Text(among=("word", "segment")), 1, 2),
    },
)
_TIMED = ("whisper-1",)
_UNTIMED = ("gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe")
_HEARD = re.compile(r"\.(flac|mp3|mp4|mpeg|mpga|m4a|ogg|wav|webm)$")


def written_down(
    asked: Asked, hear: Callable[[bytes, int], dict[str, Any]] | None, error: Callable[..., Given]
) -> Given:
    """Answers POST /audio/transcriptions: `hear` says what is in a sound of so many ms."""
    try:
        parts = asked.parts
    except ValueError as problem:
        return error(400, str(problem))
    files = [part for part in parts if part.name == "file"]
    body: dict[str, Any] = {}
    for part in parts:
        if part.name == "timestamp_granularities[]":
            body.setdefault(part.name, []).append(part.data.decode())
        elif part.name != "file":
            if part.name in body:
                return error(400, f"Duplicate parameter: {part.name}")
            body[part.name] = part.data.decode()
    if bad := misfits(body, TRANSCRIPTION):
        return error(400, "; ".join(bad))
    if body["model"] not in _TIMED + _UNTIMED:
        return error(404, f"The model `{body['model']}` does not exist", "model_not_found")
    if len(files) != 1 or not _HEARD.search(files[0].file):
        return error(400, "Unrecognized file format. Supported formats: flac, mp3, ..., wav, webm")
    lasts = wav_ms(files[0].data)
    if lasts is None or not files[0].file.endswith(".wav"):
        return error(400, "Audio file might be corrupted or unsupported", "invalid_value")
    form = body.get("response_format", "json")
    if form == "verbose_json" and body["model"] in _UNTIMED:
        return error(400, f"response_format 'verbose_json' is not compatible with '{body['model']}'")
    if "timestamp_granularities[]" in body and form != "verbose_json":
        return error(400, "timestamp_granularities[] needs response_format verbose_json")
    seconds = -(-lasts // 1000)
    heard = transcribed("it is written", lasts) if hear is None else hear(files[0].data, lasts)
    if "word" not in body.get("timestamp_granularities[]", ()):
        heard.pop("words", None)
    if form != "verbose_json":
        heard = {"text": heard["text"]}
    return Given(heard, headers={"x-request-id": f"req_{asked.number:06d}"}, charge=100 * seconds)


def transcribed(text: str, lasts: int, begin: int = 0) -> dict[str, Any]:
    """A CreateTranscriptionResponseVerboseJson: `text` spread over a sound of `lasts` ms from `begin` on.

    As the vendor does it: words without marks, seconds as floats, the sound's length beside them.
    """
    words = re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['’][^\W]+)*", text)
    step = (lasts - begin) / max(1, len(words))
    return {
        "task": "transcribe",
        "language": "english",
        "duration": lasts / 1000,
        "text": text,
        "words": [
            {
                "word": word,
                "start": round((begin + n * step) / 1000, 2),
                "end": round((begin + (n + 1) * step) / 1000, 2),
            }
            for n, word in enumerate(words)
        ],
        "usage": {"type": "duration", "seconds": -(-lasts // 1000)},
    }
