"""The provider `gemini`: bodies, every way in which an answer ends, bills with thinking, and pictures.

Bodies: python-genai@66807187 (2.19.0) and google-genai 3.4.0. Never tried against the vendor.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from callkit import SCHEMA, Other, ask, paint, quick
from hypothesis import given, settings
from hypothesis import strategies as st
from stagehand import Play

from duanju.core.artifacts import Artifacts
from duanju.core.errors import BadSetting
from duanju.core.plugins import load_plugins
from duanju.core.settings import Budget, Settings
from duanju.events.calls import (
    CallAdmitted,
    CallDoubted,
    CallFailed,
    CallRefused,
    ChatReturned,
    ImageReturned,
)
from duanju.plugins.providers.calling.classify import classify
from duanju.plugins.providers.calling.models import Model
from duanju.plugins.providers.calling.pictures import BadMedia
from duanju.plugins.providers.calling.transport import Answer
from duanju.plugins.providers.calling.verdicts import Kind
from duanju.plugins.providers.gemini import Gemini, GeminiSettings
from duanju.plugins.providers.gemini.answers import counts_of, picture_units, read_chat, read_content
from duanju.plugins.providers.gemini.bodies import chat_body, ratio_for, size_for
from duanju.plugins.providers.gemini.catalogue import MODELS, sizes_of
from duanju.plugins.providers.gemini.refusals import gemini_vendor
from duanju.plugins.providers.gemini.schema import gemini_schema
from duanju.testing.vendor import Fault, VendorServer, in_turn
from duanju.testing.vendor.faults import answer
from duanju.testing.vendor.gemini import GeminiVendor, _bad_schema, candidate, error, usage
from duanju.testing.vendor.media import png

KEY = "AIza-planted-77c1d0"
LITE = "gemini-3.5-flash-lite"
PAINTER = "gemini-3.1-flash-image"
SEES = Model(LITE, {}, "", "", sees=True)

Start = Callable[..., tuple[Play, VendorServer]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes a play with `gemini` before its vendor; `say` answers bodies, `faults` go wrong in turn."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    open_now: list[Any] = []

    def make(
        say: Callable[[Any, int], Any] | None = None, faults: list[Fault | None] | None = None, **more: Any
    ) -> tuple[Play, VendorServer]:
        vendor = GeminiVendor(say, key=KEY)
        plan = in_turn(faults) if faults is not None else None
        server = VendorServer(vendor.routes(), prefix="/v1beta", key_header="x-goog-api-key", faults=plan)
        server.__enter__()
        table = {"base_url": server.url, **more.get("table", {})}
        play = Play(tmp_path, {"gemini": quick(Gemini("gemini", table)), **more.get("plugins", {})})
        routes = {"chat": (f"gemini:{LITE}", *more.get("after", ())), "image": (f"gemini:{PAINTER}",)}
        play.settings = Settings(routes={**routes, **more.get("routes", {})}, budget=Budget(repeat_below=0))
        open_now[:] = [*open_now, server, play]
        return play, server

    yield make
    for one in reversed(open_now):
        one.close() if isinstance(one, Play) else one.__exit__(None, None, None)


def outcome(play: Play, *requests: Any) -> Any:
    """The last event that says what became of an episode's one call."""
    stream = play.open(first=requests)
    play.run()
    kinds = ("chat_returned", "image_returned", "call_failed", "call_doubted")
    return [record.event for record in play.log.read(stream=stream) if record.kind in kinds][-1]


# bodies -------------------------------------------------------------------------------------------------


def test_the_body_of_a_chat_is_exactly_this(tmp_path: Path) -> None:
    store = Artifacts(tmp_path)
    picture = png(20, 10)
    inputs = (store.put(picture, "image/png"), store.put("雨".encode(), "text/plain"))
    assert orjson.loads(chat_body(ask("a", "Look.", inputs=inputs, schema=SCHEMA), SEES, store, 500)) == {
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "Look."},
                    {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(picture).decode()}},
                    {"text": "雨"},
                ],
            }
        ],
        "systemInstruction": {"parts": [{"text": "You write shots."}]},
        "generationConfig": {
            "maxOutputTokens": 500,
            "responseMimeType": "application/json",
            "responseSchema": {
                "type": "OBJECT",
                "title": "shots",
                "properties": {"shots": {"type": "ARRAY", "items": {"type": "STRING"}}},
                "propertyOrdering": ["shots"],
                "required": ["shots"],
            },
        },
    }


def test_what_gemini_s_schema_cannot_say_stands_in_the_prompt(tmp_path: Path) -> None:
    odd = '{"type": "object", "properties": {"a": {"$ref": "#/x"}}}'
    config: dict[str, Any] = {}
    for schema, mode in ((odd, "schema"), (SCHEMA, "object"), (SCHEMA, "prompt")):
        model = attrs.evolve(SEES, json=mode)
        body = orjson.loads(chat_body(ask("a", schema=schema), model, Artifacts(tmp_path), 9))
        config = body["generationConfig"]
        assert schema in body["systemInstruction"]["parts"][0]["text"] and "responseSchema" not in config
        assert ("responseMimeType" in config) == (mode != "prompt")


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            {"anyOf": [{"type": "INTEGER"}], "nullable": True},
        ),
        ({"enum": ["a", "b", None]}, {"enum": ["a", "b"], "type": "STRING", "nullable": True}),
        ({"const": "x"}, {"enum": ["x"], "type": "STRING"}),
        (
            {"type": "string", "enum": ["", "a"], "description": "Why."},
            {"type": "STRING", "description": "Why. One of: a; or empty."},
        ),
        ({"type": "integer", "minimum": 1}, {"type": "INTEGER", "minimum": 1}),
        ({"enum": [1, 2]}, None),
        ({"type": "object"}, None),
        ({"type": "array"}, None),
        ({"oneOf": [{"type": "string"}]}, None),
        ({"type": "string", "$ref": "#/a"}, None),
        ({"type": "object", "properties": {"b": {"type": "string"}}, "required": ["c"]}, None),
        (True, None),
    ],
)
def test_a_schema_is_said_in_gemini_s_words_or_not_at_all(schema: Any, wanted: dict[str, Any] | None) -> None:
    whole = {"type": "object", "properties": {"a": schema}, "additionalProperties": False}
    made = gemini_schema(orjson.dumps(whole).decode())
    assert made is None if wanted is None else made is not None and made["properties"]["a"] == wanted


def test_what_the_stages_ask_for_can_be_said() -> None:
    from duanju.plugins.stages.writing import breakdown, characters, describing, directing
    from duanju.plugins.stages.writing.forms import schema_of

    asked = [
        one
        for module in (breakdown, characters, describing, directing)
        for one in vars(module).values()
        if isinstance(one, type) and attrs.has(one) and one.__module__ == module.__name__
    ]
    assert len(asked) >= 4
    for one in asked:
        made = gemini_schema(schema_of(one))
        assert made is not None, one
        assert _bad_schema(made, "schema") == []


def test_no_text_breaks_the_schema() -> None:
    for text in ("", "three words", "[]", '{"type": "array", "items": {"type": "string"}}', "[" * 5000):
        assert gemini_schema(text) is None


def test_ratio_and_size_follow_the_request() -> None:
    assert ratio_for(1080, 1920) == "9:16" == ratio_for(540, 960)
    assert (ratio_for(1920, 1080), ratio_for(500, 500), ratio_for(2560, 1080)) == ("16:9", "1:1", "21:9")
    sizes = sizes_of(PAINTER)
    wanted = [(270, 480), (768, 1376), (1080, 1920), (2160, 3840), (9000, 16000)]
    assert [size_for(w, h, sizes) for w, h in wanted] == ["1K", "1K", "2K", "4K", "4K"]
    assert size_for(1080, 1920, sizes_of("gemini-3.1-flash-lite-image")) == ""


def test_a_picture_that_nobody_there_takes_is_not_sent(tmp_path: Path) -> None:
    store = Artifacts(tmp_path)
    gif = store.put(b"GIF89a" + bytes(30), "image/gif")
    with pytest.raises(BadMedia):
        chat_body(ask("a", inputs=(gif,)), SEES, store, 9)
    blind = attrs.evolve(SEES, sees=False)
    with pytest.raises(BadMedia, match="takes no pictures"):
        chat_body(ask("a", inputs=(store.put(png(4, 4), "image/png"),)), blind, store, 9)
    big = store.put(b"x" * 20_000_001, "text/plain")
    with pytest.raises(BadMedia, match="bytes with its pictures"):
        chat_body(ask("a", inputs=(big,)), SEES, store, 9)


# answers ------------------------------------------------------------------------------------------------


def read(body: Any, data: bool = False) -> Any:
    return read_chat(Answer(200, {}, orjson.dumps(body)), data)


FINISHES = [
    ("STOP", Kind.OK),
    ("MAX_TOKENS", Kind.TRUNCATED),
    *((one, Kind.REFUSED) for one in ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII")),
    *((one, Kind.REFUSED) for one in ("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION")),
    *(
        (one, Kind.MALFORMED)
        for one in ("OTHER", "LANGUAGE", "NO_IMAGE", "IMAGE_OTHER", "NEW_WORD", "", None)
    ),
]


@pytest.mark.parametrize(("reason", "kind"), FINISHES)
def test_why_an_answer_ended_is_looked_at_before_its_words(reason: str | None, kind: Kind) -> None:
    got = read(candidate([{"text": "{}"}], finish=reason, used=usage(9, 1)), data=True)
    assert got.verdict.kind is kind
    assert (got.finish == "stop") == (kind is Kind.OK)
    assert got.units == {"input_token": 9, "output_token": 1}
    if kind is Kind.REFUSED:
        assert got.verdict.stage == "output"


def test_thinking_that_used_everything_up_leaves_no_parts_and_is_a_cut_answer() -> None:
    got = read(candidate(None, finish="MAX_TOKENS", used=usage(100, thought=16_384)), data=True)
    assert (got.finish, got.text, got.verdict.kind) == ("length", "", Kind.TRUNCATED)
    assert got.units == {"input_token": 100, "output_token": 16_384}


@pytest.mark.parametrize(
    ("reason", "stage"),
    [
        ("SAFETY", "input text"),
        ("IMAGE_SAFETY", "input image"),
        ("JAILBREAK", "input text"),
        ("NEW", "input text"),
    ],
)
def test_a_blocked_prompt_has_no_candidates_and_is_a_refusal(reason: str, stage: str) -> None:
    got = read({"promptFeedback": {"blockReason": reason}, "usageMetadata": usage(40), "responseId": "r"})
    assert (got.verdict.kind, got.verdict.stage) == (Kind.REFUSED, stage)
    assert got.units == {"input_token": 40, "output_token": 0} and got.vendor_id == "r"


def test_thoughts_are_no_words_and_are_billed_as_output() -> None:
    parts = [{"text": "Hm.", "thought": True}, {"text": "a"}, {"text": "b"}]
    got = read(candidate(parts, used=usage(100, 10, 500, cached=60)))
    assert got.text == "ab"
    assert got.units == {"input_token": 40, "output_token": 510, "cached_token": 60}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"promptTokenCount": -1},
        {"promptTokenCount": 5, "candidatesTokenCount": "7"},
        {"promptTokenCount": 5, "cachedContentTokenCount": 6},
        {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 99},
        [],
    ],
)
def test_a_usage_that_does_not_add_up_is_none(raw: Any) -> None:
    assert counts_of(raw) is None


def test_words_that_nobody_counted_are_not_free() -> None:
    assert read(candidate([{"text": "many words"}], used=usage(50))).units is None


def test_the_tokens_of_a_picture_are_told_from_those_of_words() -> None:
    def units(parts: list[dict[str, Any]], used: dict[str, Any]) -> dict[str, int] | None:
        return picture_units(read_content(Answer(200, {}, orjson.dumps(candidate(parts, used=used)))))

    drawn = {"inlineData": {"mimeType": "image/png", "data": "AA=="}}
    told = {"input_token": 50, "output_token": 85, "image_output_token": 1120}
    assert units([{"text": "Here."}, drawn], usage(50, 1125, 80, drawn=1120)) == told
    alone = {"input_token": 50, "output_token": 80, "image_output_token": 1120}
    assert units([drawn], usage(50, 1120, 80)) == alone
    assert units([{"text": "Here."}, drawn], usage(50, 1125, 80)) is None
    assert units([{"text": "No."}], usage(50, 7)) == {
        "input_token": 50,
        "output_token": 7,
        "image_output_token": 0,
    }
    assert units([drawn], usage(50, 10, drawn=1120)) is None


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 40), 1 << 40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", "IMAGE", "words"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "candidates",
                    "content",
                    "parts",
                    "text",
                    "inlineData",
                    "data",
                    "thought",
                    "finishReason",
                    "finishMessage",
                    "promptFeedback",
                    "blockReason",
                    "usageMetadata",
                    "promptTokenCount",
                    "totalTokenCount",
                    "candidatesTokensDetails",
                    "modality",
                    "tokenCount",
                    "error",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300)
@given(_JSON, st.booleans(), st.integers(200, 599))
def test_no_answer_breaks_the_reader(body: Any, data: bool, status: int) -> None:
    raw = Answer(status, {}, orjson.dumps(body))
    got = read_chat(raw, data)
    assert (got.verdict.kind is Kind.OK) == (got.finish == "stop" and bool(got.text))
    units = picture_units(read_content(raw))
    assert all(amount >= 0 for amount in {**(got.units or {}), **(units or {})}.values())
    assert classify(raw, gemini_vendor("g")).kind in Kind


def test_every_cut_of_an_answer_is_malformed_and_never_whole() -> None:
    whole = orjson.dumps(candidate([{"text": '{"a": 1}'}], used=usage(3, 3)))
    assert read_chat(Answer(200, {}, whole), True).finish == "stop"
    for at in range(len(whole)):
        assert read_chat(Answer(200, {}, whole[:at]), True).verdict.kind is Kind.MALFORMED


# what the vendor says no with ---------------------------------------------------------------------------

_KEY_DETAIL = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
_RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "41.5s"}


def _quota(name: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": name}]}


ERRORS = [
    (error(429, "You exceeded your current quota", "RESOURCE_EXHAUSTED", _RETRY), Kind.RATE_LIMITED, True),
    (
        error(
            429,
            "You exceeded your current quota, please check your plan",
            "RESOURCE_EXHAUSTED",
            _quota("GenerateRequestsPerMinutePerProjectPerModel"),
        ),
        Kind.RATE_LIMITED,
        True,
    ),
    (
        error(429, "Quota", "RESOURCE_EXHAUSTED", _quota("GenerateRequestsPerDayPerProjectPerModel"), _RETRY),
        Kind.QUOTA_GONE,
        False,
    ),
    (error(402, "Your prepay credit balance is empty", "RESOURCE_EXHAUSTED"), Kind.QUOTA_GONE, False),
    (error(429, "Your prepayment credits are depleted.", "OUT"), Kind.QUOTA_GONE, False),
    (error(400, "API key not valid.", "INVALID_ARGUMENT", _KEY_DETAIL), Kind.NOT_ACCEPTED, False),
    (error(403, "Denied", "PERMISSION_DENIED"), Kind.NOT_ACCEPTED, False),
    (error(400, "User location is not supported", "FAILED_PRECONDITION"), Kind.NOT_ACCEPTED, False),
    (error(404, "models/x is not found", "NOT_FOUND"), Kind.NOT_ACCEPTED, False),
    (error(503, "The model is overloaded.", "UNAVAILABLE"), Kind.NOT_ACCEPTED, True),
    (error(500, "An internal error has occurred.", "INTERNAL"), Kind.UNKNOWN, False),
    (error(504, "Deadline expired", "DEADLINE_EXCEEDED"), Kind.UNKNOWN, False),
]


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(("said", "kind", "again"), ERRORS)
def test_every_error_has_its_meaning_also_in_a_list_of_one(
    said: Any, kind: Kind, again: bool, listed: bool
) -> None:
    body = [said.body] if listed else said.body
    verdict = classify(Answer(said.status, {}, orjson.dumps(body)), gemini_vendor("gemini"))
    assert (verdict.kind, verdict.again) == (kind, again)
    if _RETRY in said.body["error"].get("details", ()):
        assert verdict.wait_s == 41.5
    mend = kind is Kind.NOT_ACCEPTED and said.status in (400, 403)
    assert verdict.fallback is not mend


# through the engine -------------------------------------------------------------------------------------


def test_chat_pictures_and_references_and_the_ledger_is_the_vendor_s(start: Start) -> None:
    play, server = start()
    face = play.artifacts.put(png(64, 64, "face"), "image/png")
    requests: list[Any] = [ask("a"), ask("b", schema=SCHEMA), ask("c", inputs=(face,))]
    requests += [paint("p"), paint("q", 1920, 1080, inputs=(face,))]
    stream = play.open(first=requests)
    play.run()
    chats = play.all(stream, ChatReturned)
    pictures = {one.subject: one for one in play.all(stream, ImageReturned)}
    assert len(chats) == 3 and set(pictures) == {"p", "q"}
    assert (pictures["p"].width, pictures["p"].height) == (144, 256)
    assert play.artifacts.read(pictures["q"].image).startswith(b"\x89PNG")
    assert (pictures["q"].width, pictures["q"].height) == (512, 288), "the last picture, not the thought one"
    assert pictures["p"].bill.usage["thoughtsTokenCount"] == 80
    bills = [one.bill for one in (*chats, *pictures.values())]
    assert sum(bill.cost or 0 for bill in bills) == server.books.charged() > 150_000
    assert play.spent() == (server.books.charged(), 0, 0)
    assert all(bill.billing == "billed" and bill.vendor_id.startswith("resp-") for bill in bills)
    assert set(server.books.by_key()) == {KEY} and all("key" not in e.path for e in server.books.all())
    quotes = [one for one in play.all(stream, CallAdmitted) if one.capability == "image"]
    assert all(one.ceiling and one.quote and one.quote * 3 < one.ceiling for one in quotes)


def test_a_size_of_the_studio_s_goes_before_the_request_s(start: Start) -> None:
    seen: list[Any] = []

    def say(body: Any, number: int) -> None:
        seen.append(body["generationConfig"]["imageConfig"])

    play, _ = start(say, table={"image_size": "1K"})
    assert isinstance(outcome(play, paint("p", 1080, 1920)), ImageReturned)
    assert seen == [{"aspectRatio": "9:16", "imageSize": "1K"}]


def test_words_instead_of_a_picture_are_kept_billed_and_not_asked_again(start: Start) -> None:
    said = candidate([{"text": "I can only describe it."}], finish="STOP", used=usage(70, 9, drawn=0))
    play, server = start(lambda body, number: said)
    failed = outcome(play, paint("p"))
    assert isinstance(failed, CallFailed) and failed.fallback
    assert "there is no picture in the answer: I can only describe it." in failed.why
    assert failed.bill.billing == "billed" and failed.bill.cost == server.books.charged() == 62
    assert server.books.submits() == 1


@pytest.mark.parametrize("reason", ["IMAGE_SAFETY", "NO_IMAGE", "MAX_TOKENS"])
def test_a_picture_that_did_not_come_is_billed_for_what_it_used(start: Start, reason: str) -> None:
    said = candidate(None, finish=reason, used=usage(70, thought=500))
    play, server = start(lambda body, number: said)
    failed = outcome(play, paint("p"))
    assert isinstance(failed, CallFailed)
    assert failed.bill.cost == server.books.charged() > 0
    assert (failed.refused_by == "gemini: output") == (reason == "IMAGE_SAFETY")


def test_a_picture_that_breaks_off_is_no_picture(start: Start) -> None:
    half = base64.b64encode(png(64, 64)[:-20]).decode()
    said = candidate(
        [{"inlineData": {"mimeType": "image/png", "data": half}}], used=usage(70, 1120, drawn=1120)
    )
    play, _ = start(lambda body, number: said)
    failed = outcome(play, paint("p"))
    assert isinstance(failed, CallFailed) and "breaks off" in failed.why and "artifact" in failed.why


def test_an_overloaded_model_is_asked_again_and_a_quota_of_the_day_is_not(start: Start) -> None:
    later = error(503, "The model is overloaded.", "UNAVAILABLE")
    gone = error(429, "Quota", "RESOURCE_EXHAUSTED", _quota("GenerateRequestsPerDayPerProject"))
    other = Other()
    play, server = start(
        faults=[answer(503, [later.body]), None, answer(429, gone.body)],
        plugins={"other": other},
        after=("other:m",),
    )
    stream = play.open("one", [ask("a")])
    play.run()
    (first,) = play.all(stream, ChatReturned)
    assert [attempt.status for attempt in first.bill.attempts] == [
        503,
        200,
    ] and first.route == f"gemini:{LITE}"
    stream = play.open("two", [ask("b", "Another one.")])
    play.run()
    (second,) = play.all(stream, ChatReturned)
    assert second.route == "other:m" and other.asked == ["b"] and server.books.submits() == 3


def test_an_answer_that_nobody_heard_is_doubted_and_never_sent_again(start: Start) -> None:
    play, server = start(faults=[Fault("reset_after", taken=True)])
    assert isinstance(outcome(play, paint("p")), CallDoubted)
    play.run()
    assert server.books.submits() == 1 and server.books.taken_twice() == []


def test_a_wrong_key_stops_until_a_person_has_looked_and_is_nowhere_to_be_read(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = "AIza-wrong-000"
    monkeypatch.setenv("GEMINI_API_KEY", wrong)
    play, server = start(plugins={"other": Other()}, after=("other:m",))
    failed = outcome(play, ask("a"))
    assert isinstance(failed, CallFailed) and not failed.fallback and "API key not valid" in failed.why
    assert failed.bill.billing == "free" and server.books.charged() == 0
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or wrong.encode() not in path.read_bytes(), path


# settings and models ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"base_url": "http://generativelanguage.googleapis.com/v1beta"}, "https://"),
        ({"image_size": "8K"}, "image_size"),
        ({"prices": {"m": {"inptu": 1}}}, "inptu"),
    ],
)
def test_a_wrong_setting_is_named(table: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        Gemini("gemini", table)


def test_models_are_dated_priced_and_sourced_and_successors_are_there() -> None:
    prices = {price.route: price for price in Gemini("gemini", {}).duanju_prices()}
    assert prices["gemini:gemini-2.5-flash"].until == "2026-12-01"
    assert prices["gemini:gemini-2.5-flash"].successor == LITE
    assert all(p.source and p.since == "2026-11-24" and p.rates for p in prices.values())
    alive = {model.name for model in MODELS if not model.until or model.until > "2027-01-01"}
    assert all(p.successor in alive for p in prices.values() if p.until)
    for model in MODELS:
        units = prices[f"gemini:{model.name}"].rates
        if "image" in units:
            most = 8192 * units["image_output_token"] + 45_000 * units["input_token"]
            assert units["image"] >= most


def test_the_page_names_every_model_and_every_setting() -> None:
    page = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
    section = page.split("## `gemini`", 1)[1].split("\n## ", 1)[0]
    for model in MODELS:
        (row,) = (line for line in section.splitlines() if line.startswith(f"| `{model.name}` |"))
        assert f" {model.rates['input_token'] / 1e6:.2f} / {model.rates['output_token'] / 1e6:.2f}" in row
        assert model.until in row
    for one in attrs.fields(GeminiSettings):
        assert f"`{one.name}" in section


def test_a_model_that_is_gone_names_its_successor(start: Start) -> None:
    play, server = start(routes={"image": ("gemini:gemini-2.5-flash-image",)})
    stream = play.open(first=[paint("p")])
    play.run()
    (refused,) = play.all(stream, CallRefused)
    assert "2026-10-02" in refused.why and PAINTER in refused.why and server.books.submits() == 0


def test_it_loads_as_a_plugin_with_instances_of_its_own() -> None:
    tables = {"gemini": {}, "second": {"kind": "gemini", "base_url": "http://127.0.0.1:1/v1beta"}}
    plugins = load_plugins(tables, only="gemini")
    assert plugins.failures == {} and {"gemini", "second"} <= set(plugins.plugins)
    lanes = {
        hook.effect.lane for one in plugins.plugins.values() for hook in one.hooks if hook.effect is not None
    }
    assert {"gemini", "gemini-image", "second", "second-image"} <= lanes
