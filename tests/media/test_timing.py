"""Timing a recorded line from its sound alone, against speech whose times are known."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.plugins.media.align import align_english
from duanju.plugins.media.mouth_formats import FORMATS, written
from duanju.plugins.media.phonetics import ARPABET, FINALS, INITIALS, chinese_sounds, ipa_of_pinyin
from duanju.plugins.media.syllables import syllables_over_energy
from duanju.plugins.media.timing import TimedLine, time_line
from duanju.plugins.media.visemes import mouth_cues, shapes_of
from duanju.plugins.media.voice import Speech, Voices

LINES = (
    "You promised me the letter would be here by seven.",
    "She left the teahouse an hour ago and took the money with her.",
    "Did Xiao Mei tell you about the bank on Forty-second street?",
    "My brother built this bakery with his own hands.",
    "We close at 10, every night.",
    "The rain has not stopped for three days, and the river is rising.",
)
VOWELS = set("aeiouyɑɛɔəɪʊɤ")


@pytest.fixture(scope="module")
def voices() -> Iterator[Voices]:
    with Voices() as found:
        yield found


def sounds_by(voices: Voices) -> object:
    return lambda word: [one.symbol for one in voices.speak(word, "en").phonemes]


def errors(speech: Speech, sounds: Sequence[object]) -> list[int]:
    """How far each sound is from where the voice engine put it, where both have the same mouth shape."""
    said = [(one.start_ms, shapes_of(one.symbol)[0]) for one in speech.phonemes if shapes_of(one.symbol)]
    found = [(one.start_ms, shapes_of(one.symbol)[0]) for one in sounds if shapes_of(one.symbol)]  # type: ignore[attr-defined]
    same = difflib.SequenceMatcher(None, [s for _, s in said], [s for _, s in found], autojunk=False)
    blocks = same.get_matching_blocks()
    matched = sum(block.size for block in blocks)
    assert matched >= 0.8 * len(said)
    return [abs(said[i + k][0] - found[j + k][0]) for i, j, n in blocks for k in range(n)]


def test_english_is_aligned_within_40_ms_of_known_times(voices: Voices) -> None:
    pytest.importorskip("pocketsphinx")
    off: list[int] = []
    for text in LINES:
        speech = voices.speak(text, "en", gender="female", timbre=0)
        timed = time_line(speech.pcm, speech.sample_rate, text, "en", sounds_by(voices))  # type: ignore[arg-type]
        assert timed is not None and timed.how == "aligned"
        assert [one.start_ms for one in timed.words] == sorted(one.start_ms for one in timed.words)
        assert all(0 <= one.start_ms <= one.end_ms <= speech.duration_ms for one in timed.words)
        off += errors(speech, timed.sounds)
    assert np.median(off) < 40 and np.percentile(off, 90) < 120


def test_a_shifted_sound_shifts_its_words(voices: Voices) -> None:
    pytest.importorskip("pocketsphinx")
    speech = voices.speak(LINES[3], "en")
    late = np.concatenate([np.zeros(speech.sample_rate // 2, np.int16), speech.pcm])
    early = align_english(speech.pcm, speech.sample_rate, LINES[3], sounds_by(voices))  # type: ignore[arg-type]
    moved = align_english(late, speech.sample_rate, LINES[3], sounds_by(voices))  # type: ignore[arg-type]
    assert early is not None and moved is not None
    off = [b.start_ms - a.start_ms for a, b in zip(early.words[1:], moved.words[1:], strict=True)]
    assert abs(np.median(off) - 500) <= 20


def test_mandarin_syllables_lie_over_the_energy_nearer_than_even_ones(voices: Voices) -> None:
    ours: list[float] = []
    even: list[float] = []
    for text in (
        "我从来没想过会这样结束。",
        "二十年前他把这座宅子卖了，你知道吗？",
        "你答应过我，七点之前把信送到。",
    ):
        speech = voices.speak(text, "zh")
        count = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
        nuclei = [
            one.start_ms
            for before, one in zip((None, *speech.phonemes), speech.phonemes, strict=False)
            if VOWELS & set(one.symbol)
            and not (before and VOWELS & set(before.symbol) and one.symbol[0] not in "ˈˌ")
        ]
        assert len(nuclei) == count
        spans = syllables_over_energy(speech.pcm, speech.sample_rate, [1.0] * count)
        # a vowel sounds inside its syllable
        ours += [
            0 if a <= at < b else min(abs(a - at), abs(b - at))
            for at, (a, b) in zip(nuclei, spans, strict=True)
        ]
        share = speech.duration_ms / count
        even += [
            0 if n * share <= at < (n + 1) * share else min(abs(n * share - at), abs((n + 1) * share - at))
            for n, at in enumerate(nuclei)
        ]
    assert np.mean(ours) < 25 and np.mean(ours) < np.mean(even) / 2


def test_mandarin_is_marked_as_estimated_and_says_every_sign(voices: Voices) -> None:
    text = "银行行长，绿女100。"
    speech = voices.speak(text, "zh")
    timed = time_line(speech.pcm, speech.sample_rate, text, "zh", lambda word: [])
    assert timed is not None and timed.how == "estimated"
    assert [one.text for one in timed.words] == list("银行行长绿女100")
    assert all(0 <= one.start_ms < one.end_ms <= speech.duration_ms + 10 for one in timed.words)


def test_silence_and_a_text_without_words_have_no_times() -> None:
    assert time_line(np.zeros(16_000, np.int16), 16_000, "你好", "zh", lambda word: []) is None
    assert time_line(np.full(16_000, 900, np.int16), 16_000, "……", "zh", lambda word: []) is None
    assert syllables_over_energy(np.zeros(0, np.int16), 16_000, [1.0]) == []


@settings(max_examples=40)
@given(
    seconds=st.floats(0.05, 4),
    weights=st.lists(st.floats(0.5, 3), min_size=1, max_size=40),
    seed=st.integers(0, 99),
)
def test_syllables_are_in_order_inside_the_sound(seconds: float, weights: list[float], seed: int) -> None:
    noise = np.random.default_rng(seed)
    pcm = (noise.normal(0, 3000, int(seconds * 16_000)) * noise.integers(0, 2, int(seconds * 16_000))).astype(
        np.int16
    )
    spans = syllables_over_energy(pcm, 16_000, weights)
    assert len(spans) in (0, len(weights))
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges) and all(0 <= edge <= seconds * 1000 + 10 for edge in edges)


def test_every_sound_of_every_alphabet_has_a_shape() -> None:
    for table in (ARPABET, INITIALS):
        assert all(shapes_of(sound) for sound in table.values())
    assert all(shapes_of(sound) for sounds in FINALS.values() for sound in sounds)


def test_chinese_is_read_in_its_context() -> None:
    assert chinese_sounds(list("银行行走"))[1:3] == [ipa_of_pinyin("hang"), ipa_of_pinyin("xing")]
    assert ipa_of_pinyin("lü") == ("l", "y") and ipa_of_pinyin("xu") == ("ɕ", "y")
    assert ipa_of_pinyin("zhi") == ("ts.", "i.") and ipa_of_pinyin("yong") == ("j", "ʊ", "ŋ")
    assert shapes_of(ipa_of_pinyin("bo")[0]) == ("A",) and shapes_of(ipa_of_pinyin("fu")[0]) == ("G",)


@pytest.mark.parametrize("form", FORMATS)
def test_the_mouth_is_written_in_every_form_up_to_the_end(form: str, voices: Voices) -> None:
    text = "妈妈，别走。"
    speech = voices.speak(text, "zh")
    timed = time_line(speech.pcm, speech.sample_rate, text, "zh", lambda word: [])
    assert isinstance(timed, TimedLine)
    cues = mouth_cues(timed.sounds, speech.duration_ms)
    out = written(
        timed, cues, form, text=text, language="zh", duration_ms=speech.duration_ms, file="a<b>.wav"
    )
    seconds = speech.duration_ms / 1000
    if form == "rhubarb-tsv":
        rows = [line.split("\t") for line in out.splitlines()]
        assert rows[0][0] == "0.00" and rows[-1] == [f"{seconds:.2f}", "X"]
        ends = [(float(start), shape) for start, shape in rows]
        assert [start for start, _ in ends] == sorted(start for start, _ in ends)
    elif form == "rhubarb-xml":
        found = ElementTree.fromstring(out.encode())
        assert found.findtext("metadata/soundFile") == "a<b>.wav"
        spans = [(float(one.get("start", 9)), float(one.get("end", 9))) for one in found.iter("mouthCue")]
        assert spans[0][0] == 0 and spans[-1][1] == pytest.approx(seconds, abs=0.006)
        assert all(a[1] == b[0] for a, b in pairwise(spans))
    elif form == "rhubarb-json":
        told = json.loads(out)
        assert told["mouthCues"][-1]["end"] == seconds and {one["value"] for one in told["mouthCues"]} <= set(
            "ABCDEFGHX"
        )
    else:
        told = json.loads(out)
        assert told["duration_ms"] == speech.duration_ms and told["how"] == "estimated"
        assert told["characters_per_minute"] == round(4 / (speech.duration_ms / 60_000))
        assert "A" in {one["shape"] for one in told["visemes"]}
