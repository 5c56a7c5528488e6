"""A line is spoken the same way every time, with phonemes inside it, and bad requests are refused."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from duanju.plugins.media.errors import VoiceError
from duanju.plugins.media.voice import MAX_TEXT, TIMBRES, Speech, Voices

EN, ZH = "I never thought it would end like this.", "我从来没想过会这样结束。"


@pytest.fixture(scope="module")
def voices() -> Iterator[Voices]:
    with Voices() as opened:
        yield opened


def digest(speech: Speech) -> str:
    return hashlib.sha256(speech.pcm.tobytes() + repr(speech.phonemes).encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "language", "low", "high"), [(EN, "en", 1500, 4000), (ZH, "zh", 1500, 4500)]
)
def test_a_line_has_sound_and_phonemes_in_order(
    voices: Voices, text: str, language: str, low: int, high: int
) -> None:
    speech = voices.speak(text, language)  # type: ignore[arg-type]
    starts = [p.start_ms for p in speech.phonemes]
    assert speech.pcm.dtype == np.int16 and speech.sample_rate == 22050
    assert low < speech.duration_ms < high
    assert abs(speech.duration_ms - speech.pcm.size * 1000 / 22050) <= 1
    assert len(starts) > 10 and starts == sorted(starts)
    assert starts[0] >= 0 and starts[-1] <= speech.duration_ms


def test_the_same_line_is_the_same_after_others_and_in_a_fresh_process(voices: Voices) -> None:
    first = digest(voices.speak(EN, "en", timbre=1, pitch=60))
    voices.speak(ZH, "zh", gender="male", rate_percent=130)
    assert digest(voices.speak(EN, "en", timbre=1, pitch=60)) == first
    time.sleep(1.1)  # the engine would seed its noise from the clock's seconds
    with Voices() as fresh:
        assert digest(fresh.speak(EN, "en", timbre=1, pitch=60)) == first


def test_every_timbre_speaks_both_languages_and_never_clips(voices: Voices) -> None:
    heard = set()
    for gender, variants in TIMBRES.items():
        for timbre in range(len(variants)):
            for text, language in (("What now?", "en"), ("怎么办？", "zh")):
                speech = voices.speak(text, language, timbre=timbre, gender=gender)  # type: ignore[arg-type]
                peak = int(np.abs(speech.pcm.astype(int)).max())
                assert 3000 < peak <= 0.89 * 32767 + 1
                heard.add(digest(speech))
    assert len(heard) == 2 * sum(len(v) for v in TIMBRES.values())


def test_rate_volume_and_length_follow_the_request(voices: Voices) -> None:
    normal, fast = voices.speak(EN, "en"), voices.speak(EN, "en", rate_percent=160)
    assert fast.duration_ms < normal.duration_ms * 0.8
    quiet = voices.speak(EN, "en", volume_percent=50)
    ratio = np.abs(quiet.pcm.astype(float)).max() / np.abs(normal.pcm.astype(float)).max()
    assert ratio == pytest.approx(0.5, abs=0.01)
    assert voices.speak("我" * 40, "zh").duration_ms > 4 * voices.speak("我" * 8, "zh").duration_ms * 0.8


def test_dots_are_a_silent_beat(voices: Voices) -> None:
    speech = voices.speak("……", "zh")
    assert speech.phonemes == () and speech.duration_ms == 600 and not speech.pcm.any()


@pytest.mark.parametrize(
    ("text", "language", "options"),
    [
        ("", "en", {}),
        (" \n\t", "en", {}),
        ("a" * (MAX_TEXT + 1), "en", {}),
        ("\ud800", "en", {}),
        ("hello", "fr", {}),
        ("hello", "en", {"pitch": 100}),
        ("hello", "en", {"rate_percent": 10}),
        ("hello", "en", {"timbre": -1}),
        ("hello", "en", {"volume_percent": 0}),
        ("hello", "en", {"gender": "robot"}),
    ],
)
def test_what_cannot_be_spoken_is_refused(
    voices: Voices, text: str, language: str, options: dict[str, object]
) -> None:
    with pytest.raises(VoiceError):
        voices.speak(text, language, **options)  # type: ignore[arg-type]


def test_hostile_text_is_only_text(voices: Voices) -> None:
    plain = voices.speak("a b", "en")
    assert digest(voices.speak("a\x00\x1b\nb", "en")) == digest(plain)
    assert voices.speak('[[hello]] <speak>&amp; {"a": 1}', "en").duration_ms > 500


def test_a_dead_worker_is_replaced() -> None:
    with Voices() as voices:
        before = digest(voices.speak("Hello.", "en"))
        worker = voices._worker
        assert worker is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        assert digest(voices.speak("Hello.", "en")) == before
        assert voices._worker is not worker


def test_a_stuck_worker_times_out() -> None:
    with Voices(timeout_s=0.2) as voices:
        voices._worker = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        stuck = voices._worker
        with pytest.raises(VoiceError, match="did not answer"):
            voices.speak("Hello.", "en")
        assert stuck.poll() is not None
