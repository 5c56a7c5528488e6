"""The provider `elevenlabs`: bodies, voices, alignments that are believed or not, errors, and mouths.

Bodies: elevenlabs-python@54e58995 (2.59) and elevenlabs 2.78.0. Never tried against the vendor.
"""

from __future__ import annotations

import base64
import io
import tomllib
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from callkit import quick, speak
from hypothesis import given, settings
from hypothesis import strategies as st
from stagehand import Play

from duanju.core.errors import BadSetting
from duanju.core.plugins import load_plugins
from duanju.core.settings import Budget, Settings
from duanju.events.calls import CallDoubted, CallFailed, SpeechReturned
from duanju.events.cast import Voice
from duanju.events.dialogue import Letter
from duanju.plugins.providers.calling.classify import classify
from duanju.plugins.providers.calling.transport import Answer
from duanju.plugins.providers.calling.verdicts import Kind
from duanju.plugins.providers.elevenlabs import ElevenLabs, ElevenLabsSettings
from duanju.plugins.providers.elevenlabs.alignment import letters_of, sounding_ms
from duanju.plugins.providers.elevenlabs.catalogue import MODELS, VOICES, most_characters
from duanju.plugins.providers.elevenlabs.refusals import elevenlabs_vendor
from duanju.plugins.providers.elevenlabs.speech import speech_body
from duanju.plugins.providers.elevenlabs.voices import voice_for, voices_of
from duanju.testing.vendor import Fault, Given, VendorServer, in_turn
from duanju.testing.vendor.elevenlabs import ElevenLabsVendor, aligned, error, spoken
from duanju.testing.vendor.faults import answer

KEY = "xi-planted-0c55ab"
MODEL = "eleven_multilingual_v2"

Start = Callable[..., tuple[Play, VendorServer]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes a play with `elevenlabs` before its vendor; `say` answers bodies, `faults` go wrong in turn."""
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    open_now: list[Any] = []

    def make(
        say: Callable[[Any, str], Any] | None = None, faults: list[Fault | None] | None = None, **more: Any
    ) -> tuple[Play, VendorServer]:
        vendor = ElevenLabsVendor(say, key=KEY, voices=more.get("voices", frozenset()))
        plan = in_turn(faults) if faults is not None else None
        server = VendorServer(vendor.routes(), prefix="/v1", key_header="xi-api-key", faults=plan)
        server.__enter__()
        table = {"base_url": server.url, **more.get("table", {})}
        play = Play(tmp_path, {"elevenlabs": quick(ElevenLabs("elevenlabs", table))})
        route = f"elevenlabs:{more.get('model', MODEL)}"
        play.settings = Settings(routes={"speech": (route,)}, budget=Budget(repeat_below=0))
        open_now[:] = [*open_now, server, play]
        return play, server

    yield make
    for one in reversed(open_now):
        one.close() if isinstance(one, Play) else one.__exit__(None, None, None)


def outcome(play: Play, *requests: Any) -> Any:
    """The last event that says what became of an episode's one call."""
    stream = play.open(first=requests)
    play.run()
    kinds = ("speech_returned", "call_failed", "call_doubted")
    return [record.event for record in play.log.read(stream=stream) if record.kind in kinds][-1]


# bodies and voices --------------------------------------------------------------------------------------


def test_the_body_of_a_line_is_exactly_this() -> None:
    model = next(one for one in MODELS if one.name == MODEL)
    body = speech_body(speak("l"), model, ElevenLabsSettings(), "key-1")
    seed = body.pop("seed")
    assert body == {"text": "Is it done?", "model_id": MODEL}
    assert 0 <= seed < 1 << 32
    again = speech_body(speak("l"), model, ElevenLabsSettings(), "key-1")["seed"]
    other = speech_body(speak("l"), model, ElevenLabsSettings(), "key-2")["seed"]
    assert again == seed != other


def test_language_speed_and_tuning_are_sent_where_they_are_taken() -> None:
    flash = next(one for one in MODELS if one.name == "eleven_flash_v2_5")
    event = speak("l")
    hasty = attrs.evolve(event, direction=attrs.evolve(event.direction, pace=180))
    body = speech_body(hasty, flash, ElevenLabsSettings(stability=0.4, style=0.0), "k")
    assert body["language_code"] == "en"
    assert body["voice_settings"] == {"stability": 0.4, "style": 0.0, "speed": 1.2}
    slow = attrs.evolve(event, voice=attrs.evolve(event.voice, rate=60))
    assert speech_body(slow, flash, ElevenLabsSettings(), "k")["voice_settings"] == {"speed": 0.7}


def test_a_character_always_has_the_same_voice_of_its_gender_and_age() -> None:
    voices = voices_of("elevenlabs", {})
    women = [voice_for(Voice("female", n, 50, 100), voices) for n in range(4)]
    assert women == list(VOICES["female"]) and voice_for(Voice("female", 4, 50, 90), voices) == women[0]
    assert voice_for(Voice("female", 0, 78, 100), voices) == VOICES["female-young"][0]
    assert voice_for(Voice("male", 2, 36, 90), voices) == VOICES["male-old"][0]
    assert voice_for(Voice("female", 1, 36, 90), voices) == women[1], "no old women: an adult's voice"
    assert voice_for(Voice("robot", 3, 50, 100), voices) == VOICES["neutral"][0]
    ids = [one for group in VOICES.values() for one in group]
    assert len(set(ids)) == len(ids)


def test_a_studio_s_voices_go_before_the_premade_ones() -> None:
    voices = voices_of("elevenlabs", {"male": "mine1", "female-old": ["mine2", "mine3"]})
    assert voice_for(Voice("male", 7, 50, 100), voices) == "mine1"
    assert voice_for(Voice("female", 1, 30, 100), voices) == "mine3"
    assert voice_for(Voice("female", 0, 50, 100), voices) == VOICES["female"][0]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"voices": {"men": ["a"]}}, "no such group"),
        ({"voices": {"male": []}}, "must be a list"),
        ({"voices": {"male": ["a/../b"]}}, "no voice id"),
        ({"voices": {"male": [5]}}, "no voice id"),
        ({"output_format": "mp3_44100_128"}, "output_format"),
        ({"stability": 1.5}, "stability"),
        ({"base_url": "http://api.elevenlabs.io/v1"}, "https://"),
        ({"prices": {"m": {"charcter": 1}}}, "charcter"),
    ],
)
def test_a_wrong_setting_is_named(table: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        ElevenLabs("elevenlabs", table)


# alignments ---------------------------------------------------------------------------------------------


def test_letters_have_the_vendor_s_times_in_milliseconds() -> None:
    got = letters_of(aligned("Hi, 你"), "Hi, 你", 400, 520)
    assert got[:2] == (Letter(0, 80, "H"), Letter(80, 160, "i"))
    assert got[-1] == Letter(320, 400, "你") and len(got) == 5


def test_a_tail_that_ran_away_is_stretched_to_the_voice_and_dropped_when_it_is_too_far() -> None:
    text = "Be careful what you wish for, my old friend."
    sounding = 80 * len(text)
    drifted = letters_of(aligned(text, stretch=1.15), text, sounding, sounding + 100)
    assert len(drifted) == len(text) and abs(drifted[-1].end_ms - sounding) <= 2
    assert abs(drifted[10].start_ms - 800) <= 2
    early = letters_of(aligned(text, stretch=0.85), text, sounding, sounding + 100)
    assert abs(early[-1].end_ms - sounding) <= 2
    for stretch in (0.5, 1.6, 3.0):
        assert letters_of(aligned(text, stretch=stretch), text, sounding, sounding + 100) == ()


def _with(**changes: Any) -> dict[str, Any]:
    return {**aligned("Yes."), **changes}


@pytest.mark.parametrize(
    "alignment",
    [
        None,
        [],
        {},
        _with(characters=list("Yes")),
        _with(characters="Yes."),
        _with(characters=["Y", "e", "s", 5]),
        _with(characters=["Y", "e", "", "."]),
        _with(characters=list("Hao!")),
        _with(character_start_times_seconds=[0.0, 0.2, 0.1, 0.3]),
        _with(character_end_times_seconds=[0.1, 0.2, 0.3]),
        _with(character_start_times_seconds=[0.0, 0.1, 0.2, float("inf")]),
        _with(character_start_times_seconds=[0.0, 0.1, 0.2, True]),
        _with(character_start_times_seconds=[-0.1, 0.1, 0.2, 0.3]),
        _with(
            character_start_times_seconds=[0.0, 0.3, 0.31, 0.32],
            character_end_times_seconds=[0.1, 0.2, 0.3, 0.32],
        ),
    ],
)
def test_an_alignment_that_contradicts_itself_or_the_text_is_dropped(alignment: Any) -> None:
    assert letters_of(alignment, "Yes.", 320, 440) == ()


_TIMES = st.lists(st.floats(allow_nan=True) | st.integers(-5, 10**9), max_size=6)


@settings(max_examples=200)
@given(
    st.lists(st.text(max_size=3), max_size=6), _TIMES, _TIMES, st.integers(-5, 5000), st.integers(-5, 5000)
)
def test_whatever_comes_the_letters_lie_in_order_inside_the_line(
    signs: list[str], starts: list[Any], ends: list[Any], sounding: int, duration: int
) -> None:
    raw = {
        "characters": signs,
        "character_start_times_seconds": starts,
        "character_end_times_seconds": ends,
    }
    letters = letters_of(raw, "".join(signs), sounding, duration)
    at = [one.start_ms for one in letters]
    assert at == sorted(at) and all(0 <= one.start_ms <= one.end_ms <= duration for one in letters)


def test_where_the_voice_falls_silent_is_measured() -> None:
    assert sounding_ms(spoken("abcde"), 24_000) in range(395, 401)
    assert sounding_ms(bytes(4800), 24_000) == 0 == sounding_ms(b"", 24_000)


# what the vendor says no with ---------------------------------------------------------------------------

ERRORS = [
    (error(401, "quota_exceeded", "This request exceeds your quota of 10000."), Kind.QUOTA_GONE, False, True),
    (error(401, "invalid_api_key"), Kind.NOT_ACCEPTED, False, False),
    (error(401, "missing_permissions"), Kind.NOT_ACCEPTED, False, False),
    (error(400, "max_character_limit_exceeded"), Kind.NOT_ACCEPTED, False, True),
    (error(404, "voice_not_found"), Kind.NOT_ACCEPTED, False, False),
    (error(429, "too_many_concurrent_requests"), Kind.FULL, True, True),
    (error(429, "system_busy"), Kind.RATE_LIMITED, True, True),
    (error(403, "content_against_policy"), Kind.REFUSED, False, True),
    (error(400, "model_not_found"), Kind.NOT_ACCEPTED, False, True),
    (error(500, "internal_server_error"), Kind.UNKNOWN, False, True),
    (
        Given({"detail": [{"loc": ["body", "text"], "msg": "field required"}]}, 422),
        Kind.NOT_ACCEPTED,
        False,
        True,
    ),
]


@pytest.mark.parametrize(("said", "kind", "again", "fallback"), ERRORS)
def test_every_error_has_its_meaning(said: Given, kind: Kind, again: bool, fallback: bool) -> None:
    verdict = classify(Answer(said.status, {}, said.raw), elevenlabs_vendor("elevenlabs"))
    assert (verdict.kind, verdict.again, verdict.fallback) == (kind, again, fallback)
    if said.status == 422:
        assert "body.text: field required" in verdict.why


# through the engine -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "rate"), [("pcm_24000", 24_000), ("pcm_16000", 16_000)])
def test_a_line_is_spoken_timed_and_billed_by_its_characters(start: Start, form: str, rate: int) -> None:
    play, server = start(table={"output_format": form})
    done = outcome(play, speak("l", "Is it done? 好了。"))
    assert isinstance(done, SpeechReturned)
    with wave.open(io.BytesIO(play.artifacts.read(done.audio))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, rate)
        assert round(file.getnframes() * 1000 / rate) == done.duration_ms == 15 * 80 + 120
    assert "".join(one.text for one in done.letters) == "Is it done? 好了。"
    assert done.letters[-1].end_ms == 1200 and done.phonemes == ()
    assert done.bill.cost == server.books.charged() == 1200
    assert done.bill.usage == {"character": 15, "character-cost": 15} and done.bill.vendor_id == "req000001"
    assert set(server.books.by_key()) == {KEY}


def test_chinese_letters_are_those_of_the_text_not_of_the_normalized_one(start: Start) -> None:
    def say(body: Any, voice: str) -> dict[str, Any]:
        sound = base64.b64encode(spoken(body["text"])).decode()
        latin = aligned("xu yuan yao xiao xin")
        return {"audio_base64": sound, "alignment": aligned(body["text"]), "normalized_alignment": latin}

    play, _ = start(say)
    done = outcome(play, speak("l", "许愿要小心啊。"))
    assert [one.text for one in done.letters] == list("许愿要小心啊。")


@pytest.mark.parametrize(
    "alignment", [None, aligned("xu yuan yao xiao xin"), aligned("许愿要小心啊。", stretch=4)]
)
def test_a_line_without_a_believable_alignment_is_a_line_all_the_same(start: Start, alignment: Any) -> None:
    sound = base64.b64encode(spoken("许愿要小心啊。")).decode()
    play, server = start(
        lambda body, voice: {"audio_base64": sound, "alignment": alignment, "normalized_alignment": None}
    )
    done = outcome(play, speak("l", "许愿要小心啊。"))
    assert isinstance(done, SpeechReturned) and done.letters == () and done.duration_ms == 680
    assert done.bill.cost == server.books.charged()


_ID3 = base64.b64encode(b"ID3\x04" + bytes(400)).decode()
_PAGE = base64.b64encode(b"<html><body>oops</body></html>").decode()


@pytest.mark.parametrize("sound", ["", "###", "AA==", _ID3, _PAGE, None, 5])
def test_what_is_no_sound_is_malformed_kept_and_billed(start: Start, sound: Any) -> None:
    play, server = start(lambda body, voice: {"audio_base64": sound, "alignment": None})
    failed = outcome(play, speak("l"))
    assert isinstance(failed, CallFailed) and "artifact" in failed.why
    assert failed.bill.cost == server.books.charged() > 0


def test_samples_that_look_like_a_frame_s_first_bytes_are_still_samples(start: Start) -> None:
    quiet = (b"\xff\xff" * 200) + spoken("Yes.")
    play, _ = start(lambda body, voice: {"audio_base64": base64.b64encode(quiet).decode(), "alignment": None})
    assert isinstance(outcome(play, speak("l", "Yes.")), SpeechReturned)


def test_a_full_queue_is_waited_for_here_and_a_lost_answer_is_doubted(start: Start) -> None:
    full = error(429, "too_many_concurrent_requests")
    play, server = start(faults=[answer(429, full.body), None, Fault("reset_after", taken=True)])
    stream = play.open("one", [speak("a")])
    play.run()
    (done,) = play.all(stream, SpeechReturned)
    assert [attempt.status for attempt in done.bill.attempts] == [429, 200]
    stream = play.open("two", [speak("b", "Another line.")])
    play.run()
    assert len(play.all(stream, CallDoubted)) == 1
    assert server.books.submits() == 3 and server.books.taken_twice() == []


def test_a_voice_that_is_not_there_waits_for_a_person_and_costs_nothing(start: Start) -> None:
    play, server = start(voices=frozenset({"other"}))
    failed = outcome(play, speak("l"))
    assert isinstance(failed, CallFailed) and not failed.fallback and "voice_not_found" in failed.why
    assert failed.bill.billing == "free" and server.books.charged() == 0


def test_a_line_that_is_too_long_is_not_sent(start: Start) -> None:
    play, server = start(model="eleven_v3")
    failed = outcome(play, speak("l", "a" * (most_characters("eleven_v3") + 1)))
    assert isinstance(failed, CallFailed) and "more than 5000" in failed.why and server.books.submits() == 0


def test_a_key_that_the_vendor_echoes_is_nowhere_to_be_read(start: Start, tmp_path: Path) -> None:
    play, _ = start(lambda body, voice: Given({"detail": {"status": "weird", "message": f"key {KEY}"}}, 400))
    failed = outcome(play, speak("l"))
    assert isinstance(failed, CallFailed) and KEY not in failed.why
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_it_loads_as_a_plugin_and_its_models_are_priced_and_sourced() -> None:
    plugins = load_plugins({"elevenlabs": {"voices": {"male": ["x"]}}}, only="elevenlabs")
    assert plugins.failures == {} and "elevenlabs" in plugins.plugins
    prices = {price.route: price for price in plugins.prices.entries}
    assert prices[f"elevenlabs:{MODEL}"].rates == {"character": 80_000_000}
    assert all(p.source and p.since == "2026-11-24" for p in prices.values())
    assert orjson.loads(plugins.prices.to_json())


def test_the_page_names_every_model_and_every_setting_and_its_example_loads() -> None:
    page = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
    section = page.split("## `elevenlabs`", 1)[1].split("\n## ", 1)[0]
    for model in MODELS:
        (row,) = (line for line in section.splitlines() if line.startswith("|") and f"`{model.name}`" in line)
        assert f"| {model.rates['character'] // 1_000_000} | {most_characters(model.name):,} |" in row
    for one in attrs.fields(ElevenLabsSettings):
        assert f"`{one.name}" in section
    example = tomllib.loads(section.split("```toml\n", 1)[1].split("```", 1)[0])
    voices = voices_of("elevenlabs", example["providers"]["elevenlabs"]["voices"])
    assert voices["male-old"] == ("pqHfZKP75CvOlQylNhV4",)
