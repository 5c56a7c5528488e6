"""Segments join without loss into a film that plays from its first byte, in the same bytes every time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from duanju.plugins.media.encode import SegmentWriter
from duanju.plugins.media.errors import FilmError
from duanju.plugins.media.film import join
from duanju.plugins.media.frames import iter_frames
from duanju.plugins.media.loudness import measure
from duanju.plugins.media.probe import probe
from duanju.plugins.media.sound import RATE, Stereo

FPS = 25


def segment(
    path: Path, frames: int, base: int, width: int = 96, height: int = 160, fps: int = FPS, **given: object
) -> Path:
    with SegmentWriter(path, width, height, fps, **given) as film:  # type: ignore[arg-type]
        film.planes.cb[:] = film.planes.cr[:] = 128
        for i in range(frames):
            film.planes.y[:] = base + i
            film.planes.y[i % height] = 235
            film.write()
    return path


def beep(seconds: float, at: float) -> Stereo:
    wave = np.zeros(round(seconds * RATE), np.float32)
    start = round(at * RATE)
    wave[start : start + 4800] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(4800) / RATE)
    return np.stack([wave, wave])


def test_a_film_has_all_frames_in_order_and_its_sound_in_place(tmp_path: Path) -> None:
    parts = [
        segment(tmp_path / "a.mp4", 30, 40),
        segment(tmp_path / "b.mp4", 7, 120),
        segment(tmp_path / "c.mp4", 13, 180),
    ]
    joined = join(
        tmp_path / "f.mp4", parts, beep(2.0, 1.2), metadata={"title": "Ep 1", "AIGC": '{"Label":"1"}'}
    )
    assert (joined.frames, joined.duration_ms, joined.starts, joined.fps) == (
        50,
        2000,
        (0, 30, 37),
        Fraction(25),
    )
    frames = list(iter_frames(tmp_path / "f.mp4", colour="gray"))
    times = [f.time_s for f in frames]
    assert times == pytest.approx([i / FPS for i in range(50)])
    levels = [float(np.median(f.pixels)) for f in frames]
    assert np.diff(levels[:30]).min() > 0  # limited to full range: one code is 1.16 grays
    assert levels[30] > levels[29] + 50 and levels[37] > levels[36] + 40
    got = probe(tmp_path / "f.mp4")
    assert got.picture is not None and got.sound is not None
    assert (
        got.picture.constant_rate
        and got.picture.frames == 50
        and got.picture.duration_ms == pytest.approx(2000)
    )
    assert (got.sound.codec, got.sound.sample_rate, got.sound.channels) == ("aac", 48000, 2)
    assert got.sound.duration_ms == pytest.approx(2000, abs=25) and got.faststart and got.decode_errors == ()
    assert got.metadata["AIGC"] == '{"Label":"1"}' and got.metadata["title"] == "Ep 1"
    heard = sound_of(tmp_path / "f.mp4")
    assert np.nonzero(np.abs(heard) > 0.2)[0][0] / RATE == pytest.approx(1.2, abs=0.005)


def sound_of(path: Path) -> np.ndarray:
    import av

    with av.open(str(path)) as container:
        parts = list(container.decode(audio=0))
    out = np.zeros(RATE * 3, np.float32)
    for f in parts:
        at = round(float(f.time) * RATE)
        data = f.to_ndarray()[0]
        out[max(0, at) : at + data.size] = data[max(0, -at) :]
    return out


def test_pictures_are_copied_not_encoded_again(tmp_path: Path) -> None:
    parts = [segment(tmp_path / "a.mp4", 12, 40), segment(tmp_path / "b.mp4", 9, 90)]
    join(tmp_path / "f.mp4", parts, None, metadata={})
    apart = [f.pixels for part in parts for f in iter_frames(part)]
    together = [f.pixels for f in iter_frames(tmp_path / "f.mp4")]
    assert len(together) == 21 and all((a == b).all() for a, b in zip(apart, together, strict=True))
    assert probe(tmp_path / "f.mp4").sound is None


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    parts = [segment(tmp_path / "a.mp4", 12, 40), segment(tmp_path / "b.mp4", 13, 90)]
    for name in ("f.mp4", "g.mp4"):
        join(tmp_path / name, parts, beep(1.0, 0.3), metadata={"b": "2", "a": "1"})
    assert (tmp_path / "f.mp4").read_bytes() == (tmp_path / "g.mp4").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "b.mp4", "f.mp4", "g.mp4"]


def test_the_joined_sound_measures_like_the_mix(tmp_path: Path) -> None:
    wave = (np.sin(2 * np.pi * 997 * np.arange(4 * RATE) / RATE) * 10 ** (-20 / 20)).astype(np.float32)
    join(tmp_path / "f.mp4", [segment(tmp_path / "a.mp4", 100, 20)], np.stack([wave, wave]), metadata={})
    assert measure(tmp_path / "f.mp4").integrated == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize("other", [{"width": 128}, {"fps": 30}, {"crf": 30}])
def test_segments_of_another_make_are_refused(tmp_path: Path, other: dict[str, int]) -> None:
    parts = [segment(tmp_path / "a.mp4", 5, 40), segment(tmp_path / "b.mp4", 5, 40, **other)]  # type: ignore[arg-type]
    with pytest.raises(FilmError, match=r"b\.mp4 is encoded differently"):
        join(tmp_path / "f.mp4", parts, None, metadata={})
    assert not (tmp_path / "f.mp4").exists()


def test_bad_input_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    good, cut = segment(tmp_path / "a.mp4", 10, 40), tmp_path / "cut.mp4"
    cut.write_bytes(good.read_bytes()[:-200])
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"no film at all" * 10)
    for parts, sound in (
        ([], None),
        ([good, junk], None),
        ([good, cut], None),
        ([good, tmp_path / "absent.mp4"], None),
        ([good], beep(0.9, 0.1)),
        ([good], np.zeros((1, 19200), np.float32)),
        ([good], np.full((2, 19200), np.inf, np.float32)),
    ):
        with pytest.raises(FilmError):
            join(tmp_path / "f.mp4", parts, sound, metadata={})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "cut.mp4", "junk.mp4"]
