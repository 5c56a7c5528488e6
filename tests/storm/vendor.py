"""The vendor on a loopback port: takes paid work, keeps its own books, and may kill whoever asks it.

Knows nothing of the log. What is asked for twice is served and charged twice; the answer to the same
content is always the same, so that two films can be compared.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import struct
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from attrs import define

__all__ = ["STAGES", "Served", "Vendor", "digest_of", "vendor"]

STAGES = ("untaken", "taken", "answered")
Stage = Literal["untaken", "taken", "answered"]
SHORTEST_TEXT = 15
RATE = 16_000
MS_A_CHARACTER = 45


@define
class Served:
    """One submit as the vendor's books have it. `cost` in micro-dollars; 0 for what was refused."""

    number: int
    key: str
    model: str
    content: str
    cost: int
    said: dict[str, Any]

    @property
    def refused(self) -> bool:
        """Whether the vendor did not want the work, at the submit or later."""
        return "refused" in self.said or self.said.get("fails", False)


class Vendor(ThreadingHTTPServer):
    """The books: every submit by its key, and the jobs under way."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, rates: dict[str, dict[str, int]]) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.rates = rates
        self.lock = threading.Lock()
        self.served: list[Served] = []
        self.jobs: dict[str, tuple[float, dict[str, Any]]] = {}
        self._seen = 0
        self._moment: tuple[int, Stage, Callable[[], None]] | None = None

    def kill_at(self, submits: int, stage: Stage, kill: Callable[[], None]) -> None:
        """Kills when so many more submits have come: before one is taken, after, or once it is answered."""
        with self.lock:
            self._moment = (self._seen + submits, stage, kill)

    def forget(self) -> None:
        """Nobody is to be killed any longer."""
        with self.lock:
            self._moment = None

    def of(self, key: str) -> list[Served]:
        """What came under a key."""
        with self.lock:
            return [one for one in self.served if one.key == key]

    def strike(self) -> tuple[Stage, Callable[[], None]] | None:
        """Whether the submit that comes now is the moment."""
        with self.lock:
            self._seen += 1
            if self._moment is None or self._seen < self._moment[0]:
                return None
            stage, kill = self._moment[1:]
            self._moment = None
            return stage, kill

    def take(self, asked: dict[str, Any]) -> Served:
        """Takes a submit into the books."""
        model, content = asked["model"], digest_of(asked["content"])
        said = answer_to(model, asked["content"], content)
        cost = sum(self.rates[model][unit] * n for unit, n in said.get("usage", {}).items())
        with self.lock:
            one = Served(len(self.served), asked["key"], model, content, cost, said)
            said["id"] = f"v-{one.number}"
            if "job" in said:
                self.jobs[said["job"]] = (time.monotonic() + _latency(content), said)
            self.served.append(one)
            return one

    def poll(self, job: str) -> dict[str, Any]:
        """How far a job is."""
        with self.lock:
            due, said = self.jobs[job]
        if time.monotonic() < due:
            return {"state": "running"}
        if said.get("fails"):
            return {"state": "failed", "why": "the clip came out broken"}
        return {"state": "done", **said}


class _Desk(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        assert isinstance(server, Vendor)
        if self.path == "/poll":
            self._say(server.poll(asked["job"]))
            return
        strike = server.strike()
        stage, kill = strike or ("", lambda: None)
        if stage == "untaken":
            kill()
            return
        one = server.take(asked)
        if stage == "taken":
            kill()
            return
        time.sleep(_latency(one.content))
        self._say(one.said)
        if stage == "answered":
            kill()

    def _say(self, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError, ValueError):  # whoever asked was killed before its answer came
            super().handle()


@contextmanager
def vendor(rates: dict[str, dict[str, int]]) -> Iterator[Vendor]:
    """A vendor on a free port, with these micro-dollars for each unit of each model."""
    server = Vendor(rates)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def digest_of(content: object) -> str:
    """The content's name: equal contents are the same work."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _latency(content: str) -> float:
    return 0.03 + int(content[:2], 16) / 256 * 0.12


def answer_to(model: str, content: dict[str, Any], name: str) -> dict[str, Any]:
    """What the vendor makes of a content; `name` is its digest. The grand models refuse some of it."""
    grand = model.endswith("-grand")
    if model.startswith("paint"):
        if grand and content["picture"]["size"] == "INSERT":
            return {"refused": "this model paints no details"}
        return _painted(content, name, grand)
    if model.startswith("voice"):
        if grand and len(content["text"]) < SHORTEST_TEXT:
            return {"refused": f"a text needs {SHORTEST_TEXT} characters at least"}
        return _spoken(content["text"], name)
    if grand and "hides" in content["note"]:
        return {"refused": "nothing moves in this clip"}
    fails = grand and "runs" in content["note"]
    usage = {} if fails else {"second": -(-content["ms"] // 1000)}
    said = {"job": f"job-{model}-{name[:16]}", "usage": usage, "fails": fails}
    return said if fails else {**said, "data": _clip(name), "type": "video/mp4"}


def _painted(content: dict[str, Any], name: str, grand: bool) -> dict[str, Any]:
    """A plain ground with one block for each figure: a PNG of the plate's size, or a JPEG of another."""
    from PIL import Image, ImageDraw

    from duanju.plugins.media.plate import plate_size

    width, height = plate_size(*content["size"]) if grand else (120, 160)
    picture = Image.new("RGB", (width, height), _colour(name))
    draw = ImageDraw.Draw(picture)
    for place, figure in enumerate(content["picture"]["figures"]):
        left = 20 + place * width // 2
        draw.rectangle(
            (left, height // 3, left + width // 3, height), _colour(digest_of(figure["character"]))
        )
    out = io.BytesIO()
    picture.save(out, *(("PNG",) if grand else ("JPEG",)))
    return {
        "data": base64.b64encode(out.getvalue()).decode(),
        "type": "image/png" if grand else "image/jpeg",
        "width": width,
        "height": height,
        "usage": {"image": 1},
    }


def _colour(name: str) -> tuple[int, int, int]:
    return tuple(70 + byte * 150 // 255 for byte in bytes.fromhex(name[:6]))  # type: ignore[return-value]


def _spoken(text: str, name: str) -> dict[str, Any]:
    """A tone that swells and fades four times a second, as speech does."""
    pitch = 160 + int(name[:2], 16)
    samples = RATE * len(text) * MS_A_CHARACTER // 1000
    rise = [math.sin(math.pi * 4 * n / RATE) ** 2 for n in range(RATE // 4)]
    step = 2 * math.pi * pitch / RATE
    sound = struct.pack(
        f"<{samples}h", *(int(14_000 * rise[n % len(rise)] * math.sin(step * n)) for n in range(samples))
    )
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound)
    return {
        "data": base64.b64encode(out.getvalue()).decode(),
        "type": "audio/wav",
        "duration_ms": samples * 1000 // RATE,
        "usage": {"character": len(text)},
    }


_clips: dict[str, str] = {}


def _clip(name: str) -> str:
    """Half a second of one colour."""
    import av
    import numpy as np

    if name not in _clips:
        out = io.BytesIO()
        with av.open(out, "w", format="mp4") as file:
            stream = file.add_stream("libx264", rate=12, options={"preset": "ultrafast", "threads": "1"})
            stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p"
            frame = av.VideoFrame.from_ndarray(
                np.full((128, 128, 3), _colour(name), np.uint8), format="rgb24"
            )
            for _ in range(6):
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
        _clips[name] = base64.b64encode(out.getvalue()).decode()
    return _clips[name]
