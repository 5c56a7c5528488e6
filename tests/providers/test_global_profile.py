"""The profile `global`: all its models are there, priced and alive, and requests go where it says."""

from __future__ import annotations

import attrs
import pytest
from callkit import ask, paint, speak

from duanju.core.plugins import load_plugins
from duanju.core.routing import candidates, check_routes, provider_of
from duanju.core.settings import Settings
from duanju.core.settings_file import load_settings

DAY = "2026-11-24"
IN_A_MONTH = "2026-12-24"
PROVIDERS = ("anthropic", "elevenlabs", "gemini", "openai")


@pytest.fixture(scope="module")
def profile() -> Settings:
    return load_settings(None, {}, profile="global")


def every_route(found: Settings) -> set[str]:
    return {
        *(route for routes in found.routes.values() for route in routes),
        *(route for rule in found.rules for route in rule.routes),
    }


def test_every_route_has_a_provider_and_a_price_and_outlives_the_month(profile: Settings) -> None:
    plugins = load_plugins({}, only=",".join(PROVIDERS))
    assert plugins.failures == {}
    check_routes(profile, plugins)
    check_routes(attrs.evolve(profile, rules=tuple(attrs.evolve(r, off="") for r in profile.rules)), plugins)
    assert {provider_of(route) for route in every_route(profile)} == set(PROVIDERS)
    for route in every_route(profile):
        price = plugins.prices.of(route, DAY)
        assert price is not None and price.rates and price.source, route
        assert not price.until or price.until > IN_A_MONTH, f"{route} ends on {price.until}"


def test_every_capability_it_does_has_a_fallback_at_another_vendor(profile: Settings) -> None:
    for capability in ("chat", "image", "speech"):
        routes = profile.routes[capability]
        assert len({provider_of(route) for route in routes}) == len(routes) >= 2
    assert profile.routes["video"] == profile.routes["lipsync"] == ()


WHERE = [
    ("describe", {"people": "4"}, "gemini:gemini-3.8-flash", "rule more than three characters"),
    ("describe", {"crowd": "yes", "tone": "romantic"}, "gemini:gemini-3.8-flash", "rule crowd"),
    ("describe", {"tone": "Dramatic", "crowd": "no"}, "anthropic:claude-sonnet-5", "rule feeling"),
    ("describe", {"tone": "calm", "kind": "establishing"}, "openai:gpt-6-luna", "rule background"),
    ("describe", {"tone": "calm", "kind": "action"}, "gemini:gemini-3.5-flash-lite", "routes.chat[1]"),
    ("breakdown", {"language": "zh"}, "gemini:gemini-3.8-flash", "rule script"),
    ("character", {}, "anthropic:claude-sonnet-5", "rule characters"),
    ("direction", {}, "anthropic:claude-sonnet-5", "rule voice direction"),
]


@pytest.mark.parametrize(("purpose", "traits", "route", "rule"), WHERE)
def test_words_go_where_the_profile_says(
    profile: Settings, purpose: str, traits: dict[str, str], route: str, rule: str
) -> None:
    request = attrs.evolve(ask("s"), purpose=purpose, traits=traits)
    tried = candidates(profile, "chat", request)
    assert (tried[0].route, tried[0].rule) == (route, rule)
    assert {one.route for one in tried} >= set(profile.routes["chat"])


def test_pictures_and_voices_go_to_the_usual_models_while_the_other_rules_are_off(profile: Settings) -> None:
    drawn = attrs.evolve(paint("p"), traits={"reference": "yes"})
    assert candidates(profile, "image", drawn)[0].route == "gemini:gemini-3.1-flash-image"
    assert candidates(profile, "speech", speak("l"))[0].route == "elevenlabs:eleven_multilingual_v2"
    assert all(rule.reason for rule in profile.rules)
