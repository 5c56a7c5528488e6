"""Frames, black runs and thumbnails come from where in the film they should."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duanju.plugins.media.encode import SegmentWriter
from duanju.plugins.media.errors import FilmError
from duanju.plugins.media.frames import black_runs, iter_frames, thumbnail


def film(path: Path, lumas: list[int]) -> Path:
    with SegmentWriter(path, 96, 160, 25, preset="ultrafast", crf=15) as out:
        out.planes.cb[:] = out.planes.cr[:] = 128
        for luma in lumas:
            out.planes.y[:] = luma
            if luma > 16:
                out.planes.y[::8] = luma + 12
            out.write()
    return path


def test_fifteen_black_frames_of_a_hundred(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", [110] * 40 + [16] * 15 + [110] * 45)
    runs = black_runs(path)
    assert len(runs) == 1
    assert runs[0].start_s == pytest.approx(1.6, abs=0.001) and runs[0].seconds == pytest.approx(
        0.6, abs=0.001
    )


def test_black_at_the_end_one_frame_and_none(tmp_path: Path) -> None:
    tail = black_runs(film(tmp_path / "a.mp4", [110] * 20 + [16] * 5))
    assert (
        len(tail) == 1
        and tail[0].start_s == pytest.approx(0.8)
        and tail[0].seconds == pytest.approx(0.2, abs=0.041)
    )
    one = black_runs(film(tmp_path / "b.mp4", [110] * 10 + [16] + [110] * 10))
    assert len(one) == 1 and one[0].start_s == pytest.approx(0.4)
    assert black_runs(film(tmp_path / "c.mp4", [45] * 25)) == []  # a night scene
    assert black_runs(tmp_path / "a.mp4", least_s=0.5) == []


def test_frames_are_counted_timed_and_scaled(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", [40 + 6 * i for i in range(20)])
    got = list(iter_frames(path, (48, 80), 5))
    assert [f.number for f in got] == [0, 5, 10, 15]
    assert [f.time_s for f in got] == pytest.approx([0, 0.2, 0.4, 0.6])
    assert all(f.pixels.shape == (80, 48, 3) and f.pixels.dtype == np.uint8 for f in got)
    assert np.diff([f.pixels.mean() for f in got]).min() > 20
    assert next(iter_frames(path, colour="gray")).pixels.shape == (160, 96)


def test_a_thumbnail_shows_its_moment(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", [40] * 60 + [200] * 40)
    for at, low, high in ((0.0, 20, 60), (2.36, 20, 60), (2.4, 190, 230), (99.0, 190, 230)):
        for kind in ("jpeg", "png"):
            picture = Image.open(io.BytesIO(thumbnail(path, at, 48, kind=kind)))  # type: ignore[arg-type]
            assert picture.size == (48, 80) and picture.format == kind.upper()
            assert low < np.asarray(picture.convert("L")).mean() < high
    assert thumbnail(path, 1.0, 48) == thumbnail(path, 1.0, 48)


def test_garbage_is_refused(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", [100] * 5)
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(path.read_bytes()[:300])
    for bad in (junk, tmp_path / "absent.mp4"):
        with pytest.raises(FilmError):
            list(iter_frames(bad))
        with pytest.raises(FilmError):
            black_runs(bad)
        with pytest.raises(FilmError):
            thumbnail(bad, 0, 48)
    with pytest.raises(FilmError):
        list(iter_frames(path, (0, 5)))
    with pytest.raises(FilmError):
        list(iter_frames(path, every=0))
    with pytest.raises(FilmError):
        thumbnail(path, -1, 48)
