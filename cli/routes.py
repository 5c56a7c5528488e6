"""`duanju routes`: which model answers what, and for a finished episode which model answered and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.words import columns, document, say, warn
from .opening import close, name_of, open_studio, reading
from .options import Json, StudioFolder

if TYPE_CHECKING:
    from ..core.explain import Choice

__all__ = ["routes"]


def routes(
    explain: Annotated[
        str | None,
        typer.Option(metavar="EPISODE", help="Every call of an episode: its route, why, and the others."),
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Show the model routing in force: for each capability the models, in order of preference.

    Models that are shut down, or will be within 30 days, are named with their successor.
    """
    if explain is not None:
        _explain(explain, json, studio)
        return
    from ..core.log import now
    from ..core.plugins import load_plugins
    from ..core.settings_file import load_settings
    from ..core.shutdowns import shutdowns
    from ..core.studio import find_studio

    found = find_studio(studio, Path.cwd())
    if found is None:
        settings = load_settings(None)
        plugins = load_plugins(settings.providers, disabled=settings.disabled)
    else:
        place = open_studio(studio)
        settings = place.settings()
        plugins = place.plugins(settings)
    kinds = {
        spec.request: spec.kind
        for spec in (plugins.codec.spec(cls) for cls in plugins.codec.classes())
        if spec.request
    }
    day = now()[:10]
    rows = []
    for capability, listed in settings.routes.items():
        for number, route in enumerate(listed, 1):
            provider = route.split(":", 1)[0]
            able = plugins.provider_hook(kinds[capability], provider) is not None
            price = plugins.prices.of(route, day)
            rows.append(
                {
                    "capability": capability,
                    "order": number,
                    "route": route,
                    "usable": able,
                    "why_not": "" if able else plugins.failures.get(provider, "no installed plugin does it"),
                    "price": None if price is None else {"id": price.id, "rates": price.rates},
                }
            )
        if not listed:
            rows.append({"capability": capability, "order": 0, "route": None})
    named = {
        *(route for listed in settings.routes.values() for route in listed),
        *(route for rule in settings.rules if not rule.off for route in rule.routes),
    }
    ending = shutdowns(plugins.prices, named, day)
    rules: list[dict[str, object]] = [
        {
            "name": rule.name,
            "capability": rule.capability,
            "purposes": list(rule.purposes),
            "when": [str(one) for one in rule.when],
            "routes": list(rule.routes),
            "reason": rule.reason,
            "off": rule.off,
        }
        for rule in settings.rules
    ]
    if json:
        document(
            {
                "studio": None if found is None else str(found),
                "routes": rows,
                "rules": rules,
                "shutdowns": [
                    {"route": one.route, "until": one.until, "successor": one.successor, "gone": one.gone}
                    for one in ending
                ],
            }
        )
        return
    columns([["capability", "order", "route", "price", ""], *map(_row, rows)], right=(1,))
    if rules:
        say()
        columns([["rule", "capability", "purpose", "when", "route", ""], *map(_rule_row, rules)])
    for one in ending:
        warn(f"duanju: {one}")


def _row(row: dict[str, object]) -> list[object]:
    if row["route"] is None:
        return [row["capability"], "-", "none", "", "nothing asks for it, or it is not routed"]
    price = row["price"]
    rates = price["rates"] if isinstance(price, dict) else None
    words = "unknown" if rates is None else "free" if not rates else _rates(rates)
    return [row["capability"], row["order"], row["route"], words, row["why_not"] or ""]


def _rule_row(rule: dict[str, object]) -> list[object]:
    def listed(name: str, between: str = ", ") -> str:
        value = rule[name]
        return between.join(map(str, value)) if isinstance(value, list) else ""

    off = f"off: {rule['off']}" if rule["off"] else ""
    return [
        rule["name"],
        rule["capability"],
        listed("purposes") or "all",
        listed("when", " and ") or "always",
        listed("routes"),
        off or rule["reason"],
    ]


def _rates(rates: dict[str, int]) -> str:
    from ..core.budget import dollars

    return ", ".join(f"{dollars(rate)} a million {unit}s" for unit, rate in sorted(rates.items()))


# -- one episode ------------------------------------------------------------------------------------------


def _explain(episode: str, json: bool, studio: Path | None) -> None:
    import attrs

    from ..core.explain import explained

    place = open_studio(studio)
    plugins = place.plugins()
    try:
        with reading(place, plugins) as log:
            stream = place.resolve(log, episode)
            choices = explained(log, place.artifacts, stream, plugins.prices)
    finally:
        close(plugins)
    if json:
        document(
            {
                "episode": name_of(stream),
                "unit": "micro-dollars",
                "calls": [attrs.asdict(one) for one in choices],
            }
        )
        return
    for one in choices:
        _tell(one)
    say(f"{len(choices)} calls of {name_of(stream)}")


def _tell(one: Choice) -> None:
    from ..core.budget import dollars

    what = f"{one.position}: {one.capability} {one.purpose} {one.subject}"
    if one.state == "refused":
        say(f"{what} -> refused: {one.reason}")
    else:
        cost = "not known yet" if one.state == "open" else dollars(one.cost)
        if one.state in ("doubted", "superseded"):
            cost = f"in doubt, up to {dollars(one.ceiling)}"
        say(
            f"{what} -> {one.route}, {one.state}: cost {cost}, "
            f"quoted {dollars(one.expected)} to {dollars(one.ceiling)}"
        )
        say(f"  {one.rule + ': ' if one.rule else ''}{one.reason}")
    for other in one.others:
        say(
            f"  else {other.route} ({other.rule}): {dollars(other.expected)} to {dollars(other.ceiling)}"
            if other.ceiling is not None
            else f"  else {other.route} ({other.rule}): price unknown"
        )
