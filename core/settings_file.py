"""Reads the settings in force, once, and checks them: defaults, duanju.toml, the environment, then flags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from .errors import BadSetting
from .naming import name_key
from .rules_file import ROUTE, read_rules
from .settings import CAPABILITIES, DELIVERIES, Budget, Casting, Delivery, Settings, micro
from .toml_file import TomlFile

__all__ = ["PROFILES", "load_settings", "settings_of"]

PROFILES = ("local", "holysheep", "global")
"""The sets of routes and rules that come with duanju, each a file in `core/profiles/`."""

_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")


_TABLES = ("delivery", "routes", "rules", "budget", "providers", "lanes", "plugins", "film", "script", "cast")


def load_settings(
    path: Path | None = None,
    env: Mapping[str, str] | None = None,
    *,
    delivery: str | None = None,
    budget: str | None = None,
    profile: str | None = None,
) -> Settings:
    """Reads the settings in force. `env` may bring DUANJU_DELIVERY and DUANJU_BUDGET (dollars an episode).

    Raises BadSetting with file, line, key and what would be right.
    """
    settings = Settings()
    if path is not None and path.exists():
        settings = settings_of(TomlFile(path))
    env = env or {}
    name = delivery if delivery is not None else env.get("DUANJU_DELIVERY")
    if name is not None and (name or delivery is not None):
        source = "--delivery" if delivery is not None else "DUANJU_DELIVERY"
        if name not in DELIVERIES:
            raise BadSetting(f"{source}: no delivery profile {name!r}; there are: {', '.join(DELIVERIES)}")
        if name != settings.delivery.name:
            settings = attrs.evolve(settings, delivery=DELIVERIES[name])
    if profile is not None:
        if profile not in PROFILES:
            raise BadSetting(f"--profile: no profile {profile!r}; there are: {', '.join(PROFILES)}")
        chosen = _profile(profile)
        settings = attrs.evolve(settings, routes=chosen.routes, rules=chosen.rules)
    cap = budget if budget is not None else env.get("DUANJU_BUDGET")
    if cap is not None and (cap or budget is not None):
        source = "--budget" if budget is not None else "DUANJU_BUDGET"
        try:
            settings = attrs.evolve(settings, budget=attrs.evolve(settings.budget, episode=micro(cap)))
        except ValueError as error:
            raise BadSetting(f"{source}: {error}; write dollars, like 2.50") from None
    return settings


def settings_of(file: TomlFile) -> Settings:
    """The settings that these tables give, with defaults for the rest. Raises BadSetting."""
    for key in file.data:
        if key not in _TABLES:
            raise file.bad("", key, f"no such table; there are: {', '.join(_TABLES)}")
    for key in file.data:
        if key != "rules" and not isinstance(file.data[key], dict):
            raise file.bad("", key, f"must be a table: write [{key}] and its keys below")
    base = _base(file)
    return Settings(
        delivery=_delivery(file),
        routes=_routes(file, base.routes),
        rules=(*read_rules(file), *base.rules),
        budget=_budget(file),
        providers=_providers(file),
        lanes=_lanes(file),
        disabled=_plugin_names(file, "disabled"),
        required=_plugin_names(file, "required"),
        **_film(file),
        os=_os(file),
        cast=_cast(file),
    )


def _known(file: TomlFile, table: str, keys: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = file.data.get(table, {})
    for key in found:
        if key not in keys:
            raise file.bad(table, key, f"no such setting; there are: {', '.join(keys)}")
    return found


def _whole(file: TomlFile, table: str, key: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise file.bad(table, key, f"{value!r} must be a whole number from {low} to {high}")
    return value


_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium")


def _delivery(file: TomlFile) -> Delivery:
    raw = _known(file, "delivery", ("profile", "width", "height", "fps", "preset"))
    name = raw.get("profile", "web-vertical")
    if name not in DELIVERIES:
        raise file.bad(
            "delivery", "profile", f"no delivery profile {name!r}; there are: {', '.join(DELIVERIES)}"
        )
    made = DELIVERIES[name]
    for key, low, high in (("width", 128, 3840), ("height", 128, 3840), ("fps", 12, 60)):
        if key in raw:
            value = _whole(file, "delivery", key, raw[key], low, high)
            if key != "fps" and value % 2:
                raise file.bad("delivery", key, f"{value} must be even, as H.264 needs it")
            change: dict[str, Any] = {key: value}
            made = attrs.evolve(made, **change)
    if "preset" in raw:
        if raw["preset"] not in _PRESETS:
            raise file.bad("delivery", "preset", f"{raw['preset']!r} must be one of {', '.join(_PRESETS)}")
        made = attrs.evolve(made, preset=raw["preset"])
    return made


@lru_cache(maxsize=8)
def _profile(name: str) -> Settings:
    file = TomlFile(Path(__file__).parent / "profiles" / f"{name}.toml")
    empty: dict[str, tuple[str, ...]] = dict.fromkeys(CAPABILITIES, ())
    return Settings(routes=_routes(file, empty), rules=read_rules(file))


def _base(file: TomlFile) -> Settings:
    """The profile that `[routes] profile` names, whose routes and rules the file's own go before."""
    name = file.data.get("routes", {}).get("profile", "local")
    if name not in PROFILES:
        raise file.bad("routes", "profile", f"no profile {name!r}; there are: {', '.join(PROFILES)}")
    return _profile(name)


def _routes(file: TomlFile, base: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    routes = dict(base)
    for key, value in _known(file, "routes", ("profile", *CAPABILITIES)).items():
        if key == "profile":
            continue
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list):
            raise file.bad("routes", key, 'must be a list like ["local:painter"]')
        for one in listed:
            if not isinstance(one, str) or not ROUTE.fullmatch(one):
                raise file.bad("routes", key, f'{one!r} must be "PROVIDER:MODEL", like "local:painter"')
        routes[key] = tuple(listed)
    return routes


def _budget(file: TomlFile) -> Budget:
    keys = ("call", "episode", "series", "day", "repeat_below", "unknown_prices", "credit")
    made = Budget()
    for key, value in _known(file, "budget", keys).items():
        if key == "unknown_prices":
            if not isinstance(value, bool):
                raise file.bad("budget", key, f"{value!r} must be true or false")
            made = attrs.evolve(made, unknown_prices=value)
            continue
        try:
            if isinstance(value, bool):
                raise ValueError(f"{value!r} is no amount of dollars")
            change: dict[str, Any] = {key: micro(value)}
            made = attrs.evolve(made, **change)
        except ValueError as error:
            raise file.bad("budget", key, f"{error}; write dollars, like 2.50") from None
    return made


def _providers(file: TomlFile) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = file.data.get("providers", {})
    for name, table in tables.items():
        if not _NAME.fullmatch(name):
            raise file.bad("providers", name, "a provider's name is small letters, digits, - and _")
        if not isinstance(table, dict):
            raise file.bad("providers", name, f"must be a table: write [providers.{name}]")
        for key in table:
            if re.search(r"(key|secret|token|password)$", key, re.IGNORECASE):
                raise file.bad(
                    f"providers.{name}",
                    key,
                    f"keys never stand in a file; set {name.upper().replace('-', '_')}_API_KEY instead",
                )
    return tables


def _lanes(file: TomlFile) -> dict[str, int]:
    return {
        key: _whole(file, "lanes", key, value, 1, 256) for key, value in file.data.get("lanes", {}).items()
    }


def _plugin_names(file: TomlFile, key: str) -> tuple[str, ...]:
    value = _known(file, "plugins", ("disabled", "required")).get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise file.bad("plugins", key, 'must be a list of names, like ["picture.black"]')
    return tuple(sorted(set(value)))


def _film(file: TomlFile) -> dict[str, str]:
    raw = _known(file, "film", ("language", "series", "faces", "style"))
    language = raw.get("language", "auto")
    if language not in ("auto", "zh", "en"):
        raise file.bad("film", "language", f"{language!r} must be auto, zh or en")
    series = raw.get("series", "")
    if not isinstance(series, str) or len(series) > 80:
        raise file.bad("film", "series", "must be a text of at most 80 characters")
    faces = raw.get("faces", "auto")
    if faces not in ("auto", "drawn", "photo"):
        raise file.bad("film", "faces", f"{faces!r} must be auto, drawn or photo")
    style = raw.get("style", "")
    if not isinstance(style, str) or len(style) > 400:
        raise file.bad("film", "style", "must be a text of at most 400 characters")
    return {"language": language, "series": series, "faces": faces, "style": style}


def _os(file: TomlFile) -> str:
    os = _known(file, "script", ("os",)).get("os", "inner")
    if os not in ("inner", "off"):
        raise file.bad(
            "script", "os", f"{os!r} must be inner (a thought, lips closed) or off (off the screen)"
        )
    return str(os)


def _cast(file: TomlFile) -> Casting:
    raw = _known(file, "cast", ("identity", "sheet", "aliases"))
    identity = raw.get("identity", True)
    if not isinstance(identity, bool):
        raise file.bad("cast", "identity", f"{identity!r} must be true or false")
    sheet = raw.get("sheet", "never")
    if sheet not in ("auto", "never"):
        raise file.bad("cast", "sheet", f"{sheet!r} must be auto or never")
    aliases = raw.get("aliases", {})
    if not isinstance(aliases, dict):
        raise file.bad("cast", "aliases", 'must be a table: write [cast.aliases] and "other name" = "name"')
    for alias, name in aliases.items():
        if not isinstance(name, str) or not name.strip() or not alias.strip():
            raise file.bad("cast.aliases", alias, f"{name!r} must be a character's name")
        if len(alias) > 80 or len(name) > 80:
            raise file.bad("cast.aliases", alias, "a name has at most 80 characters")
        if name_key(alias) == name_key(name):
            raise file.bad("cast.aliases", alias, "is an alias of itself; name another character")
    return Casting(identity, sheet, dict(aliases))
