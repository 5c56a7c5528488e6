"""subtitle.timing on subtitles whose faults are known, and as properties over many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.plugins.checks.subtitle_timing import Cue, faults_of, is_chinese, on_episode_cut, reading_load


def srt(*cues: tuple[int, int, str]) -> str:
    def clock(ms: int) -> str:
        return f"{ms // 3600000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d},{ms % 1000:03d}"

    return "\n".join(f"{n}\n{clock(a)} --> {clock(b)}\n{text}\n" for n, (a, b, text) in enumerate(cues, 1))


def measure(bench, only, *cues, frames=250):
    return only(on_episode_cut(bench.cut(bench.film(frames), srt(*cues)), bench.desk))


def test_fourteen_signs_in_a_second_are_fourteen(bench, only):
    found = measure(bench, only, (1000, 2000, "我从来没想过会这样结束了吗"[:13] + "呢"))
    assert found.verdict == "failed"
    assert (found.value, found.limit, found.unit) == (14.0, 9.0, "cps")
    assert "1.00 s" in found.why
    assert (found.evidence[0].start_s, found.evidence[0].end_s) == (1.0, 2.0)


def test_good_subtitles_pass_in_both_languages(bench, only):
    found = measure(bench, only, (0, 1500, "我从来没想过这样"), (1600, 3600, "Be careful what you wish for."))
    assert found.verdict == "passed", found.why
    assert found.unit == "cps" and found.value <= found.limit


def test_an_overlap_of_thirty_hundredths_fails(bench, only):
    found = measure(bench, only, (0, 2000, "Is it done?"), (1700, 4000, "Be careful."))
    assert found.verdict == "failed" and (found.value, found.unit) == (-0.3, "s")
    assert "overlaps the next by 0.30 s" in found.why


def test_after_the_end_of_the_film(bench, only):
    found = measure(bench, only, (1000, 2500, "Is it done?"), frames=50)
    assert found.verdict == "failed" and "0.50 s after the film" in found.why


@pytest.mark.parametrize(
    ("cues", "verdict", "word"),
    [
        ([(0, 700, "No.")], "failed", "at least 0.83"),
        ([(0, 840, "No.")], "passed", ""),
        ([(0, 700, "No."), (780, 2000, "Never again.")], "warned", "at least 0.83"),  # no room for more
        ([(0, 7100, "Be careful what you wish for.")], "failed", "at most 7"),
        ([(0, 7000, "Be careful what you wish for.")], "passed", ""),
        ([(0, 1500, "Is it done?"), (1540, 3000, "It is done.")], "warned", "1.0 frames"),
        ([(0, 1500, "Is it done?"), (1580, 3000, "It is done.")], "passed", ""),
        ([(0, 2000, "a" * 41)], "failed", "cps|characters a second"),
        ([(0, 3000, "a" * 42)], "passed", ""),
        ([(0, 3000, "a" * 43)], "failed", "a line of 43"),
        ([(0, 6500, "你说什么？\nI said it was jasmine, my child.")], "passed", ""),  # 32 Latin letters
        ([(0, 3000, "茶" * 16)], "passed", ""),
        ([(0, 3000, "茶" * 17)], "failed", "a line of 17"),
        ([(0, 4000, "茶" * 16 + "\n" + "馆" * 16)], "passed", ""),
        ([(0, 4000, "one\ntwo\nthree")], "failed", "3 lines"),
        ([(2000, 4000, "It is done."), (0, 1500, "Is it done?")], "failed", "out of order"),
    ],
)
def test_limits_to_both_sides(bench, only, cues, verdict, word):
    found = measure(bench, only, *cues)
    assert found.verdict == verdict, found.why
    assert not word or any(part in found.why for part in word.split("|")), found.why


def test_an_empty_file_passes_and_garbage_is_an_error(bench, only):
    film = bench.film(25)
    assert only(on_episode_cut(bench.cut(film, ""), bench.desk)).verdict == "passed"
    assert only(on_episode_cut(bench.cut(film, "no subtitles at all"), bench.desk)).verdict == "error"
    assert only(on_episode_cut(bench.cut(b"no film", srt((0, 900, "Yes."))), bench.desk)).verdict == "error"


def test_what_is_read():
    assert reading_load("我们走。") == 4
    assert reading_load("我们去KTV") == 4.5  # a Latin letter is half a sign beside Chinese
    assert reading_load("Let's go.") == 9
    assert is_chinese("小美，OK？") and not is_chinese("Meet 小 at the old tea house tonight")


CUES = st.lists(
    st.tuples(
        st.integers(1000, 6500), st.integers(80, 3000), st.sampled_from(["你好吗", "茶馆", "Be careful."])
    ),
    min_size=1,
    max_size=12,
)


@given(CUES)
def test_subtitles_made_within_the_limits_have_no_fault(raw):
    at, cues = 0, []
    for length, gap, text in raw:
        cues.append(Cue(at, at + length, text))
        at += length + gap
    assert faults_of(cues, 25, at) == []


@given(CUES, st.integers(0, 11), st.integers(1, 900))
def test_pulling_a_cue_into_the_one_before_it_is_always_found(raw, which, depth):
    at, cues = 0, []
    for length, gap, text in raw:
        cues.append(Cue(at, at + length, text))
        at += length + gap
    which %= len(cues)
    if which == 0:
        return
    cues[which] = Cue(cues[which - 1].end_ms - depth, cues[which].end_ms, cues[which].text)
    assert any(fault.name == "overlap" and fault.fails for fault in faults_of(cues, 25, at))
