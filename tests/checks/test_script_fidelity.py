"""script.fidelity on a small episode whose lines, sounds and subtitles are tampered with one at a time."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.events.artifact import Artifact
from duanju.events.cut import CutLine, CutRequested, RoomTone
from duanju.events.episode import EpisodeOpened
from duanju.events.script import Element, SceneParsed, ScriptParsed, ShotListSettled
from duanju.plugins.checks.script_fidelity import on_episode_cut
from duanju.plugins.checks.wording import compare, normal
from duanju.testing.fold import fold

RATE = 48_000
TEXTS = {
    "L001": ("XIAO MEI", "Is it done?"),
    "L002": ("OLD ZHANG", "Be careful what you wish for, girl."),
    "L003": ("XIAO MEI", "I never wished for anything."),
    "L004": ("OLD ZHANG", "“Then why did you come?”"),
}
STARTS = {"L001": 400, "L002": 2000, "L003": 4200, "L004": 6400}
TOTAL_MS = 8400


def voice(line: str, ms: int = 1500) -> Any:
    """Babble of its own rhythm for a line: bursts of a hum, as syllables are."""
    rng = np.random.default_rng(int(line[1:4]))
    samples = np.arange(ms * RATE // 1000)
    loud = np.interp(samples, np.linspace(0, samples.size, 16), rng.uniform(0, 1, 16) ** 2)
    return (0.3 * loud * np.sin(2 * np.pi * 180 * samples / RATE)).astype(np.float32)


def soundtrack(voices: dict[str, Any], starts: dict[str, int], tone: float = 0.003) -> Any:
    out = tone * np.random.default_rng(7).standard_normal(TOTAL_MS * RATE // 1000).astype(np.float32)
    for line, sound in voices.items():
        at = starts[line] * RATE // 1000
        out[at : at + sound.size] += sound
    return np.stack([out, out])


def cues_of(order: list[str] | None = None, **texts: str) -> str:
    def clock(ms: int) -> str:
        return f"00:00:{ms // 1000:02d},{ms % 1000:03d}"

    rows = []
    for slot, line in zip(STARTS, order or list(STARTS), strict=False):
        start = STARTS[slot]
        text = texts.get(line, TEXTS[line][1])
        rows.append(f"{len(rows) + 1}\n{clock(start)} --> {clock(start + 1500)}\n{text}\n")
    return "\n".join(rows)


@attrs.define
class Story:
    """The episode's events; a test changes what it is about."""

    bench: Any
    only: Any
    placed: list[CutLine] = attrs.field(factory=list)
    planned_ms: int = TOTAL_MS
    written: str = ""
    sound: Any = None

    def measure(self, srt: str | None = None, film: bytes | None = None) -> Any:
        elements = tuple(
            Element("line", text, n, n, line, who, "spoken")
            for n, (line, (who, text)) in enumerate(TEXTS.items(), 1)
        )
        events = [
            ScriptParsed(1, "Tea", "en", "fountain", 1, 4, 9, (), (), ()),
            SceneParsed(1, "S01", 1, 1, "INT. TEAHOUSE", "Teahouse", True, "night", "en", 1, 9, (), elements),
            ShotListSettled(1, "s", 1, 4, self.planned_ms),
            CutRequested(
                1, "i1", "Tea", "en", 144, 256, 25, (), tuple(self.placed), (),
                (RoomTone(0, TOTAL_MS, "interior"),), -1600, -150,
            ),
        ]  # fmt: skip
        made = film if film is not None else self.bench.film(TOTAL_MS * 25 // 1000, sound=self.sound)
        cut = self.bench.cut(made, cues_of() if srt is None else srt)
        return self.only(on_episode_cut(cut, _opened(events), self.bench.desk))


def _opened(events: list[Any]) -> Any:
    none = Artifact("0" * 64, 0, "text/plain")
    return fold(
        [EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", none, "fountain", none, none), *events]
    )


@pytest.fixture
def story(bench, only) -> Story:
    made = Story(bench, only)
    voices = {line: voice(line) for line in TEXTS}
    for line, (who, text) in TEXTS.items():
        made.placed.append(CutLine(line, who, text, STARTS[line], 1500, bench.wav(voices[line])))
    made.sound = soundtrack(voices, STARTS)
    return made


def test_the_whole_script_passes(story):
    found = story.measure()
    assert (found.verdict, found.value) == ("passed", 0.0), found.why
    assert "all 4 lines" in found.why


@pytest.mark.parametrize(
    "text", ["Is  it\ndone?", "Is it done？", "\u200bIs it done?"], ids=["space", "full width", "invisible"]
)
def test_what_reads_the_same_is_the_same(story, text):
    assert story.measure(cues_of(L001=text)).verdict == "passed"


def test_a_line_over_several_cues_is_whole(story):
    srt = cues_of().replace(
        "00:00:02,000 --> 00:00:03,500\nBe careful what you wish for, girl.",
        "00:00:02,000 --> 00:00:02,900\nBe careful\n\n"
        "9\n00:00:02,980 --> 00:00:03,500\nwhat you wish for, girl.",
    )
    assert story.measure(srt).verdict == "passed"


def test_a_missing_subtitle(story):
    srt = cues_of(["L001", "L002", "L004"])
    found = story.measure(srt)
    assert (found.verdict, found.value) == ("failed", 1.0)
    assert "L003" in found.why and "no subtitle" in found.why


def test_a_swapped_pair_of_subtitles_is_one_move(story):
    found = story.measure(cues_of(["L001", "L003", "L002", "L004"]))
    assert (found.verdict, found.value) == ("failed", 1.0) and "out of order" in found.why


def test_one_wrong_word(story):
    found = story.measure(cues_of(L003="I never washed for anything."))
    assert (found.verdict, found.value) == ("failed", 1.0)
    assert "washed" in found.why and (found.evidence[0].start_s, found.evidence[0].end_s) == (4.2, 5.7)


def test_an_extra_subtitle(story):
    found = story.measure(cues_of() + "\n9\n00:00:08,000 --> 00:00:08,390\nSubtitles by a stranger\n")
    assert (found.verdict, found.value) == ("failed", 1.0) and "no line of the script" in found.why


def test_a_line_that_is_not_in_the_sound(story):
    story.sound = soundtrack({x: voice(x) for x in TEXTS if x != "L003"}, STARTS)
    found = story.measure()
    assert (found.verdict, found.value) == ("failed", 1.0)
    assert "L003" in found.why and "not heard" in found.why


def test_two_lines_swapped_in_the_sound_only(story):
    story.sound = soundtrack({x: voice(x) for x in TEXTS}, {**STARTS, "L002": 4200, "L003": 2000})
    found = story.measure()
    assert (found.verdict, found.value) == ("failed", 2.0)
    assert "unlike its recording" in found.why


def test_a_quiet_line_over_rain_is_heard(story):
    voices = {x: voice(x) * (0.15 if x == "L003" else 1) for x in TEXTS}
    story.sound = soundtrack(voices, STARTS, tone=0.004)
    assert story.measure().verdict == "passed"


def test_a_line_that_the_cut_leaves_out(story):
    del story.placed[1]
    found = story.measure()
    assert found.verdict == "failed" and "L002" in found.why and "not in the cut" in found.why


def test_a_long_line_in_parts_counts_as_one(story):
    whole = story.placed[2]
    first = attrs.evolve(whole, line="L003a", text="I never wished ", duration_ms=700,
                         audio=story.bench.wav(voice("L003")[: 700 * 48]))  # fmt: skip
    second = attrs.evolve(whole, line="L003b", text="for anything.", start_ms=4900, duration_ms=800,
                          audio=story.bench.wav(voice("L003")[700 * 48 :]))  # fmt: skip
    story.placed[2:3] = [first, second]
    assert story.measure().verdict == "passed"
    story.placed[3] = attrs.evolve(second, text="for nothing.")
    assert story.measure().verdict == "failed"


@pytest.mark.parametrize(
    ("planned_ms", "verdict"), [(8000, "passed"), (7600, "warned"), (7200, "failed"), (10_400, "failed")]
)
def test_the_length_against_the_plan(story, planned_ms, verdict):
    story.planned_ms = planned_ms
    found = story.measure()
    assert found.verdict == verdict
    if verdict != "passed":
        assert found.unit == "%" and found.value == pytest.approx(
            abs(TOTAL_MS - planned_ms) * 100 / planned_ms, abs=0.1
        )


def test_garbage_is_an_error_and_no_plan_is_skipped(story):
    bench, only = story.bench, story.only
    assert only(on_episode_cut(bench.cut(b"no film", ""), _opened([]), bench.desk)).verdict == "skipped"
    assert story.measure(film=b"no film at all").verdict == "error"
    assert story.measure("no subtitles at all").verdict == "error"


LINES = st.lists(st.text("abc你好 ,.“”", min_size=1, max_size=12).filter(lambda t: normal(t)), max_size=8)


@given(LINES)
def test_a_script_compared_with_itself_has_no_fault(lines):
    found = compare(lines, lines)
    assert found.faults == 0 and set(found.places) == set(range(len(lines)))


@given(LINES, st.integers(0, 7))
def test_a_missing_line_is_never_overlooked(lines, which):
    if not lines:
        return
    which %= len(lines)
    assert compare(lines, lines[:which] + lines[which + 1 :]).faults >= 1
