"""audio.true_peak on tones of known peaks, also between the samples."""

from __future__ import annotations

import numpy as np
import pytest

from duanju.plugins.checks.audio_true_peak import on_episode_cut


@pytest.mark.parametrize(
    ("level", "verdict"), [(-6.0, "passed"), (-1.9, "passed"), (-1.25, "warned"), (-0.5, "failed")]
)
def test_the_peak_of_a_tone(bench, only, sine, level, verdict):
    found = only(on_episode_cut(bench.cut(bench.film(50, sound=sine(2, level))), bench.desk))
    assert found.verdict == verdict
    assert found.value == pytest.approx(level, abs=0.2)  # AAC adds a little
    assert (found.limit, found.unit) == (-1.0, "dBTP")


def test_a_peak_between_samples_is_seen(bench, only):
    # A quarter of the sample rate, an eighth of a turn off: every sample is 3 dB below the crest.
    t = np.arange(96_000)
    one = np.sin(np.pi / 2 * t + np.pi / 4).astype(np.float32) * 10 ** (-0.2 / 20)
    one *= np.clip(np.minimum(t, t[-1] - t) / 2400, 0, 1).astype(np.float32)
    assert 20 * np.log10(np.abs(one).max()) < -3
    found = only(on_episode_cut(bench.cut(bench.film(50, sound=np.stack([one, one]))), bench.desk))
    assert found.verdict == "failed" and found.value == pytest.approx(-0.2, abs=0.5)
    assert "over the -1.0 allowed" in found.why


def test_silence_has_no_peak(bench, only, sine):
    found = only(on_episode_cut(bench.cut(bench.film(50, sound=sine(2, -20) * 0)), bench.desk))
    assert (found.verdict, found.value) == ("passed", None)


def test_no_sound_is_an_error(bench, only):
    found = only(on_episode_cut(bench.cut(bench.film(50)), bench.desk))
    assert found.verdict == "error" and "no sound" in found.why
