"""The probe tells a clean film from each way of being wrong."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duanju.plugins.media.atoms import atoms, is_faststart
from duanju.plugins.media.errors import FilmError, MediaError
from duanju.plugins.media.frames import black_runs
from duanju.plugins.media.loudness import measure
from duanju.plugins.media.probe import probe


def write(
    path: Path,
    *,
    fast: bool = True,
    skip: int = -1,
    pix_fmt: str = "yuv420p",
    rate: int = 48000,
    tags: bool = True,
) -> Path:
    with av.open(str(path), "w", options={"movflags": "faststart"} if fast else {}) as film:
        video = film.add_stream(
            "libx264", rate=25, options={"preset": "ultrafast", "threads": "1", "bf": "0"}
        )
        video.width, video.height, video.pix_fmt = 64, 96, pix_fmt
        if tags:
            c = video.codec_context
            c.color_primaries = c.color_trc = c.colorspace = c.color_range = 1
        audio = film.add_stream("aac", rate=rate, layout="stereo")
        for i in range(25):
            frame = av.VideoFrame.from_ndarray(
                np.full((96, 64, 3), 5 * i, np.uint8), format="rgb24"
            ).reformat(format=pix_fmt)
            frame.pts, frame.time_base = i + (3 if 0 <= skip <= i else 0), Fraction(1, 25)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(np.zeros((2, rate), np.float32), format="fltp", layout="stereo")
        sound.sample_rate, sound.pts, sound.time_base = rate, 0, Fraction(1, rate)
        film.mux(audio.encode(sound))
        film.mux(audio.encode(None))
    return path


def test_a_clean_film(tmp_path: Path) -> None:
    got = probe(write(tmp_path / "a.mp4"))
    assert got.picture is not None and got.sound is not None
    assert (got.picture.codec, got.picture.width, got.picture.height, got.picture.fps) == (
        "h264",
        64,
        96,
        Fraction(25),
    )
    assert got.picture.sample_aspect == 1 and got.picture.constant_rate and got.faststart
    assert (got.picture.matrix, got.picture.range) == ("bt709", "tv")
    assert got.picture.duration_ms == pytest.approx(1000) and got.sound.duration_ms == pytest.approx(
        1000, abs=25
    )
    assert (
        got.size_bytes == (tmp_path / "a.mp4").stat().st_size and got.bit_rate > 0 and got.decode_errors == ()
    )


def test_each_fault_shows(tmp_path: Path) -> None:
    assert not probe(write(tmp_path / "a.mp4", fast=False)).faststart
    gap = probe(write(tmp_path / "b.mp4", skip=10)).picture
    assert gap is not None and not gap.constant_rate
    untagged = probe(write(tmp_path / "c.mp4", tags=False)).picture
    assert untagged is not None and untagged.matrix == untagged.primaries == "unspecified"
    other = probe(write(tmp_path / "d.mp4", pix_fmt="yuv444p", rate=44100))
    assert other.picture is not None and other.picture.pix_fmt == "yuv444p"
    assert other.sound is not None and other.sound.sample_rate == 44100


def test_damage_shows_as_decode_errors(tmp_path: Path) -> None:
    data = bytearray(write(tmp_path / "a.mp4").read_bytes())
    media = next(a for a in atoms(tmp_path / "a.mp4") if a.kind == "mdat")
    data[media.offset + 700 : media.offset + media.size - 20] = b"\x5a" * (media.size - 720)
    (tmp_path / "b.mp4").write_bytes(bytes(data))
    assert probe(tmp_path / "b.mp4").decode_errors != ()
    assert probe(tmp_path / "b.mp4", decode=False).decode_errors == ()


@pytest.mark.parametrize("keep", [0, 7, 30, 600, -300])
def test_truncated_films_are_refused(tmp_path: Path, keep: int) -> None:
    data = write(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[:keep])
    with pytest.raises(FilmError):
        probe(tmp_path / "cut.mp4")


def test_garbage_and_absence_are_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.mp4").write_bytes(bytes(range(256)) * 8)
    for name in ("junk.mp4", "absent.mp4"):
        with pytest.raises(FilmError):
            probe(tmp_path / name)


def test_boxes_are_read_with_their_bounds(tmp_path: Path) -> None:
    path = tmp_path / "a"
    free, wide = struct.pack(">I4s", 8, b"free"), struct.pack(">I4sQ", 1, b"mdat", 20) + b"abcd"
    path.write_bytes(free + wide + struct.pack(">I4s", 0, b"moov") + b"rest")
    assert [(a.kind, a.offset, a.size) for a in atoms(path)] == [
        ("free", 0, 8),
        ("mdat", 8, 20),
        ("moov", 28, 12),
    ]
    assert not is_faststart(atoms(path))
    for bad in (
        b"\x00\x00\x00\x04free",
        struct.pack(">I4sQ", 1, b"mdat", 4),
        struct.pack(">I4s", 99, b"moov"),
        free * 5000,
    ):
        path.write_bytes(bad)
        with pytest.raises(FilmError):
            atoms(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_damaged_header_is_read_or_refused(tmp_path: Path, changes: list[tuple[float, int]]) -> None:
    clean = tmp_path / "clean.mp4"
    if not clean.exists():
        write(clean)
    data = bytearray(clean.read_bytes())
    index = next(a for a in atoms(clean) if a.kind == "moov")
    for share, value in changes:
        data[index.offset + 8 + int(share * (index.size - 8))] = value
    (tmp_path / "bad.mp4").write_bytes(bytes(data))
    for read in (probe, black_runs, measure):
        try:
            read(tmp_path / "bad.mp4")
        except MediaError as err:
            assert "bad.mp4" in str(err)
