"""Which model answers a request: an ordered list per capability, without those already tried."""

from __future__ import annotations

from collections.abc import Collection

from .settings import Settings

__all__ = ["choose_route", "provider_of"]


def provider_of(route: str) -> str:
    """`deepseek:deepseek-v3.2` -> `deepseek`: the provider instance."""
    return route.split(":", 1)[0]


def choose_route(settings: Settings, capability: str, tried: Collection[str]) -> tuple[str, str] | None:
    """(route, rule) of the first route not tried yet; None when there is none left."""
    for number, route in enumerate(settings.routes.get(capability, ()), 1):
        if route not in tried:
            return route, f"routes.{capability}[{number}]"
    return None
