"""The provider `holysheep`: a relay that tells little, drops what it does not know, and charges all the same.

Requests: openai-openapi@f85dbe2 (spec 2.3.0), holysheep-cli's README. Answers: what relays are reported to
do, since nothing of this one's is published. Never tried against it.
"""

from __future__ import annotations

import threading
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

from duanju.core.rules import first_match
from duanju.core.settings import Budget, Settings
from duanju.core.settings_file import load_settings
from duanju.events.calls import CallDoubted, CallFailed, CallRefused, ChatReturned
from duanju.plugins.providers.calling.json_ways import JsonWays
from duanju.plugins.providers.calling.models import JSON_MODES, Model
from duanju.plugins.providers.calling.schema_fit import misfit
from duanju.plugins.providers.holysheep import OFFICIAL, HolySheep
from duanju.testing.vendor import Fault, VendorServer, in_turn
from duanju.testing.vendor.faults import answer
from duanju.testing.vendor.holysheep import HolySheepVendor
from duanju.testing.vendor.media import png
from duanju.testing.vendor.openai import completion, error

KEY = "cr_planted_0042aa"
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
FLASH = -(-1100 * 2_500_000 // 1_000_000)
FITS = '{"shots": ["one"]}'


class Scene:
    """A play with `holysheep` at a loopback relay."""

    def __init__(self, root: Path, server: VendorServer, chat: tuple[str, ...], **plugins: Any) -> None:
        self.server = server
        self.provider = HolySheep("holysheep", {"base_url": server.url})
        self.play = Play(root, {"holysheep": quick(self.provider), **plugins})
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
    """Makes a play before a relay; `say` answers, `faults` go wrong in turn, the rest are the vendor's."""
    monkeypatch.setenv("HOLYSHEEP_API_KEY", KEY)
    scenes: list[Scene] = []

    def make(
        say: Callable[[Any, int], Any] | None = None,
        faults: list[Fault | None] | None = None,
        chat: tuple[str, ...] = ("holysheep:gemini-2.5-flash",),
        plugins: dict[str, Any] | None = None,
        **more: Any,
    ) -> Scene:
        vendor = HolySheepVendor(say, key=KEY, **more)
        server = VendorServer(vendor.routes(), prefix="/v1", faults=in_turn(faults or []))
        server.__enter__()
        scenes.append(Scene(tmp_path, server, chat, **(plugins or {})))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.play.close()
        scene.server.__exit__(None, None, None)


def words(text: str = "It rains.", **more: Any) -> Callable[[Any, int], Any]:
    more.setdefault("usage", USAGE)
    return lambda body, number: completion(text, number=number, **more)


def statuses(event: Any) -> list[int]:
    return [attempt.status for attempt in event.bill.attempts]


# models and prices --------------------------------------------------------------------------------------


def test_the_claimed_prices_are_marked_unverified_and_no_vendor_s_date_holds_for_them() -> None:
    own = HolySheep("holysheep", {})
    prices = {price.route: price for price in own.duanju_prices()}
    claimed = {
        "deepseek-v3.2": 420_000,
        "gemini-2.5-flash": 2_500_000,
        "claude-sonnet-4.5": 15_000_000,
        "gpt-4.1": 8_000_000,
    }
    assert {route: price.rates for route, price in prices.items()} == {
        f"holysheep:{name}": {"input_token": rate, "output_token": rate} for name, rate in claimed.items()
    }
    for price in prices.values():
        assert price.source.startswith("unverified") and price.since and not price.until
    assert own.tested == "contract-tested only" and own.needs_key
    assert HolySheep("mirror", {"base_url": "https://mirror.example/v1"}).duanju_prices()
    mine = HolySheep("holysheep", {"prices": {"deepseek-v3.2": {"input": 0.14}}}).duanju_prices()
    (changed,) = (price for price in mine if price.route == "holysheep:deepseek-v3.2")
    assert changed.rates == {"input_token": 140_000, "output_token": 420_000}
    assert "duanju.toml" in changed.source


@pytest.mark.parametrize(
    ("model", "rate"),
    [
        ("deepseek-v3.2", 420_000),
        ("gemini-2.5-flash", 2_500_000),
        ("claude-sonnet-4.5", 15_000_000),
        ("gpt-4.1", 8_000_000),
    ],
)
def test_each_model_is_billed_at_its_price_in_and_out(start: Start, model: str, rate: int) -> None:
    scene = start(words(model=model), chat=(f"holysheep:{model}",))
    returned = scene.of(ask("a"))
    assert returned.bill.cost == -(-1100 * rate // 1_000_000) == scene.server.books.charged()
    assert scene.play.spent() == (returned.bill.cost, 0, 0)
    assert scene.server.books.by_key() == {KEY: 1}


def test_every_route_of_the_profile_is_one_that_the_provider_prices() -> None:
    given_settings = load_settings(None, {}, profile="holysheep")
    named = [
        *given_settings.routes["chat"],
        *(route for rule in given_settings.rules for route in rule.routes),
    ]
    priced = {price.route for price in HolySheep("holysheep", {}).duanju_prices()}
    assert set(named) == priced, "nothing is routed that has no price, and no model stands idle"
    assert all(route.startswith("local:") for route in given_settings.routes["image"])
    (off,) = [rule for rule in given_settings.rules if rule.off]
    assert off.routes == ("holysheep:claude-sonnet-4.5",) and off.when[0].most == 49


@pytest.mark.parametrize(
    ("purpose", "traits", "model"),
    [
        ("describe", {"crowd": "yes", "tone": "romantic"}, "gemini-2.5-flash"),
        ("describe", {"people": "4", "tone": "dramatic"}, "gemini-2.5-flash"),
        ("describe", {"people": "3", "tone": "dramatic", "kind": "establishing"}, "claude-sonnet-4.5"),
        ("describe", {"people": "0", "kind": "establishing"}, "deepseek-v3.2"),
        ("describe", {"people": "2", "kind": "background", "tone": "calm"}, "deepseek-v3.2"),
        ("breakdown", {"language": "en"}, "gpt-4.1"),
        ("breakdown", {"language": "zh"}, "deepseek-v3.2"),
        ("character", {}, "gpt-4.1"),
        ("direction", {}, "claude-sonnet-4.5"),
    ],
)
def test_the_profile_sends_each_purpose_where_it_should_go(
    purpose: str, traits: dict[str, str], model: str
) -> None:
    rule = first_match(load_settings(None, {}, profile="holysheep").rules, "chat", purpose, traits)
    assert rule is not None and rule.routes == (f"holysheep:{model}",) and rule.reason


def test_a_plain_shot_meets_no_rule_though_it_is_short() -> None:
    chosen = load_settings(None, {}, profile="holysheep")
    assert first_match(chosen.rules, "chat", "describe", {"words": "12", "people": "2"}) is None
    assert chosen.routes["chat"][0] == "holysheep:gemini-2.5-flash"


# what the relay leaves out ------------------------------------------------------------------------------


def test_without_usage_the_cost_is_unknown_and_is_booked_at_the_ceiling(start: Start) -> None:
    scene = start(words(), silent=True)
    returned = scene.of(ask("a"))
    assert (returned.text, returned.bill.cost, returned.bill.billing) == ("It rains.", None, "unknown")
    assert scene.play.spent()[0] >= scene.server.books.charged() == FLASH
    assert scene.play.spent()[1:] == (0, 0)


@pytest.mark.parametrize(
    "usage", [{}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": "9"}, []]
)
def test_usage_that_cannot_be_right_is_none(start: Start, usage: Any) -> None:
    body = {**completion("It rains."), "usage": usage}
    scene = start(None, [answer(200, body)])
    returned = scene.of(ask("a"))
    assert (returned.bill.cost, returned.bill.billing) == (None, "unknown") and scene.play.spent()[0] > 0


def test_rate_limits_without_any_header_are_waited_out(start: Start) -> None:
    given = error(429, "Too many requests", None)
    scene = start(words(), [answer(429, given.raw), answer(429, b"")])
    returned = scene.of(ask("a"))
    assert statuses(returned) == [429, 429, 200] and returned.bill.cost == FLASH


@pytest.mark.parametrize(
    ("body", "why", "sent"),
    [
        ({"error": {"message": "Upstream is gone", "code": 400}}, "surely not accepted", 1),
        ({"error": "no such model", "choices": None}, "surely not accepted", 1),
        (
            {"error": {"message": "user quota is not enough", "code": "insufficient_user_quota"}},
            "quota gone",
            1,
        ),
        ({"error": {"message": "用户余额不足"}}, "quota gone", 1),
        ({"choices": []}, "malformed", 1),
        ({"choices": None}, "malformed", 1),
    ],
)
def test_a_200_with_an_error_in_it_is_no_success(start: Start, body: Any, why: str, sent: int) -> None:
    other = Other()
    scene = start(words(), [answer(200, body)], ("holysheep:gemini-2.5-flash", "other:m"), {"other": other})
    stream = scene.play.open(first=[ask("a")])
    scene.play.run()
    (failed,) = scene.play.all(stream, CallFailed)
    assert failed.why.startswith(why) and scene.server.books.submits() == sent
    assert other.asked == ["a"], "the next route is tried"
    # An answer without choices and usage may have cost something; an error has not.
    assert (failed.bill.cost is None) is (why == "malformed")


def test_sensitive_words_are_a_refusal_that_is_not_sent_again(start: Start) -> None:
    scene = start(words(), [answer(400, {"error": {"message": "x", "code": "sensitive_words_detected"}})])
    failed = scene.of(ask("a"))
    assert failed.refused_by == "holysheep: input text" and scene.server.books.submits() == 1


def test_a_cut_line_is_doubted_and_never_paid_twice(start: Start) -> None:
    scene = start(words(), [Fault("reset_after", taken=True)])
    assert isinstance(scene.of(ask("a")), CallDoubted)
    assert scene.server.books.submits() == 1 and scene.server.books.taken_twice() == []
    assert scene.play.spent()[2] >= scene.server.books.charged()


# data ---------------------------------------------------------------------------------------------------


def forms(seen: list[str], say: Callable[[str], str]) -> Callable[[Any, int], Any]:
    """Answers by the form in which data is asked for, and writes the forms down."""

    def chat(body: Any, number: int) -> Any:
        form = body.get("response_format", {}).get("type", "")
        seen.append(form)
        assert SCHEMA in body["messages"][0]["content"], "the schema is always in words too"
        return completion(say(form), usage=USAGE, number=number)

    return chat


def test_data_that_keeps_to_its_schema_is_asked_for_natively_again(start: Start) -> None:
    seen: list[str] = []
    scene = start(forms(seen, lambda form: FITS))
    for number in range(2):
        returned = scene.of(ask("a", f"Shot {number}.", schema=SCHEMA), f"e{number}")
        assert (returned.finish, returned.text) == ("stop", '{"shots":["one"]}')
    assert seen == ["json_schema", "json_schema"]


@pytest.mark.parametrize("dropped", ['{"scenes": 5}', "Here you are: it rains.", '{"shots": "one"}'])
def test_a_model_whose_schema_was_dropped_is_asked_in_json_mode_from_then_on(
    start: Start, dropped: str
) -> None:
    seen: list[str] = []
    scene = start(forms(seen, lambda form: dropped if form == "json_schema" else FITS))
    first = scene.of(ask("a", "One.", schema=SCHEMA), "one")
    assert isinstance(first, ChatReturned) and first.bill.cost == FLASH, "what came is paid and shown"
    second = scene.of(ask("a", "Two.", schema=SCHEMA), "two")
    assert (second.finish, second.text) == ("stop", '{"shots":["one"]}')
    assert seen == ["json_schema", "json_object"]
    scene.play.settings = attrs.evolve(scene.play.settings, routes={"chat": ("holysheep:gpt-4.1",)})
    scene.of(ask("a", "Three.", schema=SCHEMA), "three")
    assert seen[2] == "json_schema", "each model is found out by itself"


def test_a_form_that_is_refused_is_asked_for_in_the_next_way_for_nothing(start: Start) -> None:
    seen: list[str] = []
    names = frozenset({"gemini-2.5-flash"})
    scene = start(forms(seen, lambda form: FITS), refuses=names, no_json=names)
    returned = scene.of(ask("a", schema=SCHEMA))
    assert statuses(returned) == [400, 422, 200] and returned.bill.cost == FLASH
    assert seen == [""] and scene.play.spent() == (FLASH, 0, 0)
    again = scene.of(ask("b", "Two.", schema=SCHEMA), "two")
    assert statuses(again) == [200] and seen == ["", ""]


def test_a_cut_answer_says_nothing_of_the_schema(start: Start) -> None:
    seen: list[str] = []

    def say(body: Any, number: int) -> Any:
        seen.append(body["response_format"]["type"])
        return completion('{"sho', finish="length", usage=USAGE, number=number)

    scene = start(say)
    assert scene.of(ask("a", "One.", schema=SCHEMA), "one").finish == "length"
    scene.of(ask("a", "Two.", schema=SCHEMA), "two")
    assert seen == ["json_schema", "json_schema"]


def test_words_that_are_no_data_are_not_asked_for_in_any_form(start: Start) -> None:
    seen: list[Any] = []

    def say(body: Any, number: int) -> Any:
        seen.append(body.get("response_format"))
        return completion("It rains.", usage=USAGE)

    scene = start(say, [answer(400, {"error": {"message": "json_schema is not taken"}})])
    assert isinstance(scene.of(ask("a")), CallFailed) and seen == []


@given(st.lists(st.sampled_from(JSON_MODES), max_size=8), st.sampled_from(JSON_MODES))
def test_a_way_only_ever_falls(falls: list[str], first: str) -> None:
    ways, model = JsonWays(), Model("m", {}, "", "", json=first)
    before = JSON_MODES.index(ways.of(model))
    for way in falls:
        fell = ways.fall(model, way)
        after = JSON_MODES.index(ways.of(model))
        assert after >= before and fell is (way != "prompt")
        before = after


def test_calls_side_by_side_that_find_the_same_fall_one_step() -> None:
    ways, model = JsonWays(), Model("m", {}, "", "", json="schema")
    threads = [threading.Thread(target=ways.fall, args=(model, "schema")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ways.of(model) == "object"


# the check of a schema ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "schema", "why"),
    [
        ({"a": 1}, {"type": "object", "required": ["b"]}, "b: is missing"),
        (
            {"a": 1},
            {"type": "object", "properties": {}, "additionalProperties": False},
            "a: is not asked for",
        ),
        ({"a": [1, "x"]}, {"properties": {"a": {"items": {"type": "integer"}}}}, "a[1]: must be integer"),
        (True, {"type": "integer"}, "the whole: must be integer"),
        (2.0, {"type": "integer"}, ""),
        (2.5, {"type": "integer"}, "must be integer"),
        (None, {"type": ["string", "null"]}, ""),
        ("c", {"enum": ["a", "b"]}, "none of the 2"),
        (1, {"const": True}, "not the one value"),
        (5, {"anyOf": [{"type": "string"}, {"type": "integer", "maximum": 4}]}, "must be string"),
        (
            {"x": {"x": 5}},
            {"$ref": "#/$defs/d", "$defs": {"d": {"properties": {"x": {"$ref": "#/$defs/d"}}}}},
            "",
        ),
        (
            {"x": 5},
            {"properties": {"x": {"$ref": "#/$defs/s"}}, "$defs": {"s": {"type": "string"}}},
            "x: must be string",
        ),
        ([1], {"minItems": 2}, "minItems 2"),
        ("abc", {"maxLength": 2}, "maxLength 2"),
        ({"a": 1}, {"allOf": [{"required": ["a"]}, {"required": ["z"]}]}, "z: is missing"),
        (5, {"$ref": "#"}, ""),
        (5, {"$ref": "https://example.com/x"}, ""),
    ],
)
def test_a_misfit_is_told_by_its_place(value: Any, schema: Any, why: str) -> None:
    found = misfit(value, schema)
    assert (why in found) if why else found == ""


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
_WORDS = ["type", "properties", "required", "items", "enum", "anyOf", "allOf", "$ref", "minimum", "const"]


@settings(max_examples=200)
@given(
    _ANY,
    st.dictionaries(st.sampled_from(_WORDS), _ANY | st.sampled_from(["object", "#", "array"]), max_size=4),
)
def test_no_value_and_no_schema_breaks_the_check(value: Any, schema: Any) -> None:
    assert isinstance(misfit(value, schema), str)


# pictures, keys -----------------------------------------------------------------------------------------


def test_a_picture_goes_to_a_model_that_sees_and_to_no_other(start: Start) -> None:
    scene = start(words())
    face = scene.play.artifacts.put(png(64, 64), "image/jpg")
    assert isinstance(scene.of(ask("a", inputs=(face,))), ChatReturned)
    scene.play.settings = attrs.evolve(scene.play.settings, routes={"chat": ("holysheep:deepseek-v3.2",)})
    failed = scene.of(ask("a", "Another look.", inputs=(face,)), "two")
    assert "takes no pictures" in failed.why and failed.fallback and scene.server.books.submits() == 1


def test_it_makes_no_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLYSHEEP_API_KEY", KEY)
    play = Play(tmp_path, {"holysheep": HolySheep("holysheep", {})})
    play.settings = Settings(routes={"image": ("holysheep:gpt-4.1",)})
    stream = play.open(first=[paint("p")])
    play.run()
    (refused,) = play.all(stream, CallRefused)
    assert "has no image" in refused.why
    play.close()


def test_a_missing_key_is_told_before_anything_is_spent(tmp_path: Path) -> None:
    play = Play(tmp_path, {"holysheep": HolySheep("holysheep", {"base_url": OFFICIAL})})
    play.settings = Settings(routes={"chat": ("holysheep:gpt-4.1",)})
    stream = play.open(first=[ask("a")])
    play.run()
    (refused,) = play.all(stream, CallRefused)
    assert "HOLYSHEEP_API_KEY" in refused.next and play.spent() == (0, 0, 0)
    play.close()


def test_no_key_is_ever_kept(start: Start) -> None:
    body = {"error": {"message": f"bad token Bearer {KEY}", "url": f"https://x.example/?key={KEY}"}}
    scene = start(words(), [answer(401, body, headers={"x-request-id": KEY}), Fault("half", taken=True)])
    scene.of(ask("a"), "one")
    scene.of(ask("b", "Two."), "two")
    scene.play.log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in scene.play.root.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


# the loopback relay itself ------------------------------------------------------------------------------


def test_the_relay_serves_chat_alone_and_says_nothing_in_headers() -> None:
    import requests

    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}
    head = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}

    def post(url: str, change: dict[str, Any], headers: dict[str, str]) -> Any:
        return requests.post(url, data=orjson.dumps({**body, **change}), headers=headers, timeout=10)

    with VendorServer(HolySheepVendor(key=KEY, silent=True).routes(), prefix="/v1") as server:
        chat = f"{server.url}/chat/completions"
        got = post(chat, {}, head)
        assert got.status_code == 200 and "usage" not in got.json()
        assert not [
            n for n in got.headers if "request" in n.lower() or "limit" in n.lower() or "retry" in n.lower()
        ]
        assert server.books.charged() > 0
        assert post(chat, {"max_token": 5}, head).status_code == 400
        assert post(chat, {"model": "gpt-9"}, head).status_code == 404
        assert post(chat, {}, {**head, "authorization": "Bearer x"}).status_code == 401
        assert post(f"{server.url}/images/generations", {}, head).status_code == 404
