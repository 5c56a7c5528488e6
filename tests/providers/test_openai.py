"""The provider `openai`: its bodies to the byte, its settings, its instances, its models and their dates.

Bodies: openai-openapi@f85dbe2 (spec 2.3.0) and openai-python@e43b4224. Never tried against the vendor.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from callkit import KEY, PICTURE, SCHEMA, Calls, ask, paint, quick, speak
from hypothesis import given, settings
from hypothesis import strategies as st
from stagehand import Play

from duanju.core.artifacts import Artifacts
from duanju.core.errors import BadSetting
from duanju.core.plugins import load_plugins
from duanju.core.settings import Budget, Settings
from duanju.core.settings_file import load_settings
from duanju.events.calls import CallRefused, ChatReturned, ImageReturned, SpeechReturned
from duanju.plugins.providers.calling.compatible import chat_body, read_chat, response_format
from duanju.plugins.providers.calling.models import Model
from duanju.plugins.providers.calling.picture_words import picture_words
from duanju.plugins.providers.calling.transport import Answer
from duanju.plugins.providers.calling.verdicts import Kind
from duanju.plugins.providers.openai import OFFICIAL, OpenAI, OpenAISettings
from duanju.plugins.providers.openai.speech import voice_for
from duanju.testing.vendor import Asked, Given, Route, VendorServer
from duanju.testing.vendor.media import png
from duanju.testing.vendor.openai import OpenAIVendor, completion

MODEL = Model("gpt-4.1", {}, "", "", sees=True)


# bodies -------------------------------------------------------------------------------------------------


def test_the_body_of_a_chat_is_exactly_this(tmp_path: Path) -> None:
    body = orjson.loads(chat_body(ask("a", "Rain."), MODEL, Artifacts(tmp_path), 500))
    assert body == {
        "model": "gpt-4.1",
        "messages": [
            {"role": "system", "content": "You write shots."},
            {"role": "user", "content": "Rain."},
        ],
        "max_completion_tokens": 500,
    }


def test_a_picture_goes_along_as_a_data_url_and_a_text_as_text(tmp_path: Path) -> None:
    store = Artifacts(tmp_path)
    picture = png(20, 10)
    inputs = (store.put(picture, "image/png"), store.put("雨".encode(), "text/plain"))
    body = orjson.loads(chat_body(ask("a", "Look.", inputs=inputs), MODEL, store, 500))
    url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    assert body["messages"][1]["content"] == [
        {"type": "text", "text": "Look."},
        {"type": "image_url", "image_url": {"url": url, "detail": "auto"}},
        {"type": "text", "text": "雨"},
    ]


def test_data_is_asked_for_in_the_best_way_that_a_model_has() -> None:
    loose = '{"type": "object", "properties": {"a": {"type": "string"}}}'
    form, words = response_format(SCHEMA, "schema")
    assert form is not None and form["json_schema"]["strict"] is True and words == ""
    assert form["json_schema"]["schema"] == orjson.loads(SCHEMA)
    form, words = response_format(loose, "schema")
    assert form is not None and form["json_schema"]["strict"] is False
    form, words = response_format(SCHEMA, "object")
    assert form == {"type": "json_object"} and SCHEMA in words
    for schema, mode in ((SCHEMA, "prompt"), ('{"type": "array"}', "schema"), ("three words", "schema")):
        form, words = response_format(schema, mode)
        assert form is None and schema in words
    nested = orjson.loads(SCHEMA)
    nested["properties"]["shots"]["items"] = {"type": "object", "properties": {"x": {"type": "string"}}}
    form, _ = response_format(orjson.dumps(nested).decode(), "schema")
    assert form is not None and form["json_schema"]["strict"] is False, "an open object within is not strict"


def test_the_same_picture_has_the_same_words_and_a_note_comes_last() -> None:
    words = picture_words(PICTURE, "More rain.", "ink wash")
    assert words == picture_words(PICTURE, "More rain.", "ink wash") != picture_words(PICTURE)
    for part in (
        "medium close-up",
        "teahouse",
        "night",
        "rain",
        "Mei",
        "qipao",
        "#a8324a",
        "She waits.",
        "cup",
    ):
        assert part in words
    assert words.endswith("Above all: More rain.\nStyle: ink wash")


def test_a_character_always_has_the_same_voice() -> None:
    from duanju.events.cast import Voice

    voices = [voice_for(Voice("female", n, 50, 100)) for n in range(4)]
    assert len(set(voices)) == 4 and voice_for(Voice("female", 4, 10, 90)) == voices[0]
    assert voice_for(Voice("male", 0, 50, 100)) not in voices


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 62), 1 << 62)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "message",
                    "content",
                    "finish_reason",
                    "refusal",
                    "usage",
                    "text",
                    "id",
                    "prompt_tokens",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300)
@given(_JSON, st.booleans())
def test_no_answer_breaks_the_reader_and_none_is_fine_without_words_and_a_finish(
    body: Any, data: bool
) -> None:
    read = read_chat(Answer(200, {}, orjson.dumps(body)), data)
    if read.verdict.kind is Kind.OK:
        assert read.finish == "stop" and read.text
        assert isinstance(body["choices"][0]["finish_reason"], str)
    assert read.units is None or all(amount >= 0 for amount in read.units.values())


def test_every_cut_of_an_answer_is_unknown_or_malformed_and_never_whole() -> None:
    whole = orjson.dumps(completion('{"a": 1}', usage={"prompt_tokens": 1, "completion_tokens": 1}))
    assert read_chat(Answer(200, {}, whole), True).finish == "stop"
    for at in range(len(whole)):
        assert read_chat(Answer(200, {}, whole[:at]), True).verdict.kind is Kind.MALFORMED


# through the engine -------------------------------------------------------------------------------------


def test_chat_pictures_edits_and_speech_and_the_ledger_is_the_vendor_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    tokens = {"gpt-image-2": {"image": 0.45, "text_input": 5, "image_input": 8, "image_output": 30}}
    with VendorServer(OpenAIVendor(key=KEY).routes(), prefix="/v1") as server:
        play = Calls(tmp_path, server.url, price=tokens)
        face = play.artifacts.put(png(64, 64, "face"), "image/png")
        requests = [ask("a"), ask("b", schema=SCHEMA), ask("c", inputs=(face,))]
        requests += [paint("p"), paint("q", 480, 270, inputs=(face,)), speak("l")]  # type: ignore[list-item]
        stream = play.open(first=requests)
        play.run()
        assert len(play.all(stream, ChatReturned)) == 3
        pictures = {one.subject: one for one in play.all(stream, ImageReturned)}
        assert (pictures["p"].width, pictures["p"].height) == (272, 480)
        assert (pictures["q"].width, pictures["q"].height) == (480, 272)
        assert play.artifacts.read(pictures["q"].image).startswith(b"\x89PNG")
        (spoken,) = play.all(stream, SpeechReturned)
        assert spoken.bill.usage == {"character": 11, "second": 1}
        assert play.spent() == (server.books.charged(), 0, 0) and server.books.charged() > 90_000
        bills = [one.bill for one in (*play.all(stream, ChatReturned), *pictures.values(), spoken)]
        assert sum(bill.cost or 0 for bill in bills) == server.books.charged()
        assert {bill.billing for bill in bills} == {"billed"} and all(bill.latency_ms >= 0 for bill in bills)
        assert {e.path for e in server.books.all()} == {
            "/chat/completions",
            "/images/generations",
            "/images/edits",
            "/audio/speech",
        }
        play.close()


def test_cached_tokens_have_their_own_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    usage = {"prompt_tokens": 120, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 100}}
    vendor = OpenAIVendor(lambda body, number: completion("x", usage=usage), key=KEY)
    with VendorServer(vendor.routes(), prefix="/v1") as server:
        play = Calls(tmp_path, server.url)
        stream = play.open(first=[ask("a")])
        play.run()
        cost = -(-(20 * 2_000_000 + 100 * 500_000 + 7 * 8_000_000) // 1_000_000)
        assert play.outcome(stream).bill.cost == cost == server.books.charged()
        play.close()


def test_two_servers_by_kind_have_keys_prices_and_lanes_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-of-deepseek-11")
    seen: dict[str, list[Any]] = {"deepseek": [], "ollama": []}

    def routes(name: str) -> list[Route]:
        def chat(asked: Asked) -> Given:
            seen[name].append((asked.headers.get("authorization", ""), asked.json["model"]))
            return Given(completion(name, usage={"prompt_tokens": 10, "completion_tokens": 2}))

        return [Route("POST", "/chat/completions", chat)]

    with VendorServer(routes("deepseek")) as far, VendorServer(routes("ollama")) as near:
        tables = {
            "deepseek": {
                "kind": "openai",
                "base_url": far.url,
                "prices": {"deepseek-v3.2": {"input": "0.28", "cached": 0.028, "output": 0.40}},
            },
            "ollama": {
                "kind": "openai",
                "base_url": near.url,
                "keyless": True,
                "prices": {"qwen3": {"input": 0, "output": 0}},
            },
        }
        plugins = load_plugins(tables, only="openai")
        assert plugins.failures == {}
        play = Play(tmp_path, {n: plugins.plugins[n].object for n in ("deepseek", "ollama")})
        lanes = {
            hook.effect.lane
            for plugin in play.plugins.plugins.values()
            for hook in plugin.hooks
            if hook.effect and hook.kind == "chat_requested"
        }
        assert lanes == {"deepseek", "ollama"}
        for name, route in (("one", "deepseek:deepseek-v3.2"), ("two", "ollama:qwen3")):
            play.settings = Settings(routes={"chat": (route,)}, budget=Budget(repeat_below=0))
            stream = play.open(name, [ask(name, name)])
            play.run()
            (returned,) = play.all(stream, ChatReturned)
            assert returned.route == route
        assert seen["deepseek"] == [("Bearer sk-of-deepseek-11", "deepseek-v3.2")]
        assert seen["ollama"] == [("", "qwen3")]
        assert play.spent() == (-(-(10 * 280_000 + 2 * 400_000) // 1_000_000), 0, 0)
        play.close()


# settings and models ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "ftp://127.0.0.1",
        "api.openai.com/v1",
        "https://u:p@example.com",
        "https://example.com/v1?key=1",
        "",
    ],
)
def test_an_address_that_would_show_a_key_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match=r"\[providers.x\] base_url"):
        OpenAI("x", {"base_url": url})


@pytest.mark.parametrize("url", ["https://example.com/v1/", "http://127.0.0.1:11434/v1", "http://box.lan/v1"])
def test_an_address_that_is_safe_or_near_is_taken(url: str) -> None:
    assert OpenAI("x", {"base_url": url}).needs_key


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"bas_url": OFFICIAL}, "bas_url"),
        ({"prices": {"m": {"inptu": 1}}}, "inptu: no such setting"),
        ({"prices": {"m": 5}}, "must be a table"),
        ({"prices": {"m": {"sees": "no"}}}, "sees"),
        ({"base_url": 5}, "base_url"),
    ],
)
def test_a_wrong_setting_is_named(table: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        load_plugins({"openai": table}, only="openai")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"prices": {"m": {"input": "much"}}}, r'prices."m"\] input'),
        ({"prices": {"m": {"input": -1}}}, r'prices."m"\] input'),
        ({"prices": {"m": {"json": "xml"}}}, r"json"),
        ({"prices": {"m": {"most_output": 0}}}, r"most_output"),
        ({"image_quality": "best"}, r"image_quality"),
    ],
)
def test_a_wrong_value_is_named(table: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        OpenAI("openai", table)


def test_the_vendor_s_own_models_are_dated_priced_and_sourced_and_hold_for_its_own_address_only() -> None:
    own = OpenAI("openai", {})
    prices = {price.route: price for price in own.duanju_prices()}
    assert prices["openai:gpt-4.1"].until == "2027-01-14"
    assert prices["openai:gpt-4.1"].successor == "gpt-6-luna"
    assert prices["openai:gpt-image-1"].until == "2026-10-23"
    assert all(p.source and p.since == "2026-11-24" and p.rates for p in prices.values())
    assert OpenAI("relay", {"base_url": "https://relay.example/v1"}).duanju_prices() == []
    mine = OpenAI("openai", {"prices": {"gpt-4.1": {"output": 9}}}).duanju_prices()
    (changed,) = (price for price in mine if price.route == "openai:gpt-4.1")
    assert changed.rates["output_token"] == 9_000_000 and changed.rates["input_token"] == 2_000_000
    assert changed.until == "2027-01-14" and "duanju.toml" in changed.source
    assert own.tested == "contract-tested only"


def test_a_picture_model_that_is_gone_names_its_successor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    play = Play(tmp_path, {"openai": quick(OpenAI("openai", {}))})
    play.settings = Settings(routes={"image": ("openai:gpt-image-1",)})
    stream = play.open(first=[paint("p")])
    play.run()
    (refused,) = play.all(stream, CallRefused)
    assert "2026-10-23" in refused.why and "gpt-image-2" in refused.why
    play.close()


def test_a_missing_key_is_told_before_anything_is_spent(tmp_path: Path) -> None:
    play = Play(tmp_path, {"openai": OpenAI("openai", {})})
    play.settings = Settings(routes={"chat": ("openai:gpt-6-luna",)})
    stream = play.open(first=[ask("a")])
    play.run()
    (refused,) = play.all(stream, CallRefused)
    assert "OPENAI_API_KEY" in refused.next and play.spent() == (0, 0, 0)
    play.close()


def test_the_example_of_the_page_is_one_that_loads(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
    (tmp_path / "duanju.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    given = load_settings(tmp_path / "duanju.toml", {})
    plugins = load_plugins(given.providers, only="openai")
    assert plugins.failures == {} and set(plugins.plugins) >= {"openai", "deepseek", "ollama"}
    routes = {price.route for price in plugins.prices.entries}
    assert {"openai:gpt-4.1", "deepseek:deepseek-v3.2", "ollama:qwen3"} <= routes
    assert given.routes["chat"] == ("deepseek:deepseek-v3.2", "ollama:qwen3")
    rows = re.findall(r"^\| `(\w+)`(?:, `(\w+)`)? \|", page, re.MULTILINE)
    described = {name for row in rows for name in row}
    assert {one.name for one in attrs.fields(OpenAISettings)} - {"prices"} <= described
