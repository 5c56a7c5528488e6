"""`duanju routes`: which model answers what."""

from __future__ import annotations

from pathlib import Path

from .opening import open_studio
from .options import Json, StudioFolder
from .words import columns, document

__all__ = ["routes"]


def routes(json: Json = False, studio: StudioFolder = None) -> None:
    """Show the model routing in force: for each capability the models, in order of preference."""
    from ..core.log import now
    from ..core.plugins import load_plugins
    from ..core.settings import load_settings
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
    if json:
        document({"studio": None if found is None else str(found), "routes": rows})
        return
    columns([["capability", "order", "route", "price", ""], *map(_row, rows)], right=(1,))


def _row(row: dict[str, object]) -> list[object]:
    if row["route"] is None:
        return [row["capability"], "-", "none", "", "nothing asks for it, or it is not routed"]
    price = row["price"]
    rates = price["rates"] if isinstance(price, dict) else None
    words = "unknown" if rates is None else "free" if not rates else _rates(rates)
    return [row["capability"], row["order"], row["route"], words, row["why_not"] or ""]


def _rates(rates: dict[str, int]) -> str:
    from ..core.budget import dollars

    return ", ".join(f"{dollars(rate)} a million {unit}s" for unit, rate in sorted(rates.items()))
