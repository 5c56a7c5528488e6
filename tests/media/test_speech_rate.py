"""A line's planned length agrees with its text and with what the voice takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.plugins.media.speech_rate import BEAT_MS, spoken_ms
from duanju.plugins.media.voice import Voices


def test_known_lengths() -> None:
    assert spoken_ms("我" * 45, "zh") == 10_000 + BEAT_MS
    assert spoken_ms(" ".join(["word"] * 27), "en") == 10_000 + BEAT_MS
    assert spoken_ms("……", "zh") == 2 * BEAT_MS == spoken_ms("", "en")
    assert spoken_ms("我" * 9 + " OK", "zh") == round(2000 + 1000 / 2.7 + BEAT_MS)


@given(st.text(alphabet="我你他好", max_size=30), st.text(alphabet="ab c", max_size=30))
def test_more_text_never_takes_less_time(han: str, latin: str) -> None:
    assert spoken_ms("好" + han + latin, "zh") >= spoken_ms("好" + han, "zh")


def test_the_plan_is_near_the_voice() -> None:
    lines = {
        "en": "The city never sleeps, and neither do I. Every morning I open the shop and wonder about her.",
        "zh": "这座城市从来不睡觉，我也一样。每天早上我打开店门，都在想她会不会回来。",
    }
    with Voices() as voices:
        for language, text in lines.items():
            said = voices.speak(text, language).duration_ms  # type: ignore[arg-type]
            assert said == pytest.approx(spoken_ms(text, language), rel=0.25)
