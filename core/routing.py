"""Which model answers a request: the first rule that it meets, then the capability's own list in order."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from attrs import frozen

from .errors import WrongUse
from .plugins import Plugins
from .rules import first_match
from .settings import Settings

__all__ = ["Candidate", "candidates", "check_routes", "choose_route", "provider_of"]


def provider_of(route: str) -> str:
    """`deepseek:deepseek-v3.2` -> `deepseek`: the provider instance."""
    return route.split(":", 1)[0]


@frozen
class Candidate:
    """A route that may answer a request, the rule that names it, and why the rule does."""

    route: str
    rule: str
    reason: str = ""


def check_routes(settings: Settings, plugins: Plugins) -> None:
    """Refuses routes that nobody can answer. Raises WrongUse, naming the route and what there is."""
    for capability, routes in settings.routes.items():
        for route in routes:
            _check(plugins, f"routes.{capability}", capability, route)
    for rule in settings.rules:
        for route in () if rule.off else rule.routes:
            _check(plugins, f"the rule {rule.name!r}", rule.capability, route)


def _check(plugins: Plugins, where: str, capability: str, route: str) -> None:
    specs = [plugins.codec.spec(cls) for cls in plugins.codec.classes()]
    kind = next(spec.kind for spec in specs if spec.request == capability)
    name = provider_of(route)
    if plugins.provider_hook(kind, name) is not None:
        return
    able = sorted({h.effect.provider or "" for h in plugins.by_kind.get(kind, ()) if h.effect} - {""})
    reason = plugins.failures.get(name)
    why = f"the provider {name} cannot be used: {reason}" if reason else f"no provider {name!r} does it"
    raise WrongUse(
        f"{where} names {route}, but {why}; {capability} is done by: {', '.join(able) or 'nobody'}"
    )


def candidates(settings: Settings, capability: str, request: Any) -> list[Candidate]:
    """All routes of a request in the order in which they are tried, each once.

    `request` None asks for the routes of the capability alone. The first rule that the request meets goes
    before the capability's own list, whose models are its fallbacks.
    """
    found: list[Candidate] = []
    rule = None
    if request is not None and settings.rules:
        rule = first_match(settings.rules, capability, request.purpose, request.traits)
    if rule is not None:
        found += (Candidate(route, f"rule {rule.name}", rule.reason) for route in rule.routes)
    for number, route in enumerate(settings.routes.get(capability, ()), 1):
        if all(one.route != route for one in found):
            found.append(Candidate(route, f"routes.{capability}[{number}]"))
    return found


def choose_route(
    settings: Settings,
    capability: str,
    request: Any,
    tried: Collection[str],
    left_out: Collection[str] = (),
) -> Candidate | None:
    """The first route that was not tried yet, of a provider not `left_out`; None when there is none left."""
    for one in candidates(settings, capability, request):
        if one.route not in tried and provider_of(one.route) not in left_out:
            return one
    return None
