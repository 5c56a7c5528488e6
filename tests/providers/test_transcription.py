"""The provider `openai` writes down a voice with the times of its words, and what of an answer it believes.

Bodies: openai-openapi@f85dbe2 (spec 2.3.0) and openai-python@e43b4224. Never tried against the vendor.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from callkit import KEY, Calls, quick
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.core.prices import Price, units_of
from duanju.core.settings import Budget, Settings
from duanju.events.artifact import Artifact
from duanju.events.calls import CallAdmitted, CallFailed, CallRefused, TranscriptionRequested
from duanju.events.calls import TranscriptionReturned as Returned
from duanju.events.dialogue import Word
from duanju.plugins.providers.openai import OpenAI
from duanju.plugins.providers.openai.transcription import units_in, words_in
from duanju.testing.vendor import VendorServer
from duanju.testing.vendor.media import wav
from duanju.testing.vendor.openai import OpenAIVendor
from duanju.testing.vendor.transcripts import transcribed

WHISPER = {"whisper-1": {"second": "0.0001"}, "gpt-4o-transcribe": {"input": 2.5, "output": 10}}
VOICE = wav(2300, "a voice")


def hear(audio: Artifact, language: str = "en", duration_ms: int = 2300) -> TranscriptionRequested:
    """A request for the times of a line's words."""
    return TranscriptionRequested(1, "L001", "mouth", 1, audio, duration_ms, language, "Is it done?")


class Heard:
    """A play whose one line was heard so, with what the vendor saw."""

    def __init__(
        self,
        root: Path,
        monkeypatch: pytest.MonkeyPatch,
        say: Callable[[bytes, int], dict[str, Any]] | None = None,
        *,
        model: str = "whisper-1",
        sound: bytes = VOICE,
        language: str = "en",
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        vendor = OpenAIVendor(key=KEY, hear=say)
        seen: list[Any] = []
        routes = [
            attrs.evolve(one, answer=lambda asked, answer=one.answer: (seen.append(asked), answer(asked))[1])
            for one in vendor.routes()
        ]
        with VendorServer(routes, prefix="/v1") as server:
            play = Calls(root, server.url, price=WHISPER)
            quick(play.provider)
            play.settings = Settings(
                routes={"transcription": (f"openai:{model}",)}, budget=Budget(repeat_below=0)
            )
            audio = play.artifacts.put(sound, "audio/wav")
            self.stream = play.open(first=[hear(audio, language)])
            play.run()
            self.seen, self.charged = seen, server.books.charged()
        self.spent = play.spent()
        self.returned: list[Returned] = play.all(self.stream, Returned)
        self.failed: list[CallFailed] = play.all(self.stream, CallFailed)
        self.admitted: list[CallAdmitted] = play.all(self.stream, CallAdmitted)
        play.close()


def test_words_come_back_with_their_times_and_the_vendor_s_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Heard(tmp_path, monkeypatch, lambda data, ms: transcribed("Is it done?", ms, 500))
    (returned,) = one.returned
    assert returned.words == (Word(500, 1100, "Is"), Word(1100, 1700, "it"), Word(1700, 2300, "done"))
    assert (returned.text, returned.duration_ms, returned.subject) == ("Is it done?", 2300, "L001")
    assert returned.bill.usage == {"seconds": 3} and returned.bill.billing == "billed"
    assert returned.bill.cost == 300 == one.charged and one.spent == (300, 0, 0)
    assert one.admitted[0].ceiling == one.admitted[0].quote == 300
    (asked,) = one.seen
    parts = {part.name: part for part in asked.parts}
    assert {name: part.data for name, part in parts.items() if name != "file"} == {
        "model": b"whisper-1",
        "response_format": b"verbose_json",
        "timestamp_granularities[]": b"word",
        "language": b"en",
    }
    file = parts["file"]
    assert (file.file, file.media, file.data) == ("line.wav", "audio/wav", VOICE)
    assert b"Is it done" not in asked.body, "the model is not told what it should hear"


def test_tokens_are_billed_as_tokens_and_no_usage_at_the_ceiling() -> None:
    tokens = {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59}
    assert units_in(tokens) == {"input_token": 14, "output_token": 45}
    assert units_in({"type": "duration", "seconds": 2.2}) == {"second": 3}
    for odd in (None, [], {}, {"type": "duration"}, {"type": "duration", "seconds": -1}, {"input_tokens": 1}):
        assert units_in(odd) is None


def test_an_answer_without_usage_is_booked_at_its_ceiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(data: bytes, ms: int) -> dict[str, Any]:
        body = transcribed("yes", ms)
        del body["usage"]
        return body

    one = Heard(tmp_path, monkeypatch, say)
    assert one.returned[0].bill.cost is None and one.returned[0].bill.billing == "unknown"
    assert one.spent == (300, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.pop("words"),
        lambda body: body.pop("text"),
        lambda body: body["words"].append({"word": "x", "start": "0", "end": 1}),
        lambda body: body["words"].append({"word": "x", "start": 0}),
        lambda body: body.update(words="none"),
    ],
)
def test_an_answer_without_the_times_of_words_is_none_and_is_paid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], object]
) -> None:
    def say(data: bytes, ms: int) -> dict[str, Any]:
        body = transcribed("Is it done?", ms)
        change(body)
        return body

    one = Heard(tmp_path, monkeypatch, say)
    (failed,) = one.failed
    assert one.returned == [] and "no words with times" in failed.why and failed.fallback
    assert failed.bill.cost == 300 == one.charged and one.spent == (300, 0, 0)


def test_a_model_that_times_no_words_is_not_even_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Heard(tmp_path, monkeypatch, model="gpt-4o-transcribe")
    (failed,) = one.failed
    assert "gpt-4o-transcribe does not say when words sound" in failed.why and "whisper-1" in failed.why
    assert failed.fallback and one.seen == [] and one.spent == (0, 0, 0)


@pytest.mark.parametrize("sound", [b"", b"RIFF", b"<html>", VOICE[:2000]])
def test_what_is_no_sound_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sound: bytes) -> None:
    one = Heard(tmp_path, monkeypatch, sound=sound)
    assert "the sound cannot be sent" in one.failed[0].why and one.seen == [] and one.spent == (0, 0, 0)


def test_what_the_vendor_refuses_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Heard(tmp_path, monkeypatch, language="english")
    assert "language" in one.failed[0].why and one.charged == 0 and one.spent == (0, 0, 0)


def test_whisper_is_priced_by_the_second_until_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = {price.route: price for price in OpenAI("openai", {}).duanju_prices()}
    price = prices["openai:whisper-1"]
    assert price.until == "2027-02-26" and price.cost({"second": 60}) == 6000
    asked = hear(Artifact("0" * 64, 9, "audio/wav"), duration_ms=59_400)
    assert units_of(asked, price) == ({"second": 60}, {"second": 60})
    by_token = Price("x:m", {"input_token": 1, "output_token": 1})
    expected, most = units_of(asked, by_token)
    assert set(expected) == {"input_token", "output_token"} and all(expected[u] < most[u] for u in expected)


def test_without_a_key_nothing_is_sent(tmp_path: Path) -> None:
    play = Calls(tmp_path, "http://127.0.0.1:9/v1", price=WHISPER)
    play.settings = Settings(routes={"transcription": ("openai:whisper-1",)})
    stream = play.open(first=[hear(play.artifacts.put(VOICE, "audio/wav"))])
    play.run()
    (refused,) = play.all(stream, CallRefused)
    assert "OPENAI_API_KEY" in refused.next
    play.close()


_ODD = st.none() | st.booleans() | st.integers(-9, 1 << 60) | st.floats() | st.text(max_size=4)
_WORDS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"word": st.text(max_size=5) | _ODD, "start": st.floats(0, 9) | _ODD, "end": _ODD}
    )
    | st.fixed_dictionaries({"word": st.text(max_size=5), "start": st.floats(-1, 9), "end": st.floats(0, 9)})
    | _ODD,
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(_WORDS | _ODD, st.integers(0, 5000))
def test_any_words_are_none_or_in_order_inside_the_sound(words: Any, lasts: int) -> None:
    found = words_in(words, lasts)
    if found is None:
        return
    starts = [one.start_ms for one in found]
    assert starts == sorted(starts) and len(found) <= len(words)
    assert all(0 <= one.start_ms <= one.end_ms <= lasts for one in found)
