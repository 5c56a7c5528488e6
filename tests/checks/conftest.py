"""Films with a known answer, made in the test, and a desk over a real store."""

from __future__ import annotations

import io
import time
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import av
import numpy as np
import pytest

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Desk
from duanju.core.settings import DELIVERIES, Settings
from duanju.events.artifact import Artifact
from duanju.events.cut import EpisodeCut
from duanju.events.quality import CheckMeasured

RATE = 48_000
WIDTH, HEIGHT, FPS = 144, 256, 25


def tone(seconds: float, dbfs: float, hertz: float = 997.0, rate: int = RATE, channels: int = 2) -> Any:
    """A sine of that peak level in all channels: stereo at -23 dBFS has -23.0 LUFS (EBU Tech 3341, case 1).

    It swells and dies over 50 ms, since an encoder overshoots where a tone begins with a click.
    """
    t = np.arange(round(seconds * rate)) / rate
    swell = np.clip(np.minimum(t, seconds - t) / 0.05, 0, 1)
    one = (10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * t) * swell).astype(np.float32)
    return np.stack([one] * channels)


@attrs.define
class Bench:
    """A store, a desk, and what makes films."""

    desk: Desk
    folder: Path
    count: int = 0

    def film(
        self,
        frames: int = 50,
        *,
        black: range = range(0),
        dark: int = 90,
        sound: Any = None,
        rate: int = RATE,
        tags: bool = True,
        pix_fmt: str = "yuv420p",
        faststart: bool = True,
        fps: int = FPS,
        size: tuple[int, int] = (WIDTH, HEIGHT),
        drop: frozenset[int] = frozenset(),
    ) -> Path:
        """An mp4 of moving gray with black frames where asked; `drop` leaves time slots empty."""
        self.count += 1
        path = self.folder / f"film{self.count}.mp4"
        options = {"movflags": "+faststart"} if faststart else {}
        with av.open(str(path), "w", format="mp4", options=options) as out:
            video = out.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "20"})
            video.width, video.height, video.pix_fmt = *size, pix_fmt
            if tags:
                c = video.codec_context
                c.color_primaries, c.color_trc, c.colorspace, c.color_range = 1, 1, 1, 1
            audio = None
            if sound is not None:
                audio = out.add_stream("aac", rate=rate, layout="stereo" if len(sound) == 2 else "mono")
                audio.bit_rate = 192_000
            for number in range(frames):
                if number in drop:
                    continue
                level = 16 if number in black else dark + number % 40
                picture = np.full((size[1], size[0], 3), level, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
                    format=pix_fmt, dst_colorspace=1, dst_color_range=1
                )
                if number in black:
                    for plane, value in zip(frame.planes, (16, 128, 128), strict=False):
                        plane.update(bytes([value]) * plane.buffer_size)
                if tags:
                    frame.colorspace, frame.color_range = 1, 1
                frame.pts, frame.time_base = number, Fraction(1, fps)
                for packet in video.encode(frame):
                    out.mux(packet)
            for packet in video.encode():
                out.mux(packet)
            if audio is not None:
                layout = "stereo" if len(sound) == 2 else "mono"
                for at in range(0, sound.shape[1], 1024):
                    part = np.ascontiguousarray(sound[:, at : at + 1024], dtype=np.float32)
                    block = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
                    block.sample_rate, block.pts, block.time_base = rate, at, Fraction(1, rate)
                    for packet in audio.encode(block):
                        out.mux(packet)
                for packet in audio.encode(None):
                    out.mux(packet)
        return path

    def cut(self, film: Path | bytes, srt: str = "", inputs: str = "i1") -> EpisodeCut:
        """The event of a finished film with these files in the store."""
        data = film if isinstance(film, bytes) else film.read_bytes()
        store = self.desk.artifacts
        return EpisodeCut(
            revision=1,
            inputs=inputs,
            film=store.put(data, "video/mp4"),
            subtitles=store.put(srt.encode(), "application/x-subrip"),
            duration_ms=2000,
            frames=50,
        )

    def wav(self, samples: Any, rate: int = RATE) -> Artifact:
        """A 16-bit mono WAV in the store, of float samples."""
        out = io.BytesIO()
        with wave.open(out, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(rate)
            sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        return self.desk.artifacts.put(out.getvalue(), "audio/wav")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A fresh bench for a delivery of 144x256 at 25 fps."""
    delivery = attrs.evolve(DELIVERIES["web-vertical"], width=WIDTH, height=HEIGHT, fps=FPS)
    settings = Settings(delivery=delivery)
    store = Artifacts(tmp_path / "store")
    desk = Desk("key", store, settings, tmp_path / "out", time.monotonic() + 600)
    return Bench(desk, tmp_path)


@pytest.fixture
def sine() -> Callable[..., Any]:
    """`tone`, for tests."""
    return tone


@pytest.fixture
def only() -> Callable[[Any], CheckMeasured]:
    """The one measurement that a check yields, with what every measurement must keep to."""

    def one(answer: Any) -> CheckMeasured:
        found = list(answer)
        assert len(found) == 1
        measured: CheckMeasured = found[0]
        assert measured.verdict in ("passed", "warned", "failed", "skipped", "error")
        assert measured.subject == "episode" and measured.inputs == "i1" and measured.revision == 1
        assert measured.why and "\n" not in measured.why and "Traceback" not in measured.why
        assert len(measured.evidence) <= 20
        assert measured.tool and any(char.isdigit() for char in measured.tool)
        return measured

    return one
