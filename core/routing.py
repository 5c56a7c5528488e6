"""Which model answers a request: an ordered list per capability, without those already tried."""

from __future__ import annotations

from collections.abc import Collection

from .errors import WrongUse
from .plugins import Plugins
from .settings import Settings

__all__ = ["check_routes", "choose_route", "provider_of"]


def provider_of(route: str) -> str:
    """`deepseek:deepseek-v3.2` -> `deepseek`: the provider instance."""
    return route.split(":", 1)[0]


def check_routes(settings: Settings, plugins: Plugins) -> None:
    """Refuses routes that nobody can answer. Raises WrongUse, naming the route and what there is."""
    requests = {
        spec.request: spec.kind
        for spec in (plugins.codec.spec(cls) for cls in plugins.codec.classes())
        if spec.request
    }
    for capability, routes in settings.routes.items():
        kind = requests[capability]
        able = sorted({h.effect.provider or "" for h in plugins.by_kind.get(kind, ()) if h.effect} - {""})
        for route in routes:
            name = provider_of(route)
            if plugins.provider_hook(kind, name) is not None:
                continue
            reason = plugins.failures.get(name)
            why = (
                f"the provider {name} cannot be used: {reason}" if reason else f"no provider {name!r} does it"
            )
            raise WrongUse(
                f"routes.{capability} names {route}, but {why}; "
                f"{capability} is done by: {', '.join(able) or 'nobody'}"
            )


def choose_route(settings: Settings, capability: str, tried: Collection[str]) -> tuple[str, str] | None:
    """(route, rule) of the first route not tried yet; None when there is none left."""
    for number, route in enumerate(settings.routes.get(capability, ()), 1):
        if route not in tried:
            return route, f"routes.{capability}[{number}]"
    return None
