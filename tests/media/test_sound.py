"""The mix puts lines where they belong over a steady, repeatable room tone."""

from __future__ import annotations

import numpy as np
import pytest

from duanju.plugins.media.errors import SoundError
from duanju.plugins.media.sound import KINDS, RATE, RoomTone, mix, resample, room_tone


def tone_pcm(hertz: float, seconds: float, rate: int = 22050) -> np.ndarray:
    return (np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate) * 16384).astype(np.int16)


def test_a_resampled_tone_keeps_length_pitch_and_level() -> None:
    got = resample(tone_pcm(1000, 0.5), 22050)
    assert got.size == 24000
    spectrum = np.abs(np.fft.rfft(got))
    assert np.argmax(spectrum) * RATE / got.size == pytest.approx(1000, abs=2)
    assert np.sqrt(np.mean(got[2000:-2000] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_lines_start_where_they_are_put_and_add_up() -> None:
    pcm = tone_pcm(500, 0.2)
    out = mix(1000, [(300, pcm, 22050), (300, pcm, 22050), (700, pcm, 22050)], None)
    assert out.shape == (2, RATE) and out.dtype == np.float32
    heard = np.nonzero(np.abs(out[0]) > 0.05)[0] / RATE
    assert heard[0] == pytest.approx(0.3, abs=0.002) and heard[-1] == pytest.approx(0.9, abs=0.002)
    assert not out[:, : int(0.295 * RATE)].any()
    assert np.abs(out[0, : RATE // 2]).max() == pytest.approx(1.0, abs=0.05)
    assert (out[0] == out[1]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_room_tone_has_its_level_repeats_itself_and_is_never_silent(kind: str) -> None:
    tone = RoomTone(kind, -50.0, "scene 1")  # type: ignore[arg-type]
    sound = room_tone(tone, RATE * 3)
    assert (sound == room_tone(tone, RATE * 3)).all()
    assert (sound != room_tone(RoomTone(kind, -50.0, "scene 2"), RATE * 3)).any()  # type: ignore[arg-type]
    assert 20 * np.log10(np.sqrt(np.mean(sound.astype(float) ** 2))) == pytest.approx(-50, abs=2.5)
    assert np.abs(sound).max() < 0.05
    blocks = np.abs(sound[:, : RATE * 3 // 480 * 480].reshape(2, -1, 480)).max(axis=2)
    assert blocks.min() > 1e-4


@pytest.mark.parametrize(
    ("duration", "lines", "tone"),
    [
        (0, [], None),
        (1000, [(1000, tone_pcm(500, 0.1), 22050)], None),
        (1000, [(-1, tone_pcm(500, 0.1), 22050)], None),
        (1000, [(950, tone_pcm(500, 0.5), 22050)], None),
        (1000, [(0, tone_pcm(500, 0.1), 10)], None),
        (1000, [(0, tone_pcm(500, 0.1).astype(np.float32), 22050)], None),
        (1000, [], RoomTone("space")),  # type: ignore[arg-type]
        (1000, [], RoomTone("rain", 0.0)),
    ],
)
def test_impossible_mixes_are_refused(duration: int, lines: list, tone: RoomTone | None) -> None:  # type: ignore[type-arg]
    with pytest.raises(SoundError):
        mix(duration, lines, tone)
