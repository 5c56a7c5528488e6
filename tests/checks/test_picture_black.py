"""picture.black measures black frames on films whose black frames are known."""

from __future__ import annotations

import pytest

from duanju.core.errors import BadArtifact
from duanju.plugins.checks.picture_black import on_episode_cut


def test_fifteen_black_frames_are_sixty_hundredths_and_fail(bench, only):
    found = only(on_episode_cut(bench.cut(bench.film(100, black=range(40, 55))), bench.desk))
    assert found.verdict == "failed"
    assert found.value == pytest.approx(0.60, abs=0.001)
    assert (found.limit, found.unit) == (0.08, "s")
    assert [(e.start_s, e.end_s) for e in found.evidence] == [(pytest.approx(1.6), pytest.approx(2.2))]
    assert "0.60 s" in found.why and "1.60 s" in found.why


def test_a_film_without_black_passes(bench, only):
    found = only(on_episode_cut(bench.cut(bench.film(50)), bench.desk))
    assert (found.verdict, found.value, found.evidence) == ("passed", 0.0, ())


def test_a_dark_night_is_not_black(bench, only):
    found = only(on_episode_cut(bench.cut(bench.film(50, dark=48)), bench.desk))
    assert found.verdict == "passed"


def test_one_black_frame_warns_and_three_fail(bench, only):
    one = only(on_episode_cut(bench.cut(bench.film(50, black=range(20, 21))), bench.desk))
    three = only(on_episode_cut(bench.cut(bench.film(50, black=range(20, 23))), bench.desk))
    assert (one.verdict, one.value) == ("warned", pytest.approx(0.04, abs=0.001))
    assert (three.verdict, three.value) == ("failed", pytest.approx(0.12, abs=0.001))


def test_black_at_the_end_is_found(bench, only):
    found = only(on_episode_cut(bench.cut(bench.film(50, black=range(45, 50))), bench.desk))
    assert found.verdict == "failed" and found.value == pytest.approx(0.20, abs=0.001)


def test_many_runs_are_at_most_twenty_and_say_how_many_are_hidden(bench, only):
    film = bench.film(250, black=range(0, 250, 10))
    found = only(on_episode_cut(bench.cut(film), bench.desk))
    assert len(found.evidence) == 20 and "5 more" in found.evidence[-1].note


@pytest.mark.parametrize("garbage", [b"", b"not a film", b"\0" * 5000])
def test_what_is_no_film_is_an_error_with_a_reason(bench, only, garbage):
    found = only(on_episode_cut(bench.cut(garbage), bench.desk))
    assert (found.verdict, found.value) == ("error", None)
    assert "cannot be measured" in found.why


def test_a_truncated_film_is_an_error(bench, only):
    whole = bench.film(50).read_bytes()
    found = only(on_episode_cut(bench.cut(whole[: len(whole) // 2]), bench.desk))
    assert found.verdict == "error"


def test_the_same_bytes_give_the_same_answer(bench, only):
    cut = bench.cut(bench.film(50, black=range(10, 14)))
    assert only(on_episode_cut(cut, bench.desk)) == only(on_episode_cut(cut, bench.desk))


def test_bytes_that_are_not_what_the_log_names_are_no_verdict(bench):
    cut = bench.cut(bench.film(50))
    path = bench.desk.artifacts.path(cut.film)
    data = bytearray(path.read_bytes())
    data[-1] ^= 255
    path.write_bytes(bytes(data))
    with pytest.raises(BadArtifact, match="duanju verify"):
        list(on_episode_cut(cut, bench.desk))
