"""Cues stay inside the reading limits, keep every word, and survive SRT."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.plugins.media.errors import SubtitleError
from duanju.plugins.media.speech_rate import spoken_ms
from duanju.plugins.media.subtitles import (
    LINGER_MS,
    MAX_MS,
    MIN_MS,
    Cue,
    limits_for,
    lines_of,
    read_srt,
    spaced,
    split_line,
    write_srt,
)
from duanju.plugins.media.wrapping import broken_in_two, reading_units

zh_text = st.text(alphabet="我你他她的是在不了有人这那说会，。！？", min_size=1, max_size=120).filter(
    lambda t: t.strip("，。！？")
)
en_text = st.lists(
    st.sampled_from(["I", "never", "thought,", "it", "would", "end.", "like", "this!"]),
    min_size=1,
    max_size=50,
).map(" ".join)


@given(
    st.one_of(st.tuples(zh_text, st.just("zh")), st.tuples(en_text, st.just("en"))),
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from([24, 25, 30]),
)
def test_cues_at_a_speaking_pace_keep_the_limits(
    said: tuple[str, str], start: int, tall: bool, fps: int
) -> None:
    text, language = said
    end = start + spoken_ms(text, language)
    cues = split_line(text, language, start, end, fps=fps, tall=tall)
    limits = limits_for(language, tall)
    assert "".join("".join(c.text.split()) for c in cues) == "".join(text.split())
    assert (cues[0].start_ms == start and end <= cues[-1].end_ms <= end + LINGER_MS) or len(cues) == 1
    for cue in cues:
        assert 0 < cue.end_ms - cue.start_ms <= MAX_MS
        assert reading_units(cue.text, language) <= limits.per_cue
    gap = 2 * 1000 / fps
    assert all(b.start_ms - a.end_ms >= gap - 1e-9 for a, b in itertools.pairwise(cues))


@given(en_text, st.integers(400, 20_000))
def test_short_cues_are_rare_company(text: str, length: int) -> None:
    cues = split_line(text, "en", 0, length, fps=25)
    if length >= MIN_MS and len(cues) == 1:
        assert cues[0].end_ms - cues[0].start_ms >= MIN_MS


def test_a_known_line() -> None:
    cues = split_line(
        "你终于回来了，我等了你整整三年。你知道我这三年是怎么过的吗？", "zh", 1000, 8000, fps=25
    )
    assert [c.text for c in cues] == ["你终于回来了，", "我等了你整整三年。", "你知道我这三年是怎么过的吗？"]
    assert cues[0].start_ms == 1000 and cues[-1].end_ms >= 8000


def test_a_short_cue_lingers_but_not_into_the_next_line() -> None:
    assert split_line("好。", "zh", 0, 300, fps=25)[0].end_ms == 800  # 0.5 s after the voice
    assert split_line("好。", "zh", 0, 300, fps=25, until_ms=500)[0].end_ms == 500


def test_spaced_keeps_two_frames_between_lines() -> None:
    cues = spaced([Cue(2000, 3000, "b"), Cue(0, 2400, "a")], 25)
    assert [(c.start_ms, c.end_ms) for c in cues] == [(0, 1920), (2000, 3000)]
    with pytest.raises(SubtitleError):
        spaced([Cue(0, 1000, "a"), Cue(50, 900, "b")], 25)


def test_srt_round_trip(tmp_path: Path) -> None:
    cues = [Cue(0, 1500, "你好，世界。"), Cue(1600, 3000, "Two words {not} a tag")]
    path = tmp_path / "a.srt"
    path.write_text(write_srt(cues), encoding="utf-8")
    assert "00:00:01,600 --> 00:00:03,000" in path.read_text(encoding="utf-8")
    got = read_srt(path)
    assert [(c.start_ms, c.end_ms) for c in got] == [(c.start_ms, c.end_ms) for c in cues]
    assert got[0].text == cues[0].text


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00garbage", b"no times here", b"\x89PNG\r\n\x1a\n"])
def test_garbage_is_no_srt(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.srt"
    path.write_bytes(data)
    with pytest.raises(SubtitleError):
        read_srt(path)


@pytest.mark.parametrize(
    ("text", "start", "end"), [("", 0, 1000), ("a" * 3000, 0, 1000), ("a", 5, 5), ("a", -1, 10)]
)
def test_impossible_lines_are_refused(text: str, start: int, end: int) -> None:
    with pytest.raises(SubtitleError):
        split_line(text, "en", start, end, fps=25)


mixed_text = st.text(alphabet="我你他的是，。！？“”…— abcXYZ,.!?'1900 ", min_size=1, max_size=200).filter(
    lambda t: t.strip()
)


@given(
    st.one_of(
        st.tuples(zh_text, st.just("zh")),
        st.tuples(en_text, st.just("en")),
        st.tuples(mixed_text, st.sampled_from(["zh", "en"])),
    ),
    st.booleans(),
    st.integers(1, 30_000),
)
def test_the_file_that_ships_has_two_lines_within_the_limits(
    said: tuple[str, str], tall: bool, length: int
) -> None:
    text, language = said
    if any("\u3400" <= c <= "\u9fff" for c in text):
        language = "zh"
    for cue in split_line(text, language, 0, length, fps=25, tall=tall):
        lines = lines_of(cue.text)
        assert 1 <= len(lines) <= 2
        assert "".join("".join(lines).split()) == "".join(cue.text.split()), "words were lost in the break"
        chinese = any(c >= "\u2e80" for c in cue.text)
        assert all(
            reading_units(line, "zh" if chinese else "en") <= (16 if chinese else 42) for line in lines
        )
        assert all(line == line.strip() and line for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Is it done?", ("Is it done?",)),
        ("x" * 42, ("x" * 42,)),
        ("x" * 43, ("x" * 42, "x")),  # no place to break: anywhere, rather than too wide
        (
            "He told me that he would be back, and I believed every word of it.",
            ("He told me that he would be back,", "and I believed every word of it."),
        ),
        ("茶" * 16, ("茶" * 16,)),
        ("我等了你整整三年，你却连一句话也没有留下", ("我等了你整整三年，", "你却连一句话也没有留下")),
        ("茶" * 15 + "，" + "馆" * 16, ("茶" * 15 + "，", "馆" * 16)),
        ("茶" * 16 + "，" + "馆" * 15, ("茶" * 16, "，" + "馆" * 15)),  # a mark begins a line, else 17 wide
    ],
)
def test_known_breaks(text: str, lines: tuple[str, ...]) -> None:
    assert lines_of(text) == lines


def test_a_long_line_is_written_in_lines_and_read_back_whole(tmp_path: Path) -> None:
    english = "He told me that he would be back, and I believed every word of it."
    chinese = "我等了你整整三年，你却连一句话也没有留下"
    path = tmp_path / "a.srt"
    path.write_text(write_srt([Cue(0, 4000, english), Cue(4100, 8000, chinese)]), encoding="utf-8")
    assert "\nHe told me that he would be back,\nand I believed every word of it.\n" in path.read_text(
        "utf-8"
    )
    first, second = read_srt(path)
    assert first.text.replace("\n", " ") == english and second.text.replace("\n", "") == chinese


def test_the_longest_hostile_line_is_split_at_once() -> None:
    for text in ("茶" * 2000, "x" * 2000, "。" * 2000, "a " * 1000):
        cues = split_line(text, "zh" if text[0] > "z" else "en", 0, 600_000, fps=25)
        assert all(len(lines_of(cue.text)) <= 2 for cue in cues)
    assert broken_in_two("word " * 400, len, 42) is None
