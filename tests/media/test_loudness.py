"""The meter gives the EBU's known answers; the master meets its targets and changes nothing it need not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from duanju.plugins.media.errors import SoundError
from duanju.plugins.media.loudness import SILENT_LUFS, master, measure, true_peaks
from duanju.plugins.media.sound import RATE, RoomTone, Stereo, room_tone


def sine(level_db: float, seconds: float, hertz: float = 997.0, phase: float = 0.0) -> Stereo:
    wave = np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE + phase) * 10 ** (level_db / 20)
    return np.stack([wave, wave]).astype(np.float32)


def faded(sound: Stereo, samples: int = 4800) -> Stereo:
    sound = sound.copy()
    ramp = np.linspace(0, 1, samples, dtype=np.float32)
    sound[:, :samples] *= ramp
    sound[:, -samples:] *= ramp[::-1]
    return sound


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_tech_3341_cases_1_and_2(level: float) -> None:
    got = measure(sine(level, 20))
    assert got.integrated == pytest.approx(level, abs=0.1)
    assert got.max_short_term == pytest.approx(level, abs=0.1)


def test_tech_3341_case_3_gates_the_quiet_parts() -> None:
    got = measure(np.concatenate([sine(-36, 10), sine(-23, 60), sine(-36, 10)], axis=1))
    assert got.integrated == pytest.approx(-23.0, abs=0.1)


def test_tech_3342_case_1_range() -> None:
    got = measure(np.concatenate([sine(-20, 20), sine(-30, 20)], axis=1))
    assert got.range == pytest.approx(10, abs=1)


def test_true_peak_between_samples() -> None:
    quarter = faded(
        sine(20 * np.log10(0.5), 3, RATE / 4, np.pi / 4)
    )  # Tech 3341 case 16: samples 3 dB below the peak
    assert 20 * np.log10(np.abs(quarter).max()) == pytest.approx(-9.03, abs=0.01)
    assert -6.4 <= measure(quarter).true_peak <= -5.8
    assert 20 * np.log10(true_peaks(quarter).max()) == pytest.approx(-6.02, abs=0.15)


def test_silence_measures_as_silence() -> None:
    got = measure(np.zeros((2, RATE), np.float32))
    assert got.integrated == SILENT_LUFS and got.true_peak < -100


@pytest.mark.parametrize("gain", [0.05, 0.5, 3.0])
def test_master_meets_both_targets(gain: float) -> None:
    noise = np.random.default_rng(1).standard_normal((2, RATE * 6)).astype(np.float32) * 0.05
    bursts = (np.sin(2 * np.pi * 0.5 * np.arange(RATE * 6) / RATE) > 0.6).astype(np.float32)
    voice = sine(-12, 6, 440) * bursts
    source = ((voice + noise * 0.1) * gain).astype(np.float32)
    done = master(source, -16, -1.5)
    again = measure(done.samples)
    assert again.integrated == pytest.approx(-16, abs=0.2)
    assert again.true_peak <= -1.5 + 0.01
    assert again == done.loudness
    assert (master(source, -16, -1.5).samples == done.samples).all()


def test_master_without_peaks_is_pure_gain() -> None:
    source = sine(-30, 5)
    done = master(source, -23, -1.5)
    assert np.allclose(done.samples, source * 10 ** (done.gain_db / 20), atol=1e-6)


def test_peaks_that_need_the_limiter_leave_the_rest_alone() -> None:
    source = sine(-22, 6)
    source[:, RATE * 3 : RATE * 3 + 200] *= 20
    done = master(source, -20, -3)
    assert measure(done.samples).true_peak <= -2.99
    gain = 10 ** (done.gain_db / 20)
    assert np.allclose(done.samples[:, : RATE * 2], source[:, : RATE * 2] * gain, atol=1e-6)


def test_quiet_rooms_stay_quiet() -> None:
    assert (master(np.zeros((2, RATE), np.float32)).samples == 0).all()
    tone = room_tone(RoomTone("interior", -75.0, "x"), RATE * 4)
    done = master(tone)
    assert done.gain_db <= 30 and done.loudness.integrated < -16.5


def test_bad_sound_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF" + b"\x00" * 50)
    with pytest.raises(SoundError):
        measure(bad)
    with pytest.raises(SoundError):
        measure(tmp_path / "absent.wav")
    with pytest.raises(SoundError):
        measure(np.zeros((1, 10), np.float32))
    with pytest.raises(SoundError):
        master(np.full((2, 100), np.nan, np.float32))
    with pytest.raises(SoundError):
        master(sine(-20, 1), target_lufs=3)
