"""technical.container counts what departs from the profile; each fault is made on purpose."""

from __future__ import annotations

import attrs
import pytest

from duanju.plugins.checks.technical_container import on_episode_cut


@pytest.fixture
def good(sine):
    return {"frames": 50, "sound": sine(2, -20)}


def test_a_film_of_the_profile_passes(bench, only, good):
    found = only(on_episode_cut(bench.cut(bench.film(**good)), bench.desk))
    assert (found.verdict, found.value, found.evidence) == ("passed", 0.0, ()), found.why


def test_moov_behind_mdat(bench, only, good):
    found = only(on_episode_cut(bench.cut(bench.film(**good, faststart=False)), bench.desk))
    assert (found.verdict, found.value) == ("failed", 1.0)
    assert "moov" in found.why


def test_no_colour_tags(bench, only, good):
    found = only(on_episode_cut(bench.cut(bench.film(**good, tags=False)), bench.desk))
    assert found.verdict == "failed" and found.value >= 3
    assert any("primaries" in e.note for e in found.evidence)


def test_full_chroma_and_another_sample_rate(bench, only, sine):
    film = bench.film(50, pix_fmt="yuv444p", sound=sine(2, -20, rate=44_100), rate=44_100)
    found = only(on_episode_cut(bench.cut(film), bench.desk))
    notes = " | ".join(e.note for e in found.evidence)
    assert found.value == 2.0
    assert "yuv444p" in notes and "44100" in notes


def test_mono_sound(bench, only, sine):
    film = bench.film(50, sound=sine(2, -20, channels=1))
    found = only(on_episode_cut(bench.cut(film), bench.desk))
    assert (found.verdict, found.value) == ("failed", 1.0) and "1 channels" in found.why


def test_empty_slots_are_no_constant_rate(bench, only, good):
    film = bench.film(**good, drop=frozenset({10, 11, 20, 30, 31}))
    found = only(on_episode_cut(bench.cut(film), bench.desk))
    assert found.verdict == "failed"
    assert any("not constant" in e.note for e in found.evidence)


@pytest.mark.parametrize(("seconds", "verdict"), [(1.5, "failed"), (1.95, "passed"), (2.5, "failed")])
def test_sound_and_picture_end_together(bench, only, sine, seconds, verdict):
    found = only(on_episode_cut(bench.cut(bench.film(50, sound=sine(seconds, -20))), bench.desk))
    assert found.verdict == verdict, found.why
    if verdict == "failed":
        assert "apart" in found.why


@pytest.mark.parametrize("change", [{"size": (256, 144)}, {"fps": 30}])
def test_another_size_or_rate(bench, only, sine, change):
    film = bench.film(60 if "fps" in change else 50, sound=sine(2, -20), **change)
    found = only(on_episode_cut(bench.cut(film), bench.desk))
    assert (found.verdict, found.value) == ("failed", 1.0), found.why


def test_the_delivery_decides_the_size(bench, only, good):
    film = bench.cut(bench.film(**good))
    delivery = attrs.evolve(bench.desk.settings.delivery, width=1080, height=1920)
    desk = attrs.evolve(bench.desk, settings=attrs.evolve(bench.desk.settings, delivery=delivery))
    found = only(on_episode_cut(film, desk))
    assert found.verdict == "failed" and "1080x1920" in found.why


def test_damaged_packets_are_decode_errors(bench, only, good):
    data = bytearray(bench.film(**good, faststart=False).read_bytes())
    start = data.index(b"mdat") + 200
    for at in range(start, min(start + 4000, len(data) - 2000)):
        data[at] ^= 0x5A
    found = only(on_episode_cut(bench.cut(bytes(data)), bench.desk))
    assert found.verdict in ("failed", "error")
    assert "decoding" in " ".join(e.note for e in found.evidence) or found.verdict == "error"


def test_no_sound_and_truncated_and_garbage(bench, only, good):
    without = only(on_episode_cut(bench.cut(bench.film(50)), bench.desk))
    assert without.verdict == "failed" and "no sound" in without.why
    whole = bench.film(**good).read_bytes()
    assert only(on_episode_cut(bench.cut(whole[:-500]), bench.desk)).verdict == "error"
    assert only(on_episode_cut(bench.cut(b"x" * 99), bench.desk)).verdict == "error"
