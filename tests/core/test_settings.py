"""Settings: a mistake is named with file, line, key and what would be right; what is recorded reads back."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.core.errors import BadSetting
from duanju.core.settings import (
    CAPABILITIES,
    DELIVERIES,
    Budget,
    Delivery,
    Settings,
    micro,
)
from duanju.core.settings_file import load_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "duanju.toml"


WRONG = [
    ('[routes]\nimage = ["local:painter"]\nspeach = ["local:espeak"]', 3, "routes.speach", "speech"),
    ('[routes]\n\nspeech = "espeak"', 3, "routes.speech", "PROVIDER:MODEL"),
    ("[routes]\nspeech = 3", 2, "routes.speech", '["local:painter"]'),
    ("# first\n[budgets]\nepisode = 5", 2, "budgets", "budget"),
    ("[budget]\nepisode = -5", 2, "budget.episode", "2.50"),
    ("[budget]\nepisode = nan", 2, "budget.episode", "2.50"),
    ("[budget]\nepisode = inf", 2, "budget.episode", "2.50"),
    ("[budget]\nepisode = true", 2, "budget.episode", "2.50"),
    ('[budget]\nday = 1\nepisode = "five"', 3, "budget.episode", "2.50"),
    ("[budget]\nepisode = 0.0000001", 2, "budget.episode", "6 decimals"),
    ("[budget]\nunknown_prices = 1", 2, "budget.unknown_prices", "true or false"),
    ("[budget]\nmonth = 1", 2, "budget.month", "episode"),
    ("[lanes]\ndraw = 2\nencode = 0", 3, "lanes.encode", "from 1 to 256"),
    ("[lanes]\nencode = true", 2, "lanes.encode", "whole number"),
    ("[lanes]\nencode = 1.5", 2, "lanes.encode", "whole number"),
    ("[providers.Ark]\nurl = 1", 1, "providers.Ark", "small letters"),
    ('[providers.ark]\nurl = "x"\napi_key = "abc"', 3, "providers.ark.api_key", "ARK_API_KEY"),
    ('[delivery]\nprofile = "tv"', 2, "delivery.profile", "web-vertical"),
    ("[delivery]\nfps = 1000", 2, "delivery.fps", "whole number from"),
    ('[delivery]\npreset = "placebo"', 2, "delivery.preset", "veryfast"),
    ('[plugins]\ndisabled = "report"', 2, "plugins.disabled", "list of names"),
    ('[film]\nlanguage = "fr"', 2, "film.language", "auto, zh or en"),
    ("[film]\nseries = 3", 2, "film.series", "text of at most 80"),
    ("film = 3", 1, "film", "[film]"),
]


@pytest.mark.parametrize(
    ("text", "line", "key", "right"), WRONG, ids=[f"{w[2]}-{w[1]}-{n}" for n, w in enumerate(WRONG)]
)
def test_a_mistake_is_named_with_its_line_and_what_would_be_right(
    file: Path, text: str, line: int, key: str, right: str
) -> None:
    file.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(BadSetting) as error:
        load_settings(file)
    message = str(error.value)
    assert f"{file}, line {line}: {key}:" in message
    assert right in message and error.value.exit_code == 2
    assert "abc" not in message, "a secret is not shown"


def test_what_is_no_toml_or_no_text_is_named(file: Path) -> None:
    file.write_text("[routes\n", encoding="utf-8")
    with pytest.raises(BadSetting, match=r"duanju.toml: .*line 1"):
        load_settings(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadSetting, match=r"UTF-8"):
        load_settings(file)


def test_flags_go_before_the_environment_and_that_before_the_file(file: Path) -> None:
    file.write_text(
        '[delivery]\nprofile = "web-vertical"\n[budget]\nepisode = 1.5\nday = 3\n', encoding="utf-8"
    )
    assert load_settings(file).budget == Budget(episode=1_500_000, day=3_000_000)
    env = {"DUANJU_BUDGET": "2", "DUANJU_DELIVERY": "web-wide"}
    found = load_settings(file, env)
    assert (found.budget.episode, found.budget.day, found.delivery.name) == (2_000_000, 3_000_000, "web-wide")
    found = load_settings(file, env, delivery="web-vertical", budget="0.25")
    assert (found.budget.episode, found.delivery) == (250_000, DELIVERIES["web-vertical"])
    with pytest.raises(BadSetting, match="DUANJU_BUDGET"):
        load_settings(None, {"DUANJU_BUDGET": "much"})
    with pytest.raises(BadSetting, match=r"--budget.*like 2.50"):
        load_settings(None, env, budget="-1")
    with pytest.raises(BadSetting, match=r"--delivery.*web-vertical"):
        load_settings(None, env, delivery="cinema")
    assert load_settings(file.with_name("none.toml")) == Settings()


def test_a_whole_file_is_read(file: Path) -> None:
    file.write_text(
        """
[delivery]
profile = "web-wide"
width = 960
height = 540
fps = 24
[routes]
speech = ["a:b", "c:d/e"]
video = "v:m"
[budget]
call = 0.5
repeat_below = 0.02
unknown_prices = true
[providers.a]
kind = "openai"
url = "http://127.0.0.1"
[lanes]
draw = 3
[plugins]
disabled = ["b", "a", "b"]
[film]
language = "zh"
series = "茶馆"
""",
        encoding="utf-8",
    )
    found = load_settings(file)
    assert (found.delivery.width, found.delivery.height, found.delivery.fps) == (960, 540, 24)
    assert found.routes["speech"] == ("a:b", "c:d/e") and found.routes["video"] == ("v:m",)
    assert found.routes["image"] == Settings().routes["image"], "what is not named keeps its default"
    assert found.budget == Budget(call=500_000, repeat_below=20_000, unknown_prices=True)
    assert found.providers == {"a": {"kind": "openai", "url": "http://127.0.0.1"}}
    assert (found.lanes, found.disabled, found.language, found.series) == (
        {"draw": 3},
        ("a", "b"),
        "zh",
        "茶馆",
    )
    assert Settings.from_json(found.to_json()) == found


names = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), max_size=12)
money = st.none() | st.integers(0, 2**53)
tables = st.dictionaries(
    names, st.booleans() | st.integers(-(2**53), 2**53) | texts | st.lists(texts, max_size=2), max_size=3
)
any_settings = st.builds(
    Settings,
    delivery=st.builds(
        Delivery,
        name=texts,
        width=st.integers(2, 4000),
        height=st.integers(2, 4000),
        fps=st.integers(1, 60),
        preset=texts,
    ),
    routes=st.dictionaries(st.sampled_from(CAPABILITIES), st.lists(texts, max_size=3).map(tuple), max_size=5),
    budget=st.builds(Budget, money, money, money, money, st.integers(0, 10**6), st.booleans()),
    providers=st.dictionaries(names, tables, max_size=3),
    lanes=st.dictionaries(names, st.integers(1, 256), max_size=3),
    disabled=st.lists(texts, max_size=3).map(tuple),
    language=st.sampled_from(("auto", "zh", "en")),
    series=texts,
)


@settings(max_examples=80, deadline=None)
@given(one=any_settings)
def test_settings_read_back_as_they_were_recorded(one: Settings) -> None:
    again = Settings.from_json(one.to_json())
    assert again == one and again.to_json() == one.to_json()
    assert again.decisive() == one.decisive()
    shuffled = attrs.evolve(
        one, routes=dict(reversed(one.routes.items())), providers=dict(reversed(one.providers.items()))
    )
    assert shuffled.to_json() == one.to_json(), "the order in the file decides nothing"


@settings(max_examples=60, deadline=None)
@given(
    one=any_settings, budget=st.builds(Budget, money, money), lanes=st.dictionaries(names, st.integers(1, 9))
)
def test_money_and_lanes_decide_nothing_that_is_made(
    one: Settings, budget: Budget, lanes: dict[str, int]
) -> None:
    assert attrs.evolve(one, budget=budget, lanes=lanes).decisive() == one.decisive()
    wider = attrs.evolve(one.delivery, width=one.delivery.width + 2)
    assert attrs.evolve(one, delivery=wider).decisive() != one.decisive()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"null", b'{"delivery": 1}', b'{"delivery": {}}', b"\xff"]
)
def test_what_is_no_recorded_settings_is_refused(data: bytes) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        Settings.from_json(data)


@given(amount=st.integers(0, 10**13))
def test_dollars_are_read_exactly(amount: int) -> None:
    text = f"{amount // 1_000_000}.{amount % 1_000_000:06d}"
    assert micro(text) == amount
    assert micro(tomllib.loads(f"x = {text}", parse_float=str)["x"]) == amount


@pytest.mark.parametrize("bad", ["", "x", None, "1,5", "-1", "nan", "inf", "0.0000001", "1e-9", []])
def test_what_is_no_amount_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="no amount of dollars"):
        micro(bad)


def test_a_route_with_a_line_end_is_refused(file: Path) -> None:
    file.write_text('[routes]\nspeech = ["local:espeak\\n"]\n', encoding="utf-8")
    with pytest.raises(BadSetting, match=r"line 2: routes.speech"):
        load_settings(file)


@pytest.mark.parametrize("bad", ["1e400", "1e13"])
def test_an_amount_that_no_log_can_hold_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="no amount of dollars"):
        micro(bad)
