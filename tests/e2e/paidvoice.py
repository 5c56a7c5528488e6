"""A speech vendor that costs money, behind a loopback server that counts what is submitted to it.

The provider `Teller` runs in the film's process, the `Vendor` in the test's. The model `grand` speaks well
and dearly, but refuses what is short; `plain` costs less than what may be sent again without asking.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from duanju.core.desk import Desk
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.events.calls import Bill, CallFailed, SpeechRequested, SpeechReturned
from duanju.events.cast import Voice
from duanju.events.dialogue import Direction, Phoneme
from duanju.plugins.media.voice import Voices
from duanju.plugins.providers.local import speaking, wav_of

__all__ = ["DEAR", "Teller", "Vendor", "vendor"]

DEAR, CHEAP = 1000, 300  # micro-dollars a character
SHORTEST = 12
DELAY_S = 0.12


class Teller:
    """The vendor's provider: entered once per intent, since what it does is paid."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self.port = int(settings["port"])

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        """By the character."""
        million = 1_000_000
        return [
            Price(f"{self.name}:grand", {"character": DEAR * million}, "a test", "2026-01-01"),
            Price(f"{self.name}:plain", {"character": CHEAP * million}, "a test", "2026-01-01"),
        ]

    @hookimpl
    @effect(provider=SELF, lane="teller", doubt="hold", deadline_s=30.0)
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        """Submits the line and waits for its sound."""
        assert desk.call is not None
        asked = {
            "key": desk.key,
            "model": desk.call.model,
            "text": event.text,
            "language": event.language,
            "voice": [event.voice.gender, event.voice.timbre, event.voice.pitch, event.voice.rate],
            "direction": [
                event.direction.pace,
                event.direction.pitch,
                event.direction.volume,
                event.direction.tone,
            ],
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/", json.dumps(asked), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "refused" in answer:
            yield CallFailed(why=answer["refused"], fallback=True)
            return
        usage = {"character": len(event.text)}
        yield SpeechReturned(
            audio=desk.artifacts.put(base64.b64decode(answer["wav"]), "audio/wav"),
            duration_ms=answer["duration_ms"],
            phonemes=tuple(Phoneme(start, symbol) for start, symbol in answer["phonemes"]),
            bill=Bill(
                cost=desk.call.price.cost(usage), billing="billed", price=desk.call.price.id, usage=usage
            ),
        )


class Vendor(ThreadingHTTPServer):
    """Counts every submit by its key, and by model and text."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.lock = threading.Lock()
        self.keys: Counter[str] = Counter()
        self.said: Counter[tuple[str, str]] = Counter()

    def submitted(self, key: str, model: str, text: str) -> None:
        """Takes note of one submit."""
        with self.lock:
            self.keys[key] += 1
            self.said[model, text] += 1


_spoken: dict[str, dict[str, Any]] = {}
_speaking = threading.Lock()


def answer_to(asked: dict[str, Any]) -> dict[str, Any]:
    """The vendor's answer: the same sound for the same words in the same voice, as local:espeak has it."""
    text = asked["text"]
    if asked["model"] == "grand" and len(text) < SHORTEST:
        return {"refused": f"a text needs {SHORTEST} characters at least, this has {len(text)}"}
    name = json.dumps({k: v for k, v in asked.items() if k not in ("key", "model")}, sort_keys=True)
    with _speaking:
        if name not in _spoken:
            manner = speaking(Voice(*asked["voice"]), Direction(*asked["direction"]))
            with Voices() as voices:
                speech = voices.speak(text, asked["language"], **manner)
            _spoken[name] = {
                "wav": base64.b64encode(wav_of(speech.pcm.tobytes(), speech.sample_rate)).decode(),
                "duration_ms": speech.duration_ms,
                "phonemes": [[one.start_ms, one.symbol] for one in speech.phonemes],
            }
        return _spoken[name]


class _Counter(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        assert isinstance(server, Vendor)
        server.submitted(asked["key"], asked["model"], asked["text"])
        body = json.dumps(answer_to(asked)).encode()
        time.sleep(DELAY_S)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):  # the film's process was killed before its answer came
            super().handle()


@contextmanager
def vendor() -> Iterator[Vendor]:
    """A vendor on a free port."""
    server = Vendor()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
