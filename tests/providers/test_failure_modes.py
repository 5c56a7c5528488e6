"""The twenty ways in which production calls fail, before a loopback vendor and through a real engine.

Bodies: openai-openapi@f85dbe2, openai-python@e43b4224 (chat, pictures, speech), runwayml/sdk-python@c604e0e
(jobs), litellm #27823 and openai-dotnet #838 (waits), ComfyUI #16204 (doubled charges), MiniMax-MCP@2910d66
(a business code in a 200).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from callkit import KEY, SCHEMA, Calls, Other, ask, paint, quick, speak
from reel import CLIP, Reel, ReelVendor
from stagehand import Play

from duanju.core.settings import Budget, Settings
from duanju.events.calls import (
    CallAdmitted,
    CallDoubted,
    CallFailed,
    CallRefused,
    ChatReturned,
    ImageReturned,
    SpeechReturned,
    VideoRequested,
    VideoReturned,
)
from duanju.plugins.providers.calling.classify import Meaning
from duanju.plugins.providers.calling.verdicts import Kind
from duanju.testing.vendor import Asked, Fault, Given, Route, VendorServer, in_turn
from duanju.testing.vendor.faults import answer, rate_limited
from duanju.testing.vendor.media import png
from duanju.testing.vendor.openai import OpenAIVendor, completion, error

USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 100,
    "total_tokens": 1100,
    "prompt_tokens_details": {"cached_tokens": 400},
    "completion_tokens_details": {"reasoning_tokens": 60},
}
COST = (600 * 2_000_000 + 400 * 500_000 + 100 * 8_000_000) // 1_000_000

Start = Callable[..., "Scene"]


@attrs.define
class Scene:
    """A play and its vendor."""

    play: Calls
    server: VendorServer

    def of(self, *requests: Any) -> Any:
        """The one outcome of one request's episode, after the engine is idle."""
        stream = self.play.open(first=requests)
        self.play.run()
        return self.play.outcome(stream)

    def submits(self) -> int:
        """How many POSTs reached the vendor."""
        return self.server.books.submits()


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes a play before a vendor; `say` answers chats, `faults` go wrong in turn."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    open_now: list[Any] = []

    def make(
        say: Callable[[Any, int], Any] | None = None,
        faults: list[Fault | None] | None = None,
        bounds: dict[str, Any] | None = None,
        **more: Any,
    ) -> Scene:
        vendor = OpenAIVendor(say, key=KEY)
        server = VendorServer(vendor.routes(), prefix="/v1", faults=in_turn(faults or []))
        server.__enter__()
        play = Calls(tmp_path, server.url, **more)
        quick(play.provider, bounds=bounds or {})
        open_now.extend((play, server))
        return Scene(play, server)

    yield make
    for one in open_now:
        if isinstance(one, VendorServer):
            one.__exit__(None, None, None)
        else:
            one.close()


def words(text: str | None = "It rains.", **more: Any) -> Callable[[Any, int], Any]:
    more.setdefault("usage", USAGE)
    return lambda body, number: completion(text, number=number, **more)


def statuses(event: Any) -> list[int]:
    return [attempt.status for attempt in event.bill.attempts]


def free_failure(event: Any) -> None:
    assert isinstance(event, CallFailed)
    assert (event.bill.cost, event.bill.billing) == (0, "free")


# 1 and 2: waits -----------------------------------------------------------------------------------------


def test_01_a_429_without_a_wait_is_tried_again_and_counted(start: Start) -> None:
    scene = start(words(), [rate_limited(), rate_limited("Please try again in 20ms."), None])
    returned = scene.of(ask("a"))
    assert isinstance(returned, ChatReturned) and returned.text == "It rains."
    assert statuses(returned) == [429, 429, 200] and scene.submits() == 3
    assert (returned.bill.cost, returned.bill.billing) == (COST, "billed")
    assert scene.play.spent() == (COST, 0, 0)
    # The wait is what the vendor's words ask for, at least.
    assert returned.bill.attempts[2].wait_ms >= 20


@pytest.mark.parametrize("name", ["retry_after_ms", "retry_after", "x_ratelimit_reset_requests"])
def test_02_the_wait_that_a_vendor_asks_for_is_kept(start: Start, name: str) -> None:
    value = {"retry_after_ms": "60", "retry_after": "0.06", "x_ratelimit_reset_requests": "60ms"}[name]
    scene = start(words(), [rate_limited(**{name: value})])
    returned = scene.of(ask("a"))
    assert statuses(returned) == [429, 200] and returned.bill.attempts[1].wait_ms >= 60


def test_02_a_wait_over_the_cap_fails_fast_and_goes_to_the_next_route(start: Start) -> None:
    other = Other()
    scene = start(
        words(),
        [rate_limited(retry_after="3600")],
        chat=("openai:gpt-4.1", "other:m"),
        plugins={"other": other},
    )
    stream = scene.play.open(first=[ask("a")])
    scene.play.run()
    (failed,) = scene.play.all(stream, CallFailed)
    free_failure(failed)
    assert failed.fallback and "3600 s" in failed.why and failed.why.startswith("rate limited")
    assert [r.route for r in scene.play.all(stream, ChatReturned)] == ["other:m"]
    assert scene.submits() == 1 and scene.play.spent() == (0, 0, 0)


# 3: quota -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {
            "message": "You exceeded your current quota.",
            "type": "insufficient_quota",
            "code": "insufficient_quota",
        },
        {
            "message": "Insufficient Balance",
            "type": "unknown_error",
            "param": None,
            "code": "invalid_request_error",
        },
    ],
)
def test_03_an_exhausted_quota_is_not_tried_again(start: Start, body: dict[str, Any]) -> None:
    scene = start(words(), [answer(429, {"error": body}, headers={"retry-after": "0"})])
    failed = scene.of(ask("a"))
    free_failure(failed)
    assert failed.why.startswith("quota gone") and statuses(failed) == [429] and scene.submits() == 1


# 4: 200 with an error -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"error": {"message": "Upstream is gone", "code": 400}}, "surely not accepted"),
        ({"error": "the model does not take that", "choices": None}, "surely not accepted"),
        ({"id": "x", "object": "chat.completion", "choices": None, "usage": USAGE}, "malformed"),
        ({"id": "x", "object": "chat.completion", "choices": [], "usage": USAGE}, "malformed"),
    ],
)
def test_04_a_200_with_an_error_in_it_is_no_success(start: Start, body: Any, why: str) -> None:
    scene = start(words(), [answer(200, body)])
    failed = scene.of(ask("a"))
    assert isinstance(failed, CallFailed) and failed.why.startswith(why) and failed.fallback
    assert scene.submits() == 1
    # What the answer says was used is booked, and what it does not say is free only where nothing was taken.
    assert failed.bill.cost == (COST if "usage" in body else 0)
    assert scene.play.spent() == (failed.bill.cost, 0, 0)


def test_04_a_number_as_code_is_the_status(start: Start) -> None:
    scene = start(words(), [answer(200, {"error": {"message": "slow down", "code": 429}})])
    returned = scene.of(ask("a"))
    assert isinstance(returned, ChatReturned) and statuses(returned) == [200, 200] and scene.submits() == 2


def test_04_a_500_in_a_200_proves_nothing_and_is_doubted(start: Start) -> None:
    scene = start(words(), [answer(200, {"error": {"message": "internal", "code": 500}})])
    assert isinstance(scene.of(ask("a")), CallDoubted) and scene.submits() == 1


# 5: business codes --------------------------------------------------------------------------------------


def test_05_a_business_code_in_a_200_is_read_by_the_vendor_s_own_table(start: Start) -> None:
    scene = start(
        words(), [answer(200, {"code": "1008", "message": "insufficient balance", "request_id": "r"})]
    )
    vendor = scene.play.provider._vendor
    codes = {**vendor.codes, "1008": Meaning(Kind.QUOTA_GONE)}
    scene.play.provider._vendor = attrs.evolve(vendor, codes=codes)
    failed = scene.of(ask("a"))
    free_failure(failed)
    assert failed.why.startswith("quota gone") and "1008" in failed.why and scene.submits() == 1


# 6, 7: refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        (error(400, "Your request was rejected by the safety system.", "moderation_blocked"), "input text"),
        (
            error(400, "The response was filtered by the content management policy.", "content_filter"),
            "input text",
        ),
        (error(422, "The picture was rejected by our safety system."), "input image"),
    ],
)
def test_06_a_policy_refusal_in_a_400_is_a_refusal(start: Start, given: Given, stage: str) -> None:
    scene = start(words(), [answer(given.status, given.raw)])
    failed = scene.of(ask("a"))
    free_failure(failed)
    assert failed.refused_by == f"openai: {stage}" and failed.fallback
    assert failed.why.startswith("refused") and scene.submits() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"text": None, "refusal": "I'm sorry, I can't help with that."},
        {"text": '{"shots": []}', "finish": "content_filter"},
    ],
)
def test_07_a_refusal_in_the_answer_is_never_read_as_data(start: Start, said: dict[str, Any]) -> None:
    scene = start(words(**said))
    failed = scene.of(ask("a", schema=SCHEMA))
    assert isinstance(failed, CallFailed) and failed.refused_by == "openai: output"
    assert failed.bill.cost == COST, "what a refusal used is billed"
    assert scene.play.spent() == (COST, 0, 0) and scene.submits() == 1


# 8, 9: not whole ----------------------------------------------------------------------------------------


def test_08_data_cut_at_the_limit_is_not_taken_for_whole_though_it_can_be_mended(start: Start) -> None:
    scene = start(words('{"shots": ["one", "tw', finish="length"))
    returned = scene.of(ask("a", schema=SCHEMA))
    assert isinstance(returned, ChatReturned)
    assert (returned.finish, returned.repaired) == ("length", False)
    assert returned.text == '{"shots": ["one", "tw' and returned.bill.cost == COST


def test_08_what_is_not_whole_is_not_used_again(start: Start) -> None:
    answers = iter([completion("half", finish="length", usage=USAGE), completion("whole", usage=USAGE)])
    scene = start(lambda body, number: next(answers))
    scene.of(ask("a"))
    two = scene.play.open("two", first=[ask("b")])
    scene.play.run()
    assert scene.play.outcome(two).text == "whole" and scene.submits() == 2


def test_09_thinking_that_eats_the_budget_is_a_cut_answer_and_is_paid(start: Start) -> None:
    used = {**USAGE, "completion_tokens_details": {"reasoning_tokens": 100}}
    scene = start(words("", finish="length", usage=used))
    returned = scene.of(ask("a"))
    assert isinstance(returned, ChatReturned) and (returned.text, returned.finish) == ("", "length")
    assert returned.bill.usage["completion_tokens_details.reasoning_tokens"] == 100
    assert scene.play.spent() == (COST, 0, 0)


# 10: media types ----------------------------------------------------------------------------------------


def test_10_a_picture_goes_out_under_the_type_that_its_bytes_have(start: Start) -> None:
    scene = start(words())
    lying = scene.play.artifacts.put(png(64, 48, "x"), "image/jpg")
    returned = scene.of(ask("a", inputs=(lying,)))
    assert isinstance(returned, ChatReturned) and scene.submits() == 1


def test_10_what_is_no_picture_is_not_sent(start: Start) -> None:
    scene = start(words())
    page = scene.play.artifacts.put(b"<!doctype html><p>expired", "image/png")
    failed = scene.of(ask("a", inputs=(page,)))
    free_failure(failed)
    assert "text/html" in failed.why and scene.submits() == 0


# 11, 14, 19 and jobs ------------------------------------------------------------------------------------


@attrs.define
class Film:
    """A play with jobs, its vendor and the vendor's server."""

    play: Play
    vendor: ReelVendor
    server: VendorServer

    def clip(self) -> str:
        """Opens an episode that wants one clip and runs it; the stream."""
        from callkit import PICTURE

        wanted = VideoRequested(1, "S01", "shot", 1, 720, 1280, 25, 5000, PICTURE)
        stream = self.play.open(first=[wanted])
        self.play.run()
        return stream


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Film]]:
    monkeypatch.setenv("REEL_API_KEY", KEY)
    open_now: list[Film] = []

    def make(vendor: ReelVendor, faults: Any = None, **more: Any) -> Film:
        server = VendorServer(vendor.routes(), faults=faults)
        server.__enter__()
        vendor.url = server.url
        play = Play(tmp_path, {"reel": Reel("reel", server.url, **more)}, budget=Budget(repeat_below=0))
        play.settings = Settings(routes={"video": ("reel:gen4_turbo",)}, budget=Budget(repeat_below=0))
        open_now.append(Film(play, vendor, server))
        return open_now[-1]

    yield make
    for one in open_now:
        one.play.close()
        one.server.__exit__(None, None, None)


def test_11_an_expired_address_is_asked_for_anew_once(film: Callable[..., Film]) -> None:
    vendor = ReelVendor(looks=2)
    vendor.dead = {"task-1-2"}
    made = film(vendor)
    (returned,) = made.play.all(made.clip(), VideoReturned)
    assert made.play.artifacts.read(returned.clip) == CLIP and returned.bill.cost == 250_000
    assert made.server.books.submits() == 1 and made.play.spent() == (250_000, 0, 0)
    assert [e.path for e in made.server.books.all("GET", "/files")] == ["/files/task-1-2", "/files/task-1-3"]


def test_14_a_failing_look_up_says_nothing_of_the_job(film: Callable[..., Film]) -> None:
    bad = [
        answer(503),
        Fault("reset_after"),
        answer(429),
        answer(502, b"<html>bad gateway", media="text/html"),
    ] * 2
    made = film(ReelVendor(looks=2), in_turn(bad, "/v1/tasks", "GET"))
    stream = made.clip()
    assert len(made.play.all(stream, VideoReturned)) == 1 and made.play.all(stream, CallDoubted) == []
    assert made.server.books.submits() == 1 and len(made.server.books.all("GET", "/v1/tasks")) == 9


def test_14_a_job_that_is_not_done_by_the_deadline_is_in_doubt_and_not_sent_again(
    film: Callable[..., Film],
) -> None:
    made = film(ReelVendor(looks=10**9), patience_s=2.2)
    stream = made.clip()
    (doubted,) = made.play.all(stream, CallDoubted)
    assert "by the deadline" in doubted.why and made.server.books.submits() == 1
    assert made.play.spent() == (0, 0, 250_000)


def test_14_a_status_that_nobody_knows_is_told_and_not_waited_for(film: Callable[..., Film]) -> None:
    made = film(ReelVendor(looks=1, end={"status": "PAUSED_BY_ADMIN"}))
    (doubted,) = made.play.all(made.clip(), CallDoubted)
    assert "PAUSED_BY_ADMIN" in doubted.why and made.server.books.submits() == 1


def test_15_a_likeness_is_refused_for_its_picture_only(film: Callable[..., Film]) -> None:
    end = {"status": "FAILED", "failure": "A public figure.", "failureCode": "SAFETY.INPUT.IMAGE"}
    made = film(ReelVendor(looks=1, end=end))
    (failed,) = made.play.all(made.clip(), CallFailed)
    assert failed.refused_by == "reel: input image" and "SAFETY.INPUT.IMAGE" in failed.why
    assert made.server.books.submits() == 1


def test_15_words_about_a_likeness_are_a_refusal_of_the_picture(start: Start) -> None:
    given = error(400, "The input contains the likeness of a public figure.")
    scene = start(words(), [answer(given.status, given.raw)])
    assert scene.of(ask("a")).refused_by == "openai: input image"


def test_19_a_wrong_scalar_is_the_vendor_s_400_and_is_not_sent_again(film: Callable[..., Film]) -> None:
    made = film(ReelVendor(), ratio="720x1280")
    (failed,) = made.play.all(made.clip(), CallFailed)
    free_failure(failed)
    assert "body.ratio" in failed.why and made.server.books.submits() == 1 and made.vendor.jobs == {}


def test_19_another_host_s_key_is_a_person_s_matter(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = start(words())
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-host-00aa")
    failed = scene.of(ask("a"))
    free_failure(failed)
    assert not failed.fallback and statuses(failed) == [401] and scene.submits() == 1
    assert "sk-of-another-host" not in failed.why and "<OPENAI_API_KEY>" in failed.why


# 12, 13: never paid twice -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("reset_after", taken=True),
        Fault("reset_before"),
        Fault("hang", taken=True),
        Fault("half"),
        Fault("endless"),
        Fault("slow", wait_s=0.1, drop=8),
        answer(500, {"error": {"message": "The server had an error", "type": "server_error"}}),
        answer(504, b"<html>gateway time-out", media="text/html", taken=True),
    ],
    ids=lambda fault: fault.name or fault.kind,
)
def test_12_a_submit_whose_outcome_is_unknown_is_doubted_and_never_repeated(
    start: Start, fault: Fault
) -> None:
    scene = start(words(), [fault], {"read_s": 0.5, "total_s": 0.8, "most_bytes": 1 << 20})
    doubted = scene.of(ask("a"))
    assert isinstance(doubted, CallDoubted) and scene.submits() == 1
    (admitted,) = scene.play.all("episode/tea/one", CallAdmitted)
    assert scene.play.spent() == (0, 0, admitted.ceiling) and doubted.ceiling == admitted.ceiling
    assert "openai" in doubted.known and "request id" in doubted.known
    if fault.kind == "half":
        assert doubted.raw is not None
        raw = scene.play.artifacts.read(doubted.raw)
        assert raw.startswith(b'{"id":"chatcmpl-') and "req_" in doubted.known
    scene.play.run()
    assert scene.submits() == 1, "nor after a restart"


def test_12_a_cheap_one_may_be_repeated_and_both_are_counted(start: Start) -> None:
    scene = start(words(), [Fault("reset_after", taken=True)], budget=Budget(repeat_below=1_000_000))
    stream = scene.play.open(first=[ask("a")])
    scene.play.run()
    (doubted,), (returned,) = scene.play.all(stream, CallDoubted), scene.play.all(stream, ChatReturned)
    assert scene.submits() == 2 and scene.play.spent() == (returned.bill.cost, 0, doubted.ceiling)


def test_12_what_never_went_out_is_tried_again_and_is_no_doubt(start: Start) -> None:
    scene = start(words(), table={"base_url": "http://127.0.0.1:9/v1"})
    failed = scene.of(ask("a"))
    free_failure(failed)
    assert statuses(failed) == [0, 0, 0, 0, 0] and failed.fallback and "127.0.0.1:9" in failed.why


@pytest.mark.parametrize(
    "given",
    [
        answer(503, {"error": {"message": "overloaded", "code": "model_overloaded"}}),
        answer(503, headers={"retry-after": "0.01"}),
        answer(500, {"error": {"message": "try again"}}, headers={"x-should-retry": "true"}),
        answer(409, {"error": {"message": "locked"}}),
        answer(408, {"error": {"message": "timed out"}}),
    ],
    ids=["overloaded", "503-retry-after", "should-retry", "409", "408"],
)
def test_12_what_says_that_it_was_not_taken_is_sent_again(start: Start, given: Fault) -> None:
    scene = start(words(), [given])
    returned = scene.of(ask("a"))
    assert isinstance(returned, ChatReturned) and scene.submits() == 2
    assert scene.play.spent() == (COST, 0, 0)


def test_13_a_second_run_of_the_same_job_is_answered_from_the_log(start: Start) -> None:
    scene = start(words())
    one = scene.play.open("one", first=[ask("a"), ask("b", "Another.")])
    scene.play.run()
    two = scene.play.open("two", first=[ask("x"), ask("y", "Another.")])
    scene.play.run()
    assert scene.submits() == 2 and scene.server.books.taken_twice() == []
    assert [r.bill.cost for r in scene.play.all(one, ChatReturned)] == [COST, COST]
    assert [(r.bill.cost, r.reused_from is not None) for r in scene.play.all(two, ChatReturned)] == [
        (0, True)
    ] * 2


# 16 to 18, 20 -------------------------------------------------------------------------------------------

_PICTURE_USAGE = {"input_tokens": 100, "output_tokens": 50, "input_tokens_details": {"image_tokens": 0}}
_TOKENS = {"gpt-image-2": {"image": 0.45, "text_input": 5, "image_input": 8, "image_output": 30}}


def test_16_words_from_a_picture_model_are_no_picture_and_are_paid(start: Start) -> None:
    body = {"created": 1, "data": [], "usage": _PICTURE_USAGE}
    scene = start(faults=[answer(200, body)], price=_TOKENS)
    failed = scene.of(paint("a"))
    assert isinstance(failed, CallFailed) and failed.why.startswith("malformed")
    assert failed.bill.cost == 100 * 5 + 50 * 30 and scene.play.spent() == (failed.bill.cost, 0, 0)


def test_16_a_picture_is_paid_by_its_tokens(start: Start) -> None:
    scene = start(price=_TOKENS)
    returned = scene.of(paint("a"))
    assert isinstance(returned, ImageReturned) and (returned.width, returned.height) == (272, 480)
    assert returned.bill.cost == scene.server.books.charged() == scene.play.spent()[0]


def test_17_an_answer_without_a_finish_reason_is_not_whole(start: Start) -> None:
    scene = start(words("It rains and", finish=None))
    failed = scene.of(ask("a"))
    assert isinstance(failed, CallFailed) and "finish reason" in failed.why
    assert failed.bill.cost == COST and scene.submits() == 1


def test_17_missing_usage_is_unknown_and_never_free(start: Start) -> None:
    scene = start(words(usage=None))
    returned = scene.of(ask("a"))
    assert isinstance(returned, ChatReturned)
    assert (returned.bill.cost, returned.bill.billing) == (None, "unknown")
    stream = "episode/tea/one"
    (admitted,) = scene.play.all(stream, CallAdmitted)
    assert scene.play.spent() == (admitted.ceiling, 0, 0), "its ceiling is booked"


def test_18_a_model_that_is_gone_is_refused_before_anything_is_sent(start: Start) -> None:
    gone = {"gpt-4.1": {"input": 2, "output": 8, "until": "2020-01-01", "successor": "gpt-6-luna"}}
    scene = start(words(), price=gone)
    stream = scene.play.open(first=[ask("a")])
    scene.play.run()
    (refused,) = scene.play.all(stream, CallRefused)
    assert "2020-01-01" in refused.why and "gpt-6-luna" in refused.why and scene.submits() == 0


def test_18_a_model_without_a_price_is_refused_before_anything_is_sent(start: Start) -> None:
    scene = start(words(), chat=("openai:gpt-9",))
    stream = scene.play.open(first=[ask("a")])
    scene.play.run()
    (refused,) = scene.play.all(stream, CallRefused)
    assert "price" in refused.why and scene.submits() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html>Sign in",
        b"<?xml version='1.0'?><Error/>",
        b"RIFF\x10\x00\x00\x00WAVE",
        b'{"audio": null}',
    ],
    ids=["empty", "html", "xml", "headless", "json"],
)
def test_20_a_page_is_not_taken_for_a_voice(start: Start, body: bytes) -> None:
    scene = start(faults=[answer(200, body, media="audio/wav")])
    failed = scene.of(speak("l"))
    assert isinstance(failed, CallFailed) and failed.why.startswith("malformed")
    assert (failed.bill.cost, failed.bill.billing) == (None, "unknown")
    assert scene.submits() == 1 and scene.play.spent() == (165, 0, 0), "its ceiling is booked"


def test_20_a_voice_streamed_without_its_length_gets_its_true_one(start: Start) -> None:
    import io
    import wave

    scene = start()
    returned = scene.of(speak("l"))
    assert isinstance(returned, SpeechReturned)
    with wave.open(io.BytesIO(scene.play.artifacts.read(returned.audio))) as file:
        assert file.getnframes() * 1000 // file.getframerate() == returned.duration_ms == 860
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)


@pytest.mark.parametrize("data", ["bm90IGEgcGljdHVyZQ==", "!!", "", None, "iVBORw0KGgo="])
def test_20_what_is_no_picture_is_not_taken_for_one(start: Start, data: Any) -> None:
    scene = start(faults=[answer(200, {"created": 1, "data": [{"b64_json": data}], "usage": _PICTURE_USAGE})])
    failed = scene.of(paint("a"))
    assert isinstance(failed, CallFailed) and failed.why.startswith("malformed")


# data ---------------------------------------------------------------------------------------------------


def test_data_is_asked_for_natively_and_comes_back_as_json(start: Start) -> None:
    seen: list[Any] = []

    def say(body: Any, number: int) -> Any:
        seen.append(body)
        return completion('<think>two shots {"a": 1}</think>\n```json\n{"shots": ["one"]}\n```', usage=USAGE)

    scene = start(say)
    returned = scene.of(ask("a", schema=SCHEMA))
    assert orjson.loads(returned.text) == {"shots": ["one"]} and not returned.repaired
    form = seen[0]["response_format"]
    assert form["type"] == "json_schema" and form["json_schema"]["strict"] is True
    assert form["json_schema"]["name"] == "shots" and "schema" not in seen[0]["messages"][0]["content"]


def test_mended_data_is_marked_and_data_that_cannot_be_mended_is_given_as_it_came(start: Start) -> None:
    answers = iter(
        [completion("{'shots': ['one',]", usage=USAGE), completion("I would rather not.", usage=USAGE)]
    )
    scene = start(lambda body, number: next(answers), lanes={"openai": 1})
    stream = scene.play.open(first=[ask("a", "1", schema=SCHEMA), ask("b", "2", schema=SCHEMA)])
    scene.play.run()
    mended, raw = scene.play.all(stream, ChatReturned)
    assert (orjson.loads(mended.text), mended.repaired, mended.finish) == ({"shots": ["one"]}, True, "stop")
    assert (raw.text, raw.finish) == ("I would rather not.", "malformed")


def test_json_mode_puts_the_schema_into_the_prompt(start: Start) -> None:
    seen: list[Any] = []

    def say(body: Any, number: int) -> Any:
        seen.append(body)
        return completion('{"shots": []}', model="gpt-6-luna", usage=USAGE)

    scene = start(say, chat=("openai:gpt-6-luna",))
    assert isinstance(scene.of(ask("a", schema=SCHEMA)), ChatReturned)
    assert seen[0]["response_format"] == {"type": "json_object"}
    assert SCHEMA in seen[0]["messages"][0]["content"] and "max_tokens" in seen[0]


@pytest.mark.parametrize(
    "body", [b"\x00\xff garbage", b'{"id": "x", "choices": [', b"[]", b"null", b"<html>ok"]
)
def test_garbage_in_a_200_is_malformed_and_its_cost_is_unknown(start: Start, body: bytes) -> None:
    scene = start(words(), [answer(200, body)])
    failed = scene.of(ask("a"))
    assert isinstance(failed, CallFailed) and failed.why.startswith("malformed") and failed.fallback
    assert failed.bill.cost is None and scene.submits() == 1
    sha = failed.why.rpartition(" ")[2]
    assert scene.play.artifacts.read_sha256(sha) == body, "the raw answer is kept"


# keys ---------------------------------------------------------------------------------------------------


def test_a_key_that_a_server_echoes_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def echo(asked: Asked) -> Given:
        secret = asked.headers["authorization"]
        headers = {"x-request-id": secret, "location": f"/v1?key={KEY}"}
        if asked.number == 1:
            return Given({"error": {"message": f"bad key {secret}", "code": KEY}}, 400, headers=headers)
        if asked.number == 2:
            return Given(b"moved to " + secret.encode(), 302, headers=headers)
        if asked.number == 3:
            return Given(completion(f"you said {secret}", usage=USAGE), headers=headers)
        return Given({"error": {"message": secret}}, 500, headers=headers)

    with VendorServer([Route("POST", "/chat/completions", echo)], prefix="/v1") as server:
        play = Calls(tmp_path, server.url, lanes={"openai": 1})
        quick(play.provider)
        for name in "abcd":  # one after the other: a failed call holds its own episode only
            play.open(name, [ask(name, name)])
            play.run()
        assert server.books.submits() == 4 and set(server.books.by_key()) == {KEY}
        play.log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        play.close()
    found = [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert found == []
    assert b"<OPENAI_API_KEY>" in (tmp_path / "log.db").read_bytes(), "what was echoed was read"


@pytest.mark.parametrize("key", ["", "two words", "schlüssel", "sk-\n-x"])
def test_a_key_that_no_header_can_hold_is_never_sent_and_never_shown(
    start: Start, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    scene = start(words())
    monkeypatch.setenv("OPENAI_API_KEY", key or " ")
    stream = scene.play.open(first=[ask("a")])
    scene.play.run()
    assert scene.submits() == 0 and scene.play.all(stream, CallDoubted) == []
    text = "\n".join(record.body for record in scene.play.log.read(stream=stream))
    assert "OPENAI_API_KEY" in text and (not key or key not in text)


# the lane -----------------------------------------------------------------------------------------------


def test_a_429_pauses_the_whole_lane(start: Start) -> None:
    scene = start(words(), [rate_limited(retry_after="0.8")], lanes={"openai": 2})
    stream = scene.play.open(first=[ask(f"s{n}", f"shot {n}") for n in range(8)])
    moments: list[float] = []
    planned = scene.server.faults
    assert planned is not None

    def watched(number: int, method: str, path: str) -> Fault | None:
        moments.append(time.monotonic())
        return planned(number, method, path) or Fault(latency_s=0.1)

    scene.server.faults = watched
    scene.play.run()
    assert len(scene.play.all(stream, ChatReturned)) == 8 and scene.submits() == 9
    gaps = [later - earlier for earlier, later in itertools.pairwise(sorted(moments))]
    before = gaps.index(max(gaps)) + 1
    assert before <= 4, f"{before} of 9 went out before the pause; without one it would have been 8"
