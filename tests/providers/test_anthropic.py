"""The provider `anthropic`: bodies, stop reasons, usage, errors, settings, and data with or without a schema.

Bodies: anthropic-sdk-python@009b0353 (0.121.0), fields checked against its release 2.12.0. Never tried
against the vendor.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from callkit import SCHEMA, Other, ask, quick
from hypothesis import given, settings
from hypothesis import strategies as st
from stagehand import Play

from duanju.core import log as log_module
from duanju.core.artifacts import Artifacts
from duanju.core.errors import BadSetting
from duanju.core.plugins import load_plugins
from duanju.core.settings import Budget, Settings
from duanju.core.settings_file import load_settings
from duanju.events.calls import CallDoubted, CallFailed, CallRefused, ChatReturned
from duanju.plugins.providers.anthropic import OFFICIAL, Anthropic
from duanju.plugins.providers.anthropic.messages import message_body, message_units, read_message
from duanju.plugins.providers.anthropic.schema import output_schema
from duanju.plugins.providers.calling.models import Model
from duanju.plugins.providers.calling.pictures import BadMedia
from duanju.plugins.providers.calling.transport import Answer
from duanju.plugins.providers.calling.verdicts import Kind
from duanju.testing.vendor import Fault, Given, VendorServer, in_turn
from duanju.testing.vendor.anthropic import (
    AnthropicVendor,
    anthropic_error,
    bad_schema,
    message,
    text_block,
)
from duanju.testing.vendor.faults import answer
from duanju.testing.vendor.media import png

KEY = "sk-ant-planted-77ab01"
MODEL = Model("claude-sonnet-4-6", {}, "", "", sees=True)
USAGE = {
    "input_tokens": 700,
    "cache_creation_input_tokens": 200,
    "cache_read_input_tokens": 100,
    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 0},
    "output_tokens": 300,
    "output_tokens_details": {"thinking_tokens": 120},
    "service_tier": "standard",
    "server_tool_use": None,
}
COST = -(-(700 * 3_000_000 + 200 * 3_750_000 + 100 * 300_000 + 300 * 15_000_000) // 1_000_000)
PRICES = {
    "claude-sonnet-4-6": {"input": 3, "cached": 0.3, "output": 15, "most_output": 4096},
    "claude-sonnet-5": {"input": 2, "cached": 0.2, "output": 10},
}


class Scene:
    """A play with `anthropic` at a loopback vendor."""

    def __init__(self, root: Path, server: VendorServer, chat: tuple[str, ...], **plugins: Any) -> None:
        self.server = server
        self.provider = Anthropic("anthropic", {"base_url": server.url, "prices": PRICES})
        self.play = Play(root, {"anthropic": quick(self.provider), **plugins})
        self.play.settings = Settings(routes={"chat": chat}, budget=Budget(repeat_below=0))

    def of(self, request: Any, name: str = "one") -> Any:
        """The one outcome of one request's episode."""
        stream = self.play.open(name, [request])
        self.play.run()
        kinds = (ChatReturned, CallFailed, CallDoubted)
        found = [r.event for r in self.play.log.read(stream=stream) if isinstance(r.event, kinds)]
        assert len(found) == 1, found
        return found[0]


Start = Callable[..., Scene]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes a play before a vendor; `say` answers, `faults` go wrong in turn."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    scenes: list[Scene] = []

    def make(
        say: Callable[[Any, int], Any] | None = None,
        faults: list[Fault | None] | None = None,
        model: str = "claude-sonnet-4-6",
        plain: frozenset[str] = frozenset(),
        chat: tuple[str, ...] = (),
        **plugins: Any,
    ) -> Scene:
        vendor = AnthropicVendor(say, key=KEY, plain=plain)
        server = VendorServer(vendor.routes(), faults=in_turn(faults or []), key_header="x-api-key")
        server.__enter__()
        scenes.append(Scene(tmp_path, server, chat or (f"anthropic:{model}",), **plugins))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.play.close()
        scene.server.__exit__(None, None, None)


def words(content: Any = "It rains.", **more: Any) -> Callable[[Any, int], Any]:
    more.setdefault("usage", USAGE)
    return lambda body, number: message(content, number=number, **more)


def failing(given: Given, **more: Any) -> Fault:
    return answer(given.status, given.raw, headers=dict(given.headers), **more)


def statuses(event: Any) -> list[int]:
    return [attempt.status for attempt in event.bill.attempts]


# bodies -------------------------------------------------------------------------------------------------


def test_the_body_of_a_call_is_exactly_this(tmp_path: Path) -> None:
    assert orjson.loads(message_body(ask("a", "Rain."), MODEL, Artifacts(tmp_path), 500)) == {
        "model": "claude-sonnet-4-6",
        "max_tokens": 500,
        "system": "You write shots.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Rain."}]}],
    }


def test_what_the_prompt_refers_to_goes_before_it_under_the_type_that_its_bytes_have(tmp_path: Path) -> None:
    store = Artifacts(tmp_path)
    picture = png(20, 10)
    inputs = (
        store.put(picture, "image/jpg"),
        store.put("雨".encode(), "text/plain"),
        store.put(b" \n", "text/plain"),
    )
    request = attrs.evolve(ask("a", "Look.", inputs=inputs), system="")
    body = orjson.loads(message_body(request, MODEL, store, 500))
    data = base64.b64encode(picture).decode()
    assert "system" not in body
    assert body["messages"][0]["content"] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}},
        {"type": "text", "text": "雨"},
        {"type": "text", "text": "Look."},
    ]


def test_what_the_vendor_would_refuse_is_not_sent(tmp_path: Path) -> None:
    store = Artifacts(tmp_path)
    large = store.put(b"\x89PNG" + bytes(4 << 20), "image/png")
    wide = store.put(png(8001, 1), "image/png")
    small = store.put(png(2001, 1), "image/png")
    tiny = store.put(png(1, 1), "image/png")
    for request, why in (
        (ask("a", inputs=(large,)), "bytes, more than"),
        (ask("a", inputs=(wide,)), "8001x1"),
        (ask("a", inputs=(small,) * 21), "2001x1"),
        (ask("a", inputs=(tiny,) * 101), "101 pictures"),
        (ask("a", " "), "neither words nor pictures"),
    ):
        with pytest.raises(BadMedia, match=why):
            message_body(request, MODEL, store, 500)
    with pytest.raises(BadMedia, match="takes no pictures"):
        message_body(ask("a", inputs=(tiny,)), attrs.evolve(MODEL, sees=False), store, 500)
    message_body(ask("a", inputs=(small,) * 20), MODEL, store, 500)


def test_a_schema_goes_into_output_config_or_else_into_the_prompt(tmp_path: Path) -> None:
    store = Artifacts(tmp_path)
    body = orjson.loads(message_body(ask("a", schema=SCHEMA), MODEL, store, 500))
    form = {"type": "json_schema", "schema": orjson.loads(SCHEMA)}
    assert body["output_config"] == {"format": form} and body["system"] == "You write shots."
    for schema, mode in ((SCHEMA, "prompt"), ('{"type": "array"}', "schema"), ("three words", "schema")):
        model = attrs.evolve(MODEL, json=mode)
        body = orjson.loads(message_body(ask("a", schema=schema), model, store, 500))
        assert "output_config" not in body and schema in body["system"]


def test_a_schema_is_said_in_the_part_of_the_language_that_is_taken() -> None:
    given = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "description": "how many"},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "minItems": 2},
            "name": {"type": ["string", "null"]},
            "day": {"type": "string", "format": "date"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "deep": {"$ref": "#/$defs/deep"},
        },
        "required": ["n"],
        "$defs": {"deep": {"type": "object", "properties": {"x": {"type": "number"}}}},
    }
    made = output_schema(orjson.dumps(given).decode())
    assert made is not None and bad_schema(made) == ""
    assert made["properties"]["n"] == {"type": "integer", "description": "how many\n\n{minimum: 1}"}
    assert made["properties"]["name"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert made["properties"]["day"] == {"type": "string", "format": "date"}
    assert made["properties"]["kind"] == {"enum": ["a", "b"]}
    assert made["$defs"]["deep"]["additionalProperties"] is False
    for open_ended in (
        {"type": "object"},
        {"type": "object", "properties": {}, "additionalProperties": True},
        {
            "type": "object",
            "properties": {"x": {"type": "object", "additionalProperties": {"type": "string"}}},
        },
        {"type": "object", "properties": {"x": {}}},
    ):
        assert output_schema(orjson.dumps(open_ended).decode()) is None


_SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {"type": "string", "maxLength": 3},
            {"type": "integer", "minimum": 0},
            {"type": "boolean", "default": True},
            {"enum": ["a", 1, None]},
            {"type": ["number", "null"]},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda one: {"type": "array", "items": one, "maxItems": 4}, inner),
        st.builds(lambda *several: {"anyOf": list(several)}, inner, inner),
        st.builds(
            lambda fields: {"type": "object", "properties": fields, "required": sorted(fields)},
            st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(_SCHEMAS)
def test_whatever_is_made_of_a_schema_is_taken(inner: Any) -> None:
    made = output_schema(orjson.dumps({"type": "object", "properties": {"x": inner}}).decode())
    assert made is not None and bad_schema(made) == ""


# answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop", "kind", "finish"),
    [
        ("end_turn", Kind.OK, "stop"),
        ("stop_sequence", Kind.OK, "stop"),
        ("max_tokens", Kind.TRUNCATED, "length"),
        ("model_context_window_exceeded", Kind.TRUNCATED, "length"),
        ("refusal", Kind.REFUSED, ""),
        ("pause_turn", Kind.MALFORMED, ""),
        ("tool_use", Kind.MALFORMED, ""),
        ("a_new_reason", Kind.MALFORMED, ""),
        (None, Kind.MALFORMED, ""),
    ],
)
def test_the_stop_reason_is_looked_at_before_the_words(stop: str | None, kind: Kind, finish: str) -> None:
    whole = '{"shots": []}'
    read = read_message(Answer(200, {}, orjson.dumps(message(whole, stop=stop, usage=USAGE))), True)
    assert (read.verdict.kind, read.finish) == (kind, finish)
    assert read.units is not None, "what was used is known however it ended"


def test_thinking_is_left_out_and_words_in_several_blocks_are_one_text() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
        text_block("It "),
        text_block("rains."),
    ]
    read = read_message(Answer(200, {}, orjson.dumps(message(blocks, usage=USAGE))), False)
    assert (read.text, read.finish) == ("It rains.", "stop")


def test_cache_tokens_come_on_top_and_an_hour_in_the_cache_has_no_price() -> None:
    assert message_units(USAGE) == {
        "input_token": 700,
        "output_token": 300,
        "cached_token": 100,
        "cache_write_token": 200,
    }
    hour = {**USAGE, "cache_creation": {"ephemeral_1h_input_tokens": 50, "ephemeral_5m_input_tokens": 150}}
    units = message_units(hour)
    assert units is not None
    assert (units["cache_write_token"], units["cache_write_hour_token"]) == (150, 50)
    for odd in (None, {}, [], {"input_tokens": 5}, {"input_tokens": -1, "output_tokens": 2}):
        assert message_units(odd) is None


_BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 62), 1 << 62) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["content", "stop_reason", "stop_details", "usage", "text", "type", "id", "input_tokens"]
            ),
            inner | st.sampled_from(["end_turn", "text", "refusal"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300)
@given(_BODIES, st.booleans())
def test_no_answer_breaks_the_reader(body: Any, data: bool) -> None:
    read = read_message(Answer(200, {}, orjson.dumps(body)), data)
    if read.verdict.kind is Kind.OK:
        assert read.finish == "stop" and read.text and body["stop_reason"] in ("end_turn", "stop_sequence")
    assert read.units is None or all(amount >= 0 for amount in read.units.values())


# through the engine -------------------------------------------------------------------------------------


def test_words_data_and_pictures_and_the_ledger_is_the_vendor_s(start: Start) -> None:
    scene = start()
    face = scene.play.artifacts.put(png(64, 64, "face"), "image/png")
    requests = [ask("a"), ask("b", schema=SCHEMA), ask("c", inputs=(face,))]
    stream = scene.play.open(first=requests)
    scene.play.run()
    returned = scene.play.all(stream, ChatReturned)
    assert len(returned) == 3 and {one.finish for one in returned} == {"stop"}
    assert scene.play.spent() == (scene.server.books.charged(), 0, 0) and scene.server.books.charged() > 0
    assert sum(one.bill.cost for one in returned) == scene.server.books.charged()
    assert scene.server.books.by_key() == {KEY: 3}


def test_the_bill_has_every_kind_of_token_at_its_price(start: Start) -> None:
    scene = start(words())
    returned = scene.of(ask("a"))
    bill = returned.bill
    assert (bill.cost, bill.billing, bill.vendor_id) == (COST, "billed", "msg_00000001")
    assert bill.usage["output_tokens_details.thinking_tokens"] == 120
    assert scene.play.spent() == (COST, 0, 0) and scene.server.books.charged() == COST


def test_an_hour_in_the_cache_is_booked_at_the_ceiling_and_never_too_low(start: Start) -> None:
    used = {**USAGE, "cache_creation": {"ephemeral_1h_input_tokens": 200, "ephemeral_5m_input_tokens": 0}}
    scene = start(words(usage=used))
    returned = scene.of(ask("a"))
    assert (returned.bill.cost, returned.bill.billing) == (None, "unknown")
    assert scene.play.spent()[0] > 4096 * 15


def test_a_refusal_is_billed_and_never_read_as_data(start: Start) -> None:
    details = {"type": "refusal", "category": "general_harms", "explanation": "It asks for harm."}
    scene = start(words('{"shots": []}', stop="refusal", details=details))
    failed = scene.of(ask("a", schema=SCHEMA))
    assert isinstance(failed, CallFailed) and failed.refused_by == "anthropic: output"
    assert "general_harms" in failed.why and "It asks for harm." in failed.why
    assert failed.bill.cost == COST and scene.server.books.submits() == 1


def test_a_cut_answer_is_paid_and_not_taken_for_whole(start: Start) -> None:
    scene = start(words('{"shots": ["one", "tw', stop="max_tokens"))
    returned = scene.of(ask("a", schema=SCHEMA))
    assert (returned.finish, returned.repaired, returned.bill.cost) == ("length", False, COST)


def test_a_paused_turn_is_not_whole_and_is_kept_raw(start: Start) -> None:
    scene = start(words(stop="pause_turn"))
    failed = scene.of(ask("a"))
    assert failed.why.startswith("malformed") and "pause_turn" in failed.why and failed.bill.cost == COST
    digest = failed.why.rpartition(" ")[2]
    assert any(digest in str(path.relative_to(tmp)).replace("/", "") for tmp, path in _files(scene))


def _files(scene: Scene) -> list[tuple[Path, Path]]:
    root = scene.play.root / "artifacts"
    return [(root, path) for path in root.rglob("*") if path.is_file()]


def test_a_model_without_output_config_is_asked_in_the_prompt_from_then_on(start: Start) -> None:
    seen: list[bool] = []

    def say(body: Any, number: int) -> Any:
        seen.append("output_config" in body)
        assert SCHEMA in body["system"]
        return message('{"shots": ["one"]}', usage=USAGE, number=number)

    scene = start(say, plain=frozenset({"claude-sonnet-4-6"}))
    first = scene.of(ask("a", schema=SCHEMA))
    assert first.finish == "stop" and statuses(first) == [400, 200] and first.bill.cost == COST
    second = scene.of(ask("b", "Another shot.", schema=SCHEMA), "two")
    assert statuses(second) == [200] and seen == [False, False] and scene.server.books.submits() == 3
    assert scene.play.spent() == (2 * COST, 0, 0)


def test_another_400_is_not_taken_for_a_missing_output_config(start: Start) -> None:
    given = anthropic_error(400, "invalid_request_error", "messages: roles must alternate")
    scene = start(words(), [failing(given)])
    failed = scene.of(ask("a", schema=SCHEMA))
    assert isinstance(failed, CallFailed) and "roles must alternate" in failed.why
    assert scene.server.books.submits() == 1 and scene.play.spent() == (0, 0, 0)


# errors -------------------------------------------------------------------------------------------------


def test_overload_and_rate_limits_are_tried_again(start: Start) -> None:
    scene = start(
        words(),
        [
            failing(anthropic_error(529, "overloaded_error", "Overloaded")),
            failing(anthropic_error(429, "rate_limit_error", "Slow", headers={"retry-after": "0.02"})),
            failing(anthropic_error(429, "rate_limit_error", "Too fast", "ramp_limit_exceeded")),
        ],
    )
    returned = scene.of(ask("a"))
    assert statuses(returned) == [529, 429, 429, 200] and returned.bill.attempts[2].wait_ms >= 20
    assert scene.play.spent() == (COST, 0, 0)


@pytest.mark.parametrize(
    ("given", "kind", "fallback"),
    [
        (anthropic_error(413, "request_too_large", "Request exceeds the maximum size"), "surely not", True),
        (anthropic_error(404, "not_found_error", "model: x"), "surely not", True),
        (anthropic_error(400, "invalid_request_error", "max_tokens: must be at least 1"), "surely not", True),
        (anthropic_error(401, "authentication_error", "invalid x-api-key"), "surely not", False),
        (anthropic_error(403, "permission_error", "not for you"), "surely not", False),
        (anthropic_error(403, "permission_error", "disabled", "organization_on_hold"), "surely not", False),
        (anthropic_error(402, "billing_error", "pay"), "quota gone", True),
        (
            anthropic_error(
                400,
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing",
            ),
            "quota gone",
            True,
        ),
        (anthropic_error(429, "rate_limit_error", "no", "contract_spend_limit_reached"), "quota gone", True),
    ],
)
def test_what_is_surely_not_taken_is_free_and_sent_once(
    start: Start, given: Given, kind: str, fallback: bool
) -> None:
    other = Other()
    scene = start(words(), [failing(given)], chat=("anthropic:claude-sonnet-4-6", "other:m"), other=other)
    stream = scene.play.open(first=[ask("a")])
    scene.play.run()
    (failed,) = scene.play.all(stream, CallFailed)
    assert failed.why.startswith(kind) and failed.fallback is fallback
    assert (failed.bill.cost, failed.bill.billing, failed.bill.vendor_id) == (0, "free", "req_011CTest")
    assert scene.server.books.submits() == 1 and other.asked == (["a"] if fallback else [])


def test_output_that_is_blocked_in_an_error_is_a_refusal_of_unknown_cost(start: Start) -> None:
    given = anthropic_error(400, "invalid_request_error", "Output blocked by content filtering policy")
    scene = start(words(), [failing(given, taken=True)])
    failed = scene.of(ask("a"))
    assert failed.refused_by == "anthropic: output" and failed.fallback
    assert (failed.bill.cost, failed.bill.billing) == (None, "unknown")
    assert scene.play.spent()[0] >= scene.server.books.charged() > 0, "booked at the ceiling, never at 0"


@pytest.mark.parametrize(
    "given",
    [
        anthropic_error(500, "api_error", "Internal server error"),
        anthropic_error(504, "timeout_error", "The request timed out"),
    ],
)
def test_what_may_have_been_made_is_doubted_and_not_sent_again(start: Start, given: Given) -> None:
    scene = start(words(), [failing(given, taken=True)])
    doubted = scene.of(ask("a"))
    assert isinstance(doubted, CallDoubted) and "req_011CTest" in doubted.known
    assert scene.server.books.submits() == 1


def test_no_key_is_ever_kept(start: Start) -> None:
    echo = anthropic_error(401, "authentication_error", f"invalid x-api-key {KEY}")
    scene = start(words(), [failing(echo)])
    scene.of(ask("a"))
    scene.play.log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in scene.play.root.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


# models and settings ------------------------------------------------------------------------------------


def test_models_are_dated_priced_and_sourced_and_hold_for_the_vendor_s_address_only() -> None:
    own = Anthropic("anthropic", {})
    prices = {price.route: price for price in own.duanju_prices()}
    old = prices["anthropic:claude-sonnet-4-5"]
    assert (old.until, old.successor) == ("2026-11-30", "claude-sonnet-4-6")
    assert old.rates["cache_write_token"] == 3_750_000
    assert all(price.source and price.rates and price.most_output <= 21_333 for price in prices.values())
    assert {"anthropic:claude-sonnet-4-6", "anthropic:claude-sonnet-5"} <= set(prices)
    assert Anthropic("relay", {"base_url": "https://relay.example"}).duanju_prices() == []
    mine = Anthropic("relay", {"base_url": "https://relay.example", "prices": {"m": {"input": 2}}})
    (price,) = mine.duanju_prices()
    assert price.rates == {"input_token": 2_000_000, "cache_write_token": 2_500_000} and price.until == ""
    assert own.tested == "contract-tested only" and own.needs_key


@pytest.mark.parametrize(("day", "gone"), [("2026-11-29", False), ("2026-11-30", True)])
def test_a_model_that_is_gone_names_its_successor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, gone: bool
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(log_module.Log, "today", lambda self: day)
    provider = quick(Anthropic("anthropic", {}))
    asked: list[str] = []

    def nothing(event: Any, desk: Any) -> Iterator[CallFailed]:
        asked.append(event.subject)
        yield CallFailed(why="not sent in this test")

    monkeypatch.setattr(
        "duanju.plugins.providers.anthropic.chat.message", lambda event, *rest: nothing(event, None)
    )
    play = Play(tmp_path, {"anthropic": provider})
    play.settings = Settings(routes={"chat": ("anthropic:claude-sonnet-4-5",)})
    stream = play.open(first=[ask("a")])
    play.run()
    why = " ".join(one.why for one in play.all(stream, CallRefused))
    assert ("2026-11-30" in why and "claude-sonnet-4-6" in why) is gone
    assert asked == ([] if gone else ["a"])
    play.close()


def test_a_missing_key_is_told_before_anything_is_spent(tmp_path: Path) -> None:
    play = Play(tmp_path, {"anthropic": Anthropic("anthropic", {})})
    play.settings = Settings(routes={"chat": ("anthropic:claude-sonnet-5",)})
    stream = play.open(first=[ask("a")])
    play.run()
    (refused,) = play.all(stream, CallRefused)
    assert "ANTHROPIC_API_KEY" in refused.next and play.spent() == (0, 0, 0)
    play.close()


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"base_url": f"{OFFICIAL}/v1"}, "leave out /v1"),
        ({"base_url": "http://api.example.com"}, "https://"),
        (
            {"prices": {"claude-sonnet-5": {"most_output": 64000}}},
            "most_output: 64000 is more than the 21333",
        ),
        ({"prices": {"m": {"json": "xml"}}}, "json"),
    ],
)
def test_a_wrong_value_is_named(table: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        Anthropic("anthropic", table)


def test_an_instance_has_its_own_key_lane_and_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_API_KEY", "sk-of-the-relay-1")
    vendor = AnthropicVendor(words(model="m"), {"m": (1_000_000, 1_000_000, 1_000_000, 2_000_000)})
    with VendorServer(vendor.routes(), key_header="x-api-key") as server:
        prices = {"m": {"input": 1, "cached": 1, "output": 2}}
        table = {"kind": "anthropic", "base_url": server.url, "prices": prices}
        plugins = load_plugins({"relay": table}, only="anthropic")
        assert plugins.failures == {}
        play = Play(tmp_path, {"relay": plugins.plugins["relay"].object})
        play.settings = Settings(routes={"chat": ("relay:m",)}, budget=Budget(repeat_below=0))
        (hook,) = (h for p in play.plugins.plugins.values() for h in p.hooks if h.kind == "chat_requested")
        assert hook.effect is not None and hook.effect.lane == "relay"
        play.open(first=[ask("a")])
        play.run()
        # What goes into the cache costs a quarter more than input where the studio does not say.
        assert play.spent() == (700 + 250 + 100 + 600, 0, 0)
        assert server.books.by_key() == {"sk-of-the-relay-1": 1}
        play.close()


@pytest.mark.parametrize("heading", ["## `anthropic`", "## `holysheep`, a relay"])
def test_the_examples_of_the_page_load(tmp_path: Path, heading: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
    section = page.split(f"{heading}\n")[1].split("\n## ")[0]
    (tmp_path / "duanju.toml").write_text(section.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    chosen = load_settings(tmp_path / "duanju.toml", {})
    plugins = load_plugins(chosen.providers, only="anthropic,holysheep")
    assert plugins.failures == {}
    priced = {price.route: price for price in plugins.prices.entries}
    assert set(chosen.routes["chat"]) <= set(priced)
    name = heading.split("`")[1]
    said = {f"{name}:{model}" for model in re.findall(r"^\| `([\w.-]+)` \|", section, re.MULTILINE)}
    assert said == {route for route in priced if route.startswith(f"{name}:")}


# the loopback vendor itself -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "headers", "status", "why"),
    [
        ({}, {}, 200, ""),
        ({"max_completion_tokens": 5}, {}, 400, "Extra inputs are not permitted"),
        ({"max_tokens": "500"}, {}, 400, "max_tokens"),
        ({"messages": [{"role": "system", "content": "x"}]}, {}, 400, "system"),
        ({"model": "claude-1"}, {}, 404, "claude-1"),
        ({}, {"anthropic-version": None}, 400, "anthropic-version"),
        ({}, {"x-api-key": None}, 401, "x-api-key"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            {},
            400,
            "false",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]}, {}, 400, "whitespace"),
    ],
)
def test_the_vendor_is_strict(
    change: dict[str, Any], headers: dict[str, str | None], status: int, why: str
) -> None:
    import requests

    body = {"model": "claude-sonnet-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
    plain = {"x-api-key": KEY, "anthropic-version": "2023-06-01", "content-type": "application/json"}
    sent = {name: value for name, value in {**plain, **headers}.items() if value is not None}
    with VendorServer(AnthropicVendor(key=KEY).routes(), key_header="x-api-key") as server:
        got = requests.post(
            f"{server.url}/v1/messages", data=orjson.dumps({**body, **change}), headers=sent, timeout=10
        )
        assert got.status_code == status and why in got.text
        if status != 200:
            assert got.json()["type"] == "error" and got.headers["request-id"]


def test_the_vendor_looks_at_the_bytes_of_a_picture() -> None:
    import requests

    def post(server: VendorServer, media: str, data: bytes) -> Any:
        source = {"type": "base64", "media_type": media, "data": base64.b64encode(data).decode()}
        body = {
            "model": "claude-sonnet-5",
            "max_tokens": 5,
            "messages": [{"role": "user", "content": [{"type": "image", "source": source}]}],
        }
        head = {"x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json"}
        return requests.post(f"{server.url}/v1/messages", data=orjson.dumps(body), headers=head, timeout=10)

    with VendorServer(AnthropicVendor().routes()) as server:
        assert post(server, "image/png", png(8, 8)).status_code == 200
        assert "does not match" in post(server, "image/jpeg", png(8, 8)).text
        assert post(server, "image/jpg", png(8, 8)).status_code == 400
        assert "5 MB" in post(server, "image/png", png(8, 8) + bytes(4 << 20)).text
