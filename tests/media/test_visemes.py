"""Mouth shapes follow the phonemes: every sound has a shape, closures are seen, nothing flickers."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.plugins.media.visemes import CLOSURE_MS, HOLD_MS, LEAD_MS, mouth_cues, shapes_of
from duanju.plugins.media.voice import Phoneme, Voices

KNOWN = [
    "m",
    "b",
    "p",
    "ˈaɪ",
    "n",
    "ɛ",
    "v",
    "ɚ",
    "",
    "tsh",
    "ts.",
    "iɑ",
    "ŋ",
    "o-",
    "l",
    "w",
    "ˈonɡ",
    "(en)",
    "ʘ",
]
spoken = st.lists(
    st.tuples(st.integers(-100, 4000), st.sampled_from(KNOWN) | st.text(max_size=4)), max_size=60
)


@pytest.mark.parametrize(
    ("symbol", "shapes"),
    [
        ("m", "A"), ("f", "G"), ("ˈɑː", "D"), ("ɔː", "E"), ("u", "F"), ("l", "H"), ("ɪ", "C"),
        ("i", "B"), ("s", "B"),
        ("aʊ", "DF"), ("əʊ", "EF"), ("eɪ", "CB"), ("tsh", "B"), ("ts.", "B"), ("tɕh", "B"), ("iɑ", "BD"),
        ("o-", "C"),
        ("ˈonɡ", "EB"), ("uei", "FCB"), ("ph", "A"), ("", ""), ("ˈ", ""), ("5", ""), ("(cmn)", ""),
        ("ã", "D"), ("ʘ", "B"),
    ],
)  # fmt: skip
def test_known_symbols(symbol: str, shapes: str) -> None:
    assert "".join(shapes_of(symbol)) == shapes


@given(spoken, st.integers(0, 5000))
def test_cues_are_a_clean_track(events: list[tuple[int, str]], duration: int) -> None:
    cues = mouth_cues([Phoneme(t, s) for t, s in events], duration)
    starts, shapes = [t for t, _ in cues], [s for _, s in cues]
    assert starts[0] == 0 and shapes[-1] == "X" and starts[-1] <= duration
    assert all(a < b for a, b in itertools.pairwise(starts))
    assert all(a != b for a, b in itertools.pairwise(shapes))
    assert set(shapes) <= set("ABCDEFGHX")
    for i in range(len(cues) - 1):
        least = CLOSURE_MS if shapes[i] == "A" else HOLD_MS
        if i == 0 and shapes[0] == "X":
            least = 1  # the line may start to speak at once
        assert starts[i + 1] - starts[i] >= least


@given(spoken, st.integers(200, 5000))
def test_every_closure_is_seen_near_its_sound(events: list[tuple[int, str]], duration: int) -> None:
    cues = mouth_cues([Phoneme(t, s) for t, s in events], duration)
    ends = [t for t, _ in cues[1:]] + [duration + 1]
    closed = [(t, end) for (t, shape), end in zip(cues, ends, strict=True) if shape == "A"]
    for time, symbol in events:
        if symbol in ("m", "b", "p"):
            at = min(max(time, 0), duration)
            assert any(
                t <= at + HOLD_MS + CLOSURE_MS and end >= at - LEAD_MS - HOLD_MS - CLOSURE_MS
                for t, end in closed
            )


@given(st.text(max_size=6))
def test_every_letter_has_a_shape(symbol: str) -> None:
    shapes = shapes_of(symbol)
    assert set(shapes) <= set("ABCDEFGHX")
    if any("a" <= c <= "z" for c in symbol) and not symbol.startswith("("):
        assert shapes


def test_a_long_pause_rests_and_a_tone_mark_does_not() -> None:
    held = mouth_cues([Phoneme(0, "a"), Phoneme(200, ""), Phoneme(260, "u"), Phoneme(400, "")], 500)
    assert [s for _, s in held] == ["D", "F", "X"]
    rested = mouth_cues([Phoneme(0, "a"), Phoneme(200, ""), Phoneme(900, "u")], 1200)
    assert [s for _, s in rested] == ["D", "X", "F", "X"]


@pytest.mark.parametrize("duration", [0, 1, CLOSURE_MS - 1, CLOSURE_MS, HOLD_MS - 1, HOLD_MS])
@pytest.mark.parametrize("starts", [(0,), (-20, 0), (0, 0, 90), (500,)])
@pytest.mark.parametrize("symbols", ["m", "ma", "pmb", "am", ""])
def test_a_line_of_no_length_has_a_mouth_too(duration: int, starts: tuple[int, ...], symbols: str) -> None:
    cues = mouth_cues([Phoneme(start, symbol) for start in starts for symbol in symbols], duration)
    assert cues[0][0] == 0 and cues[-1][1] == "X" and cues[-1][0] <= duration
    assert duration >= HOLD_MS or cues == [(0, "X")], "a mouth cannot open and close in less than two frames"


def test_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        mouth_cues([], -1)


def test_spoken_lines_move_the_mouth() -> None:
    with Voices() as voices:
        for text, language in (("My mother came home.", "en"), ("妈妈回家了。", "zh")):
            speech = voices.speak(text, language)  # type: ignore[arg-type]
            shapes = [s for _, s in mouth_cues(speech.phonemes, speech.duration_ms)]
            assert shapes.count("A") >= 2 and len(set(shapes)) >= 5 and shapes[-1] == "X"
