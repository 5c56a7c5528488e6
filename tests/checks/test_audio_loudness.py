"""audio.loudness on signals of known loudness (EBU Tech 3341)."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from duanju.core.desk import Desk
from duanju.plugins.checks.audio_loudness import on_episode_cut


def _asked(desk: Desk, loudness_cb: int) -> Desk:
    delivery = attrs.evolve(desk.settings.delivery, loudness_cb=loudness_cb)
    return attrs.evolve(desk, settings=attrs.evolve(desk.settings, delivery=delivery))


def test_a_tone_of_minus_23_is_minus_23(bench, only, sine):
    cut = bench.cut(bench.film(50, sound=sine(8, -23)))
    found = only(on_episode_cut(cut, bench.desk))
    assert found.value == pytest.approx(-23.0, abs=0.1)
    assert (found.verdict, found.limit, found.unit) == ("failed", -16.0, "LUFS")
    assert "7.0 LU too quiet" in found.why
    assert only(on_episode_cut(cut, _asked(bench.desk, -2300))).verdict == "passed"


@pytest.mark.parametrize(
    ("level", "verdict"), [(-16.0, "passed"), (-15.2, "passed"), (-14.7, "failed"), (-17.3, "failed")]
)
def test_one_lu_to_either_side_is_allowed(bench, only, sine, level, verdict):
    found = only(on_episode_cut(bench.cut(bench.film(50, sound=sine(6, level))), bench.desk))
    assert found.verdict == verdict and found.value == pytest.approx(level, abs=0.1)


def test_three_loud_seconds_in_a_quiet_film_fail(bench, only, sine):
    # Gated at -10 LU, 40 s at -20 and 4 s at -6 have about -14.8: as a whole quiet, the end is not.
    sound = np.concatenate((sine(40, -20), sine(4, -6)), axis=1)
    found = only(on_episode_cut(bench.cut(bench.film(25, sound=sound)), _asked(bench.desk, -1480)))
    assert found.verdict == "failed" and "loudest three seconds" in found.why


def test_silence_fails_and_no_sound_is_an_error(bench, only, sine):
    silent = only(on_episode_cut(bench.cut(bench.film(50, sound=sine(2, -23) * 0)), bench.desk))
    assert silent.verdict == "failed" and "silent" in silent.why
    without = only(on_episode_cut(bench.cut(bench.film(50)), bench.desk))
    assert without.verdict == "error" and "no sound" in without.why


def test_a_film_that_breaks_off_is_an_error(bench, only, sine):
    whole = bench.film(50, sound=sine(4, -16)).read_bytes()
    assert only(on_episode_cut(bench.cut(whole[: len(whole) * 3 // 4]), bench.desk)).verdict == "error"


def test_garbage_is_an_error(bench, only):
    assert only(on_episode_cut(bench.cut(b"RIFF....garbage"), bench.desk)).verdict == "error"
